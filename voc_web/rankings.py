"""The overview of all classes and the ranking of one."""

import math
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from flask import Blueprint, redirect, render_template, url_for
from werkzeug.wrappers import Response

from voc_model.errors import QueryError
from voc_web.cards import cards_of_ranks, count_above, make_cards, make_class_rows
from voc_web.contexts import ClassContext, ClassRow, OverviewContext, Section
from voc_web.filters import RankingPart, check_rank, find_filter, find_part, make_filters
from voc_web.formats import count_text
from voc_web.instrument import make_instrument
from voc_web.local_paths import without_folders
from voc_web.opened_run import OpenedRun, current_run
from voc_web.query import ClassPageQuery, OverviewQuery, RankingQuery
from voc_web.rank_scale import RankScale
from voc_web.summaries import make_summary
from voc_web.tiles import tile_shape

blueprint = Blueprint("rankings", __name__)

_IMAGES_PER_ROW = 5  # of the overview
_CLASSES_PER_PAGE = 100

_COLUMNS: dict[str, tuple[str, Callable[[ClassRow], float]]] = {
    "ap": ("AP", lambda row: row.average_precision),
    "tail": ("Tail accuracy", lambda row: row.tail_accuracy),
    "above": ("Above 0.5", lambda row: row.images_above),
    "present": ("Present", lambda row: row.metrics.present),
}


@blueprint.get("/")
def overview() -> str:
    """All classes, each with its average precision and its highest-scoring images."""
    run, query = current_run(), OverviewQuery.of_request()
    rows = _sort(make_class_rows(run, query.ap), query)
    if query.from_row > len(rows):
        raise QueryError(
            f"from must be a number from 1 to {len(rows)}, the number of classes, "
            f"not {query.from_row}."
        )
    first = query.from_row - 1
    shown = rows[first : first + _CLASSES_PER_PAGE]
    context = OverviewContext(
        query=query,
        mean_average_precision=run.metrics.mean_average_precision[query.ap],
        classes_defined=run.metrics.classes_defined,
        mean_tail_accuracy=run.metrics.mean_tail.accuracy[0],
        tail_classes_defined=run.metrics.mean_tail.classes_defined[0],
        rows=tuple((row, make_cards(run, row.index, 1, _IMAGES_PER_ROW, 0.5)) for row in shown),
        columns=tuple((key, heading) for key, (heading, _) in _COLUMNS.items()),
        first=query.from_row,
        previous=max(query.from_row - _CLASSES_PER_PAGE, 1) if first else None,
        next=query.from_row + _CLASSES_PER_PAGE if len(rows) > first + _CLASSES_PER_PAGE else None,
        classes=len(rows),
        warnings=tuple(map(without_folders, run.table.manifest.warnings)),
    )
    return render_template("overview.html", page=context)


@blueprint.get("/classes/<class_name:name>")
def class_ranking(name: str) -> str | Response:
    """The top and bottom of a class's ranking, or any part of it, filtered or not."""
    run, query = current_run(), ClassPageQuery.of_request()
    index = run.table.class_index(name)
    part = find_part(run, index, query).or_last()
    previous, following = part.previous, part.next
    both_ends = query.from_rank is None and query.around is None and not query.is_filtered
    if both_ends:
        sections = _both_ends(run, index, query)
        # Paging continues below the top of the ranking and above the bottom.
        following = part.span_at(sections[0].last_rank)
        offset = max(sections[-1].first_rank - 1 - query.size, 0)
        previous = part.span_at(offset) if len(sections) == 2 else None
    else:
        sections = (_part_section(run, index, query, part),)
    if query.view is not None and not any(section.holds(query.view) for section in sections):
        shown = _part_of_view(run, query, part)
        return redirect(url_for("rankings.class_ranking", name=name, **shown))
    classes, images = run.table.classes, len(run.table.image_ids)
    scale = RankScale.of(images, query.scale)
    above = count_above(run, index, query.threshold)
    context = ClassContext(
        query=query,
        name=name,
        metrics=run.metrics.classes[index],
        images=images,
        above=above,
        scale=scale,
        instrument=run.cached(make_instrument, index, scale),
        filters=make_filters(run, index, query, above),
        summary=make_summary(run, index, query, find_filter(run, query)),
        both_ends=both_ends,
        tile=run.cached(tile_shape),
        sections=sections,
        previous=previous,
        next=following,
        last=part.last,
        neighbours=_neighbours(run, index),
        previous_class=classes[index - 1] if index else None,
        next_class=classes[index + 1] if index + 1 < len(classes) else None,
    )
    return render_template("class.html", page=context)


def _part_of_view(run: OpenedRun, query: ClassPageQuery, part: RankingPart) -> dict[str, Any]:
    """Returns the parameters of the part that holds the image in the large view.

    They are without the large view if the filters do not select its image.
    """
    check_rank(run, "view", query.view)
    rank = query.view or 1
    position = part.selection.position_of(rank)
    start = replace(part, offset=position - position % part.size).or_last()
    view = rank if part.selection.slice(position, 1) == [rank] else None
    first = start.ranks[0] if start.ranks else None
    return query.arguments(from_rank=first, around=None, view=view)


def _sort(rows: list[ClassRow], query: OverviewQuery) -> list[ClassRow]:
    """Sorts the classes; those with an undefined value come last in either order."""
    descending = query.order == "descending"
    if query.sort == "class":
        return rows[::-1] if descending else rows
    value = _COLUMNS[query.sort][1]
    defined = [row for row in rows if not math.isnan(value(row))]
    undefined = [row for row in rows if math.isnan(value(row))]
    return sorted(defined, key=value, reverse=descending) + undefined


def _part_section(run: OpenedRun, index: int, query: RankingQuery, part: RankingPart) -> Section:
    """Returns the single grid of a part of the ranking, filtered or not."""
    ranks, images = part.ranks, count_text(len(run.table.image_ids))
    first = ranks[0] if ranks else query.around or query.from_rank or 1
    last = ranks[-1] if ranks else first - 1
    span = _range_text("rank", first, last)
    title, note = span.capitalize(), f"of {images}"
    if query.is_filtered:
        title = f"{count_text(len(part.selection))} of {images} images"
        results = _range_text("result", part.offset + 1, part.offset + len(ranks))
        note = f"{results}, {span}" if ranks else ""
    return Section(title, note, first, last, cards_of_ranks(run, index, ranks, query.threshold))


def _both_ends(run: OpenedRun, index: int, query: RankingQuery) -> tuple[Section, ...]:
    """Returns the top and the bottom of the ranking, or a single section if they meet."""
    images = len(run.table.image_ids)

    def section(title: str, first: int, last: int) -> Section:
        cards = make_cards(run, index, first, last, query.threshold)
        return Section(title, _range_text("rank", first, last), first, last, cards)

    readable = run.table.class_ranking(index).count_readable()
    if readable <= 2 * query.size:
        # Never more than two pages, however many images could not be read.
        last = min(images, 2 * query.size)
        title = "All images" if last == images else f"Top {last}"
        return (section(title, 1, last),)
    return (
        section(f"Top {query.size}", 1, query.size),
        section(f"Bottom {query.size}", readable - query.size + 1, readable),
    )


def _range_text(noun: str, first: int, last: int) -> str:
    """Returns a text such as "ranks 1\N{EN DASH}50", or "rank 1" if both are equal."""
    if first == last:
        return f"{noun} {count_text(first)}"
    return f"{noun}s {count_text(first)}\N{EN DASH}{count_text(last)}"


def _neighbours(run: OpenedRun, index: int) -> tuple[ClassRow, ...]:
    """Returns the classes to link to: all of them, or the nearest ones if there are many."""
    start = max(min(index - _CLASSES_PER_PAGE // 2, len(run.table.classes) - _CLASSES_PER_PAGE), 0)
    return tuple(make_class_rows(run, "sklearn")[start : start + _CLASSES_PER_PAGE])
