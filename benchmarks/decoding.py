"""Which decoder: images/s of JPEG -> Resize 256 -> CenterCrop 224, and how far from torchvision.

The reference is torchvision's transforms on Pillow images. Ours is what training and scoring use.
One thread each.
"""

import tempfile
from collections.abc import Callable
from pathlib import Path

import click
import torch
from photographs import find_photographs
from PIL import Image
from torch import Tensor
from torch.nn import functional
from torchvision import transforms
from torchvision.io import ImageReadMode, decode_jpeg, read_file
from turns import describe_machine, median_seconds

from voc_model.model.preprocessing import Preprocessing, View, crop_pixels, load_pixels

PREPROCESSING = Preprocessing(256, 224)
REFERENCE = transforms.Compose([transforms.Resize(256), transforms.CenterCrop(224)])


def reference(path: Path) -> Tensor:
    """Pillow's decoder, Pillow's resize."""
    with Image.open(path) as image:
        pixels: Tensor = transforms.functional.pil_to_tensor(REFERENCE(image.convert("RGB")))
    return pixels


def ours(path: Path) -> Tensor:
    """libjpeg-turbo by simplejpeg, resized as a tensor."""
    return crop_pixels(load_pixels(path, PREPROCESSING), PREPROCESSING, View(0))


def resized(image: Tensor) -> Tensor:
    """Returns the crop of (3, h, w) pixels, resized as ours are."""
    size = PREPROCESSING.resized_shape(*image.shape[1:])
    smaller = functional.interpolate(image[None], size, mode="bilinear", antialias=True)[0]
    return crop_pixels(smaller, PREPROCESSING, View(0))


def pillow(path: Path) -> Tensor:
    """Pillow's decoder, resized as a tensor."""
    with Image.open(path) as image:
        return resized(transforms.functional.pil_to_tensor(image.convert("RGB")))


def torchvision_io(path: Path) -> Tensor:
    """torchvision's own decoder (libjpeg-turbo; deprecated since 0.29), resized as a tensor."""
    return resized(decode_jpeg(read_file(str(path)), ImageReadMode.RGB))


@click.command()
@click.option("--root-dir", type=click.Path(path_type=Path), help="VOC folder; else drawn images.")
@click.option("--images", default=100, help="How many images.")
@click.option("--rounds", default=5, help="How often each way runs.")
def main(root_dir: Path | None, images: int, rounds: int) -> None:
    """Measure the decoders in turns, each against torchvision's own result."""
    describe_machine()
    torch.set_num_threads(1)
    ways: dict[str, Callable[[Path], Tensor]] = {
        "torchvision on Pillow": reference,
        "ours": ours,
        "Pillow, tensor resize": pillow,
        "torchvision.io, tensor resize": torchvision_io,
    }
    with tempfile.TemporaryDirectory() as folder:
        paths = find_photographs(root_dir, images, Path(folder))
        found: dict[str, list[Tensor]] = {}

        def run(name: str) -> Callable[[], None]:
            return lambda: found.update({name: [ways[name](path) for path in paths]})

        seconds = median_seconds({name: run(name) for name in ways}, rounds)
    wanted = torch.stack(found["torchvision on Pillow"]).int()
    base = seconds["torchvision on Pillow"]
    click.echo(f"{len(paths)} images, median of {rounds}, one thread")
    for name, taken in seconds.items():
        steps = (torch.stack(found[name]).int() - wanted).abs()
        click.echo(
            f"{name:29} {len(paths) / taken:6.0f} images/s, ratio {base / taken:.2f}, greatest "
            f"difference of a pixel {int(steps.max())}/255, mean {float(steps.float().mean()):.3f}"
        )
        if name == "ours" and steps.max() > 1:
            raise click.ClickException("ours differs by more than one step of 255")


if __name__ == "__main__":
    main()
