"""The images at some ranks of a class, as pages and the API show them."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import repeat

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
    highest_others: tuple[OtherScore, ...]  # the two highest scores of other classes, if asked for


def cards_of_ranks(
    run: OpenedRun,
    class_index: int,
    ranks: Sequence[int],
    threshold: float,
    *,
    with_others: bool = False,
) -> tuple[Card, ...]:
    """Returns the cards of the given ranks of a class, in the given order.

    Args:
        run: the run.
        class_index: the class.
        ranks: K ranks.
        threshold: of the verdicts.
        with_others: whether to find the highest scores of other classes, for which all scores of
            each image are read.
    """
    rows = run.table.class_ranking(class_index).rows_of(np.array(ranks, np.intp))
    labels = run.table.labels[rows]  # (K, C)
    scores = run.table.scores[rows, class_index]
    image_ids = run.table.ids_of(rows)
    others = _highest_others(run, class_index, rows, labels) if with_others else repeat(())
    cards = []
    for offset, (rank, highest_others) in enumerate(zip(ranks, others, strict=False)):
        label, score = int(labels[offset, class_index]), float(scores[offset])
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
                highest_others=highest_others,
            )
        )
    return tuple(cards)


def _highest_others(
    run: OpenedRun, class_index: int, rows: NDArray[np.int32], labels: NDArray[np.int8]
) -> list[tuple[OtherScore, ...]]:
    """Returns for each of K rows the two highest scores besides that of a class, if there are any.

    Args:
        labels: (K, C) those of the rows.
    """
    scores = run.table.scores[rows]  # (K, C)
    scores[:, class_index] = np.nan
    order = np.argsort(-scores, axis=1, kind="stable")[:, :2]  # NaN comes last.
    return [
        tuple(
            OtherScore(run.table.classes[it], float(values[it]), truth_of(int(truths[it])))
            for it in highest.tolist()
            if not np.isnan(values[it])
        )
        for values, truths, highest in zip(scores, labels, order, strict=True)
    ]


def _names(run: OpenedRun, mask: NDArray[np.bool_]) -> tuple[str, ...]:
    return tuple(run.table.classes[index] for index in np.flatnonzero(mask))
