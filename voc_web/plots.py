"""The small curves of the class page, as SVG that stands in the page itself.

A plot is drawn in units of its own, WIDTH x HEIGHT; the page scales it. Its points go along as
[x, y, threshold], so that a script can say what is under the pointer.
"""

import math
from collections.abc import Callable, Iterable, Sequence

from voc_web.contexts import Plot, PlotMark, PlotTick
from voc_web.curve_points import precision_recall_points, tail_points
from voc_web.formats import count_text, fraction_text, score_text
from voc_web.opened_run import OpenedRun

WIDTH, HEIGHT = 320, 220
_LEFT, _RIGHT, _TOP, _BOTTOM = 36, 8, 10, 34
_INNER_WIDTH, _INNER_HEIGHT = WIDTH - _LEFT - _RIGHT, HEIGHT - _TOP - _BOTTOM
_TABLE_ROWS = 25  # of the precision-recall table; the download has all
_FIFTHS = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)

Pixel = tuple[float, float]


def class_plots(run: OpenedRun, class_index: int) -> tuple[Plot, ...]:
    """Returns the four plots of a class; those without any point are left out."""
    draw = (_precision_recall, _tail_accuracy, _calibration, _histogram)
    return tuple(plot for make in draw if (plot := make(run, class_index)) is not None)


def _precision_recall(run: OpenedRun, index: int) -> Plot | None:
    points = [item for item in precision_recall_points(run, index) if not math.isnan(item.recall)]
    if not points:
        return None
    pixels = [(_x(item.recall), _y(item.precision)) for item in points]
    average_precision = run.metrics.classes[index].average_precision["sklearn"]
    return Plot(
        key="precision-recall",
        title=f"Precision and recall: AP {fraction_text(average_precision)}",
        x_label="recall",
        y_label="precision",
        x_ticks=_ticks(_FIFTHS, _x),
        y_ticks=_ticks(_FIFTHS, _y),
        marks=(PlotMark("line", _line(pixels)),),
        points=_with_thresholds(pixels, (item.threshold for item in points)),
        columns=("score at least", "images", "precision", "recall"),
        rows=tuple(
            (
                score_text(item.threshold),
                count_text(item.rank),
                fraction_text(item.precision),
                fraction_text(item.recall),
            )
            for item in points[:: max(1, len(points) // _TABLE_ROWS)]
        ),
    )


def _tail_accuracy(run: OpenedRun, index: int) -> Plot | None:
    points = [item for item in tail_points(run, index) if not math.isnan(item.tail_accuracy)]
    if not points:
        return None
    low = min(0.8, math.floor(5 * min(item.tail_accuracy for item in points)) / 5)
    parts = round(5 * (1 - low)) if low < 0.8 else 4  # A tick every 0.2, or every 0.05.

    def height(value: float) -> float:
        return _y((value - low) / (1 - low))

    pixels = [(_x(2 * item.threshold - 1), height(item.tail_accuracy)) for item in points]
    return Plot(
        key="tail-accuracy",
        title="Tail accuracy above the threshold",
        x_label="threshold",
        y_label="accuracy above it",
        x_ticks=tuple(PlotTick(_x(2 * t - 1), f"{t:.1f}") for t in (0.5, 0.6, 0.7, 0.8, 0.9, 1.0)),
        y_ticks=_ticks([low + step * (1 - low) / parts for step in range(parts + 1)], height),
        marks=(PlotMark("line", _line(pixels)),),
        points=_with_thresholds(pixels, (item.threshold for item in points)),
        columns=("threshold", "images above", "tail accuracy"),
        rows=tuple(
            (f"{item.threshold:.4f}", count_text(item.images_above),
             fraction_text(item.tail_accuracy))
            for item in points
        ),
    )  # fmt: skip


def _calibration(run: OpenedRun, index: int) -> Plot | None:
    curves = run.curves
    columns = (curves.reliability_count, curves.reliability_score, curves.reliability_present)
    bins = [
        (place, *values)
        for place, values in enumerate(
            zip(*(column[index].tolist() for column in columns), strict=True)
        )
        if values[0]
    ]
    if not bins:
        return None
    width = curves.reliability_count.shape[1]
    error = run.metrics.classes[index].expected_calibration_error
    pixels = [(_x(score), _y(present)) for _, _, score, present in bins]
    return Plot(
        key="calibration",
        title=f"Calibration: expected error {fraction_text(error)}",
        x_label="mean score",
        y_label="share present",
        x_ticks=_ticks(_FIFTHS, _x),
        y_ticks=_ticks(_FIFTHS, _y),
        marks=(
            PlotMark("ideal", _line([(_x(0), _y(0)), (_x(1), _y(1))])),
            PlotMark("line", _line(pixels)),
            PlotMark("dots", "".join(_dot(pixel) for pixel in pixels)),
        ),
        points=_with_thresholds(pixels, (place / width for place, *_ in bins)),
        columns=("scores", "images", "mean score", "share present"),
        rows=tuple(
            (f"{place / width:.2f} to {(place + 1) / width:.2f}", count_text(count),
             score_text(score), fraction_text(present))
            for place, count, score, present in bins
        ),
    )  # fmt: skip


def _histogram(run: OpenedRun, index: int) -> Plot | None:
    curves = run.curves
    present, absent, ignored = (
        column[index].tolist()
        for column in (curves.histogram_present, curves.histogram_absent, curves.histogram_ignored)
    )
    most_up = max(p + i for p, i in zip(present, ignored, strict=True))
    most = max(most_up, *absent)
    if not most:
        return None
    bins = len(present)

    # By the square root: the few images that matter stand beside thousands near 0.
    def height(count: float) -> float:
        return math.sqrt(count / most) / 2

    def bars(lower: Sequence[float], upper: Sequence[float], sign: int) -> str:
        return "".join(
            _bar(place / bins, (place + 1) / bins, 0.5 + sign * height(low),
                 0.5 + sign * height(high))
            for place, (low, high) in enumerate(zip(lower, upper, strict=True))
            if high > low
        )  # fmt: skip

    nothing = [0.0] * bins
    with_ignored = [p + i for p, i in zip(present, ignored, strict=True)]
    edges = [place / bins for place in range(bins)]
    return Plot(
        key="histogram",
        title="Scores by truth",
        x_label="score; heights by the square root of the count",
        y_label="absent      present",
        x_ticks=_ticks(_FIFTHS, _x),
        y_ticks=(PlotTick(_y(0.5), "0"), PlotTick(_y(0.5 + height(most)), count_text(most)),
                 PlotTick(_y(0.5 - height(most)), count_text(most))),
        marks=(
            PlotMark("present", bars(nothing, present, 1)),
            PlotMark("difficult", bars(present, with_ignored, 1)),
            PlotMark("absent", bars(nothing, absent, -1)),
        ),
        points=_with_thresholds([(_x(edge + 0.5 / bins), _y(0.5)) for edge in edges], edges),
        columns=("scores", "present", "absent", "difficult"),
        rows=tuple(
            (f"{place / bins:.3f} to {(place + 1) / bins:.3f}", *map(count_text, counts))
            for place, counts in enumerate(zip(present, absent, ignored, strict=True))
            if any(counts)
        ),
    )  # fmt: skip


def _x(fraction: float) -> float:
    return _LEFT + fraction * _INNER_WIDTH


def _y(fraction: float) -> float:
    return _TOP + (1 - fraction) * _INNER_HEIGHT


def _ticks(values: Iterable[float], place: Callable[[float], float]) -> tuple[PlotTick, ...]:
    return tuple(PlotTick(place(value), f"{value:.2f}".rstrip("0").rstrip(".")) for value in values)


def _line(pixels: Sequence[Pixel]) -> str:
    return "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in pixels)


def _dot(pixel: Pixel) -> str:
    return f"M{pixel[0] - 2.5:.1f} {pixel[1]:.1f}a2.5 2.5 0 1 0 5 0a2.5 2.5 0 1 0 -5 0"


def _bar(left: float, right: float, low: float, high: float) -> str:
    return (
        f"M{_x(left) + 0.4:.1f} {_y(low):.1f}V{_y(high):.1f}H{_x(right) - 0.4:.1f}V{_y(low):.1f}z"
    )


def _with_thresholds(
    pixels: Iterable[Pixel], thresholds: Iterable[float]
) -> tuple[tuple[float, float, float], ...]:
    return tuple(
        (round(x, 1), round(y, 1), float(f"{threshold:.9g}"))
        for (x, y), threshold in zip(pixels, thresholds, strict=True)
    )

