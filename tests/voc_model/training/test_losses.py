"""Each loss equals its formula, counts labelled entries only, and has finite gradients."""

import math

import pytest
import torch
from tiny_voc import OptionsMaker, all_layers_settings

from voc_model.store.history import read_history
from voc_model.training.losses import asymmetric_loss, balanced_weights, masked_loss
from voc_model.training.run import train_run


@pytest.mark.parametrize("masked", [-1, -2])
def test_ignored_and_unknown_entries_are_masked_out_of_the_loss(masked: int) -> None:
    logits = torch.tensor([[0.0, 2.0], [-1.0, 3.0]], requires_grad=True)
    labels = torch.tensor([[1, masked], [0, 1]], dtype=torch.int8)
    total, count = masked_loss(logits, labels)
    expected = math.log(2) + math.log(1 + math.exp(-1)) + math.log(1 + math.exp(-3))
    assert total.item() == pytest.approx(expected, rel=1e-5)
    assert count.item() == 3
    total.backward()
    assert logits.grad is not None
    assert logits.grad[0, 1] == 0


def test_the_loss_of_a_saturated_score_has_a_gradient() -> None:
    """A sigmoid of 17 is 1 in float32; of the score, the loss would be 100 and its gradient 0."""
    logits = torch.tensor([[17.0, -20.0]], requires_grad=True)
    total, _ = masked_loss(logits, torch.tensor([[0, 1]], dtype=torch.int8))
    assert total.item() == pytest.approx(37.0)
    total.backward()
    assert logits.grad is not None
    assert logits.grad[0].tolist() == pytest.approx([1.0, -1.0])


def test_smoothed_targets_lie_between_the_labels() -> None:
    scores = [0.3, 0.9, 0.2, 0.6]
    logits = torch.tensor([scores], dtype=torch.float64).logit().requires_grad_()
    labels = torch.tensor([[1, 0, -1, 1]], dtype=torch.int8)
    total, count = masked_loss(logits, labels, smoothing=0.2)
    targets = {0: 0.9, 1: 0.1, 3: 0.9}
    expected = -sum(
        y * math.log(scores[index]) + (1 - y) * math.log(1 - scores[index])
        for index, y in targets.items()
    )
    assert total.item() == pytest.approx(expected)
    assert count.item() == 3
    total.backward()
    assert logits.grad is not None
    assert logits.grad[0].tolist() == pytest.approx(
        [scores[index] - targets[index] if index in targets else 0 for index in range(4)]
    )


# Weights of present labels ---------------------------------------------------------------------


def test_weighted_cross_entropy_is_that_of_torch() -> None:
    random = torch.Generator().manual_seed(0)
    logits = 4 * torch.randn(20, 3, generator=random, dtype=torch.float64)
    labels = torch.randint(-2, 2, (20, 3), generator=random).to(torch.int8)
    weights = torch.tensor([0.5, 1.0, 7.0], dtype=torch.float64)
    total, count = masked_loss(logits, labels, smoothing=0.1, pos_weight=weights)
    targets = labels.double() * 0.9 + 0.05
    entries = torch.nn.BCEWithLogitsLoss(pos_weight=weights, reduction="none")(logits, targets)
    assert total.item() == pytest.approx(entries[labels >= 0].sum().item())
    assert count.item() == (labels >= 0).sum()


def test_balanced_weights_are_absent_per_present_labels() -> None:
    columns = [
        [1, 0, 0, 0, -1, -2, 1, 0],  # 2 present, 4 absent
        [1, 1, 1, 0, -1, 1, 1, 1],  # present is the rule
        [0, 0, -1, -2, 0, 0, 0, 0],  # no present label
        [1, 1, 1, 1, 1, 1, -1, -1],  # no absent label
    ]
    weights = balanced_weights(torch.tensor(columns, dtype=torch.int8).T)
    assert weights.tolist() == pytest.approx([2.0, 1 / 6, 1.0, 1.0])
    rare = torch.zeros(1_000, 1, dtype=torch.int8)
    rare[0] = 1
    assert balanced_weights(rare).tolist() == [50.0]


# The asymmetric loss -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("gamma_positive", "gamma_negative", "margin"),
    [(0, 4, 0.05), (1, 2, 0), (0, 0, 0), (0.5, 0.5, 0.2), (2, 0, 0.1)],
)
def test_the_asymmetric_loss_equals_its_formula(
    gamma_positive: float, gamma_negative: float, margin: float
) -> None:
    random = torch.Generator().manual_seed(0)
    logits = 3 * torch.randn(30, 3, generator=random, dtype=torch.float64)
    logits.requires_grad_()
    labels = torch.randint(-2, 2, (30, 3), generator=random).to(torch.int8)

    def brute_force(x: float, label: int) -> float:
        p = 1 / (1 + math.exp(-x))
        if label == 1:
            return -((1 - p) ** gamma_positive) * math.log(p)
        q = max(p - margin, 0)
        return -(q**gamma_negative) * math.log(1 - q)

    pairs = list(zip(logits.detach().ravel().tolist(), labels.ravel().tolist(), strict=True))
    total, count = asymmetric_loss(logits, labels, gamma_positive, gamma_negative, margin)
    expected = sum(brute_force(x, label) for x, label in pairs if label >= 0)
    assert total.item() == pytest.approx(expected)
    assert count.item() == sum(label >= 0 for _, label in pairs)
    total.backward()
    assert logits.grad is not None
    step = 1e-6
    for found, (x, label) in zip(logits.grad.ravel().tolist(), pairs, strict=True):
        if label < 0:
            assert found == 0
        else:
            rise = brute_force(x + step, label) - brute_force(x - step, label)
            assert found == pytest.approx(rise / (2 * step), rel=1e-4, abs=1e-7)


def test_the_asymmetric_loss_without_focusing_is_the_cross_entropy() -> None:
    logits = torch.linspace(-30, 30, 61)[:, None]
    for label in (0, 1):
        labels = torch.full_like(logits, label, dtype=torch.int8)
        found, _ = asymmetric_loss(logits, labels, 0, 0, 0)
        assert found.item() == pytest.approx(masked_loss(logits, labels)[0].item(), rel=1e-6)


@pytest.mark.parametrize("gammas", [(0.0, 4.0), (0.5, 0.5), (1.0, 0.0), (0.01, 0.01)])
@pytest.mark.parametrize("margin", [0.0, 0.05])
@pytest.mark.parametrize("label", [0, 1])
def test_saturated_scores_have_finite_gradients(
    gammas: tuple[float, float], margin: float, label: int
) -> None:
    """In float32 the sigmoid of 17 is 1, and that of -104 is 0; at the margin, q begins."""
    at_margin = [math.log(0.05 / 0.95)]
    points = [-1e4, -104, -90, -17, *at_margin, 0, 17, 90, 104, 1e4]
    logits = torch.tensor(points, requires_grad=True)
    labels = torch.full((len(points),), label, dtype=torch.int8)
    total, _ = asymmetric_loss(logits, labels, *gammas, margin)
    total.backward()
    assert logits.grad is not None
    assert total.isfinite() and logits.grad.isfinite().all()
    # The surest mistake still has a gradient, unless the margin has it (which limits the loss).
    if label or not margin:
        assert logits.grad[0 if label else -1].abs() == pytest.approx(1)


# The loss of a run ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "changes",
    [
        {"label_smoothing": 0.5},
        {"pos_weight": "balanced"},
        {"loss": "asymmetric"},
        {"loss": "asymmetric", "gamma_positive": 2.0},
        {"loss": "asymmetric", "gamma_negative": 1.0},
        {"loss": "asymmetric", "probability_margin": 0.3},
    ],
)
def test_settings_alter_the_training_loss_and_not_the_validations(
    options_for: OptionsMaker, changes: dict[str, object]
) -> None:
    """With a negligible learning rate only the loss differs."""
    found = []
    for index, settings in enumerate(({}, {"loss": "asymmetric"}, changes)):
        if settings == changes and index == 1:
            continue
        fields = {"epochs": 1, "learning_rate": 1e-30, "weight_decay": 0}
        options = options_for(all_layers_settings(**(fields | settings)), f"run {index}")
        train_run(options)
        found += read_history(options.run.history_path)
    assert len({record.val_loss for record in found}) == 1
    assert len({record.train_loss for record in found}) == len(found)
