"""The evaluation of a whole table against plain loops over its rows."""

import json
import math
from pathlib import Path

import numpy as np
import pytest
from score_tables import CLASSES, make_manifest, random_table
from sklearn.metrics import average_precision_score

from voc_model.errors import ScoreStoreError
from voc_model.evaluation import (
    CURVE_POINTS,
    RANK_BLOCK,
    TAIL_POINTS,
    RunCurves,
    RunMetrics,
    TruthCounts,
    evaluate,
    truth_above,
    write_evaluation,
)
from voc_model.mapped_npz import map_npz, write_npz
from voc_model.metrics import DifficultConvention, average_precision
from voc_model.runs import RunFolder
from voc_model.score_store import ScoreTable

every_convention = pytest.mark.parametrize("difficult", ["ignore", "positive", "negative"])
TAKEN_FOR = {"ignore": -1, "positive": 1, "negative": 0}


def rows_of(
    table: ScoreTable, column: int, difficult: DifficultConvention
) -> list[tuple[float, int]]:
    """Returns (score, label) of every image in rank order, difficult ones by the convention."""
    rows = []
    for row in table.ranking[column]:
        label = int(table.labels[row, column])
        score = float(table.scores[row, column])
        rows.append((score, TAKEN_FOR[difficult] if label == -1 else label))
    return rows


def table_of(scores: list[list[float]], labels: list[list[int]]) -> ScoreTable:
    return ScoreTable.build(
        [f"{row:03d}" for row in range(len(scores))],
        CLASSES[: len(scores[0])],
        np.array(scores, np.float32),
        np.array(labels, np.int8),
        make_manifest(),
    )


# Numbers -----------------------------------------------------------------------------------------


@every_convention
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_numbers_of_a_class_are_those_of_a_plain_count(
    seed: int, difficult: DifficultConvention
) -> None:
    table = random_table(seed, images=150)
    metrics, _ = evaluate(table, difficult)
    assert [item.name for item in metrics.classes] == list(CLASSES)
    for column, found in enumerate(metrics.classes):
        rows = rows_of(table, column, difficult)
        readable = [(score, label) for score, label in rows if not math.isnan(score)]
        counted = [(score, label) for score, label in readable if label != -1]
        labels = [label for _, label in readable]
        assert found.unreadable == len(rows) - len(readable) > 0
        assert (found.present, found.absent, found.ignored) == tuple(
            labels.count(label) for label in (1, 0, -1)
        )
        assert found.highest_score == max(score for score, _ in counted)
        if not found.present:
            assert all(math.isnan(value) for value in found.average_precision.values())
            continue
        expected = average_precision_score(
            [item[1] for item in counted], [item[0] for item in counted]
        )
        assert found.average_precision["sklearn"] == pytest.approx(expected, abs=1e-12)
        for definition, value in found.average_precision.items():
            scores, truth = zip(*rows, strict=True)
            assert value == average_precision(scores, truth, definition)


@every_convention
def test_the_mean_is_over_the_defined_classes_and_says_how_many(
    difficult: DifficultConvention,
) -> None:
    table = random_table(3, images=60)
    metrics, _ = evaluate(table, difficult)
    # The last class has difficult objects only: present by one convention alone.
    assert metrics.classes_defined == (3 if difficult == "positive" else 2)
    for definition, mean in metrics.mean_average_precision.items():
        values = [item.average_precision[definition] for item in metrics.classes]
        defined = [value for value in values if not math.isnan(value)]
        assert mean == pytest.approx(sum(defined) / len(defined), abs=1e-12)


def test_what_was_evaluated_is_said() -> None:
    table = random_table()
    metrics, _ = evaluate(table, "negative")
    assert (metrics.split, metrics.images, metrics.difficult) == ("val", 40, "negative")
    assert metrics.scores_created == table.manifest.created


@every_convention
def test_tail_accuracy_is_that_of_a_plain_loop(difficult: DifficultConvention) -> None:
    table = random_table(4, images=80)
    metrics, curves = evaluate(table, difficult)
    for column in range(len(CLASSES)):
        rows = rows_of(table, column, difficult)
        thresholds = curves.tail_threshold[column]
        for place in np.flatnonzero(~np.isnan(thresholds)):
            above = [label for score, label in rows if score > thresholds[place] and label != -1]
            expected = sum(above) / len(above) if above else np.nan
            np.testing.assert_equal(float(curves.tail_accuracy[column, place]), expected)
            assert curves.tail_count[column, place] == len(above)
        drawn = thresholds[~np.isnan(thresholds)]
        assert (np.diff(drawn) > 0).all()
        # On to the class's own highest score, where at least one image is left.
        highest = metrics.classes[column].highest_score
        assert np.nextafter(np.float32(drawn[-1]), np.float32(1)) == np.float32(highest)
    shared = np.array(metrics.mean_tail.threshold)
    assert len(shared) == TAIL_POINTS
    assert shared[0] == 0.5
    for place, mean in enumerate(metrics.mean_tail.accuracy):
        column_values = curves.tail_accuracy[:, place]
        assert not np.isnan(column_values).any(), "every class is defined on the shared grid"
        assert mean == pytest.approx(column_values.mean(), abs=1e-12)
        assert metrics.mean_tail.classes_defined[place] == len(CLASSES)
        counts = curves.tail_count[:, place]
        assert metrics.mean_tail.mean_count[place] == pytest.approx(counts.mean(), abs=1e-12)


def test_a_class_that_never_reaches_a_half_is_left_out_of_the_mean_tail() -> None:
    table = table_of([[0.9, 0.4], [0.8, 0.3], [0.2, 0.1]], [[1, 1], [0, 0], [1, 0]])
    metrics, curves = evaluate(table)
    assert metrics.mean_tail.classes_defined == [1] * TAIL_POINTS
    assert metrics.mean_tail.accuracy[0] == 0.5  # two dogs' scores are above 0.5, one is right
    assert np.isnan(curves.tail_accuracy[1]).all()


# Curves ------------------------------------------------------------------------------------------


def test_short_curves_hold_every_distinct_score() -> None:
    table = random_table(5)
    metrics, curves = evaluate(table)
    rows = [item for item in rows_of(table, 0, "ignore") if item[1] != -1]
    rows = [item for item in rows if not math.isnan(item[0])]
    distinct = sorted({score for score, _ in rows}, reverse=True)
    drawn = ~np.isnan(curves.threshold[0])
    assert curves.threshold[0, drawn].tolist() == distinct
    for place, threshold in enumerate(distinct):
        above = [label for score, label in rows if score >= threshold]
        assert curves.rank[0, place] == len(above)
        assert curves.precision[0, place] == pytest.approx(sum(above) / len(above))
        assert curves.recall[0, place] == pytest.approx(sum(above) / metrics.classes[0].present)


def test_long_curves_are_thinned_but_numbers_are_exact() -> None:
    table = random_table(6, images=5000, decimals=6)
    metrics, curves = evaluate(table)
    assert curves.threshold.shape[1] <= CURVE_POINTS
    for column in (0, 1):
        drawn = ~np.isnan(curves.threshold[column])
        assert CURVE_POINTS / 2 < drawn.sum() <= CURVE_POINTS
        scores = table.scores[:, column]
        labels = table.labels[:, column]
        counted = (labels >= 0) & ~np.isnan(scores)
        # The ends are kept: the surest image and the whole split.
        assert curves.rank[column, 0] == 1
        assert np.diff(curves.rank[column, :8]).max() < 5, "dense where a page begins"
        assert curves.threshold[column, 0] == scores[counted].max()
        assert curves.rank[column, drawn][-1] == counted.sum()
        assert curves.recall[column, drawn][-1] == 1
        # And what is drawn lies on the whole curve.
        for place in np.flatnonzero(drawn)[::17]:
            above = labels[counted][scores[counted] >= curves.threshold[column, place]]
            assert curves.precision[column, place] == pytest.approx(above.mean())
        expected = average_precision_score(labels[counted], scores[counted])
        found = metrics.classes[column].average_precision["sklearn"]
        assert found == pytest.approx(expected, abs=1e-12)
        by_points = float(np.sum(
            np.diff(curves.recall[column, drawn], prepend=0) * curves.precision[column, drawn]
        ))  # fmt: skip
        assert abs(by_points - expected) > 1e-9, "the thinned curve alone would be off"


def test_the_mean_curve_is_the_mean_of_the_envelopes() -> None:
    # dog: present at ranks 1 and 4: precision 1 up to recall 1/2, 1/2 above.
    # tree: present at ranks 2, 3 and 4: precision 3/4 everywhere, it grows down the ranking.
    # Their mean: 7/8 up to recall 1/2, 5/8 above; zebra shows nothing and is left out.
    table = table_of(
        [[0.9, 0.9, 0.9], [0.8, 0.8, 0.8], [0.7, 0.7, 0.7], [0.6, 0.6, 0.6]],
        [[1, 0, 0], [0, 1, 0], [0, 1, 0], [1, 1, -1]],
    )
    _, curves = evaluate(table)
    np.testing.assert_allclose(curves.mean_recall[0], np.arange(101) / 100)
    np.testing.assert_allclose(curves.mean_precision[0, :51], 7 / 8)
    np.testing.assert_allclose(curves.mean_precision[0, 51:], 5 / 8)


@every_convention
def test_truth_down_to_a_rank_is_that_of_a_plain_count(difficult: DifficultConvention) -> None:
    images = 2 * RANK_BLOCK + 100
    table = random_table(7, images=images)
    metrics, curves = evaluate(table, difficult)
    edges = [RANK_BLOCK - 1, RANK_BLOCK, RANK_BLOCK + 1, 2 * RANK_BLOCK]
    for column in range(len(CLASSES)):
        labels = [label for _, label in rows_of(table, column, difficult)]
        for rank in (0, 1, 2, 57, *edges, images - 1, images):
            above = labels[:rank]
            expected = TruthCounts(above.count(1), above.count(0), above.count(-1))
            assert truth_above(table, metrics, curves, column, rank) == expected


def test_truth_is_counted_where_the_images_fill_whole_blocks() -> None:
    table = random_table(8, images=RANK_BLOCK)
    metrics, curves = evaluate(table)
    counts = truth_above(table, metrics, curves, 0, RANK_BLOCK)
    assert counts.present == (table.labels[:, 0] == 1).sum()


def test_accuracy_of_counts() -> None:
    assert TruthCounts(present=3, absent=1, ignored=9).accuracy == 0.75
    assert math.isnan(TruthCounts(present=0, absent=0, ignored=2).accuracy)


def test_a_table_without_anything_to_count_is_undefined_everywhere(tmp_path: Path) -> None:
    table = table_of([[np.nan], [0.5]], [[1], [-1]])
    run = RunFolder(tmp_path)
    write_evaluation(run, *evaluate(table))
    metrics, curves = RunMetrics.read(run.metrics_path), RunCurves.open(run.curves_path)
    assert math.isnan(metrics.mean_average_precision["voc2007"])
    assert metrics.classes_defined == 0
    assert math.isnan(metrics.classes[0].highest_score)
    assert metrics.mean_tail.classes_defined == [0]
    assert np.isnan(curves.mean_precision).all()


# Files -------------------------------------------------------------------------------------------


@pytest.fixture
def run(tmp_path: Path) -> RunFolder:
    run = RunFolder(tmp_path / "sample")
    write_evaluation(run, *evaluate(random_table()))
    return run


def test_numbers_are_read_as_they_were_written(run: RunFolder) -> None:
    metrics, _ = evaluate(random_table())
    found = RunMetrics.read(run.metrics_path)
    assert isinstance(found.classes[2].average_precision["sklearn"], float)
    np.testing.assert_equal(
        found.model_dump(exclude={"scores_created"}), metrics.model_dump(exclude={"scores_created"})
    )


def test_undefined_is_null_in_the_file(run: RunFolder) -> None:
    def refuse(word: str) -> None:
        raise AssertionError(f"{word} is no JSON")

    content = json.loads(run.metrics_path.read_text(), parse_constant=refuse)
    assert content["classes"][2]["average_precision"] == dict.fromkeys(
        ("sklearn", "voc2010", "voc2007")
    )


def test_curves_are_opened_by_memory_map_as_they_were_written(run: RunFolder) -> None:
    _, curves = evaluate(random_table())
    found = RunCurves.open(run.curves_path)
    for name, array in vars(curves).items():
        assert isinstance(getattr(found, name), np.memmap), name
        np.testing.assert_array_equal(getattr(found, name), array)


@pytest.mark.parametrize("contents", [b"", b"{", b"[]", b"\xff\xfe", b'{"split": "val"}', b"null"])
def test_damaged_numbers_are_told(run: RunFolder, contents: bytes) -> None:
    run.metrics_path.write_bytes(contents)
    with pytest.raises(ScoreStoreError) as caught:
        RunMetrics.read(run.metrics_path)
    assert str(caught.value).startswith(f"{run.metrics_path}: damaged")
    assert "scripts/precompute_scores.py" in str(caught.value)


def test_damaged_curves_are_told(run: RunFolder) -> None:
    members = {name: np.array(array) for name, array in map_npz(run.curves_path).items()}
    whole = run.curves_path.read_bytes()
    lacking, too_many = dict(members), members | {"another": np.zeros(3)}
    del lacking["recall"]
    damages = [
        lambda: run.curves_path.write_bytes(b"no archive"),
        lambda: run.curves_path.write_bytes(whole[:-100]),
        lambda: write_npz(run.curves_path, lacking),
        lambda: write_npz(run.curves_path, too_many),
    ]
    for damage in damages:
        damage()
        with pytest.raises(ScoreStoreError) as caught:
            RunCurves.open(run.curves_path)
        assert str(caught.value).startswith(f"{run.curves_path}: damaged")
        assert "scripts/precompute_scores.py" in str(caught.value)


def test_missing_files_are_told(tmp_path: Path) -> None:
    with pytest.raises(ScoreStoreError, match=r"metrics\.json: not found.*precompute_scores"):
        RunMetrics.read(tmp_path / "metrics.json")
    with pytest.raises(ScoreStoreError, match=r"curves\.npz: not found.*precompute_scores"):
        RunCurves.open(tmp_path / "curves.npz")
