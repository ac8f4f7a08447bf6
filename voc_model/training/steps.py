"""steps.csv: loss, learning rate and gradient norm of every step."""

import math
import time
from collections.abc import Iterator
from pathlib import Path

import torch
from torch import Tensor

from voc_model.errors import SettingsError
from voc_model.files import append_text, write_text_atomically
from voc_model.inference.distributed import World
from voc_model.model.settings import TrainSettings
from voc_model.training.loggers import Logger

_HEADER = "epoch,step,images,loss,learning_rate,gradient_norm,seconds\n"
# Reading a number waits until a GPU has computed it: they are read in blocks of steps.
_BLOCK_STEPS = 50


class StepLog:
    """Appends a row per step to steps.csv, and stops a training that diverges.

    Attributes:
        taken: how many steps the run has taken, those before a resumption included.
    """

    def __init__(
        self,
        path: Path,
        steps: int,
        settings: TrainSettings,
        world: World,
        logger: Logger | None = None,
    ) -> None:
        """Opens the file after so many steps; rows of an unfinished epoch are removed."""
        self.taken = steps
        self._path = path
        self._settings = settings
        self._world = world
        self._logger = logger
        if world.rank == 0:
            write_text_atomically(path, _HEADER + "".join(_finished_rows(path, steps)))

    def start_epoch(self, epoch: int) -> None:
        """Begins the rows of an epoch."""
        self._epoch = epoch
        self._started = time.perf_counter()
        self._loss_sum, self._count = 0.0, 0.0
        self._pending: list[tuple[Tensor, Tensor, Tensor, int, float, float]] = []

    def add(
        self, loss: Tensor, count: Tensor, norm: Tensor, images: int, learning_rate: float
    ) -> None:
        """Adds a step, without waiting for its numbers.

        Args:
            loss: this rank's sum over its entries.
            count: number of these entries.
            norm: of the gradients, before they were scaled down; the same on all ranks.
            images: number of this rank's images.
        """
        seconds = time.perf_counter() - self._started
        self._pending.append((loss.detach(), count, norm, images, learning_rate, seconds))
        if len(self._pending) == _BLOCK_STEPS:
            self._read()

    def end_epoch(self) -> float:
        """Writes the epoch's last rows; returns its mean loss over all ranks' entries."""
        if self._pending:
            self._read()
        return self._loss_sum / self._count if self._count else math.nan

    def _read(self) -> None:
        """Reads the pending numbers, checks that they are finite, and writes them.

        Raises:
            SettingsError: a loss or a gradient is not finite, on every rank alike.
        """
        losses, counts, norms, images, rates, seconds = zip(*self._pending, strict=True)
        self._pending = []
        sums = torch.stack(  # over the ranks: (3, steps)
            [
                torch.stack(losses).cpu().double(),
                torch.stack(counts).cpu().double(),
                torch.tensor(images, dtype=torch.float64),
            ]
        )
        self._world.all_reduce_sum([sums])
        rows = []
        for (loss, count, total), norm, rate, elapsed in zip(
            sums.T.tolist(), torch.stack(norms).tolist(), rates, seconds, strict=True
        ):
            self.taken += 1
            self._check_finite("loss", loss)
            self._check_finite("norm of the gradients", norm)
            self._loss_sum += loss
            self._count += count
            mean = loss / count if count else math.nan
            numbers = {"loss": mean, "learning_rate": rate, "gradient_norm": norm}
            if self._logger:
                self._logger.log(numbers, step=self.taken)
            fields = ["" if math.isnan(item) else f"{item!r}" for item in numbers.values()]
            rows.append(
                f"{self._epoch},{self.taken},{total:.0f},{','.join(fields)},{elapsed:.3f}\n"
            )
        if self._world.rank == 0:
            append_text(self._path, "".join(rows))

    def _check_finite(self, name: str, number: float) -> None:
        if not math.isfinite(number):
            raise SettingsError(
                f"the training diverged: the {name} became {number} in step {self.taken:,} (epoch "
                f"{self._epoch}). Lower learning_rate (now {self._settings.learning_rate}), or set "
                f"max_grad_norm (now {self._settings.max_grad_norm})."
            )


def _finished_rows(path: Path, steps: int) -> Iterator[str]:
    """Yields the rows of the first so many steps; a kill may have cut the last row short."""
    if path.is_file():
        for line in path.read_text(encoding="utf-8", errors="replace").splitlines(keepends=True):
            _, step, *_ = [*line.split(","), "", ""]
            if line.endswith("\n") and step.isdecimal() and int(step) <= steps:
                yield line
