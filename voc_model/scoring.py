"""Model + split -> ScoreTable, resumable; and the check that saved scores can be reproduced."""

import platform
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from voc_model.data.voc import Split
from voc_model.errors import SCORE_AGAIN, DataError, ScoreStoreError
from voc_model.inference.backbone import FastBackbone, Network
from voc_model.inference.devices import Compute, library_versions
from voc_model.inference.features import compute_features
from voc_model.inference.loading import ImageSet
from voc_model.inference.predict import Rows, predict_rows
from voc_model.model.ensemble import Ensemble
from voc_model.progress import SILENT, Reporter
from voc_model.store.comparison import greatest_difference
from voc_model.store.manifest import MAX_LISTED, Manifest
from voc_model.store.runs import RunFolder
from voc_model.store.scores import ScoreTable
from voc_model.store.shards import Shards

_LIBRARIES = ("torch", "torchvision", "numpy", "pillow", "simplejpeg", "openvino")


def score_split(
    ensemble: Ensemble,
    split: Split,
    run: RunFolder,
    features_dir: Path,
    compute: Compute,
    report: Reporter = SILENT,
) -> ScoreTable | None:
    """Predicts the sigmoid scores of every image of a split; finished work survives a kill.

    The scores of several models are averaged. With a frozen backbone the features that training
    computed are reused. The table is not written yet; the caller removes `run.parts_dir` once it
    is.

    Returns:
        The table, with NaN for the images that cannot be read, which its manifest names; None on
        every rank but 0.

    Raises:
        DataError: no image can be read.
    """
    images = ImageSet.find(split.voc_dir, split.image_ids)
    stage = f"scores of {split.name}"
    if ensemble.first.settings.trainable == "head":
        rows = _apply_heads(ensemble, images, features_dir, compute, stage, report)
    else:
        identity = f"logits {ensemble.sha256} {compute.precision} {images.fingerprint}"
        shards = Shards(run.parts_dir, len(images.views), _logit_count(ensemble), identity=identity)
        if compute.world.rank == 0:
            shards.claim()
        network = _logit_network(ensemble, compute, report)
        rows = predict_rows(
            network, images, ensemble.first.preprocessing, shards, compute, stage, report
        )
    if rows is None:
        return None
    logits, unreadable = rows
    if len(unreadable) == len(split.image_ids):
        raise DataError(f"{split.voc_dir}: no image of split {split.name!r} can be read.")
    manifest = _describe(ensemble, split, images, run, unreadable, compute)
    scores, mean_logits = _average(logits, ensemble)
    return ScoreTable.build(
        split.image_ids, split.classes, scores, split.labels, manifest, mean_logits
    )


def collect_held_out(ensemble: Ensemble, split: Split, run: RunFolder) -> ScoreTable:
    """Returns the scores of the training images, each by the model that was not trained on it.

    Args:
        ensemble: the models of all folds.
        split: the training split; its labels are kept as they are.

    Returns:
        The table of every image of the split, with NaN for those that could not be read.
    """
    logits = np.full((len(split.image_ids), len(split.classes)), np.nan, np.float32)
    row_of = {image_id: row for row, image_id in enumerate(split.image_ids)}
    for checkpoint in ensemble.checkpoints:
        rows = [row_of[image_id] for image_id in checkpoint.selection_ids]
        logits[rows] = checkpoint.selection_logits
    unreadable = [split.image_ids[row] for row in np.flatnonzero(np.isnan(logits[:, 0]))]
    first = ensemble.first
    manifest = Manifest(
        run=run.name,
        voc_dir=str(split.voc_dir),
        split=split.name,
        settings=first.settings.model_dump(mode="json"),
        checkpoint_sha256=ensemble.sha256,
        images_fingerprint=ImageSet.find(split.voc_dir, split.image_ids).fingerprint,
        preprocessing=first.preprocessing.to_dict(),
        models=len(ensemble.checkpoints),
        selected_on=first.selected_on,
        selected_on_reported_split=True,
        unreadable_count=len(unreadable),
        unreadable=unreadable[:MAX_LISTED],
    )
    scores = torch.from_numpy(logits).sigmoid().numpy()
    return ScoreTable.build(split.image_ids, split.classes, scores, split.labels, manifest, logits)


def predict_again(
    ensemble: Ensemble,
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
    classes = ensemble.first.classes
    if table.classes != classes:
        raise ScoreStoreError(
            f"{run.scores_path}: its classes ({', '.join(table.classes)}) are not the model's "
            f"({', '.join(classes)}). {SCORE_AGAIN}"
        )
    ids = table.ids_of(np.arange(len(table.image_ids)))
    images = ImageSet.find(voc_dir, ids)
    shards = Shards(run.path / "verify.parts", len(ids), _logit_count(ensemble))
    if compute.world.rank == 0:
        shards.remove()
    try:
        rows = predict_rows(
            _logit_network(ensemble, compute, report), images, ensemble.first.preprocessing,
            shards, compute, "verifying", report,
        )  # fmt: skip
    finally:
        if compute.world.rank == 0:
            shards.remove()
    if rows is None:
        return None
    scores, _ = _average(rows[0], ensemble)
    return greatest_difference(scores, np.asarray(table.scores))


def _apply_heads(
    ensemble: Ensemble,
    images: ImageSet,
    features_dir: Path,
    compute: Compute,
    stage: str,
    report: Reporter,
) -> Rows | None:
    """Returns the logits (N, K C) of K models with frozen backbones, from cached features."""
    logits = []
    for checkpoint in ensemble.checkpoints:
        model = checkpoint.build_model()
        rows = compute_features(
            model, images, checkpoint.preprocessing, checkpoint.settings.features, features_dir,
            compute, stage, report,
        )  # fmt: skip
        if rows is not None:
            features, unreadable = rows
            with torch.inference_mode():
                logits.append(model.cpu().head(torch.from_numpy(features)).numpy())
    return (np.concatenate(logits, axis=1), unreadable) if logits else None


def _logit_network(ensemble: Ensemble, compute: Compute, report: Reporter) -> Network:
    """Returns the function from images (B, 3, H, W) on the device to logits (B, K C)."""
    networks = []
    for checkpoint in ensemble.checkpoints:
        model = checkpoint.build_model().place_on(compute.device)
        backbone = FastBackbone(model.backbone, compute.precision, report)
        networks.append((backbone, model.head))
    # Cached features are rounded so; without a cache, all layers have float32 here.
    dtype = getattr(torch, ensemble.first.settings.features)
    return lambda images: torch.cat(
        [head(backbone(images).to(dtype).float()) for backbone, head in networks], dim=1
    )


def _logit_count(ensemble: Ensemble) -> int:
    return len(ensemble.checkpoints) * len(ensemble.first.classes)


def _average(
    logits: NDArray[np.float32], ensemble: Ensemble
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Returns the mean scores (N, C) of logits (N, K C), and logits that order equal scores."""
    models = torch.from_numpy(logits).view(len(logits), len(ensemble.checkpoints), -1)  # (N, K, C)
    # In float64: the mean of scores that are 1 in float32 is 1.
    scores = models.sigmoid().double().mean(dim=1).float()
    return scores.numpy(), models.mean(dim=1).numpy()


def _describe(
    ensemble: Ensemble,
    split: Split,
    images: ImageSet,
    run: RunFolder,
    unreadable: dict[int, str],
    compute: Compute,
) -> Manifest:
    checkpoint, models = ensemble.first, ensemble.checkpoints
    scored = set(split.image_ids)
    trained_on = {image_id for model in models for image_id in model.train_ids}
    selected_on = {image_id for model in models for image_id in model.selection_ids}
    return Manifest(
        run=run.name,
        voc_dir=str(split.voc_dir),
        split=split.name,
        settings=checkpoint.settings.model_dump(mode="json"),
        checkpoint_sha256=ensemble.sha256,
        images_fingerprint=images.fingerprint,
        preprocessing=checkpoint.preprocessing.to_dict(),
        precision=compute.precision,
        device=compute.device.type,
        versions={
            "python": platform.python_version(),
            **library_versions(_LIBRARIES, compute.device),
        },
        unreadable_count=len(unreadable),
        unreadable=[
            f"{split.image_ids[row]}: {reason}"
            for row, reason in sorted(unreadable.items())[:MAX_LISTED]
        ],
        models=len(models),
        selected_epoch=checkpoint.epoch if len(models) == 1 else None,
        selected_on=checkpoint.selected_on,
        # By the images themselves: trainval holds the val images too.
        selected_on_reported_split=not scored.isdisjoint(selected_on),
        training_overlap=len(scored & trained_on),
        warnings=list(split.warnings)[:MAX_LISTED],
    )
