"""The curves of every class: made once, kept in curves.npz, read by the pages in O(page).

One class's part of it is made of its scores and labels in rank order, see `class_curves`.
"""

from collections.abc import Iterable
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from voc_model.errors import SCORE_AGAIN, ScoreStoreError
from voc_model.metrics.calibration import (
    CALIBRATION_BINS,
    HISTOGRAM_BINS,
    ReliabilityDiagram,
    ranked_score_histogram,
)
from voc_model.metrics.operating_points import best_f1_index, indices_reaching
from voc_model.metrics.precision_recall import (
    FloatArray,
    IntArray,
    PrecisionRecallCurve,
    count_above,
    threshold_below,
)
from voc_model.store.npz import map_npz

MAX_CURVE_POINTS = 200
MAX_OPERATING_POINTS = 1024
MAX_RANK_BLOCKS = 4096
RECALLS = np.arange(101) / 100
_WANTED_PRECISIONS = np.arange(1, 101) / 100


@dataclass(frozen=True, eq=False)
class RunCurves:
    """Curves of C classes; float64, rows shorter than the longest are filled up with NaN.

    Attributes:
        count: (C, P) how many images score at least `threshold` (difficult ones not counted).
        threshold, precision, recall: (C, P) of the precision-recall curve, see metrics, thinned to
            at most MAX_CURVE_POINTS for drawing.
        point_score, point_count, point_true_positives, point_ignored: (C, Q) at most
            MAX_OPERATING_POINTS of that curve to put a threshold at; see `operating_points`.
        tail_threshold, tail_accuracy, tail_count: (C, T); the first columns are the grid that all
            classes share, the rest goes on to the class's own highest score.
        mean_recall, mean_precision: (1, 101) recalls 0, 0.01, ..., 1 and the mean over the defined
            classes of the greatest precision at that recall or above.
        reliability_count, reliability_score, reliability_present: (C, CALIBRATION_BINS) images,
            mean score and fraction present of each bin, see `calibration.ReliabilityDiagram`.
        histogram_present, histogram_absent, histogram_ignored: (C, HISTOGRAM_BINS) counts, see
            `calibration.ScoreHistogram`.
        present_before, absent_before, ignored_before: (C, B + 1) readable images of each truth
            before each of `block_edges`, from which counts down to any rank follow with no pass
            over the images.
        edge_score: (C, B + 1) the score of the image that follows the edge; the lowest score where
            no readable one does. It falls from edge to edge: rank <-> score by interpolation.
    """

    count: NDArray[np.float64]
    threshold: NDArray[np.float64]
    precision: NDArray[np.float64]
    recall: NDArray[np.float64]
    point_score: NDArray[np.float64]
    point_count: NDArray[np.float64]
    point_true_positives: NDArray[np.float64]
    point_ignored: NDArray[np.float64]
    tail_threshold: NDArray[np.float64]
    tail_accuracy: NDArray[np.float64]
    tail_count: NDArray[np.float64]
    mean_recall: NDArray[np.float64]
    mean_precision: NDArray[np.float64]
    reliability_count: NDArray[np.float64]
    reliability_score: NDArray[np.float64]
    reliability_present: NDArray[np.float64]
    histogram_present: NDArray[np.float64]
    histogram_absent: NDArray[np.float64]
    histogram_ignored: NDArray[np.float64]
    present_before: NDArray[np.float64]
    absent_before: NDArray[np.float64]
    ignored_before: NDArray[np.float64]
    edge_score: NDArray[np.float64]

    @classmethod
    def open(cls, path: Path) -> "RunCurves":
        """Opens curves.npz by memory map.

        Raises:
            ScoreStoreError: the file is missing, damaged, or lacks a member (an older version's).
        """
        if not path.is_file():
            raise ScoreStoreError(f"{path}: not found. {SCORE_AGAIN}")
        try:
            members = map_npz(path)
        except (ValueError, OSError) as error:
            raise ScoreStoreError(f"{path}: damaged ({error}). {SCORE_AGAIN}") from error
        expected = {field.name for field in fields(cls)}
        if members.keys() != expected:
            differences = [
                *(f"{name} is missing" for name in sorted(expected - members.keys())),
                *(f"{name} is unexpected" for name in sorted(members.keys() - expected)),
            ]
            raise ScoreStoreError(
                f"{path}: written by another version: {', '.join(differences)}. {SCORE_AGAIN}"
            )
        return cls(**members)

    def check_layout(self, images: int, classes: int) -> None:
        """Checks types and shapes against those of a table of so many images and classes.

        Raises:
            ValueError: a member has another type or shape.
        """
        for names, width in (
            (("count", "threshold", "precision", "recall"), None),
            (("point_score", "point_count", "point_true_positives", "point_ignored"), None),
            (("tail_threshold", "tail_accuracy", "tail_count"), None),
            (("mean_recall", "mean_precision"), len(RECALLS)),
            (("reliability_count", "reliability_score", "reliability_present"), CALIBRATION_BINS),
            (("histogram_present", "histogram_absent", "histogram_ignored"), HISTOGRAM_BINS),
            (
                ("present_before", "absent_before", "ignored_before", "edge_score"),
                len(block_edges(images)),
            ),
        ):
            rows = 1 if names[0] == "mean_recall" else classes
            # Where any width will do, it is the same in all of the group.
            found = np.atleast_1d(getattr(self, names[0])).shape[-1]
            expected = (rows, found if width is None else width)
            for name in names:
                array = getattr(self, name)
                if array.dtype != np.float64 or array.shape != expected:
                    raise ValueError(
                        f"{name} is {array.dtype} {array.shape}, expected float64 {expected}"
                    )


@dataclass(frozen=True, eq=False)
class OperatingPoints:
    """Where the threshold of a class can stand, from the highest down; K points.

    Every distinct score where there are at most MAX_OPERATING_POINTS of them. Else thinned, and the
    point of best F1 and those of highest recall at a precision of 1 %, 2 %, ..., 100 % are kept.

    Attributes:
        score: (K,) a point selects the images with score >= this.
        threshold: (K,) those are the images with score > threshold, see `threshold_below`.
        count: (K,) how many they are, difficult ones not counted.
        true_positives: (K,) how many of them are present.
        ignored: (K,) how many difficult ones are selected besides.
    """

    score: FloatArray
    threshold: FloatArray
    count: IntArray
    true_positives: IntArray
    ignored: IntArray


def operating_points(curves: RunCurves, class_index: int) -> OperatingPoints:
    """Returns the operating points of a class."""
    score = np.asarray(curves.point_score[class_index])
    kept = ~np.isnan(score)
    count, true_positives, ignored = (
        np.asarray(member[class_index])[kept].astype(np.int64)
        for member in (curves.point_count, curves.point_true_positives, curves.point_ignored)
    )
    return OperatingPoints(
        score[kept], threshold_below(score[kept]), count, true_positives, ignored
    )


def block_size(images: int) -> int:
    """Returns how many ranks share a block: at most MAX_RANK_BLOCKS blocks whatever the images."""
    return max(1, -(-images // MAX_RANK_BLOCKS))


def block_edges(images: int) -> IntArray:
    """Returns (B + 1,): how many ranks lie before each block; last, all of them."""
    return np.append(np.arange(0, images, block_size(images)), images)


def class_curves(
    scores: NDArray[np.float32],
    labels: NDArray[np.int8],
    curve: PrecisionRecallCurve,
    reliability: ReliabilityDiagram,
) -> dict[str, NDArray[Any]]:
    """Returns one class's rows of RunCurves by member; those of tail and mean are not among them.

    Args:
        scores: (N,) in rank order, unreadable ones (NaN) last.
        labels: (N,) 1 present, 0 absent, -1 ignored.
        curve, reliability: those of these.
    """
    drawn = curve.take(_thin(len(curve), MAX_CURVE_POINTS))
    chosen = curve.take(_operating_indices(curve))
    readable = len(scores) - int(np.count_nonzero(np.isnan(scores)))
    ignored_scores = scores[:readable][labels[:readable] == -1]
    histogram = ranked_score_histogram(scores, labels)
    return {
        "count": drawn.count,
        "threshold": drawn.threshold,
        "precision": drawn.precision,
        "recall": drawn.recall,
        "point_score": chosen.threshold,
        "point_count": chosen.count,
        "point_true_positives": chosen.true_positives,
        "point_ignored": count_above(ignored_scores, threshold_below(chosen.threshold)),
        "reliability_count": reliability.count,
        "reliability_score": reliability.mean_score,
        "reliability_present": reliability.fraction_present,
        "histogram_present": histogram.present,
        "histogram_absent": histogram.absent,
        "histogram_ignored": histogram.ignored,
        **_at_block_edges(scores, labels, readable),
    }


def pad_rows(rows: Iterable[NDArray[Any]]) -> NDArray[np.float64]:
    """Returns the rows as one (C, longest) array, filled up with NaN."""
    rows = list(rows)
    padded = np.full((len(rows), max(map(len, rows))), np.nan)
    for index, row in enumerate(rows):
        padded[index, : len(row)] = row
    return padded


def _at_block_edges(
    scores: NDArray[np.float32], labels: NDArray[np.int8], readable: int
) -> dict[str, NDArray[Any]]:
    """Returns the counts before, and the score at, each of `block_edges`."""
    edges = block_edges(len(scores))

    def count_before(label: int) -> IntArray:
        holds = labels == label
        holds[readable:] = False  # Unreadable rows come last in a ranking, and count nowhere.
        return np.append(0, np.cumsum(np.add.reduceat(holds, edges[:-1], dtype=np.int64)))

    lowest = readable - 1
    return {
        "present_before": count_before(1),
        "absent_before": count_before(0),
        "ignored_before": count_before(-1),
        # Without any readable image all scores are NaN, the last one's too.
        "edge_score": scores[np.minimum(edges, lowest)],
    }


def _operating_indices(curve: PrecisionRecallCurve) -> IntArray:
    """Returns the points of a curve that are kept as operating points, in ascending order."""
    if len(curve) <= MAX_OPERATING_POINTS:
        return np.arange(len(curve))
    best = best_f1_index(curve)
    reaching = indices_reaching(curve, _WANTED_PRECISIONS)
    named = np.append(reaching[reaching >= 0], [] if best is None else [best])
    room = MAX_OPERATING_POINTS - len(_WANTED_PRECISIONS) - 1
    return np.union1d(_thin(len(curve), room), named.astype(np.int64))


def _thin(length: int, points: int) -> IntArray:
    """Returns at most `points` of 0..length-1, dense at the top of the ranking, ends kept."""
    if length <= points:
        return np.arange(length)
    half = points // 2
    top = np.geomspace(1, length, half) - 1
    return np.unique(np.append(top, np.linspace(0, length - 1, half)).astype(np.int64))
