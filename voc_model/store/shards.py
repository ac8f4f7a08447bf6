"""Numbers of every image, saved in shards: a killed computation keeps every finished one."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from voc_model.errors import ScoreStoreError
from voc_model.files import remove_abandoned, write_text_atomically
from voc_model.store.archive import read_npz
from voc_model.store.npz import write_npz

_IDENTITY_FILE = "identity.json"


@dataclass(frozen=True)
class Shards:
    """A folder of finished shards.

    Attributes:
        folder: holds one .npz per finished shard.
        row_count: N rows in all.
        column_count: D numbers per row.
        shard_size: rows per shard; the last one may have fewer.
        dtype: of the numbers on disk; in memory they are float32.
        identity: what the rows depend on, e.g. a hash of weights and images; every shard holds it.
    """

    folder: Path
    row_count: int
    column_count: int
    shard_size: int = 256
    dtype: str = "float32"
    identity: str = ""

    def claim(self) -> None:
        """Makes the folder ready for this computation and removes the shards of any other."""
        remove_abandoned(self.folder)
        path = self.folder / _IDENTITY_FILE
        wanted = json.dumps({"identity": self.identity, "shard_size": self.shard_size})
        if path.is_file() and path.read_bytes() == wanted.encode():
            return
        self.remove()
        write_text_atomically(path, wanted)

    def remove(self) -> None:
        """Removes the shards and the folder."""
        if self.folder.is_dir():
            # The identity goes last: shards without it would be removed at the next claim.
            for path in sorted(self.folder.iterdir(), key=lambda item: item.name == _IDENTITY_FILE):
                path.unlink()
            self.folder.rmdir()

    def missing(self) -> list[range]:
        """Returns the rows of every shard that is not finished, or damaged."""
        # Listed before any is opened: a network folder caches for a while that a file is absent.
        present = set(self.folder.glob("rows_*.npz"))
        return [
            rows
            for rows in self._all()
            if self._path(rows) not in present or self._read_shard(rows) is None
        ]

    def write(
        self, rows: range, values: NDArray[np.float32], unreadable: Mapping[int, str]
    ) -> None:
        """Writes one finished shard.

        Args:
            rows: one of `missing()`.
            values: (len(rows), D) float32, NaN in the unreadable rows.
            unreadable: reason per row of the image that could not be read.
        """
        reasons = json.dumps({str(row): reason for row, reason in unreadable.items()})
        members = {
            "values": values.astype(self.dtype),
            "unreadable": np.array(reasons.encode()),
            "identity": np.array(self._identify(rows).encode()),
        }
        write_npz(self._path(rows), members)

    def read(self) -> tuple[NDArray[np.float32], dict[int, str]]:
        """Returns (N, D) values and the reasons of unreadable images, once nothing is missing.

        Raises:
            ScoreStoreError: a shard is missing or damaged.
        """
        values = np.empty((self.row_count, self.column_count), np.float32)
        unreadable: dict[int, str] = {}
        for rows in self._all():
            shard = self._read_shard(rows)
            if shard is None:
                raise ScoreStoreError(
                    f"{self._path(rows)}: missing or damaged. Run the same command again: it "
                    "computes what is missing."
                )
            values[rows.start : rows.stop], reasons = shard
            unreadable.update(reasons)
        return values, unreadable

    def _all(self) -> list[range]:
        starts = range(0, self.row_count, self.shard_size)
        return [range(start, min(start + self.shard_size, self.row_count)) for start in starts]

    def _path(self, rows: range) -> Path:
        return self.folder / f"rows_{rows.start:09d}.npz"

    def _identify(self, rows: range) -> str:
        return f"{self.identity} {rows.start}"

    def _read_shard(self, rows: range) -> tuple[NDArray[Any], dict[int, str]] | None:
        """Returns the values and reasons of a shard; None unless it is whole and of these rows."""
        try:
            members = read_npz(self._path(rows))
            values = members["values"]
            reasons = json.loads(members["unreadable"].item())
            if members["identity"].item() != self._identify(rows).encode():
                return None
            if values.shape != (len(rows), self.column_count) or values.dtype != self.dtype:
                return None
            return values, {int(row): reason for row, reason in reasons.items()}
        except (OSError, ValueError, KeyError, AttributeError):
            return None
