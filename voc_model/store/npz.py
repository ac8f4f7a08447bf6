"""Writes uncompressed .npz files, member by member; `archive` reads them, and so does `numpy.load`.

Every member's data starts at a multiple of 64 bytes, so that other programs can map it into memory.
"""

import io
import math
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from numpy.lib import format as npy
from numpy.typing import DTypeLike, NDArray

from voc_model.files import atomic_path

_ALIGNMENT = 64


class NpzWriter:
    """Writes the members of an .npz; any number of them may be appended to in turn."""

    def __init__(self, file: io.BufferedRandom) -> None:
        self._file = file
        self._members: list[NpzMember] = []
        self._end = 0

    def reserve(self, name: str, dtype: DTypeLike, shape: tuple[int, ...]) -> "NpzMember":
        """Returns a new member, for which space in the file is reserved."""
        member = NpzMember(self._file, self._end, name, np.dtype(dtype), shape)
        self._members.append(member)
        self._end = member.end
        return member

    def add(self, name: str, array: NDArray[Any]) -> None:
        """Writes a whole member."""
        self.reserve(name, array.dtype, array.shape).append(array)

    def finish(self) -> None:
        """Writes the zip headers that turn the members into an archive.

        Raises:
            ValueError: a member is incomplete.
        """
        with zipfile.ZipFile(self._file, "w") as archive:
            for member in self._members:
                archive.filelist.append(member.write_header())
            archive.start_dir = self._end  # Where the central directory goes.


class NpzMember:
    """A member whose values are appended in chunks, from the first to the last.

    Plain writes rather than a memory map: a full disk raises an error, and written pages do not
    stay in the memory of the process.
    """

    def __init__(
        self,
        file: io.BufferedRandom,
        start: int,
        name: str,
        dtype: np.dtype[Any],
        shape: tuple[int, ...],
    ) -> None:
        """`start` is the file offset of the member's zip header."""
        if dtype.hasobject:
            raise ValueError(f"Object arrays cannot be saved: {name}")
        header = _npy_header(dtype, shape)
        self._file = file
        self._dtype = dtype
        self._info = zipfile.ZipInfo(f"{name}.npy", date_time=(1980, 1, 1, 0, 0, 0))
        self._info.external_attr = 0o600 << 16  # As zipfile sets it.
        self._info.header_offset = start
        self._info.file_size = len(header) + math.prod(shape) * dtype.itemsize
        self._info.compress_size = self._info.file_size
        self._info.CRC = 0
        # NumPy pads its own header to 64 bytes, so aligning its first byte suffices: by an extra
        # field in the zip's local header, which has four bytes of header itself.
        padding = -(start + len(self._info.FileHeader()) + 4) % _ALIGNMENT
        self._info.extra = b"\x00\x00" + padding.to_bytes(2, "little") + b"\x00" * padding
        self._position = start + len(self._info.FileHeader())
        self._data = self._position + len(header)
        self.end = self._position + self._info.file_size
        self._append_bytes(header)

    def append(self, array: NDArray[Any]) -> None:
        """Writes the next values, in C order.

        Raises:
            ValueError: they have another type, or are more than the member has space for.
        """
        if array.dtype != self._dtype:
            raise ValueError(f"{self._info.filename}: found {array.dtype}, expected {self._dtype}")
        if self._position + array.nbytes > self.end:
            raise ValueError(
                f"{self._info.filename}: found {array.nbytes:,} bytes to append, expected at most "
                f"{self.end - self._position:,}"
            )
        self._append_bytes(np.ascontiguousarray(array).data)

    def write_at(self, first: int, array: NDArray[Any]) -> None:
        """Stores values from index `first` on, as scratch data until others are appended there.

        Args:
            first: index into the member's values, in C order.
            array: values of the member's item size, which `read_at` returns.
        """
        self._file.seek(self._data + first * self._dtype.itemsize)
        self._file.write(np.ascontiguousarray(array).data)

    def read_at(self, first: int, array: NDArray[Any]) -> None:
        """Fills a C-contiguous array with what `write_at` stored from index `first` on."""
        self._file.seek(self._data + first * self._dtype.itemsize)
        self._file.readinto(array.data)

    def write_header(self) -> zipfile.ZipInfo:
        """Writes the zip header of a complete member and returns its fields.

        Raises:
            ValueError: values are missing.
        """
        if self._position != self.end:
            missing = self.end - self._position
            raise ValueError(f"{self._info.filename}: {missing:,} bytes are missing")
        self._file.seek(self._info.header_offset)
        self._file.write(self._info.FileHeader())
        return self._info

    def _append_bytes(self, data: bytes | memoryview) -> None:
        self._file.seek(self._position)
        self._file.write(data)
        self._position = self._file.tell()
        self._info.CRC = zlib.crc32(data, self._info.CRC)


@contextmanager
def npz_writer(path: Path) -> Iterator[NpzWriter]:
    """Writes an .npz, whole or not at all: it exists once the block has succeeded."""
    with atomic_path(path) as temporary, temporary.open("r+b") as file:
        writer = NpzWriter(file)
        yield writer
        writer.finish()


def write_npz(path: Path, members: Mapping[str, NDArray[Any]]) -> None:
    """Writes arrays to an .npz, whole or not at all."""
    with npz_writer(path) as writer:
        for name, array in members.items():
            writer.add(name, np.asarray(array))


def checksum_of(array: NDArray[Any]) -> int:
    """Returns the CRC-32 that an archive written here holds of an array."""
    header = _npy_header(array.dtype, array.shape)
    return zlib.crc32(np.ascontiguousarray(array).data, zlib.crc32(header))


def _npy_header(dtype: np.dtype[Any], shape: tuple[int, ...]) -> bytes:
    """Returns what NumPy writes before the values of an array in C order."""
    header = io.BytesIO()
    fields = {"descr": npy.dtype_to_descr(dtype), "fortran_order": False, "shape": shape}
    npy.write_array_header_1_0(header, fields)
    return header.getvalue()
