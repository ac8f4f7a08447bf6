"""scripts/export.py: the command line; tests/voc_model/store/test_voc_results.py has the format."""

from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from score_tables import random_table

from scripts.export import main
from voc_model.store.runs import RunFolder


@pytest.fixture
def run(tmp_path: Path) -> RunFolder:
    run = RunFolder(tmp_path / "runs" / "sample")
    random_table(images=12).write(run.scores_path)
    return run


def export(tmp_path: Path, *arguments: str) -> Result:
    line = ["--runs-dir", str(tmp_path / "runs"), "--voc-results", str(tmp_path / "out")]
    return CliRunner().invoke(main, [*line, *arguments])


@pytest.mark.usefixtures("run")
def test_a_run_is_exported_by_name(tmp_path: Path) -> None:
    result = export(tmp_path, "--run", "sample")
    assert result.exit_code == 0, result.output
    assert "out: 3 files, comp1_cls_val_dog.txt and so on" in result.output
    assert len(list((tmp_path / "out").iterdir())) == 3
    assert export(tmp_path, "--run", "sample").exit_code == 0, "the same again"


@pytest.mark.usefixtures("run")
def test_other_files_are_kept(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    kept = tmp_path / "out" / "comp1_cls_val_dog.txt"
    kept.write_text("mine")
    result = export(tmp_path)
    assert result.exit_code == 1
    assert "comp1_cls_val_dog.txt: exists with other contents" in result.output
    assert kept.read_text() == "mine"
    assert export(tmp_path, "--overwrite").exit_code == 0


def test_damaged_scores_are_not_exported(run: RunFolder, tmp_path: Path) -> None:
    content = bytearray(run.scores_path.read_bytes())
    start = content.index(b"2008_")
    content[start : start + 4] = b"9999"
    run.scores_path.write_bytes(content)
    result = export(tmp_path)
    assert result.exit_code == 1
    assert "scores.npz" in result.output
    assert not (tmp_path / "out").exists()


def test_a_run_that_does_not_exist_is_reported(tmp_path: Path) -> None:
    result = export(tmp_path, "--run", "none")
    assert result.exit_code == 1
    assert "no such run" in result.output
