"""torchvision's classifiers as backbones: images -> features, which is what their last layer takes.

A part that is left out becomes an nn.Identity, so all others keep torchvision's names, and so do
their tensors in files of weights.
"""

from collections.abc import Sequence
from difflib import get_close_matches
from functools import cache
from typing import Literal, get_args

import torch
from torch import Tensor, nn
from torchvision import models
from torchvision.models import WeightsEnum, resnet

from voc_model.model.pooling import Pooling, make_pooling

Stage = Literal["layer1", "layer2", "layer3", "layer4"]
LAST_STAGE: tuple[Stage, ...] = ("layer4",)

# Of an architecture whose convolutions are weight-standardised.
_WS = "ws_"
# Outputs of training only, for a loss that nothing here has.
_AUXILIARY = ("aux1", "aux2", "AuxLogits")


class StageFeatures(nn.Sequential):
    """A ResNet whose features are those of several stages, each pooled, one after the other.

    Attributes:
        kind: the stages' names.
    """

    def __init__(self, network: resnet.ResNet, stages: Sequence[Stage]) -> None:
        super().__init__()
        for name, part in network.named_children():
            is_needed = name not in get_args(Stage) or name <= max(stages)
            self.add_module(name, part if is_needed else nn.Identity())
        self.kind = " ".join(stages)

    def forward(self, images: Tensor) -> Tensor:
        maps, pooled = images, []
        pool = self.get_submodule("avgpool")
        for name, part in self.named_children():
            if part is pool:
                break
            maps = part(maps)
            if name in self.kind.split():
                pooled.append(pool(maps).flatten(1))
        return torch.cat(pooled, 1)


@cache
def list_architectures() -> tuple[str, ...]:
    """Returns the names of all of torchvision's classifiers, and `ws_` with those of ResNets."""
    # Those of MNASNet load no state dict from which the version of its format is missing.
    names = [name for name in models.list_models(models) if not name.startswith("mnasnet")]
    return (*names, *(_WS + name for name in names if _is_resnet(name)))


def check_architecture(name: str) -> str:
    """Returns the name of an architecture.

    Raises:
        ValueError: there is none of this name; the message has the closest ones.
    """
    known = list_architectures()
    if name not in known:
        close = get_close_matches(name, known, n=3, cutoff=0.5) or ["resnet18", "resnet50"]
        raise ValueError(f"Expected the name of a classifier of torchvision, e.g. {_join(close)}")
    return name


def split_architecture(name: str) -> tuple[str, bool]:
    """Returns torchvision's name, and whether the convolutions are weight-standardised."""
    return name.removeprefix(_WS), name.startswith(_WS)


@cache
def check_backbone(
    network: str, pooling: Pooling, stages: tuple[Stage, ...], size: tuple[int, int]
) -> None:
    """Checks, without computing anything, that features of images of a size are defined.

    Args:
        network: torchvision's name.
        size: height and width in pixels.

    Raises:
        ValueError: they are not; the message says why.
    """
    with torch.device("meta"), torch.no_grad():
        backbone, count = make_backbone(network, pooling, stages)
        try:
            features = backbone.eval()(torch.empty(1, 3, *size))
        except (RuntimeError, AssertionError, ValueError) as error:
            reason = str(error).partition("\n")[0]
            raise ValueError(
                f"{network} with pooling {pooling!r} has no features of {size[0]}x{size[1]} pixels "
                f"({reason}). Set pooling to 'average', and crop to the size that the network was "
                "made for, usually 224"
            ) from None
    if features.shape != (1, count):
        raise ValueError(
            f"{network}: found features of shape {tuple(features.shape)}, expected (1, {count}). "
            "Choose another architecture"
        )


def make_backbone(
    network: str, pooling: Pooling = "average", stages: Sequence[Stage] = LAST_STAGE
) -> tuple[nn.Module, int]:
    """Returns a backbone with random weights, and the number D of its features.

    Args:
        network: torchvision's name.
        pooling: what replaces the average over positions before the last layer.
        stages: of ResNets: whose features are pooled and joined, in forward order.

    Raises:
        ValueError: the network has no such average, or no such stages.
    """
    made = build_network(network)
    head_name, head = [
        (name, part)
        for name, part in made.named_modules()
        if isinstance(part, nn.Linear | nn.Conv2d)
    ][-1]
    count = head.in_features if isinstance(head, nn.Linear) else head.in_channels
    made.set_submodule(head_name, nn.Identity())
    if pooling != "average":
        made.set_submodule(_find_average(made, network, pooling), make_pooling(pooling))
    if tuple(stages) != LAST_STAGE:
        if not isinstance(made, resnet.ResNet):
            raise ValueError(f"feature_layers are stages of ResNets; {network} is none")
        # Each stage of a ResNet has twice the features of the one before it.
        count = sum(count >> (len(get_args(Stage)) - int(name[-1])) for name in stages)
        made = StageFeatures(made, stages)
    return made, 2 * count if pooling == "average+max" else count


def build_network(network: str) -> nn.Module:
    """Returns one of torchvision's classifiers with random weights, as its builder makes it."""
    device = torch.get_default_device()
    if network in ("googlenet", "inception_v3"):
        # Their weights are TensorFlow's, which expects pixels in [-1, 1].
        made = models.get_model(network, weights=None, init_weights=True, transform_input=True)
        made.aux_logits = False
        for name in _AUXILIARY:
            if hasattr(made, name):
                setattr(made, name, nn.Identity())
    elif network.startswith("regnet"):
        with torch.device("cpu"):  # Its widths are computed by tensors, which must have values.
            made = models.get_model(network, weights=None).to(device)
    else:
        made = models.get_model(network, weights=None)
    classifier: nn.Module = made
    return classifier


def imagenet_weights(network: str) -> WeightsEnum:
    """Returns torchvision's weights of version 1, trained on ImageNet-1K alone.

    Version 2, which some networks have, is better on ImageNet; but the label smoothing and mixing
    of images that it was trained with cost frozen features (Kornblith, Chen, Lee, Norouzi: Why Do
    Better Loss Functions Lead to Less Transferable Features?, NeurIPS 2021).

    Raises:
        ValueError: there are none.
    """
    weights = models.get_model_weights(network)
    if "IMAGENET1K_V1" not in weights.__members__:
        raise ValueError(
            f"torchvision has no weights of {network} trained on ImageNet-1K alone: set weights to "
            "a file, or choose another architecture"
        )
    return weights["IMAGENET1K_V1"]


def channel_statistics(network: str) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Returns mean and standard deviation of the channels that a network's weights expect."""
    transforms = next(iter(models.get_model_weights(network))).transforms()
    return tuple(transforms.mean), tuple(transforms.std)


def _is_resnet(network: str) -> bool:
    return bool(models.get_model_builder(network).__module__ == resnet.__name__)


def _find_average(made: nn.Module, network: str, pooling: Pooling) -> str:
    """Returns the name of the average over all positions that precedes the last layer."""
    for name, part in made.named_modules():
        # Others, in squeeze-and-excitation blocks, are deeper.
        is_last = name == "avgpool" or name.startswith("classifier.")
        if is_last and isinstance(part, nn.AdaptiveAvgPool2d) and part.output_size in (1, (1, 1)):
            return str(name)
    raise ValueError(
        f"pooling {pooling!r} replaces a network's average over positions; {network} has none. Set "
        "pooling to 'average', or choose a ResNet"
    )


def _join(names: Sequence[str]) -> str:
    return ", ".join(map(repr, names))
