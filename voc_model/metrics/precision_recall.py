"""What a ranking is worth: average precision, precision and recall, tail accuracy.

Every function takes one class: `scores` (N,) floats in any order and `labels` (N,) int8 of 1
present, 0 absent, -1 ignored. Ignored rows and rows whose score is NaN (an image that could not be
read) count nowhere. Images with equal scores form one group: no threshold parts them, so the order
of rows changes nothing. Undefined is NaN, never 0.

A score table has its rows in rank order already. What it takes them in that order for is named
`ranked_...`, and sorts nothing; the function of the same name without that sorts first.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any, Literal, Self, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray

Definition = Literal["sklearn", "voc2010", "voc2007"]
DEFINITIONS: tuple[Definition, ...] = get_args(Definition)

DifficultConvention = Literal["ignore", "positive", "negative"]

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]


# float32 stays what it is: a table of ten million images has no room for copies.
ScoreArray = NDArray[np.floating[Any]]


@dataclass(frozen=True)
class PrecisionRecallCurve:
    """One point a distinct score, from the highest down; M points.

    Attributes:
        threshold: (M,) scores; a point counts the images with score >= threshold.
        count: (M,) how many images those are.
        true_positives: (M,) how many of them are present.
        present: how many images are present in all.
    """

    threshold: ScoreArray
    count: IntArray
    true_positives: IntArray
    present: int

    def __len__(self) -> int:
        return len(self.count)

    @property
    def precision(self) -> FloatArray:
        """(M,) the fraction of a point's images that are present, in [0, 1]."""
        precision: FloatArray = self.true_positives / self.count
        return precision

    @property
    def recall(self) -> FloatArray:
        """(M,) the fraction of the present images that a point counts; NaN if none is present."""
        recall: FloatArray = self.true_positives / (self.present or np.nan)
        return recall

    def recall_steps(self) -> IntArray:
        """Returns the indices of the points at which recall grows, in ascending order.

        Of points with equal recall the first is the most precise, so nothing that asks for the best
        needs another. They are no more than the present images, which are few.
        """
        found = self.true_positives
        return np.flatnonzero(np.append(found[:1] > 0, found[1:] > found[:-1]))

    def take(self, indices: IntArray) -> Self:
        """Returns some of the points."""
        return replace(
            self,
            threshold=self.threshold[indices],
            count=self.count[indices],
            true_positives=self.true_positives[indices],
        )


def apply_difficult(labels: NDArray[np.int8], convention: DifficultConvention) -> NDArray[np.int8]:
    """Returns `labels` with -1 kept ("ignore"), or taken for 1 ("positive") or 0 ("negative")."""
    if convention == "ignore":
        return labels
    return np.where(labels == -1, np.int8(convention == "positive"), labels)


def precision_recall_curve(scores: ArrayLike, labels: ArrayLike) -> PrecisionRecallCurve:
    """Returns precision and recall at every distinct score.

    Raises:
        ValueError: scores and labels differ in length or are not one-dimensional.
    """
    return ranked_precision_recall_curve(*sort_by_score(scores, labels))


def ranked_precision_recall_curve(
    scores: ScoreArray, labels: NDArray[np.int8]
) -> PrecisionRecallCurve:
    """Returns the curve of rows in rank order: the highest score first, NaN last."""
    score, label = counted_rows(scores, labels)
    true_positives = np.cumsum(label == 1, dtype=np.int32)  # Rows are numbered in int32, too.
    # The last row of each group of equal scores: the only places a threshold can stand.
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
    """Returns the average precision in [0, 1] of one class, NaN where no image is present.

    `sklearn`: sum over thresholds of (recall step) x precision, no interpolation
    (scikit-learn's `average_precision_score`).
    `voc2010`: exact area under precision made monotone, each value the greatest at that recall or
    above (the VOC 2010-2012 development kit's VOCap).
    `voc2007`: mean of that greatest precision at the 11 recalls 0, 0.1, ..., 1 (VOC 2007 kit).
    """
    return average_precision_of_curve(precision_recall_curve(scores, labels), definition)


def average_precision_of_curve(curve: PrecisionRecallCurve, definition: Definition) -> float:
    """Returns the average precision of a curve, or of its recall steps; see `average_precision`."""
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
    """Returns the mean over the classes whose AP is defined, and how many those are."""
    values = np.array([value for value in average_precisions if not np.isnan(value)])
    return (float(values.mean()) if values.size else float("nan")), int(values.size)


def tail_accuracy(
    scores: ArrayLike, labels: ArrayLike, thresholds: ArrayLike
) -> tuple[FloatArray, IntArray]:
    """Returns, at each threshold t, the accuracy among images with score > t and their number.

    Args:
        thresholds: (T,) in any order.

    Returns:
        (T,) fraction of the images above t whose label is 1, NaN where there is none; (T,) counts.
    """
    return tail_accuracy_of_curve(precision_recall_curve(scores, labels), thresholds)


def tail_accuracy_of_curve(
    curve: PrecisionRecallCurve, thresholds: ArrayLike
) -> tuple[FloatArray, IntArray]:
    """Returns the tail accuracy and number of images at each threshold; see `tail_accuracy`."""
    points = count_above(curve.threshold, thresholds)
    some, last = points > 0, points[points > 0] - 1
    count, present = np.zeros_like(points), np.zeros_like(points)
    count[some], present[some] = curve.count[last], curve.true_positives[last]
    return present / np.where(count, count, np.nan), count


def tail_thresholds(highest_scores: ArrayLike, number: int = 20) -> FloatArray:
    """Returns the default grid of thresholds: every class has an image above each of them.

    Args:
        highest_scores: (C,) the highest counted score of each class; NaN for a class without any.

    Returns:
        (number,) from 0.5 to just below the smallest highest score; a class that never scores above
        0.5 is defined nowhere and left out of that. (1,) holding 0.5 where no class does.
    """
    highest = np.asarray(highest_scores, np.float64)
    highest = highest[highest > 0.5]
    if not highest.size:
        return np.array([0.5])
    return np.linspace(0.5, float(threshold_below(highest.min())), number)


def threshold_below(scores: ArrayLike) -> FloatArray:
    """Returns the thresholds t at which "score > t" selects what "score >= s" does.

    That is s's neighbour below in float32, the type of the stored scores. Unlike a midpoint
    between two scores it depends on s alone, so it holds for every row, difficult ones that lie
    between two counted scores among them. It keeps its meaning only in full: rounded to fewer than
    17 significant digits it may select others.

    Args:
        scores: s, float32 values of any shape, in [0, 1].

    Returns:
        The same shape, in [-1.4e-45, 1): below 0 for a score of 0. NaN for NaN.
    """
    below = np.nextafter(np.asarray(scores, np.float32), np.float32(-np.inf))
    return np.asarray(below, np.float64)


def count_above(scores: ScoreArray, thresholds: ArrayLike) -> IntArray:
    """Returns how many scores lie above each threshold, by bisection.

    Args:
        scores: (N,) from the highest down, without NaN.
        thresholds: (T,) in any order.
    """
    exact = np.asarray(thresholds, np.float64)
    # Bisection would copy the scores to a wider type. The next threshold below that is of theirs
    # has the same scores above it.
    narrow = exact.astype(scores.dtype)
    narrow = np.where(narrow > exact, np.nextafter(narrow, -np.inf, dtype=scores.dtype), narrow)
    return scores.size - np.searchsorted(scores[::-1], narrow, side="right")


def sort_by_score(scores: ArrayLike, labels: ArrayLike) -> tuple[ScoreArray, NDArray[np.int8]]:
    """Returns the rows from the highest score down, NaN last; equal scores in any order.

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
    counted = (labels >= 0) & ~np.isnan(scores)
    return scores[counted], labels[counted]
