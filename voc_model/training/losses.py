"""The losses of labelled entries: binary cross-entropy, weighted or not, and the asymmetric loss.

All are computed from logits, whatever the model's output: where a sigmoid is rounded to 0 or 1, the
loss of the score has no gradient. Labels (B, C) are 1, 0, -1 (ignored) and -2 (unknown); the last
two count nowhere. Each loss is summed over the labelled entries and returned with their number.
"""

import math
from collections.abc import Callable
from functools import partial

import torch
from torch import Tensor
from torch.nn import functional

from voc_model.model.settings import TrainSettings

Loss = Callable[[Tensor, Tensor], tuple[Tensor, Tensor]]

# A class with hardly any positive would have gradients of a few images that drown all others.
_MAX_POS_WEIGHT = 50.0


def make_loss(settings: TrainSettings, labels: Tensor) -> Loss:
    """Returns the training loss: logits and labels (B, C) -> sum and number of entries.

    Args:
        labels: (N, C) of all training images.
    """
    if settings.loss == "asymmetric":
        return partial(
            asymmetric_loss,
            gamma_positive=settings.gamma_positive,
            gamma_negative=settings.gamma_negative,
            margin=settings.probability_margin,
        )
    pos_weight = balanced_weights(labels) if settings.pos_weight == "balanced" else None
    return partial(masked_loss, smoothing=settings.label_smoothing, pos_weight=pos_weight)


def masked_loss(
    logits: Tensor, labels: Tensor, smoothing: float = 0.0, pos_weight: Tensor | None = None
) -> tuple[Tensor, Tensor]:
    """Returns binary cross-entropy summed over the labelled entries, and their number.

    Args:
        logits: (B, C) float32 or float64.
        labels: (B, C) int8.
        smoothing: s of the targets y (1 - s) + s / 2 (Szegedy et al. 2016, for two outcomes).
        pos_weight: (C,) factor of -y log p, see `balanced_weights`.
    """
    counted = labels >= 0
    targets = labels.clamp(min=0).to(logits.dtype) * (1 - smoothing) + smoothing / 2
    entries = functional.binary_cross_entropy_with_logits(
        logits, targets, reduction="none", pos_weight=pos_weight
    )
    return (entries * counted).sum(), counted.sum()


def asymmetric_loss(
    logits: Tensor, labels: Tensor, gamma_positive: float, gamma_negative: float, margin: float
) -> tuple[Tensor, Tensor]:
    """Returns the asymmetric loss summed over the labelled entries, and their number.

    With p the score and q = max(p - margin, 0), a present label has the loss
    -(1 - p)^gamma_positive log p and an absent one -q^gamma_negative log(1 - q): easy absent labels
    count little, and those below the margin nothing (Ridnik et al. 2021, equations 4 to 7).

    Args:
        logits: (B, C) float32 or float64.
        labels: (B, C) int8.
    """
    log_p, log_not_p = functional.logsigmoid(logits), functional.logsigmoid(-logits)
    positive = (gamma_positive * log_not_p).exp() * log_p
    # log(1 - q), where 1 - q = min((1 - p) + margin, 1), without rounding 1 - p to 0.
    log_margin = torch.full_like(logits, math.log(margin) if margin else -math.inf)
    log_not_q = torch.logaddexp(log_not_p, log_margin).clamp(max=0)
    # A power below 1 has no finite gradient at 0.
    q = (-log_not_q.expm1()).clamp(min=torch.finfo(logits.dtype).tiny)
    negative = q**gamma_negative * log_not_q
    counted = labels >= 0
    entries = -torch.where(labels > 0, positive, negative)
    return (entries * counted).sum(), counted.sum()


def balanced_weights(labels: Tensor) -> Tensor:
    """Returns each class's number of absent per present labels (C,) float32, at most 50.

    With these weights, present and absent labels of a class count the same. A class without either
    has the weight 1. The model's scores are higher then: they no longer estimate how often a label
    is present.

    Args:
        labels: (N, C) int8 of all training images.
    """
    present, absent = (labels == 1).sum(0), (labels == 0).sum(0)
    weights = (absent / present.clamp(min=1)).clamp(max=_MAX_POS_WEIGHT)
    return torch.where((present > 0) & (absent > 0), weights, 1.0)
