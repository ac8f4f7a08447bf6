"""The whole offline job: train if there is no model, score, measure, draw, make thumbnails.

Everything that exists and is up to date is reused.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from voc_model.data.voc import Split, read_split
from voc_model.errors import SCORE_AGAIN, ScoreStoreError, SettingsError
from voc_model.files import remove_abandoned
from voc_model.inference.loading import ImageSet
from voc_model.metrics.curves import RunCurves
from voc_model.metrics.evaluation import (
    evaluate,
    find_convention,
    read_evaluation,
    write_evaluation,
)
from voc_model.metrics.figures import are_current, draw_figures, list_figures
from voc_model.metrics.precision_recall import DifficultConvention
from voc_model.metrics.run_metrics import RunMetrics
from voc_model.model.ensemble import Ensemble, load_ensemble
from voc_model.progress import SILENT, Reporter
from voc_model.scoring import collect_held_out, predict_again, score_split
from voc_model.store.comparison import verify_against
from voc_model.store.runs import RunFolder
from voc_model.store.scores import ScoreTable
from voc_model.store.shards import Shards
from voc_model.store.thumbnails import ensure_first_thumbnails
from voc_model.training.options import RunOptions
from voc_model.training.run import report_warnings, train_run


@dataclass(frozen=True)
class ScoringOptions:
    """What is scored and how it is measured.

    Attributes:
        checkpoint: a model to score instead of training one.
        split: the images; by default the settings' val_split.
        difficult: what a class with only difficult objects counts as in the metrics; by default as
            in the settings.
        verify: whether to predict again and compare.
        verify_against: saved scores to compare with, see `read_saved_scores`.
        tolerance: greatest difference of a score that is accepted in both.
    """

    checkpoint: Path | None = None
    split: str | None = None
    difficult: DifficultConvention | None = None
    verify: bool = False
    verify_against: Path | None = None
    tolerance: float = 1e-4


def score_run(
    options: RunOptions, scoring: ScoringOptions, report: Reporter = SILENT
) -> RunMetrics | None:
    """Does what is missing: checkpoint, scores.npz, metrics and curves, figures, thumbnails.

    Returns:
        The metrics; None on every rank but 0.

    Raises:
        ScoreStoreError: the scores differ by more than is tolerated.
        VocError: the data set, settings or a file is invalid.
    """
    run, settings = options.run, options.settings
    if scoring.split is not None and not run.models_path.exists():
        # What is wrong with it is reported before the training rather than after it.
        read_split(options.voc_dir, scoring.split, absent_flag=settings.absent_flag)
    ensemble = load_ensemble(_ensure_models(options, scoring, report))
    # The classes of the checkpoint, the rest as the user has chosen.
    split_name = settings.val_split if scoring.split is None else scoring.split
    classes = ensemble.first.classes
    split = read_split(options.voc_dir, split_name, classes, settings.absent_flag)
    table = _ensure_scores(options, ensemble, split, report)
    if settings.folds and scoring.checkpoint is None:  # Others may be of other training images.
        _ensure_out_of_fold(options, ensemble, report)
    if scoring.verify:
        _verify(options, scoring, ensemble, table, report)
    if options.compute.world.rank > 0:
        return None
    report_warnings(run, split, report)
    if overlap := table.manifest.training_overlap:
        report.warn(
            f"{overlap:,} of the {len(table.image_ids):,} scored images were also used for "
            "training: the metrics are too optimistic"
        )
    if table.manifest.unreadable_count:
        report.warn(
            f"{table.manifest.unreadable_count:,} images could not be read and have no scores, "
            f"e.g. {table.manifest.unreadable[0]}"
        )
    difficult = scoring.difficult or ensemble.first.settings.difficult
    metrics, curves = _ensure_metrics(run, table, difficult, report)
    report.warn_of_first(metrics.describe_ties(), f"see largest_tie in {run.metrics_path}")
    _ensure_figures(run, table, metrics, curves, report)
    ensure_first_thumbnails(table, options.cache_dir, report)
    if scoring.verify_against is not None:
        verify_against(table, scoring.verify_against, scoring.tolerance, report)
    return metrics


def redraw_figures(run: RunFolder, report: Reporter = SILENT) -> None:
    """Draws every figure of a run that has scores, computing its metrics if they are missing.

    Raises:
        ScoreStoreError: the run has no scores, or one of its files is damaged.
    """
    table = ScoreTable.open(run.scores_path)
    table.verify()
    metrics, curves = _ensure_metrics(run, table, find_convention(run, table), report)
    _draw(run, table, metrics, curves, report)


def _ensure_models(options: RunOptions, scoring: ScoringOptions, report: Reporter) -> Path:
    """Returns the checkpoint to score, or the folder of several."""
    if scoring.checkpoint is None:
        train_run(options, report)
        return options.run.models_path
    own, given = options.run.models_path, scoring.checkpoint
    if own.exists() and not (given.exists() and own.samefile(given)):
        raise SettingsError(
            f"{options.run.path}: this run has a checkpoint of its own, not {given}. "
            "Choose another name with --run NAME."
        )
    return given


def _ensure_scores(
    options: RunOptions,
    ensemble: Ensemble,
    split: Split,
    report: Reporter,
) -> ScoreTable:
    run, world = options.run, options.compute.world
    reason = _find_staleness(run.scores_path, ensemble.sha256, split)
    world.barrier()  # Every rank has looked before rank 0 writes.
    if reason is None:
        report.note(f"{run.scores_path}: up to date, reused")
        return ScoreTable.open(run.scores_path)
    if run.scores_path.is_file():
        report.note(f"{run.scores_path}: rescoring: {reason}")
    table = score_split(ensemble, split, run, options.features_dir, options.compute, report)
    if table is not None:
        remove_abandoned(run.path)
        ensemble.first.settings.write(run.settings_path)
        table.write(run.scores_path)
        Shards(run.parts_dir, len(split.image_ids), len(split.classes)).remove()
    world.barrier()
    report.note(
        f"{run.scores_path}: {len(split.image_ids):,} images x {len(split.classes)} classes"
    )
    return ScoreTable.open(run.scores_path)


def _ensure_out_of_fold(options: RunOptions, ensemble: Ensemble, report: Reporter) -> None:
    """Writes the scores of the training images by the models that were not trained on them."""
    run, settings = options.run, ensemble.first.settings
    if options.compute.world.rank > 0:
        return
    name, classes = settings.train_split, ensemble.first.classes
    split = read_split(options.voc_dir, name, classes, settings.absent_flag)
    path = run.out_of_fold_path
    if _find_staleness(path, ensemble.sha256, split) is None:
        report.note(f"{path}: up to date, reused")
        return
    collect_held_out(ensemble, split, run).write(path)
    report.note(f"{path}: scores of {name} by the models not trained on them")


def _find_staleness(path: Path, checkpoint_sha256: str, split: Split) -> str | None:
    """Returns why the scores saved in a file cannot be used; None if they can."""
    try:
        table = ScoreTable.open(path)
        table.verify()
    except ScoreStoreError:
        return "the file cannot be read"
    manifest = table.manifest
    if manifest.checkpoint_sha256 != checkpoint_sha256:
        return "the checkpoint changed"
    if manifest.split != split.name or manifest.voc_dir != str(split.voc_dir):
        return f"the scores are of split {manifest.split!r} of {manifest.voc_dir}"
    if not _is_table_of(table, split):
        return "the classes, images or labels changed"
    fingerprint = ImageSet.find(split.voc_dir, split.image_ids).fingerprint
    if manifest.images_fingerprint == fingerprint:
        return None
    older = "an older version did not record which image files it scored"
    return "image files changed" if manifest.images_fingerprint else older


def _is_table_of(table: ScoreTable, split: Split) -> bool:
    """Returns whether the table's images, classes and labels are those of the split."""
    ids = np.array([image_id.encode() for image_id in split.image_ids], np.bytes_)
    order = np.argsort(ids, kind="stable")
    return (
        table.classes == split.classes
        and np.array_equal(ids[order], table.image_ids)
        and np.array_equal(split.labels[order], table.labels)
    )


def _verify(
    options: RunOptions,
    scoring: ScoringOptions,
    ensemble: Ensemble,
    table: ScoreTable,
    report: Reporter,
) -> None:
    difference = predict_again(
        ensemble, table, options.voc_dir, options.run, options.compute, report
    )
    if difference is None:
        return
    found = f"{options.run.scores_path}: predicted again, greatest difference {difference:.3g}"
    if difference > scoring.tolerance:
        found = f"{found}, above the tolerance of {scoring.tolerance:g}"
        saved = (table.manifest.precision, table.manifest.device)
        present = (options.compute.precision, options.compute.device.type)
        if saved != present and None not in saved:
            raise ScoreStoreError(
                f"{found}. The scores were computed in {saved[0]} on {saved[1]}, and now in "
                f"{present[0]} on {present[1]}: verify them where they were computed, or allow for "
                "the difference with --tolerance 0.01."
            )
        raise ScoreStoreError(f"{found}. Remove the file. {SCORE_AGAIN}")
    report.note(f"{found} (tolerance {scoring.tolerance:g})")


def _ensure_metrics(
    run: RunFolder, table: ScoreTable, difficult: DifficultConvention, report: Reporter
) -> tuple[RunMetrics, RunCurves]:
    try:
        metrics, curves = read_evaluation(run, table)
        if metrics.difficult == difficult:
            report.note(f"{run.metrics_path}: up to date, reused")
            return metrics, curves
    except ScoreStoreError as error:
        if run.metrics_path.is_file():
            report.note(f"recomputing metrics: {error}")
    metrics, curves = evaluate(table, difficult, report)
    write_evaluation(run, metrics, curves)
    report.note(f"{run.metrics_path}: written, difficult images counted as {difficult!r}")
    return metrics, curves


def _ensure_figures(
    run: RunFolder, table: ScoreTable, metrics: RunMetrics, curves: RunCurves, report: Reporter
) -> None:
    """Draws the figures unless they show these metrics already."""
    if are_current(run, metrics):
        report.note(f"{run.figures_dir}: up to date, reused")
        return
    _draw(run, table, metrics, curves, report)


def _draw(
    run: RunFolder, table: ScoreTable, metrics: RunMetrics, curves: RunCurves, report: Reporter
) -> None:
    draw_figures(run, table, metrics, curves)
    report.note(f"{run.figures_dir}: {len(list_figures(run))} figures drawn")
