"""Features are computed once for each combination of backbone, preprocessing and images."""

import os
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from voc_model.annotations import image_path, read_split
from voc_model.features import compute_features, feature_key
from voc_model.progress import Progress
from voc_model.resnet import ResNet18, load_backbone, read_pretrained
from voc_model.transforms import Preprocessing, View, crop_pixels, load_pixels, normalize
from voc_model.weight_standardization import WeightStandardizedResNet18

PREPROCESSING = Preprocessing(resize=40, crop=32)


def make_model(weights_path: Path) -> ResNet18:
    model = ResNet18(3)
    load_backbone(model, read_pretrained(str(weights_path)), "weights")
    return model


def paths_of(voc_dir: Path) -> list[Path]:
    return [image_path(voc_dir, image_id) for image_id in read_split(voc_dir, "train").image_ids]


def compute(
    model: ResNet18, paths: list[Path], cache_dir: Path
) -> tuple[NDArray[np.float32], dict[int, str], Progress]:
    """Returns the features, the unreadable rows and the last progress."""
    work = compute_features(
        model, paths, PREPROCESSING, "float32", cache_dir, torch.device("cpu"), 0, "features"
    )
    while True:
        try:
            event = next(work)
            assert isinstance(event, Progress)
            last = event
        except StopIteration as stop:
            return *stop.value, last


@torch.no_grad()
def test_features_are_those_of_the_backbone_in_evaluation(
    shared_voc_dir: Path, weights_path: Path, tmp_path: Path
) -> None:
    model = make_model(weights_path).train()
    paths = paths_of(shared_voc_dir)
    values, unreadable, _ = compute(model, paths, tmp_path)
    pixels = [
        crop_pixels(load_pixels(path, PREPROCESSING), PREPROCESSING, View(0)) for path in paths
    ]
    expected = (
        make_model(weights_path).eval().backbone(normalize(torch.stack(pixels), PREPROCESSING))
    )
    np.testing.assert_allclose(values, expected.numpy(), rtol=1e-4, atol=1e-5)
    assert unreadable == {}


def test_a_second_time_nothing_is_computed(
    shared_voc_dir: Path, weights_path: Path, tmp_path: Path
) -> None:
    paths = paths_of(shared_voc_dir)
    first, _, progress = compute(make_model(weights_path), paths, tmp_path)
    assert (progress.done, progress.reused) == (20, 0)
    second, _, progress = compute(make_model(weights_path), paths, tmp_path)
    assert (progress.done, progress.reused) == (20, 20)
    np.testing.assert_array_equal(first, second)


def test_unreadable_images_are_nan_and_named_from_the_cache_too(
    own_voc_dir: Path, weights_path: Path, tmp_path: Path
) -> None:
    paths = paths_of(own_voc_dir)
    paths[4].write_bytes(b"no image")
    for _ in range(2):
        values, unreadable, _ = compute(make_model(weights_path), paths, tmp_path / "cache")
        assert list(unreadable) == [4]
        assert np.isnan(values[4]).all()
        assert not np.isnan(np.delete(values, 4, axis=0)).any()


def test_the_key_follows_everything_that_features_depend_on(
    own_voc_dir: Path, weights_path: Path
) -> None:
    paths = paths_of(own_voc_dir)
    model = make_model(weights_path)
    keys = [feature_key(model, paths, PREPROCESSING, "float32")]
    keys.append(feature_key(model, paths, Preprocessing(resize=48, crop=32), "float32"))
    keys.append(feature_key(model, paths, PREPROCESSING, "bfloat16"))
    keys.append(feature_key(model, paths[1:], PREPROCESSING, "float32"))
    for kind in ("scale", "full"):
        standardised = WeightStandardizedResNet18.from_resnet18(model, kind)  # type: ignore[arg-type]
        keys.append(feature_key(standardised, paths, PREPROCESSING, "float32"))
    os.utime(paths[0], (1, 1))
    keys.append(feature_key(model, paths, PREPROCESSING, "float32"))
    paths[0].unlink()
    keys.append(feature_key(model, paths, PREPROCESSING, "float32"))
    with torch.no_grad():
        next(model.backbone.parameters()).view(-1)[0] += 1e-3
    keys.append(feature_key(model, paths, PREPROCESSING, "float32"))
    assert len(set(keys)) == len(keys)


def test_the_head_does_not_alter_the_key(shared_voc_dir: Path, weights_path: Path) -> None:
    left, right = make_model(weights_path), make_model(weights_path)
    with torch.no_grad():
        right.head.weight.add_(1)
    paths = paths_of(shared_voc_dir)
    assert feature_key(left, paths, PREPROCESSING, "float32") == feature_key(
        right, paths, PREPROCESSING, "float32"
    )
