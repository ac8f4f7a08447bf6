"""Batches of images from disk, decoded by threads between a CPU's batches or by processes beside a
GPU.

An image that cannot be read raises nothing there: its batch reports the row and the reason.
"""

import signal
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

from voc_model.cpu import usable_cores
from voc_model.errors import DataError
from voc_model.model.preprocessing import (
    Preprocessing,
    View,
    crop_pixels,
    load_pixels,
    stack_pixels,
)

_MOST_WORKERS = 16


@dataclass(frozen=True)
class ImageBatch:
    """Some images of a data set.

    Attributes:
        rows: the B rows that could be read.
        pixels: (B, 3, H, W) uint8, in the order of `rows`.
        unreadable: reason by row.
    """

    rows: list[int]
    pixels: Tensor
    unreadable: dict[int, str]


class ImageDataset(Dataset[tuple[int, Tensor | str]]):
    """Image files by row; an item is the cropped uint8 pixels (3, H, W), or why there are none."""

    def __init__(self, paths: Sequence[Path], preprocessing: Preprocessing) -> None:
        self.paths = paths
        self.preprocessing = preprocessing

    def __len__(self) -> int:
        return len(self.paths)

    def __getitem__(self, view: View) -> tuple[int, Tensor | str]:
        try:
            pixels = load_pixels(self.paths[view.row], self.preprocessing)
        except DataError as error:
            return view.row, str(error)
        return view.row, crop_pixels(pixels, self.preprocessing, view)


def image_batches(
    dataset: ImageDataset, batches: Sequence[Sequence[View]], workers: int, pin_memory: bool = False
) -> Iterator[ImageBatch]:
    """Yields the batches in the order they are planned in, whatever the number of workers.

    Args:
        batches: the views of each batch.
        workers: processes that decode; 0 decodes in this one, each batch by all cores.
        pin_memory: page-locked batches, which a GPU copies faster; of worker processes only.
    """
    if not workers:
        return _decode_here(dataset, batches)
    return iter(
        DataLoader(
            dataset,
            batch_sampler=batches,  # type: ignore[arg-type]  # any items that the dataset takes
            num_workers=min(workers, len(batches)),
            collate_fn=_collate,
            worker_init_fn=_ignore_interrupts,
            pin_memory=pin_memory,
        )
    )


def _decode_here(dataset: ImageDataset, batches: Sequence[Sequence[View]]) -> Iterator[ImageBatch]:
    with ThreadPoolExecutor(usable_cores()) as pool:
        for views in batches:
            yield _collate(list(pool.map(dataset.__getitem__, views)))


def load_all_pixels(
    paths: Sequence[Path], preprocessing: Preprocessing, threads: int
) -> Iterator[Tensor | str]:
    """Yields every image's resized pixels (3, h, w), or why it cannot be read, in order.

    Threads, not processes: Pillow decodes without holding the interpreter's lock, and whole images
    of varied shapes need no copy.
    """

    def load(path: Path) -> Tensor | str:
        try:
            return load_pixels(path, preprocessing)
        except DataError as error:
            return str(error)

    with ThreadPoolExecutor(max(1, threads)) as pool:
        yield from pool.map(load, paths)


def choose_workers(device: torch.device) -> int:
    """Returns how many processes should decode beside a model on `device`.

    None where a CPU computes the model: on the same cores, they would only delay its batches.
    """
    return 0 if device.type == "cpu" else min(usable_cores(), _MOST_WORKERS)


def _collate(items: list[tuple[int, Tensor | str]]) -> ImageBatch:
    read = [(row, pixels) for row, pixels in items if isinstance(pixels, Tensor)]
    unreadable = {row: reason for row, reason in items if isinstance(reason, str)}
    stacked = stack_pixels([pixels for _, pixels in read]) if read else torch.empty(0)
    return ImageBatch([row for row, _ in read], stacked, unreadable)


def _ignore_interrupts(_worker: int) -> None:
    """Leaves Ctrl-C to the main process, which ends its workers itself."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
