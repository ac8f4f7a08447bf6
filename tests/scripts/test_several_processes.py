"""Several processes of one job give the same numbers as one, also after a kill."""

import signal
import sys
import time
from functools import partial
from pathlib import Path

import pytest
import torch
from click.testing import CliRunner
from jobs import launch_torchrun, pause_scoring, pause_training, start, succeed
from tiny_voc import (
    ArgumentsMaker,
    all_layers_settings,
    assert_same_model,
    freeze_statistics,
    head_settings,
    make_many,
    make_tiny_voc,
    narrow_resnet,
    use_narrow_network,
    use_pytorch_only,
    write_weights,
)

from scripts.precompute_scores import main as precompute_scores
from scripts.train import main as train
from voc_model.model.checkpoint import load_checkpoint
from voc_model.store.archive import read_npz
from voc_model.store.history import read_history
from voc_model.store.runs import RunFolder
from voc_model.store.scores import ScoreTable

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="forks and pins processes")


def run_script(program: object, line: list[str]) -> None:
    """Runs a script in this process."""
    done = CliRunner().invoke(program, line)  # type: ignore[arg-type]
    assert done.exit_code == 0, done.output


def assert_same_scores(left: RunFolder, right: RunFolder) -> None:
    """Scores are equal bit for bit; manifests except for the run's name and the time."""
    first, second = read_npz(left.scores_path), read_npz(right.scores_path)
    assert first.keys() == second.keys()
    for name in first.keys() - {"manifest"}:
        assert first[name].tobytes() == second[name].tobytes(), name
    manifests = [
        ScoreTable.open(run.scores_path).manifest.model_dump(exclude={"run", "created"})
        for run in (left, right)
    ]
    assert manifests[0] == manifests[1]


def read_steps(run: RunFolder) -> list[list[float]]:
    """Returns the rows of steps.csv without the seconds."""
    rows = run.steps_path.read_text().splitlines()[1:]
    return [[float(field) for field in row.split(",")[:-1]] for row in rows]


@pytest.fixture
def many_dir(tmp_path: Path) -> Path:
    """A VOC folder with three shards of images; two images are unreadable."""
    voc_dir = make_many(tmp_path / "many" / "VOC2012", images=700)
    for name in ("many_00005", "many_00600"):
        path = voc_dir / "JPEGImages" / f"{name}.jpg"
        path.unlink()
        path.write_bytes(b"no image")
    return voc_dir


def test_the_whole_job_with_a_frozen_backbone(
    arguments: ArgumentsMaker,
    head_config: Path,
    weights_path: Path,
    many_dir: Path,
    tmp_path: Path,
) -> None:
    line = ["--config", head_config, "--weights", weights_path, "--split", "many"]
    run_script(precompute_scores, arguments(*line, "--run", "one", voc_dir=many_dir))
    (tmp_path / "cache").rename(tmp_path / "cache of one")
    line = arguments(*line, "--run", "several", "--verify", voc_dir=many_dir)
    output = succeed(2, "scripts.precompute_scores", line, tmp_path / "output")
    assert output.count("epoch   1 ") == 1, "only rank 0 reports"
    assert "scores of many: 700 images in" in output
    assert "predicted again, greatest difference" in output
    one, several = (RunFolder(tmp_path / "runs" / name) for name in ("one", "several"))
    assert_same_model(one, several)
    assert_same_scores(one, several)
    assert {path.name for path in several.path.iterdir()} == {
        path.name for path in one.path.iterdir()
    }


def test_every_process_gets_the_conversion_of_the_first(
    arguments: ArgumentsMaker, many_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With a backbone of its own, the other process would compute other features."""
    use_narrow_network(monkeypatch.setattr)
    weights = write_weights(tmp_path / "narrow.pth", narrow_resnet)
    config = tmp_path / "full.json"
    head_settings(weights, architecture="ws_resnet18", ws_kind="full").write(config)
    for count, name in ((1, "one"), (2, "several")):
        line = arguments(config, "--run", name, "--train-split", "many", voc_dir=many_dir)
        output = succeed(count, "scripts.train", line, tmp_path / name, use_narrow_network)
        assert output.count("least-squares fits: 12 convolutions in") == 1
        (tmp_path / "cache").rename(tmp_path / f"cache of {name}")
    one, several = (RunFolder(tmp_path / "runs" / name) for name in ("one", "several"))
    assert_same_model(one, several)


@pytest.mark.parametrize("count", [2, 3])
def test_scores_with_all_layers_trained_also_after_a_kill(
    arguments: ArgumentsMaker, many_dir: Path, tmp_path: Path, count: int
) -> None:
    config = tmp_path / "all.json"
    all_layers_settings(epochs=1).write(config)
    run_script(train, arguments(config, "--run", "model", voc_dir=many_dir))
    model = tmp_path / "runs" / "model" / "checkpoint.pt"
    model = model.rename(tmp_path / "model.pt")
    line = ["--checkpoint", model, "--split", "many"]
    run_script(precompute_scores, arguments(*line, "--run", "one", voc_dir=many_dir))
    line = arguments(*line, "--run", "several", voc_dir=many_dir)
    one, several = (RunFolder(tmp_path / "runs" / name) for name in ("one", "several"))
    if count == 2:  # Then one of the processes has two shards.
        pause = partial(pause_scoring, tmp_path / "resumed")
        killed = start(count, "scripts.precompute_scores", line, tmp_path / "killed", pause)
        while not list(several.parts_dir.glob("rows_*.npz")):
            assert killed.is_running(), killed.wait()
            time.sleep(0.005)
        killed.signal(signal.SIGKILL, rank=1)
        (tmp_path / "resumed").touch()
        code, output = killed.wait()
        assert code != 0
        assert "voc_model" not in output, "a traceback of the project"
        assert not several.scores_path.exists()
    output = succeed(count, "scripts.precompute_scores", line, tmp_path / "output")
    (line_of_scores,) = [line for line in output.splitlines() if line.startswith("scores of many")]
    assert ("reused" in line_of_scores) == (count == 2)
    assert_same_scores(one, several)


@pytest.mark.parametrize("probe_epochs", [0, 2])
def test_several_processes_take_the_same_steps_as_one(
    arguments: ArgumentsMaker, weights_path: Path, tmp_path: Path, probe_epochs: int
) -> None:
    """Batches of 8, 8 and 4 images in three processes: in the last batch one gets no image.

    One image is unreadable, which only one of the processes notices.
    """
    voc_dir = make_tiny_voc(tmp_path / "VOC2012")
    (voc_dir / "JPEGImages" / "2008_000003.jpg").write_bytes(b"no image")
    config = tmp_path / "steps.json"
    all_layers_settings(
        weights=str(weights_path), optimizer="sgd", learning_rate=0.01, output="logits",
        probe_epochs=probe_epochs, epochs=2, ema_decay=0.5, max_grad_norm=0.5,
    ).write(config)  # fmt: skip
    line = arguments(config, voc_dir=voc_dir)
    outputs = [
        succeed(count, "scripts.train", [*line, "--run", name], tmp_path / name, freeze_statistics)
        for count, name in ((1, "one"), (3, "several"))
    ]
    # The probe, which finds it first, says so as well.
    assert outputs[1].count("left out of training") == 1 + bool(probe_epochs)
    one, several = (RunFolder(tmp_path / "runs" / name) for name in ("one", "several"))
    for left, right in zip(
        *(read_history(run.history_path) for run in (one, several)), strict=True
    ):
        assert left.train_loss == pytest.approx(right.train_loss, rel=1e-4)
        assert left.val_loss == pytest.approx(right.val_loss, rel=1e-4)
    first, second = (load_checkpoint(run.checkpoint_path) for run in (one, several))
    assert first.train_ids == second.train_ids
    assert len(first.train_ids) == 19
    for name, tensor in first.model_state.items():
        found = second.model_state[name]
        torch.testing.assert_close(found, tensor, rtol=1e-3, atol=1e-5, msg=name)
    for left, right in zip(*(read_steps(run) for run in (one, several)), strict=True):
        assert left == pytest.approx(right, rel=1e-3)


def test_resumes_bit_for_bit_after_a_kill(arguments: ArgumentsMaker, tmp_path: Path) -> None:
    config = tmp_path / "all.json"
    all_layers_settings(epochs=4, ema_decay=0.8).write(config)
    whole, killed = (RunFolder(tmp_path / "runs" / name) for name in ("whole", "killed"))
    line = arguments(config, "--run", "whole")
    succeed(2, "scripts.train", line, tmp_path / "output of whole", use_pytorch_only)
    line = arguments(config, "--run", "killed")
    pause = partial(pause_training, tmp_path / "resumed")
    job = start(2, "scripts.train", line, tmp_path / "killed", pause)
    while not killed.history_path.is_file():
        assert job.is_running(), job.wait()
        time.sleep(0.01)
    job.signal(signal.SIGKILL, rank=1)
    (tmp_path / "resumed").touch()
    code, output = job.wait()
    assert code != 0
    assert "voc_model" not in output, "a traceback of the project"
    assert len(read_history(killed.history_path)) == 1
    output = succeed(2, "scripts.train", line, tmp_path / "output", use_pytorch_only)
    # If it was killed between writing history and state, the first epoch is trained again.
    assert output.count("epoch ") in (3, 4)
    assert_same_model(whole, killed)
    assert [record.train_loss for record in read_history(killed.history_path)] == [
        record.train_loss for record in read_history(whole.history_path)
    ]


def test_an_error_of_all_processes_is_reported_once(
    arguments: ArgumentsMaker, tmp_path: Path
) -> None:
    config = tmp_path / "wrong.json"
    config.write_text('{"epoch": 3}')
    code, output = start(2, "scripts.train", arguments(config), tmp_path / "output").wait()
    assert code == 1
    assert output.count("Did you mean 'epochs'?") == 1
    assert "voc_model" not in output, "a traceback of the project"


def test_torchrun_starts_the_scripts(
    arguments: ArgumentsMaker, head_config: Path, tmp_path: Path
) -> None:
    """Everything else forks processes in torchrun's environment, which is quicker."""
    weights = write_weights(tmp_path / "resnet18.pth")
    line = arguments("--config", head_config, "--weights", weights, "--run-name", "several")
    done = launch_torchrun(2, "scripts/precompute_scores.py", *line)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count("epoch   1 ") == 1, "only rank 0 reports"
    assert RunFolder(tmp_path / "runs" / "several").scores_path.is_file()
