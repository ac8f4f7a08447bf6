"""Each loss equals its formula, counts labelled entries only, and has finite gradients."""

import math

import pytest
import torch
from tiny_voc import OptionsMaker, all_layers_settings

from voc_model.store.history import read_history
from voc_model.training.losses import masked_loss
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


def test_training_smooths_and_validation_does_not(options_for: OptionsMaker) -> None:
    """With a negligible learning rate only the targets differ."""
    losses = {}
    for smoothing in (0.0, 0.5):
        settings = all_layers_settings(
            epochs=1, learning_rate=1e-30, weight_decay=0, label_smoothing=smoothing
        )
        options = options_for(settings, f"smoothed by {smoothing}")
        train_run(options)
        (losses[smoothing],) = read_history(options.run.history_path)
    plain, smoothed = losses.values()
    assert plain.val_loss == smoothed.val_loss
    assert plain.train_loss != smoothed.train_loss
