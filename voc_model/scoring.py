"""Model + split -> ScoreTable, resumable; and the check that saved scores can be reproduced."""

import platform
from importlib.metadata import version
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from voc_model.data.voc import Split
from voc_model.errors import SCORE_AGAIN, DataError, ScoreStoreError
from voc_model.inference.backbone import FastBackbone, Network
from voc_model.inference.devices import Compute
from voc_model.inference.features import compute_features
from voc_model.inference.loading import ImageSet
from voc_model.inference.predict import predict_rows
from voc_model.model.checkpoint import Checkpoint
from voc_model.progress import SILENT, Reporter
from voc_model.store.comparison import greatest_difference
from voc_model.store.manifest import MAX_LISTED, Manifest
from voc_model.store.runs import RunFolder
from voc_model.store.scores import ScoreTable
from voc_model.store.shards import Shards

_LIBRARIES = ("torch", "torchvision", "numpy", "pillow", "simplejpeg", "openvino")


def score_split(
    checkpoint: Checkpoint,
    checkpoint_sha256: str,
    split: Split,
    run: RunFolder,
    features_dir: Path,
    compute: Compute,
    report: Reporter = SILENT,
) -> ScoreTable | None:
    """Predicts the sigmoid scores of every image of a split; finished work survives a kill.

    With a frozen backbone the features that training computed are reused. The table is not written
    yet; the caller removes `run.parts_dir` once it is.

    Returns:
        The table, with NaN for the images that cannot be read, which its manifest names; None on
        every rank but 0.

    Raises:
        DataError: no image can be read.
    """
    images = ImageSet.find(split.voc_dir, split.image_ids)
    model = checkpoint.build_model()
    stage = f"scores of {split.name}"
    if checkpoint.settings.trainable == "head":
        rows = compute_features(
            model, images, checkpoint.preprocessing, checkpoint.settings.features, features_dir,
            compute, stage, report,
        )  # fmt: skip
        if rows is None:
            return None
        features, unreadable = rows
        with torch.inference_mode():
            logits = model.cpu().head(torch.from_numpy(features)).numpy()  # (N, D) -> (N, C)
    else:
        identity = f"logits {checkpoint_sha256} {compute.precision} {images.fingerprint}"
        shards = Shards(
            run.parts_dir, len(images.views), len(checkpoint.classes), identity=identity
        )
        if compute.world.rank == 0:
            shards.claim()
        network = _logit_network(checkpoint, compute, report)
        rows = predict_rows(
            network, images, checkpoint.preprocessing, shards, compute, stage, report
        )
        if rows is None:
            return None
        logits, unreadable = rows
    if len(unreadable) == len(split.image_ids):
        raise DataError(f"{split.voc_dir}: no image of split {split.name!r} can be read.")
    manifest = _describe(checkpoint, checkpoint_sha256, split, images, run, unreadable, compute)
    return ScoreTable.build(
        split.image_ids, split.classes, _sigmoid(logits), split.labels, manifest, logits
    )


def predict_again(
    checkpoint: Checkpoint,
    table: ScoreTable,
    voc_dir: Path,
    run: RunFolder,
    compute: Compute,
    report: Reporter = SILENT,
) -> float | None:
    """Predicts every image of a table again, from the image files, without any cache.

    Returns:
        The greatest absolute difference from the saved scores; infinite if an image could be read
        once and not the other time; None on every rank but 0.

    Raises:
        ScoreStoreError: the table's classes are not the model's.
    """
    if table.classes != checkpoint.classes:
        raise ScoreStoreError(
            f"{run.scores_path}: its classes ({', '.join(table.classes)}) are not the model's "
            f"({', '.join(checkpoint.classes)}). {SCORE_AGAIN}"
        )
    ids = table.ids_of(np.arange(len(table.image_ids)))
    images = ImageSet.find(voc_dir, ids)
    shards = Shards(run.path / "verify.parts", len(ids), len(checkpoint.classes))
    if compute.world.rank == 0:
        shards.remove()
    try:
        rows = predict_rows(
            _logit_network(checkpoint, compute, report), images, checkpoint.preprocessing, shards,
            compute, "verifying", report,
        )  # fmt: skip
    finally:
        if compute.world.rank == 0:
            shards.remove()
    return greatest_difference(_sigmoid(rows[0]), np.asarray(table.scores)) if rows else None


def _sigmoid(logits: NDArray[np.float32]) -> NDArray[np.float32]:
    scores: NDArray[np.float32] = torch.from_numpy(logits).sigmoid().numpy()
    return scores


def _logit_network(checkpoint: Checkpoint, compute: Compute, report: Reporter) -> Network:
    """Returns the function from images (B, 3, H, W) on the device to logits (B, C)."""
    model = checkpoint.build_model().place_on(compute.device)
    backbone = FastBackbone(model.backbone, compute.precision, report)
    # Cached features are rounded so; without a cache, all layers have float32 here.
    dtype = getattr(torch, checkpoint.settings.features)
    return lambda images: model.head(backbone(images).to(dtype).float())


def _describe(
    checkpoint: Checkpoint,
    checkpoint_sha256: str,
    split: Split,
    images: ImageSet,
    run: RunFolder,
    unreadable: dict[int, str],
    compute: Compute,
) -> Manifest:
    scored = set(split.image_ids)
    overlap = len(scored.intersection(checkpoint.train_ids))
    return Manifest(
        run=run.name,
        voc_dir=str(split.voc_dir),
        split=split.name,
        settings=checkpoint.settings.model_dump(mode="json"),
        checkpoint_sha256=checkpoint_sha256,
        images_fingerprint=images.fingerprint,
        preprocessing=checkpoint.preprocessing.to_dict(),
        precision=compute.precision,
        device=compute.device.type,
        versions={
            "python": platform.python_version(),
            **{name: version(name) for name in _LIBRARIES},
        },
        unreadable_count=len(unreadable),
        unreadable=[
            f"{split.image_ids[row]}: {reason}"
            for row, reason in sorted(unreadable.items())[:MAX_LISTED]
        ],
        selected_epoch=checkpoint.epoch,
        selected_on=checkpoint.selected_on,
        # By the images themselves: trainval holds the val images too.
        selected_on_reported_split=not scored.isdisjoint(checkpoint.selection_ids),
        training_overlap=overlap,
        warnings=list(split.warnings)[:MAX_LISTED],
    )
