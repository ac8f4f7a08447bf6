"""The metrics of every class in one row, as lists of classes and the API show them."""

from collections.abc import Sequence
from dataclasses import dataclass

from voc_model.metrics.precision_recall import Definition
from voc_model.metrics.run_metrics import ClassMetrics
from voc_web.run.class_thresholds import AtThreshold, at_half
from voc_web.run.opened_run import OpenedRun


@dataclass(frozen=True)
class ClassRow:
    """One class in a list of classes."""

    index: int
    metrics: ClassMetrics
    average_precision: float  # in the requested definition
    tail_accuracy: float  # among the images that score above 0.5
    images_above: int  # number of those that are present or absent
    at: AtThreshold  # the threshold chosen for the class, 0.5 by default


def make_class_rows(
    run: OpenedRun, definition: Definition, chosen: Sequence[AtThreshold] | None = None
) -> list[ClassRow]:
    """Returns one row per class, in the order of the data set.

    Args:
        run: the run.
        definition: of average precision.
        chosen: the threshold of each class; by default 0.5.
    """
    return [
        ClassRow(
            index=index,
            metrics=metrics,
            average_precision=metrics.average_precision[definition],
            # The shared grid of thresholds starts at 0.5.
            tail_accuracy=float(run.curves.tail_accuracy[index, 0]),
            images_above=int(run.curves.tail_count[index, 0]),
            at=chosen[index] if chosen else at_half(metrics),
        )
        for index, metrics in enumerate(run.metrics.classes)
    ]
