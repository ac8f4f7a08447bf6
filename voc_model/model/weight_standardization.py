"""Weight standardisation: convolutions whose filters are rescaled to unit variance on every use.

Two kinds. `scale` divides each filter by n = sqrt(var(W_c) + eps_w). `full` (Qiao, Wang, Liu, Shen,
Yuille: Micro-Batch Training with Batch-Channel Normalization and Weight Standardization, 2019)
subtracts the filter's mean as well.

Dividing a filter by n divides the convolution's output by n, so the mean and the variance that the
following batch normalisation expects must be divided by n and n squared. It computes
gamma * (x - mean) / sqrt(var + eps) + beta; with x / n in place of x this is unchanged if

    mean' = mean / n,    var' + eps = (var + eps) / n^2.

eps belongs in the second equation: var / n^2 alone is wrong unless var is much larger than eps.
gamma and beta do not change, since in training mode the batch's own statistics cancel n. The
alternative alters these two and keeps the statistics, which is as exact in evaluation mode, and
wrong in training mode for the same reason:

    gamma' = gamma n,    beta' = beta + gamma mean (n - 1) / sqrt(var + eps).

For `full` neither is exact (the contribution of the subtracted mean depends on the image and the
position): the running statistics are re-estimated from images, or the filters are fitted to the
plain network's outputs, see `least_squares_conversion`.
"""

import copy
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from itertools import chain, islice
from typing import TypeVar

import torch
from torch import Tensor, nn

from voc_model.model.classifier import Classifier
from voc_model.model.setting_fields import Conversion, WeightStandardization

_WEIGHT_EPS = 1e-5
_Conv = TypeVar("_Conv", bound=nn.Conv2d)
_ConvertPair = Callable[["WeightStandardizedConv2d", nn.BatchNorm2d], None]


class WeightStandardizedConv2d(nn.Conv2d):
    """A convolution that standardises its filters; it has the parameters of nn.Conv2d.

    Attributes:
        kind: `scale` or `full`.
        weight_eps: added to a filter's variance, so that a filter of zeros stays one.
    """

    kind: WeightStandardization
    weight_eps: float

    @classmethod
    def from_conv(
        cls, conv: nn.Conv2d, kind: WeightStandardization, weight_eps: float = _WEIGHT_EPS
    ) -> "WeightStandardizedConv2d":
        """Returns a convolution of the same shape that shares `conv`'s parameters."""
        made = _same_form(cls, conv)
        made.weight, made.bias = conv.weight, conv.bias
        made.kind, made.weight_eps = kind, weight_eps
        return made

    def to_conv(self) -> nn.Conv2d:
        """Returns the equivalent plain convolution, with standardised filters."""
        made = _same_form(nn.Conv2d, self)
        made.weight, made.bias = nn.Parameter(self.standardized_weight().detach()), self.bias
        return made.train(self.training)

    def deviation(self) -> Tensor:
        """Returns n of each filter, (out,), computed over in-channels, height and width."""
        variance = self.weight.var(dim=(1, 2, 3), correction=0)
        deviation: Tensor = torch.sqrt(variance + self.weight_eps)
        return deviation

    def standardized_weight(self) -> Tensor:
        """Returns the standardised filters, (out, in / groups, height, width)."""
        weight: Tensor = self.weight
        if self.kind == "full":
            weight = weight - weight.mean(dim=(1, 2, 3), keepdim=True)
        standardized: Tensor = weight / self.deviation().view(-1, 1, 1, 1)
        return standardized

    def forward(self, images: Tensor) -> Tensor:
        outputs: Tensor = self._conv_forward(images, self.standardized_weight(), self.bias)
        return outputs


def standardized(
    plain: Classifier,
    kind: WeightStandardization,
    conversion: Conversion = "running_statistics",
) -> Classifier:
    """Returns a copy of a classifier whose every convolution is standardised.

    State dicts of both have the same names. With `scale` both have the same outputs in evaluation
    mode, unless the conversion is `none`. A conversion that needs images is to follow; it starts
    from converted running statistics.
    """
    made = copy.deepcopy(plain)
    standardize_weights(made.backbone, kind)
    if conversion == "scale_and_shift":
        convert_batch_norms(made.backbone, _convert_scale_and_shift)
    elif conversion != "none":
        convert_batch_norms(made.backbone)
    return made


def standardize_weights(module: nn.Module, kind: WeightStandardization) -> None:
    """Replaces every convolution in a module by a standardised one, in place, at any depth."""
    for name, child in module.named_children():
        if isinstance(child, nn.Conv2d):
            setattr(module, name, WeightStandardizedConv2d.from_conv(child, kind))
        else:
            standardize_weights(child, kind)


@torch.no_grad()
def convert_batch_norms(module: nn.Module, convert: _ConvertPair | None = None) -> None:
    """Adapts each batch normalisation to the standardised convolution before it.

    Args:
        module: is changed in place, at any depth.
        convert: alters one of them, given the convolution; by default its running statistics.

    Raises:
        ValueError: a convolution is not followed by a batch normalisation in its module, so nothing
            can compensate for its new scale.
    """
    waiting: WeightStandardizedConv2d | None = None
    for name, child in module.named_children():
        if isinstance(child, WeightStandardizedConv2d):
            if waiting is not None:
                raise ValueError(f"no batch normalisation between {waiting} and {name}")
            waiting = child
        elif isinstance(child, nn.BatchNorm2d):
            if waiting is not None:
                (convert or _convert_running_statistics)(waiting, child)
            waiting = None
        else:
            convert_batch_norms(child, convert)
    if waiting is not None:
        raise ValueError(f"no batch normalisation after {waiting}")


def running_statistics(norm: nn.BatchNorm2d) -> tuple[Tensor, Tensor]:
    """Returns the running mean and variance, (channels,) each.

    Raises:
        ValueError: the batch normalisation keeps none.
    """
    if norm.running_mean is None or norm.running_var is None:
        raise ValueError(f"{norm} keeps no running statistics to convert")
    return norm.running_mean, norm.running_var


def reestimate_batch_norms(module: nn.Module, batches: Iterable[Tensor]) -> None:
    """Replaces the running statistics by the plain average over batches of images.

    Args:
        module: a network of images; its mode (training or evaluation) stays as it is.
        batches: normalised images (B, 3, H, W), on the network's device; each counts the same,
            however many images it has. Without any, the statistics stay as they are.
    """
    norms = [part for part in module.modules() if isinstance(part, nn.BatchNorm2d)]
    remaining = iter(batches)
    first = list(islice(remaining, 1))
    if not first:
        return
    with _cumulative_average(module, norms), torch.no_grad():
        for images in chain(first, remaining):
            module(images)


@contextmanager
def _cumulative_average(module: nn.Module, norms: list[nn.BatchNorm2d]) -> Iterator[None]:
    training, momenta = module.training, [norm.momentum for norm in norms]
    for norm in norms:
        norm.reset_running_stats()
        norm.momentum = None  # PyTorch then averages over all batches
    module.train()
    try:
        yield
    finally:
        module.train(training)
        for norm, momentum in zip(norms, momenta, strict=True):
            norm.momentum = momentum


def _same_form(kind: type[_Conv], conv: nn.Conv2d) -> _Conv:
    """Returns a convolution of a class with `conv`'s shape; its parameters are to be set."""
    return kind(
        conv.in_channels,
        conv.out_channels,
        conv.kernel_size,  # type: ignore[arg-type]  # a pair, by nn.Conv2d's own making
        stride=conv.stride,  # type: ignore[arg-type]
        padding=conv.padding,  # type: ignore[arg-type]
        dilation=conv.dilation,  # type: ignore[arg-type]
        groups=conv.groups,
        bias=conv.bias is not None,
        padding_mode=conv.padding_mode,
        device="meta",  # no memory and no random numbers: the caller sets the parameters
    )


def _convert_running_statistics(conv: WeightStandardizedConv2d, norm: nn.BatchNorm2d) -> None:
    deviation = _rescale_bias(conv)
    mean, variance = running_statistics(norm)
    mean.div_(deviation)
    variance.add_(norm.eps).div_(deviation.square()).sub_(norm.eps)


def _convert_scale_and_shift(conv: WeightStandardizedConv2d, norm: nn.BatchNorm2d) -> None:
    deviation = _rescale_bias(conv)
    mean, variance = running_statistics(norm)
    norm.bias.add_(norm.weight * mean * (deviation - 1) / torch.sqrt(variance + norm.eps))
    norm.weight.mul_(deviation)


def _rescale_bias(conv: WeightStandardizedConv2d) -> Tensor:
    """Divides a bias by n as the filters are; returns n of each filter."""
    deviation = conv.deviation()
    if conv.bias is not None:
        conv.bias.div_(deviation)
    return deviation
