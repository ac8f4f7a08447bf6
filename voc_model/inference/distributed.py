"""The processes that share one job: a single one, or as many as torchrun started, on any machines.

All run the same program on the same folders. Rank 0 writes the run's files and reports; every rank
computes its share. The calls are those of torch.distributed; with a single process they do nothing.
"""

import os
import sys
from collections.abc import Iterator, Sequence
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

_Item = TypeVar("_Item")

# Longer than rank 0 ever works while the others wait. A process that dies is noticed at once.
_TIMEOUT = timedelta(days=1)
_CPU = torch.device("cpu")


@dataclass(frozen=True)
class World:
    """This process and the others of its job.

    Every method but `share` is collective: all ranks must call it, in the same order.

    Attributes:
        rank: of this process, from 0.
        size: number of processes.

    Raises:
        LostProcessError: another process has stopped.
    """

    rank: int = 0
    size: int = 1

    def share(self, items: Sequence[_Item]) -> list[_Item]:
        """Returns every `size`-th item from `rank` on: each item is in one rank's share."""
        return list(items[self.rank :: self.size])

    def barrier(self) -> None:
        """Waits until every rank has reached this call."""
        # Not distributed.barrier, with which a GPU would never notice that a process has died.
        self.all_reduce_sum([torch.zeros(1)])

    @contextmanager
    def rank_zero_first(self) -> Iterator[None]:
        """Runs the block on rank 0 before the others, e.g. to download a file only once."""
        if self.rank > 0:
            self.barrier()
        yield
        if self.rank == 0:
            self.barrier()

    def all_reduce_sum(self, tensors: Sequence[Tensor]) -> None:
        """Replaces each tensor by its sum over all ranks, bit for bit the same on every rank.

        Args:
            tensors: of one type, on one device, of the same shapes on all ranks.
        """
        if self.size == 1:
            return
        # One message: many small ones would each wait for the network.
        message = torch.cat([tensor.reshape(-1) for tensor in tensors])
        with _lost_processes():
            distributed.all_reduce(message)
        sums = torch.split(message, [tensor.numel() for tensor in tensors])
        for tensor, summed in zip(tensors, sums, strict=True):
            tensor.copy_(summed.view(tensor.shape))

    def broadcast(self, item: _Item) -> _Item:
        """Returns rank 0's item on every rank; it must be picklable."""
        if self.size == 1:
            return item
        items = [item]
        with _lost_processes():
            distributed.broadcast_object_list(items, src=0, device=_CPU)
        return items[0]

    def broadcast_tensors(self, tensors: Sequence[Tensor]) -> None:
        """Replaces each tensor by rank 0's."""
        if self.size > 1:
            with _lost_processes():
                for tensor in tensors:
                    distributed.broadcast(tensor, src=0)

    def gather(self, item: _Item) -> list[_Item]:
        """Returns the items of all ranks, in order, on rank 0; an empty list on the others."""
        if self.size == 1:
            return [item]
        items: list[_Item | None] = [None] * self.size
        with _lost_processes():
            distributed.gather_object(item, items if self.rank == 0 else None, dst=0)
        return items if self.rank == 0 else []  # type: ignore[return-value]


SINGLE_PROCESS = World()


@contextmanager
def init_distributed() -> Iterator[World]:
    """Joins the processes that torchrun has started, each with its share of cores and its own GPU.

    The first error that ends the job is raised; later ones make their rank exit with 1 in silence.
    """
    if not distributed.is_torchelastic_launched() or os.environ["WORLD_SIZE"] == "1":
        yield SINGLE_PROCESS
        return
    torch.set_num_threads(usable_cores())
    backend = "gloo"
    if torch.cuda.is_available():
        torch.cuda.set_device(int(os.environ["LOCAL_RANK"]) % torch.cuda.device_count())
        backend = "cpu:gloo,cuda:nccl"
    store, rank, size = next(rendezvous("env://"))
    distributed.init_process_group(
        backend, store=store, rank=rank, world_size=size, timeout=_TIMEOUT
    )
    try:
        yield World(rank, size)
    except VocError:
        if not _is_first_failure(store):
            sys.exit(1)
        raise
    except KeyboardInterrupt:
        if rank > 0:
            sys.exit(130)
        raise
    distributed.destroy_process_group()


@contextmanager
def _lost_processes() -> Iterator[None]:
    """Turns the error of a collective call into one that says what to do."""
    try:
        yield
    except RuntimeError as error:
        reason = str(error).partition("\n")[0].partition(". ")[0]
        raise LostProcessError(
            f"another process of this job has stopped or cannot be reached ({reason}). Finished "
            "work is kept: run the same command again to resume."
        ) from error


def _is_first_failure(store: Store) -> bool:
    """Returns whether no other rank has failed before, as far as that can be known."""
    try:
        return bool(store.add("failed ranks", 1) == 1)
    except RuntimeError:
        return True  # The machine that keeps the count is gone.
