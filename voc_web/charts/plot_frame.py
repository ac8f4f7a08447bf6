"""What the small plots share: the frame, ticks, points that can be clicked, and simple shapes."""

from collections.abc import Callable, Iterable, Sequence

from voc_model.metrics.label_counts import ranks_above
from voc_web.charts.drawings import PlotFrame, PlotPoint, PlotTick
from voc_web.formats import tick_text
from voc_web.run.curve_models import CalibrationBin, HistogramBin
from voc_web.run.opened_run import OpenedRun
from voc_web.run.rounding import shortest_thresholds

FRAME = PlotFrame(width=256, height=244, left=50, right=250, top=10, bottom=210)

Pixel = tuple[float, float]


def clickable_points(
    run: OpenedRun,
    class_index: int,
    pixels: Sequence[Pixel],
    thresholds: Iterable[float],
    texts: Iterable[str],
) -> tuple[PlotPoint, ...]:
    """Returns the points of a plot, with the rank that each threshold leads to."""
    shortest = shortest_thresholds(thresholds)
    ranks: list[int] = ranks_above(
        run.table, run.metrics, run.curves, class_index, shortest
    ).tolist()
    return tuple(
        PlotPoint(round(x, 1), round(y, 1), threshold, rank, text)
        for (x, y), threshold, rank, text in zip(pixels, shortest, ranks, texts, strict=True)
    )


def drawn_ticks(values: Iterable[float], scale: Callable[[float], float]) -> tuple[PlotTick, ...]:
    """Returns ticks at the places of values."""
    return tuple(PlotTick(scale(value), tick_text(value)) for value in values)


def bin_text(item: CalibrationBin | HistogramBin) -> str:
    """Returns the range of scores of a bin."""
    return f"{item.above:.3f}\N{EN DASH}{item.up_to:.3f}"


def line(pixels: Sequence[Pixel]) -> str:
    """Returns a path through the pixels; empty for a single one, which would be invisible."""
    return "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in pixels) if len(pixels) > 1 else ""


def dot(pixel: Pixel, radius: float = 2.5) -> str:
    """Returns a circle as a path."""
    x, y = pixel
    half = f"{radius:.1f} {radius:.1f} 0 1 0"
    return f"M{x - radius:.1f} {y:.1f}a{half} {2 * radius:.1f} 0a{half} {-2 * radius:.1f} 0"
