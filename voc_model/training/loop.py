"""The training loop: epochs of batches, each epoch evaluated and saved."""

import math
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

import torch
from torch import Tensor

from voc_model.errors import SettingsError
from voc_model.inference.backbone import FastBackbone, Network
from voc_model.inference.devices import Compute
from voc_model.inference.loading import Batch
from voc_model.inference.predict import predict
from voc_model.metrics.precision_recall import average_precision, mean_average_precision
from voc_model.model.checkpoint import Checkpoint, save_checkpoint
from voc_model.model.classifier import Classifier
from voc_model.model.preprocessing import Preprocessing
from voc_model.model.settings import Precision, TrainSettings
from voc_model.progress import SILENT, Reporter
from voc_model.store.history import EpochRecord, write_history
from voc_model.store.runs import RunFolder
from voc_model.training.epochs import Examples, plan_epoch, plan_in_order, split_batches
from voc_model.training.optimizer import Learner, masked_loss
from voc_model.training.state import TrainingState, resume


@dataclass(frozen=True, eq=False)
class TrainingJob:
    """Everything that a training run needs.

    Attributes:
        model: what training starts from, on the device.
        identity: hashes of settings, weights and data; a run is resumed only if all are the same.
        train, selection: the images to train on, and those that select the epoch.
        selected_on: the selection images, in words.
        compute: its precision is the backbone's; losses and the head's scores are float32.
    """

    run: RunFolder
    model: Classifier
    settings: TrainSettings
    classes: tuple[str, ...]
    identity: Mapping[str, str]
    train: Examples
    selection: Examples
    selected_on: str
    compute: Compute


def fit(job: TrainingJob, report: Reporter = SILENT) -> None:
    """Trains from where the run stands to its last epoch.

    After every epoch the run's history, training state and, if the epoch is the best so far,
    checkpoint are on disk: a kill costs the current epoch only, and a resumed run gives the same
    numbers as an uninterrupted one.

    Raises:
        SettingsError: the loss is no longer finite.
    """
    settings, world = job.settings, job.compute.world
    learner = Learner(job.model, settings)
    state = resume(job.run.training_state_path, job.identity, learner, world)
    labels = torch.from_numpy(job.train.split.labels).to(job.compute.device)
    precision = job.compute.precision  # of the evaluation
    for epoch in range(len(state.records) + 1, settings.epochs + 1):
        started = time.perf_counter()
        plan = plan_epoch(job.train.rows, settings, epoch)
        batches = job.train.batches(split_batches(plan, world))
        sums = torch.zeros(2, dtype=torch.float64)  # of the loss, and of the entries it counts
        for step, batch in enumerate(_track(report, batches, epoch, job)):
            # The rate in the middle of the step: neither the first nor the last one is 0.
            learning_rate = learner.set_learning_rate(epoch - 1 + (step + 0.5) / len(plan))
            logits = forward(job, batch)
            loss, count = masked_loss(logits, labels[batch.rows], settings.label_smoothing)
            learner.backward(loss, count, len(batch.rows), world)
            learner.step()
            sums += torch.tensor([float(loss.detach()), float(count)])
        world.all_reduce_sum([sums])
        job.train.sync_unreadable(world)
        train_loss = float(sums[0] / sums[1])
        _check_finite(train_loss, epoch, settings)
        val_loss, precisions, precision = validate(job, learner.eval_model, precision, report)
        record = EpochRecord(
            epoch=epoch,
            train_loss=train_loss,
            val_loss=val_loss,
            map=mean_average_precision(precisions.values())[0],
            learning_rate=learning_rate,
            seconds=time.perf_counter() - started,
            average_precisions=precisions,
        )
        state.records.append(record)
        _save_epoch(job, state, learner)
        report.note(record.describe())


def validate(
    job: TrainingJob, model: Classifier, precision: Precision, report: Reporter = SILENT
) -> tuple[float, dict[str, float], Precision]:
    """Evaluates a model on the selection images.

    They are computed as scoring computes them: the selected epoch's are those that are reported.

    Args:
        precision: of the backbone; float32 is used instead if its features deviate too much.

    Returns:
        The mean loss, every class's average precision, and the precision that was used.
    """
    world = job.compute.world
    model.eval()
    network: Network = model.head
    if job.settings.trainable == "all":
        backbone = FastBackbone(model.backbone, precision, report)
        network = lambda images: model.head(backbone(images))  # noqa: E731
    batches = job.selection.batches(world.share(plan_in_order(job.selection.rows)))
    own = [(batch.rows, logits) for batch, logits in predict(network, batches) if batch.rows]
    job.selection.sync_unreadable(world)
    parts = sorted(chain(*world.gather(own)), key=lambda part: part[0])
    loss, precisions = _measure(job, parts) if world.rank == 0 else (math.nan, {})
    if job.settings.trainable == "all":
        precision = backbone.used_precision
    return world.broadcast((loss, precisions, precision))


def _measure(
    job: TrainingJob, parts: Sequence[tuple[list[int], Tensor]]
) -> tuple[float, dict[str, float]]:
    """Returns loss and average precisions of (rows, logits), which together are all rows."""
    rows = [row for part_rows, _ in parts for row in part_rows]
    logits = torch.cat([part for _, part in parts])  # (V, C)
    labels = job.selection.split.labels[rows]
    loss, count = masked_loss(logits.double(), torch.from_numpy(labels))
    scores = logits.sigmoid().numpy()
    precisions = {
        name: average_precision(scores[:, index], labels[:, index])
        for index, name in enumerate(job.classes)
    }
    return float(loss / count), precisions


def _track(
    report: Reporter, batches: Iterable[Batch], epoch: int, job: TrainingJob
) -> Iterator[Batch]:
    return report.track(
        batches,
        f"epoch {epoch} of {job.settings.epochs}",
        total=len(job.train.rows),
        size=lambda batch: job.compute.world.size * len(batch),  # The other ranks are about as far.
        leave=False,
    )


def forward(job: TrainingJob, batch: Batch) -> Tensor:
    """Returns logits (B, C); the head computes in float32, whatever the backbone's precision."""
    if not batch.rows:
        return torch.zeros(0, len(job.classes), device=job.compute.device)
    features = batch.inputs
    if job.settings.trainable == "all":
        # A single image has no variance to normalise a batch by, unless its features are large.
        job.model.train(len(batch.rows) > 1)
        use_bfloat16 = job.compute.precision == "bfloat16"
        with torch.autocast(job.compute.device.type, torch.bfloat16, use_bfloat16):
            features = job.model.backbone(batch.inputs)
    logits: Tensor = job.model.head(features.float())
    return logits


def _check_finite(train_loss: float, epoch: int, settings: TrainSettings) -> None:
    if not math.isfinite(train_loss):
        raise SettingsError(
            f"the training loss became {train_loss} in epoch {epoch}: the weights diverged. "
            f"Lower learning_rate (now {settings.learning_rate})."
        )


def _save_epoch(job: TrainingJob, state: TrainingState, learner: Learner) -> None:
    """Writes the epoch's files; the state comes last, so that it never runs ahead of the others."""
    if job.compute.world.rank > 0:
        return
    record = state.records[-1]
    if state.best is record:
        save_checkpoint(job.run.checkpoint_path, _make_checkpoint(job, learner.eval_model, record))
    write_history(job.run.history_path, state.records)
    state.finished = record.epoch == job.settings.epochs
    state.learner = {} if state.finished else learner.state_dict()
    state.write(job.run.training_state_path)


def _make_checkpoint(job: TrainingJob, model: Classifier, record: EpochRecord) -> Checkpoint:
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
        selected_on=job.selected_on,
        train_ids=job.train.used_ids,
        selection_ids=job.selection.used_ids,
    )
