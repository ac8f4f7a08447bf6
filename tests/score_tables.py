"""Small score tables with ties, difficult objects, unlabelled and unreadable images."""

import numpy as np

from voc_model.metrics.precision_recall import DifficultConvention
from voc_model.store.manifest import Manifest
from voc_model.store.scores import ScoreTable

CLASSES = ("dog", "grüner Baum & Strauch", "zebra")


def make_manifest(**changes: object) -> Manifest:
    """Returns a manifest with its required fields and `changes`."""
    fields = {"run": "sample", "voc_dir": "/data/VOC2012", "split": "val"}
    return Manifest.model_validate(fields | changes)


def random_table(seed: int = 0, images: int = 40, decimals: int = 2) -> ScoreTable:
    """Returns a table of CLASSES with unsorted ids; scores are rounded so that many tie.

    The first class has at least one present image, the last one has none.
    """
    random = np.random.default_rng(seed)
    image_ids = [f"2008_{number:06d}" for number in random.permutation(images)]
    labels = (random.random((images, 3)) < (0.4, 0.2, 0.0)).astype(np.int8)
    labels[random.random(labels.shape) < 0.1] = -1
    labels[np.random.default_rng(seed).random(labels.shape) < 0.1] = -2
    labels[0, 0] = 1
    scores = random.random(labels.shape).round(decimals).astype(np.float32)
    scores[1:][random.random(images - 1) < 0.1] = np.nan
    return ScoreTable.build(image_ids, CLASSES, scores, labels, make_manifest())


def table_of(scores: list[list[float]], labels: list[list[int]]) -> ScoreTable:
    """Returns a table of these rows; its classes are the first of CLASSES."""
    return ScoreTable.build(
        [f"{row:03d}" for row in range(len(scores))],
        CLASSES[: len(scores[0])],
        np.array(scores, np.float32),
        np.array(labels, np.int8),
        make_manifest(),
    )


def rows_of(
    table: ScoreTable, column: int, difficult: DifficultConvention
) -> list[tuple[float, int]]:
    """Returns (score, label) of every image in rank order, with the convention applied."""
    difficult_label = {"ignore": -1, "positive": 1, "negative": 0}[difficult]
    rows = []
    for row in table.ranking[column]:
        label = int(table.labels[row, column])
        rows.append((float(table.scores[row, column]), difficult_label if label == -1 else label))
    return rows
