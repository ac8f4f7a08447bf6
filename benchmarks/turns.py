"""What the benchmarks of training and scoring share: ways in turns, images to work on."""

import platform
import statistics
import time
from collections.abc import Callable
from pathlib import Path

import click
import numpy as np
import torch
from PIL import Image

from voc_model.annotations import image_path, read_split
from voc_model.processors import usable_cores


def median_seconds(ways: dict[str, Callable[[], object]], rounds: int) -> dict[str, float]:
    """Runs each way once a round, in turns so that other load meets all alike."""
    seconds: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(rounds):
        for name, way in ways.items():
            began = time.perf_counter()
            way()
            seconds[name].append(time.perf_counter() - began)
    return {name: statistics.median(taken) for name, taken in seconds.items()}


def find_photographs(root_dir: Path | None, most: int, folder: Path) -> list[Path]:
    """Returns images of a VOC folder's val split, or as many drawn ones of VOC's size."""
    if root_dir is not None:
        ids = read_split(root_dir, "val").image_ids[:most]
        return [image_path(root_dir, image_id) for image_id in ids]
    random = np.random.default_rng(0)
    paths = [folder / f"photograph_{number:04d}.jpg" for number in range(most)]
    for path in paths:
        pixels = Image.fromarray(random.integers(0, 256, (47, 63, 3), np.uint8))
        pixels.resize((500, 375), Image.Resampling.BICUBIC).save(path, quality=90)
    return paths


def describe_machine() -> None:
    """Prints what the figures were measured on."""
    name = platform.processor() or platform.machine()
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.is_file():
        models = [
            line for line in cpuinfo.read_text().splitlines() if line.startswith("model name")
        ]
        name = models[0].partition(":")[2].strip() if models else name
    device = torch.cuda.get_device_name() if torch.cuda.is_available() else "no GPU"
    click.echo(f"{name}, {usable_cores()} cores, {device}, torch {torch.__version__}")
