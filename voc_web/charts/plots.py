"""The small plots of the class page, drawn as inline SVG.

A plot is drawn in the units of FRAME, and the page scales it. Its points are part of the page, so
that a script can show the values under the pointer and open the ranking there.
"""

import math
from collections.abc import Sequence
from typing import TypeVar

from voc_model.metrics.calibration import CALIBRATION_BINS
from voc_model.metrics.precision_recall import threshold_below
from voc_web.charts.drawings import Plot, PlotMark
from voc_web.charts.geometry import FIFTHS
from voc_web.charts.histogram import histogram_plot
from voc_web.charts.plot_frame import (
    FRAME,
    Pixel,
    bin_text,
    clickable_points,
    dot,
    drawn_ticks,
    line,
)
from voc_web.formats import count_text, fraction_text, score_text
from voc_web.run.curves import calibration_curve, precision_recall_curve, tail_curve
from voc_web.run.opened_run import OpenedRun

_TABLE_ROWS = 25  # of the precision-recall table; the CSV has all points
_MIN_RADIUS, _MAX_RADIUS = 1.5, 7.0  # of the dots of calibration

_Item = TypeVar("_Item")


def class_plots(run: OpenedRun, class_index: int) -> tuple[Plot, ...]:
    """Returns the four plots of a class, without those that have no points."""
    draw = (_precision_recall, _tail_accuracy, _calibration, histogram_plot)
    return tuple(plot for make in draw if (plot := make(run, class_index)) is not None)


def _precision_recall(run: OpenedRun, index: int) -> Plot | None:
    curve = precision_recall_curve(run, index)
    points = [item for item in curve.points if not math.isnan(item.recall)]
    if not points:
        return None
    pixels = [(FRAME.x(item.recall), FRAME.y(item.precision)) for item in points]
    thresholds = threshold_below([item.threshold for item in points])
    texts = (
        f"recall {fraction_text(item.recall)}, precision {fraction_text(item.precision)}"
        for item in points
    )
    return Plot(
        key="precision-recall",
        title=f"Precision-recall: AP {fraction_text(curve.average_precision.sklearn)}",
        note="precision down to each rank",
        meaning="AP is the sum of precision times recall step; equal scores form a single step.",
        download="api.precision_recall_csv",
        x_label="recall",
        y_label="precision",
        x_ticks=drawn_ticks(FIFTHS, FRAME.x),
        y_ticks=drawn_ticks(FIFTHS, FRAME.y),
        marks=_curve(pixels),
        points=clickable_points(run, index, pixels, thresholds, texts),
        frame=FRAME,
        thresholds=None,
        columns=("score ≥", "images", "precision", "recall"),
        rows=tuple(
            (
                score_text(item.threshold),
                count_text(item.count),
                fraction_text(item.precision),
                fraction_text(item.recall),
            )
            for item in _evenly(points, _TABLE_ROWS)
        ),
    )


def _tail_accuracy(run: OpenedRun, index: int) -> Plot | None:
    points = [item for item in tail_curve(run, index).points if not math.isnan(item.tail_accuracy)]
    if not points:
        return None
    ticks = _tail_ticks(min(item.tail_accuracy for item in points))

    def height(value: float) -> float:
        return FRAME.y((value - ticks[0]) / (1 - ticks[0]))

    def across(threshold: float) -> float:
        return FRAME.x(2 * threshold - 1)

    pixels = [(across(item.threshold), height(item.tail_accuracy)) for item in points]
    texts = (
        f"tail accuracy {fraction_text(item.tail_accuracy)}, {_images_text(item.images_above)}"
        for item in points
    )
    return Plot(
        key="tail-accuracy",
        title="Tail accuracy",
        note="precision above each threshold",
        meaning="The fraction of the images above the threshold in which the class is present.",
        download="api.tail_accuracy_csv",
        x_label="threshold",
        y_label="tail accuracy",
        x_ticks=drawn_ticks((0.5, 0.6, 0.7, 0.8, 0.9, 1.0), across),
        y_ticks=drawn_ticks(ticks, height),
        marks=_curve(pixels),
        points=clickable_points(run, index, pixels, (item.threshold for item in points), texts),
        frame=FRAME,
        thresholds=(0.5, 1.0),
        columns=("threshold", "images above", "tail accuracy"),
        rows=tuple(
            (
                score_text(item.threshold),
                count_text(item.images_above),
                fraction_text(item.tail_accuracy),
            )
            for item in points
        ),
    )


def _tail_ticks(lowest: float) -> list[float]:
    """Returns ticks up to 1: every 0.05 where the curve stays above 0.8, else every 0.2."""
    fifth = math.floor(5 * lowest)
    low, parts = (0.8, 4) if fifth >= 4 else (fifth / 5, 5 - fifth)
    return [low + step * (1 - low) / parts for step in range(parts + 1)]


def _calibration(run: OpenedRun, index: int) -> Plot | None:
    curve = calibration_curve(run, index)
    bins = [item for item in curve.bins if item.images]
    if not bins:
        return None
    pixels = [(FRAME.x(item.mean_score), FRAME.y(item.fraction_present)) for item in bins]
    texts = (
        f"present {fraction_text(item.fraction_present)} of {_images_text(item.images)}"
        for item in bins
    )
    return Plot(
        key="calibration",
        title=f"Calibration: ECE {fraction_text(curve.expected_calibration_error)}",
        note="larger dots: more images",
        meaning="ECE, the expected calibration error, is the mean gap between mean score and "
        f"fraction present over {CALIBRATION_BINS} bins of equal width, weighted by their images.",
        download="api.calibration_csv",
        x_label="mean score",
        y_label="fraction present",
        x_ticks=drawn_ticks(FIFTHS, FRAME.x),
        y_ticks=drawn_ticks(FIFTHS, FRAME.y),
        marks=(
            PlotMark("ideal", line([(FRAME.x(0), FRAME.y(0)), (FRAME.x(1), FRAME.y(1))])),
            PlotMark("line", line(pixels)),
            PlotMark("dots", "".join(map(dot, pixels, _radii([item.images for item in bins])))),
        ),
        points=clickable_points(run, index, pixels, (item.above for item in bins), texts),
        frame=FRAME,
        thresholds=(0.0, 1.0),
        columns=("scores", "images", "mean score", "fraction present"),
        rows=tuple(
            (
                bin_text(item),
                count_text(item.images),
                score_text(item.mean_score),
                fraction_text(item.fraction_present),
            )
            for item in bins
        ),
    )


def _curve(pixels: Sequence[Pixel]) -> tuple[PlotMark, ...]:
    """Returns a line through the pixels, or a dot if there is only one."""
    return (
        PlotMark("line", line(pixels)) if len(pixels) > 1 else PlotMark("dots", dot(pixels[0])),
    )


def _radii(counts: Sequence[int]) -> list[float]:
    """Returns radii of dots whose areas grow with the square root of the counts.

    Areas proportional to the counts would hide all but the bin of the lowest scores.
    """
    highest = max(counts)
    return [max(_MAX_RADIUS * (count / highest) ** 0.25, _MIN_RADIUS) for count in counts]


def _evenly(items: Sequence[_Item], max_items: int) -> list[_Item]:
    """Returns up to max_items evenly spaced items, including the first and the last."""
    if len(items) <= max_items:
        return list(items)
    return [items[index * (len(items) - 1) // (max_items - 1)] for index in range(max_items)]


def _images_text(count: int) -> str:
    return f"{count_text(count)} image{'' if count == 1 else 's'}"
