"""The fast backbone computes the exact one's features, or falls back to it."""

import copy

import pytest
import torch
from recorded_report import RecordedReport
from torch import Tensor, nn

from voc_model.inference import backbone as backbone_module
from voc_model.inference.backbone import (
    TOLERANCE,
    FastBackbone,
    Network,
    digest_network,
    fold,
)
from voc_model.model.architectures import make_backbone
from voc_model.model.classifier import Classifier
from voc_model.model.setting_fields import Precision, WeightStandardization
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

    def watch(network: nn.Module, precision: Precision, size: torch.Size) -> Network:
        compiled.append(precision)
        return compile_for_cpu(network, precision, size)

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


class Reordered(nn.Module):
    """Batch normalisations that no convolution can take over, but for the one of `plain`.

    Attributes in an order that is not that of the computation, as in DenseNet.
    """

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 3, 1)
        self.before = nn.BatchNorm2d(3)
        self.nonlinear, self.after_relu = nn.Conv2d(3, 3, 1), nn.BatchNorm2d(3)
        self.residual, self.of_residual = nn.Conv2d(3, 3, 1), nn.BatchNorm2d(3)
        self.shared, self.of_shared = nn.Conv2d(3, 3, 1), nn.BatchNorm2d(3)
        self.of_plain = nn.BatchNorm2d(3)
        self.plain = nn.Conv2d(3, 3, 1)

    def forward(self, images: Tensor) -> Tensor:
        maps = self.conv(self.before(images))
        maps = self.after_relu(self.nonlinear(maps).relu())
        maps = self.residual(maps)
        maps = maps + self.of_residual(maps)
        maps = self.shared(self.of_shared(self.shared(maps)))
        maps = self.of_plain(self.plain(maps))
        return maps.mean((2, 3))


def randomize(network: nn.Module) -> nn.Module:
    for part in network.modules():
        if isinstance(part, nn.BatchNorm2d):
            part.running_mean.uniform_(-0.5, 0.5)  # type: ignore[union-attr]
            part.running_var.uniform_(0.2, 3)  # type: ignore[union-attr]
            nn.init.uniform_(part.weight, 0.5, 1.5)
    return network.double().eval()


@torch.no_grad()
def test_only_what_directly_follows_a_convolution_is_folded(images: Tensor) -> None:
    network = randomize(Reordered())
    folded = fold(network)
    left = {name for name, part in folded.named_modules() if isinstance(part, nn.BatchNorm2d)}
    assert left == {"before", "after_relu", "of_residual", "of_shared"}
    torch.testing.assert_close(
        folded(images.double()), network(images.double()), rtol=1e-12, atol=1e-12
    )


@torch.no_grad()
@pytest.mark.parametrize("name", ["densenet121", "mobilenet_v3_small"])
def test_folding_other_networks_is_exact(images: Tensor, name: str) -> None:
    network = randomize(make_backbone(name)[0])
    folded = fold(network)
    norms, left = (
        sum(isinstance(part, nn.BatchNorm2d) for part in made.modules())
        for made in (network, folded)
    )
    assert left < norms
    few = images[:2, :, :32, :32].double()
    torch.testing.assert_close(folded(few), network(few), rtol=1e-8, atol=1e-8)


@torch.no_grad()
def test_a_network_whose_code_cannot_be_followed_is_not_folded(images: Tensor) -> None:
    class Conditional(Reordered):
        def forward(self, images: Tensor) -> Tensor:
            return super().forward(images if images.sum() > 0 else -images)

    network = randomize(Conditional())
    assert torch.equal(fold(network)(images.double()), network(images.double()))


@torch.no_grad()
def test_stages_and_poolings_are_computed_as_exactly(
    images: Tensor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backbone_module, "_COMPILED", {})
    for pooling in ("average+max", "gem", "lse"):
        network, _ = make_backbone("resnet18", pooling, ["layer1", "layer3"])
        fast = FastBackbone(network, "float32")
        fast(images)
        assert fast.deviation is not None
        assert 0 < fast.deviation < 1e-4, "computed by OpenVINO"
    assert len(backbone_module._COMPILED) == 2


def test_networks_that_differ_in_pooling_or_stages_have_digests_of_their_own() -> None:
    networks = [
        make_backbone("resnet18", pooling, stages)[0]
        for pooling in ("average", "max", "average+max", "gem", "lse")
        for stages in (["layer4"], ["layer2", "layer4"], ["layer3", "layer4"])
    ]
    for network in networks:
        network.load_state_dict(networks[0].state_dict())
    assert len({digest_network(network) for network in networks}) == len(networks)


@torch.no_grad()
def test_pytorch_computes_what_openvino_cannot(
    images: Tensor, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Unsupported(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.conv = nn.Conv2d(3, 3, 1)

        def forward(self, images: Tensor) -> Tensor:
            sizes = torch.linalg.eigvalsh(images[..., :3, :3] @ images[..., :3, :3].mT)
            return self.conv(images).mean((2, 3)) + sizes.sum(2)

    monkeypatch.setattr(backbone_module, "_COMPILED", {})
    report = RecordedReport()
    network = Unsupported().eval()
    fast = FastBackbone(network, "float32", report)
    torch.testing.assert_close(fast(images), network(images))
    torch.testing.assert_close(fast(images[:5]), network(images[:5]))
    (warning,) = report.warnings
    assert warning.startswith("OpenVINO cannot compute this network (")
    assert warning.endswith("): PyTorch is used, more slowly")
