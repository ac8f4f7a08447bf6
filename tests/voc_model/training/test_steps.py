"""steps.csv has a row per step, also of a resumed run; a number that is not finite is reported."""

import csv
import math
from pathlib import Path

import pytest
import torch
from tiny_voc import OptionsMaker, all_layers_settings

from voc_model.errors import SettingsError
from voc_model.inference.distributed import SINGLE_PROCESS
from voc_model.model.settings import TrainSettings
from voc_model.store.history import read_history
from voc_model.training import steps
from voc_model.training.optimizer import learning_rate_at
from voc_model.training.run import train_run
from voc_model.training.steps import StepLog


def read_rows(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def add(log: StepLog, loss: float, count: int = 4, norm: float = 1.0) -> None:
    log.add(torch.tensor(loss), torch.tensor(count), torch.tensor(norm), 2, 0.1)


@pytest.mark.parametrize("block", [1, 2, 50])
def test_a_row_per_step(
    options_for: OptionsMaker, monkeypatch: pytest.MonkeyPatch, block: int
) -> None:
    monkeypatch.setattr(steps, "_BLOCK_STEPS", block)
    settings = all_layers_settings(epochs=2, learning_rate=0.003)
    options = options_for(settings)
    train_run(options)
    rows = read_rows(options.run.steps_path)
    assert [row["epoch"] for row in rows] == ["1"] * 3 + ["2"] * 3
    assert [row["step"] for row in rows] == list("123456")
    assert [row["images"] for row in rows] == ["8", "8", "4"] * 2
    for index, row in enumerate(rows):
        expected = learning_rate_at(settings, (index + 0.5) / 3)
        assert float(row["learning_rate"]) == pytest.approx(expected)
        assert float(row["gradient_norm"]) > 0
        assert float(row["seconds"]) > 0
    for record in read_history(options.run.history_path):
        losses = [float(row["loss"]) for row in rows if row["epoch"] == str(record.epoch)]
        # Weighted by entries: the birds of one training image are difficult.
        assert min(losses) < record.train_loss < max(losses)
        assert record.train_loss == pytest.approx(
            sum(loss * weight for loss, weight in zip(losses, (8, 8, 4), strict=True)) / 20,
            rel=0.05,
        )


def test_rows_after_the_last_finished_epoch_are_replaced(tmp_path: Path) -> None:
    path = tmp_path / "steps.csv"
    settings = TrainSettings()
    log = StepLog(path, 0, settings, SINGLE_PROCESS)
    for epoch in (1, 2):
        log.start_epoch(epoch)
        for loss in (1.0, 2.0):
            add(log, loss * epoch)
        assert log.end_epoch() == 3 * epoch / 8
    whole = path.read_text()
    path.write_text(whole[:-9])  # killed while the last row was written
    log = StepLog(path, 2, settings, SINGLE_PROCESS)
    assert path.read_text() == "".join(whole.splitlines(keepends=True)[:3])
    log.start_epoch(2)
    add(log, 7.0)
    log.end_epoch()
    assert [(row["step"], row["loss"]) for row in read_rows(path)] == [
        ("1", "0.25"), ("2", "0.5"), ("3", "1.75"),
    ]  # fmt: skip


def test_a_step_without_labelled_entries_has_no_loss(tmp_path: Path) -> None:
    log = StepLog(tmp_path / "steps.csv", 0, TrainSettings(), SINGLE_PROCESS)
    log.start_epoch(1)
    add(log, 0.0, count=0)
    assert math.isnan(log.end_epoch())
    (row,) = read_rows(tmp_path / "steps.csv")
    assert row["loss"] == ""


@pytest.mark.parametrize("value", [math.nan, math.inf])
@pytest.mark.parametrize("what", ["loss", "norm"])
def test_the_step_that_diverged_is_named(tmp_path: Path, what: str, value: float) -> None:
    log = StepLog(tmp_path / "steps.csv", 30, TrainSettings(), SINGLE_PROCESS)
    log.start_epoch(4)
    add(log, 1.0)
    add(log, **{"loss": 1.0, what: value})  # type: ignore[arg-type]
    add(log, 1.0)
    message = rf"{what}.* became {value} in step 32 \(epoch 4\).*Lower learning_rate \(now 0\.001\)"
    with pytest.raises(SettingsError, match=message):
        log.end_epoch()


def test_numbers_are_read_in_blocks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each reading waits for a GPU."""
    readings = []
    read = StepLog._read
    monkeypatch.setattr(StepLog, "_read", lambda log: readings.append(1) or read(log))
    log = StepLog(tmp_path / "steps.csv", 0, TrainSettings(), SINGLE_PROCESS)
    log.start_epoch(1)
    for _ in range(120):
        add(log, 1.0)
    log.end_epoch()
    assert len(readings) == 3
    assert len(read_rows(tmp_path / "steps.csv")) == 120
