"""Cards and class rows of the pages, built from the score table."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from voc_model.data.labels import IGNORED, PRESENT, UNKNOWN
from voc_model.store.selection import Outcome, Truth
from voc_web.run.opened_run import OpenedRun
from voc_web.run.verdicts import Verdict, outcome_of, truth_of, verdict_of


@dataclass(frozen=True)
class OtherScore:
    """The score of another class than that of the ranking."""

    class_name: str
    score: float
    truth: Truth


@dataclass(frozen=True)
class Card:
    """partials/cards.html: one image in the ranking of one class."""

    image_id: str
    rank: int
    score: float
    truth: Truth
    verdict: Verdict  # of the prediction score > threshold
    outcome: Outcome | None  # None if neither correct nor incorrect
    labels: tuple[str, ...]  # classes that are present
    difficult_labels: tuple[str, ...]
    is_labelled: bool  # for any class; if not, nobody has said what the image shows
    highest_others: tuple[OtherScore, ...]  # the two highest scores of other classes


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
