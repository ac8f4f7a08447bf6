"""The ranking of a class: rank <-> row <-> score, in O(log N) for N images.

A ranking lists rows from the highest score to the lowest, equal scores by row, and unreadable
images (NaN) last. Rows are sorted by image id (see `scores`), so ties are in order of image id.
"""

import math
from bisect import bisect_left
from collections.abc import Callable
from dataclasses import dataclass
from typing import NoReturn, TypeVar

import numpy as np
from numpy.typing import NDArray

from voc_model.errors import SCORE_AGAIN, ScoreStoreError
from voc_model.store.file_array import StoredArray

_INFINITY_BITS = np.float32(np.inf).view(np.uint32)
_LAST = np.uint32(2**32 - 1)
_CHUNK = 1 << 20
_FEW = 1 << 13  # Rows that are read at once rather than one by one.
_Key = TypeVar("_Key", bool, tuple[float, int])


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

    def rank_of(self, row: int, within: range | None = None) -> int:
        """Returns the rank of a row, by bisection.

        Args:
            row: of the table.
            within: ranks among which it is known to be; by default all.
        """
        within = within or range(1, len(self) + 1)
        target = self._key(row)
        if len(within) <= _FEW:  # One read instead of as many as there are steps.
            rows = self.slice(within.start, within.stop - 1)
            index = self._bisect(len(within), target, lambda step: self._key(int(rows[step])))
        else:
            before = within.start - 1
            index = self._bisect(
                len(within), target, lambda step: self._key(self._row_at(before + step))
            )
        return within.start + index

    def count_above(self, threshold: float) -> int:
        """Returns how many images score above the threshold."""
        return self._bisect(len(self), True, lambda index: not self._score_at(index) > threshold)

    def count_readable(self) -> int:
        """Returns how many images have a score; the unreadable ones are the last."""
        return self._bisect(len(self), True, lambda index: math.isnan(self._score_at(index)))

    def _bisect(self, count: int, target: _Key, key: Callable[[int], _Key]) -> int:
        """Returns the first of so many indices whose key is not below the target."""
        found = bisect_left(range(count), target, key=key)
        self.slice(1, 1)  # Fails if single values were read from a file that was changed meanwhile.
        return found

    def _row_at(self, index: int) -> int:
        row = int(self.ranking[self.class_index, index])
        if not 0 <= row < len(self):
            self._refuse()
        return row

    def _score_at(self, index: int) -> float:
        return float(self.scores[self._row_at(index), self.class_index])

    def _key(self, row: int) -> tuple[float, int]:
        score = float(self.scores[row, self.class_index])
        return (math.inf if math.isnan(score) else -score, row)

    def _checked(self, rows: NDArray[np.int32]) -> NDArray[np.int32]:
        """Returns rows as they are, if they exist: a large file is used before it is verified."""
        if len(rows) and (rows.min() < 0 or rows.max() >= len(self)):
            self._refuse()
        return rows

    def _refuse(self) -> NoReturn:
        raise ScoreStoreError(
            f"scores.npz: damaged: its ranking names a row outside 0 to {len(self) - 1}. "
            f"{SCORE_AGAIN}"
        )
