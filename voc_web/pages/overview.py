"""The overview: all classes with their metrics, what is wrong, and a few images each."""

from collections.abc import Sequence

from flask import Response

from voc_model.metrics.mistakes import WORST_IMAGES
from voc_web.csv_files import csv_response
from voc_web.pages.class_list import (
    COLUMNS,
    columns_of,
    describe_missed,
    describe_selected,
    sorted_classes,
)
from voc_web.pages.contexts import OverviewContext, OverviewRow, RuleChoice, Tile
from voc_web.pages.queries import ClassPageQuery, OverviewQuery
from voc_web.pages.tables import make_table, search_rows
from voc_web.query import ThresholdRule
from voc_web.run.cards import Card, cards_of_ranks
from voc_web.run.class_rows import ClassRow
from voc_web.run.class_thresholds import chosen_thresholds
from voc_web.run.local_paths import without_folders
from voc_web.run.opened_run import OpenedRun

_RULES: dict[ThresholdRule, str] = {"half": "0.5", "best-f1": "Best F1", "precision": "Precision"}


def make_overview(run: OpenedRun, query: OverviewQuery) -> OverviewContext:
    """Returns one page of the overview.

    Raises:
        QueryError: the first row is beyond the last class.
    """
    table = make_table(_find_classes(run, query), query)
    return OverviewContext(
        query=query,
        mean_average_precision=run.metrics.mean_average_precision[query.ap],
        classes_defined=run.metrics.classes_defined,
        mean_tail_accuracy=run.metrics.mean_tail["threshold"].accuracy[0],
        tail_classes_defined=run.metrics.mean_tail["threshold"].classes_defined[0],
        chosen=chosen_thresholds(run, query),
        rules=_make_rules(query),
        table=table,
        rows=tuple(_make_row(run, row, query) for row in table.rows),
        columns=tuple((key, COLUMNS[key].heading) for key in columns_of(query.thresholds)),
        warnings=tuple(map(without_folders, run.table.manifest.warnings)),
    )


def make_overview_csv(run: OpenedRun, query: OverviewQuery) -> Response:
    """Returns all classes that the overview lists, and their metrics, as CSV."""
    keys = dict.fromkeys((*columns_of(query.thresholds), "above", "present"))
    columns = [COLUMNS[key] for key in keys]
    header = ["class", *(column.field for column in columns)]
    header += ["false_positives", "false_negatives"]
    rows = (
        [
            row.metrics.name,
            *(column.value(row) for column in columns),
            row.at.count - row.at.true_positives,
            row.at.present - row.at.true_positives,
        ]
        for row in _find_classes(run, query)
    )
    return csv_response(f"{run.folder.name}_classes.csv", header, rows)


def _find_classes(run: OpenedRun, query: OverviewQuery) -> Sequence[ClassRow]:
    """Returns the classes whose name contains the requested text, in the requested order."""
    return search_rows(sorted_classes(run, query), query.name_part)


def _make_rules(query: OverviewQuery) -> tuple[RuleChoice, ...]:
    """Returns the ways to choose thresholds, each sorted as before if it has that column."""
    choices = []
    for rule, text in _RULES.items():
        is_sortable = query.sort in ("class", *columns_of(rule))
        order = {} if is_sortable else {"sort": "class", "order": "ascending"}
        arguments = query.arguments(thresholds=rule, from_row=1, **order)
        choices.append(RuleChoice(text, arguments, rule == query.thresholds))
    return tuple(choices)


def _make_row(run: OpenedRun, row: ClassRow, query: OverviewQuery) -> OverviewRow:
    return OverviewRow(
        name=row.metrics.name,
        query=_page_query(row, query),
        cells=tuple(COLUMNS[key].cell(row) for key in columns_of(query.thresholds)),
        average_precision=row.average_precision,
        selected=describe_selected(row, query.thresholds == "half"),
        missed=describe_missed(row),
        tiles=_make_tiles(run, row, query),
    )


def _page_query(row: ClassRow, query: OverviewQuery) -> ClassPageQuery:
    """Returns the query of the class page that continues what the row shows."""
    at, part = row.at, dict[str, object]()
    if query.show == "mistakes" and at.count > at.true_positives:
        part = {"outcome": "FP"}
    if query.show == "misses" and at.present > at.true_positives:
        part = {"outcome": "FN", "around": row.metrics.mistakes.lowest_present[0]}
    return ClassPageQuery.model_validate({**query.listed(), **part, "threshold": at.threshold})


def _make_tiles(run: OpenedRun, row: ClassRow, query: OverviewQuery) -> tuple[Tile, ...]:
    readable = len(run.table.image_ids) - row.metrics.unreadable
    ranks: dict[str, Sequence[int]] = {
        "scores": range(1, min(WORST_IMAGES, readable) + 1),
        "mistakes": row.metrics.mistakes.highest_absent,
        "misses": row.metrics.mistakes.lowest_present,
    }
    cards = cards_of_ranks(run, row.index, ranks[query.show], row.at.threshold)
    return tuple(Tile(card, _mark(card, query)) for card in cards)


def _mark(card: Card, query: OverviewQuery) -> str:
    """Returns what is marked on an image: that it does not belong where it ranks."""
    if query.show == "misses":
        return card.verdict if card.verdict != "correct" else ""
    return card.truth if card.truth != "present" else ""
