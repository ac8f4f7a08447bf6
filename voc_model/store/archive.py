"""Reads uncompressed .npz files and checks them, whole or in parts.

Opening one takes the same time at any size: small members are read and checked at once, the others
stay in the file (see `file_array`) and are checked by `Archive.verify`.
"""

import math
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from voc_model.errors import SCORE_AGAIN, ScoreStoreError
from voc_model.store.file_array import FileArray, OpenFile, StoredArray

_IN_MEMORY_BYTES = 1 << 20  # Members up to this size are read when the archive is opened.
_BLOCK_BYTES = 4 << 20
_MAX_TEXT_BYTES = 64 << 20  # Of a member that is a single value, which is always read.
_MAX_MEMBERS = 1000
_MAX_HEADER_BYTES = 10_000  # As NumPy's.
_LOCAL_HEADER_BYTES = 30
# NumPy evaluates these headers as Python; the worst that a pattern can do is not to match.
_HEADER = re.compile(
    r"(?=.*['\"]descr['\"]\s*:\s*['\"]([<>=|]?[a-zA-Z?]\d{0,9})['\"])"
    r"(?=.*['\"]fortran_order['\"]\s*:\s*(True|False))"
    r"(?=.*['\"]shape['\"]\s*:\s*\(((?:\d{1,18}\s*,\s*)*(?:\d{1,18})?\s*)\))"
    r"\{.*\}\s*"
)


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
    _file: OpenFile
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
    file = OpenFile(path)
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


def _find_member(file: OpenFile, info: zipfile.ZipInfo) -> _Member:
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


def _read_member(file: OpenFile, member: _Member) -> NDArray[Any]:
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
