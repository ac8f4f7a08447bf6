"""Writes the scores of a run in formats of other programs."""

from pathlib import Path
from typing import get_args

import click

from scripts.console import ConsoleReporter, plain_failures, run_options
from voc_model.data.voc import find_voc_dir
from voc_model.store.runs import find_run
from voc_model.store.scores import ScoreTable
from voc_model.store.voc_results import Competition, write_results

_EXAMPLE = """\b
Example, for the VOC evaluation server:
  python scripts/export.py --run VOC2012-adam_model --voc-results results/VOC2012/Main
  tar -czf results.tgz results
"""


@click.command(epilog=_EXAMPLE)
@click.version_option(package_name="ranking-browser")
@run_options
@click.option(
    "--voc-results",
    "folder",
    metavar="DIR",
    type=click.Path(path_type=Path, file_okay=False),
    required=True,
    help="Write comp1_cls_<split>_<class>.txt into this folder, as VOC's development kit and "
    "evaluation server take them. Images that could not be read are left out, with a warning: "
    "the kit ranks them last.",
)
@click.option(
    "--competition",
    type=click.Choice(get_args(Competition)),
    default="comp1",
    show_default=True,
    help="How the files are called: VOC's comp1 is for models trained on its own images only, "
    "comp2 for all others, also those with ImageNet weights.",
)
@click.option(
    "--overwrite",
    is_flag=True,
    help="Replace files of the same names. Without it, one with other contents is an error.",
)
def main(
    root_dir: Path | None,
    run_name: str | None,
    runs_dir: Path,
    folder: Path,
    competition: Competition,
    overwrite: bool,
) -> None:
    """Write the scores of a run as files that other programs read.

    The scores are those of scores.npz to the last bit, and images are in the order of their ids.
    """
    with plain_failures():
        report = ConsoleReporter()
        run = find_run(runs_dir, run_name, find_voc_dir(root_dir) if root_dir else None)
        table = ScoreTable.open(run.scores_path)
        table.verify()
        paths = write_results(table, folder, competition, overwrite=overwrite, report=report)
        report.note(f"{folder}: {len(paths):,} files, {paths[0].name} and so on")


if __name__ == "__main__":
    main()
