"""The conversion of a standardised network on training images, before the first training step."""

import hashlib
import io
import json
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from voc_model.errors import CheckpointError
from voc_model.files import atomic_path
from voc_model.inference.backbone import digest_network
from voc_model.inference.loading import ImageLoader, ImageSet
from voc_model.metrics.conversion import ConversionReport
from voc_model.model.checkpoint import plain_model
from voc_model.model.classifier import Classifier
from voc_model.model.comparison import compute_outputs, measure_deviation
from voc_model.model.least_squares_conversion import convert_by_least_squares
from voc_model.model.preprocessing import Preprocessing, central_views
from voc_model.model.settings import TrainSettings
from voc_model.model.torch_files import read_torch_file
from voc_model.model.weight_standardization import reestimate_batch_norms
from voc_model.progress import SILENT, Reporter
from voc_model.training.epochs import Subset, plan_in_order
from voc_model.training.options import RunOptions

# What the conversions do; a new method converts again.
_METHOD = "1"
# Enough for a mean and a variance per channel; a pass over all images would give no more.
_IMAGES = 512
# Every 16th of them only checks the result, which leaves 480 for the fits.
_CHECKED = 16
# Whose activations are computed at once.
_BATCH_SIZE = 32


def convert_on_images(
    model: Classifier, train: Subset, options: RunOptions, report: Reporter = SILENT
) -> None:
    """Carries the plain network's function over to a standardised one, on training images.

    The result is kept in the cache, so that a resumed run and others with the same images, weights
    and seed read it; how good it is, is written to the run's conversion.json.

    Args:
        model: what `initial_model` returned, on the CPU; is changed in place, the same on all
            ranks.
        train: the training images.
        options: the run's.
        report: receives the progress and the result.
    """
    world = options.compute.world
    state: dict[str, Tensor] = {}
    if world.rank == 0:
        plain = plain_model(options.settings, len(train.split.classes))
        conversion = _convert_or_read(model, plain, train, options, report)
        conversion.write(options.run.conversion_path)
        _describe(conversion, report)
        state = _backbone_state(model)
    # Other processors may round differently, and features are cached by the exact weights.
    model.backbone.load_state_dict(world.broadcast(state))


def fit_to_plain(
    model: Classifier,
    plain: Classifier,
    settings: TrainSettings,
    loader: ImageLoader,
    rows: Sequence[int],
    report: Reporter = SILENT,
) -> ConversionReport:
    """Converts a model on up to 512 of the loader's images and measures the result.

    Args:
        model: a standardised copy of `plain`; is changed in place if the conversion needs images.
        plain: the plain network, on the same device.
        settings: its ws_conversion and seed.
        loader: loads images onto the device.
        rows: the training images, by the loader's rows.
        report: receives the progress.
    """
    chosen = list(rows)[:: max(1, len(rows) // _IMAGES)][:_IMAGES]
    checked = chosen[::_CHECKED]
    fitted: list[int] = []
    r_squared = {}
    if settings.ws_conversion == "reestimate":
        fitted = chosen
        _reestimate(model, loader, chosen, report)
    elif settings.ws_conversion == "least_squares":
        fitted = sorted(set(chosen) - set(checked)) or chosen
        r_squared = convert_by_least_squares(
            model.backbone,
            plain.backbone,
            _load(loader, fitted),
            settings.seed,
            report=report,
        )
    images = _load(loader, checked)
    found, expected = (compute_outputs(network.eval(), images) for network in (model, plain))
    return ConversionReport(
        kind=settings.ws_kind,
        conversion=settings.ws_conversion,
        images=len(fitted),
        r_squared=r_squared,
        deviation=measure_deviation(found, expected),
    )


def _reestimate(
    model: Classifier, loader: ImageLoader, rows: Sequence[int], report: Reporter
) -> None:
    plan = plan_in_order(rows)
    stage = "statistics of the standardised backbone"
    batches = report.track(loader.batches(plan), stage, len(rows), size=len)
    # A single image may have no variance.
    inputs = (batch.inputs for batch in batches if len(batch.rows) > 1)
    reestimate_batch_norms(model.backbone, inputs)


def _load(loader: ImageLoader, rows: Sequence[int]) -> list[Tensor]:
    views = central_views(rows)
    plan = [views[start : start + _BATCH_SIZE] for start in range(0, len(views), _BATCH_SIZE)]
    return [batch.inputs for batch in loader.batches(plan) if batch.rows]


def _convert_or_read(
    model: Classifier, plain: Classifier, train: Subset, options: RunOptions, report: Reporter
) -> ConversionReport:
    """Converts the model, or reads the result from the cache."""
    settings, compute = options.settings, options.compute
    images = ImageSet.find(train.split.voc_dir, train.split.image_ids)
    preprocessing = Preprocessing.from_settings(settings)
    path = options.cache_dir / "conversions" / f"{_key(plain, images, train, options)}.pt"
    if (kept := _read(path)) is not None:
        report.note(f"{path}: conversion of an earlier run, reused")
        if kept["backbone"]:
            model.backbone.load_state_dict(kept["backbone"])
        return ConversionReport.model_validate_json(kept["report"])
    loader = ImageLoader(images.paths, preprocessing, compute)
    for item in (model, plain):
        item.place_on(compute.device)
    conversion = fit_to_plain(model, plain, settings, loader, train.rows, report)
    backbone = _backbone_state(model) if conversion.images else {}
    file = io.BytesIO()
    torch.save({"backbone": backbone, "report": conversion.model_dump_json()}, file)
    with atomic_path(path) as temporary:
        temporary.write_bytes(file.getbuffer())
    return conversion


def _read(path: Path) -> dict[str, Any] | None:
    if not path.is_file():
        return None
    try:
        return read_torch_file(path, "")
    except CheckpointError:
        return None  # It is only a cache.


def _key(plain: Classifier, images: ImageSet, train: Subset, options: RunOptions) -> str:
    """Returns a hash of everything that a conversion depends on."""
    settings = options.settings
    parts = [
        _METHOD,
        version("torch"),
        options.compute.device.type,
        digest_network(plain.backbone),
        settings.ws_kind,
        settings.ws_conversion,
        settings.seed,
        Preprocessing.from_settings(settings).to_dict(),
        images.fingerprint,
        list(train.rows),
        len(train.split.classes),
    ]
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:32]


def _backbone_state(model: Classifier) -> dict[str, Tensor]:
    return {name: tensor.cpu() for name, tensor in model.backbone.state_dict().items()}


def _describe(conversion: ConversionReport, report: Reporter) -> None:
    if conversion.r_squared:
        report.note("R squared of the least-squares fits:")
    for name, value in conversion.r_squared.items():
        report.note(f"  {name:24} {value:.4f}")
    report.note(f"{conversion.kind}, {conversion.conversion}: {conversion.deviation.describe()}")
