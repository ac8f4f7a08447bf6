"""Starts programs as torchrun does, each process with one thread, as the tests themselves have."""

import os
import signal
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent


def start(count: int, program: Path | str, *arguments: str) -> "subprocess.Popen[str]":
    """Starts a program of the project in so many processes that share one job."""

    launcher = [sys.executable, "-m", "torch.distributed.run", "--standalone"]
    process = subprocess.Popen(
        [*launcher, "--nproc-per-node", str(count), str(ROOT / program), *arguments],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    # Before it starts others, which inherit it. More threads may round otherwise.
    os.sched_setaffinity(process.pid, sorted(os.sched_getaffinity(0))[:count])
    return process


def succeed(count: int, program: Path | str, *arguments: str) -> str:
    """Runs a program to its end and returns all that it said."""
    process = start(count, program, *arguments)
    said, errors = process.communicate()
    assert process.returncode == 0, said + errors
    return said + errors


def kill_one(launcher: "subprocess.Popen[str]", rank: int) -> None:
    """Kills one of the processes that a launcher has started."""
    children = Path(f"/proc/{launcher.pid}/task/{launcher.pid}/children").read_text().split()
    for child in children:
        variables = Path(f"/proc/{child}/environ").read_bytes().split(b"\0")
        if f"RANK={rank}".encode() in variables:
            os.kill(int(child), signal.SIGKILL)
            return
    raise AssertionError(f"none of {children} has rank {rank}")
