"""Precision, recall and average precision of one class.

`scores` (N,) are floats of one class and `labels` (N,) int8 of 1 present, 0 absent, -1 ignored,
-2 unknown. Ignored and unknown rows, and rows whose score is NaN (an unreadable image), are
excluded everywhere. Equal scores form one group: no threshold separates them, so the order of rows
within it does not matter. Undefined is NaN, never 0.

Functions named `ranked_...` expect the rows in rank order, as a score table has them: the highest
score first, NaN last. The function of the same name without that prefix sorts them first.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any, Literal, Self, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray

from voc_model.data.labels import ABSENT, IGNORED, PRESENT

Definition = Literal["sklearn", "voc2010", "voc2007"]
DEFINITIONS: tuple[Definition, ...] = get_args(Definition)

DifficultConvention = Literal["ignore", "positive", "negative"]

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
# Any float type: copies to float64 of a table of ten million images would not fit into memory.
ScoreArray = NDArray[np.floating[Any]]


@dataclass(frozen=True)
class PrecisionRecallCurve:
    """One point per distinct score, in descending order; M points.

    Attributes:
        threshold: (M,) the scores; a point selects the images with score >= threshold.
        count: (M,) how many images it selects.
        true_positives: (M,) how many of those are present.
        present: how many images are present in total.
    """

    threshold: ScoreArray
    count: IntArray
    true_positives: IntArray
    present: int

    def __len__(self) -> int:
        return len(self.count)

    @property
    def precision(self) -> FloatArray:
        """(M,) true positives / selected images, in [0, 1]."""
        precision: FloatArray = self.true_positives / self.count
        return precision

    @property
    def recall(self) -> FloatArray:
        """(M,) true positives / present images, in [0, 1]; NaN if none is present."""
        recall: FloatArray = self.true_positives / (self.present or np.nan)
        return recall

    def recall_steps(self) -> IntArray:
        """Returns the ascending indices of the points at which recall increases.

        Of points with equal recall the first has the highest precision, so any search for a best
        point needs no other. There are at most as many as present images, which are few.
        """
        found = self.true_positives
        return np.flatnonzero(np.append(found[:1] > 0, found[1:] > found[:-1]))

    def take(self, indices: IntArray) -> Self:
        """Returns the curve of the points with these indices."""
        return replace(
            self,
            threshold=self.threshold[indices],
            count=self.count[indices],
            true_positives=self.true_positives[indices],
        )


def apply_difficult(labels: NDArray[np.int8], convention: DifficultConvention) -> NDArray[np.int8]:
    """Returns `labels` with -1 kept ("ignore") or replaced by 1 ("positive") or 0 ("negative").

    Unknown ones stay unknown under every convention: nobody has said anything about them.
    """
    if convention == "ignore":
        return labels
    return np.where(labels == IGNORED, np.int8(convention == "positive"), labels)


def precision_recall_curve(scores: ArrayLike, labels: ArrayLike) -> PrecisionRecallCurve:
    """Returns precision and recall at every distinct score.

    Raises:
        ValueError: scores and labels differ in length or are not one-dimensional.
    """
    return ranked_precision_recall_curve(*sort_by_score(scores, labels))


def ranked_precision_recall_curve(
    scores: ScoreArray, labels: NDArray[np.int8]
) -> PrecisionRecallCurve:
    """Returns the curve of (N,) rows in rank order."""
    score, label = counted_rows(scores, labels)
    true_positives = np.cumsum(label == PRESENT, dtype=np.int32)  # Row numbers are int32, too.
    # The last row of each group of equal scores: the only rows after which a threshold can lie.
    ends = np.flatnonzero(np.append(score[1:] != score[:-1], len(score) > 0))
    return PrecisionRecallCurve(
        score[ends],
        count=ends + 1,
        true_positives=true_positives[ends].astype(np.int64),
        present=int(true_positives[-1]) if len(score) else 0,
    )


def average_precision(
    scores: ArrayLike, labels: ArrayLike, definition: Definition = "sklearn"
) -> float:
    """Returns the average precision (AP) of one class.

    Args:
        scores: (N,) in any order, NaN for an unreadable image.
        labels: (N,) 1 present, 0 absent, -1 ignored, -2 unknown.
        definition: which AP.
            `sklearn`: sum over thresholds of (recall step) x precision, without interpolation
            (scikit-learn's `average_precision_score`).
            `voc2010`: exact area under the monotone envelope, i.e. the highest precision at each
            recall or above (VOCap of the VOC 2010-2012 development kits).
            `voc2007`: mean of the envelope at the 11 recalls 0, 0.1, ..., 1 (VOC 2007 kit).

    Returns:
        AP in [0, 1]; NaN if no image is present.

    Raises:
        ValueError: scores and labels differ in length or are not one-dimensional.
    """
    return average_precision_of_curve(precision_recall_curve(scores, labels), definition)


def average_precision_of_curve(curve: PrecisionRecallCurve, definition: Definition) -> float:
    """Returns the AP of a curve, or of its recall steps alone; see `average_precision`."""
    if not curve.present:
        return float("nan")
    points = curve.take(curve.recall_steps())
    steps, precision = np.diff(points.recall, prepend=0.0), points.precision
    if definition == "sklearn":
        return float(np.sum(steps * precision))
    envelope = np.maximum.accumulate(precision[::-1])[::-1]
    if definition == "voc2010":
        return float(np.sum(steps * envelope))
    # Ten times the recall against 0..10: 0.3 has no exact binary form, 3 has.
    tenths = 10.0 * points.true_positives / curve.present
    first = np.searchsorted(tenths, np.arange(11), side="left")
    return float(np.mean(envelope[first]))


def mean_average_precision(average_precisions: Iterable[float]) -> tuple[float, int]:
    """Returns mAP, the mean of the APs that are defined, and how many those are.

    mAP is NaN if no AP is defined.
    """
    values = np.array([value for value in average_precisions if not np.isnan(value)])
    return (float(values.mean()) if values.size else float("nan")), int(values.size)


def threshold_below(scores: ArrayLike) -> FloatArray:
    """Returns the thresholds t for which "score > t" selects the same rows as "score >= s".

    That is the float32 number next below s, float32 being the type of the stored scores. Unlike a
    midpoint between two scores it depends on s alone, so it is right for every row, including
    difficult ones whose score lies between two counted scores. Rounding it to fewer than 17
    significant digits may change what it selects.

    Args:
        scores: s, float32 values of any shape, in [0, 1].

    Returns:
        The same shape, in [-1.4e-45, 1): below 0 for a score of 0. NaN for NaN.
    """
    below = np.nextafter(np.asarray(scores, np.float32), np.float32(-np.inf))
    return np.asarray(below, np.float64)


def count_above(scores: ScoreArray, thresholds: ArrayLike) -> IntArray:
    """Returns (T,) how many scores lie above each threshold, by bisection.

    Args:
        scores: (N,) in descending order, without NaN.
        thresholds: (T,) in any order.
    """
    # Bisection would copy the scores to a wider type. The threshold rounded down to their own type
    # has the same scores above it.
    narrow = round_down(thresholds, scores.dtype)
    return scores.size - np.searchsorted(scores[::-1], narrow, side="right")


def round_down(values: ArrayLike, dtype: np.dtype[np.floating[Any]]) -> ScoreArray:
    """Returns the greatest numbers of a float type that are not above the values, of any shape."""
    exact = np.asarray(values, np.float64)
    nearest = exact.astype(dtype)
    below = np.nextafter(nearest, -np.inf, dtype=dtype)
    rounded: ScoreArray = np.where(nearest > exact, below, nearest)
    return rounded


def sort_by_score(scores: ArrayLike, labels: ArrayLike) -> tuple[ScoreArray, NDArray[np.int8]]:
    """Returns the rows in descending order of score, NaN last; equal scores in any order.

    Raises:
        ValueError: scores and labels differ in length or are not one-dimensional.
    """
    score, label = np.asarray(scores), np.asarray(labels, np.int8)
    if score.dtype != np.float32:
        score = score.astype(np.float64)
    if score.ndim != 1 or score.shape != label.shape:
        raise ValueError(f"expected two (N,) arrays, found shapes {score.shape} and {label.shape}")
    order = np.argsort(-score)
    return score[order], label[order]


def counted_rows(
    scores: ScoreArray, labels: NDArray[np.int8]
) -> tuple[ScoreArray, NDArray[np.int8]]:
    """Returns the rows that count: labelled 0 or 1, with a score."""
    counted = (labels >= ABSENT) & ~np.isnan(scores)
    return scores[counted], labels[counted]
