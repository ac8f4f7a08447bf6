"""Finished shards are kept; unfinished and damaged ones are recomputed."""

import os
import shutil
import time
from pathlib import Path

import numpy as np
import pytest

from voc_model.errors import ScoreStoreError
from voc_model.store.shards import Shards


def shards_in(folder: Path, identity: str = "a") -> Shards:
    return Shards(folder, row_count=7, column_count=2, shard_size=3, identity=identity)


def filled(folder: Path, identity: str = "a") -> Shards:
    shards = shards_in(folder, identity)
    shards.claim()
    for rows in shards.missing():
        values = np.array([[row, -row] for row in rows], np.float32)
        unreadable = {4: "ö is not an image"} if 4 in rows else {}
        shards.write(rows, values, unreadable)
    return shards


def test_rows_are_read_as_written_with_reasons(tmp_path: Path) -> None:
    values, unreadable = filled(tmp_path / "parts").read()
    np.testing.assert_array_equal(values, [[row, -row] for row in range(7)])
    assert unreadable == {4: "ö is not an image"}


def test_unfinished_shards_are_missing(tmp_path: Path) -> None:
    shards = filled(tmp_path / "parts")
    assert shards.missing() == []
    sorted(shards.folder.glob("rows_*"))[1].unlink()
    assert shards.missing() == [range(3, 6)]
    with pytest.raises(ScoreStoreError, match=r"rows_000000003\.npz: missing or damaged\. Run the"):
        shards.read()


def test_a_damaged_shard_counts_as_missing(tmp_path: Path) -> None:
    shards = filled(tmp_path / "parts")
    last = sorted(shards.folder.glob("rows_*"))[2]
    last.write_bytes(last.read_bytes()[:40])
    assert shards.missing() == [range(6, 7)]


def test_a_flipped_bit_anywhere_in_the_values_is_noticed(tmp_path: Path) -> None:
    shards = filled(tmp_path / "parts")
    path = sorted(shards.folder.glob("rows_*"))[0]
    whole = path.read_bytes()
    values = np.array([[row, -row] for row in range(3)], np.float32).tobytes()
    for position in range(whole.index(values), whole.index(values) + len(values)):
        damaged = bytearray(whole)
        damaged[position] ^= 1
        path.write_bytes(damaged)
        assert shards.missing() == [range(0, 3)]
        with pytest.raises(ScoreStoreError, match="missing or damaged"):
            shards.read()
    path.write_bytes(whole)
    assert shards.missing() == []


def test_a_shard_of_another_computation_or_of_other_rows_counts_as_missing(tmp_path: Path) -> None:
    shards, other = filled(tmp_path / "parts"), filled(tmp_path / "other", "b")
    first, second, _ = sorted(path.name for path in shards.folder.glob("rows_*"))
    shutil.copyfile(other.folder / second, shards.folder / second)
    assert shards.missing() == [range(3, 6)]
    shutil.copyfile(shards.folder / first, shards.folder / second)
    assert shards.missing() == [range(3, 6)]


def test_left_over_temporary_files_are_removed_after_a_day(tmp_path: Path) -> None:
    shards = filled(tmp_path / "parts")
    left = shards.folder / ".rows_000000003.npz.x.tmp"
    left.write_bytes(b"half")
    os.utime(left, (time.time() - 25 * 3600,) * 2)
    shards.claim()
    assert not left.exists()
    assert shards.missing() == []


def test_another_claim_discards_all_shards(tmp_path: Path) -> None:
    folder = tmp_path / "parts"
    filled(folder).claim()
    assert shards_in(folder).missing() == []
    shards_in(folder, "b").claim()
    assert shards_in(folder, "b").missing() == [range(0, 3), range(3, 6), range(6, 7)]


def test_remove_deletes_the_folder(tmp_path: Path) -> None:
    shards = filled(tmp_path / "parts")
    shards.remove()
    assert not shards.folder.exists()
    shards.remove()  # a missing folder is accepted
