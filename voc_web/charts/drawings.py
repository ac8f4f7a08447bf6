"""Curves and the ranking strip as SVG, in the form that the templates draw.

Undefined is NaN.
"""

import math
from dataclasses import dataclass
from typing import NamedTuple


@dataclass(frozen=True)
class PlotFrame:
    """The size of a drawing and the extent of its axes, in its own units."""

    width: int
    height: int
    left: int
    right: int
    top: int
    bottom: int

    def x(self, share: float) -> float:
        """Returns the place of a share of the x-axis."""
        return self.left + share * (self.right - self.left)

    def y(self, share: float) -> float:
        """Returns the place of a share of the y-axis, from the bottom."""
        return self.bottom + share * (self.top - self.bottom)


@dataclass(frozen=True)
class PlotMark:
    """A shape of a drawing: an SVG path and its kind, which selects the CSS class."""

    kind: str  # line, ideal, dots, or a truth such as present
    path: str


@dataclass(frozen=True)
class PlotTick:
    """A labelled position on an axis, in the drawing's units."""

    at: float
    text: str


class PlotPoint(NamedTuple):
    """A point of a curve that can be clicked."""

    x: float  # in the drawing's units
    y: float
    threshold: float
    rank: int  # the last rank above the threshold, 0 if there is none
    text: str  # its values


@dataclass(frozen=True)
class Plot:
    """partials/plot.html: a small curve, with its values as a table."""

    key: str
    title: str
    note: str  # what a reader has to know at once
    meaning: str
    x_label: str
    y_label: str
    x_ticks: tuple[PlotTick, ...]
    y_ticks: tuple[PlotTick, ...]
    marks: tuple[PlotMark, ...]
    points: tuple[PlotPoint, ...]
    frame: PlotFrame
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    download: str  # endpoint of the whole curve as CSV
    thresholds: tuple[float, float] | None  # where the x-axis starts and ends; None if it is recall

    def place_of(
        self, threshold: float, recall: float, precision: float
    ) -> tuple[float, float] | None:
        """Returns the place of a threshold: on the curve, or else at the top; None if beside it."""
        if self.thresholds is None:
            if math.isnan(precision):
                return None
            return round(self.frame.x(recall), 1), round(self.frame.y(precision), 1)
        low, high = self.thresholds
        x = self.frame.x((threshold - low) / (high - low))
        return (round(x, 1), self.frame.top) if threshold >= low else None


@dataclass(frozen=True)
class Instrument:
    """partials/instrument.html: the strip of all images and the plots, with their data as JSON."""

    strip: tuple[PlotMark, ...]
    plots: tuple[Plot, ...]
    data: str


@dataclass(frozen=True)
class ChartLine:
    """The curve of one class."""

    index: int  # of the class
    name: str
    path: str  # SVG
    end: tuple[float, float]  # in percent, from the left and the top
    is_drawn: bool  # if not, only while it is pinned or its row is pointed at


@dataclass(frozen=True)
class LineLabel:
    """The name of a class at the end of its line."""

    index: int  # of the class
    slot: int  # of a pinned line, from 1; 0 if it is not pinned
    name: str
    text: str  # the name, shortened
    y: float  # of the label, in percent from the top
    end: tuple[float, float]  # of the line


@dataclass(frozen=True)
class CurveChart:
    """partials/chart.html: the curves of all classes and their mean, with their data as JSON."""

    title: str
    units: int  # width and height of the drawing
    x_label: str
    x_is_log: bool
    y_label: str
    x_ticks: tuple[PlotTick, ...]  # in percent, from the left
    y_ticks: tuple[PlotTick, ...]  # in percent, from the top
    lines: tuple[ChartLine, ...]  # in class order
    bands: tuple[str, ...]  # SVG paths, the widest first; none if all classes have a drawn line
    mean: str  # SVG path
    readout: tuple[tuple[str, str], ...]  # (key, label) of the values shown for a point
    data: str

    @property
    def has_line(self) -> frozenset[int]:
        """The classes that have a line."""
        return frozenset(line.index for line in self.lines)
