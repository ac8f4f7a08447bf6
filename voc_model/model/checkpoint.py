"""A trained model with everything needed to use and evaluate it, in one file.

It is read with `weights_only=True`, so a checkpoint from elsewhere cannot run code.
"""

import io
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path

import torch
from torch import Tensor

from voc_model.errors import TRAIN_AGAIN, CheckpointError
from voc_model.files import atomic_path
from voc_model.model.classifier import Classifier, check_state, load_backbone, read_pretrained
from voc_model.model.preprocessing import Preprocessing
from voc_model.model.settings import TrainSettings
from voc_model.model.torch_files import read_torch_file
from voc_model.model.weight_standardization import standardize_weights, standardized

FORMAT_VERSION = 1


@dataclass(frozen=True, eq=False)
class Checkpoint:
    """The best epoch of a run.

    Attributes:
        model_state: the model's state dict, on the CPU.
        settings: those of its training.
        classes: C names, in the order of the outputs.
        preprocessing: how images become tensors.
        identity: hashes of the settings, weights and data that the run was made from.
        epoch: the selected epoch, from 1.
        val_map: its mean average precision on the selection images.
        selected_on: the selection images, in words.
        train_ids, selection_ids: the images trained on, and those that selected the epoch, if it
            was not the only one.
        selection_logits: (S, C) of the selection images; None unless the model is one of several
            that each leave one fold out.
    """

    model_state: Mapping[str, Tensor]
    settings: TrainSettings
    classes: tuple[str, ...]
    preprocessing: Preprocessing
    identity: Mapping[str, str]
    epoch: int
    val_map: float
    selected_on: str
    train_ids: tuple[str, ...]
    selection_ids: tuple[str, ...]
    selection_logits: Tensor | None = None

    def build_model(self) -> Classifier:
        """Returns the trained model in evaluation mode, on the CPU."""
        model = _model_shape(self.settings, len(self.classes)).to_empty(device="cpu")
        model.load_state_dict(self.model_state)
        return model.eval()


def initial_model(settings: TrainSettings, class_count: int) -> Classifier:
    """Returns the model that training starts from, the same for the same seed.

    A conversion that needs images is to follow: see `training.conversion`.

    Raises:
        CheckpointError: the pretrained weights are not available.
    """
    model = plain_model(settings, class_count)
    if settings.is_standardized:
        return standardized(model, settings.ws_kind, settings.ws_conversion)
    return model


def plain_model(settings: TrainSettings, class_count: int) -> Classifier:
    """Returns `initial_model` before any standardisation.

    Raises:
        CheckpointError: the pretrained weights are not available.
    """
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(settings.seed)
        model = _make_classifier(settings, class_count)
    if settings.weights != "none":
        state = read_pretrained(settings.weights, settings.network)
        load_backbone(model, state, settings.weights)
    return model


def save_checkpoint(path: Path, checkpoint: Checkpoint) -> None:
    """Writes a checkpoint, whole or not at all."""
    content = {item.name: getattr(checkpoint, item.name) for item in fields(checkpoint)}
    content |= {
        "format_version": FORMAT_VERSION,
        "settings": checkpoint.settings.model_dump_json(),
        "classes": list(checkpoint.classes),
        "preprocessing": checkpoint.preprocessing.to_dict(),
        # One string per list: reading a million ids creates one object, not a million.
        "train_ids": "\n".join(checkpoint.train_ids),
        "selection_ids": "\n".join(checkpoint.selection_ids),
    }
    # To memory first: given a path, torch writes its random name into the file, and the same
    # training would never give the same bytes; and it reports a full disk without the reason.
    file = io.BytesIO()
    torch.save(content, file)
    with atomic_path(path) as temporary:
        temporary.write_bytes(file.getbuffer())


def load_checkpoint(path: Path) -> Checkpoint:
    """Reads a checkpoint and checks that its tensors fit its settings.

    Raises:
        CheckpointError: the file is missing, damaged, of another version or of another model.
    """
    content = read_torch_file(path, "Train with scripts/train.py, or give --checkpoint FILE.")
    version = content.get("format_version")
    if version != FORMAT_VERSION:
        raise CheckpointError(
            f"{path}: format_version {version}, expected {FORMAT_VERSION}. "
            "Expected a checkpoint.pt that scripts/train.py wrote."
        )
    try:
        checkpoint = Checkpoint(
            model_state=content["model_state"],
            settings=TrainSettings.parse(content["settings"], saved=True),
            classes=tuple(content["classes"]),
            preprocessing=Preprocessing.from_dict(content["preprocessing"]),
            identity=content["identity"],
            epoch=content["epoch"],
            val_map=content["val_map"],
            selected_on=content["selected_on"],
            train_ids=tuple(content["train_ids"].split("\n")),
            selection_ids=tuple(filter(None, content["selection_ids"].split("\n"))),
            selection_logits=content.get("selection_logits"),
        )
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise CheckpointError(f"{path}: damaged ({error!r}). {TRAIN_AGAIN}") from error
    model = _model_shape(checkpoint.settings, len(checkpoint.classes))
    check_state(checkpoint.model_state, model.state_dict(), str(path))
    return checkpoint


def _model_shape(settings: TrainSettings, class_count: int) -> Classifier:
    """Returns the settings' architecture on the meta device, where parameters have no values."""
    with torch.device("meta"):
        model = _make_classifier(settings, class_count)
        if settings.is_standardized:
            standardize_weights(model.backbone, settings.ws_kind)
        return model


def _make_classifier(settings: TrainSettings, class_count: int) -> Classifier:
    return Classifier(
        class_count, settings.output, settings.network, settings.pooling, settings.feature_layers
    )
