"""The chart of the curves of all classes and their mean, drawn as inline SVG.

The drawing is UNITS wide and high, and the page stretches it to its size. Its data is part of the
page as JSON for static/curves.js: for each point a threshold and the counts of images above it.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from voc_model.metrics.operating_points import operating_points
from voc_model.metrics.precision_recall import (
    Definition,
    FloatArray,
    IntArray,
    threshold_below,
)
from voc_web.drawings import CurveChart, PlotTick
from voc_web.formats import AP_NAMES, fraction_text, script_json, tick_text
from voc_web.opened_run import OpenedRun
from voc_web.thresholds import rounded_thresholds

UNITS = 4000  # finer than the pixels of any screen
_MAX_POINTS = 32_000  # over all classes; without a limit, a thousand classes would take megabytes
_FIFTHS = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)
_MIN_SPAN = 0.1  # of an axis that is fitted to its curves


@dataclass(frozen=True, eq=False)
class _Curve:
    """The curve of one class; K points.

    Attributes:
        x, y: (K,) coordinates, in the units of the axes.
        threshold: (K,) images with score > threshold are selected.
        rank: (K,) the last rank of the selected images, whatever their label.
        above: (K,) the number of selected images that are present or absent.
        present: (K,) how many of these are present.
    """

    x: FloatArray
    y: FloatArray
    threshold: FloatArray
    rank: FloatArray
    above: FloatArray
    present: FloatArray

    def take(self, kept: IntArray | NDArray[np.bool_]) -> "_Curve":
        """Returns the curve of the kept points only."""
        return _Curve(*(column[kept] for column in vars(self).values()))


@dataclass(frozen=True)
class _Mean:
    """The mean over classes.

    Attributes:
        name, note: shown above the values of its points.
        x, y: (K,) coordinates, in the units of the axes.
        texts: (K,) the values of its points as text, per key of the readout.
    """

    name: str
    note: str
    x: FloatArray
    y: FloatArray
    texts: dict[str, list[str]]


@dataclass(frozen=True)
class _Axis:
    """An axis from its first tick to its last."""

    label: str
    ticks: Sequence[float]

    def scale(self, values: FloatArray) -> FloatArray:
        """Returns values scaled to 0 at the first tick and 1 at the last."""
        low, high = self.ticks[0], self.ticks[-1]
        scaled: FloatArray = (values - low) / (high - low)
        return scaled


def precision_recall_chart(run: OpenedRun, definition: Definition) -> CurveChart:
    """Returns the precision-recall curves of all classes with an image present, and their mean."""
    metrics, curves = run.metrics, run.curves
    columns = (curves.recall, curves.precision, curves.threshold, curves.rank, curves.count)
    drawn = []
    for recall, precision, score, rank, count in zip(*columns, strict=True):
        curve = _Curve(recall, precision, threshold_below(score), rank, count, count * precision)
        drawn.append(curve.take(~np.isnan(recall)))
    defined = ~np.isnan(curves.mean_precision[0])
    recall, precision = curves.mean_recall[0][defined], curves.mean_precision[0][defined]
    average = fraction_text(metrics.mean_average_precision[definition])
    mean = _Mean(
        name=f"mean of {metrics.classes_defined} classes",
        note=f"mAP {average} ({AP_NAMES[definition]})",
        x=recall,
        y=precision,
        texts={
            "recall": [f"{value:.2f}" for value in recall],
            "precision": [fraction_text(value) for value in precision],
        },
    )
    return _chart(
        run,
        drawn,
        mean,
        title="Precision-recall curves of all classes",
        notes=[
            f"AP {fraction_text(item.average_precision[definition])}" for item in metrics.classes
        ],
        x_axis=_Axis("recall", _FIFTHS),
        y_axis=_Axis("precision", _FIFTHS),
        readout={"recall": "recall", "precision": "precision", "threshold": "threshold"},
    )


def tail_accuracy_chart(run: OpenedRun) -> CurveChart:
    """Returns the tail accuracy of all classes as a function of the threshold, and their mean."""
    curves, tail = run.curves, run.metrics.mean_tail
    columns = (curves.tail_threshold, curves.tail_accuracy, curves.tail_rank, curves.tail_count)
    drawn = []
    for threshold, accuracy, rank, count in zip(*columns, strict=True):
        curve = _Curve(threshold, accuracy, threshold, rank, count, count * accuracy)
        drawn.append(curve.take(count > 0))
    defined = ~np.isnan(tail.accuracy)
    threshold, accuracy = np.array(tail.threshold)[defined], np.array(tail.accuracy)[defined]
    mean = _Mean(
        name="mean",
        note="over classes with an image above the threshold",
        x=threshold,
        y=accuracy,
        texts={
            "threshold": [f"{value:.4f}" for value in threshold],
            "precision": [fraction_text(value) for value in accuracy],
            "classes": [f"{value:,}" for value in np.array(tail.classes_defined)[defined]],
        },
    )
    lowest = min((float(curve.y.min()) for curve in drawn if len(curve.y)), default=0.0)
    return _chart(
        run,
        drawn,
        mean,
        title="Tail accuracy of all classes",
        notes=[""] * len(drawn),
        x_axis=_Axis("threshold t", (0.5, 0.6, 0.7, 0.8, 0.9, 1.0)),
        y_axis=_Axis("tail accuracy", _ticks_to_one(lowest)),
        readout={"threshold": "threshold", "precision": "tail accuracy", "classes": "classes"},
    )


def _chart(
    run: OpenedRun,
    curves: Sequence[_Curve],
    mean: _Mean,
    *,
    title: str,
    notes: Sequence[str],
    x_axis: _Axis,
    y_axis: _Axis,
    readout: dict[str, str],
) -> CurveChart:
    """Draws the curves and collects their data for the script.

    Args:
        notes: one text per class, shown next to its name.
        readout: labels of the values specific to this chart, by key.
    """
    max_points = max(2, _MAX_POINTS // len(curves))
    thinned = [
        curve.take(_thin(x_axis.scale(curve.x), y_axis.scale(curve.y), max_points))
        for curve in curves
    ]
    labels = readout | {"above": "images above", "rank": "down to rank"}
    return CurveChart(
        title=title,
        units=UNITS,
        x_label=x_axis.label,
        y_label=y_axis.label,
        x_ticks=_ticks(x_axis, from_end=False),
        y_ticks=_ticks(y_axis, from_end=True),
        lines=tuple(_path(x_axis.scale(curve.x), y_axis.scale(curve.y)) for curve in thinned),
        mean=_path(x_axis.scale(mean.x), y_axis.scale(mean.y)),
        readout=tuple(labels.items()),
        data=_script_data(run, thinned, mean, notes),
    )


def _script_data(
    run: OpenedRun, curves: Sequence[_Curve], mean: _Mean, notes: Sequence[str]
) -> str:
    """Returns the data of all curves as JSON for the page's script."""
    classes = run.metrics.classes
    data: dict[str, object] = {
        "names": [item.name for item in classes],
        "notes": notes,
        "images": [item.present for item in classes],
        **_points_data(run, curves),
        "mean": {"name": mean.name, "note": mean.note, "texts": mean.texts},
    }
    return script_json(data)


def _points_data(run: OpenedRun, curves: Sequence[_Curve]) -> dict[str, list[list[Any]]]:
    """Returns the thresholds of each class, the counts of images above them, and the last rank.

    Counts rather than fractions, so that the script can compute exact fractions; stored by column,
    which compresses best. The rank is that of the whole ranking, difficult images included.
    """
    data: dict[str, list[list[Any]]] = {
        name: [] for name in ("threshold", "present", "absent", "rank")
    }
    for index, curve in enumerate(curves):
        points = operating_points(run.curves, index)
        thresholds = rounded_thresholds(points, curve.threshold)
        present = curve.present.round().astype(int)
        data["threshold"].append(thresholds)
        data["present"].append(present.tolist())
        data["absent"].append((curve.above.astype(int) - present).tolist())
        data["rank"].append(curve.rank.astype(int).tolist())
    return data


def _thin(x: FloatArray, y: FloatArray, max_points: int) -> IntArray:
    """Returns the indices of up to max_points points, evenly spaced by length, with both ends."""
    if len(x) <= max_points:
        return np.arange(len(x))
    length = np.append(0, np.cumsum(np.hypot(np.diff(x), np.diff(y))))
    along = np.searchsorted(length, np.linspace(0, length[-1], max_points)[:-1])
    return np.unique(np.append(along, len(x) - 1))


def _ticks(axis: _Axis, *, from_end: bool) -> tuple[PlotTick, ...]:
    """Returns the ticks of an axis, with positions in percent."""
    positions = 100 * axis.scale(np.array(axis.ticks))
    if from_end:
        positions = 100 - positions
    texts = map(tick_text, axis.ticks)
    return tuple(
        PlotTick(round(at, 2), text) for at, text in zip(positions.tolist(), texts, strict=True)
    )


def _ticks_to_one(lowest: float) -> list[float]:
    """Returns ticks from a round number at or below `lowest` to 1."""
    low = min(lowest, 1 - _MIN_SPAN)
    step = next((step for step in (0.02, 0.05, 0.1) if 1 - low <= 8 * step), 0.2)
    count = math.ceil((1 - low) / step - 1e-9)
    return [round(1 - step * (count - index), 2) for index in range(count + 1)]


def _path(x: FloatArray, y: FloatArray) -> str:
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
