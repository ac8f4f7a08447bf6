"""The identity and the state of a training run.

A run is reused or resumed only if its settings, weights and data are unchanged. The state is
written after every epoch, and is small once training is finished.
"""

import hashlib
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch

from voc_model.data.voc import image_path
from voc_model.errors import TRAIN_AGAIN, CheckpointError, SettingsError
from voc_model.files import atomic_path, is_file, sha256_of
from voc_model.inference.distributed import World
from voc_model.model.checkpoint import load_checkpoint
from voc_model.model.classifier import Classifier
from voc_model.model.settings import TrainSettings, restore_saved
from voc_model.model.settings_files import list_differences
from voc_model.model.torch_files import read_torch_file
from voc_model.store.history import EpochRecord
from voc_model.store.runs import RunFolder
from voc_model.training.epochs import Subset
from voc_model.training.optimizer import Learner
from voc_model.training.phases import Phase


@dataclass
class TrainingState:
    """Where a run stands between two epochs.

    Attributes:
        identity: what the run depends on, see `identify`.
        records: one per finished epoch.
        steps: optimization steps taken in these epochs.
        finished: whether the last epoch is done; then no tensors are kept.
        learner: all that training alters, see `optimizer.Learner.state_dict`.
    """

    identity: Mapping[str, str]
    records: list[EpochRecord] = field(default_factory=list)
    steps: int = 0
    finished: bool = False
    learner: dict[str, Any] = field(default_factory=dict)

    @property
    def best(self) -> EpochRecord | None:
        """The epoch with the highest mAP, the first of equals; the last where it is undefined."""
        best: EpochRecord | None = None
        for record in self.records:
            if best is None or not record.map <= best.map:
                best = record
        return best

    def maps_since(self, epoch: int) -> list[float]:
        """Returns the mAP of every epoch from this one on."""
        return [record.map for record in self.records if record.epoch >= epoch]

    def add(self, record: EpochRecord, steps: int, learner: Learner | None) -> None:
        """Adds an epoch.

        Args:
            steps: taken since the run began.
            learner: as the epoch has left it; None if training ends with a single fit.
        """
        self.records.append(record)
        self.steps = steps
        self.finished = bool(record.stop_reason)
        self.learner = {} if self.finished or learner is None else learner.state_dict()

    def write(self, path: Path) -> None:
        """Writes the state, whole or not at all."""
        content = vars(self) | {"records": [asdict(record) for record in self.records]}
        # To memory first: torch reports a full disk as an error of its own, without the reason.
        file = io.BytesIO()
        torch.save(content, file)
        with atomic_path(path) as temporary:
            temporary.write_bytes(file.getbuffer())


def read_training_state(path: Path) -> TrainingState | None:
    """Reads the state of a run; None if it has none.

    Raises:
        CheckpointError: the file is damaged.
    """
    if not path.is_file():
        return None
    content = read_torch_file(path, TRAIN_AGAIN)
    try:
        records = [EpochRecord(**record) for record in content.pop("records")]
        return TrainingState(records=records, **content)
    except (KeyError, TypeError) as error:
        raise CheckpointError(f"{path}: damaged ({error!r}). {TRAIN_AGAIN}") from error


def open_state(path: Path, identity: Mapping[str, str], world: World) -> TrainingState:
    """Returns the saved state; without one, a new one."""
    state = read_training_state(path)
    world.barrier()  # Rank 0 writes one below.
    if state is None:
        state = TrainingState(identity)
        if world.rank == 0:
            # Before the first checkpoint, which alone would pass for that of a finished run.
            state.write(path)
    return state


def resume_learner(state: TrainingState, model: Classifier, phase: Phase) -> Learner:
    """Returns the learner of a phase, as its last epoch or else the phase before has left it.

    Phases are connected by the saved state alone, so that a run that was killed between them does
    the same as one that was not.

    Raises:
        CheckpointError: the state is of another version of this program.
    """
    begins = len(state.records) < phase.first
    try:
        if begins and state.learner:
            model.load_state_dict(state.learner["model"], strict=False)
        learner = Learner(model, phase.settings)
        if state.learner and not begins:
            learner.load_state_dict(state.learner)
    except (KeyError, ValueError, RuntimeError) as error:
        raise CheckpointError(
            f"the saved state of this run does not fit ({error}): another version of this program "
            f"wrote it. {TRAIN_AGAIN}"
        ) from error
    return learner


def identify(settings: TrainSettings, subsets: Sequence[Subset]) -> dict[str, str]:
    """Returns what a run depends on; two runs with the same identity give the same model.

    Raises:
        CheckpointError: the weights file cannot be read.
    """
    weights = settings.weights
    if weights not in ("imagenet", "none"):
        try:
            weights = f"sha256:{sha256_of(Path(weights))}"
        except OSError as error:
            raise CheckpointError(
                f"{weights}: cannot be read ({error.strerror}). Give --weights FILE."
            ) from None
    digest = hashlib.sha256()
    for subset in subsets:
        split = subset.split
        digest.update(repr(split.classes).encode())
        for image_id in split.image_ids:
            path = image_path(split.voc_dir, image_id)
            # Sizes, not times: a copy of a data set is the same data set.
            size = path.stat().st_size if is_file(path) else -1
            digest.update(f"{image_id} {size}\n".encode())
        digest.update(split.labels.tobytes())
        digest.update(np.array(subset.rows).tobytes())
    settings_json = settings.model_dump_json(exclude={"weights"})
    return {"settings": settings_json, "weights": weights, "data": digest.hexdigest()}


def find_state(run: RunFolder, identity: Mapping[str, str]) -> TrainingState:
    """Returns where a run stands, without writing anything.

    Raises:
        SettingsError: it was trained with different settings, weights or data.
    """
    state = read_training_state(run.training_state_path)
    if state is not None:
        _check_identity(run, state.identity, identity)
        # A finished run whose checkpoint was removed starts over.
        is_lost = state.finished and not run.checkpoint_path.is_file()
        return TrainingState(identity) if is_lost else state
    if run.checkpoint_path.is_file():
        _check_identity(run, load_checkpoint(run.checkpoint_path).identity, identity)
        return TrainingState(identity, finished=True)  # Only the model was kept.
    return TrainingState(identity)


def _check_identity(run: RunFolder, saved: Mapping[str, str], requested: Mapping[str, str]) -> None:
    # A setting that an older run lacks had its default value then, or another that is restored.
    defaults = TrainSettings().model_dump(mode="json", exclude={"weights"})
    saved_settings = defaults | restore_saved(json.loads(saved["settings"]))
    differences = list_differences(saved_settings, json.loads(requested["settings"]))
    if saved["weights"] != requested["weights"]:
        differences.append(
            f"weights={saved['weights']} (saved), {requested['weights']} (requested)"
        )
    if saved["data"] != requested["data"]:
        differences.append("the images or labels differ")
    if differences:
        raise SettingsError(
            f"{run.path}: this run exists with different settings: {'; '.join(differences)}. "
            "Choose another name with --run NAME, or replace it with --overwrite."
        )
