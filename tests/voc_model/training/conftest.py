"""Trains without OpenVINO."""

import pytest
from tiny_voc import use_pytorch_only


@pytest.fixture(autouse=True)
def pytorch_only(monkeypatch: pytest.MonkeyPatch) -> None:
    use_pytorch_only(monkeypatch.setattr)
