"""The reference recipe on cached features, compared with running the backbone in every epoch.

The plain loop loads images with torchvision's transforms and trains the last layer of a float32
network on the same batches in the same order; both are evaluated on val after every epoch. The
final mAP must agree; with pixels from our own decoder, so must the weights and the mAP of every
epoch. (Pixels that differ by 1/255 swap a few ranks, which changes the mAP of a single epoch
noticeably if there are few images.)
"""

import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import click
import numpy as np
import torch
from baseline import Loader, load_with_torchvision, plain_batches, plain_scores
from photographs import draw_photograph
from timing import describe_machine
from torch import Tensor

from voc_model.data.voc import image_path, read_split
from voc_model.inference.devices import make_compute
from voc_model.metrics.precision_recall import average_precision, mean_average_precision
from voc_model.model.checkpoint import initial_model, load_checkpoint
from voc_model.model.classifier import Classifier
from voc_model.model.preprocessing import Preprocessing, View, crop_pixels, load_pixels, normalize
from voc_model.model.setting_fields import Precision
from voc_model.model.settings import TrainSettings
from voc_model.store.history import read_history
from voc_model.store.runs import RunFolder
from voc_model.training.epochs import plan_epoch
from voc_model.training.losses import masked_loss
from voc_model.training.options import RunOptions
from voc_model.training.run import train_run

WEIGHT_TOLERANCE, MAP_TOLERANCE = 1e-4, 1e-3
PIXELS_TOLERANCE = 2e-4  # For weights, if pixels differ by 1/255.


@dataclass(frozen=True)
class Outcome:
    """What a training run took and reached.

    Attributes:
        seconds: its wall time.
        maps: mAP after each epoch.
        heads: weights of the last layer by epoch.
    """

    seconds: float
    maps: list[float]
    heads: dict[int, Tensor]


def write_subset(root_dir: Path | None, images: int, folder: Path) -> Path:
    """Writes a VOC folder with `images` training and validation images each; returns it.

    The images are taken from `root_dir`; without it they are synthetic.
    """
    voc_dir = folder / "VOC"
    sets = voc_dir / "ImageSets" / "Main"
    sets.mkdir(parents=True)
    if root_dir is not None:
        (voc_dir / "JPEGImages").symlink_to((root_dir / "JPEGImages").resolve())
        for path in (root_dir / "ImageSets" / "Main").glob("*.txt"):
            lines = path.read_text().splitlines()
            # Evenly spaced, since the list may be sorted by class.
            chosen = [lines[number * len(lines) // images] for number in range(images)]
            (sets / path.name).write_text("\n".join(chosen) + "\n")
        return voc_dir
    random = np.random.default_rng(0)
    (voc_dir / "JPEGImages").mkdir()
    for split in ("train", "val"):
        ids = [f"{split}_{number:05d}" for number in range(images)]
        (sets / f"{split}.txt").write_text("\n".join(ids) + "\n")
        lines = [f"{name} {random.choice((1, -1))}" for name in ids]
        (sets / f"thing_{split}.txt").write_text("\n".join(lines) + "\n")
        for name in ids:
            draw_photograph(voc_dir / "JPEGImages" / f"{name}.jpg", random)
    return voc_dir


def load_with_our_decoder(path: Path) -> Tensor:
    """Returns an image file as a normalised tensor (3, 224, 224), decoded as in training."""
    preprocessing = Preprocessing(256, 224)
    pixels = crop_pixels(load_pixels(path, preprocessing), preprocessing, View(0))
    return normalize(pixels[None], preprocessing)[0]


def train_plain(voc_dir: Path, settings: TrainSettings, load: Loader) -> Outcome:
    """Trains by running the backbone on every image in every epoch."""
    began = time.perf_counter()
    train, val = (read_split(voc_dir, name) for name in ("train", "val"))
    model = initial_model(settings, len(train.classes)).eval()
    model.backbone.requires_grad_(False)
    optimizer = torch.optim.Adam(model.head.parameters(), settings.learning_rate)
    paths = [image_path(voc_dir, image_id) for image_id in train.image_ids]
    val_paths = [image_path(voc_dir, image_id) for image_id in val.image_ids]
    labels = torch.from_numpy(train.labels)
    maps, heads = [], {}
    for epoch in range(1, settings.epochs + 1):
        batches = [
            [view.row for view in views] for views in plan_epoch(range(len(paths)), settings, epoch)
        ]
        for rows, images in zip(batches, plain_batches(paths, batches, load), strict=True):
            loss, count = masked_loss(model.head(model.backbone(images)), labels[rows])
            optimizer.zero_grad()
            (loss / count).backward()  # type: ignore[no-untyped-call]
            optimizer.step()
        heads[epoch] = model.head.weight.detach().clone()
        scores = plain_scores(model, val_paths, load).numpy()
        maps.append(
            mean_average_precision(
                average_precision(scores[:, index], val.labels[:, index])
                for index in range(len(val.classes))
            )[0]
        )
    return Outcome(time.perf_counter() - began, maps, heads)


def train_ours(
    voc_dir: Path, settings: TrainSettings, precision: Precision, folder: Path, name: str
) -> Outcome:
    """Trains a run as scripts/train.py does."""
    began = time.perf_counter()
    options = RunOptions(
        run=RunFolder(folder / "runs" / name),
        voc_dir=voc_dir,
        settings=settings.model_copy(update={"precision": precision}),
        compute=make_compute(precision=precision),
        cache_dir=folder / "cache",
    )
    train_run(options)
    maps = [record.map for record in read_history(options.run.history_path)]
    seconds = time.perf_counter() - began
    best = load_checkpoint(options.run.checkpoint_path)
    return Outcome(seconds, maps, {best.epoch: best.model_state["head.weight"]})


@click.command()
@click.option(
    "--root-dir", type=click.Path(path_type=Path), help="VOC folder; by default synthetic images."
)
@click.option("--weights", default="none", help="ResNet18 weights file; by default random weights.")
@click.option("--images", default=48, help="Number of training and of validation images.")
@click.option("--epochs", default=11, help="Epochs of the recipe.")
def main(root_dir: Path | None, weights: str, images: int, epochs: int) -> None:
    """Measure seconds, mAP and last-layer weights of both."""
    describe_machine()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if weights == "none":  # A frozen backbone needs a weights file.
            weights = str(folder / "random.pth")
            torch.save(Classifier(1).backbone.state_dict(), weights)
        settings = TrainSettings(weights=weights, epochs=epochs)
        voc_dir = write_subset(root_dir, images, folder)
        plain = train_plain(voc_dir, settings, load_with_torchvision)
        same_pixels = train_plain(voc_dir, settings, load_with_our_decoder)
        ours = {
            "ours, float32": train_ours(voc_dir, settings, "float32", folder, "float32"),
            "ours, bfloat16": train_ours(voc_dir, settings, "bfloat16", folder, "bfloat16"),
            "ours, retrained with another learning rate": train_ours(
                voc_dir,
                settings.model_copy(update={"learning_rate": 2e-3}),
                "bfloat16",
                folder,
                "again",
            ),
        }
    click.echo(
        f"plain loop: {plain.seconds:.1f} s for {epochs} epochs of {images} + {images} images"
    )
    for name, outcome in ours.items():
        click.echo(
            f"{name}: {outcome.seconds:.1f} s, {plain.seconds / outcome.seconds:.1f} times as "
            f"fast, final mAP {outcome.maps[-1]:.4f} (plain {plain.maps[-1]:.4f})"
        )
    exact = ours["ours, float32"]
    ((best_epoch, head),) = exact.heads.items()
    (head_gap, map_gaps), (same_head_gap, same_map_gaps) = (
        (
            float((head - other.heads[best_epoch]).abs().max()),
            np.abs(np.subtract(exact.maps, other.maps)),
        )
        for other in (plain, same_pixels)
    )
    click.echo(
        "largest differences of float32 on the same pixels: last-layer weights of the best epoch "
        f"{same_head_gap:.1e} (limit {WEIGHT_TOLERANCE}), mAP of an epoch "
        f"{same_map_gaps.max():.1e} (limit {MAP_TOLERANCE})"
    )
    click.echo(
        f"on torchvision's pixels: weights {head_gap:.1e} (limit {PIXELS_TOLERANCE}), mAP of an "
        f"epoch {map_gaps.max():.1e}, final mAP {map_gaps[-1]:.1e} (limit {MAP_TOLERANCE})"
    )
    heads_differ = same_head_gap > WEIGHT_TOLERANCE or head_gap > PIXELS_TOLERANCE
    if heads_differ or max(same_map_gaps.max(), map_gaps[-1]) > MAP_TOLERANCE:
        raise click.ClickException("the two training loops disagree")


if __name__ == "__main__":
    main()
