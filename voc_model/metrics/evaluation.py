"""Everything about a score table that costs more than a page: computed once, kept in the run.

metrics.json holds the numbers, curves.npz (see curves) the curves.
"""

from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, BeforeValidator, ValidationError

from voc_model.errors import ScoreStoreError
from voc_model.files import write_text_atomically
from voc_model.metrics.calibration import expected_calibration_error, ranked_reliability_diagram
from voc_model.metrics.curves import RECALLS, RunCurves, block_size, class_curves, pad_rows
from voc_model.metrics.operating_points import BestF1, best_f1_point
from voc_model.metrics.precision_recall import (
    DEFINITIONS,
    Definition,
    DifficultConvention,
    FloatArray,
    PrecisionRecallCurve,
    apply_difficult,
    average_precision_of_curve,
    counted_rows,
    mean_average_precision,
    ranked_precision_recall_curve,
    tail_accuracy_of_curve,
    tail_thresholds,
)
from voc_model.progress import Progress, finish
from voc_model.store.npz import forget_pages, write_npz
from voc_model.store.runs import RunFolder
from voc_model.store.scores import ScoreTable

TAIL_POINTS = 20
_REMEDY = "Make it again with scripts/precompute_scores.py --root-dir DIR."

# JSON knows no NaN: undefined is null there.
MaybeNan = Annotated[float, BeforeValidator(lambda value: np.nan if value is None else value)]


class ClassMetrics(BaseModel):
    """One class's numbers; `ignored` and `unreadable` rows count in none of the others.

    Attributes:
        expected_calibration_error: see calibration; NaN where no image counts.
        best_f1: where F1 is highest; None where no image is present.
    """

    name: str
    present: int
    absent: int
    ignored: int
    unreadable: int
    highest_score: MaybeNan
    average_precision: dict[Definition, MaybeNan]
    expected_calibration_error: MaybeNan
    best_f1: BestF1 | None


class MeanTail(BaseModel):
    """Tail accuracy averaged over the classes that have an image above the threshold."""

    threshold: list[float]
    accuracy: list[MaybeNan]
    classes_defined: list[int]
    mean_count: list[float]


class RunMetrics(BaseModel):
    """The numbers of a run, with what they were computed on."""

    split: str
    images: int
    difficult: DifficultConvention
    scores_created: str
    mean_average_precision: dict[Definition, MaybeNan]
    classes_defined: int
    mean_tail: MeanTail
    classes: list[ClassMetrics]

    @classmethod
    def read(cls, path: Path) -> "RunMetrics":
        """Reads metrics.json.

        Raises:
            ScoreStoreError: the file is missing or damaged.
        """
        try:
            return cls.model_validate_json(path.read_bytes())
        except FileNotFoundError:
            raise ScoreStoreError(f"{path}: not found. {_REMEDY}") from None
        except (ValidationError, OSError) as error:
            raise ScoreStoreError(f"{path}: damaged ({error}). {_REMEDY}") from error


class _Convention(BaseModel):
    """What of metrics.json or of the training settings says how difficult objects count."""

    difficult: DifficultConvention


def evaluate(
    table: ScoreTable, difficult: DifficultConvention = "ignore"
) -> tuple[RunMetrics, RunCurves]:
    """Computes every metric of a score table, exactly; only the curves are thinned for drawing."""
    return finish(evaluation_steps(table, difficult))


def evaluation_steps(
    table: ScoreTable, difficult: DifficultConvention = "ignore"
) -> Generator[Progress, None, tuple[RunMetrics, RunCurves]]:
    """Does what `evaluate` does, class by class; no more than one's whole curve is in memory."""
    images, every_class = len(table.image_ids), range(len(table.classes))
    grid = tail_thresholds(
        [_highest_score(table, index, difficult) for index in every_class], TAIL_POINTS
    )
    parts = []
    for index, (scores, labels) in zip(every_class, table.columns(), strict=True):
        rows = table.ranking[index]
        ranked_labels = apply_difficult(labels[rows], difficult)
        parts.append(_evaluate_class(table.classes[index], scores[rows], ranked_labels, grid))
        forget_pages(table.ranking)
        yield Progress("metrics", images * (index + 1) // len(every_class), images)
    classes = [numbers for numbers, _ in parts]
    members = {name: pad_rows(rows[name] for _, rows in parts) for name in parts[0][1]}
    members["mean_precision"] = _mean_of_defined(members["mean_precision"])[np.newaxis]
    curves = RunCurves(**members, mean_recall=RECALLS[np.newaxis])
    mean_precision = {
        definition: mean_average_precision(item.average_precision[definition] for item in classes)
        for definition in DEFINITIONS
    }
    shared = slice(len(grid))
    metrics = RunMetrics(
        split=table.manifest.split,
        images=images,
        difficult=difficult,
        scores_created=table.manifest.created,
        mean_average_precision={name: value for name, (value, _) in mean_precision.items()},
        classes_defined=mean_precision["sklearn"][1],
        mean_tail=_mean_tail(grid, curves.tail_accuracy[:, shared], curves.tail_count[:, shared]),
        classes=classes,
    )
    return metrics, curves


@dataclass(frozen=True)
class TruthCounts:
    """How many images down to a rank are present, absent, left out (difficult) and unreadable."""

    present: int
    absent: int
    ignored: int
    unreadable: int = 0

    @property
    def accuracy(self) -> float:
        """The fraction that is present, of those that count: tail accuracy, or precision."""
        counted = self.present + self.absent
        return self.present / counted if counted else float("nan")


def truth_above(
    table: ScoreTable, metrics: RunMetrics, curves: RunCurves, class_index: int, rank: int
) -> TruthCounts:
    """Counts the truth of ranks 1 to `rank` of a class, reading at most half a block of rows."""
    images = len(table.image_ids)
    # The unreadable ones stand at the end, and the counts before an edge leave them out.
    last = min(rank, images - metrics.classes[class_index].unreadable)
    edge = (last + block_size(images) // 2) // block_size(images)
    place = min(edge * block_size(images), images - metrics.classes[class_index].unreadable)
    rows = table.ranking[class_index, min(place, last) : max(place, last)]
    labels = apply_difficult(table.labels[rows, class_index], metrics.difficult)
    sign = 1 if place < last else -1
    present, absent, ignored = (
        int(before[class_index, edge]) + sign * int(np.count_nonzero(labels == label))
        for before, label in (
            (curves.present_before, 1),
            (curves.absent_before, 0),
            (curves.ignored_before, -1),
        )
    )
    return TruthCounts(present, absent, ignored, rank - last)


def write_evaluation(run: RunFolder, metrics: RunMetrics, curves: RunCurves) -> None:
    """Writes metrics.json and curves.npz, each whole; metrics.json last: it says all is there."""
    write_npz(run.curves_path, vars(curves))
    write_text_atomically(run.metrics_path, metrics.model_dump_json(indent=1))


def read_evaluation(run: RunFolder, table: ScoreTable) -> tuple[RunMetrics, RunCurves]:
    """Reads what was written of this table.

    Raises:
        ScoreStoreError: a file is missing, damaged, an older version's or of other scores.
    """
    metrics = RunMetrics.read(run.metrics_path)
    names = tuple(item.name for item in metrics.classes)
    found = (metrics.scores_created, metrics.images, names)
    if found != (table.manifest.created, len(table.image_ids), table.classes):
        raise ScoreStoreError(f"{run.metrics_path}: made of other scores. {_REMEDY}")
    curves = RunCurves.open(run.curves_path)
    misfit = curves.find_misfit(metrics.images, len(names))
    if misfit:
        raise ScoreStoreError(f"{run.curves_path}: {misfit}. {_REMEDY}")
    return metrics, curves


def find_convention(run: RunFolder, table: ScoreTable) -> DifficultConvention:
    """Returns how difficult objects are to count where the metrics are made anew.

    As in the metrics.json that is there, be it an older version's; else as in the settings that the
    model was trained with; else they are left out.
    """
    try:
        return _Convention.model_validate_json(run.metrics_path.read_bytes()).difficult
    except (ValidationError, OSError):
        pass
    try:
        return _Convention.model_validate(table.manifest.settings).difficult
    except ValidationError:
        return "ignore"


def _evaluate_class(
    name: str, scores: NDArray[np.float32], labels: NDArray[np.int8], grid: FloatArray
) -> tuple[ClassMetrics, dict[str, NDArray[Any]]]:
    """Returns a class's numbers, and its rows of RunCurves by member.

    Args:
        scores, labels: (N,) in rank order.
        grid: the thresholds of tail accuracy that all classes share.
    """
    unreadable = int(np.count_nonzero(np.isnan(scores)))
    readable = labels[: len(labels) - unreadable]  # Unreadable rows come last in a ranking.
    curve = ranked_precision_recall_curve(scores, labels)
    rises = curve.take(curve.rises())
    reliability = ranked_reliability_diagram(scores, labels)
    present, absent, ignored = (int(np.count_nonzero(readable == truth)) for truth in (1, 0, -1))
    metrics = ClassMetrics(
        name=name,
        present=present,
        absent=absent,
        ignored=ignored,
        unreadable=unreadable,
        highest_score=float(curve.threshold[0]) if len(curve) else np.nan,
        average_precision={
            definition: average_precision_of_curve(rises, definition) for definition in DEFINITIONS
        },
        expected_calibration_error=expected_calibration_error(reliability),
        best_f1=best_f1_point(rises),
    )
    return metrics, {
        "mean_precision": _greatest_precision(rises),
        **_class_tail(curve, grid),
        **class_curves(scores, labels, curve, reliability),
    }


def _highest_score(table: ScoreTable, index: int, difficult: DifficultConvention) -> float:
    """Returns the highest counted score of a class, NaN without any."""
    start, size = 0, 16  # It is one of the first: the table is not read for it.
    while start < len(table.image_ids):
        rows = table.ranking[index, start : start + size]
        labels = apply_difficult(table.labels[rows, index], difficult)
        scores, _ = counted_rows(table.scores[rows, index], labels)
        forget_pages(table.scores)
        forget_pages(table.labels)
        if len(scores):
            return float(scores[0])
        start, size = start + size, 2 * size
    return float("nan")


def _greatest_precision(curve: PrecisionRecallCurve) -> FloatArray:
    """Returns (101,): the greatest precision at each of RECALLS or above; NaN if undefined."""
    if not curve.present:
        return np.full(len(RECALLS), np.nan)
    envelope = np.maximum.accumulate(curve.precision[::-1])[::-1]
    # Just below the recall, which 1/3 and the like only reach up to rounding.
    return envelope[np.searchsorted(curve.recall, RECALLS - 1e-9)]


def _mean_tail(grid: FloatArray, accuracy: FloatArray, count: FloatArray) -> MeanTail:
    """Averages (C, T) accuracies and counts over the classes."""
    return MeanTail(
        threshold=grid.tolist(),
        accuracy=_mean_of_defined(accuracy).tolist(),
        classes_defined=(~np.isnan(accuracy)).sum(axis=0).tolist(),
        mean_count=count.mean(axis=0).tolist(),
    )


def _mean_of_defined(values: FloatArray) -> FloatArray:
    """Returns (T,) from (C, T): the mean over the classes that are defined, NaN if none is."""
    defined = (~np.isnan(values)).sum(axis=0)
    mean: FloatArray = np.nansum(values, axis=0) / np.where(defined, defined, np.nan)
    return mean


def _class_tail(curve: PrecisionRecallCurve, grid: FloatArray) -> dict[str, NDArray[Any]]:
    """Returns the rows of tail accuracy: on the shared grid, then on to the own highest score."""
    own = tail_thresholds(curve.threshold[:1])
    thresholds = grid
    if own[-1] > grid[-1]:
        thresholds = np.append(grid, np.linspace(grid[-1], own[-1], TAIL_POINTS + 1)[1:])
    accuracy, count = tail_accuracy_of_curve(curve, thresholds)
    return {"tail_threshold": thresholds, "tail_accuracy": accuracy, "tail_count": count}
