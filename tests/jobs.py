"""Starts the scripts in processes of their own, each with a single thread as in the tests.

The processes are forked from one that has imported the scripts: importing PyTorch takes longer than
what most tests then do. They train the small network and render no figures; `launch_torchrun`
starts the scripts as a user does.
"""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from multiprocessing import get_all_start_methods, get_context
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

import torch
from tiny_voc import skip_rendering, use_pytorch_only, use_small_network

from voc_model.store.shards import Shards
from voc_model.training.optimizer import Learner

ROOT = Path(__file__).parent.parent

_FORKS = get_context("forkserver" if "forkserver" in get_all_start_methods() else "spawn")
_FORKS.set_forkserver_preload(["scripts.train", "scripts.precompute_scores"])


@dataclass(frozen=True)
class Job:
    """The processes of one job; `processes[rank]` is that of a rank."""

    processes: tuple[BaseProcess, ...]
    output_path: Path

    def is_running(self) -> bool:
        """Returns whether none of the processes has ended."""
        return all(process.exitcode is None for process in self.processes)

    def signal(self, number: int, rank: int = 0) -> None:
        """Sends a signal to the process of a rank."""
        pid = self.processes[rank].pid
        assert pid is not None
        os.kill(pid, number)

    def wait(self) -> tuple[int, str]:
        """Waits for all processes; returns the first exit code but 0, and all that they wrote."""
        for process in self.processes:
            process.join()
        codes = [process.exitcode or 0 for process in self.processes]
        return next((code for code in codes if code), 0), self.output_path.read_text()


def start(
    count: int,
    program: str,
    arguments: list[str],
    output_path: Path,
    prepare: Callable[[], None] | None = None,
) -> Job:
    """Starts a program in `count` processes of one job, with the environment that torchrun sets.

    Args:
        prepare: called in each process before the program.
    """
    output_path.touch()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    processes = []
    for rank in range(count):
        environment = {"RANK": rank, "LOCAL_RANK": rank, "WORLD_SIZE": count}
        environment |= {"LOCAL_WORLD_SIZE": count, "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": port}
        environment |= {"TORCHELASTIC_RUN_ID": "test"}
        process = _FORKS.Process(
            target=_run, args=(program, arguments, environment, count, output_path, prepare)
        )
        process.start()
        processes.append(process)
    return Job(tuple(processes), output_path)


def succeed(
    count: int,
    program: str,
    arguments: list[str],
    output_path: Path,
    prepare: Callable[[], None] | None = None,
) -> str:
    """Runs a program, checks that it succeeds, and returns its output."""
    code, output = start(count, program, arguments, output_path, prepare).wait()
    assert code == 0, output
    return output


def launch_torchrun(
    count: int, program: Path | str, *arguments: str
) -> "subprocess.CompletedProcess[str]":
    """Runs a program of the project with torchrun, in `count` processes."""
    launcher = [sys.executable, "-m", "torch.distributed.run", "--standalone"]
    return subprocess.run(
        [*launcher, "--nproc-per-node", str(count), str(ROOT / program), *arguments],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        preexec_fn=lambda: _use_cores(count),
        capture_output=True,
        text=True,
        check=False,
    )


def pause_training(resumed: Path) -> None:
    """Lets a job train until the middle of its second epoch, and on once a file exists.

    A job is to be killed while it works, which no test could be sure of if the job went on.
    """
    use_pytorch_only()
    set_learning_rate = Learner.set_learning_rate

    def pause(learner: Learner, epoch: float) -> float:
        if epoch > 1.5:
            _wait_for(resumed)
        return set_learning_rate(learner, epoch)

    Learner.set_learning_rate = pause  # type: ignore[method-assign]


def pause_scoring(resumed: Path) -> None:
    """Lets each process of a job write one shard, and more of them once a file exists."""
    write, written = Shards.write, []

    def pause(*arguments: Any) -> None:
        if written:
            _wait_for(resumed)
        write(*arguments)
        written.append(True)

    Shards.write = pause  # type: ignore[method-assign]


def _wait_for(path: Path) -> None:
    for _ in range(6000):
        if path.exists():
            return
        time.sleep(0.01)


def _run(
    program: str,
    arguments: list[str],
    environment: dict[str, object],
    cores: int,
    output_path: Path,
    prepare: Callable[[], None] | None,
) -> None:
    os.environ.update({name: str(value) for name, value in environment.items()})
    _use_cores(cores)
    torch.set_num_threads(1)
    descriptor = os.open(output_path, os.O_WRONLY | os.O_APPEND)
    os.dup2(descriptor, 1)
    os.dup2(descriptor, 2)
    use_small_network()
    skip_rendering()
    if prepare is not None:
        prepare()
    import_module(program).main(arguments)


def _use_cores(count: int) -> None:
    """Leaves one core per process if possible: more threads could change the rounding."""
    if hasattr(os, "sched_setaffinity"):
        cores = sorted(os.sched_getaffinity(0))
        # Tests that run in parallel start at different cores.
        worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
        first = worker % len(cores)
        os.sched_setaffinity(0, (cores[first:] + cores[:first])[:count])
