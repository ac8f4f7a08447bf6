"""Training follows the settings, is reproducible, and resumes after a kill."""

import csv
import dataclasses
import json
import math
from pathlib import Path

import numpy as np
import pytest
import torch
from recorded_report import RecordedReport
from tiny_voc import (
    CLASSES,
    OptionsMaker,
    all_layers_settings,
    assert_same_model,
    head_settings,
)

from voc_model.errors import CheckpointError, DataError, SettingsError
from voc_model.inference import backbone
from voc_model.model.checkpoint import load_checkpoint
from voc_model.model.preprocessing import View
from voc_model.model.setting_fields import Precision
from voc_model.model.settings import TrainSettings
from voc_model.progress import SILENT, Reporter
from voc_model.store.history import EpochRecord, read_history, write_history
from voc_model.training import losses
from voc_model.training.epochs import list_cached_views, plan_epoch, plan_in_order
from voc_model.training.options import RunOptions
from voc_model.training.run import train_run
from voc_model.training.state import read_training_state


class Stopper(RecordedReport):
    """Raises KeyboardInterrupt once an epoch has been reported."""

    def __init__(self, epoch: int) -> None:
        super().__init__()
        self._epoch = f"epoch {epoch:3} "

    def note(self, text: str) -> None:
        if text.startswith(self._epoch):
            raise KeyboardInterrupt


def train(options: RunOptions, report: Reporter = SILENT) -> list[EpochRecord]:
    """Trains; returns the records of the epochs that this call trained."""
    path = options.run.history_path
    before = len(read_history(path)) if path.is_file() and not options.overwrite else 0
    train_run(options, report)
    return read_history(path)[before:]


def train_until(options: RunOptions, epoch: int) -> None:
    with pytest.raises(KeyboardInterrupt):
        train_run(options, Stopper(epoch))


def without_seconds(records: list[EpochRecord]) -> list[dict[str, object]]:
    return [{**vars(record), "seconds": 0} for record in records]


@pytest.fixture(
    params=[
        "head", "head, cached views", "all", "all, averaged", "all, decoded every epoch",
        "standardised",
    ]
)  # fmt: skip
def settings(
    request: pytest.FixtureRequest, weights_path: Path, monkeypatch: pytest.MonkeyPatch
) -> TrainSettings:
    if request.param == "head":
        return head_settings(weights_path)
    if "cached" in request.param:
        return head_settings(
            weights_path, cached_views=4, random_flip=True, random_crop=True, features="float16"
        )
    if request.param == "standardised":
        return head_settings(
            weights_path, architecture="ws_resnet18", ws_kind="full", ws_conversion="reestimate"
        )
    if "averaged" in request.param:
        return all_layers_settings(backbone_lr_factor=0.5, ema_decay=0.8, label_smoothing=0.1)
    if "decoded" in request.param:
        monkeypatch.setattr("voc_model.inference.loading._MEMORY_BUDGET_BYTES", 0)
    return all_layers_settings()


def test_resumes_bit_for_bit_after_an_interrupt(
    settings: TrainSettings, options_for: OptionsMaker
) -> None:
    whole, stopped = options_for(settings, "whole"), options_for(settings, "stopped")
    expected = train(whole)
    train_until(stopped, epoch=1)
    rest = train(stopped)
    assert [record.epoch for record in rest] == [2, 3]
    assert_same_model(whole.run, stopped.run)
    found = read_history(stopped.run.history_path)
    assert without_seconds(found) == without_seconds(read_history(whole.run.history_path))
    assert without_seconds(expected) == without_seconds(found)


@pytest.mark.parametrize("epoch", [1, 2])
def test_a_kill_between_checkpoint_and_state_costs_one_epoch(
    options_for: OptionsMaker, monkeypatch: pytest.MonkeyPatch, epoch: int
) -> None:
    def fail() -> None:
        raise OSError("killed")

    whole, stopped = (options_for(all_layers_settings(), name) for name in ("whole", "stopped"))
    train(whole)
    if epoch > 1:
        train_until(stopped, epoch=epoch - 1)
    with monkeypatch.context() as patched:
        patched.setattr("voc_model.training.job.write_history", lambda *_: fail())
        with pytest.raises(OSError, match="killed"):
            train(stopped)
    train(stopped)
    assert_same_model(whole.run, stopped.run)


def test_another_seed_gives_another_model(options_for: OptionsMaker, weights_path: Path) -> None:
    losses = {
        seed: train(options_for(head_settings(weights_path, seed=seed), f"seed {seed}"))[-1]
        for seed in (1, 2)
    }
    assert losses[1].train_loss != losses[2].train_loss


def test_all_layers_learn_the_classes_from_scratch(options_for: OptionsMaker) -> None:
    settings = all_layers_settings(epochs=20, learning_rate=3e-3, output="logits")
    records = train(options_for(settings))
    assert records[-1].train_loss < 0.5 * records[0].train_loss
    assert records[-1].map > 0.9


def test_a_finished_run_is_not_changed(options_for: OptionsMaker, weights_path: Path) -> None:
    options = options_for(head_settings(weights_path))
    train(options)
    before = options.run.checkpoint_path.stat().st_mtime_ns
    report = RecordedReport()
    train_run(options, report)
    assert "already trained, reused" in report.text
    assert options.run.checkpoint_path.stat().st_mtime_ns == before
    options.run.training_state_path.unlink()
    assert train(options) == []


@pytest.mark.parametrize("stopped", [False, True])
def test_other_settings_are_refused_with_a_remedy(
    options_for: OptionsMaker, weights_path: Path, stopped: bool
) -> None:
    train_until(options_for(head_settings(weights_path)), epoch=1 if stopped else 3)
    other = options_for(head_settings(weights_path, learning_rate=0.5))
    with pytest.raises(
        SettingsError, match=r"learning_rate=0\.001 \(saved\), learning_rate=0\.5 \(requested\)"
    ) as caught:
        train(other)
    assert "--run NAME" in str(caught.value)
    assert "--overwrite" in str(caught.value)
    assert len(train(options_for(other.settings, overwrite=True))) == 3


def test_other_data_or_weights_are_refused(
    options_for: OptionsMaker, weights_path: Path, own_voc_dir: Path, tmp_path: Path
) -> None:
    train_until(options_for(head_settings(weights_path), voc_dir=own_voc_dir), epoch=1)
    labels = own_voc_dir / "ImageSets" / "Main" / "boat_train.txt"
    text = labels.read_text()
    labels.write_text(text.replace(" -1", " 1", 1))
    with pytest.raises(SettingsError, match="images or labels differ"):
        train(options_for(head_settings(weights_path), voc_dir=own_voc_dir))
    labels.write_text(text)
    state = torch.load(weights_path, weights_only=True)
    state["conv1.weight"] += 1
    torch.save(state, tmp_path / "other.pth")
    with pytest.raises(SettingsError, match="weights=sha256:"):
        train(options_for(head_settings(tmp_path / "other.pth"), voc_dir=own_voc_dir))
    # Weights are compared by content, not by name.
    copy = tmp_path / "copy.pth"
    copy.write_bytes(weights_path.read_bytes())
    assert len(train(options_for(head_settings(copy), voc_dir=own_voc_dir))) == 2


def test_the_checkpoint_is_that_of_the_best_epoch(
    options_for: OptionsMaker, weights_path: Path
) -> None:
    options = options_for(head_settings(weights_path, epochs=8, learning_rate=0.5))
    records = train(options)
    best = max(records, key=lambda record: record.map)  # the first if several are equal
    assert best.epoch < 8, "choose a seed with which the last epoch is not the best"
    checkpoint = load_checkpoint(options.run.checkpoint_path)
    assert (checkpoint.epoch, checkpoint.val_map) == (best.epoch, best.map)
    assert checkpoint.classes == CLASSES
    assert len(checkpoint.train_ids) == 20
    assert len(checkpoint.selection_ids) == 12


def test_a_holdout_of_train_can_select_the_epoch(
    options_for: OptionsMaker, weights_path: Path
) -> None:
    options = options_for(head_settings(weights_path, holdout_fraction=0.25, val_split="none"))
    train(options)
    checkpoint = load_checkpoint(options.run.checkpoint_path)
    assert checkpoint.selected_on == "5 images held out of the train split"
    assert (len(checkpoint.train_ids), len(checkpoint.selection_ids)) == (15, 5)
    assert set(checkpoint.train_ids).isdisjoint(checkpoint.selection_ids)


@pytest.mark.parametrize("in_memory", [True, False])
def test_unreadable_images_are_skipped_with_a_warning(
    options_for: OptionsMaker,
    own_voc_dir: Path,
    monkeypatch: pytest.MonkeyPatch,
    in_memory: bool,
) -> None:
    if not in_memory:
        monkeypatch.setattr("voc_model.inference.loading._MEMORY_BUDGET_BYTES", 0)
    broken = own_voc_dir / "JPEGImages" / "2008_000003.jpg"
    broken.write_bytes(b"no image")
    options = options_for(all_layers_settings(epochs=1), voc_dir=own_voc_dir)
    report = RecordedReport()
    train_run(options, report)
    assert any("left out of training" in text and str(broken) in text for text in report.warnings)
    checkpoint = load_checkpoint(options.run.checkpoint_path)
    assert len(checkpoint.train_ids) == 19
    assert "2008_000003" not in checkpoint.train_ids


def test_no_readable_image_is_an_error(options_for: OptionsMaker, own_voc_dir: Path) -> None:
    for path in (own_voc_dir / "JPEGImages").iterdir():
        path.write_bytes(b"no image")
    with pytest.raises(DataError, match="no image of split 'train' can be read"):
        train(options_for(all_layers_settings(), voc_dir=own_voc_dir))


def test_no_readable_image_to_select_the_epoch_is_an_error(
    options_for: OptionsMaker, own_voc_dir: Path, weights_path: Path
) -> None:
    val = (own_voc_dir / "ImageSets" / "Main" / "val.txt").read_text().split()
    for image_id in val:
        (own_voc_dir / "JPEGImages" / f"{image_id}.jpg").unlink()
    for settings in (all_layers_settings(), head_settings(weights_path)):
        with pytest.raises(DataError, match="no image of split 'val' can be read"):
            train(options_for(settings, settings.trainable, voc_dir=own_voc_dir))


@pytest.mark.parametrize("batch_size", [1, 2])
def test_a_batch_of_one_image_is_trained_on(
    options_for: OptionsMaker, own_voc_dir: Path, batch_size: int
) -> None:
    """Also where the other image of a batch of two cannot be read."""
    (own_voc_dir / "JPEGImages" / "2008_000003.jpg").write_bytes(b"no image")
    settings = all_layers_settings(epochs=1, batch_size=batch_size)
    (record,) = train(options_for(settings, voc_dir=own_voc_dir))
    assert math.isfinite(record.train_loss)


@pytest.mark.parametrize("images", [1, 2])
def test_standardised_statistics_of_few_images(
    options_for: OptionsMaker, own_voc_dir: Path, weights_path: Path, images: int
) -> None:
    lists = own_voc_dir / "ImageSets" / "Main"
    for path in lists.glob("*train.txt"):
        path.write_text("\n".join(path.read_text().splitlines()[-images:]) + "\n")
    settings = head_settings(
        weights_path, architecture="ws_resnet18", ws_kind="full", ws_conversion="reestimate",
        epochs=1,
    )  # fmt: skip
    (record,) = train(options_for(settings, voc_dir=own_voc_dir))
    assert math.isfinite(record.val_loss)


def test_evaluation_batches_have_equal_sizes() -> None:
    assert [len(batch) for batch in plan_in_order(range(257))] == [129, 128]
    assert [len(batch) for batch in plan_in_order(range(256))] == [256]
    assert plan_in_order([]) == []


def test_the_head_and_the_loss_are_float32_under_bfloat16(
    options_for: OptionsMaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In bfloat16 a sigmoid is 1 from a logit of 6.24 on, and its loss has no gradient."""
    seen = []
    options = options_for(all_layers_settings(epochs=1))
    options = dataclasses.replace(
        options, compute=dataclasses.replace(options.compute, precision="bfloat16")
    )
    original = losses.masked_loss

    def spy(logits: torch.Tensor, *arguments: object, **options: object) -> object:
        if logits.requires_grad:
            seen.append(logits.dtype)
            fraction = logits.detach().view(torch.int32) & 0xFFFF
            seen.append(bool((fraction != 0).any()))  # float32 digits that bfloat16 has not
        return original(logits, *arguments, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(losses, "masked_loss", spy)
    train(options)
    assert seen == [torch.float32, True] * 3


def test_evaluation_stays_in_float32_once_bfloat16_deviates(
    options_for: OptionsMaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    compiled = []

    def compile_badly(
        network: torch.nn.Module, precision: Precision, _size: object
    ) -> backbone.Network:
        compiled.append(precision)
        wrong = 5.0 if precision == "bfloat16" else 0.0
        return lambda images: network(images) + wrong

    monkeypatch.setattr(backbone, "compile_for_cpu", compile_badly)
    options = options_for(all_layers_settings(epochs=3))
    compute = dataclasses.replace(options.compute, precision="bfloat16")
    report = RecordedReport()
    train_run(dataclasses.replace(options, compute=compute), report)
    assert compiled == ["bfloat16", "float32", "float32"]
    assert sum("deviates" in text for text in report.warnings) == 1


def test_selection_on_training_images_is_reported(
    options_for: OptionsMaker, weights_path: Path
) -> None:
    report = RecordedReport()
    train_run(options_for(head_settings(weights_path, val_split="train", epochs=1)), report)
    assert any(
        "20 of the 20 images that select the epoch are also trained on" in text
        for text in report.warnings
    )


@pytest.mark.parametrize("output", ["sigmoid", "logits"])
def test_divergence_is_reported(options_for: OptionsMaker, output: str) -> None:
    settings = all_layers_settings(optimizer="sgd", learning_rate=10.0, output=output, epochs=40)
    with pytest.raises(SettingsError, match="Lower learning_rate"):
        train(options_for(settings.model_copy(update={"learning_rate": 1e30})))


def test_a_damaged_state_is_reported_with_a_remedy(
    options_for: OptionsMaker, weights_path: Path
) -> None:
    options = options_for(head_settings(weights_path))
    train_until(options, epoch=1)
    path = options.run.training_state_path
    path.write_bytes(path.read_bytes()[:100])
    with pytest.raises(CheckpointError, match=r"training_state\.pt: damaged.*--overwrite"):
        train(options)


def test_the_state_of_a_finished_run_is_small(
    options_for: OptionsMaker, weights_path: Path
) -> None:
    options = options_for(head_settings(weights_path))
    train(options)
    state = read_training_state(options.run.training_state_path)
    assert state is not None
    assert state.finished
    assert options.run.training_state_path.stat().st_size < 20_000


def test_an_epoch_sees_every_image_once_in_a_new_order() -> None:
    settings = TrainSettings(trainable="all", batch_size=4, random_flip=True, random_crop=True)
    rows = [3, 5, 8, 13, 21, 34, 55, 89, 144]
    first, again, second = (plan_epoch(rows, settings, epoch) for epoch in (1, 1, 2))
    assert first == again != second
    for plan in (first, second):
        views = [view for batch in plan for view in batch]
        assert sorted(view.row for view in views) == rows
        assert len({view.top for view in views}) == 9
        assert {view.flip for view in views} == {False, True}
    # A last batch of one image has no variance for batch normalisation: it joins the one before.
    assert [len(batch) for batch in first] == [4, 5]


def test_views_vary_within_the_settings() -> None:
    rows = list(range(200))
    plain = TrainSettings(trainable="all")
    assert {view[1:] for batch in plan_epoch(rows, plain, 1) for view in batch} == {View(0)[1:]}
    varied = TrainSettings(trainable="all", min_crop_scale=0.6, color_jitter=0.2)
    views = [view for batch in plan_epoch(rows, varied, 1) for view in batch]
    scales = [view.scale for view in views]
    assert 0.6 <= min(scales) < 0.65
    assert 0.95 < max(scales) <= 1
    gains = [gain for view in views for gain in view.gains]
    assert 0.8 * 0.9 <= min(gains) < 0.85
    assert 1.15 < max(gains) <= 1.2 * 1.1


def test_cached_views_are_exactly_those_trained_on() -> None:
    settings = TrainSettings(cached_views=4, random_flip=True, min_crop_scale=0.7)
    rows = [2, 3, 5, 8]
    cached = list_cached_views(rows, settings)
    assert len(cached) == 16
    epochs = [
        [view for batch in plan_epoch(rows, settings, epoch) for view in batch]
        for epoch in range(1, 41)
    ]
    assert all(sorted(view.row for view in views) == rows for views in epochs)
    assert {view for views in epochs for view in views} == set(cached)
    # Evenly distributed: half of them are flipped.
    assert sum(view.flip for view in cached) == 8


def test_equal_views_are_cached_once() -> None:
    settings = TrainSettings(cached_views=8, random_flip=True)
    assert list_cached_views([0, 7], settings) == list(
        dict.fromkeys(list_cached_views([0, 7], settings))
    )
    assert {view.flip for view in list_cached_views([0, 7], settings)} == {False, True}
    assert len(list_cached_views([0, 7], settings)) == 4


def test_a_setting_unknown_to_an_older_run_is_not_a_difference(
    options_for: OptionsMaker, weights_path: Path
) -> None:
    options = options_for(head_settings(weights_path))
    train_until(options, epoch=1)
    state = read_training_state(options.run.training_state_path)
    assert state is not None
    known = json.loads(state.identity["settings"])
    del known["cached_views"]
    identity = {**state.identity, "settings": json.dumps(known)}
    dataclasses.replace(state, identity=identity).write(options.run.training_state_path)
    assert len(train(options)) == 2


def test_undefined_values_are_empty_in_the_history(tmp_path: Path) -> None:
    path = tmp_path / "history.csv"
    precisions = {"bird": 0.75, "boat": math.nan}
    record = EpochRecord(1, 0.5, 0.25, 0.75, 1e-3, 2.5, precisions, "head")
    write_history(path, [record])
    with path.open(newline="") as file:
        header, row = csv.reader(file)
    assert header == [
        "epoch", "trainable", "stop_reason", "train_loss", "val_loss", "map", "learning_rate",
        "seconds", "ap_bird", "ap_boat",
    ]  # fmt: skip
    assert row == ["1", "head", "", "0.5", "0.25", "0.75", "0.001", "2.5", "0.75", ""]
    np.testing.assert_equal([vars(item) for item in read_history(path)], [vars(record)])


def test_a_frozen_backbone_keeps_its_weights(options_for: OptionsMaker, weights_path: Path) -> None:
    options = options_for(head_settings(weights_path))
    train(options)
    state = load_checkpoint(options.run.checkpoint_path).model_state
    pretrained = torch.load(weights_path, weights_only=True)
    for name, tensor in pretrained.items():
        if not name.startswith("fc."):
            assert torch.equal(state[f"backbone.{name}"], tensor), name
