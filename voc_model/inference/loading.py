"""Image files -> batches of tensors: the one way in which training and scoring load images.

An image that cannot be read raises nothing here: its batch reports the row and the reason.
"""

import multiprocessing
import signal
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from multiprocessing.synchronize import Lock
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from torch.utils.data import DataLoader, Dataset, get_worker_info

from voc_model.data.image_files import fingerprint_files
from voc_model.data.images import share_decoding
from voc_model.data.voc import image_path
from voc_model.errors import DataError
from voc_model.inference.devices import Compute
from voc_model.model.preprocessing import (
    Preprocessing,
    View,
    central_views,
    crop_pixels,
    load_pixels,
    normalize,
    stack_pixels,
)
from voc_model.model.setting_fields import pair

# Decoded images of a small data set are kept between epochs; a larger one is decoded every time.
_MEMORY_BUDGET_BYTES = 2**30


@dataclass(frozen=True, eq=False)
class ImageSet:
    """N images, and the V views of them that are computed: one row of output per view.

    Attributes:
        paths: N files.
        views: V views, each of one of the images.
    """

    paths: tuple[Path, ...]
    views: tuple[View, ...]

    @classmethod
    def find(
        cls, voc_dir: Path, image_ids: Sequence[str], views: Sequence[View] | None = None
    ) -> "ImageSet":
        """Returns images of a VOC folder, by default the central view of each."""
        paths = tuple(image_path(voc_dir, image_id) for image_id in image_ids)
        return cls(paths, tuple(central_views(range(len(paths))) if views is None else views))

    @cached_property
    def fingerprint(self) -> str:
        """Hash of the files as they were when it was first asked for, see `fingerprint_files`."""
        return fingerprint_files(self.paths)


@dataclass(frozen=True, eq=False)
class Batch:
    """Some rows of a data set.

    Attributes:
        rows: the B rows that could be read.
        inputs: (B, ...) what the network takes, in the order of `rows`; empty if there is none.
        unreadable: reason per row that could not be read.
    """

    rows: list[int]
    inputs: Tensor
    unreadable: dict[int, str]

    def __len__(self) -> int:
        """Returns the number of rows asked for."""
        return len(self.rows) + len(self.unreadable)

    def pin_memory(self) -> "Batch":
        """Returns the batch in page-locked memory; DataLoader calls this where it is asked to."""
        return replace(self, inputs=self.inputs.pin_memory())


@dataclass(frozen=True, eq=False)
class ImageLoader:
    """Loads batches of images.

    Attributes:
        paths: the files, one per row.
        keep_decoded: keeps what this process has decoded, if the data set is small enough for it;
            worker processes always decode again.
    """

    paths: Sequence[Path]
    preprocessing: Preprocessing
    compute: Compute
    keep_decoded: bool = False
    _plan: list[Sequence[View]] = field(default_factory=list, init=False)

    def batches(self, plan: Sequence[Sequence[View]]) -> Iterator[Batch]:
        """Yields normalised images (B, 3, H, W) float32 on the device, batch by batch as planned.

        The order and the numbers do not depend on the number of workers.
        """
        device = self.compute.device
        self._plan[:] = plan
        for batch in self._batches:
            if batch.rows:
                pixels = batch.inputs.to(device, non_blocking=True)
                batch = replace(batch, inputs=normalize(pixels, self.preprocessing))  # noqa: PLW2901
            yield batch

    @cached_property
    def _batches(self) -> DataLoader[Any]:
        """Loads the current plan; its workers live as long as this loader does.

        Starting them takes longer than a GPU needs for an epoch of a small data set.
        """
        workers = min(self.compute.workers, len(self._plan))
        return DataLoader(
            self._dataset,
            batch_sampler=self._plan,  # type: ignore[arg-type]  # any items that the dataset takes
            num_workers=workers,
            collate_fn=_collate,
            worker_init_fn=partial(_start_worker, workers, multiprocessing.Lock())
            if workers
            else None,
            pin_memory=self.compute.device.type == "cuda",
            persistent_workers=workers > 0,
        )

    @cached_property
    def _dataset(self) -> "_ImageDataset":
        height, width = pair(self.preprocessing.resize)
        # A photograph's longer edge is at most about twice its shorter one, which is what is kept.
        size = round(2 * 3 * height * width * self.preprocessing.zoom**2) * len(self.paths)
        keeps = self.keep_decoded and not self.compute.workers and size <= _MEMORY_BUDGET_BYTES
        return _ImageDataset(self.paths, self.preprocessing, keeps)


class _ImageDataset(Dataset[tuple[int, Tensor | str]]):
    """Image files; an item is a row with cropped uint8 pixels (3, H, W), or why there are none."""

    def __init__(self, paths: Sequence[Path], preprocessing: Preprocessing, keeps: bool) -> None:
        self._keeps = keeps
        self._paths = paths
        self._preprocessing = preprocessing
        self._decoded: dict[int, Tensor | str] = {}

    def __getitems__(self, views: Sequence[View]) -> list[tuple[int, Tensor | str]]:
        """Returns the items of a batch; DataLoader calls this, in a worker or in this process."""
        if get_worker_info() is not None:
            return [self._load(view) for view in views]
        # Threads, not processes: decoders release the interpreter's lock, and nothing is copied.
        with ThreadPoolExecutor(torch.get_num_threads()) as pool:
            return list(pool.map(self._load, views))

    def _load(self, view: View) -> tuple[int, Tensor | str]:
        pixels = self._decoded.get(view.row)
        if pixels is None:
            try:
                pixels = load_pixels(self._paths[view.row], self._preprocessing)
            except DataError as error:
                pixels = str(error)
            if self._keeps:
                self._decoded[view.row] = pixels
        if isinstance(pixels, str):
            return view.row, pixels
        return view.row, crop_pixels(pixels, self._preprocessing, view)


def _collate(items: list[tuple[int, Tensor | str]]) -> Batch:
    read = [(row, pixels) for row, pixels in items if isinstance(pixels, Tensor)]
    unreadable = {row: reason for row, reason in items if isinstance(reason, str)}
    stacked = stack_pixels([pixels for _, pixels in read]) if read else torch.empty(0)
    return Batch([row for row, _ in read], stacked, unreadable)


def _start_worker(workers: int, turn: Lock, _worker: int) -> None:
    # Ctrl-C is left to the main process, which ends its workers itself.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    share_decoding(workers, turn)
