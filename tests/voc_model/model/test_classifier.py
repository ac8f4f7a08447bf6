"""The classifier equals torchvision's ResNet18 up to the last layer; other weights are refused."""

from pathlib import Path
from urllib.error import URLError

import pytest
import torch
from torchvision.models import ResNet18_Weights, resnet18

from voc_model.errors import CheckpointError
from voc_model.model.classifier import Classifier, load_backbone, read_pretrained


def load(path: Path, output: str = "sigmoid") -> Classifier:
    model = Classifier(4, output)  # type: ignore[arg-type]
    load_backbone(model, read_pretrained(str(path)), str(path))
    return model.eval()


def save(path: Path, state: dict[str, object]) -> Path:
    torch.save(state, path)
    return path


@torch.no_grad()
def test_features_equal_torchvisions(weights_path: Path) -> None:
    reference = resnet18(weights=None)
    reference.load_state_dict(torch.load(weights_path, weights_only=True))
    reference.fc = torch.nn.Identity()
    images = torch.randn(2, 3, 64, 64)
    features = load(weights_path).backbone(images)
    torch.testing.assert_close(features, reference.eval()(images), rtol=0, atol=0)


@torch.no_grad()
@pytest.mark.parametrize("output", ["sigmoid", "logits"])
def test_predictions_are_sigmoid_scores_for_both_outputs(weights_path: Path, output: str) -> None:
    model = load(weights_path, output)
    images = torch.randn(3, 3, 32, 32)
    logits = model.head(model.backbone(images))
    torch.testing.assert_close(model.predict(images), torch.sigmoid(logits))
    expected = logits if output == "logits" else torch.sigmoid(logits)
    torch.testing.assert_close(model(images), expected)
    assert model(images).shape == (3, 4)


def test_weights_without_batch_counters_are_accepted(weights_path: Path, tmp_path: Path) -> None:
    state = torch.load(weights_path, weights_only=True)
    old = {key: value for key, value in state.items() if "num_batches" not in key}
    load(save(tmp_path / "old.pth", old))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"conv1.weight": torch.zeros(64, 1, 7, 7)}, r"conv1.weight is \(64, 1, 7, 7\), expected"),
        ({"layer9.weight": torch.zeros(1)}, "unexpected tensor layer9.weight"),
        ({"bn1.weight": torch.full((64,), torch.inf)}, "bn1.weight has values that are not finite"),
        ({"format_version": 1}, "a checkpoint of this tool"),
        ({"epoch": 3}, r"found 'epoch': int, expected tensors by name\. .*--weights FILE"),
        ({3: torch.zeros(1)}, r"found 3: Tensor, expected tensors by name\. .*--weights FILE"),
    ],
)
def test_weights_of_another_model_are_refused(
    weights_path: Path, tmp_path: Path, change: dict[str, object], message: str
) -> None:
    state = torch.load(weights_path, weights_only=True)
    path = save(tmp_path / "other.pth", {**state, **change})
    with pytest.raises(CheckpointError, match=message) as caught:
        load(path)
    assert str(path) in str(caught.value)


def test_a_missing_tensor_is_reported(weights_path: Path, tmp_path: Path) -> None:
    state = torch.load(weights_path, weights_only=True)
    del state["layer2.0.conv1.weight"]
    with pytest.raises(CheckpointError, match=r"layer2\.0\.conv1\.weight is missing"):
        load(save(tmp_path / "part.pth", state))


def test_files_that_are_not_weights_are_refused(tmp_path: Path) -> None:
    for content in (b"no weights", b""):
        path = tmp_path / "x.pth"
        path.write_bytes(content)
        with pytest.raises(CheckpointError, match=r"x\.pth: damaged .*--weights FILE"):
            read_pretrained(str(path))
    with pytest.raises(CheckpointError, match=r"none\.pth: not found\. .*--weights FILE"):
        read_pretrained(str(tmp_path / "none.pth"))


def test_a_weights_file_cannot_run_code(tmp_path: Path) -> None:
    class Evil:
        def __reduce__(self) -> tuple[object, tuple[str]]:
            return Path.touch, (Path(tmp_path / "ran"),)  # type: ignore[return-value]

    path = save(tmp_path / "evil.pth", {"fc.weight": Evil()})
    with pytest.raises(CheckpointError):
        read_pretrained(str(path))
    assert not (tmp_path / "ran").exists()


def test_without_a_network_both_remedies_are_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_arguments: object, **_options: object) -> None:
        raise URLError("no network")

    monkeypatch.setattr(ResNet18_Weights, "get_state_dict", fail)
    with pytest.raises(CheckpointError, match=r"Connect this machine.*--weights FILE"):
        read_pretrained("imagenet")
