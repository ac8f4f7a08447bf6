"""scores.npz: the one file between the offline side and the pages.

Large members stay in the file (see `file_array`), so opening it takes the same time for ten million
images as for a thousand.
"""

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import ValidationError

from voc_model.errors import SCORE_AGAIN, NotFoundError, ScoreStoreError
from voc_model.store.archive import Archive, open_npz
from voc_model.store.checks import check_counts, check_ids, check_ranges, check_shapes, check_size
from voc_model.store.file_array import StoredArray
from voc_model.store.manifest import Manifest
from voc_model.store.npz import checksum_of, write_npz
from voc_model.store.ranking import ClassRanking, is_rank_order, rank_rows

_COLUMN_BYTES = 64 << 20
_CHUNK_VALUES = 1 << 20


@dataclass(frozen=True, eq=False)
class ScoreTable:
    """N images x C classes: scores, labels and rankings; the arrays may be in a file.

    Attributes:
        image_ids: (N,) UTF-8 bytes of fixed width, in ascending order, without duplicates.
        classes: C names, without duplicates.
        scores: (N, C) float32 in [0, 1], NaN for an unreadable image.
        labels: (N, C) int8: 1 present, 0 absent, -1 ignored (difficult), -2 unknown.
        ranking: (C, N) int32 row indices, see `ranking.rank_rows`.
        manifest: where the scores come from.
        archive: the file of an opened table.
    """

    image_ids: StoredArray
    classes: tuple[str, ...]
    scores: StoredArray
    labels: StoredArray
    ranking: StoredArray
    manifest: Manifest
    archive: Archive | None = None

    @cached_property
    def digest(self) -> str:
        """Identifies the contents of scores.npz: a hash of the CRC-32 of every member."""
        checksums = self.archive.checksums if self.archive else None
        if checksums is None:
            checksums = {name: checksum_of(array) for name, array in self._members().items()}
        return sha256(repr(sorted(checksums.items())).encode()).hexdigest()[:32]

    @classmethod
    def build(
        cls,
        image_ids: Sequence[str],
        classes: Sequence[str],
        scores: NDArray[np.float32],
        labels: NDArray[np.int8],
        manifest: Manifest,
        logits: NDArray[np.float32] | None = None,
    ) -> "ScoreTable":
        """Sorts the images by id and ranks every class.

        Args:
            image_ids: N ids, in any order.
            classes: C names.
            scores: (N, C) in [0, 1], NaN for an unreadable image.
            labels: (N, C) 1 present, 0 absent, -1 ignored (difficult), -2 unknown.
            manifest: where the scores come from.
            logits: (N, C) whose order ranks equal scores, since a sigmoid in float32 is 1 from a
                logit of 17 on; by default equal scores are in order of image id.

        Raises:
            ValueError: shapes do not match, an id or class name occurs twice, or a value is out of
                range.
        """
        check_shapes(scores, labels, (len(image_ids), len(classes)))
        encoded = np.array([image_id.encode() for image_id in image_ids], np.bytes_)
        order = np.argsort(encoded, kind="stable")
        scores = np.ascontiguousarray(np.asarray(scores, np.float32)[order])
        table = cls(
            encoded[order],
            tuple(classes),
            scores,
            np.ascontiguousarray(np.asarray(labels, np.int8)[order]),
            rank_rows(scores, None if logits is None else logits[order]),
            manifest,
        )
        table.check_values()
        return table

    @classmethod
    def open(cls, path: Path) -> "ScoreTable":
        """Opens a file in constant time for any number of images; `verify` checks the values.

        Raises:
            ScoreStoreError: the file is missing, damaged or not of this format; the message says
                what was found, what was expected and what to run.
        """
        if not path.is_file():
            raise ScoreStoreError(f"{path}: not found. {SCORE_AGAIN}")
        try:
            table = cls._of_archive(open_npz(path))
        except (KeyError, ValueError, OSError) as error:
            raise ScoreStoreError(f"{path}: {_describe_damage(error)}. {SCORE_AGAIN}") from error
        try:
            table.check_layout()
        except ValueError as error:
            raise ScoreStoreError(f"{path}: {error}. {SCORE_AGAIN}") from error
        return table

    @classmethod
    def _of_archive(cls, archive: Archive) -> "ScoreTable":
        members = archive.members
        manifest, classes = np.asarray(members["manifest"]).item(), members["classes"]
        if not isinstance(manifest, bytes) or classes.dtype.kind != "S":
            raise ValueError("manifest or classes is not text")
        # Before the names are decoded: so many that no scores belong to them would fill the memory.
        _check_arrays(members, classes.size)
        return cls(
            members["image_ids"],
            tuple(name.decode() for name in np.asarray(classes).reshape(-1).tolist()),
            members["scores"],
            members["labels"],
            members["ranking"],
            Manifest.model_validate_json(manifest.decode()),
            archive,
        )

    def write(self, path: Path) -> None:
        """Writes scores.npz, whole or not at all."""
        write_npz(path, self._members())

    def _members(self) -> dict[str, NDArray[Any]]:
        return {
            "image_ids": np.asarray(self.image_ids),
            "classes": np.array([name.encode() for name in self.classes], np.bytes_),
            "scores": np.asarray(self.scores),
            "labels": np.asarray(self.labels),
            "ranking": np.asarray(self.ranking),
            "manifest": np.array(self.manifest.model_dump_json().encode()),
        }

    def check_layout(self) -> None:
        """Checks the format version, types and shapes; reads no rows.

        Raises:
            ValueError: one of them breaks the contract.
        """
        self.manifest.check_version()
        _check_arrays(vars(self), len(self.classes))
        check_size(self.image_ids.size, self.classes)

    def verify(self) -> None:
        """Checks an opened file against its checksums, and every value; reads all of it.

        Raises:
            ScoreStoreError: the file is damaged or breaks the contract.
        """
        if self.archive is None:
            return  # Built tables are checked when they are built.
        self.archive.verify()
        try:
            self.check_values()
        except ValueError as error:
            raise ScoreStoreError(f"{self.archive.path}: {error}. {SCORE_AGAIN}") from error

    def check_values(self) -> None:
        """Checks the layout and every value; reads every row.

        Raises:
            ValueError: one of them breaks the contract.
        """
        self.check_layout()
        previous = b""
        for start in range(0, len(self.image_ids), _CHUNK_VALUES):
            ids = np.asarray(self.image_ids[start : start + _CHUNK_VALUES])
            check_ids(ids, previous)
            previous = bytes(ids[-1])
        columns = self.columns()
        for index, name in enumerate(self.classes):
            scores, labels = next(columns)
            check_ranges(scores, labels)
            if not is_rank_order(self.ranking, index, scores):
                raise ValueError(f"the ranking of {name!r} does not match its scores")
            del scores, labels  # Those of the next class need the memory.

    def columns(self) -> Iterator[tuple[NDArray[np.float32], NDArray[np.int8]]]:
        """Yields each class's (N,) scores and (N,) labels, copied into contiguous memory.

        Reading one column of an (N, C) array touches every page of it, so every pass over the table
        copies as many columns as fit into _COLUMN_BYTES, at least one.
        """
        classes = len(self.classes)
        bytes_per_class = len(self.image_ids) * 5  # 4 per score, 1 per label.
        columns = max(_COLUMN_BYTES // bytes_per_class, 1)
        for first in range(0, classes, columns):
            part = slice(first, min(first + columns, classes))
            yield from zip(
                _copy_columns(self.scores, part), _copy_columns(self.labels, part), strict=True
            )

    def class_index(self, name: str) -> int:
        """Returns the column of a class.

        Raises:
            NotFoundError: there is no such class; the message lists the existing ones.
        """
        try:
            return self.classes.index(name)
        except ValueError:
            raise NotFoundError(
                f"There is no class {name!r} in this run. It has: {', '.join(self.classes)}."
            ) from None

    def row_of(self, image_id: str) -> int:
        """Returns the row of an image, by bisection.

        Raises:
            NotFoundError: there is no such image in the table.
        """
        encoded = image_id.encode()
        # Not NumPy's searchsorted, which would copy all ids to the width of a longer text.
        row = bisect_left(self.image_ids, encoded)
        if self.image_ids[row : row + 1].tolist() != [encoded]:
            raise NotFoundError(f"There is no image {image_id!r} in this run.")
        return row

    def image_id(self, row: int) -> str:
        """Returns the id of a row."""
        return self.ids_of(np.array([row]))[0]

    def ids_of(self, rows: NDArray[np.integer[Any]]) -> list[str]:
        """Returns the ids of any rows, in their order."""
        # What is not UTF-8 is found when all ids are checked.
        return [name.decode(errors="replace") for name in self.image_ids[rows].tolist()]

    def class_ranking(self, class_index: int) -> ClassRanking:
        """Returns the ranking of one class."""
        return ClassRanking(self.ranking, self.scores, class_index)


def _check_arrays(arrays: Mapping[str, Any], classes: int) -> None:
    """Checks the types and shapes of a table of so many classes, by the names of its fields."""
    images = arrays["image_ids"].size
    check_counts(images, classes)  # Arrays without values can have any number of rows.
    expected = {
        "image_ids": ("bytes", (images,)),
        "scores": ("float32", (images, classes)),
        "labels": ("int8", (images, classes)),
        "ranking": ("int32", (classes, images)),
    }
    for name, (dtype, shape) in expected.items():
        array = arrays[name]
        fits = array.dtype.kind == "S" if dtype == "bytes" else array.dtype == dtype
        if not fits or array.shape != shape:
            raise ValueError(f"{name} is {array.dtype} {array.shape}, expected {dtype} {shape}")


def _describe_damage(error: Exception) -> str:
    """Says why members are not a score table."""
    if isinstance(error, KeyError):
        return f"the member {error} is missing"
    if isinstance(error, ValidationError):
        # Text that is not JSON at all has no location.
        reason = "; ".join(
            ": ".join([*map(str, item["loc"][:1]), item["msg"]]) for item in error.errors()
        )
        return f"the manifest is damaged ({reason})"
    return f"damaged or not a score table ({error})"


def _copy_columns(table: StoredArray, part: slice) -> NDArray[Any]:
    """Returns (K, N) of an (N, C) array: K of its columns, each in contiguous memory."""
    images, classes = table.shape
    columns = np.empty((part.stop - part.start, images), table.dtype)
    chunk = max(_CHUNK_VALUES // classes, 1)
    for start in range(0, images, chunk):
        rows = slice(start, start + chunk)
        columns[:, rows] = table[rows, part].T
    return columns
