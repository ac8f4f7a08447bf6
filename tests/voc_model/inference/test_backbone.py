"""The fast backbone computes the exact one's features, or falls back to it."""

import copy

import pytest
import torch
from recorded_report import RecordedReport
from torch import Tensor, nn

from voc_model.inference import backbone as backbone_module
from voc_model.inference.backbone import TOLERANCE, FastBackbone, Network, fold
from voc_model.model.classifier import Classifier
from voc_model.model.settings import Precision, WeightStandardization
from voc_model.model.weight_standardization import standardized


@pytest.fixture
def backbone() -> nn.Module:
    """A backbone with batch statistics far from 0 and 1, as after real training."""
    torch.manual_seed(1)
    backbone = Classifier(3).backbone
    for part in backbone.modules():
        if isinstance(part, nn.BatchNorm2d):
            part.running_mean.uniform_(-0.5, 0.5)  # type: ignore[union-attr]
            part.running_var.uniform_(0.2, 3)  # type: ignore[union-attr]
            nn.init.uniform_(part.weight, 0.5, 1.5)
            nn.init.uniform_(part.bias, -0.5, 0.5)
    return backbone


@pytest.fixture
def images() -> Tensor:
    return torch.randn(12, 3, 64, 64, generator=torch.Generator().manual_seed(2))


@torch.no_grad()
def test_folding_is_exact(backbone: nn.Module, images: Tensor) -> None:
    exact = backbone.double().eval()
    folded = fold(exact)
    assert not any(isinstance(part, nn.BatchNorm2d) for part in folded.modules())
    torch.testing.assert_close(
        folded(images.double()), exact(images.double()), rtol=1e-12, atol=1e-12
    )


@pytest.mark.parametrize("kind", ["scale", "full"])
@torch.no_grad()
def test_weight_standardised_convolutions_are_folded(
    backbone: nn.Module, images: Tensor, kind: WeightStandardization
) -> None:
    plain = Classifier(3)
    plain.backbone.load_state_dict(backbone.state_dict())
    exact = standardized(plain, kind).double().eval().backbone
    folded = fold(exact)
    assert {type(part) for part in folded.modules() if isinstance(part, nn.Conv2d)} == {nn.Conv2d}
    torch.testing.assert_close(
        folded(images.double()), exact(images.double()), rtol=1e-10, atol=1e-10
    )


@pytest.mark.parametrize(("precision", "limit"), [("float32", 1e-5), ("bfloat16", 0.03)])
@torch.no_grad()
def test_features_are_those_of_evaluation_mode(
    backbone: nn.Module, images: Tensor, precision: Precision, limit: float
) -> None:
    before = copy.deepcopy(backbone.state_dict())
    report = RecordedReport()
    fast = FastBackbone(backbone.train(), precision, report)
    features = [fast(part) for part in images.split(8)]
    exact = backbone.eval()(images)
    deviation = (torch.cat(features) - exact).norm() / exact.norm()
    assert all(part.dtype == torch.float32 for part in features)
    assert deviation < limit
    assert fast.agrees
    assert report.warnings == []
    for name, value in backbone.state_dict().items():
        assert torch.equal(value, before[name]), "the exact backbone is not changed"


@pytest.mark.parametrize("damage", [float("nan"), float("inf"), 5.0])
@torch.no_grad()
def test_falls_back_to_the_exact_backbone_on_disagreement(
    backbone: nn.Module, images: Tensor, damage: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backbone_module, "_COMPILED", {})
    monkeypatch.setattr(
        "voc_model.inference.backbone.compile_for_cpu",
        lambda network, *_options: lambda images: network(images) * 0 + damage,
    )
    report = RecordedReport()
    fast = FastBackbone(backbone, "bfloat16", report)
    assert torch.equal(fast(images), backbone(images))
    assert torch.equal(fast(images[:2]), backbone(images[:2]))
    assert not fast.agrees
    (warning,) = report.warnings
    assert "bfloat16" in warning
    assert str(TOLERANCE) in warning


@torch.no_grad()
def test_a_network_is_compiled_once_per_weights(
    backbone: nn.Module, images: Tensor, monkeypatch: pytest.MonkeyPatch
) -> None:
    compiled = []
    compile_for_cpu = backbone_module.compile_for_cpu

    def watch(network: nn.Module, precision: Precision) -> Network:
        compiled.append(precision)
        return compile_for_cpu(network, precision)

    monkeypatch.setattr(backbone_module, "compile_for_cpu", watch)
    monkeypatch.setattr(backbone_module, "_COMPILED", {})
    first = FastBackbone(backbone, "float32")(images)
    assert torch.equal(FastBackbone(copy.deepcopy(backbone), "float32")(images), first)
    assert len(compiled) == 1
    for parameter in backbone.parameters():
        parameter.mul_(0.9)
    assert not torch.equal(FastBackbone(backbone, "float32")(images), first)
    FastBackbone(backbone, "bfloat16")(images)
    assert len(compiled) == 3
    assert len(backbone_module._COMPILED) == 2
