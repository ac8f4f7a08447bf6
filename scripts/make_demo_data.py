"""Draws the demo data set, for those who have no VOC folder at hand."""

from pathlib import Path

import click

from scripts.console import plain_failures, show
from voc_demo.dataset import draw_data_set
from voc_model.cpu import usable_cores

_EXAMPLE = """\b
Examples:
  python scripts/make_demo_data.py
  python scripts/make_demo_data.py --out data/large --images 10000 --seed 1
"""


@click.command(epilog=_EXAMPLE)
@click.version_option(package_name="ranking-browser")
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    default=Path("data/demo"),
    show_default=True,
    help="The folder that gets DemoScenes and the list of planted label errors.",
)
@click.option(
    "--images",
    type=click.IntRange(10, 999_999),
    default=2000,
    show_default=True,
    help="How many images; 70 % are for training.",
)
@click.option("--seed", type=int, default=0, show_default=True, help="Another seed, other images.")
@click.option(
    "--workers",
    type=click.IntRange(1, 256),
    default=None,
    help="Processes that draw.  [default: one a core]",
)
def main(out: Path, images: int, seed: int, workers: int | None) -> None:
    """Draw scenes with VOC's 20 classes, in VOC's layout.

    The same seed draws the same images. Some objects are difficult (tiny or mostly hidden), and
    3 % of the images have a label that is wrong on purpose: planted_label_errors.csv lists them,
    beside the VOC folder, where no training code reads it. A drawing that was stopped goes on
    where it stood, and a complete one is left as it is.
    """
    with plain_failures():
        show(draw_data_set(out, images, seed, workers or usable_cores()))


if __name__ == "__main__":
    main()
