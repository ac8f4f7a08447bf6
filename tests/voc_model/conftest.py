"""A tiny VOC folder and weights of ResNet18's form, made once a session."""

from pathlib import Path

import pytest
import torch
from hypothesis import HealthCheck, settings
from tiny_voc import OptionsMaker, make_tiny_voc, write_weights

from voc_model.inference.devices import Compute
from voc_model.model.settings import TrainSettings
from voc_model.store.runs import RunFolder
from voc_model.training.options import RunOptions

# A busy machine is no fault: nothing is judged by the clock.
settings.register_profile(
    "without a clock", deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("without a clock")


@pytest.fixture(scope="session")
def shared_voc_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A VOC folder that no test may change."""
    return make_tiny_voc(tmp_path_factory.mktemp("voc") / "VOC2012")


@pytest.fixture
def own_voc_dir(tmp_path: Path) -> Path:
    """A VOC folder for a test that changes it."""
    return make_tiny_voc(tmp_path / "VOC2012")


@pytest.fixture(scope="session")
def weights_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_weights(tmp_path_factory.mktemp("weights") / "resnet18.pth")


@pytest.fixture
def options_for(tmp_path: Path, shared_voc_dir: Path) -> OptionsMaker:
    """Makes the options of a run under the test's own folder."""

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
