"""The pages of average precision and tail accuracy, and their CSV files."""

from flask import Blueprint, Response, render_template

from voc_model.metrics.precision_recall import DEFINITIONS
from voc_web.cards import make_class_rows
from voc_web.charts import precision_recall_chart, tail_accuracy_chart
from voc_web.contexts import MetricsContext
from voc_web.csv_files import csv_response
from voc_web.curves import mean_tail_curve, tail_curve
from voc_web.drawings import CurveChart
from voc_web.opened_run import OpenedRun, current_run
from voc_web.query import MetricsQuery

blueprint = Blueprint("metrics", __name__)


@blueprint.get("/average-precision")
def average_precision() -> str:
    """Precision-recall curves and the average precision of every class."""
    run, query = current_run(), MetricsQuery.of_request()
    chart = run.cached(precision_recall_chart, query.ap)
    return render_template("metrics/average_precision.html", page=_context(run, query, chart))


@blueprint.get("/tail-accuracy")
def tail_accuracy() -> str:
    """Tail accuracy of every class and their mean, as a function of the threshold."""
    run, query = current_run(), MetricsQuery.of_request()
    chart = run.cached(tail_accuracy_chart)
    return render_template("metrics/tail_accuracy.html", page=_context(run, query, chart))


@blueprint.get("/average-precision.csv")
def average_precision_csv() -> Response:
    """One row per class: average precision in all definitions, and counts."""
    run = current_run()
    rows = (
        [
            item.name,
            *(item.average_precision[name] for name in DEFINITIONS),
            *(item.present, item.absent, item.ignored, item.unknown, item.unreadable),
        ]
        for item in run.metrics.classes
    )
    header = ["class", *(f"ap_{name}" for name in DEFINITIONS)]
    header += ["present", "absent", "difficult", "not_labelled", "unreadable"]
    return csv_response(f"{run.folder.name}_average_precision.csv", header, rows)


@blueprint.get("/tail-accuracy.csv")
def tail_accuracy_csv() -> Response:
    """One row per class and threshold; the mean over classes has the class name (mean)."""
    run = current_run()
    rows: list[tuple[object, ...]] = [
        ("(mean)", mean.threshold, mean.tail_accuracy, mean.mean_images_above, mean.classes_defined)
        for mean in mean_tail_curve(run).points
    ]
    for index, name in enumerate(run.table.classes):
        rows += [
            (
                name,
                point.threshold,
                point.tail_accuracy,
                point.images_above,
                int(point.images_above > 0),
            )
            for point in tail_curve(run, index).points
        ]
    header = ["class", "threshold", "tail_accuracy", "images_above", "classes_defined"]
    return csv_response(f"{run.folder.name}_tail_accuracy.csv", header, rows)


def _context(run: OpenedRun, query: MetricsQuery, chart: CurveChart) -> MetricsContext:
    return MetricsContext(
        query=query,
        chart=chart,
        rows=tuple(make_class_rows(run, query.ap)),
        mean_average_precision=run.metrics.mean_average_precision[query.ap],
        classes_defined=run.metrics.classes_defined,
        mean_tail=tuple(mean_tail_curve(run).points),
    )
