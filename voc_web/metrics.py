"""Average precision and tail accuracy: curves, tables and their CSV."""

import csv
import io
import math
from collections.abc import Iterable
from urllib.parse import quote

from flask import Blueprint, Response, render_template

from voc_model.metrics import DEFINITIONS
from voc_web.cards import make_class_rows
from voc_web.charts import precision_recall_figure, tail_accuracy_figure
from voc_web.contexts import MetricsContext
from voc_web.opened_run import OpenedRun, current_run
from voc_web.query import MetricsQuery

blueprint = Blueprint("metrics", __name__)


@blueprint.get("/average-precision")
def average_precision() -> str:
    """Precision-recall curves and the average precision of every class."""
    run, query = current_run(), MetricsQuery.of_request()
    figure = precision_recall_figure(run.metrics, run.curves, query.ap)
    return render_template("metrics/average_precision.html", page=_context(run, query, figure))


@blueprint.get("/tail-accuracy")
def tail_accuracy() -> str:
    """Tail accuracy of every class and on average, over the threshold."""
    run, query = current_run(), MetricsQuery.of_request()
    figure = tail_accuracy_figure(run.metrics, run.curves)
    return render_template("metrics/tail_accuracy.html", page=_context(run, query, figure))


@blueprint.get("/average-precision.csv")
def average_precision_csv() -> Response:
    """One row a class: its average precision in every definition, and its counts."""
    run = current_run()
    rows = (
        [
            item.name,
            *(item.average_precision[name] for name in DEFINITIONS),
            *(item.present, item.absent, item.ignored, item.unreadable),
        ]
        for item in run.metrics.classes
    )
    header = ["class", *(f"ap_{name}" for name in DEFINITIONS)]
    header += ["present", "absent", "difficult", "unreadable"]
    return _csv(f"{run.folder.name}_average_precision.csv", header, rows)


@blueprint.get("/tail-accuracy.csv")
def tail_accuracy_csv() -> Response:
    """One row a class and threshold; the average over classes has the class name (mean)."""
    run = current_run()
    curves, tail = run.curves, run.metrics.mean_tail
    rows: list[list[object]] = [
        ["(mean)", *values]
        for values in zip(
            tail.threshold, tail.accuracy, tail.mean_count, tail.classes_defined, strict=True
        )
    ]
    for index, name in enumerate(run.table.classes):
        points = zip(
            curves.tail_threshold[index].tolist(),
            curves.tail_accuracy[index].tolist(),
            curves.tail_count[index].tolist(),
            strict=True,
        )
        rows += [
            [name, threshold, accuracy, int(count), int(count > 0)]
            for threshold, accuracy, count in points
            if not math.isnan(threshold)  # The padding of shorter curves.
        ]
    header = ["class", "threshold", "tail_accuracy", "images_above", "classes_defined"]
    return _csv(f"{run.folder.name}_tail_accuracy.csv", header, rows)


def _context(run: OpenedRun, query: MetricsQuery, figure: str) -> MetricsContext:
    tail = run.metrics.mean_tail
    return MetricsContext(
        query=query,
        figure=figure,
        rows=tuple(make_class_rows(run, query.ap)),
        mean_average_precision=run.metrics.mean_average_precision[query.ap],
        classes_defined=run.metrics.classes_defined,
        mean_tail=tuple(
            zip(tail.threshold, tail.accuracy, tail.classes_defined, tail.mean_count, strict=True)
        ),
    )


def _csv(filename: str, header: list[str], rows: Iterable[list[object]]) -> Response:
    """Returns a CSV download; undefined values are empty fields."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(header)
    for row in rows:
        writer.writerow(
            "" if isinstance(value, float) and math.isnan(value) else value for value in row
        )
    response = Response(text.getvalue(), mimetype="text/csv")
    # A header is Latin-1; other scripts go as RFC 8187 says.
    name = (
        {"filename": filename} if filename.isascii() else {"filename*": f"UTF-8''{quote(filename)}"}
    )
    response.headers.set("Content-Disposition", "attachment", **name)
    return response
