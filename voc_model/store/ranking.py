"""The ranking of a class: rank <-> row <-> score, in O(log N) for N images.

A ranking lists rows from the highest score to the lowest and unreadable images (NaN) last. Equal
scores are in the order of the logits that they were computed from, if those are known, and then of
rows, which are sorted by image id (see `scores`).
"""

import math
from bisect import bisect_left
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from voc_model.errors import SCORE_AGAIN, ScoreStoreError
from voc_model.store.file_array import StoredArray

_INFINITY_BITS = np.float32(np.inf).view(np.uint32)
_LAST = np.uint32(2**32 - 1)
_CHUNK = 1 << 20
_FEW = 1 << 13  # Rows that are read at once rather than one by one.


def rank_rows(
    scores: NDArray[np.float32], logits: NDArray[np.float32] | None = None
) -> NDArray[np.int32]:
    """Returns the ranking of every class.

    Args:
        scores: (N, C) in [0, 1], NaN for an unreadable image.
        logits: (N, C) that order equal scores; by default they are in order of rows.

    Returns:
        (C, N) row indices from the highest score to the lowest.
    """
    ranking = np.empty(scores.shape[::-1], np.int32)
    for index, rows in enumerate(ranking):
        if logits is None:
            rows[:] = rank_column(scores[:, index])
        else:
            rows[:] = np.lexsort((-logits[:, index], -scores[:, index]))
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


def is_rank_order(ranking: StoredArray, class_index: int, scores: NDArray[np.float32]) -> bool:
    """Returns whether a class's row of a (C, N) ranking ranks its (N,) scores.

    Equal scores may be in any order.
    """
    if ranking.shape[1] != len(scores):
        return False
    occurs = np.zeros(len(scores), np.bool_)
    # In parts, of which each begins with the last row of the one before, to need little memory.
    for start in range(0, len(scores), _CHUNK):
        part = np.asarray(ranking[class_index, max(start - 1, 0) : start + _CHUNK])
        if part.min() < 0 or part.max() >= len(scores):
            return False
        occurs[part] = True
        ranked = scores[part]
        # No comparison with NaN is true, so NaN may only follow.
        if not ((ranked[:-1] >= ranked[1:]) | np.isnan(ranked[1:])).all():
            return False
    return bool(occurs.all())


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
        """Returns the rank of a row: a search among the rows with the same score.

        Args:
            row: of the table.
            within: ranks among which it is known to be; by default all.
        """
        if within is None or len(within) > _FEW:
            within = self._ranks_of(float(self.scores[row, self.class_index]))
        for start in range(within.start, within.stop, _CHUNK):
            rows = self.slice(start, min(start + _CHUNK, within.stop) - 1)
            found = np.flatnonzero(rows == row)
            if len(found):
                return start + int(found[0])
        raise _damage(f"row {row} is not in it")

    def count_above(self, threshold: float) -> int:
        """Returns how many images score above the threshold."""
        return self._bisect(lambda index: not self._score_at(index) > threshold)

    def count_readable(self) -> int:
        """Returns how many images have a score; the unreadable ones are the last."""
        return self._bisect(lambda index: math.isnan(self._score_at(index)))

    def _bisect(self, has_passed: Callable[[int], bool]) -> int:
        """Returns the first index for which a condition that then stays true is true."""
        found = bisect_left(range(len(self)), True, key=has_passed)
        self.slice(1, 1)  # Fails if single values were read from a file that was changed meanwhile.
        return found

    def _row_at(self, index: int) -> int:
        row = int(self.ranking[self.class_index, index])
        if not 0 <= row < len(self):
            raise _damage(f"it names a row outside 0 to {len(self) - 1}")
        return row

    def _score_at(self, index: int) -> float:
        return float(self.scores[self._row_at(index), self.class_index])

    def _ranks_of(self, score: float) -> range:
        """Returns the ranks of all rows with a score."""
        target = _descending(score)
        first = self._bisect(lambda index: _descending(self._score_at(index)) >= target)
        last = self._bisect(lambda index: _descending(self._score_at(index)) > target)
        return range(first + 1, last + 1)

    def _checked(self, rows: NDArray[np.int32]) -> NDArray[np.int32]:
        """Returns rows as they are, if they exist: a large file is used before it is verified."""
        if len(rows) and (rows.min() < 0 or rows.max() >= len(self)):
            raise _damage(f"it names a row outside 0 to {len(self) - 1}")
        return rows


def _damage(reason: str) -> ScoreStoreError:
    return ScoreStoreError(f"scores.npz: damaged: in its ranking, {reason}. {SCORE_AGAIN}")


def _descending(score: float) -> float:
    """Returns a key that sorts high scores first and NaN last."""
    return math.inf if math.isnan(score) else -score
