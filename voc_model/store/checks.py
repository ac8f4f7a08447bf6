"""Checks of a score table's parts, whether it is built in memory, written in chunks or read."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from voc_model.data.labels import PRESENT, UNKNOWN


def check_size(images: int, classes: Sequence[str]) -> None:
    """Checks that there are images and classes, and that class names are unique.

    Raises:
        ValueError: there are none, or a name occurs twice.
    """
    if not images or not classes:
        raise ValueError(
            f"found {images} images and {len(classes)} classes, expected at least one of each"
        )
    duplicates = [name for name, count in Counter(classes).items() if count > 1]
    if duplicates:
        raise ValueError(f"found duplicate class names: {', '.join(duplicates)}")


def check_shapes(scores: NDArray[Any], labels: NDArray[Any], expected: tuple[int, int]) -> None:
    """Checks that scores and labels both have the expected (images, classes) shape.

    Raises:
        ValueError: one of them has another shape.
    """
    for name, array in (("scores", scores), ("labels", labels)):
        if array.shape != expected:
            raise ValueError(f"{name} has shape {array.shape}, expected {expected}")


def check_ranges(scores: NDArray[np.float32], labels: NDArray[np.int8]) -> None:
    """Checks that scores are in [0, 1] or NaN, and that labels are 1, 0, -1 or -2.

    Raises:
        ValueError: a value is out of range.
    """
    with np.errstate(invalid="ignore"):  # NaN is allowed.
        wrong = (scores < 0) | (scores > 1)
    if wrong.any():
        raise ValueError(f"found score {scores[wrong][0]:g}, expected a value in [0, 1] or NaN")
    wrong = (labels < UNKNOWN) | (labels > PRESENT)
    if wrong.any():
        raise ValueError(f"found label {labels[wrong][0]}, expected 1, 0, -1 or -2")
