"""Fine-tunes a classifier on a folder in VOC layout."""

from pathlib import Path
from typing import Any

import click

from scripts.console import offline_options, plain_failures, show
from voc_model.inference.devices import make_options
from voc_model.inference.distributed import joined
from voc_model.training.run import train_run

_EXAMPLE = """\b
Examples:
  python scripts/train.py configs/adam_model.json --root-dir VOC2012/JPEGImages/
  torchrun --nproc-per-node 4 scripts/train.py configs/finetune.json \\
      --root-dir VOC2012/JPEGImages/        # 4 processes; on GPUs, one a GPU
"""


@click.command(epilog=_EXAMPLE)
@click.version_option(package_name="ranking-browser")
@click.argument("config", type=click.Path(path_type=Path))
@offline_options
def main(**options: Any) -> None:
    """Train by the settings in CONFIG and keep the best epoch in runs/NAME/checkpoint.pt.

    One line an epoch; every class's average precision is in runs/NAME/history.csv. A run that was
    stopped goes on where it stood, and a finished one is left as it is. Score it with
    scripts/precompute_scores.py, which also trains where that has not been done.

    Started by torchrun, the processes share the work: images, and with all layers every batch. On
    several machines, the folders of the data set, the runs and the cache must be the same for all.
    """
    with plain_failures(), joined() as processes:
        run_options = make_options(**options, processes=processes)
        show(train_run(run_options), quiet=not processes.is_first)
        if processes.is_first:
            click.echo(f"{run_options.run.checkpoint_path} is ready.")


if __name__ == "__main__":
    main()
