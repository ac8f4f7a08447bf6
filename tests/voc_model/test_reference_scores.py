"""The metrics of the reference run's scores of VOC 2012 val equal the published ones.

The labels were made from the annotations; difficult objects count as present.
"""

import csv
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from devkit import devkit_2007, devkit_2010, precision_and_recall
from numpy.typing import NDArray
from real_data import MISSING, VOC2012_REFERENCE
from score_tables import make_manifest
from sklearn.metrics import accuracy_score, average_precision_score

from voc_model.data.voc import VOC_CLASSES
from voc_model.metrics.evaluation import evaluate, read_evaluation, write_evaluation
from voc_model.metrics.label_counts import count_labels
from voc_model.metrics.precision_recall import precision_recall_curve
from voc_model.metrics.run_metrics import RunMetrics
from voc_model.metrics.tail_accuracy import tail_accuracy
from voc_model.store.runs import RunFolder
from voc_model.store.scores import ScoreTable

pytestmark = pytest.mark.skipif(not VOC2012_REFERENCE.is_dir(), reason=MISSING)


@dataclass(frozen=True)
class Reference:
    """Scores and labels, and the run made of them; arrays in the order of scores.csv."""

    run: RunFolder
    image_ids: list[str]
    scores: NDArray[np.float32]  # (N, C)
    labels: NDArray[np.int8]  # (N, C); -1 for images that labels.csv lacks

    @property
    def labelled(self) -> NDArray[np.bool_]:
        return self.labels[:, 0] >= 0


@pytest.fixture(scope="module")
def reference(tmp_path_factory: pytest.TempPathFactory) -> Reference:
    scores = read_table(VOC2012_REFERENCE / "scores.csv")
    labels = read_table(VOC2012_REFERENCE / "labels.csv")
    unknown = [-1.0] * len(VOC_CLASSES)
    values = np.array(list(scores.values()), np.float32)
    truth = np.array([labels.get(image_id, unknown) for image_id in scores], np.int8)
    run = RunFolder(tmp_path_factory.mktemp("runs") / "reference")
    table = ScoreTable.build(list(scores), VOC_CLASSES, values, truth, make_manifest())
    table.write(run.scores_path)
    write_evaluation(run, *evaluate(ScoreTable.open(run.scores_path)))
    return Reference(run, list(scores), values, truth)


def read_table(path: Path) -> dict[str, list[float]]:
    """Returns the values of each image by its id."""
    with path.open(newline="") as file:
        header, *rows = csv.reader(file)
    assert tuple(header[1:]) == VOC_CLASSES
    return {row[0]: [float(value) for value in row[1:]] for row in rows}


def test_the_files_cover_the_whole_split(reference: Reference) -> None:
    assert reference.scores.shape == (5823, 20)
    assert reference.labelled.sum() == 5751


def test_the_run_has_the_scores_and_labels_of_the_files(reference: Reference) -> None:
    table = ScoreTable.open(reference.run.scores_path)
    table.check_values()
    rows = [table.row_of(image_id) for image_id in reference.image_ids]
    np.testing.assert_array_equal(table.scores[rows], reference.scores)
    np.testing.assert_array_equal(table.labels[rows], reference.labels)


def test_average_precision_equals_scikit_learns(reference: Reference) -> None:
    metrics = RunMetrics.read(reference.run.metrics_path)
    labels, scores = (array[reference.labelled] for array in (reference.labels, reference.scores))
    expected = [
        average_precision_score(labels[:, column], scores[:, column]) for column in range(20)
    ]
    found = [item.average_precision["sklearn"] for item in metrics.classes]
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-9)
    assert metrics.classes_defined == 20
    mean = metrics.mean_average_precision["sklearn"]
    assert mean == pytest.approx(float(np.mean(expected)), abs=1e-9)
    assert f"{mean:.3f}" == "0.806"


@pytest.mark.parametrize("name", ["aeroplane", "bottle", "person"])
def test_the_voc_definitions_equal_those_of_the_devkits(reference: Reference, name: str) -> None:
    metrics = RunMetrics.read(reference.run.metrics_path)
    column = VOC_CLASSES.index(name)
    labelled = reference.labelled
    points = precision_and_recall(
        reference.scores[labelled, column].tolist(), reference.labels[labelled, column].tolist()
    )
    found = metrics.classes[column].average_precision
    assert found["voc2010"] == pytest.approx(float(devkit_2010(*points)), abs=1e-9)
    assert found["voc2007"] == pytest.approx(float(devkit_2007(*points)), abs=1e-9)


def test_mean_tail_accuracy_equals_the_published_one(reference: Reference) -> None:
    per_class = np.array(
        [
            tail_accuracy(
                precision_recall_curve(reference.scores[:, column], reference.labels[:, column]),
                [0.5, 0.95],
            )[0]
            for column in range(20)
        ]
    )
    at_half, at_95 = per_class.mean(axis=0)  # every class has images above both thresholds
    assert f"{at_half:.3f}" == "0.794"
    assert f"{at_95:.3f}" == "0.962"
    metrics = RunMetrics.read(reference.run.metrics_path)
    for tail in (metrics.mean_tail["threshold"], metrics.mean_tail["highest"]):
        assert tail.accuracy[0] == pytest.approx(at_half, abs=1e-12)
        assert tail.classes_defined == [20] * 20
    assert metrics.mean_tail["threshold"].at[18] == 0.95
    assert metrics.mean_tail["threshold"].accuracy[18] == pytest.approx(at_95, abs=1e-12)
    percentile = metrics.mean_tail["percentile"]
    assert percentile.classes_defined == [20] * 14
    # 5,751 labelled images, whose scores hardly tie.
    for percentage, fraction in zip(percentile.at, percentile.mean_fraction, strict=True):
        assert percentage / 100 <= fraction < percentage / 100 + 2 / 5751


def test_accuracy_equals_scikit_learns(reference: Reference) -> None:
    metrics = RunMetrics.read(reference.run.metrics_path)
    labels, scores = (array[reference.labelled] for array in (reference.labels, reference.scores))
    for column, item in enumerate(metrics.classes):
        truth = labels[:, column]
        assert item.accuracy == accuracy_score(truth, scores[:, column] > 0.5)
        assert item.baseline_accuracy == accuracy_score(truth, np.zeros_like(truth))
    assert f"{metrics.mean_accuracy:.3f} {metrics.mean_baseline_accuracy:.3f}" == "0.965 0.924"


def test_the_top_of_each_ranking_agrees_with_the_curves(reference: Reference) -> None:
    table = ScoreTable.open(reference.run.scores_path)
    metrics, curves = read_evaluation(reference.run, table)
    for column in range(20):
        ranking = table.class_ranking(column)
        top = ranking.slice(1, 50)
        assert (np.diff(table.scores[top, column]) <= 0).all()
        assert table.scores[top[0], column] == reference.scores[:, column].max()
        above = ranking.count_above(0.5)
        counts = count_labels(table, metrics, curves, column, above)
        assert counts.accuracy == pytest.approx(float(curves.tail_accuracy[column, 0]), abs=1e-12)
        assert counts.present + counts.absent == curves.tail_count[column, 0]
        assert counts.ignored == above - curves.tail_count[column, 0]
