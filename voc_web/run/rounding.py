"""Rounds thresholds to few digits, for URLs and people, without changing what they select."""

from collections.abc import Iterable

import numpy as np
from numpy.typing import ArrayLike

from voc_model.metrics.operating_points import OperatingPoints
from voc_model.metrics.precision_recall import FloatArray, count_above, round_down

_MIN_PLACES, _MAX_PLACES = 4, 15


def shortest_thresholds(thresholds: Iterable[float]) -> list[float]:
    """Returns for each threshold the shortest decimal that selects the same scores.

    Scores are float32 in [0, 1], so around each threshold there is a gap without scores. A negative
    threshold becomes 0, the lowest that a URL can have.
    """
    return shortest_between(*_float32_gaps(np.fromiter(thresholds, np.float64)))


def point_thresholds(points: OperatingPoints) -> list[float]:
    """Returns for each operating point the shortest decimal that selects the same images.

    It is 0 for a score of 0.
    """
    return shortest_between(points.below, points.score)


def rounded_thresholds(points: OperatingPoints, thresholds: ArrayLike) -> list[float]:
    """Returns thresholds of one class rounded to as few decimals as possible, at least four.

    A rounded threshold selects the same images. A negative one becomes 0, the lowest that a URL can
    have.

    Args:
        points: the operating points of the class.
    """
    rounded = np.maximum(np.asarray(thresholds, np.float64), 0)
    low, high = _gaps_between(points, rounded)
    exact, remaining = rounded.copy(), np.arange(len(rounded))
    for places in range(_MIN_PLACES, _MAX_PLACES + 1):
        value = exact[remaining].round(places)
        fits = (low[remaining] <= value) & (value < high[remaining])
        rounded[remaining[fits]] = value[fits]
        remaining = remaining[~fits]
        if not remaining.size:
            break
    found: list[float] = rounded.tolist()
    return found


def _gaps_between(points: OperatingPoints, thresholds: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Returns an interval [low, high) around each threshold without scores of the class."""
    low, high = _float32_gaps(thresholds)
    if not len(points.score):
        return low, high
    above = count_above(points.score, thresholds) - 1  # the last point above; -1 if none is
    is_below = (above >= 0) & (thresholds >= points.below[above])
    return np.where(is_below, points.below[above], low), np.where(
        is_below, points.score[above], high
    )


def shortest_between(low: FloatArray, high: FloatArray) -> list[float]:
    """Returns the shortest decimal in each interval [low, high), the highest of that length.

    It is `low` in an empty interval.
    """
    shortest, remaining = low.copy(), np.arange(len(low))
    for places in range(_MAX_PLACES + 1):
        scale = 10.0**places
        value = (np.ceil(high[remaining] * scale) - 1) / scale
        fits = (low[remaining] <= value) & (value < high[remaining])
        shortest[remaining[fits]] = value[fits]
        remaining = remaining[~fits]
    found: list[float] = shortest.tolist()
    return found


def _float32_gaps(thresholds: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Returns [low, high), the neighbouring float32 values around each threshold."""
    low = round_down(np.maximum(thresholds, 0), np.dtype(np.float32))
    high = np.nextafter(low, np.float32(2))
    return low.astype(np.float64), high.astype(np.float64)
