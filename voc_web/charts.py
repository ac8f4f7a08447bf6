"""Curves -> Plotly figures as JSON. Colours come from the page's style, so that themes work."""

import json
import math
from html import escape
from typing import Any

import numpy as np
from numpy.typing import NDArray

from voc_model.metrics.precision_recall import Definition
from voc_model.metrics.run_metrics import RunMetrics
from voc_web.formats import AP_NAMES, fraction_text
from voc_web.opened_run import OpenedRun

_MEAN_WIDTH, _CLASS_WIDTH = 3.5, 1.5
# Of all classes' curves in a figure: a thousand classes would make it megabytes.
_MOST_POINTS = 40_000


def precision_recall_figure(run: OpenedRun, definition: Definition) -> str:
    """Returns the precision-recall curve of every class and their mean."""
    metrics, curves = run.metrics, run.curves
    traces = [
        _trace(
            item.name,
            curves.recall[index],
            curves.precision[index],
            text=f"{escape(item.name)}: AP {fraction_text(item.average_precision[definition])}",
            hover="recall %{x:.3f}, precision %{y:.3f}"
            "<br>rank %{customdata[0]:,}, score %{customdata[1]:.4g}",
            details=[curves.count[index], curves.threshold[index]],
            most=_share_of_points(metrics),
        )
        for index, item in enumerate(metrics.classes)
    ]
    mean = metrics.mean_average_precision[definition]
    traces.append(
        _trace(
            "mean",
            curves.mean_recall[0],
            curves.mean_precision[0],
            text=f"mean of {metrics.classes_defined} classes: mAP {fraction_text(mean)}"
            f" ({AP_NAMES[definition]})",
            hover="recall %{x:.2f}<br>greatest precision from there on, averaged: %{y:.3f}",
            width=_MEAN_WIDTH,
        )
    )
    return _figure(traces, x=("recall", [0, 1.01]), y=("precision", [0, 1.02]))


def tail_accuracy_figure(run: OpenedRun) -> str:
    """Returns the tail accuracy of every class and their mean over the threshold."""
    metrics, curves = run.metrics, run.curves
    traces = [
        _trace(
            item.name,
            curves.tail_threshold[index],
            curves.tail_accuracy[index],
            text=escape(item.name),
            hover="t = %{x:.4f}, tail accuracy %{y:.3f}<br>%{customdata[0]:,} images above t",
            details=[curves.tail_count[index]],
            most=_share_of_points(metrics),
        )
        for index, item in enumerate(metrics.classes)
    ]
    tail = metrics.mean_tail
    traces.append(
        _trace(
            "mean",
            np.array(tail.threshold),
            np.array(tail.accuracy),
            text="mean over the classes defined at t",
            hover="t = %{x:.4f}, tail accuracy %{y:.3f}<br>%{customdata[0]} classes",
            details=[np.array(tail.classes_defined, np.float64)],
            width=_MEAN_WIDTH,
        )
    )
    return _figure(traces, x=("threshold t", None), y=("accuracy among scores above t", None))


def _share_of_points(metrics: RunMetrics) -> int:
    """Returns how many points each class's curve may have."""
    return max(2, _MOST_POINTS // len(metrics.classes))


def _trace(
    name: str,
    x: NDArray[np.float64],
    y: NDArray[np.float64],
    *,
    text: str,
    hover: str,
    details: list[NDArray[np.float64]] | None = None,
    width: float = _CLASS_WIDTH,
    most: int = _MOST_POINTS,
) -> dict[str, Any]:
    kept = np.flatnonzero(~np.isnan(x))
    if len(kept) > most:
        kept = kept[np.linspace(0, len(kept) - 1, most).round().astype(np.intp)]
    trace: dict[str, Any] = {
        "type": "scatter",
        "mode": "lines",
        "name": name,
        "x": _numbers(x[kept]),
        "y": _numbers(y[kept]),
        "line": {"width": width},
        "hovertemplate": f"<b>{text}</b><br>{hover}<extra></extra>",
    }
    if details is not None:
        columns = [_numbers(column[kept]) for column in details]
        trace["customdata"] = list(zip(*columns, strict=True))
    return trace


def _numbers(values: NDArray[np.float64]) -> list[float | None]:
    """Returns five significant digits, which is finer than a pixel; undefined is null."""
    return [None if math.isnan(value) else float(f"{value:.5g}") for value in values.tolist()]


def _axis(title: str, limits: list[float] | None) -> dict[str, Any]:
    """Returns an axis; without limits it fits the curves."""
    axis: dict[str, Any] = {"title": {"text": title}}
    return axis | ({"range": limits} if limits else {})


def _figure(
    traces: list[dict[str, Any]],
    x: tuple[str, list[float] | None],
    y: tuple[str, list[float] | None],
) -> str:
    layout = {
        "xaxis": _axis(*x),
        "yaxis": _axis(*y),
        "hovermode": "closest",
        "showlegend": False,
    }
    figure = json.dumps({"data": traces, "layout": layout}, separators=(",", ":"))
    # It stands inside a <script>, which a class name must not be able to end.
    return figure.replace("<", "\\u003c")
