"""Confidence intervals of average precision by bootstrap over images.

Each resample draws as many images as there are, with replacement. All classes share it, so that
their mean has an interval, too; and two tables of the same images are resampled alike, so that they
can be compared in pairs. Intervals are percentiles (Efron and Tibshirani 1993, chapter 13).
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from voc_model.data.labels import ABSENT, PRESENT
from voc_model.metrics.precision_recall import (
    DifficultConvention,
    FloatArray,
    IntArray,
    apply_difficult,
    mean_average_precision,
    ranked_precision_recall_curve,
)
from voc_model.progress import SILENT, Reporter
from voc_model.store.scores import ScoreTable

RESAMPLES = 1000
CONFIDENCE = 0.95
_SEED = 0
_CHUNK_BYTES = 64 << 20  # Of the weights that are in memory at once.

# How often each resample has drawn each image, (N, B).
Weights = NDArray[np.uint16]


@dataclass(frozen=True)
class Interval:
    """A confidence interval; NaN if no resample defines the value.

    Attributes:
        low, high: its ends.
        undefined: in how many resamples the value is undefined, which are left out.
    """

    low: float
    high: float
    undefined: int


@dataclass(frozen=True)
class PrecisionIntervals:
    """Intervals of average precision, by scikit-learn's definition: of C classes and of their mean.

    The mean of a resample is over the classes that are defined in it.
    """

    classes: tuple[Interval, ...]
    mean: Interval


def average_precision_intervals(
    table: ScoreTable,
    difficult: DifficultConvention = "ignore",
    resamples: int = RESAMPLES,
    report: Reporter = SILENT,
) -> PrecisionIntervals:
    """Returns the intervals of a table, always the same ones for the same table.

    Args:
        table: the scores and labels.
        difficult: how labels of difficult objects count.
        resamples: B, how many.
        report: receives the progress, in resamples.
    """
    values = resampled_average_precision(table, difficult, resamples, report)
    means = np.array([mean_average_precision(row)[0] for row in values])
    return PrecisionIntervals(tuple(map(percentile_interval, values.T)), percentile_interval(means))


def resampled_average_precision(
    table: ScoreTable,
    difficult: DifficultConvention = "ignore",
    resamples: int = RESAMPLES,
    report: Reporter = SILENT,
) -> FloatArray:
    """Returns (B, C) the average precision of every class in every resample of the images.

    Resample b of two tables with the same number of images draws the same rows.

    Args: see `average_precision_intervals`.

    Returns:
        Values in [0, 1]; NaN where no drawn image is present.
    """
    found = np.empty((resamples, len(table.classes)))
    chunks = _draw(len(table.image_ids), resamples)
    done = 0
    for weights in report.track(
        chunks, "bootstrap", resamples, size=lambda chunk: chunk.shape[1], unit="resamples"
    ):
        part = slice(done, done + weights.shape[1])
        for index in range(len(table.classes)):
            rows = np.asarray(table.ranking[index])
            labels = apply_difficult(table.labels[rows, index], difficult)
            found[part, index] = weighted_average_precision(
                table.scores[rows, index], labels, weights[rows]
            )
        done = part.stop
    return found


def weighted_average_precision(
    scores: NDArray[np.float32], labels: NDArray[np.int8], weights: Weights
) -> FloatArray:
    """Returns (B,) the average precision of one class, each image counted as often as it was drawn.

    Equals scikit-learn's `average_precision_score` with the weights as `sample_weight`.

    Args:
        scores: (N,) in rank order, NaN last.
        labels: (N,) 1 present, 0 absent; others are not counted.
        weights: (N, B).

    Returns:
        Values in [0, 1]; NaN where the weights of all present images are 0.
    """
    curve = ranked_precision_recall_curve(scores, labels)
    if not curve.present:
        return np.full(weights.shape[1], np.nan)
    # Whatever is drawn, recall can only increase where it does for all images.
    steps = curve.take(curve.recall_steps())
    counted = labels >= ABSENT  # Rows without a score are the last, after every step.
    found = _sums_of_parts(weights[counted & (labels == PRESENT)], steps.true_positives)  # (K, B)
    selected = np.cumsum(_sums_of_parts(weights[counted], steps.count), axis=0)
    true_positives = np.cumsum(found, axis=0)
    precision = true_positives / np.maximum(selected, 1)
    total = true_positives[-1]
    area: FloatArray = (found * precision).sum(axis=0) / np.where(total, total, np.nan)
    return area


def percentile_interval(values: FloatArray) -> Interval:
    """Returns the central interval that holds CONFIDENCE of the (B,) values; NaN are left out."""
    defined = values[~np.isnan(values)]
    undefined = len(values) - len(defined)
    if not len(defined):
        return Interval(np.nan, np.nan, undefined)
    tail = (1 - CONFIDENCE) / 2
    low, high = np.quantile(defined, (tail, 1 - tail))
    return Interval(float(low), float(high), undefined)


def _draw(images: int, resamples: int) -> Iterator[Weights]:
    """Yields the weights of all resamples in chunks, which do not depend on the chunks' size."""
    rng = np.random.default_rng(_SEED)
    size = max(1, _CHUNK_BYTES // (images * np.dtype(np.uint16).itemsize))
    for start in range(0, resamples, size):
        draws = (rng.integers(0, images, images) for _ in range(min(size, resamples - start)))
        yield np.stack(
            [np.bincount(rows, minlength=images).astype(np.uint16) for rows in draws], axis=1
        )


def _sums_of_parts(weights: Weights, ends: IntArray) -> IntArray:
    """Returns (K, B) sums over the rows before each of K ends, from the end before on."""
    starts = np.append(0, ends[:-1])
    return np.add.reduceat(weights[: ends[-1]], starts, axis=0, dtype=np.int64)
