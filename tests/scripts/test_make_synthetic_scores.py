"""scripts/make_synthetic_scores.py: the pages show its runs; errors say what to do."""

import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from real_data import ROOT

from scripts.make_synthetic_scores import main
from voc_model.store.runs import RunFolder
from voc_model.store.scores import ScoreTable
from voc_web import create_app
from voc_web.run.opened_run import RunReader


def invoke(*arguments: object) -> Result:
    return CliRunner().invoke(main, [*map(str, arguments)])


def test_the_pages_show_a_synthetic_run(tmp_path: Path) -> None:
    out = tmp_path / "runs" / "synthetic"
    done = invoke("--out", out, "--images", 1000, "--classes", 25, "--seed", 3)
    assert done.exit_code == 0, done.output
    assert f"{out}/scores.npz: 1,000 images x 25 classes, mAP 0." in done.output
    assert f"python app.py --run {out}" in done.output
    client = create_app(RunReader(RunFolder(out)), tmp_path / "cache").test_client()
    for url in ("/", "/classes/class_0021", "/average-precision", "/images/image_00000999"):
        assert client.get(url).status_code == 200, url
    assert "synthetic: random scores and labels" in client.get("/").text


def test_scores_are_replaced_only_with_overwrite(tmp_path: Path) -> None:
    assert invoke("--out", tmp_path, "--images", 10).exit_code == 0
    refused = invoke("--out", tmp_path, "--images", 20)
    assert refused.exit_code == 1
    assert f"{tmp_path}/scores.npz: this run already has scores." in refused.output
    assert "--overwrite" in refused.output
    assert len(ScoreTable.open(tmp_path / "scores.npz").image_ids) == 10
    assert invoke("--out", tmp_path, "--images", 20, "--overwrite").exit_code == 0
    assert len(ScoreTable.open(tmp_path / "scores.npz").image_ids) == 20


def test_a_run_with_a_model_is_never_replaced(tmp_path: Path) -> None:
    (tmp_path / "checkpoint.pt").touch()
    refused = invoke("--out", tmp_path, "--images", 10, "--overwrite")
    assert refused.exit_code == 1
    assert "holds a trained model" in refused.output
    assert not (tmp_path / "scores.npz").exists()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--images", "0"], "0 is not in the range 1<=x<=99999999"),
        (["--images", "many"], "'many' is not a valid integer"),
        (["--classes", "0"], "0 is not in the range"),
        (["--seed", "-1"], "-1 is not in the range"),
        (["--images", "99999999", "--classes", "9999"], "Choose fewer images or classes"),
    ],
)
def test_invalid_arguments_are_reported(tmp_path: Path, arguments: list[str], message: str) -> None:
    refused = invoke("--out", tmp_path / "run", *arguments)
    assert refused.exit_code in (1, 2)
    assert message in refused.output
    assert "Traceback" not in refused.output


def test_an_unwritable_folder_is_reported(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    refused = invoke("--out", tmp_path / "file" / "run", "--images", 10)
    assert refused.exit_code == 1
    assert refused.output == f"Error: {tmp_path}/file/run: Not a directory.\n"


def test_the_help_has_examples() -> None:
    output = invoke("--help").output
    for part in ("--images 10000000", "--classes 1000", "python app.py --run", "9 bytes per image"):
        assert part in output


def test_a_run_that_another_job_works_on_is_left_alone(tmp_path: Path) -> None:
    code = (
        "import sys\nfrom pathlib import Path\nfrom voc_model.store.runs import RunFolder\n"
        "with RunFolder(Path(sys.argv[1])).locked():\n"
        "    print('locked', flush=True)\n    sys.stdin.read()\n"
    )
    command = [sys.executable, "-c", code, str(tmp_path)]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen(command, cwd=ROOT, text=True, **pipes) as holder:
        assert holder.stdout is not None
        holder.stdout.readline()
        refused = invoke("--out", tmp_path, "--images", 10)
        holder.kill()
    assert refused.exit_code == 1
    assert f"Error: {tmp_path}: another job (process {holder.pid} on" in refused.output
    assert not (tmp_path / "scores.npz").exists()
    assert invoke("--out", tmp_path, "--images", 10).exit_code == 0
