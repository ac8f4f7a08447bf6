"""A network with one sigmoid output per class, and the pretrained weights it starts from."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from voc_model.errors import CheckpointError
from voc_model.model.architectures import LAST_STAGE, Stage, imagenet_weights, make_backbone
from voc_model.model.pooling import Pooling
from voc_model.model.setting_fields import OutputKind
from voc_model.model.torch_files import read_torch_file

_WEIGHTS_EXPECTED = (
    "Give a state dict of torchvision's network of that name, saved with torch.save: "
    "--weights FILE."
)


# torchvision's files of DenseNets write "norm.1" for what is now "norm1".
_OLD_DENSENET = re.compile(r"(denselayer\d+\.(?:norm|conv))\.([12]\.)")


class Classifier(nn.Module):
    """A multi-label classifier: a network of torchvision up to its features, then a linear head.

    Attributes:
        backbone: images (B, 3, H, W) -> features (B, D); D = 512 for ResNet18.
        head: features (B, D) -> logits (B, C).
        output: what `forward` returns: sigmoid scores in [0, 1] or logits.
    """

    def __init__(
        self,
        class_count: int,
        output: OutputKind = "sigmoid",
        network: str = "resnet18",
        pooling: Pooling = "average",
        stages: Sequence[Stage] = LAST_STAGE,
    ) -> None:
        super().__init__()
        self.backbone, feature_count = make_backbone(network, pooling, stages)
        self.head = nn.Linear(feature_count, class_count)
        self.output = output

    def place_on(self, device: torch.device) -> "Classifier":
        """Moves the model to a device, in the memory layout in which convolutions are fastest."""
        return self.to(device).to(memory_format=torch.channels_last)

    def forward(self, images: Tensor) -> Tensor:
        """Returns (B, C) scores or logits, as `output` says."""
        logits: Tensor = self.head(self.backbone(images))
        return logits.sigmoid() if self.output == "sigmoid" else logits

    def predict(self, images: Tensor) -> Tensor:
        """Returns sigmoid scores (B, C) in [0, 1], whatever `output` says."""
        scores: Tensor = self.head(self.backbone(images)).sigmoid()
        return scores


def read_pretrained(weights: str, network: str = "resnet18") -> Mapping[str, Tensor]:
    """Returns a state dict of one of torchvision's networks.

    Args:
        weights: `imagenet` for `imagenet_weights` (downloaded once), or the path of a file.
        network: torchvision's name.

    Raises:
        CheckpointError: the download failed, or the file is missing or not such a state dict.
    """
    if weights != "imagenet":
        return _read_state_dict(Path(weights))
    try:
        # check_hash: a corrupted download must not pass for trained weights.
        state: Mapping[str, Tensor] = imagenet_weights(network).get_state_dict(
            progress=False, check_hash=True
        )
        return state
    except (OSError, RuntimeError) as error:
        raise CheckpointError(
            f"the ImageNet weights of {network} could not be downloaded ({error}). Connect this "
            f"machine to the network once, or download torchvision's weights of {network} "
            "elsewhere and pass the file: --weights FILE"
        ) from error


def load_backbone(model: Classifier, state: Mapping[str, Tensor], source: str) -> None:
    """Loads pretrained weights into the backbone; ignores those of parts that it lacks.

    These are the last layer, auxiliary outputs and stages after the last one used.

    Args:
        source: the file's name, for messages.

    Raises:
        CheckpointError: a tensor is missing, unknown or of the wrong shape; the message names it.
    """
    lacking = tuple(
        f"{name}." for name, part in model.backbone.named_modules() if isinstance(part, nn.Identity)
    )
    given = {
        _OLD_DENSENET.sub(r"\1\2", name): value
        for name, value in state.items()
        if not name.startswith(lacking)
    }
    wanted = model.backbone.state_dict()
    # Old files lack the batch counters, which nothing reads while momentum is a number.
    for name in wanted:
        if name.endswith("num_batches_tracked"):
            given.setdefault(name, torch.tensor(0))
    check_state(given, wanted, source)
    model.backbone.load_state_dict(given)


def check_state(given: Mapping[str, Any], wanted: Mapping[str, Tensor], source: str) -> None:
    """Checks that a state dict fits a model and that all its values are finite.

    Raises:
        CheckpointError: it does not; the message names the file and the first wrong tensor.
    """
    for name, tensor in wanted.items():
        if name not in given:
            raise CheckpointError(
                f"{source}: the tensor {name} is missing: the file is of a different model."
            )
        if not isinstance(given[name], Tensor) or given[name].shape != tensor.shape:
            found = getattr(given[name], "shape", type(given[name]).__name__)
            found = tuple(found) if isinstance(found, torch.Size) else found
            raise CheckpointError(
                f"{source}: {name} is {found}, expected {tuple(tensor.shape)}: "
                "the file is of a different model."
            )
        if not given[name].isfinite().all():
            raise CheckpointError(
                f"{source}: {name} has values that are not finite: the training that wrote the "
                "file diverged, or it is damaged. Use another file."
            )
    for name in given:
        if name not in wanted:
            raise CheckpointError(
                f"{source}: unexpected tensor {name}: the file is of a different model."
            )


def _read_state_dict(path: Path) -> Mapping[str, Tensor]:
    state = read_torch_file(path, _WEIGHTS_EXPECTED)
    if "format_version" in state:
        raise CheckpointError(
            f"{path}: found a checkpoint of this tool, expected weights of torchvision. Score it "
            "with scripts/precompute_scores.py --checkpoint FILE."
        )
    for name, value in state.items():
        if not isinstance(name, str) or not isinstance(value, Tensor):
            raise CheckpointError(
                f"{path}: found {name!r}: {type(value).__name__}, expected tensors by name. "
                f"{_WEIGHTS_EXPECTED}"
            )
    return state
