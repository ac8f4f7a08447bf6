"""JPEG decoders: images/s of JPEG -> Resize 256 -> CenterCrop 224, and deviation from torchvision.

The reference is torchvision's transforms on Pillow images. "Ours" is what training and scoring use.
All run in a single thread.
"""

import tempfile
from collections.abc import Callable
from pathlib import Path

import click
import torch
from photographs import find_photographs
from PIL import Image
from timing import describe_machine, median_seconds
from torch import Tensor
from torch.nn import functional
from torchvision import transforms
from torchvision.io import ImageReadMode, decode_jpeg, read_file

from voc_model.model.preprocessing import Preprocessing, View, crop_pixels, load_pixels

PREPROCESSING = Preprocessing(256, 224)
REFERENCE = transforms.Compose([transforms.Resize(256), transforms.CenterCrop(224)])


def reference(path: Path) -> Tensor:
    """Decodes and resizes with Pillow."""
    with Image.open(path) as image:
        pixels: Tensor = transforms.functional.pil_to_tensor(REFERENCE(image.convert("RGB")))
    return pixels


def ours(path: Path) -> Tensor:
    """Decodes with simplejpeg (libjpeg-turbo), resizes as a tensor."""
    return crop_pixels(load_pixels(path, PREPROCESSING), PREPROCESSING, View(0))


def resized(image: Tensor) -> Tensor:
    """Resizes (3, h, w) pixels as `ours` does and crops them to (3, 224, 224)."""
    size = PREPROCESSING.resized_shape(*image.shape[1:])
    smaller = functional.interpolate(image[None], size, mode="bilinear", antialias=True)[0]
    return crop_pixels(smaller, PREPROCESSING, View(0))


def pillow(path: Path) -> Tensor:
    """Decodes with Pillow, resizes as a tensor."""
    with Image.open(path) as image:
        return resized(transforms.functional.pil_to_tensor(image.convert("RGB")))


def torchvision_io(path: Path) -> Tensor:
    """Decodes with torchvision (libjpeg-turbo; deprecated since 0.29), resizes as a tensor."""
    return resized(decode_jpeg(read_file(str(path)), ImageReadMode.RGB))


@click.command()
@click.option(
    "--root-dir", type=click.Path(path_type=Path), help="VOC folder; by default synthetic images."
)
@click.option("--images", default=100, help="Number of images.")
@click.option("--rounds", default=5, help="Measurements of each decoder.")
def main(root_dir: Path | None, images: int, rounds: int) -> None:
    """Measure the decoders alternately and compare their pixels with torchvision's."""
    describe_machine()
    torch.set_num_threads(1)
    decoders: dict[str, Callable[[Path], Tensor]] = {
        "torchvision on Pillow": reference,
        "ours": ours,
        "Pillow, tensor resize": pillow,
        "torchvision.io, tensor resize": torchvision_io,
    }
    with tempfile.TemporaryDirectory() as folder:
        paths = find_photographs(root_dir, images, Path(folder))
        found: dict[str, list[Tensor]] = {}

        def run(name: str) -> Callable[[], None]:
            return lambda: found.update({name: [decoders[name](path) for path in paths]})

        seconds = median_seconds({name: run(name) for name in decoders}, rounds)
    expected = torch.stack(found["torchvision on Pillow"]).int()
    base = seconds["torchvision on Pillow"]
    click.echo(f"{len(paths)} images, median of {rounds} rounds, one thread")
    for name, taken in seconds.items():
        steps = (torch.stack(found[name]).int() - expected).abs()
        click.echo(
            f"{name:29} {len(paths) / taken:6.0f} images/s, ratio {base / taken:.2f}, largest "
            f"pixel difference {int(steps.max())}/255, mean {float(steps.float().mean()):.3f}"
        )
        if name == "ours" and steps.max() > 1:
            raise click.ClickException("our pixels differ by more than 1/255")


if __name__ == "__main__":
    main()
