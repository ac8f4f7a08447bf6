"""history.csv is read as it was written; a damaged line is reported."""

import math
import os
from pathlib import Path

import numpy as np
import pytest

from voc_model.errors import ScoreStoreError
from voc_model.store.history import EpochRecord, read_history, write_history

CLASSES = ("dog", 'a "quoted", name', "grüner Baum\nin zwei Zeilen")


def record(epoch: int) -> EpochRecord:
    values = [0.1 * epoch, math.nan, 1 / 3]
    return EpochRecord(
        epoch, 0.5 / epoch, math.nan, 0.25, 1e-3, 2.5, dict(zip(CLASSES, values, strict=True))
    )


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "history.csv"
    write_history(path, [record(epoch) for epoch in (1, 2, 3)])
    return path


def test_values_and_names_round_trip_exactly(path: Path) -> None:
    found = read_history(path)
    assert [item.epoch for item in found] == [1, 2, 3]
    for item in found:
        np.testing.assert_equal(vars(item), vars(record(item.epoch)))


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "history.csv")
    with pytest.raises(ScoreStoreError, match=r"history\.csv: "):
        read_history(tmp_path / "history.csv")


def test_before_the_first_epoch_the_history_is_empty(path: Path) -> None:
    write_history(path, [])
    assert path.read_text().startswith("epoch,trainable,stop_reason,train_loss,")
    assert read_history(path) == []


def test_a_missing_file_is_reported(tmp_path: Path) -> None:
    with pytest.raises(ScoreStoreError, match=r"history\.csv: not found\. Train with"):
        read_history(tmp_path / "history.csv")


@pytest.mark.parametrize(
    ("line", "damaged"),
    [
        (2, "1,0.5,0.4,0.3,0.001,2,many"),
        (3, "2,0.5,0.4,x,0.001,2,0.9"),
        (3, "2.5,0.5,0.4,0.3,0.001,2,0.9"),
        (3, "2,0.5,0.4"),
        (2, "1,0.5,0.4,0.3,0.001,2,0.9,0.8"),
    ],
)
def test_a_damaged_line_is_reported(path: Path, line: int, damaged: str) -> None:
    lines = ["epoch,train_loss,val_loss,map,learning_rate,seconds,ap_dog"]
    lines += [f"{epoch},0.5,0.4,0.3,0.001,2,0.9" for epoch in (1, 2)]
    lines[line - 1] = damaged
    path.write_text("\n".join(lines))
    with pytest.raises(ScoreStoreError) as caught:
        read_history(path)
    assert str(caught.value).startswith(f"{path}:{line}: damaged")
    assert "scripts/train.py CONFIG --root-dir DIR --overwrite" in str(caught.value)


@pytest.mark.parametrize(
    "contents",
    [
        pytest.param(b"epoch,loss\n1,0.5\n", id="other columns"),
        pytest.param(b"epoch\n\xff\xfe\n", id="not UTF-8"),
        pytest.param(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0", id="an image"),
        pytest.param(b'epoch\n"' + b"x" * 200_000, id="an unclosed quote"),
    ],
)
def test_a_file_of_another_kind_is_reported(path: Path, contents: bytes) -> None:
    path.write_bytes(contents)
    with pytest.raises(ScoreStoreError) as caught:
        read_history(path)
    assert str(path) in str(caught.value)
    assert "damaged" in str(caught.value)
    assert "scripts/train.py CONFIG --root-dir DIR --overwrite" in str(caught.value)
