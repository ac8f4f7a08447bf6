"""Training without OpenVINO, whose conversion takes longer than these trainings."""

import pytest

from voc_model.inference import backbone


@pytest.fixture(autouse=True)
def pytorch_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """Computes folded networks by PyTorch; test_backbone.py and test_pipeline.py use OpenVINO."""
    monkeypatch.setattr(backbone, "compile_for_cpu", backbone.cast_network)
    monkeypatch.setattr(backbone, "_COMPILED", {})
