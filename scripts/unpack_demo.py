"""Unpacks the demo data set, for those who have no VOC folder at hand."""

import time
from pathlib import Path

import click

from scripts.console import plain_failures
from voc_model.data.demo import unpack_demo

_ARCHIVE = Path(__file__).parents[1] / "demo" / "scenes.zip"

_EXAMPLE = """\b
Examples:
  python scripts/unpack_demo.py
  python scripts/precompute_scores.py --root-dir data/demo/DemoScenes --config configs/demo.json
"""


@click.command(epilog=_EXAMPLE)
@click.version_option(package_name="ranking-browser")
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    default=Path("data/demo"),
    show_default=True,
    help="The folder to create, with DemoScenes and the lists of planted errors in it.",
)
@click.option(
    "--archive",
    metavar="FILE",
    type=click.Path(path_type=Path),
    default=_ARCHIVE,
    help="The archive.  [default: demo/scenes.zip of the project]",
)
def main(out: Path, archive: Path) -> None:
    """Unpack 2,000 scenes with VOC's 20 classes, in VOC's layout.

    demo/README.md says what is in them. Beside the VOC folder, where no training code reads them,
    planted_label_errors.csv and planted_cue.csv list what is wrong with them on purpose. What was
    unpacked from the same archive is left as it is; what came from another one is replaced.
    """
    with plain_failures():
        began = time.perf_counter()
        if unpack_demo(archive, out):
            click.echo(f"{out}: demo data set unpacked in {time.perf_counter() - began:.1f} s")
        else:
            click.echo(f"{out}: demo data set already unpacked, reused")


if __name__ == "__main__":
    main()
