"""Which run, on what, on which machine: the command line's words made definite."""

from dataclasses import dataclass
from pathlib import Path

import torch

from voc_model.data.voc import find_voc_dir
from voc_model.errors import SettingsError
from voc_model.inference.distributed import ALONE, Processes
from voc_model.inference.loading import choose_workers
from voc_model.model.checkpoint import load_checkpoint
from voc_model.model.settings import Precision, TrainSettings, read_settings
from voc_model.store.runs import RunFolder

_REFERENCE_CONFIG = Path(__file__).parents[2] / "configs" / "adam_model.json"


@dataclass(frozen=True)
class RunOptions:
    """Which run, on what, on which machine.

    Attributes:
        run: the run's folder.
        voc_dir: the folder that holds JPEGImages.
        settings: what is learnt.
        device: where the model runs.
        workers: processes that decode images.
        cache_dir: where thumbnails are kept, and the features of frozen backbones.
        overwrite: what the run holds is removed first.
        processes: those that share the work; they see the same folders.
    """

    run: RunFolder
    voc_dir: Path
    settings: TrainSettings
    device: torch.device
    workers: int
    cache_dir: Path
    overwrite: bool = False
    processes: Processes = ALONE

    @property
    def features_dir(self) -> Path:
        """Where the features of frozen backbones are kept."""
        return self.cache_dir / "features"


def make_options(
    root_dir: Path,
    runs_dir: Path,
    cache_dir: Path,
    config: Path | None = None,
    checkpoint: Path | None = None,
    run_name: str | None = None,
    weights: str | None = None,
    device: str = "auto",
    workers: int | None = None,
    overwrite: bool = False,
    processes: Processes = ALONE,
) -> RunOptions:
    """Finds the data set, the settings and the run's name.

    The settings are those of `config`; else those that the named run was made by; else, with a
    checkpoint, its own; else the reference recipe's. The default name of a run is the VOC folder's
    and the settings file's; a checkpoint in a run's folder belongs to that run.

    Raises:
        DataError, SettingsError, CheckpointError: a path or value is at fault.
    """
    voc_dir = find_voc_dir(root_dir)
    default_name = f"{voc_dir.name}-{(config or _REFERENCE_CONFIG).stem}"
    own_settings = RunFolder(runs_dir / run_name).settings_path if run_name else None
    if checkpoint is not None:
        settings = load_checkpoint(checkpoint).settings
        default_name = _name_for(checkpoint.resolve(), voc_dir, runs_dir.resolve())
    elif config is None and own_settings is not None and own_settings.is_file():
        settings = read_settings(own_settings)
    else:
        settings = read_settings(config or _REFERENCE_CONFIG)
    if weights is not None:
        settings = settings.model_copy(update={"weights": weights})
    chosen_device = choose_device(device)
    return RunOptions(
        run=RunFolder(runs_dir / (run_name or default_name)),
        voc_dir=voc_dir,
        settings=settings,
        device=chosen_device,
        workers=choose_workers(chosen_device) if workers is None else workers,
        cache_dir=cache_dir,
        overwrite=overwrite,
        processes=processes,
    )


def choose_device(name: str) -> torch.device:
    """Returns the device named, or for `auto` a GPU where there is one.

    Raises:
        SettingsError: there is no such device here.
    """
    if name == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    try:
        device = torch.device(name)
        torch.empty(0, device=device)
    except (RuntimeError, AssertionError) as error:
        reason = str(error).partition("\n")[0]
        raise SettingsError(
            f"--device {name}: not here ({reason}). Use auto, cpu or cuda."
        ) from None
    return device


def usable_precision(wanted: Precision, device: torch.device) -> Precision:
    """Returns the precision to compute in: bfloat16 only where it is wanted and pays."""
    return wanted if _has_bfloat16(device) else "float32"


def _has_bfloat16(device: torch.device) -> bool:
    """Tells whether a device computes in bfloat16 itself, rather than imitating it slowly."""
    if device.type == "cuda":
        return bool(torch.cuda.is_bf16_supported(including_emulation=False))
    # PyTorch has no public question for it; these two are those of its own compiler.
    has_it = torch.cpu._is_avx512_bf16_supported() or torch.cpu._is_amx_tile_supported()
    return device.type == "cpu" and has_it


def _name_for(checkpoint: Path, voc_dir: Path, runs_dir: Path) -> str:
    if checkpoint == RunFolder(checkpoint.parent).checkpoint_path:
        name = checkpoint.parent.name
        return name if checkpoint.parent.parent == runs_dir else f"{voc_dir.name}-{name}"
    return f"{voc_dir.name}-{checkpoint.stem}"
