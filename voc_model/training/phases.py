"""The phases of a run: epochs that train the head alone, then epochs that train all layers."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from voc_model.model.settings import TrainSettings


@dataclass(frozen=True)
class Phase:
    """Consecutive epochs that train the same layers.

    Attributes:
        settings: what these epochs follow; those of the run, but for the probe.
        first, last: the epochs, counted from 1 over the whole run.
    """

    settings: TrainSettings
    first: int
    last: int


def list_phases(settings: TrainSettings) -> list[Phase]:
    """Returns the phases of a run: a linear probe if the settings ask for it, and the rest.

    A head with random weights sends large gradients through all layers and distorts pretrained
    features before they are of any use; a trained one does not (Kumar et al. 2022: Fine-Tuning can
    Distort Pretrained Features and Underperform Out-of-Distribution).
    """
    main = Phase(settings, settings.probe_epochs + 1, settings.total_epochs)
    if not settings.probe_epochs:
        return [main]
    return [Phase(_probe_settings(settings), 1, settings.probe_epochs), main]


def why_stop(phase: Phase, settings: TrainSettings, maps: Sequence[float]) -> str:
    """Returns why a run ends after the phase's epochs of these mAPs; "" if it goes on."""
    if phase.first - 1 + len(maps) == settings.total_epochs:
        return "all epochs trained"
    patience = phase.settings.patience
    # An mAP that is undefined is so in every epoch.
    if patience and len(maps) - maps.index(max(maps)) > patience and not math.isnan(maps[-1]):
        return f"no higher mAP in {patience} epochs"
    return ""


def _probe_settings(settings: TrainSettings) -> TrainSettings:
    """Returns the settings of a frozen backbone's head, trained on central views."""
    changes = {
        "trainable": "head", "probe_epochs": 0, "epochs": settings.probe_epochs, "patience": 0,
        "schedule": "constant", "warmup_epochs": 0.0, "backbone_lr_factor": 1.0, "ema_decay": 0.0,
        "random_flip": False, "random_crop": False, "min_crop_scale": 1.0, "color_jitter": 0.0,
    }  # fmt: skip
    return TrainSettings.model_validate(settings.model_dump() | changes)
