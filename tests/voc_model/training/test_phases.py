"""A linear probe comes before all layers are trained; a kill in either phase changes nothing."""

import math
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from recorded_report import RecordedReport
from tiny_voc import OptionsMaker, all_layers_settings, assert_same_model, head_settings

from voc_model.model.settings import TrainSettings
from voc_model.store.history import EpochRecord, read_history
from voc_model.training import loop
from voc_model.training.phases import list_phases, why_stop
from voc_model.training.run import train_run
from voc_model.training.state import read_training_state


def probe_settings(weights: Path, **changes: object) -> TrainSettings:
    fields: dict[str, object] = {"weights": str(weights), "probe_epochs": 2, "epochs": 2}
    return all_layers_settings(**(fields | changes))


class KilledError(Exception):
    """Stands for a signal that ends the process."""


def without_seconds(path: Path) -> list[dict[str, object]]:
    return [{**vars(record), "seconds": 0} for record in read_history(path)]


def rows_without_seconds(path: Path) -> list[list[str]]:
    return [line.split(",")[:-1] for line in path.read_text().splitlines()]


def test_a_run_without_a_probe_has_one_phase(weights_path: Path) -> None:
    settings = head_settings(weights_path)
    (phase,) = list_phases(settings)
    assert (phase.settings, phase.first, phase.last) == (settings, 1, 3)


def test_the_probe_trains_the_head_alone_and_the_next_phase_starts_from_it(
    options_for: OptionsMaker, weights_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    heads = []
    forward = loop.forward

    def watched(job: loop.TrainingJob, batch: loop.Batch) -> torch.Tensor:
        weight = job.model.head.weight.detach().clone()
        heads.append((job.phase.settings.trainable, weight, batch.inputs.ndim))
        return forward(job, batch)

    settings = probe_settings(weights_path, ema_decay=0.5, backbone_lr_factor=0.5)
    options = options_for(settings)
    monkeypatch.setattr(loop, "forward", watched)
    train_run(options)
    assert [trainable for trainable, *_ in heads] == ["head"] * 6 + ["all"] * 6
    assert [dimensions for *_, dimensions in heads] == [2] * 6 + [4] * 6, "features, then images"
    records = read_history(options.run.history_path)
    assert [record.trainable for record in records] == ["head", "head", "all", "all"]
    assert [record.stop_reason for record in records] == ["", "", "", "all epochs trained"]
    # The probe is a run of the frozen recipe.
    probe = options_for(head_settings(weights_path, epochs=2, optimizer="adamw"), "head alone")
    before = len(heads)
    train_run(probe)
    for found, expected in zip(heads[:6], heads[before:], strict=True):
        assert torch.equal(found[1], expected[1])
    assert [record.map for record in records[:2]] == [
        record.map for record in read_history(probe.run.history_path)
    ]
    # All layers start from the head that the last step of the probe has left.
    start, first = heads[5][1], heads[6][1]
    assert 0 < (first - start).abs().max() < 2e-3, "one step of Adam at 1e-3"


@pytest.mark.parametrize("killed_after", [1, 2, 3])
@pytest.mark.parametrize("at", ["epoch", "state"])
def test_resumes_bit_for_bit_in_either_phase(
    options_for: OptionsMaker,
    weights_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    killed_after: int,
    at: str,
) -> None:
    """Killed after an epoch is saved, or after its checkpoint is and before its state is."""
    settings = probe_settings(weights_path, ema_decay=0.5)
    whole, stopped = options_for(settings, "whole"), options_for(settings, "stopped")
    train_run(whole)
    saved = []
    name = "write_history" if at == "state" else "save_epoch"
    module = "voc_model.training.job" if at == "state" else "voc_model.training.loop"
    original = getattr(__import__(module, fromlist=[name]), name)

    def killed(*arguments: object) -> None:
        saved.append(1)
        if at == "epoch":
            original(*arguments)
        if len(saved) == killed_after:
            raise KilledError
        if at == "state":
            original(*arguments)

    with monkeypatch.context() as patched:
        patched.setattr(f"{module}.{name}", killed)
        with pytest.raises(KilledError):
            train_run(stopped)
    train_run(stopped)
    assert_same_model(whole.run, stopped.run)
    assert without_seconds(whole.run.history_path) == without_seconds(stopped.run.history_path)
    assert rows_without_seconds(whole.run.steps_path) == rows_without_seconds(
        stopped.run.steps_path
    )


def test_a_finished_probe_is_not_loaded_again(
    options_for: OptionsMaker, weights_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    options = options_for(probe_settings(weights_path))

    def killed(*_: object, **__: object) -> None:
        raise KilledError

    with monkeypatch.context() as patched:
        patched.setattr("voc_model.training.run._load_images", killed)
        with pytest.raises(KilledError):
            train_run(options)
    monkeypatch.setattr("voc_model.training.run._load_features", killed)
    train_run(options)
    assert len(read_history(options.run.history_path)) == 4


# Patience ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("maps", "stops"),
    [
        ([0.5], False),
        ([0.5, 0.4], False),
        ([0.5, 0.4, 0.5], True),  # an equal one is no better
        ([0.5, 0.4, 0.6], False),
        ([0.1, 0.2, 0.3, 0.3, 0.2], True),
        ([math.nan] * 4, False),
    ],
)
def test_patience_counts_epochs_without_a_higher_map(maps: list[float], stops: bool) -> None:
    settings = all_layers_settings(patience=2, epochs=9)
    (phase,) = list_phases(settings)
    assert why_stop(phase, settings, maps) == ("no higher mAP in 2 epochs" if stops else "")


def test_the_last_epoch_ends_the_run_but_not_that_of_the_probe(weights_path: Path) -> None:
    settings = probe_settings(weights_path, patience=1)
    probe, main = list_phases(settings)
    assert why_stop(probe, settings, [0.5, 0.4]) == "", "the probe has no patience"
    assert why_stop(main, settings, [0.1]) == ""
    assert why_stop(main, settings, [0.1, 0.2]) == "all epochs trained"


def test_a_run_out_of_patience_is_finished(
    options_for: OptionsMaker, weights_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is also resumed with the epochs that were without a higher mAP before."""
    validate = loop.validate

    def worse_every_epoch(*arguments: object) -> object:
        found = validate(*arguments)  # type: ignore[arg-type]
        calls.append(1)
        precisions = dict.fromkeys(found.average_precisions, 1 / len(calls))
        return replace(found, average_precisions=precisions)

    calls: list[int] = []
    monkeypatch.setattr(loop, "validate", worse_every_epoch)
    options = options_for(head_settings(weights_path, epochs=9, patience=2))
    save = loop.save_epoch

    def killed(*arguments: object) -> None:
        save(*arguments)  # type: ignore[arg-type]
        if len(calls) == 2:
            raise KilledError

    with monkeypatch.context() as patched:
        patched.setattr(loop, "save_epoch", killed)
        with pytest.raises(KilledError):
            train_run(options)
    report = RecordedReport()
    train_run(options, report)
    assert report.text.endswith("no higher mAP in 2 epochs")
    records: list[EpochRecord] = read_history(options.run.history_path)
    assert [record.stop_reason for record in records] == ["", "", "no higher mAP in 2 epochs"]
    state = read_training_state(options.run.training_state_path)
    assert state is not None and state.finished
    train_run(options, report)
    assert "already trained, reused" in report.text
    assert len(calls) == 3


def test_a_finished_run_without_a_checkpoint_starts_over(
    options_for: OptionsMaker, weights_path: Path
) -> None:
    options = options_for(head_settings(weights_path))
    train_run(options)
    expected = without_seconds(options.run.history_path)
    options.run.checkpoint_path.unlink()
    train_run(options)
    assert options.run.checkpoint_path.is_file()
    assert without_seconds(options.run.history_path) == expected
