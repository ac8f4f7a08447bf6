"""The whole offline job: train where there is no model, score, measure, draw, make thumbnails.

Everything that is there and up to date is used again.
"""

from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from voc_model.data.voc import Split, image_path, read_split
from voc_model.errors import ScoreStoreError, SettingsError
from voc_model.files import remove_abandoned, sha256_of
from voc_model.inference.devices import RunOptions
from voc_model.inference.shards import Shards
from voc_model.metrics.curves import RunCurves
from voc_model.metrics.evaluation import (
    evaluate,
    find_convention,
    read_evaluation,
    write_evaluation,
)
from voc_model.metrics.figures import draw_figures, list_figures
from voc_model.metrics.precision_recall import DifficultConvention
from voc_model.metrics.run_metrics import RunMetrics
from voc_model.model.checkpoint import Checkpoint, load_checkpoint
from voc_model.progress import EventList, Note
from voc_model.scoring import predict_again, score_split
from voc_model.store.runs import RunFolder
from voc_model.store.scores import ScoreTable
from voc_model.store.thumbnails import ensure_first_thumbnails
from voc_model.training.run import Event, note_warnings, train_run


@dataclass(frozen=True)
class ScoringOptions:
    """What is scored and how it is measured.

    Attributes:
        checkpoint: a model to score instead of training one.
        split: the images; by default the settings' val_split.
        difficult: what a class with only difficult objects counts as in the metrics; by default as
            in the settings.
        verify: predict again and compare.
        tolerance: greatest difference of a score that `verify` accepts.
    """

    checkpoint: Path | None = None
    split: str | None = None
    difficult: DifficultConvention | None = None
    verify: bool = False
    tolerance: float = 1e-4


def score_run(
    options: RunOptions, scoring: ScoringOptions
) -> Generator[Event, None, RunMetrics | None]:
    """Does what is missing of: checkpoint, scores.npz, metrics and curves, figures, thumbnails.

    Returns:
        The metrics; None in all processes but the first.

    Raises:
        ScoreStoreError: `verify` found a greater difference than is tolerated.
        VocError: the data set, settings or a file is at fault.
    """
    run, processes = options.run, options.processes
    checkpoint_path = yield from _provide_checkpoint(options, scoring)
    checkpoint = load_checkpoint(checkpoint_path)
    split_name = scoring.split or checkpoint.settings.val_split
    split = processes.from_first(
        lambda: read_split(options.voc_dir, split_name, checkpoint.classes)
    )
    table = yield from _provide_scores(options, checkpoint, sha256_of(checkpoint_path), split)
    if scoring.verify:
        yield from _verify(options, scoring, checkpoint, table)
    if not processes.is_first:
        return None
    yield from note_warnings(run, split)
    if table.manifest.training_overlap:
        yield Note(table.manifest.warnings[0], warning=True)
    if table.manifest.unreadable_count:
        yield Note(
            f"{table.manifest.unreadable_count:,} images could not be read and have no scores, "
            f"e.g. {table.manifest.unreadable[0]}",
            warning=True,
        )
    difficult = scoring.difficult or checkpoint.settings.difficult
    metrics, curves = yield from _provide_metrics(run, table, difficult)
    yield from _provide_figures(run, table, metrics, curves)
    report = EventList()
    ensure_first_thumbnails(table, options.cache_dir, report)
    yield from report.events
    return metrics


def redraw_figures(run: RunFolder) -> Generator[Event, None, None]:
    """Draws every figure of a run that has scores, its metrics too where they are missing.

    Raises:
        ScoreStoreError: the run has no scores, or a file of it is damaged.
    """
    table = ScoreTable.open(run.scores_path)
    metrics, curves = yield from _provide_metrics(run, table, find_convention(run, table))
    yield from _draw(run, table, metrics, curves)


def _provide_checkpoint(
    options: RunOptions, scoring: ScoringOptions
) -> Generator[Event, None, Path]:
    own = options.run.checkpoint_path
    if scoring.checkpoint is None:
        yield from train_run(options)
        return own
    if own.is_file() and not (scoring.checkpoint.is_file() and own.samefile(scoring.checkpoint)):
        raise SettingsError(
            f"{options.run.path}: this run has a checkpoint of its own, and "
            f"{scoring.checkpoint} is another. Choose another name with --run NAME."
        )
    return scoring.checkpoint


def _provide_scores(
    options: RunOptions, checkpoint: Checkpoint, checkpoint_sha256: str, split: Split
) -> Generator[Event, None, ScoreTable]:
    run, processes = options.run, options.processes
    reason = processes.from_first(lambda: _find_staleness(run, checkpoint_sha256, split))
    if reason is None:
        yield Note(f"{run.scores_path}: up to date, reused")
        return ScoreTable.open(run.scores_path)
    if run.scores_path.is_file():
        yield Note(f"{run.scores_path}: made anew, since {reason}")
    table = yield from score_split(
        checkpoint,
        checkpoint_sha256,
        split,
        run,
        options.features_dir,
        options.device,
        options.workers,
        processes,
    )
    if table is not None:
        remove_abandoned(run.path)
        checkpoint.settings.write(run.settings_path)
        # Metrics of the old scores must not outlive them, not even in the second they were made in.
        run.metrics_path.unlink(missing_ok=True)
        table.write(run.scores_path)
        Shards(run.parts_dir, len(split.image_ids), len(checkpoint.classes)).remove()
    processes.wait()
    yield Note(f"{run.scores_path}: {len(split.image_ids):,} images x {len(split.classes)} classes")
    return ScoreTable.open(run.scores_path)


def _find_staleness(run: RunFolder, checkpoint_sha256: str, split: Split) -> str | None:
    """Returns why the saved scores cannot be used, None where they can."""
    try:
        table = ScoreTable.open(run.scores_path)
    except ScoreStoreError:
        return "it cannot be read"
    manifest = table.manifest
    if manifest.checkpoint_sha256 != checkpoint_sha256:
        return "the model is another"
    if manifest.split != split.name or manifest.voc_dir != str(split.voc_dir):
        return f"it holds split {manifest.split!r} of {manifest.voc_dir}"
    if not _holds(table, split):
        return "the classes, images or labels have changed"
    scored_at = run.scores_path.stat().st_mtime_ns
    for image_id in split.image_ids:
        path = image_path(split.voc_dir, image_id)
        if path.is_file() and path.stat().st_mtime_ns > scored_at:
            return f"{path} has changed"
    return None


def _holds(table: ScoreTable, split: Split) -> bool:
    """Tells whether the table's images, classes and labels are those of the split."""
    ids = np.array([image_id.encode() for image_id in split.image_ids], np.bytes_)
    order = np.argsort(ids, kind="stable")
    return (
        table.classes == split.classes
        and np.array_equal(ids[order], table.image_ids)
        and np.array_equal(split.labels[order], table.labels)
    )


def _verify(
    options: RunOptions, scoring: ScoringOptions, checkpoint: Checkpoint, table: ScoreTable
) -> Generator[Event, None, None]:
    difference = yield from predict_again(
        checkpoint, table, options.voc_dir, options.run, options.device, options.workers,
        options.processes,
    )  # fmt: skip
    if difference is None:
        return
    told = f"{options.run.scores_path}: predicted again, greatest difference {difference:.3g}"
    if difference > scoring.tolerance:
        raise ScoreStoreError(
            f"{told}, above the tolerance of {scoring.tolerance:g}. Remove it and score again with "
            "scripts/precompute_scores.py."
        )
    yield Note(f"{told} (tolerance {scoring.tolerance:g})")


def _provide_metrics(
    run: RunFolder, table: ScoreTable, difficult: DifficultConvention
) -> Generator[Event, None, tuple[RunMetrics, RunCurves]]:
    try:
        metrics, curves = read_evaluation(run, table)
        if metrics.difficult == difficult:
            yield Note(f"{run.metrics_path}: up to date, reused")
            return metrics, curves
    except ScoreStoreError:
        pass  # Missing, damaged or an older one: made below.
    metrics, curves = evaluate(table, difficult)
    write_evaluation(run, metrics, curves)
    yield Note(f"{run.metrics_path}: written, difficult images taken as {difficult!r}")
    return metrics, curves


def _provide_figures(
    run: RunFolder, table: ScoreTable, metrics: RunMetrics, curves: RunCurves
) -> Generator[Event, None, None]:
    """Draws the figures unless those there are newer than what they show."""
    sources = [path for path in (run.metrics_path, run.history_path) if path.is_file()]
    newest = max(path.stat().st_mtime_ns for path in sources)
    if all(path.is_file() and path.stat().st_mtime_ns >= newest for path in list_figures(run)):
        yield Note(f"{run.figures_dir}: up to date, reused")
        return
    yield from _draw(run, table, metrics, curves)


def _draw(
    run: RunFolder, table: ScoreTable, metrics: RunMetrics, curves: RunCurves
) -> Generator[Event, None, None]:
    draw_figures(run, table, metrics, curves)
    yield Note(f"{run.figures_dir}: {len(list_figures(run))} figures drawn")
