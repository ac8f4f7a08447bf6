"""Reads uncompressed .npz files, whole or in parts, while other programs may change them.

A memory map would kill the process (SIGBUS) once the file is cut short, and show new numbers as old
ones once it is overwritten in place, as cp, scp and rsync --inplace do. So large arrays are read by
plain reads, after each of which the file must still be the one that was opened. Opening takes the
same time at any size: small members are read and checked at once, the others when they are used.
"""

import math
import os
import re
import stat
import struct
import weakref
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Any

import numpy as np
from numpy.typing import NDArray

from voc_model.errors import SCORE_AGAIN, ScoreStoreError

_IN_MEMORY_BYTES = 1 << 20  # Members up to this size are read when the archive is opened.
_BLOCK_BYTES = 4 << 20
_MAX_TEXT_BYTES = 64 << 20  # Of a member that is a single value, which is always read.
_MAX_MEMBERS = 1000
_MAX_HEADER_BYTES = 10_000  # As NumPy's.
_LOCAL_HEADER_BYTES = 30
# NumPy evaluates these headers as Python; a pattern cannot be made to do more than to not match.
_HEADER = re.compile(
    r"(?=.*['\"]descr['\"]\s*:\s*['\"]([<>=|]?[a-zA-Z?]\d{0,9})['\"])"
    r"(?=.*['\"]fortran_order['\"]\s*:\s*(True|False))"
    r"(?=.*['\"]shape['\"]\s*:\s*\(((?:\d{1,18}\s*,\s*)*(?:\d{1,18})?\s*)\))"
    r"\{.*\}\s*"
)


class _OpenFile:
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
        """Returns bytes from an offset on; whether the file was changed, the next `read` tells."""
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
        # No time of change: it also changes when a new file replaces this one, which remains whole.
        found = os.fstat(self._handle)
        return found.st_size, found.st_mtime_ns


class FileArray:
    """An array of one or two dimensions in a file; indexing it reads what is asked for.

    The first index is a row, consecutive rows or an array of rows, and a second one can be anything
    that NumPy accepts. Rows are counted from 0; one out of range is damage of the file that named
    it. A single value is read without a look at whether the file was changed, so that a bisection
    takes no longer than in memory; end it by reading more than one.

    Attributes:
        dtype, shape, size: as NumPy's.
    """

    __slots__ = ("_file", "_row_bytes", "_start", "dtype", "shape", "size")

    def __init__(
        self, file: _OpenFile, start: int, dtype: np.dtype[Any], shape: tuple[int, ...]
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


@dataclass(frozen=True, eq=False)
class Archive:
    """An open .npz file.

    Attributes:
        path: of the file.
        members: arrays by name; those up to 1 MiB are in memory, and their checksums are right.
        checksums: by name, the CRC-32 that the archive holds of each member.
    """

    path: Path
    members: dict[str, StoredArray]
    checksums: dict[str, int]
    _file: _OpenFile
    _unread: list["_Member"]

    @property
    def is_in_memory(self) -> bool:
        """Whether every member is in memory, so that no change of the file matters any more."""
        return not self._unread

    def verify(self) -> None:
        """Checks the members that are not in memory against their checksums; reads all of them.

        Raises:
            ScoreStoreError: a member is damaged, or the file was changed since it was opened.
        """
        for member in self._unread:
            checksum = 0
            for start, count in _blocks(member.start, member.size):
                checksum = zlib.crc32(self._file.read(start, count), checksum)
            if checksum != member.checksum:
                raise ScoreStoreError(
                    f"{self.path}: damaged ({_wrong_checksum(member.name)}). {SCORE_AGAIN}"
                )


@dataclass(frozen=True)
class _Member:
    """Where a member lies in its file, with NumPy's header, which its checksum covers, too."""

    name: str
    start: int
    size: int
    checksum: int
    header_size: int
    dtype: np.dtype[Any]
    shape: tuple[int, ...]


def open_npz(path: Path) -> Archive:
    """Opens an uncompressed .npz, in constant time at any size.

    Raises:
        ValueError: the file is damaged, cut short, compressed, or holds anything but numbers and
            text in C order.
        ScoreStoreError: it was changed meanwhile.
        OSError: it cannot be read.
    """
    return _open(path, _IN_MEMORY_BYTES)


def read_npz(path: Path) -> dict[str, NDArray[Any]]:
    """Reads an uncompressed .npz and checks it against its checksums; see `open_npz`."""
    members = _open(path, path.stat().st_size).members
    return {name: np.asarray(array) for name, array in members.items()}


def _open(path: Path, in_memory_bytes: int) -> Archive:
    file = _OpenFile(path)
    try:
        directory = file.read_zip_directory()
    except (
        zipfile.BadZipFile,
        EOFError,
        NotImplementedError,
        OverflowError,
        struct.error,
    ) as error:
        raise ValueError(str(error)) from error
    if len(directory) > _MAX_MEMBERS:
        raise ValueError(f"found {len(directory)} members, expected at most {_MAX_MEMBERS}")
    members: dict[str, StoredArray] = {}
    checksums: dict[str, int] = {}
    unread: list[_Member] = []
    for info in directory:
        member = _find_member(file, info)
        if member.name in members:
            raise ValueError(f"{info.filename} occurs twice")
        checksums[member.name] = member.checksum
        if not member.shape and member.size > _MAX_TEXT_BYTES:
            raise ValueError(f"{info.filename} has {member.size:,} bytes, expected a short text")
        if member.size <= in_memory_bytes or not member.shape:
            members[member.name] = _read_member(file, member)
        else:
            start = member.start + member.header_size
            members[member.name] = FileArray(file, start, member.dtype, member.shape)
            unread.append(member)
    return Archive(path, members, checksums, file, unread)


def _find_member(file: _OpenFile, info: zipfile.ZipInfo) -> _Member:
    """Reads the headers of a member and checks that its values are all there."""
    name = info.filename
    if info.compress_type != zipfile.ZIP_STORED:
        raise ValueError(f"{name} is compressed, expected uncompressed data")
    too_short = ValueError(f"{name} is cut short or damaged")
    if info.header_offset + _LOCAL_HEADER_BYTES > file.size:
        raise too_short
    header = file.read(info.header_offset, _LOCAL_HEADER_BYTES)
    name_length, extra_length = struct.unpack_from("<HH", header, 26)
    start = info.header_offset + _LOCAL_HEADER_BYTES + name_length + extra_length
    if header[:4] != b"PK\x03\x04" or start + info.file_size > file.size:
        raise too_short
    beginning = file.read(start, min(info.file_size, _MAX_HEADER_BYTES + 12))
    header_size, dtype, shape = _parse_header(name, beginning)
    if header_size + math.prod(shape) * dtype.itemsize != info.file_size:
        raise too_short
    stem = name.removesuffix(".npy")
    return _Member(stem, start, info.file_size, info.CRC, header_size, dtype, shape)


def _parse_header(name: str, data: bytes) -> tuple[int, np.dtype[Any], tuple[int, ...]]:
    """Returns the size of NumPy's header, and the type and shape that it declares."""
    damaged = ValueError(f"{name} has a damaged header")
    if len(data) < 12 or data[:6] != b"\x93NUMPY":
        raise damaged
    length_bytes = 2 if data[6] == 1 else 4
    header_size = 8 + length_bytes + int.from_bytes(data[8 : 8 + length_bytes], "little")
    if header_size > min(len(data), _MAX_HEADER_BYTES):
        raise damaged
    found = _HEADER.fullmatch(data[8 + length_bytes : header_size].decode("latin-1"))
    if found is None:
        raise damaged
    try:
        dtype = np.dtype(found[1])
    except (TypeError, ValueError):
        raise damaged from None
    if dtype.hasobject:
        raise ValueError(f"{name} holds Python objects, expected numbers")
    if not dtype.itemsize:
        raise ValueError(f"{name} holds values without width, expected at least a byte each")
    shape = tuple(map(int, re.findall(r"\d+", found[3])))
    if found[2] == "True" and len(shape) > 1:
        raise ValueError(f"{name} is in Fortran order, expected C order (np.ascontiguousarray)")
    return header_size, dtype, shape


def _read_member(file: _OpenFile, member: _Member) -> NDArray[Any]:
    data = file.read(member.start, member.size)
    if zlib.crc32(data) != member.checksum:
        raise ValueError(_wrong_checksum(member.name))
    values = np.frombuffer(data, member.dtype, offset=member.header_size)
    return values.reshape(member.shape)


def _wrong_checksum(name: str) -> str:
    return f"{name} does not match its checksum"


def _blocks(start: int, size: int) -> Iterator[tuple[int, int]]:
    """Yields offset and length of the blocks of a part of a file."""
    for offset in range(0, size, _BLOCK_BYTES):
        yield start + offset, min(_BLOCK_BYTES, size - offset)
