"""The curves of one class, as `curves.RunCurves` keeps them, from its scores in rank order."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from voc_model.data.labels import ABSENT, IGNORED, PRESENT, UNKNOWN
from voc_model.metrics.calibration import ReliabilityDiagram, ranked_score_histogram
from voc_model.metrics.curves import (
    MAX_CURVE_POINTS,
    MAX_OPERATING_POINTS,
    RECALLS,
    block_edges,
)
from voc_model.metrics.operating_points import best_f1_index, indices_reaching
from voc_model.metrics.precision_recall import (
    FloatArray,
    IntArray,
    PrecisionRecallCurve,
    count_above,
    threshold_below,
)
from voc_model.metrics.tail_accuracy import (
    TAIL_GRIDS,
    percentile_thresholds,
    tail_accuracy,
    thresholds_to_highest,
)

# Labels of images that rank among the others but count in no metric.
_UNCOUNTED = (IGNORED, UNKNOWN)
_PRECISION_LEVELS = np.arange(1, 101) / 100

_Members = dict[str, NDArray[Any]]


def class_curves(
    scores: NDArray[np.float32],
    labels: NDArray[np.int8],
    curve: PrecisionRecallCurve,
    reliability: ReliabilityDiagram,
) -> _Members:
    """Returns one class's row of every member of RunCurves but the means, without padding.

    Args:
        scores: (N,) in rank order, unreadable images (NaN) last.
        labels: (N,) 1 present, 0 absent, -1 ignored, -2 unknown.
        curve: the precision-recall curve of these rows.
        reliability: the reliability diagram of these rows.
    """
    drawn_indices = _thin(len(curve), MAX_CURVE_POINTS)
    drawn = curve.take(drawn_indices)
    histogram = ranked_score_histogram(scores, labels)
    readable = len(scores) - int(np.count_nonzero(np.isnan(scores)))
    ranked = scores[:readable]
    ignored, unknown = (ranked[labels[:readable] == label] for label in _UNCOUNTED)

    def uncounted_above(thresholds: FloatArray) -> IntArray:
        return count_above(ignored, thresholds) + count_above(unknown, thresholds)

    return {
        "count": drawn.count,
        "rank": drawn.count + uncounted_above(threshold_below(drawn.threshold)),
        "threshold": drawn.threshold,
        "precision": drawn.precision,
        "recall": drawn.recall,
        "reliability_count": reliability.count,
        "reliability_score": reliability.mean_score,
        "reliability_present": reliability.fraction_present,
        "histogram_present": histogram.present,
        "histogram_absent": histogram.absent,
        "histogram_ignored": histogram.ignored,
        "histogram_unknown": histogram.unknown,
        **_operating_points(curve, ranked, ignored, unknown, drawn_indices),
        **_tail(curve, uncounted_above),
        **_at_block_edges(scores, labels, readable),
    }


def interpolated_precision(curve: PrecisionRecallCurve) -> FloatArray:
    """Returns (101,): the highest precision at each of RECALLS or above; NaN if none is present.

    Args:
        curve: the curve of a class, or its recall steps alone.
    """
    if not curve.present:
        return np.full(len(RECALLS), np.nan)
    envelope = np.maximum.accumulate(curve.precision[::-1])[::-1]
    # Just below the recall, which 1/3 and the like reach only up to rounding.
    return envelope[np.searchsorted(curve.recall, RECALLS - 1e-9)]


def _operating_points(
    curve: PrecisionRecallCurve,
    ranked: NDArray[np.float32],
    ignored: NDArray[np.float32],
    unknown: NDArray[np.float32],
    drawn: IntArray,
) -> _Members:
    """Returns the members of `operating_points.OperatingPoints`.

    Args:
        curve: the precision-recall curve.
        ranked: (R,) the scores of all readable images, in rank order.
        ignored, unknown: those of the images that count in no metric.
        drawn: indices of the points of the curve that are drawn.
    """
    score = curve.threshold
    if len(score) <= MAX_OPERATING_POINTS:
        score = np.unique(np.concatenate([score, ignored, unknown]))[::-1]
    if len(score) > MAX_OPERATING_POINTS:
        score = curve.threshold[_operating_indices(curve, drawn)]
    thresholds = threshold_below(score)
    at = count_above(curve.threshold, thresholds)  # points of the curve
    count, true_positives = (
        np.append(0, column)[at] for column in (curve.count, curve.true_positives)
    )
    ignored_above, unknown_above = (count_above(part, thresholds) for part in (ignored, unknown))
    rank = count + ignored_above + unknown_above
    below = np.zeros(len(score))
    below[rank < len(ranked)] = ranked[rank[rank < len(ranked)]]
    return {
        "point_score": score,
        "point_below": below,
        "point_count": count,
        "point_true_positives": true_positives,
        "point_ignored": ignored_above,
        "point_unknown": unknown_above,
    }


def _operating_indices(curve: PrecisionRecallCurve, drawn: IntArray) -> IntArray:
    """Returns the ascending indices of a curve's points that are kept as operating points."""
    best = best_f1_index(curve)
    reaching = indices_reaching(curve, _PRECISION_LEVELS)
    required = np.append(reaching[reaching >= 0], [] if best is None else [best])
    required = np.union1d(required.astype(np.int64), drawn)
    return np.union1d(_thin(len(curve), MAX_OPERATING_POINTS - len(required)), required)


def _thin(length: int, points: int) -> IntArray:
    """Returns at most `points` of 0..length-1, dense at the top of the ranking, ends included."""
    if length <= points:
        return np.arange(length)
    half = points // 2
    top = np.geomspace(1, length, half) - 1
    return np.unique(np.append(top, np.linspace(0, length - 1, half)).astype(np.int64))


def _tail(
    curve: PrecisionRecallCurve, uncounted_above: Callable[[FloatArray], IntArray]
) -> _Members:
    """Returns tail accuracy on every grid."""
    shared_accuracy, shared_count = tail_accuracy(curve, TAIL_GRIDS["threshold"])
    members: _Members = {"shared_accuracy": shared_accuracy, "shared_count": shared_count}
    for name, thresholds in (
        ("tail", thresholds_to_highest(curve)),
        ("percentile", percentile_thresholds(curve)),
    ):
        accuracy, count = tail_accuracy(curve, thresholds)
        members |= {
            f"{name}_threshold": thresholds,
            f"{name}_accuracy": accuracy,
            f"{name}_count": count,
            f"{name}_rank": count + uncounted_above(thresholds),
        }
    return members


def _at_block_edges(
    scores: NDArray[np.float32], labels: NDArray[np.int8], readable: int
) -> _Members:
    """Returns the counts before, and the score at, each of `block_edges`."""
    edges = block_edges(len(scores))

    def count_before(label: int) -> IntArray:
        has_label = labels == label
        has_label[readable:] = False  # Unreadable rows are the last of a ranking, and not counted.
        return np.append(0, np.cumsum(np.add.reduceat(has_label, edges[:-1], dtype=np.int64)))

    lowest = readable - 1
    return {
        "present_before": count_before(PRESENT),
        "absent_before": count_before(ABSENT),
        "ignored_before": count_before(IGNORED),
        "unknown_before": count_before(UNKNOWN),
        # If no image is readable all scores are NaN, including the last one.
        "edge_score": scores[np.minimum(edges, lowest)],
    }
