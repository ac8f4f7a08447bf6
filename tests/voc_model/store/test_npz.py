"""Members are aligned memory maps; NumPy can read the files; damage raises ValueError."""

import io
import random
import re
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from numpy.typing import NDArray

from voc_model.store.npz import map_npz, npz_writer, release_pages, write_npz

MEMBERS: dict[str, NDArray[Any]] = {
    "scores": np.arange(35, dtype=np.float32).reshape(7, 5),
    "labels": np.array([[1, 0, -1]], np.int8),
    "names of images": np.array([b"a", b"bcd"], np.bytes_),
    "columns": np.asfortranarray(np.arange(6, dtype=np.int32).reshape(2, 3)),
    "one": np.array(b"text"),
}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "arrays.npz"
    write_npz(path, MEMBERS)
    return path


def test_arrays_are_mapped_as_written(path: Path) -> None:
    found = map_npz(path)
    assert list(found) == list(MEMBERS)
    for name, array in MEMBERS.items():
        assert isinstance(found[name], np.memmap), name
        assert found[name].dtype == array.dtype
        np.testing.assert_array_equal(found[name], array)


def test_numpy_reads_it_without_pickle(path: Path) -> None:
    with np.load(path, allow_pickle=False) as found:
        assert set(found.files) == set(MEMBERS)
        for name, array in MEMBERS.items():
            np.testing.assert_array_equal(found[name], array)
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None


def test_every_map_is_aligned_and_read_only(path: Path) -> None:
    for name, array in map_npz(path).items():
        assert isinstance(array, np.memmap)
        assert array.offset % 64 == 0, name
        with pytest.raises(ValueError, match="read-only"):
            array[...] = array.flat[0]


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
    found = map_npz(path)[name]
    assert found.shape == array.shape
    np.testing.assert_array_equal(found, array)


def test_members_can_be_appended_to_alternately(path: Path, tmp_path: Path) -> None:
    scores, labels = MEMBERS["scores"], np.arange(12, dtype=np.int8)
    with npz_writer(tmp_path / "grown.npz") as writer:
        growing = writer.reserve("scores", np.float32, (7, 5))
        writer.add("names", MEMBERS["names of images"])
        other = writer.reserve("labels", np.int8, (4, 3))
        for start in range(0, 6, 2):
            growing.append(scores[start : start + 2])
            other.append(labels[2 * start : 2 * start + 4])
        growing.append(scores[6:])
    write_npz(
        tmp_path / "whole.npz",
        {"scores": scores, "names": MEMBERS["names of images"], "labels": labels.reshape(4, 3)},
    )
    assert (tmp_path / "grown.npz").read_bytes() == (tmp_path / "whole.npz").read_bytes()


def test_reserved_space_can_hold_scratch_data(tmp_path: Path) -> None:
    with npz_writer(tmp_path / "any.npz") as writer:
        member = writer.reserve("values", np.int32, (4,))
        later = np.array([0.5, 0.25], np.float32)
        member.write_at(2, later)
        member.append(np.array([1, 2], np.int32))
        found = np.zeros(2, np.float32)
        member.read_at(2, found)
        member.append(np.array([3, 4], np.int32))
    np.testing.assert_array_equal(found, later)
    assert map_npz(tmp_path / "any.npz")["values"].tolist() == [1, 2, 3, 4]


def test_an_archive_needs_every_member_to_be_complete(path: Path) -> None:
    before = path.read_bytes()
    with (
        pytest.raises(ValueError, match=r"short\.npy: 12 bytes"),
        npz_writer(path) as writer,
    ):
        writer.reserve("short", np.int32, (4,)).append(np.zeros(1, np.int32))
    with (
        pytest.raises(ValueError, match=r"found 20 .* at most 16"),
        npz_writer(path) as writer,
    ):
        writer.reserve("full", np.int32, (4,)).append(np.zeros(5, np.int32))
    with (
        pytest.raises(ValueError, match=r"n\.npy: found int64, expected int32"),
        npz_writer(path) as writer,
    ):
        writer.reserve("n", np.int32, (4,)).append(np.zeros(4, np.int64))
    assert path.read_bytes() == before
    assert list(path.parent.iterdir()) == [path]


def test_a_map_can_be_read_after_releasing_its_pages(path: Path) -> None:
    for name, array in map_npz(path).items():
        np.testing.assert_array_equal(array, MEMBERS[name])
        release_pages(array)
        np.testing.assert_array_equal(array, MEMBERS[name])
    in_memory = np.arange(3)
    release_pages(in_memory)
    assert in_memory.tolist() == [0, 1, 2]


def test_a_map_stays_valid_when_the_file_is_replaced(path: Path) -> None:
    old = map_npz(path)["scores"]
    write_npz(path, {"scores": np.zeros((1, 1), np.float32)})
    np.testing.assert_array_equal(old, MEMBERS["scores"])
    assert map_npz(path)["scores"].shape == (1, 1)


def test_python_objects_are_neither_written_nor_read(tmp_path: Path) -> None:
    objects = np.array([{"a": 1}], object)
    with pytest.raises(ValueError, match="Object arrays cannot be saved"):
        write_npz(tmp_path / "mine.npz", {"members": objects})
    assert list(tmp_path.iterdir()) == []
    np.savez(tmp_path / "theirs.npz", members=objects)
    with pytest.raises(ValueError, match=r"members\.npy holds Python objects"):
        map_npz(tmp_path / "theirs.npz")


def test_a_compressed_file_is_refused(tmp_path: Path) -> None:
    np.savez_compressed(tmp_path / "small.npz", **MEMBERS)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match=r"scores\.npy is compressed, expected uncompressed data"):
        map_npz(tmp_path / "small.npz")


def test_a_file_written_by_numpy_is_mapped(tmp_path: Path) -> None:
    np.savez(tmp_path / "theirs.npz", scores=MEMBERS["scores"])
    np.testing.assert_array_equal(map_npz(tmp_path / "theirs.npz")["scores"], MEMBERS["scores"])


@pytest.mark.parametrize("shape", [(10**6, 20), (21,), (19,), (2**40, 2**40), (2**62, 4)])
def test_a_member_whose_length_contradicts_its_header_is_refused(
    tmp_path: Path, shape: tuple[int, ...]
) -> None:
    header = io.BytesIO()
    fields = {"descr": "<f4", "fortran_order": False, "shape": shape}
    np.lib.format.write_array_header_1_0(header, fields)
    path = tmp_path / "short.npz"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("scores.npy", header.getvalue() + bytes(80))  # 20 numbers
    with pytest.raises(ValueError, match=r"scores\.npy is cut short"):
        map_npz(path)


def test_a_truncated_file_raises_value_error(path: Path) -> None:
    whole = path.read_bytes()
    for length in range(len(whole)):
        path.write_bytes(whole[:length])
        with pytest.raises(ValueError, match=re.compile(".", re.DOTALL)):
            map_npz(path)


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
            map_npz(path)
        except (ValueError, OSError):
            refused += 1
    assert refused > 500


def test_a_missing_file_raises_file_not_found_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        map_npz(tmp_path / "none.npz")
