"""Curves -> their points, without the padding of shorter ones."""

import math
from typing import NamedTuple

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


def precision_recall_points(run: OpenedRun, class_index: int) -> list[PrecisionRecallPoint]:
    """Returns the curve of a class from the highest score down."""
    curves = run.curves
    columns = (curves.threshold, curves.rank, curves.precision, curves.recall)
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
