"""scripts/train.py with batch normalisation that never looks at a batch: all else must add up."""

from torch import nn

from scripts.train import main
from voc_model.resnet import ResNet18


def keep_evaluating(model: ResNet18, _mode: bool = True) -> ResNet18:
    nn.Module.train(model, False)
    return model


if __name__ == "__main__":
    ResNet18.train = keep_evaluating  # type: ignore[method-assign]
    main()
