"""Writes a run of synthetic scores of any size, to try the pages with many images."""

from pathlib import Path

import click

from scripts.console import ConsoleReporter, plain_failures
from scripts.synthetic_scores import write_synthetic_run
from voc_model.store.runs import RunFolder

_EXAMPLE = """\b
Examples:
  python scripts/make_synthetic_scores.py --out runs/synthetic
  python scripts/make_synthetic_scores.py --out runs/large --images 10000000
  python scripts/make_synthetic_scores.py --out runs/wide --images 1000000 --classes 1000 --seed 1

\b
Then look at it:
  python app.py --run runs/synthetic
"""


@click.command(epilog=_EXAMPLE)
@click.version_option(package_name="ranking-browser")
@click.option(
    "--out",
    required=True,
    metavar="runs/NAME",
    type=click.Path(path_type=Path),
    help="The run folder to create scores.npz, metrics.json and curves.npz in.",
)
@click.option(
    "--images",
    type=click.IntRange(1, 99_999_999),
    default=100_000,
    show_default=True,
    help="Number of images.",
)
@click.option(
    "--classes",
    type=click.IntRange(1, 9999),
    default=20,
    show_default=True,
    help="Number of classes; the first 20 have VOC's names.",
)
@click.option(
    "--seed",
    type=click.IntRange(min=0),
    default=0,
    show_default=True,
    help="Seed of the random numbers.",
)
@click.option("--overwrite", is_flag=True, help="Replace the scores of an existing run.")
def main(out: Path, images: int, classes: int, seed: int, overwrite: bool) -> None:
    """Draw scores and labels of images that do not exist, rank them and compute their metrics.

    Labels are as sparse as VOC's, some are difficult, and a few images have no scores, as if they
    could not be read. The classes' average precisions range from 0.3 to 0.95. The same seed gives
    the same numbers.

    A score table takes 9 bytes per image and class on disk: 2 GB for 10 million images x 20
    classes. Memory holds one class at a time. The scores are written whole or not at all.
    """
    run = RunFolder(out)
    if run.checkpoint_path.exists():
        raise click.ClickException(
            f"{out}: holds a trained model. Choose another folder with --out runs/NAME."
        )
    if run.scores_path.exists() and not overwrite:
        raise click.ClickException(
            f"{run.scores_path}: this run already has scores. Choose another folder with --out, or "
            "replace them with --overwrite."
        )
    with plain_failures(), run.locked():
        metrics = write_synthetic_run(run, images, classes, seed, ConsoleReporter())
    mean = metrics.mean_average_precision["sklearn"]
    click.echo(f"{run.scores_path}: {images:,} images x {classes:,} classes, mAP {mean:.3f}")
    click.echo(f"Look at it: python app.py --run {out}")


if __name__ == "__main__":
    main()
