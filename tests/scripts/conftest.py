"""Settings files and arguments for the scripts, which train the small network."""

import json
from pathlib import Path

import pytest
from tiny_voc import ArgumentsMaker, head_settings


@pytest.fixture(autouse=True)
def quick_training(small_network: None, without_rendering: None) -> None:
    """Uses the fixtures in every test of this folder."""


@pytest.fixture
def weights_path(small_weights_path: Path) -> Path:
    return small_weights_path


@pytest.fixture
def head_config(tmp_path: Path, weights_path: Path) -> Path:
    """A settings file without weights, which are given on the command line."""
    settings = head_settings(weights_path).model_dump(mode="json")
    return write_config(tmp_path / "tiny.json", settings | {"weights": "imagenet"})


@pytest.fixture
def arguments(tmp_path: Path, shared_voc_dir: Path) -> ArgumentsMaker:
    """Returns a function that makes arguments with runs and cache in the test's folder."""

    def make(*arguments: object, voc_dir: Path = shared_voc_dir) -> list[str]:
        return [
            *map(str, arguments),
            "--root-dir", f"{voc_dir}/JPEGImages/",
            "--runs-dir", str(tmp_path / "runs"), "--cache-dir", str(tmp_path / "cache"),
        ]  # fmt: skip

    return make


def write_config(path: Path, settings: dict[str, object]) -> Path:
    path.write_text(json.dumps(settings))
    return path
