"""Where a model is computed: the device, the precision, the processes."""

from collections.abc import Iterable
from dataclasses import dataclass
from importlib.metadata import version

import torch

from voc_model.cpu import usable_cores
from voc_model.errors import SettingsError
from voc_model.inference.distributed import SINGLE_PROCESS, World
from voc_model.model.setting_fields import Precision

_MAX_WORKERS = 16


@dataclass(frozen=True)
class Compute:
    """Where and how a model is computed.

    Attributes:
        device: where the model runs.
        precision: of the backbone's arithmetic at inference time, and of autocast in training.
        workers: processes that decode images while the model runs; with 0, threads of this process
            do it between batches.
        world: the processes that share the work.
    """

    device: torch.device
    precision: Precision = "float32"
    workers: int = 0
    world: World = SINGLE_PROCESS


def make_compute(
    device: str = "auto",
    precision: Precision = "float32",
    workers: int | None = None,
    world: World = SINGLE_PROCESS,
) -> Compute:
    """Returns how to compute what a command line asks for.

    Args:
        device: `auto` for a GPU if there is one, or a name that PyTorch knows.
        precision: as wanted; bfloat16 becomes float32 where it is no faster.
        workers: by default none on a CPU, where they would delay the model's own batches, and one
            per core with a GPU.

    Raises:
        SettingsError: this machine has no such device.
    """
    chosen = choose_device(device)
    if workers is None:
        workers = 0 if chosen.type == "cpu" else min(usable_cores(), _MAX_WORKERS)
    return Compute(chosen, usable_precision(precision, chosen), workers, world)


def library_versions(names: Iterable[str], device: torch.device) -> dict[str, str]:
    """Returns the versions of those of the libraries that compute on a device."""
    return {name: version(name) for name in names if name != "openvino" or device.type == "cpu"}


def usable_precision(wanted: Precision, device: torch.device) -> Precision:
    """Returns the precision to compute in: bfloat16 only if it is wanted and faster."""
    return wanted if _has_bfloat16(device) else "float32"


def choose_device(name: str) -> torch.device:
    """Returns the device of a name, for `auto` a GPU if there is one.

    Raises:
        SettingsError: this machine has no such device.
    """
    if name == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    try:
        device = torch.device(name)
        torch.empty(0, device=device)
    except (RuntimeError, AssertionError) as error:
        reason = str(error).partition("\n")[0]
        raise SettingsError(
            f"--device {name}: device not available ({reason}). Use auto, cpu or cuda."
        ) from None
    return device


def _has_bfloat16(device: torch.device) -> bool:
    """Returns whether a device computes in bfloat16 natively, rather than emulating it slowly."""
    if device.type == "cuda":
        return bool(torch.cuda.is_bf16_supported(including_emulation=False))
    # PyTorch has no public function for it; these two are those of its own compiler.
    native = torch.cpu._is_avx512_bf16_supported() or torch.cpu._is_amx_tile_supported()
    return device.type == "cpu" and native
