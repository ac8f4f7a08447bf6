"""Writes scores.npz from rows that arrive in chunks: a table may be far larger than memory.

Memory holds one chunk, and one class: its scores and the keys that sort them.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from voc_model.progress import SILENT, Reporter
from voc_model.store.checks import check_ranges, check_shapes, check_size
from voc_model.store.manifest import Manifest
from voc_model.store.npz import NpzWriter, npz_writer
from voc_model.store.ranking import rank_column


class ScoreWriter:
    """Writes a score table: `append` every row, then `rank`, then `finish` with the manifest."""

    def __init__(
        self, archive: NpzWriter, classes: Sequence[str], images: int, id_bytes: int
    ) -> None:
        shape = (images, len(classes))
        self._images, self._classes = shape
        self._id_bytes = id_bytes
        self._rows = 0
        self._last_id = b""
        self._archive = archive
        # In the order of ScoreTable.write: both write the same file.
        self._image_ids = archive.reserve("image_ids", f"S{id_bytes}", shape[:1])
        archive.add("classes", np.array([name.encode() for name in classes], np.bytes_))
        self._scores = archive.reserve("scores", np.float32, shape)
        self._labels = archive.reserve("labels", np.int8, shape)
        self._ranking = archive.reserve("ranking", np.int32, shape[::-1])

    def append(
        self,
        image_ids: NDArray[np.bytes_],
        scores: NDArray[np.float32],
        labels: NDArray[np.int8],
    ) -> None:
        """Writes the next rows.

        Args:
            image_ids: (K,) UTF-8, ascending, after those of earlier rows.
            scores: (K, C) in [0, 1], NaN for an unreadable image.
            labels: (K, C) 1 present, 0 absent, -1 ignored (difficult), -2 unknown.

        Raises:
            ValueError: shapes do not match, an id is out of order, or a value is out of range.
        """
        check_shapes(scores, labels, (len(image_ids), self._classes))
        if image_ids.dtype.itemsize > self._id_bytes:
            raise ValueError(
                f"found image ids of {image_ids.dtype.itemsize} bytes, expected at most "
                f"{self._id_bytes}"
            )
        if not len(image_ids):
            return
        follows = not self._rows or image_ids[0] > self._last_id
        if not follows or not (image_ids[1:] > image_ids[:-1]).all():
            raise ValueError("image ids are not in ascending order without duplicates")
        check_ranges(scores, labels)
        self._image_ids.append(image_ids.astype(f"S{self._id_bytes}", copy=False))
        self._scores.append(scores)
        self._labels.append(labels)
        # A ranking is as large as the scores. Until it is written, its space holds the scores class
        # by class, as sorting needs them: reading a column of rows would touch every page of them.
        for index, column in enumerate(np.ascontiguousarray(scores.T)):
            self._ranking.write_at(index * self._images + self._rows, column)
        self._rows += len(image_ids)
        self._last_id = image_ids[-1]

    def rank(self, report: Reporter = SILENT) -> None:
        """Ranks every class, once every row is there.

        Args:
            report: receives the progress, in classes.

        Raises:
            ValueError: rows are missing.
        """
        if self._rows != self._images:
            raise ValueError(f"found {self._rows} rows, expected {self._images}")
        scores = np.empty(self._images, np.float32)
        for index in report.track(range(self._classes), "ranking", unit="classes"):
            self._ranking.read_at(index * self._images, scores)
            self._ranking.append(rank_column(scores))

    def finish(self, manifest: Manifest) -> None:
        """Writes the manifest, last, since it may depend on the rows."""
        self._archive.add("manifest", np.array(manifest.model_dump_json().encode()))


@contextmanager
def score_writer(
    path: Path, classes: Sequence[str], images: int, id_bytes: int
) -> Iterator[ScoreWriter]:
    """Writes a score table whole or not at all: it exists once the block has succeeded.

    Args:
        path: where scores.npz goes.
        classes: C names.
        images: N, how many rows will be appended.
        id_bytes: bytes of the longest image id in UTF-8.

    Raises:
        ValueError: there are no images or classes, a class name occurs twice, or a part of the
            table was not written.
        OSError: the file cannot be written, e.g. because the disk is full.
    """
    check_size(images, classes)
    with npz_writer(path) as archive:
        yield ScoreWriter(archive, classes, images, id_bytes)
