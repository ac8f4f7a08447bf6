"""Uncompressed .npz files whose members are memory-mapped: opening costs the same at any size.

`numpy.load` reads them as well. Every member's data starts at a multiple of 64 bytes, so that the
maps are aligned.
"""

import math
import zipfile
from collections.abc import Mapping
from pathlib import Path
from tokenize import TokenError
from typing import Any, Literal

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

from voc_model.files import atomic_path

_ALIGNMENT = 64
_LOCAL_HEADER_BYTES = 30
_ZIP64_EXTRA_BYTES = 20


def write_npz(path: Path, members: Mapping[str, NDArray[Any]]) -> None:
    """Writes arrays to an .npz, whole or not at all."""
    with atomic_path(path) as temporary, zipfile.ZipFile(temporary, "w") as archive:
        for name, array in members.items():
            _write_member(archive, f"{name}.npy", array)


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


def _write_member(archive: zipfile.ZipFile, name: str, array: NDArray[Any]) -> None:
    """Stores an array with its first byte of data at a multiple of _ALIGNMENT."""
    info = zipfile.ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0))
    force_zip64 = array.nbytes > 2**31
    # NumPy pads its own header to 64 bytes, so it suffices to align that header's first byte: pad
    # the zip's local header with an extra field, which has four bytes of header itself.
    assert archive.fp is not None
    start = archive.fp.tell() + _LOCAL_HEADER_BYTES + len(name)
    start += 4 + (_ZIP64_EXTRA_BYTES if force_zip64 else 0)
    padding = -start % _ALIGNMENT
    info.extra = b"\x00\x00" + padding.to_bytes(2, "little") + b"\x00" * padding
    with archive.open(info, "w", force_zip64=force_zip64) as member:
        npy.write_array(member, np.asarray(array), allow_pickle=False)
