"""One trained model, or several whose scores are averaged."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

from voc_model.errors import TRAIN_AGAIN, CheckpointError
from voc_model.files import sha256_of
from voc_model.model.checkpoint import Checkpoint, load_checkpoint


@dataclass(frozen=True, eq=False)
class Ensemble:
    """The models whose mean score is an image's score; most runs have a single one.

    Attributes:
        checkpoints: K of them, of the same settings and classes.
        sha256: of the file; of K files, that of their digests.
    """

    checkpoints: tuple[Checkpoint, ...]
    sha256: str

    @property
    def first(self) -> Checkpoint:
        """A checkpoint with the settings, classes and preprocessing that all have."""
        return self.checkpoints[0]


def load_ensemble(path: Path) -> Ensemble:
    """Reads a checkpoint, or those of a folder as training with `folds` writes it.

    Args:
        path: a file, or a folder that holds NUMBER/checkpoint.pt.

    Raises:
        CheckpointError: a file is missing or damaged, or the models do not belong together.
    """
    if not path.is_dir():
        return Ensemble((load_checkpoint(path),), sha256_of(path))
    paths = sorted(path.glob("*/checkpoint.pt"), key=lambda item: (len(item.parts[-2]), item))
    if not paths:
        raise CheckpointError(
            f"{path}: a folder without checkpoints; expected a file, or a folder that holds "
            f"NUMBER/checkpoint.pt. {TRAIN_AGAIN}"
        )
    checkpoints = tuple(load_checkpoint(item) for item in paths)
    first = checkpoints[0]
    for item, checkpoint in zip(paths, checkpoints, strict=True):
        if (checkpoint.settings, checkpoint.classes) != (first.settings, first.classes):
            raise CheckpointError(
                f"{item}: its settings or classes are not those of {paths[0]}, so their scores "
                f"cannot be averaged. {TRAIN_AGAIN}"
            )
    if len(paths) != first.settings.folds:
        raise CheckpointError(
            f"{path}: found {len(paths)} of {first.settings.folds} models. Finish the training: "
            "run scripts/train.py with the same options again."
        )
    digests = " ".join(map(sha256_of, paths))
    return Ensemble(checkpoints, hashlib.sha256(digests.encode()).hexdigest())
