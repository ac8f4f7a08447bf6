"""The chart of the curves of all classes and their mean, drawn as inline SVG.

With many classes, bands show where most curves are, and only the worst ones are drawn.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from voc_model.metrics.curves import RECALLS
from voc_model.metrics.precision_recall import Definition, FloatArray, threshold_below
from voc_web.charts.bands import (
    MIN_CLASSES,
    TAIL_THRESHOLDS,
    band_edges,
    precision_at_recalls,
    tail_at_thresholds,
)
from voc_web.charts.curve_data import Curve, Mean, script_data
from voc_web.charts.drawings import ChartLine, CurveChart
from voc_web.charts.geometry import FIFTHS, UNITS, Axis, area_path, line_path, thin, ticks_to_one
from voc_web.formats import AP_NAMES, fraction_text
from voc_web.run.class_rows import ClassRow
from voc_web.run.opened_run import OpenedRun

_MAX_LINES, _WORST = 40, 5  # With more classes, lines would be a solid area.
_MAX_POINTS = 5000  # of all lines; without a limit, a page of many would take megabytes


@dataclass(frozen=True)
class Lines:
    """The classes that have a line, in class order.

    Attributes:
        drawn: always visible.
        ready: drawn while their row is pointed at, or pinned.
        with_bands: whether bands show where the others are.
    """

    drawn: tuple[int, ...]
    ready: tuple[int, ...] = ()
    with_bands: bool = False


def choose_lines(worst_first: Sequence[ClassRow], wanted: Iterable[int], classes: int) -> Lines:
    """Returns all classes if they are few; else the worst ones, and those that may be wanted."""
    if classes <= _MAX_LINES:
        return Lines(tuple(range(classes)))
    worst = sorted(row.index for row in worst_first[:_WORST])
    return Lines(tuple(worst), tuple(sorted(set(wanted) - set(worst))), with_bands=True)


def precision_recall_chart(run: OpenedRun, definition: Definition, lines: Lines) -> CurveChart:
    """Returns the precision-recall curves of classes with an image present, and their mean."""
    metrics, curves, drawn = run.metrics, run.curves, {}
    columns = (curves.recall, curves.precision, curves.threshold, curves.rank, curves.count)
    for index in (*lines.drawn, *lines.ready):
        recall, precision, score, rank, count = (column[index] for column in columns)
        curve = Curve(recall, precision, threshold_below(score), rank, count, count * precision)
        drawn[index] = curve.take(~np.isnan(recall))
    defined = ~np.isnan(curves.mean_precision[0])
    recall, precision = curves.mean_recall[0][defined], curves.mean_precision[0][defined]
    average = fraction_text(metrics.mean_average_precision[definition])
    plural = "" if metrics.classes_defined == 1 else "es"
    mean = Mean(
        name=f"mean of {metrics.classes_defined:,} class{plural}",
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
        shown=lines.drawn,
        title="Precision-recall curves of all classes",
        notes=[
            f"AP {fraction_text(item.average_precision[definition])}" for item in metrics.classes
        ],
        x_axis=Axis("recall", FIFTHS),
        y_axis=Axis("precision", FIFTHS),
        bands=(RECALLS, precision_at_recalls(curves)) if lines.with_bands else None,
        readout={"recall": "recall", "precision": "precision", "threshold": "threshold"},
    )


def tail_accuracy_chart(run: OpenedRun, lines: Lines) -> CurveChart:
    """Returns the tail accuracy of classes as a function of the threshold, and their mean."""
    curves, drawn = run.curves, {}
    columns = (curves.tail_threshold, curves.tail_accuracy, curves.tail_rank, curves.tail_count)
    for index in (*lines.drawn, *lines.ready):
        threshold, accuracy, rank, count = (column[index] for column in columns)
        curve = Curve(threshold, accuracy, threshold, rank, count, count * accuracy)
        drawn[index] = curve.take(count > 0)
    values = tail_at_thresholds(curves) if lines.with_bands else None
    counted = curves.tail_accuracy[curves.tail_count > 0]
    return _chart(
        run,
        drawn,
        _mean_tail(run, values),
        shown=lines.drawn,
        title="Tail accuracy of all classes",
        notes=[""] * len(run.table.classes),
        x_axis=Axis("threshold t", (0.5, 0.6, 0.7, 0.8, 0.9, 1.0)),
        y_axis=Axis("tail accuracy", ticks_to_one(float(counted.min(initial=1)))),
        bands=None if values is None else (TAIL_THRESHOLDS, values),
        readout={"threshold": "threshold", "precision": "tail accuracy", "classes": "classes"},
    )


def _mean_tail(run: OpenedRun, values: FloatArray | None) -> Mean:
    """Returns the mean tail accuracy.

    It is stored for thresholds below the highest score of every class, which is a small part if
    there are many classes. It is continued there with the mean over the curves as drawn.

    Args:
        values: (C, 51) tail accuracy at TAIL_THRESHOLDS of many classes.
    """
    tail = run.metrics.mean_tail
    defined = ~np.isnan(tail.accuracy)
    threshold, accuracy = np.array(tail.threshold)[defined], np.array(tail.accuracy)[defined]
    classes = np.array(tail.classes_defined)[defined]
    texts = [fraction_text(value) for value in accuracy]
    if values is not None and len(threshold):
        count = np.count_nonzero(~np.isnan(values), axis=0)
        further = (threshold[-1] < TAIL_THRESHOLDS) & (count >= MIN_CLASSES)
        means = np.nanmean(values[:, further], axis=0)
        threshold = np.append(threshold, TAIL_THRESHOLDS[further])
        accuracy = np.append(accuracy, means)
        classes = np.append(classes, count[further])
        texts += [f"about {value:.2f}" for value in means]
    return Mean(
        name="mean",
        note="over classes with an image above the threshold",
        x=threshold,
        y=accuracy,
        texts={
            "threshold": [f"{value:.4f}" for value in threshold],
            "precision": texts,
            "classes": [f"{value:,}" for value in classes],
        },
    )


def _chart(
    run: OpenedRun,
    curves: dict[int, Curve],
    mean: Mean,
    *,
    shown: Collection[int],
    title: str,
    notes: Sequence[str],
    x_axis: Axis,
    y_axis: Axis,
    bands: tuple[FloatArray, FloatArray] | None,
    readout: dict[str, str],
) -> CurveChart:
    """Draws the curves and collects their data for the script.

    Args:
        curves: by class index; those without points are left out.
        shown: the classes whose lines are always visible.
        notes: one text per class, shown next to its name.
        bands: (K,) positions on the x-axis and (C, K) values there, to show as bands.
        readout: labels of the values specific to this chart, by key.
    """
    max_points = max(2, _MAX_POINTS // max(len(curves), 1))
    thinned = {
        index: curve.take(thin(x_axis.scale(curve.x), y_axis.scale(curve.y), max_points))
        for index, curve in sorted(curves.items())
        if len(curve.x)
    }
    lines = (
        _line(index, run.table.classes[index], x_axis.scale(curve.x), y_axis.scale(curve.y), shown)
        for index, curve in thinned.items()
    )
    labels = readout | {"above": "images above", "rank": "down to rank"}
    return CurveChart(
        title=title,
        units=UNITS,
        x_label=x_axis.label,
        y_label=y_axis.label,
        x_ticks=x_axis.drawn_ticks(from_end=False),
        y_ticks=y_axis.drawn_ticks(from_end=True),
        lines=tuple(lines),
        bands=_band_paths(x_axis, y_axis, *bands) if bands else (),
        mean=line_path(x_axis.scale(mean.x), y_axis.scale(mean.y)),
        readout=tuple(labels.items()),
        data=script_data(run, thinned, mean, notes),
    )


def _line(index: int, name: str, x: FloatArray, y: FloatArray, shown: Collection[int]) -> ChartLine:
    end = (round(float(100 * x[-1]), 2), round(float(100 - 100 * y[-1]), 2))
    return ChartLine(index, name, line_path(x, y), end, index in shown)


def _band_paths(
    x_axis: Axis, y_axis: Axis, places: FloatArray, values: FloatArray
) -> tuple[str, ...]:
    x, (lowest, low, high, highest) = x_axis.scale(places), y_axis.scale(band_edges(values))
    return area_path(x, lowest, highest), area_path(x, low, high)
