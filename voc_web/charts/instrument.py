"""The instrument of the class page: the ranking as a strip, with a movable threshold.

The strip is inline SVG and works without scripts. Its data is part of the page as JSON for
static/instrument.js, which moves the threshold without requests to the server.
"""

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from voc_model.metrics.label_counts import Strip, ranking_strip
from voc_model.metrics.operating_points import operating_points
from voc_model.metrics.precision_recall import FloatArray
from voc_web.charts.drawings import Instrument, PlotMark
from voc_web.charts.plots import class_plots
from voc_web.charts.rank_scale import RankScale
from voc_web.formats import script_json
from voc_web.run.opened_run import OpenedRun
from voc_web.run.rounding import point_thresholds

STRIP_BINS = 1000
# Units of the drawing, which the page stretches to its width.
STRIP_WIDTH, STRIP_HEIGHT = 1000, 40


def make_instrument(run: OpenedRun, class_index: int, scale: RankScale) -> Instrument:
    """Returns the strip, the plots and their data, in time independent of the number of images."""
    images = len(run.table.image_ids)
    strip = ranking_strip(run.curves, class_index, scale.edges(STRIP_BINS))
    points = operating_points(run.curves, class_index)
    metrics = run.metrics.classes[class_index]
    plots = class_plots(run, class_index)
    data = {
        "run": run.folder.name,
        "class": metrics.name,
        "images": images,
        "present": metrics.present,
        "absent": metrics.absent,
        "readable": images - metrics.unreadable,
        # If points are missing, the script asks the server in between.
        "complete": points.are_complete,
        "bestF1": metrics.best_f1.count if metrics.best_f1 else None,
        "score": _short(points.score),
        "threshold": point_thresholds(points),
        "count": points.count.tolist(),
        "truePositives": points.true_positives.tolist(),
        "ignored": points.ignored.tolist(),
        "unknown": points.unknown.tolist(),
        "plots": {plot.key: plot.points for plot in plots},
    }
    return Instrument(strip=draw_strip(strip, scale), plots=plots, data=script_json(data))


def draw_strip(strip: Strip, scale: RankScale) -> tuple[PlotMark, ...]:
    """Returns stacked bars of all images but the absent ones, which are the rest.

    The first shape lies behind them: bins with some images present at full height, however low the
    bar.
    """
    places = [STRIP_WIDTH * scale.position(edge) for edge in strip.edges.tolist()]
    shapes: dict[str, list[str]] = {
        "present": [],
        "difficult": [],
        "not-labelled": [],
        "unreadable": [],
    }
    counts = zip(strip.present, strip.ignored, strip.unknown, strip.unreadable, strict=True)
    sizes = np.diff(strip.edges)
    for (left, right), size, bin_counts in zip(pairwise(places), sizes, counts, strict=True):
        rest = size  # Of the bin's images, those above this bar.
        for shape, count in zip(shapes.values(), bin_counts, strict=True):
            if count:
                top, bottom = STRIP_HEIGHT * (rest - count) / size, STRIP_HEIGHT * rest / size
                shape.append(_rectangle(left, right, top, bottom))
                rest -= count
    some = [
        _rectangle(places[first], places[last], 0, STRIP_HEIGHT)
        for first, last in _runs((strip.present > 0) & (strip.present < sizes))
    ]
    drawn = {"some-present": some, **shapes}
    return tuple(PlotMark(kind, "".join(parts)) for kind, parts in drawn.items())


def _rectangle(left: float, right: float, top: float, bottom: float) -> str:
    return f"M{left:.6g} {bottom:.5g}V{top:.5g}H{right:.6g}V{bottom:.5g}z"


def _runs(mask: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """Returns the first index of each run of true values, and the one after its last."""
    changes = np.flatnonzero(np.diff(mask, prepend=False, append=False))
    return list(zip(changes[::2].tolist(), changes[1::2].tolist(), strict=True))


def _short(scores: FloatArray) -> list[float]:
    """Returns float32 scores rounded to 9 digits, which identify each of them."""
    return [float(f"{score:.9g}") for score in scores]
