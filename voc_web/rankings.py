"""The overview of all classes and the ranking of one."""

import math
from collections.abc import Callable

from flask import Blueprint, render_template

from voc_model.errors import QueryError
from voc_web.cards import count_above, make_cards, make_class_rows
from voc_web.contexts import ClassContext, ClassRow, OverviewContext, Section
from voc_web.formats import count_text
from voc_web.instrument import make_instrument
from voc_web.opened_run import OpenedRun, current_run
from voc_web.query import OverviewQuery, RankingQuery, span

blueprint = Blueprint("rankings", __name__)

_SUREST_ON_OVERVIEW = 5
_CLASSES_A_PAGE = 100

_COLUMNS: dict[str, tuple[str, Callable[[ClassRow], float]]] = {
    "ap": ("AP", lambda row: row.average_precision),
    "tail": ("Tail accuracy", lambda row: row.tail_accuracy),
    "above": ("Above 0.5", lambda row: row.images_above),
    "present": ("Present", lambda row: row.metrics.present),
}


@blueprint.get("/")
def overview() -> str:
    """All classes, each with its average precision and the images the model is surest of."""
    run, query = current_run(), OverviewQuery.of_request()
    rows = _sort(make_class_rows(run, query.ap), query)
    if query.from_row > len(rows):
        raise QueryError(f"from={query.from_row}: there are {len(rows)} classes.")
    first = query.from_row - 1
    shown = rows[first : first + _CLASSES_A_PAGE]
    context = OverviewContext(
        query=query,
        mean_average_precision=run.metrics.mean_average_precision[query.ap],
        classes_defined=run.metrics.classes_defined,
        mean_tail_accuracy=run.metrics.mean_tail.accuracy[0],
        tail_classes_defined=run.metrics.mean_tail.classes_defined[0],
        rows=tuple((row, make_cards(run, row.index, 1, _SUREST_ON_OVERVIEW, 0.5)) for row in shown),
        columns=tuple((key, heading) for key, (heading, _) in _COLUMNS.items()),
        first=query.from_row,
        previous=max(query.from_row - _CLASSES_A_PAGE, 1) if first else None,
        next=query.from_row + _CLASSES_A_PAGE if len(rows) > first + _CLASSES_A_PAGE else None,
        classes=len(rows),
        warnings=tuple(run.table.manifest.warnings),
    )
    return render_template("overview.html", page=context)


@blueprint.get("/classes/<path:name>")
def class_ranking(name: str) -> str:
    """Both ends of a class's ranking, or the part of it that starts at a rank."""
    run, query = current_run(), RankingQuery.of_request()
    index = run.table.class_index(name)
    images = len(run.table.image_ids)
    sections = _sections(run, index, query)
    first, last = sections[0].first_rank, sections[-1].last_rank
    if len(sections) == 2:  # Both ends: paging goes on below the upper one, or above the lower one.
        first, last = sections[1].first_rank, sections[0].last_rank
    classes = run.table.classes
    context = ClassContext(
        query=query,
        name=name,
        metrics=run.metrics.classes[index],
        images=images,
        above=count_above(run, index, query.threshold),
        instrument=make_instrument(run, index),
        sections=sections,
        previous=max(first - query.size, 1) if first > 1 else None,
        next=last + 1 if last < images else None,
        last=max(images - query.size + 1, 1),
        neighbours=_neighbours(run, index),
        previous_class=classes[index - 1] if index else None,
        next_class=classes[index + 1] if index + 1 < len(classes) else None,
    )
    return render_template("class.html", page=context)


def _sort(rows: list[ClassRow], query: OverviewQuery) -> list[ClassRow]:
    """Orders the classes; those without a value stand last in either direction."""
    descending = query.order == "descending"
    if query.sort == "class":
        return rows[::-1] if descending else rows
    value = _COLUMNS[query.sort][1]
    defined = [row for row in rows if not math.isnan(value(row))]
    undefined = [row for row in rows if math.isnan(value(row))]
    return sorted(defined, key=value, reverse=descending) + undefined


def _sections(run: OpenedRun, index: int, query: RankingQuery) -> tuple[Section, ...]:
    images = len(run.table.image_ids)

    def section(title: str, first: int, last: int) -> Section:
        cards = make_cards(run, index, first, last, query.threshold)
        return Section(title, first, last, cards)

    if query.from_rank is not None:
        first, last = span(query.from_rank, query.size, images)
        return (section(f"Ranks {count_text(first)} to {count_text(last)}", first, last),)
    readable = run.table.class_ranking(index).count_readable()
    if readable <= 2 * query.size:
        # Never more than two grids' worth, however many images could not be read.
        last = min(images, 2 * query.size)
        what = "All images, from" if last == images else "From"
        return (section(f"{what} surest to least sure", 1, last),)
    return (
        section(f"The {query.size} surest", 1, query.size),
        section(f"The {query.size} least sure", readable - query.size + 1, readable),
    )


def _neighbours(run: OpenedRun, index: int) -> tuple[ClassRow, ...]:
    """Returns the classes to go to from here: all, or the nearest where there are many."""
    start = max(min(index - _CLASSES_A_PAGE // 2, len(run.table.classes) - _CLASSES_A_PAGE), 0)
    return tuple(make_class_rows(run, "sklearn")[start : start + _CLASSES_A_PAGE])
