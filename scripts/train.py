"""Fine-tunes a classifier on a folder in VOC layout."""

from pathlib import Path
from typing import Any

import click

from scripts.console import ConsoleReporter, offline_options, plain_failures
from voc_model.inference.distributed import init_distributed
from voc_model.progress import SILENT
from voc_model.training.options import make_options
from voc_model.training.run import train_run

_EXAMPLE = """\b
Examples:
  python scripts/train.py configs/adam_model.json --root-dir VOC2012/JPEGImages/
  torchrun --nproc-per-node 4 scripts/train.py configs/finetune.json \\
      --root-dir VOC2012/JPEGImages/        # 4 processes, one per GPU
"""


@click.command(epilog=_EXAMPLE)
@click.version_option(package_name="ranking-browser")
@click.argument("config", type=click.Path(path_type=Path))
@offline_options
def main(**options: Any) -> None:
    """Train with the settings in CONFIG and save the best epoch as runs/NAME/checkpoint.pt.

    Prints one line per epoch; every class's average precision is in runs/NAME/history.csv. A run
    that was stopped is resumed, and a finished one is left as it is. Score it with
    scripts/precompute_scores.py, which also trains if needed.

    Under torchrun, the processes share the work: the images, and with all layers every batch. On
    several machines, all must see the same folders of the data set, the runs and the cache.
    """
    with plain_failures(), init_distributed() as world:
        report = ConsoleReporter() if world.rank == 0 else SILENT
        run_options = make_options(**options, world=world, report=report)
        with run_options.locked():
            train_run(run_options, report)
        report.note(f"{run_options.run.models_path} is ready.")


if __name__ == "__main__":
    main()
