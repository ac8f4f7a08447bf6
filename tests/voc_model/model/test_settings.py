"""Settings files are validated; errors name the file and the key."""

import json
import os
from pathlib import Path

import pytest
from recorded_report import RecordedReport

from voc_model.errors import SettingsError
from voc_model.model.settings import TrainSettings
from voc_model.model.settings_files import list_differences, read_settings

CONFIGS = Path(__file__).parents[3] / "configs"


def write(tmp_path: Path, content: object) -> Path:
    path = tmp_path / "my.json"
    path.write_text(content if isinstance(content, str) else json.dumps(content))
    return path


@pytest.mark.parametrize("path", sorted(CONFIGS.rglob("*.json")), ids=lambda path: path.name)
def test_every_config_is_valid(path: Path) -> None:
    read_settings(path)


def test_adam_model_is_the_reference_recipe() -> None:
    settings = read_settings(CONFIGS / "adam_model.json")
    assert settings == TrainSettings(
        architecture="resnet18", weights="imagenet", trainable="head", output="sigmoid",
        precision="bfloat16", optimizer="adam", learning_rate=1e-3, schedule="constant", epochs=11,
        batch_size=16, seed=42, resize=256, crop=224, difficult="ignore", holdout_fraction=0,
    )  # fmt: skip


def test_ws_model_differs_only_in_the_architecture() -> None:
    plain, standardised = (
        read_settings(CONFIGS / f"{name}_model.json").model_dump() for name in ("adam", "ws")
    )
    assert list_differences(plain, standardised) == [
        "architecture='resnet18' (saved), architecture='ws_resnet18' (requested)"
    ]


def test_finetune_trains_all_layers_from_imagenet_weights() -> None:
    settings = read_settings(CONFIGS / "finetune.json")
    assert (settings.weights, settings.trainable, settings.crop) == ("imagenet", "all", 224)
    assert settings.backbone_lr_factor < 1
    assert 0 < settings.ema_decay < 1
    assert settings.label_smoothing > 0
    assert settings.probe_epochs > 0
    assert settings.max_grad_norm > 0


def test_the_logistic_regression_fits_the_references_features() -> None:
    settings = read_settings(CONFIGS / "logistic_regression.json")
    assert (settings.optimizer, settings.trainable) == ("lbfgs", "head")
    reference = read_settings(CONFIGS / "adam_model.json")
    fields = ("weights", "resize", "crop", "precision", "train_split", "val_split")
    assert all(getattr(settings, name) == getattr(reference, name) for name in fields)


def test_ws_finetune_differs_from_finetune_only_in_the_architecture() -> None:
    plain, standardised = (
        read_settings(CONFIGS / f"{name}finetune.json").model_dump() for name in ("", "ws_")
    )
    changes = [text.partition("=")[0] for text in list_differences(plain, standardised)]
    assert changes == ["architecture", "ws_conversion", "ws_kind"]
    assert (standardised["ws_kind"], standardised["ws_conversion"]) == ("full", "least_squares")


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ({}, "running_statistics"),
        ({"ws_kind": "full"}, "least_squares"),
        ({"ws_kind": "full", "weights": "none", "trainable": "all"}, "reestimate"),
        ({"ws_kind": "full", "ws_conversion": "reestimate"}, "reestimate"),
    ],
)
def test_the_conversion_follows_the_kind(
    tmp_path: Path, content: dict[str, object], expected: str
) -> None:
    assert read_settings(write(tmp_path, content)).ws_conversion == expected


def test_runs_that_saved_no_conversion_were_reestimated(tmp_path: Path) -> None:
    for kind, expected in (("scale", "running_statistics"), ("full", "reestimate")):
        path = write(tmp_path, {"architecture": "ws_resnet18", "ws_kind": kind})
        assert read_settings(path, saved=True).ws_conversion == expected


def test_settings_are_read_as_written(tmp_path: Path) -> None:
    settings = TrainSettings(trainable="all", resize=(96, 128), crop=(90, 120), epochs=3)
    settings.write(tmp_path / "settings.json")
    assert read_settings(tmp_path / "settings.json") == settings


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ({"learning_rat": 0.1}, "unknown key 'learning_rat'. Did you mean 'learning_rate'?"),
        ({"zzz": 1}, "unknown key 'zzz'. Allowed are: architecture, ws_kind"),
        ({"architecture": "resnet81"}, "architecture: found 'resnet81'. Expected the name of a"),
        ({"architecture": "vit_b_16", "crop": 96}, "Expected 224 but got 96!). Set pooling"),
        ({"architecture": "vit_h_14"}, "no weights of vit_h_14 trained on ImageNet-1K alone"),
        ({"architecture": "densenet121", "pooling": "max"}, "densenet121 has none"),
        ({"pooling": "mean"}, "pooling: found 'mean'. Input should be 'average', 'max'"),
        ({"feature_layers": ["layer4", "layer3"]}, "feature_layers must be in forward order"),
        ({"feature_layers": ["layer3", "layer3"]}, "feature_layers must be in forward order"),
        ({"feature_layers": []}, "feature_layers: found []"),
        (
            {"trainable": "all", "random_crop": True, "resize": [224, 224], "crop": [224, 224]},
            "random_crop has no room: crop (224, 224) is all of resize (224, 224)",
        ),
        (
            {"optimizer": "adan"},
            "optimizer: found 'adan'. Input should be 'adam', 'adamw', 'sgd'",
        ),
        ({"epochs": 0}, "epochs: found 0. Input should be greater than or equal to 1"),
        ({"epochs": "11"}, "epochs: found '11'. Input should be a valid integer"),
        ({"learning_rate": -1}, "learning_rate: found -1"),
        ({"seed": -1}, "seed: found -1"),
        ({"crop": 300}, "crop 300 must not be larger than resize 256"),
        ({"crop": [224, 300]}, "must not be larger than resize"),
        ({"random_flip": True}, "need trainable 'all' or cached_views above 1"),
        ({"cached_views": 4}, "cached_views 4 needs random_flip"),
        ({"features": "float16", "trainable": "all"}, "'float16' need trainable 'head'"),
        ({"cached_views": 2, "random_flip": True, "trainable": "all"}, "needs trainable 'head'"),
        ({"min_crop_scale": 0.5}, "need trainable 'all'"),
        ({"color_jitter": 0.2}, "need trainable 'all'"),
        ({"backbone_lr_factor": 0.1}, "backbone_lr_factor 0.1 needs trainable 'all'"),
        ({"backbone_lr_factor": 0}, "backbone_lr_factor: found 0. Input should be greater than 0"),
        ({"label_smoothing": 1}, "label_smoothing: found 1. Input should be less than 1"),
        ({"ema_decay": 1.0}, "ema_decay: found 1.0. Input should be less than 1"),
        ({"weights": "none"}, "weights 'none' need trainable 'all'"),
        ({"warmup_epochs": 11}, "warmup_epochs 11.0 must be less than epochs 11"),
        ({"probe_epochs": 3}, "probe_epochs 3 needs trainable 'all'"),
        (
            {"probe_epochs": 3, "trainable": "all", "weights": "none"},
            "probe_epochs needs weights",
        ),
        ({"gamma_negative": 2}, "gamma_negative needs loss 'asymmetric'"),
        ({"probability_margin": 0}, "probability_margin needs loss 'asymmetric'"),
        (
            {"loss": "asymmetric", "label_smoothing": 0.1},
            "label_smoothing needs loss 'bce'",
        ),
        ({"loss": "asymmetric", "pos_weight": "balanced"}, "pos_weight needs loss 'bce'"),
        ({"optimizer": "lbfgs", "trainable": "all"}, "optimizer 'lbfgs' needs trainable 'head'"),
        ({"optimizer": "lbfgs", "learning_rate": 0.1}, "'lbfgs' does not use learning_rate"),
        ({"optimizer": "lbfgs", "ema_decay": 0.5}, "'lbfgs' does not use ema_decay"),
        ({"holdout_fraction": 0.6}, "holdout_fraction: found 0.6"),
        ({"ws_conversion": "least_squares"}, "'least_squares' is not for ws_kind 'scale', which"),
        ({"ws_kind": "full", "ws_conversion": "scale_and_shift"}, "allows none, reestimate, least"),
        (
            {"ws_kind": "full", "ws_conversion": "least_squares", "weights": "none"}
            | {"trainable": "all"},
            "'least_squares' needs pretrained weights",
        ),
        ([1], "expected one JSON object"),
        ('{\n"epochs": 3,\n}', ":3: not JSON"),
    ],
)
def test_an_invalid_file_is_reported_with_file_and_key(
    tmp_path: Path, content: object, message: str
) -> None:
    path = write(tmp_path, content)
    with pytest.raises(SettingsError) as caught:
        read_settings(path)
    assert str(path) in str(caught.value)
    assert message in str(caught.value)


def test_all_errors_are_reported_at_once(tmp_path: Path) -> None:
    with pytest.raises(SettingsError) as caught:
        read_settings(write(tmp_path, {"epochs": 0, "batchsize": 4}))
    assert "epochs" in str(caught.value)
    assert "Did you mean 'batch_size'?" in str(caught.value)


def test_a_default_that_depends_on_an_invalid_setting_is_no_error(tmp_path: Path) -> None:
    with pytest.raises(SettingsError) as caught:
        read_settings(write(tmp_path, {"ws_kind": "half"}))
    assert "ws_kind: found 'half'" in str(caught.value)
    assert "ws_conversion" not in str(caught.value)


def test_a_missing_file_is_reported(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"none\.json: cannot be read"):
        read_settings(tmp_path / "none.json")


def test_only_a_regular_file_of_limited_size_is_read(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.json")
    with pytest.raises(SettingsError, match=r"pipe\.json: cannot be read \(not a regular file\)"):
        read_settings(tmp_path / "pipe.json")
    (tmp_path / "large.json").touch()
    os.truncate(tmp_path / "large.json", 20 * 2**30)
    with pytest.raises(SettingsError, match=r"large\.json: .*\(found 21,474,836,480 bytes"):
        read_settings(tmp_path / "large.json")


def test_every_setting_has_a_description() -> None:
    assert all(field.description for field in TrainSettings.model_fields.values())


def test_deprecated_keys_are_accepted_with_a_warning(tmp_path: Path) -> None:
    path = tmp_path / "old.json"
    old = {"random_scale": 0.5, "random_colour": 0.25, "backbone_rate": 0.125, "resize": [40, 50]}
    path.write_text(json.dumps({**old, "crop": 32, "trainable": "all"}))
    report = RecordedReport()
    settings = read_settings(path, report)
    assert settings.min_crop_scale == 0.5
    assert settings.color_jitter == 0.25
    assert settings.backbone_lr_factor == 0.125
    assert settings.resize == (40, 50)
    assert sorted(report.warnings) == [
        f"{path}: 'backbone_rate' is deprecated, use 'backbone_lr_factor'",
        f"{path}: 'random_colour' is deprecated, use 'color_jitter'",
        f"{path}: 'random_scale' is deprecated, use 'min_crop_scale'",
    ]


def test_deep_nesting_is_reported(tmp_path: Path) -> None:
    path = tmp_path / "deep.json"
    path.write_text("[" * 100_000)
    with pytest.raises(SettingsError, match=r"deep\.json: nested too deeply"):
        read_settings(path)
