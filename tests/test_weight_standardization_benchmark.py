"""benchmarks/weight_standardization.py, rehearsed: rows are trained once and shared by calls."""

from importlib import import_module
from pathlib import Path
from types import ModuleType

import pytest
from click.testing import CliRunner, Result
from real_data import ROOT
from tiny_voc import narrow_resnet, use_narrow_network, write_weights

from voc_model.store.history import read_history
from voc_model.store.runs import RunFolder


@pytest.fixture
def benchmark(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(ROOT / "benchmarks")
    use_narrow_network(monkeypatch.setattr)
    return import_module("weight_standardization")


def test_rows_are_trained_once(benchmark: ModuleType, shared_voc_dir: Path, tmp_path: Path) -> None:
    def run(*arguments: str) -> Result:
        weights = tmp_path / "narrow.pth"
        if not weights.is_file():
            write_weights(weights, narrow_resnet)
        options = ["--root-dir", str(shared_voc_dir), "--weights", str(weights)]
        options += ["--out", str(tmp_path / "out"), "--epochs", "4", "--device", "cpu"]
        return CliRunner().invoke(benchmark.main, [*options, *arguments])

    first = run("--only", "plain,random", "--layers", "head", "--seeds", "1,2")
    assert first.exit_code == 0, first.output
    assert "| plain network | frozen |" in first.output
    second = run("--only", "plain,least_squares", "--seeds", "1")
    assert second.exit_code == 0, second.output
    assert second.output.count("already trained, reused") == 1
    table = [line for line in second.output.splitlines() if line.startswith("| ")]
    assert len(table) == 6  # the header; three rows frozen, two of all layers
    run_folder = RunFolder(tmp_path / "out" / "runs" / "VOC2012-least_squares-all-1")
    records = read_history(run_folder.history_path)
    assert records[0].trainable == "head"  # a linear probe, which does not count
    maps = [record.map for record in records if record.trainable == "all"]
    cells = f"| full, least squares | all layers | {maps[2]:.4f} | {maps[3]:.4f} | 1 |"
    assert cells in table
    assert run_folder.conversion_path.is_file()


def test_unknown_rows_are_refused(benchmark: ModuleType) -> None:
    result = CliRunner().invoke(benchmark.main, ["--only", "plain,C"])
    assert result.exit_code == 2
    assert "'C' is none of plain, swap, A, B" in result.output
