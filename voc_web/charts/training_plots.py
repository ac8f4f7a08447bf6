"""Loss and mAP of every epoch of a training."""

import math
from collections.abc import Callable, Iterable, Sequence

from voc_model.store.history import EpochRecord
from voc_model.store.manifest import Manifest
from voc_web.charts.drawings import Plot, PlotFrame, PlotMark, PlotTick
from voc_web.charts.geometry import ticks_to_one
from voc_web.charts.plot_frame import dot, line
from voc_web.formats import fraction_text

FRAME = PlotFrame(width=400, height=244, left=50, right=392, top=10, bottom=210)
_MAX_TICKS = 8


def training_plots(records: Sequence[EpochRecord], manifest: Manifest) -> tuple[Plot, ...]:
    """Returns the plots of loss and of mAP.

    Args:
        records: the epochs, at least one.
        manifest: says which epoch was scored, and is marked, and which images selected it.
    """
    chosen = next((it for it in records if it.epoch == manifest.selected_epoch), None)
    images = manifest.selected_on or "the selection images"
    smoothed = " with smoothed labels" if manifest.settings.get("label_smoothing") else ""
    at = f"; the dot is epoch {chosen.epoch}" if chosen else ""
    reached = f": {fraction_text(chosen.map)} in epoch {chosen.epoch}" if chosen else ""
    losses = [(record.train_loss, record.val_loss) for record in records]
    highest = max((value for pair in losses for value in pair if math.isfinite(value)), default=1)
    return (
        _plot(
            "loss",
            "Loss per epoch",
            f"binary cross-entropy; solid: {images}, dashed: training{smoothed}{at}",
            records,
            {"train": lambda it: it.train_loss, "line": lambda it: it.val_loss},
            _ticks_to(highest),
            chosen,
        ),
        _plot(
            "map",
            f"mAP per epoch{reached}",
            f"mean of scikit-learn's AP over classes, on {images}{at}",
            records,
            {"line": lambda it: it.map},
            ticks_to_one(min((it.map for it in records if math.isfinite(it.map)), default=0)),
            chosen,
        ),
    )


def _plot(
    key: str,
    title: str,
    note: str,
    records: Sequence[EpochRecord],
    lines: dict[str, Callable[[EpochRecord], float]],
    ticks: Sequence[float],
    chosen: EpochRecord | None,
) -> Plot:
    """Draws one plot.

    Args:
        lines: the value that each kind of mark shows.
        ticks: of the y-axis, from its lowest to its highest value.
        chosen: the epoch that is marked on the last line.
    """
    first, last = records[0].epoch, records[-1].epoch

    def across(epoch: float) -> float:
        return FRAME.x((epoch - first) / (last - first) if last > first else 0.5)

    def height(value: float) -> float:
        return FRAME.y((value - ticks[0]) / (ticks[-1] - ticks[0]))

    marks = []
    for kind, value in lines.items():
        pixels = [
            (across(it.epoch), height(value(it))) for it in records if math.isfinite(value(it))
        ]
        marks.append(PlotMark(kind, line(pixels)))
        if kind == "line":
            shown = [chosen] if chosen else records if len(records) == 1 else []
            ends = [it for it in shown if math.isfinite(value(it))]
            marks += [
                PlotMark("dots", dot((across(it.epoch), height(value(it))), 4)) for it in ends
            ]
    step = math.ceil((last - first + 1) / _MAX_TICKS)
    epochs = range(first, last + 1, step)
    return Plot(
        key=key,
        title=title,
        note=note,
        meaning="",
        download="",
        x_label="epoch",
        y_label={"loss": "loss", "map": "mAP"}[key],
        x_ticks=_drawn(epochs, across),
        y_ticks=_drawn(ticks, height),
        marks=tuple(marks),
        points=(),
        frame=FRAME,
        thresholds=None,
        columns=(),
        rows=(),
    )


def _drawn(values: Iterable[float], scale: Callable[[float], float]) -> tuple[PlotTick, ...]:
    return tuple(PlotTick(scale(value), f"{value:g}") for value in values)


def _ticks_to(highest: float) -> list[float]:
    """Returns up to six ticks from 0 to a round number at or above a positive value."""
    highest = highest if highest > 0 else 1
    power = 10.0 ** math.floor(math.log10(highest / 5))
    step = next(it * power for it in (1, 2, 5, 10) if it * power * 5 >= highest)
    return [round(step * index, 12) for index in range(math.ceil(highest / step - 1e-9) + 1)]
