"""How far the outputs of two models of the same shape are apart."""

import math
from collections.abc import Iterable
from typing import NamedTuple

import torch
from torch import Tensor

from voc_model.metrics.conversion import Deviation
from voc_model.model.classifier import Classifier


class Outputs(NamedTuple):
    """What a model makes of N images: features (N, D) and logits (N, C), float64 on the CPU."""

    features: Tensor
    logits: Tensor


@torch.no_grad()
def compute_outputs(model: Classifier, batches: Iterable[Tensor]) -> Outputs:
    """Computes a model in its present mode.

    Args:
        model: in training mode it normalises each batch by itself.
        batches: normalised images (B, 3, H, W) of the model's type, on its device.
    """
    features = [model.backbone(images) for images in batches]
    if not features:
        return Outputs(torch.empty(0, 0), torch.empty(0, 0))
    logits = [model.head(part) for part in features]
    return Outputs(*(torch.cat(parts).double().cpu() for parts in (features, logits)))


def measure_deviation(found: Outputs, expected: Outputs) -> Deviation:
    """Compares the outputs of two models with the same head for the same images."""
    logits = (found.logits - expected.logits).abs()
    features = found.features - expected.features
    return Deviation(
        images=len(logits),
        greatest_logit=float(logits.max()) if len(logits) else math.nan,
        mean_logit=float(logits.mean()),
        features=float(features.norm() / expected.features.norm()),
    )
