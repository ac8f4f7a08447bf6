"""Small score tables that hold ties, difficult objects and unreadable images."""

import numpy as np

from voc_model.score_store import Manifest, ScoreTable

CLASSES = ("dog", "grüner Baum & Strauch", "zebra")


def make_manifest(**changes: object) -> Manifest:
    """Returns a manifest with the least it must hold."""
    fields = {"run": "sample", "voc_dir": "/data/VOC2012", "split": "val"}
    return Manifest.model_validate(fields | changes)


def random_table(seed: int = 0, images: int = 40, decimals: int = 2) -> ScoreTable:
    """Returns a table of CLASSES; ids come in no order, scores are rounded so that many tie.

    The first class has present images in any case, the last one has none.
    """
    random = np.random.default_rng(seed)
    image_ids = [f"2008_{number:06d}" for number in random.permutation(images)]
    labels = (random.random((images, 3)) < (0.4, 0.2, 0.0)).astype(np.int8)
    labels[random.random(labels.shape) < 0.1] = -1
    labels[0, 0] = 1
    scores = random.random(labels.shape).round(decimals).astype(np.float32)
    scores[1:][random.random(images - 1) < 0.1] = np.nan
    return ScoreTable.build(image_ids, CLASSES, scores, labels, make_manifest())
