"""Where most curves of many classes lie: quantiles over the classes, read off the drawn points."""

import numpy as np

from voc_model.metrics.curves import RECALLS, RunCurves
from voc_model.metrics.precision_recall import FloatArray

QUANTILES = (0.1, 0.25, 0.75, 0.9)
TAIL_THRESHOLDS = np.linspace(0.5, 1, 51)
MIN_CLASSES = 10  # Quantiles of fewer say little.


def precision_at_recalls(curves: RunCurves) -> FloatArray:
    """Returns (C, 101) the highest precision at each of RECALLS or above; NaN without a curve."""
    found = np.full((len(curves.recall), len(RECALLS)), np.nan)
    for row, recall, precision in zip(found, curves.recall, curves.precision, strict=True):
        defined = ~np.isnan(recall)
        if defined.any():
            envelope = np.maximum.accumulate(precision[defined][::-1])[::-1]
            at = np.searchsorted(recall[defined], RECALLS)
            row[:] = envelope[np.minimum(at, len(envelope) - 1)]
    return found


def tail_at_thresholds(curves: RunCurves) -> FloatArray:
    """Returns (C, 51) the tail accuracy at each of TAIL_THRESHOLDS; NaN above the last image."""
    found = np.full((len(curves.tail_count), len(TAIL_THRESHOLDS)), np.nan)
    columns = (curves.tail_threshold, curves.tail_accuracy, curves.tail_count)
    for row, threshold, accuracy, count in zip(found, *columns, strict=True):
        above = count > 0
        if above.any():
            row[:] = np.interp(TAIL_THRESHOLDS, threshold[above], accuracy[above], right=np.nan)
    return found


def band_edges(values: FloatArray) -> FloatArray:
    """Returns (4, K) QUANTILES over (C, K) values; NaN where few classes are defined."""
    edges = np.full((len(QUANTILES), values.shape[1]), np.nan)
    enough = np.count_nonzero(~np.isnan(values), axis=0) >= MIN_CLASSES
    edges[:, enough] = np.nanquantile(values[:, enough], QUANTILES, axis=0)
    return edges
