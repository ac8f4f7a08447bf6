"""The chart of the curves of all classes and their mean, drawn as inline SVG.

With many classes, bands show where most curves are, and only the worst ones are drawn.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from voc_model.metrics.curves import RECALLS
from voc_model.metrics.precision_recall import Definition, FloatArray, threshold_below
from voc_model.metrics.tail_accuracy import TAIL_GRIDS, TailGrid
from voc_web.charts.bands import band_edges, precision_at_recalls
from voc_web.charts.curve_data import Curve, Mean, script_data
from voc_web.charts.drawings import ChartLine, CurveChart
from voc_web.charts.geometry import FIFTHS, UNITS, Axis, area_path, line_path, thin, ticks_to_one
from voc_web.formats import AP_NAMES, fraction_text
from voc_web.run.class_rows import ClassRow
from voc_web.run.opened_run import OpenedRun

_MAX_LINES, _WORST = 40, 5  # With more classes, lines would be a solid area.
_MAX_POINTS = 5000  # of all lines; without a limit, a page of many would take megabytes


_TAIL_AXES: dict[TailGrid, Axis] = {
    "threshold": Axis("threshold t", (0.5, 0.6, 0.7, 0.8, 0.9, 1.0)),
    "highest": Axis("position between 0.5 and the highest score", FIFTHS),
    "percentile": Axis("top percentage", (0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50), is_log=True),
}


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


def tail_accuracy_chart(run: OpenedRun, grid: TailGrid, lines: Lines) -> CurveChart:
    """Returns the tail accuracy of classes on a grid, and their mean."""
    curves, x_axis, drawn = run.curves, _TAIL_AXES[grid], {}
    thresholds, accuracy, ranks, count = (
        getattr(curves, f"{'percentile' if grid == 'percentile' else 'tail'}_{name}")
        for name in ("threshold", "accuracy", "rank", "count")
    )
    for index in (*lines.drawn, *lines.ready):
        t, y, rank, above = (column[index] for column in (thresholds, accuracy, ranks, count))
        x = t if grid == "threshold" else TAIL_GRIDS[grid]
        drawn[index] = Curve(x, y, t, rank, above, above * y).take(above > 0)
    banded = curves.shared_accuracy if grid == "threshold" else accuracy
    return _chart(
        run,
        drawn,
        _mean_tail(run, grid),
        shown=lines.drawn,
        title=f"Tail accuracy of all classes by {x_axis.label}",
        notes=[""] * len(run.table.classes),
        x_axis=x_axis,
        y_axis=Axis("tail accuracy", ticks_to_one(float(accuracy[count > 0].min(initial=1)))),
        bands=(TAIL_GRIDS[grid], banded) if lines.with_bands else None,
        readout={
            "at": x_axis.label,
            "threshold": "threshold",
            "precision": "tail accuracy",
            "classes": "classes",
        },
    )


def _mean_tail(run: OpenedRun, grid: TailGrid) -> Mean:
    """Returns the mean tail accuracy where a class is defined."""
    tail = run.metrics.mean_tail[grid]
    classes = np.array(tail.classes_defined)
    at, accuracy = (np.array(column)[classes > 0] for column in (tail.at, tail.accuracy))
    return Mean(
        name="mean",
        note="over classes with an image above the threshold",
        x=at,
        y=accuracy,
        texts={
            "at": [f"{value:.3g}" for value in at],
            "precision": [fraction_text(value) for value in accuracy],
            "classes": [f"{value:,}" for value in classes[classes > 0]],
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
        x_is_log=x_axis.is_log,
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
