"""The backbone at inference time: the same function, computed much faster.

Batch normalisation in evaluation mode is one multiplication and addition per channel, which the
convolution before it can do itself; standardised filters need to be standardised only once;
bfloat16 halves the bytes and doubles the arithmetic speed of processors that support it; and
OpenVINO's convolutions are faster on a CPU.
"""

import copy
import hashlib
import math
import warnings
from collections.abc import Callable

import openvino as ov
import torch
from torch import Tensor, nn
from torch.nn.utils.fusion import fuse_conv_bn_eval

from voc_model.model.settings import Precision
from voc_model.model.weight_standardization import WeightStandardizedConv2d
from voc_model.progress import SILENT, Reporter

# Largest deviation from the exact features that is accepted, relative to their root mean square.
# bfloat16 keeps 8 bits: a ResNet18 deviates by 0.01, a broken kernel by 1.
TOLERANCE = 0.05
_CHECKED_IMAGES = 4
_OPENVINO_TYPES: dict[Precision, str] = {"float32": "f32", "bfloat16": "bf16"}

Network = Callable[[Tensor], Tensor]

# Converting and compiling takes half a second: the passes over training and validation images
# share it, and so do the best epoch's evaluation and the scoring after it.
_COMPILED: dict[tuple[str, Precision, int], Network] = {}
_MAX_COMPILED = 2


class FastBackbone:
    """Images (B, 3, H, W) float32 -> features (B, D) float32, in evaluation mode.

    The first batch is computed exactly as well. If the two disagree, a warning is reported and the
    exact backbone is used from then on.

    Attributes:
        deviation: of the first images' features, see TOLERANCE; None before the first batch.
    """

    def __init__(self, exact: nn.Module, precision: Precision, report: Reporter = SILENT) -> None:
        self._exact = exact.eval()
        self._precision = precision
        self._report = report
        self._network: Network | None = None
        self.deviation: float | None = None

    @property
    def agrees(self) -> bool:
        """Whether the fast features are used, as far as is known."""
        return self.deviation is None or self.deviation <= TOLERANCE

    @property
    def used_precision(self) -> Precision:
        """The precision of the features, as far as is known."""
        return self._precision if self.agrees else "float32"

    @torch.no_grad()
    def __call__(self, images: Tensor) -> Tensor:
        if self._network is None:  # Not before the first batch: if all is cached, there is none.
            self._network = self._compile()
            self.deviation = self._measure_deviation(self._network, images[:_CHECKED_IMAGES])
            if not self.agrees:
                self._report.warn(
                    f"the backbone in {self._precision} deviates from float32 by "
                    f"{self.deviation:.2g} of its features' size, more than {TOLERANCE}: "
                    "float32 is used instead"
                )
        features: Tensor = self._network(images) if self.agrees else self._exact(images)
        return features

    def _compile(self) -> Network:
        if next(self._exact.parameters()).device.type != "cpu":
            return cast_network(fold(self._exact), self._precision)
        key = (digest_network(self._exact), self._precision, torch.get_num_threads())
        if key not in _COMPILED:
            if len(_COMPILED) == _MAX_COMPILED:
                del _COMPILED[next(iter(_COMPILED))]  # the oldest
            _COMPILED[key] = compile_for_cpu(fold(self._exact), self._precision)
        return _COMPILED[key]

    def _measure_deviation(self, network: Network, images: Tensor) -> float:
        exact = self._exact(images)
        deviation = float((network(images) - exact).norm() / exact.norm())
        return float("inf") if math.isnan(deviation) else deviation


def fold(network: nn.Module) -> nn.Module:
    """Returns a copy for evaluation with every batch normalisation folded into its convolution."""
    folded = copy.deepcopy(network).eval()
    _fold_children(folded)
    return folded.requires_grad_(False)


def digest_network(network: nn.Module) -> str:
    """Returns a hash of a network's architecture and weights."""
    digest = hashlib.sha256()
    for part in network.modules():
        # The kind of standardisation is not a tensor, yet it alters the outputs.
        digest.update(f"{type(part).__name__} {getattr(part, 'kind', '')}\n".encode())
    for name, tensor in network.state_dict().items():
        digest.update(f"{name} {tuple(tensor.shape)} {tensor.dtype}\n".encode())
        digest.update(tensor.detach().cpu().contiguous().numpy())
    return digest.hexdigest()


def cast_network(folded: nn.Module, precision: Precision) -> Network:
    """Returns a folded network computed by PyTorch in a precision, float32 to float32."""
    dtype = getattr(torch, precision)
    network = folded.to(dtype).to(memory_format=torch.channels_last)
    return lambda images: network(images.to(dtype)).float()


def compile_for_cpu(folded: nn.Module, precision: Precision) -> Network:
    """Returns a folded network computed by OpenVINO on this CPU, float32 to float32."""
    with warnings.catch_warnings():
        # PyTorch has deprecated tracing, which is how OpenVINO reads networks.
        warnings.filterwarnings("ignore", category=FutureWarning, module="torch")
        # OpenVINO would trace it twice, to check that the two agree.
        trace = torch.jit.trace
        traced = trace(folded, torch.zeros(1, 3, 64, 64), check_trace=False)  # type: ignore[no-untyped-call]
        graph = ov.convert_model(traced, input=[-1, 3, -1, -1])
    # Batches come with channels last.
    steps = ov.preprocess.PrePostProcessor(graph)
    steps.input().tensor().set_layout(ov.Layout("NHWC"))
    steps.input().model().set_layout(ov.Layout("NCHW"))
    compiled = ov.Core().compile_model(
        steps.build(),
        "CPU",
        {
            "INFERENCE_PRECISION_HINT": _OPENVINO_TYPES[precision],
            "INFERENCE_NUM_THREADS": torch.get_num_threads(),
        },
    )

    def compute(images: Tensor) -> Tensor:
        pixels = images.permute(0, 2, 3, 1).contiguous().numpy()
        return torch.from_numpy(compiled(pixels)[0])

    return compute


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
