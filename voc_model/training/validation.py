"""Evaluation of an epoch on the images that select the best one."""

import math
from collections.abc import Sequence
from itertools import chain

import torch
from torch import Tensor

from voc_model.inference.backbone import FastBackbone, Network
from voc_model.inference.predict import predict
from voc_model.metrics.precision_recall import average_precision
from voc_model.model.classifier import Classifier
from voc_model.model.settings import Precision
from voc_model.progress import SILENT, Reporter
from voc_model.training.epochs import plan_in_order
from voc_model.training.job import TrainingJob
from voc_model.training.losses import masked_loss


def validate(
    job: TrainingJob, model: Classifier, precision: Precision, report: Reporter = SILENT
) -> tuple[float, dict[str, float], Precision]:
    """Evaluates a model on the selection images.

    They are computed as scoring computes them: the selected epoch's are those that are reported.

    Args:
        precision: of the backbone; float32 is used instead if its features deviate too much.

    Returns:
        The mean cross-entropy, every class's average precision, and the precision that was used.
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
    loss, precisions = _measure(job, parts) if world.rank == 0 else (math.nan, {})
    if job.phase.settings.trainable == "all":
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
