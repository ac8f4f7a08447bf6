"""A long computation of one row an image, kept in finished pieces: a kill loses none of them.

The pieces are also what several processes divide among themselves, in a folder that all see.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from voc_model.files import write_text_atomically
from voc_model.inference.distributed import ALONE, Processes
from voc_model.store.npz import map_npz, write_npz

_IDENTITY_FILE = "identity.json"


@dataclass(frozen=True)
class Shards:
    """A folder of finished pieces.

    Attributes:
        folder: holds one .npz a finished shard.
        row_count: N rows in all.
        column_count: D numbers a row.
        shard_size: rows of each shard but the last.
        processes: those that compute them.
        dtype: of the numbers as they are kept; they are given and read as float32.
    """

    folder: Path
    row_count: int
    column_count: int
    shard_size: int = 256
    processes: Processes = ALONE
    dtype: str = "float32"

    def claim(self, identity: str) -> None:
        """Makes the folder ready for one computation; pieces of another one are removed.

        Args:
            identity: what the rows depend on, e.g. a hash of weights and images.
        """
        self.processes.from_first(lambda: self._claim(identity))

    def _claim(self, identity: str) -> None:
        path = self.folder / _IDENTITY_FILE
        wanted = json.dumps({"identity": identity, "shard_size": self.shard_size})
        if path.is_file() and path.read_text(encoding="utf-8") == wanted:
            return
        self.remove()
        write_text_atomically(path, wanted)

    def remove(self) -> None:
        """Removes the pieces and the folder."""
        if self.processes.is_first and self.folder.is_dir():
            # The identity goes last: pieces without it would be removed at the next claim.
            for path in sorted(self.folder.iterdir(), key=lambda item: item.name == _IDENTITY_FILE):
                path.unlink()
            self.folder.rmdir()

    def missing(self) -> list[range]:
        """Returns the rows of every shard that is not finished, or damaged; the same in all
        processes, whichever of them has begun to write already.
        """
        return self.processes.from_first(self._find_missing)

    def _find_missing(self) -> list[range]:
        starts = range(0, self.row_count, self.shard_size)
        shards = [range(at, min(at + self.shard_size, self.row_count)) for at in starts]
        # Listed before any is opened: a network folder remembers for a while what was not there.
        present = set(self.folder.glob("rows_*.npz"))
        return [
            rows
            for rows in shards
            if self._path(rows) not in present or self._read_shard(rows) is None
        ]

    def write(
        self, rows: range, values: NDArray[np.float32], unreadable: Mapping[int, str]
    ) -> None:
        """Keeps one finished shard.

        Args:
            rows: one of `missing()`.
            values: (len(rows), D) float32, NaN in the unreadable rows.
            unreadable: reason by the image's row.
        """
        reasons = json.dumps({str(row): reason for row, reason in unreadable.items()})
        members = {"values": values.astype(self.dtype), "unreadable": np.array(reasons.encode())}
        write_npz(self._path(rows), members)

    def read(self) -> tuple[NDArray[np.float32], dict[int, str]]:
        """Returns (N, D) values and the reasons of unreadable rows, once nothing is missing."""
        values = np.empty((self.row_count, self.column_count), np.float32)
        unreadable: dict[int, str] = {}
        for at in range(0, self.row_count, self.shard_size):
            rows = range(at, min(at + self.shard_size, self.row_count))
            shard = self._read_shard(rows)
            if shard is None:
                raise ValueError(f"the shard of rows {rows} is not finished")
            values[rows.start : rows.stop], reasons = shard
            unreadable.update(reasons)
        return values, unreadable

    def _path(self, rows: range) -> Path:
        return self.folder / f"rows_{rows.start:09d}.npz"

    def _read_shard(self, rows: range) -> tuple[NDArray[Any], dict[int, str]] | None:
        try:
            members = map_npz(self._path(rows))
            values = members["values"]
            reasons = json.loads(members["unreadable"].item())
            if values.shape != (len(rows), self.column_count) or values.dtype != self.dtype:
                return None
            return values, {int(row): reason for row, reason in reasons.items()}
        except (OSError, ValueError, KeyError):
            return None
