"""Model + split -> ScoreTable, resumable; and the check that saved scores can be had again."""

import platform
from collections.abc import Generator
from importlib.metadata import version
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from voc_model.data.voc import Split, image_path
from voc_model.errors import ScoreStoreError
from voc_model.inference.backbone import FastBackbone
from voc_model.inference.devices import usable_precision
from voc_model.inference.distributed import ALONE, Processes
from voc_model.inference.features import compute_features, fingerprint_files
from voc_model.inference.predict import infer_rows
from voc_model.inference.shards import Shards
from voc_model.model.checkpoint import Checkpoint
from voc_model.model.preprocessing import central_views
from voc_model.progress import Note, Progress
from voc_model.store.runs import RunFolder
from voc_model.store.scores import Manifest, ScoreTable

_LIBRARIES = ("torch", "torchvision", "numpy", "pillow", "simplejpeg", "openvino")
_MOST_LISTED = 100


def score_split(
    checkpoint: Checkpoint,
    checkpoint_sha256: str,
    split: Split,
    run: RunFolder,
    features_dir: Path,
    device: torch.device,
    workers: int,
    processes: Processes = ALONE,
) -> Generator[Progress | Note, None, ScoreTable | None]:
    """Predicts the sigmoid scores of every image of a split; what is finished survives a kill.

    With a frozen backbone the features that training computed are used again. The table is not
    written yet; the caller removes `run.parts_dir` once it is.

    Returns:
        The table, with NaN for the images that cannot be read, which its manifest names; None in
        all processes but the first.
    """
    paths = [image_path(split.voc_dir, image_id) for image_id in split.image_ids]
    views = central_views(range(len(paths)))
    model = checkpoint.build_model()
    precision = usable_precision(checkpoint.settings.precision, device)
    stage = f"scores of {split.name}"
    if checkpoint.settings.trainable == "head":
        rows = yield from compute_features(
            model, views, paths, checkpoint.preprocessing, precision, checkpoint.settings.features,
            features_dir, device, workers, stage, processes,
        )  # fmt: skip
        if rows is None:
            return None
        features, unreadable = rows
        with torch.inference_mode():
            head = model.cpu().predict_from_features
            scores = head(torch.from_numpy(features)).numpy()  # (N, 512) -> (N, C)
    else:
        shards = Shards(run.parts_dir, len(paths), len(checkpoint.classes), processes=processes)
        shards.claim(f"{checkpoint_sha256} {precision} {fingerprint_files(paths)}")
        backbone = FastBackbone(model.place_on(device).backbone, precision)
        rows = yield from infer_rows(
            backbone, model.predict_from_features, shards, views, paths, checkpoint.preprocessing,
            device, workers, stage,
        )  # fmt: skip
        if rows is None:
            return None
        scores, unreadable = rows
    manifest = _describe(checkpoint, checkpoint_sha256, split, run, unreadable)
    return ScoreTable.build(split.image_ids, split.classes, scores, split.labels, manifest)


def predict_again(
    checkpoint: Checkpoint,
    table: ScoreTable,
    voc_dir: Path,
    run: RunFolder,
    device: torch.device,
    workers: int,
    processes: Processes = ALONE,
) -> Generator[Progress | Note, None, float | None]:
    """Predicts every image of a table anew, from the image files, with no cache.

    Returns:
        The greatest difference to the saved scores; infinite where an image could be read once and
        not the other time; None in all processes but the first.

    Raises:
        ScoreStoreError: the table's classes are not the model's.
    """
    if table.classes != checkpoint.classes:
        raise ScoreStoreError(
            f"{run.scores_path}: its classes ({', '.join(table.classes)}) are not the model's "
            f"({', '.join(checkpoint.classes)}). Score again with scripts/precompute_scores.py."
        )
    image_ids = [bytes(image_id).decode() for image_id in table.image_ids]
    paths = [image_path(voc_dir, image_id) for image_id in image_ids]
    precision = usable_precision(checkpoint.settings.precision, device)
    model = checkpoint.build_model().place_on(device)
    parts_dir = run.path / "verify.parts"
    shards = Shards(parts_dir, len(paths), len(checkpoint.classes), processes=processes)
    shards.remove()
    kept_as = getattr(torch, checkpoint.settings.features)

    def head(features: Tensor) -> Tensor:
        # Rounded as the cached features were that the saved scores come from.
        return model.predict_from_features(features.to(kept_as).float())

    try:
        rows = yield from infer_rows(
            FastBackbone(model.backbone, precision), head, shards, central_views(range(len(paths))),
            paths, checkpoint.preprocessing, device, workers, "verifying",
        )  # fmt: skip
    finally:
        shards.remove()
    return greatest_difference(rows[0], np.asarray(table.scores)) if rows else None


def greatest_difference(left: NDArray[np.float32], right: NDArray[np.float32]) -> float:
    """Returns the greatest absolute difference; infinite where only one of two is NaN."""
    if not np.array_equal(np.isnan(left), np.isnan(right)):
        return float("inf")
    differences = np.abs(left.astype(np.float64) - right)
    return float(np.nanmax(differences, initial=0.0))


def _describe(
    checkpoint: Checkpoint,
    checkpoint_sha256: str,
    split: Split,
    run: RunFolder,
    unreadable: dict[int, str],
) -> Manifest:
    scored = set(split.image_ids)
    overlap = len(scored.intersection(checkpoint.train_ids))
    warnings = list(split.warnings)
    if overlap:
        warnings.insert(
            0,
            f"{overlap:,} of the {len(scored):,} scored images were trained on: "
            "the metrics flatter the model",
        )
    return Manifest(
        run=run.name,
        voc_dir=str(split.voc_dir),
        split=split.name,
        settings=checkpoint.settings.model_dump(mode="json"),
        checkpoint_sha256=checkpoint_sha256,
        preprocessing=checkpoint.preprocessing.to_dict(),
        versions={
            "python": platform.python_version(),
            **{name: version(name) for name in _LIBRARIES},
        },
        unreadable_count=len(unreadable),
        unreadable=[
            f"{split.image_ids[row]}: {reason}"
            for row, reason in sorted(unreadable.items())[:_MOST_LISTED]
        ],
        selected_epoch=checkpoint.epoch,
        selected_on=checkpoint.selected_on,
        # By the images themselves: trainval holds the val images too.
        selected_on_reported_split=not scored.isdisjoint(checkpoint.selection_ids),
        training_overlap=overlap,
        warnings=warnings[:_MOST_LISTED],
    )
