"""The scripts run as a person runs them: as programs, on a tiny VOC folder."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from tiny_voc import (
    Command,
    Program,
    all_layers_settings,
    head_settings,
    make_tiny_voc,
    write_weights,
)

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def shared_voc_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A VOC folder that no test may change."""
    return make_tiny_voc(tmp_path_factory.mktemp("voc") / "VOC2012")


@pytest.fixture(scope="session")
def weights_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_weights(tmp_path_factory.mktemp("weights") / "resnet18.pth")


@pytest.fixture
def head_config(tmp_path: Path, weights_path: Path) -> Path:
    """Settings without the weights, which come from the command line."""
    settings = head_settings(weights_path).model_dump(mode="json")
    return write_config(tmp_path / "tiny.json", settings | {"weights": "imagenet"})


@pytest.fixture
def all_layers_config(tmp_path: Path) -> Path:
    settings = all_layers_settings(epochs=4).model_dump(mode="json")
    return write_config(tmp_path / "all.json", settings)


@pytest.fixture
def command(tmp_path: Path, shared_voc_dir: Path) -> Callable[..., Command]:
    """Makes the command line of a script that keeps its runs and cache in the test's folder."""

    def make(script: str, *arguments: object, voc_dir: Path = shared_voc_dir) -> Command:
        return [
            sys.executable, str(ROOT / "scripts" / script), *map(str, arguments),
            "--root-dir", f"{voc_dir}/JPEGImages/",
            "--runs-dir", str(tmp_path / "runs"), "--cache-dir", str(tmp_path / "cache"),
        ]  # fmt: skip

    return make


@pytest.fixture
def run_script(command: Callable[..., Command]) -> Callable[..., Program]:
    def run(script: str, *arguments: object, **options: Path) -> Program:
        line = command(script, *arguments, **options)
        return subprocess.run(line, capture_output=True, text=True, check=False)

    return run


def write_config(path: Path, settings: dict[str, object]) -> Path:
    path.write_text(json.dumps(settings))
    return path
