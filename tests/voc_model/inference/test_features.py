"""Features are computed once per combination of backbone, preprocessing and images."""

import os
from importlib.metadata import PackageNotFoundError
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from recorded_report import RecordedReport, Stage
from tiny_voc import train_paths

from voc_model.inference import devices
from voc_model.inference.devices import Compute
from voc_model.inference.features import compute_features, feature_key
from voc_model.inference.loading import ImageSet
from voc_model.model.classifier import Classifier, load_backbone, read_pretrained
from voc_model.model.preprocessing import (
    Preprocessing,
    View,
    central_views,
    crop_pixels,
    load_pixels,
    normalize,
)
from voc_model.model.setting_fields import FeatureDtype, Precision
from voc_model.model.weight_standardization import standardized

PREPROCESSING = Preprocessing(resize=40, crop=32)


def make_model(weights_path: Path) -> Classifier:
    model = Classifier(3)
    load_backbone(model, read_pretrained(str(weights_path)), "weights")
    return model


def image_set(paths: list[Path], views: list[View] | None = None) -> ImageSet:
    views = central_views(range(len(paths))) if views is None else views
    return ImageSet(tuple(paths), tuple(views))


def compute(
    model: Classifier, images: ImageSet, cache_dir: Path, dtype: FeatureDtype = "float32"
) -> tuple[NDArray[np.float32], dict[int, str], Stage]:
    """Returns the features, the unreadable rows, and the reported stage."""
    report = RecordedReport()
    rows = compute_features(
        model, images, PREPROCESSING, dtype, cache_dir, Compute(torch.device("cpu")), "features",
        report,
    )  # fmt: skip
    assert rows is not None
    (stage,) = report.stages
    return *rows, stage


@torch.no_grad()
def test_features_are_those_of_the_backbone_in_evaluation_mode(
    shared_voc_dir: Path, weights_path: Path, tmp_path: Path
) -> None:
    model = make_model(weights_path).train()
    paths = train_paths(shared_voc_dir)
    values, unreadable, _ = compute(model, image_set(paths), tmp_path)
    pixels = [
        crop_pixels(load_pixels(path, PREPROCESSING), PREPROCESSING, View(0)) for path in paths
    ]
    expected = (
        make_model(weights_path).eval().backbone(normalize(torch.stack(pixels), PREPROCESSING))
    )
    np.testing.assert_allclose(values, expected.numpy(), rtol=1e-4, atol=1e-5)
    assert unreadable == {}


def test_cached_features_are_reused(
    shared_voc_dir: Path, weights_path: Path, tmp_path: Path
) -> None:
    paths = train_paths(shared_voc_dir)
    first, _, stage = compute(make_model(weights_path), image_set(paths), tmp_path)
    assert (stage.done, stage.reused) == (20, 0)
    second, _, stage = compute(make_model(weights_path), image_set(paths), tmp_path)
    assert (stage.done, stage.reused) == (20, 20)
    np.testing.assert_array_equal(first, second)


def test_unreadable_images_are_nan_and_reported_also_from_the_cache(
    own_voc_dir: Path, weights_path: Path, tmp_path: Path
) -> None:
    paths = train_paths(own_voc_dir)
    paths[4].write_bytes(b"no image")
    for _ in range(2):
        values, unreadable, _ = compute(
            make_model(weights_path), image_set(paths), tmp_path / "cache"
        )
        assert list(unreadable) == [4]
        assert np.isnan(values[4]).all()
        assert not np.isnan(np.delete(values, 4, axis=0)).any()


def key_of(
    model: Classifier,
    paths: list[Path],
    preprocessing: Preprocessing = PREPROCESSING,
    precision: Precision = "float32",
    dtype: FeatureDtype = "float32",
    flip: bool = False,
    device: str = "cpu",
) -> str:
    views = [View(row, flip=flip) for row in range(len(paths))]
    compute = Compute(torch.device(device), precision)
    return feature_key(model, image_set(paths, views), preprocessing, compute, dtype)


def test_the_key_depends_on_everything_that_features_depend_on(
    own_voc_dir: Path, weights_path: Path
) -> None:
    paths = train_paths(own_voc_dir)
    model = make_model(weights_path)
    keys = [key_of(model, paths)]
    keys.append(key_of(model, paths, Preprocessing(resize=48, crop=32)))
    keys.append(key_of(model, paths, precision="bfloat16"))
    keys.append(key_of(model, paths, device="cuda"))
    keys.append(key_of(model, paths, dtype="float16"))
    keys.append(key_of(model, paths, flip=True))
    keys.append(key_of(model, paths[1:]))
    for kind in ("scale", "full"):
        standardised = standardized(model, kind)  # type: ignore[arg-type]
        keys.append(key_of(standardised, paths))
    os.utime(paths[0], (1, 1))
    keys.append(key_of(model, paths))
    paths[0].unlink()
    keys.append(key_of(model, paths))
    with torch.no_grad():
        next(model.backbone.parameters()).view(-1)[0] += 1e-3
    keys.append(key_of(model, paths))
    assert len(set(keys)) == len(keys)


def test_the_key_does_not_depend_on_the_head(shared_voc_dir: Path, weights_path: Path) -> None:
    left, right = make_model(weights_path), make_model(weights_path)
    with torch.no_grad():
        right.head.weight.add_(1)
    paths = train_paths(shared_voc_dir)
    assert key_of(left, paths) == key_of(right, paths)


def test_float16_halves_the_cache_and_rounds_the_features(
    own_voc_dir: Path, weights_path: Path, tmp_path: Path
) -> None:
    paths = train_paths(own_voc_dir)
    paths[4].write_bytes(b"no image")
    model = make_model(weights_path)
    whole, _, _ = compute(model, image_set(paths), tmp_path / "whole")
    half, unreadable, _ = compute(model, image_set(paths), tmp_path / "half", "float16")
    assert half.dtype == np.float32
    np.testing.assert_allclose(half, whole, rtol=2**-11, atol=1e-7)
    assert not np.array_equal(half, whole, equal_nan=True)
    assert list(unreadable) == [4]
    values = {
        name: sum(np.load(path)["values"].nbytes for path in (tmp_path / name).rglob("*.npz"))
        for name in ("whole", "half")
    }
    assert values["half"] * 2 == values["whole"]


@torch.no_grad()
def test_every_view_of_an_image_has_its_own_features(
    own_voc_dir: Path, weights_path: Path, tmp_path: Path
) -> None:
    paths = train_paths(own_voc_dir)[:3]
    paths[1].write_bytes(b"no image")
    views = [View(row, flip=flip) for flip in (False, True) for row in range(3)]
    model = make_model(weights_path)
    values, unreadable, _ = compute(model, image_set(paths, views), tmp_path / "cache")
    assert list(unreadable) == [1]
    assert np.isnan(values[[1, 4]]).all()
    for index in (0, 2, 3, 5):
        pixels = load_pixels(paths[views[index].row], PREPROCESSING)
        image = normalize(crop_pixels(pixels, PREPROCESSING, views[index])[None], PREPROCESSING)
        expected = make_model(weights_path).eval().backbone(image)[0]
        np.testing.assert_allclose(values[index], expected.numpy(), rtol=1e-4, atol=1e-5)


def test_a_gpu_needs_no_openvino(
    shared_voc_dir: Path, weights_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def version(name: str) -> str:
        if name == "openvino":
            raise PackageNotFoundError(name)
        return "1.0"

    monkeypatch.setattr(devices, "version", version)
    arguments = (make_model(weights_path), image_set(train_paths(shared_voc_dir)), PREPROCESSING)
    feature_key(*arguments, Compute(torch.device("cuda")), "float32")
    with pytest.raises(PackageNotFoundError):
        feature_key(*arguments, Compute(torch.device("cpu")), "float32")
