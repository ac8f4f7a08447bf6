"""Archives are whole or absent, aligned, and read by NumPy."""

import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from voc_model.store.archive import read_npz
from voc_model.store.npz import checksum_of, npz_writer, write_npz

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


def test_numpy_reads_it_without_pickle(path: Path) -> None:
    with np.load(path, allow_pickle=False) as found:
        assert set(found.files) == set(MEMBERS)
        for name, array in MEMBERS.items():
            np.testing.assert_array_equal(found[name], array)
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None


def test_every_member_is_aligned(path: Path) -> None:
    whole = path.read_bytes()
    with zipfile.ZipFile(path) as archive:
        for info in archive.infolist():
            start = whole.index(info.filename.encode(), info.header_offset)
            assert whole.index(b"\x93NUMPY", start) % 64 == 0, info.filename


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
    assert read_npz(tmp_path / "any.npz")["values"].tolist() == [1, 2, 3, 4]


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


def test_a_checksum_is_known_without_a_file(path: Path) -> None:
    with zipfile.ZipFile(path) as archive:
        for name, array in MEMBERS.items():
            assert checksum_of(array) == archive.getinfo(f"{name}.npy").CRC


def test_python_objects_are_not_written(tmp_path: Path) -> None:
    objects = np.array([{"a": 1}], object)
    with pytest.raises(ValueError, match="Object arrays cannot be saved"):
        write_npz(tmp_path / "mine.npz", {"members": objects})
    assert list(tmp_path.iterdir()) == []
