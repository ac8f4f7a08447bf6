"""The curves of a class, its operating points and its strip, as JSON and CSV; see routes.

Each CSV holds the same rows as the JSON beside it, undefined values as empty fields.
"""

from collections.abc import Iterable, Sequence

from flask import Response

from voc_web.api.answers import AveragePrecision
from voc_web.api.curve_answers import (
    CalibrationBin,
    CalibrationCurve,
    Histogram,
    HistogramBin,
    MeanPrecisionRecallCurve,
    MeanPrecisionRecallPoint,
    MeanTailCurve,
    MeanTailPoint,
    OperatingPoint,
    OperatingPoints,
    PrecisionRecallCurve,
    PrecisionRecallPoint,
    RankingStrip,
    StripBin,
    TailCurve,
    TailPoint,
)
from voc_web.csv_files import csv_response
from voc_web.curve_points import (
    calibration_bins,
    histogram_bins,
    mean_precision_recall_points,
    mean_tail_points,
    operating_point_rows,
    precision_recall_points,
    strip_bins,
    tail_points,
)
from voc_web.opened_run import OpenedRun
from voc_web.query import ClassQuery, PageQuery, StripQuery


def precision_recall(run: OpenedRun, query: ClassQuery) -> PrecisionRecallCurve:
    """The precision-recall curve of a class."""
    index = run.table.class_index(query.class_name)
    return PrecisionRecallCurve(
        class_name=query.class_name,
        average_precision=AveragePrecision.model_validate(
            run.metrics.classes[index].average_precision
        ),
        points=PrecisionRecallPoint.of_all(precision_recall_points(run, index)),
    )


def precision_recall_csv(run: OpenedRun, query: ClassQuery) -> Response:
    """The precision-recall curve of a class as CSV."""
    rows = precision_recall_points(run, run.table.class_index(query.class_name))
    return _csv(run, query, "precision_recall", PrecisionRecallPoint.model_fields, rows)


def mean_precision_recall(run: OpenedRun, query: PageQuery) -> MeanPrecisionRecallCurve:
    """The precision-recall curve averaged over the classes."""
    return MeanPrecisionRecallCurve(
        classes_defined=run.metrics.classes_defined,
        mean_average_precision=AveragePrecision.model_validate(run.metrics.mean_average_precision),
        points=MeanPrecisionRecallPoint.of_all(mean_precision_recall_points(run)),
    )


def tail_accuracy(run: OpenedRun, query: ClassQuery) -> TailCurve:
    """The tail accuracy of a class over the threshold."""
    index = run.table.class_index(query.class_name)
    return TailCurve(class_name=query.class_name, points=TailPoint.of_all(tail_points(run, index)))


def tail_accuracy_csv(run: OpenedRun, query: ClassQuery) -> Response:
    """The tail accuracy of a class over the threshold as CSV."""
    rows = tail_points(run, run.table.class_index(query.class_name))
    return _csv(run, query, "tail_accuracy", TailPoint.model_fields, rows)


def mean_tail_accuracy(run: OpenedRun, query: PageQuery) -> MeanTailCurve:
    """The tail accuracy averaged over the classes, over the threshold."""
    return MeanTailCurve(points=MeanTailPoint.of_all(mean_tail_points(run)))


def calibration(run: OpenedRun, query: ClassQuery) -> CalibrationCurve:
    """Whether the scores of a class may be read as probabilities."""
    index = run.table.class_index(query.class_name)
    return CalibrationCurve(
        class_name=query.class_name,
        expected_calibration_error=run.metrics.classes[index].expected_calibration_error,
        bins=CalibrationBin.of_all(calibration_bins(run, index)),
    )


def calibration_csv(run: OpenedRun, query: ClassQuery) -> Response:
    """The reliability diagram of a class as CSV."""
    rows = calibration_bins(run, run.table.class_index(query.class_name))
    return _csv(run, query, "calibration", CalibrationBin.model_fields, rows)


def histogram(run: OpenedRun, query: ClassQuery) -> Histogram:
    """The histogram of a class's scores by truth."""
    index = run.table.class_index(query.class_name)
    bins = HistogramBin.of_all(histogram_bins(run, index))
    return Histogram(class_name=query.class_name, bins=bins)


def histogram_csv(run: OpenedRun, query: ClassQuery) -> Response:
    """The histogram of a class's scores by truth as CSV."""
    rows = histogram_bins(run, run.table.class_index(query.class_name))
    return _csv(run, query, "histogram", HistogramBin.model_fields, rows)


def operating_points(run: OpenedRun, query: ClassQuery) -> OperatingPoints:
    """Where the threshold of a class can stand, and what it selects there."""
    index = run.table.class_index(query.class_name)
    return OperatingPoints(
        class_name=query.class_name,
        present=run.metrics.classes[index].present,
        points=OperatingPoint.of_all(operating_point_rows(run, index)),
    )


def operating_points_csv(run: OpenedRun, query: ClassQuery) -> Response:
    """The operating points of a class as CSV."""
    rows = operating_point_rows(run, run.table.class_index(query.class_name))
    return _csv(run, query, "operating_points", OperatingPoint.model_fields, rows)


def strip(run: OpenedRun, query: StripQuery) -> RankingStrip:
    """All images of a class in rank order, counted by truth in bins of consecutive ranks."""
    index = run.table.class_index(query.class_name)
    return RankingStrip(
        class_name=query.class_name,
        images=len(run.table.image_ids),
        bins=StripBin.of_all(strip_bins(run, index, query.bins)),
    )


def strip_csv(run: OpenedRun, query: StripQuery) -> Response:
    """The strip of a class as CSV."""
    rows = strip_bins(run, run.table.class_index(query.class_name), query.bins)
    return _csv(run, query, "strip", StripBin.model_fields, rows)


def _csv(
    run: OpenedRun,
    query: ClassQuery,
    what: str,
    header: Iterable[str],
    rows: Iterable[Sequence[object]],
) -> Response:
    filename = f"{run.folder.name}_{what}_{query.class_name}.csv"
    return csv_response(filename, list(header), rows)
