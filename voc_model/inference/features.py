"""Features of a frozen backbone: one pass over the images serves all epochs and the scoring."""

import hashlib
import json
from pathlib import Path

from voc_model.inference.backbone import FastBackbone, digest_network
from voc_model.inference.devices import Compute, library_versions
from voc_model.inference.loading import ImageSet
from voc_model.inference.predict import Rows, predict_rows
from voc_model.model.classifier import Classifier
from voc_model.model.preprocessing import Preprocessing
from voc_model.model.setting_fields import FeatureDtype
from voc_model.progress import SILENT, Reporter
from voc_model.store.shards import Shards

# How image files become pixels and pixels features; a new method recomputes every cached feature.
_METHOD = "libjpeg-turbo, 16 bits scaled to 8, antialiased bilinear; OpenVINO on CPUs"
_LIBRARIES = ("torch", "openvino", "simplejpeg", "pillow")


def compute_features(
    model: Classifier,
    images: ImageSet,
    preprocessing: Preprocessing,
    dtype: FeatureDtype,
    features_dir: Path,
    compute: Compute,
    stage: str,
    report: Reporter = SILENT,
) -> Rows | None:
    """Computes the backbone's features of every view, or reads them from the cache.

    Batch normalisation is in evaluation mode: a frozen backbone is a fixed function.

    Args:
        model: is moved to the device.
        dtype: of the features on disk; float16 rounds them to 11 bits.
        features_dir: holds one folder per combination of weights, preprocessing, precision and
            images.
        stage: the name of this work in the progress.

    Returns:
        (V, D) float32, NaN where an image is unreadable, and the reasons by the image's row;
        None on every rank but 0.
    """
    key = feature_key(model, images, preprocessing, compute, dtype)
    features = model.head.in_features
    shards = Shards(features_dir / key, len(images.views), features, dtype=dtype, identity=key)
    if compute.world.rank == 0:
        shards.claim()
    backbone = FastBackbone(model.place_on(compute.device).backbone, compute.precision, report)
    return predict_rows(backbone, images, preprocessing, shards, compute, stage, report)


def feature_key(
    model: Classifier,
    images: ImageSet,
    preprocessing: Preprocessing,
    compute: Compute,
    dtype: FeatureDtype,
) -> str:
    """Returns a hash of everything that features depend on."""
    digest = hashlib.sha256(digest_network(model.backbone).encode())
    digest.update(f"{_METHOD} {compute.device.type} {compute.precision} {dtype}".encode())
    versions = library_versions(_LIBRARIES, compute.device)
    digest.update(" ".join(f"{name} {text}" for name, text in versions.items()).encode())
    for view in images.views:
        digest.update(f"{tuple(view)}\n".encode())
    digest.update(json.dumps(preprocessing.to_dict(), sort_keys=True).encode())
    digest.update(images.fingerprint.encode())
    return digest.hexdigest()[:32]
