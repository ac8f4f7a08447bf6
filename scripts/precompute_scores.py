"""Trains if there is no model, then scores, measures and draws: the whole offline job."""

from pathlib import Path
from typing import Any, get_args

import click

from scripts.console import ConsoleReporter, offline_options, plain_failures
from voc_model.inference.distributed import init_distributed
from voc_model.metrics.precision_recall import DifficultConvention
from voc_model.pipeline import ScoringOptions, score_run
from voc_model.progress import SILENT
from voc_model.training.options import make_options

_EXAMPLE = """\b
Examples:
  python scripts/precompute_scores.py --root-dir VOC2012/JPEGImages/
  python scripts/precompute_scores.py --root-dir VOC2012/JPEGImages/ \\
      --config configs/ws_model.json --run ws
  python scripts/precompute_scores.py --root-dir VOC2012/JPEGImages/ \\
      --checkpoint runs/ws/checkpoint.pt --split trainval --run ws-trainval
  python scripts/precompute_scores.py --root-dir VOC2012/JPEGImages/ \\
      --verify-against reference/scores.csv --tolerance 0.001
  torchrun --nproc-per-node 4 scripts/precompute_scores.py --root-dir VOC2012/JPEGImages/
  python app.py --root-dir VOC2012/JPEGImages/        # then browse the ranking
"""


@click.command(epilog=_EXAMPLE)
@click.version_option(package_name="ranking-browser")
@offline_options
@click.option(
    "--config",
    metavar="FILE",
    type=click.Path(path_type=Path),
    default=None,
    help="Training settings; ignored with --checkpoint, which has its own.  "
    "[default: those of --run, else configs/adam_model.json]",
)
@click.option(
    "--checkpoint",
    metavar="FILE",
    type=click.Path(path_type=Path),
    default=None,
    help="A trained model to score, instead of training one; or the folder runs/NAME/folds.",
)
@click.option(
    "--split", default=None, help="The split to score.  [default: the settings' val_split]"
)
@click.option(
    "--difficult",
    type=click.Choice(get_args(DifficultConvention)),
    default=None,
    help="What a class with only difficult objects counts as in the metrics; a change recomputes "
    "only the metrics.  [default: as in the settings]",
)
@click.option("--verify", is_flag=True, help="Predict again and compare with the saved scores.")
@click.option(
    "--verify-against",
    metavar="PATH",
    type=click.Path(path_type=Path, exists=True),
    default=None,
    help="Compare with scores that were saved elsewhere: a scores.npz or a folder that holds one, "
    "a CSV with a column of image ids and one column per class, or a folder of "
    "comp1_cls_<split>_<class>.txt. Prints the greatest and the mean difference of every class; an "
    "image or class that only one of them has is an error, too.",
)
@click.option(
    "--tolerance",
    type=click.FloatRange(min=0),
    default=1e-4,
    show_default=True,
    help="The greatest difference of a score that --verify and --verify-against accept.",
)
def main(
    checkpoint: Path | None,
    split: str | None,
    difficult: DifficultConvention | None,
    verify: bool,
    verify_against: Path | None,
    tolerance: float,
    **options: Any,
) -> None:
    """Score every image of a split and write all that the pages show to runs/NAME/.

    Trains first if there is no checkpoint. Everything that exists and is up to date is reused, so a
    second start takes seconds, and an interrupted job resumes when it is started again.

    Under torchrun, the processes share the work, and the scores are those of a single process. On
    several machines, all must see the same folders of the data set, the runs and the cache.
    """
    with plain_failures(), init_distributed() as world:
        report = ConsoleReporter() if world.rank == 0 else SILENT
        run_options = make_options(checkpoint=checkpoint, **options, world=world, report=report)
        scoring = ScoringOptions(checkpoint, split, difficult, verify, verify_against, tolerance)
        with run_options.locked():
            metrics = score_run(run_options, scoring, report)
        if metrics is None:
            return
        means = metrics.mean_average_precision
        report.note(
            f"mAP over {metrics.classes_defined} classes, {metrics.images:,} images of split "
            f"{metrics.split}: {means['sklearn']:.4f} by scikit-learn's AP, "
            f"{means['voc2010']:.4f} by VOC 2010's, {means['voc2007']:.4f} by VOC 2007's"
        )


if __name__ == "__main__":
    main()
