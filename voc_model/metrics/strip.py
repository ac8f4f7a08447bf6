"""All images of a class in rank order as one band, in as many bins as there are pixels."""

from dataclasses import dataclass

import numpy as np

from voc_model.metrics.curves import RunCurves, block_edges
from voc_model.metrics.precision_recall import FloatArray, IntArray


@dataclass(frozen=True, eq=False)
class Strip:
    """K runs of consecutive ranks and what is in them; all four counts add up to N.

    Attributes:
        edges: (K + 1,) how many ranks lie before each bin, 0 to N: bin k holds the ranks
            edges[k] + 1 to edges[k + 1].
        present, absent, ignored: (K,) readable images of the bin by truth, difficult ones as the
            run's convention takes them.
        unreadable: (K,) images without a score; they stand at the end.
        score: (K + 1,) the score of the bin's first image; last, and where no readable one
            follows, the lowest score. NaN where no image is readable.
    """

    edges: IntArray
    present: IntArray
    absent: IntArray
    ignored: IntArray
    unreadable: IntArray
    score: FloatArray


def ranking_strip(curves: RunCurves, class_index: int, images: int, bins: int) -> Strip:
    """Returns the strip of a class in O(bins), without a look at the images.

    Args:
        images: N, those of the table that the curves were made of.
        bins: how many at most; a bin holds whole blocks (see `curves.block_edges`), so there are no
            more than blocks.

    Raises:
        ValueError: there is not at least one bin.
    """
    if bins < 1:
        raise ValueError(f"expected at least one bin, found {bins}")
    edges = block_edges(images)
    blocks = len(edges) - 1
    bins = min(bins, blocks)
    chosen = np.arange(bins + 1) * blocks // bins  # As even as whole blocks allow.
    present, absent, ignored = (
        np.diff(member[class_index, chosen].astype(np.int64))
        for member in (curves.present_before, curves.absent_before, curves.ignored_before)
    )
    return Strip(
        edges[chosen],
        present,
        absent,
        ignored,
        unreadable=np.diff(edges[chosen]) - present - absent - ignored,
        score=np.asarray(curves.edge_score[class_index, chosen]),
    )
