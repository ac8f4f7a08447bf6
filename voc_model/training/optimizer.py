"""What is minimised, how fast the weights move, and the average that is kept of them."""

import math
from typing import Any, cast

import torch
from torch import Tensor
from torch.nn import functional
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from voc_model.inference.distributed import Processes
from voc_model.model.resnet import ResNet18
from voc_model.model.settings import OutputKind, TrainSettings


class Learner:
    """A model and what moves its weights.

    Attributes:
        model: the one that takes the steps, on its device; a frozen backbone is marked as such.
        optimizer: its groups are the last layer and, where that is trained, the backbone.
    """

    def __init__(self, model: ResNet18, settings: TrainSettings) -> None:
        self.model = model
        self.optimizer = _make_optimizer(model, settings)
        self._settings = settings
        self._average: AveragedModel | None = None
        if settings.ema_decay:
            average = get_ema_multi_avg_fn(settings.ema_decay)  # type: ignore[no-untyped-call]
            # The batch statistics are averaged too: the newest ones are of other weights.
            self._average = AveragedModel(model, multi_avg_fn=average, use_buffers=True)

    @property
    def judged(self) -> ResNet18:
        """What is validated, kept and scored: the average of the weights, or the model itself."""
        return cast(ResNet18, self._average.module) if self._average else self.model

    def set_rate(self, epoch_fraction: float) -> float:
        """Sets each group's learning rate after so many epochs; returns the last layer's."""
        rate = learning_rate_at(self._settings, epoch_fraction)
        for group in self.optimizer.param_groups:
            group["lr"] = rate * group["factor"]
        return rate

    def combine(self, processes: Processes, share: float) -> None:
        """Adds up the gradients of all processes, and averages their batch statistics.

        Args:
            share: this process's part of the images behind them.
        """
        if processes.count == 1:
            return
        parameters = [item for group in self.optimizer.param_groups for item in group["params"]]
        for parameter in parameters:
            if parameter.grad is None:  # No image was here.
                parameter.grad = torch.zeros_like(parameter)
        statistics = [item for item in self.model.buffers() if item.is_floating_point()]
        for statistic in statistics:
            statistic.mul_(share)
        processes.add_up([*(parameter.grad for parameter in parameters), *statistics])

    def step(self) -> None:
        """Moves the weights by their gradients, and the average after them."""
        self.optimizer.step()
        if self._average:
            self._average.update_parameters(self.model)

    def state_dict(self) -> dict[str, Any]:
        """Returns all that training alters, for `load_state_dict`."""
        head_only = self._settings.trainable == "head"
        return {
            "model": _altered_tensors(self.model, head_only),
            "average": _altered_tensors(self._average, head_only) if self._average else {},
            "optimizer": self.optimizer.state_dict(),
        }

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Goes back to where `state_dict` was called, bit for bit."""
        # A frozen backbone is not in the state.
        self.model.load_state_dict(state["model"], strict=False)
        self.optimizer.load_state_dict(state["optimizer"])
        if self._average:
            self._average.load_state_dict(state["average"], strict=False)


def masked_loss(
    outputs: Tensor, labels: Tensor, kind: OutputKind, smoothing: float = 0.0
) -> tuple[Tensor, Tensor]:
    """Returns binary cross-entropy without the ignored entries.

    Args:
        outputs: (B, C) scores or logits, as `kind` says.
        labels: (B, C) int8 of 1, 0 and -1 (ignored).
        smoothing: s of the targets y (1 - s) + s / 2 (Szegedy et al. 2016, for two outcomes).

    Returns:
        The sum over the counted entries and their number; the mean of none is 0 / 0, so divide
        where you know that some count.
    """
    counted = labels >= 0
    targets = labels.clamp(min=0).to(outputs.dtype) * (1 - smoothing) + smoothing / 2
    loss = functional.binary_cross_entropy
    if kind == "logits":
        loss = functional.binary_cross_entropy_with_logits
    entries = loss(outputs, targets, reduction="none")
    return (entries * counted).sum(), counted.sum()


def learning_rate_at(settings: TrainSettings, epoch_fraction: float) -> float:
    """Returns the rate of the last layer after so many epochs, a fraction included."""
    if epoch_fraction < settings.warmup_epochs:
        return settings.learning_rate * epoch_fraction / settings.warmup_epochs
    if settings.schedule == "constant":
        return settings.learning_rate
    rest = settings.epochs - settings.warmup_epochs
    done = (epoch_fraction - settings.warmup_epochs) / rest
    return settings.learning_rate * 0.5 * (1 + math.cos(math.pi * done))


def _make_optimizer(model: ResNet18, settings: TrainSettings) -> torch.optim.Optimizer:
    trained = settings.trainable == "all"
    model.backbone.requires_grad_(trained)
    groups: list[dict[str, Any]] = [{"params": list(model.head.parameters()), "factor": 1.0}]
    if trained:
        backbone = list(model.backbone.parameters())
        groups.append({"params": backbone, "factor": settings.backbone_rate})
    rate, decay = settings.learning_rate, settings.weight_decay
    # Fused: one pass over memory a step instead of one an operation, about half the time.
    if settings.optimizer == "sgd":
        return torch.optim.SGD(
            groups, rate, momentum=settings.momentum, weight_decay=decay, fused=True
        )
    kind = torch.optim.AdamW if settings.optimizer == "adamw" else torch.optim.Adam
    return kind(groups, rate, weight_decay=decay, fused=True)


def _altered_tensors(module: torch.nn.Module, head_only: bool) -> dict[str, Tensor]:
    """Returns the tensors that training alters, by name."""
    return {
        name: tensor
        for name, tensor in module.state_dict().items()
        if not (head_only and "backbone." in name)
    }
