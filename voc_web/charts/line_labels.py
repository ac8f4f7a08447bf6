"""The names at the ends of lines, placed so that none covers another."""

from collections.abc import Sequence

from voc_web.charts.drawings import ChartLine, LineLabel

_MAX_CHARACTERS = 28
_GAP, _MARGIN = 5.0, 3.0  # percent of the height; as in static/pins.js


def place_labels(lines: Sequence[tuple[int, ChartLine]]) -> tuple[LineLabel, ...]:
    """Returns the labels of (slot, line) pairs."""
    heights = spread([line.end[1] for _, line in lines])
    return tuple(
        LineLabel(line.index, slot, line.name, shortened(line.name), round(height, 2), line.end)
        for (slot, line), height in zip(lines, heights, strict=True)
    )


def spread(heights: Sequence[float]) -> list[float]:
    """Moves heights apart, in percent of the drawing, and away from its edges."""
    order = sorted(range(len(heights)), key=heights.__getitem__)
    placed = list(heights)
    lowest = _MARGIN
    for index in order:
        placed[index] = max(placed[index], lowest)
        lowest = placed[index] + _GAP
    highest = 100 - _MARGIN
    for index in reversed(order):
        placed[index] = min(placed[index], highest)
        highest = placed[index] - _GAP
    return placed


def shortened(name: str) -> str:
    """Returns a name that fits into a chart on a phone."""
    return name if len(name) <= _MAX_CHARACTERS else f"{name[: _MAX_CHARACTERS - 1]}…"
