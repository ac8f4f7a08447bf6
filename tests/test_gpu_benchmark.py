"""benchmarks/gpu.py, rehearsed on the CPU with a small network: it has to work the first time."""

import json
import math
from importlib import import_module
from pathlib import Path
from types import ModuleType

import pytest
import torch
from click.testing import CliRunner
from real_data import ROOT
from tiny_voc import make_tiny_voc, train_paths, use_pytorch_only, use_small_network


@pytest.fixture(autouse=True)
def _benchmarks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(ROOT / "benchmarks")


@pytest.fixture
def gpu(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    use_small_network(monkeypatch.setattr)
    use_pytorch_only(monkeypatch.setattr)
    monkeypatch.setattr(torch, "compile", lambda network: network)
    return import_module("gpu")


def test_every_stage_works(gpu: ModuleType, tmp_path: Path) -> None:
    voc_dir = make_tiny_voc(tmp_path / "VOC")
    options = ["--device", "cpu", "--quick", "--root-dir", str(voc_dir)]
    result = CliRunner().invoke(gpu.main, [*options, "--json", str(tmp_path / "rows.json")])
    assert result.exit_code == 0, result.output
    content = json.loads((tmp_path / "rows.json").read_text())
    assert "torch" in content["machine"]
    assert all(row["value"] is not None for row in content["rows"])
    stages = {row["stage"] for row in content["rows"]}
    assert stages == {
        "decode", "load", "copy", "forward", "score", "equality", "train", "train files",
        "train head", "share",
    }  # fmt: skip


@pytest.mark.skipif(torch.cuda.is_available(), reason="needs a machine without a GPU")
def test_without_a_gpu_it_says_so(gpu: ModuleType) -> None:
    result = CliRunner().invoke(gpu.main, [])
    assert result.exit_code == 0
    assert "finds no CUDA GPU" in result.output


def test_a_failure_does_not_end_the_others() -> None:
    module = import_module("gpu_report")
    runs: list[str] = []

    def fail() -> None:
        raise RuntimeError("broken | pipe\nand more")

    def fail_later() -> None:
        runs.append("later")
        if len(runs) > 3:
            fail()

    report = module.Report(60)
    report.measure(
        "stage",
        [
            module.Variant("at once", fail, 1),
            module.Variant("works", lambda: None, 1),
            module.Variant("later", fail_later, 1),
        ],
        60,
    )
    assert report.failed
    assert report.value("stage", "works") > 0
    notes = {row.name: row.note for row in report.rows}
    assert len(report.rows) == 3
    assert notes["at once"] == notes["later"] == "failed: RuntimeError: broken / pipe"


def test_what_the_budget_does_not_allow_is_skipped() -> None:
    module = import_module("gpu_report")
    report = module.Report(0)
    report.measure("stage", [module.Variant("late", lambda: None, 1)], 60)
    assert [row.note for row in report.rows] == ["skipped: no time left"]
    assert not report.failed


@pytest.mark.parametrize("name, value, expected", [
    ("ours, bfloat16: network", 0.009, False),
    ("ours, bfloat16: network", 0.011, True),
    ("ours, bfloat16: network", math.nan, True),
    ("float16: network", 0.011, False),
])  # fmt: skip
def test_only_scores_of_the_project_must_agree(name: str, value: float, expected: bool) -> None:
    module, report = import_module("gpu_network"), import_module("gpu_report").Report(60)
    module.add_equality(report, name, torch.tensor([0.5, value]), torch.tensor([0.5, 0.0]))
    assert [module.deviates(row) for row in report.rows] == [expected]


def test_images_resized_on_the_device_are_the_projects(tmp_path: Path) -> None:
    module, decoding = import_module("gpu_loading"), import_module("decoding")
    paths = train_paths(make_tiny_voc(tmp_path / "VOC"))[:5]
    expected = torch.stack([decoding.ours(path) for path in paths])
    (found,) = module.gpu_batches(paths, 2, torch.device("cpu"))
    assert found.shape == expected.shape
    assert (found.int() - expected.int()).abs().max() <= 2
    batches = list(module.thread_batches(paths, 2))
    assert torch.equal(torch.cat(batches), expected)
