"""Counts of labels by rank, from those that curves.npz keeps at block edges: in O(block)."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from voc_model.data.labels import ABSENT, IGNORED, PRESENT, UNKNOWN
from voc_model.metrics.curves import RunCurves, block_edges
from voc_model.metrics.precision_recall import FloatArray, IntArray, apply_difficult
from voc_model.metrics.run_metrics import RunMetrics
from voc_model.store.scores import ScoreTable


@dataclass(frozen=True)
class LabelCounts:
    """How many images there are down to a rank, by label.

    Attributes:
        present, absent: those that count in metrics.
        ignored: those whose only objects of the class are difficult.
        unreadable: those without a score.
        unknown: those that nobody has labelled.
    """

    present: int
    absent: int
    ignored: int
    unreadable: int = 0
    unknown: int = 0

    @property
    def readable(self) -> int:
        """How many images have a score, whatever their label."""
        return self.present + self.absent + self.ignored + self.unknown

    @property
    def accuracy(self) -> float:
        """present / (present + absent): precision, or tail accuracy; NaN if neither counts."""
        counted = self.present + self.absent
        return self.present / counted if counted else float("nan")


@dataclass(frozen=True, eq=False)
class Strip:
    """All images of a class in rank order, in K bins of consecutive ranks; N images.

    Attributes:
        edges: (K + 1,) how many ranks lie before each bin, 0 to N: bin k holds the ranks
            edges[k] + 1 to edges[k + 1].
        present, absent, ignored, unknown: (K,) readable images in the bin by label, difficult ones
            as the run's convention counts them.
        unreadable: (K,) images without a score; they are the last of the ranking.
        score: (K + 1,) the score of the bin's first image; at the end, and if no readable image
            follows, the lowest score. NaN if no image is readable.
    """

    edges: IntArray
    present: IntArray
    absent: IntArray
    ignored: IntArray
    unknown: IntArray
    unreadable: IntArray
    score: FloatArray


def count_labels(
    table: ScoreTable, metrics: RunMetrics, curves: RunCurves, class_index: int, last_rank: int
) -> LabelCounts:
    """Counts the labels of ranks 1 to `last_rank` of a class; reads at most half a block of rows.

    Args:
        table: the scores and labels.
        metrics, curves: the evaluation of this table.
        class_index: the class.
        last_rank: 0 to N.
    """
    edges = block_edges(len(table.image_ids))
    readable = len(table.image_ids) - metrics.classes[class_index].unreadable
    # Unreadable images are the last, and the counts before an edge exclude them.
    last = min(last_rank, readable)
    nearest_edge = int(np.abs(edges - last).argmin())
    before_edge = min(int(edges[nearest_edge]), readable)
    first, end = min(before_edge, last), max(before_edge, last)
    rows = table.class_ranking(class_index).slice(first + 1, end)
    labels = apply_difficult(table.labels[rows, class_index], metrics.difficult)
    sign = 1 if before_edge < last else -1
    present, absent, ignored, unknown = (
        int(before[class_index, nearest_edge]) + sign * int(np.count_nonzero(labels == label))
        for before, label in (
            (curves.present_before, PRESENT),
            (curves.absent_before, ABSENT),
            (curves.ignored_before, IGNORED),
            (curves.unknown_before, UNKNOWN),
        )
    )
    return LabelCounts(present, absent, ignored, unreadable=last_rank - last, unknown=unknown)


def find_rank(table: ScoreTable, curves: RunCurves, class_index: int, row: int) -> int:
    """Returns the rank of an image in a class: from a block of ranks, not from all of them."""
    ranking = table.class_ranking(class_index)
    score = float(table.scores[row, class_index])
    if math.isnan(score):
        return ranking.rank_of(row)
    edges = block_edges(len(table.image_ids))
    falling = -curves.edge_score[class_index]  # (B + 1,) increases, since the scores fall.
    above, at_least = (int(np.searchsorted(falling, -score, side)) for side in ("left", "right"))
    # The image follows the last edge with a higher score, and precedes the first with a lower one.
    first = int(edges[above - 1]) + 1 if above else 1
    last = int(edges[at_least]) if at_least < len(edges) else len(table.image_ids)
    return ranking.rank_of(row, range(first, last + 1))


def ranks_above(
    table: ScoreTable,
    metrics: RunMetrics,
    curves: RunCurves,
    class_index: int,
    thresholds: ArrayLike,
) -> IntArray:
    """Returns the last rank above each threshold, in the whole ranking of a class.

    The scores at block edges leave one block for each threshold, in which it is found by bisection.

    Args:
        table: the scores.
        metrics, curves: the evaluation of this table.
        class_index: the class.
        thresholds: (K,) in any order.

    Returns:
        (K,) how many images score above it, whatever their label; 0 if none does.
    """
    wanted = np.asarray(thresholds, np.float64)
    images = len(table.image_ids)
    readable = images - metrics.classes[class_index].unreadable
    edges = np.minimum(block_edges(images), readable)
    above = np.searchsorted(-np.asarray(curves.edge_score[class_index]), -wanted)  # (K,) edges
    # The image that follows the last of them scores above the threshold, too.
    low = np.append(0, np.minimum(edges + 1, readable))[above]
    high = np.append(edges, readable)[above]
    ranking = table.class_ranking(class_index)
    while (open_ := np.flatnonzero(low < high)).size:  # Bisects for all of them at once.
        middle = (low[open_] + high[open_]) // 2
        scores = table.scores[ranking.rows_of(middle + 1), class_index]
        is_above = scores > wanted[open_]
        low[open_[is_above]] = middle[is_above] + 1
        high[open_[~is_above]] = middle[~is_above]
    return low


def ranking_strip(curves: RunCurves, class_index: int, edges: ArrayLike) -> Strip:
    """Returns the strip of a class in O(edges), without reading any image's row.

    Args:
        curves: the curves of a table.
        class_index: the class.
        edges: (K + 1,) where bins should begin and end, from 0 to the number of images of that
            table, ascending. A bin holds whole blocks (see `curves.block_edges`): it begins at the
            nearest edge of a block, and there are no more bins than blocks.
    """
    wanted = np.asarray(edges, np.float64)
    blocks = block_edges(int(wanted[-1]))
    chosen = np.unique(np.searchsorted((blocks[:-1] + blocks[1:]) / 2, wanted))
    present, absent, ignored, unknown = (
        np.diff(member[class_index, chosen].astype(np.int64))
        for member in (
            curves.present_before,
            curves.absent_before,
            curves.ignored_before,
            curves.unknown_before,
        )
    )
    return Strip(
        blocks[chosen],
        present,
        absent,
        ignored,
        unknown,
        unreadable=np.diff(blocks[chosen]) - present - absent - ignored - unknown,
        score=np.asarray(curves.edge_score[class_index, chosen]),
    )
