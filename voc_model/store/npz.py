"""Uncompressed .npz files whose members are memory-mapped: opening costs the same at any size.

`numpy.load` reads them as well. Every member's data starts at a multiple of 64 bytes, so that the
maps are aligned.
"""

import io
import math
import mmap
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tokenize import TokenError
from typing import Any, Literal

import numpy as np
from numpy.lib import format as npy
from numpy.typing import DTypeLike, NDArray

from voc_model.files import atomic_path

_ALIGNMENT = 64
_LOCAL_HEADER_BYTES = 30


class NpzWriter:
    """The members of an .npz that is being written; they may grow side by side."""

    def __init__(self, file: io.BufferedRandom) -> None:
        self._file = file
        self._members: list[NpzMember] = []
        self._end = 0

    def reserve(self, name: str, dtype: DTypeLike, shape: tuple[int, ...]) -> "NpzMember":
        """Returns a new member, for which room is kept."""
        member = NpzMember(self._file, self._end, name, np.dtype(dtype), shape)
        self._members.append(member)
        self._end = member.end
        return member

    def add(self, name: str, array: NDArray[Any]) -> None:
        """Writes a whole member."""
        self.reserve(name, array.dtype, array.shape).append(array)

    def finish(self) -> None:
        """Writes what makes an archive of the members.

        Raises:
            ValueError: a member is not filled.
        """
        with zipfile.ZipFile(self._file, "w") as archive:
            for member in self._members:
                archive.filelist.append(member.write_header())
            archive.start_dir = self._end  # Where the list of the members goes.


class NpzMember:
    """A member whose bytes come in any number of pieces, from the first to the last.

    Plain writes, not a memory map: of those a full disk makes an error, and no page that was
    written stays in the process.
    """

    def __init__(
        self,
        file: io.BufferedRandom,
        start: int,
        name: str,
        dtype: np.dtype[Any],
        shape: tuple[int, ...],
    ) -> None:
        """`start` is the place in the file where its zip header goes."""
        if dtype.hasobject:
            raise ValueError(f"Object arrays cannot be saved: {name}")
        header = io.BytesIO()
        fields = {"descr": npy.dtype_to_descr(dtype), "fortran_order": False, "shape": shape}
        npy.write_array_header_1_0(header, fields)
        self._file = file
        self._dtype = dtype
        self._info = zipfile.ZipInfo(f"{name}.npy", date_time=(1980, 1, 1, 0, 0, 0))
        self._info.external_attr = 0o600 << 16  # As zipfile itself has it.
        self._info.header_offset = start
        self._info.file_size = len(header.getvalue()) + math.prod(shape) * dtype.itemsize
        self._info.compress_size = self._info.file_size
        self._info.CRC = 0
        # NumPy pads its own header to 64 bytes, so it suffices to align that header's first byte:
        # pad the zip's local header with an extra field, which has four bytes of header itself.
        padding = -(start + len(self._info.FileHeader()) + 4) % _ALIGNMENT
        self._info.extra = b"\x00\x00" + padding.to_bytes(2, "little") + b"\x00" * padding
        self._place = start + len(self._info.FileHeader())
        self._data = self._place + len(header.getvalue())
        self.end = self._place + self._info.file_size
        self._append_bytes(header.getvalue())

    def append(self, array: NDArray[Any]) -> None:
        """Writes the next values, in C order.

        Raises:
            ValueError: they are of another type, or more than there is room for.
        """
        if array.dtype != self._dtype:
            raise ValueError(f"{self._info.filename} is {self._dtype}, found {array.dtype}")
        if self._place + array.nbytes > self.end:
            raise ValueError(f"{self._info.filename} is full")
        self._append_bytes(np.ascontiguousarray(array).data)

    def write_at(self, first: int, array: NDArray[Any]) -> None:
        """Keeps an array where value number `first` and the next ones will stand.

        Until those are appended the room serves as scratch space; `read_at` reads from it.
        """
        self._file.seek(self._data + first * self._dtype.itemsize)
        self._file.write(np.ascontiguousarray(array).data)

    def read_at(self, first: int, array: NDArray[Any]) -> None:
        """Fills a C-contiguous array with what was laid there."""
        self._file.seek(self._data + first * self._dtype.itemsize)
        self._file.readinto(array.data)

    def write_header(self) -> zipfile.ZipInfo:
        """Writes the zip header of a filled member, and returns what it says."""
        if self._place != self.end:
            missing = self.end - self._place
            raise ValueError(f"{self._info.filename} lacks {missing:,} bytes")
        self._file.seek(self._info.header_offset)
        self._file.write(self._info.FileHeader())
        return self._info

    def _append_bytes(self, data: bytes | memoryview) -> None:
        self._file.seek(self._place)
        self._file.write(data)
        self._place = self._file.tell()
        self._info.CRC = zlib.crc32(data, self._info.CRC)


@contextmanager
def npz_writer(path: Path) -> Iterator[NpzWriter]:
    """Writes an .npz, whole or not at all: it is there once the block has succeeded."""
    with atomic_path(path) as temporary, temporary.open("r+b") as file:
        writer = NpzWriter(file)
        yield writer
        writer.finish()


def write_npz(path: Path, members: Mapping[str, NDArray[Any]]) -> None:
    """Writes arrays to an .npz, whole or not at all."""
    with npz_writer(path) as writer:
        for name, array in members.items():
            writer.add(name, np.asarray(array))


def map_npz(path: Path) -> dict[str, NDArray[Any]]:
    """Returns the arrays of an uncompressed .npz as read-only memory maps.

    Raises:
        ValueError: the file is damaged, cut short, compressed, or holds Python objects.
        OSError: the file cannot be read.
    """
    size = path.stat().st_size
    members: dict[str, NDArray[Any]] = {}
    try:
        with zipfile.ZipFile(path) as archive, path.open("rb") as file:
            for info in archive.infolist():
                if info.compress_type != zipfile.ZIP_STORED:
                    raise ValueError(f"{info.filename} is compressed, expected it stored")
                file.seek(info.header_offset)
                header = file.read(_LOCAL_HEADER_BYTES)
                name_length = int.from_bytes(header[26:28], "little")
                extra_length = int.from_bytes(header[28:30], "little")
                start = file.seek(name_length + extra_length, 1)
                version = npy.read_magic(file)
                read = npy.read_array_header_1_0 if version[0] == 1 else npy.read_array_header_2_0
                shape, fortran_order, dtype = read(file)
                if dtype.hasobject:
                    raise ValueError(f"{info.filename} holds Python objects, expected numbers")
                length = file.tell() - start + math.prod(shape) * dtype.itemsize
                if length != info.file_size or start + length > size:
                    raise ValueError(f"{info.filename} is cut short or damaged")
                order: Literal["C", "F"] = "F" if fortran_order else "C"
                members[info.filename.removesuffix(".npy")] = np.memmap(
                    path, dtype=dtype, mode="r", offset=file.tell(), shape=shape, order=order
                )
    # What zipfile and NumPy's header parser raise beside ValueError for damaged bytes.
    except (zipfile.BadZipFile, EOFError, NotImplementedError, TokenError) as error:
        raise ValueError(str(error)) from error
    return members


def release_pages(array: NDArray[Any]) -> None:
    """Lets go of the pages that were read of one of `map_npz`'s arrays; of another it does nothing.

    They stay in the system's cache and are read again at no cost to speak of, but a pass over a
    large array no longer counts as memory of this process.
    """
    if isinstance(array.base, mmap.mmap) and hasattr(array.base, "madvise"):
        array.base.madvise(mmap.MADV_DONTNEED)
