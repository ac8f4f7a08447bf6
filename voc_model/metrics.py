"""What a ranking is worth: average precision, precision and recall, tail accuracy.

Every function takes one class: `scores` (N,) floats in any order and `labels` (N,) int8 of 1
present, 0 absent, -1 ignored. Ignored rows and rows whose score is NaN (an image that could not be
read) count nowhere. Images with equal scores form one group: no threshold parts them, so the order
of rows changes nothing. Undefined is NaN, never 0.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray

Definition = Literal["sklearn", "voc2010", "voc2007"]
DEFINITIONS: tuple[Definition, ...] = get_args(Definition)

DifficultConvention = Literal["ignore", "positive", "negative"]

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]


@dataclass(frozen=True)
class PrecisionRecallCurve:
    """One point a distinct score, from the highest down; M points.

    Attributes:
        threshold: (M,) scores; a point counts the images with score >= threshold.
        precision: (M,) fraction of those that are present, in [0, 1].
        recall: (M,) fraction of the present ones that are among those; NaN if none is present.
        count: (M,) how many images those are.
        true_positives: (M,) how many of them are present.
    """

    threshold: FloatArray
    precision: FloatArray
    recall: FloatArray
    count: IntArray
    true_positives: IntArray


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
    score, label = counted_rows(scores, labels)
    order = np.argsort(-score, kind="stable")
    score, label = score[order], label[order]
    # The last row of each group of equal scores: the only places a threshold can stand.
    ends = np.flatnonzero(np.append(score[1:] != score[:-1], True)) if score.size else order
    count = ends.astype(np.int64) + 1
    true_positives = np.cumsum(label == 1, dtype=np.int64)[ends]
    positives = np.count_nonzero(label == 1)
    recall = true_positives / positives if positives else np.full(ends.size, np.nan)
    return PrecisionRecallCurve(score[ends], true_positives / count, recall, count, true_positives)


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
    """Returns the average precision of a whole curve; see `average_precision`."""
    if not curve.recall.size or np.isnan(curve.recall[0]):
        return float("nan")
    steps = np.diff(curve.recall, prepend=0.0)
    if definition == "sklearn":
        return float(np.sum(steps * curve.precision))
    envelope = np.maximum.accumulate(curve.precision[::-1])[::-1]
    if definition == "voc2010":
        return float(np.sum(steps * envelope))
    # Ten times the recall against 0..10: 0.3 has no exact binary form, 3 has.
    tenths = 10.0 * curve.true_positives / curve.true_positives[-1]
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
    score, label = counted_rows(scores, labels)
    order = np.argsort(score, kind="stable")
    present = np.append(0, np.cumsum(label[order] == 1))
    below = np.searchsorted(score[order], np.asarray(thresholds, np.float64), side="right")
    count = score.size - below
    with np.errstate(invalid="ignore"):
        return (present[-1] - present[below]) / np.where(count, count, np.nan), count


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


def counted_rows(scores: ArrayLike, labels: ArrayLike) -> tuple[FloatArray, NDArray[np.int8]]:
    """Returns the rows that count, checked: labelled 0 or 1, with a score.

    Raises:
        ValueError: scores and labels differ in length or are not one-dimensional.
    """
    score = np.asarray(scores, np.float64)
    label = np.asarray(labels, np.int8)
    if score.ndim != 1 or score.shape != label.shape:
        raise ValueError(f"expected two (N,) arrays, found shapes {score.shape} and {label.shape}")
    counted = (label >= 0) & ~np.isnan(score)
    return score[counted], label[counted]
