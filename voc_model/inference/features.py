"""Features of a frozen backbone: one pass over the images serves all epochs and the scoring."""

import hashlib
import json
from collections.abc import Generator, Sequence
from pathlib import Path

import torch

from voc_model.inference.backbone import FastBackbone
from voc_model.inference.distributed import ALONE, Processes
from voc_model.inference.predict import Rows, infer_rows
from voc_model.inference.shards import Shards
from voc_model.model.preprocessing import Preprocessing, View
from voc_model.model.resnet import FEATURE_COUNT, ResNet18
from voc_model.model.settings import FeatureKind, Precision
from voc_model.progress import Note, Progress

# How image files become pixels and pixels features; a new way makes every cached feature anew.
_METHOD = "libjpeg-turbo, antialiased bilinear; OpenVINO on CPUs"


def compute_features(
    model: ResNet18,
    views: Sequence[View],
    paths: Sequence[Path],
    preprocessing: Preprocessing,
    precision: Precision,
    kept_as: FeatureKind,
    features_dir: Path,
    device: torch.device,
    workers: int,
    stage: str,
    processes: Processes = ALONE,
) -> Generator[Progress | Note, None, Rows | None]:
    """Computes the backbone's features of views of images, or takes them from the cache.

    Batch normalisation is in evaluation mode: a frozen backbone is a fixed function.

    Args:
        model: is moved to `device`.
        views: N views of the images; row i is view i's.
        precision: that the backbone is computed in.
        kept_as: what is on disk; float16 rounds features to 11 bits.
        features_dir: holds a folder for each combination of weights, preprocessing, precision and
            images.

    Returns:
        (N, 512) float32, NaN where an image is unreadable, and the reasons by the image's row;
        None in all processes but the first.
    """
    key = feature_key(model, views, paths, preprocessing, precision, kept_as)
    shards = Shards(
        features_dir / key, len(views), FEATURE_COUNT, processes=processes, dtype=kept_as
    )
    shards.claim(key)
    backbone = FastBackbone(model.place_on(device).backbone, precision)
    return (
        yield from infer_rows(
            backbone, None, shards, views, paths, preprocessing, device, workers, stage
        )
    )


def feature_key(
    model: ResNet18,
    views: Sequence[View],
    paths: Sequence[Path],
    preprocessing: Preprocessing,
    precision: Precision,
    kept_as: FeatureKind,
) -> str:
    """Returns a hash of everything that features depend on; files by name, size and time."""
    digest = hashlib.sha256(backbone_digest(model).encode())
    digest.update(f"{_METHOD} {precision} {kept_as}".encode())
    for view in views:
        digest.update(f"{tuple(view)}\n".encode())
    digest.update(json.dumps(preprocessing.to_dict(), sort_keys=True).encode())
    digest.update(fingerprint_files(paths).encode())
    return digest.hexdigest()[:32]


def backbone_digest(model: ResNet18) -> str:
    """Returns a hash of the backbone's form and of every number in it."""
    digest = hashlib.sha256()
    for part in model.backbone.modules():
        # The kind of standardisation is no tensor, yet it alters the outputs.
        digest.update(f"{type(part).__name__} {getattr(part, 'kind', '')}\n".encode())
    for name, tensor in model.backbone.state_dict().items():
        digest.update(f"{name} {tuple(tensor.shape)} {tensor.dtype}\n".encode())
        digest.update(tensor.detach().cpu().contiguous().numpy().tobytes())
    return digest.hexdigest()


def fingerprint_files(paths: Sequence[Path]) -> str:
    """Returns a hash of files' names, sizes and times; a missing file counts as such."""
    digest = hashlib.sha256()
    for path in paths:
        try:
            stat = path.stat()
            digest.update(f"{path.name} {stat.st_size} {stat.st_mtime_ns}\n".encode())
        except OSError:
            digest.update(f"{path.name} missing\n".encode())
    return digest.hexdigest()
