"""scripts/train.py: one line an epoch, plain errors, and a kill that costs one epoch at most."""

import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from click.testing import CliRunner
from tiny_voc import Command, Program

from scripts.train import main
from voc_model.checkpoints import load_checkpoint
from voc_model.history import read_history
from voc_model.runs import RunFolder


def wait_for_epoch(run: RunFolder, process: "subprocess.Popen[str]", epoch: int) -> None:
    """Returns once the history holds so many epochs; fails if the program ends before."""
    while not run.history_path.is_file() or len(read_history(run.history_path)) < epoch:
        assert process.poll() is None, process.communicate()
        time.sleep(0.01)


def test_every_epoch_has_its_line(
    run_script: Callable[..., Program], head_config: Path, weights_path: Path, tmp_path: Path
) -> None:
    done = run_script("train.py", head_config, "--weights", weights_path)
    assert done.returncode == 0, done.stderr
    run = RunFolder(tmp_path / "runs" / "VOC2012-tiny")
    lines = [line for line in done.stdout.splitlines() if line.startswith("epoch ")]
    assert len(lines) == 3
    for line, record in zip(lines, read_history(run.history_path), strict=True):
        assert f"train loss {record.train_loss:.4f}" in line
        assert f"val loss {record.val_loss:.4f}" in line
        assert f"mAP {record.map:.4f}" in line
    assert "features of train: 20 images in" in done.stdout
    assert f"{run.checkpoint_path} is ready." in done.stdout
    again = run_script("train.py", head_config, "--weights", weights_path)
    assert again.returncode == 0
    assert "trained already, reused" in again.stdout


@pytest.mark.parametrize("kill", [signal.SIGKILL, signal.SIGINT])
def test_a_killed_training_goes_on_bit_for_bit(
    run_script: Callable[..., Program],
    command: Callable[..., Command],
    all_layers_config: Path,
    tmp_path: Path,
    kill: signal.Signals,
) -> None:
    runs = {name: RunFolder(tmp_path / "runs" / name) for name in ("whole", "killed")}
    assert run_script("train.py", all_layers_config, "--run", "whole").returncode == 0
    line = command("train.py", all_layers_config, "--run", "killed")
    process = subprocess.Popen(line, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    wait_for_epoch(runs["killed"], process, epoch=1)
    process.send_signal(kill)
    _, errors = process.communicate()
    if kill == signal.SIGINT:
        assert process.returncode == 130
        assert "the same command goes on from here" in errors
        assert "Traceback" not in errors
    else:
        assert process.returncode == -signal.SIGKILL
    before = len(read_history(runs["killed"].history_path))
    assert before < 4, "the kill came too late to show anything"
    done = run_script("train.py", all_layers_config, "--run", "killed")
    assert done.returncode == 0, done.stderr
    # Killed between history and state, the last epoch in the history is trained once more.
    epochs = sum(item.startswith("epoch ") for item in done.stdout.splitlines())
    assert epochs in (4 - before, 5 - before)
    whole, killed = (load_checkpoint(run.checkpoint_path) for run in runs.values())
    assert whole.epoch == killed.epoch
    for name, tensor in whole.model_state.items():
        assert torch.equal(tensor, killed.model_state[name]), name


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ('{"epoch": 3}', "Did you mean 'epochs'?"),
        ('{"weights": "/none.pth"}', "/none.pth: cannot be read"),
        (None, "config.json: cannot be read"),
    ],
)
def test_an_error_is_one_message(
    tmp_path: Path, shared_voc_dir: Path, content: str | None, told: str
) -> None:
    config = tmp_path / "config.json"
    if content is not None:
        config.write_text(content)
    arguments = [str(config), "--root-dir", str(shared_voc_dir), "--runs-dir", str(tmp_path)]
    result = CliRunner().invoke(main, arguments)
    assert result.exit_code == 1
    assert result.output.startswith("Error: ")
    assert told in result.output
    assert "Traceback" not in result.output


def test_a_folder_that_is_no_voc_folder_is_told(tmp_path: Path, head_config: Path) -> None:
    result = CliRunner().invoke(main, [str(head_config), "--file_path", str(tmp_path)])
    assert result.exit_code == 1
    assert "expected VOC's JPEGImages folder" in result.output


def test_an_unknown_device_is_told(shared_voc_dir: Path, head_config: Path) -> None:
    arguments = [str(head_config), "--root-dir", str(shared_voc_dir), "--device", "quantum"]
    result = CliRunner().invoke(main, arguments)
    assert result.exit_code == 1
    assert "--device quantum: not here" in result.output


def test_help_teaches_by_example() -> None:
    result = CliRunner().invoke(main, ["--help"])
    assert "python scripts/train.py configs/adam_model.json --root-dir" in result.output
