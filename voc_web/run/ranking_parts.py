"""The part of a class's ranking that a query requests."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import NamedTuple, Self

from voc_model.errors import NotFoundError, QueryError
from voc_model.store.selection import RankingFilter, Selection
from voc_web.query import FilterQuery, RankingQuery
from voc_web.run.opened_run import OpenedRun


class RankSpan(NamedTuple):
    """The first and last rank of a part of a ranking."""

    first: int
    last: int


@dataclass(frozen=True)
class RankingPart:
    """Up to `size` consecutive ranks of a selection, starting at `offset`.

    URLs refer to a part by its first rank, so that they still lead to the same region of the
    ranking after the filters change.
    """

    selection: Selection
    offset: int
    size: int

    @property
    def ranks(self) -> list[int]:
        """The ranks of this part, in ascending order."""
        return self.selection.slice(self.offset, self.size)

    @property
    def previous(self) -> RankSpan | None:
        """The ranks of the part above; None at the top."""
        return self.span_at(max(self.offset - self.size, 0)) if self.offset else None

    @property
    def next(self) -> RankSpan | None:
        """The ranks of the part below; None at the end."""
        return self.span_at(self.offset + self.size)

    @property
    def last(self) -> RankSpan | None:
        """The ranks of the last full part; None if nothing is selected."""
        return self.span_at(max(len(self.selection) - self.size, 0))

    def or_last(self) -> Self:
        """Returns this part, or the last one if this part is beyond the end of the selection."""
        if self.offset < len(self.selection):
            return self
        return replace(self, offset=max(len(self.selection) - self.size, 0))

    def span_at(self, offset: int) -> RankSpan | None:
        """Returns the first and last rank of the part at an offset, from 0; None beyond the end."""
        end = min(offset + self.size, len(self.selection))
        if offset >= end:
            return None
        (first,), (last,) = (self.selection.slice(at, 1) for at in (offset, end - 1))
        return RankSpan(first, last)


def find_part(run: OpenedRun, class_index: int, query: RankingQuery) -> RankingPart:
    """Returns the part of a class's ranking that a query requests.

    Raises:
        QueryError: a rank is beyond the end of the ranking, or a class to filter by does not exist.
    """
    check_rank(run, "from", query.from_rank)
    check_rank(run, "around", query.around)
    selection = find_selection(run, class_index, query)
    if query.around is None:
        offset = selection.position_of(query.from_rank or 1)
    else:
        middle = selection.position_of(query.around) - query.size // 2
        offset = max(min(middle, len(selection) - query.size), 0)
    return RankingPart(selection, offset, query.size)


def check_rank(run: OpenedRun, name: str, rank: int | None) -> None:
    """Checks that the rank of a parameter exists.

    Raises:
        QueryError: it is beyond the end of the ranking.
    """
    images = len(run.table.image_ids)
    if rank is not None and rank > images:
        raise QueryError(
            f"{name} must be a rank from 1 to {images:,}, the number of images, not {rank}."
        )


def find_selection(run: OpenedRun, class_index: int, query: FilterQuery) -> Selection:
    """Returns the ranks of a class that a query's filters select.

    Raises:
        QueryError: a class to filter by does not exist, or there are too many images to compare.
    """
    return run.selections.find(class_index, find_filter(run, query))


def find_filter(run: OpenedRun, query: FilterQuery) -> RankingFilter:
    """Returns a query's filters.

    Raises:
        QueryError: a class to filter by does not exist.
    """
    taken_for = find_classes(run, "taken_for", (query.taken_for,) if query.taken_for else ())
    return RankingFilter(
        truth=query.truth,
        outcome=query.outcome,
        threshold=query.threshold,
        with_classes=find_classes(run, "with", query.with_classes),
        without_classes=find_classes(run, "without", query.without_classes),
        without_label=query.labels == "none",
        taken_for=taken_for[0] if taken_for else None,
        others=query.others,
        id_part=query.id_part,
        min_score=query.score_from,
        max_score=query.score_to,
    )


def find_classes(run: OpenedRun, parameter: str, names: Iterable[str]) -> tuple[int, ...]:
    """Returns the indices of the classes that a parameter names.

    Raises:
        QueryError: one of them does not exist.
    """
    try:
        return tuple(map(run.table.class_index, names))
    except NotFoundError as error:
        raise QueryError(f"{parameter} must be the name of a class. {error}") from None
