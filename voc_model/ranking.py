"""The order of a class: rank <-> image <-> score, in O(log N) whatever the number of images.

A ranking lists rows from the highest score to the lowest; equal scores go by row, and rows are
sorted by image id (see score_store); images that could not be read (NaN) come last.
"""

from bisect import bisect_left
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


def rank_rows(scores: NDArray[np.float32]) -> NDArray[np.int32]:
    """Returns the ranking of every class.

    Args:
        scores: (N, C), NaN for an unreadable image.

    Returns:
        (C, N) row indices from the highest score to the lowest.
    """
    # Stable, so equal scores keep the order of rows; NumPy sorts NaN last.
    columns = [np.argsort(-column, kind="stable") for column in np.asarray(scores).T]
    return np.array(columns, np.int32).reshape(scores.shape[1], scores.shape[0])


@dataclass(frozen=True)
class ClassRanking:
    """One class of a score table in rank order. Ranks count from 1, as a person does.

    Attributes:
        rows: (N,) row indices from the highest score to the lowest; may be memory-mapped.
        scores: (N,) the class's score of every row (not in rank order); may be memory-mapped.
    """

    rows: NDArray[np.int32]
    scores: NDArray[np.float32]

    def __len__(self) -> int:
        return len(self.rows)

    def slice(self, first_rank: int, last_rank: int) -> NDArray[np.int32]:
        """Returns the rows of ranks first_rank to last_rank, both included, as far as they go."""
        return np.asarray(self.rows[max(first_rank, 1) - 1 : max(last_rank, 0)])

    def rank_of(self, row: int) -> int:
        """Returns the rank of a row, by bisection: no pass over the images."""
        target = self._key(row)
        return 1 + bisect_left(
            range(len(self)), target, key=lambda place: self._key(int(self.rows[place]))
        )

    def count_above(self, threshold: float) -> int:
        """Returns how many images score above the threshold."""
        return bisect_left(
            range(len(self)), True, key=lambda place: not self._score_at(place) > threshold
        )

    def count_readable(self) -> int:
        """Returns how many images have a score: the unreadable ones stand at the end."""
        return bisect_left(
            range(len(self)), True, key=lambda place: np.isnan(self._score_at(place))
        )

    def _score_at(self, place: int) -> float:
        return float(self.scores[self.rows[place]])

    def _key(self, row: int) -> tuple[float, int]:
        score = float(self.scores[row])
        return (float("inf") if np.isnan(score) else -score, row)
