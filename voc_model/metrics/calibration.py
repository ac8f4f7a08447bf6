"""Scores in bins of equal width: calibration, and the distribution of scores by label.

`ranked_...` functions take one class in rank order: `scores` (N,) floats in [0, 1], the highest
first, NaN last for unreadable images, and `labels` (N,) int8 of 1 present, 0 absent, -1 ignored,
-2 unknown.

Bin k of K holds the scores in (k / K, (k + 1) / K]; the first also holds 0. So if a threshold t is
an edge, the bins above it hold the images with score > t.
"""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from voc_model.data.labels import ABSENT, IGNORED, PRESENT, UNKNOWN
from voc_model.metrics.precision_recall import (
    FloatArray,
    IntArray,
    ScoreArray,
    count_above,
    counted_rows,
)

CALIBRATION_BINS = 15
HISTOGRAM_BINS = 40


@dataclass(frozen=True)
class ReliabilityDiagram:
    """How often a class is present, by score; K bins.

    Attributes:
        edges: (K + 1,) from 0 to 1.
        count: (K,) images in the bin; ignored and unknown ones not counted.
        mean_score: (K,) their mean score in [0, 1]; NaN if there are none.
        fraction_present: (K,) the fraction of them that is present; NaN if there are none.
    """

    edges: FloatArray
    count: IntArray
    mean_score: FloatArray
    fraction_present: FloatArray


@dataclass(frozen=True)
class ScoreHistogram:
    """How many images have a score in each bin, by label; K bins.

    Attributes:
        edges: (K + 1,) from 0 to 1.
        present, absent, ignored, unknown: (K,) counts.
    """

    edges: FloatArray
    present: IntArray
    absent: IntArray
    ignored: IntArray
    unknown: IntArray


def ranked_reliability_diagram(
    scores: ScoreArray, labels: NDArray[np.int8], bins: int = CALIBRATION_BINS
) -> ReliabilityDiagram:
    """Returns the reliability diagram (DeGroot & Fienberg 1983) of one class.

    Raises:
        ValueError: there is not at least one bin.
    """
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
    """Returns the sum over bins of count / N * |fraction present - mean score|.

    Naeini et al. 2015, "Obtaining well calibrated probabilities using Bayesian binning"; Guo et al.
    2017, "On calibration of modern neural networks", who apply it to the highest of the class
    scores. Here every class is a binary problem of its own.

    Returns:
        The error in [0, 1]; NaN if no image counts.
    """
    filled = diagram.count > 0
    count = diagram.count[filled]
    if not count.size:
        return float("nan")
    gap = np.abs(diagram.fraction_present[filled] - diagram.mean_score[filled])
    return float(np.sum(count * gap) / np.sum(count))


def ranked_score_histogram(
    scores: ScoreArray, labels: NDArray[np.int8], bins: int = HISTOGRAM_BINS
) -> ScoreHistogram:
    """Returns the histogram of one class's scores by label; unreadable images are in no bin.

    Raises:
        ValueError: there is not at least one bin.
    """
    edges = bin_edges(bins)
    parts = _bin_slices(scores[: np.count_nonzero(~np.isnan(scores))], edges)
    present, absent, ignored, unknown = (
        np.array([np.count_nonzero(labels[part] == label) for part in parts])
        for label in (PRESENT, ABSENT, IGNORED, UNKNOWN)
    )
    return ScoreHistogram(edges, present, absent, ignored, unknown)


def bin_edges(bins: int) -> FloatArray:
    """Returns (bins + 1,): the edges of bins of equal width, from 0 to 1.

    Raises:
        ValueError: there is not at least one bin.
    """
    if bins < 1:
        raise ValueError(f"expected at least one bin, found {bins}")
    return np.linspace(0, 1, bins + 1)


def _bin_slices(scores: ScoreArray, edges: FloatArray) -> list[slice]:
    """Returns which of (N,) scores, in descending order, lie in each bin."""
    above = [len(scores), *count_above(scores, edges[1:-1]).tolist(), 0]
    return [slice(first, end) for end, first in pairwise(above)]
