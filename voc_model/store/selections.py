"""The images that filters select and what is counted among them, cached.

So paging through a selection takes no longer than through the whole ranking, and a count and the
images behind it come from the same array.
"""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import replace
from threading import Lock
from typing import Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from voc_model.errors import QueryError
from voc_model.store import other_classes
from voc_model.store.other_classes import CODE_OF_OTHERS, MAX_VALUES, ClassCounts
from voc_model.store.scores import ScoreTable
from voc_model.store.selection import RankingFilter, Selection, resolve, scan

_MAX_RESULTS = 64
_MAX_BYTES = 64 << 20


class _Sized(Protocol):
    @property
    def nbytes(self) -> int: ...


_Result = TypeVar("_Result", bound=_Sized)


class Selections:
    """Finds the selections of a table and caches the most recent results; threads can share it."""

    def __init__(self, table: ScoreTable) -> None:
        self._table = table
        self._cache: OrderedDict[Hashable, _Sized] = OrderedDict()
        self._bytes = 0
        self._lock = Lock()

    def find(self, class_index: int, chosen: RankingFilter) -> Selection:
        """Returns the ranks of a class that a filter selects.

        Raises:
            QueryError: see `find_taken_for`.
        """
        if chosen.compares_classes:
            return self._find_by_others(class_index, chosen)
        conditions = resolve(self._table.class_ranking(class_index), class_index, chosen)
        if conditions.select_all:
            return Selection(range(conditions.first + 1, conditions.last + 1))
        return self._cached(
            (class_index, conditions),
            lambda: Selection(scan(self._table, class_index, conditions)),
        )

    def find_taken_for(
        self, class_index: int, chosen: RankingFilter
    ) -> tuple[Selection, NDArray[np.int32]]:
        """Returns what images are taken for, see `other_classes.highest_wrong`.

        Returns:
            The M images with scores that the filter selects without `taken_for` and `others`, and
            (M,) what they are taken for.

        Raises:
            QueryError: there are too many.
        """
        # A range of scores leaves out the images without any.
        base = replace(chosen, taken_for=None, others=None, min_score=chosen.min_score or 0.0)
        selection = self.find(class_index, base)
        if len(selection) > self.most_compared:
            raise QueryError(
                f"The other classes can be compared for up to {self.most_compared:,} images; the "
                f"other filters select {len(selection):,}. Add a filter, such as outcome=FN."
            )
        return selection, self._cached(
            ("taken for", chosen.threshold, *self._key(class_index, base)),
            lambda: other_classes.find_taken_for(
                self._table, class_index, selection.ranks, chosen.threshold
            ),
        )

    def count_classes(self, class_index: int, chosen: RankingFilter) -> ClassCounts:
        """Counts the images that a filter selects by the classes they show."""
        ranks = self.find(class_index, chosen).ranks
        is_whole = len(ranks) == len(self._table.image_ids)  # The same for every class.
        return self._cached(
            "classes" if is_whole else ("classes", *self._key(class_index, chosen)),
            lambda: other_classes.count_classes(self._table, class_index, ranks),
        )

    def find_labels(self, class_index: int, chosen: RankingFilter) -> NDArray[np.int8]:
        """Returns (M,) the labels of the class at the M ranks that a filter selects."""
        ranks = self.find(class_index, chosen).ranks
        return self._cached(
            ("labels", *self._key(class_index, chosen)),
            lambda: other_classes.find_labels(self._table, class_index, ranks),
        )

    @property
    def most_compared(self) -> int:
        """The largest number of images whose classes are compared for one page."""
        return MAX_VALUES // len(self._table.classes)

    def _find_by_others(self, class_index: int, chosen: RankingFilter) -> Selection:
        selection, taken_for = self.find_taken_for(class_index, chosen)
        matches = np.ones(len(taken_for), np.bool_)
        if chosen.taken_for is not None:
            matches &= taken_for == chosen.taken_for
        if chosen.others:
            matches &= taken_for == CODE_OF_OTHERS[chosen.others]
        return Selection(np.asarray(selection.ranks, np.int32)[matches])

    def _key(self, class_index: int, chosen: RankingFilter) -> tuple[Hashable, ...]:
        """Returns what tells selections apart: a threshold only where it matters."""
        conditions = resolve(self._table.class_ranking(class_index), class_index, chosen)
        others = (
            (chosen.taken_for, chosen.others, chosen.threshold) if chosen.compares_classes else ()
        )
        return class_index, conditions, others

    def _cached(self, key: Hashable, find: Callable[[], _Result]) -> _Result:
        with self._lock:
            if key in self._cache:
                self._cache.move_to_end(key)
                known: _Result = self._cache[key]  # type: ignore[assignment]
                return known
        # Without the lock, so that a long search does not block other requests.
        found = find()
        with self._lock:
            if key not in self._cache:  # Another thread may have found the same.
                self._cache[key] = found
                self._bytes += found.nbytes
            while len(self._cache) > _MAX_RESULTS or self._bytes > _MAX_BYTES:
                _, oldest = self._cache.popitem(last=False)
                self._bytes -= oldest.nbytes
        return found
