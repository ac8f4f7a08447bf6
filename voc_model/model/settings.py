"""What a training run is told: a JSON file of settings, checked before anything is computed."""

import json
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from voc_model.errors import SettingsError
from voc_model.files import write_text_atomically
from voc_model.metrics.precision_recall import DifficultConvention

Architecture = Literal["resnet18", "ws_resnet18"]
WeightStandardization = Literal["scale", "full"]
OutputKind = Literal["sigmoid", "logits"]
Precision = Literal["float32", "bfloat16"]
FeatureKind = Literal["float32", "float16"]

_Edge = Annotated[int, Field(ge=8, le=2048)]
# One number is the shorter edge (resize) or a square (crop); two are height and width.
Size = _Edge | tuple[_Edge, _Edge]


class TrainSettings(BaseModel):
    """Everything that decides what is learnt; the defaults are the reference recipe."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    architecture: Architecture = Field(
        default="resnet18", description="plain ResNet18, or with weight-standardised convolutions"
    )
    ws_kind: WeightStandardization = Field(
        default="scale",
        description="of ws_resnet18: divide filters by their deviation, or subtract the mean too",
    )
    weights: str = Field(
        default="imagenet",
        min_length=1,
        description="what the backbone starts from: imagenet (downloaded), none, or a file",
    )
    trainable: Literal["head", "all"] = Field(
        default="head", description="the last layer only (the backbone frozen), or all layers"
    )
    output: OutputKind = Field(
        default="sigmoid",
        description="sigmoid in the model and BCELoss, or logits and BCEWithLogitsLoss",
    )
    optimizer: Literal["adam", "adamw", "sgd"] = Field(default="adam", description="the optimizer")
    learning_rate: float = Field(default=1e-3, gt=0, le=10, description="the highest rate")
    backbone_rate: float = Field(
        default=1.0, gt=0, le=1, description="factor of the rate for all layers but the last"
    )
    momentum: float = Field(default=0.9, ge=0, lt=1, description="of sgd; the others ignore it")
    weight_decay: float = Field(default=0.0, ge=0, le=1, description="decoupled with adamw")
    schedule: Literal["constant", "cosine"] = Field(
        default="constant", description="how the rate goes on after the warm-up; cosine ends at 0"
    )
    warmup_epochs: float = Field(
        default=0.0, ge=0, le=100, description="epochs in which the rate rises to its highest"
    )
    label_smoothing: float = Field(
        default=0.0,
        ge=0,
        lt=1,
        description="s of the targets y (1 - s) + s / 2 that are trained towards; 0 is none",
    )
    ema_decay: float = Field(
        default=0.0,
        ge=0,
        lt=1,
        description="share that the moving average of the weights keeps at each step; the average "
        "is what is validated, kept and scored. 0 is none",
    )
    precision: Precision = Field(
        default="float32",
        description="of the backbone; bfloat16 is twice as fast where the processor has it, and is "
        "passed over where it has not",
    )
    features: FeatureKind = Field(
        default="float32",
        description="what a frozen backbone's features are kept as; float16 takes half the space",
    )
    cached_views: int = Field(
        default=1,
        ge=1,
        le=64,
        description="views of each training image that a frozen backbone is computed for, as "
        "random_flip and the like say; each epoch trains on one of them",
    )
    epochs: int = Field(default=11, ge=1, le=10_000, description="passes over the training images")
    batch_size: int = Field(default=16, ge=1, le=65_536, description="images a training step")
    seed: int = Field(default=42, ge=0, lt=2**32, description="decides every random choice")
    resize: Size = Field(default=256, description="pixels: shorter edge, or [height, width]")
    crop: Size = Field(default=224, description="pixels: square, or [height, width]")
    random_flip: bool = Field(default=False, description="mirror training images at random")
    random_crop: bool = Field(default=False, description="crop at random places, not the centre")
    random_scale: float = Field(
        default=1.0,
        ge=0.2,
        le=1,
        description="least edge of a random part of training images that fills the crop; 1 is none",
    )
    random_colour: float = Field(
        default=0.0,
        ge=0,
        lt=1,
        description="most that training images' brightness and colours are altered by; 0 is none",
    )
    difficult: DifficultConvention = Field(
        default="ignore", description="what a class with only difficult objects counts as"
    )
    train_split: str = Field(default="train", min_length=1, description="the images learnt from")
    val_split: str = Field(default="val", min_length=1, description="the images that are reported")
    holdout_fraction: float = Field(
        default=0.0,
        ge=0,
        le=0.5,
        description="part of train_split held out to select the epoch; 0 selects on val_split",
    )

    @model_validator(mode="after")
    def _check_together(self) -> "TrainSettings":
        if any(c > r for c, r in zip(pair(self.crop), pair(self.resize), strict=True)):
            raise ValueError(f"crop {self.crop} must not be larger than resize {self.resize}")
        if self.warmup_epochs >= self.epochs:
            raise ValueError(
                f"warmup_epochs {self.warmup_epochs} must be less than epochs {self.epochs}"
            )
        varied = self.random_flip or self.random_crop or self.random_scale < 1 or self.random_colour
        if self.trainable == "head" and varied and self.cached_views == 1:
            raise ValueError(
                "random_flip, random_crop, random_scale and random_colour need trainable 'all', or "
                "cached_views of 2 and more: a frozen backbone sees every view only once"
            )
        if self.cached_views > 1 and not varied:
            raise ValueError(
                f"cached_views {self.cached_views} need random_flip, random_crop, random_scale or "
                "random_colour: without, all views are the same"
            )
        if self.trainable == "all" and self.cached_views > 1:
            raise ValueError(
                f"cached_views {self.cached_views} needs trainable 'head': with 'all' every epoch "
                "takes new views"
            )
        if self.trainable == "all" and self.features != "float32":
            raise ValueError(
                f"features {self.features!r} need trainable 'head': with 'all' none are kept"
            )
        if self.trainable == "head" and self.backbone_rate != 1:
            raise ValueError(
                f"backbone_rate {self.backbone_rate} needs trainable 'all': with 'head' the "
                "backbone is frozen"
            )
        if self.trainable == "head" and self.weights == "none":
            raise ValueError(
                "weights 'none' need trainable 'all': a random frozen backbone learns nothing"
            )
        return self

    def write(self, path: Path) -> None:
        """Writes the settings as JSON that `read_settings` reads."""
        write_text_atomically(path, self.model_dump_json(indent=2) + "\n")


def pair(size: int | tuple[int, int]) -> tuple[int, int]:
    """Returns (height, width) of a size given as one number or two."""
    return (size, size) if isinstance(size, int) else size


def read_settings(path: Path) -> TrainSettings:
    """Reads a settings file.

    Raises:
        SettingsError: the file is missing, no JSON, or a key or value is not allowed; the message
            names the file, the key, what was found and what is allowed.
    """
    try:
        text = path.read_text(encoding="utf-8")
        if not isinstance(json.loads(text), dict):
            raise SettingsError(f"{path}: expected one JSON object of settings")
        return TrainSettings.model_validate_json(text)
    except OSError as error:
        reason = error.strerror or str(error)
        raise SettingsError(
            f"{path}: cannot be read ({reason}). Give one of configs/*.json."
        ) from None
    except UnicodeDecodeError:
        raise SettingsError(f"{path}: not a text file; expected JSON settings.") from None
    except json.JSONDecodeError as error:
        raise SettingsError(f"{path}:{error.lineno}: not JSON ({error.msg})") from None
    except ValidationError as error:
        faults = [_describe(fault) for fault in error.errors()]
        raise SettingsError("\n".join(f"{path}: {fault}" for fault in faults)) from None


def list_differences(found: dict[str, Any], wanted: dict[str, Any]) -> list[str]:
    """Returns one sentence for each setting in which two runs differ."""
    return [
        f"{key} is {found.get(key)!r} there, {wanted.get(key)!r} here"
        for key in sorted(found.keys() | wanted.keys())
        if found.get(key) != wanted.get(key)
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
