"""Tables of classes: sorted, searched and in pages."""

import math
from collections.abc import Callable, Sequence

from voc_model.errors import QueryError
from voc_web.pages.contexts import ClassTable
from voc_web.pages.queries import TableQuery
from voc_web.run.class_rows import ClassRow

CLASSES_PER_PAGE = 100
Value = Callable[[ClassRow], float]


def sort_rows(rows: Sequence[ClassRow], value: Value | None, order: str) -> Sequence[ClassRow]:
    """Sorts classes by a column, or as in the data set; undefined values come last in any order."""
    descending = order == "descending"
    if value is None:
        return rows[::-1] if descending else rows
    defined = [row for row in rows if not math.isnan(value(row))]
    undefined = [row for row in rows if math.isnan(value(row))]
    return sorted(defined, key=value, reverse=descending) + undefined


def search_rows(rows: Sequence[ClassRow], text: str) -> Sequence[ClassRow]:
    """Returns the classes whose name contains a text, ignoring case."""
    part = text.casefold()
    return [row for row in rows if part in row.metrics.name.casefold()]


def make_table(rows: Sequence[ClassRow], query: TableQuery) -> ClassTable:
    """Returns the page of sorted rows that starts at the requested one.

    Raises:
        QueryError: there is no such row.
    """
    if query.from_row > max(len(rows), 1):
        raise QueryError(
            f"from must be a number from 1 to {max(len(rows), 1)}, the number of classes, "
            f"not {query.from_row}."
        )
    first = query.from_row - 1
    following = first + CLASSES_PER_PAGE
    return ClassTable(
        rows=tuple(rows[first:following]),
        first=query.from_row,
        previous=max(query.from_row - CLASSES_PER_PAGE, 1) if first else None,
        next=following + 1 if len(rows) > following else None,
        classes=len(rows),
    )
