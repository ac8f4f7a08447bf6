"""The histogram of a class's scores: present images upwards, absent ones downwards."""

import math
from collections.abc import Callable, Sequence

from voc_web.charts.drawings import Plot, PlotMark, PlotTick
from voc_web.charts.geometry import FIFTHS
from voc_web.charts.plot_frame import FRAME, bin_text, clickable_points, drawn_ticks
from voc_web.formats import count_text
from voc_web.run.curve_models import HistogramBin
from voc_web.run.curves import histogram
from voc_web.run.opened_run import OpenedRun


def histogram_plot(run: OpenedRun, index: int) -> Plot | None:
    """Returns the histogram of a class; None if no image has a score."""
    bins = histogram(run, index).bins
    up = max(item.present + item.difficult for item in bins)
    down = max(item.absent + item.not_labelled for item in bins)
    if not up and not down:
        return None

    kinds = ["present", "absent", "difficult"]
    if any(item.not_labelled for item in bins):
        kinds.append("not_labelled")
    texts = (_counts_text(item, kinds) for item in bins)
    middles = [(FRAME.x((item.above + item.up_to) / 2), FRAME.y(0.5)) for item in bins]
    ticks = [(0.5 - _half(count, down), count) for count in _root_ticks(down)]
    ticks += [(0.5, 0)] + [(0.5 + _half(count, up), count) for count in _root_ticks(up)]
    return Plot(
        key="histogram",
        title="Scores by label",
        note="images, square-root scales",
        meaning="Number of images per score bin: present upwards, absent downwards, each half on a "
        "scale of its own. Heights are proportional to the square root of the count.",
        download="api.histogram_csv",
        x_label="score",
        y_label="← absent, present →",
        x_ticks=drawn_ticks(FIFTHS, FRAME.x),
        y_ticks=tuple(PlotTick(FRAME.y(height), _short_count(count)) for height, count in ticks),
        marks=_histogram_marks(bins, up, down),
        points=clickable_points(run, index, middles, (item.above for item in bins), texts),
        frame=FRAME,
        thresholds=(0.0, 1.0),
        columns=("scores", *(name.replace("_", " ") for name in kinds)),
        rows=tuple(
            (bin_text(item), *(count_text(getattr(item, name)) for name in kinds))
            for item in bins
            if any(getattr(item, name) for name in kinds)
        ),
    )


def _counts_text(item: HistogramBin, kinds: Sequence[str]) -> str:
    """Returns the counts of a bin; of difficult and unlabelled images only if there are any."""
    counts = [(getattr(item, name), name) for name in kinds]
    return ", ".join(
        f"{count_text(count)} {name.replace('_', ' ')}"
        for count, name in counts
        if count or name in ("present", "absent")
    )


def _histogram_marks(bins: Sequence[HistogramBin], up: int, down: int) -> tuple[PlotMark, ...]:
    """Returns the bars of each label: present and difficult upwards, the others downwards."""

    def bars(sign: int, highest: int, edges: Callable[[HistogramBin], tuple[int, int]]) -> str:
        shapes = []
        for item in bins:
            low, high = edges(item)
            if low != high:
                ends = (0.5 + sign * _half(count, highest) for count in (low, high))
                shapes.append(_bar(item.above, item.up_to, *ends))
        return "".join(shapes)

    return (
        PlotMark("present", bars(1, up, lambda item: (0, item.present))),
        PlotMark(
            "difficult", bars(1, up, lambda item: (item.present, item.present + item.difficult))
        ),
        PlotMark("absent", bars(-1, down, lambda item: (0, item.absent))),
        PlotMark(
            "not-labelled",
            bars(-1, down, lambda item: (item.absent, item.absent + item.not_labelled)),
        ),
    )


def _half(count: int, highest: int) -> float:
    """Returns the height of a bar, in [0, 0.5].

    It grows with the square root, since a few images at high scores face thousands near 0.
    """
    return math.sqrt(count / highest) / 2


def _root_ticks(highest: int) -> list[int]:
    """Returns the highest round number up to `highest`, and one at about half its height."""
    round_numbers = [step * 10**power for power in range(12) for step in (1, 2, 5)]
    upper = [number for number in round_numbers if number <= highest][-1:]
    lower = [number for top in upper for number in round_numbers if number <= top / 4][-1:]
    return lower + upper


def _short_count(count: int) -> str:
    """Formats a count in at most five characters, such as 9,999 or 123k, to fit beside an axis."""
    if count < 10_000:
        return count_text(count)
    return f"{count // 1000}k" if count < 1_000_000 else f"{count / 1e6:.3g}M"


def _bar(left: float, right: float, low: float, high: float) -> str:
    x, end = FRAME.x(left) + 0.4, FRAME.x(right) - 0.4
    return f"M{x:.1f} {FRAME.y(low):.2f}V{FRAME.y(high):.2f}H{end:.1f}V{FRAME.y(low):.2f}z"
