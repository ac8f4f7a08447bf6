"""Axes and SVG paths of the charts of all classes, in a drawing that is UNITS wide and high."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from voc_model.metrics.precision_recall import FloatArray, IntArray
from voc_web.charts.drawings import PlotTick
from voc_web.formats import tick_text

FIFTHS = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)
UNITS = 4000  # finer than the pixels of any screen
_MIN_SPAN = 0.1  # of an axis that is fitted to its curves


@dataclass(frozen=True)
class Axis:
    """An axis from its first tick to its last, linear or logarithmic."""

    label: str
    ticks: Sequence[float]
    is_log: bool = False

    def scale(self, values: FloatArray) -> FloatArray:
        """Returns values scaled to 0 at the first tick and 1 at the last."""
        low, high = self.ticks[0], self.ticks[-1]
        scaled: FloatArray = (values - low) / (high - low)
        if self.is_log:
            scaled = np.log(values / low) / math.log(high / low)
        return scaled

    def drawn_ticks(self, *, from_end: bool) -> tuple[PlotTick, ...]:
        """Returns the ticks, with positions in percent."""
        positions = 100 * self.scale(np.array(self.ticks))
        if from_end:
            positions = 100 - positions
        texts = map(tick_text, self.ticks)
        return tuple(
            PlotTick(round(at, 2), text) for at, text in zip(positions.tolist(), texts, strict=True)
        )


def ticks_to_one(lowest: float) -> list[float]:
    """Returns ticks from a round number at or below `lowest` to 1."""
    low = min(lowest, 1 - _MIN_SPAN)
    step = next((step for step in (0.02, 0.05, 0.1) if 1 - low <= 8 * step), 0.2)
    count = math.ceil((1 - low) / step - 1e-9)
    return [round(1 - step * (count - index), 2) for index in range(count + 1)]


def thin(x: FloatArray, y: FloatArray, max_points: int) -> IntArray:
    """Returns the indices of up to max_points points, evenly spaced by length, with both ends."""
    if len(x) <= max_points:
        return np.arange(len(x))
    length = np.append(0, np.cumsum(np.hypot(np.diff(x), np.diff(y))))
    along = np.searchsorted(length, np.linspace(0, length[-1], max_points)[:-1])
    return np.unique(np.append(along, len(x) - 1))


def line_path(x: FloatArray, y: FloatArray) -> str:
    """Returns an SVG path through points in [0, 1] x [0, 1], with y upwards.

    Coordinates are rounded to whole units and relative to the previous point, which is shortest.
    """
    if not len(x):
        return ""
    corners = (UNITS * np.stack([x, 1 - y], axis=1)).round().astype(int)  # (K, 2)
    if len(corners) == 1:
        corners = corners.repeat(2, axis=0)  # A step of length 0 is drawn as a dot.
    steps = np.diff(corners, axis=0, prepend=0)
    return "m" + " ".join(f"{across} {down}" for across, down in steps.tolist()).replace(" -", "-")


def area_path(x: FloatArray, low: FloatArray, high: FloatArray) -> str:
    """Returns an SVG path around the area between two lines, where both are defined."""
    defined = ~np.isnan(low) & ~np.isnan(high)
    x, low, high = x[defined], low[defined], high[defined]
    return line_path(np.append(x, x[::-1]), np.append(high, low[::-1]))
