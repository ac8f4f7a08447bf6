"""The lines of a chart, and their data as JSON for static/curve-data.js."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from voc_model.metrics.operating_points import operating_points
from voc_model.metrics.precision_recall import FloatArray, IntArray
from voc_web.formats import script_json
from voc_web.run.opened_run import OpenedRun
from voc_web.run.rounding import rounded_thresholds


@dataclass(frozen=True, eq=False)
class Curve:
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

    def take(self, kept: IntArray | NDArray[np.bool_]) -> "Curve":
        """Returns the curve of the kept points only."""
        return Curve(*(column[kept] for column in vars(self).values()))


@dataclass(frozen=True)
class Mean:
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


def script_data(
    run: OpenedRun, curves: Mapping[int, Curve], mean: Mean, notes: Sequence[str]
) -> str:
    """Returns the data of the lines as JSON for the page's script."""
    classes = [run.metrics.classes[index] for index in curves]
    data: dict[str, object] = {
        "names": [item.name for item in classes],
        "notes": [notes[index] for index in curves],
        "images": [item.present for item in classes],
        **_points_data(run, curves),
        "mean": {"name": mean.name, "note": mean.note, "texts": mean.texts},
    }
    return script_json(data)


def _points_data(run: OpenedRun, curves: Mapping[int, Curve]) -> dict[str, list[list[Any]]]:
    """Returns the thresholds of each class, the counts of images above them, and the last rank.

    Counts rather than fractions, so that the script can compute exact fractions; stored by column,
    which compresses best. The rank is that of the whole ranking, difficult images included.
    """
    data: dict[str, list[list[Any]]] = {
        name: [] for name in ("threshold", "present", "absent", "rank")
    }
    for index, curve in curves.items():
        points = operating_points(run.curves, index)
        thresholds = rounded_thresholds(points, curve.threshold)
        present = curve.present.round().astype(int)
        data["threshold"].append(thresholds)
        data["present"].append(present.tolist())
        data["absent"].append((curve.above.astype(int) - present).tolist())
        data["rank"].append(curve.rank.astype(int).tolist())
    return data
