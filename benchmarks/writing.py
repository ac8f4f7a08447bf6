"""Writing, ranking and evaluating a run: seconds and peak memory, one process per size.

Baseline: the smallest run. Memory may grow with the number of images, but not with the size of the
table: the limit for 10 million images x 20 classes, whose table takes 1.8 GB, is 750 MB.
"""

import os
import sys
import tempfile
import time
from pathlib import Path

import click
from served import ROOT

BASE_IMAGES, CLASSES = 100_000, 20
BASE_MB, BYTES_PER_IMAGE = 200, 55


def write_run(folder: Path, images: int) -> tuple[float, float]:
    """Runs the script; returns its seconds and its peak memory in megabytes."""
    script = str(ROOT / "scripts" / "make_synthetic_scores.py")
    command = [sys.executable, script, "--out", str(folder), "--images", str(images)]
    began = time.perf_counter()
    process = os.posix_spawn(sys.executable, command, {**os.environ, "PYTHONPATH": str(ROOT)})
    _, status, usage = os.wait4(process, 0)
    if status:
        raise click.ClickException(f"{script} failed with status {status}")
    return time.perf_counter() - began, usage.ru_maxrss / 1024


@click.command()
@click.option("--full", is_flag=True, help="Also 10 million images: 2 GB of disk, a minute.")
def main(full: bool) -> None:
    """Write runs of 100,000 and 1 million images x 20 classes."""
    for images in (BASE_IMAGES, 1_000_000, *([10_000_000] if full else [])):
        with tempfile.TemporaryDirectory() as folder:
            seconds, memory_mb = write_run(Path(folder) / "run", images)
        limit_mb = BASE_MB + BYTES_PER_IMAGE * images / 1e6
        print(f"{images:>11,} images x {CLASSES}: {seconds:.1f} s, peak {memory_mb:.0f} MB "
              f"(limit {limit_mb:.0f} MB)")  # fmt: skip
        if memory_mb > limit_mb:
            raise click.ClickException("memory grows with the table")


if __name__ == "__main__":
    main()
