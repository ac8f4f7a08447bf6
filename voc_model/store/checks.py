"""Checks of a score table's parts, whether it is built in memory, written in chunks or read."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from voc_model.data.labels import PRESENT, UNKNOWN


def check_counts(images: int, classes: int) -> None:
    """Checks that there are images and classes.

    Raises:
        ValueError: there are none.
    """
    if not images or not classes:
        raise ValueError(
            f"found {images} images and {classes} classes, expected at least one of each"
        )


def check_size(images: int, classes: Sequence[str]) -> None:
    """Checks that there are images and classes, and that every class has a name of its own.

    Raises:
        ValueError: there are none, or a name is empty or occurs twice.
    """
    check_counts(images, len(classes))
    if "" in classes:
        raise ValueError("found a class without a name")
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
    # Unlike min and max, these two ignore NaN, which is allowed.
    for score in (np.fmin.reduce(scores, axis=None), np.fmax.reduce(scores, axis=None)):
        if score < 0 or score > 1:
            raise ValueError(f"found score {score:g}, expected a value in [0, 1] or NaN")
    for label in (labels.min(), labels.max()):
        if not UNKNOWN <= label <= PRESENT:
            raise ValueError(f"found label {label}, expected 1, 0, -1 or -2")


def check_ids(image_ids: NDArray[np.bytes_], previous: bytes = b"") -> None:
    """Checks that (K,) ids are in ascending order, and each a name or relative path in UTF-8.

    Args:
        image_ids: consecutive ones of a table, at least one.
        previous: the id before them; empty if they are the first.

    Raises:
        ValueError: an id is not greater than the one before, or none that a file could have.
    """
    if not (image_ids[0] > previous and (image_ids[1:] > image_ids[:-1]).all()):
        if not image_ids[0]:
            raise ValueError("found an image without an id")
        raise ValueError("image ids are not in ascending order without duplicates")
    # (K, width) bytes, NUL after the end of an id.
    codes = np.ascontiguousarray(image_ids).view(np.uint8).reshape(len(image_ids), -1)
    dots = codes == ord(".")
    suspects = (
        (codes >= 0x80).any(axis=1)  # UTF-8 beyond ASCII, or no UTF-8.
        | (codes == ord("\n")).any(axis=1)
        | (codes == ord("\r")).any(axis=1)
        | ((codes[:, :-1] == 0) & (codes[:, 1:] != 0)).any(axis=1)
        | (codes[:, 0] == ord("/"))
        | (dots[:, :-1] & dots[:, 1:]).any(axis=1)
    )
    for image_id in image_ids[suspects].tolist():
        _check_id(image_id)


def _check_id(image_id: bytes) -> None:
    try:
        text = image_id.decode()
    except UnicodeDecodeError:
        raise ValueError(f"found image id {image_id!r}, expected UTF-8") from None
    if any(character in text for character in "\n\r\0"):
        raise ValueError(f"found image id {text!r}, expected no line breaks and no NUL")
    if text.startswith("/") or ".." in text.split("/"):
        raise ValueError(f"found image id {text!r}, expected a path below the folder of the images")
