"""Fine-tuning: `fit` yields what each epoch gave and keeps the best one."""

import math
import time
from collections.abc import Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from voc_model.batches import Inputs, Plan, plan_epoch, plan_in_order
from voc_model.checkpoints import Checkpoint, save_checkpoint
from voc_model.errors import SettingsError
from voc_model.history import EpochRecord, write_history
from voc_model.metrics import average_precision, mean_average_precision
from voc_model.progress import Progress
from voc_model.resnet import ResNet18
from voc_model.runs import RunFolder
from voc_model.settings import OutputKind, Precision, TrainSettings
from voc_model.training_state import TrainingState, altered_tensors, read_training_state
from voc_model.transforms import Preprocessing


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
    unreadable: Mapping[int, str]

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
        precision: of the training steps; evaluation is always in float32, as scoring is.
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
    if job.on_features:
        job.model.backbone.requires_grad_(False)
    optimizer = _make_optimizer(job.model, job.settings)
    state = read_training_state(job.run.training_state_path)
    if state is None:
        state = TrainingState(job.identity)
        # Before the first checkpoint, which alone would pass for the model of a finished run.
        state.write(job.run.training_state_path)
    if state.records and not state.finished:
        job.model.load_state_dict(state.model, strict=False)
        optimizer.load_state_dict(state.optimizer)
    for epoch in range(len(state.records) + 1, job.settings.epochs + 1):
        began = time.perf_counter()
        plan = plan_epoch(job.train.rows, job.settings, epoch)
        train_loss, learning_rate = yield from _train_epoch(job, optimizer, plan, epoch)
        val_loss, precisions = yield from _validate(job, epoch)
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
        _keep_epoch(job, state, optimizer)
        yield record


def masked_loss(outputs: Tensor, labels: Tensor, kind: OutputKind) -> tuple[Tensor, Tensor]:
    """Returns binary cross-entropy without the ignored entries.

    Args:
        outputs: (B, C) scores or logits, as `kind` says.
        labels: (B, C) int8 of 1, 0 and -1 (ignored).

    Returns:
        The sum over the counted entries and their number; the mean of none is 0 / 0, so divide
        where you know that some count.
    """
    counted = labels >= 0
    targets = labels.clamp(min=0).to(outputs.dtype)
    loss = functional.binary_cross_entropy
    if kind == "logits":
        loss = functional.binary_cross_entropy_with_logits
    entries = loss(outputs, targets, reduction="none")
    return (entries * counted).sum(), counted.sum()


def learning_rate_at(settings: TrainSettings, epoch_fraction: float) -> float:
    """Returns the rate after so many epochs, a fraction included."""
    if epoch_fraction < settings.warmup_epochs:
        return settings.learning_rate * epoch_fraction / settings.warmup_epochs
    if settings.schedule == "constant":
        return settings.learning_rate
    rest = settings.epochs - settings.warmup_epochs
    done = (epoch_fraction - settings.warmup_epochs) / rest
    return settings.learning_rate * 0.5 * (1 + math.cos(math.pi * done))


def _make_optimizer(model: nn.Module, settings: TrainSettings) -> torch.optim.Optimizer:
    parameters = [item for item in model.parameters() if item.requires_grad]
    rate, decay = settings.learning_rate, settings.weight_decay
    # Fused: one pass over memory a step instead of one an operation, about half the time.
    if settings.optimizer == "sgd":
        return torch.optim.SGD(
            parameters, rate, momentum=settings.momentum, weight_decay=decay, fused=True
        )
    kind = torch.optim.AdamW if settings.optimizer == "adamw" else torch.optim.Adam
    return kind(parameters, rate, weight_decay=decay, fused=True)


def _train_epoch(
    job: TrainingJob, optimizer: torch.optim.Optimizer, plan: Plan, epoch: int
) -> Generator[Progress, None, tuple[float, float]]:
    """Trains on every batch; returns the mean loss and the last learning rate."""
    # A frozen backbone is not run at all, so that its batch statistics stay as they are.
    job.model.train(not job.on_features)
    labels = torch.from_numpy(job.train.labels).to(job.device)
    total = counted = rate = 0.0
    done = 0
    for step, (inputs, rows) in enumerate(job.train.inputs.batches(plan)):
        # In the middle of the step: neither the first nor the last rate is 0.
        rate = learning_rate_at(job.settings, epoch - 1 + (step + 0.5) / len(plan))
        for group in optimizer.param_groups:
            group["lr"] = rate
        if rows:
            with torch.autocast(job.device.type, torch.bfloat16, job.precision == "bfloat16"):
                outputs = _outputs(job, inputs)
            loss, count = masked_loss(outputs.float(), labels[rows], job.settings.output)
            optimizer.zero_grad()
            (loss / count.clamp(min=1)).backward()  # type: ignore[no-untyped-call]
            optimizer.step()
            total += float(loss.detach())
            counted += float(count)
        done += len(plan[step])
        yield _progress(job, epoch, done)
    return total / counted if counted else math.nan, rate


def _validate(
    job: TrainingJob, epoch: int
) -> Generator[Progress, None, tuple[float, dict[str, float]]]:
    """Returns the mean loss and every class's average precision on the selection images."""
    job.model.eval()
    labels = torch.from_numpy(job.selection.labels).to(job.device)
    total = counted = 0.0
    done = len(job.train.rows)
    scores: list[Tensor] = []
    seen: list[int] = []
    plan = plan_in_order(job.selection.rows)
    for step, (inputs, rows) in enumerate(job.selection.inputs.batches(plan)):
        if rows:
            with torch.no_grad():
                outputs = _outputs(job, inputs)
            loss, count = masked_loss(outputs, labels[rows], job.settings.output)
            total += float(loss)
            counted += float(count)
            scores.append(outputs.sigmoid() if job.settings.output == "logits" else outputs)
            seen += rows
        done += len(plan[step])
        yield _progress(job, epoch, done)
    table = torch.cat(scores).float().cpu().numpy()  # (V, C)
    truth = job.selection.labels[seen]
    precisions = {
        name: average_precision(table[:, index], truth[:, index])
        for index, name in enumerate(job.classes)
    }
    return total / counted if counted else math.nan, precisions


def _outputs(job: TrainingJob, inputs: Tensor) -> Tensor:
    outputs: Tensor = job.model.classify(inputs) if job.on_features else job.model(inputs)
    return outputs


def _keep_epoch(job: TrainingJob, state: TrainingState, optimizer: torch.optim.Optimizer) -> None:
    """Writes the epoch's files; the state comes last, so that it never runs ahead of the others."""
    record = state.records[-1]
    if state.best is record:
        checkpoint = Checkpoint(
            model_state={
                name: tensor.detach().cpu().contiguous()
                for name, tensor in job.model.state_dict().items()
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
    state.model = {} if state.finished else altered_tensors(job.model, job.on_features)
    state.optimizer = {} if state.finished else optimizer.state_dict()
    state.write(job.run.training_state_path)


def _progress(job: TrainingJob, epoch: int, done: int) -> Progress:
    images = len(job.train.rows) + len(job.selection.rows)
    return Progress(f"epoch {epoch} of {job.settings.epochs}", done, images)
