"""scores.npz: the one file between the offline side and the pages.

Every member is memory-mapped (see mapped_npz): opening ten million images costs what opening a
thousand does.
"""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from voc_model.errors import NotFoundError, ScoreStoreError
from voc_model.store.npz import release_pages, map_npz, write_npz
from voc_model.store.ranking import ClassRanking, is_rank_order, rank_rows

FORMAT_VERSION = 1
_COLUMN_BYTES = 128 << 20
_CHUNK_VALUES = 1 << 20
_REMEDY = "Make it again with scripts/precompute_scores.py --root-dir DIR."

_Value = TypeVar("_Value", bound=np.generic)


class Manifest(BaseModel):
    """Where the scores come from: what a reader needs to judge them or make them again."""

    model_config = ConfigDict(extra="ignore")

    format_version: int = FORMAT_VERSION
    run: str
    voc_dir: str = Field(description="absolute path of the VOC folder that was scored")
    split: str
    created: str = Field(default_factory=lambda: datetime.now(UTC).isoformat(timespec="seconds"))
    settings: dict[str, Any] = Field(default_factory=dict, description="the training settings")
    checkpoint_sha256: str | None = None
    preprocessing: dict[str, Any] = Field(default_factory=dict)
    versions: dict[str, str] = Field(default_factory=dict)
    unreadable_count: int = 0
    unreadable: list[str] = Field(default_factory=list, description="the first 100, with reasons")
    selected_epoch: int | None = None
    selected_on: str | None = Field(default=None, description="the images that chose the epoch")
    selected_on_reported_split: bool = False
    training_overlap: int = Field(default=0, description="scored images that were trained on")
    warnings: list[str] = Field(default_factory=list, description="of the data set, the first 100")


@dataclass(frozen=True, eq=False)
class ScoreTable:
    """N images x C classes: scores, labels and rankings; the arrays may be memory-mapped.

    Attributes:
        image_ids: (N,) UTF-8 bytes of fixed width, in ascending order.
        classes: C names.
        scores: (N, C) float32 in [0, 1], NaN for an image that could not be read.
        labels: (N, C) int8: 1 present, 0 absent, -1 ignored.
        ranking: (C, N) int32 row indices, see `ranking.rank_rows`.
    """

    image_ids: NDArray[np.bytes_]
    classes: tuple[str, ...]
    scores: NDArray[np.float32]
    labels: NDArray[np.int8]
    ranking: NDArray[np.int32]
    manifest: Manifest

    @classmethod
    def build(
        cls,
        image_ids: Sequence[str],
        classes: Sequence[str],
        scores: NDArray[np.float32],
        labels: NDArray[np.int8],
        manifest: Manifest,
    ) -> "ScoreTable":
        """Sorts the images by id and ranks every class.

        Raises:
            ValueError: shapes do not fit, an id comes twice, or a value is out of range.
        """
        expected = (len(image_ids), len(classes))
        for name, array in (("scores", scores), ("labels", labels)):
            if np.shape(array) != expected:
                raise ValueError(f"{name} has shape {np.shape(array)}, expected {expected}")
        encoded = np.array([image_id.encode() for image_id in image_ids], np.bytes_)
        order = np.argsort(encoded, kind="stable")
        scores = np.ascontiguousarray(np.asarray(scores, np.float32)[order])
        table = cls(
            encoded[order],
            tuple(classes),
            scores,
            np.ascontiguousarray(np.asarray(labels, np.int8)[order]),
            rank_rows(scores),
            manifest,
        )
        problem = table.find_fault()
        if problem:
            raise ValueError(problem)
        return table

    @classmethod
    def open(cls, path: Path) -> "ScoreTable":
        """Opens a file by memory map; costs the same for any number of images.

        Raises:
            ScoreStoreError: the file is missing, damaged or not of this format; the message says
                what was found, what was expected and what to run.
        """
        if not path.is_file():
            raise ScoreStoreError(f"{path}: not found. {_REMEDY}")
        try:
            members = map_npz(path)
            manifest_text = members["manifest"].item().decode()
            manifest = Manifest.model_validate_json(manifest_text)
            classes = tuple(name.decode() for name in members["classes"].tolist())
            table = cls(
                members["image_ids"],
                classes,
                members["scores"],
                members["labels"],
                members["ranking"],
                manifest,
            )
        except KeyError as error:
            raise ScoreStoreError(f"{path}: the member {error} is missing. {_REMEDY}") from error
        except ValidationError as error:
            # Text that is no JSON at all has no location.
            reason = "; ".join(
                ": ".join([*map(str, item["loc"][:1]), item["msg"]]) for item in error.errors()
            )
            raise ScoreStoreError(
                f"{path}: the manifest is damaged ({reason}). {_REMEDY}"
            ) from error
        except (ValueError, AttributeError, OSError) as error:
            raise ScoreStoreError(
                f"{path}: damaged or no score table ({error}). {_REMEDY}"
            ) from error
        if manifest.format_version != FORMAT_VERSION:
            raise ScoreStoreError(
                f"{path}: format_version {manifest.format_version}, expected {FORMAT_VERSION}. "
                f"{_REMEDY}"
            )
        problem = table.find_misfit()
        if problem:
            raise ScoreStoreError(f"{path}: {problem}. {_REMEDY}")
        return table

    def write(self, path: Path) -> None:
        """Writes the file whole or not at all."""
        write_npz(
            path,
            {
                "image_ids": self.image_ids,
                "classes": np.array([name.encode() for name in self.classes], np.bytes_),
                "scores": self.scores,
                "labels": self.labels,
                "ranking": self.ranking,
                "manifest": np.array(self.manifest.model_dump_json().encode()),
            },
        )

    def find_misfit(self) -> str | None:
        """Returns what is wrong with types and shapes, None if nothing; reads no rows."""
        count, classes = self.image_ids.size, len(self.classes)
        expected = {
            "image_ids": ("S", (count,)),
            "scores": ("float32", (count, classes)),
            "labels": ("int8", (count, classes)),
            "ranking": ("int32", (classes, count)),
        }
        for name, (dtype, shape) in expected.items():
            array = getattr(self, name)
            fits = array.dtype.kind == "S" if dtype == "S" else array.dtype == dtype
            if not fits or array.shape != shape:
                return (
                    f"{name} is {array.dtype} {array.shape}, expected "
                    f"{'bytes' if dtype == 'S' else dtype} {shape}"
                )
        if not count or not classes:
            return f"the table holds {count} images and {classes} classes, expected some of both"
        if len(set(self.classes)) != classes:
            return "a class name comes twice"
        return None

    def find_fault(self) -> str | None:
        """Returns what is wrong with shapes or any value, None if nothing; reads every row."""
        misfit = self.find_misfit()
        if misfit:
            return misfit
        ids = np.asarray(self.image_ids)
        if not (ids[1:] > ids[:-1]).all():
            return "image ids are not in ascending order, or one comes twice"
        for rows, (scores, labels) in zip(self.ranking, self.columns(), strict=True):
            fault = find_value_fault(scores, labels)
            if fault:
                return fault
            if not is_rank_order(rows, scores):
                return "the ranking is not the order of the scores"
        return None

    def columns(self) -> Iterator[tuple[NDArray[np.float32], NDArray[np.int8]]]:
        """Yields each class's (N,) scores and (N,) labels, copied into consecutive memory.

        One column of (N, C) arrays touches each of their pages, so every pass over the table takes
        as many columns as _COLUMN_BYTES hold, at least one.
        """
        classes = len(self.classes)
        bytes_a_class = len(self.image_ids) * 5  # Four a score, one a label.
        columns = max(_COLUMN_BYTES // bytes_a_class, 1)
        for first in range(0, classes, columns):
            part = slice(first, min(first + columns, classes))
            yield from zip(
                _copy_columns(self.scores, part), _copy_columns(self.labels, part), strict=True
            )

    def class_index(self, name: str) -> int:
        """Returns the column of a class.

        Raises:
            NotFoundError: there is no such class; the message lists those there are.
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
        # By hand: NumPy would first copy all ids to the width of a longer text.
        row = bisect_left(self.image_ids, encoded)
        if row == len(self.image_ids) or self.image_ids[row] != encoded:
            raise NotFoundError(f"There is no image {image_id!r} in this run.")
        return row

    def image_id(self, row: int) -> str:
        """Returns the id of a row."""
        return bytes(self.image_ids[row]).decode()

    def class_ranking(self, class_index: int) -> ClassRanking:
        """Returns the ranking of one class."""
        return ClassRanking(self.ranking[class_index], self.scores[:, class_index])


def find_value_fault(scores: NDArray[np.float32], labels: NDArray[np.int8]) -> str | None:
    """Returns what is wrong with any value of scores or labels, None if nothing."""
    with np.errstate(invalid="ignore"):  # NaN is allowed.
        if ((scores < 0) | (scores > 1)).any():
            return "a score lies outside [0, 1]"
    if ((labels < -1) | (labels > 1)).any():
        return "a label is none of 1, 0, -1"
    return None


def _copy_columns(table: NDArray[_Value], part: slice) -> NDArray[_Value]:
    """Returns (K, N) of an (N, C) array: K of its columns, each in consecutive memory."""
    images, classes = table.shape
    columns = np.empty((part.stop - part.start, images), table.dtype)
    chunk = max(_CHUNK_VALUES // classes, 1)
    for start in range(0, images, chunk):
        rows = slice(start, start + chunk)
        columns[:, rows] = table[rows, part].T
        release_pages(table)
    return columns
