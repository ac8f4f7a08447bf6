"""A run folder: one model's settings, checkpoint, scores and metrics. Listing runs."""

from dataclasses import dataclass
from pathlib import Path

from voc_model.errors import NotFoundError, ScoreStoreError
from voc_model.store.scores import ScoreTable

RUNS_DIR = Path("runs")


@dataclass(frozen=True)
class RunFolder:
    """The names of a run's files; any of them may not exist yet."""

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
    def training_state_path(self) -> Path:
        return self.path / "training_state.pt"

    @property
    def history_path(self) -> Path:
        return self.path / "history.csv"

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
        """Where all that is wrong with a split of the data set is listed, a line each."""
        return self.path / f"warnings_{split}.txt"

    @property
    def figures_dir(self) -> Path:
        return self.path / "figures"


def list_runs(runs_dir: Path) -> list[RunFolder]:
    """Returns the runs that have scores, the newest scores first."""
    found = [RunFolder(path.parent) for path in runs_dir.glob("*/scores.npz")]
    return sorted(found, key=lambda run: (-run.scores_path.stat().st_mtime, run.name))


def find_run(runs_dir: Path, name: str | None, voc_dir: Path | None) -> RunFolder:
    """Returns the run to show: the named one, else the newest that scored `voc_dir` (or any).

    Args:
        name: a run's name in `runs_dir`, or the path of a run folder.

    Raises:
        NotFoundError: there is none; the message says how to make one.
    """
    if name is not None:
        for path in (runs_dir / name, Path(name)):
            if path.is_dir():
                return RunFolder(path)
        names = ", ".join(run.name for run in list_runs(runs_dir)) or "none"
        raise NotFoundError(f"{runs_dir / name}: no such run. There are: {names}.")
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
        return damaged[0]  # Nothing sound hides behind it, and its pages say what to do.
    wanted = f"of {voc_dir} " if voc_dir else ""
    root_dir = voc_dir / "JPEGImages" if voc_dir else "PATH/VOC2012/JPEGImages/"
    raise NotFoundError(
        f"{runs_dir}: no scores {wanted}yet. Make them with "
        f"scripts/precompute_scores.py --root-dir {root_dir}, or train, score and serve in one: "
        f"make gui root_dir={root_dir}"
    )
