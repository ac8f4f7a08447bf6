"""Learning rates follow the schedule, gradients are clipped, EMA is the moving average."""

import copy
import math
from pathlib import Path

import pytest
import torch
from recorded_report import RecordedReport
from tiny_voc import OptionsMaker, all_layers_settings, head_settings
from torch import Tensor

from voc_model.errors import CheckpointError, SettingsError
from voc_model.inference.distributed import SINGLE_PROCESS
from voc_model.model.checkpoint import initial_model, load_checkpoint
from voc_model.model.classifier import Classifier
from voc_model.model.settings import TrainSettings
from voc_model.store.history import read_history
from voc_model.training.losses import masked_loss
from voc_model.training.optimizer import Learner, learning_rate_at
from voc_model.training.run import train_run
from voc_model.training.state import read_training_state

State = dict[str, Tensor]


class Interrupter(RecordedReport):
    """Raises KeyboardInterrupt once the first epoch has been reported."""

    def note(self, text: str) -> None:
        if text.startswith("epoch"):
            raise KeyboardInterrupt


@pytest.fixture
def steps(monkeypatch: pytest.MonkeyPatch) -> list[tuple[list[float], State]]:
    """Records every step: the learning rate of each group, and the model after the step."""
    taken: list[tuple[list[float], State]] = []
    step = Learner.step

    def watched(learner: Learner) -> Tensor:
        norm = step(learner)
        rates = [group["lr"] for group in learner.optimizer.param_groups]
        taken.append((rates, copy.deepcopy(learner.model.state_dict())))
        return norm

    monkeypatch.setattr(Learner, "step", watched)
    return taken


# Learning rates ----------------------------------------------------------------------------------


def test_learning_rates_follow_the_schedule() -> None:
    constant = TrainSettings(learning_rate=0.2)
    assert [learning_rate_at(constant, epoch) for epoch in (0, 5.5, 11)] == [0.2, 0.2, 0.2]
    cosine = TrainSettings(learning_rate=0.2, schedule="cosine", epochs=10, warmup_epochs=2)
    found = [learning_rate_at(cosine, epoch) for epoch in (0.5, 1, 2, 6, 10)]
    assert found == pytest.approx([0.05, 0.1, 0.2, 0.1, 0])


def test_the_backbones_learning_rate_is_lower_at_every_step(
    options_for: OptionsMaker, steps: list[tuple[list[float], State]]
) -> None:
    settings = all_layers_settings(warmup_epochs=1, backbone_lr_factor=0.25)
    train_run(options_for(settings))
    expected = [learning_rate_at(settings, (step + 0.5) / 3) for step in range(9)]
    assert [rates[0] for rates, _ in steps] == pytest.approx(expected)
    assert [rates[1] for rates, _ in steps] == pytest.approx([0.25 * rate for rate in expected])


def test_each_layer_moves_at_its_own_learning_rate() -> None:
    settings = all_layers_settings(
        optimizer="sgd",
        momentum=0,
        schedule="constant",
        learning_rate=0.5,
        backbone_lr_factor=0.125,
    )
    model = initial_model(settings, class_count=3)
    before = copy.deepcopy(model.state_dict())
    learner = Learner(model, settings)
    learner.set_learning_rate(0)
    # A loss whose gradient is 1 for every weight.
    loss = sum((parameter.sum() for parameter in model.parameters()), start=torch.tensor(0.0))
    learner.backward(loss, torch.tensor(1), 1, SINGLE_PROCESS)
    learner.step()
    for name, parameter in model.named_parameters():
        rate = 0.5 if name.startswith("head.") else 0.0625
        torch.testing.assert_close(parameter.detach(), before[name] - rate, msg=name)


# Weight decay and clipping ----------------------------------------------------------------------


def test_biases_and_batch_normalisation_have_no_weight_decay() -> None:
    """Without a gradient, a step of SGD is the weight decay alone."""
    settings = all_layers_settings(
        optimizer="sgd", momentum=0, schedule="constant", learning_rate=0.5, weight_decay=0.25
    )
    model = initial_model(settings, class_count=3)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.fill_(1.0)
    learner = Learner(model, settings)
    learner.set_learning_rate(0)
    loss = sum((0 * parameter.sum() for parameter in model.parameters()), start=torch.tensor(0.0))
    learner.backward(loss, torch.tensor(1), 1, SINGLE_PROCESS)
    learner.step()
    decayed = {name for name, parameter in model.named_parameters() if (parameter != 1).any()}
    modules = dict(model.named_modules())
    weights = {
        name
        for name, _ in model.named_parameters()
        if name.endswith(".weight")
        and isinstance(modules[name.removesuffix(".weight")], torch.nn.Conv2d | torch.nn.Linear)
    }
    assert decayed == weights
    assert len(weights) < len(list(model.parameters()))
    assert all(float(model.get_parameter(name).detach().mean()) == 0.875 for name in weights)


@pytest.mark.parametrize("max_norm", [0.0, 0.5, 1e6])
def test_gradients_are_scaled_down_to_the_greatest_norm(
    weights_path: Path, max_norm: float
) -> None:
    settings = head_settings(
        weights_path, optimizer="sgd", momentum=0, learning_rate=1, max_grad_norm=max_norm
    )
    learner = Learner(initial_model(settings, class_count=3), settings)
    before = copy.deepcopy(learner.model.head.state_dict())
    learner.set_learning_rate(0)
    weight, bias = learner.model.head.parameters()
    learner.backward(3 * weight[0, 0] + 4 * bias[1], torch.tensor(1), 1, SINGLE_PROCESS)
    assert float(learner.step()) == pytest.approx(5), "the norm before clipping"
    factor = 0.1 if max_norm == 0.5 else 1
    moved = before["weight"][0, 0] - weight[0, 0], before["bias"][1] - bias[1]
    assert [float(item.detach()) for item in moved] == pytest.approx([3 * factor, 4 * factor])


def test_a_gradient_that_is_not_finite_is_reported_with_its_step(
    options_for: OptionsMaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The loss of that step is finite, and so are all losses of the epoch."""
    taken = []
    backward = Learner.backward

    def break_the_last(learner: Learner, *arguments: object) -> None:
        backward(learner, *arguments)  # type: ignore[arg-type]
        taken.append(1)
        if len(taken) == 6:
            next(learner.model.parameters()).grad[0, 0, 0, 0] = math.inf  # type: ignore[union-attr]

    monkeypatch.setattr(Learner, "backward", break_the_last)
    options = options_for(all_layers_settings(max_grad_norm=1))
    with pytest.raises(SettingsError, match=r"norm of the gradients became (inf|nan) in step 6 "):
        train_run(options)
    assert len(read_history(options.run.history_path)) == 1


def test_the_state_of_another_version_is_refused_with_a_remedy(
    options_for: OptionsMaker,
) -> None:
    """An older version had a single group with weight decay."""
    settings = all_layers_settings(weight_decay=0.1)
    options = options_for(settings)
    with pytest.raises(KeyboardInterrupt):
        train_run(options, Interrupter())
    state = read_training_state(options.run.training_state_path)
    assert state is not None
    state.learner["optimizer"]["param_groups"].pop()
    state.write(options.run.training_state_path)
    with pytest.raises(CheckpointError, match=r"another version of this program.*--overwrite"):
        train_run(options)


# The moving average ------------------------------------------------------------------------------


@pytest.mark.parametrize("trainable", ["head", "all"])
def test_the_checkpoint_has_the_moving_average(
    options_for: OptionsMaker,
    weights_path: Path,
    steps: list[tuple[list[float], State]],
    trainable: str,
) -> None:
    changes = {"ema_decay": 0.75, "epochs": 1}
    settings = (
        all_layers_settings(**changes)
        if trainable == "all"
        else head_settings(weights_path, **changes)
    )
    options = options_for(settings)
    train_run(options)
    _, expected = steps[0]
    for taken, (_, state) in enumerate(steps[1:], start=1):
        decay = min(0.75, (1 + taken) / (10 + taken))
        for name, tensor in state.items():
            if tensor.is_floating_point():  # the batch counters are not used
                expected[name] = decay * expected[name] + (1 - decay) * tensor
    found = load_checkpoint(options.run.checkpoint_path).model_state
    last = steps[-1][1]
    moved = "backbone.bn1.running_mean" if trainable == "all" else "head.weight"
    assert not torch.equal(found[moved], last[moved])
    for name, tensor in expected.items():
        if tensor.is_floating_point():
            torch.testing.assert_close(found[name], tensor, rtol=1e-5, atol=1e-6, msg=name)


@pytest.mark.parametrize("steps", [10, 100, 1000])
def test_the_average_of_a_short_training_is_as_good_as_its_last_model(
    weights_path: Path, steps: int
) -> None:
    """Logistic regression with noisy batches of 8; without a warm-up, the average barely moves."""
    random = torch.Generator().manual_seed(0)
    settings = head_settings(weights_path, ema_decay=0.995, learning_rate=0.01)
    learner = Learner(initial_model(settings, class_count=3), settings)
    features = torch.randn(400, 512, generator=random)
    truth = torch.randn(512, 3, generator=random)
    labels = (features @ truth > 0).to(torch.int8)

    def loss_of(model: Classifier, rows: Tensor) -> tuple[Tensor, Tensor]:
        return masked_loss(model.head(features[rows]), labels[rows])

    def mean_loss(model: Classifier) -> float:
        loss, count = loss_of(model, torch.arange(400))
        return float((loss / count).detach())

    start = mean_loss(learner.model)
    for _ in range(steps):
        rows = torch.randint(400, (8,), generator=random)
        learner.backward(*loss_of(learner.model, rows), 8, SINGLE_PROCESS)
        learner.step()
    last = mean_loss(learner.model)
    assert mean_loss(learner.eval_model) - last < 0.15 * (start - last)


def test_a_learner_is_restored_from_its_state(weights_path: Path) -> None:
    settings = head_settings(weights_path, ema_decay=0.5)
    learner = Learner(initial_model(settings, class_count=3), settings)

    def take_step() -> None:
        loss, count = masked_loss(
            learner.model.head(torch.ones(2, 512)), torch.ones(2, 3, dtype=torch.int8)
        )
        learner.backward(loss, count, 2, SINGLE_PROCESS)
        learner.step()

    take_step()
    state = copy.deepcopy(learner.state_dict())
    take_step()
    expected = copy.deepcopy(learner.eval_model.state_dict())
    other = Learner(initial_model(settings, class_count=3), settings)
    other.load_state_dict(state)
    learner = other
    take_step()
    for name, tensor in learner.eval_model.state_dict().items():
        assert torch.equal(tensor, expected[name]), name
