"""The endpoints of curves, operating points and the ranking strip; see routes.

Each CSV has the same rows as the corresponding JSON; undefined values are empty fields.
"""

from collections.abc import Iterable

from flask import Response

from voc_web.api.queries import ClassQuery, ClassTailQuery, StripQuery
from voc_web.csv_files import csv_response
from voc_web.query import PageQuery, TailGridQuery
from voc_web.run import curves
from voc_web.run.curve_models import (
    CalibrationBin,
    CalibrationCurve,
    Histogram,
    HistogramBin,
    MeanPrecisionRecallCurve,
    MeanTailCurve,
    OperatingPoint,
    OperatingPoints,
    PrecisionRecallCurve,
    PrecisionRecallPoint,
    RankingStrip,
    StripBin,
    TailCurve,
    TailPoint,
)
from voc_web.run.models import ResponseModel
from voc_web.run.opened_run import OpenedRun


def precision_recall(run: OpenedRun, query: ClassQuery) -> PrecisionRecallCurve:
    """The precision-recall curve of a class."""
    return curves.precision_recall_curve(run, run.table.class_index(query.class_name))


def precision_recall_csv(run: OpenedRun, query: ClassQuery) -> Response:
    """The precision-recall curve of a class as CSV."""
    rows = precision_recall(run, query).points
    return _csv(run, query, "precision_recall", PrecisionRecallPoint, rows)


def mean_precision_recall(run: OpenedRun, query: PageQuery) -> MeanPrecisionRecallCurve:
    """The mean precision-recall curve over the classes."""
    return curves.mean_precision_recall_curve(run)


def tail_accuracy(run: OpenedRun, query: ClassTailQuery) -> TailCurve:
    """The tail accuracy of a class at its own thresholds.

    With grid=percentile the threshold of q percent is the highest with at least q percent of the
    class's present and absent images above it: more if they are few or if scores tie, see
    `fraction_above`.
    """
    return curves.tail_curve(run, run.table.class_index(query.class_name), query.grid)


def tail_accuracy_csv(run: OpenedRun, query: ClassTailQuery) -> Response:
    """The tail accuracy of a class as CSV."""
    return _csv(run, query, "tail_accuracy", TailPoint, tail_accuracy(run, query).points)


def mean_tail_accuracy(run: OpenedRun, query: TailGridQuery) -> MeanTailCurve:
    """The mean tail accuracy over the classes on a grid of thresholds."""
    return curves.mean_tail_curve(run, query.grid)


def calibration(run: OpenedRun, query: ClassQuery) -> CalibrationCurve:
    """The reliability diagram of a class: whether its scores are calibrated probabilities."""
    return curves.calibration_curve(run, run.table.class_index(query.class_name))


def calibration_csv(run: OpenedRun, query: ClassQuery) -> Response:
    """The reliability diagram of a class as CSV."""
    return _csv(run, query, "calibration", CalibrationBin, calibration(run, query).bins)


def histogram(run: OpenedRun, query: ClassQuery) -> Histogram:
    """The histogram of a class's scores by label."""
    return curves.histogram(run, run.table.class_index(query.class_name))


def histogram_csv(run: OpenedRun, query: ClassQuery) -> Response:
    """The histogram of a class's scores by label as CSV."""
    return _csv(run, query, "histogram", HistogramBin, histogram(run, query).bins)


def operating_points(run: OpenedRun, query: ClassQuery) -> OperatingPoints:
    """The possible thresholds of a class and what each selects."""
    return curves.operating_points(run, run.table.class_index(query.class_name))


def operating_points_csv(run: OpenedRun, query: ClassQuery) -> Response:
    """The operating points of a class as CSV."""
    rows = operating_points(run, query).points
    return _csv(run, query, "operating_points", OperatingPoint, rows)


def strip(run: OpenedRun, query: StripQuery) -> RankingStrip:
    """The whole ranking of a class in bins of consecutive ranks, counted by label."""
    return curves.strip(run, run.table.class_index(query.class_name), query.bins)


def strip_csv(run: OpenedRun, query: StripQuery) -> Response:
    """The strip of a class as CSV."""
    return _csv(run, query, "strip", StripBin, strip(run, query).bins)


def _csv(
    run: OpenedRun,
    query: ClassQuery,
    what: str,
    row: type[ResponseModel],
    rows: Iterable[ResponseModel],
) -> Response:
    """Returns rows of one model as CSV, with its fields as columns."""
    filename = f"{run.folder.name}_{what}_{query.class_name}.csv"
    return csv_response(filename, list(row.model_fields), (vars(item).values() for item in rows))
