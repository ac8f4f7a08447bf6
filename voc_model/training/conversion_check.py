"""Checks what is claimed about converted networks, by comparing them with the plain one."""

import copy
import math
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Literal, NamedTuple

import torch
from pydantic import BaseModel
from torch import Tensor

from voc_model.data.voc import Split, read_split
from voc_model.errors import DataError
from voc_model.inference.devices import Compute
from voc_model.inference.loading import ImageLoader, ImageSet
from voc_model.metrics.conversion import ConversionReport, Deviation
from voc_model.model.checkpoint import plain_model
from voc_model.model.classifier import Classifier
from voc_model.model.comparison import Outputs, compute_outputs, measure_deviation
from voc_model.model.preprocessing import Preprocessing, central_views
from voc_model.model.setting_fields import Conversion, WeightStandardization
from voc_model.model.settings import TrainSettings
from voc_model.model.weight_standardization import standardized
from voc_model.progress import SILENT, Reporter
from voc_model.training.conversion import fit_to_plain

Mode = Literal["evaluation", "training"]

_MAX_BATCH = 32

# Greatest differences of a logit that count as none.
_EXACT = {"float64": 1e-10, "float32": 1e-3}
# Of the features in training mode: what eps, which n does not cancel, may alter, and what is wrong.
_SMALL, _LARGE = 0.02, 0.1


class _Case(NamedTuple):
    """A conversion, how the networks are computed, and what is claimed."""

    conversion: Conversion
    mode: Mode
    dtype: str
    claim: str
    holds: Callable[[Deviation], bool]


def _exact(conversion: Conversion, dtype: str) -> _Case:
    limit = _EXACT[dtype]
    claim = f"greatest logit <= {limit:g}"
    return _Case(
        conversion, "evaluation", dtype, claim, lambda found: found.greatest_logit <= limit
    )


def _differs(conversion: Conversion, mode: Mode, reason: str, dtype: str = "float64") -> _Case:
    claim = f"features > {_LARGE:g}: {reason}"
    return _Case(conversion, mode, dtype, claim, lambda found: found.features > _LARGE)


def _is_nearer(conversion: Conversion, share: float, previous: float) -> _Case:
    claim = f"features < {share:g} of the row above"
    holds = lambda found: found.features < share * previous  # noqa: E731
    return _Case(conversion, "evaluation", "float32", claim, holds)


_CASES = (
    _differs("none", "evaluation", "a plain swap is another network"),
    _exact("running_statistics", "float64"),
    _exact("running_statistics", "float32"),
    _exact("scale_and_shift", "float64"),
    _exact("scale_and_shift", "float32"),
    _Case(
        "running_statistics", "training", "float64",
        f"features < {_SMALL:g}: the batch's statistics cancel n",
        lambda found: found.features < _SMALL,
    ),
    _differs("scale_and_shift", "training", "n is cancelled, and stays in gamma"),
)  # fmt: skip
# Conversions of `full`, and the greatest share of the deviation of the one before.
_FULL: tuple[tuple[Conversion, float], ...] = (
    ("none", 1.0), ("reestimate", 1.0), ("least_squares", 0.5),
)  # fmt: skip


class CheckRow(BaseModel):
    """A comparison with the plain network.

    Attributes:
        kind, conversion: the settings ws_kind and ws_conversion.
        mode: of both networks.
        dtype: of their arithmetic.
        claim: what is claimed about the deviation, in words.
        deviation: as measured.
        holds: whether the claim is true.
    """

    kind: WeightStandardization
    conversion: Conversion
    mode: Mode
    dtype: str
    claim: str
    deviation: Deviation
    holds: bool


class CheckReport(BaseModel):
    """All comparisons, and how good the least-squares conversion is."""

    rows: list[CheckRow]
    least_squares: ConversionReport


def check_conversions(
    voc_dir: Path,
    settings: TrainSettings,
    image_count: int,
    compute: Compute,
    report: Reporter = SILENT,
) -> CheckReport:
    """Compares every conversion with the plain network on images of val_split.

    Those that need images use train_split.

    Args:
        voc_dir: the folder that holds JPEGImages.
        settings: say which weights, splits, preprocessing and seed.
        image_count: how many images are compared, or all if there are fewer.
        compute: says on which device; the precision is always that of the row.
        report: receives the progress.

    Raises:
        DataError: no image can be read, or a split is invalid.
        CheckpointError: the weights are not available.
    """
    train = read_split(voc_dir, settings.train_split, absent_flag=settings.absent_flag)
    val = read_split(voc_dir, settings.val_split, train.classes, settings.absent_flag)
    count = len(val.image_ids)
    chosen = [number * count // image_count for number in range(image_count)]
    loaders = [_make_loader(split, settings, compute) for split in (train, val)]
    batches = _load(loaders[1], sorted(set(chosen)))
    if not batches:
        raise DataError(f"{voc_dir}: no image of split {val.name!r} can be read.")
    # TF32 keeps 11 bits.
    with torch.backends.cudnn.flags(enabled=True, deterministic=True, allow_tf32=False):
        reference = _Reference(plain_model(settings, len(train.classes)), batches)
        rows = _check_scale(reference, report)
        full, fitted = _check_full(
            reference, settings, loaders[0], range(len(train.image_ids)), report
        )
    return CheckReport(rows=rows + full, least_squares=fitted)


class _Reference:
    """The plain network and the images to compare on.

    Args:
        plain: float32, on the CPU.
        batches: normalised images, on the device.
    """

    def __init__(self, plain: Classifier, batches: Sequence[Tensor]) -> None:
        self._plain = plain
        self._batches = batches
        self._outputs: dict[tuple[Mode, str], Outputs] = {}

    def plain(self, dtype: str = "float32") -> Classifier:
        """Returns a copy of the plain network, on the device."""
        return copy.deepcopy(self._plain).to(self._batches[0].device, getattr(torch, dtype))

    def measure(self, model: Classifier, mode: Mode, dtype: str) -> Deviation:
        """Returns how far a model of a type is from the plain network in a mode."""
        if (mode, dtype) not in self._outputs:
            self._outputs[mode, dtype] = self._compute(self.plain(dtype), mode, dtype)
        found = self._compute(model, mode, dtype)
        return measure_deviation(found, self._outputs[mode, dtype])

    def _compute(self, model: Classifier, mode: Mode, dtype: str) -> Outputs:
        images = (batch.to(getattr(torch, dtype)) for batch in self._batches)
        return compute_outputs(model.train(mode == "training"), images)


def _make_loader(split: Split, settings: TrainSettings, compute: Compute) -> ImageLoader:
    paths = ImageSet.find(split.voc_dir, split.image_ids).paths
    return ImageLoader(paths, Preprocessing.from_settings(settings), compute)


def _load(loader: ImageLoader, rows: Sequence[int]) -> list[Tensor]:
    """Returns batches of about the same size: a single image has no batch statistics."""
    size = math.ceil(len(rows) / math.ceil(len(rows) / _MAX_BATCH))
    views = central_views(rows)
    plan = [views[start : start + size] for start in range(0, len(views), size)]
    return [batch.inputs for batch in loader.batches(plan) if batch.rows]


def _check_scale(reference: _Reference, report: Reporter) -> list[CheckRow]:
    rows = []
    for case in report.track(_CASES, "comparisons", unit="networks"):
        # The conversion is computed in the network's type.
        model = standardized(reference.plain(case.dtype), "scale", case.conversion)
        rows.append(_make_row("scale", case, reference.measure(model, case.mode, case.dtype)))
    return rows


def _check_full(
    reference: _Reference,
    settings: TrainSettings,
    loader: ImageLoader,
    train_rows: Sequence[int],
    report: Reporter,
) -> tuple[list[CheckRow], ConversionReport]:
    rows: list[CheckRow] = []
    for conversion, share in _FULL:
        plain = reference.plain()
        model = standardized(plain, "full", conversion)
        changes = {"ws_kind": "full", "ws_conversion": conversion}
        wanted = settings.model_copy(update=changes)
        fitted = fit_to_plain(model, plain, wanted, loader, train_rows, report)
        found = reference.measure(model, "evaluation", "float32")
        case = _differs(conversion, "evaluation", "another network", "float32")
        if rows:
            case = _is_nearer(conversion, share, rows[-1].deviation.features)
        rows.append(_make_row("full", case, found))
    return rows, fitted


def _make_row(kind: WeightStandardization, case: _Case, found: Deviation) -> CheckRow:
    return CheckRow(
        kind=kind,
        conversion=case.conversion,
        mode=case.mode,
        dtype=case.dtype,
        claim=case.claim,
        deviation=found,
        holds=case.holds(found),
    )
