"""Score table -> its metrics and curves: all that is too slow for a page, computed once per run.

They are kept as metrics.json (see `run_metrics`) and curves.npz (see `curves`).
"""

from collections.abc import Sequence
from hashlib import sha256
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ValidationError

from voc_model.data.labels import ABSENT, IGNORED, PRESENT, UNKNOWN
from voc_model.errors import SCORE_AGAIN, ScoreStoreError
from voc_model.files import read_regular
from voc_model.metrics.calibration import expected_calibration_error, ranked_reliability_diagram
from voc_model.metrics.class_curves import class_curves, interpolated_precision
from voc_model.metrics.curves import RECALLS, RunCurves
from voc_model.metrics.mistakes import ShownInstead, find_mistakes, shown_instead
from voc_model.metrics.operating_points import best_f1_point
from voc_model.metrics.precision_recall import (
    DEFINITIONS,
    DifficultConvention,
    FloatArray,
    apply_difficult,
    average_precision_of_curve,
    mean_average_precision,
    ranked_precision_recall_curve,
)
from voc_model.metrics.run_metrics import MAX_BYTES, ClassMetrics, MeanTail, RunMetrics
from voc_model.metrics.tail_accuracy import TAIL_GRIDS, TailGrid
from voc_model.progress import SILENT, Reporter
from voc_model.store.runs import RunFolder
from voc_model.store.scores import ScoreTable

# How metrics and curves are computed; a new method recomputes them.
_METHOD = 5


class _Convention(BaseModel):
    """What metrics.json and the training settings say of how difficult objects count."""

    difficult: DifficultConvention


def evaluate(
    table: ScoreTable, difficult: DifficultConvention = "ignore", report: Reporter = SILENT
) -> tuple[RunMetrics, RunCurves]:
    """Computes every metric of a score table exactly; only the curves are thinned for drawing.

    Classes are evaluated one by one: no more than one whole curve is in memory.

    Args:
        table: the scores and labels.
        difficult: how labels of difficult objects count.
        report: receives the progress, in classes.
    """
    count = len(table.classes)
    columns = zip(table.columns(), shown_instead(table, difficult), strict=True)
    classes, rows = [], []
    for index, ((scores, labels), shown) in enumerate(
        report.track(columns, "metrics", count, unit="classes")
    ):
        order = np.asarray(table.ranking[index])
        ranked_labels = apply_difficult(labels[order], difficult)
        metrics, members = _evaluate_class(
            table.classes, index, scores[order], ranked_labels, shown
        )
        classes.append(metrics)
        rows.append(members)
    curves = _stack_curves(rows)
    return _summarize(table, difficult, classes, curves), curves


def identify_evaluation(table: ScoreTable, difficult: DifficultConvention) -> str:
    """Returns a hash of all that metrics and curves depend on: the scores, and how they count.

    metrics.json and curves.npz both hold it, so that neither is taken for that of other scores.
    """
    return sha256(f"{_METHOD} {table.digest} {difficult}".encode()).hexdigest()[:32]


def write_evaluation(run: RunFolder, metrics: RunMetrics, curves: RunCurves) -> None:
    """Writes curves.npz and metrics.json, each whole or not at all.

    metrics.json comes last: once it is there, so are the curves.
    """
    curves.write(run.curves_path, metrics.identity)
    metrics.write(run.metrics_path)


def read_evaluation(run: RunFolder, table: ScoreTable) -> tuple[RunMetrics, RunCurves]:
    """Reads the evaluation of this table.

    Raises:
        ScoreStoreError: a file is missing, damaged, written by another version or of other scores.
    """
    metrics = RunMetrics.read(run.metrics_path)
    names = tuple(item.name for item in metrics.classes)
    found = (metrics.identity, metrics.images, names)
    expected = identify_evaluation(table, metrics.difficult)
    if found != (expected, len(table.image_ids), table.classes):
        raise ScoreStoreError(f"{run.metrics_path}: computed from other scores. {SCORE_AGAIN}")
    curves = RunCurves.read(run.curves_path, expected)
    try:
        curves.check_layout(metrics.images, len(names))
    except ValueError as error:
        raise ScoreStoreError(f"{run.curves_path}: {error}. {SCORE_AGAIN}") from error
    return metrics, curves


def find_convention(run: RunFolder, table: ScoreTable) -> DifficultConvention:
    """Returns how difficult objects are to count when metrics have to be recomputed.

    As in the existing metrics.json, even one of another version; else as in the model's training
    settings; else they are ignored.
    """
    try:
        content = read_regular(run.metrics_path, MAX_BYTES)
        return _Convention.model_validate_json(content).difficult
    except (ValidationError, OSError):
        pass
    try:
        return _Convention.model_validate(table.manifest.settings).difficult
    except ValidationError:
        return "ignore"


def _evaluate_class(
    names: tuple[str, ...],
    index: int,
    scores: NDArray[np.float32],
    labels: NDArray[np.int8],
    shown: ShownInstead,
) -> tuple[ClassMetrics, dict[str, NDArray[Any]]]:
    """Returns a class's metrics, and its rows of RunCurves by member.

    Args:
        names: all classes.
        index: the class.
        scores, labels: (N,) in rank order.
        shown: what its false positives show.
    """
    unreadable = int(np.count_nonzero(np.isnan(scores)))
    readable = labels[: len(labels) - unreadable]  # Unreadable rows are the last of a ranking.
    present, absent, ignored, unknown = (
        int(np.count_nonzero(readable == label)) for label in (PRESENT, ABSENT, IGNORED, UNKNOWN)
    )
    largest_tie, tied_score = _largest_tie(scores[: len(readable)])
    curve = ranked_precision_recall_curve(scores, labels)
    steps = curve.take(curve.recall_steps())
    reliability = ranked_reliability_diagram(scores, labels)
    mistakes = find_mistakes(scores[: len(readable)], readable, shown, names)
    wrong, counted = mistakes.false_positives + mistakes.false_negatives, present + absent
    metrics = ClassMetrics(
        name=names[index],
        present=present,
        absent=absent,
        ignored=ignored,
        unknown=unknown,
        unreadable=unreadable,
        largest_tie=largest_tie,
        tied_score=tied_score,
        highest_score=float(curve.threshold[0]) if len(curve) else np.nan,
        average_precision={
            definition: average_precision_of_curve(steps, definition) for definition in DEFINITIONS
        },
        accuracy=(counted - wrong) / counted if counted else np.nan,
        baseline_accuracy=absent / counted if counted else np.nan,
        expected_calibration_error=expected_calibration_error(reliability),
        best_f1=best_f1_point(steps),
        mistakes=mistakes,
    )
    return metrics, {
        "mean_precision": interpolated_precision(steps),
        **class_curves(scores, labels, curve, reliability),
    }


def _largest_tie(ranked: NDArray[np.float32]) -> tuple[int, float]:
    """Returns how many of (N,) descending scores share the most frequent one, and that one."""
    if not len(ranked):
        return 0, np.nan
    starts = np.flatnonzero(np.concatenate([[True], ranked[1:] != ranked[:-1]]))
    sizes = np.diff(starts, append=len(ranked))
    largest = int(np.argmax(sizes))
    return int(sizes[largest]), float(ranked[starts[largest]])


def _stack_curves(rows: Sequence[dict[str, NDArray[Any]]]) -> RunCurves:
    """Returns the curves of all classes, from each one's row of every member."""
    members = {name: _pad_rows([row[name] for row in rows]) for name in rows[0]}
    members["mean_precision"] = _mean_of_defined(members["mean_precision"])[np.newaxis]
    return RunCurves(**members, mean_recall=RECALLS[np.newaxis])


def _pad_rows(rows: Sequence[NDArray[Any]]) -> FloatArray:
    """Returns the rows as one (C, longest) array, padded with NaN."""
    padded = np.full((len(rows), max(map(len, rows))), np.nan)
    for index, row in enumerate(rows):
        padded[index, : len(row)] = row
    return padded


def _summarize(
    table: ScoreTable,
    difficult: DifficultConvention,
    classes: list[ClassMetrics],
    curves: RunCurves,
) -> RunMetrics:
    """Returns the metrics of all classes, with their means."""
    means = {
        definition: mean_average_precision(item.average_precision[definition] for item in classes)
        for definition in DEFINITIONS
    }
    accuracies = np.array([(item.accuracy, item.baseline_accuracy) for item in classes])
    mean_accuracy, mean_baseline_accuracy = _mean_of_defined(accuracies).tolist()
    return RunMetrics(
        split=table.manifest.split,
        images=len(table.image_ids),
        difficult=difficult,
        identity=identify_evaluation(table, difficult),
        mean_average_precision={name: mean for name, (mean, _) in means.items()},
        classes_defined=means["sklearn"][1],
        mean_accuracy=mean_accuracy,
        mean_baseline_accuracy=mean_baseline_accuracy,
        accuracy_classes_defined=int(np.count_nonzero(~np.isnan(accuracies[:, 0]))),
        mean_tail=_mean_tails(classes, curves),
        classes=classes,
    )


def _mean_tails(classes: list[ClassMetrics], curves: RunCurves) -> dict[TailGrid, MeanTail]:
    """Returns mean tail accuracy by grid."""
    images = np.array([[item.present + item.absent] for item in classes])  # (C, 1)
    tails: dict[TailGrid, tuple[FloatArray, FloatArray]] = {
        "threshold": (curves.shared_accuracy, curves.shared_count),
        "highest": (curves.tail_accuracy, curves.tail_count),
        "percentile": (curves.percentile_accuracy, curves.percentile_count),
    }
    means: dict[TailGrid, MeanTail] = {}
    for grid, (accuracy, every_count) in tails.items():
        count = np.where(every_count > 0, every_count, np.nan)
        means[grid] = MeanTail(
            at=TAIL_GRIDS[grid].tolist(),
            accuracy=_mean_of_defined(accuracy).tolist(),
            classes_defined=np.count_nonzero(every_count, axis=0).tolist(),
            mean_count=_mean_of_defined(count).tolist(),
            mean_fraction=_mean_of_defined(count / np.maximum(images, 1)).tolist(),
        )
    return means


def _mean_of_defined(values: FloatArray) -> FloatArray:
    """Returns (T,) from (C, T): the mean over the classes that are defined; NaN if none is."""
    defined = (~np.isnan(values)).sum(axis=0)
    mean: FloatArray = np.nansum(values, axis=0) / np.where(defined, defined, np.nan)
    return mean
