"""Trains recipes over several seeds and prints their mAP on val, compared with the first one's.

Every run is a folder in --runs-dir, so a second start only prints the table, and one that was
stopped goes on. The standard error of a difference is that of a bootstrap over the val images,
paired: both recipes are measured on the same resampled images, each by its mean over the seeds.
Differences of less than two standard errors are noise.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import click
import numpy as np
from numpy.typing import NDArray
from timing import describe_machine

from scripts.console import ConsoleReporter, plain_failures
from voc_model.data.voc import read_split
from voc_model.metrics.precision_recall import (
    apply_difficult,
    average_precision,
    mean_average_precision,
)
from voc_model.model.ensemble import load_ensemble
from voc_model.progress import Reporter
from voc_model.scoring import score_split
from voc_model.store.history import read_history
from voc_model.store.scores import ScoreTable
from voc_model.training.options import RunOptions, make_options
from voc_model.training.run import train_run

CONFIGS = Path(__file__).parents[1] / "configs"
RECIPES = (CONFIGS / "adam_model.json", *sorted((CONFIGS / "recipes").glob("*.json")))
FIRST_SEED = 42
RESAMPLES = 200


@dataclass(frozen=True, eq=False)
class Outcome:
    """A recipe on one data set.

    Attributes:
        scores: one (N, C) array per seed, of the epoch with the highest mAP on val.
        labels: (N, C), as the recipe's convention for difficult objects says.
        last_maps: mAP after the last epoch, which val has not selected; one per seed.
    """

    scores: Sequence[NDArray[np.float32]]
    labels: NDArray[np.int8]
    last_maps: Sequence[float]

    def maps(self, rows: NDArray[np.intp] | slice = slice(None)) -> list[float]:
        """Returns the mAP of each seed on some of the images."""
        labels = self.labels[rows]
        return [
            mean_average_precision(
                average_precision(scores[rows, index], labels[:, index])
                for index in range(labels.shape[1])
            )[0]
            for scores in self.scores
        ]


def measure(
    config: Path, seeds: Sequence[int], report: Reporter, root_dir: Path, **options: object
) -> Outcome:
    """Trains and scores a recipe with every seed, or reads what an earlier start has left."""
    tables, last_maps = [], []
    for seed in seeds:
        made = make_options(root_dir, config=config, report=report, **options)  # type: ignore[arg-type]
        run = replace(made.run, path=made.run.path.with_name(f"{made.run.name}-seed{seed}"))
        settings = made.settings.model_copy(update={"seed": seed})
        made = replace(made, run=run, settings=settings)
        with made.locked():
            train_run(made, report)
            tables.append(score(made, report))
        last_maps.append(read_history(run.history_path)[-1].map)
    labels = apply_difficult(np.asarray(tables[0].labels), settings.difficult)
    return Outcome([np.asarray(table.scores) for table in tables], labels, last_maps)


def score(options: RunOptions, report: Reporter) -> ScoreTable:
    """Returns the scores of a trained run's val split."""
    run = options.run
    if not run.scores_path.is_file():
        ensemble = load_ensemble(run.models_path)
        settings = ensemble.first.settings
        split = read_split(
            options.voc_dir, settings.val_split, ensemble.first.classes, settings.absent_flag
        )
        table = score_split(ensemble, split, run, options.features_dir, options.compute, report)
        assert table is not None
        table.write(run.scores_path)
    return ScoreTable.open(run.scores_path)


def describe(name: str, outcome: Outcome, reference: Outcome) -> str:
    """Returns a row of the table."""
    maps, others = outcome.maps(), reference.maps()
    cells = [f"{np.mean(maps):.4f} ± {np.std(maps, ddof=min(1, len(maps) - 1)):.4f}"]
    cells.append(f"{np.mean(outcome.last_maps):.4f}")
    if outcome is reference:
        cells.append("")
    else:
        random = np.random.default_rng(0)
        count = len(outcome.labels)
        resampled = [
            np.mean(outcome.maps(rows)) - np.mean(reference.maps(rows))
            for rows in random.integers(0, count, (RESAMPLES, count))
        ]
        difference = np.mean(maps) - np.mean(others)
        cells.append(f"{difference:+.4f} ± {np.std(resampled):.4f}")
    return " | ".join(["", f"`{name}`", *cells, ""]).strip()


@click.command()
@click.argument("configs", nargs=-1, type=click.Path(path_type=Path, exists=True))
@click.option(
    "--root-dir", "root_dirs", multiple=True, type=click.Path(path_type=Path),
    help="A VOC folder; may be given several times.",
)  # fmt: skip
@click.option("--weights", metavar="FILE", help="Weights of the backbone, instead of ImageNet's.")
@click.option("--only", multiple=True, metavar="NAME", help="A recipe; may be given several times.")
@click.option("--seeds", default=3, show_default=True, help=f"How many, from {FIRST_SEED} on.")
@click.option("--device", default="auto", show_default=True, help="auto, cpu or cuda.")
@click.option("--runs-dir", type=click.Path(path_type=Path), default=Path("runs"))
@click.option("--cache-dir", type=click.Path(path_type=Path), default=Path(".cache"))
def main(
    configs: Sequence[Path],
    root_dirs: Sequence[Path],
    weights: str | None,
    only: Sequence[str],
    seeds: int,
    device: str,
    runs_dir: Path,
    cache_dir: Path,
) -> None:
    """Measure the recipes in CONFIGS, by default configs/adam_model.json and configs/recipes/.

    The first one is what the others are compared with.
    """
    if not root_dirs:
        click.echo("recipes.py: skipped, it needs a data set: --root-dir DIR [--weights FILE]")
        return
    describe_machine()
    chosen = [path for path in configs or RECIPES if not only or path.stem in only]
    with plain_failures():
        for root_dir in root_dirs:
            rows: list[str] = []
            reference = None
            for config in chosen:
                outcome = measure(
                    config, range(FIRST_SEED, FIRST_SEED + seeds), ConsoleReporter(), root_dir,
                    weights=weights, device=device, runs_dir=runs_dir, cache_dir=cache_dir,
                )  # fmt: skip
                reference = reference or outcome
                rows.append(describe(config.stem, outcome, reference))
                click.echo(rows[-1])
            click.echo(f"\n{root_dir}: {len(outcome.labels):,} val images, {seeds} seeds\n")
            click.echo("| recipe | mAP | after the last epoch | difference |")
            click.echo("\n".join(["|---|---|---|---|", *rows]) + "\n")


if __name__ == "__main__":
    main()
