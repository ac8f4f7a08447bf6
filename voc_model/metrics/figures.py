"""The run's curves as PNG files, for papers and reports."""

from collections.abc import Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any

from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator
from PIL import Image

from voc_model.files import atomic_path
from voc_model.metrics.class_figures import (
    draw_average_precision,
    draw_mean_tails,
    draw_percentiles,
    draw_tails,
)
from voc_model.metrics.curves import RunCurves
from voc_model.metrics.figure_style import BLUE, ORANGE, drawable, installed_fonts, make_figure
from voc_model.metrics.run_metrics import RunMetrics
from voc_model.store.history import EpochRecord, read_history
from voc_model.store.manifest import Manifest
from voc_model.store.runs import RunFolder
from voc_model.store.scores import ScoreTable

_DIFFICULT_IN_WORDS = {
    "ignore": "difficult-only images left out",
    "positive": "difficult-only images counted as present",
    "negative": "difficult-only images counted as absent",
}


def list_figures(run: RunFolder) -> list[Path]:
    """Returns the files that `draw_figures` writes; training is drawn if there is a history."""
    names = [
        "average_precision.png",
        "tail_accuracy.png",
        "tail_accuracy_by_percentage.png",
        "mean_tail_accuracy.png",
    ]
    if run.history_path.is_file():
        names += ["loss.png", "map.png"]
    return [run.figures_dir / name for name in names]


def draw_figures(run: RunFolder, table: ScoreTable, metrics: RunMetrics, curves: RunCurves) -> None:
    """Writes the figures of `list_figures`, each whole or not at all."""
    # A class may be named "$": names are not formulas.
    with rc_context({"font.family": list(installed_fonts()), "text.parse_math": False}):
        _draw_all(run, table, metrics, curves)


def _draw_all(run: RunFolder, table: ScoreTable, metrics: RunMetrics, curves: RunCurves) -> None:
    scored = _describe_scored(run, metrics)
    figures = {
        "average_precision.png": draw_average_precision(metrics, scored),
        "tail_accuracy.png": draw_tails(metrics, curves, scored),
        "tail_accuracy_by_percentage.png": draw_percentiles(metrics, curves, scored),
        "mean_tail_accuracy.png": draw_mean_tails(metrics, scored),
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
    figure, axes = make_figure("Loss per epoch", note)
    epochs = [record.epoch for record in records]
    train = [record.train_loss for record in records]
    val = [record.val_loss for record in records]
    axes.plot(epochs, train, color=ORANGE, marker="o", markersize=4)
    axes.plot(epochs, val, color=BLUE, marker="s", markersize=4)
    _set_epochs(axes)
    axes.set_ylabel("binary cross-entropy, mean over counted entries")
    axes.set_ylim(bottom=0)
    _mark_probe(axes, records)
    for values, name, colour in (
        (train, training, ORANGE),
        (val, "validation", BLUE),
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
    figure, axes = make_figure(
        f"Mean average precision per epoch (scikit-learn's AP, {metrics.classes_defined} classes)",
        note,
    )
    epochs = [record.epoch for record in records]
    values = [record.map for record in records]
    axes.plot(epochs, values, color=BLUE, marker="o", markersize=4)
    for record in records:
        if record.epoch == manifest.selected_epoch:
            axes.plot(record.epoch, record.map, "o", markersize=11, fillstyle="none",
                      color=ORANGE)  # fmt: skip
            # In the lower right, where an increasing curve leaves space.
            axes.text(
                0.98,
                0.04,
                f"selected: epoch {record.epoch}, mAP {record.map:.3f}",
                transform=axes.transAxes,
                ha="right",
                color=ORANGE,
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


def _set_epochs(axes: Axes) -> None:
    axes.set_xlabel("epoch")
    axes.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))


def _describe_scored(run: RunFolder, metrics: RunMetrics) -> str:
    return (
        f"Run {drawable(run.name)}: split {drawable(metrics.split)}, {metrics.images:,} images, "
        f"{len(metrics.classes)} classes; {_DIFFICULT_IN_WORDS[metrics.difficult]}."
    )


def _describe_selection(run: RunFolder, manifest: Manifest) -> str:
    difficult = _DIFFICULT_IN_WORDS[manifest.settings.get("difficult", "ignore")]
    reported = ", which these metrics report, too" if manifest.selected_on_reported_split else ""
    name = drawable(run.name)
    selected_on = drawable(str(manifest.selected_on))
    return f"Run {name}: epoch selected on {selected_on}{reported}; {difficult}."
