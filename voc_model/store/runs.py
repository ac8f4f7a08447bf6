"""A run folder: the settings, checkpoint, scores and metrics of one model; finding runs."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from voc_model.errors import NotFoundError, ScoreStoreError
from voc_model.files import locked, remove_abandoned
from voc_model.store.scores import ScoreTable

RUNS_DIR = Path("runs")
CACHE_DIR = Path(".cache")


@dataclass(frozen=True)
class RunFolder:
    """The paths of a run's files, any of which may not exist yet."""

    path: Path

    @property
    def name(self) -> str:
        return self.path.name

    @property
    def settings_path(self) -> Path:
        return self.path / "settings.json"

    @property
    def checkpoint_path(self) -> Path:
        return self.path / "checkpoint.pt"

    @property
    def folds_dir(self) -> Path:
        """Holds one run folder per model of a run that was trained with `folds`."""
        return self.path / "folds"

    def fold(self, number: int) -> "RunFolder":
        """Returns the run folder of a model, from 1."""
        return RunFolder(self.folds_dir / str(number))

    @property
    def models_path(self) -> Path:
        """The checkpoint, or the folder of several; what it is may not exist yet."""
        return self.folds_dir if self.folds_dir.is_dir() else self.checkpoint_path

    @property
    def out_of_fold_path(self) -> Path:
        """The scores of training images, each by the model that was not trained on it."""
        return self.path / "out_of_fold.npz"

    @property
    def training_state_path(self) -> Path:
        return self.path / "training_state.pt"

    @property
    def history_path(self) -> Path:
        return self.path / "history.csv"

    @property
    def steps_path(self) -> Path:
        return self.path / "steps.csv"

    @property
    def cross_validation_path(self) -> Path:
        return self.path / "cross_validation.csv"

    @property
    def tensorboard_dir(self) -> Path:
        return self.path / "tensorboard"

    @property
    def conversion_path(self) -> Path:
        return self.path / "conversion.json"

    @property
    def scores_path(self) -> Path:
        return self.path / "scores.npz"

    @property
    def parts_dir(self) -> Path:
        return self.path / "scores.parts"

    @property
    def metrics_path(self) -> Path:
        return self.path / "metrics.json"

    @property
    def curves_path(self) -> Path:
        return self.path / "curves.npz"

    def warnings_path(self, split: str) -> Path:
        """The list of problems of a split of the data set, one per line."""
        return self.path / f"warnings_{split}.txt"

    @property
    def figures_dir(self) -> Path:
        return self.path / "figures"

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Keeps other jobs out of the run, and removes half-written files of killed ones.

        Raises:
            BusyError: another job is working on the run.
        """
        with locked(self.path):
            remove_abandoned(self.path, older_than_s=0, recursive=True)
            yield


def list_runs(runs_dir: Path) -> list[RunFolder]:
    """Returns the runs that have scores, those with the newest scores first."""
    found = [RunFolder(path.parent) for path in runs_dir.glob("*/scores.npz")]
    return sorted(found, key=lambda run: (-run.scores_path.stat().st_mtime, run.name))


def find_run(runs_dir: Path, name: str | None, voc_dir: Path | None) -> RunFolder:
    """Returns the run to show.

    Args:
        runs_dir: the folder that holds the runs.
        name: the name of a run in `runs_dir`, or the path of a run folder; by default the run with
            the newest scores.
        voc_dir: the data set that it must have scored, if no name is given; by default any.

    Raises:
        NotFoundError: there is none; the message says how to create one.
    """
    if name is not None:
        for path in (runs_dir / name, Path(name)):
            if path.is_dir():
                return RunFolder(path)
        names = ", ".join(run.name for run in list_runs(runs_dir)) or "none"
        raise NotFoundError(f"{runs_dir / name}: no such run. Existing runs: {names}.")
    damaged = []
    for run in list_runs(runs_dir):
        try:
            scored = ScoreTable.open(run.scores_path).manifest.voc_dir
        except ScoreStoreError:
            damaged.append(run)
            continue
        if voc_dir is None or scored == str(voc_dir):
            return run
    if damaged and voc_dir is None:
        return damaged[0]  # There is no other, and its pages say what to do.
    data_set = f" of {voc_dir}" if voc_dir else ""
    root_dir = voc_dir / "JPEGImages" if voc_dir else "PATH/VOC2012/JPEGImages/"
    raise NotFoundError(
        f"{runs_dir}: no scores{data_set} yet. Create them with "
        f"scripts/precompute_scores.py --root-dir {root_dir}, or train, score and serve with "
        f"make gui root_dir={root_dir}"
    )
