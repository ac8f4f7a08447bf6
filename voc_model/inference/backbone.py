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
from collections import Counter
from collections.abc import Callable, Sequence

import openvino as ov
import torch
from torch import Tensor, fx, nn
from torch.nn.utils.fusion import fuse_conv_bn_eval

from voc_model.model.setting_fields import Precision
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
_COMPILED: dict[tuple[str, Precision, int, torch.Size], Network] = {}
_MAX_COMPILED = 2


class FastBackbone:
    """Images (B, 3, H, W) float32 -> features (B, D) float32, in evaluation mode.

    The first batch is computed exactly as well. If the two disagree, a warning is reported and the
    exact backbone is used from then on. All batches have images of the same size.

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
            self._network, self.deviation = self._compile(images[:_CHECKED_IMAGES])
            if not self.agrees:
                self._report.warn(
                    f"the backbone in {self._precision} deviates from float32 by "
                    f"{self.deviation:.2g} of its features' size, more than {TOLERANCE}: "
                    "float32 is used instead"
                )
        features: Tensor = self._network(images) if self.agrees else self._exact(images)
        return features

    def _compile(self, images: Tensor) -> tuple[Network, float]:
        """Returns the fast network, and its deviation on a few images."""
        if images.device.type == "cpu":
            key = (
                digest_network(self._exact), self._precision, torch.get_num_threads(),
                images.shape[2:],
            )  # fmt: skip
            try:
                if key not in _COMPILED:
                    if len(_COMPILED) == _MAX_COMPILED:
                        del _COMPILED[next(iter(_COMPILED))]  # the oldest
                    _COMPILED[key] = compile_for_cpu(
                        fold(self._exact), self._precision, images.shape[2:]
                    )
                return _COMPILED[key], self._measure_deviation(_COMPILED[key], images)
            except Exception as error:  # Tracing and OpenVINO have no base of their own for theirs.
                _COMPILED.pop(key, None)
                reason = " ".join(str(error).strip().splitlines()[-2:])
                self._report.warn(
                    f"OpenVINO cannot compute this network ({reason}): PyTorch is used, more slowly"
                )
        network = cast_network(fold(self._exact), self._precision)
        return network, self._measure_deviation(network, images)

    def _measure_deviation(self, network: Network, images: Tensor) -> float:
        exact = self._exact(images)
        deviation = float((network(images) - exact).norm() / exact.norm())
        return float("inf") if math.isnan(deviation) else deviation


def fold(network: nn.Module) -> nn.Module:
    """Returns a copy for evaluation with batch normalisations folded into their convolutions.

    Standardised convolutions become plain ones. A batch normalisation stays where nothing shows
    that it takes the output of one convolution, which nothing else takes.
    """
    folded = copy.deepcopy(network).eval()
    for name, part in list(folded.named_modules()):
        if isinstance(part, WeightStandardizedConv2d):
            folded.set_submodule(name, part.to_conv())
    for conv_name, norm_name, fused in _fuse_pairs(folded):
        folded.set_submodule(conv_name, fused)
        folded.set_submodule(norm_name, nn.Identity())
    return folded.requires_grad_(False)


def digest_network(network: nn.Module) -> str:
    """Returns a hash of a network's architecture and weights."""
    digest = hashlib.sha256()
    for part in network.modules():
        # Kinds of standardisation, pooling and stages are no tensors, yet they alter the outputs.
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


def compile_for_cpu(
    folded: nn.Module, precision: Precision, size: Sequence[int] = (64, 64)
) -> Network:
    """Returns a folded network computed by OpenVINO on this CPU, float32 to float32.

    Args:
        size: height and width of the images. A network that has no conditions or constants that
            depend on it takes others, too.
    """
    with warnings.catch_warnings():
        # PyTorch has deprecated tracing, which is how OpenVINO reads networks.
        warnings.filterwarnings("ignore", category=FutureWarning, module="torch")
        # OpenVINO would trace it twice, to check that the two agree.
        trace = torch.jit.trace
        traced = trace(folded, torch.zeros(1, 3, *size), check_trace=False)  # type: ignore[no-untyped-call]
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


def _fuse_pairs(network: nn.Module) -> list[tuple[str, str, nn.Conv2d]]:
    """Returns names of a convolution and of the batch normalisation that alone follows it.

    The third is the convolution that computes what both do.
    """
    if not any(isinstance(part, nn.BatchNorm2d) for part in network.modules()):
        return []
    try:
        graph = fx.symbolic_trace(network).graph
    except Exception:  # whatever the code of a network raises when it is given no numbers
        return []
    calls = [node for node in graph.nodes if node.op == "call_module"]
    parts = {node: network.get_submodule(str(node.target)) for node in calls}
    uses = Counter(parts.values())
    pairs = []
    for node, norm in parts.items():
        before = node.args[0]
        conv = parts.get(before) if isinstance(before, fx.Node) else None
        if (
            isinstance(norm, nn.BatchNorm2d)
            and norm.running_var is not None
            and isinstance(conv, nn.Conv2d)
            and len(before.users) == uses[conv] == uses[norm] == 1
        ):
            pairs.append((str(before.target), str(node.target), fuse_conv_bn_eval(conv, norm)))
    return pairs
