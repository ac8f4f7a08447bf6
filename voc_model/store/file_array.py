"""Arrays in a file that other programs may change meanwhile.

A memory map would kill the process (SIGBUS) once the file is cut short, and show new numbers as old
ones once it is overwritten in place, as cp, scp and rsync --inplace do. So large arrays are read by
plain reads, after which the file must still be the one that was opened.
"""

import math
import os
import stat
import weakref
import zipfile
from collections.abc import Sequence
from pathlib import Path
from threading import Lock
from typing import Any

import numpy as np
from numpy.typing import NDArray

from voc_model.errors import SCORE_AGAIN, ScoreStoreError

_BLOCK_BYTES = 4 << 20


class OpenFile:
    """A file that is closed with its last user; every read fails once the file was changed."""

    def __init__(self, path: Path) -> None:
        # Without O_NONBLOCK, opening a pipe would wait for somebody to write to it.
        flags = os.O_RDONLY | getattr(os, "O_BINARY", 0) | getattr(os, "O_NONBLOCK", 0)
        self.path = path
        self._handle = os.open(path, flags)
        self._lock = Lock()
        weakref.finalize(self, os.close, self._handle)
        if not stat.S_ISREG(os.fstat(self._handle).st_mode):
            raise ValueError("not a regular file")
        self._version = self._find_version()
        self.size = self._version[0]

    def read_zip_directory(self) -> list[zipfile.ZipInfo]:
        """Returns the members of a zip archive."""
        with os.fdopen(os.dup(self._handle), "rb") as file, zipfile.ZipFile(file) as archive:
            return archive.infolist()

    def read(self, start: int, count: int) -> bytes:
        """Returns bytes from an offset on.

        Raises:
            ScoreStoreError: the file was changed since it was opened, or cannot be read.
        """
        data = self._read_at(start, count)
        while len(data) < count:  # One read returns at most 2 GB.
            more = self._read_at(start + len(data), count - len(data))
            if not more:
                break
            data += more
        self._check(complete=len(data) == count)
        return data

    def read_pieces(self, starts: Sequence[int], count: int) -> bytearray:
        """Returns as many bytes from each of several offsets, one after the other; see `read`."""
        data = bytearray().join([self._read_at(start, count) for start in starts])
        self._check(complete=len(data) == count * len(starts))
        return data

    def peek(self, start: int, count: int) -> bytes:
        """Returns bytes from an offset on; only the next `read` checks for changes of the file."""
        data = self._read_at(start, count)
        if len(data) < count:
            self._check(complete=False)
        return data

    def _read_at(self, start: int, count: int) -> bytes:
        try:
            if hasattr(os, "pread"):
                return os.pread(self._handle, count, start)
            with self._lock:  # On Windows, where a read begins where the last one ended.
                os.lseek(self._handle, start, os.SEEK_SET)
                return os.read(self._handle, count)
        except OSError as error:
            raise ScoreStoreError(
                f"{self.path}: cannot be read ({error.strerror}). {SCORE_AGAIN}"
            ) from error

    def _check(self, complete: bool) -> None:
        if not complete or self._find_version() != self._version:
            raise ScoreStoreError(f"{self.path}: was changed while it was read. Try again.")

    def _find_version(self) -> tuple[int, int]:
        # Not the ctime: it also changes when a new file replaces this one, which remains whole.
        found = os.fstat(self._handle)
        return found.st_size, found.st_mtime_ns


class FileArray:
    """An array of one or two dimensions in a file; indexing it reads what is asked for.

    The first index is a row, consecutive rows or an array of rows, and a second one can be anything
    that NumPy accepts. Rows are counted from 0; one out of range is damage of the file that named
    it. A single value is read without a look at whether the file was changed, so that a bisection
    takes no longer than in memory; end it by reading more than one, which looks.

    Attributes:
        dtype, shape, size: as NumPy's.
    """

    __slots__ = ("_file", "_row_bytes", "_start", "dtype", "shape", "size")

    def __init__(
        self, file: OpenFile, start: int, dtype: np.dtype[Any], shape: tuple[int, ...]
    ) -> None:
        """`start` is the file offset of the first value."""
        self._file = file
        self._start = start
        self._row_bytes = math.prod(shape[1:]) * dtype.itemsize
        self.dtype = dtype
        self.shape = shape
        self.size = math.prod(shape)

    def __len__(self) -> int:
        return self.shape[0]

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> NDArray[Any]:
        if copy is False:
            raise ValueError("An array in a file cannot be used without a copy.")
        return np.array(self[:], dtype)

    def __getitem__(self, key: Any) -> Any:
        """Reads values into memory.

        Raises:
            ScoreStoreError: a row does not exist, or the file was changed since it was opened.
        """
        if type(key) is tuple and type(key[0]) is int and type(key[1]) is int:
            return self._peek(key[0] * self.shape[1] + key[1])
        rows, *columns = key if isinstance(key, tuple) else (key,)
        if isinstance(rows, slice):
            first, last, _ = rows.indices(len(self))
            return self._read_rows(first, max(first, last), columns)
        if not isinstance(rows, int | np.integer):
            return self._pick_rows(np.asarray(rows), columns)
        row = int(rows)
        self._check_rows(row, row)
        if columns:
            start = self._start + row * self._row_bytes
            return FileArray(self._file, start, self.dtype, self.shape[1:])[columns[0]]
        return self._peek(row) if len(self.shape) == 1 else self._read_rows(row, row + 1, [])[0]

    def _peek(self, position: int) -> Any:
        """Returns the value at a position in C order."""
        if not 0 <= position < self.size:
            self._check_rows(position, position)
        width = self.dtype.itemsize
        return np.frombuffer(self._file.peek(self._start + position * width, width), self.dtype)[0]

    def _read_rows(self, first: int, last: int, columns: list[Any]) -> NDArray[Any]:
        """Returns some columns of rows first to last - 1."""
        step = max(_BLOCK_BYTES // self._row_bytes, 1) if columns else max(last - first, 1)
        parts = []
        for start in range(first, max(last, first + 1), step):
            stop = min(start + step, last)
            data = self._file.read(
                self._start + start * self._row_bytes, (stop - start) * self._row_bytes
            )
            part = np.frombuffer(data, self.dtype).reshape(stop - start, *self.shape[1:])
            parts.append(part[(slice(None), *columns)])
        return parts[0] if len(parts) == 1 else np.concatenate(parts)

    def _pick_rows(self, rows: NDArray[np.integer[Any]], columns: list[Any]) -> NDArray[Any]:
        """Returns some columns of any rows."""
        if len(rows):
            self._check_rows(rows.min(), rows.max())
        start, width, shape = self._start, self._row_bytes, (len(rows), *self.shape[1:])
        if columns and isinstance(columns[0], int | np.integer):
            start += int(columns[0]) * self.dtype.itemsize
            width, shape, columns = self.dtype.itemsize, (len(rows),), []
        offsets = start + rows.astype(np.int64) * self._row_bytes
        data = self._file.read_pieces(offsets.tolist(), width)
        found = np.frombuffer(data, self.dtype).reshape(shape)
        return found[(slice(None), *columns)] if columns else found

    def _check_rows(self, lowest: int | np.integer[Any], highest: int | np.integer[Any]) -> None:
        if lowest < 0 or highest >= len(self):
            found = lowest if lowest < 0 else highest
            raise ScoreStoreError(
                f"{self._file.path}: damaged: found row {found}, expected 0 to {len(self) - 1}. "
                f"{SCORE_AGAIN}"
            )


StoredArray = NDArray[Any] | FileArray
