"""Synthetic runs are complete, reproducible, and resemble those of a model."""

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from recorded_report import RecordedReport, Stage

from scripts import synthetic_scores
from scripts.synthetic_scores import (
    expected_average_precision,
    make_classes,
    separations_for,
    write_synthetic_run,
)
from voc_model.data.voc import VOC_CLASSES
from voc_model.errors import DataError
from voc_model.metrics.evaluation import evaluate, read_evaluation
from voc_model.metrics.precision_recall import average_precision
from voc_model.metrics.run_metrics import RunMetrics
from voc_model.store.runs import RunFolder
from voc_model.store.scores import ScoreTable


class Stopper(RecordedReport):
    """Raises KeyboardInterrupt, as Ctrl-C does, after the first item of a stage."""

    def __init__(self, stage: str) -> None:
        super().__init__()
        self._stage = stage

    def track(self, iterable, stage, *arguments, **options):  # type: ignore[no-untyped-def]
        for item in super().track(iterable, stage, *arguments, **options):
            yield item
            if stage == self._stage:
                raise KeyboardInterrupt


def make(folder: Path, images: int = 3000, classes: int = 20, seed: int = 0) -> ScoreTable:
    run = RunFolder(folder)
    write_synthetic_run(run, images, classes, seed)
    return ScoreTable.open(run.scores_path)


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> ScoreTable:
    return make(tmp_path_factory.mktemp("runs") / "synthetic", images=40_000)


def arrays_of(table: ScoreTable) -> list[NDArray[np.generic]]:
    return [table.image_ids, table.scores, table.labels, table.ranking]


def test_a_run_is_complete_and_valid(tmp_path: Path) -> None:
    table = make(tmp_path / "run")
    table.check_values()
    assert table.classes == VOC_CLASSES
    metrics, curves = read_evaluation(RunFolder(tmp_path / "run"), table)
    expected, expected_curves = evaluate(table)
    np.testing.assert_equal(metrics.model_dump(), expected.model_dump())
    for name, array in vars(expected_curves).items():
        np.testing.assert_array_equal(getattr(curves, name), array)
    assert {path.name for path in (tmp_path / "run").iterdir()} == {
        "scores.npz", "metrics.json", "curves.npz",
    }  # fmt: skip


def test_the_seed_determines_every_number(tmp_path: Path) -> None:
    first, again, other = (
        make(tmp_path / name, seed=seed) for name, seed in (("a", 0), ("b", 0), ("c", 1))
    )
    for left, right in zip(arrays_of(first), arrays_of(again), strict=True):
        np.testing.assert_array_equal(left, right)
    for left, right in list(zip(arrays_of(first), arrays_of(other), strict=True))[1:]:
        assert not np.array_equal(left, right)
    metrics = [RunMetrics.read(tmp_path / name / "metrics.json") for name in "ab"]
    dumped = [item.model_dump(exclude={"identity"}) for item in metrics]
    np.testing.assert_equal(*dumped)


def test_each_class_has_about_its_average_precision(table: ScoreTable) -> None:
    drawn = make_classes(20, seed=0)
    expected = expected_average_precision(drawn.separation, drawn.prevalence)
    assert (expected > 0.29).all()
    assert (expected < 0.96).all()
    assert expected.max() - expected.min() > 0.4
    for index, value in enumerate(expected):
        found = average_precision(table.scores[:, index], table.labels[:, index])
        assert found == pytest.approx(value, abs=0.06)


@pytest.mark.parametrize("prevalence", [0.001, 0.02, 0.4])
def test_separations_give_the_average_precisions_asked_for(prevalence: float) -> None:
    wanted = np.array([0.41, 0.6, 0.95])
    separation = separations_for(wanted, np.full(3, prevalence))
    assert (np.diff(separation) > 0).all()
    np.testing.assert_allclose(
        expected_average_precision(separation, np.full(3, prevalence)), wanted, atol=1e-4
    )


def test_labels_are_sparse_and_some_are_difficult(table: ScoreTable) -> None:
    labels = np.asarray(table.labels)
    assert 1 < (labels == 1).sum(axis=1).mean() < 2
    assert 0.02 < (labels == -1).sum() / (labels != 0).sum() < 0.1
    assert ((labels == 1).sum(axis=0) > 100).all()


def test_a_few_images_have_no_scores(table: ScoreTable, tmp_path: Path) -> None:
    for item, count in ((table, 2), (make(tmp_path / "small", images=1), 1)):
        unreadable = np.isnan(item.scores).all(axis=1)
        np.testing.assert_array_equal(np.isnan(item.scores).any(axis=1), unreadable)
        assert unreadable.sum() == item.manifest.unreadable_count == count
        named = [text.partition(":")[0] for text in item.manifest.unreadable]
        assert named == [item.image_id(row) for row in np.flatnonzero(unreadable)]


def test_more_classes_than_voc_has(tmp_path: Path) -> None:
    table = make(tmp_path / "wide", images=50, classes=130)
    assert len(table.classes) == 130
    assert table.classes[:21] == (*VOC_CLASSES, "class_0020")
    table.check_values()


def test_progress_is_reported_for_all_stages(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(synthetic_scores, "_CHUNK_VALUES", 40)
    report = RecordedReport()
    write_synthetic_run(RunFolder(tmp_path), 50, 2, 0, report)
    assert report.stages == [
        Stage("scores", reused=0, done=50, total=50, unit="images"),
        Stage("ranking", reused=0, done=2, total=2, unit="classes"),
        Stage("metrics", reused=0, done=2, total=2, unit="classes"),
    ]


def test_an_interrupted_run_keeps_the_old_scores(tmp_path: Path) -> None:
    make(tmp_path)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    for stage in ("scores", "ranking"):
        with pytest.raises(KeyboardInterrupt):
            write_synthetic_run(RunFolder(tmp_path), 5000, 20, 1, Stopper(stage))
        assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_a_full_disk_is_reported_before_anything_is_lost(tmp_path: Path) -> None:
    make(tmp_path)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    with pytest.raises(DataError, match=r"take [\d.]+ GB, and [\d.]+ GB are free\. Choose fewer"):
        write_synthetic_run(RunFolder(tmp_path), 99_999_999, 9999, 0)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before
