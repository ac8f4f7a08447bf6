"""Fine-tuning: `fit` yields what each epoch gave and keeps the best one."""

import math
import time
from collections.abc import Generator, Iterator, Mapping, MutableMapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray

from voc_model.errors import SettingsError
from voc_model.inference.backbone import FastBackbone
from voc_model.inference.distributed import Processes
from voc_model.metrics.precision_recall import average_precision, mean_average_precision
from voc_model.model.checkpoint import Checkpoint, save_checkpoint
from voc_model.model.preprocessing import Preprocessing
from voc_model.model.resnet import ResNet18
from voc_model.model.settings import Precision, TrainSettings
from voc_model.progress import Progress
from voc_model.store.history import EpochRecord, write_history
from voc_model.store.runs import RunFolder
from voc_model.training.epochs import Inputs, Plan, divide, plan_epoch, plan_in_order
from voc_model.training.optimizer import Learner, masked_loss
from voc_model.training.state import TrainingState, read_training_state


@dataclass(frozen=True, eq=False)
class Examples:
    """Labelled images, some of which may be unreadable.

    Attributes:
        inputs: gives the N rows' features or images.
        labels: (N, C) int8: 1 present, 0 absent, -1 ignored.
        image_ids: N ids.
        rows: those of this part, as far as they are known to be readable.
        unreadable: reason by row; images left on disk are added as they are met.
    """

    inputs: Inputs
    labels: NDArray[np.int8]
    image_ids: Sequence[str]
    rows: Sequence[int]
    unreadable: MutableMapping[int, str]

    @property
    def used_ids(self) -> tuple[str, ...]:
        return tuple(self.image_ids[row] for row in self.rows if row not in self.unreadable)


@dataclass(frozen=True, eq=False)
class TrainingJob:
    """All that one run of training needs.

    Attributes:
        model: what training starts from, on `device`.
        identity: hashes of settings, weights and data; a run is resumed only if all are the same.
        selected_on: the selection images, in words.
        on_features: the examples are features of the frozen backbone, not images.
        precision: of the backbone; losses, optimizer and head's scores are in float32.
        processes: those that train; each takes its part of every batch, and all take the same step.
    """

    run: RunFolder
    model: ResNet18
    settings: TrainSettings
    classes: tuple[str, ...]
    identity: Mapping[str, str]
    train: Examples
    selection: Examples
    selected_on: str
    on_features: bool
    precision: Precision
    device: torch.device
    processes: Processes


def fit(job: TrainingJob) -> Iterator[Progress | EpochRecord]:
    """Trains from where the run stands to its last epoch.

    After every epoch the run's history, training state and, when the epoch is the best so far,
    checkpoint are on disk: a kill costs the epoch it falls into, and the resumed run gives the same
    numbers as an uninterrupted one.

    Yields:
        Progress after each batch, one record after each epoch.

    Raises:
        SettingsError: the loss is no longer a number.
    """
    learner = Learner(job.model, job.settings)
    state = job.processes.from_first(lambda: _open_state(job))
    if state.records and not state.finished:
        learner.load_state_dict(state.learner)
    for epoch in range(len(state.records) + 1, job.settings.epochs + 1):
        began = time.perf_counter()
        plan = plan_epoch(job.train.rows, job.settings, epoch)
        train_loss, learning_rate = yield from train_epoch(job, learner, plan, epoch)
        val_loss, precisions = yield from _validate(job, learner.judged, epoch)
        for examples in (job.train, job.selection):
            for unreadable in job.processes.gather(dict(examples.unreadable)):
                examples.unreadable.update(unreadable)
        record = EpochRecord(
            epoch=epoch,
            train_loss=train_loss,
            val_loss=val_loss,
            map=mean_average_precision(precisions.values())[0],
            learning_rate=learning_rate,
            seconds=time.perf_counter() - began,
            average_precisions=precisions,
        )
        if not math.isfinite(train_loss):
            raise SettingsError(
                f"the training loss became {train_loss} in epoch {epoch}: the weights diverged. "
                f"Lower learning_rate (now {job.settings.learning_rate})."
            )
        state.records.append(record)
        if job.processes.is_first:
            _keep_epoch(job, state, learner)
        yield record


def _open_state(job: TrainingJob) -> TrainingState:
    state = read_training_state(job.run.training_state_path)
    if state is None:
        state = TrainingState(job.identity)
        # Before the first checkpoint, which alone would pass for the model of a finished run.
        state.write(job.run.training_state_path)
    return state


def train_epoch(
    job: TrainingJob, learner: Learner, plan: Plan, epoch: int
) -> Generator[Progress, None, tuple[float, float]]:
    """Trains on every batch; returns the mean loss and the last learning rate."""
    # A frozen backbone is not run at all, so that its batch statistics stay as they are.
    model = learner.model.train(not job.on_features)
    labels = torch.from_numpy(job.train.labels).to(job.device)
    sums = torch.zeros(2, dtype=torch.float64)  # loss, counted entries
    rate, done = 0.0, 0
    for step, (inputs, rows) in enumerate(job.train.inputs.batches(divide(plan, job.processes))):
        # In the middle of the step: neither the first nor the last rate is 0.
        rate = learner.set_rate(epoch - 1 + (step + 0.5) / len(plan))
        learner.optimizer.zero_grad()
        loss, count = torch.zeros(2, device=job.device)
        if rows:
            with torch.autocast(job.device.type, torch.bfloat16, job.precision == "bfloat16"):
                outputs = model.classify(inputs) if job.on_features else model(inputs)
            loss, count = masked_loss(
                outputs.float(), labels[rows], job.settings.output, job.settings.label_smoothing
            )
        sums += torch.tensor([float(loss.detach()), float(count)])
        # Of all processes: the entries that count, and the images that could be read.
        sizes = torch.tensor([float(count), len(rows)], device=job.device)
        job.processes.add_up([sizes])
        if rows:
            (loss / sizes[0].clamp(min=1)).backward()
        if sizes[1]:
            learner.combine(job.processes, len(rows) / float(sizes[1]))
            learner.step()
        done += len(plan[step])
        yield _progress(job, epoch, done)
    job.processes.add_up([sums])
    total, counted = sums.tolist()
    return total / counted if counted else math.nan, rate


def _validate(
    job: TrainingJob, model: ResNet18, epoch: int
) -> Generator[Progress, None, tuple[float, dict[str, float]]]:
    """Returns the mean loss and every class's average precision on the selection images."""
    model.eval()
    # As scoring will compute it, so that the chosen epoch's figures are those that are reported.
    backbone = None if job.on_features else FastBackbone(model.backbone, job.precision)
    labels = torch.from_numpy(job.selection.labels).to(job.device)
    judged: list[_JudgedBatch] = []
    plan = job.processes.part(plan_in_order(job.selection.rows))
    for step, (inputs, rows) in enumerate(job.selection.inputs.batches(plan)):
        if rows:
            with torch.no_grad():
                outputs = model.classify(backbone(inputs) if backbone else inputs)
            loss, count = masked_loss(outputs, labels[rows], job.settings.output)
            scores = outputs.sigmoid() if job.settings.output == "logits" else outputs
            judged.append(
                _JudgedBatch(rows, scores.float().cpu().numpy(), float(loss), float(count))
            )
        done = len(job.selection.rows) * (step + 1) // len(plan)
        yield _progress(job, epoch, len(job.train.rows) + done)
    everywhere = job.processes.gather(judged)
    return job.processes.from_first(lambda: _judge(job, list(chain(*everywhere))))


class _JudgedBatch(NamedTuple):
    """Scores (B, C) of B rows, their loss and the number of entries it is the sum of."""

    rows: list[int]
    scores: NDArray[np.float32]
    loss: float
    counted: float


def _judge(job: TrainingJob, batches: list[_JudgedBatch]) -> tuple[float, dict[str, float]]:
    # In the order of one process, whose rounding of a sum is the reference.
    batches.sort(key=lambda batch: batch.rows)
    table = np.concatenate([batch.scores for batch in batches])  # (V, C)
    truth = job.selection.labels[[row for batch in batches for row in batch.rows]]
    counted = sum(batch.counted for batch in batches)
    precisions = {
        name: average_precision(table[:, index], truth[:, index])
        for index, name in enumerate(job.classes)
    }
    return sum(batch.loss for batch in batches) / counted if counted else math.nan, precisions


def _keep_epoch(job: TrainingJob, state: TrainingState, learner: Learner) -> None:
    """Writes the epoch's files; the state comes last, so that it never runs ahead of the others."""
    record = state.records[-1]
    if state.best is record:
        checkpoint = Checkpoint(
            model_state={
                name: tensor.detach().cpu().contiguous()
                for name, tensor in learner.judged.state_dict().items()
            },
            settings=job.settings,
            classes=job.classes,
            preprocessing=Preprocessing.from_settings(job.settings),
            identity=job.identity,
            epoch=record.epoch,
            val_map=record.map,
            selected_on=job.selected_on,
            train_ids=job.train.used_ids,
            selection_ids=job.selection.used_ids,
        )
        save_checkpoint(job.run.checkpoint_path, checkpoint)
    write_history(job.run.history_path, state.records)
    state.finished = record.epoch == job.settings.epochs
    state.learner = {} if state.finished else learner.state_dict()
    state.write(job.run.training_state_path)


def _progress(job: TrainingJob, epoch: int, done: int) -> Progress:
    images = len(job.train.rows) + len(job.selection.rows)
    return Progress(f"epoch {epoch} of {job.settings.epochs}", done, images)
