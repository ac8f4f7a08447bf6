"""The figures of the classes: average precision beside accuracy, tail accuracy, and its means."""

import math

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, NullLocator, StrMethodFormatter

from voc_model.metrics.curves import RunCurves
from voc_model.metrics.figure_style import BLUE, GREY, ORANGE, drawable, make_figure, set_frame
from voc_model.metrics.precision_recall import FloatArray
from voc_model.metrics.run_metrics import MeanTail, RunMetrics
from voc_model.metrics.tail_accuracy import TAIL_GRIDS, TailGrid

_COLUMNS = 5
_PERCENT_TICKS = (0.1, 1, 10, 50)
_AXES: dict[TailGrid, str] = {
    "threshold": "threshold t on the sigmoid score",
    "highest": "from 0.5 (0) to each class's highest score (1)",
    "percentile": "highest-scoring images, % of each class's images",
}


def draw_average_precision(metrics: RunMetrics, note: str) -> Figure:
    """One row per class: its AP, and the accuracies that hide what AP shows."""
    figure, axes = make_figure(
        f"Average precision (scikit-learn's) and accuracy of {len(metrics.classes)} classes",
        f"mAP {_text(metrics.mean_average_precision['sklearn'])}, mean accuracy "
        f"{_text(metrics.mean_accuracy)}. Accuracy says little: always predicting “absent” reaches "
        f"{_text(metrics.mean_baseline_accuracy)}.\n{note}",
        size=(8, 0.24 * len(metrics.classes) + 1.8),
    )
    places = np.arange(len(metrics.classes))
    ap = [item.average_precision["sklearn"] for item in metrics.classes]
    accuracy = [item.accuracy for item in metrics.classes]
    baseline = [item.baseline_accuracy for item in metrics.classes]
    axes.plot(ap, places, "o", color=BLUE, label="AP")
    axes.plot(accuracy, places, "x", color=ORANGE, label="accuracy at 0.5")
    axes.plot(baseline, places, "|", color=GREY, zorder=3, label="accuracy of always “absent”")
    axes.set_yticks(places, [drawable(item.name) for item in metrics.classes])
    axes.set_ylim(len(places) - 0.5, -0.5)
    axes.set_xlim(0, 1.02)
    # Between the title and the plot: points may lie anywhere in it.
    axes.set_title(axes.get_title(loc="left"), loc="left", fontweight="bold", pad=24)
    axes.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=3, frameon=False, fontsize=8)
    return figure


def draw_tails(metrics: RunMetrics, curves: RunCurves, note: str) -> Figure:
    """Tail accuracy of each class at its thresholds from 0.5 to its highest score."""
    firsts = curves.tail_accuracy[:, 0]
    values = ["none above 0.5" if np.isnan(first) else f"{first:.2f} at 0.5" for first in firsts]
    return _draw_panels(
        metrics,
        "Tail accuracy per class, at 20 thresholds from 0.5 to its highest score",
        (curves.tail_threshold, curves.tail_accuracy),
        values,
        f"{_AXES['threshold']}\n{note}",
    )


def draw_percentiles(metrics: RunMetrics, curves: RunCurves, note: str) -> Figure:
    """Tail accuracy of each class among percentages of its images."""
    percentages = TAIL_GRIDS["percentile"]
    (at_one,) = curves.percentile_accuracy.T[percentages == 1]
    values = ["no image" if np.isnan(value) else f"{value:.2f} in 1 %" for value in at_one]
    figure = _draw_panels(
        metrics,
        "Tail accuracy per class, among a percentage of its images with the highest scores",
        (np.tile(percentages, (len(at_one), 1)), curves.percentile_accuracy),
        values,
        f"{_AXES['percentile']}\n{note}",
    )
    _set_percent_axis(figure.axes[0])  # All panels share it.
    return figure


def _draw_panels(
    metrics: RunMetrics,
    title: str,
    lines: tuple[FloatArray, FloatArray],
    values: list[str],
    x_label: str,
) -> Figure:
    """One panel per class, its curve over all others: twenty on one plot would be unreadable.

    Args:
        metrics: of the classes.
        title: of the figure.
        lines: (C, T) coordinates.
        values: C, in the titles of the panels.
        x_label: below all panels.
    """
    rows = math.ceil(len(metrics.classes) / _COLUMNS)
    figure = Figure(figsize=(2.3 * _COLUMNS, 1.9 * rows + 1), layout="constrained")
    figure.suptitle(title, x=0.01, ha="left", fontweight="bold")
    figure.supxlabel(x_label, fontsize=9)
    figure.supylabel("accuracy among these images", fontsize=9)
    panels = figure.subplots(rows, _COLUMNS, sharex=True, sharey=True, squeeze=False)
    x, y = lines
    # As one line with gaps, which is drawn faster.
    all_x, all_y = (
        np.pad(part, ((0, 0), (0, 1)), constant_values=np.nan).ravel() for part in lines
    )
    for index, axes in enumerate(panels.flat):
        if index >= len(metrics.classes):
            axes.set_axis_off()
            continue
        axes.plot(all_x, all_y, color="#dddddd", linewidth=0.7)
        axes.plot(x[index], y[index], color=BLUE)
        name = drawable(metrics.classes[index].name)
        axes.set_title(f"{name}: {values[index]}", loc="left", fontsize=9)
        set_frame(axes)
    return figure


def draw_mean_tails(metrics: RunMetrics, note: str) -> Figure:
    """Mean tail accuracy on every grid, with how many classes it is over."""
    figure = Figure(figsize=(13, 4.8), layout="constrained")
    figure.suptitle("Mean tail accuracy over the classes", x=0.01, ha="left", fontweight="bold")
    figure.supxlabel(note, fontsize=8, color="#555555", x=0.01, ha="left")
    panels = figure.subplots(1, len(metrics.mean_tail))
    for axes, (grid, tail) in zip(panels, metrics.mean_tail.items(), strict=True):
        axes.plot(tail.at, tail.accuracy, color=BLUE, marker="o", markersize=4)
        axes.set_xlabel(_AXES[grid])
        set_frame(axes)
        if grid == "percentile":
            _set_percent_axis(axes)
        _label_ends(axes, tail, len(metrics.classes))
        axes.margins(y=0.3)
        axes.set_yticks([tick for tick in axes.get_yticks() if 0 <= round(tick, 9) <= 1])
    panels[0].set_ylabel("tail accuracy")
    return figure


def _label_ends(axes: Axes, tail: MeanTail, classes: int) -> None:
    """Writes values and counts at the first and the last point at which a class is defined."""
    defined = np.flatnonzero(tail.classes_defined)
    for index in sorted({*defined[:1].tolist(), *defined[-1:].tolist()}):
        is_last = index == defined[-1]
        # On the side of a line from end to end that leaves space.
        above = tail.accuracy[index] >= np.mean([tail.accuracy[at] for at in defined[[0, -1]]])
        axes.annotate(
            f"{tail.accuracy[index]:.3f}\n{tail.classes_defined[index]} of {classes} classes,\n"
            f"{tail.mean_count[index]:,.0f} images per class",
            (tail.at[index], tail.accuracy[index]),
            xytext=(0, 10 if above else -10),
            textcoords="offset points",
            ha="right" if is_last else "left",
            va="bottom" if above else "top",
            fontsize=8,
        )


def _text(value: float) -> str:
    return "undefined" if math.isnan(value) else f"{value:.3f}"


def _set_percent_axis(axes: Axes) -> None:
    axes.set_xscale("log")
    axes.xaxis.set_major_locator(FixedLocator(_PERCENT_TICKS))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.xaxis.set_major_formatter(StrMethodFormatter("{x:g}"))
