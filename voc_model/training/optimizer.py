"""The loss, the optimizer with its learning rates, and the moving average of the weights."""

import math
from functools import partial
from typing import Any, cast

import torch
from torch import Tensor
from torch.nn import functional
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from voc_model.inference.distributed import World
from voc_model.model.classifier import Classifier
from voc_model.model.settings import TrainSettings


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
        self._has_gradients = False
        self._average: AveragedModel | None = None
        if settings.ema_decay:
            average = partial(_update_average, decay=settings.ema_decay)
            # The batch statistics are averaged too: the latest ones belong to other weights.
            self._average = AveragedModel(model, multi_avg_fn=average, use_buffers=True)

    @property
    def eval_model(self) -> Classifier:
        """What is evaluated, saved and scored: the average of the weights, or the model itself."""
        return cast(Classifier, self._average.module) if self._average else self.model

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
        parameters = [item for group in self.optimizer.param_groups for item in group["params"]]
        for parameter in parameters:
            if parameter.grad is None:  # This rank had no image.
                parameter.grad = torch.zeros_like(parameter)
        statistics = [item for item in self.model.buffers() if item.is_floating_point()]
        for statistic in statistics:
            statistic.mul_(share)
        world.all_reduce_sum([*(parameter.grad for parameter in parameters), *statistics])

    def step(self) -> None:
        """Takes an optimizer step, if any rank had an image, and then updates the average."""
        if not self._has_gradients:
            return
        self.optimizer.step()
        if self._average:
            self._average.update_parameters(self.model)

    def state_dict(self) -> dict[str, Any]:
        """Returns all that training alters, for `load_state_dict`."""
        head_only = self._settings.trainable == "head"
        return {
            "model": _trained_tensors(self.model, head_only),
            "average": _trained_tensors(self._average, head_only) if self._average else {},
            "optimizer": self.optimizer.state_dict(),
        }

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Restores the state of `state_dict`, bit for bit."""
        # A frozen backbone is not in the state.
        self.model.load_state_dict(state["model"], strict=False)
        self.optimizer.load_state_dict(state["optimizer"])
        if self._average:
            self._average.load_state_dict(state["average"], strict=False)


def masked_loss(logits: Tensor, labels: Tensor, smoothing: float = 0.0) -> tuple[Tensor, Tensor]:
    """Returns binary cross-entropy summed over the labelled entries, and their number.

    It is computed from logits, whatever the model's output: where a sigmoid is rounded to 0 or 1,
    the loss of the score has no gradient.

    Args:
        logits: (B, C) float32 or float64.
        labels: (B, C) int8 of 1, 0, -1 (ignored) and -2 (unknown); the last two count nowhere.
        smoothing: s of the targets y (1 - s) + s / 2 (Szegedy et al. 2016, for two outcomes).
    """
    counted = labels >= 0
    targets = labels.clamp(min=0).to(logits.dtype) * (1 - smoothing) + smoothing / 2
    entries = functional.binary_cross_entropy_with_logits(logits, targets, reduction="none")
    return (entries * counted).sum(), counted.sum()


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
    groups: list[dict[str, Any]] = [{"params": list(model.head.parameters()), "factor": 1.0}]
    if train_backbone:
        backbone = list(model.backbone.parameters())
        groups.append({"params": backbone, "factor": settings.backbone_lr_factor})
    rate, decay = settings.learning_rate, settings.weight_decay
    # Fused: one pass over memory per step instead of one per operation, about half the time.
    if settings.optimizer == "sgd":
        return torch.optim.SGD(
            groups, rate, momentum=settings.momentum, weight_decay=decay, fused=True
        )
    kind = torch.optim.AdamW if settings.optimizer == "adamw" else torch.optim.Adam
    return kind(groups, rate, weight_decay=decay, fused=True)


@torch.no_grad()
def _update_average(
    averages: list[Tensor], currents: list[Tensor], steps: Tensor, decay: float
) -> None:
    """Moves averages towards the current tensors, in place.

    After n steps the decay is at most (1 + n) / (10 + n), so that the average never reaches back
    further than about a ninth of the steps: it has left the starting point behind, however few
    steps there are (TensorFlow's ExponentialMovingAverage with num_updates does the same).
    """
    taken = int(steps)
    update = get_ema_multi_avg_fn(min(decay, (1 + taken) / (10 + taken)))  # type: ignore[no-untyped-call]
    update(averages, currents, steps)


def _trained_tensors(module: torch.nn.Module, head_only: bool) -> dict[str, Tensor]:
    """Returns the tensors that training alters, by name."""
    return {
        name: tensor
        for name, tensor in module.state_dict().items()
        if not (head_only and "backbone." in name)
    }
