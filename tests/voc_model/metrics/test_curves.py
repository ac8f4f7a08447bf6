"""The precomputed curves of every class: compared with brute-force counts, and as files."""

import math
from dataclasses import fields, replace
from pathlib import Path

import numpy as np
import pytest
from score_tables import CLASSES, random_table, rows_of
from sklearn.metrics import average_precision_score, precision_recall_curve

from voc_model.errors import ScoreStoreError
from voc_model.metrics.calibration import ranked_reliability_diagram, ranked_score_histogram
from voc_model.metrics.curves import (
    MAX_CURVE_POINTS,
    MAX_OPERATING_POINTS,
    MAX_RANK_BLOCKS,
    RunCurves,
    block_edges,
    block_size,
)
from voc_model.metrics.evaluation import evaluate, write_evaluation
from voc_model.metrics.label_counts import count_labels, find_rank, ranking_strip
from voc_model.metrics.operating_points import operating_points
from voc_model.metrics.precision_recall import (
    DifficultConvention,
    apply_difficult,
    sort_by_score,
)
from voc_model.metrics.run_metrics import RunMetrics
from voc_model.store import archive
from voc_model.store.archive import read_npz
from voc_model.store.file_array import FileArray
from voc_model.store.npz import write_npz
from voc_model.store.runs import RunFolder
from voc_model.store.scores import ScoreTable

every_convention = pytest.mark.parametrize("difficult", ["ignore", "positive", "negative"])

# Precision and recall ----------------------------------------------------------------------------


def test_short_curves_have_every_distinct_score() -> None:
    table = random_table(5)
    metrics, curves = evaluate(table)
    rows = [item for item in rows_of(table, 0, "ignore") if item[1] >= 0]
    rows = [item for item in rows if not math.isnan(item[0])]
    distinct = sorted({score for score, _ in rows}, reverse=True)
    drawn = ~np.isnan(curves.threshold[0])
    assert curves.threshold[0, drawn].tolist() == distinct
    for index, threshold in enumerate(distinct):
        above = [label for score, label in rows if score >= threshold]
        assert curves.count[0, index] == len(above)
        assert curves.precision[0, index] == pytest.approx(sum(above) / len(above))
        assert curves.recall[0, index] == pytest.approx(sum(above) / metrics.classes[0].present)


def test_long_curves_are_thinned_but_metrics_are_exact() -> None:
    table = random_table(6, images=5000, decimals=6)
    metrics, curves = evaluate(table)
    assert curves.threshold.shape[1] <= MAX_CURVE_POINTS
    for column in (0, 1):
        drawn = ~np.isnan(curves.threshold[column])
        assert MAX_CURVE_POINTS / 2 < drawn.sum() <= MAX_CURVE_POINTS
        scores = table.scores[:, column]
        labels = table.labels[:, column]
        counted = (labels >= 0) & ~np.isnan(scores)
        # Both ends are kept: the highest score, and the whole split.
        assert curves.count[column, 0] == 1
        assert np.diff(curves.count[column, :8]).max() < 5, "dense at the top"
        assert curves.threshold[column, 0] == scores[counted].max()
        assert curves.count[column, drawn][-1] == counted.sum()
        assert curves.recall[column, drawn][-1] == 1
        # The points lie on the full curve.
        for index in np.flatnonzero(drawn)[::17]:
            above = labels[counted][scores[counted] >= curves.threshold[column, index]]
            assert curves.precision[column, index] == pytest.approx(above.mean())
            assert curves.rank[column, index] == (scores >= curves.threshold[column, index]).sum()
        expected = average_precision_score(labels[counted], scores[counted])
        found = metrics.classes[column].average_precision["sklearn"]
        assert found == pytest.approx(expected, abs=1e-12)
        by_points = float(np.sum(
            np.diff(curves.recall[column, drawn], prepend=0) * curves.precision[column, drawn]
        ))  # fmt: skip
        assert abs(by_points - expected) > 1e-9, "the area under the thinned curve differs"


# Operating points --------------------------------------------------------------------------------


def check_points(
    curves: RunCurves, table: ScoreTable, column: int, difficult: DifficultConvention
) -> None:
    """Checks every point against the images above its threshold."""
    points = operating_points(curves, column)
    scores, labels = (
        np.array(part) for part in zip(*rows_of(table, column, difficult), strict=True)
    )
    for index, threshold in enumerate(points.threshold):
        chosen = labels[scores > threshold].tolist()  # No NaN is greater.
        assert points.true_positives[index] == chosen.count(1)
        assert points.count[index] == chosen.count(1) + chosen.count(0)
        assert points.ignored[index] == chosen.count(-1)
        assert points.unknown[index] == chosen.count(-2)
        assert points.rank[index] == len(chosen)
        lower = scores[scores < points.score[index]]
        assert points.below[index] == (lower.max() if len(lower) else 0)
        np.testing.assert_array_equal(scores > threshold, scores >= points.score[index])


@every_convention
@pytest.mark.parametrize(("images", "decimals"), [(1, 2), (2, 2), (40, 2), (1000, 6)])
def test_with_few_images_every_distinct_score_is_a_point(
    images: int, decimals: int, difficult: DifficultConvention
) -> None:
    table = random_table(12, images, decimals)
    _, curves = evaluate(table, difficult)
    for column in range(len(CLASSES)):
        check_points(curves, table, column, difficult)
        rows = rows_of(table, column, difficult)
        distinct = {score for score, _ in rows if not math.isnan(score)}
        points = operating_points(curves, column)
        assert points.score.tolist() == sorted(distinct, reverse=True)
        assert points.are_complete


@every_convention
def test_with_many_images_points_are_exact_and_include_the_best_ones(
    difficult: DifficultConvention,
) -> None:
    table = random_table(13, images=6000, decimals=7)
    metrics, curves = evaluate(table, difficult)
    assert curves.point_score.shape[1] <= MAX_OPERATING_POINTS
    for column, numbers in enumerate(metrics.classes):
        check_points(curves, table, column, difficult)
        points = operating_points(curves, column)
        assert MAX_OPERATING_POINTS / 2 < len(points.score) <= MAX_OPERATING_POINTS
        assert not points.are_complete
        drawn = curves.threshold[column]
        assert set(drawn[~np.isnan(drawn)]) <= set(points.score)
        assert points.count[0] == 1
        assert points.count[-1] == numbers.present + numbers.absent
        if not numbers.present:
            assert numbers.best_f1 is None
            continue
        assert numbers.best_f1 is not None
        precision, recall = points.true_positives / points.count, points.true_positives
        # The points include the best F1 of all scores.
        f1 = 2 * points.true_positives / (points.count + numbers.present)
        assert f1.max() == numbers.best_f1.f1
        assert points.threshold[f1.argmax()] == numbers.best_f1.threshold
        # They also include the highest recall for every whole percent of precision.
        rows = [row for row in rows_of(table, column, difficult) if row[1] >= 0]
        scores, labels = zip(*[row for row in rows if not math.isnan(row[0])], strict=True)
        all_precision, all_recall, _ = precision_recall_curve(labels, scores)
        for percent in range(1, 101):
            reaching = all_precision[:-1] >= percent / 100
            chosen = precision >= percent / 100
            assert chosen.any() == reaching.any()
            if chosen.any():
                found = recall[chosen].max() / numbers.present
                assert found == pytest.approx(all_recall[:-1][reaching].max(), abs=1e-12)


# Calibration, histogram, blocks ------------------------------------------------------------------


@every_convention
def test_bins_equal_those_of_each_class(difficult: DifficultConvention) -> None:
    table = random_table(14, images=300)
    metrics, curves = evaluate(table, difficult)
    for column, numbers in enumerate(metrics.classes):
        labels = apply_difficult(table.labels[:, column], difficult)
        ranked = sort_by_score(table.scores[:, column], labels)
        diagram = ranked_reliability_diagram(*ranked)
        np.testing.assert_array_equal(curves.reliability_count[column], diagram.count)
        np.testing.assert_allclose(curves.reliability_score[column], diagram.mean_score)
        np.testing.assert_array_equal(curves.reliability_present[column], diagram.fraction_present)
        histogram = ranked_score_histogram(*ranked)
        for name in ("present", "absent", "ignored", "unknown"):
            found = getattr(curves, f"histogram_{name}")[column]
            np.testing.assert_array_equal(found, getattr(histogram, name))
            assert found.sum() == getattr(numbers, name)


@pytest.mark.parametrize(
    ("images", "size"),
    [
        (1, 1),
        (MAX_RANK_BLOCKS, 1),
        (MAX_RANK_BLOCKS + 1, 2),
        (2 * MAX_RANK_BLOCKS, 2),
        (10**7, 2442),
    ],
)
def test_blocks_are_few_and_short_at_the_top(images: int, size: int) -> None:
    edges = block_edges(images)
    assert block_size(images) == size
    assert len(edges) - 1 <= 1.25 * MAX_RANK_BLOCKS
    assert edges[0] == 0
    assert edges[-1] == images
    assert set(range(0, images, size)) <= set(edges.tolist())
    lengths = np.diff(edges)
    assert lengths.min() > 0
    assert (lengths <= np.maximum(1, edges[:-1] / 50)).all()


# Files -------------------------------------------------------------------------------------------


@pytest.fixture
def run(tmp_path: Path) -> RunFolder:
    run = RunFolder(tmp_path / "sample")
    write_evaluation(run, *evaluate(random_table()))
    return run


def test_curves_are_read_as_they_were_written(run: RunFolder) -> None:
    metrics, curves = evaluate(random_table())
    found = RunCurves.read(run.curves_path, metrics.identity)
    run.curves_path.write_bytes(b"")  # They are in memory: this does not matter.
    for name, array in vars(curves).items():
        np.testing.assert_array_equal(getattr(found, name), array)


def test_curves_of_many_classes_stay_in_the_file(
    run: RunFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As far as they are read one class at a time; they are checked all the same."""
    table = random_table()
    metrics, curves = evaluate(table)
    monkeypatch.setattr(archive, "_IN_MEMORY_BYTES", 0)
    found = RunCurves.read(run.curves_path, RunMetrics.read(run.metrics_path).identity)
    in_file = {name for name, array in vars(found).items() if isinstance(array, FileArray)}
    assert {"edge_score", "point_score", "present_before"} < in_file
    assert not {"count", "tail_accuracy", "mean_precision"} & in_file
    found.check_layout(40, 3)
    for index in range(3):
        left, right = operating_points(found, index), operating_points(curves, index)
        np.testing.assert_array_equal(left.threshold, right.threshold)
        np.testing.assert_array_equal(left.count, right.count)
        assert count_labels(table, metrics, found, index, 17) == count_labels(
            table, metrics, curves, index, 17
        )
        assert find_rank(table, found, index, 5) == find_rank(table, curves, index, 5)
        edges = [0, 10, 20, 40]
        for name, values in vars(ranking_strip(found, index, edges)).items():
            np.testing.assert_array_equal(values, getattr(ranking_strip(curves, index, edges), name))
    whole = run.curves_path.read_bytes()
    position = whole.index(np.asarray(curves.edge_score).tobytes())
    run.curves_path.write_bytes(whole[:position] + b"?" + whole[position + 1 :])
    with pytest.raises(ScoreStoreError, match="edge_score does not match its checksum"):
        RunCurves.read(run.curves_path, metrics.identity)


def test_damaged_curves_are_reported(run: RunFolder) -> None:
    identity = RunMetrics.read(run.metrics_path).identity
    members = {name: np.array(array) for name, array in read_npz(run.curves_path).items()}
    whole = run.curves_path.read_bytes()
    lacking, too_many = dict(members), members | {"another": np.zeros(3)}
    del lacking["recall"]
    flipped = bytearray(whole)
    flipped[whole.index(members["recall"].tobytes()) + 5] ^= 1
    damages = [
        (lambda: run.curves_path.write_bytes(flipped), "recall does not match its checksum"),
        (lambda: run.curves_path.write_bytes(b"no archive"), "damaged"),
        (lambda: run.curves_path.write_bytes(whole[:-100]), "damaged"),
        (lambda: write_npz(run.curves_path, lacking), "another version: recall is missing"),
        (lambda: write_npz(run.curves_path, too_many), "another version: another is unexpected"),
        (
            lambda: write_npz(run.curves_path, members | {"identity": np.array(b"other")}),
            "computed with other scores or settings",
        ),
    ]
    for damage, reason in damages:
        damage()
        with pytest.raises(ScoreStoreError) as caught:
            RunCurves.read(run.curves_path, identity)
        assert str(caught.value).startswith(f"{run.curves_path}: ")
        assert reason in str(caught.value)
        assert "scripts/precompute_scores.py" in str(caught.value)


def test_what_fits_a_table_and_what_does_not() -> None:
    _, curves = evaluate(random_table())
    curves.check_layout(40, 3)
    with pytest.raises(ValueError, match="present_before"):
        curves.check_layout(41, 3)
    with pytest.raises(ValueError, match="count"):
        curves.check_layout(40, 4)


@pytest.mark.parametrize("name", [field.name for field in fields(RunCurves)])
def test_shape_and_type_of_every_member_are_checked(name: str) -> None:
    _, curves = evaluate(random_table())
    array = getattr(curves, name)
    # If the first member of a group is narrower, the second one is reported.
    for wrong in (array[:, :-1], array[:0], array[0], np.float64(1), array.astype(np.float32)):
        with pytest.raises(ValueError, match="expected float64"):
            replace(curves, **{name: wrong}).check_layout(40, 3)
