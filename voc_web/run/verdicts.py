"""The outcome of a prediction (TP, FP, FN, TN) and whether it is correct.

static/threshold-cards.js applies the same rule to the cards of a page while the threshold moves.
"""

import math
from typing import Literal

from voc_model.data.labels import IGNORED, PRESENT, UNKNOWN
from voc_model.errors import SCORE_AGAIN, ScoreStoreError
from voc_model.store.selection import LABEL_OF_TRUTH, Outcome, Truth

Verdict = Literal["correct", "incorrect", "difficult", "not labelled", "unreadable"]

_TRUTHS: dict[int, Truth] = {label: truth for truth, label in LABEL_OF_TRUTH.items()}


def truth_of(label: int) -> Truth:
    """Returns the meaning of a label: present, absent, difficult or not labelled.

    Raises:
        ScoreStoreError: it is not a label: a large table is served while it is checked.
    """
    if label not in _TRUTHS:
        raise ScoreStoreError(f"scores.npz: damaged: found the label {label}. {SCORE_AGAIN}")
    return _TRUTHS[label]


def outcome_of(score: float, label: int, threshold: float) -> Outcome | None:
    """Returns the outcome of predicting score > threshold; None if there is none to compare."""
    if math.isnan(score) or label in (IGNORED, UNKNOWN):
        return None
    if score > threshold:
        return "TP" if label == PRESENT else "FP"
    return "FN" if label == PRESENT else "TN"


def verdict_of(score: float, label: int, threshold: float) -> Verdict:
    """Returns whether predicting score > threshold is correct, or why neither applies."""
    if math.isnan(score):
        return "unreadable"
    outcome = outcome_of(score, label, threshold)
    if outcome is None:
        return "difficult" if label == IGNORED else "not labelled"
    return "correct" if outcome in ("TP", "TN") else "incorrect"
