"""Evaluation of an epoch on the images that select the best one."""

import math
from dataclasses import dataclass
from itertools import chain

import torch
from torch import Tensor

from voc_model.inference.backbone import FastBackbone, Network
from voc_model.inference.predict import predict
from voc_model.metrics.precision_recall import average_precision, mean_average_precision
from voc_model.model.classifier import Classifier
from voc_model.model.setting_fields import Precision
from voc_model.progress import SILENT, Reporter
from voc_model.training.epochs import plan_in_order
from voc_model.training.job import TrainingJob
from voc_model.training.losses import masked_loss


@dataclass(frozen=True, eq=False)
class Validation:
    """How a model performs on the selection images.

    Attributes:
        loss: mean cross-entropy over the counted entries.
        average_precisions: by class; NaN if no image is present.
        logits: (S, C) float32 of the images that could be read; empty on every rank but 0.
        precision: of the backbone, as it was used.
    """

    loss: float
    average_precisions: dict[str, float]
    logits: Tensor
    precision: Precision

    @property
    def mean_average_precision(self) -> float:
        """Over the classes that have one; NaN if none has."""
        return mean_average_precision(self.average_precisions.values())[0]


def validate(
    job: TrainingJob, model: Classifier, precision: Precision, report: Reporter = SILENT
) -> Validation:
    """Evaluates a model on the selection images.

    They are computed as scoring computes them: the selected epoch's are those that are reported.

    Args:
        precision: of the backbone; float32 is used instead if its features deviate too much.
    """
    world = job.compute.world
    model.eval()
    network: Network = model.head
    if job.phase.settings.trainable == "all":
        backbone = FastBackbone(model.backbone, precision, report)
        network = lambda images: model.head(backbone(images))  # noqa: E731
    batches = job.selection.batches(world.share(plan_in_order(job.selection.rows)))
    own = [(batch.rows, logits) for batch, logits in predict(network, batches) if batch.rows]
    job.selection.sync_unreadable(world)
    parts = sorted(chain(*world.gather(own)), key=lambda part: part[0])
    rows = [row for part_rows, _ in parts for row in part_rows]
    logits = torch.cat([part for _, part in parts]) if world.rank == 0 else torch.empty(0)
    loss, precisions = _measure(job, rows, logits) if world.rank == 0 else (math.nan, {})
    if job.phase.settings.trainable == "all":
        precision = backbone.used_precision
    loss, precisions, precision = world.broadcast((loss, precisions, precision))
    return Validation(loss, precisions, logits, precision)


def _measure(job: TrainingJob, rows: list[int], logits: Tensor) -> tuple[float, dict[str, float]]:
    """Returns loss and average precisions of logits (S, C) of these rows."""
    labels = job.selection.split.labels[rows]
    loss, count = masked_loss(logits.double(), torch.from_numpy(labels))
    scores = logits.sigmoid().numpy()
    precisions = {
        name: average_precision(scores[:, index], labels[:, index])
        for index, name in enumerate(job.classes)
    }
    return float(loss / count), precisions
