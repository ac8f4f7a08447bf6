"""Trains without OpenVINO."""

import pytest


@pytest.fixture(autouse=True)
def without_openvino(pytorch_only: None) -> None:
    """Uses the fixture in every test of this folder."""
