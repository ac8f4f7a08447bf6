"""curves.npz: the curves of every class, computed once and read by the pages in O(page).

`class_curves` computes one class's part; `operating_points` and `label_counts` read it.
"""

import math
from dataclasses import dataclass, fields
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from voc_model.errors import SCORE_AGAIN, ScoreStoreError
from voc_model.metrics.calibration import CALIBRATION_BINS, HISTOGRAM_BINS
from voc_model.metrics.precision_recall import FloatArray, IntArray
from voc_model.metrics.tail_accuracy import TAIL_GRIDS
from voc_model.store.archive import open_npz
from voc_model.store.file_array import StoredArray
from voc_model.store.npz import write_npz

MAX_CURVE_POINTS = 200
MAX_OPERATING_POINTS = 1024
MAX_RANK_BLOCKS = 4096
RECALLS = np.arange(101) / 100
_IDENTITY = "identity"  # The member that says what the others were computed from.

_LABELS = ("present", "absent", "ignored", "unknown")
_TAIL_MEMBERS = ("threshold", "accuracy", "count", "rank")
_POINT_MEMBERS = ("score", "below", "count", "true_positives", "ignored", "unknown")
_READ_BY_CLASS = (
    *(f"point_{name}" for name in _POINT_MEMBERS),
    *(f"{name}_before" for name in _LABELS),
    "edge_score",
)


@dataclass(frozen=True, eq=False)
class RunCurves:
    """Curves of C classes; all float64. Rows shorter than the longest are padded with NaN.

    Attributes:
        count: (C, P) how many images score at least `threshold` (only those labelled 1 or 0).
        threshold, precision, recall: (C, P) of the precision-recall curve, see `precision_recall`,
            thinned for drawing.
        rank: (C, P) the last rank with that score: how many images of any label there are.
        point_score, point_below, point_count, point_true_positives, point_ignored, point_unknown:
            (C, Q) where a threshold can be set, see `operating_points`.
        shared_accuracy, shared_count: (C, T) tail accuracy at the thresholds that all classes
            share, the grid `threshold` of `tail_accuracy.TAIL_GRIDS`, and how many images are
            above each.
        tail_threshold, tail_accuracy, tail_count, tail_rank: (C, T) on the grid `highest`: the
            thresholds up to the class's own highest score, tail accuracy, how many images are
            above, and the last rank above: how many those of any label are.
        percentile_threshold, percentile_accuracy, percentile_count, percentile_rank: (C, S) the
            same on the grid `percentile`.
        mean_recall, mean_precision: (1, 101) RECALLS, and the mean over the defined classes of the
            highest precision at that recall or above.
        reliability_count, reliability_score, reliability_present: (C, CALIBRATION_BINS) images,
            mean score and fraction present of each bin, see `calibration.ReliabilityDiagram`.
        histogram_present, histogram_absent, histogram_ignored, histogram_unknown:
            (C, HISTOGRAM_BINS) counts, see `calibration.ScoreHistogram`.
        present_before, absent_before, ignored_before, unknown_before: (C, B + 1) how many readable
            images with that label rank before each of `block_edges`; counts down to any rank follow
            from them without a pass over the images, see `label_counts`.
        edge_score: (C, B + 1) the score of the image that follows the edge; the lowest score if no
            readable one does. It never increases from edge to edge, so ranks and scores can be
            interpolated.
    """

    count: FloatArray
    rank: FloatArray
    threshold: FloatArray
    precision: FloatArray
    recall: FloatArray
    point_score: StoredArray
    point_below: StoredArray
    point_count: StoredArray
    point_true_positives: StoredArray
    point_ignored: StoredArray
    point_unknown: StoredArray
    shared_accuracy: FloatArray
    shared_count: FloatArray
    tail_threshold: FloatArray
    tail_accuracy: FloatArray
    tail_count: FloatArray
    tail_rank: FloatArray
    percentile_threshold: FloatArray
    percentile_accuracy: FloatArray
    percentile_count: FloatArray
    percentile_rank: FloatArray
    mean_recall: FloatArray
    mean_precision: FloatArray
    reliability_count: FloatArray
    reliability_score: FloatArray
    reliability_present: FloatArray
    histogram_present: FloatArray
    histogram_absent: FloatArray
    histogram_ignored: FloatArray
    histogram_unknown: FloatArray
    present_before: StoredArray
    absent_before: StoredArray
    ignored_before: StoredArray
    unknown_before: StoredArray
    edge_score: StoredArray

    @classmethod
    def read(cls, path: Path, identity: str) -> "RunCurves":
        """Reads curves.npz and checks it against its checksums.

        It is in memory, but for the members of many classes that are read one class at a time.

        Raises:
            ScoreStoreError: the file is missing, damaged, of another evaluation, or written by
                another version, whose members have other names.
        """
        if not path.is_file():
            raise ScoreStoreError(f"{path}: not found. {SCORE_AGAIN}")
        try:
            archive = open_npz(path)
            archive.verify()
        except (ValueError, OSError) as error:
            raise ScoreStoreError(f"{path}: damaged ({error}). {SCORE_AGAIN}") from error
        members: dict[str, Any] = {
            name: array if name in _READ_BY_CLASS else np.asarray(array)
            for name, array in archive.members.items()
        }
        expected = {field.name for field in fields(cls)} | {_IDENTITY}
        if members.keys() != expected:
            differences = [
                *(f"{name} is missing" for name in sorted(expected - members.keys())),
                *(f"{name} is unexpected" for name in sorted(members.keys() - expected)),
            ]
            raise ScoreStoreError(
                f"{path}: written by another version: {', '.join(differences)}. {SCORE_AGAIN}"
            )
        if not np.array_equal(members.pop(_IDENTITY), np.array(identity.encode())):
            raise ScoreStoreError(f"{path}: computed with other scores or settings. {SCORE_AGAIN}")
        return cls(**members)

    def write(self, path: Path, identity: str) -> None:
        """Writes curves.npz, whole or not at all.

        Args:
            path: of the file.
            identity: what the curves depend on; that of the metrics beside them.
        """
        members = {name: np.asarray(array) for name, array in vars(self).items()}
        write_npz(path, members | {_IDENTITY: np.array(identity.encode())})

    def check_layout(self, images: int, classes: int) -> None:
        """Checks types and shapes against those of a table of so many images and classes.

        Raises:
            ValueError: a member has another type or shape.
        """
        reliability = ("reliability_count", "reliability_score", "reliability_present")
        before = (*(f"{name}_before" for name in _LABELS), "edge_score")
        tail, percentile = (
            tuple(f"{grid}_{name}" for name in _TAIL_MEMBERS) for grid in ("tail", "percentile")
        )
        for names, rows, width in (
            (("count", "rank", "threshold", "precision", "recall"), classes, None),
            (tuple(f"point_{name}" for name in _POINT_MEMBERS), classes, None),
            (("shared_accuracy", "shared_count"), classes, len(TAIL_GRIDS["threshold"])),
            (tail, classes, len(TAIL_GRIDS["highest"])),
            (percentile, classes, len(TAIL_GRIDS["percentile"])),
            (("mean_recall", "mean_precision"), 1, len(RECALLS)),
            (reliability, classes, CALIBRATION_BINS),
            (tuple(f"histogram_{name}" for name in _LABELS), classes, HISTOGRAM_BINS),
            (before, classes, len(block_edges(images))),
        ):
            # Any width will do for some groups, but it is the same for all members of a group.
            found = (getattr(self, names[0]).shape or (0,))[-1]
            expected = (rows, found if width is None else width)
            for name in names:
                array = getattr(self, name)
                if array.dtype != np.float64 or array.shape != expected:
                    raise ValueError(
                        f"{name} is {array.dtype} {array.shape}, expected float64 {expected}"
                    )


def block_size(images: int) -> int:
    """Returns how many ranks share a block at most, for MAX_RANK_BLOCKS even blocks or fewer."""
    return max(1, -(-images // MAX_RANK_BLOCKS))


def block_edges(images: int) -> IntArray:
    """Returns (B + 1,): how many ranks lie before each block; last, the number of images.

    Blocks are even, but shorter at the top, where people look: about a hundredth of the ranks
    before them, or one rank, so that the strip can be drawn on a logarithmic scale.
    """
    return _block_edges(images, block_size(images))


@lru_cache(maxsize=8)
def _block_edges(images: int, size: int) -> IntArray:
    even = np.append(np.arange(0, images, size), images)
    # From there on, even blocks are shorter than a hundredth.
    end = min(100 * size, images)
    count = math.ceil(math.log(end) / math.log1p(0.01)) + 1
    edges = np.union1d(even, np.geomspace(1, end, count).astype(np.int64))
    edges.flags.writeable = False  # All callers share it.
    return edges
