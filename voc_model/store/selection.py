"""Filters of a class's ranking: which ranks they select.

A range of scores, and one side of a threshold, are ranges of consecutive ranks, found by bisection.
Only the other conditions (labels, image ids) are checked image by image, within that range.
`selections` caches the results.
"""

from bisect import bisect_left
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from mmap import mmap
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from voc_model.data.labels import ABSENT, IGNORED, PRESENT, UNKNOWN
from voc_model.errors import NotFoundError
from voc_model.store.other_classes import ROWS_PER_PICK, Others, without_label
from voc_model.store.ranking import ClassRanking
from voc_model.store.scores import ScoreTable

Truth = Literal["present", "absent", "difficult", "not labelled"]
Outcome = Literal["TP", "FP", "FN", "TN"]

LABEL_OF_TRUTH: dict[Truth, int] = {
    "present": PRESENT,
    "absent": ABSENT,
    "difficult": IGNORED,
    "not labelled": UNKNOWN,
}
_LABEL_OF_OUTCOME: dict[Outcome, int] = {"TP": PRESENT, "FP": ABSENT, "FN": PRESENT, "TN": ABSENT}

_CHUNK = 1 << 16  # Rows at a time, so that they stay in the processor's cache.

_BoolArray = NDArray[np.bool_]


@dataclass(frozen=True)
class RankingFilter:
    """The conditions that an image of a class's ranking must meet; by default there are none.

    Attributes:
        truth: its label of the class; unreadable images have labels, too.
        outcome: of the prediction `score > threshold`; difficult, unreadable and unlabelled images
            have none.
        threshold: of the outcome, of `taken_for` and of `others`.
        with_classes: indices of classes that must all be present.
        without_classes: indices of classes that must all be absent. A class of which the image
            shows only difficult objects, or for which nobody has labelled it, is neither.
        without_label: whether it must be labelled, with no class present or difficult.
        taken_for: index of the class it must be taken for, see `other_classes.highest_wrong`.
        others: which other classes must be above the threshold: only right ones, or none at all.
        id_part: text that the image id must contain, ignoring case.
        min_score, max_score: the range of its score, inclusive. They are rounded to float32, the
            type of the scores, so that a score of 0.7 is in a range that starts at 0.7.
    """

    truth: Truth | None = None
    outcome: Outcome | None = None
    threshold: float = 0.5
    with_classes: tuple[int, ...] = ()
    without_classes: tuple[int, ...] = ()
    without_label: bool = False
    taken_for: int | None = None
    others: Others | None = None
    id_part: str = ""
    min_score: float | None = None
    max_score: float | None = None

    @property
    def compares_classes(self) -> bool:
        """Whether the scores of the other classes matter."""
        return self.taken_for is not None or self.others is not None

    @property
    def depends_on_threshold(self) -> bool:
        """Whether the threshold matters."""
        return self.outcome is not None or self.compares_classes


@dataclass(frozen=True, eq=False)
class Selection:
    """The M ranks that a filter selects.

    Attributes:
        ranks: (M,) in ascending order; a range if they are consecutive.
    """

    ranks: range | NDArray[np.int32]

    def __len__(self) -> int:
        return len(self.ranks)

    @property
    def nbytes(self) -> int:
        """The memory it takes."""
        return 0 if isinstance(self.ranks, range) else self.ranks.nbytes

    def position_of(self, rank: int) -> int:
        """Returns the position, from 0, that a rank has or would have among the selected ranks."""
        return bisect_left(self.ranks, rank)

    def slice(self, position: int, size: int) -> list[int]:
        """Returns `size` selected ranks from a position on, fewer beyond the ends."""
        part = self.ranks[max(position, 0) : max(position + size, 0)]
        return list(part) if isinstance(part, range) else part.tolist()


@dataclass(frozen=True)
class Conditions:
    """A filter in normal form: equivalent filters are equal.

    Attributes:
        first, last: the selected images are among ranking[first:last].
        labels: (class index, label) pairs, all of which the image has.
        without_label: whether it is labelled, with no class present or difficult.
        id_part: case-folded text that the image id contains.
    """

    first: int
    last: int
    labels: frozenset[tuple[int, int]]
    without_label: bool
    id_part: str

    @property
    def select_all(self) -> bool:
        """Whether all images of ranking[first:last] are selected."""
        checked = self.labels or self.without_label or self.id_part
        return self.first == self.last or not checked


def resolve(ranking: ClassRanking, class_index: int, chosen: RankingFilter) -> Conditions:
    """Returns a filter's conditions, with those on scores turned into a range of ranks."""
    first, last = 0, len(ranking)
    if chosen.outcome or chosen.min_score is not None or chosen.max_score is not None:
        last = ranking.count_readable()
    if chosen.outcome in ("TP", "FP"):
        last = min(last, ranking.count_above(chosen.threshold))
    elif chosen.outcome:
        first = ranking.count_above(chosen.threshold)
    if chosen.min_score is not None:
        below = np.nextafter(np.float32(chosen.min_score), np.float32(-1))
        last = min(last, ranking.count_above(float(below)))
    if chosen.max_score is not None:
        first = max(first, ranking.count_above(float(np.float32(chosen.max_score))))
    labels = {
        *((index, PRESENT) for index in chosen.with_classes),
        *((index, ABSENT) for index in chosen.without_classes),
    }
    if chosen.truth:
        labels.add((class_index, LABEL_OF_TRUTH[chosen.truth]))
    if chosen.outcome:
        labels.add((class_index, _LABEL_OF_OUTCOME[chosen.outcome]))
    contradictory = len({index for index, _ in labels}) < len(labels)
    if contradictory or first >= last:
        return Conditions(0, 0, frozenset(), False, "")
    return Conditions(
        first, last, frozenset(labels), chosen.without_label, chosen.id_part.casefold()
    )


def scan(table: ScoreTable, class_index: int, conditions: Conditions) -> NDArray[np.int32]:
    """Returns (M,) the ranks whose images meet the conditions.

    A few images are checked one by one, in rank order. For many it is faster to pass over the whole
    table in its own order, and then to put the result, one byte per image, into rank order.
    """
    images, selected = len(table.image_ids), conditions.last - conditions.first
    row_matches: _BoolArray | None = None
    if selected > images // ROWS_PER_PICK:
        # A map of its own, which is freed at once: the heap of each server thread would keep the
        # memory for the next time.
        row_matches = np.frombuffer(mmap(-1, images), np.bool_)
        for part in _chunks(images):
            row_matches[part] = _matches(table, part, conditions)
    ranks, count = np.empty(selected, np.int32), 0
    ranking = table.class_ranking(class_index)
    for part in _chunks(selected):
        chunk = ranking.slice(conditions.first + part.start + 1, conditions.first + part.stop)
        matches = _matches(table, chunk, conditions) if row_matches is None else row_matches[chunk]
        found = np.flatnonzero(matches) + (conditions.first + part.start + 1)
        ranks[count : count + len(found)] = found
        count += len(found)
    ranks.resize(count, refcheck=False)  # In place; the part that is cut off was never touched.
    return ranks


def _matches(
    table: ScoreTable, rows: slice | NDArray[np.int32], conditions: Conditions
) -> _BoolArray:
    """Returns (K,) whether the labels and ids of the rows meet the conditions."""
    count = rows.stop - rows.start if isinstance(rows, slice) else len(rows)
    matches = np.ones(count, np.bool_)
    for class_index, label in conditions.labels:
        matches &= table.labels[rows, class_index] == label
    if conditions.without_label:
        matches &= without_label(table.labels[rows])
    if conditions.id_part:
        ids = np.asarray(table.image_ids[rows])[matches]
        matches[matches] = ids_containing(ids, conditions.id_part)
    return matches


def find_ids(table: ScoreTable, part: str, limit: int) -> list[str]:
    """Returns the first `limit` image ids that contain a text, ignoring case.

    An id that is equal to the text comes before all others.
    """
    rows: list[int] = []
    with suppress(NotFoundError):
        rows.append(table.row_of(part))
    for chunk in _chunks(len(table.image_ids)):
        found = np.flatnonzero(ids_containing(np.asarray(table.image_ids[chunk]), part))
        rows += [row for row in (found[: limit + 1] + chunk.start).tolist() if row not in rows[:1]]
        if len(rows) >= limit:
            break
    return table.ids_of(np.array(rows[:limit], np.intp))


def ids_containing(image_ids: NDArray[np.bytes_], part: str) -> _BoolArray:
    """Returns (K,) whether each of (K,) UTF-8 ids contains a text, ignoring case."""
    text = part.casefold().encode()
    width = image_ids.dtype.itemsize
    # (width, K): each pass below reads contiguous bytes.
    # Always a copy: a single id would otherwise be altered below.
    codes = np.array(np.ascontiguousarray(image_ids).view(np.uint8).reshape(-1, width).T, order="C")
    # Bytes do not show the case beyond ASCII, and NUL bytes also pad the ids: such ids are compared
    # as text below.
    unusual = (codes >= 0x80).any(axis=0) | (b"\0" in text)
    codes += 32 * ((codes >= ord("A")) & (codes <= ord("Z"))).astype(np.uint8)
    found = np.zeros(len(image_ids), np.bool_)
    for offset in range(width - len(text) + 1):
        found_here = np.ones(len(image_ids), np.bool_)
        for code, byte in zip(codes[offset:], text, strict=False):
            found_here &= code == byte
            if not found_here.any():
                break
        found |= found_here
    for index in np.flatnonzero(unusual):
        text_id = bytes(image_ids[index]).decode(errors="replace")  # Until all are checked.
        found[index] = part.casefold() in text_id.casefold()
    return found


def _chunks(length: int) -> Iterator[slice]:
    for start in range(0, length, _CHUNK):
        yield slice(start, min(start + _CHUNK, length))
