"""scripts/train.py: one line per epoch, clear errors, and a kill that costs at most one epoch."""

import signal
import time
from functools import partial
from pathlib import Path

import pytest
import torch
from click.testing import CliRunner
from jobs import Job, pause_training, start
from tiny_voc import ArgumentsMaker, all_layers_settings

from scripts.train import main
from voc_model.model.checkpoint import load_checkpoint
from voc_model.store.history import read_history
from voc_model.store.runs import RunFolder


def wait_for_epoch(run: RunFolder, job: Job, epoch: int) -> None:
    """Waits until the history contains the epoch; fails if the process ends before."""
    while not run.history_path.is_file() or len(read_history(run.history_path)) < epoch:
        assert job.is_running(), job.wait()
        time.sleep(0.01)


def test_prints_one_line_per_epoch(
    arguments: ArgumentsMaker, head_config: Path, weights_path: Path, tmp_path: Path
) -> None:
    line = arguments(head_config, "--weights", weights_path)
    done = CliRunner().invoke(main, line)
    assert done.exit_code == 0, done.output
    run = RunFolder(tmp_path / "runs" / "VOC2012-tiny")
    lines = [item for item in done.output.splitlines() if item.startswith("epoch ")]
    assert len(lines) == 3
    for text, record in zip(lines, read_history(run.history_path), strict=True):
        assert f"train loss {record.train_loss:.4f}" in text
        assert f"val loss {record.val_loss:.4f}" in text
        assert f"mAP {record.map:.4f}" in text
    assert "features of train: 20 images in" in done.output
    assert f"{run.checkpoint_path} is ready." in done.output
    again = CliRunner().invoke(main, line)
    assert again.exit_code == 0
    assert "already trained, reused" in again.output


def test_folds_on_the_command_line(
    arguments: ArgumentsMaker, head_config: Path, weights_path: Path, tmp_path: Path
) -> None:
    line = arguments(head_config, "--weights", weights_path, "--run", "folded", "--folds", 2)
    done = CliRunner().invoke(main, line)
    assert done.exit_code == 0, done.output
    run = RunFolder(tmp_path / "runs" / "folded")
    assert f"{run.folds_dir} is ready." in done.output
    assert load_checkpoint(run.fold(2).checkpoint_path).settings.folds == 2
    assert len(read_history(run.history_path)) == 3
    refused = CliRunner().invoke(main, [*line, "--folds", "1"])
    assert refused.exit_code == 1
    assert "folds 1 must be 0, or 2 and more" in refused.output


@pytest.mark.usefixtures("pytorch_only")
@pytest.mark.parametrize(
    ("kill", "probe_epochs"), [(signal.SIGKILL, 0), (signal.SIGKILL, 2), (signal.SIGINT, 0)]
)
def test_resumes_bit_for_bit_after_a_kill(
    arguments: ArgumentsMaker,
    weights_path: Path,
    tmp_path: Path,
    kill: signal.Signals,
    probe_epochs: int,
) -> None:
    config = tmp_path / "all.json"
    all_layers_settings(
        weights=str(weights_path), probe_epochs=probe_epochs, epochs=4 - probe_epochs
    ).write(config)
    runs = {name: RunFolder(tmp_path / "runs" / name) for name in ("whole", "killed")}
    done = CliRunner().invoke(main, arguments(config, "--run", "whole"))
    assert done.exit_code == 0, done.output
    line = arguments(config, "--run", "killed")
    pause = partial(pause_training, tmp_path / "never")
    job = start(1, "scripts.train", line, tmp_path / "output", pause)
    wait_for_epoch(runs["killed"], job, epoch=1)
    job.signal(kill)
    code, output = job.wait()
    if kill == signal.SIGINT:
        assert code == 130
        assert "run the same command again to resume" in output
        assert "Traceback" not in output
    else:
        assert code == -signal.SIGKILL
    assert len(read_history(runs["killed"].history_path)) == 1
    done = CliRunner().invoke(main, line)
    assert done.exit_code == 0, done.output
    # If it was killed between writing history and state, the first epoch is trained again.
    assert sum(item.startswith("epoch ") for item in done.output.splitlines()) in (3, 4)
    whole, killed = (load_checkpoint(run.checkpoint_path) for run in runs.values())
    assert whole.epoch == killed.epoch
    for name, tensor in whole.model_state.items():
        assert torch.equal(tensor, killed.model_state[name]), name


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ('{"epoch": 3}', "Did you mean 'epochs'?"),
        ('{"weights": "/none.pth"}', "/none.pth: cannot be read"),
        (None, "config.json: cannot be read"),
    ],
)
def test_errors_are_a_single_message(
    tmp_path: Path, shared_voc_dir: Path, content: str | None, message: str
) -> None:
    config = tmp_path / "config.json"
    if content is not None:
        config.write_text(content)
    arguments = [str(config), "--root-dir", str(shared_voc_dir), "--runs-dir", str(tmp_path)]
    result = CliRunner().invoke(main, arguments)
    assert result.exit_code == 1
    assert result.output.startswith("Error: ")
    assert message in result.output
    assert "Traceback" not in result.output


def test_a_folder_that_is_not_a_voc_folder_is_reported(tmp_path: Path, head_config: Path) -> None:
    result = CliRunner().invoke(main, [str(head_config), "--file_path", str(tmp_path)])
    assert result.exit_code == 1
    assert "expected VOC's JPEGImages folder" in result.output


def test_an_unknown_device_is_reported(shared_voc_dir: Path, head_config: Path) -> None:
    arguments = [str(head_config), "--root-dir", str(shared_voc_dir), "--device", "quantum"]
    result = CliRunner().invoke(main, arguments)
    assert result.exit_code == 1
    assert "--device quantum: device not available" in result.output


def test_help_has_examples() -> None:
    result = CliRunner().invoke(main, ["--help"])
    assert "python scripts/train.py configs/adam_model.json --root-dir" in result.output
