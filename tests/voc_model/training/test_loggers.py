"""TensorBoard and Weights & Biases receive what steps.csv and history.csv hold, if asked for."""

import dataclasses
import sys
from types import ModuleType, SimpleNamespace

import pytest
from tiny_voc import OptionsMaker, all_layers_settings

from voc_model.errors import SettingsError
from voc_model.store.history import read_history
from voc_model.training.run import train_run

Logged = list[tuple[int, dict[str, float]]]


class FakeWriter:
    """Stands for tensorboard's SummaryWriter and the run of wandb."""

    def __init__(self, logged: Logged) -> None:
        self._logged = logged
        self.closed = False

    def __enter__(self) -> "FakeWriter":
        return self

    def __exit__(self, *_: object) -> None:
        self.closed = True

    def log(self, data: dict[str, float], step: int) -> None:
        self._logged.append((step, dict(data)))

    def add_scalar(self, name: str, number: float, step: int) -> None:
        self._logged.append((step, {name: number}))


@pytest.mark.parametrize("name", ["tensorboard", "wandb"])
def test_a_logger_receives_every_step_and_epoch(
    options_for: OptionsMaker, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    logged: Logged = []
    writer = FakeWriter(logged)
    opened = []

    def open_fake(*arguments: object, **options: object) -> FakeWriter:
        opened.append((arguments, options))
        return writer

    module = ModuleType(name)
    module.__dict__.update(init=open_fake, SummaryWriter=open_fake)
    monkeypatch.setitem(
        sys.modules, "torch.utils.tensorboard" if name == "tensorboard" else "wandb", module
    )
    options = dataclasses.replace(options_for(all_layers_settings(epochs=2)), logger=name)  # type: ignore[arg-type]
    train_run(options)
    assert writer.closed
    (arguments, settings) = opened[0]
    if name == "tensorboard":
        assert arguments == (str(options.run.tensorboard_dir),)
        assert settings == {"purge_step": 1}
    else:
        assert settings["name"] == "a"
        assert settings["config"]["epochs"] == 2  # type: ignore[index]
    assert [step for step, data in logged if "loss" in data] == [1, 2, 3, 4, 5, 6]
    maps = {step: data["map"] for step, data in logged if "map" in data}
    records = read_history(options.run.history_path)
    assert maps == {3: records[0].map, 6: records[1].map}
    birds = [data["ap_bird"] for _, data in logged if "ap_bird" in data]
    assert birds == [record.average_precisions["bird"] for record in records]


@pytest.mark.parametrize("name", ["tensorboard", "wandb"])
def test_a_missing_package_is_named_before_any_training(
    options_for: OptionsMaker, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    for module in (name, "torch.utils.tensorboard"):
        monkeypatch.setitem(sys.modules, module, None)  # an import fails then
    options = dataclasses.replace(options_for(all_layers_settings(epochs=1)), logger=name)  # type: ignore[arg-type]
    with pytest.raises(SettingsError, match=f"--log {name}: .*pip install {name}"):
        train_run(options)
    assert not options.run.history_path.exists()


def test_nothing_is_imported_without_a_logger(
    options_for: OptionsMaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(module: str) -> SimpleNamespace:
        raise AssertionError(module)

    monkeypatch.setattr("voc_model.training.loggers.import_module", refuse)
    train_run(options_for(all_layers_settings(epochs=1)))
