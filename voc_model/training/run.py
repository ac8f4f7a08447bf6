"""A training run from data set to checkpoint: reads, checks what exists, resumes, trains."""

import hashlib
import json
import shutil
from collections.abc import Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from voc_model.data.voc import Split, image_path, read_split
from voc_model.errors import CheckpointError, DataError, SettingsError
from voc_model.files import remove_abandoned, sha256_of, write_text_atomically
from voc_model.inference.devices import RunOptions, usable_precision
from voc_model.inference.distributed import ALONE
from voc_model.inference.features import compute_features
from voc_model.inference.loading import ImageDataset, image_batches
from voc_model.metrics.precision_recall import apply_difficult
from voc_model.model.checkpoint import load_checkpoint, start_model
from voc_model.model.preprocessing import Preprocessing, View, central_views, normalize
from voc_model.model.resnet import ResNet18
from voc_model.model.settings import Precision, TrainSettings, list_differences
from voc_model.model.weight_standardization import reestimate_batch_norms
from voc_model.progress import Note, Progress
from voc_model.store.history import EpochRecord
from voc_model.store.runs import RunFolder
from voc_model.training.epochs import (
    Features,
    Inputs,
    list_cached_views,
    open_images,
    plan_in_order,
)
from voc_model.training.loop import Examples, TrainingJob, fit
from voc_model.training.state import read_training_state

Event = Progress | Note | EpochRecord

_MOST_NOTED = 5
# Enough for a mean and a variance of each channel; a pass over all images would give no more.
_REESTIMATION_IMAGES = 512


@dataclass(frozen=True, eq=False)
class Part:
    """The rows of a split that are trained on, or that choose the epoch."""

    split: Split
    rows: tuple[int, ...] = field(repr=False)

    def paths(self) -> list[Path]:
        """Returns the image files of the whole split."""
        return [image_path(self.split.voc_dir, image_id) for image_id in self.split.image_ids]


def train_run(options: RunOptions) -> Generator[Event, None, None]:
    """Trains a run to its last epoch, from where it stands; a finished one is left as it is.

    Raises:
        SettingsError: the run was made with other settings, weights or data.
        DataError, CheckpointError: the data set or a weights file is at fault.
    """
    run, settings, processes = options.run, options.settings, options.processes
    if processes.is_first:
        remove_abandoned(run.path)
        if options.overwrite:
            remove_results(run)
    train, selection, selected_on = processes.from_first(lambda: _read_parts(options))
    if processes.is_first:
        for split in {part.split.name: part.split for part in (train, selection)}.values():
            yield from note_warnings(run, split)
    identity = processes.from_first(lambda: _identify(settings, train, selection))
    if processes.from_first(lambda: _has_finished(run, identity)):
        yield Note(f"{run.checkpoint_path}: trained already, reused")
        return
    # A GPU's fastest convolutions differ from run to run; the same seed must give the same model.
    torch.backends.cudnn.deterministic = True
    processes.from_first(lambda: settings.write(run.settings_path))
    precision = usable_precision(settings.precision, options.device)
    if precision != settings.precision:
        yield Note(f"{options.device} computes {settings.precision} no faster: {precision} instead")
    model = processes.from_first(lambda: start_model(settings, len(train.split.classes)))
    if settings.architecture == "ws_resnet18" and settings.ws_kind == "full":
        yield from _reestimate(model, train, options)
        # Other processors may round otherwise, and features are divided by the very bits.
        processes.copy_first(list(model.buffers()))
    varied = settings.cached_views > 1
    train_examples = yield from _open_examples(model, train, varied, options, precision)
    selection_examples = yield from _open_examples(model, selection, False, options, precision)
    if train_examples is None or selection_examples is None:
        processes.wait()
        return
    on_features = settings.trainable == "head"
    job = TrainingJob(
        run=run,
        model=model,
        settings=settings,
        classes=train.split.classes,
        identity=identity,
        train=train_examples,
        selection=selection_examples,
        selected_on=selected_on,
        on_features=on_features,
        precision=precision,
        device=options.device,
        # The last layer alone is trained in seconds: by the first process, which has the features.
        processes=ALONE if on_features else processes,
    )
    model.place_on(options.device)
    yield from fit(job)
    processes.wait()
    # Those known before are not among the rows any more.
    for examples in (job.train, job.selection):
        yield from _note_unreadable(examples.rows, examples.unreadable)


def remove_results(run: RunFolder) -> None:
    """Removes everything that training and scoring wrote into a run folder, and nothing else."""
    for path in (
        run.settings_path, run.checkpoint_path, run.training_state_path, run.history_path,
        run.scores_path, run.metrics_path, run.curves_path, *run.path.glob("warnings_*.txt"),
    ):  # fmt: skip
        path.unlink(missing_ok=True)
    for folder in (run.parts_dir, run.figures_dir):
        shutil.rmtree(folder, ignore_errors=True)


def note_warnings(run: RunFolder, split: Split) -> Iterator[Note]:
    """Keeps all that is wrong with a split in the run's folder, and yields the first few."""
    path = run.warnings_path(split.name)
    path.unlink(missing_ok=True)
    if split.warnings:
        write_text_atomically(path, "".join(f"{warning}\n" for warning in split.warnings))
        yield from _first_of(split.warnings, f"see {path}")


def _first_of(warnings: Sequence[str], where: str) -> Iterator[Note]:
    for warning in warnings[:_MOST_NOTED]:
        yield Note(warning, warning=True)
    if len(warnings) > _MOST_NOTED:
        yield Note(f"and {len(warnings) - _MOST_NOTED:,} more: {where}", warning=True)


def _read_parts(options: RunOptions) -> tuple[Part, Part, str]:
    """Returns what is trained on, what chooses the epoch, and the latter in words."""
    settings = options.settings
    train = read_split(options.voc_dir, settings.train_split)
    train = replace(train, labels=apply_difficult(train.labels, settings.difficult))
    rows = range(len(train.image_ids))
    if not settings.holdout_fraction:
        val = read_split(options.voc_dir, settings.val_split, train.classes)
        val = replace(val, labels=apply_difficult(val.labels, settings.difficult))
        every_row = tuple(range(len(val.image_ids)))
        return Part(train, tuple(rows)), Part(val, every_row), f"the {val.name} split"
    held_out_count = round(len(rows) * settings.holdout_fraction)
    if not 0 < held_out_count < len(rows):
        raise DataError(
            f"{options.voc_dir}: split {train.name!r} has {len(rows)} images, too few to hold out "
            f"{settings.holdout_fraction:.0%} of them. Set holdout_fraction to 0."
        )
    order = np.random.default_rng(settings.seed).permutation(len(rows)).tolist()
    held_out = Part(train, tuple(sorted(order[:held_out_count])))
    rest = Part(train, tuple(sorted(order[held_out_count:])))
    return rest, held_out, f"{held_out_count:,} images held out of the {train.name} split"


def _identify(settings: TrainSettings, train: Part, selection: Part) -> dict[str, str]:
    """Returns what a run depends on; two runs with the same give the same model."""
    weights = settings.weights
    if weights not in ("imagenet", "none"):
        try:
            weights = f"sha256:{sha256_of(Path(weights))}"
        except OSError as error:
            raise CheckpointError(
                f"{weights}: cannot be read ({error.strerror}). Give --weights FILE."
            ) from None
    digest = hashlib.sha256()
    for part in (train, selection):
        digest.update(repr(part.split.classes).encode())
        for row, path in enumerate(part.paths()):
            # Sizes, not times: a copy of a data set is the same data set.
            size = path.stat().st_size if path.is_file() else -1
            digest.update(f"{part.split.image_ids[row]} {size}\n".encode())
        digest.update(part.split.labels.tobytes())
        digest.update(np.array(part.rows).tobytes())
    settings_json = settings.model_dump_json(exclude={"weights"})
    return {"settings": settings_json, "weights": weights, "data": digest.hexdigest()}


def _has_finished(run: RunFolder, identity: Mapping[str, str]) -> bool:
    """Tells whether the run holds its last epoch already.

    Raises:
        SettingsError: what it holds was made with something else.
    """
    state = read_training_state(run.training_state_path)
    if state is not None:
        _check_identity(run, state.identity, identity)
        return state.finished and run.checkpoint_path.is_file()
    if run.checkpoint_path.is_file():
        _check_identity(run, load_checkpoint(run.checkpoint_path).identity, identity)
        return True  # Someone kept the model only.
    return False


def _check_identity(run: RunFolder, found: Mapping[str, str], wanted: Mapping[str, str]) -> None:
    # An older run's settings lack what has been added since, which then was as the default is.
    defaults = TrainSettings().model_dump(mode="json", exclude={"weights"})
    settings_found = defaults | json.loads(found["settings"])
    differences = list_differences(settings_found, json.loads(wanted["settings"]))
    if found["weights"] != wanted["weights"]:
        differences.append(f"weights are {found['weights']} there, {wanted['weights']} here")
    if found["data"] != wanted["data"]:
        differences.append("the images or labels are not the same")
    if differences:
        raise SettingsError(
            f"{run.path}: this run was made otherwise: {'; '.join(differences)}. Choose another "
            "name with --run NAME, or replace it with --overwrite."
        )


def _open_examples(
    model: ResNet18,
    part: Part,
    varied: bool,
    options: RunOptions,
    precision: Precision,
) -> Generator[Event, None, Examples | None]:
    """Returns the part's labelled inputs: features for a frozen backbone, else images.

    The features are of all its cached views if varied, else of every image of the split in its
    order, so that selection and scoring take the same. None where the features are the first
    process's and this is another.
    """
    split, paths = part.split, part.paths()
    preprocessing = Preprocessing.from_settings(options.settings)
    inputs: Inputs
    if options.settings.trainable == "head":
        views = (
            list_cached_views(part.rows, options.settings)
            if varied
            else central_views(range(len(paths)))
        )
        features = yield from compute_features(
            model, views, paths, preprocessing, precision, options.settings.features,
            options.features_dir, options.device, options.workers, f"features of {split.name}",
            options.processes,
        )  # fmt: skip
        if features is None:
            return None
        values, unreadable = features
        places = {view: place for place, view in enumerate(views)}
        inputs = Features(torch.from_numpy(values).to(options.device), places)
    else:
        inputs, unreadable = yield from open_images(
            paths, preprocessing, options.device, options.workers, f"images of {split.name}"
        )
    yield from _note_unreadable(part.rows, unreadable)
    rows = [row for row in part.rows if row not in unreadable]
    if not rows:
        raise DataError(f"{split.voc_dir}: no image of split {split.name!r} can be read.")
    return Examples(inputs, split.labels, split.image_ids, rows, unreadable)


def _note_unreadable(rows: Sequence[int], unreadable: Mapping[int, str]) -> Iterator[Note]:
    reasons = [f"left out of training: {unreadable[row]}" for row in rows if row in unreadable]
    yield from _first_of(reasons, "images that cannot be read")


def _reestimate(model: ResNet18, train: Part, options: RunOptions) -> Iterator[Event]:
    """Estimates the batch statistics anew, which subtracting the filters' means has altered."""
    rows = train.rows[:: max(1, len(train.rows) // _REESTIMATION_IMAGES)][:_REESTIMATION_IMAGES]
    backbone = model.place_on(options.device).backbone
    done = 0
    for count in reestimate_batch_norms(backbone, _images(rows, train, options)):
        done += count
        yield Progress("statistics of the standardised backbone", done, len(rows))


def _images(rows: Sequence[int], part: Part, options: RunOptions) -> Iterator[Tensor]:
    preprocessing = Preprocessing.from_settings(options.settings)
    dataset = ImageDataset(part.paths(), preprocessing)
    plan: list[list[View]] = plan_in_order(rows)
    for batch in image_batches(dataset, plan, options.workers):
        if batch.rows:
            yield normalize(batch.pixels.to(options.device), preprocessing)
