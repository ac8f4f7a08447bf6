"""Backbones compute what torchvision's networks give to their last layer."""

from collections.abc import Mapping, Sequence
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torchvision import models

from voc_model.model.architectures import (
    Stage,
    build_network,
    channel_statistics,
    check_architecture,
    check_backbone,
    imagenet_weights,
    list_architectures,
    make_backbone,
)
from voc_model.model.classifier import Classifier, load_backbone
from voc_model.model.pooling import Pooling

# The name of each network's last layer in torchvision, and a size of images that it takes.
LAST_LAYERS = {
    "convnext_tiny": ("classifier.2", 32),
    "densenet121": ("classifier", 32),
    "efficientnet_b0": ("classifier.1", 32),
    "googlenet": ("fc", 32),
    "mobilenet_v3_small": ("classifier.3", 32),
    "regnet_x_400mf": ("fc", 32),
    "resnet50": ("fc", 32),
    "shufflenet_v2_x0_5": ("fc", 32),
    "squeezenet1_1": ("classifier.1", 32),
}


def inputs_of_last_layer(network: nn.Module, name: str, images: Tensor) -> Tensor:
    seen = []
    network.get_submodule(name).register_forward_pre_hook(
        lambda _layer, inputs: seen.append(inputs[0])
    )
    network.eval()(images)
    (inputs,) = seen
    return inputs


def load(state: Mapping[str, Tensor], **options: Any) -> Classifier:
    """Returns a classifier with the weights of a complete network, made without random numbers."""
    with torch.device("meta"):
        model = Classifier(3, **options)
    model.to_empty(device="cpu")
    model.head.reset_parameters()
    load_backbone(model, state, "complete.pth")
    return model.eval()


@torch.no_grad()
@pytest.mark.parametrize("network", LAST_LAYERS)
def test_features_are_the_last_layers_inputs(network: str) -> None:
    """With the weights of a complete network, whose last layer has a name of its own."""
    name, size = LAST_LAYERS[network]
    # As with torchvision's weights of GoogLeNet, whose auxiliary outputs are in the file.
    options = {"transform_input": True, "init_weights": False} if network == "googlenet" else {}
    complete = models.get_model(network, weights=None, **options)
    images = torch.randn(2, 3, size, size, generator=torch.Generator().manual_seed(1))
    expected = inputs_of_last_layer(complete, name, images)
    if expected.ndim == 4:  # The last layer is a convolution, before the average.
        expected = expected.mean((2, 3))
    model = load(complete.state_dict(), network=network)
    torch.testing.assert_close(model.backbone(images), expected)
    assert model.head.in_features == expected.shape[1]
    assert model(images).shape == (2, 3)


def test_auxiliary_outputs_are_left_out_in_training() -> None:
    for network in ("googlenet", "inception_v3"):
        with torch.device("meta"):
            backbone, count = make_backbone(network)
            assert backbone.train()(torch.empty(2, 3, 96, 96)).shape == (2, count)


@pytest.mark.parametrize(
    ("network", "count"), [("vit_b_32", 768), ("vgg11", 4096), ("swin_t", 768)]
)
def test_large_networks_have_the_expected_features(network: str, count: int) -> None:
    check_backbone(network, "average", ("layer4",), (224, 224))
    with torch.device("meta"):
        assert make_backbone(network)[1] == count


@pytest.mark.parametrize(
    ("network", "pooling", "stages", "size", "message"),
    [
        ("vit_b_32", "average", ("layer4",), 96, "Expected 224 but got 96.*Set .* crop to the"),
        ("vgg11", "average", ("layer4",), 16, "no features of 16x16 pixels .*too small"),
        ("vgg11", "max", ("layer4",), 224, "vgg11 has none. Set pooling to 'average'"),
        ("densenet121", "gem", ("layer4",), 32, "densenet121 has none. Set pooling"),
        ("mobilenet_v3_small", "average+max", ("layer4",), 32, "Set pooling to 'average'"),
        ("vgg11", "average", ("layer3",), 224, "feature_layers are stages of ResNets; vgg11 is"),
    ],
)
def test_what_has_no_features_is_refused(
    network: str, pooling: Pooling, stages: tuple[Stage, ...], size: int, message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        check_backbone(network, pooling, stages, (size, size))


@torch.no_grad()
@pytest.mark.parametrize(
    ("pooling", "stages"),
    [
        ("average", ["layer3", "layer4"]),
        ("max", ["layer4"]),
        ("average+max", ["layer1", "layer4"]),
        ("gem", ["layer3"]),
        ("lse", ["layer2", "layer3"]),
    ],
)
def test_stages_are_pooled_and_joined(pooling: Pooling, stages: Sequence[Stage]) -> None:
    complete = models.resnet18(weights=None).eval()
    images = torch.randn(2, 3, 64, 96, generator=torch.Generator().manual_seed(1))
    expected = []
    maps = complete.maxpool(complete.relu(complete.bn1(complete.conv1(images))))
    for name in ("layer1", "layer2", "layer3", "layer4"):
        maps = complete.get_submodule(name)(maps)
        if name in stages:
            flat = maps.double().flatten(2)
            pooled = {
                "average": [flat.mean(2)],
                "max": [flat.max(2).values],
                "average+max": [flat.mean(2), flat.max(2).values],
                "gem": [(flat**3).mean(2) ** (1 / 3)],
                "lse": [(5 * flat).exp().mean(2).log() / 5],
            }
            expected += pooled[pooling]
    model = load(complete.state_dict(), pooling=pooling, stages=stages)
    features = model.backbone(images).double()
    torch.testing.assert_close(features, torch.cat(expected, 1), rtol=1e-4, atol=1e-5)
    assert model.head.in_features == features.shape[1]


def test_unused_stages_are_not_computed() -> None:
    backbone, count = make_backbone("resnet50", stages=["layer2"])
    assert count == 512
    assert isinstance(backbone.get_submodule("layer4"), nn.Identity)


@torch.no_grad()
def test_smooth_poolings_are_finite_for_any_features() -> None:
    for pooling in ("gem", "lse"):
        backbone, _ = make_backbone("efficientnet_b0", pooling)  # has negative features
        pool = backbone.get_submodule("avgpool")
        for maps in (torch.full((1, 2, 3, 3), -4.0), torch.full((1, 2, 3, 3), 1000.0)):
            pooled = pool(maps.requires_grad_(True))
            assert pooled.isfinite().all()
            torch.testing.assert_close(
                pooled,
                maps[..., :1, :1].clamp(min=-4 if pooling == "lse" else 0),
                atol=1e-3,
                rtol=1e-5,
            )


def test_names_are_torchvisions_and_ws_resnets() -> None:
    names = list_architectures()
    assert {"resnet18", "ws_resnet18", "ws_resnet50", "ws_resnext50_32x4d", "vit_b_16"} < {*names}
    assert "ws_densenet121" not in names
    assert "fcn_resnet50" not in names, "it segments"
    with pytest.raises(ValueError, match=r"e\.g\. 'resnet18'"):
        check_architecture("resnet81")


def test_imagenet_means_the_weights_trained_on_it_alone() -> None:
    assert imagenet_weights("resnet18") is models.ResNet18_Weights.IMAGENET1K_V1
    assert imagenet_weights("resnet50") is models.ResNet50_Weights.IMAGENET1K_V1
    with pytest.raises(ValueError, match="no weights of vit_h_14 trained on ImageNet-1K alone"):
        imagenet_weights("vit_h_14")


def test_channel_statistics_are_those_of_the_weights() -> None:
    assert channel_statistics("resnet18") == ((0.485, 0.456, 0.406), (0.229, 0.224, 0.225))
    assert channel_statistics("efficientnet_v2_l") == ((0.5,) * 3, (0.5,) * 3)


def test_networks_are_torchvisions_own() -> None:
    """The same random numbers give the same weights: seeds keep their meaning."""
    torch.manual_seed(5)
    expected = models.resnet18(weights=None).state_dict()
    torch.manual_seed(5)
    for name, tensor in build_network("resnet18").state_dict().items():
        assert torch.equal(tensor, expected[name])


def test_old_files_of_densenets_are_read() -> None:
    with torch.device("meta"):
        names = models.densenet121(weights=None).state_dict()
    renamed = {name.replace("norm1.", "norm.1."): name for name in names}
    assert renamed.keys() != names.keys()
    state = {old: torch.full(names[new].shape, 0.25) for old, new in renamed.items()}
    model = load(state, network="densenet121")
    assert all((tensor == 0.25).all() for name, tensor in model.backbone.named_parameters())
