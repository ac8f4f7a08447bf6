"""Which settings of a training run go together, and what follows from them."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Self

from pydantic import model_validator

from voc_model.files import write_text_atomically
from voc_model.model.architectures import check_backbone, imagenet_weights, split_architecture
from voc_model.model.setting_fields import (
    Conversion,
    SettingFields,
    WeightStandardization,
    pair,
)

# Settings that some others leave without a meaning.
_CROSS_ENTROPY = ("pos_weight", "label_smoothing")
_ASYMMETRIC_LOSS = ("gamma_positive", "gamma_negative", "probability_margin")
_UNUSED_BY_LBFGS = (
    *("learning_rate", "epochs", "batch_size", "momentum", "weight_decay", "max_grad_norm"),
    *("schedule", "warmup_epochs", "loss", "pos_weight", "label_smoothing", "ema_decay"),
    *("cached_views", "patience"),
)
# Those that make sense for each kind of standardisation.
_CONVERSIONS: Mapping[WeightStandardization, tuple[Conversion, ...]] = {
    "scale": ("none", "scale_and_shift", "running_statistics"),
    "full": ("none", "reestimate", "least_squares"),
}

# Names of settings in files that an older version wrote.
OLD_KEYS: Mapping[str, str] = {
    "random_scale": "min_crop_scale",
    "random_colour": "color_jitter",
    "backbone_rate": "backbone_lr_factor",
}


class TrainSettings(SettingFields):
    """Everything that decides what is learnt; the defaults are the reference recipe in float32."""

    @model_validator(mode="after")
    def _check_conversion(self) -> "TrainSettings":
        allowed = _CONVERSIONS[self.ws_kind]
        if self.ws_conversion not in allowed:
            raise ValueError(
                f"ws_conversion {self.ws_conversion!r} is not for ws_kind {self.ws_kind!r}, which "
                f"allows {', '.join(allowed)}"
            )
        if self.ws_conversion == "least_squares" and self.weights == "none":
            raise ValueError(
                "ws_conversion 'least_squares' needs pretrained weights: with weights 'none' there "
                "is nothing to reproduce; use 'reestimate'"
            )
        return self

    @model_validator(mode="after")
    def _check_network(self) -> "TrainSettings":
        if list(self.feature_layers) != sorted(set(self.feature_layers)):
            raise ValueError("feature_layers must be in forward order, each once")
        check_backbone(self.network, self.pooling, self.feature_layers, pair(self.crop))
        if self.weights == "imagenet":
            imagenet_weights(self.network)
        if any(c > r for c, r in zip(pair(self.crop), pair(self.resize), strict=True)):
            raise ValueError(f"crop {self.crop} must not be larger than resize {self.resize}")
        if self.random_crop and pair(self.crop) == self.resize and self.min_crop_scale == 1:
            raise ValueError(
                f"random_crop has no room: crop {self.crop} is all of resize {self.resize}. Set "
                "min_crop_scale below 1 to train on parts of the image"
            )
        return self

    @model_validator(mode="after")
    def _check_views(self) -> "TrainSettings":
        varied = (
            self.random_flip or self.random_crop or self.min_crop_scale < 1 or self.color_jitter
        )
        if self.trainable == "head" and varied and self.cached_views == 1:
            raise ValueError(
                "random_flip, random_crop, min_crop_scale and color_jitter need trainable 'all' or "
                "cached_views above 1: a frozen backbone sees every view only once"
            )
        if self.cached_views > 1 and not varied:
            raise ValueError(
                f"cached_views {self.cached_views} needs random_flip, random_crop, min_crop_scale "
                "or color_jitter: otherwise all views are the same"
            )
        if self.trainable == "all" and self.cached_views > 1:
            raise ValueError(
                f"cached_views {self.cached_views} needs trainable 'head': with 'all' every epoch "
                "draws new views"
            )
        return self

    @model_validator(mode="after")
    def _check_frozen(self) -> "TrainSettings":
        if self.trainable == "all" and self.features != "float32":
            raise ValueError(
                f"features {self.features!r} need trainable 'head': with 'all' none are cached"
            )
        if self.trainable == "head" and self.backbone_lr_factor != 1:
            raise ValueError(
                f"backbone_lr_factor {self.backbone_lr_factor} needs trainable 'all': with 'head' "
                "the backbone is frozen"
            )
        if self.trainable == "head" and self.weights == "none":
            raise ValueError(
                "weights 'none' need trainable 'all': a random frozen backbone learns nothing"
            )
        return self

    @model_validator(mode="after")
    def _check_selection(self) -> "TrainSettings":
        if self.folds == 1 or (self.folds and self.holdout_fraction):
            raise ValueError(
                f"folds {self.folds} must be 0, or 2 and more with holdout_fraction 0: each model "
                "has its own images held out"
            )
        return self

    @model_validator(mode="after")
    def _check_optimization(self) -> "TrainSettings":
        if self.warmup_epochs >= self.epochs:
            raise ValueError(
                f"warmup_epochs {self.warmup_epochs} must be less than epochs {self.epochs}"
            )
        if self.trainable == "head" and self.probe_epochs:
            raise ValueError(
                f"probe_epochs {self.probe_epochs} needs trainable 'all': with 'head' all epochs "
                "train the head alone"
            )
        if self.probe_epochs and self.weights == "none":
            raise ValueError("probe_epochs needs weights: a random frozen backbone learns nothing")
        if self.loss == "bce" and (unused := self._changed(_ASYMMETRIC_LOSS)):
            raise ValueError(f"{unused} needs loss 'asymmetric'")
        if self.loss == "asymmetric" and (unused := self._changed(_CROSS_ENTROPY)):
            raise ValueError(f"{unused} needs loss 'bce'")
        if self.optimizer == "lbfgs":
            if self.trainable == "all":
                raise ValueError("optimizer 'lbfgs' needs trainable 'head'")
            if unused := self._changed(_UNUSED_BY_LBFGS):
                raise ValueError(
                    f"optimizer 'lbfgs' does not use {unused}: it fits the head to the optimum of "
                    "the plain cross-entropy. Remove the setting."
                )
        return self

    def _changed(self, names: Sequence[str]) -> str:
        """Returns the first of these settings that has not its default value; else ""."""
        fields = type(self).model_fields
        return next((name for name in names if getattr(self, name) != fields[name].default), "")

    @property
    def total_epochs(self) -> int:
        """The epochs of the linear probe and of all layers; a fit to the optimum is one."""
        return 1 if self.optimizer == "lbfgs" else self.probe_epochs + self.epochs

    @property
    def network(self) -> str:
        """The architecture as torchvision names it."""
        return split_architecture(self.architecture)[0]

    @property
    def is_standardized(self) -> bool:
        """Whether the architecture's convolutions are weight-standardised."""
        return split_architecture(self.architecture)[1]

    @classmethod
    def parse(cls, text: str, saved: bool = False) -> Self:
        """Returns the settings of a JSON text; keys may have their old names.

        Args:
            text: one JSON object.
            saved: whether a run saved them, see `restore_saved`.

        Raises:
            ValidationError: a key or value is not allowed.
            ValueError: the text is no JSON object.
        """
        restore = restore_saved if saved else rename_old_keys
        return cls.model_validate_json(json.dumps(restore(json.loads(text))))

    def write(self, path: Path) -> None:
        """Writes the settings as JSON, for `read_settings`."""
        write_text_atomically(path, self.model_dump_json(indent=2) + "\n")


def rename_old_keys(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Returns settings by their present names; older files have others."""
    return {OLD_KEYS.get(key, key): value for key, value in fields.items()}


def restore_saved(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Returns the settings that a run saved, by their present names.

    A setting that the run's version did not have is what that version did.
    """
    renamed = rename_old_keys(fields)
    if renamed.get("ws_kind") == "full":
        renamed.setdefault("ws_conversion", "reestimate")
    return renamed
