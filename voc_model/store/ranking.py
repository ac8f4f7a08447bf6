"""The ranking of a class: rank <-> row <-> score, in O(log N) for N images.

A ranking lists rows from the highest score to the lowest, equal scores by row, and unreadable
images (NaN) last. Rows are sorted by image id (see `scores`), so ties are in order of image id.
"""

from bisect import bisect_left
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from voc_model.errors import SCORE_AGAIN, ScoreStoreError
from voc_model.store.archive import StoredArray

_INFINITY_BITS = np.float32(np.inf).view(np.uint32)
_LAST = np.uint32(2**32 - 1)
_CHUNK = 1 << 20


def rank_rows(scores: NDArray[np.float32]) -> NDArray[np.int32]:
    """Returns the ranking of every class.

    Args:
        scores: (N, C) in [0, 1], NaN for an unreadable image.

    Returns:
        (C, N) row indices from the highest score to the lowest.
    """
    ranking = np.empty(scores.shape[::-1], np.int32)
    for rows, column in zip(ranking, scores.T, strict=True):
        rows[:] = rank_column(column)
    return ranking


def rank_column(scores: NDArray[np.float32]) -> NDArray[np.int32]:
    """Returns the (N,) ranking of one class from its (N,) scores, see `rank_rows`."""
    # One integer per row, from its score and number: sorting these in place is faster than a stable
    # sort of indices, and takes half its memory. The bits of floats are in the order of the floats
    # as long as they are not negative; adding 0 turns -0 into 0.
    bits = (scores + np.float32(0)).view(np.uint32)
    np.subtract(_INFINITY_BITS, bits, out=bits)
    bits[np.isnan(scores)] = _LAST
    keys = bits.astype(np.uint64)
    keys <<= np.uint64(32)
    keys |= np.arange(len(scores), dtype=np.uint32)
    keys.sort()
    return keys.astype(np.uint32).view(np.int32)  # The lower half is the row.


def is_rank_order(rows: NDArray[np.int32], scores: NDArray[np.float32]) -> bool:
    """Returns whether (N,) rows are the ranking of (N,) scores, without sorting."""
    if len(rows) != len(scores):
        return False
    # In strict order no row occurs twice; and as there are N of N, each occurs once. In parts, of
    # which each begins with the last row of the one before, so that little memory is needed.
    starts = range(0, len(rows), _CHUNK)
    return all(_is_in_order(rows[max(at - 1, 0) : at + _CHUNK], scores) for at in starts)


def _is_in_order(rows: NDArray[np.int32], scores: NDArray[np.float32]) -> bool:
    """Returns whether (K,) consecutive rows of a ranking are among those of the (N,) scores."""
    if rows.min() < 0 or rows.max() >= len(scores):
        return False
    ranked = scores[rows]
    above, below = ranked[:-1], ranked[1:]
    unreadable = np.isnan(ranked)
    falls = (above > below) | (unreadable[1:] & ~unreadable[:-1])
    ties = (above == below) | (unreadable[1:] & unreadable[:-1])
    return bool((falls | (ties & (rows[:-1] < rows[1:]))).all())


@dataclass(frozen=True)
class ClassRanking:
    """One class of a score table in rank order. Ranks start at 1.

    Attributes:
        ranking: (C, N) row indices from the highest score to the lowest; may be in a file.
        scores: (N, C) the scores of every row (not in rank order); may be in a file.
        class_index: the class.
    """

    ranking: StoredArray
    scores: StoredArray
    class_index: int

    def __len__(self) -> int:
        return len(self.scores)

    def slice(self, first_rank: int, last_rank: int) -> NDArray[np.int32]:
        """Returns the rows of ranks first_rank to last_rank inclusive, fewer beyond the ends."""
        part = slice(max(first_rank, 1) - 1, max(last_rank, 0))
        return self._checked(np.asarray(self.ranking[self.class_index, part]))

    def rows_of(self, ranks: NDArray[np.intp]) -> NDArray[np.int32]:
        """Returns the rows of any (K,) ranks, in their order."""
        return self._checked(np.asarray(self.ranking[self.class_index, ranks - 1]))

    def rank_of(self, row: int) -> int:
        """Returns the rank of a row, by bisection."""
        target = self._key(row)
        return 1 + bisect_left(
            range(len(self)), target, key=lambda index: self._key(self._row_at(index))
        )

    def count_above(self, threshold: float) -> int:
        """Returns how many images score above the threshold."""
        return bisect_left(
            range(len(self)), True, key=lambda index: not self._score_at(index) > threshold
        )

    def count_readable(self) -> int:
        """Returns how many images have a score; the unreadable ones are the last."""
        return bisect_left(
            range(len(self)), True, key=lambda index: np.isnan(self._score_at(index))
        )

    def _row_at(self, index: int) -> int:
        return int(self._checked(self.ranking[self.class_index, index]))

    def _checked(self, rows: NDArray[np.int32]) -> NDArray[np.int32]:
        """Returns rows as they are, if they exist: a large file is used before it is verified.

        Raises:
            ScoreStoreError: one of them does not.
        """
        if rows.size and (rows.min() < 0 or rows.max() >= len(self)):
            raise ScoreStoreError(
                f"scores.npz: damaged: its ranking names a row outside 0 to {len(self) - 1}. "
                f"{SCORE_AGAIN}"
            )
        return rows

    def _score_at(self, index: int) -> float:
        return float(self.scores[self._row_at(index), self.class_index])

    def _key(self, row: int) -> tuple[float, int]:
        score = float(self.scores[row, self.class_index])
        return (float("inf") if np.isnan(score) else -score, row)
