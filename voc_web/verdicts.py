"""What a threshold makes of an image: TP, FP, FN or TN, hence right or wrong.

static/instrument.js applies the same rule to the cards of a page while its threshold moves.
"""

import math
from typing import Literal

from voc_model.store.selection import Outcome, Truth

Verdict = Literal["right", "wrong", "difficult", "unreadable"]

_TRUTHS: dict[int, Truth] = {1: "present", 0: "absent", -1: "difficult"}


def truth_of(label: int) -> Truth:
    """Returns what a label says: present, absent or difficult."""
    return _TRUTHS[label]


def outcome_of(score: float, label: int, threshold: float) -> Outcome | None:
    """Returns what score > threshold makes of the label; None if it is difficult, or unreadable."""
    if math.isnan(score) or label == -1:
        return None
    if score > threshold:
        return "TP" if label == 1 else "FP"
    return "FN" if label == 1 else "TN"


def verdict_of(score: float, label: int, threshold: float) -> Verdict:
    """Returns whether score > threshold agrees with the label; a difficult one is neither."""
    if math.isnan(score):
        return "unreadable"
    outcome = outcome_of(score, label, threshold)
    if outcome is None:
        return "difficult"
    return "right" if outcome in ("TP", "TN") else "wrong"
