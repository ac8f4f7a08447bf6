"""What is wrong above 0.5, and what those images show: compared with plain loops over the rows."""

import math
from collections import Counter

import numpy as np
import pytest
from score_tables import make_manifest, random_table, rows_of

from voc_model.data.labels import ABSENT, IGNORED, PRESENT
from voc_model.metrics import mistakes as module
from voc_model.metrics.evaluation import evaluate
from voc_model.metrics.mistakes import Mistakes, ShownClass
from voc_model.metrics.precision_recall import DifficultConvention, apply_difficult
from voc_model.store.scores import ScoreTable

every_convention = pytest.mark.parametrize("difficult", ["ignore", "positive", "negative"])


def table_of_many_classes(classes: int, images: int = 120) -> ScoreTable:
    """Returns a table in which most images have several labels, and some none."""
    random = np.random.default_rng(classes)
    labels = random.choice([1, 0, -1, -2], (images, classes), p=[0.2, 0.6, 0.1, 0.1])
    labels[::7] = 0
    labels[::14, 0] = -1
    scores = random.random(labels.shape).round(1).astype(np.float32)
    scores[::11] = np.nan
    names = [f"class {number}" for number in range(classes)]
    ids = [f"{number:04d}" for number in random.permutation(images)]
    return ScoreTable.build(ids, names, scores, labels.astype(np.int8), make_manifest())


def expected_mistakes(table: ScoreTable, index: int, difficult: DifficultConvention) -> Mistakes:
    """Finds the mistakes of a class image by image."""
    ranked = [pair for pair in rows_of(table, index, difficult) if not math.isnan(pair[0])]
    absent = [rank for rank, (_, label) in enumerate(ranked, 1) if label == ABSENT]
    present = [rank for rank, (_, label) in enumerate(ranked, 1) if label == PRESENT]
    shown, without_label = Counter[int](), 0
    all_labels = apply_difficult(np.asarray(table.labels), difficult)
    for scores, labels in zip(table.scores[:, index].tolist(), all_labels.tolist(), strict=True):
        if scores > 0.5 and labels[index] == ABSENT:
            shown.update(other for other, label in enumerate(labels) if label == PRESENT)
            without_label += PRESENT not in labels and IGNORED not in labels
    most = sorted(shown, key=lambda other: (-shown[other], other))[:2]
    return Mistakes(
        false_positives=sum(score > 0.5 and label == ABSENT for score, label in ranked),
        false_negatives=sum(score <= 0.5 and label == PRESENT for score, label in ranked),
        most_shown=[ShownClass(name=table.classes[at], count=shown[at]) for at in most],
        without_label=without_label,
        highest_absent=absent[:5],
        lowest_present=present[::-1][:5],
    )


@every_convention
@pytest.mark.parametrize("classes", [1, 2, 7, 30])
def test_mistakes_equal_plain_loops(
    classes: int, difficult: DifficultConvention, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_CHUNK_VALUES", 50 * classes)
    monkeypatch.setattr(module, "_CLASSES_AT_ONCE", 4)
    table = table_of_many_classes(classes)
    for index, found in enumerate(evaluate(table, difficult)[0].classes):
        assert found.mistakes == expected_mistakes(table, index, difficult)
    first = evaluate(table, difficult)[0].classes[0].mistakes
    assert first.without_label > 0
    assert bool(first.most_shown) == (classes > 1)


@every_convention
def test_mistakes_of_a_class_that_no_image_shows(difficult: DifficultConvention) -> None:
    table = random_table(5, images=90)
    for index, found in enumerate(evaluate(table, difficult)[0].classes):
        assert found.mistakes == expected_mistakes(table, index, difficult)


def test_mistakes_where_no_image_could_be_read() -> None:
    scores = np.full((3, 1), np.nan, np.float32)
    labels = np.array([[1], [0], [0]], np.int8)
    table = ScoreTable.build(["a", "b", "c"], ["dog"], scores, labels, make_manifest())
    (found,) = evaluate(table)[0].classes
    assert found.mistakes == Mistakes(
        false_positives=0, false_negatives=0, most_shown=[], without_label=0,
        highest_absent=[], lowest_present=[],
    )  # fmt: skip
