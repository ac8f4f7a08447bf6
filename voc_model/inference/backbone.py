"""A backbone as it is computed when nothing is learnt: the same function, much faster.

Batch normalisation in evaluation mode is a multiplication and an addition a channel, which the
convolution before it can do itself; standardised filters need to be standardised only once;
bfloat16 halves the bytes and doubles the arithmetic of processors that have it; and OpenVINO's
convolutions are the faster ones on a CPU.
"""

import copy
import math
from collections.abc import Callable, Iterator
from functools import cached_property

import torch
from torch import Tensor, nn
from torch.nn.utils.fusion import fuse_conv_bn_eval

from voc_model.inference.cpu_graph import compile_for_cpu
from voc_model.model.settings import Precision
from voc_model.model.weight_standardization import WeightStandardizedConv2d
from voc_model.progress import Note

# Greatest deviation from the exact features that is accepted, as a share of their own size (root
# mean square). bfloat16 keeps 8 bits: a ResNet18 deviates by 0.01, a broken kernel by 1.
TOLERANCE = 0.05
_CHECKED_IMAGES = 4


class FastBackbone:
    """Images (B, 3, H, W) float32 -> features (B, D) float32, in evaluation mode.

    The first batch is computed exactly as well. Where the two disagree, the exact backbone is used
    from then on.

    Attributes:
        deviation: of the first images' features, see TOLERANCE; None before the first batch.
    """

    def __init__(self, exact: nn.Module, precision: Precision) -> None:
        self._exact = exact.eval()
        self._precision = precision
        self.deviation: float | None = None

    @cached_property
    def _fast(self) -> Callable[[Tensor], Tensor]:
        # At the first batch: where all features are cached there is none.
        return compile_network(fold(self._exact), self._precision)

    def notes(self) -> Iterator[Note]:
        """Yields a warning where the exact backbone had to be used."""
        if not self.agrees:
            yield Note(
                f"the backbone in {self._precision} deviates by {self.deviation:.2g} of its "
                f"features' size from float32, more than {TOLERANCE}: float32 was used",
                warning=True,
            )

    @property
    def agrees(self) -> bool:
        """Whether the fast features are used, as far as is known."""
        return self.deviation is None or self.deviation <= TOLERANCE

    def __call__(self, images: Tensor) -> Tensor:
        with torch.no_grad():
            if self.deviation is None:
                self.deviation = self._deviation(images[:_CHECKED_IMAGES])
            features: Tensor = self._fast(images) if self.agrees else self._exact(images)
            return features

    def _deviation(self, images: Tensor) -> float:
        exact = self._exact(images)
        deviation = float((self._fast(images) - exact).norm() / exact.norm())
        return float("inf") if math.isnan(deviation) else deviation


def compile_network(folded: nn.Module, precision: Precision) -> Callable[[Tensor], Tensor]:
    """Returns the fastest way to compute a folded network where it lies, float32 to float32."""
    if next(folded.parameters()).device.type == "cpu":
        return compile_for_cpu(folded, precision)
    dtype = getattr(torch, precision)
    network = folded.to(dtype).to(memory_format=torch.channels_last)
    return lambda images: network(images.to(dtype)).float()


def fold(network: nn.Module) -> nn.Module:
    """Returns a copy for evaluation with every batch normalisation folded into its convolution."""
    folded = copy.deepcopy(network).eval()
    _fold_children(folded)
    return folded.requires_grad_(False)


def _fold_children(module: nn.Module) -> None:
    convolution: str | None = None
    for name, child in list(module.named_children()):
        if isinstance(child, nn.Conv2d):
            convolution = name
            if isinstance(child, WeightStandardizedConv2d):
                setattr(module, name, child.to_conv())
        elif isinstance(child, nn.BatchNorm2d) and convolution is not None:
            fused = fuse_conv_bn_eval(getattr(module, convolution), child)
            setattr(module, convolution, fused)
            setattr(module, name, nn.Identity())
            convolution = None
        else:
            _fold_children(child)
