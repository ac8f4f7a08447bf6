"""What a killed training resumes from: written after every epoch, small once it is finished."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import torch

from voc_model.errors import TRAIN_AGAIN, CheckpointError
from voc_model.files import atomic_path
from voc_model.inference.distributed import World
from voc_model.model.checkpoint import read_torch_file
from voc_model.store.history import EpochRecord
from voc_model.training.optimizer import Learner


@dataclass
class TrainingState:
    """Where a run stands between two epochs.

    Attributes:
        identity: what the run depends on, see `loop.TrainingJob`.
        records: one per finished epoch.
        finished: whether the last epoch is done; then no tensors are kept.
        learner: all that training alters, see `optimizer.Learner.state_dict`.
    """

    identity: Mapping[str, str]
    records: list[EpochRecord] = field(default_factory=list)
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

    def write(self, path: Path) -> None:
        """Writes the state, whole or not at all."""
        content = vars(self) | {"records": [asdict(record) for record in self.records]}
        with atomic_path(path) as temporary:
            torch.save(content, temporary)


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


def resume(
    path: Path, identity: Mapping[str, str], learner: Learner, world: World
) -> TrainingState:
    """Returns where the run stands, with the learner as it was then; a new run begins."""
    state = read_training_state(path)
    world.barrier()  # Rank 0 writes one below.
    if state is None:
        state = TrainingState(identity)
        if world.rank == 0:
            # Before the first checkpoint, which alone would pass for that of a finished run.
            state.write(path)
    if state.learner:
        learner.load_state_dict(state.learner)
    return state
