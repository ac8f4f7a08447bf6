"""What a run depends on: a saved run is reused or resumed only if it is the same."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from voc_model.data.voc import Split, image_path
from voc_model.errors import CheckpointError, SettingsError
from voc_model.files import sha256_of
from voc_model.model.checkpoint import load_checkpoint
from voc_model.model.settings import TrainSettings, list_differences, rename_old_keys
from voc_model.store.runs import RunFolder
from voc_model.training.state import read_training_state


@dataclass(frozen=True, eq=False)
class Part:
    """The rows of a split that are trained on, or that select the epoch."""

    split: Split
    rows: tuple[int, ...] = field(repr=False)


def identify(settings: TrainSettings, parts: Sequence[Part]) -> dict[str, str]:
    """Returns what a run depends on; two runs with the same give the same model.

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
    for part in parts:
        split = part.split
        digest.update(repr(split.classes).encode())
        for image_id in split.image_ids:
            path = image_path(split.voc_dir, image_id)
            # Sizes, not times: a copy of a data set is the same data set.
            size = path.stat().st_size if path.is_file() else -1
            digest.update(f"{image_id} {size}\n".encode())
        digest.update(split.labels.tobytes())
        digest.update(np.array(part.rows).tobytes())
    settings_json = settings.model_dump_json(exclude={"weights"})
    return {"settings": settings_json, "weights": weights, "data": digest.hexdigest()}


def has_finished(run: RunFolder, identity: Mapping[str, str]) -> bool:
    """Tells whether the run holds its last epoch already.

    Raises:
        SettingsError: it was trained with different settings, weights or data.
    """
    state = read_training_state(run.training_state_path)
    if state is not None:
        _check_identity(run, state.identity, identity)
        return state.finished and run.checkpoint_path.is_file()
    if run.checkpoint_path.is_file():
        _check_identity(run, load_checkpoint(run.checkpoint_path).identity, identity)
        return True  # Someone kept the model only.
    return False


def _check_identity(run: RunFolder, saved: Mapping[str, str], requested: Mapping[str, str]) -> None:
    # A setting that an older run does not have was then as its default is.
    defaults = TrainSettings().model_dump(mode="json", exclude={"weights"})
    saved_settings = defaults | rename_old_keys(json.loads(saved["settings"]))
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
