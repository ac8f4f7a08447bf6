"""Starts programs with torchrun, each process with a single thread as in the tests."""

import os
import signal
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent


def start(count: int, program: Path | str, *arguments: str) -> "subprocess.Popen[str]":
    """Starts a program of the project in `count` processes of one job."""
    launcher = [sys.executable, "-m", "torch.distributed.run", "--standalone"]
    process = subprocess.Popen(
        [*launcher, "--nproc-per-node", str(count), str(ROOT / program), *arguments],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    # Child processes inherit this. More threads could change the rounding.
    os.sched_setaffinity(process.pid, sorted(os.sched_getaffinity(0))[:count])
    return process


def succeed(count: int, program: Path | str, *arguments: str) -> str:
    """Runs a program, checks that it succeeds, and returns its output."""
    process = start(count, program, *arguments)
    output, errors = process.communicate()
    assert process.returncode == 0, output + errors
    return output + errors


def kill_one(launcher: "subprocess.Popen[str]", rank: int) -> None:
    """Kills the process of a rank that a launcher has started."""
    children = Path(f"/proc/{launcher.pid}/task/{launcher.pid}/children").read_text().split()
    for child in children:
        variables = Path(f"/proc/{child}/environ").read_bytes().split(b"\0")
        if f"RANK={rank}".encode() in variables:
            os.kill(int(child), signal.SIGKILL)
            return
    raise AssertionError(f"none of {children} has rank {rank}")
