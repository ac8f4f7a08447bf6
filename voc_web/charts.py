"""The curves of all classes and their mean, drawn as one SVG that is part of the page.

The drawing is UNITS wide and high, and the page stretches it to its size. The numbers behind it are
part of the page as JSON for static/curves.js: for each point a threshold and what it selects.
"""

import json
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
    count_above,
    threshold_below,
)
from voc_web.contexts import CurveChart, PlotTick
from voc_web.formats import AP_NAMES, fraction_text, tick_text
from voc_web.opened_run import OpenedRun
from voc_web.thresholds import rounded_thresholds

UNITS = 4000  # finer than the pixels of any screen
_MAX_POINTS = 32_000  # of all classes together; else a thousand classes would take megabytes
_FIFTHS = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)
_MIN_SPAN = 0.1  # of an axis that fits its curves


@dataclass(frozen=True, eq=False)
class _Curve:
    """The curve of one class; K points.

    Attributes:
        x, y: (K,) where they are drawn, in the units of the axes.
        threshold: (K,) the images with score > threshold are selected.
        above: (K,) how many those are, difficult ones not counted.
        present: (K,) how many of them are present.
    """

    x: FloatArray
    y: FloatArray
    threshold: FloatArray
    above: FloatArray
    present: FloatArray

    def take(self, kept: IntArray | NDArray[np.bool_]) -> "_Curve":
        """Returns some of the points."""
        return _Curve(*(column[kept] for column in vars(self).values()))


@dataclass(frozen=True)
class _Mean:
    """The mean over classes.

    Attributes:
        name, note: shown above the values of its points.
        x, y: (K,) its points in the units of the axes.
        texts: (K,) the values of its points as text, by key of the readout.
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

    def place(self, values: FloatArray) -> FloatArray:
        """Returns where values lie: 0 at the first tick, 1 at the last."""
        low, high = self.ticks[0], self.ticks[-1]
        placed: FloatArray = (values - low) / (high - low)
        return placed


def precision_recall_chart(run: OpenedRun, definition: Definition) -> CurveChart:
    """Returns the precision-recall curve of every class with an image present, and their mean."""
    metrics, curves = run.metrics, run.curves
    columns = (curves.recall, curves.precision, curves.threshold, curves.count)
    drawn = []
    for recall, precision, score, count in zip(*columns, strict=True):
        curve = _Curve(recall, precision, threshold_below(score), count, count * precision)
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
        title="Precision and recall of every class",
        notes=[
            f"AP {fraction_text(item.average_precision[definition])}" for item in metrics.classes
        ],
        x_axis=_Axis("recall", _FIFTHS),
        y_axis=_Axis("precision", _FIFTHS),
        readout={"recall": "recall", "precision": "precision", "threshold": "threshold"},
    )


def tail_accuracy_chart(run: OpenedRun) -> CurveChart:
    """Returns the tail accuracy of every class over the threshold, and their mean."""
    curves, tail = run.curves, run.metrics.mean_tail
    columns = (curves.tail_threshold, curves.tail_accuracy, curves.tail_count)
    drawn = []
    for threshold, accuracy, count in zip(*columns, strict=True):
        curve = _Curve(threshold, accuracy, threshold, count, count * accuracy)
        drawn.append(curve.take(count > 0))
    defined = ~np.isnan(tail.accuracy)
    threshold, accuracy = np.array(tail.threshold)[defined], np.array(tail.accuracy)[defined]
    mean = _Mean(
        name="mean",
        note="of the classes with an image above the threshold",
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
        title="Tail accuracy of every class",
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
    """Draws the curves and puts together the numbers for the script.

    Args:
        notes: a text per class, shown next to its name.
        readout: labels by key of the values that only this chart has.
    """
    most = max(2, _MAX_POINTS // len(curves))
    thinned = [
        curve.take(_spread(x_axis.place(curve.x), y_axis.place(curve.y), most)) for curve in curves
    ]
    labels = readout | {"above": "images above", "rank": "down to rank"}
    return CurveChart(
        title=title,
        units=UNITS,
        x_label=x_axis.label,
        y_label=y_axis.label,
        x_ticks=_ticks(x_axis, from_end=False),
        y_ticks=_ticks(y_axis, from_end=True),
        lines=tuple(_path(x_axis.place(curve.x), y_axis.place(curve.y)) for curve in thinned),
        mean=_path(x_axis.place(mean.x), y_axis.place(mean.y)),
        readout=tuple(labels.items()),
        data=_script_data(run, thinned, mean, notes),
    )


def _script_data(
    run: OpenedRun, curves: Sequence[_Curve], mean: _Mean, notes: Sequence[str]
) -> str:
    """Returns the numbers of all curves as JSON that can be part of a <script>."""
    classes = run.metrics.classes
    data: dict[str, object] = {
        "names": [item.name for item in classes],
        "notes": notes,
        "images": [item.present for item in classes],
        **_points_data(run, curves),
        "mean": {"name": mean.name, "note": mean.note, "texts": mean.texts},
    }
    # A class name must not be able to end the script.
    return json.dumps(data, separators=(",", ":")).replace("<", "\\u003c")


def _points_data(run: OpenedRun, curves: Sequence[_Curve]) -> dict[str, list[list[Any]]]:
    """Returns each class's thresholds, and the images above them by truth.

    Counts, from which the fractions follow exactly; by column, which compresses best. Difficult
    images between two operating points are not counted: only the score table knows those.
    """
    data: dict[str, list[list[Any]]] = {
        name: [] for name in ("threshold", "present", "absent", "difficult")
    }
    for index, curve in enumerate(curves):
        points = operating_points(run.curves, index)
        thresholds = rounded_thresholds(points, curve.threshold)
        last = count_above(points.score, thresholds)
        present = curve.present.round().astype(int)
        data["threshold"].append(thresholds)
        data["present"].append(present.tolist())
        data["absent"].append((curve.above.astype(int) - present).tolist())
        data["difficult"].append(np.append(0, points.ignored)[last].tolist())
    return data


def _spread(x: FloatArray, y: FloatArray, most: int) -> IntArray:
    """Returns the indices of at most `most` points, evenly spaced along the line; ends included."""
    if len(x) <= most:
        return np.arange(len(x))
    length = np.append(0, np.cumsum(np.hypot(np.diff(x), np.diff(y))))
    along = np.searchsorted(length, np.linspace(0, length[-1], most)[:-1])
    return np.unique(np.append(along, len(x) - 1))


def _ticks(axis: _Axis, *, from_end: bool) -> tuple[PlotTick, ...]:
    """Returns the ticks of an axis, their positions in percent."""
    places = 100 * axis.place(np.array(axis.ticks))
    if from_end:
        places = 100 - places
    texts = map(tick_text, axis.ticks)
    return tuple(
        PlotTick(round(at, 2), text) for at, text in zip(places.tolist(), texts, strict=True)
    )


def _ticks_to_one(lowest: float) -> list[float]:
    """Returns ticks from a round number at or below `lowest` to 1."""
    low = min(lowest, 1 - _MIN_SPAN)
    step = next((step for step in (0.02, 0.05, 0.1) if 1 - low <= 8 * step), 0.2)
    count = math.ceil((1 - low) / step - 1e-9)
    return [round(1 - step * (count - place), 2) for place in range(count + 1)]


def _path(x: FloatArray, y: FloatArray) -> str:
    """Returns an SVG path through points given as fractions of the drawing, y from below.

    Each step is in whole units relative to the previous point, which is the shortest form.
    """
    if not len(x):
        return ""
    corners = (UNITS * np.stack([x, 1 - y], axis=1)).round().astype(int)  # (K, 2)
    if len(corners) == 1:
        corners = corners.repeat(2, axis=0)  # A step of no length shows as a dot.
    steps = np.diff(corners, axis=0, prepend=0)
    return "m" + " ".join(f"{across} {down}" for across, down in steps.tolist()).replace(" -", "-")
