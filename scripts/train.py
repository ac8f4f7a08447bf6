"""Fine-tunes a classifier on a folder in VOC layout."""

from pathlib import Path
from typing import Any

import click

from voc_model.console import offline_options, plain_failures, show
from voc_model.run_options import make_options
from voc_model.training_run import train_run

_EXAMPLE = """\b
Example:
  python scripts/train.py configs/adam_model.json --root-dir VOC2012/JPEGImages/
"""


@click.command(epilog=_EXAMPLE)
@click.argument("config", type=click.Path(path_type=Path))
@offline_options
def main(**options: Any) -> None:
    """Train by the settings in CONFIG and keep the best epoch in runs/NAME/checkpoint.pt.

    One line an epoch; every class's average precision is in runs/NAME/history.csv. A run that was
    stopped goes on where it stood, and a finished one is left as it is. Score it with
    scripts/precompute_scores.py, which also trains where that has not been done.
    """
    with plain_failures():
        run_options = make_options(**options)
        show(train_run(run_options))
        click.echo(f"{run_options.run.checkpoint_path} is ready.")


if __name__ == "__main__":
    main()
