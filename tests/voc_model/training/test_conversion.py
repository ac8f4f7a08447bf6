"""The conversion of a standardised network is computed once and reported."""

import dataclasses
import math
from pathlib import Path

import pytest
import torch
from recorded_report import RecordedReport
from tiny_voc import (
    OptionsMaker,
    assert_same_model,
    head_settings,
    narrow_resnet,
    use_narrow_network,
    write_weights,
)

from voc_model.errors import SettingsError
from voc_model.metrics.conversion import ConversionReport
from voc_model.model.checkpoint import load_checkpoint
from voc_model.model.settings import TrainSettings
from voc_model.training import conversion
from voc_model.training.run import train_run
from voc_model.training.state import read_training_state


@pytest.fixture
def weights_path(quick_training: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Weights of a narrow network, which this process trains."""
    use_narrow_network(monkeypatch.setattr)
    return write_weights(tmp_path / "narrow.pth", narrow_resnet)


def standardized_settings(weights: Path, kind: str, **changes: object) -> TrainSettings:
    fields = {"architecture": "ws_resnet18", "ws_kind": kind, "epochs": 1}
    return head_settings(weights, **(fields | changes))


def test_least_squares_is_reported_and_kept(
    options_for: OptionsMaker, weights_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    options = options_for(standardized_settings(weights_path, "full"))
    report = RecordedReport()
    train_run(options, report)
    found = ConversionReport.read(options.run.conversion_path)
    assert (found.kind, found.conversion, found.images) == ("full", "least_squares", 18)
    assert found.deviation.images == 2  # which nothing was fitted to
    assert list(found.r_squared)[:2] == ["conv1", "layer1.0.conv1"]
    assert all(0 < value < 1.000001 for value in found.r_squared.values())
    for name, value in found.r_squared.items():
        assert any(name in note and f"{value:.4f}" in note for note in report.notes)
    assert found.deviation.describe() in report.text

    monkeypatch.setattr(conversion, "fit_to_plain", None)  # fails if it is called
    again = options_for(options.settings, "again")
    train_run(again, report)
    assert "conversion of an earlier run, reused" in report.text
    assert ConversionReport.read(again.run.conversion_path) == found
    assert_same_model(options.run, again.run)


def test_stages_that_are_not_used_are_not_fitted(
    options_for: OptionsMaker, weights_path: Path
) -> None:
    settings = standardized_settings(weights_path, "full", feature_layers=("layer2", "layer3"))
    options = options_for(settings)
    train_run(options)
    found = ConversionReport.read(options.run.conversion_path)
    assert {name.partition(".")[0] for name in found.r_squared} == {
        "conv1", "layer1", "layer2", "layer3",
    }  # fmt: skip
    assert found.deviation.features < 1


def test_a_damaged_cache_is_converted_again(options_for: OptionsMaker, weights_path: Path) -> None:
    first = options_for(standardized_settings(weights_path, "full"))
    train_run(first)
    (path,) = (first.cache_dir / "conversions").iterdir()
    path.write_bytes(path.read_bytes()[:1000])
    second = options_for(first.settings, "second")
    train_run(second)
    assert_same_model(first.run, second.run)


def test_another_seed_compares_at_other_positions(
    options_for: OptionsMaker, weights_path: Path
) -> None:
    found = []
    for seed in (1, 2):
        options = options_for(standardized_settings(weights_path, "full", seed=seed), f"{seed}")
        train_run(options)
        found.append(load_checkpoint(options.run.checkpoint_path).model_state)
    assert not torch.equal(*(state["backbone.conv1.weight"] for state in found))


@pytest.mark.parametrize(
    ("kind", "name", "is_exact"),
    [
        ("scale", "running_statistics", True),
        ("scale", "scale_and_shift", True),
        ("scale", "none", False),
        ("full", "reestimate", False),
    ],
)
def test_the_deviation_of_other_conversions_is_reported(
    options_for: OptionsMaker, weights_path: Path, kind: str, name: str, is_exact: bool
) -> None:
    options = options_for(standardized_settings(weights_path, kind, ws_conversion=name))
    train_run(options)
    found = ConversionReport.read(options.run.conversion_path)
    assert (found.kind, found.conversion, found.r_squared) == (kind, name, {})
    assert found.images == (20 if name == "reestimate" else 0)
    assert (found.deviation.greatest_logit < 1e-4) is is_exact
    assert (found.deviation.features < 1e-4) is is_exact


def test_images_that_cannot_be_read_are_left_out(
    options_for: OptionsMaker, own_voc_dir: Path, weights_path: Path
) -> None:
    first, second = sorted((own_voc_dir / "JPEGImages").iterdir())[:2]
    for path in (first, second):
        path.write_bytes(b"no image")
    options = options_for(standardized_settings(weights_path, "full"), voc_dir=own_voc_dir)
    train_run(options)
    found = ConversionReport.read(options.run.conversion_path)
    assert found.deviation.images == 1
    assert math.isfinite(found.deviation.features)


def test_an_older_run_was_reestimated(options_for: OptionsMaker, weights_path: Path) -> None:
    """A run that saved no ws_conversion is finished as its version would have finished it."""
    settings = standardized_settings(weights_path, "full", ws_conversion="reestimate", epochs=2)
    options = options_for(settings)
    train_run(options)
    state = read_training_state(options.run.training_state_path)
    assert state is not None
    old = settings.model_dump_json(exclude={"weights", "ws_conversion"})
    state.identity = {**state.identity, "settings": old}
    state.write(options.run.training_state_path)
    report = RecordedReport()
    train_run(options, report)
    assert "already trained, reused" in report.text
    least_squares = settings.model_copy(update={"ws_conversion": "least_squares"})
    with pytest.raises(SettingsError, match=r"ws_conversion='reestimate' \(saved\)"):
        train_run(dataclasses.replace(options, settings=least_squares))
