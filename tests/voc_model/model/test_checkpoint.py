"""A checkpoint restores the model; invalid files are refused."""

import os
from pathlib import Path

import pytest
import torch
from tiny_voc import all_layers_settings

from voc_model.errors import CheckpointError
from voc_model.model.checkpoint import Checkpoint, initial_model, load_checkpoint, save_checkpoint
from voc_model.model.preprocessing import Preprocessing
from voc_model.model.settings import TrainSettings

SETTINGS = all_layers_settings(resize=(40, 48), crop=(32, 40))


def make_checkpoint(settings: TrainSettings = SETTINGS) -> Checkpoint:
    return Checkpoint(
        model_state=initial_model(settings, 2).state_dict(),
        settings=settings,
        classes=("bird", "grüner Baum"),
        preprocessing=Preprocessing.from_settings(settings),
        identity={"settings": "{}", "weights": "none", "data": "0"},
        epoch=3,
        val_map=0.5,
        selected_on="the val split",
        train_ids=("a 1", "b"),
        selection_ids=("c",),
    )


@pytest.mark.parametrize(
    "changes",
    [
        {"architecture": "resnet18"},
        {"architecture": "ws_resnet18"},
        {"architecture": "resnet18", "feature_layers": ("layer3", "layer4")},
        {"architecture": "ws_resnet18", "feature_layers": ("layer2",), "pooling": "average+max"},
        {"architecture": "regnet_x_400mf", "pooling": "gem"},
    ],
    ids=str,
)
def test_a_checkpoint_is_loaded_as_saved(tmp_path: Path, changes: dict[str, object]) -> None:
    settings = SETTINGS.model_copy(update=changes)
    saved = make_checkpoint(settings)
    save_checkpoint(tmp_path / "checkpoint.pt", saved)
    loaded = load_checkpoint(tmp_path / "checkpoint.pt")
    for name, value in vars(saved).items():
        if name != "model_state":
            assert getattr(loaded, name) == value, name
    expected = initial_model(settings, 2)
    expected.load_state_dict(saved.model_state)
    images = torch.randn(1, 3, 32, 40)
    with torch.no_grad():
        assert torch.equal(loaded.build_model()(images), expected.eval()(images))


def test_a_damaged_or_foreign_file_is_refused(tmp_path: Path, weights_path: Path) -> None:
    path = tmp_path / "checkpoint.pt"
    save_checkpoint(path, make_checkpoint())
    path.write_bytes(path.read_bytes()[:-1000])
    with pytest.raises(CheckpointError, match=r"checkpoint\.pt: damaged or not written by"):
        load_checkpoint(path)
    os.mkfifo(tmp_path / "pipe.pt")
    with pytest.raises(CheckpointError, match=r"pipe\.pt: .*not a regular file"):
        load_checkpoint(tmp_path / "pipe.pt")
    with pytest.raises(CheckpointError, match=r"none\.pt: not found. Train with"):
        load_checkpoint(tmp_path / "none.pt")
    with pytest.raises(CheckpointError, match="format_version None, expected 1"):
        load_checkpoint(weights_path)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"format_version": 2}, "format_version 2, expected 1"),
        ({"settings": '{"epochs": 0}'}, "damaged"),
        ({"classes": None}, "damaged"),
        ({"classes": ["bird"]}, r"head.weight is \(2, 512\), expected \(1, 512\)"),
        ({"model_state": {}}, "conv1.weight is missing"),
        ({"preprocessing": {"resize": 256, "crop": -5}}, "damaged .*out of range"),
    ],
)
def test_invalid_contents_are_reported(
    tmp_path: Path, change: dict[str, object], message: str
) -> None:
    path = tmp_path / "checkpoint.pt"
    save_checkpoint(path, make_checkpoint())
    content = torch.load(path, weights_only=True)
    torch.save(content | change, path)
    with pytest.raises(CheckpointError, match=message):
        load_checkpoint(path)


def test_a_checkpoint_with_weights_that_are_not_finite_is_refused(tmp_path: Path) -> None:
    """One NaN in the head would make all images of its class unreadable."""
    path = tmp_path / "checkpoint.pt"
    checkpoint = make_checkpoint()
    checkpoint.model_state["head.weight"][1, 3] = torch.nan
    save_checkpoint(path, checkpoint)
    with pytest.raises(CheckpointError, match=r"checkpoint\.pt: head\.weight has values that are"):
        load_checkpoint(path)
