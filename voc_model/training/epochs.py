"""What a model is trained on, batch by batch: features, images in memory or images on disk.

A batch is planned before it is loaded: the plan of an epoch depends on the seed and the epoch's
number alone, so a resumed run sees the very batches that an uninterrupted one would have seen.
"""

from collections.abc import Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import torch
from torch import Tensor
from torch.quasirandom import SobolEngine

from voc_model.cpu import usable_cores
from voc_model.inference.distributed import Processes
from voc_model.inference.loading import ImageDataset, image_batches, load_all_pixels
from voc_model.model.preprocessing import (
    Preprocessing,
    View,
    central_views,
    crop_pixels,
    normalize,
    stack_pixels,
)
from voc_model.model.settings import TrainSettings, pair
from voc_model.progress import Progress

Plan = list[list[View]]

# Resized images of a small data set are kept decoded; a larger one is decoded every epoch.
_MEMORY_BUDGET_BYTES = 2**30
_EVALUATION_BATCH_SIZE = 256
# Those that a view is drawn from.
_CHANCES = 8


class Inputs(Protocol):
    """Where the inputs of a model come from."""

    def batches(self, plan: Plan) -> Iterator[tuple[Tensor, list[int]]]:
        """Yields each batch's inputs (B, ...) on the device, and their B rows.

        Rows that cannot be read are left out; a batch may become empty.
        """
        ...


@dataclass(frozen=True, eq=False)
class Features:
    """Features of a frozen backbone.

    Attributes:
        values: (N, 512), on the device.
        places: the index of each view that they were computed for.
    """

    values: Tensor
    places: Mapping[View, int]

    def batches(self, plan: Plan) -> Iterator[tuple[Tensor, list[int]]]:
        for views in plan:
            yield self.values[[self.places[view] for view in views]], [view.row for view in views]


@dataclass(frozen=True, eq=False)
class ImagesInMemory:
    """N resized images (3, h, w) uint8, decoded once."""

    pixels: Sequence[Tensor]
    preprocessing: Preprocessing
    device: torch.device

    def batches(self, plan: Plan) -> Iterator[tuple[Tensor, list[int]]]:
        for views in plan:
            crops = [crop_pixels(self.pixels[item.row], self.preprocessing, item) for item in views]
            images = _as_images(stack_pixels(crops), self) if crops else torch.empty(0)
            yield images, [item.row for item in views]


@dataclass(frozen=True, eq=False)
class ImagesOnDisk:
    """N image files, decoded every time by worker processes."""

    paths: Sequence[Path]
    preprocessing: Preprocessing
    device: torch.device
    workers: int
    unreadable: dict[int, str]

    def batches(self, plan: Plan) -> Iterator[tuple[Tensor, list[int]]]:
        dataset = ImageDataset(self.paths, self.preprocessing)
        pin_memory = self.device.type == "cuda"
        for batch in image_batches(dataset, plan, self.workers, pin_memory):
            self.unreadable.update(batch.unreadable)
            yield _as_images(batch.pixels, self) if batch.rows else batch.pixels, batch.rows


def open_images(
    paths: Sequence[Path],
    preprocessing: Preprocessing,
    device: torch.device,
    workers: int,
    stage: str,
) -> Generator[Progress, None, tuple[Inputs, dict[int, str]]]:
    """Decodes a small data set into memory, or leaves a large one on disk.

    Returns:
        The inputs, and the reasons of unreadable rows; those of files left on disk are added to it
        as they are met.
    """
    unreadable: dict[int, str] = {}
    height, width = pair(preprocessing.resize)
    # A photograph's longer edge is at most about twice its shorter one, which is what is kept.
    if 2 * 3 * height * width * len(paths) > _MEMORY_BUDGET_BYTES:
        return ImagesOnDisk(paths, preprocessing, device, workers, unreadable), unreadable
    pixels = []
    for row, item in enumerate(load_all_pixels(paths, preprocessing, usable_cores())):
        if isinstance(item, str):
            unreadable[row] = item
        pixels.append(torch.empty(0, dtype=torch.uint8) if isinstance(item, str) else item)
        yield Progress(stage, row + 1, len(paths))
    return ImagesInMemory(pixels, preprocessing, device), unreadable


def plan_epoch(rows: Sequence[int], settings: TrainSettings, epoch: int) -> Plan:
    """Returns the batches of one epoch, shuffled and varied as the settings say."""
    generator = torch.Generator().manual_seed(settings.seed * 1_000_003 + epoch)
    order = torch.randperm(len(rows), generator=generator).tolist()
    chances = torch.rand((len(rows), _CHANCES), generator=generator).tolist()
    if settings.cached_views > 1:
        cached = _cached_chances(settings)
        chances = [cached[int(first * len(cached))] for first, *_ in chances]
    views = [_vary(rows[index], settings, *chances[index]) for index in order]
    plan = _cut(views, settings.batch_size)
    # Batch normalisation cannot train on a single small image: it joins the batch before it.
    if len(plan) > 1 and len(plan[-1]) == 1:
        plan[-2:] = [plan[-2] + plan[-1]]
    return plan


def list_cached_views(rows: Sequence[int], settings: TrainSettings) -> list[View]:
    """Returns all views among which `plan_epoch` chooses where cached_views says how many."""
    chances = _cached_chances(settings)
    # Once each: with random_flip alone, there are only two.
    return list(dict.fromkeys(_vary(row, settings, *chance) for chance in chances for row in rows))


def divide(plan: Plan, processes: Processes) -> Plan:
    """Returns this process's part of every batch; an empty one in the last, of a small batch."""

    def own_part(views: list[View]) -> list[View]:
        # Batch normalisation cannot train on a single small image.
        parts = min(processes.count, max(1, len(views) // 2))
        return views[processes.rank :: parts] if processes.rank < parts else []

    return [own_part(views) for views in plan]


def plan_in_order(rows: Sequence[int]) -> Plan:
    """Returns the rows' central crops in order, for evaluation."""
    return _cut(central_views(rows), _EVALUATION_BATCH_SIZE)


def _cached_chances(settings: TrainSettings) -> list[list[float]]:
    """Returns the chances of each cached view, the same for all images, evenly spread."""
    sequence = SobolEngine(_CHANCES, scramble=True, seed=settings.seed)  # type: ignore[no-untyped-call]
    chances: list[list[float]] = sequence.draw(settings.cached_views).tolist()
    return chances


def _vary(
    row: int,
    settings: TrainSettings,
    top: float,
    left: float,
    flip: float,
    scale: float,
    *light: float,
) -> View:
    """Returns a view of an image as random as the settings say, from chances in [0, 1]."""
    least, most = settings.random_scale, settings.random_colour
    moved = settings.random_crop or least < 1
    brightness, *colours = (1 + most * (2 * chance - 1) for chance in light)
    # The colour of the light varies less than its strength.
    red, green, blue = (brightness * (1 + (colour - 1) / 2) for colour in colours)
    return View(
        row,
        top if moved else 0.5,
        left if moved else 0.5,
        settings.random_flip and flip < 0.5,
        least + (1 - least) * scale,
        (red, green, blue),
    )


def _as_images(pixels: Tensor, source: ImagesInMemory | ImagesOnDisk) -> Tensor:
    """Returns normalised images (B, 3, H, W) on the source's device."""
    return normalize(pixels.to(source.device, non_blocking=True), source.preprocessing)


def _cut(views: list[View], batch_size: int) -> Plan:
    return [views[at : at + batch_size] for at in range(0, len(views), batch_size)]
