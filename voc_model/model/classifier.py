"""A network with one sigmoid output per class, and the pretrained weights it starts from.

He, Zhang, Ren, Sun: Deep Residual Learning for Image Recognition, CVPR 2016; torchvision's
implementation and weights.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torchvision.models import ResNet18_Weights, resnet18

from voc_model.errors import CheckpointError
from voc_model.model.settings import OutputKind
from voc_model.model.torch_files import read_torch_file

_WEIGHTS_EXPECTED = (
    "Give a state dict of torchvision's resnet18, saved with torch.save: --weights FILE."
)


class Classifier(nn.Module):
    """A multi-label classifier: torchvision's ResNet18 up to its features, then a linear head.

    Attributes:
        backbone: images (B, 3, H, W) -> features (B, D); D = 512.
        head: features (B, D) -> logits (B, C).
        output: what `forward` returns: sigmoid scores in [0, 1] or logits.
    """

    def __init__(self, class_count: int, output: OutputKind = "sigmoid") -> None:
        super().__init__()
        self.backbone = resnet18(weights=None)
        self.head = nn.Linear(self.backbone.fc.in_features, class_count)
        self.backbone.fc = nn.Identity()  # the layer for ImageNet's 1,000 classes
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


def read_pretrained(weights: str) -> Mapping[str, Tensor]:
    """Returns a torchvision ResNet18 state dict.

    Args:
        weights: `imagenet` for torchvision's own (downloaded once), or the path of a file.

    Raises:
        CheckpointError: the download failed, or the file is missing or not such a state dict.
    """
    if weights != "imagenet":
        return _read_state_dict(Path(weights))
    try:
        # check_hash: a corrupted download must not pass for trained weights.
        weights_of_torchvision = ResNet18_Weights.IMAGENET1K_V1
        state: Mapping[str, Tensor] = weights_of_torchvision.get_state_dict(
            progress=False, check_hash=True
        )
        return state
    except (OSError, RuntimeError) as error:
        raise CheckpointError(
            f"ResNet18's ImageNet weights could not be downloaded ({error}). Connect this machine "
            "to the network once, or download torchvision's resnet18 weights elsewhere and pass "
            "the file: --weights FILE"
        ) from error


def load_backbone(model: Classifier, state: Mapping[str, Tensor], source: str) -> None:
    """Loads pretrained weights into the backbone; ignores a final layer in `state`.

    Args:
        source: the file's name, for messages.

    Raises:
        CheckpointError: a tensor is missing, unknown or of the wrong shape; the message names it.
    """
    given = {name: value for name, value in state.items() if not name.startswith("fc.")}
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
            raise CheckpointError(f"{source}: the tensor {name} is missing; expected a ResNet18.")
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
            f"{path}: found a checkpoint of this tool, expected ResNet18 weights. Score it with "
            "scripts/precompute_scores.py --checkpoint FILE."
        )
    for name, value in state.items():
        if not isinstance(name, str) or not isinstance(value, Tensor):
            raise CheckpointError(
                f"{path}: found {name!r}: {type(value).__name__}, expected tensors by name. "
                f"{_WEIGHTS_EXPECTED}"
            )
    return state
