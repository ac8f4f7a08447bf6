"""The exponential moving average of a model's weights."""

import copy

import torch
from torch.optim.swa_utils import get_ema_multi_avg_fn

from voc_model.model.classifier import Classifier


class MovingAverage:
    """The average of a model's weights over its steps, and of its batch statistics.

    Batch statistics are averaged too: the latest ones belong to other weights. The steps are
    counted here rather than on the device, as torch's AveragedModel does: to read them there is to
    wait for the step.

    Attributes:
        model: has the averages.
        steps: how many steps they are made of.
    """

    def __init__(self, model: Classifier, decay: float) -> None:
        self.model = copy.deepcopy(model)
        self.steps = 0
        self._decay = decay

    @torch.no_grad()
    def update(self, model: Classifier) -> None:
        """Moves the averages towards the model after a step; the first step's weights are copied.

        After n steps the decay is at most (1 + n) / (10 + n), so that the average never reaches
        back further than about a ninth of the steps: it has left the starting point behind,
        however few steps there are (TensorFlow's ExponentialMovingAverage with num_updates does
        the same).
        """
        own, others = self.model.state_dict().values(), model.state_dict().values()
        pairs = list(zip(own, others, strict=True))
        if self.steps == 0:
            for average, current in pairs:
                average.copy_(current)
        else:
            # Batch counters, which are integers, have no use.
            floats = [pair for pair in pairs if pair[0].is_floating_point()]
            averages, currents = map(list, zip(*floats, strict=True))
            decay = min(self._decay, (1 + self.steps) / (10 + self.steps))
            get_ema_multi_avg_fn(decay)(averages, currents, None)  # type: ignore[no-untyped-call]
        self.steps += 1
