"""Carries a pretrained ResNet's function over to filters without a mean, by least squares.

`full` weight standardisation subtracts each filter's mean, so a filter sees of each patch only what
differs from the patch's own mean. That part usually tells the mean as well (an edge, a channel that
is rarely active), so most of what the subtraction takes away can be regressed from what is left.

The convolutions are fitted in forward order. For each,

- X are patches of the converted network's own activations, less their mean: errors of the layers
  before are seen and compensated;
- Y are the plain network's outputs after batch normalisation at the same positions; for the last
  convolution of a residual block, the plain block's sum before its ReLU less the converted
  shortcut;
- the filters are those of ridge regression around W0, the pretrained filters less their means,
  scaled as batch normalisation scales them:

      W = W0 + (X'X + lambda I)^-1 X'(Y - X W0),    X and Y less their means over the positions,

  with lambda a thousandth of the mean of X'X's diagonal;
- the parameters get W with the standard deviations of the pretrained filters, and the batch
  normalisation the mean and variance of z = X W / std(W), with gamma and beta such that its output
  is the fit. In training mode the batch's statistics are close to these, so nothing breaks.

docs/weight_standardization.md derives it and has measurements.
"""

import math
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional

from voc_model.model.weight_standardization import WeightStandardizedConv2d, running_statistics
from voc_model.progress import SILENT, Reporter

# Positions per image: at least so many, and together with all images as many per unknown.
_POSITIONS_PER_IMAGE = 37
_POSITIONS_PER_UNKNOWN = 4
_RIDGE = 1e-3
# Of a variance that is computed from sums in float64, relative to the square of the mean.
_ROUNDING = 1e-12


@torch.no_grad()
def convert_by_least_squares(
    converted: nn.Module,
    plain: nn.Module,
    batches: Sequence[Tensor],
    seed: int,
    ridge: float = _RIDGE,
    report: Reporter = SILENT,
) -> dict[str, float]:
    """Fits every convolution of a standardised network to the plain one, in place.

    Args:
        converted: `plain` with standardised convolutions and converted running statistics; both are
            put in evaluation mode.
        plain: the pretrained network, a ResNet of torchvision, whose last stages may be missing.
        batches: normalised images (B, 3, H, W) of the networks' type, on their device. Without any,
            nothing changes.
        seed: of the positions at which the networks are compared.
        ridge: lambda, as a fraction of the mean diagonal of X'X.
        report: receives the progress.

    Returns:
        R squared by the convolution's name, in forward order: of its fit at these positions, over
        all channels; NaN where the plain network's output is constant.
    """
    converted.eval()
    samples = _sample(plain.eval(), batches, torch.Generator().manual_seed(seed))
    fits = {}
    walks = [_walk(converted, images) for images in batches]
    for name in report.track(list(samples), "least-squares fits", unit="convolutions"):
        moments = _Moments()
        for walk, (positions, targets) in zip(walks, samples.pop(name), strict=True):
            visit = next(walk)  # One at a time: each holds a batch's activations.
            if visit.shortcut is not None:
                targets = targets - positions.take(visit.shortcut)  # noqa: PLW2901
            moments.add(_patches(visit, positions), targets)
        fits[name] = _fit(visit.layer, moments.covariance(), ridge)
    return fits


class _Layer(NamedTuple):
    """A convolution and the batch normalisation after it."""

    name: str
    conv: nn.Conv2d
    norm: nn.BatchNorm2d


@dataclass(frozen=True, eq=False)
class _Visit:
    """A layer about to be computed for a batch.

    Attributes:
        inputs: of the convolution, (B, in, H, W).
        shortcut: what a residual block adds to the output, (B, out, h, w); None for other layers.
    """

    layer: _Layer
    inputs: Tensor
    shortcut: Tensor | None = None

    @cached_property
    def output(self) -> Tensor:
        """What the layer's ReLU gets, if it has one: (B, out, h, w)."""
        output: Tensor = self.layer.norm(self.layer.conv(self.inputs))
        return output if self.shortcut is None else output + self.shortcut


class _Positions(NamedTuple):
    """S positions in the outputs (B, out, h, w) of a layer for a batch; indices of shape (S,)."""

    images: Tensor
    rows: Tensor
    columns: Tensor

    @classmethod
    def draw(cls, outputs: Tensor, count: int, generator: torch.Generator) -> "_Positions":
        """Draws `count` different positions in each image, or all if there are fewer."""
        height, width = outputs.shape[-2:]
        order = torch.rand(len(outputs), height * width, generator=generator).argsort(1)
        chosen = order[:, :count]
        images = torch.arange(len(outputs))[:, None].expand_as(chosen)
        indices = (images, chosen // width, chosen % width)
        return cls(*(index.flatten().to(outputs.device) for index in indices))

    def take(self, outputs: Tensor) -> Tensor:
        """Returns the channels at the positions, (S, out)."""
        return outputs[self.images, :, self.rows, self.columns]


def _walk(network: nn.Module, images: Tensor) -> Iterator[_Visit]:
    """Yields every layer before it is computed, in forward order."""
    parts = dict(network.named_children())
    visit = _Visit(_Layer("conv1", parts["conv1"], parts["bn1"]), images)  # type: ignore[arg-type]
    yield visit
    inputs = parts["maxpool"](visit.output.relu_())
    for number in range(1, 5):
        for index, block in enumerate(parts[f"layer{number}"].children()):
            prefix = f"layer{number}.{index}"
            shortcut = inputs
            if isinstance(block.downsample, nn.Sequential):
                layer = _Layer(f"{prefix}.downsample.0", *block.downsample)
                visit = _Visit(layer, inputs)
                yield visit
                shortcut = visit.output
            layers = _list_layers(block, prefix)
            for layer in layers:
                visit = _Visit(layer, inputs, shortcut if layer is layers[-1] else None)
                yield visit
                inputs = visit.output.relu_()


def _list_layers(block: nn.Module, prefix: str) -> list[_Layer]:
    """Returns the two layers of a BasicBlock or the three of a Bottleneck, without the shortcut."""
    parts = dict(block.named_children())
    count = sum(name.startswith("conv") for name in parts)
    return [
        _Layer(f"{prefix}.conv{number}", parts[f"conv{number}"], parts[f"bn{number}"])  # type: ignore[arg-type]
        for number in range(1, count + 1)
    ]


def _sample(
    plain: nn.Module, batches: Sequence[Tensor], generator: torch.Generator
) -> dict[str, list[tuple[_Positions, Tensor]]]:
    """Returns random positions and the plain network's outputs there, by layer, one per batch."""
    samples = defaultdict(list)
    image_count = sum(map(len, batches))
    for images in batches:
        for visit in _walk(plain, images):
            unknowns = visit.layer.conv.weight[0].numel()
            wanted = math.ceil(_POSITIONS_PER_UNKNOWN * unknowns / image_count)
            count = max(_POSITIONS_PER_IMAGE, wanted)
            positions = _Positions.draw(visit.output, count, generator)
            samples[visit.layer.name].append((positions, positions.take(visit.output)))
    return samples


def _patches(visit: _Visit, positions: _Positions) -> Tensor:
    """Returns what the convolution sees at S positions, less its mean: (groups, S, D).

    D is in-channels per group x height x width, in the order of the filters.
    """
    conv, device = visit.layer.conv, visit.inputs.device
    vertical, horizontal = map(int, conv.padding)
    padded = functional.pad(visit.inputs, (horizontal, horizontal, vertical, vertical))
    rows, columns = (
        index[:, None] * stride + dilation * torch.arange(size, device=device)
        for index, stride, dilation, size in zip(
            positions[1:], conv.stride, conv.dilation, conv.kernel_size, strict=True
        )
    )
    images = positions.images[:, None, None]
    patches = padded[images, :, rows[:, :, None], columns[:, None, :]]  # (S, kh, kw, in)
    patches = patches.permute(0, 3, 1, 2).reshape(len(rows), conv.groups, -1).transpose(0, 1)
    return patches - patches.mean(-1, keepdim=True)


class _Covariance(NamedTuple):
    """Means and covariances of X and Y by group; D is the length of a patch.

    Attributes:
        mean_x, mean_y: (groups, D) and (groups, out).
        xx, xy: (groups, D, D) and (groups, D, out).
        yy: the variances of Y, (groups, out).
    """

    mean_x: Tensor
    mean_y: Tensor
    xx: Tensor
    xy: Tensor
    yy: Tensor


class _Moments:
    """Sums of X, Y and their products over positions, in float64.

    Subtracted from all is the first batch's mean: the products are computed in the network's type,
    and their rounding must be small beside the variances, however large the means.
    """

    def __init__(self) -> None:
        self._count = 0
        self._shifts: list[Tensor] = []
        self._sums: list[Tensor] = []

    def add(self, patches: Tensor, targets: Tensor) -> None:
        """Adds X (groups, S, D) and Y (S, out)."""
        self._count += len(targets)
        both = (patches, _by_group(targets.T, len(patches)))
        if not self._shifts:
            self._shifts = [item.mean(1, keepdim=True) for item in both]
        x, y = (item - shift for item, shift in zip(both, self._shifts, strict=True))
        sums = [x.sum(1), y.sum(1), x.mT @ x, x.mT @ y, y.square().sum(1)]
        if not self._sums:
            self._sums = [torch.zeros_like(item, dtype=torch.float64) for item in sums]
        for total, item in zip(self._sums, sums, strict=True):
            total.add_(item)

    def covariance(self) -> _Covariance:
        """Returns the means and covariances over all positions."""
        mean_x, mean_y, xx, xy, yy = (total / self._count for total in self._sums)
        column = mean_x.unsqueeze(2)
        xx -= column @ column.mT
        xy -= column @ mean_y.unsqueeze(1)
        yy -= mean_y.square()
        shift_x, shift_y = (shift.squeeze(1) for shift in self._shifts)
        return _Covariance(mean_x + shift_x, mean_y + shift_y, xx, xy, yy)


def _fit(layer: _Layer, found: _Covariance, ridge: float) -> float:
    """Sets a layer to the ridge regression of Y on X and returns its R squared."""
    conv, norm = layer.conv, layer.norm
    if not isinstance(conv, WeightStandardizedConv2d):
        raise ValueError(f"{layer.name} is not standardised")
    scale = norm.weight / torch.sqrt(running_statistics(norm)[1] + norm.eps)
    start = _columns(conv.standardized_weight() * scale.view(-1, 1, 1, 1), conv.groups)
    regularized = found.xx.clone()
    diagonal = regularized.diagonal(dim1=1, dim2=2)
    # Inputs that are constant but for rounding have nothing to fit.
    rounding = _ROUNDING * found.mean_x.square().mean(1, keepdim=True)
    strength = torch.maximum(ridge * diagonal.mean(1, keepdim=True), rounding)
    diagonal.add_(torch.where(strength > 0, strength, 1.0))
    factor = torch.linalg.cholesky(regularized)
    fitted = start + torch.cholesky_solve(found.xy - found.xx @ start, factor)
    _set_parameters(conv, norm, fitted, found)
    unexplained = found.yy - 2 * (fitted * found.xy).sum(1) + _quadratic(fitted, found.xx)
    total = found.yy.sum()
    is_constant = total <= _ROUNDING * found.mean_y.square().sum()
    return math.nan if is_constant else float(1 - unexplained.sum() / total)


def _set_parameters(
    conv: WeightStandardizedConv2d, norm: nn.BatchNorm2d, fitted: Tensor, found: _Covariance
) -> None:
    """Sets a layer so that its output is X `fitted`, up to the offset that gives the mean of Y."""
    weight = fitted.mT.reshape(conv.weight.shape)
    # A dead filter would otherwise hide the fitted one behind weight_eps.
    wanted = _deviations(conv.weight.double()).clamp(min=math.sqrt(conv.weight_eps))
    present = _deviations(weight)
    factor = torch.where(present > 0, wanted / present, 1.0)
    conv.weight.copy_(weight * factor.view(-1, 1, 1, 1))
    # The convolution's output z, of which the fit is `gain` times, up to an offset.
    filters = _columns(conv.standardized_weight(), conv.groups)
    gain = conv.deviation().double() / factor
    variance = _quadratic(filters, found.xx).flatten().clamp(min=0)
    running_mean, running_variance = running_statistics(norm)
    running_mean.copy_((found.mean_x.unsqueeze(1) @ filters).flatten())
    running_variance.copy_(variance)
    norm.weight.copy_(gain * torch.sqrt(variance + norm.eps))
    norm.bias.copy_(found.mean_y.flatten())


def _by_group(rows: Tensor, groups: int) -> Tensor:
    """Returns (out, S) as (groups, S, out / groups)."""
    return rows.reshape(groups, -1, rows.shape[1]).mT


def _columns(filters: Tensor, groups: int) -> Tensor:
    """Returns filters (out, in / groups, height, width) as (groups, D, out / groups) float64."""
    return _by_group(filters.double().flatten(1), groups)


def _quadratic(columns: Tensor, xx: Tensor) -> Tensor:
    """Returns the variances of X times each column, (groups, out)."""
    return (columns * (xx @ columns)).sum(1)


def _deviations(filters: Tensor) -> Tensor:
    return filters.var(dim=(1, 2, 3), correction=0).sqrt()
