"""One row of numbers for every image of a list, in shards that a kill cannot lose."""

from collections.abc import Callable, Generator, Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from voc_model.inference.backbone import FastBackbone
from voc_model.inference.loading import ImageDataset, image_batches
from voc_model.inference.shards import Shards
from voc_model.model.preprocessing import Preprocessing, View, normalize
from voc_model.progress import Note, Progress

# Each divides the shard size, so that a resumed computation makes the same batches and the same
# bits. A GPU is idle with few images at a time, a CPU as busy as with many, whose caches hold few.
_BATCH_SIZES = {"cpu": 64, "cuda": 256}

Rows = tuple[NDArray[np.float32], dict[int, str]]


def infer_rows(
    backbone: FastBackbone,
    head: Callable[[Tensor], Tensor] | None,
    shards: Shards,
    views: Sequence[View],
    paths: Sequence[Path],
    preprocessing: Preprocessing,
    device: torch.device,
    workers: int,
    stage: str,
) -> Generator[Progress | Note, None, Rows | None]:
    """Computes the rows of all views of images that no finished shard holds yet.

    The shards' processes divide the missing ones among themselves.

    Args:
        backbone: normalised images (B, 3, H, W) -> features (B, F), on `device`.
        head: features (B, F) -> rows (B, D); without one the features are the rows.
        shards: where finished rows are kept; must be claimed.
        views: N views; row i is view i's.
        paths: the image files, by the rows that the views name.
        stage: the name of this work in the progress.

    Yields:
        Progress after each batch; of several processes, as if all were as far as this one. A
        warning where the backbone had to be computed exactly.

    Returns:
        (N, D) float32, NaN where an image is unreadable, and the reasons by the image's row; None
        in all processes but the first.
    """
    missing = shards.missing()
    own = shards.processes.part(missing)
    to_do, own_to_do = (sum(map(len, rows)) for rows in (missing, own))
    reused = len(views) - to_do
    done = 0
    yield Progress(stage, reused, len(views), reused)
    plan = [_cut(rows, _BATCH_SIZES.get(device.type, 64)) for rows in own]
    batches = image_batches(
        ImageDataset(paths, preprocessing),
        [views[rows.start : rows.stop] for batch_rows in plan for rows in batch_rows],
        workers,
        pin_memory=device.type == "cuda",
    )
    for shard_rows, batch_rows in zip(own, plan, strict=True):
        values = np.full((len(shard_rows), shards.column_count), np.nan, np.float32)
        unreadable: dict[int, str] = {}
        for rows in batch_rows:
            batch = next(batches)
            unreadable.update(batch.unreadable)
            if batch.rows:
                read = [at for at in rows if views[at].row not in batch.unreadable]
                places = [at - shard_rows.start for at in read]
                values[places] = _apply(backbone, head, batch.pixels, preprocessing, device)
            done += len(rows)
            yield Progress(stage, reused + to_do * done // own_to_do, len(views), reused)
        shards.write(shard_rows, values, unreadable)
    yield from backbone.notes()
    shards.processes.wait()
    return shards.read() if shards.processes.is_first else None


@torch.inference_mode()
def _apply(
    backbone: FastBackbone,
    head: Callable[[Tensor], Tensor] | None,
    pixels: Tensor,
    preprocessing: Preprocessing,
    device: torch.device,
) -> NDArray[np.float32]:
    images = normalize(pixels.to(device, non_blocking=True), preprocessing)
    features = backbone(images)
    return (head(features) if head else features).float().cpu().numpy()


def _cut(rows: range, batch_size: int) -> list[range]:
    starts = range(rows.start, rows.stop, batch_size)
    return [range(at, min(at + batch_size, rows.stop)) for at in starts]
