"""benchmarks/gpu.py, rehearsed on the CPU with a small network: it has to work the first time."""

import json
from importlib import import_module
from pathlib import Path
from types import ModuleType

import pytest
import torch
from click.testing import CliRunner
from real_data import ROOT
from tiny_voc import make_tiny_voc, train_paths, use_pytorch_only, use_small_network

from voc_model.model.preprocessing import normalize


@pytest.fixture
def gpu(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(ROOT / "benchmarks")
    use_small_network(monkeypatch.setattr)
    use_pytorch_only(monkeypatch.setattr)
    monkeypatch.setattr(torch, "compile", lambda network: network)
    return import_module("gpu")


def test_every_stage_works(gpu: ModuleType, tmp_path: Path) -> None:
    voc_dir = make_tiny_voc(tmp_path / "VOC")
    options = ["--device", "cpu", "--quick", "--root-dir", str(voc_dir)]
    result = CliRunner().invoke(gpu.main, [*options, "--json", str(tmp_path / "rates.json")])
    assert result.exit_code == 0, result.output
    content = json.loads((tmp_path / "rates.json").read_text())
    assert "torch" in content["machine"]
    assert {name.split(",")[0] for name in content["images/s"]} == {
        "decode", "forward", "score", "steps", "training",
    }  # fmt: skip
    assert all(rate > 0 for rate in content["images/s"].values())
    assert content["shares"].keys() == {"score, bfloat16", "training, files"}


def test_scores_that_differ_are_an_error(
    gpu: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    voc_dir = make_tiny_voc(tmp_path / "VOC")
    monkeypatch.setattr(gpu.Bench, "equality", lambda _: {"float32": float("nan")})
    options = ["--device", "cpu", "--quick", "--root-dir", str(voc_dir)]
    result = CliRunner().invoke(gpu.main, options)
    assert result.exit_code == 1
    assert "differ by more than 0.01" in result.output


@pytest.mark.skipif(torch.cuda.is_available(), reason="needs a machine without a GPU")
def test_without_a_gpu_it_says_so(gpu: ModuleType) -> None:
    result = CliRunner().invoke(gpu.main, [])
    assert result.exit_code == 0
    assert "finds no CUDA GPU" in result.output


def test_images_resized_on_the_device_are_the_projects(gpu: ModuleType, tmp_path: Path) -> None:
    decoding = import_module("decoding")
    paths = train_paths(make_tiny_voc(tmp_path / "VOC"))[:5]
    expected = torch.stack([decoding.ours(path) for path in paths])
    encoded = [gpu.read_file(str(path)) for path in paths]
    found = gpu.resize(gpu.decode_jpeg(encoded))
    within = 2 / 255 / 0.224  # two of 255 levels
    expected = normalize(expected, decoding.PREPROCESSING)
    torch.testing.assert_close(found, expected, rtol=0, atol=within)
