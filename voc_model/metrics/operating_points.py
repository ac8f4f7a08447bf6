"""Where the threshold of a class can lie: at any score, at the best F1, at a required precision.

A threshold t selects the images with score > t. A point of a precision-recall curve selects those
with score >= its own; `precision_recall.threshold_below` converts the one into the other.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from pydantic import BaseModel, ConfigDict, Field

from voc_model.metrics.curves import RunCurves
from voc_model.metrics.precision_recall import (
    FloatArray,
    IntArray,
    PrecisionRecallCurve,
    threshold_below,
)


class BestF1(BaseModel):
    """What the threshold with the highest F1 selects; difficult images are not counted."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    threshold: float = Field(
        description="images with score > threshold are selected; rounding it may change which"
    )
    count: int = Field(description="images above the threshold")
    true_positives: int = Field(description="how many of those are present")
    precision: float = Field(description="true_positives / count")
    recall: float = Field(description="true_positives / all present images")
    f1: float = Field(description="harmonic mean of precision and recall")


@dataclass(frozen=True, eq=False)
class OperatingPoints:
    """The thresholds that are stored for a class, in descending order; K points.

    All distinct scores of readable images, if they are at most `curves.MAX_OPERATING_POINTS`. Else
    a selection that includes the drawn points of the precision-recall curve, the point of best F1
    and the points of highest recall at a precision of 1 %, 2 %, ..., 100 %.

    Attributes:
        score: (K,) a point selects the images with score >= this.
        below: (K,) the score of the next image, whatever its label; 0 if there is none. Every
            threshold in [below, score) selects the same images.
        count: (K,) how many those are, ignored and unknown ones not counted.
        true_positives: (K,) how many of them are present.
        ignored: (K,) how many ignored images it selects in addition.
        unknown: (K,) how many images without a label of the class it selects in addition.
    """

    score: FloatArray
    below: FloatArray
    count: IntArray
    true_positives: IntArray
    ignored: IntArray
    unknown: IntArray

    @property
    def rank(self) -> IntArray:
        """(K,) the last rank that a point selects: how many images of any label."""
        return self.count + self.ignored + self.unknown

    @property
    def are_complete(self) -> bool:
        """Whether every distinct score of the class is a point; False if there is no point."""
        return np.array_equal(self.below, np.append(self.score[1:], 0))

    @property
    def threshold(self) -> FloatArray:
        """(K,) a point selects the images with score > this; see `threshold_below`."""
        return threshold_below(self.score)


def operating_points(curves: RunCurves, class_index: int) -> OperatingPoints:
    """Returns the operating points of a class."""
    score = np.asarray(curves.point_score[class_index])
    defined = ~np.isnan(score)
    count, true_positives, ignored, unknown = (
        np.asarray(member[class_index])[defined].astype(np.int64)
        for member in (
            curves.point_count,
            curves.point_true_positives,
            curves.point_ignored,
            curves.point_unknown,
        )
    )
    below = np.asarray(curves.point_below[class_index])[defined]
    return OperatingPoints(score[defined], below, count, true_positives, ignored, unknown)


def f1_scores(curve: PrecisionRecallCurve) -> FloatArray:
    """Returns (M,) the F1 in [0, 1] at each point of a curve; NaN if no image is present."""
    if not curve.present:
        return np.full(len(curve), np.nan)
    # One division of integers, so that equal F1 are equal floats.
    f1: FloatArray = 2 * curve.true_positives / (curve.count + curve.present)
    return f1


def best_f1_index(curve: PrecisionRecallCurve) -> int | None:
    """Returns the index of the highest F1, at ties that of the highest threshold.

    None if no image is present.
    """
    if not curve.present:
        return None
    steps = curve.recall_steps()
    # argmax returns the first, and a curve is in descending order of the threshold.
    return int(steps[np.argmax(f1_scores(curve.take(steps)))])


def indices_reaching(curve: PrecisionRecallCurve, precisions: ArrayLike) -> IntArray:
    """Returns the points of highest recall at which precision is at least the required one.

    Of points with equal recall it is that of the highest threshold, which is the most precise.

    Args:
        curve: the curve of a class, or a part of it.
        precisions: (W,) the required precisions, in (0, 1], in any order.

    Returns:
        (W,) indices into the curve; -1 if no point is as precise.

    Raises:
        ValueError: a precision is outside (0, 1].
    """
    required = np.asarray(precisions, np.float64)
    if not ((required > 0) & (required <= 1)).all():
        raise ValueError(f"expected precisions in (0, 1], found {required}")
    if not curve.present:
        return np.full(required.shape, -1, np.int64)
    steps = curve.recall_steps()
    # The highest precision at a point or further down decreases; reversed, it can be bisected.
    envelope = np.maximum.accumulate(curve.take(steps).precision[::-1])
    last = len(steps) - 1 - np.searchsorted(envelope, required, side="left")
    return np.where(last >= 0, steps[last], -1)


def best_f1_point(curve: PrecisionRecallCurve) -> BestF1 | None:
    """Returns the point of highest F1, see `best_f1_index`; None if no image is present."""
    index = best_f1_index(curve)
    if index is None:
        return None
    point = curve.take(np.array([index]))
    return BestF1(
        threshold=float(threshold_below(point.threshold[0])),
        count=int(point.count[0]),
        true_positives=int(point.true_positives[0]),
        precision=float(point.precision[0]),
        recall=float(point.recall[0]),
        f1=float(f1_scores(point)[0]),
    )
