"""The learner: a model with its optimizer, learning rates and moving average."""

import math
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.utils import clip_grads_with_norm_, get_total_norm

from voc_model.inference.distributed import World
from voc_model.model.classifier import Classifier
from voc_model.model.settings import TrainSettings
from voc_model.training.moving_average import MovingAverage


class Learner:
    """A model, its optimizer, and the moving average of its weights.

    Attributes:
        model: the one that is trained, on its device; a frozen backbone is marked as such.
        optimizer: its groups are the head and, if it is trained, the backbone.
    """

    def __init__(self, model: Classifier, settings: TrainSettings) -> None:
        self.model = model
        self.optimizer = _make_optimizer(model, settings)
        self._settings = settings
        self._parameters: list[Tensor] = [
            parameter for group in self.optimizer.param_groups for parameter in group["params"]
        ]
        self._has_gradients = False
        self._average = MovingAverage(model, settings.ema_decay) if settings.ema_decay else None

    @property
    def eval_model(self) -> Classifier:
        """What is evaluated, saved and scored: the average of the weights, or the model itself."""
        return self._average.model if self._average else self.model

    def set_learning_rate(self, epoch: float) -> float:
        """Sets each group's learning rate after so many epochs and returns the head's."""
        learning_rate = learning_rate_at(self._settings, epoch)
        for group in self.optimizer.param_groups:
            group["lr"] = learning_rate * group["factor"]
        return learning_rate

    def backward(self, loss: Tensor, count: Tensor, images: int, world: World) -> None:
        """Computes the gradients of the mean loss over all ranks' labelled entries.

        Args:
            loss: this rank's sum over its entries.
            count: number of these entries.
            images: number of this rank's images, which may be 0.
        """
        self.optimizer.zero_grad()
        all_images = images
        if world.size > 1:
            totals = torch.stack([count.float(), count.new_tensor(images).float()])
            world.all_reduce_sum([totals])
            count, all_images = totals[0], int(totals[1])
        self._has_gradients = all_images > 0
        if images:
            (loss / count.clamp(min=1)).backward()  # type: ignore[no-untyped-call]
        if self._has_gradients and world.size > 1:
            self._sync_gradients(world, share=images / all_images)

    def _sync_gradients(self, world: World, share: float) -> None:
        """Sums the gradients of all ranks and averages their batch statistics.

        Args:
            share: the fraction of the batch's images that this rank has seen.
        """
        for parameter in self._parameters:
            if parameter.grad is None:  # This rank had no image.
                parameter.grad = torch.zeros_like(parameter)
        statistics = [item for item in self.model.buffers() if item.is_floating_point()]
        for statistic in statistics:
            statistic.mul_(share)
        world.all_reduce_sum([*self._gradients, *statistics])

    def step(self) -> Tensor:
        """Takes an optimizer step, if any rank had an image, and then updates the average.

        Returns:
            The norm of all gradients, before those of a greater norm than `max_grad_norm` are
            scaled down. It stays on the device: to read it is to wait for the gradients.
        """
        if not self._has_gradients:
            return self._parameters[0].new_zeros(())
        norm: Tensor = get_total_norm(self._gradients)
        if self._settings.max_grad_norm:
            clip_grads_with_norm_(self._parameters, self._settings.max_grad_norm, norm)
        self.optimizer.step()
        if self._average:
            self._average.update(self.model)
        return norm

    @property
    def _gradients(self) -> list[Tensor]:
        return [parameter.grad for parameter in self._parameters if parameter.grad is not None]

    def state_dict(self) -> dict[str, Any]:
        """Returns all that training alters, for `load_state_dict`."""
        head_only = self._settings.trainable == "head"
        state: dict[str, Any] = {
            "model": _trained_tensors(self.model, head_only),
            "optimizer": self.optimizer.state_dict(),
        }
        if self._average:
            averages = _trained_tensors(self._average.model, head_only)
            state |= {"average": averages, "average_steps": self._average.steps}
        return state

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Restores the state of `state_dict`, bit for bit."""
        # A frozen backbone is not in the state.
        self.model.load_state_dict(state["model"], strict=False)
        self.optimizer.load_state_dict(state["optimizer"])
        if self._average:
            self._average.steps = state["average_steps"]
            self._average.model.load_state_dict(state["average"], strict=False)


def learning_rate_at(settings: TrainSettings, epoch: float) -> float:
    """Returns the head's learning rate after so many epochs, fractions included."""
    if epoch < settings.warmup_epochs:
        return settings.learning_rate * epoch / settings.warmup_epochs
    if settings.schedule == "constant":
        return settings.learning_rate
    progress = (epoch - settings.warmup_epochs) / (settings.epochs - settings.warmup_epochs)
    return settings.learning_rate * 0.5 * (1 + math.cos(math.pi * progress))


def _make_optimizer(model: Classifier, settings: TrainSettings) -> torch.optim.Optimizer:
    train_backbone = settings.trainable == "all"
    model.backbone.requires_grad_(train_backbone)
    groups = _make_groups(model.head, 1.0, settings.weight_decay)
    if train_backbone:
        groups += _make_groups(model.backbone, settings.backbone_lr_factor, settings.weight_decay)
    rate = settings.learning_rate
    # Fused: one pass over memory per step instead of one per operation, about half the time.
    if settings.optimizer == "sgd":
        return torch.optim.SGD(groups, rate, momentum=settings.momentum, fused=True)
    kind = torch.optim.AdamW if settings.optimizer == "adamw" else torch.optim.Adam
    return kind(groups, rate, fused=True)


def _make_groups(module: nn.Module, factor: float, decay: float) -> list[dict[str, Any]]:
    """Returns the parameter groups of a module: those with weight decay and those without.

    Biases and the scales of batch normalisation, all of one dimension, have no weight decay: they
    are few, and pulling them to 0 does not make the function smoother (He et al. 2019: Bag of
    Tricks for Image Classification).
    """
    parameters = list(module.parameters())
    if not decay:
        return [{"params": parameters, "factor": factor, "weight_decay": 0.0}]
    decayed = [item for item in parameters if item.ndim > 1]
    others = [item for item in parameters if item.ndim <= 1]
    return [
        {"params": decayed, "factor": factor, "weight_decay": decay},
        {"params": others, "factor": factor, "weight_decay": 0.0},
    ]


def _trained_tensors(module: nn.Module, head_only: bool) -> dict[str, Tensor]:
    """Returns the tensors that training alters, by name."""
    return {
        name: tensor
        for name, tensor in module.state_dict().items()
        if not (head_only and "backbone." in name)
    }
