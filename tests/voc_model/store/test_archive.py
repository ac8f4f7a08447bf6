"""Archives are read as written; a damaged or changed file is an error, never other numbers."""

import io
import os
import random
import re
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from numpy.typing import NDArray

from voc_model.errors import ScoreStoreError
from voc_model.store import archive, file_array
from voc_model.store.archive import open_npz, read_npz
from voc_model.store.file_array import FileArray
from voc_model.store.npz import write_npz

MEMBERS: dict[str, NDArray[Any]] = {
    "scores": np.arange(35, dtype=np.float32).reshape(7, 5),
    "labels": np.array([[1, 0, -1]], np.int8),
    "names of images": np.array([b"a", b"bcd", b"c"], np.bytes_),
    "columns": np.asfortranarray(np.arange(6, dtype=np.int32).reshape(2, 3)),
    "one": np.array(b"text"),
}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "arrays.npz"
    write_npz(path, MEMBERS)
    return path


@pytest.fixture
def large(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every array stays in its file, as those of many images do."""
    monkeypatch.setattr(archive, "_IN_MEMORY_BYTES", 0)


def test_arrays_are_read_as_written(path: Path) -> None:
    found = read_npz(path)
    assert list(found) == list(MEMBERS)
    for name, array in MEMBERS.items():
        assert found[name].dtype == array.dtype
        np.testing.assert_array_equal(found[name], array)


@given(
    array=arrays(
        st.sampled_from([np.float32, np.int8, np.int64]), array_shapes(min_side=0, max_dims=3)
    ),
    name=st.text("abcdefgh", min_size=1, max_size=80),
)
def test_any_shape_and_name_round_trips(
    tmp_path_factory: pytest.TempPathFactory, array: NDArray[Any], name: str
) -> None:
    path = tmp_path_factory.getbasetemp() / "any.npz"
    write_npz(path, {"first": MEMBERS["labels"], name: array})
    found = read_npz(path)[name]
    assert found.shape == array.shape
    np.testing.assert_array_equal(found, array)


def test_a_file_written_by_numpy_is_read(tmp_path: Path) -> None:
    np.savez(tmp_path / "theirs.npz", scores=MEMBERS["scores"])
    np.testing.assert_array_equal(read_npz(tmp_path / "theirs.npz")["scores"], MEMBERS["scores"])


# Arrays that stay in the file -------------------------------------------------------------------

KEYS: list[Any] = [
    0,
    np.int32(6),
    slice(2, 5),
    slice(5, 2),
    slice(4, 99),
    np.array([5, 0, 5]),
    np.array([], np.intp),
    (3, 4),
    (3, slice(1, 3)),
    (3, np.array([4, 0])),
    (slice(1, 4), 2),
    (slice(1, 4), slice(0, 2)),
    (np.array([6, 1]), 3),
    (np.array([6, 1]), slice(0, 2)),
    (np.array([], np.intp), 3),
]


@pytest.mark.usefixtures("large")
@pytest.mark.parametrize("block_bytes", [1, 50, 4 << 20])
@pytest.mark.parametrize("has_pread", [True, False])
def test_indexing_is_numpys(
    path: Path, monkeypatch: pytest.MonkeyPatch, block_bytes: int, has_pread: bool
) -> None:
    monkeypatch.setattr(file_array, "_BLOCK_BYTES", block_bytes)
    if not has_pread:  # As on Windows.
        monkeypatch.delattr(os, "pread")
    members = open_npz(path).members
    scores, expected = members["scores"], MEMBERS["scores"]
    assert isinstance(scores, FileArray)
    assert (len(scores), scores.size, scores.shape, scores.dtype) == (7, 35, (7, 5), np.float32)
    np.testing.assert_array_equal(np.asarray(scores), expected)
    for key in KEYS:
        np.testing.assert_array_equal(scores[key], expected[key], str(key), strict=True)
    names, expected = members["names of images"], MEMBERS["names of images"]
    for key in (1, slice(0, 2), np.array([2, 0])):
        np.testing.assert_array_equal(names[key], expected[key], str(key), strict=True)


@pytest.mark.usefixtures("large")
@pytest.mark.parametrize("key", [-1, 7, np.array([0, -1]), np.array([7]), (-1, 0), (7, slice(2))])
def test_a_row_that_does_not_exist_is_damage(path: Path, key: Any) -> None:
    with pytest.raises(ScoreStoreError, match=r"arrays\.npz: damaged: .*expected 0 to 6"):
        open_npz(path).members["scores"][key]


def shorten(path: Path) -> None:
    os.truncate(path, path.stat().st_size // 2)


def empty(path: Path) -> None:
    os.truncate(path, 0)


def lengthen(path: Path) -> None:
    with path.open("ab") as file:
        file.write(b"more")


def overwrite(path: Path) -> None:
    status = path.stat()
    with path.open("r+b") as file:
        file.write(bytes(status.st_size))
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns + 10**9))


@pytest.mark.usefixtures("large")
@pytest.mark.parametrize("change", [shorten, empty, lengthen, overwrite])
@pytest.mark.parametrize(
    "read",
    [
        lambda opened: opened.members["scores"][2],
        lambda opened: opened.members["scores"][2, 3:],
        lambda opened: opened.members["scores"][1:3],
        lambda opened: opened.members["scores"][np.array([3, 1])],
        lambda opened: opened.members["scores"][np.array([3, 1]), 2],
        lambda opened: opened.verify(),
    ],
)
def test_a_file_changed_in_place_is_noticed(
    path: Path, change: Callable[[Path], None], read: Callable[[archive.Archive], object]
) -> None:
    """With a memory map, the process would be killed or read the new numbers."""
    opened = open_npz(path)
    read(opened)
    change(path)
    with pytest.raises(ScoreStoreError, match=r"arrays\.npz: was changed while it was read"):
        read(opened)


@pytest.mark.usefixtures("large")
def test_a_file_that_is_replaced_stays_readable(path: Path) -> None:
    old = open_npz(path)
    write_npz(path, {"scores": np.zeros((1, 1), np.float32)})
    np.testing.assert_array_equal(old.members["scores"], MEMBERS["scores"])
    old.verify()
    assert open_npz(path).members["scores"].shape == (1, 1)


def test_small_arrays_are_in_memory(path: Path) -> None:
    opened = open_npz(path)
    assert opened.is_in_memory
    empty(path)
    np.testing.assert_array_equal(opened.members["scores"], MEMBERS["scores"])
    opened.verify()


# Damage ------------------------------------------------------------------------------------------


def test_every_flipped_bit_of_the_values_is_noticed(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = path.read_bytes()
    first = whole.index(MEMBERS["scores"].tobytes())
    for position in range(first, first + MEMBERS["scores"].nbytes, 3):
        damaged = bytearray(whole)
        damaged[position] ^= 1 << position % 8
        path.write_bytes(damaged)
        monkeypatch.setattr(archive, "_IN_MEMORY_BYTES", 1 << 20)
        with pytest.raises(ValueError, match="scores does not match its checksum"):
            open_npz(path)
        monkeypatch.setattr(archive, "_IN_MEMORY_BYTES", 0)
        opened = open_npz(path)
        with pytest.raises(ScoreStoreError, match=r"arrays\.npz: damaged \(scores does not match"):
            opened.verify()


@pytest.mark.usefixtures("large")
@pytest.mark.parametrize("block_bytes", [7, 4 << 20])
def test_an_undamaged_file_is_verified(
    path: Path, monkeypatch: pytest.MonkeyPatch, block_bytes: int
) -> None:
    monkeypatch.setattr(archive, "_BLOCK_BYTES", block_bytes)
    open_npz(path).verify()


def test_python_objects_are_not_read(tmp_path: Path) -> None:
    np.savez(tmp_path / "theirs.npz", members=np.array([{"a": 1}], object))
    with pytest.raises(ValueError, match=r"members\.npy holds Python objects"):
        read_npz(tmp_path / "theirs.npz")


def test_a_compressed_file_is_refused(tmp_path: Path) -> None:
    np.savez_compressed(tmp_path / "small.npz", **MEMBERS)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match=r"scores\.npy is compressed, expected uncompressed data"):
        read_npz(tmp_path / "small.npz")


def write_member(path: Path, fields: str, data: bytes = bytes(80)) -> None:
    """Writes an archive of one member, with any text as NumPy's header, and a right checksum."""
    text = fields.encode("latin-1")
    header = b"\x93NUMPY\x01\x00" + len(text).to_bytes(2, "little") + text
    with zipfile.ZipFile(path, "w") as made:
        made.writestr("scores.npy", header + data)


def header_of(shape: str, descr: str = "'<f4'", order: str = "False") -> str:
    return f"{{'descr': {descr}, 'fortran_order': {order}, 'shape': {shape}, }}\n"


@pytest.mark.parametrize(
    "shape", ["(1000000, 20)", "(21,)", "(19,)", f"({2**40}, {2**40})", f"({2**58}, 4)"]
)
def test_a_member_whose_length_contradicts_its_header_is_refused(
    tmp_path: Path, shape: str
) -> None:
    write_member(tmp_path / "short.npz", header_of(shape))  # 20 numbers
    with pytest.raises(ValueError, match=r"scores\.npy is cut short"):
        read_npz(tmp_path / "short.npz")


@pytest.mark.parametrize(
    "fields",
    [
        header_of("(True, 20)"),
        header_of("(-1, 20)"),
        header_of(f"({'-' * 5000}20,)"),
        header_of("(" * 3000 + "20" + ")" * 3000),
        header_of("(20.0,)"),
        header_of("20"),
        header_of(f"({10**30},)"),
        header_of("(20,)", descr="'f3'"),
        header_of("(20,)", descr="[('a', '<f4')]"),
        header_of("(20,)", descr="'<S999999999999'"),
        header_of("(20,)", descr="'<f4'", order="1"),
        header_of("(20,)").replace("shape", "form"),
        "", "{}", "{'descr': '<f4'", "\xff\xfe", header_of("(20,)") + "__import__('os')",
    ],
)  # fmt: skip
def test_a_damaged_header_is_refused(tmp_path: Path, fields: str) -> None:
    write_member(tmp_path / "odd.npz", fields)
    with pytest.raises(ValueError, match=r"scores\.npy has a damaged header"):
        open_npz(tmp_path / "odd.npz")


def test_headers_of_other_programs_are_read(tmp_path: Path) -> None:
    data = np.arange(20, dtype="<f4").tobytes()
    for fields in (
        "{'descr':'<f4','fortran_order':False,'shape':(4,5)}",
        '{"shape": (4, 5), "fortran_order": False, "descr": "<f4"}   \n',
    ):
        write_member(tmp_path / "theirs.npz", fields, data)
        found = read_npz(tmp_path / "theirs.npz")["scores"]
        np.testing.assert_array_equal(found, np.arange(20).reshape(4, 5))


def test_values_without_width_and_fortran_order_are_refused(tmp_path: Path) -> None:
    write_member(tmp_path / "any.npz", header_of("(30000000,)", descr="'|S0'"), b"")
    with pytest.raises(ValueError, match="holds values without width"):
        open_npz(tmp_path / "any.npz")
    np.savez(tmp_path / "any.npz", scores=np.zeros((3, 2), np.float32).T)
    with pytest.raises(ValueError, match=r"scores\.npy is in Fortran order.*ascontiguousarray"):
        open_npz(tmp_path / "any.npz")


def test_a_text_of_gigabytes_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "_MAX_TEXT_BYTES", 100)
    write_npz(tmp_path / "any.npz", {"manifest": np.array(b"x" * 101)})
    with pytest.raises(ValueError, match="expected a short text"):
        open_npz(tmp_path / "any.npz")


def test_too_many_and_repeated_members_are_refused(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archive, "_MAX_MEMBERS", 4)
    with pytest.raises(ValueError, match="found 5 members, expected at most 4"):
        open_npz(path)
    with pytest.warns(UserWarning, match="Duplicate"), zipfile.ZipFile(path, "w") as made:
        for _ in range(2):
            file = io.BytesIO()
            np.save(file, MEMBERS["scores"])
            made.writestr("scores.npy", file.getvalue())
    with pytest.raises(ValueError, match=r"scores\.npy occurs twice"):
        open_npz(path)


def test_a_truncated_file_raises_value_error(path: Path) -> None:
    whole = path.read_bytes()
    for length in range(len(whole)):
        path.write_bytes(whole[:length])
        with pytest.raises(ValueError, match=re.compile(".", re.DOTALL)):
            read_npz(path)


def test_damaged_bytes_raise_only_documented_errors(path: Path) -> None:
    whole = path.read_bytes()
    chance = random.Random(5)
    refused = 0
    for _ in range(2000):
        damaged = bytearray(whole)
        for _ in range(chance.choice((1, 2, 5))):
            damaged[chance.randrange(len(whole))] = chance.randrange(256)
        path.write_bytes(damaged)
        try:
            found = read_npz(path)
        except (ValueError, OSError, ScoreStoreError):
            refused += 1
            continue
        for name in found.keys() & MEMBERS.keys():
            np.testing.assert_array_equal(found[name], MEMBERS[name])
    assert refused > 500


def test_the_checksums_are_those_of_the_zip(path: Path) -> None:
    with zipfile.ZipFile(path) as made:
        expected = {info.filename[:-4]: zlib.crc32(made.read(info)) for info in made.infolist()}
    assert open_npz(path).checksums == expected


def test_a_missing_file_raises_file_not_found_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        read_npz(tmp_path / "none.npz")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes")
def test_a_pipe_is_refused_without_waiting_for_its_writer(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.npz")
    with pytest.raises(ValueError, match="not a regular file"):
        open_npz(tmp_path / "pipe.npz")
