"""The options of a command line, resolved: run, data set, settings and device."""

from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path

from voc_model.data.labels import AbsentFlag
from voc_model.data.voc import find_voc_dir
from voc_model.inference.devices import Compute, make_compute
from voc_model.inference.distributed import SINGLE_PROCESS, World
from voc_model.model.ensemble import load_ensemble
from voc_model.model.settings import TrainSettings
from voc_model.model.settings_files import read_settings, replace_settings
from voc_model.progress import SILENT, Reporter
from voc_model.store.runs import RunFolder
from voc_model.training.loggers import LoggerName

_REFERENCE_CONFIG = Path(__file__).parents[2] / "configs" / "adam_model.json"


@dataclass(frozen=True)
class RunOptions:
    """Which run, of which data and settings, computed where.

    Attributes:
        voc_dir: the folder that holds JPEGImages.
        settings: what is learnt.
        cache_dir: where thumbnails are kept, and the features of frozen backbones.
        overwrite: whether to remove what the run holds and start over.
        logger: where the numbers of training are also shown.
    """

    run: RunFolder
    voc_dir: Path
    settings: TrainSettings
    compute: Compute
    cache_dir: Path
    overwrite: bool = False
    logger: LoggerName | None = None

    @property
    def features_dir(self) -> Path:
        """Where the features of frozen backbones are kept."""
        return self.cache_dir / "features"

    def locked(self) -> AbstractContextManager[None]:
        """Keeps other jobs out of the run; rank 0 does so for the whole job.

        Raises:
            BusyError: another job is working on the run.
        """
        return self.run.locked() if self.compute.world.rank == 0 else nullcontext()


def make_options(
    root_dir: Path,
    runs_dir: Path,
    cache_dir: Path,
    config: Path | None = None,
    checkpoint: Path | None = None,
    run_name: str | None = None,
    weights: str | None = None,
    train_split: str | None = None,
    val_split: str | None = None,
    absent_flag: AbsentFlag | None = None,
    folds: int | None = None,
    device: str = "auto",
    workers: int | None = None,
    overwrite: bool = False,
    logger: LoggerName | None = None,
    world: World = SINGLE_PROCESS,
    report: Reporter = SILENT,
) -> RunOptions:
    """Finds the data set, the settings and the run's name.

    With a checkpoint, or a folder of them, the settings are its own and `config` is ignored.
    Otherwise they are those of `config`; else those of the named run; else the reference recipe's.
    The default run name joins the names of the VOC folder and the settings file; a checkpoint in a
    run's folder belongs to that run. `weights`, `train_split`, `val_split`, `absent_flag` and
    `folds` replace the settings of these names.

    Raises:
        DataError, SettingsError, CheckpointError: a path or value is invalid.
    """
    voc_dir = find_voc_dir(root_dir)
    default_name = f"{voc_dir.name}-{(config or _REFERENCE_CONFIG).stem}"
    if checkpoint is not None:
        settings = load_ensemble(checkpoint).first.settings
        default_name = _name_for(checkpoint.resolve(), voc_dir, runs_dir.resolve())
    elif config is None and run_name and RunFolder(runs_dir / run_name).settings_path.is_file():
        settings = read_settings(RunFolder(runs_dir / run_name).settings_path, saved=True)
    else:
        settings = read_settings(config or _REFERENCE_CONFIG, report)
    given = {
        "weights": weights,
        "train_split": train_split,
        "val_split": val_split,
        "absent_flag": absent_flag,
        "folds": folds,
    }
    changes = {name: value for name, value in given.items() if value is not None}
    settings = replace_settings(settings, changes)
    compute = make_compute(device, settings.precision, workers, world)
    if compute.precision != settings.precision:
        report.note(
            f"{settings.precision} is no faster on {compute.device}: using {compute.precision}"
        )
    return RunOptions(
        run=RunFolder(runs_dir / (run_name or default_name)),
        voc_dir=voc_dir,
        settings=settings,
        compute=compute,
        cache_dir=cache_dir,
        overwrite=overwrite,
        logger=logger,
    )


def _name_for(checkpoint: Path, voc_dir: Path, runs_dir: Path) -> str:
    run = RunFolder(checkpoint.parent)
    if checkpoint in (run.checkpoint_path, run.folds_dir):
        name = checkpoint.parent.name
        return name if checkpoint.parent.parent == runs_dir else f"{voc_dir.name}-{name}"
    return f"{voc_dir.name}-{checkpoint.stem}"
