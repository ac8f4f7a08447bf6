"""K models from one training split: each leaves one fold out and selects its epoch on it.

Choosing the epoch on the split that is reported makes its metrics optimistic; choosing it on held
out training images does not, and with K folds every image is trained on by all models but one
(Stone 1974: Cross-Validatory Choice and Assessment of Statistical Predictions). Each model's scores
of its own fold are kept: together they are scores of all training images by models that have not
seen them, in which label errors show.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from voc_model.data.voc import Split
from voc_model.errors import DataError
from voc_model.store.history import EpochRecord
from voc_model.training.epochs import Subset

_NUMBERS = ("train_loss", "val_loss", "map", "learning_rate")


def split_folds(split: Split, folds: int, seed: int) -> list[tuple[Subset, Subset]]:
    """Returns for each fold the images to train on, and those held out: the fold itself.

    Folds are random, disjoint, and of the same size up to one image.

    Raises:
        DataError: there are fewer images than folds.
    """
    count = len(split.image_ids)
    if count < folds:
        raise DataError(
            f"{split.voc_dir}: split {split.name!r} has {count} images, too few for {folds} folds. "
            "Choose fewer with --folds K."
        )
    order = np.random.default_rng(seed).permutation(count)
    pairs = []
    for number in range(folds):
        held_out = order[number::folds]
        rest = np.setdiff1d(order, held_out)
        rows = tuple(tuple(sorted(part.tolist())) for part in (rest, held_out))
        pairs.append((Subset(split, rows[0]), Subset(split, rows[1])))
    return pairs


def mean_history(histories: Sequence[Sequence[EpochRecord]]) -> list[EpochRecord]:
    """Returns the mean over the models of every epoch's metrics; seconds are added up.

    A model that stopped early is left out of the epochs that it did not train.
    """
    longest = max(histories, key=len)
    means = []
    for index, record in enumerate(longest):
        epochs = [records[index] for records in histories if index < len(records)]
        numbers = {
            name: float(np.mean([getattr(item, name) for item in epochs])) for name in _NUMBERS
        }
        numbers["seconds"] = sum(item.seconds for item in epochs)
        precisions = {
            name: _mean_of_defined([item.average_precisions[name] for item in epochs])
            for name in record.average_precisions
        }
        means.append(replace(record, **numbers, average_precisions=precisions))
    return means


def _mean_of_defined(values: Sequence[float]) -> float:
    defined = [value for value in values if not np.isnan(value)]
    return float(np.mean(defined)) if defined else np.nan
