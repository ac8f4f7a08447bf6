"""Ablation of weight standardisation: mAP by how the pretrained network's function is carried over.

Each row of the table is an ordinary run, trained by `train_run`: frozen with the settings of
configs/adam_model.json, all layers with those of configs/finetune.json. What has been trained is
reused, so a stopped benchmark goes on, and several processes can share the folder of the results
if they are given different rows; each prints the table of all rows that are there.

The mAP after 3 epochs is that of the whole run, counted from the end of a linear probe if there is
one. With all layers, its learning rate follows the schedule of the whole run: it is not that of a
recipe of 3 epochs.
"""

import statistics
import tempfile
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
import torch
from frozen_backbone import write_subset
from timing import describe_machine

from scripts.console import ConsoleReporter, plain_failures
from voc_model.data.voc import find_voc_dir
from voc_model.errors import BusyError, SettingsError
from voc_model.files import atomic_path
from voc_model.inference.devices import make_compute
from voc_model.model.classifier import Classifier
from voc_model.model.settings import TrainSettings
from voc_model.model.settings_files import read_settings
from voc_model.progress import Reporter
from voc_model.store.runs import RunFolder
from voc_model.training.options import RunOptions
from voc_model.training.run import train_run
from voc_model.training.state import read_training_state

_CONFIGS = Path(__file__).parents[1] / "configs"
_EARLY = 3  # epochs


@dataclass(frozen=True)
class Variant:
    """A row of the ablation.

    Attributes:
        description: its first column.
        changes: of the settings.
        is_pretrained: whether it starts from the given weights.
    """

    description: str
    changes: dict[str, Any]
    is_pretrained: bool = True


def _standardized(kind: str, conversion: str) -> dict[str, Any]:
    return {"architecture": "ws_resnet18", "ws_kind": kind, "ws_conversion": conversion}


VARIANTS = {
    "plain": Variant("plain network", {}),
    "swap": Variant("scale, no conversion (plain swap)", _standardized("scale", "none")),
    "A": Variant("scale, A: running statistics", _standardized("scale", "running_statistics")),
    "B": Variant("scale, B: gamma and beta", _standardized("scale", "scale_and_shift")),
    "full_swap": Variant("full, no conversion (plain swap)", _standardized("full", "none")),
    "reestimate": Variant("full, statistics re-estimated", _standardized("full", "reestimate")),
    "least_squares": Variant("full, least squares", _standardized("full", "least_squares")),
    "random": Variant("full, not pretrained", _standardized("full", "reestimate"), False),
}
TRAINABLE = {"head": "frozen", "all": "all layers"}


@dataclass(frozen=True)
class Ablation:
    """What the runs have in common.

    Attributes:
        folder: holds the runs, and the cache that they share.
        epochs: of every run; None for the settings files' own numbers.
    """

    voc_dir: Path
    weights: Path
    folder: Path
    device: str
    epochs: int | None

    def run_folder(self, name: str, trainable: str, seed: int) -> RunFolder:
        """Returns the run of a cell of the table."""
        return RunFolder(self.folder / "runs" / f"{self.voc_dir.name}-{name}-{trainable}-{seed}")

    def settings(self, name: str, trainable: str, seed: int) -> TrainSettings:
        """Returns the settings of a cell of the table."""
        variant = VARIANTS[name]
        config = "adam_model.json" if trainable == "head" else "finetune.json"
        weights = self.weights if variant.is_pretrained else random_weights(self.folder, seed)
        changes = variant.changes | {"seed": seed, "weights": str(weights)}
        if self.epochs is not None:
            changes["epochs"] = self.epochs
        return read_settings(_CONFIGS / config).model_copy(update=changes)

    def train(self, name: str, trainable: str, seed: int, report: Reporter) -> None:
        """Trains one cell, unless that is done."""
        settings = self.settings(name, trainable, seed)
        options = RunOptions(
            run=self.run_folder(name, trainable, seed),
            voc_dir=self.voc_dir,
            settings=settings,
            compute=make_compute(self.device, settings.precision),
            cache_dir=self.folder / "cache",
        )
        try:
            with options.locked():
                train_run(options, report)
        except BusyError as error:
            report.note(f"left to another process: {error}")
        except SettingsError as error:  # Without a conversion, training may diverge.
            report.warn(f"{name}, {TRAINABLE[trainable]}, seed {seed}: {error}")

    def print_table(self, seeds: Sequence[int]) -> None:
        """Prints mAP on val by row and epoch: the mean over the seeds, and their range."""
        click.echo(f"\n{self.voc_dir.name}: mAP on val, mean over seeds (lowest to highest)\n")
        click.echo(f"| network | layers | epoch {_EARLY} | last epoch | seeds |")
        click.echo("|---|---|---|---|---|")
        for trainable, layers in TRAINABLE.items():
            for name, variant in VARIANTS.items():
                runs = [self.run_folder(name, trainable, seed) for seed in seeds]
                histories = [maps for run in runs if (maps := _read_maps(run, trainable))]
                if histories:
                    early = _summarize([maps[min(_EARLY, len(maps)) - 1] for maps in histories])
                    last = _summarize([maps[-1] for maps in histories])
                    cells = (variant.description, layers, early, last, str(len(histories)))
                    click.echo(f"| {' | '.join(cells)} |")


def random_weights(folder: Path, seed: int) -> Path:
    """Returns a file of weights that nobody trained: settings want a file for a frozen backbone."""
    path = folder / f"random-{seed}.pth"
    if not path.is_file():
        torch.manual_seed(seed)
        with atomic_path(path) as temporary:  # Another process may be reading it.
            torch.save(Classifier(1).backbone.state_dict(), temporary)
    return path


def _read_maps(run: RunFolder, trainable: str) -> list[float]:
    """Returns the mAP of a finished run's epochs, without those of a linear probe before them."""
    state = read_training_state(run.training_state_path)
    if state is None or not state.finished:
        return []
    return [record.map for record in state.records if record.trainable == trainable]


def _summarize(values: Sequence[float]) -> str:
    spread = f" ({min(values):.3f} to {max(values):.3f})" if len(values) > 1 else ""
    return f"{statistics.mean(values):.4f}{spread}"


def _names(allowed: Collection[str]) -> Callable[..., list[str]]:
    """Returns a callback for an option of some of these names, separated by commas."""

    def parse(_context: click.Context, _option: click.Parameter, text: str) -> list[str]:
        names = text.split(",")
        for name in names:
            if name not in allowed:
                raise click.BadParameter(f"{name!r} is none of {', '.join(allowed)}")
        return names

    return parse


def _seeds(_context: click.Context, _option: click.Parameter, text: str) -> list[int]:
    try:
        return [int(number) for number in text.split(",")]
    except ValueError:
        raise click.BadParameter(f"{text!r} is not like 1,2,3") from None


@click.command()
@click.option(
    "--root-dir",
    type=click.Path(path_type=Path),
    help="VOC folder; by default few synthetic images, to rehearse.",
)
@click.option(
    "--weights",
    type=click.Path(path_type=Path),
    help="ResNet18 weights file; by default random weights.",
)
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    default=Path(".cache/weight_standardization"),
    show_default=True,
    help="Folder of the runs; what is trained there is reused.",
)
@click.option(
    "--only",
    callback=_names(VARIANTS),
    default=",".join(VARIANTS),
    show_default=True,
    help="Rows to train.",
)
@click.option(
    "--layers",
    callback=_names(TRAINABLE),
    default=",".join(TRAINABLE),
    show_default=True,
    help="Train the head on a frozen backbone, or all layers.",
)
@click.option("--seeds", callback=_seeds, default="42", show_default=True, help="A run for each.")
@click.option("--epochs", type=click.IntRange(2), help="Of every run, instead of the settings'.")
@click.option("--device", default="auto", show_default=True, help="auto, cpu, cuda ...")
def main(
    root_dir: Path | None,
    weights: Path | None,
    out: Path,
    only: list[str],
    layers: list[str],
    seeds: list[int],
    epochs: int | None,
    device: str,
) -> None:
    """Train the rows of the ablation and print the table of all that are trained."""
    describe_machine()
    with plain_failures(), tempfile.TemporaryDirectory() as temporary:
        if root_dir is None:
            out = Path(temporary)
            voc_dir, epochs = write_subset(None, 16, out), epochs or 2
        else:
            voc_dir = find_voc_dir(root_dir)
        ablation = Ablation(voc_dir, weights or random_weights(out, 0), out, device, epochs)
        for seed in seeds:
            for name in only:
                for trainable in layers:
                    ablation.train(name, trainable, seed, ConsoleReporter())
        ablation.print_table(seeds)


if __name__ == "__main__":
    main()
