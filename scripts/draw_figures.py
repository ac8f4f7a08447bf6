"""Draws the figures of a run that has scores."""

from pathlib import Path

import click

from scripts.console import ConsoleReporter, plain_failures, run_options
from voc_model.data.voc import find_voc_dir
from voc_model.pipeline import redraw_figures
from voc_model.store.runs import find_run

_EXAMPLE = """\b
Example:
  python scripts/draw_figures.py --root-dir VOC2012/JPEGImages/ --run VOC2012-adam_model
"""


@click.command(epilog=_EXAMPLE)
@click.version_option(package_name="ranking-browser")
@run_options
def main(root_dir: Path | None, run_name: str | None, runs_dir: Path) -> None:
    """Draw loss, mAP, average precision and tail accuracy as PNG files into runs/NAME/figures/."""
    with plain_failures():
        run = find_run(runs_dir, run_name, find_voc_dir(root_dir) if root_dir else None)
        with run.locked():
            redraw_figures(run, ConsoleReporter())


if __name__ == "__main__":
    main()
