"""Configuration of all tests."""

import signal
from pathlib import Path

import pytest
from browser_visit import find_chromium
from real_data import DATA

# Shells start background jobs with SIGINT ignored, and child processes inherit that: servers
# started by tests would never stop on Ctrl-C.
signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_report_header() -> list[str]:
    """Reports which of the optional tests will run."""
    skipped = "skipped, no chromium found (see CHROMIUM)"
    return [
        f"tests in a browser: {find_chromium() or skipped}",
        f"tests with real data: {DATA if DATA.is_dir() else f'skipped, {DATA} not found'}",
    ]


@pytest.fixture(scope="session")
def shared_voc_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A VOC folder; tests must not change it."""
    from tiny_voc import make_tiny_voc  # noqa: PLC0415 (imports PyTorch, which few tests need)

    return make_tiny_voc(tmp_path_factory.mktemp("voc") / "VOC2012")


@pytest.fixture(scope="session")
def weights_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with the weights of a ResNet18."""
    from tiny_voc import write_weights  # noqa: PLC0415

    return write_weights(tmp_path_factory.mktemp("weights") / "resnet18.pth")


@pytest.fixture(scope="session")
def small_weights_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with the weights of the network of `small_network`."""
    from tiny_voc import small_resnet, write_weights  # noqa: PLC0415

    return write_weights(tmp_path_factory.mktemp("weights") / "small.pth", small_resnet)


@pytest.fixture
def small_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Trains a smaller network than ResNet18 in this process."""
    from tiny_voc import use_small_network  # noqa: PLC0415

    use_small_network(monkeypatch.setattr)


@pytest.fixture
def without_rendering(monkeypatch: pytest.MonkeyPatch) -> None:
    """Saves figures as single pixels in this process."""
    from tiny_voc import skip_rendering  # noqa: PLC0415

    skip_rendering(monkeypatch.setattr)


@pytest.fixture
def pytorch_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leaves OpenVINO out in this process."""
    from tiny_voc import use_pytorch_only  # noqa: PLC0415

    use_pytorch_only(monkeypatch.setattr)
