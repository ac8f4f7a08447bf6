"""Least squares restores a network's function where filters without a mean can express it."""

import copy
import math
from collections.abc import Callable

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from real_data import MISSING, SCENES, WEIGHTS
from recorded_report import RecordedReport
from tiny_voc import narrow
from torch import Tensor, nn
from torchvision.models.resnet import BasicBlock, Bottleneck, ResNet

from voc_model.data.voc import image_path, read_split
from voc_model.model.checkpoint import initial_model, plain_model
from voc_model.model.least_squares_conversion import convert_by_least_squares
from voc_model.model.preprocessing import Preprocessing, View, crop_pixels, load_pixels, normalize
from voc_model.model.settings import TrainSettings
from voc_model.model.weight_standardization import (
    WeightStandardizedConv2d,
    convert_batch_norms,
    reestimate_batch_norms,
    standardize_weights,
)


def basic_network() -> ResNet:
    return narrowed(ResNet(BasicBlock, [2, 1, 1, 1]))


def bottleneck_network() -> ResNet:
    return narrowed(ResNet(Bottleneck, [1, 1, 1, 1], groups=2, width_per_group=32))


def narrowed(network: ResNet) -> ResNet:
    narrow(network, 16)
    network.fc = nn.Identity()  # type: ignore[assignment]
    return network


@torch.no_grad()
def make_plain(network: ResNet, images: Tensor, silent_channels: bool) -> ResNet:
    """Returns a float64 network with batch statistics of these images.

    With `silent_channels`, the first channel of each group is 0 everywhere, as that of some images:
    less its mean, a patch still tells its mean there. So a filter without a mean that computes the
    same exists: the pretrained one, with minus the sum of its other weights in the silent channel.
    """
    network = network.double()
    for part in network.modules():
        if isinstance(part, nn.Conv2d):
            part.weight += 0.1  # a mean that matters
        if isinstance(part, nn.BatchNorm2d):
            nn.init.uniform_(part.weight, 0.5, 1.5)
            nn.init.normal_(part.bias, 0.2, 0.3)
            if silent_channels:
                silent = slice(0, None, part.num_features // 2)
                part.weight[silent] = part.bias[silent] = 0
    reestimate_batch_norms(network, [images])
    return network.eval()


def make_images(count: int = 64, edge: int = 96, silent_channels: bool = False) -> Tensor:
    generator = torch.Generator().manual_seed(5)
    images = torch.randn(count, 3, edge, edge, dtype=torch.float64, generator=generator)
    images = nn.functional.avg_pool2d(images, 5, 1, 2) * 5
    if silent_channels:
        images[:, 0] = 0
    return images


def full(plain: ResNet) -> ResNet:
    made = copy.deepcopy(plain)
    standardize_weights(made, "full")
    convert_batch_norms(made)
    return made


@torch.no_grad()
def deviation(network: ResNet, plain: ResNet, images: Tensor) -> float:
    expected = plain.eval()(images)
    return float((network.eval()(images) - expected).norm() / expected.norm())


@torch.no_grad()
@pytest.mark.parametrize("make", [basic_network, bottleneck_network])
def test_an_exact_solution_is_found(make: Callable[[], ResNet]) -> None:
    torch.manual_seed(1)
    images = make_images(silent_channels=True)
    plain = make_plain(make(), images, silent_channels=True)
    made = full(plain)
    assert deviation(made, plain, images) > 0.3
    report = RecordedReport()
    fits = convert_by_least_squares(made, plain, images.split(15), 3, ridge=1e-12, report=report)
    convolutions = [name for name, part in plain.named_modules() if isinstance(part, nn.Conv2d)]
    assert set(fits) == set(convolutions)
    assert min(fits.values()) > 1 - 1e-9
    # Also for images that nothing was fitted to.
    others = make_images(count=70, silent_channels=True)[64:]
    torch.testing.assert_close(made(others), plain(others), rtol=0, atol=1e-8)
    assert report.stages[0].done == report.stages[0].total == len(fits)


@torch.no_grad()
def test_filters_are_standardised_and_latent_ones_keep_their_deviation() -> None:
    torch.manual_seed(1)
    images = make_images()
    plain = make_plain(basic_network(), images, silent_channels=False)
    made = full(plain)
    convert_by_least_squares(made, plain, [images], 3)
    for name, conv in made.named_modules():
        if isinstance(conv, WeightStandardizedConv2d):
            before = plain.get_parameter(f"{name}.weight").std((1, 2, 3))
            torch.testing.assert_close(conv.weight.std((1, 2, 3)), before)
            torch.testing.assert_close(
                conv.weight.mean((1, 2, 3)), torch.zeros_like(before), atol=1e-10, rtol=0
            )


@torch.no_grad()
def test_it_holds_in_training_mode() -> None:
    """The running statistics are those of the network's own activations."""
    torch.manual_seed(1)
    images = make_images()
    plain = make_plain(basic_network(), images, silent_channels=False)
    made = full(plain)
    convert_by_least_squares(made, plain, images.split(16), 3)
    evaluated = made.eval()(images)
    trained = made.train()(images)
    assert float((trained - evaluated).norm() / evaluated.norm()) < 0.2


@torch.no_grad()
def test_the_first_layer_is_the_ridge_regression(monkeypatch: pytest.MonkeyPatch) -> None:
    """NumPy's fit to all positions and the layer's to a sample of them explain the same."""
    monkeypatch.setattr("voc_model.model.least_squares_conversion._POSITIONS_PER_IMAGE", 2000)
    torch.manual_seed(4)
    images = make_images(count=6, edge=32)
    plain = make_plain(basic_network(), images, silent_channels=False)
    made = full(plain)
    fits = convert_by_least_squares(made, plain, [images], 3)
    patches = nn.functional.unfold(images, 7, padding=3, stride=2).transpose(1, 2).flatten(0, 1)
    x: NDArray[np.float64] = (patches - patches.mean(1, keepdim=True)).numpy()
    y = plain.bn1(plain.conv1(images)).permute(0, 2, 3, 1).flatten(0, 2).numpy()
    x, y = x - x.mean(0), y - y.mean(0)
    scale = plain.bn1.weight / torch.sqrt(plain.bn1.running_var + plain.bn1.eps)  # type: ignore[operator]
    filters = plain.conv1.weight * scale.view(-1, 1, 1, 1)
    start = (filters - filters.mean((1, 2, 3), keepdim=True)).flatten(1).numpy().T
    xx = x.T @ x
    ridge = 1e-3 * np.trace(xx) / len(xx) * np.eye(len(xx))
    fitted = start + np.linalg.solve(xx + ridge, x.T @ (y - x @ start))
    expected = 1 - np.square(y - x @ fitted).sum() / np.square(y).sum()
    # The converted layer's output at all positions, of which it saw a random sample.
    output = made.bn1(made.conv1(images)).permute(0, 2, 3, 1).flatten(0, 2).numpy()
    found = 1 - np.square(y - (output - output.mean(0))).sum() / np.square(y).sum()
    assert found == pytest.approx(expected, abs=0.01)
    assert fits["conv1"] == pytest.approx(expected, abs=0.02)
    assert expected < 0.98, "choose images for which the fit is not exact"


@torch.no_grad()
def test_it_depends_on_the_seed_alone() -> None:
    torch.manual_seed(1)
    images = make_images(count=8)
    plain = make_plain(basic_network(), images, silent_channels=False)
    first, again, other = full(plain), full(plain), full(plain)
    for network, seed in ((first, 3), (again, 3), (other, 4)):
        convert_by_least_squares(network, plain, images.split(4), seed)
    assert torch.equal(first.conv1.weight, again.conv1.weight)
    assert not torch.equal(first.conv1.weight, other.conv1.weight)


@torch.no_grad()
def test_dead_filters_and_constant_images() -> None:
    torch.manual_seed(1)
    images = make_images(count=4)
    plain = make_plain(basic_network(), images, silent_channels=False)
    plain.conv1.weight[:2] = 0
    plain.bn1.weight[0] = plain.bn1.bias[0] = 0
    for batches in ([images], [torch.zeros_like(images)], []):
        made = full(plain)
        fits = convert_by_least_squares(made, plain, batches, 3)
        assert made(images).isfinite().all()
        assert all(parameter.isfinite().all() for parameter in made.parameters())
        if batches and not batches[0].any():
            assert math.isnan(fits["conv1"])


@torch.no_grad()
@pytest.mark.skipif(not (SCENES.is_dir() and WEIGHTS.is_file()), reason=MISSING)
def test_it_restores_pretrained_weights() -> None:
    """On few small photographs and without the last stages, whose filters take longest."""
    settings = TrainSettings(architecture="ws_resnet18", ws_kind="full", weights=str(WEIGHTS))
    images = load_photographs(72, edge=96)
    plain, fitted = (make(settings, 5).backbone for make in (plain_model, initial_model))
    for network in (plain, fitted):
        network.layer3, network.layer4 = nn.Sequential(), nn.Sequential()
    reestimated = copy.deepcopy(fitted)
    train, others = images[:64], images[64:]
    reestimate_batch_norms(reestimated, [train])
    fits = convert_by_least_squares(fitted, plain, train.split(16), 3)
    assert len(fits) == 10
    assert min(fits.values()) > 0.5
    assert deviation(fitted, plain, others) < 0.5 * deviation(reestimated, plain, others)


def load_photographs(count: int, edge: int) -> Tensor:
    """Returns the first training images of the scenes as (N, 3, edge, edge)."""
    preprocessing = Preprocessing(edge, edge)
    ids = read_split(SCENES, "train").image_ids[:count]
    pixels = [
        crop_pixels(load_pixels(image_path(SCENES, item), preprocessing), preprocessing, View(0))
        for item in ids
    ]
    return normalize(torch.stack(pixels), preprocessing)
