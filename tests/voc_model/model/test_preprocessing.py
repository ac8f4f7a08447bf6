"""The preprocessing equals torchvision's reference transforms."""

import json
import math
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from torchvision import transforms

from voc_model.model.preprocessing import Preprocessing, View, crop_pixels, load_pixels, normalize
from voc_model.model.setting_fields import Size, pair
from voc_model.model.settings import TrainSettings


def save_noise(path: Path, width: int, height: int) -> Path:
    pixels = np.random.default_rng(width).integers(0, 256, (height, width, 3), dtype=np.uint8)
    Image.fromarray(pixels).save(path)
    return path


@pytest.mark.parametrize(("width", "height"), [(500, 375), (333, 500), (224, 224), (120, 85)])
def test_the_reference_recipe_equals_torchvisions(tmp_path: Path, width: int, height: int) -> None:
    path = save_noise(tmp_path / "noise.png", width, height)
    reference = transforms.Compose(
        [
            transforms.Resize(256),
            transforms.CenterCrop(224),
            transforms.ToTensor(),
            transforms.Normalize([0.485, 0.456, 0.406], [0.229, 0.224, 0.225]),
        ]
    )
    preprocessing = Preprocessing.from_settings(TrainSettings())
    cropped = crop_pixels(load_pixels(path, preprocessing), preprocessing, View(0))
    with Image.open(path) as image:
        difference = normalize(cropped[None], preprocessing)[0] - reference(image)
    one_step = 1 / 255 / 0.224  # One pixel value, normalised.
    assert difference.abs().max() <= 1.001 * one_step
    assert difference.abs().mean() < 0.01 * one_step


def test_a_view_determines_crop_and_flip() -> None:
    preprocessing = Preprocessing(resize=(10, 12), crop=(4, 6))
    pixels = torch.arange(360, dtype=torch.int32).to(torch.uint8).reshape(3, 10, 12)
    first = crop_pixels(pixels, preprocessing, View(0, top=0, left=0))
    last = crop_pixels(pixels, preprocessing, View(0, top=1, left=1))
    flipped = crop_pixels(pixels, preprocessing, View(0, top=0, left=0, flip=True))
    assert torch.equal(first, pixels[:, :4, :6])
    assert torch.equal(last, pixels[:, 6:, 6:])
    assert torch.equal(flipped, pixels[:, :4, :6].flip(2))


def test_a_scaled_view_is_resized_to_the_crop() -> None:
    """As by torchvision's RandomResizedCrop for the same region."""
    preprocessing = Preprocessing(resize=(20, 24), crop=(16, 20))
    pixels = torch.randint(0, 256, (3, 20, 24), dtype=torch.uint8)
    found = crop_pixels(pixels, preprocessing, View(0, top=1, left=0, scale=0.5))
    expected = transforms.functional.resized_crop(pixels, 12, 0, 8, 10, [16, 20], antialias=True)
    assert found.shape == (3, 16, 20)
    assert (found.int() - expected.int()).abs().max() <= 1


def test_gains_scale_the_channels_and_saturate() -> None:
    preprocessing = Preprocessing(resize=(4, 4), crop=4)
    pixels = torch.full((3, 4, 4), 100, dtype=torch.uint8)
    found = crop_pixels(pixels, preprocessing, View(0, gains=(0.5, 1.0, 3.0)))
    assert found.dtype == torch.uint8
    assert [int(channel[0, 0]) for channel in found] == [50, 100, 255]


def test_two_numbers_are_height_and_width(tmp_path: Path) -> None:
    path = save_noise(tmp_path / "noise.png", 100, 50)
    assert load_pixels(path, Preprocessing(resize=(20, 30), crop=16)).shape == (3, 20, 30)


def test_preprocessing_round_trips_through_json() -> None:
    preprocessing = Preprocessing(resize=(96, 128), crop=(90, 120))
    loaded = json.loads(json.dumps(preprocessing.to_dict()))
    assert Preprocessing.from_dict(loaded) == preprocessing


def test_a_small_crop_is_as_sharp_as_the_file(tmp_path: Path) -> None:
    """It is taken from a larger copy, not enlarged from the one that scoring uses."""
    path = save_noise(tmp_path / "noise.png", 512, 512)
    settings = TrainSettings(resize=256, crop=128, trainable="all", min_crop_scale=0.5)
    sharp, blurred = (
        crop_pixels(load_pixels(path, preprocessing), preprocessing, View(0, scale=0.5)).float()
        for preprocessing in (
            Preprocessing.from_settings(settings, varied=True),
            Preprocessing.from_settings(settings),
        )
    )
    # Half of 128 pixels at 256 are 128 pixels of the file, each as it is.
    with Image.open(path) as image:
        expected = torch.from_numpy(np.array(image)).permute(2, 0, 1)[:, 192:320, 192:320].float()
    assert torch.equal(sharp, expected)
    assert blurred.std() < 0.7 * expected.std()


def test_a_whole_view_is_the_same_with_zoom(tmp_path: Path) -> None:
    path = save_noise(tmp_path / "noise.png", 600, 400)
    settings = TrainSettings(resize=64, crop=48, trainable="all", min_crop_scale=0.5)
    whole, zoomed = (
        crop_pixels(load_pixels(path, preprocessing), preprocessing, View(0)).float()
        for preprocessing in (
            Preprocessing.from_settings(settings),
            Preprocessing.from_settings(settings, varied=True),
        )
    )
    assert whole.shape == zoomed.shape
    assert (whole - zoomed).abs().mean() < 4


@pytest.mark.parametrize("scale", [0.4, 0.7, 1.0])
@pytest.mark.parametrize(("resize", "crop"), [(64, 48), ((64, 64), 64), ((60, 90), (40, 80))])
def test_crops_are_cut_from_the_file_and_resized_once(
    tmp_path: Path, resize: Size, crop: Size, scale: float
) -> None:
    """As by torchvision's RandomResizedCrop for the same region of the file."""
    path = save_noise(tmp_path / "noise.png", 160, 120)
    preprocessing = Preprocessing.from_settings(
        TrainSettings(resize=resize, crop=crop, trainable="all", min_crop_scale=0.4), varied=True
    )
    found = crop_pixels(load_pixels(path, preprocessing), preprocessing, View(0, 0, 1, scale=scale))
    with Image.open(path) as image:
        pixels = torch.from_numpy(np.array(image)).permute(2, 0, 1)
    shorter = isinstance(resize, int)
    height = round(pair(crop)[0] * scale * 120 / pair(resize)[0])
    width = round(pair(crop)[1] * scale * (120 if shorter else 160) / pair(resize)[1])
    expected = transforms.functional.resized_crop(
        pixels, 0, 160 - width, height, width, list(pair(crop)), antialias=True
    )
    assert found.shape == (3, *pair(crop))
    assert (found.int() - expected.int()).abs().max() <= 1


def test_a_large_file_is_kept_at_twice_the_pixels_of_the_smallest_crop(tmp_path: Path) -> None:
    path = save_noise(tmp_path / "noise.png", 900, 600)
    settings = TrainSettings(resize=64, crop=48, trainable="all", min_crop_scale=0.5)
    preprocessing = Preprocessing.from_settings(settings, varied=True)
    assert load_pixels(path, preprocessing).shape == (3, 256, 384)


@pytest.mark.parametrize(("width", "height"), [(4000, 2), (2, 4000)])
def test_an_extremely_long_image_stays_small(tmp_path: Path, width: int, height: int) -> None:
    path = save_noise(tmp_path / "noise.png", width, height)
    preprocessing = Preprocessing(256, 224)
    pixels = load_pixels(path, preprocessing)
    assert sorted(pixels.shape[1:]) == [256, 4096]
    assert crop_pixels(pixels, preprocessing, View(0)).shape == (3, 224, 224)


@pytest.mark.parametrize(
    "fields",
    [
        {"resize": 0, "crop": 224},
        {"resize": 256, "crop": 10**9},
        {"resize": 256, "crop": 224, "std": (0.2, 0.0, 0.2)},
        {"resize": 256, "crop": 224, "mean": (0.5,)},
        {"resize": 256, "crop": 224, "zoom": math.nan},
    ],
)
def test_absurd_values_are_refused(fields: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"is out of range|is not of three channels"):
        Preprocessing.from_dict(fields)
