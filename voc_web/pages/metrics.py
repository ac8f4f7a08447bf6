"""The pages of average precision and tail accuracy, and their CSV files."""

import math
from collections.abc import Callable, Mapping, Sequence

from flask import Blueprint, Response, render_template

from voc_model.errors import QueryError
from voc_model.metrics.precision_recall import DEFINITIONS
from voc_web.charts.curve_chart import (
    Lines,
    choose_lines,
    precision_recall_chart,
    tail_accuracy_chart,
)
from voc_web.charts.drawings import ChartLine, CurveChart
from voc_web.charts.line_labels import place_labels
from voc_web.csv_files import csv_response
from voc_web.pages.contexts import AveragePrecisionContext, CurvesView, TailContext
from voc_web.pages.pins import MAX_PINS
from voc_web.pages.queries import AveragePrecisionQuery, CurvesQuery, TailQuery
from voc_web.pages.tables import Value, make_table, search_rows, sort_rows
from voc_web.run.class_rows import ClassRow, make_class_rows
from voc_web.run.class_thresholds import at_threshold
from voc_web.run.curve_models import TailPoint
from voc_web.run.curves import mean_tail_curve, tail_curve
from voc_web.run.opened_run import OpenedRun, current_run
from voc_web.run.ranking_parts import find_classes

blueprint = Blueprint("metrics", __name__)

_AP_COLUMNS: Mapping[str, Value] = {
    "sklearn": lambda row: row.metrics.average_precision["sklearn"],
    "voc2010": lambda row: row.metrics.average_precision["voc2010"],
    "voc2007": lambda row: row.metrics.average_precision["voc2007"],
    "accuracy": lambda row: row.metrics.accuracy,
    "baseline": lambda row: row.metrics.baseline_accuracy,
    "present": lambda row: row.metrics.present,
}
_TAIL_COLUMNS: Mapping[str, Value] = {
    "tail": lambda row: row.at.precision,
    "above": lambda row: row.at.count,
    "highest": lambda row: row.metrics.highest_score,
}


@blueprint.get("/average-precision")
def average_precision() -> str:
    """Precision-recall curves and the average precision of every class."""
    run, query = current_run(), AveragePrecisionQuery.of_request()
    rows = make_class_rows(run, query.ap)
    worst = sort_rows(rows, _AP_COLUMNS[query.ap], "ascending")

    def draw(lines: Lines) -> CurveChart:
        return run.cached(precision_recall_chart, query.ap, lines)

    context = AveragePrecisionContext(
        query=query,
        view=_view(run, query, worst, _listed(rows, _AP_COLUMNS, query), draw),
        mean_average_precision=run.metrics.mean_average_precision[query.ap],
        classes_defined=run.metrics.classes_defined,
        mean_accuracy=run.metrics.mean_accuracy,
        mean_baseline_accuracy=run.metrics.mean_baseline_accuracy,
    )
    return render_template("metrics/average_precision.html", page=context)


@blueprint.get("/tail-accuracy")
def tail_accuracy() -> str:
    """Tail accuracy of every class and their mean, on a grid of thresholds."""
    run, query = current_run(), TailQuery.of_request()
    rows = _rows_at(run, query.threshold)
    # Of equally bad classes the one with more images says more.
    most_first = sort_rows(rows, _TAIL_COLUMNS["above"], "descending")
    worst = sort_rows(most_first, _TAIL_COLUMNS["tail"], "ascending")

    def draw(lines: Lines) -> CurveChart:
        return run.cached(tail_accuracy_chart, query.grid, lines)

    defined = [row.at.precision for row in rows if row.at.count]
    context = TailContext(
        query=query,
        view=_view(run, query, worst, _listed(rows, _TAIL_COLUMNS, query), draw),
        mean_tail_accuracy=math.fsum(defined) / len(defined) if defined else math.nan,
        tail_classes_defined=len(defined),
        mean_tail=tuple(mean_tail_curve(run, query.grid).points),
    )
    return render_template("metrics/tail_accuracy.html", page=context)


@blueprint.get("/average-precision.csv")
def average_precision_csv() -> Response:
    """One row per class of the table: average precisions, accuracies and counts."""
    run, query = current_run(), AveragePrecisionQuery.of_request()
    listed = _listed(make_class_rows(run, query.ap), _AP_COLUMNS, query)
    rows = (
        [
            item.name,
            *(item.average_precision[name] for name in DEFINITIONS),
            *(item.accuracy, item.baseline_accuracy),
            *(item.present, item.absent, item.ignored, item.unknown, item.unreadable),
        ]
        for item in (row.metrics for row in listed)
    )
    header = ["class", *(f"ap_{name}" for name in DEFINITIONS)]
    header += ["accuracy", "baseline_accuracy"]
    header += ["present", "absent", "difficult", "not_labelled", "unreadable"]
    return csv_response(f"{run.folder.name}_average_precision.csv", header, rows)


@blueprint.get("/tail-accuracy-at-threshold.csv")
def tail_at_threshold_csv() -> Response:
    """One row per class of the table: its tail accuracy above the threshold."""
    run, query = current_run(), TailQuery.of_request()
    listed = _listed(_rows_at(run, query.threshold), _TAIL_COLUMNS, query)
    rows = (
        [
            *(row.metrics.name, query.threshold, row.at.precision, row.at.count),
            row.metrics.highest_score,
        ]
        for row in listed
    )
    header = ["class", "threshold", "tail_accuracy", "images_above", "highest_score"]
    return csv_response(f"{run.folder.name}_tail_accuracy_at_threshold.csv", header, rows)


@blueprint.get("/tail-accuracy.csv")
def tail_accuracy_csv() -> Response:
    """One row per class and threshold; the mean over classes has the class name (mean)."""
    run, grid = current_run(), TailQuery.of_request().grid
    rows: list[tuple[object, ...]] = [
        (
            *("(mean)", mean.at, mean.at if grid == "threshold" else math.nan, mean.tail_accuracy),
            *(mean.mean_images_above, mean.mean_fraction_above, mean.classes_defined),
        )
        for mean in mean_tail_curve(run, grid).points
    ]
    for index, name in enumerate(run.table.classes):
        rows += [
            (name, *vars(point).values(), int(point.images_above > 0))
            for point in tail_curve(run, index, grid).points
        ]
    header = ["class", *TailPoint.model_fields, "classes_defined"]
    return csv_response(f"{run.folder.name}_tail_accuracy_by_{grid}.csv", header, rows)


def _rows_at(run: OpenedRun, threshold: float) -> Sequence[ClassRow]:
    return make_class_rows(run, "sklearn", run.cached(at_threshold, threshold))


def _listed(
    rows: Sequence[ClassRow],
    columns: Mapping[str, Value],
    query: AveragePrecisionQuery | TailQuery,
) -> Sequence[ClassRow]:
    """Returns the classes of the table, on all its pages."""
    found = search_rows(rows, query.name_part)
    return sort_rows(found, columns.get(query.sort), query.order)


def _view(
    run: OpenedRun,
    query: CurvesQuery,
    worst_first: Sequence[ClassRow],
    listed: Sequence[ClassRow],
    draw: Callable[[Lines], CurveChart],
) -> CurvesView:
    """Returns the chart with the pinned lines, and the page of the table that is asked for."""
    pinned, classes = _pinned_classes(run, query), len(run.table.classes)
    table = make_table(listed, query)
    wanted = [index for index in pinned if index is not None]
    wanted += [row.index for row in table.rows]
    chart = draw(choose_lines(worst_first, wanted, classes))
    lines: dict[int | None, ChartLine] = {line.index: line for line in chart.lines}
    pins = tuple(lines.get(index) for index in pinned)
    labelled = [(slot, line) for slot, line in enumerate(pins, 1) if line]
    if chart.bands:
        labelled += [(0, line) for line in chart.lines if line.is_drawn and line not in pins]
    return CurvesView(chart, pins, place_labels(labelled), table, classes)


def _pinned_classes(run: OpenedRun, query: CurvesQuery) -> tuple[int | None, ...]:
    """Returns the class in each slot, None for a free one.

    Raises:
        QueryError: there are too many, or there is no such class.
    """
    if len(query.pinned) > MAX_PINS:
        raise QueryError(
            f"compare can name at most {MAX_PINS} classes, not {len(query.pinned)}; "
            "a comma in a name is written \\,."
        )
    indices = iter(find_classes(run, "each name in compare", filter(None, query.pinned)))
    free = (None,) * (MAX_PINS - len(query.pinned))
    return *(next(indices) if name else None for name in query.pinned), *free
