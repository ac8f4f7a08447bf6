"""scripts/train.py with batch normalisation in evaluation mode, independent of the batch.

Images are not kept in memory, as for a large data set, so that a broken one is found in training.
"""

from torch import nn

from scripts import train
from voc_model.inference import loading
from voc_model.model.resnet import ResNet18


def main(arguments: list[str]) -> None:
    """Changes this process for good, and trains."""
    loading._MEMORY_BUDGET_BYTES = 0
    ResNet18.train = _keep_evaluating  # type: ignore[method-assign]
    train.main(arguments)


def _keep_evaluating(model: ResNet18, _mode: bool = True) -> ResNet18:
    nn.Module.train(model, False)
    return model
