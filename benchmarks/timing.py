"""Median times of alternating measurements, and the machine they were taken on."""

import platform
import statistics
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import click
import torch

from voc_model.cpu import usable_cores


def median_seconds(variants: Mapping[str, Callable[[], object]], rounds: int) -> dict[str, float]:
    """Runs every variant once per round, so that other load on the machine affects all alike."""
    seconds: dict[str, list[float]] = {name: [] for name in variants}
    for _ in range(rounds):
        for name, run in variants.items():
            began = time.perf_counter()
            run()
            seconds[name].append(time.perf_counter() - began)
    return {name: statistics.median(taken) for name, taken in seconds.items()}


def describe_machine() -> str:
    """Prints processor, cores, GPU and PyTorch version, and returns this line."""
    name = platform.processor() or platform.machine()
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.is_file():
        models = [
            line for line in cpuinfo.read_text().splitlines() if line.startswith("model name")
        ]
        name = models[0].partition(":")[2].strip() if models else name
    device = torch.cuda.get_device_name() if torch.cuda.is_available() else "no GPU"
    machine = f"{name}, {usable_cores()} cores, {device}, torch {torch.__version__}"
    click.echo(machine)
    return machine
