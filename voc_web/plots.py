"""The small curves of the class page, as SVG that stands in the page itself.

A plot is drawn in the units of its FRAME; the page scales it. Its points go along, so
that a script can say what is under the pointer and go there.
"""

import math
from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

import numpy as np

from voc_model.metrics.calibration import CALIBRATION_BINS
from voc_model.metrics.operating_points import OperatingPoints
from voc_model.metrics.precision_recall import count_above, threshold_below
from voc_web.contexts import Plot, PlotFrame, PlotMark, PlotPoint, PlotTick
from voc_web.curves import calibration_curve, histogram, precision_recall_curve, tail_curve
from voc_web.formats import count_text, fraction_text, score_text, tick_text
from voc_web.opened_run import OpenedRun
from voc_web.thresholds import shortest_thresholds

FRAME = PlotFrame(width=256, height=196, left=50, right=250, top=8, bottom=162)
_TABLE_ROWS = 25  # of the precision-recall table, at most; the download has all
_FIFTHS = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)

Pixel = tuple[float, float]
_Item = TypeVar("_Item")


def class_plots(run: OpenedRun, class_index: int, points: OperatingPoints) -> tuple[Plot, ...]:
    """Returns the four plots of a class; those without any point are left out.

    Args:
        points: the operating points of the class.
    """
    draw = (_precision_recall, _tail_accuracy, _calibration, _histogram)
    return tuple(plot for make in draw if (plot := make(run, class_index, points)) is not None)


def _precision_recall(run: OpenedRun, index: int, above: OperatingPoints) -> Plot | None:
    curve = precision_recall_curve(run, index)
    points = [item for item in curve.points if not math.isnan(item.recall)]
    if not points:
        return None
    pixels = [(_x(item.recall), _y(item.precision)) for item in points]
    return Plot(
        key="precision-recall",
        title=f"Precision and recall: AP {fraction_text(curve.average_precision.sklearn)}",
        meaning="AP is the sum of precision times the step of recall; equal scores are one step.",
        download="api.precision_recall_csv",
        x_label="recall",
        y_label="precision",
        x_ticks=_ticks(_FIFTHS, _x),
        y_ticks=_ticks(_FIFTHS, _y),
        marks=_curve(pixels),
        points=_points(pixels, threshold_below([item.threshold for item in points]), above),
        frame=FRAME,
        columns=("score at least", "images", "precision", "recall"),
        rows=tuple(
            (
                score_text(item.threshold),
                count_text(item.count),
                fraction_text(item.precision),
                fraction_text(item.recall),
            )
            for item in _spread(points, _TABLE_ROWS)
        ),
    )


def _tail_accuracy(run: OpenedRun, index: int, above: OperatingPoints) -> Plot | None:
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
        meaning="Among images scored above the threshold, the share in which the class is present.",
        download="api.tail_accuracy_csv",
        x_label="threshold",
        y_label="accuracy above it",
        x_ticks=_ticks((0.5, 0.6, 0.7, 0.8, 0.9, 1.0), across),
        y_ticks=_ticks([low + step * (1 - low) / parts for step in range(parts + 1)], height),
        marks=_curve(pixels),
        points=_points(pixels, (item.threshold for item in points), above),
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


def _calibration(run: OpenedRun, index: int, above: OperatingPoints) -> Plot | None:
    curve = calibration_curve(run, index)
    bins = [item for item in curve.bins if item.images]
    if not bins:
        return None
    pixels = [(_x(item.mean_score), _y(item.fraction_present)) for item in bins]
    return Plot(
        key="calibration",
        title=f"Calibration: ECE {fraction_text(curve.expected_calibration_error)}",
        meaning="ECE, the expected calibration error, is the gap between mean score and share "
        f"present, weighted by the images of each of {CALIBRATION_BINS} equal ranges of scores.",
        download="api.calibration_csv",
        x_label="mean score",
        y_label="share present",
        x_ticks=_ticks(_FIFTHS, _x),
        y_ticks=_ticks(_FIFTHS, _y),
        marks=(
            PlotMark("ideal", _line([(_x(0), _y(0)), (_x(1), _y(1))])),
            PlotMark("line", _line(pixels)),
            PlotMark("dots", "".join(map(_dot, pixels))),
        ),
        points=_points(pixels, (item.above for item in bins), above),
        frame=FRAME,
        columns=("scores", "images", "mean score", "share present"),
        rows=tuple(
            (
                f"{item.above:.3f} to {item.up_to:.3f}",
                count_text(item.images),
                score_text(item.mean_score),
                fraction_text(item.fraction_present),
            )
            for item in bins
        ),
    )


def _histogram(run: OpenedRun, index: int, above: OperatingPoints) -> Plot | None:
    bins = histogram(run, index).bins
    most = max(max(item.present + item.difficult, item.absent) for item in bins)
    if not most:
        return None

    # By the square root: the few images that matter stand beside thousands near 0.
    def bar(left: float, right: float, low: int, high: int) -> str:
        ends = (
            0.5 + math.copysign(math.sqrt(abs(count) / most) / 2, count) for count in (low, high)
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
    middles = [(_x((item.above + item.up_to) / 2), _y(0.5)) for item in bins]
    ticks = ((0, most), (0.5, 0), (1, most))
    return Plot(
        key="histogram",
        title="Scores by truth",
        meaning="Images in each range of scores: upwards those present, downwards those absent. "
        "Heights grow with the square root of the count.",
        download="api.histogram_csv",
        x_label="score",
        y_label="← absent, present →",
        x_ticks=_ticks(_FIFTHS, _x),
        y_ticks=tuple(PlotTick(_y(height), _short_count(count)) for height, count in ticks),
        marks=tuple(PlotMark(truth, "".join(bars)) for truth, bars in shapes.items()),
        points=_points(middles, (item.above for item in bins), above),
        frame=FRAME,
        columns=("scores", "present", "absent", "difficult"),
        rows=tuple(
            (
                f"{item.above:.3f} to {item.up_to:.3f}",
                *map(count_text, (item.present, item.absent, item.difficult)),
            )
            for item in bins
            if item.present or item.absent or item.difficult
        ),
    )


def _points(
    pixels: Sequence[Pixel], thresholds: Iterable[float], above: OperatingPoints
) -> tuple[PlotPoint, ...]:
    shortest = shortest_thresholds(thresholds)
    last = count_above(above.score, shortest)
    ranks: list[int] = np.append(0, above.count + above.ignored)[last].tolist()
    return tuple(
        PlotPoint(round(x, 1), round(y, 1), threshold, rank)
        for (x, y), threshold, rank in zip(pixels, shortest, ranks, strict=True)
    )


def _spread(items: Sequence[_Item], most: int) -> list[_Item]:
    """Returns at most so many items, evenly apart, the first and the last among them."""
    if len(items) <= most:
        return list(items)
    return [items[place * (len(items) - 1) // (most - 1)] for place in range(most)]


def _x(fraction: float) -> float:
    return FRAME.left + fraction * (FRAME.right - FRAME.left)


def _y(fraction: float) -> float:
    return FRAME.bottom + fraction * (FRAME.top - FRAME.bottom)


def _ticks(values: Iterable[float], place: Callable[[float], float]) -> tuple[PlotTick, ...]:
    return tuple(PlotTick(place(value), tick_text(value)) for value in values)


def _short_count(count: int) -> str:
    """Writes a count in at most five signs, which is what stands beside an axis: 9,999, 123k."""
    if count < 10_000:
        return count_text(count)
    return f"{count // 1000}k" if count < 1_000_000 else f"{count / 1e6:.3g}M"


def _curve(pixels: Sequence[Pixel]) -> tuple[PlotMark, ...]:
    """Returns a line through the pixels, a dot for one alone."""
    return (
        PlotMark("line", _line(pixels)) if len(pixels) > 1 else PlotMark("dots", _dot(*pixels)),
    )


def _line(pixels: Sequence[Pixel]) -> str:
    """Returns a line through the pixels, empty through one alone: it would not show."""
    return "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in pixels) if len(pixels) > 1 else ""


def _dot(pixel: Pixel) -> str:
    return f"M{pixel[0] - 2.5:.1f} {pixel[1]:.1f}a2.5 2.5 0 1 0 5 0a2.5 2.5 0 1 0 -5 0"


def _bar(left: float, right: float, low: float, high: float) -> str:
    return (
        f"M{_x(left) + 0.4:.1f} {_y(low):.2f}V{_y(high):.2f}H{_x(right) - 0.4:.1f}V{_y(low):.2f}z"
    )
