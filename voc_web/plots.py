"""The small plots of the class page, drawn as inline SVG.

A plot is drawn in the units of FRAME, and the page scales it. Its points are part of the page, so
that a script can show the values under the pointer and open the ranking there.
"""

import math
from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

from voc_model.metrics.calibration import CALIBRATION_BINS
from voc_model.metrics.label_counts import ranks_above
from voc_model.metrics.precision_recall import threshold_below
from voc_web.curve_models import CalibrationBin, HistogramBin
from voc_web.curves import (
    calibration_curve,
    histogram,
    precision_recall_curve,
    tail_curve,
)
from voc_web.drawings import Plot, PlotFrame, PlotMark, PlotPoint, PlotTick
from voc_web.formats import count_text, fraction_text, score_text, tick_text
from voc_web.opened_run import OpenedRun
from voc_web.thresholds import shortest_thresholds

FRAME = PlotFrame(width=256, height=196, left=50, right=250, top=8, bottom=162)
_TABLE_ROWS = 25  # of the precision-recall table; the CSV has all points
_FIFTHS = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)

Pixel = tuple[float, float]
_Item = TypeVar("_Item")


def class_plots(run: OpenedRun, class_index: int) -> tuple[Plot, ...]:
    """Returns the four plots of a class, without those that have no points."""
    draw = (_precision_recall, _tail_accuracy, _calibration, _histogram)
    return tuple(plot for make in draw if (plot := make(run, class_index)) is not None)


def _precision_recall(run: OpenedRun, index: int) -> Plot | None:
    curve = precision_recall_curve(run, index)
    points = [item for item in curve.points if not math.isnan(item.recall)]
    if not points:
        return None
    pixels = [(_x(item.recall), _y(item.precision)) for item in points]
    return Plot(
        key="precision-recall",
        title=f"Precision-recall: AP {fraction_text(curve.average_precision.sklearn)}",
        meaning="AP is the sum of precision times recall step; equal scores form a single step.",
        download="api.precision_recall_csv",
        x_label="recall",
        y_label="precision",
        x_ticks=_ticks(_FIFTHS, _x),
        y_ticks=_ticks(_FIFTHS, _y),
        marks=_curve(pixels),
        points=_points(run, index, pixels, threshold_below([item.threshold for item in points])),
        frame=FRAME,
        columns=("score ≥", "images", "precision", "recall"),
        rows=tuple(
            (
                score_text(item.threshold),
                count_text(item.count),
                fraction_text(item.precision),
                fraction_text(item.recall),
            )
            for item in _thin(points, _TABLE_ROWS)
        ),
    )


def _tail_accuracy(run: OpenedRun, index: int) -> Plot | None:
    points = [item for item in tail_curve(run, index).points if not math.isnan(item.tail_accuracy)]
    if not points:
        return None
    # A tick every 0.05 where the curve stays above 0.8, else every 0.2.
    fifth = math.floor(5 * min(item.tail_accuracy for item in points))
    low, parts = (0.8, 4) if fifth >= 4 else (fifth / 5, 5 - fifth)

    def height(value: float) -> float:
        return _y((value - low) / (1 - low))

    def across(threshold: float) -> float:
        return _x(2 * threshold - 1)

    pixels = [(across(item.threshold), height(item.tail_accuracy)) for item in points]
    return Plot(
        key="tail-accuracy",
        title="Tail accuracy",
        meaning="The fraction of the images above the threshold in which the class is present.",
        download="api.tail_accuracy_csv",
        x_label="threshold",
        y_label="tail accuracy",
        x_ticks=_ticks((0.5, 0.6, 0.7, 0.8, 0.9, 1.0), across),
        y_ticks=_ticks([low + step * (1 - low) / parts for step in range(parts + 1)], height),
        marks=_curve(pixels),
        points=_points(run, index, pixels, (item.threshold for item in points)),
        frame=FRAME,
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


def _calibration(run: OpenedRun, index: int) -> Plot | None:
    curve = calibration_curve(run, index)
    bins = [item for item in curve.bins if item.images]
    if not bins:
        return None
    pixels = [(_x(item.mean_score), _y(item.fraction_present)) for item in bins]
    return Plot(
        key="calibration",
        title=f"Calibration: ECE {fraction_text(curve.expected_calibration_error)}",
        meaning="ECE, the expected calibration error, is the mean gap between mean score and "
        f"fraction present over {CALIBRATION_BINS} bins of equal width, weighted by their images.",
        download="api.calibration_csv",
        x_label="mean score",
        y_label="fraction present",
        x_ticks=_ticks(_FIFTHS, _x),
        y_ticks=_ticks(_FIFTHS, _y),
        marks=(
            PlotMark("ideal", _line([(_x(0), _y(0)), (_x(1), _y(1))])),
            PlotMark("line", _line(pixels)),
            PlotMark("dots", "".join(map(_dot, pixels))),
        ),
        points=_points(run, index, pixels, (item.above for item in bins)),
        frame=FRAME,
        columns=("scores", "images", "mean score", "fraction present"),
        rows=tuple(
            (
                _bin_text(item),
                count_text(item.images),
                score_text(item.mean_score),
                fraction_text(item.fraction_present),
            )
            for item in bins
        ),
    )


def _histogram(run: OpenedRun, index: int) -> Plot | None:
    bins = histogram(run, index).bins
    highest = max(max(item.present + item.difficult, item.absent) for item in bins)
    if not highest:
        return None

    kinds = ["present", "absent", "difficult"]
    if any(item.not_labelled for item in bins):
        kinds.append("not_labelled")
    middles = [(_x((item.above + item.up_to) / 2), _y(0.5)) for item in bins]
    ticks = ((0, highest), (0.5, 0), (1, highest))
    return Plot(
        key="histogram",
        title="Scores by label",
        meaning="Number of images per score bin: present upwards, absent downwards. Heights are "
        "proportional to the square root of the count.",
        download="api.histogram_csv",
        x_label="score",
        y_label="← absent, present →",
        x_ticks=_ticks(_FIFTHS, _x),
        y_ticks=tuple(PlotTick(_y(height), _short_count(count)) for height, count in ticks),
        marks=_histogram_marks(bins, highest),
        points=_points(run, index, middles, (item.above for item in bins)),
        frame=FRAME,
        columns=("scores", *(name.replace("_", " ") for name in kinds)),
        rows=tuple(
            (_bin_text(item), *(count_text(getattr(item, name)) for name in kinds))
            for item in bins
            if any(getattr(item, name) for name in kinds)
        ),
    )


def _histogram_marks(bins: Sequence[HistogramBin], highest: int) -> tuple[PlotMark, ...]:
    """Returns the bars of each label: present and difficult upwards, absent downwards."""

    # On a square-root scale, since a few images at high scores face thousands near 0.
    def bar(left: float, right: float, low: int, high: int) -> str:
        ends = (
            0.5 + math.copysign(math.sqrt(abs(count) / highest) / 2, count) for count in (low, high)
        )
        return _bar(left, right, *ends) if low != high else ""

    shapes = {
        "present": (bar(item.above, item.up_to, 0, item.present) for item in bins),
        "difficult": (
            bar(item.above, item.up_to, item.present, item.present + item.difficult)
            for item in bins
        ),
        "absent": (bar(item.above, item.up_to, 0, -item.absent) for item in bins),
    }
    return tuple(PlotMark(truth, "".join(bars)) for truth, bars in shapes.items())


def _points(
    run: OpenedRun, class_index: int, pixels: Sequence[Pixel], thresholds: Iterable[float]
) -> tuple[PlotPoint, ...]:
    shortest = shortest_thresholds(thresholds)
    ranks: list[int] = ranks_above(
        run.table, run.metrics, run.curves, class_index, shortest
    ).tolist()
    return tuple(
        PlotPoint(round(x, 1), round(y, 1), threshold, rank)
        for (x, y), threshold, rank in zip(pixels, shortest, ranks, strict=True)
    )


def _thin(items: Sequence[_Item], max_items: int) -> list[_Item]:
    """Returns up to max_items evenly spaced items, including the first and the last."""
    if len(items) <= max_items:
        return list(items)
    return [items[index * (len(items) - 1) // (max_items - 1)] for index in range(max_items)]


def _bin_text(item: CalibrationBin | HistogramBin) -> str:
    return f"{item.above:.3f}\N{EN DASH}{item.up_to:.3f}"


def _x(fraction: float) -> float:
    return FRAME.left + fraction * (FRAME.right - FRAME.left)


def _y(fraction: float) -> float:
    return FRAME.bottom + fraction * (FRAME.top - FRAME.bottom)


def _ticks(values: Iterable[float], scale: Callable[[float], float]) -> tuple[PlotTick, ...]:
    return tuple(PlotTick(scale(value), tick_text(value)) for value in values)


def _short_count(count: int) -> str:
    """Formats a count in at most five characters, such as 9,999 or 123k, to fit beside an axis."""
    if count < 10_000:
        return count_text(count)
    return f"{count // 1000}k" if count < 1_000_000 else f"{count / 1e6:.3g}M"


def _curve(pixels: Sequence[Pixel]) -> tuple[PlotMark, ...]:
    """Returns a line through the pixels, or a dot if there is only one."""
    return (
        PlotMark("line", _line(pixels)) if len(pixels) > 1 else PlotMark("dots", _dot(*pixels)),
    )


def _line(pixels: Sequence[Pixel]) -> str:
    """Returns a path through the pixels; empty for a single one, which would be invisible."""
    return "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in pixels) if len(pixels) > 1 else ""


def _dot(pixel: Pixel) -> str:
    return f"M{pixel[0] - 2.5:.1f} {pixel[1]:.1f}a2.5 2.5 0 1 0 5 0a2.5 2.5 0 1 0 -5 0"


def _bar(left: float, right: float, low: float, high: float) -> str:
    return (
        f"M{_x(left) + 0.4:.1f} {_y(low):.2f}V{_y(high):.2f}H{_x(right) - 0.4:.1f}V{_y(low):.2f}z"
    )
