"""How far the outputs of two networks of the same shape are apart."""

import math
from collections.abc import Iterable

import torch
from torch import Tensor

from voc_model.metrics.conversion import Deviation
from voc_model.model.classifier import Classifier


@torch.no_grad()
def measure_deviation(model: Classifier, plain: Classifier, batches: Iterable[Tensor]) -> Deviation:
    """Compares features and logits of two models with the same head, each in its present mode.

    Args:
        model: the one that deviates.
        plain: the one that it is compared with.
        batches: normalised images (B, 3, H, W) of the models' type, on their device.
    """
    images, greatest, total, entries = 0, 0.0, 0.0, 0
    squares = torch.zeros(2, dtype=torch.float64)  # of the differences, and of the features
    for batch in batches:
        features, expected = model.backbone(batch), plain.backbone(batch)
        logits = (model.head(features) - plain.head(expected)).abs()
        images += len(batch)
        greatest = max(greatest, float(logits.max()))
        total += float(logits.double().sum())
        entries += logits.numel()
        parts = (features - expected, expected)
        squares += torch.stack([part.double().square().sum() for part in parts]).cpu()
    if not images:
        return Deviation(images=0, greatest_logit=math.nan, mean_logit=math.nan, features=math.nan)
    return Deviation(
        images=images,
        greatest_logit=greatest,
        mean_logit=total / entries,
        features=float((squares[0] / squares[1]).sqrt()),
    )
