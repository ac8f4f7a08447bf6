"""The run's curves as PNG files, for papers and reports."""

import math
from collections.abc import Mapping, Sequence
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.font_manager import findfont, fontManager, get_font
from matplotlib.ticker import MaxNLocator
from PIL import Image

from voc_model.files import atomic_path
from voc_model.metrics.curves import RunCurves
from voc_model.metrics.run_metrics import RunMetrics
from voc_model.store.history import EpochRecord, read_history
from voc_model.store.manifest import Manifest
from voc_model.store.runs import RunFolder
from voc_model.store.scores import ScoreTable

_TRAIN_COLOUR, _VAL_COLOUR = "#b35900", "#1f5fa8"
_COLUMNS = 5
# Fonts with Chinese, Japanese or Korean characters, of which systems have some; the first has none.
_FONTS = (
    *("DejaVu Sans", "Noto Sans CJK JP", "Noto Sans CJK SC", "Noto Sans CJK KR", "Noto Sans JP"),
    *("Source Han Sans", "WenQuanYi Zen Hei", "WenQuanYi Micro Hei", "Droid Sans Fallback"),
    *("Hiragino Sans", "PingFang SC", "Apple SD Gothic Neo", "Arial Unicode MS"),
    *("Yu Gothic", "MS Gothic", "Microsoft YaHei", "SimHei", "Malgun Gothic", "Unifont"),
)
_DIFFICULT_IN_WORDS = {
    "ignore": "difficult-only images left out",
    "positive": "difficult-only images counted as present",
    "negative": "difficult-only images counted as absent",
}


def list_figures(run: RunFolder) -> list[Path]:
    """Returns the files that `draw_figures` writes; training is drawn if there is a history."""
    names = ["tail_accuracy.png", "mean_tail_accuracy.png"]
    if run.history_path.is_file():
        names += ["loss.png", "map.png"]
    return [run.figures_dir / name for name in names]


def draw_figures(run: RunFolder, table: ScoreTable, metrics: RunMetrics, curves: RunCurves) -> None:
    """Writes the figures of `list_figures`, each whole or not at all."""
    # A class may be named "$": names are not formulas.
    with rc_context({"font.family": list(_installed_fonts()), "text.parse_math": False}):
        _draw_all(run, table, metrics, curves)


def _draw_all(run: RunFolder, table: ScoreTable, metrics: RunMetrics, curves: RunCurves) -> None:
    scored = _describe_scored(run, metrics)
    figures = {
        "tail_accuracy.png": _draw_tails(metrics, curves, scored),
        "mean_tail_accuracy.png": _draw_mean_tail(metrics, scored),
    }
    if run.history_path.is_file():
        records = read_history(run.history_path)
        selected = _describe_selection(run, table.manifest)
        training = _describe_training(table.manifest.settings)
        figures["loss.png"] = _draw_loss(records, training, selected)
        figures["map.png"] = _draw_map(records, table.manifest, metrics, selected)
    shown = {"Comment": _identify(run, metrics)}
    for name, figure in figures.items():
        with atomic_path(run.figures_dir / name) as temporary:
            figure.savefig(temporary, format="png", dpi=150, metadata=shown)


def are_current(run: RunFolder, metrics: RunMetrics) -> bool:
    """Returns whether every figure is there, whole, and of these metrics and this history."""
    return all(_read_comment(path) == _identify(run, metrics) for path in list_figures(run))


def _identify(run: RunFolder, metrics: RunMetrics) -> str:
    """Returns a hash of what the figures show; each holds it."""
    history = run.history_path.read_bytes() if run.history_path.is_file() else b""
    return sha256(metrics.identity.encode() + history).hexdigest()[:32]


def _read_comment(path: Path) -> str | None:
    """Returns the comment of an undamaged PNG; None if there is none."""
    try:
        with Image.open(path) as image:
            comment = image.info.get("Comment")
            image.verify()
    except (OSError, SyntaxError, ValueError):  # A wrong checksum is a SyntaxError.
        return None
    return comment


def _describe_training(settings: Mapping[str, Any]) -> str:
    """Returns what the training loss is, where it is not that of the validation."""
    parts = ["training"]
    if settings.get("loss") == "asymmetric":
        parts.append("asymmetric loss")
    if settings.get("pos_weight") == "balanced":
        parts.append("present labels weighted")
    if smoothing := settings.get("label_smoothing"):
        parts.append(f"label smoothing {smoothing:g}")
    return ", ".join(parts)


def _draw_loss(records: Sequence[EpochRecord], training: str, note: str) -> Figure:
    figure, axes = _make_figure("Loss per epoch", note)
    epochs = [record.epoch for record in records]
    train = [record.train_loss for record in records]
    val = [record.val_loss for record in records]
    axes.plot(epochs, train, color=_TRAIN_COLOUR, marker="o", markersize=4)
    axes.plot(epochs, val, color=_VAL_COLOUR, marker="s", markersize=4)
    _set_epochs(axes)
    axes.set_ylabel("binary cross-entropy, mean over counted entries")
    axes.set_ylim(bottom=0)
    _mark_probe(axes, records)
    for values, name, colour in (
        (train, training, _TRAIN_COLOUR),
        (val, "validation", _VAL_COLOUR),
    ):
        above = values[-1] >= max(train[-1], val[-1])
        axes.annotate(
            name,
            (epochs[-1], values[-1]),
            xytext=(0, 8 if above else -8),
            textcoords="offset points",
            ha="right",
            va="bottom" if above else "top",
            color=colour,
        )
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
            # In the lower right, where an increasing curve leaves space.
            axes.text(
                0.98,
                0.04,
                f"selected: epoch {record.epoch}, mAP {record.map:.3f}",
                transform=axes.transAxes,
                ha="right",
                color=_TRAIN_COLOUR,
            )
    _set_epochs(axes)
    _mark_probe(axes, records)
    axes.set_ylabel("mAP")
    return figure


def _mark_probe(axes: Axes, records: Sequence[EpochRecord]) -> None:
    """Marks where epochs that train all layers follow those that train the head alone."""
    last = max((record.epoch for record in records if record.trainable == "head"), default=0)
    if 0 < last < records[-1].epoch:
        axes.axvline(last + 0.5, color="#888888", linestyle=":")
        for text, side in (("head only ", "right"), (" all layers", "left")):
            axes.text(
                last + 0.5, 1.0, text, transform=axes.get_xaxis_transform(), ha=side, va="top",
                fontsize=9, color="#666666",
            )  # fmt: skip


def _draw_tails(metrics: RunMetrics, curves: RunCurves, note: str) -> Figure:
    """One panel per class, its curve over all others: twenty on one plot would be unreadable."""
    rows = math.ceil(len(metrics.classes) / _COLUMNS)
    figure = Figure(figsize=(2.3 * _COLUMNS, 1.9 * rows + 1), layout="constrained")
    figure.suptitle("Tail accuracy per class", x=0.01, ha="left", fontweight="bold")
    figure.supxlabel(f"threshold t on the sigmoid score\n{note}", fontsize=9)
    figure.supylabel("accuracy among the images above t", fontsize=9)
    panels = figure.subplots(rows, _COLUMNS, sharex=True, sharey=True, squeeze=False)
    for index, axes in enumerate(panels.flat):
        if index >= len(metrics.classes):
            axes.set_axis_off()
            continue
        axes.plot(curves.tail_threshold.T, curves.tail_accuracy.T, color="#dddddd", linewidth=0.7)
        axes.plot(curves.tail_threshold[index], curves.tail_accuracy[index], color=_VAL_COLOUR)
        first = curves.tail_accuracy[index, 0]
        value = "none above 0.5" if np.isnan(first) else f"{first:.2f} at 0.5"
        name = _drawable(metrics.classes[index].name)
        axes.set_title(f"{name}: {value}", loc="left", fontsize=9)
        axes.spines[["top", "right"]].set_visible(False)
        axes.grid(alpha=0.25)
    return figure


def _draw_mean_tail(metrics: RunMetrics, note: str) -> Figure:
    figure, axes = _make_figure("Average tail accuracy", note)
    tail = metrics.mean_tail
    axes.plot(tail.threshold, tail.accuracy, color=_VAL_COLOUR, marker="o", markersize=4)
    count = len(metrics.classes)
    # Below the first point and above the last: the curve increases as a rule.
    for index in (0, len(tail.threshold) - 1):
        axes.annotate(
            f"{tail.accuracy[index]:.3f}\n{tail.classes_defined[index]} of {count} classes,\n"
            f"{tail.mean_count[index]:,.0f} images per class above t",
            (tail.threshold[index], tail.accuracy[index]),
            xytext=(0, 10 if index else -10),
            textcoords="offset points",
            ha="right" if index else "left",
            va="bottom" if index else "top",
            fontsize=8,
        )
    axes.margins(y=0.3)
    axes.set_yticks([tick for tick in axes.get_yticks() if tick <= 1])
    axes.set_xlabel("threshold t on the sigmoid score")
    axes.set_ylabel("tail accuracy: mean over the classes defined at t")
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


@cache
def _installed_fonts() -> tuple[str, ...]:
    """Returns those of _FONTS that this system has, which are tried in turn for each character."""
    installed = {font.name for font in fontManager.ttflist}
    return tuple(name for name in _FONTS if name in installed)


def _drawable(text: str) -> str:
    """Returns a text with the code, such as U+72AC, of each character that no font can draw."""
    fonts = [get_font(findfont(name)) for name in _installed_fonts()]
    return "".join(
        character
        if any(font.get_char_index(ord(character)) for font in fonts)
        else f"U+{ord(character):04X}"
        for character in text
    )


def _set_epochs(axes: Axes) -> None:
    axes.set_xlabel("epoch")
    axes.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))


def _describe_scored(run: RunFolder, metrics: RunMetrics) -> str:
    return (
        f"Run {_drawable(run.name)}: split {_drawable(metrics.split)}, {metrics.images:,} images, "
        f"{len(metrics.classes)} classes; {_DIFFICULT_IN_WORDS[metrics.difficult]}."
    )


def _describe_selection(run: RunFolder, manifest: Manifest) -> str:
    difficult = _DIFFICULT_IN_WORDS[manifest.settings.get("difficult", "ignore")]
    reported = ", which these metrics report, too" if manifest.selected_on_reported_split else ""
    name = _drawable(run.name)
    selected_on = _drawable(str(manifest.selected_on))
    return f"Run {name}: epoch selected on {selected_on}{reported}; {difficult}."
