"""The training loop: epochs of batches, each epoch evaluated and saved."""

import time
from collections.abc import Iterable, Iterator

import torch
from torch import Tensor

from voc_model.inference.loading import Batch
from voc_model.progress import SILENT, Reporter
from voc_model.store.history import EpochRecord
from voc_model.training.epochs import plan_epoch, split_batches
from voc_model.training.job import TrainingJob, save_epoch
from voc_model.training.losses import make_loss
from voc_model.training.phases import why_stop
from voc_model.training.state import open_state, resume_learner
from voc_model.training.steps import StepLog
from voc_model.training.validation import validate


def fit(job: TrainingJob, report: Reporter = SILENT) -> None:
    """Trains from where the run stands to the last epoch of the job's phase.

    After every epoch the run's history, training state and, if the epoch is the best so far,
    checkpoint are on disk: a kill costs the current epoch only, and a resumed run gives the same
    numbers as an uninterrupted one.

    Raises:
        SettingsError: the loss or a gradient is no longer finite.
    """
    phase, world = job.phase, job.compute.world
    state = open_state(job.run.training_state_path, job.identity, world)
    learner = resume_learner(state, job.model, phase)
    labels = torch.from_numpy(job.train.split.labels).to(job.compute.device)
    compute_loss = make_loss(phase.settings, labels[list(job.train.rows)])
    steps = StepLog(job.run.steps_path, state.steps, phase.settings, world, job.logger)
    precision = job.compute.precision  # of the evaluation
    for epoch in range(len(state.records) + 1, phase.last + 1):
        started = time.perf_counter()
        plan = plan_epoch(job.train.rows, phase.settings, epoch)
        batches = job.train.batches(split_batches(plan, world))
        steps.start_epoch(epoch)
        for step, batch in enumerate(_track(report, batches, epoch, job)):
            # The rate in the middle of the step: neither the first nor the last one is 0.
            passed = epoch - phase.first + (step + 0.5) / len(plan)
            learning_rate = learner.set_learning_rate(passed)
            loss, count = compute_loss(forward(job, batch), labels[batch.rows])
            learner.backward(loss, count, len(batch.rows), world)
            norm = learner.step()
            steps.add(loss, count, norm, len(batch.rows), learning_rate)
        job.train.sync_unreadable(world)
        train_loss = steps.end_epoch()
        found = validate(job, learner.eval_model, precision, report)
        precision, mean_ap = found.precision, found.mean_average_precision
        record = EpochRecord(
            epoch=epoch,
            train_loss=train_loss,
            val_loss=found.loss,
            map=mean_ap,
            learning_rate=learning_rate,
            seconds=time.perf_counter() - started,
            average_precisions=found.average_precisions,
            trainable=phase.settings.trainable,
            stop_reason=why_stop(phase, job.settings, [*state.maps_since(phase.first), mean_ap]),
        )
        state.add(record, steps.taken, learner)
        save_epoch(job, state, learner.eval_model, found.logits)
        report.note(record.describe())
        if state.finished:
            break


def forward(job: TrainingJob, batch: Batch) -> Tensor:
    """Returns logits (B, C); the head computes in float32, whatever the backbone's precision."""
    if not batch.rows:
        return torch.zeros(0, len(job.classes), device=job.compute.device)
    features = batch.inputs
    if job.phase.settings.trainable == "all":
        # A single image has no variance to normalise a batch by, unless its features are large.
        job.model.train(len(batch.rows) > 1)
        use_bfloat16 = job.compute.precision == "bfloat16"
        with torch.autocast(job.compute.device.type, torch.bfloat16, use_bfloat16):
            features = job.model.backbone(batch.inputs)
    logits: Tensor = job.model.head(features.float())
    return logits


def _track(
    report: Reporter, batches: Iterable[Batch], epoch: int, job: TrainingJob
) -> Iterator[Batch]:
    return report.track(
        batches,
        f"epoch {epoch} of {job.settings.total_epochs}",
        total=len(job.train.rows),
        size=lambda batch: job.compute.world.size * len(batch),  # The other ranks are about as far.
        leave=False,
    )
