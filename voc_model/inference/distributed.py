"""The processes that share one job: one alone, or as many as torchrun started, on any machines.

All run the same program. The first alone writes a run's files and says what goes on; the others
compute their part, and all wait for each other where they must.
"""

import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import TypeVar

import torch
from torch import Tensor, distributed
from torch.distributed.distributed_c10d import Store
from torch.distributed.rendezvous import rendezvous

from voc_model.cpu import usable_cores
from voc_model.errors import LostProcessError, VocError

Item = TypeVar("Item")

# More than the first one ever works while the others wait. One that dies is noticed at once.
_LONGEST_WAIT = timedelta(days=1)
_CPU = torch.device("cpu")


@dataclass(frozen=True)
class Processes:
    """This process among those of its job.

    Every method but `part` must be called by all of them, in the same order. Alone, they cost
    nothing.

    Attributes:
        rank: counted from 0.
        count: of all processes of the job.

    Raises:
        LostProcessError: another one has stopped.
    """

    rank: int = 0
    count: int = 1

    @property
    def is_first(self) -> bool:
        return self.rank == 0

    def part(self, items: Sequence[Item]) -> list[Item]:
        """Returns this process's part of items that all hold: every one is in one part."""
        return list(items[self.rank :: self.count])

    def wait(self) -> None:
        """Returns once every process has called this."""
        # Not distributed.barrier, with which a GPU would never notice that a process has died.
        self.add_up([torch.zeros(1)])

    def from_first(self, function: Callable[[], Item]) -> Item:
        """Calls a function in the first process alone; returns its result in all.

        Raises:
            VocError: what the function raised, in all.
        """
        if self.count == 1:
            return function()
        told: list[Item | VocError | None] = [None]
        if self.is_first:
            try:
                told = [function()]
            except VocError as error:
                told = [error]
        with _losses_told():
            distributed.broadcast_object_list(told, src=0, device=_CPU)
        if isinstance(told[0], VocError):
            raise told[0]
        return told[0]  # type: ignore[return-value]

    def gather(self, item: Item) -> list[Item]:
        """Returns every process's item, by rank, in the first one; nothing in the others."""
        if self.count == 1:
            return [item]
        items: list[Item | None] = [None] * self.count
        with _losses_told():
            distributed.gather_object(item, items if self.is_first else None, dst=0)
        return items if self.is_first else []  # type: ignore[return-value]

    def add_up(self, tensors: Sequence[Tensor]) -> None:
        """Puts the sum over all processes in the place of each tensor, the same bits in all.

        Args:
            tensors: of one type, on one device, of the same shapes in all processes.
        """
        if self.count == 1:
            return
        # One message: of many small ones, each would wait for the network.
        message = torch.cat([tensor.reshape(-1) for tensor in tensors])
        with _losses_told():
            distributed.all_reduce(message)
        sums = torch.split(message, [tensor.numel() for tensor in tensors])
        for tensor, summed in zip(tensors, sums, strict=True):
            tensor.copy_(summed.view(tensor.shape))

    def copy_first(self, tensors: Sequence[Tensor]) -> None:
        """Puts the first process's numbers in the place of each tensor."""
        if self.count > 1:
            with _losses_told():
                for tensor in tensors:
                    distributed.broadcast(tensor, src=0)


ALONE = Processes()


@contextmanager
def joined() -> Iterator[Processes]:
    """Joins the processes that torchrun has started, each with its share of cores, its own GPU.

    An error that several of them meet is raised in one; the others exit with 1 in silence.
    """
    if not distributed.is_torchelastic_launched() or os.environ["WORLD_SIZE"] == "1":
        yield ALONE
        return
    torch.set_num_threads(usable_cores())
    backend = "gloo"
    if torch.cuda.is_available():
        torch.cuda.set_device(int(os.environ["LOCAL_RANK"]) % torch.cuda.device_count())
        backend = "cpu:gloo,cuda:nccl"
    store, rank, count = next(rendezvous("env://"))
    distributed.init_process_group(
        backend, store=store, rank=rank, world_size=count, timeout=_LONGEST_WAIT
    )
    try:
        yield Processes(rank, count)
    except VocError as error:
        if _count(store, type(error).__name__) > 1:
            sys.exit(1)
        raise
    except KeyboardInterrupt:
        if rank > 0:
            sys.exit(130)
        raise
    distributed.destroy_process_group()


@contextmanager
def _losses_told() -> Iterator[None]:
    try:
        yield
    except RuntimeError as error:
        reason = str(error).partition("\n")[0].partition(". ")[0]
        raise LostProcessError(
            f"another process of this job has stopped or cannot be reached ({reason}). What is "
            "finished is kept: the same command goes on from here."
        ) from error


def _count(store: Store, name: str) -> int:
    """Returns how many processes have called this with a name, as far as that can be known."""
    try:
        count: int = store.add(name, 1)
        return count
    except RuntimeError:
        return 1  # The machine that counts is gone.
