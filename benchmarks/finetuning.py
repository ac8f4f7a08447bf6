"""Fine-tuning all layers: our training loop compared with a plain float32 loop, loading included.

Both see the same batches and start from the same weights, so their losses must agree.
"""

import copy
import tempfile
from collections.abc import Sequence
from pathlib import Path

import click
import numpy as np
import torch
from baseline import plain_batches
from numpy.typing import NDArray
from photographs import find_photographs
from timing import describe_machine, median_seconds
from torch import Tensor, nn

from voc_model.data.voc import VOC_CLASSES, Split
from voc_model.inference.devices import Compute, make_compute
from voc_model.inference.loading import Batch, ImageLoader
from voc_model.model.checkpoint import initial_model
from voc_model.model.classifier import Classifier
from voc_model.model.preprocessing import Preprocessing
from voc_model.model.settings import TrainSettings
from voc_model.store.runs import RunFolder
from voc_model.training.epochs import Examples, Loader, plan_epoch
from voc_model.training.job import TrainingJob
from voc_model.training.loop import forward
from voc_model.training.losses import masked_loss
from voc_model.training.optimizer import Learner
from voc_model.training.phases import Phase

# Largest relative difference of a round's mean loss; bfloat16 and resizing stay below it.
TOLERANCE = 0.02


class PlainLoop:
    """The loop of a tutorial: float32, contiguous images, default optimizer settings."""

    def __init__(
        self, model: Classifier, labels: NDArray[np.int8], settings: TrainSettings
    ) -> None:
        self.model = model.train()
        self.labels = torch.from_numpy(labels).float()
        self.optimizer = torch.optim.AdamW(model.parameters(), settings.learning_rate)
        self.device = next(model.parameters()).device

    def train(self, paths: Sequence[Path], batches: list[list[int]]) -> float:
        """Takes one step per batch and returns the mean loss."""
        losses = []
        for images, rows in zip(plain_batches(paths, batches), batches, strict=True):
            self.optimizer.zero_grad()
            outputs = self.model(images.to(self.device))
            loss = nn.functional.binary_cross_entropy_with_logits(
                outputs, self.labels[rows].to(self.device)
            )
            loss.backward()  # type: ignore[no-untyped-call]
            self.optimizer.step()
            losses.append(loss.item())
        return float(np.mean(losses))


class OurLoop:
    """The training steps of scripts/train.py.

    Args:
        labels: (N, C) of the N rows that `loader` loads.
    """

    def __init__(
        self,
        model: Classifier,
        labels: NDArray[np.int8],
        settings: TrainSettings,
        loader: Loader,
        compute: Compute,
    ) -> None:
        ids = tuple(map(str, range(len(labels))))
        split = Split("train", Path("benchmark"), ids, VOC_CLASSES, labels, warnings=())
        examples = Examples(loader, split, range(len(labels)), {})
        self.job = TrainingJob(
            run=RunFolder(Path("benchmark")),
            model=model.place_on(compute.device),
            settings=settings,
            phase=Phase(settings, 1, settings.epochs),
            classes=VOC_CLASSES,
            identity={},
            train=examples,
            selection=examples,
            selected_on="nothing",
            compute=compute,
        )
        self.learner = Learner(self.job.model, settings)
        self.labels = torch.from_numpy(labels).to(compute.device)

    def train(self, epoch: int) -> float:
        """Takes one step per batch and returns the mean loss."""
        job = self.job
        self.learner.model.train()
        self.learner.set_learning_rate(epoch)
        plan = plan_epoch(job.train.rows, job.settings, epoch)
        losses = [self.step(batch) for batch in job.train.batches(plan)]
        return float(torch.stack(losses).mean())

    def step(self, batch: Batch) -> Tensor:
        """Takes one step and returns its mean loss, on the device."""
        loss, count = masked_loss(forward(self.job, batch), self.labels[batch.rows])
        self.learner.backward(loss, count, len(batch.rows), self.job.compute.world)
        self.learner.step()
        return loss.detach() / count


@click.command()
@click.option(
    "--root-dir", type=click.Path(path_type=Path), help="VOC folder; by default synthetic images."
)
@click.option("--weights", default="none", help="ResNet18 weights file; by default random weights.")
@click.option("--images", default=48, help="Images per round.")
@click.option("--batch-size", default=16, help="Images per step.")
@click.option("--rounds", default=5, help="Rounds of each loop.")
def main(root_dir: Path | None, weights: str, images: int, batch_size: int, rounds: int) -> None:
    """Measure images/s of training at 224 pixels and check that the losses agree."""
    describe_machine()
    settings = TrainSettings(
        weights=weights, trainable="all", output="logits", precision="bfloat16", optimizer="adamw",
        weight_decay=0.01, learning_rate=1e-4, batch_size=batch_size, epochs=rounds,
    )  # fmt: skip
    compute = make_compute(precision=settings.precision)
    labels = (np.random.default_rng(0).random((images, len(VOC_CLASSES))) < 0.1).astype(np.int8)
    model = initial_model(settings, len(VOC_CLASSES)).to(compute.device)
    plain_losses: list[float] = []
    our_losses: list[float] = []
    with tempfile.TemporaryDirectory() as folder:
        paths = find_photographs(root_dir, images, Path(folder))
        plain = PlainLoop(copy.deepcopy(model), labels, settings)
        loader = ImageLoader(paths, Preprocessing.from_settings(settings), compute)
        ours = OurLoop(model, labels, settings, loader, compute)

        def run_plain_round() -> None:
            plan = plan_epoch(range(images), settings, len(plain_losses) + 1)
            batches = [[view.row for view in batch] for batch in plan]
            plain_losses.append(plain.train(paths, batches))

        def run_our_round() -> None:
            our_losses.append(ours.train(len(our_losses) + 1))

        seconds = median_seconds({"plain": run_plain_round, "ours": run_our_round}, rounds)
    rates = {name: images / taken for name, taken in seconds.items()}
    click.echo(
        f"{images} images in batches of {batch_size}, median of {rounds} rounds: plain float32 "
        f"{rates['plain']:.1f} images/s, ours in {compute.precision} {rates['ours']:.1f} "
        f"images/s, ratio {rates['ours'] / rates['plain']:.2f}"
    )
    for name, losses in (("plain", plain_losses), ("ours ", our_losses)):
        click.echo(f"loss per round, {name}: {' '.join(f'{loss:.4f}' for loss in losses)}")
    difference = float(np.max(np.abs(np.array(our_losses) / plain_losses - 1)))
    click.echo(f"largest relative difference {difference:.4f} (tolerance {TOLERANCE})")
    if difference > TOLERANCE:
        raise click.ClickException("the losses do not agree")


if __name__ == "__main__":
    main()
