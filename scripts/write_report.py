"""Writes the report of a run as one HTML file, and as a PDF."""

import csv
from pathlib import Path

import click

from scripts.console import ConsoleReporter, cache_option, plain_failures, run_options
from voc_model.data.voc import find_voc_dir
from voc_model.store.runs import find_run
from voc_web.report.pdf import find_browser, print_pdf
from voc_web.report.writing import write_report

_EXAMPLE = """\b
Examples:
  python scripts/write_report.py --run VOC2012-adam_model --out report.html
  python scripts/write_report.py --run VOC2012-adam_model --out report.html --pdf report.pdf \\
      --classes dog,cat,bottle
"""


@click.command(epilog=_EXAMPLE)
@click.version_option(package_name="ranking-browser")
@run_options
@cache_option
@click.option(
    "--out",
    metavar="FILE",
    type=click.Path(path_type=Path, dir_okay=False),
    required=True,
    help="The HTML file to write. It needs no other file: send it as it is.",
)
@click.option(
    "--pdf",
    metavar="FILE",
    type=click.Path(path_type=Path, dir_okay=False),
    default=None,
    help="Print it to this PDF as well, with the system's Chromium or Chrome.",
)
@click.option(
    "--classes",
    metavar="NAMES",
    default="",
    help="Classes whose top and bottom 10 images are shown, separated by commas; names "
    "with a comma in double quotes.  [default: those with the lowest, the median and the highest "
    "average precision]",
)
def main(
    root_dir: Path | None,
    run_name: str | None,
    runs_dir: Path,
    cache_dir: Path,
    out: Path,
    pdf: Path | None,
    classes: str,
) -> None:
    """Write what a run has shown: settings, curves, metrics with intervals, images, commands.

    Nothing is computed but the intervals, which takes seconds; the run is only read. The images are
    those of --root-dir, or of the folder recorded when they were scored.
    """
    with plain_failures():
        report = ConsoleReporter()
        browser = find_browser() if pdf else ""  # Before the work, if there is none.
        voc_dir = find_voc_dir(root_dir) if root_dir else None
        names = [
            name.strip()
            for name in next(csv.reader([classes], skipinitialspace=True), [])
            if name.strip()
        ]
        run = find_run(runs_dir, run_name, voc_dir)
        write_report(run, out, cache_dir, voc_dir, names, report)
        report.note(f"{out}: {out.stat().st_size / 1e6:.1f} MB")
        if pdf:
            print_pdf(browser, out, pdf)
            report.note(f"{pdf}: {pdf.stat().st_size / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
