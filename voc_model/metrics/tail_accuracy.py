"""Tail accuracy of one class: precision among its highest-scoring images, at several thresholds.

There are three grids of thresholds; `TAIL_GRIDS` has the points of each:

- `threshold`: the same thresholds for every class.
- `highest`: a class's own thresholds, evenly spaced from 0.5 to its highest score; a point is the
  position between the two.
- `percentile`: a class's own thresholds, each separating a percentage of its images.

Only images count that are present or absent and have a score. Undefined is NaN, never 0.
"""

from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from voc_model.metrics.precision_recall import (
    FloatArray,
    IntArray,
    PrecisionRecallCurve,
    count_above,
    threshold_below,
)

TailGrid = Literal["threshold", "highest", "percentile"]

LOWEST = 0.5
# In thousandths, so that the number of images follows by integers. Dense at the top.
_TOP_SHARES = np.array([1, 2, 3, 5, 7, 10, 20, 30, 50, 70, 100, 200, 300, 500])
TAIL_GRIDS: dict[TailGrid, FloatArray] = {
    "threshold": np.arange(20, 40) / 40,  # 0.5, 0.525, ..., 0.975
    "highest": np.linspace(0, 1, 20),
    "percentile": _TOP_SHARES / 10,  # 0.1 % to 50 %
}


def tail_accuracy(
    curve: PrecisionRecallCurve, thresholds: ArrayLike
) -> tuple[FloatArray, IntArray]:
    """Returns the tail accuracy at each threshold t: precision among the images with score > t.

    Args:
        curve: every point of a class's curve.
        thresholds: (T,) in any order; above NaN there is no image.

    Returns:
        (T,) the fraction of the images above t that are present, in [0, 1], NaN if there are none;
        (T,) the number of images above t.
    """
    points = count_above(curve.threshold, thresholds)
    some, last = points > 0, points[points > 0] - 1
    count, present = np.zeros_like(points), np.zeros_like(points)
    count[some], present[some] = curve.count[last], curve.true_positives[last]
    return present / np.where(count, count, np.nan), count


def thresholds_to_highest(curve: PrecisionRecallCurve) -> FloatArray:
    """Returns the thresholds of a class on the grid `highest`.

    Args:
        curve: every point of the class's curve.

    Returns:
        (20,) evenly spaced from 0.5 to just below the highest score (see `threshold_below`), so
        that the images with that score are above all of them. Without a score above 0.5 the first
        is 0.5, above which tail accuracy is undefined, and the others are NaN.
    """
    positions = TAIL_GRIDS["highest"]
    if not len(curve) or not curve.threshold[0] > LOWEST:
        return np.where(positions == 0, LOWEST, np.nan)
    return np.linspace(LOWEST, float(threshold_below(curve.threshold[0])), len(positions))


def percentile_thresholds(curve: PrecisionRecallCurve) -> FloatArray:
    """Returns the thresholds of a class on the grid `percentile`.

    The threshold for q percent lies just below the ceil(q N / 100)-th highest of N scores, the
    nearest-rank percentile. It is the highest with at least q percent of the images above it: more
    if the class has few images, or if scores tie, since no threshold separates those.

    Args:
        curve: every point of the class's curve.

    Returns:
        (14,) in descending order; below 0 if images that score 0 are above; NaN without an image.
    """
    if not len(curve):
        return np.full(len(_TOP_SHARES), np.nan)
    wanted = -(-_TOP_SHARES * curve.count[-1] // 1000)
    return threshold_below(curve.threshold[np.searchsorted(curve.count, wanted)])
