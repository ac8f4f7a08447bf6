"""Batches -> rows of numbers: the one loop in which a network predicts."""

from collections.abc import Iterable, Iterator

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from voc_model.inference.backbone import Network
from voc_model.inference.devices import Compute
from voc_model.inference.loading import Batch, ImageLoader, ImageSet
from voc_model.model.preprocessing import Preprocessing
from voc_model.progress import Reporter
from voc_model.store.shards import Shards

# Both divide the shard size, so that a resumed computation makes the same batches and the same
# bits. A GPU is idle with few images at a time; a CPU is busy with as many as its caches hold.
_BATCH_SIZES = {"cpu": 64, "cuda": 256}

Rows = tuple[NDArray[np.float32], dict[int, str]]


@torch.inference_mode()
def predict(network: Network, batches: Iterable[Batch]) -> Iterator[tuple[Batch, Tensor]]:
    """Yields each batch with the network's outputs, (B, D) float32 on the CPU."""
    for batch in batches:
        outputs = network(batch.inputs).float().cpu() if batch.rows else torch.empty(0)
        yield batch, outputs


def predict_rows(
    network: Network,
    images: ImageSet,
    preprocessing: Preprocessing,
    shards: Shards,
    compute: Compute,
    stage: str,
    report: Reporter,
) -> Rows | None:
    """Predicts the row of every view that no finished shard holds yet.

    The processes divide the missing shards among themselves.

    Args:
        network: normalised images (B, 3, H, W) -> rows (B, D), on the device.
        shards: where finished rows are kept; claimed by the caller.
        stage: the name of this work in the progress.

    Returns:
        (V, D) float32, NaN where an image is unreadable, and the reasons by the image's row; None
        on every rank but 0.
    """
    world, views = compute.world, images.views
    # Rank 0 alone looks: another rank may already be writing.
    missing = world.broadcast(shards.missing() if world.rank == 0 else [])
    size = _BATCH_SIZES.get(compute.device.type, 64)
    starts = [
        (rows, start)
        for rows in world.share(missing)
        for start in range(rows.start, rows.stop, size)
    ]
    plan = [views[start : min(start + size, rows.stop)] for rows, start in starts]
    batches = report.track(
        ImageLoader(images.paths, preprocessing, compute).batches(plan),
        stage,
        total=len(views),
        done=len(views) - sum(map(len, missing)),
        size=lambda batch: world.size * len(batch),  # The other ranks are about as far.
    )
    for (batch, outputs), (rows, start) in zip(predict(network, batches), starts, strict=True):
        if start == rows.start:
            values = np.full((len(rows), shards.column_count), np.nan, np.float32)
            unreadable: dict[int, str] = {}
        unreadable |= batch.unreadable
        if batch.rows:
            part = range(start, min(start + size, rows.stop))
            read = [row - rows.start for row in part if views[row].row not in batch.unreadable]
            values[read] = outputs
        if start + size >= rows.stop:
            shards.write(rows, values, unreadable)
    world.barrier()
    return shards.read() if world.rank == 0 else None
