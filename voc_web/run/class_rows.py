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
    at: AtThreshold  # the threshold chosen for the class, 0.5 by default

    @property
    def at_half(self) -> AtThreshold:
        """What the threshold 0.5 selects."""
        return at_half(self.metrics)


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
            at=chosen[index] if chosen else at_half(metrics),
        )
        for index, metrics in enumerate(run.metrics.classes)
    ]
