"""Where to put the threshold of a class: at the best F1, or at a precision that is wanted.

A threshold t selects the images with score > t, everywhere. A point of a precision-recall curve
selects those with score >= its own; `metrics.threshold_below` leads from the one to the other.
"""

import numpy as np
from numpy.typing import ArrayLike
from pydantic import BaseModel, ConfigDict, Field

from voc_model.metrics.precision_recall import (
    FloatArray,
    IntArray,
    PrecisionRecallCurve,
    threshold_below,
)


class BestF1(BaseModel):
    """What the threshold of the highest F1 selects, difficult images not counted."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    threshold: float = Field(
        description='"yes" is a score above it; to be used in full: rounded it may select others'
    )
    count: int = Field(description="images above it")
    true_positives: int = Field(description="how many of those are present")
    precision: float = Field(description="true_positives / count")
    recall: float = Field(description="true_positives / all present images")
    f1: float = Field(description="harmonic mean of precision and recall")


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
    rises = curve.rises()
    # argmax takes the first, and a curve goes down from the highest score.
    return int(rises[np.argmax(f1_scores(curve.take(rises)))])


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
    rises = curve.rises()
    # The greatest precision here or further down, which falls; reversed, so that it grows.
    envelope = np.maximum.accumulate(curve.take(rises).precision[::-1])
    last = len(rises) - 1 - np.searchsorted(envelope, wanted, side="left")
    return np.where(last >= 0, rises[last], -1)


def operating_point(curve: PrecisionRecallCurve, index: int) -> BestF1:
    """Returns one point of a curve of a class that has a present image."""
    point = curve.take(np.array([index]))
    return BestF1(
        threshold=float(threshold_below(point.threshold[0])),
        count=int(point.count[0]),
        true_positives=int(point.true_positives[0]),
        precision=float(point.precision[0]),
        recall=float(point.recall[0]),
        f1=float(f1_scores(point)[0]),
    )


def best_f1_point(curve: PrecisionRecallCurve) -> BestF1 | None:
    """Returns the point of highest F1, see `best_f1_index`; None where no image is present."""
    index = best_f1_index(curve)
    return None if index is None else operating_point(curve, index)


def highest_recall_point(curve: PrecisionRecallCurve, precision: float) -> BestF1 | None:
    """Returns the point of highest recall with at least this precision, see `indices_reaching`.

    None where no point is as precise, as where no image is present.
    """
    index = int(indices_reaching(curve, [precision])[0])
    return None if index < 0 else operating_point(curve, index)
