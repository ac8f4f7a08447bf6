"""A training run from data set to checkpoint: reads, checks what exists, resumes, trains."""

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import torch

from voc_model.data.voc import Split
from voc_model.errors import SettingsError
from voc_model.files import remove_abandoned, write_text_atomically
from voc_model.inference.distributed import SINGLE_PROCESS
from voc_model.inference.features import compute_features
from voc_model.inference.loading import ImageLoader, ImageSet
from voc_model.model.checkpoint import initial_model
from voc_model.model.classifier import Classifier
from voc_model.model.preprocessing import Preprocessing
from voc_model.progress import SILENT, Reporter
from voc_model.store.history import mean_history, read_history, write_history
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
from voc_model.training.subsets import Subsets, read_subsets


def train_run(options: RunOptions, report: Reporter = SILENT) -> None:
    """Trains a run to its last epoch, from where it stands; a finished one is left as it is.

    Raises:
        SettingsError: the run exists with different settings, weights or data, or the loss is no
            longer finite.
        DataError, CheckpointError: the data set or a weights file is invalid.
    """
    run, world = options.run, options.compute.world
    if world.rank == 0:
        remove_abandoned(run.path)
        if options.overwrite:
            remove_results(run)
    world.barrier()
    all_subsets = read_subsets(options)
    if world.rank == 0:
        _report_problems(run, all_subsets[0], report)
    if options.settings.folds:
        _train_folds(all_subsets, options, report)
    else:
        _check_has_not(run.folds_dir, "without folds")
        _train_model(all_subsets[0], options, report)


def _train_folds(all_subsets: Sequence[Subsets], options: RunOptions, report: Reporter) -> None:
    """Trains one model per fold, each in a run folder of its own, and writes their mean history."""
    run, settings, world = options.run, options.settings, options.compute.world
    _check_has_not(run.checkpoint_path, f"with {settings.folds} folds")
    folds = [run.fold(number) for number in range(1, settings.folds + 1)]
    first = all_subsets[0]
    find_state(folds[0], identify(settings, (first.train, first.selection)))  # Or raises an error.
    world.barrier()  # Every rank has looked before rank 0 writes.
    if world.rank == 0:
        settings.write(run.settings_path)
    for fold, subsets in zip(folds, all_subsets, strict=True):
        report.note(
            f"fold {fold.name} of {len(folds)}: {len(subsets.train.rows):,} training images, "
            f"{len(subsets.selection.rows):,} held out"
        )
        _train_model(subsets, replace(options, run=fold), report)
    if world.rank == 0:
        histories = [read_history(fold.history_path) for fold in folds]
        write_history(run.history_path, mean_history(histories))


def _check_has_not(path: Path, requested: str) -> None:
    """Checks that a run has not been trained in the other way: with folds, or without.

    Raises:
        SettingsError: it has.
    """
    if path.exists():
        raise SettingsError(
            f"{path}: this run exists with different settings: training {requested} was requested. "
            "Choose another name with --run NAME, or replace it with --overwrite."
        )


def _train_model(subsets: Subsets, options: RunOptions, report: Reporter) -> None:
    """Trains a model to its last epoch in the options' run folder."""
    run, settings, world = options.run, options.settings, options.compute.world
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
        run.out_of_fold_path, run.metrics_path, run.curves_path, *run.path.glob("warnings_*.txt"),
    ):  # fmt: skip
        path.unlink(missing_ok=True)
    for folder in (run.parts_dir, run.figures_dir, run.tensorboard_dir, run.folds_dir):
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
