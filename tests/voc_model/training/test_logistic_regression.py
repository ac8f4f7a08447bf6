"""The fitted heads are scikit-learn's, also where labels are missing; C is chosen on train only."""

import csv
import math
from pathlib import Path

import numpy as np
import pytest
import torch
from recorded_report import RecordedReport
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import average_precision_score, log_loss
from sklearn.preprocessing import StandardScaler
from tiny_voc import OptionsMaker, assert_same_model

from voc_model.model.checkpoint import load_checkpoint
from voc_model.model.settings import TrainSettings
from voc_model.store.history import read_history
from voc_model.training import head_fit
from voc_model.training.logistic_regression import PENALTIES, cross_validate, fit_heads
from voc_model.training.run import train_run

IMAGES, FEATURES, CLASSES = 150, 40, 3


@pytest.fixture
def examples() -> tuple[torch.Tensor, torch.Tensor]:
    """Correlated features of very different sizes, one of them constant, and noisy labels."""
    random = np.random.default_rng(0)
    hidden = random.normal(size=(IMAGES, 8))
    sizes = 10 ** random.uniform(-3, 2, FEATURES)
    features = (np.abs(hidden @ random.normal(size=(8, FEATURES))) + 0.2) * sizes
    features[:, 7] = 3.25
    truth = hidden @ random.normal(size=(8, CLASSES)) + 2 * random.normal(size=(IMAGES, CLASSES))
    labels = (truth > [0, 2, 4]).astype(np.int8)
    labels[random.random(labels.shape) < 0.1] = -1
    labels[random.random(labels.shape) < 0.1] = -2
    return torch.from_numpy(features), torch.from_numpy(labels)


def fit_scikit_learn(
    features: torch.Tensor, labels: torch.Tensor, penalty: float, column: int
) -> tuple[np.ndarray, float]:
    """Returns scikit-learn's logit of every image, fitted on those labelled 0 or 1."""
    scaler = StandardScaler().fit(features)
    standardised = scaler.transform(features)
    known = labels[:, column].numpy() >= 0
    regression = LogisticRegression(C=penalty, tol=1e-10, max_iter=10_000)
    regression.fit(standardised[known], labels[known, column])
    weight = regression.coef_[0] / scaler.scale_
    return weight, float(regression.intercept_[0] - weight @ scaler.mean_)


def test_heads_are_those_of_scikit_learn(examples: tuple[torch.Tensor, torch.Tensor]) -> None:
    features, labels = examples
    penalties = (1e-4, 1e-2, 1.0, 100.0)
    for penalty, head in zip(penalties, fit_heads(features, labels, penalties), strict=True):
        for column in range(CLASSES):
            weight, bias = fit_scikit_learn(features, labels, penalty, column)
            scale = features.std(0).numpy()
            found, expected = head.weight[column].numpy() * scale, weight * scale
            np.testing.assert_allclose(found, expected, rtol=0, atol=1e-3 * np.abs(expected).max())
            assert float(head.bias[column]) == pytest.approx(bias, rel=1e-3, abs=1e-3)
        assert (head.weight[:, 7] == 0).all(), "a constant feature says nothing"


def test_masked_labels_count_nowhere(examples: tuple[torch.Tensor, torch.Tensor]) -> None:
    features, labels = examples
    (expected,) = fit_heads(features, labels, [0.1])
    (found,) = fit_heads(features, torch.where(labels == -1, -2, labels), [0.1])
    assert torch.equal(found.weight, expected.weight)


def test_a_class_with_a_single_outcome_gets_its_log_odds(
    examples: tuple[torch.Tensor, torch.Tensor],
) -> None:
    features, labels = examples
    alone = labels.clone()
    alone[:, 1] = torch.where(labels[:, 1] == 1, 0, labels[:, 1])
    (expected,), (head,) = (fit_heads(features, item, [0.1]) for item in (labels, alone))
    absent = int((alone[:, 1] == 0).sum())
    assert head.weight[1].tolist() == [0] * FEATURES
    assert float(head.bias[1]) == pytest.approx(math.log(0.5 / (absent + 0.5)))
    torch.testing.assert_close(head.weight[0], expected.weight[0], rtol=1e-3, atol=1e-6)


def test_penalties_are_compared_on_images_left_out(
    examples: tuple[torch.Tensor, torch.Tensor],
) -> None:
    features, labels = examples
    penalties = (1e-3, 1e-2, 1.0)
    found = cross_validate(features, labels, seed=5, penalties=penalties)
    folds = torch.randperm(IMAGES, generator=torch.Generator().manual_seed(5)) % 5
    for index, penalty in enumerate(penalties):
        logits = torch.zeros(IMAGES, CLASSES, dtype=torch.float64)
        for fold in range(5):
            out = folds == fold
            for column in range(CLASSES):
                weight, bias = fit_scikit_learn(features[~out], labels[~out], penalty, column)
                logits[out, column] = features[out] @ torch.from_numpy(weight) + bias
        known = [labels[:, column] >= 0 for column in range(CLASSES)]
        aps = [
            average_precision_score(labels[rows, column], logits[rows, column])
            for column, rows in enumerate(known)
        ]
        assert found.maps[index] == pytest.approx(np.mean(aps), abs=1e-3)
        loss = log_loss(labels[labels >= 0], logits.sigmoid()[labels >= 0])
        assert found.losses[index] == pytest.approx(loss, rel=1e-3)
    assert found.best == penalties[int(np.argmax(found.maps))]


def test_without_a_present_label_the_loss_chooses(
    examples: tuple[torch.Tensor, torch.Tensor],
) -> None:
    features, labels = examples
    found = cross_validate(features, labels.clamp(max=0), seed=0, penalties=(0.01, 1.0))
    assert np.isnan(found.maps).all()
    assert found.best == 0.01


# As a run ----------------------------------------------------------------------------------------


def fit_settings(weights: Path) -> TrainSettings:
    return TrainSettings(weights=str(weights), resize=40, crop=32, optimizer="lbfgs")


def test_a_run_is_one_record_and_an_ordinary_checkpoint(
    options_for: OptionsMaker, weights_path: Path
) -> None:
    options = options_for(fit_settings(weights_path))
    report = RecordedReport()
    train_run(options, report)
    (record,) = read_history(options.run.history_path)
    assert (record.epoch, record.trainable) == (1, "head")
    assert record.stop_reason == "fitted to the optimum"
    assert math.isnan(record.learning_rate)
    assert "learning rate" not in record.describe()
    with options.run.cross_validation_path.open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [float(row["C"]) for row in rows] == pytest.approx(PENALTIES)
    (chosen,) = (row for row in rows if row["chosen"] == "1")
    assert float(chosen["map"]) == max(float(row["map"]) for row in rows)
    assert f"C = {float(chosen['C']):.3g} of 9" in report.text
    checkpoint = load_checkpoint(options.run.checkpoint_path)
    assert checkpoint.selection_ids == (), "no epoch was chosen on the validation images"
    assert checkpoint.val_map == record.map
    assert checkpoint.build_model().head.weight.dtype == torch.float32
    train_run(options, report)
    assert "already trained, reused" in report.text


def test_a_fit_that_was_killed_starts_over(
    options_for: OptionsMaker, weights_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole, stopped = (options_for(fit_settings(weights_path), name) for name in ("whole", "other"))
    train_run(whole)

    def killed(*_: object) -> None:
        raise RuntimeError("killed")

    with monkeypatch.context() as patched:
        patched.setattr(head_fit, "validate", killed)
        with pytest.raises(RuntimeError, match="killed"):
            train_run(stopped)
    train_run(stopped)
    assert_same_model(whole.run, stopped.run)


def test_unreadable_images_are_left_out(
    options_for: OptionsMaker, own_voc_dir: Path, weights_path: Path
) -> None:
    (own_voc_dir / "JPEGImages" / "2008_000003.jpg").write_bytes(b"no image")
    options = options_for(fit_settings(weights_path), voc_dir=own_voc_dir)
    train_run(options)
    checkpoint = load_checkpoint(options.run.checkpoint_path)
    assert len(checkpoint.train_ids) == 19
    assert all(tensor.isfinite().all() for tensor in checkpoint.model_state.values())
