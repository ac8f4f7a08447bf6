"""Finished shards are kept; unfinished and damaged ones are recomputed."""

from pathlib import Path

import numpy as np
import pytest

from voc_model.store.shards import Shards


def filled(folder: Path) -> Shards:
    shards = Shards(folder, row_count=7, column_count=2, shard_size=3)
    shards.claim("a")
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
    with pytest.raises(ValueError, match="not finished"):
        shards.read()


def test_a_damaged_shard_counts_as_missing(tmp_path: Path) -> None:
    shards = filled(tmp_path / "parts")
    last = sorted(shards.folder.glob("rows_*"))[2]
    last.write_bytes(last.read_bytes()[:40])
    assert shards.missing() == [range(6, 7)]


def test_another_claim_discards_all_shards(tmp_path: Path) -> None:
    shards = filled(tmp_path / "parts")
    shards.claim("a")
    assert shards.missing() == []
    shards.claim("b")
    assert shards.missing() == [range(0, 3), range(3, 6), range(6, 7)]


def test_remove_deletes_the_folder(tmp_path: Path) -> None:
    shards = filled(tmp_path / "parts")
    shards.remove()
    assert not shards.folder.exists()
    shards.remove()  # a missing folder is accepted
