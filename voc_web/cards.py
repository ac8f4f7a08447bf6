"""Cards and class rows of the pages, built from the score table."""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from voc_model.data.labels import IGNORED, PRESENT, UNKNOWN
from voc_model.metrics.label_counts import count_labels
from voc_model.metrics.precision_recall import Definition
from voc_web.class_thresholds import AtThreshold, at_half
from voc_web.contexts import AboveThreshold, Card, ClassRow, OtherScore
from voc_web.opened_run import OpenedRun
from voc_web.verdicts import outcome_of, truth_of, verdict_of


def make_cards(
    run: OpenedRun, class_index: int, first_rank: int, last_rank: int, threshold: float
) -> tuple[Card, ...]:
    """Returns the cards of first_rank to last_rank of a class, or to the end of the ranking."""
    last_rank = min(last_rank, len(run.table.image_ids))
    return cards_of_ranks(run, class_index, range(first_rank, last_rank + 1), threshold)


def cards_of_ranks(
    run: OpenedRun, class_index: int, ranks: Sequence[int], threshold: float
) -> tuple[Card, ...]:
    """Returns the cards of the given ranks of a class, in the given order."""
    rows = run.table.class_ranking(class_index).rows_of(np.array(ranks, np.intp))
    labels = run.table.labels[rows]  # (K, C)
    scores = run.table.scores[rows]  # (K, C)
    image_ids = run.table.ids_of(rows)
    cards = []
    for offset, rank in enumerate(ranks):
        label, score = int(labels[offset, class_index]), float(scores[offset, class_index])
        cards.append(
            Card(
                image_id=image_ids[offset],
                rank=rank,
                score=score,
                truth=truth_of(label),
                verdict=verdict_of(score, label, threshold),
                outcome=outcome_of(score, label, threshold),
                labels=_names(run, labels[offset] == PRESENT),
                difficult_labels=_names(run, labels[offset] == IGNORED),
                is_labelled=bool((labels[offset] != UNKNOWN).any()),
                highest_others=_highest_others(run, class_index, scores[offset], labels[offset]),
            )
        )
    return tuple(cards)


def count_above(run: OpenedRun, class_index: int, threshold: float) -> AboveThreshold:
    """Returns counts and metrics of the images above a threshold, without scanning all images."""
    rank = run.table.class_ranking(class_index).count_above(threshold)
    counts = count_labels(run.table, run.metrics, run.curves, class_index, rank)
    present = run.metrics.classes[class_index].present
    if not present:
        return AboveThreshold(counts, math.nan, math.nan)
    f1 = 2 * counts.present / (counts.present + counts.absent + present)
    return AboveThreshold(counts, counts.present / present, f1)


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


def _highest_others(
    run: OpenedRun, class_index: int, scores: NDArray[np.float32], labels: NDArray[np.int8]
) -> tuple[OtherScore, ...]:
    """Returns the two highest of an image's (C,) scores besides that of a class."""
    order = np.argsort(-scores, kind="stable")
    highest = [int(it) for it in order[:3] if it != class_index and not np.isnan(scores[it])]
    return tuple(
        OtherScore(run.table.classes[it], float(scores[it]), truth_of(int(labels[it])))
        for it in highest[:2]
    )


def _names(run: OpenedRun, mask: NDArray[np.bool_]) -> tuple[str, ...]:
    return tuple(run.table.classes[index] for index in np.flatnonzero(mask))
