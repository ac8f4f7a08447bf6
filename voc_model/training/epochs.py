"""What a model is trained on, batch by batch: images, or the features of a frozen backbone.

A batch is planned before it is loaded: the plan of an epoch depends on the seed and the epoch's
number alone, so a resumed run sees the same batches as an uninterrupted one.
"""

import math
from collections.abc import Iterator, MutableMapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Protocol

import torch
from torch import Tensor
from torch.quasirandom import SobolEngine

from voc_model.data.voc import Split
from voc_model.errors import DataError
from voc_model.inference.distributed import World
from voc_model.inference.loading import Batch
from voc_model.model.preprocessing import View, central_views
from voc_model.model.settings import TrainSettings

Plan = list[list[View]]

_EVALUATION_BATCH_SIZE = 256
# Random numbers that a view is made from.
_RANDOM_NUMBERS = 8


class Loader(Protocol):
    """Loads the inputs of a model: `inference.loading.ImageLoader` or `FeatureLoader`."""

    def batches(self, plan: Sequence[Sequence[View]]) -> Iterator[Batch]:
        """Yields a batch per planned one, on the device; unreadable rows are left out."""
        ...


@dataclass(frozen=True, eq=False)
class FeatureLoader:
    """Features of a frozen backbone.

    Attributes:
        features: (V, D), on the device.
        views: the V views that they were computed for.
    """

    features: Tensor
    views: Sequence[View]

    def batches(self, plan: Sequence[Sequence[View]]) -> Iterator[Batch]:
        for views in plan:
            rows = [view.row for view in views]
            yield Batch(rows, self.features[[self._index[view] for view in views]], {})

    @cached_property
    def _index(self) -> dict[View, int]:
        return {view: index for index, view in enumerate(self.views)}


@dataclass(frozen=True, eq=False)
class Subset:
    """A split, and which of its rows are trained on or select the epoch."""

    split: Split
    rows: tuple[int, ...] = field(repr=False)

    @property
    def image_ids(self) -> list[str]:
        return [self.split.image_ids[row] for row in self.rows]


@dataclass(frozen=True, eq=False)
class Examples:
    """Labelled images, some of which may be unreadable.

    Attributes:
        loader: gives the inputs of the split's N rows.
        split: their ids and labels (N, C).
        rows: the rows to use, as far as they are known to be readable.
        unreadable: reason per row; files are added when they are first read.
    """

    loader: Loader
    split: Split
    rows: Sequence[int]
    unreadable: MutableMapping[int, str]

    def batches(self, plan: Plan) -> Iterator[Batch]:
        """Yields the planned batches and records the unreadable rows."""
        for batch in self.loader.batches(plan):
            self.unreadable.update(batch.unreadable)
            yield batch

    def sync_unreadable(self, world: World) -> None:
        """Collects the unreadable rows of all ranks on rank 0.

        Raises:
            DataError: there is no readable row.
        """
        for unreadable in world.gather(dict(self.unreadable)):
            self.unreadable.update(unreadable)
        if world.rank == 0 and not self.used_ids:
            raise DataError(
                f"{self.split.voc_dir}: no image of split {self.split.name!r} can be read."
            )

    @property
    def used_ids(self) -> tuple[str, ...]:
        ids = self.split.image_ids
        return tuple(ids[row] for row in self.rows if row not in self.unreadable)


def plan_epoch(rows: Sequence[int], settings: TrainSettings, epoch: int) -> Plan:
    """Returns the batches of one epoch, shuffled and varied as the settings say."""
    generator = torch.Generator().manual_seed(settings.seed * 1_000_003 + epoch)
    order = torch.randperm(len(rows), generator=generator).tolist()
    random = torch.rand((len(rows), _RANDOM_NUMBERS), generator=generator).tolist()
    if settings.cached_views > 1:
        cached = _cached_random_numbers(settings)
        random = [cached[int(first * len(cached))] for first, *_ in random]
    views = [_draw_view(rows[index], settings, *random[index]) for index in order]
    plan = _cut(views, settings.batch_size)
    # Batch normalisation cannot train on a single small image: it joins the batch before it.
    if len(plan) > 1 and len(plan[-1]) == 1:
        plan[-2:] = [plan[-2] + plan[-1]]
    return plan


def list_cached_views(rows: Sequence[int], settings: TrainSettings) -> list[View]:
    """Returns all views among which `plan_epoch` chooses if `cached_views` is more than 1."""
    numbers = _cached_random_numbers(settings)
    # Each once: with random_flip alone, there are only two.
    return list(dict.fromkeys(_draw_view(row, settings, *draw) for draw in numbers for row in rows))


def split_batches(plan: Plan, world: World) -> Plan:
    """Returns this rank's part of every batch; of a small batch some ranks get none."""

    def part(views: list[View]) -> list[View]:
        # Batch normalisation cannot train on a single small image.
        parts = min(world.size, max(1, len(views) // 2))
        return views[world.rank :: parts] if world.rank < parts else []

    return [part(views) for views in plan]


def plan_in_order(rows: Sequence[int]) -> Plan:
    """Returns the rows' central crops in order, for evaluation."""
    batches = max(1, math.ceil(len(rows) / _EVALUATION_BATCH_SIZE))
    # Of equal sizes, since statistics are averaged over batches.
    return _cut(central_views(rows), max(1, math.ceil(len(rows) / batches)))


def _cached_random_numbers(settings: TrainSettings) -> list[list[float]]:
    """Returns the random numbers of each cached view, evenly spread, the same for all images."""
    sequence = SobolEngine(_RANDOM_NUMBERS, scramble=True, seed=settings.seed)  # type: ignore[no-untyped-call]
    numbers: list[list[float]] = sequence.draw(settings.cached_views).tolist()
    return numbers


def _draw_view(
    row: int,
    settings: TrainSettings,
    top: float,
    left: float,
    flip: float,
    scale: float,
    *light: float,
) -> View:
    """Returns a view of an image as the settings say, from random numbers in [0, 1]."""
    min_scale, jitter = settings.min_crop_scale, settings.color_jitter
    moves = settings.random_crop or min_scale < 1
    brightness, *colours = (1 + jitter * (2 * number - 1) for number in light)
    # The colour of the light varies less than its strength.
    red, green, blue = (brightness * (1 + (colour - 1) / 2) for colour in colours)
    return View(
        row,
        top if moves else 0.5,
        left if moves else 0.5,
        settings.random_flip and flip < 0.5,
        min_scale + (1 - min_scale) * scale,
        (red, green, blue),
    )


def _cut(views: list[View], batch_size: int) -> Plan:
    return [views[start : start + batch_size] for start in range(0, len(views), batch_size)]
