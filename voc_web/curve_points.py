"""Curves -> their points, without the padding of shorter ones."""

import math
from typing import NamedTuple

from voc_model.metrics.calibration import bin_edges
from voc_model.metrics.label_counts import ranking_strip
from voc_model.metrics.operating_points import operating_points
from voc_web.opened_run import OpenedRun


class PrecisionRecallPoint(NamedTuple):
    """Precision and recall of the images that score at least `threshold`."""

    threshold: float
    rank: int  # how many images those are, difficult ones not counted
    precision: float
    recall: float


class MeanPrecisionRecallPoint(NamedTuple):
    """The mean over classes of the greatest precision at a recall or above."""

    recall: float
    precision: float


class TailPoint(NamedTuple):
    """Tail accuracy of one class at one threshold."""

    threshold: float
    tail_accuracy: float
    images_above: int


class MeanTailPoint(NamedTuple):
    """Tail accuracy averaged over the classes that have an image above the threshold."""

    threshold: float
    tail_accuracy: float
    mean_images_above: float
    classes_defined: int


class CalibrationBin(NamedTuple):
    """The images whose score lies in (above, up_to], the first bin's 0 as well."""

    above: float
    up_to: float
    images: int  # difficult ones not counted
    mean_score: float  # NaN where there is no image
    fraction_present: float  # NaN where there is no image


class HistogramBin(NamedTuple):
    """How many images score in (above, up_to], the first bin's 0 as well, by their truth."""

    above: float
    up_to: float
    present: int
    absent: int
    difficult: int


class OperatingPoint(NamedTuple):
    """What a threshold selects, where it can stand."""

    threshold: float  # below 0 where the score 0 is selected, too
    images_above: int  # difficult ones not counted
    true_positives: int
    difficult_above: int


class StripBin(NamedTuple):
    """Consecutive ranks, by the truth of their images."""

    first_rank: int
    last_rank: int
    present: int
    absent: int
    difficult: int
    unreadable: int
    highest_score: float  # of the ranking's lowest where the bin has none; NaN without any


def precision_recall_points(run: OpenedRun, class_index: int) -> list[PrecisionRecallPoint]:
    """Returns the curve of a class from the highest score down."""
    curves = run.curves
    columns = (curves.threshold, curves.count, curves.precision, curves.recall)
    rows = zip(*(column[class_index].tolist() for column in columns), strict=True)
    return [
        PrecisionRecallPoint(threshold, int(rank), precision, recall)
        for threshold, rank, precision, recall in rows
        if not math.isnan(rank)
    ]


def mean_precision_recall_points(run: OpenedRun) -> list[MeanPrecisionRecallPoint]:
    """Returns the mean curve of the classes with an image present."""
    columns = (run.curves.mean_recall, run.curves.mean_precision)
    rows = zip(*(column[0].tolist() for column in columns), strict=True)
    return [MeanPrecisionRecallPoint(*row) for row in rows]


def tail_points(run: OpenedRun, class_index: int) -> list[TailPoint]:
    """Returns the tail accuracy of a class from 0.5 to its highest score."""
    curves = run.curves
    columns = (curves.tail_threshold, curves.tail_accuracy, curves.tail_count)
    rows = zip(*(column[class_index].tolist() for column in columns), strict=True)
    return [
        TailPoint(threshold, accuracy, int(count))
        for threshold, accuracy, count in rows
        if not math.isnan(threshold)
    ]


def mean_tail_points(run: OpenedRun) -> list[MeanTailPoint]:
    """Returns the mean tail accuracy over the grid of thresholds that all classes share."""
    tail = run.metrics.mean_tail
    rows = zip(tail.threshold, tail.accuracy, tail.mean_count, tail.classes_defined, strict=True)
    return [MeanTailPoint(*row) for row in rows]


def calibration_bins(run: OpenedRun, class_index: int) -> list[CalibrationBin]:
    """Returns the reliability diagram of a class, empty bins among them."""
    curves = run.curves
    columns = (curves.reliability_count, curves.reliability_score, curves.reliability_present)
    rows = zip(*(column[class_index].tolist() for column in columns), strict=True)
    edges = bin_edges(curves.reliability_count.shape[1]).tolist()
    return [
        CalibrationBin(above, up_to, int(images), score, present)
        for above, up_to, (images, score, present) in zip(edges[:-1], edges[1:], rows, strict=True)
    ]


def histogram_bins(run: OpenedRun, class_index: int) -> list[HistogramBin]:
    """Returns the histogram of a class's scores by truth."""
    curves = run.curves
    columns = (curves.histogram_present, curves.histogram_absent, curves.histogram_ignored)
    rows = zip(*(column[class_index].tolist() for column in columns), strict=True)
    edges = bin_edges(curves.histogram_present.shape[1]).tolist()
    return [
        HistogramBin(above, up_to, *map(int, counts))
        for above, up_to, counts in zip(edges[:-1], edges[1:], rows, strict=True)
    ]


def operating_point_rows(run: OpenedRun, class_index: int) -> list[OperatingPoint]:
    """Returns where the threshold of a class can stand, from the highest down."""
    points = operating_points(run.curves, class_index)
    columns = (points.threshold, points.count, points.true_positives, points.ignored)
    rows = zip(*(column.tolist() for column in columns), strict=True)
    return [OperatingPoint(*row) for row in rows]


def strip_bins(run: OpenedRun, class_index: int, bins: int) -> list[StripBin]:
    """Returns the ranking of a class in at most so many bins."""
    strip = ranking_strip(run.curves, class_index, len(run.table.image_ids), bins)
    ranks = (strip.edges[:-1] + 1, strip.edges[1:])
    counts = (strip.present, strip.absent, strip.ignored, strip.unreadable)
    scores = strip.score[:-1].tolist()
    rows = zip(*(column.tolist() for column in (*ranks, *counts)), scores, strict=True)
    return [StripBin(*row) for row in rows]
