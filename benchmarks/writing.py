"""Writing, ranking and measuring a run: seconds and greatest memory, a process a size.

Baseline: the smallest run. Memory is to grow with the images of one class, not with the table: a
run of ten million images x 20 classes, whose table takes 1.8 GB, is allowed 750 MB.
"""

import os
import sys
import tempfile
import time
from pathlib import Path

import click
from served import ROOT

FEW, CLASSES = 100_000, 20
BASE_MB, BYTES_AN_IMAGE = 200, 55


def write_run(folder: Path, images: int) -> tuple[float, float]:
    """Runs the script; returns its seconds and the most megabytes that it held."""
    script = str(ROOT / "scripts" / "make_synthetic_scores.py")
    command = [sys.executable, script, "--out", str(folder), "--images", str(images)]
    began = time.perf_counter()
    process = os.posix_spawn(sys.executable, command, {**os.environ, "PYTHONPATH": str(ROOT)})
    _, status, usage = os.wait4(process, 0)
    if status:
        raise click.ClickException(f"{script} ended with status {status}")
    return time.perf_counter() - began, usage.ru_maxrss / 1024


@click.command()
@click.option("--full", is_flag=True, help="10 million images, too: 2 GB of disk, a minute.")
def main(full: bool) -> None:
    """Write runs of 100,000 and 1 million images x 20 classes."""
    for images in (FEW, 1_000_000, *([10_000_000] if full else [])):
        with tempfile.TemporaryDirectory() as folder:
            seconds, memory_mb = write_run(Path(folder) / "run", images)
        allowed_mb = BASE_MB + BYTES_AN_IMAGE * images / 1e6
        print(f"{images:>11,} images x {CLASSES}: {seconds:.1f} s, {memory_mb:.0f} MB at most "
              f"({allowed_mb:.0f} MB are allowed)")  # fmt: skip
        if memory_mb > allowed_mb:
            raise click.ClickException("memory grows with the table")


if __name__ == "__main__":
    main()
