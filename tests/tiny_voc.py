"""A VOC folder of tiny images that a network learns within a second, and settings for it."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from matplotlib.figure import Figure
from PIL import Image
from PIL.PngImagePlugin import PngInfo
from torch import nn
from torchvision.models import resnet18
from torchvision.models.resnet import BasicBlock, ResNet

from voc_model.data.voc import image_path, read_split
from voc_model.inference import backbone, loading
from voc_model.model import architectures
from voc_model.model.checkpoint import load_checkpoint
from voc_model.model.classifier import Classifier
from voc_model.model.settings import TrainSettings
from voc_model.store.runs import RunFolder
from voc_model.training.options import RunOptions

OptionsMaker = Callable[..., RunOptions]
ArgumentsMaker = Callable[..., list[str]]

CLASSES = ("bird", "boat", "bus")
TRAIN_IMAGES, VAL_IMAGES = 20, 12

# Each class is one colour channel, so that classes can be learnt.
_HEIGHT, _WIDTH = 30, 40


# Tests run in parallel: more threads than cores would only slow them down.
torch.set_num_threads(1)


def make_tiny_voc(folder: Path, seed: int = 0) -> Path:
    """Writes train and val lists and images; a class is present where its channel is bright.

    The birds in the first image of each split are difficult. Returns the VOC folder.
    """
    rng = np.random.default_rng(seed)
    lists = folder / "ImageSets" / "Main"
    lists.mkdir(parents=True)
    (folder / "JPEGImages").mkdir()
    for split, count, first in (("train", TRAIN_IMAGES, 0), ("val", VAL_IMAGES, TRAIN_IMAGES)):
        image_ids = [f"2008_{number:06}" for number in range(first, first + count)]
        present = rng.random((count, len(CLASSES))) < 0.5
        (lists / f"{split}.txt").write_text("\n".join(image_ids) + "\n")
        for column, name in enumerate(CLASSES):
            flags = ["1" if item else "-1" for item in present[:, column]]
            if name == "bird":
                flags[0] = "0"
            lines = [f"{item} {flag}" for item, flag in zip(image_ids, flags, strict=True)]
            (lists / f"{name}_{split}.txt").write_text("\n".join(lines) + "\n")
        for image_id, row in zip(image_ids, present, strict=True):
            noise = rng.integers(0, 60, (_HEIGHT, _WIDTH, 3))
            pixels = (noise + 150 * row).astype(np.uint8)
            Image.fromarray(pixels).save(folder / "JPEGImages" / f"{image_id}.jpg", quality=95)
    return folder


def make_many(voc_dir: Path, images: int) -> Path:
    """Writes a tiny VOC folder with an additional split `many`, which reuses the same images."""
    make_tiny_voc(voc_dir)
    sources = sorted((voc_dir / "JPEGImages").iterdir())
    image_ids = [f"many_{number:05}" for number in range(images)]
    for number, image_id in enumerate(image_ids):
        (voc_dir / "JPEGImages" / f"{image_id}.jpg").hardlink_to(sources[number % len(sources)])
    lists = voc_dir / "ImageSets" / "Main"
    (lists / "many.txt").write_text("\n".join(image_ids))
    for name in CLASSES:
        lines = [f"{image_id} {'1' if name == 'bird' else '-1'}" for image_id in image_ids]
        (lists / f"{name}_many.txt").write_text("\n".join(lines))
    return voc_dir


def train_paths(voc_dir: Path) -> list[Path]:
    """Returns the paths of the training images in the order of the split."""
    return [image_path(voc_dir, image_id) for image_id in read_split(voc_dir, "train").image_ids]


def small_resnet(weights: None = None) -> ResNet:
    """ResNet18 with one block per stage instead of two, which takes half the time."""
    return ResNet(BasicBlock, [1, 1, 1, 1])


def narrow_resnet(weights: None = None) -> ResNet:
    """`small_resnet` with an eighth of its channels: least squares takes their number cubed."""
    network = ResNet(BasicBlock, [1, 1, 1, 1])
    narrow(network, 8)
    network.fc = nn.Linear(64, 1000)
    return network


def narrow(network: ResNet, factor: int) -> None:
    """Divides the number of channels of a network's convolutions, with new parameters."""
    for name, part in list(network.named_modules()):
        parent, _, child = name.rpartition(".")
        if isinstance(part, nn.Conv2d):
            part.in_channels = max(part.in_channels // factor, 3)
            part.out_channels //= factor
            shape = (part.out_channels, part.in_channels // part.groups, *part.kernel_size)
            part.weight = nn.Parameter(torch.empty(shape))
            nn.init.kaiming_normal_(part.weight, mode="fan_out", nonlinearity="relu")
        elif isinstance(part, nn.BatchNorm2d):
            made = nn.BatchNorm2d(part.num_features // factor)
            setattr(network.get_submodule(parent), child, made)


def use_small_network(set_attribute: Callable[..., None] = setattr) -> None:
    """Trains `small_resnet` in place of ResNet18.

    The tests of `model` and `inference` compute with ResNet18, as does `launch_torchrun`.
    """
    set_attribute(architectures, "build_network", lambda _network: small_resnet())


def use_narrow_network(set_attribute: Callable[..., None] = setattr) -> None:
    """Trains `narrow_resnet` in place of ResNet18, without OpenVINO."""
    set_attribute(architectures, "build_network", lambda _network: narrow_resnet())
    use_pytorch_only(set_attribute)


def skip_rendering(set_attribute: Callable[..., None] = setattr) -> None:
    """Saves figures as single pixels, with their metadata: rendering takes longer than training."""

    def save(figure: Figure, path: Path, *, metadata: dict[str, str], **_options: object) -> None:
        info = PngInfo()
        for name, text in metadata.items():
            info.add_text(name, text)
        Image.new("1", (1, 1)).save(path, "PNG", pnginfo=info)

    set_attribute(Figure, "savefig", save)


def write_weights(path: Path, network: Callable[..., ResNet] = resnet18, seed: int = 1) -> Path:
    """Writes a torchvision state dict with random filters and non-trivial batch statistics."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        model = network(weights=None)
        for name, buffer in model.named_buffers():
            if name.endswith("running_mean"):
                buffer.normal_(0, 0.2)
            elif name.endswith("running_var"):
                buffer.uniform_(0.3, 2)
    torch.save(model.state_dict(), path)
    return path


def head_settings(weights: Path, **changes: object) -> TrainSettings:
    """Returns settings that train the last layer on frozen features of tiny images."""
    fields = {"weights": str(weights), "resize": 40, "crop": 32, "epochs": 3, "batch_size": 8}
    return TrainSettings.model_validate(fields | changes)


def all_layers_settings(**changes: object) -> TrainSettings:
    """Returns settings that train every layer from scratch on tiny images."""
    fields = {
        "weights": "none",
        "trainable": "all",
        "resize": 40,
        "crop": 32,
        "epochs": 3,
        "batch_size": 8,
        "random_flip": True,
        "random_crop": True,
        "optimizer": "adamw",
        "schedule": "cosine",
    }
    return TrainSettings.model_validate(fields | changes)


def use_pytorch_only(set_attribute: Callable[..., None] = setattr) -> None:
    """Leaves OpenVINO out, whose conversion takes longer than a tiny training.

    test_backbone.py and the tests of scoring hold that it computes the same.
    """
    set_attribute(
        backbone,
        "compile_for_cpu",
        lambda network, precision, _size: backbone.cast_network(network, precision),
    )
    set_attribute(backbone, "_COMPILED", {})


def freeze_statistics() -> None:
    """Keeps batch normalisation in evaluation mode, in which it is independent of the batch.

    Images are not kept in memory, as for a large data set: a broken one is found in training.
    """
    use_pytorch_only()
    loading._MEMORY_BUDGET_BYTES = 0
    Classifier.train = _keep_evaluating  # type: ignore[method-assign]


def _keep_evaluating(model: Classifier, _mode: bool = True) -> Classifier:
    nn.Module.train(model, False)
    return model


def assert_same_model(left: RunFolder, right: RunFolder) -> None:
    """Checks that the checkpoints of two runs have equal weights, bit for bit."""
    first, second = (load_checkpoint(run.checkpoint_path) for run in (left, right))
    assert (first.epoch, first.val_map) == (second.epoch, second.val_map)
    assert first.train_ids == second.train_ids
    for name, tensor in first.model_state.items():
        assert torch.equal(tensor, second.model_state[name]), name
