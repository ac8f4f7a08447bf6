"""What a training run needs, and the files that it writes after an epoch."""

from collections.abc import Mapping
from dataclasses import dataclass

from torch import Tensor

from voc_model.inference.devices import Compute
from voc_model.model.checkpoint import Checkpoint, save_checkpoint
from voc_model.model.classifier import Classifier
from voc_model.model.preprocessing import Preprocessing
from voc_model.model.settings import TrainSettings
from voc_model.store.history import EpochRecord, write_history
from voc_model.store.runs import RunFolder
from voc_model.training.epochs import Examples
from voc_model.training.loggers import Logger
from voc_model.training.phases import Phase
from voc_model.training.state import TrainingState


@dataclass(frozen=True, eq=False)
class TrainingJob:
    """Everything that a phase of a training run needs.

    Attributes:
        model: what training starts from, on the device.
        settings: the run's, which are kept with the model.
        phase: the epochs to train, and the settings that they follow.
        identity: hashes of settings, weights and data; a run is resumed only if all are the same.
        train, selection: the images to train on, and those that select the epoch.
        selected_on: the selection images, in words.
        compute: its precision is the backbone's; losses and the head's scores are float32.
        logger: also receives the numbers of every step and epoch.
    """

    run: RunFolder
    model: Classifier
    settings: TrainSettings
    phase: Phase
    classes: tuple[str, ...]
    identity: Mapping[str, str]
    train: Examples
    selection: Examples
    selected_on: str
    compute: Compute
    logger: Logger | None = None


def save_epoch(
    job: TrainingJob, state: TrainingState, model: Classifier, selection_logits: Tensor
) -> None:
    """Writes the files of the last epoch; the state comes last, so that it never runs ahead.

    Args:
        model: the one that was evaluated; it is saved if it is the best so far.
        selection_logits: (S, C) of the selection images.
    """
    if job.compute.world.rank > 0:
        return
    record = state.records[-1]
    if state.best is record:
        save_checkpoint(
            job.run.checkpoint_path, _make_checkpoint(job, model, record, selection_logits)
        )
    write_history(job.run.history_path, state.records)
    state.write(job.run.training_state_path)
    if job.logger:
        job.logger.log(record.numbers(), step=state.steps)


def _make_checkpoint(
    job: TrainingJob, model: Classifier, record: EpochRecord, selection_logits: Tensor
) -> Checkpoint:
    has_choice, is_fold = job.settings.total_epochs > 1, bool(job.settings.folds)
    return Checkpoint(
        model_state={
            name: tensor.detach().cpu().contiguous() for name, tensor in model.state_dict().items()
        },
        settings=job.settings,
        classes=job.classes,
        preprocessing=Preprocessing.from_settings(job.settings),
        identity=job.identity,
        epoch=record.epoch,
        val_map=record.map,
        selected_on=job.selected_on if has_choice else "nothing (there is one epoch only)",
        train_ids=job.train.used_ids,
        selection_ids=job.selection.used_ids if has_choice or is_fold else (),
        selection_logits=selection_logits if is_fold else None,
    )
