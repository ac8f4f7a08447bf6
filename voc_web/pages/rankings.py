"""The overview of all classes and the ranking of one."""

from dataclasses import replace
from typing import Any

from flask import Blueprint, redirect, render_template, url_for
from werkzeug.wrappers import Response

from voc_web.charts.instrument import make_instrument
from voc_web.charts.rank_scale import RankScale
from voc_web.formats import count_text
from voc_web.pages.class_list import make_side_list
from voc_web.pages.contexts import ClassContext, Section
from voc_web.pages.filters import make_filters
from voc_web.pages.overview import make_overview, make_overview_csv
from voc_web.pages.queries import ClassPageQuery, OverviewQuery
from voc_web.pages.summaries import make_summary
from voc_web.pages.tiles import tile_shape
from voc_web.query import RankingQuery
from voc_web.run.cards import cards_of_ranks
from voc_web.run.class_thresholds import count_above
from voc_web.run.opened_run import OpenedRun, current_run
from voc_web.run.ranking_parts import RankingPart, check_rank, find_filter, find_part

blueprint = Blueprint("rankings", __name__)


@blueprint.get("/")
def overview() -> str:
    """All classes, each with its metrics, what is wrong, and a few of its images."""
    return render_template(
        "overview.html", page=make_overview(current_run(), OverviewQuery.of_request())
    )


@blueprint.get("/classes.csv")
def overview_csv() -> Response:
    """The classes that the overview shows, with its metrics, on all its pages."""
    return make_overview_csv(current_run(), OverviewQuery.of_request())


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
    images = len(run.table.image_ids)
    scale = RankScale.of(images, query.scale)
    above, chosen = count_above(run, index, query.threshold), find_filter(run, query)
    context = ClassContext(
        query=query,
        name=name,
        metrics=run.metrics.classes[index],
        images=images,
        above=above,
        scale=scale,
        instrument=run.cached(make_instrument, index, scale),
        filters=make_filters(run, index, query, chosen, above),
        summary=make_summary(run, index, query, chosen),
        both_ends=both_ends,
        tile=run.cached(tile_shape),
        sections=sections,
        previous=previous,
        next=following,
        last=part.last,
        side=make_side_list(run, index, query),
    )
    return render_template("class.html", page=context)


def _part_of_view(run: OpenedRun, query: ClassPageQuery, part: RankingPart) -> dict[str, Any]:
    """Returns the parameters of the part that holds the image in the large view.

    The large view is left out if the filters do not select its image.
    """
    check_rank(run, "view", query.view)
    rank = query.view or 1
    position = part.selection.position_of(rank)
    start = replace(part, offset=position - position % part.size).or_last()
    view = rank if part.selection.slice(position, 1) == [rank] else None
    first = start.ranks[0] if start.ranks else None
    return query.arguments(from_rank=first, around=None, view=view)


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
    cards = cards_of_ranks(run, index, ranks, query.threshold, with_others=True)
    return Section(title, note, first, last, cards)


def _both_ends(run: OpenedRun, index: int, query: RankingQuery) -> tuple[Section, ...]:
    """Returns the top and the bottom of the ranking, or a single section if they meet."""
    images = len(run.table.image_ids)

    def section(title: str, first: int, last: int) -> Section:
        ranks = range(first, last + 1)
        cards = cards_of_ranks(run, index, ranks, query.threshold, with_others=True)
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
