"""`scale` does not change the network's function: in evaluation to 1e-12, in training up to eps."""

import copy
from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

from voc_model.model.classifier import Classifier, load_backbone, read_pretrained
from voc_model.model.setting_fields import Conversion
from voc_model.model.weight_standardization import (
    WeightStandardizedConv2d,
    convert_batch_norms,
    reestimate_batch_norms,
    standardize_weights,
    standardized,
)


@torch.no_grad()
def randomize_statistics(network: nn.Module, inputs: Tensor, faint: bool = True) -> None:
    """Gives filters and batch normalisations values like those of a pretrained network.

    Running statistics roughly match the activations; gamma and beta vary. With `faint`, the outputs
    of the first filters of each convolution have variances near eps, for which dividing only
    running_var by n^2 is wrong.
    """
    for part in network.modules():
        if isinstance(part, nn.Conv2d) and faint:
            part.weight[:4] *= torch.tensor([1e-4, 1e-3, 1e-2, 1e-1]).view(-1, 1, 1, 1)
        elif isinstance(part, nn.BatchNorm2d):
            nn.init.uniform_(part.weight, 0.2, 1.5)
            nn.init.normal_(part.bias, 0, 0.3)
    reestimate_batch_norms(network, [inputs])
    for norm in norms(network):
        assert norm.running_mean is not None and norm.running_var is not None
        norm.running_mean += 0.1 * torch.randn_like(norm.running_mean) * norm.running_var.sqrt()
        norm.running_var *= torch.empty_like(norm.running_var).uniform_(0.7, 1.4)


def plain_model(faint: bool = True) -> Classifier:
    torch.manual_seed(3)
    model = Classifier(5).double()
    randomize_statistics(model.backbone, images(8), faint)
    return model.eval()


def images(count: int = 2, edge: int = 48) -> Tensor:
    return torch.randn(count, 3, edge, edge, dtype=torch.float64, generator=torch.manual_seed(5))


def convolutions(model: nn.Module) -> list[nn.Conv2d]:
    return [part for part in model.modules() if isinstance(part, nn.Conv2d)]


@pytest.mark.parametrize("kind", ["scale", "full"])
def test_every_convolution_is_replaced_and_keeps_its_weights(kind: str) -> None:
    plain = plain_model()
    made = standardized(plain, kind)  # type: ignore[arg-type]
    assert len(convolutions(made)) == len(convolutions(plain)) == 20
    for left, right in zip(convolutions(plain), convolutions(made), strict=True):
        assert type(right) is WeightStandardizedConv2d
        assert torch.equal(left.weight, right.weight)
        assert (left.stride, left.padding) == (right.stride, right.padding)
    assert made.state_dict().keys() == plain.state_dict().keys()


@torch.no_grad()
@pytest.mark.parametrize("conversion", ["running_statistics", "scale_and_shift"])
def test_scale_gives_the_same_scores_in_evaluation(conversion: Conversion) -> None:
    plain = plain_model()
    made = standardized(plain, "scale", conversion).eval()
    features = plain.backbone(images())
    assert 0.1 < features.abs().max() < 100  # dead features would be equal trivially
    torch.testing.assert_close(made.backbone(images()), features, rtol=0, atol=1e-12)
    torch.testing.assert_close(made.predict(images()), plain.predict(images()), rtol=0, atol=1e-12)


@torch.no_grad()
def test_each_variant_alters_its_part_of_the_batch_normalisation() -> None:
    plain = plain_model()
    statistics, scale = (
        norms(standardized(plain, "scale", conversion))
        for conversion in ("running_statistics", "scale_and_shift")
    )
    for before, a, b in zip(norms(plain), statistics, scale, strict=True):
        for name in ("weight", "bias"):
            assert torch.equal(getattr(before, name), getattr(a, name))
            assert not torch.equal(getattr(before, name), getattr(b, name))
        for name in ("running_mean", "running_var"):
            assert not torch.equal(getattr(before, name), getattr(a, name))
            assert torch.equal(getattr(before, name), getattr(b, name))


@torch.no_grad()
def test_only_running_statistics_survive_training_mode() -> None:
    """The batch's statistics cancel n; in gamma and beta it stays."""
    plain = plain_model(faint=False).train()
    expected = plain.backbone(images(8))
    found = {
        conversion: standardized(plain, "scale", conversion).train().backbone(images(8))
        for conversion in ("running_statistics", "scale_and_shift")
    }
    deviations = {
        name: float((features - expected).norm() / expected.norm())
        for name, features in found.items()
    }
    assert deviations["running_statistics"] < 1e-3
    assert deviations["scale_and_shift"] > 0.5


@torch.no_grad()
def test_without_a_conversion_only_the_convolutions_change() -> None:
    plain = plain_model()
    made = standardized(plain, "scale", "none").eval()
    for name, tensor in plain.state_dict().items():
        assert torch.equal(tensor, made.state_dict()[name]), name
    difference = made.backbone(images()) - plain.backbone(images())
    assert difference.abs().max() > 1


@torch.no_grad()
def test_dividing_only_the_variance_changes_the_features() -> None:
    plain = plain_model()
    naive = standardized(plain, "scale").eval()
    for conv, before, after in zip(convolutions(naive), norms(plain), norms(naive), strict=True):
        assert isinstance(conv, WeightStandardizedConv2d)
        assert before.running_var is not None
        after.running_var = before.running_var / conv.deviation().square()
    difference = (naive.backbone(images()) - plain.backbone(images())).abs().max()
    assert difference > 1e-3


def norms(model: nn.Module) -> list[nn.BatchNorm2d]:
    return [part for part in model.modules() if isinstance(part, nn.BatchNorm2d)]


@torch.no_grad()
def test_scale_is_exact_with_weights_from_a_file(weights_path: Path) -> None:
    plain = Classifier(3)
    load_backbone(plain, read_pretrained(str(weights_path)), "weights")
    plain = plain.double().eval()
    made = standardized(plain, "scale").eval()
    torch.testing.assert_close(made.backbone(images()), plain.backbone(images()), rtol=0, atol=1e-9)


@torch.no_grad()
def test_the_original_network_is_not_changed() -> None:
    plain = plain_model()
    before = copy.deepcopy(plain.state_dict())
    standardized(plain, "scale")
    for name, tensor in plain.state_dict().items():
        assert torch.equal(tensor, before[name]), name


def test_scale_trains_like_the_original() -> None:
    """With a negligible eps both are the same function of the filters: same loss, same steps."""
    # With faint filters eps would not be negligible: their variances are about as small.
    plain = plain_model(faint=False)
    for norm in norms(plain):
        norm.eps = 1e-14
    made = standardized(plain, "scale")
    for norm in norms(made):
        norm.eps = 1e-14
    losses = [train_steps(model, steps=3) for model in (plain, made)]
    assert losses[0][0] != pytest.approx(losses[0][2], rel=1e-3)  # the weights have changed
    assert losses[0] == pytest.approx(losses[1], rel=1e-6)
    for left, right in zip(plain.parameters(), made.parameters(), strict=True):
        torch.testing.assert_close(left, right, rtol=1e-5, atol=1e-7)


def train_steps(model: Classifier, steps: int) -> list[float]:
    model.train()
    optimizer = torch.optim.SGD(model.parameters(), 0.05)
    targets = (images(4, 32).mean((1, 2, 3)) > 0).double()[:, None].expand(4, 5)
    losses = []
    for _ in range(steps):
        loss = nn.functional.binary_cross_entropy(model(images(4, 32)), targets)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses


def test_filters_have_unit_variance_and_with_full_zero_mean() -> None:
    conv = nn.Conv2d(8, 16, 3, bias=False)
    for kind, has_zero_mean in (("scale", False), ("full", True)):
        made = WeightStandardizedConv2d.from_conv(conv, kind, 1e-12)  # type: ignore[arg-type]
        filters = made.standardized_weight()
        torch.testing.assert_close(filters.var((1, 2, 3), correction=0), torch.ones(16))
        assert (filters.mean((1, 2, 3)).abs().max() < 1e-6).item() is has_zero_mean


@torch.no_grad()
@pytest.mark.parametrize("groups", [1, 2])
def test_convolutions_with_bias_and_groups_are_converted(groups: int) -> None:
    plain = nn.Sequential(
        nn.Conv2d(4, 8, 3, stride=2, dilation=2, groups=groups), nn.BatchNorm2d(8)
    )
    inputs = torch.randn(2, 4, 16, 16, dtype=torch.float64)
    plain = plain.double()
    randomize_statistics(plain, inputs)
    plain.eval()
    made = copy.deepcopy(plain)
    standardize_weights(made, "scale")
    convert_batch_norms(made)
    torch.testing.assert_close(made(inputs), plain(inputs), rtol=0, atol=1e-12)


def test_a_convolution_without_batch_norm_is_refused() -> None:
    bare = nn.Sequential(nn.Conv2d(3, 4, 1), nn.Conv2d(4, 4, 1), nn.BatchNorm2d(4))
    standardize_weights(bare, "scale")
    with pytest.raises(ValueError, match="no batch normalisation"):
        convert_batch_norms(bare)
    last = nn.Sequential(nn.BatchNorm2d(3), nn.Conv2d(3, 4, 1))
    standardize_weights(last, "scale")
    with pytest.raises(ValueError, match="no batch normalisation"):
        convert_batch_norms(last)


@torch.no_grad()
def test_reestimated_statistics_are_averages_over_the_batches() -> None:
    network = nn.Sequential(nn.Conv2d(3, 4, 1), nn.BatchNorm2d(4, momentum=0.3)).eval()
    batches = [torch.randn(6, 3, 5, 5) * scale for scale in (1, 3)]
    reestimate_batch_norms(network, batches)
    norm = network[1]
    assert isinstance(norm, nn.BatchNorm2d)
    outputs = [network[0](batch) for batch in batches]
    mean = torch.stack([item.mean((0, 2, 3)) for item in outputs]).mean(0)
    variance = torch.stack([item.var((0, 2, 3)) for item in outputs]).mean(0)
    torch.testing.assert_close(norm.running_mean, mean)
    torch.testing.assert_close(norm.running_var, variance)
    assert not network.training
    assert norm.momentum == 0.3
