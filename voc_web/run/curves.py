"""The models of the opened run's curves, without the padding of the stored arrays."""

import numpy as np

from voc_model.metrics.calibration import bin_edges
from voc_model.metrics.label_counts import ranking_strip
from voc_model.metrics.operating_points import operating_points as stored_operating_points
from voc_model.metrics.tail_accuracy import TAIL_GRIDS, TailGrid
from voc_web.run.curve_models import (
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
from voc_web.run.models import AveragePrecision
from voc_web.run.opened_run import OpenedRun


def precision_recall_curve(run: OpenedRun, class_index: int) -> PrecisionRecallCurve:
    """Returns the precision-recall curve of a class, by descending threshold."""
    curves, metrics = run.curves, run.metrics.classes[class_index]
    drawn = ~np.isnan(curves.count[class_index])
    return PrecisionRecallCurve(
        class_name=metrics.name,
        average_precision=AveragePrecision.model_validate(metrics.average_precision),
        points=PrecisionRecallPoint.of_columns(
            threshold=curves.threshold[class_index, drawn],
            count=curves.count[class_index, drawn],
            rank=curves.rank[class_index, drawn],
            precision=curves.precision[class_index, drawn],
            recall=curves.recall[class_index, drawn],
        ),
    )


def mean_precision_recall_curve(run: OpenedRun) -> MeanPrecisionRecallCurve:
    """Returns the mean precision-recall curve of the classes with an image present."""
    metrics, curves = run.metrics, run.curves
    return MeanPrecisionRecallCurve(
        classes_defined=metrics.classes_defined,
        mean_average_precision=AveragePrecision.model_validate(metrics.mean_average_precision),
        points=MeanPrecisionRecallPoint.of_columns(
            recall=curves.mean_recall[0], precision=curves.mean_precision[0]
        ),
    )


def tail_curve(run: OpenedRun, class_index: int, grid: TailGrid = "threshold") -> TailCurve:
    """Returns the tail accuracy of a class at its own thresholds.

    Args:
        run: the run.
        class_index: the class.
        grid: `percentile`, or one of the other two, whose thresholds are the same.
    """
    curves, metrics = run.curves, run.metrics.classes[class_index]
    threshold, accuracy, count = (
        (curves.percentile_threshold, curves.percentile_accuracy, curves.percentile_count)
        if grid == "percentile"
        else (curves.tail_threshold, curves.tail_accuracy, curves.tail_count)
    )
    defined = ~np.isnan(threshold[class_index])
    thresholds, images_above = threshold[class_index, defined], count[class_index, defined]
    return TailCurve(
        class_name=metrics.name,
        grid=grid,
        points=TailPoint.of_columns(
            at=thresholds if grid == "threshold" else TAIL_GRIDS[grid][defined],
            threshold=thresholds,
            tail_accuracy=accuracy[class_index, defined],
            images_above=images_above,
            fraction_above=images_above / (metrics.present + metrics.absent or np.nan),
        ),
    )


def mean_tail_curve(run: OpenedRun, grid: TailGrid) -> MeanTailCurve:
    """Returns the mean tail accuracy on a grid."""
    tail = run.metrics.mean_tail[grid]
    return MeanTailCurve(
        grid=grid,
        points=MeanTailPoint.of_columns(
            at=tail.at,
            tail_accuracy=tail.accuracy,
            classes_defined=tail.classes_defined,
            mean_images_above=tail.mean_count,
            mean_fraction_above=tail.mean_fraction,
        ),
    )


def calibration_curve(run: OpenedRun, class_index: int) -> CalibrationCurve:
    """Returns the reliability diagram of a class, including empty bins."""
    curves, metrics = run.curves, run.metrics.classes[class_index]
    edges = bin_edges(curves.reliability_count.shape[1])
    return CalibrationCurve(
        class_name=metrics.name,
        expected_calibration_error=metrics.expected_calibration_error,
        bins=CalibrationBin.of_columns(
            above=edges[:-1],
            up_to=edges[1:],
            images=curves.reliability_count[class_index],
            mean_score=curves.reliability_score[class_index],
            fraction_present=curves.reliability_present[class_index],
        ),
    )


def histogram(run: OpenedRun, class_index: int) -> Histogram:
    """Returns the histogram of a class's scores by label."""
    curves = run.curves
    edges = bin_edges(curves.histogram_present.shape[1])
    return Histogram(
        class_name=run.table.classes[class_index],
        bins=HistogramBin.of_columns(
            above=edges[:-1],
            up_to=edges[1:],
            present=curves.histogram_present[class_index],
            absent=curves.histogram_absent[class_index],
            difficult=curves.histogram_ignored[class_index],
            not_labelled=curves.histogram_unknown[class_index],
        ),
    )


def operating_points(run: OpenedRun, class_index: int) -> OperatingPoints:
    """Returns the operating points of a class, by descending threshold."""
    points = stored_operating_points(run.curves, class_index)
    return OperatingPoints(
        class_name=run.table.classes[class_index],
        present=run.metrics.classes[class_index].present,
        points=OperatingPoint.of_columns(
            threshold=points.threshold,
            images_above=points.count,
            true_positives=points.true_positives,
            difficult_above=points.ignored,
            not_labelled_above=points.unknown,
        ),
    )


def strip(run: OpenedRun, class_index: int, bins: int) -> RankingStrip:
    """Returns the ranking of a class in at most `bins` bins."""
    images = len(run.table.image_ids)
    found = ranking_strip(run.curves, class_index, np.linspace(0, images, bins + 1))
    return RankingStrip(
        class_name=run.table.classes[class_index],
        images=images,
        bins=StripBin.of_columns(
            first_rank=found.edges[:-1] + 1,
            last_rank=found.edges[1:],
            present=found.present,
            absent=found.absent,
            difficult=found.ignored,
            not_labelled=found.unknown,
            unreadable=found.unreadable,
            highest_score=found.score[:-1],
        ),
    )
