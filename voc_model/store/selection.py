"""Filters of a class's ranking: which ranks they keep, found at most once.

A range of scores, and the side of a threshold, are runs of consecutive ranks: two bisections each.
Only what remains (labels, image ids) is looked up image by image, within that run. The ranks found
are remembered, so paging through them costs what a page costs.
"""

from bisect import bisect_left
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass
from mmap import mmap
from threading import Lock
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from voc_model.store.ranking import ClassRanking
from voc_model.store.scores import ScoreTable

Truth = Literal["present", "absent", "difficult"]
Outcome = Literal["TP", "FP", "FN", "TN"]

_LABEL_OF_TRUTH: dict[Truth, int] = {"present": 1, "absent": 0, "difficult": -1}
_LABEL_OF_OUTCOME: dict[Outcome, int] = {"TP": 1, "FP": 0, "FN": 1, "TN": 0}

_CHUNK = 1 << 16  # Rows at a time: what is worked on stays in the processor's cache.
_MAX_SELECTIONS = 16
_MAX_BYTES = 64 << 20

_BoolArray = NDArray[np.bool_]


@dataclass(frozen=True)
class RankingFilter:
    """What an image of a class's ranking must be to be kept; by default every image is.

    Attributes:
        truth: what the labels say of the class; those of unreadable images count, too.
        outcome: what `score > threshold` makes of the image; difficult and unreadable images have
            none.
        threshold: that of the outcome.
        with_classes: indices of classes that must all be present.
        without_classes: indices of classes that must all be absent. A class of which the image
            shows difficult objects only is neither.
        id_part: text that the image id must contain; upper and lower case are the same.
        min_score, max_score: the score lies in between, ends included. They are taken as
            float32, which scores are, so that a score of 0.7 lies in a range that begins at 0.7.
    """

    truth: Truth | None = None
    outcome: Outcome | None = None
    threshold: float = 0.5
    with_classes: tuple[int, ...] = ()
    without_classes: tuple[int, ...] = ()
    id_part: str = ""
    min_score: float | None = None
    max_score: float | None = None


@dataclass(frozen=True, eq=False)
class Selection:
    """The ranks that a filter keeps; M of them. Places among them count from 0.

    Attributes:
        ranks: (M,) in ascending order; a range where all ranks from one to another are kept.
    """

    ranks: range | NDArray[np.int32]

    def __len__(self) -> int:
        return len(self.ranks)

    def position_of(self, rank: int) -> int:
        """Returns how many kept ranks stand above a rank: where it is or would be among them."""
        return bisect_left(self.ranks, rank)

    def slice(self, place: int, size: int) -> list[int]:
        """Returns the ranks at `size` places from a place on, as far as they go."""
        part = self.ranks[max(place, 0) : max(place + size, 0)]
        return list(part) if isinstance(part, range) else part.tolist()


class Selections:
    """Finds the selections of a table and remembers the last few."""

    def __init__(self, table: ScoreTable) -> None:
        self._table = table
        self._found: OrderedDict[tuple[int, _Conditions], Selection] = OrderedDict()
        self._bytes = 0
        self._lock = Lock()

    def find(self, class_index: int, wanted: RankingFilter) -> Selection:
        """Returns the ranks of a class that a filter keeps."""
        conditions = _resolve(self._table.class_ranking(class_index), class_index, wanted)
        if conditions.keep_all:
            return Selection(range(conditions.first + 1, conditions.last + 1))
        key = class_index, conditions
        with self._lock:
            if key in self._found:
                self._found.move_to_end(key)
                return self._found[key]
        # Unlocked: a long search keeps no other request waiting.
        selection = Selection(_scan(self._table, class_index, conditions))
        with self._lock:
            self._keep(key, selection)
        return selection

    def _keep(self, key: tuple[int, "_Conditions"], selection: Selection) -> None:
        if key not in self._found:  # Another thread may have looked for the same.
            self._found[key] = selection
            self._bytes += _bytes_of(selection)
        while len(self._found) > _MAX_SELECTIONS or self._bytes > _MAX_BYTES:
            _, oldest = self._found.popitem(last=False)
            self._bytes -= _bytes_of(oldest)


@dataclass(frozen=True)
class _Conditions:
    """A filter as it is looked up: filters that come to the same are equal.

    Attributes:
        first, last: the kept images are among ranking[first:last].
        labels: (class index, label) pairs that all hold.
        id_part: case-folded.
    """

    first: int
    last: int
    labels: frozenset[tuple[int, int]]
    id_part: str

    @property
    def keep_all(self) -> bool:
        """Whether all images of ranking[first:last] are kept."""
        return self.first == self.last or not (self.labels or self.id_part)


def _resolve(ranking: ClassRanking, class_index: int, wanted: RankingFilter) -> _Conditions:
    """Returns the run of ranks that a filter's scores leave, and what else must hold."""
    first, last = 0, len(ranking)
    if wanted.outcome or wanted.min_score is not None or wanted.max_score is not None:
        last = ranking.count_readable()
    if wanted.outcome in ("TP", "FP"):
        last = min(last, ranking.count_above(wanted.threshold))
    elif wanted.outcome:
        first = ranking.count_above(wanted.threshold)
    if wanted.min_score is not None:
        below = np.nextafter(np.float32(wanted.min_score), np.float32(-1))
        last = min(last, ranking.count_above(float(below)))
    if wanted.max_score is not None:
        first = max(first, ranking.count_above(float(np.float32(wanted.max_score))))
    labels = {
        *((index, 1) for index in wanted.with_classes),
        *((index, 0) for index in wanted.without_classes),
    }
    if wanted.truth:
        labels.add((class_index, _LABEL_OF_TRUTH[wanted.truth]))
    if wanted.outcome:
        labels.add((class_index, _LABEL_OF_OUTCOME[wanted.outcome]))
    contradictory = len({index for index, _ in labels}) < len(labels)
    if contradictory or first >= last:
        return _Conditions(0, 0, frozenset(), "")
    return _Conditions(first, last, frozenset(labels), wanted.id_part.casefold())


def _scan(table: ScoreTable, class_index: int, conditions: _Conditions) -> NDArray[np.int32]:
    """Returns (M,) the ranks whose images fulfil the conditions.

    Few images are looked up one by one, in rank order. Where many are asked for it is faster to
    pass over the whole table in its own order, and then to put one byte an image into rank order.
    """
    images = len(table.image_ids)
    rows = table.ranking[class_index, conditions.first : conditions.last]  # (K,) by rank
    kept_rows: _BoolArray | None = None
    if len(rows) > images // 8:
        # In a map of its own, which is given back at once: the heap of each server thread would
        # keep as much for the next time.
        kept_rows = np.frombuffer(mmap(-1, images), np.bool_)
        for part in _chunks(images):
            kept_rows[part] = _holds(table, part, conditions)
    ranks, count = np.empty(len(rows), np.int32), 0
    for part in _chunks(len(rows)):
        chunk = np.asarray(rows[part])
        kept = _holds(table, chunk, conditions) if kept_rows is None else kept_rows[chunk]
        found = np.flatnonzero(kept) + (conditions.first + part.start + 1)
        ranks[count : count + len(found)] = found
        count += len(found)
    ranks.resize(count, refcheck=False)  # In place: what was not filled was never in memory.
    return ranks


def _holds(
    table: ScoreTable, rows: slice | NDArray[np.int32], conditions: _Conditions
) -> _BoolArray:
    """Returns (K,) whether labels and ids of the rows are as wanted."""
    ids = table.image_ids[rows]
    kept = np.ones(len(ids), np.bool_)
    for class_index, label in conditions.labels:
        kept &= table.labels[rows, class_index] == label
    if conditions.id_part:
        kept[kept] = ids_containing(ids[kept], conditions.id_part)
    return kept


def ids_containing(image_ids: NDArray[np.bytes_], part: str) -> _BoolArray:
    """Returns (K,) whether each of (K,) UTF-8 ids contains a text, in upper or lower case."""
    wanted = part.casefold().encode()
    width = image_ids.dtype.itemsize
    # (width, K): each pass below runs along consecutive bytes.
    codes = np.ascontiguousarray(
        np.ascontiguousarray(image_ids).view(np.uint8).reshape(len(image_ids), width).T
    )
    # In these the bytes do not tell upper from lower case, or the text from what fills up an id.
    unusual = (codes >= 0x80).any(axis=0) | (b"\0" in wanted)
    codes += 32 * ((codes >= ord("A")) & (codes <= ord("Z"))).astype(np.uint8)
    found = np.zeros(len(image_ids), np.bool_)
    for start in range(width - len(wanted) + 1):
        here = np.ones(len(image_ids), np.bool_)
        for code, byte in zip(codes[start:], wanted, strict=False):
            here &= code == byte
            if not here.any():
                break
        found |= here
    for index in np.flatnonzero(unusual):
        found[index] = part.casefold() in bytes(image_ids[index]).decode().casefold()
    return found


def _chunks(length: int) -> Iterator[slice]:
    for start in range(0, length, _CHUNK):
        yield slice(start, min(start + _CHUNK, length))


def _bytes_of(selection: Selection) -> int:
    return 0 if isinstance(selection.ranks, range) else selection.ranks.nbytes
