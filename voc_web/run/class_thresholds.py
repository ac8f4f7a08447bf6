"""What a threshold selects of a class, and thresholds for all classes at once.

Everything comes from stored counts, in time independent of the number of images.
"""

import math
from dataclasses import dataclass

import numpy as np

from voc_model.metrics.label_counts import LabelCounts, count_labels
from voc_model.metrics.mistakes import THRESHOLD
from voc_model.metrics.operating_points import (
    best_f1_index,
    indices_reaching,
    operating_points,
)
from voc_model.metrics.precision_recall import PrecisionRecallCurve
from voc_model.metrics.run_metrics import ClassMetrics
from voc_web.query import ThresholdRule, ThresholdsQuery
from voc_web.run.opened_run import OpenedRun
from voc_web.run.rounding import shortest_between


@dataclass(frozen=True)
class AtThreshold:
    """What a threshold selects of one class; difficult and unlabelled images are not counted."""

    threshold: float
    count: int  # images above it
    true_positives: int
    present: int  # all images in which the class is present

    @property
    def precision(self) -> float:
        """NaN if no image is above the threshold."""
        return self.true_positives / self.count if self.count else math.nan

    @property
    def recall(self) -> float:
        """NaN if no image is present."""
        return self.true_positives / self.present if self.present else math.nan

    @property
    def f1(self) -> float:
        """NaN if no image is present."""
        return 2 * self.true_positives / (self.count + self.present) if self.present else math.nan


@dataclass(frozen=True)
class AboveThreshold(AtThreshold):
    """What a threshold selects of one class, by label."""

    counts: LabelCounts

    @property
    def rank(self) -> int:
        """The last rank above the threshold, 0 if there is none."""
        return self.counts.readable


@dataclass(frozen=True)
class ChosenThresholds:
    """A threshold of every class, and the F1 that results."""

    classes: tuple[AtThreshold, ...]  # in the order of the data set
    micro_f1: float  # of all pairs of image and class; NaN if no image is present
    macro_f1: float  # mean of the classes' F1
    classes_defined: int  # number of classes with an image present


def chosen_thresholds(run: OpenedRun, query: ThresholdsQuery) -> ChosenThresholds:
    """Returns the thresholds that a query chooses; cached."""
    precision = query.precision if query.thresholds == "precision" else None
    return run.cached(_choose_thresholds, query.thresholds, precision)


def _choose_thresholds(
    run: OpenedRun, rule: ThresholdRule, precision: float | None
) -> ChosenThresholds:
    """Returns a threshold of every class.

    Args:
        run: the run.
        rule: 0.5 ("half"), the highest F1, or the highest recall at a precision. A class without
            such a threshold is never predicted: its threshold is 1.
        precision: the required one; None unless the rule is "precision".
    """
    classes = at_threshold(run, THRESHOLD) if rule == "half" else _at_points(run, precision)
    true_positives, count, present = (
        sum(getattr(at, name) for at in classes) for name in ("true_positives", "count", "present")
    )
    defined = [at.f1 for at in classes if at.present]
    return ChosenThresholds(
        classes,
        micro_f1=2 * true_positives / (count + present) if present else math.nan,
        macro_f1=math.fsum(defined) / len(defined) if defined else math.nan,
        classes_defined=len(defined),
    )


def at_half(metrics: ClassMetrics) -> AtThreshold:
    """Returns what the threshold 0.5 selects of a class."""
    found = metrics.present - metrics.mistakes.false_negatives
    count = found + metrics.mistakes.false_positives
    return AtThreshold(THRESHOLD, count, found, metrics.present)


def count_above(run: OpenedRun, class_index: int, threshold: float) -> AboveThreshold:
    """Returns what a threshold selects of a class, without scanning all images."""
    rank = run.table.class_ranking(class_index).count_above(threshold)
    counts = count_labels(run.table, run.metrics, run.curves, class_index, rank)
    present = run.metrics.classes[class_index].present
    return AboveThreshold(
        threshold, counts.present + counts.absent, counts.present, present, counts
    )


def at_threshold(run: OpenedRun, threshold: float) -> tuple[AtThreshold, ...]:
    """Returns what one threshold selects of every class."""
    if threshold == THRESHOLD:
        return tuple(map(at_half, run.metrics.classes))
    return tuple(count_above(run, index, threshold) for index in range(len(run.table.classes)))


def _at_points(run: OpenedRun, precision: float | None) -> tuple[AtThreshold, ...]:
    """Returns the operating point of every class that reaches a precision, or has the best F1."""
    low, high, counts = [], [], []
    for index, metrics in enumerate(run.metrics.classes):
        points = operating_points(run.curves, index)
        curve = PrecisionRecallCurve(
            points.score, points.count, points.true_positives, metrics.present
        )
        if precision is None:
            at = best_f1_index(curve)
        else:
            (reaching,) = indices_reaching(curve, [precision])
            at = None if reaching < 0 else int(reaching)
        # No score is above 1.
        low.append(1.0 if at is None else points.below[at])
        high.append(np.inf if at is None else points.score[at])
        counts.append((0, 0) if at is None else (curve.count[at], curve.true_positives[at]))
    thresholds = shortest_between(np.array(low), np.array(high))
    return tuple(
        AtThreshold(threshold, int(count), int(true_positives), metrics.present)
        for threshold, (count, true_positives), metrics in zip(
            thresholds, counts, run.metrics.classes, strict=True
        )
    )
