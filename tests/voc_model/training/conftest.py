"""Trains the small network, without OpenVINO."""

from pathlib import Path

import pytest


@pytest.fixture(autouse=True)
def quick_training(pytorch_only: None, small_network: None) -> None:
    """Uses the fixtures in every test of this folder."""


@pytest.fixture
def weights_path(small_weights_path: Path) -> Path:
    return small_weights_path
