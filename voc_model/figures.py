"""The run's curves as PNG files, for papers and reports."""

from collections.abc import Sequence
from pathlib import Path

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator
from numpy.typing import NDArray

from voc_model.evaluation import RunCurves, RunMetrics
from voc_model.files import atomic_path
from voc_model.history import EpochRecord, read_history
from voc_model.runs import RunFolder
from voc_model.score_store import Manifest, ScoreTable

_TRAIN_COLOUR, _VAL_COLOUR = "#b35900", "#1f5fa8"
_LINE_STYLES = ("-", "--", ":", "-.")
_DIFFICULT_IN_WORDS = {
    "ignore": "difficult-only images left out",
    "positive": "difficult-only images counted as present",
    "negative": "difficult-only images counted as absent",
}


def list_figures(run: RunFolder) -> list[Path]:
    """Returns the files that `draw_figures` writes; without a history none of the training."""
    names = ["tail_accuracy.png", "mean_tail_accuracy.png"]
    if run.history_path.is_file():
        names += ["loss.png", "map.png"]
    return [run.figures_dir / name for name in names]


def draw_figures(run: RunFolder, table: ScoreTable, metrics: RunMetrics, curves: RunCurves) -> None:
    """Draws every figure that the run has numbers for, each file whole or not at all."""
    scored = _describe_scored(run, metrics)
    figures = {
        "tail_accuracy.png": _draw_tails(metrics, curves, scored),
        "mean_tail_accuracy.png": _draw_mean_tail(metrics, scored),
    }
    if run.history_path.is_file():
        records = read_history(run.history_path)
        selected = _describe_selection(run, table.manifest)
        figures["loss.png"] = _draw_loss(records, selected)
        figures["map.png"] = _draw_map(records, table.manifest, metrics, selected)
    for name, figure in figures.items():
        with atomic_path(run.figures_dir / name) as temporary:
            figure.savefig(temporary, format="png", dpi=150)


def _draw_loss(records: Sequence[EpochRecord], note: str) -> Figure:
    figure, axes = _make_figure("Loss per epoch", note)
    epochs = [record.epoch for record in records]
    train = [record.train_loss for record in records]
    val = [record.val_loss for record in records]
    axes.plot(epochs, train, color=_TRAIN_COLOUR, marker="o", markersize=4)
    axes.plot(epochs, val, color=_VAL_COLOUR, marker="s", markersize=4)
    _set_epochs(axes)
    axes.set_ylabel("binary cross-entropy, mean of the counted entries")
    axes.set_ylim(bottom=0)
    ends = [train[-1], val[-1]]
    names, colours = ["training", "validation"], [_TRAIN_COLOUR, _VAL_COLOUR]
    _label_ends(axes, [epochs[-1]] * 2, ends, names, colours)
    return figure


def _draw_map(
    records: Sequence[EpochRecord], manifest: Manifest, metrics: RunMetrics, note: str
) -> Figure:
    figure, axes = _make_figure(
        f"Mean average precision per epoch (scikit-learn's AP, {metrics.classes_defined} classes)",
        note,
    )
    epochs = [record.epoch for record in records]
    values = [record.map for record in records]
    axes.plot(epochs, values, color=_VAL_COLOUR, marker="o", markersize=4)
    for record in records:
        if record.epoch == manifest.selected_epoch:
            axes.plot(record.epoch, record.map, "o", markersize=11, fillstyle="none",
                      color=_TRAIN_COLOUR)  # fmt: skip
            axes.annotate(
                f"selected: epoch {record.epoch}, mAP {record.map:.3f}",
                (record.epoch, record.map),
                xytext=(0, -22),
                textcoords="offset points",
                ha="right" if record.epoch > len(records) / 2 else "left",
                color=_TRAIN_COLOUR,
            )
    _set_epochs(axes)
    axes.set_ylabel("mAP")
    return figure


def _draw_tails(metrics: RunMetrics, curves: RunCurves, note: str) -> Figure:
    figure, axes = _make_figure("Tail accuracy per class", note, size=(10, 7))
    colours = matplotlib.colormaps["tab10"].colors  # type: ignore[attr-defined]
    ends: list[tuple[float, float, str, tuple[float, ...]]] = []
    for index, item in enumerate(metrics.classes):
        thresholds, accuracy = curves.tail_threshold[index], curves.tail_accuracy[index]
        defined = ~np.isnan(accuracy)
        if not defined.any():
            continue
        colour = colours[index % len(colours)]
        style = _LINE_STYLES[index // len(colours) % len(_LINE_STYLES)]
        axes.plot(thresholds[defined], accuracy[defined], style, color=colour, linewidth=1.4)
        ends.append((thresholds[defined][-1], accuracy[defined][-1], item.name, colour))
    if ends:
        axes.set_ylim(top=1.01)
        x, y, names, end_colours = zip(*ends, strict=True)
        _label_ends(axes, x, y, names, end_colours)
    _set_tail_axes(axes, "accuracy among the images above t")
    return figure


def _draw_mean_tail(metrics: RunMetrics, note: str) -> Figure:
    figure, axes = _make_figure("Average tail accuracy", note)
    tail = metrics.mean_tail
    axes.plot(tail.threshold, tail.accuracy, color=_VAL_COLOUR, marker="o", markersize=4)
    count = len(metrics.classes)
    # Below the curve, which rises as a rule.
    for place in (0, len(tail.threshold) - 1):
        axes.annotate(
            f"{tail.accuracy[place]:.3f}\n{tail.classes_defined[place]} of {count} classes,\n"
            f"{tail.mean_count[place]:,.0f} images a class above t",
            (tail.threshold[place], tail.accuracy[place]),
            xytext=(0, -10),
            textcoords="offset points",
            ha="left" if place == 0 else "right",
            va="top",
            fontsize=8,
        )
    axes.margins(y=0.3)
    axes.set_ylim(top=min(1.02, axes.get_ylim()[1]))
    _set_tail_axes(axes, "mean over the classes that are defined at t")
    return figure


def _make_figure(
    title: str, note: str, size: tuple[float, float] = (8, 5.2)
) -> tuple[Figure, Axes]:
    figure = Figure(figsize=size, layout="constrained")
    axes = figure.add_subplot()
    axes.set_title(title, loc="left", fontweight="bold")
    figure.supxlabel(note, fontsize=8, color="#555555", x=0.01, ha="left", wrap=True)
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(alpha=0.25)
    return figure, axes


def _set_epochs(axes: Axes) -> None:
    axes.set_xlabel("epoch")
    axes.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))


def _set_tail_axes(axes: Axes, quantity: str) -> None:
    axes.set_xlabel("threshold t on the sigmoid score")
    axes.set_ylabel(f"tail accuracy: {quantity}")


def _label_ends(
    axes: Axes,
    x: Sequence[float],
    y: Sequence[float],
    names: Sequence[str],
    colours: Sequence[str | tuple[float, ...]],
) -> None:
    """Writes each line's name right of the plot, pushed apart, with a thin leader to its end."""
    low, high = axes.get_ylim()
    places = spread_apart((np.array(y) - low) / (high - low), 1 / max(22, len(names)))
    for index, name in enumerate(names):
        axes.annotate(
            name,
            (x[index], y[index]),
            xytext=(1.03, places[index]),
            textcoords="axes fraction",
            va="center",
            color=colours[index],
            annotation_clip=False,
            arrowprops={
                "arrowstyle": "-",
                "relpos": (0, 0.5),  # the leader meets the name at its left edge
                "color": colours[index],
                "alpha": 0.35,
                "lw": 0.7,
            },
        )


def spread_apart(places: NDArray[np.float64], gap: float) -> NDArray[np.float64]:
    """Returns places in [0, 1] at least `gap` apart, in the same order.

    The lowest ones stand below 0 where there is no room for all.
    """
    order = np.argsort(places, kind="stable")
    moved = np.clip(places[order], 0, 1)
    # A sweep up parts them, a sweep down brings back what rose above the top.
    for index in range(1, len(moved)):
        moved[index] = max(moved[index], moved[index - 1] + gap)
    if len(moved):
        moved[-1] = min(moved[-1], 1)
    for index in range(len(moved) - 2, -1, -1):
        moved[index] = min(moved[index], moved[index + 1] - gap)
    result = np.empty_like(moved)
    result[order] = moved
    return result


def _describe_scored(run: RunFolder, metrics: RunMetrics) -> str:
    return (
        f"Run {run.name}: split {metrics.split}, {metrics.images:,} images, "
        f"{len(metrics.classes)} classes; {_DIFFICULT_IN_WORDS[metrics.difficult]}."
    )


def _describe_selection(run: RunFolder, manifest: Manifest) -> str:
    difficult = _DIFFICULT_IN_WORDS[manifest.settings.get("difficult", "ignore")]
    reported = "; it is reported too" if manifest.selected_on_reported_split else ""
    return f"Run {run.name}: epoch selected on {manifest.selected_on}{reported}; {difficult}."
