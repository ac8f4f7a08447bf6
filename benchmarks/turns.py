"""Ways measured in turns, and the machine that it was done on."""

import platform
import statistics
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import click
import torch

from voc_model.cpu import usable_cores


def median_seconds(ways: Mapping[str, Callable[[], object]], rounds: int) -> dict[str, float]:
    """Runs each way once a round, in turns so that other load meets all alike."""
    seconds: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(rounds):
        for name, way in ways.items():
            began = time.perf_counter()
            way()
            seconds[name].append(time.perf_counter() - began)
    return {name: statistics.median(taken) for name, taken in seconds.items()}


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
