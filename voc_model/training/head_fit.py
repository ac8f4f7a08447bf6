"""A run whose head is fitted to its optimum at once: one record in place of epochs."""

import csv
import math
import time
from io import StringIO

import torch
from torch import Tensor

from voc_model.files import write_text_atomically
from voc_model.progress import SILENT, Reporter
from voc_model.store.history import EpochRecord
from voc_model.training.epochs import plan_in_order
from voc_model.training.job import TrainingJob, save_epoch
from voc_model.training.logistic_regression import (
    CrossValidation,
    cross_validate,
    fit_heads,
    mean_loss,
)
from voc_model.training.state import open_state
from voc_model.training.validation import validate


def fit_logistic_regression(job: TrainingJob, report: Reporter = SILENT) -> None:
    """Fits the head by logistic regression with a cross-validated penalty; saves it as epoch 1.

    cross_validation.csv lists the penalties. A fit that was killed starts over.
    """
    started = time.perf_counter()
    state = open_state(job.run.training_state_path, job.identity, job.compute.world)
    features, labels = _training_rows(job)
    found = cross_validate(features, labels, job.settings.seed, report=report)
    write_text_atomically(job.run.cross_validation_path, _as_csv(found))
    report.note(_describe(found))
    (head,) = fit_heads(features, labels, [found.best])
    with torch.no_grad():
        job.model.head.weight.copy_(head.weight)
        job.model.head.bias.copy_(head.bias)
    validation = validate(job, job.model, job.compute.precision, report)
    record = EpochRecord(
        epoch=1,
        train_loss=mean_loss(head(features), labels),
        val_loss=validation.loss,
        map=validation.mean_average_precision,
        learning_rate=math.nan,
        seconds=time.perf_counter() - started,
        average_precisions=validation.average_precisions,
        trainable="head",
        stop_reason="fitted to the optimum",
    )
    state.add(record, steps=0, learner=None)
    save_epoch(job, state, job.model, validation.logits)
    report.note(record.describe())


def _training_rows(job: TrainingJob) -> tuple[Tensor, Tensor]:
    """Returns features (N, D) float64 and labels (N, C) of all training images."""
    batches = list(job.train.batches(plan_in_order(job.train.rows)))
    features = torch.cat([batch.inputs for batch in batches])
    if features.device.type != "cuda":
        features = features.cpu()  # Not every device has float64.
    rows = [row for batch in batches for row in batch.rows]
    labels = torch.from_numpy(job.train.split.labels[rows])
    return features.double(), labels.to(features.device)


def _describe(found: CrossValidation) -> str:
    index = found.penalties.index(found.best)
    return (
        f"C = {found.best:.3g} of {len(found.penalties)} from {found.penalties[0]:.3g} to "
        f"{found.penalties[-1]:.3g}: mAP {found.maps[index]:.4f} by cross-validation on train"
    )


def _as_csv(found: CrossValidation) -> str:
    text = StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["C", "map", "loss", "chosen"])
    for penalty, mean_ap, loss in zip(found.penalties, found.maps, found.losses, strict=True):
        shown = "" if math.isnan(mean_ap) else mean_ap
        writer.writerow([penalty, shown, loss, int(penalty == found.best)])
    return text.getvalue()
