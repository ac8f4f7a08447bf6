"""A training run from data set to checkpoint: reads, checks what exists, resumes, trains."""

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import torch

from voc_model.data.labels import PRESENT
from voc_model.data.voc import Split, list_reasons, read_split
from voc_model.errors import DataError
from voc_model.files import remove_abandoned, write_text_atomically
from voc_model.inference.distributed import SINGLE_PROCESS
from voc_model.inference.features import compute_features
from voc_model.inference.loading import ImageLoader, ImageSet
from voc_model.metrics.precision_recall import apply_difficult
from voc_model.model.checkpoint import initial_model
from voc_model.model.classifier import Classifier
from voc_model.model.preprocessing import Preprocessing
from voc_model.progress import SILENT, Reporter
from voc_model.store.runs import RunFolder
from voc_model.training.conversion import convert_on_images
from voc_model.training.epochs import (
    Examples,
    FeatureLoader,
    Subset,
    list_cached_views,
)
from voc_model.training.head_fit import fit_logistic_regression
from voc_model.training.job import TrainingJob
from voc_model.training.loggers import Logger, open_logger
from voc_model.training.loop import fit
from voc_model.training.options import RunOptions
from voc_model.training.phases import Phase, list_phases
from voc_model.training.state import find_state, identify

_MAX_LISTED = 5


@dataclass(frozen=True, eq=False)
class Subsets:
    """What is trained on, what selects the epoch, and the latter in words."""

    train: Subset
    selection: Subset
    selected_on: str


def train_run(options: RunOptions, report: Reporter = SILENT) -> None:
    """Trains a run to its last epoch, from where it stands; a finished one is left as it is.

    Raises:
        SettingsError: the run exists with different settings, weights or data, or the loss is no
            longer finite.
        DataError, CheckpointError: the data set or a weights file is invalid.
    """
    run, settings, world = options.run, options.settings, options.compute.world
    if world.rank == 0:
        remove_abandoned(run.path)
        if options.overwrite:
            remove_results(run)
    world.barrier()
    subsets = _read_subsets(options)
    if world.rank == 0:
        _report_problems(run, subsets, report)
    identity = identify(settings, (subsets.train, subsets.selection))
    state = find_state(run, identity)
    world.barrier()  # Every rank has looked before rank 0 writes.
    if state.finished:
        report.note(f"{run.checkpoint_path}: already trained, reused")
        return
    logger_name = options.logger if world.rank == 0 else None
    with open_logger(logger_name, run, settings, state.steps) as logger:
        if world.rank == 0:
            settings.write(run.settings_path)
            if not state.records:
                run.training_state_path.unlink(missing_ok=True)
        model = _initial_model(subsets.train, options, report)
        for phase in list_phases(settings):
            if len(state.records) < phase.last:
                _train_phase(phase, model, subsets, identity, options, logger, report)
                world.barrier()


def _train_phase(
    phase: Phase,
    model: Classifier,
    subsets: Subsets,
    identity: Mapping[str, str],
    options: RunOptions,
    logger: Logger | None,
    report: Reporter,
) -> None:
    """Trains the epochs of a phase on a frozen backbone's features, or on images."""
    compute = options.compute
    train: Examples | None
    selection: Examples | None
    if phase.settings.trainable == "head":
        varied = phase.settings.cached_views > 1
        train = _load_features(model, subsets.train, options, report, varied)
        selection = _load_features(model, subsets.selection, options, report)
        # The head alone is trained in seconds: by rank 0, which has the features.
        compute = replace(compute, world=SINGLE_PROCESS)
    else:
        train = _load_images(subsets.train, options, varied=True)
        selection = _load_images(subsets.selection, options, varied=False)
    if not train or not selection:
        return
    job = TrainingJob(
        run=options.run,
        model=model,
        settings=options.settings,
        phase=phase,
        classes=subsets.train.split.classes,
        identity=identity,
        train=train,
        selection=selection,
        selected_on=subsets.selected_on,
        compute=compute,
        logger=logger,
    )
    if phase.settings.optimizer == "lbfgs":
        fit_logistic_regression(job, report)
    else:
        fit(job, report)
    for examples in (train, selection):
        # Those known before are no longer among the rows.
        _report_unreadable(examples.rows, examples.unreadable, report)


def remove_results(run: RunFolder) -> None:
    """Removes everything that training and scoring wrote into a run folder, and nothing else."""
    for path in (
        run.settings_path, run.conversion_path, run.checkpoint_path, run.training_state_path,
        run.history_path, run.steps_path, run.cross_validation_path, run.scores_path,
        run.metrics_path, run.curves_path, *run.path.glob("warnings_*.txt"),
    ):  # fmt: skip
        path.unlink(missing_ok=True)
    for folder in (run.parts_dir, run.figures_dir, run.tensorboard_dir):
        shutil.rmtree(folder, ignore_errors=True)


def report_warnings(run: RunFolder, split: Split, report: Reporter) -> None:
    """Writes all that is wrong with a split to the run's folder and reports the first few."""
    path = run.warnings_path(split.name)
    path.unlink(missing_ok=True)
    if split.warnings:
        write_text_atomically(path, "".join(f"{warning}\n" for warning in split.warnings))
        report.warn_of_first(split.warnings, f"see {path}")


def _report_problems(run: RunFolder, subsets: Subsets, report: Reporter) -> None:
    train, selection = subsets.train, subsets.selection
    for split in {subset.split.name: subset.split for subset in (train, selection)}.values():
        report_warnings(run, split, report)
    overlap = len(set(train.image_ids).intersection(selection.image_ids))
    if overlap:
        report.warn(
            f"{overlap:,} of the {len(selection.rows):,} images that select the epoch are also "
            "trained on: the validation metrics are too optimistic"
        )


def _report_unreadable(
    rows: Sequence[int], unreadable: Mapping[int, str], report: Reporter
) -> None:
    reasons = [f"left out of training: {unreadable[row]}" for row in rows if row in unreadable]
    report.warn_of_first(reasons, "images that cannot be read")


def _read_subsets(options: RunOptions) -> Subsets:
    settings = options.settings
    train = _read_split(options, "train_split")
    rows = range(len(train.image_ids))
    if not settings.holdout_fraction:
        val = _read_split(options, "val_split", train.classes)
        every_row = tuple(range(len(val.image_ids)))
        return Subsets(Subset(train, tuple(rows)), Subset(val, every_row), f"the {val.name} split")
    held_out_count = round(len(rows) * settings.holdout_fraction)
    if not 0 < held_out_count < len(rows):
        raise DataError(
            f"{options.voc_dir}: split {train.name!r} has {len(rows)} images, too few to hold out "
            f"{settings.holdout_fraction:.0%} of them. Set holdout_fraction to 0."
        )
    order = np.random.default_rng(settings.seed).permutation(len(rows)).tolist()
    held_out = Subset(train, tuple(sorted(order[:held_out_count])))
    rest = Subset(train, tuple(sorted(order[held_out_count:])))
    words = f"{held_out_count:,} images held out of the {train.name} split"
    return Subsets(rest, held_out, words)


def _read_split(
    options: RunOptions,
    setting: Literal["train_split", "val_split"],
    classes: Sequence[str] | None = None,
) -> Split:
    """Returns the split of a setting, with labels as the convention for difficult objects says.

    Raises:
        DataError: no image shows any of the classes, so nothing can be learnt or measured.
    """
    settings = options.settings
    name = settings.train_split if setting == "train_split" else settings.val_split
    chosen_by = f"--{setting.replace('_', '-')} NAME, or {setting} in the settings file"
    split = read_split(options.voc_dir, name, classes, settings.absent_flag, chosen_by)
    labels = apply_difficult(split.labels, settings.difficult)
    if not (labels == PRESENT).any():
        raise DataError(
            f"{options.voc_dir}: no image of split {name!r} shows any of the "
            f"{len(split.classes)} classes ({', '.join(split.classes[:_MAX_LISTED])}). Correct the "
            f"labels, or choose another split with {chosen_by}. {list_reasons(split.warnings)}"
        )
    return replace(split, labels=labels)


def _initial_model(train: Subset, options: RunOptions, report: Reporter) -> Classifier:
    """Returns the model that training starts from, on the device, the same on every rank."""
    settings, compute = options.settings, options.compute
    # A GPU's fastest convolutions differ from run to run; the same seed must give the same model.
    torch.backends.cudnn.deterministic = True
    with compute.world.rank_zero_first():  # which may download the weights
        model = initial_model(settings, len(train.split.classes))
    if settings.is_standardized:
        convert_on_images(model, train, options, report)
    return model.place_on(compute.device)


def _load_features(
    model: Classifier, subset: Subset, options: RunOptions, report: Reporter, varied: bool = False
) -> Examples | None:
    """Returns a subset's features of the frozen backbone; None on every rank but 0.

    They are of all its cached views if varied, else of every image of the split in its order, so
    that selection and scoring share them.
    """
    settings, split = options.settings, subset.split
    views = list_cached_views(subset.rows, settings) if varied else None
    images = ImageSet.find(split.voc_dir, split.image_ids, views)
    features = compute_features(
        model, images, Preprocessing.from_settings(settings, varied), settings.features,
        options.features_dir, options.compute, f"features of {split.name}", report,
    )  # fmt: skip
    if features is None:
        return None
    values, unreadable = features
    _report_unreadable(subset.rows, unreadable, report)
    loader = FeatureLoader(torch.from_numpy(values).to(options.compute.device), images.views)
    rows = [row for row in subset.rows if row not in unreadable]
    return Examples(loader, split, rows, unreadable)


def _load_images(subset: Subset, options: RunOptions, varied: bool) -> Examples:
    """Returns a subset's images, which are decoded when they are first used."""
    return Examples(_image_loader(subset, options, varied), subset.split, subset.rows, {})


def _image_loader(subset: Subset, options: RunOptions, varied: bool) -> ImageLoader:
    preprocessing = Preprocessing.from_settings(options.settings, varied)
    paths = ImageSet.find(subset.split.voc_dir, subset.split.image_ids).paths
    return ImageLoader(paths, preprocessing, options.compute, keep_decoded=True)
