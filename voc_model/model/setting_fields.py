"""The settings of a training run: name, type, range, default and meaning of each."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from voc_model.data.labels import AbsentFlag
from voc_model.metrics.precision_recall import DifficultConvention
from voc_model.model.architectures import LAST_STAGE, Stage, check_architecture
from voc_model.model.pooling import Pooling

Architecture = Annotated[str, AfterValidator(check_architecture)]
WeightStandardization = Literal["scale", "full"]
Conversion = Literal["none", "running_statistics", "scale_and_shift", "reestimate", "least_squares"]
OutputKind = Literal["sigmoid", "logits"]
Precision = Literal["float32", "bfloat16"]
FeatureDtype = Literal["float32", "float16"]

_Edge = Annotated[int, Field(ge=8, le=2048)]
# One number is the shorter edge (resize) or a square (crop); two are height and width.
Size = _Edge | tuple[_Edge, _Edge]


def _choose_conversion(fields: Mapping[str, Any]) -> Conversion:
    if fields.get("ws_kind") != "full":
        return "running_statistics"
    return "reestimate" if fields.get("weights") == "none" else "least_squares"


class SettingFields(BaseModel):
    """The settings, each checked alone; `settings.TrainSettings` checks them together."""

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


def pair(size: int | tuple[int, int]) -> tuple[int, int]:
    """Returns (height, width) of a size given as one number or two."""
    return (size, size) if isinstance(size, int) else size
