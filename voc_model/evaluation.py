"""Everything about a score table that costs more than a page: computed once, kept in the run.

metrics.json holds the numbers, curves.npz (memory-mapped, see mapped_npz) the curves.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, BeforeValidator, ValidationError

from voc_model.errors import ScoreStoreError
from voc_model.files import write_text_atomically
from voc_model.mapped_npz import map_npz, write_npz
from voc_model.metrics import (
    DEFINITIONS,
    Definition,
    DifficultConvention,
    PrecisionRecallCurve,
    apply_difficult,
    average_precision_of_curve,
    mean_average_precision,
    precision_recall_curve,
    tail_accuracy,
    tail_thresholds,
)
from voc_model.runs import RunFolder
from voc_model.score_store import ScoreTable

CURVE_POINTS = 200
RANK_BLOCK = 1024
_RECALLS = np.arange(101) / 100
TAIL_POINTS = 20
_REMEDY = "Make it again with scripts/precompute_scores.py --root-dir DIR."

# JSON knows no NaN: undefined is null there.
MaybeNan = Annotated[float, BeforeValidator(lambda value: np.nan if value is None else value)]


class ClassMetrics(BaseModel):
    """One class's numbers; `ignored` and `unreadable` rows count in none of the others."""

    name: str
    present: int
    absent: int
    ignored: int
    unreadable: int
    highest_score: MaybeNan
    average_precision: dict[Definition, MaybeNan]


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


@dataclass(frozen=True, eq=False)
class RunCurves:
    """Curves of every class, thinned to at most CURVE_POINTS; (C, P) arrays padded with NaN.

    Attributes:
        rank: how many images score at least `threshold` (difficult ones not counted).
        threshold, precision, recall: of the precision-recall curve, see metrics.
        tail_threshold, tail_accuracy, tail_count: (C, 2 * TAIL_POINTS); the first columns are the
            grid that all classes share, the rest goes on to the class's own highest score.
        mean_recall, mean_precision: (1, 101) recalls 0, 0.01, ..., 1 and the mean over the defined
            classes of the greatest precision at that recall or above.
        present_before, absent_before: (C, B + 1) counts before every RANK_BLOCK-th place of the
            ranking; `truth_above` counts down to any rank from them, with no pass over the images.
    """

    rank: NDArray[np.float64]
    threshold: NDArray[np.float64]
    precision: NDArray[np.float64]
    recall: NDArray[np.float64]
    tail_threshold: NDArray[np.float64]
    tail_accuracy: NDArray[np.float64]
    tail_count: NDArray[np.float64]
    mean_recall: NDArray[np.float64]
    mean_precision: NDArray[np.float64]
    present_before: NDArray[np.float64]
    absent_before: NDArray[np.float64]

    @classmethod
    def open(cls, path: Path) -> "RunCurves":
        """Opens curves.npz by memory map.

        Raises:
            ScoreStoreError: the file is missing or damaged.
        """
        if not path.is_file():
            raise ScoreStoreError(f"{path}: not found. {_REMEDY}")
        try:
            return cls(**map_npz(path))
        except (ValueError, TypeError, OSError) as error:
            raise ScoreStoreError(f"{path}: damaged ({error}). {_REMEDY}") from error


def evaluate(
    table: ScoreTable, difficult: DifficultConvention = "ignore"
) -> tuple[RunMetrics, RunCurves]:
    """Computes every metric of a score table, exactly; only the curves are thinned for drawing."""
    classes, pr_curves = [], []
    every_class = range(len(table.classes))
    for index in every_class:
        numbers, curve = _evaluate_class(table, index, difficult)
        classes.append(numbers)
        pr_curves.append(curve)
    grid = tail_thresholds([item.highest_score for item in classes], TAIL_POINTS)
    tails = [_class_tail(table, index, difficult, grid) for index in every_class]
    tail_threshold, tail_values, tail_count = (_pad(part) for part in zip(*tails, strict=True))
    width = len(grid)
    shared, counts = tail_values[:, :width], tail_count[:, :width]
    defined = (~np.isnan(shared)).sum(axis=0)
    with np.errstate(invalid="ignore"):
        mean_accuracy = np.nansum(shared, axis=0) / np.where(defined, defined, np.nan)
    mean_precision = {
        definition: mean_average_precision(item.average_precision[definition] for item in classes)
        for definition in DEFINITIONS
    }
    metrics = RunMetrics(
        split=table.manifest.split,
        images=len(table.image_ids),
        difficult=difficult,
        scores_created=table.manifest.created,
        mean_average_precision={name: value for name, (value, _) in mean_precision.items()},
        classes_defined=mean_precision["sklearn"][1],
        mean_tail=MeanTail(
            threshold=grid.tolist(),
            accuracy=mean_accuracy.tolist(),
            classes_defined=defined.tolist(),
            mean_count=counts.mean(axis=0).tolist(),
        ),
        classes=classes,
    )
    points = [(curve, _thin(len(curve.count))) for curve in pr_curves]
    curves = RunCurves(
        rank=_pad(curve.count[rows] for curve, rows in points),
        threshold=_pad(curve.threshold[rows] for curve, rows in points),
        precision=_pad(curve.precision[rows] for curve, rows in points),
        recall=_pad(curve.recall[rows] for curve, rows in points),
        tail_threshold=tail_threshold,
        tail_accuracy=tail_values,
        tail_count=tail_count,
        mean_recall=_RECALLS[np.newaxis],
        mean_precision=_mean_precision(pr_curves)[np.newaxis],
        present_before=_pad(_counts_before(table, index, difficult, 1) for index in every_class),
        absent_before=_pad(_counts_before(table, index, difficult, 0) for index in every_class),
    )
    return metrics, curves


@dataclass(frozen=True)
class TruthCounts:
    """How many images down to a rank are present, absent and left out (difficult)."""

    present: int
    absent: int
    ignored: int

    @property
    def accuracy(self) -> float:
        """The fraction that is present, of those that count: tail accuracy, or precision."""
        counted = self.present + self.absent
        return self.present / counted if counted else float("nan")


def truth_above(
    table: ScoreTable, metrics: RunMetrics, curves: RunCurves, class_index: int, rank: int
) -> TruthCounts:
    """Counts the truth of ranks 1 to `rank` of a class, reading at most RANK_BLOCK rows."""
    block = rank // RANK_BLOCK
    rows = table.ranking[class_index, block * RANK_BLOCK : rank]
    labels = apply_difficult(table.labels[rows, class_index], metrics.difficult)
    present = int(curves.present_before[class_index, block]) + int((labels == 1).sum())
    absent = int(curves.absent_before[class_index, block]) + int((labels == 0).sum())
    return TruthCounts(present, absent, rank - present - absent)


def write_evaluation(run: RunFolder, metrics: RunMetrics, curves: RunCurves) -> None:
    """Writes metrics.json and curves.npz, each whole; metrics.json last: it says all is there."""
    write_npz(run.curves_path, vars(curves))
    write_text_atomically(run.metrics_path, metrics.model_dump_json(indent=1))


def _evaluate_class(
    table: ScoreTable, index: int, difficult: DifficultConvention
) -> tuple[ClassMetrics, PrecisionRecallCurve]:
    scores, labels = _ranked(table, index, difficult)
    unreadable = int(np.isnan(scores).sum())
    curve = precision_recall_curve(scores, labels)
    readable = labels[: len(labels) - unreadable]  # Unreadable rows come last in a ranking.
    metrics = ClassMetrics(
        name=table.classes[index],
        present=int((readable == 1).sum()),
        absent=int((readable == 0).sum()),
        ignored=int((readable == -1).sum()),
        unreadable=unreadable,
        highest_score=float(curve.threshold[0]) if len(curve.threshold) else np.nan,
        average_precision={
            definition: average_precision_of_curve(curve, definition) for definition in DEFINITIONS
        },
    )
    return metrics, curve


def _mean_precision(curves: Iterable[PrecisionRecallCurve]) -> NDArray[np.float64]:
    """Returns (101,): the mean over the defined classes, see RunCurves."""
    rows = []
    for curve in curves:
        if curve.recall.size and not np.isnan(curve.recall[0]):
            envelope = np.maximum.accumulate(curve.precision[::-1])[::-1]
            # Just below the recall, which 1/3 and the like only reach up to rounding.
            rows.append(envelope[np.searchsorted(curve.recall, _RECALLS - 1e-9)])
    return np.mean(rows, axis=0) if rows else np.full(len(_RECALLS), np.nan)


def _class_tail(
    table: ScoreTable, index: int, difficult: DifficultConvention, grid: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Returns (thresholds, accuracy, count): the shared grid, then on to the own highest score."""
    scores, labels = _ranked(table, index, difficult)
    own = tail_thresholds([np.nanmax(scores[labels >= 0], initial=0.0)], TAIL_POINTS)
    thresholds = grid
    if own[-1] > grid[-1]:
        thresholds = np.append(grid, np.linspace(grid[-1], own[-1], TAIL_POINTS + 1)[1:])
    accuracy, count = tail_accuracy(scores, labels, thresholds)
    return thresholds, accuracy, count.astype(np.float64)


def _counts_before(
    table: ScoreTable, index: int, difficult: DifficultConvention, label: int
) -> NDArray[np.int64]:
    """Returns (B + 1,): how many ranks before each block have this label."""
    _, labels = _ranked(table, index, difficult)
    blocks = np.add.reduceat(labels == label, np.arange(0, len(labels), RANK_BLOCK), dtype=np.int64)
    return np.append(0, np.cumsum(blocks))


def _ranked(
    table: ScoreTable, index: int, difficult: DifficultConvention
) -> tuple[NDArray[np.float32], NDArray[np.int8]]:
    """Returns (N,) scores and labels of a class in rank order."""
    rows = table.ranking[index]
    return table.scores[rows, index], apply_difficult(table.labels[rows, index], difficult)


def _thin(length: int) -> NDArray[np.int64]:
    """Returns at most CURVE_POINTS of 0..length-1, dense at the top of the ranking, ends kept."""
    if length <= CURVE_POINTS:
        return np.arange(length)
    half = CURVE_POINTS // 2
    top = np.geomspace(1, length, half) - 1
    return np.unique(np.append(top, np.linspace(0, length - 1, half)).astype(np.int64))


def _pad(rows: Iterable[NDArray[Any]]) -> NDArray[np.float64]:
    """Returns the rows as one (C, longest) array, filled up with NaN."""
    rows = list(rows)
    padded = np.full((len(rows), max(map(len, rows))), np.nan)
    for index, row in enumerate(rows):
        padded[index, : len(row)] = row
    return padded
