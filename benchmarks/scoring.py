"""From image files to scores: ours compared with a plain loop, decoding included; roofline."""

import copy
import tempfile
from pathlib import Path

import click
import torch
from baseline import plain_scores
from photographs import find_photographs
from timing import describe_machine, median_seconds
from torch.utils.flop_counter import FlopCounterMode

from voc_model.inference.backbone import FastBackbone
from voc_model.inference.devices import Compute, make_compute
from voc_model.inference.loading import ImageSet
from voc_model.inference.predict import predict_rows
from voc_model.model.checkpoint import initial_model
from voc_model.model.classifier import Classifier
from voc_model.model.preprocessing import Preprocessing, central_views
from voc_model.model.settings import TrainSettings
from voc_model.progress import SILENT
from voc_model.store.shards import Shards

_MATRIX = 2048


def our_scores(
    model: Classifier, paths: list[Path], folder: Path, compute: Compute
) -> torch.Tensor:
    """Scores images as scripts/precompute_scores.py does, including the shards on disk."""
    backbone = FastBackbone(model.place_on(compute.device).backbone, compute.precision)
    shards = Shards(folder, len(paths), model.head.out_features, identity="benchmark")
    shards.remove()
    shards.claim()
    images = ImageSet(tuple(paths), tuple(central_views(range(len(paths)))))
    rows = predict_rows(
        lambda batch: model.head(backbone(batch)).sigmoid(), images,
        Preprocessing(256, 224), shards, compute, "scores", SILENT,
    )  # fmt: skip
    assert rows is not None, "rank 0 returns the rows"
    return torch.from_numpy(rows[0])


def flops_per_image(model: Classifier) -> int:
    """Returns the floating-point operations per image, as counted by PyTorch."""
    counter = FlopCounterMode(display=False)
    with counter, torch.no_grad():
        model.cpu()(torch.zeros(1, 3, 224, 224))
    return int(counter.get_total_flops())


def peak_flops(device: torch.device, dtype: torch.dtype, size: int = _MATRIX) -> float:
    """Returns the FLOP/s of a large matrix product: the roofline."""
    left, right = (torch.randn(size, size, device=device).to(dtype) for _ in range(2))

    def multiply() -> None:
        torch.mm(left, right)
        if device.type == "cuda":
            torch.cuda.synchronize()

    multiply()
    return 2 * size**3 / median_seconds({"mm": multiply}, 7)["mm"]


@click.command()
@click.option(
    "--root-dir", type=click.Path(path_type=Path), help="VOC folder; by default synthetic images."
)
@click.option("--weights", default="none", help="ResNet18 weights file; by default random weights.")
@click.option("--images", default=128, help="Number of images.")
@click.option("--rounds", default=3, help="Measurements of each.")
@click.option("--workers", type=int, help="Decoding processes; by default chosen for the machine.")
def main(
    root_dir: Path | None, weights: str, images: int, rounds: int, workers: int | None
) -> None:
    """Measure images/s from files to sigmoid scores, and the largest difference between scores."""
    compute = make_compute(precision="bfloat16", workers=workers)
    describe_machine()
    settings = TrainSettings(weights=weights, trainable="all")
    model = initial_model(settings, 20).eval()
    plain = copy.deepcopy(model)
    with tempfile.TemporaryDirectory() as folder:
        paths = find_photographs(root_dir, images, Path(folder))
        found: dict[str, torch.Tensor] = {}
        seconds = median_seconds(
            {
                "plain": lambda: found.update(plain=plain_scores(plain, paths)),
                "ours": lambda: found.update(
                    ours=our_scores(model, paths, Path(folder) / "shards", compute)
                ),
            },
            rounds,
        )
    rates = {name: len(paths) / taken for name, taken in seconds.items()}
    difference = float((found["plain"] - found["ours"]).abs().max())
    peak = peak_flops(compute.device, torch.bfloat16)
    share = rates["ours"] * flops_per_image(model) / peak
    click.echo(
        f"{len(paths)} images, median of {rounds} rounds: plain float32 loop {rates['plain']:.1f} "
        f"images/s, ours {rates['ours']:.1f} images/s, ratio {rates['ours'] / rates['plain']:.2f}"
    )
    click.echo(f"largest score difference {difference:.4f}")
    click.echo(f"{share:.0%} of the {peak / 1e9:,.0f} GFLOP/s of a bfloat16 matrix product")
    if difference > 0.01:
        raise click.ClickException("the scores differ by more than 0.01")


if __name__ == "__main__":
    main()
