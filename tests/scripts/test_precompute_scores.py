"""scripts/precompute_scores.py: the whole offline job, and resuming it after a kill."""

import signal
import time
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from jobs import pause_scoring, start
from tiny_voc import ArgumentsMaker, all_layers_settings, make_many

from scripts.draw_figures import main as draw_figures
from scripts.precompute_scores import main
from scripts.train import main as train
from voc_model.store.runs import RunFolder
from voc_model.store.scores import ScoreTable


def succeed(line: list[str]) -> str:
    """Runs the script and returns its output."""
    result = CliRunner().invoke(main, line)
    assert result.exit_code == 0, result.output
    return result.output


def test_one_command_does_everything_and_a_second_run_reuses_it(
    arguments: ArgumentsMaker, head_config: Path, weights_path: Path, tmp_path: Path
) -> None:
    line = arguments("--config", head_config, "--weights", weights_path)
    output = succeed(line)
    run = RunFolder(tmp_path / "runs" / "VOC2012-tiny")
    assert {path.name for path in run.path.iterdir()} == {
        "settings.json", "checkpoint.pt", "training_state.pt", "history.csv", "steps.csv",
        "scores.npz", "metrics.json", "curves.npz", "figures", ".lock",
    }  # fmt: skip
    assert "scores of val: 12 images, all reused" in output
    assert "mAP over 3 classes, 12 images of split val: " in output
    assert "thumbnails: 12 images in " in output
    output = succeed([*line, "--verify"])
    assert output.count("reused") == 5
    assert "predicted again, greatest difference" in output


def test_a_named_run_keeps_its_settings(
    arguments: ArgumentsMaker, head_config: Path, weights_path: Path
) -> None:
    succeed(arguments("--config", head_config, "--weights", weights_path, "--run", "mine"))
    assert "already trained, reused" in succeed(arguments("--run", "mine"))


def test_a_failed_verification_exits_with_1(
    arguments: ArgumentsMaker, head_config: Path, weights_path: Path, tmp_path: Path
) -> None:
    line = arguments("--config", head_config, "--weights", weights_path)
    succeed(line)
    path = RunFolder(tmp_path / "runs" / "VOC2012-tiny").scores_path
    table = ScoreTable.open(path)
    image_ids = [table.image_id(row) for row in range(12)]
    other = ScoreTable.build(
        image_ids, table.classes, 1 - table.scores, np.array(table.labels), table.manifest
    )
    other.write(path)
    result = CliRunner().invoke(main, [*line, "--verify"])
    assert result.exit_code == 1
    assert "above the tolerance of 0.0001" in result.output
    assert "Traceback" not in result.output


def test_scores_are_verified_against_saved_ones(
    arguments: ArgumentsMaker, head_config: Path, weights_path: Path, tmp_path: Path
) -> None:
    line = arguments("--config", head_config, "--weights", weights_path)
    succeed(line)
    path = RunFolder(tmp_path / "runs" / "VOC2012-tiny").scores_path
    table = ScoreTable.open(path)
    ids = table.ids_of(np.arange(12))
    changed = 1 - np.asarray(table.scores)
    saved = tmp_path / "saved.npz"
    table.write(saved)
    assert "12 images and 3 classes compared" in succeed([*line, "--verify-against", str(saved)])
    ScoreTable.build(ids, table.classes, changed, np.array(table.labels), table.manifest).write(
        saved
    )
    result = CliRunner().invoke(main, [*line, "--verify-against", str(saved)])
    assert result.exit_code == 1
    assert f"{np.abs(2 * changed - 1).max():.3g} in class" in result.output
    assert "Traceback" not in result.output
    succeed([*line, "--verify-against", str(saved), "--tolerance", "1"])
    result = CliRunner().invoke(main, [*line, "--verify-against", str(tmp_path / "none")])
    assert result.exit_code == 2
    assert "does not exist" in result.output


@pytest.mark.parametrize("trained", ["head", "all"])
def test_resumes_from_the_finished_shards_after_a_kill(
    arguments: ArgumentsMaker,
    head_config: Path,
    weights_path: Path,
    tmp_path: Path,
    trained: str,
) -> None:
    config = head_config
    if trained == "all":
        config = tmp_path / "all.json"
        all_layers_settings(epochs=1).write(config)
    weights = ("--weights", weights_path) if trained == "head" else ()
    result = CliRunner().invoke(train, arguments(config, *weights, "--run", "a"))
    assert result.exit_code == 0, result.output
    # More images than one shard holds.
    voc_dir = make_many(tmp_path / "many" / "VOC2012", images=700)
    run = RunFolder(tmp_path / "runs" / "a")
    line = arguments("--checkpoint", run.checkpoint_path, "--split", "many", voc_dir=voc_dir)
    shards = run.parts_dir if trained == "all" else tmp_path / "cache"
    before = set(shards.rglob("rows_*.npz"))
    pause = partial(pause_scoring, tmp_path / "never")
    job = start(1, "scripts.precompute_scores", line, tmp_path / "output", pause)
    while not set(shards.rglob("rows_*.npz")) - before:
        assert job.is_running(), job.wait()
        time.sleep(0.005)
    job.signal(signal.SIGKILL)
    job.wait()
    assert not run.scores_path.exists()
    assert "256 reused" in succeed(line)
    table = ScoreTable.open(run.scores_path)
    assert len(table.image_ids) == 700
    assert not np.isnan(table.scores).any()
    succeed([*line, "--verify"])


def test_figures_are_redrawn_on_demand(
    arguments: ArgumentsMaker, head_config: Path, weights_path: Path, tmp_path: Path
) -> None:
    succeed(arguments("--config", head_config, "--weights", weights_path))
    run = RunFolder(tmp_path / "runs" / "VOC2012-tiny")
    (run.figures_dir / "loss.png").unlink()
    result = CliRunner().invoke(draw_figures, ["--runs-dir", str(tmp_path / "runs")])
    assert result.exit_code == 0, result.output
    assert (run.figures_dir / "loss.png").is_file()
    result = CliRunner().invoke(draw_figures, ["--runs-dir", str(tmp_path / "none")])
    assert result.exit_code == 1
    assert "no scores" in result.output


def test_a_missing_checkpoint_is_reported(
    shared_voc_dir: Path, head_config: Path, tmp_path: Path
) -> None:
    result = CliRunner().invoke(
        main,
        ["--root-dir", str(shared_voc_dir), "--checkpoint", str(tmp_path / "none.pt")],
    )
    assert result.exit_code == 1
    assert "none.pt: not found" in result.output


@pytest.mark.parametrize("split", ["*", "", "../val", "val.txt"])
def test_a_split_that_does_not_exist_is_reported_before_training(
    arguments: ArgumentsMaker, head_config: Path, weights_path: Path, split: str
) -> None:
    line = arguments("--config", head_config, "--weights", weights_path, "--split", split)
    result = CliRunner().invoke(main, line)
    assert result.exit_code == 1
    assert f"Main/{split}.txt: no such split. Found: train, val." in result.output
    assert "epoch" not in result.output


def test_help_has_examples() -> None:
    result = CliRunner().invoke(main, ["--help"])
    assert "python scripts/precompute_scores.py --root-dir VOC2012/JPEGImages/" in result.output
    assert "--checkpoint runs/ws/checkpoint.pt" in result.output
