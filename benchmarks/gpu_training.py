"""Training steps on a GPU: with the project's loop, and without waiting for the GPU."""

import copy
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import torch
from finetuning import OurLoop
from gpu_loading import repeating, synchronize
from gpu_network import cudnn
from gpu_report import Variant
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from voc_model.inference.devices import Compute
from voc_model.inference.loading import Batch, ImageLoader
from voc_model.model.classifier import Classifier
from voc_model.model.preprocessing import Preprocessing, central_views
from voc_model.model.settings import Precision, TrainSettings, read_settings
from voc_model.training.epochs import FeatureLoader, plan_epoch

Labels = NDArray[np.int8]

_CONFIGS = Path(__file__).parents[1] / "configs"


def make_settings(weights: str, epochs: int, batch_size: int) -> TrainSettings:
    """Returns the settings of configs/finetune.json at a constant learning rate."""
    changes = {"weights": weights, "epochs": epochs, "batch_size": batch_size}
    constant = {"schedule": "constant", "warmup_epochs": 0, "backbone_lr_factor": 1.0}
    return read_settings(_CONFIGS / "finetune.json").model_copy(update=changes | constant)


def file_loop(
    model: Classifier,
    labels: Labels,
    paths: Sequence[Path],
    settings: TrainSettings,
    compute: Compute,
    keep_decoded: bool = False,
) -> OurLoop:
    """Returns the project's training loop over image files, for a copy of a model."""
    preprocessing = Preprocessing.from_settings(settings, varied=True)
    loader = ImageLoader(list(paths), preprocessing, compute, keep_decoded)
    return OurLoop(copy.deepcopy(model), labels, settings, loader, compute)


def step_variants(
    model: Classifier, images: Tensor, labels: Labels, settings: TrainSettings, times: int
) -> list[Variant]:
    """Returns steps on batches in the device's memory, of the settings' size and of all images.

    The project sets cudnn.deterministic in training; "no waits" never asks the device for a
    number, and keeps no average of the weights.
    """

    def ours(precision: Precision, batch: Tensor) -> Callable[[], object]:
        compute = Compute(images.device, precision)
        loop = OurLoop(copy.deepcopy(model), labels, settings, FeatureLoader(batch, ()), compute)
        return partial(loop.step, Batch(list(range(len(batch))), batch, {}))

    small = images[: settings.batch_size]
    suffix = f", batches of {len(images)}"
    steps = {
        "ours, bfloat16": (_deterministic(ours("bfloat16", small)), small),
        "ours, float32": (_deterministic(ours("float32", small)), small),
        "not deterministic, bfloat16": (ours("bfloat16", small), small),
        "no waits, bfloat16": (_free_step(model, small, labels), small),
        f"ours, bfloat16{suffix}": (_deterministic(ours("bfloat16", images)), images),
        f"no waits, bfloat16{suffix}": (_free_step(model, images, labels), images),
    }
    return [_step_variant(name, run, batch, times) for name, (run, batch) in steps.items()]


def compiled_step(
    model: Classifier, images: Tensor, labels: Labels, settings: TrainSettings, times: int
) -> Variant:
    """Returns steps with a compiled backbone, otherwise as "no waits"."""
    small = images[: settings.batch_size]
    run = _free_step(model, small, labels, compile_backbone=True)
    return _step_variant("compiled, no waits, bfloat16", run, small, times)


def epoch_variants(
    model: Classifier,
    labels: Labels,
    paths: Sequence[Path],
    settings: TrainSettings,
    compute: Compute,
) -> list[Variant]:
    """Returns epochs over image files with the project's loop, and their loading alone.

    Half of the files are so few that the project keeps them in memory; it decodes more again in
    every epoch.
    """

    def variant(name: str, loop: OurLoop, run: Callable[[], object]) -> Variant:
        def complete() -> None:
            run()
            synchronize(compute.device)

        count, batch = len(loop.job.train.rows), settings.batch_size
        return Variant(name, _deterministic(complete), count, batch=batch)

    decoding = file_loop(model, labels, paths, settings, compute)
    half = len(paths) // 2
    keeping = file_loop(model, labels[:half], paths[:half], settings, compute, keep_decoded=True)
    return [
        variant("ours, decoded in every epoch", decoding, partial(decoding.train, 1)),
        variant("ours, loading alone", decoding, partial(_load, decoding)),
        variant("ours, kept in memory", keeping, partial(keeping.train, 1)),
        variant("ours, loading alone from memory", keeping, partial(_load, keeping)),
    ]


def head_variants(
    model: Classifier, labels: Labels, devices: Sequence[torch.device]
) -> list[Variant]:
    """Returns epochs of the reference recipe, the head alone on cached features, per device."""
    settings = read_settings(_CONFIGS / "adam_model.json")
    variants = []
    for device in devices:
        features = torch.randn(len(labels), model.head.in_features, device=device)
        loader = FeatureLoader(features, central_views(range(len(labels))))
        own = copy.deepcopy(model).to(device)
        loop = OurLoop(own, labels, settings, loader, Compute(device))
        name = f"ours, head alone on {device.type}"
        run = partial(loop.train, 1)  # Waits for every step's loss.
        variants.append(Variant(name, run, len(labels), batch=settings.batch_size))
    return variants


def _free_step(
    model: Classifier, images: Tensor, labels: Labels, compile_backbone: bool = False
) -> Callable[[], object]:
    own = copy.deepcopy(model).train()
    optimizer = torch.optim.AdamW(own.parameters(), 1e-4, weight_decay=0.05, fused=True)
    targets = torch.from_numpy(labels[: len(images)]).clamp(min=0).float().to(images.device)
    backbone = torch.compile(own.backbone) if compile_backbone else own.backbone

    def step() -> None:
        optimizer.zero_grad()
        with torch.autocast(images.device.type, torch.bfloat16):
            features = backbone(images)
        logits = own.head(features.float())
        loss = functional.binary_cross_entropy_with_logits(logits, targets)
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()

    return step


def _step_variant(name: str, run: Callable[[], object], images: Tensor, times: int) -> Variant:
    variant = repeating(name, run, len(images), images.device, times)
    return replace(variant, batch=len(images))


def _load(loop: OurLoop) -> None:
    for _ in loop.job.train.batches(plan_epoch(loop.job.train.rows, loop.job.settings, 1)):
        pass


def _deterministic(run: Callable[[], object]) -> Callable[[], object]:
    def compute() -> object:
        with cudnn(deterministic=True):
            return run()

    return compute
