"""Where most curves of many classes lie: quantiles over the classes."""

import numpy as np

from voc_model.metrics.curves import RECALLS, RunCurves
from voc_model.metrics.precision_recall import FloatArray

QUANTILES = (0.1, 0.25, 0.75, 0.9)
_MIN_CLASSES = 10  # Quantiles of fewer say little.


def precision_at_recalls(curves: RunCurves) -> FloatArray:
    """Returns (C, 101) the highest precision at each of RECALLS or above; NaN without a curve.

    It is read off the drawn points.
    """
    found = np.full((len(curves.recall), len(RECALLS)), np.nan)
    for row, recall, precision in zip(found, curves.recall, curves.precision, strict=True):
        defined = ~np.isnan(recall)
        if defined.any():
            envelope = np.maximum.accumulate(precision[defined][::-1])[::-1]
            at = np.searchsorted(recall[defined], RECALLS)
            row[:] = envelope[np.minimum(at, len(envelope) - 1)]
    return found


def band_edges(values: FloatArray) -> FloatArray:
    """Returns (4, K) QUANTILES over (C, K) values; NaN where few classes are defined."""
    edges = np.full((len(QUANTILES), values.shape[1]), np.nan)
    enough = np.count_nonzero(~np.isnan(values), axis=0) >= _MIN_CLASSES
    edges[:, enough] = np.nanquantile(values[:, enough], QUANTILES, axis=0)
    return edges
