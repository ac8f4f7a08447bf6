"""Where to put the threshold of a class: at the best F1, or at a precision that is wanted.

A threshold t selects the images with score > t, everywhere. A point of a precision-recall curve
selects those with score >= its own; `metrics.threshold_below` leads from the one to the other.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from voc_model.metrics.precision_recall import (
    FloatArray,
    IntArray,
    PrecisionRecallCurve,
    threshold_below,
)


@dataclass(frozen=True)
class OperatingPoint:
    """A threshold and what it selects; difficult images are not counted.

    Attributes:
        threshold: the images with score > threshold are selected; see `threshold_below`.
        count: how many those are, at least 1.
        true_positives: how many of them are present.
        precision: true_positives / count.
        recall: true_positives / present images.
        f1: harmonic mean of precision and recall, 2 true_positives / (count + present images).
    """

    threshold: float
    count: int
    true_positives: int
    precision: float
    recall: float
    f1: float


def f1_scores(curve: PrecisionRecallCurve) -> FloatArray:
    """Returns (M,) the F1 in [0, 1] at each point of a curve, NaN where no image is present."""
    if not curve.present:
        return np.full(len(curve), np.nan)
    # One division of whole numbers, so that equal F1 are equal floats.
    f1: FloatArray = 2 * curve.true_positives / (curve.count + curve.present)
    return f1


def best_f1_index(curve: PrecisionRecallCurve) -> int | None:
    """Returns the point of highest F1, of equal ones that of the highest threshold.

    None where no image is present.
    """
    if not curve.present:
        return None
    steps = curve.recall_steps()
    # argmax takes the first, and a curve goes down from the highest score.
    return int(steps[np.argmax(f1_scores(curve.take(steps)))])


def indices_reaching(curve: PrecisionRecallCurve, precisions: ArrayLike) -> IntArray:
    """Returns the points of highest recall whose precision is at least the wanted one.

    Of points with equal recall it is that of the highest threshold, which is the most precise.

    Args:
        precisions: (W,) the precisions wanted, in (0, 1], in any order.

    Returns:
        (W,) indices into the curve, -1 where no point is as precise.

    Raises:
        ValueError: a precision lies outside (0, 1].
    """
    wanted = np.asarray(precisions, np.float64)
    if not ((wanted > 0) & (wanted <= 1)).all():
        raise ValueError(f"expected precisions in (0, 1], found {wanted}")
    if not curve.present:
        return np.full(wanted.shape, -1, np.int64)
    steps = curve.recall_steps()
    # The greatest precision here or further down, which falls; reversed, so that it grows.
    envelope = np.maximum.accumulate(curve.take(steps).precision[::-1])
    last = len(steps) - 1 - np.searchsorted(envelope, wanted, side="left")
    return np.where(last >= 0, steps[last], -1)


def operating_point(curve: PrecisionRecallCurve, index: int) -> OperatingPoint:
    """Returns one point of a curve of a class that has a present image."""
    point = curve.take(np.array([index]))
    return OperatingPoint(
        threshold=float(threshold_below(point.threshold[0])),
        count=int(point.count[0]),
        true_positives=int(point.true_positives[0]),
        precision=float(point.precision[0]),
        recall=float(point.recall[0]),
        f1=float(f1_scores(point)[0]),
    )


def best_f1_point(curve: PrecisionRecallCurve) -> OperatingPoint | None:
    """Returns the point of highest F1, see `best_f1_index`; None where no image is present."""
    index = best_f1_index(curve)
    return None if index is None else operating_point(curve, index)


def highest_recall_point(curve: PrecisionRecallCurve, precision: float) -> OperatingPoint | None:
    """Returns the point of highest recall with at least this precision, see `indices_reaching`.

    None where no point is as precise, as where no image is present.
    """
    index = int(indices_reaching(curve, [precision])[0])
    return None if index < 0 else operating_point(curve, index)
