"""What predicting a class where score > 0.5 gets wrong, and what the images show instead."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field

from voc_model.data.labels import ABSENT, PRESENT
from voc_model.metrics.precision_recall import (
    DifficultConvention,
    IntArray,
    apply_difficult,
    count_above,
)
from voc_model.store.other_classes import without_label
from voc_model.store.scores import ScoreTable

THRESHOLD = 0.5
MOST_SHOWN = 2  # classes that are named
WORST_IMAGES = 5

_CHUNK_VALUES = 1 << 22  # Labels at a time. A float32 counts as many rows exactly.
_CLASSES_AT_ONCE = 1000  # So that the counts of all pairs of classes fit into memory.


class ShownClass(BaseModel):
    """A class, and in how many images it is present."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = Field(description="the class")
    count: int = Field(description="number of images in which it is present")


class Mistakes(BaseModel):
    """What predicting a class where score > 0.5 gets wrong of its present and absent images."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    false_positives: int = Field(description="absent images that score above 0.5")
    false_negatives: int = Field(description="present images that score 0.5 or less")
    most_shown: list[ShownClass] = Field(
        description="the classes that are most often present in the false positives, at most two; "
        "in a tie, the first in the order of the data set"
    )
    without_label: int = Field(
        description="false positives in which no class is present or difficult"
    )
    highest_absent: list[int] = Field(
        description="ranks of the highest-scoring absent images, at most five"
    )
    lowest_present: list[int] = Field(
        description="ranks of the lowest-scoring present images, at most five, the lowest first"
    )


@dataclass(frozen=True, eq=False)
class ShownInstead:
    """What the false positives of one class show; C classes.

    Attributes:
        count: (C,) in how many of them each class is present.
        without_label: in how many no class is present or difficult.
    """

    count: IntArray
    without_label: int


def find_mistakes(
    scores: NDArray[np.float32],
    labels: NDArray[np.int8],
    shown: ShownInstead,
    classes: tuple[str, ...],
) -> Mistakes:
    """Returns the mistakes of one class.

    Args:
        scores, labels: (R,) those of the readable images, in rank order.
        shown: what its false positives show.
        classes: the names of all classes.
    """
    (above,) = count_above(scores, [THRESHOLD])
    most = np.argsort(-shown.count, kind="stable")[:MOST_SHOWN]
    absent = np.flatnonzero(labels == ABSENT) + 1
    present = np.flatnonzero(labels == PRESENT) + 1
    return Mistakes(
        false_positives=int(np.count_nonzero(absent <= above)),
        false_negatives=int(np.count_nonzero(present > above)),
        most_shown=[
            ShownClass(name=classes[index], count=int(shown.count[index]))
            for index in most
            if shown.count[index]
        ],
        without_label=shown.without_label,
        highest_absent=absent[:WORST_IMAGES].tolist(),
        lowest_present=present[: -WORST_IMAGES - 1 : -1].tolist(),
    )


def shown_instead(table: ScoreTable, difficult: DifficultConvention) -> Iterator[ShownInstead]:
    """Yields for each class what its false positives show, from one pass over the table.

    More than _CLASSES_AT_ONCE classes take further passes.

    Args:
        table: the scores and labels.
        difficult: how labels of difficult objects count.
    """
    images, classes = table.scores.shape
    rows_at_once = max(_CHUNK_VALUES // classes, 1)
    for first in range(0, classes, _CLASSES_AT_ONCE):
        part = slice(first, min(first + _CLASSES_AT_ONCE, classes))
        counts = np.zeros((part.stop - part.start, classes + 1), np.int64)
        for start in range(0, images, rows_at_once):
            rows = slice(start, start + rows_at_once)
            labels = apply_difficult(np.asarray(table.labels[rows]), difficult)
            wrong = (np.asarray(table.scores[rows, part]) > THRESHOLD) & (labels[:, part] == ABSENT)
            some = wrong.any(axis=1)
            counts += _count_pairs(wrong[some], labels[some])
        for row in counts:
            yield ShownInstead(row[:-1], int(row[-1]))


def _count_pairs(wrong: NDArray[np.bool_], labels: NDArray[np.int8]) -> IntArray:
    """Returns (K, C + 1): of the images wrong for a class, how many show each class; last, none.

    Args:
        wrong: (R, K) whether an image is a false positive of each of K classes.
        labels: (R, C) of all classes.
    """
    shown = np.empty((labels.shape[0], labels.shape[1] + 1), np.float32)
    np.equal(labels, PRESENT, out=shown[:, :-1])
    shown[:, -1] = without_label(labels)
    pairs: IntArray = (wrong.T.astype(np.float32) @ shown).astype(np.int64)
    return pairs
