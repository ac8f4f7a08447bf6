"""What each model of a run is trained on, and what selects its epoch.

Choosing the epoch on the split that is reported makes its metrics optimistic; choosing it on held
out training images does not. With K folds every image is trained on by all models but one (Stone
1974: Cross-Validatory Choice and Assessment of Statistical Predictions), and that one's scores are
kept: together they are scores of all training images by models that have not seen them.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from voc_model.data.labels import PRESENT
from voc_model.data.voc import Split, list_reasons, read_split
from voc_model.errors import DataError
from voc_model.metrics.precision_recall import apply_difficult
from voc_model.training.epochs import Subset
from voc_model.training.options import RunOptions

_MAX_LISTED = 5


@dataclass(frozen=True, eq=False)
class Subsets:
    """What is trained on, what selects the epoch, and the latter in words."""

    train: Subset
    selection: Subset
    selected_on: str


def read_subsets(options: RunOptions) -> list[Subsets]:
    """Returns the subsets of every model: of one, or with folds of one per fold.

    Raises:
        DataError: a split cannot be read, shows none of the classes, or has too few images.
    """
    settings = options.settings
    train = _read_split(options, "train_split")
    count = len(train.image_ids)
    if settings.folds:
        return _split_folds(train, settings.folds, settings.seed)
    if not settings.holdout_fraction:
        val = _read_split(options, "val_split", train.classes)
        rows, val_rows = (tuple(range(len(split.image_ids))) for split in (train, val))
        return [Subsets(Subset(train, rows), Subset(val, val_rows), f"the {val.name} split")]
    held_out_count = round(count * settings.holdout_fraction)
    if not 0 < held_out_count < count:
        raise DataError(
            f"{options.voc_dir}: split {train.name!r} has {count} images, too few to hold out "
            f"{settings.holdout_fraction:.0%} of them. Set holdout_fraction to 0."
        )
    order = np.random.default_rng(settings.seed).permutation(count).tolist()
    words = f"{held_out_count:,} images held out of the {train.name} split"
    return [_hold_out(train, order[:held_out_count], words)]


def _split_folds(split: Split, folds: int, seed: int) -> list[Subsets]:
    """Returns the subsets of each fold; folds are random and of the same size up to one image."""
    count = len(split.image_ids)
    if count < folds:
        raise DataError(
            f"{split.voc_dir}: split {split.name!r} has {count} images, too few for {folds} folds. "
            "Choose fewer with --folds K."
        )
    order = np.random.default_rng(seed).permutation(count).tolist()
    words = f"its own fold of the {split.name} split"
    return [_hold_out(split, order[number::folds], words) for number in range(folds)]


def _hold_out(split: Split, rows: Sequence[int], words: str) -> Subsets:
    """Returns the subsets of a model that is trained on all rows but these."""
    rest = set(range(len(split.image_ids))).difference(rows)
    return Subsets(Subset(split, tuple(sorted(rest))), Subset(split, tuple(sorted(rows))), words)


def _read_split(
    options: RunOptions,
    setting: Literal["train_split", "val_split"],
    classes: Sequence[str] | None = None,
) -> Split:
    """Returns the split of a setting, with labels as the convention for difficult objects says.

    Raises:
        DataError: no image shows any of the classes, so nothing can be learnt or measured.
    """
    settings = options.settings
    name = settings.train_split if setting == "train_split" else settings.val_split
    chosen_by = f"--{setting.replace('_', '-')} NAME, or {setting} in the settings file"
    split = read_split(options.voc_dir, name, classes, settings.absent_flag, chosen_by)
    labels = apply_difficult(split.labels, settings.difficult)
    if not (labels == PRESENT).any():
        raise DataError(
            f"{options.voc_dir}: no image of split {name!r} shows any of the "
            f"{len(split.classes)} classes ({', '.join(split.classes[:_MAX_LISTED])}). Correct the "
            f"labels, or choose another split with {chosen_by}. {list_reasons(split.warnings)}"
        )
    return replace(split, labels=labels)
