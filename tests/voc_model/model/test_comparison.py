"""The deviation of two models' outputs, by hand and by PyTorch."""

import copy
import math

import pytest
import torch

from voc_model.model.classifier import Classifier
from voc_model.model.comparison import Outputs, compute_outputs, measure_deviation


def test_the_deviation_is_as_computed_by_hand() -> None:
    expected = Outputs(torch.tensor([[3.0, 4.0]]), torch.tensor([[1.0, -1.0]]))
    found = Outputs(torch.tensor([[3.0, 3.0]]), torch.tensor([[1.5, 0.0]]))
    deviation = measure_deviation(found, expected)
    assert deviation.images == 1
    assert (deviation.greatest_logit, deviation.mean_logit) == (1.0, 0.75)
    assert deviation.features == pytest.approx(1 / 5)


def test_outputs_are_those_of_the_mode() -> None:
    model = Classifier(3, "sigmoid").eval()
    images = torch.randn(4, 3, 32, 32)
    outputs = compute_outputs(model, images.split(2))
    with torch.no_grad():
        scores = model(images)
    torch.testing.assert_close(outputs.logits.sigmoid().float(), scores)
    trained = compute_outputs(copy.deepcopy(model).train(), images.split(2))
    assert measure_deviation(trained, outputs).features > 0.1


def test_without_images_nothing_is_defined() -> None:
    model = Classifier(3)
    deviation = measure_deviation(compute_outputs(model, []), compute_outputs(model, []))
    assert deviation.images == 0
    assert math.isnan(deviation.greatest_logit)
    assert math.isnan(deviation.mean_logit)
    assert math.isnan(deviation.features)
