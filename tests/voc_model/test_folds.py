"""K models from one training split: their mean scores, and those of the images they left out."""

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from recorded_report import RecordedReport
from tiny_voc import OptionsMaker, all_layers_settings, head_settings

from voc_model.data.voc import read_split
from voc_model.errors import CheckpointError, DataError, SettingsError
from voc_model.model.checkpoint import Checkpoint, load_checkpoint
from voc_model.model.ensemble import load_ensemble
from voc_model.model.preprocessing import View, crop_pixels, load_pixels, normalize
from voc_model.model.settings import TrainSettings
from voc_model.model.settings_files import replace_settings
from voc_model.pipeline import ScoringOptions, score_run
from voc_model.store.history import EpochRecord, mean_history, read_history
from voc_model.store.runs import RunFolder
from voc_model.store.scores import ScoreTable
from voc_model.training.options import RunOptions, make_options
from voc_model.training.run import train_run
from voc_model.training.subsets import read_subsets

pytestmark = pytest.mark.usefixtures("small_network", "pytorch_only", "without_rendering")


@pytest.fixture
def weights_path(small_weights_path: Path) -> Path:
    return small_weights_path


@pytest.fixture(params=["head", "logistic regression", "all"])
def settings(request: pytest.FixtureRequest, weights_path: Path) -> TrainSettings:
    if request.param == "head":
        return head_settings(weights_path, folds=3)
    if request.param == "all":
        return all_layers_settings(epochs=2, folds=3)
    fields = {"weights": str(weights_path), "resize": 40, "crop": 32, "optimizer": "lbfgs"}
    return TrainSettings.model_validate(fields | {"folds": 3})


class StoppedReport(RecordedReport):
    """Raises KeyboardInterrupt, as Ctrl-C does, when the third fold begins."""

    def note(self, text: str) -> None:
        if text.startswith("fold 3"):
            raise KeyboardInterrupt
        super().note(text)


def score(options: RunOptions, **scoring: object) -> str:
    """Runs the whole job; returns its notes and warnings."""
    report = RecordedReport()
    score_run(options, ScoringOptions(**scoring), report)  # type: ignore[arg-type]
    return report.text


@torch.no_grad()
def predict(checkpoint: Checkpoint, voc_dir: Path, image_ids: list[str]) -> np.ndarray:
    """Returns the scores (N, C) of one model, computed image by image."""
    model = checkpoint.build_model()
    scores = []
    for image_id in image_ids:
        pixels = load_pixels(voc_dir / "JPEGImages" / f"{image_id}.jpg", checkpoint.preprocessing)
        cropped = crop_pixels(pixels, checkpoint.preprocessing, View(0))
        scores.append(model.predict(normalize(cropped[None], checkpoint.preprocessing))[0])
    return torch.stack(scores).numpy()


def assert_held_out_scores(options: RunOptions) -> None:
    """Checks that each training image has the score of the model that was not trained on it."""
    table = ScoreTable.open(options.run.out_of_fold_path)
    train = read_split(options.voc_dir, "train")
    assert table.manifest.split == "train"
    assert table.ids_of(np.arange(20)) == list(train.image_ids)
    # The first image's birds are difficult: its label is not that of the convention.
    np.testing.assert_array_equal(table.labels, train.labels)
    for number in (1, 2, 3):
        model = load_checkpoint(options.run.fold(number).checkpoint_path)
        ids = list(model.selection_ids)
        rows = [train.image_ids.index(image_id) for image_id in ids]
        expected = predict(model, options.voc_dir, ids)
        np.testing.assert_allclose(table.scores[rows], expected, atol=1e-5)
        assert not set(ids).intersection(model.train_ids)


def test_every_image_is_held_out_once(options_for: OptionsMaker, weights_path: Path) -> None:
    options = options_for(head_settings(weights_path, folds=3))
    folds = read_subsets(options)
    assert [len(fold.selection.rows) for fold in folds] == [7, 7, 6]
    held_out = sorted(row for fold in folds for row in fold.selection.rows)
    assert held_out == list(range(20))
    for fold in folds:
        assert set(fold.train.rows) == set(range(20)) - set(fold.selection.rows)
    other_seed = replace(options, settings=head_settings(weights_path, folds=3, seed=1))
    assert [fold.selection.rows for fold in read_subsets(other_seed)] != [
        fold.selection.rows for fold in folds
    ]


def test_scores_are_the_mean_and_training_images_have_held_out_ones(
    options_for: OptionsMaker, settings: TrainSettings
) -> None:
    options = options_for(settings)
    assert "fold 3 of 3: 14 training images, 6 held out" in score(options)
    table = ScoreTable.open(options.run.scores_path)
    ids = table.ids_of(np.arange(12))
    models = [load_checkpoint(options.run.fold(number).checkpoint_path) for number in (1, 2, 3)]
    predicted = [predict(model, options.voc_dir, ids) for model in models]
    assert np.abs(predicted[0] - predicted[1]).max() > 1e-3, "the models differ"
    np.testing.assert_allclose(table.scores, np.mean(predicted, axis=0), atol=1e-5)
    assert table.manifest.models == 3
    assert not table.manifest.selected_on_reported_split
    assert table.manifest.selected_epoch is None
    assert not options.run.checkpoint_path.exists()
    assert_held_out_scores(options)
    assert "predicted again, greatest difference" in score(options, verify=True)


def test_an_unreadable_training_image_has_no_score(
    options_for: OptionsMaker, own_voc_dir: Path, weights_path: Path
) -> None:
    (own_voc_dir / "JPEGImages" / "2008_000004.jpg").write_bytes(b"no image")
    options = options_for(head_settings(weights_path, folds=2), voc_dir=own_voc_dir)
    score(options)
    table = ScoreTable.open(options.run.out_of_fold_path)
    assert np.flatnonzero(np.isnan(table.scores).all(axis=1)).tolist() == [4]
    assert table.manifest.unreadable_count == 1
    assert table.manifest.unreadable == ["2008_000004"]


@pytest.mark.parametrize("trainable", ["head", "all"])
def test_a_second_start_reuses_and_a_killed_one_goes_on(
    options_for: OptionsMaker, weights_path: Path, trainable: str
) -> None:
    settings = head_settings(weights_path, folds=3)
    if trainable == "all":
        settings = all_layers_settings(epochs=1, folds=3)
    whole, killed = options_for(settings, "whole"), options_for(settings, "killed")
    score(whole)
    before = whole.run.scores_path.read_bytes()
    text = score(whole)
    assert text.count("already trained, reused") == 3
    for path in (whole.run.scores_path, whole.run.out_of_fold_path):
        assert f"{path}: up to date, reused" in text
    assert whole.run.scores_path.read_bytes() == before
    with pytest.raises(KeyboardInterrupt):
        score_run(killed, ScoringOptions(), StoppedReport())
    with pytest.raises(CheckpointError, match="found 2 of 3 models"):
        load_ensemble(killed.run.folds_dir)
    score(killed)
    for left, right in zip(
        load_ensemble(whole.run.folds_dir).checkpoints,
        load_ensemble(killed.run.folds_dir).checkpoints,
        strict=True,
    ):
        for name, tensor in left.model_state.items():
            assert torch.equal(tensor, right.model_state[name]), name


def test_the_history_is_the_mean_of_the_folds(
    options_for: OptionsMaker, weights_path: Path
) -> None:
    options = options_for(head_settings(weights_path, folds=2))
    train_run(options)
    folds = [read_history(options.run.fold(number).history_path) for number in (1, 2)]
    for record, *parts in zip(read_history(options.run.history_path), *folds, strict=True):
        assert record.train_loss == pytest.approx(np.mean([part.train_loss for part in parts]))
        assert record.map == pytest.approx(np.mean([part.map for part in parts]))


def test_the_mean_leaves_out_what_is_undefined() -> None:
    def record(epoch: int, mean_ap: float, cat: float) -> EpochRecord:
        return EpochRecord(epoch, 1.0, 1.0, mean_ap, 0.1, 2.0, {"cat": cat})

    long = [record(1, 0.5, np.nan), record(2, 0.75, np.nan)]
    short = [record(1, 0.25, 0.5)]
    first, second = mean_history([short, long])
    assert (first.map, first.average_precisions["cat"], first.seconds) == (0.375, 0.5, 4)
    assert (second.map, second.seconds) == (0.75, 2)
    assert np.isnan(second.average_precisions["cat"])


def test_all_models_score_another_split(
    options_for: OptionsMaker, weights_path: Path, tmp_path: Path
) -> None:
    options = options_for(head_settings(weights_path, folds=2))
    score(options)
    folds_dir = options.run.folds_dir
    other = make_options(
        options.voc_dir, tmp_path / "runs", options.cache_dir, checkpoint=folds_dir, run_name="b"
    )
    text = score(other, checkpoint=folds_dir, split="train")
    assert "20 of the 20 scored images were also used for training" in text
    assert len(ScoreTable.open(other.run.scores_path).image_ids) == 20
    # Without a name, they belong to the run that has them.
    same = make_options(options.voc_dir, tmp_path / "runs", options.cache_dir, checkpoint=folds_dir)
    assert same.run == options.run
    assert "up to date, reused" in score(same, checkpoint=folds_dir)


def test_all_models_score_another_data_set(
    options_for: OptionsMaker, own_voc_dir: Path, weights_path: Path, tmp_path: Path
) -> None:
    """Its training images are not those that the models left out."""
    options = options_for(head_settings(weights_path, folds=2))
    score(options)
    train_list = own_voc_dir / "ImageSets" / "Main" / "train.txt"
    train_list.write_text("".join(train_list.read_text().splitlines(keepends=True)[5:]))
    folds_dir = options.run.folds_dir
    other = make_options(
        own_voc_dir, tmp_path / "runs", options.cache_dir, checkpoint=folds_dir, run_name="b"
    )
    score(other, checkpoint=folds_dir)
    assert len(ScoreTable.open(other.run.scores_path).image_ids) == 12
    assert not other.run.out_of_fold_path.exists()


def test_models_that_do_not_belong_together_are_refused(
    options_for: OptionsMaker, weights_path: Path, tmp_path: Path
) -> None:
    options = options_for(head_settings(weights_path, folds=2))
    other = options_for(head_settings(weights_path, folds=2, epochs=2), "other")
    for each in (options, other):
        train_run(each)
    with pytest.raises(CheckpointError, match="a folder without checkpoints"):
        load_ensemble(tmp_path)
    second = options.run.fold(2).checkpoint_path
    second.unlink()
    with pytest.raises(CheckpointError, match=r"found 1 of 2 models\. Finish the training"):
        load_ensemble(options.run.folds_dir)
    shutil.copy(other.run.fold(2).checkpoint_path, second)
    with pytest.raises(CheckpointError, match="cannot be averaged"):
        load_ensemble(options.run.folds_dir)


def test_a_run_is_trained_in_one_way(options_for: OptionsMaker, weights_path: Path) -> None:
    settings = head_settings(weights_path)
    single, folded = options_for(settings, "single"), options_for(settings, "folded")
    with_folds = replace_settings(settings, {"folds": 2})
    train_run(single)
    train_run(replace(folded, settings=with_folds))
    saved = folded.run.settings_path.read_bytes()
    with pytest.raises(SettingsError, match="training with 2 folds was requested"):
        train_run(replace(single, settings=with_folds))
    with pytest.raises(SettingsError, match="training without folds was requested"):
        train_run(folded)
    with pytest.raises(SettingsError, match=r"folds=2 \(saved\), folds=3 \(requested\)"):
        train_run(replace(folded, settings=replace_settings(settings, {"folds": 3})))
    assert folded.run.settings_path.read_bytes() == saved
    train_run(replace(folded, overwrite=True))
    assert not folded.run.folds_dir.exists()


@pytest.mark.parametrize("changes", [{"folds": 1}, {"folds": 3, "holdout_fraction": 0.2}])
def test_settings_that_contradict_are_refused(
    changes: dict[str, object], weights_path: Path
) -> None:
    with pytest.raises(SettingsError, match="must be 0, or 2 and more with holdout_fraction 0"):
        replace_settings(head_settings(weights_path), changes)


def test_more_folds_than_images_are_refused(options_for: OptionsMaker, weights_path: Path) -> None:
    with pytest.raises(DataError, match="has 20 images, too few for 21 folds"):
        train_run(options_for(head_settings(weights_path, folds=21)))


def test_runs_of_folds_are_no_runs_of_their_own(
    options_for: OptionsMaker, weights_path: Path
) -> None:
    options = options_for(head_settings(weights_path, folds=2))
    score(options)
    assert options.run.models_path == options.run.folds_dir
    assert RunFolder(options.run.path).fold(2).checkpoint_path.is_file()
