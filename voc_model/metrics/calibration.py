"""Scores in bins of equal width: whether they may be read as probabilities, how truth spreads.

Every function takes one class, as those of `metrics` do: `scores` (N,) floats in [0, 1], NaN for an
image that could not be read, and `labels` (N,) int8 of 1 present, 0 absent, -1 ignored; those named
`ranked_...` take rows in rank order.

Bin k of K holds the scores in (k / K, (k + 1) / K], the first one 0 as well. So, where a threshold
t is an edge, the bins above it hold the images with score > t.
"""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike, NDArray

from voc_model.metrics.precision_recall import (
    FloatArray,
    IntArray,
    ScoreArray,
    count_above,
    counted_rows,
    sort_by_score,
)

CALIBRATION_BINS = 15
HISTOGRAM_BINS = 40


@dataclass(frozen=True)
class ReliabilityDiagram:
    """How often a class is present where its score is so high; K bins.

    Attributes:
        edges: (K + 1,) 0 to 1.
        count: (K,) images in the bin; difficult ones not counted.
        mean_score: (K,) their mean score, NaN where there is none.
        fraction_present: (K,) the fraction of them that is present, NaN where there is none.
    """

    edges: FloatArray
    count: IntArray
    mean_score: FloatArray
    fraction_present: FloatArray


@dataclass(frozen=True)
class ScoreHistogram:
    """How many images score so high, by their truth; K bins.

    Attributes:
        edges: (K + 1,) 0 to 1.
        present, absent, ignored: (K,) counts.
    """

    edges: FloatArray
    present: IntArray
    absent: IntArray
    ignored: IntArray


def reliability_diagram(
    scores: ArrayLike, labels: ArrayLike, bins: int = CALIBRATION_BINS
) -> ReliabilityDiagram:
    """Returns the reliability diagram (DeGroot & Fienberg 1983) of one class.

    Raises:
        ValueError: scores and labels do not fit, or there is not at least one bin.
    """
    return ranked_reliability_diagram(*sort_by_score(scores, labels), bins)


def ranked_reliability_diagram(
    scores: ScoreArray, labels: NDArray[np.int8], bins: int = CALIBRATION_BINS
) -> ReliabilityDiagram:
    """Returns the diagram of rows in rank order: the highest score first, NaN last."""
    score, label = counted_rows(scores, labels)
    edges = bin_edges(bins)
    parts = _bin_slices(score, edges)
    count = np.array([len(score[part]) for part in parts])
    divisor = np.where(count, count, np.nan)
    return ReliabilityDiagram(
        edges,
        count,
        mean_score=np.array([score[part].sum(dtype=np.float64) for part in parts]) / divisor,
        fraction_present=np.array([label[part].sum(dtype=np.int64) for part in parts]) / divisor,
    )


def expected_calibration_error(diagram: ReliabilityDiagram) -> float:
    """Returns the sum over the bins of count / N * |fraction present - mean score|, in [0, 1].

    NaN where no image counts. Naeini et al. 2015, "Obtaining well calibrated probabilities using
    Bayesian binning"; Guo et al. 2017, "On calibration of modern neural networks", there of the
    surest class's score. Here each class is a yes or no of its own.
    """
    filled = diagram.count > 0
    count = diagram.count[filled]
    if not count.size:
        return float("nan")
    gap = np.abs(diagram.fraction_present[filled] - diagram.mean_score[filled])
    return float(np.sum(count * gap) / np.sum(count))


def score_histogram(
    scores: ArrayLike, labels: ArrayLike, bins: int = HISTOGRAM_BINS
) -> ScoreHistogram:
    """Returns the histogram of one class's scores by truth; unreadable images are in no bin.

    Raises:
        ValueError: scores and labels do not fit, or there is not at least one bin.
    """
    return ranked_score_histogram(*sort_by_score(scores, labels), bins)


def ranked_score_histogram(
    scores: ScoreArray, labels: NDArray[np.int8], bins: int = HISTOGRAM_BINS
) -> ScoreHistogram:
    """Returns the histogram of rows in rank order: the highest score first, NaN last."""
    edges = bin_edges(bins)
    parts = _bin_slices(scores[: np.count_nonzero(~np.isnan(scores))], edges)
    present, absent, ignored = (
        np.array([np.count_nonzero(labels[part] == truth) for part in parts])
        for truth in (1, 0, -1)
    )
    return ScoreHistogram(edges, present, absent, ignored)


def bin_edges(bins: int) -> FloatArray:
    """Returns (bins + 1,): the edges of equal-width bins, 0 to 1.

    Raises:
        ValueError: there is not at least one bin.
    """
    if bins < 1:
        raise ValueError(f"expected at least one bin, found {bins}")
    return np.linspace(0, 1, bins + 1)


def _bin_slices(scores: ScoreArray, edges: FloatArray) -> list[slice]:
    """Returns which of (N,) scores, from the highest down, lie in each bin."""
    above = [len(scores), *count_above(scores, edges[1:-1]).tolist(), 0]
    return [slice(first, end) for end, first in pairwise(above)]
