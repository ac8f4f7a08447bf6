"""A tiny VOC folder that a test may change, and options for a run of it."""

from pathlib import Path

import pytest
import torch
from hypothesis import HealthCheck, settings
from tiny_voc import OptionsMaker, make_tiny_voc

from voc_model.inference.devices import Compute
from voc_model.model.settings import TrainSettings
from voc_model.store.runs import RunFolder
from voc_model.training.options import RunOptions

# Tests must not fail on a busy machine: no time limits.
settings.register_profile(
    "no time limits", deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("no time limits")


@pytest.fixture
def own_voc_dir(tmp_path: Path) -> Path:
    """A VOC folder that a test may change."""
    return make_tiny_voc(tmp_path / "VOC2012")


@pytest.fixture
def options_for(tmp_path: Path, shared_voc_dir: Path) -> OptionsMaker:
    """Returns a function that makes the options of a run in the test's folder."""

    def make(
        settings: TrainSettings, run: str = "a", voc_dir: Path = shared_voc_dir, **changes: bool
    ) -> RunOptions:
        return RunOptions(
            run=RunFolder(tmp_path / "runs" / run),
            voc_dir=voc_dir,
            settings=settings,
            compute=Compute(torch.device("cpu")),
            cache_dir=tmp_path / "cache",
            **changes,
        )

    return make
