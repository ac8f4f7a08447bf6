"""From a map of features to one vector: the average over positions, and what may replace it.

Every module takes (B, C, H, W) and returns (B, C, 1, 1), but for `AverageMaxPooling`.
"""

from typing import Literal

import torch
from torch import Tensor, nn

Pooling = Literal["average", "max", "average+max", "gem", "lse"]

# Both are constants, so that cached features of a frozen backbone can be used with either.
_GEM_EXPONENT = 3.0
_LSE_SHARPNESS = 5.0
_GEM_MIN = 1e-6


class AverageMaxPooling(nn.Module):
    """The averages, then the maxima: (B, C, H, W) -> (B, 2C, 1, 1)."""

    def forward(self, maps: Tensor) -> Tensor:
        return torch.cat([maps.mean((2, 3), keepdim=True), maps.amax((2, 3), keepdim=True)], 1)


class GeneralizedMeanPooling(nn.Module):
    """The generalised mean (mean of x^p)^(1/p) of non-negative features, p = 3.

    Radenovic, Tolias, Chum: Fine-tuning CNN Image Retrieval with No Human Annotation, TPAMI 2018,
    where a trained p stays near 3. Values below 1e-6, which networks without a last ReLU have, are
    raised to it.
    """

    kind = f"p = {_GEM_EXPONENT}"

    def forward(self, maps: Tensor) -> Tensor:
        powers = maps.clamp(min=_GEM_MIN).pow(_GEM_EXPONENT)
        return powers.mean((2, 3), keepdim=True).pow(1 / _GEM_EXPONENT)


class LogSumExpPooling(nn.Module):
    """A smooth maximum, log(mean of exp(r x)) / r, r = 5.

    Pinheiro, Collobert: From Image-level to Pixel-level Labeling with Convolutional Networks, CVPR
    2015.
    """

    kind = f"r = {_LSE_SHARPNESS}"

    def forward(self, maps: Tensor) -> Tensor:
        peak = maps.amax((2, 3), keepdim=True)  # exp of the difference cannot overflow
        means = (_LSE_SHARPNESS * (maps - peak)).exp().mean((2, 3), keepdim=True)
        return peak + means.log() / _LSE_SHARPNESS


def make_pooling(pooling: Pooling) -> nn.Module:
    """Returns the module of a name."""
    modules: dict[Pooling, nn.Module] = {
        "average": nn.AdaptiveAvgPool2d(1),
        "max": nn.AdaptiveMaxPool2d(1),
        "average+max": AverageMaxPooling(),
        "gem": GeneralizedMeanPooling(),
        "lse": LogSumExpPooling(),
    }
    return modules[pooling]
