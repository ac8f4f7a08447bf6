"""The other classes of a class's images: which they are taken for, and which they show."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from voc_model.data.labels import ABSENT, IGNORED, PRESENT, UNKNOWN
from voc_model.store.file_array import StoredArray
from voc_model.store.scores import ScoreTable

Others = Literal["right", "none"]

# In place of a class that an image is taken for.
CODE_OF_OTHERS: dict[Others, int] = {"right": -1, "none": -2}

MAX_VALUES = 4_000_000  # Images times classes that are compared for one page.
_CHUNK_VALUES = 1 << 16
# Reading a single row from a file takes about as long as reading this many consecutive ones.
ROWS_PER_PICK = 64

Ranks = range | NDArray[np.int32]


@dataclass(frozen=True, eq=False)
class ClassCounts:
    """How many of some images show each of C classes.

    Attributes:
        present, absent: (C,) images by the label of the class.
        without: images that are labelled, but have no label: no class is present or difficult.
    """

    present: NDArray[np.int64]
    absent: NDArray[np.int64]
    without: int

    @property
    def nbytes(self) -> int:
        """The memory it takes."""
        return self.present.nbytes + self.absent.nbytes


def without_label(labels: NDArray[np.int8]) -> NDArray[np.bool_]:
    """Returns (K,) whether images of (K, C) labels are labelled, no class present or difficult."""
    has_label = ((labels == PRESENT) | (labels == IGNORED)).any(axis=1)
    found: NDArray[np.bool_] = ~has_label & (labels != UNKNOWN).any(axis=1)
    return found


def highest_wrong(
    scores: NDArray[np.float32], labels: NDArray[np.int8], class_index: int, threshold: float
) -> NDArray[np.int32]:
    """Returns what images are taken for instead of, or besides, their class.

    Args:
        scores, labels: (K, C) of the images.
        class_index: their class, which is left out.
        threshold: of all other classes.

    Returns:
        (K,) the class with the highest score of those above the threshold that are absent, the
        first of equal ones; otherwise "right" if another class is above the threshold, "none" if
        none is (see CODE_OF_OTHERS).
    """
    above = scores > np.float64(threshold)  # In float64, as everywhere; never true for NaN.
    above[:, class_index] = False
    wrong = np.where(above & (labels == ABSENT), scores, np.float32(-1))
    highest = wrong.argmax(axis=1)
    is_wrong = wrong[np.arange(len(wrong)), highest] >= 0
    otherwise = np.where(above.any(axis=1), CODE_OF_OTHERS["right"], CODE_OF_OTHERS["none"])
    return np.where(is_wrong, highest, otherwise).astype(np.int32)


def find_taken_for(
    table: ScoreTable, class_index: int, ranks: Ranks, threshold: float
) -> NDArray[np.int32]:
    """Returns (M,) `highest_wrong` of the images at M ranks of a class."""
    found = np.empty(len(ranks), np.int32)
    for positions, rows in _by_rows(table, class_index, ranks):
        scores, labels = _read_rows(table.scores, rows), _read_rows(table.labels, rows)
        found[positions] = highest_wrong(scores, labels, class_index, threshold)
    return found


def find_labels(table: ScoreTable, class_index: int, ranks: Ranks) -> NDArray[np.int8]:
    """Returns (M,) the labels of a class at M of its ranks."""
    found = np.empty(len(ranks), np.int8)
    for positions, rows in _by_rows(table, class_index, ranks):
        found[positions] = _read_rows(table.labels, rows)[:, class_index]
    return found


def count_classes(table: ScoreTable, class_index: int, ranks: Ranks) -> ClassCounts:
    """Counts the images at M ranks of a class by the classes they show."""
    present, absent = (np.zeros(len(table.classes), np.int64) for _ in range(2))
    without = 0
    for _, rows in _by_rows(table, class_index, ranks):
        labels = _read_rows(table.labels, rows)
        present += (labels == PRESENT).sum(axis=0)
        absent += (labels == ABSENT).sum(axis=0)
        without += int(without_label(labels).sum())
    return ClassCounts(present, absent, without)


def _by_rows(
    table: ScoreTable, class_index: int, ranks: Ranks
) -> Iterator[tuple[NDArray[np.intp], NDArray[np.int32]]]:
    """Yields positions among M ascending ranks and their rows, in chunks by ascending rows."""
    if not len(ranks):
        return
    ranking = table.class_ranking(class_index)
    first, last = int(ranks[0]), int(ranks[-1])
    positions = np.asarray(ranks, np.intp) - first
    is_dense = last - first < ROWS_PER_PICK * len(ranks)
    rows = ranking.slice(first, last)[positions] if is_dense else ranking.rows_of(positions + first)
    order = np.argsort(rows)
    size = max(_CHUNK_VALUES // len(table.classes), 1)
    for start in range(0, len(order), size):
        chunk = order[start : start + size]
        yield chunk, rows[chunk]


def _read_rows(array: StoredArray, rows: NDArray[np.int32]) -> NDArray[Any]:
    """Returns K ascending rows of an array: picked, or cut out of what lies between them."""
    first, end = int(rows[0]), int(rows[-1]) + 1
    if end - first > ROWS_PER_PICK * len(rows):
        return np.asarray(array[rows])
    return np.asarray(array[first:end])[rows - first]
