"""The settings of a training run: a JSON file, validated before anything is computed."""

import json
from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
    model_validator,
)

from voc_model.data.labels import AbsentFlag
from voc_model.errors import SettingsError
from voc_model.files import read_regular, write_text_atomically
from voc_model.metrics.precision_recall import DifficultConvention
from voc_model.model.architectures import (
    LAST_STAGE,
    Stage,
    check_architecture,
    check_backbone,
    imagenet_weights,
    split_architecture,
)
from voc_model.model.pooling import Pooling
from voc_model.progress import SILENT, Reporter

Architecture = Annotated[str, AfterValidator(check_architecture)]
WeightStandardization = Literal["scale", "full"]
Conversion = Literal["none", "running_statistics", "scale_and_shift", "reestimate", "least_squares"]
OutputKind = Literal["sigmoid", "logits"]
Precision = Literal["float32", "bfloat16"]
FeatureDtype = Literal["float32", "float16"]

_MAX_BYTES = 1 << 20  # Of a settings file, which has about 1 KB.
_Edge = Annotated[int, Field(ge=8, le=2048)]
# One number is the shorter edge (resize) or a square (crop); two are height and width.
Size = _Edge | tuple[_Edge, _Edge]

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


def _choose_conversion(fields: Mapping[str, Any]) -> Conversion:
    if fields.get("ws_kind") != "full":
        return "running_statistics"
    return "reestimate" if fields.get("weights") == "none" else "least_squares"


class TrainSettings(BaseModel):
    """Everything that decides what is learnt; the defaults are the reference recipe in float32."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    architecture: Architecture = Field(
        default="resnet18",
        description="a classifier of torchvision by its registered name, e.g. resnet50; ws_ before "
        "a ResNet's name standardises its convolutions",
    )
    ws_kind: WeightStandardization = Field(
        default="scale",
        description="of ws_ networks: divide each filter by its standard deviation, or subtract "
        "its mean as well",
    )
    pooling: Pooling = Field(
        default="average",
        description="how features of all positions become one vector: average, max, average+max "
        "(twice as many features), gem (generalised mean, p = 3) or lse (log-sum-exp, r = 5)",
    )
    feature_layers: tuple[Stage, ...] = Field(
        default=LAST_STAGE,
        min_length=1,
        description="stages of a ResNet whose pooled features are joined, e.g. layer3 and layer4",
    )
    weights: str = Field(
        default="imagenet",
        min_length=1,
        description="initial weights of the backbone: imagenet (torchvision's IMAGENET1K_V1, "
        "downloaded), none, or a file",
    )
    ws_conversion: Conversion = Field(
        default_factory=_choose_conversion,
        description="of ws_ networks: how the pretrained network's function is carried over. By "
        "default running_statistics with ws_kind scale, and with full least_squares, or reestimate "
        "without pretrained weights; scale_and_shift is right in evaluation only; none changes "
        "nothing but the convolutions",
    )
    trainable: Literal["head", "all"] = Field(
        default="head", description="train the head only (frozen backbone), or all layers"
    )
    output: OutputKind = Field(
        default="sigmoid",
        description="sigmoid in the model with BCELoss, or logits with BCEWithLogitsLoss",
    )
    optimizer: Literal["adam", "adamw", "sgd", "lbfgs"] = Field(
        default="adam",
        description="the optimizer; lbfgs fits a logistic regression on standardised features to "
        "its optimum, with a penalty chosen by cross-validation on the training images",
    )
    learning_rate: float = Field(default=1e-3, gt=0, le=10, description="the peak learning rate")
    backbone_lr_factor: float = Field(
        default=1.0,
        gt=0,
        le=1,
        description="factor of the learning rate for all layers but the head",
    )
    momentum: float = Field(
        default=0.9, ge=0, lt=1, description="momentum of SGD; the other optimizers ignore it"
    )
    weight_decay: float = Field(
        default=0.0,
        ge=0,
        le=1,
        description="weight decay, decoupled in AdamW; biases and batch normalisation have none",
    )
    max_grad_norm: float = Field(
        default=0.0,
        ge=0,
        description="largest norm of a step's gradients, which are scaled down to it; 0 disables "
        "it",
    )
    schedule: Literal["constant", "cosine"] = Field(
        default="constant", description="learning rate after the warm-up; cosine ends at 0"
    )
    warmup_epochs: float = Field(
        default=0.0, ge=0, le=100, description="epochs in which the learning rate rises to its peak"
    )
    loss: Literal["bce", "asymmetric"] = Field(
        default="bce", description="the training loss: binary cross-entropy or the asymmetric loss"
    )
    gamma_positive: float = Field(
        default=0.0, ge=0, le=10, description="of the asymmetric loss: focusing of present labels"
    )
    gamma_negative: float = Field(
        default=4.0, ge=0, le=10, description="of the asymmetric loss: focusing of absent labels"
    )
    probability_margin: float = Field(
        default=0.05,
        ge=0,
        lt=1,
        description="of the asymmetric loss: absent labels with a lower score count nothing",
    )
    pos_weight: Literal["none", "balanced"] = Field(
        default="none",
        description="weight of present labels in the cross-entropy; balanced: each class's absent "
        "per present training labels, at most 50",
    )
    label_smoothing: float = Field(
        default=0.0,
        ge=0,
        lt=1,
        description="s of the training targets y (1 - s) + s / 2; 0 disables it",
    )
    ema_decay: float = Field(
        default=0.0,
        ge=0,
        lt=1,
        description="decay of the moving average of the weights per step, at most (1 + n) / "
        "(10 + n) after n steps; the average is what is evaluated, saved and scored. 0 disables it",
    )
    precision: Precision = Field(
        default="float32",
        description="precision of the backbone; bfloat16 is twice as fast on processors that "
        "support it, and replaced by float32 on others",
    )
    features: FeatureDtype = Field(
        default="float32",
        description="data type of a frozen backbone's cached features; float16 halves the cache",
    )
    cached_views: int = Field(
        default=1,
        ge=1,
        le=64,
        description="augmented views per training image whose features are cached with a frozen "
        "backbone; each epoch trains on one of them",
    )
    probe_epochs: int = Field(
        default=0,
        ge=0,
        le=10_000,
        description="epochs of a linear probe before those of all layers: the head alone is "
        "trained on the frozen backbone's features, at a constant learning rate",
    )
    epochs: int = Field(default=11, ge=1, le=10_000, description="passes over the training images")
    patience: int = Field(
        default=0,
        ge=0,
        le=10_000,
        description="stops after so many epochs without a higher mAP than before, not counting "
        "those of the probe; 0 disables it",
    )
    batch_size: int = Field(default=16, ge=1, le=65_536, description="images per training step")
    seed: int = Field(default=42, ge=0, lt=2**32, description="seed of all random numbers")
    resize: Size = Field(default=256, description="pixels: shorter edge, or [height, width]")
    crop: Size = Field(default=224, description="pixels: square, or [height, width]")
    random_flip: bool = Field(
        default=False, description="flip training images horizontally at random"
    )
    random_crop: bool = Field(
        default=False, description="crop training images at random positions, not the centre"
    )
    min_crop_scale: float = Field(
        default=1.0,
        ge=0.2,
        le=1,
        description="smallest random part of training images that fills the crop, as a fraction of "
        "its edge; 1 disables it",
    )
    color_jitter: float = Field(
        default=0.0,
        ge=0,
        lt=1,
        description="largest relative change of training images' brightness and colour; 0: none",
    )
    difficult: DifficultConvention = Field(
        default="ignore", description="what a class with only difficult objects counts as"
    )
    absent_flag: AbsentFlag = Field(
        default=-1,
        description="flag of the class lists that means absent: -1 as in VOC, where 0 means "
        "difficult, or 0",
    )
    train_split: str = Field(default="train", min_length=1, description="the images to train on")
    val_split: str = Field(
        default="val", min_length=1, description="the images that metrics are reported on"
    )
    holdout_fraction: float = Field(
        default=0.0,
        ge=0,
        le=0.5,
        description="fraction of train_split held out to select the epoch; 0 selects on val_split",
    )

    folds: int = Field(
        default=0,
        ge=0,
        le=100,
        description="number of models, each trained without one fold of train_split, on which it "
        "selects its epoch; scores are their mean. 0 trains one model on all of train_split",
    )

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
    def _check_together(self) -> "TrainSettings":
        if self.folds == 1 or (self.folds and self.holdout_fraction):
            raise ValueError(
                f"folds {self.folds} must be 0, or 2 and more with holdout_fraction 0: each model "
                "has its own images held out"
            )
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
        if self.warmup_epochs >= self.epochs:
            raise ValueError(
                f"warmup_epochs {self.warmup_epochs} must be less than epochs {self.epochs}"
            )
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
    def _check_optimization(self) -> "TrainSettings":
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


def pair(size: int | tuple[int, int]) -> tuple[int, int]:
    """Returns (height, width) of a size given as one number or two."""
    return (size, size) if isinstance(size, int) else size


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


def read_settings(path: Path, report: Reporter = SILENT, saved: bool = False) -> TrainSettings:
    """Reads a settings file; a key's old name is accepted with a warning.

    Args:
        path: a JSON file.
        report: receives the warnings.
        saved: whether a run saved the settings, see `restore_saved`.

    Raises:
        SettingsError: the file is missing, no JSON, or a key or value is not allowed; the message
            names the file, the key, what was found and what is allowed.
    """
    try:
        text = read_regular(path, _MAX_BYTES).decode()
        fields = json.loads(text)
        if not isinstance(fields, dict):
            raise SettingsError(f"{path}: expected one JSON object of settings")
        for key in OLD_KEYS.keys() & fields.keys():
            report.warn(f"{path}: {key!r} is deprecated, use {OLD_KEYS[key]!r}")
        return TrainSettings.parse(text, saved)
    except OSError as error:
        reason = error.strerror or str(error)
        raise SettingsError(
            f"{path}: cannot be read ({reason}). Give one of configs/*.json."
        ) from None
    except UnicodeDecodeError:
        raise SettingsError(f"{path}: not a text file; expected JSON settings.") from None
    except json.JSONDecodeError as error:
        raise SettingsError(f"{path}:{error.lineno}: not JSON ({error.msg})") from None
    except RecursionError:
        raise SettingsError(f"{path}: nested too deeply; expected one flat JSON object.") from None
    except ValidationError as error:
        faults = [
            _describe(fault)
            for fault in error.errors()
            # A default that depends on an invalid setting is no fault of its own.
            if fault["type"] != "default_factory_not_called"
        ]
        raise SettingsError("\n".join(f"{path}: {fault}" for fault in faults)) from None


def replace_settings(settings: TrainSettings, changes: Mapping[str, Any]) -> TrainSettings:
    """Returns settings with some values replaced.

    Raises:
        SettingsError: a value is not allowed, or not together with the others.
    """
    try:
        return TrainSettings.model_validate({**settings.model_dump(), **changes})
    except ValidationError as error:
        raise SettingsError("\n".join(map(_describe, error.errors()))) from None


def list_differences(saved: dict[str, Any], requested: dict[str, Any]) -> list[str]:
    """Returns one phrase per setting in which two runs differ."""
    return [
        f"{key}={saved.get(key)!r} (saved), {key}={requested.get(key)!r} (requested)"
        for key in sorted(saved.keys() | requested.keys())
        if saved.get(key) != requested.get(key)
    ]


def _describe(fault: Any) -> str:
    """Returns one sentence about one of pydantic's errors."""
    key = str(fault["loc"][0]) if fault["loc"] else ""
    if fault["type"] == "extra_forbidden":
        close = get_close_matches(key, TrainSettings.model_fields, n=1)
        hint = f"Did you mean {close[0]!r}?" if close else ""
        known = f"Allowed are: {', '.join(TrainSettings.model_fields)}."
        return f"unknown key {key!r}. {hint or known}"
    message = fault["msg"].removeprefix("Value error, ")
    if not key:
        return str(message)
    meaning = TrainSettings.model_fields[key].description
    return f"{key}: found {fault['input']!r}. {message} ({meaning})."
