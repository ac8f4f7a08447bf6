"""The evaluation of a whole table compared with plain loops over its rows."""

import json
import math
import os
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray
from recorded_report import RecordedReport, Stage
from score_tables import CLASSES, make_manifest, random_table, rows_of, table_of
from sklearn.calibration import calibration_curve
from sklearn.metrics import accuracy_score, average_precision_score, f1_score

from voc_model.errors import ScoreStoreError
from voc_model.metrics.curves import RunCurves
from voc_model.metrics.evaluation import (
    evaluate,
    find_convention,
    identify_evaluation,
    read_evaluation,
    write_evaluation,
)
from voc_model.metrics.precision_recall import DifficultConvention, average_precision
from voc_model.metrics.run_metrics import RunMetrics
from voc_model.metrics.tail_accuracy import TAIL_GRIDS, TailGrid
from voc_model.store.archive import read_npz
from voc_model.store.manifest import Manifest
from voc_model.store.npz import write_npz
from voc_model.store.ranking import rank_rows
from voc_model.store.runs import RunFolder
from voc_model.store.scores import ScoreTable

every_convention = pytest.mark.parametrize("difficult", ["ignore", "positive", "negative"])

# Metrics -----------------------------------------------------------------------------------------


@every_convention
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_metrics_of_a_class_equal_plain_loops(seed: int, difficult: DifficultConvention) -> None:
    table = random_table(seed, images=150)
    metrics, _ = evaluate(table, difficult)
    assert [item.name for item in metrics.classes] == list(CLASSES)
    for column, found in enumerate(metrics.classes):
        rows = rows_of(table, column, difficult)
        readable = [(score, label) for score, label in rows if not math.isnan(score)]
        counted = [(score, label) for score, label in readable if label >= 0]
        labels = [label for _, label in readable]
        assert found.unreadable == len(rows) - len(readable) > 0
        assert (found.present, found.absent, found.ignored, found.unknown) == tuple(
            labels.count(label) for label in (1, 0, -1, -2)
        )
        assert found.highest_score == max(score for score, _ in counted)
        scores, truth = (np.array(part) for part in zip(*counted, strict=True))
        check_calibration_error(found.expected_calibration_error, scores, truth)
        assert found.accuracy == accuracy_score(truth, scores > 0.5)
        assert found.baseline_accuracy == accuracy_score(truth, np.zeros_like(truth))
        if not found.present:
            assert found.best_f1 is None
            assert all(math.isnan(value) for value in found.average_precision.values())
            continue
        expected = average_precision_score(
            [item[1] for item in counted], [item[0] for item in counted]
        )
        assert found.average_precision["sklearn"] == pytest.approx(expected, abs=1e-12)
        assert found.best_f1 is not None
        best = max(f1_score(truth, scores >= threshold) for threshold in scores)
        assert found.best_f1.f1 == pytest.approx(best, abs=1e-12)
        chosen = f1_score(truth, scores > found.best_f1.threshold)
        assert chosen == pytest.approx(best, abs=1e-12)
        for definition, value in found.average_precision.items():
            assert value == average_precision(*zip(*rows, strict=True), definition)


def check_calibration_error(found: float, scores: NDArray[Any], truth: NDArray[Any]) -> None:
    """Checks the error against scikit-learn's diagram, weighted by the images per bin."""
    present, mean = calibration_curve(truth, scores, n_bins=15, strategy="uniform")
    count, _ = np.histogram(
        -scores, -np.linspace(0, 1, 16)[::-1]
    )  # bins (low, high], as in scikit-learn
    gaps = np.abs(present - mean)
    assert found == pytest.approx(np.average(gaps, weights=count[::-1][count[::-1] > 0]), abs=1e-12)


@every_convention
def test_the_mean_is_over_the_defined_classes_and_counts_them(
    difficult: DifficultConvention,
) -> None:
    table = random_table(3, images=60)
    metrics, _ = evaluate(table, difficult)
    # The last class has only difficult objects: present by one convention only.
    assert metrics.classes_defined == (3 if difficult == "positive" else 2)
    for definition, mean in metrics.mean_average_precision.items():
        values = [item.average_precision[definition] for item in metrics.classes]
        defined = [value for value in values if not math.isnan(value)]
        assert mean == pytest.approx(sum(defined) / len(defined), abs=1e-12)


def test_metrics_record_what_was_evaluated() -> None:
    table = random_table()
    metrics, _ = evaluate(table, "negative")
    assert (metrics.split, metrics.images, metrics.difficult) == ("val", 40, "negative")
    assert metrics.identity == identify_evaluation(table, "negative")


def tail_of(
    rows: list[tuple[float, int]], thresholds: Iterable[float]
) -> list[tuple[float, int, float]]:
    """Returns per threshold tail accuracy, and the number and fraction of images above."""
    counted = [(score, label) for score, label in rows if label >= 0 and not math.isnan(score)]
    above = [[label for score, label in counted if score > threshold] for threshold in thresholds]
    return [
        (sum(labels) / len(labels) if labels else np.nan, len(labels), len(labels) / len(counted))
        for labels in above
    ]


@every_convention
def test_tail_accuracy_equals_a_plain_loop(difficult: DifficultConvention) -> None:
    table = random_table(4, images=80)
    metrics, curves = evaluate(table, difficult)
    found: dict[TailGrid, list[list[tuple[float, int, float]]]] = defaultdict(list)
    for column, item in enumerate(metrics.classes):
        rows = rows_of(table, column, difficult)
        below_highest = np.nextafter(np.float32(item.highest_score), np.float32(0))
        own = np.linspace(0.5, float(below_highest), 20)
        percentiles = curves.percentile_threshold[column]
        np.testing.assert_array_equal(curves.tail_threshold[column], own)
        found["threshold"].append(tail_of(rows, TAIL_GRIDS["threshold"]))
        found["highest"].append(tail_of(rows, own))
        found["percentile"].append(tail_of(rows, percentiles))
        for thresholds, ranks in (
            (own, curves.tail_rank[column]),
            (percentiles, curves.percentile_rank[column]),
        ):
            selected = [sum(score > threshold for score, _ in rows) for threshold in thresholds]
            assert ranks.tolist() == selected
    for grid, accuracy, count in (
        ("threshold", curves.shared_accuracy, curves.shared_count),
        ("highest", curves.tail_accuracy, curves.tail_count),
        ("percentile", curves.percentile_accuracy, curves.percentile_count),
    ):
        values = np.array(found[grid])  # (C, T, 3)
        np.testing.assert_array_equal(accuracy, values[..., 0])
        np.testing.assert_array_equal(count, values[..., 1])
        mean = metrics.mean_tail[grid]
        assert mean.at == TAIL_GRIDS[grid].tolist()
        for index in range(len(mean.at)):
            defined = values[values[:, index, 1] > 0, index]
            assert mean.classes_defined[index] == len(defined)
            if len(defined):
                means = mean.accuracy[index], mean.mean_count[index], mean.mean_fraction[index]
                assert means == pytest.approx(defined.mean(axis=0), abs=1e-12)


def test_a_class_without_scores_above_a_half_is_excluded_from_the_mean_tail() -> None:
    table = table_of([[0.91, 0.4], [0.8, 0.3], [0.2, 0.1]], [[1, 1], [0, 0], [1, 0]])
    metrics, curves = evaluate(table)
    threshold, highest, percentile = metrics.mean_tail.values()
    assert highest.classes_defined == [1] * 20
    assert highest.accuracy[0] == 0.5  # of two images above 0.5, one shows a dog
    assert highest.mean_count[0] == 2, "of the dog alone"
    assert threshold.classes_defined == [1] * 17 + [0] * 3
    assert np.isnan(threshold.accuracy[17:]).all()
    assert percentile.classes_defined == [2] * 14, "a percentage separates images anywhere"
    assert np.isnan(curves.tail_accuracy[1]).all()
    assert curves.tail_threshold[1].tolist() == pytest.approx([0.5] + [np.nan] * 19, nan_ok=True)


def test_the_mean_on_shared_thresholds_counts_the_classes_that_are_left() -> None:
    """It goes on where the weakest class has no image left."""
    table = table_of([[0.99, 0.61], [0.98, 0.56]], [[1, 0], [0, 1]])
    mean = evaluate(table)[0].mean_tail["threshold"]
    assert mean.classes_defined == [2] * 5 + [1] * 15
    assert mean.accuracy == [0.5, 0.5, 0.5, 0.25, 0.25, *[0.5] * 15]
    assert mean.mean_fraction == [1, 1, 1, 0.75, 0.75, *[1] * 15]


def test_mean_accuracy_is_over_the_classes_with_an_image_that_counts() -> None:
    table = table_of(
        [[0.9, 0.1, 0.9], [0.8, 0.1, 0.9], [0.2, 0.1, 0.9], [0.1, 0.2, np.nan]],
        [[1, 0, -1], [0, 0, -2], [0, 1, -1], [0, 0, 1]],
    )
    metrics, _ = evaluate(table)
    assert [item.accuracy for item in metrics.classes[:2]] == [0.75, 0.75]
    assert [item.baseline_accuracy for item in metrics.classes[:2]] == [0.75, 0.75]
    assert math.isnan(metrics.classes[2].accuracy)
    assert math.isnan(metrics.classes[2].baseline_accuracy)
    assert (metrics.mean_accuracy, metrics.mean_baseline_accuracy) == (0.75, 0.75)
    assert metrics.accuracy_classes_defined == 2


def test_progress_is_reported_per_class() -> None:
    report = RecordedReport()
    evaluate(random_table(), report=report)
    assert report.stages == [Stage("metrics", reused=0, done=3, total=3, unit="classes")]


# Curves ------------------------------------------------------------------------------------------


def test_the_mean_curve_is_the_mean_of_the_envelopes() -> None:
    # dog: present at ranks 1 and 4: precision 1 up to recall 1/2, 1/2 above.
    # tree: present at ranks 2, 3 and 4: precision rises down the ranking, so the envelope is 3/4.
    # Their mean: 7/8 up to recall 1/2, 5/8 above; zebra has no positive and is excluded.
    table = table_of(
        [[0.9, 0.9, 0.9], [0.8, 0.8, 0.8], [0.7, 0.7, 0.7], [0.6, 0.6, 0.6]],
        [[1, 0, 0], [0, 1, 0], [0, 1, 0], [1, 1, -1]],
    )
    _, curves = evaluate(table)
    np.testing.assert_allclose(curves.mean_recall[0], np.arange(101) / 100)
    np.testing.assert_allclose(curves.mean_precision[0, :51], 7 / 8)
    np.testing.assert_allclose(curves.mean_precision[0, 51:], 5 / 8)


def test_metrics_of_a_table_without_counted_images_are_undefined(tmp_path: Path) -> None:
    table = table_of([[np.nan], [0.5]], [[1], [-1]])
    run = RunFolder(tmp_path)
    write_evaluation(run, *evaluate(table))
    metrics, curves = read_evaluation(run, table)
    assert math.isnan(metrics.mean_average_precision["voc2007"])
    assert metrics.classes_defined == 0
    assert math.isnan(metrics.classes[0].highest_score)
    for tail in metrics.mean_tail.values():
        assert not any(tail.classes_defined)
        assert np.isnan(tail.accuracy + tail.mean_count + tail.mean_fraction).all()
    assert (math.isnan(metrics.mean_accuracy), metrics.accuracy_classes_defined) == (True, 0)
    assert math.isnan(metrics.classes[0].expected_calibration_error)
    assert metrics.classes[0].best_f1 is None
    curves.check_layout(2, 1)
    assert np.isnan(curves.mean_precision).all()


# Files -------------------------------------------------------------------------------------------


@pytest.fixture
def run(tmp_path: Path) -> RunFolder:
    run = RunFolder(tmp_path / "sample")
    write_evaluation(run, *evaluate(random_table()))
    return run


def test_metrics_are_read_as_written(run: RunFolder) -> None:
    metrics, _ = evaluate(random_table())
    found = RunMetrics.read(run.metrics_path)
    assert isinstance(found.classes[2].average_precision["sklearn"], float)
    np.testing.assert_equal(
        found.model_dump(exclude={"identity"}), metrics.model_dump(exclude={"identity"})
    )


def test_undefined_metrics_are_null_in_the_file(run: RunFolder) -> None:
    def refuse(constant: str) -> None:
        raise AssertionError(f"{constant} is not valid JSON")

    content = json.loads(run.metrics_path.read_text(), parse_constant=refuse)
    assert content["classes"][2]["average_precision"] == dict.fromkeys(
        ("sklearn", "voc2010", "voc2007")
    )


@pytest.mark.parametrize("contents", [b"", b"{", b"[]", b"\xff\xfe", b'{"split": "val"}', b"null"])
def test_damaged_metrics_are_reported(run: RunFolder, contents: bytes) -> None:
    run.metrics_path.write_bytes(contents)
    with pytest.raises(ScoreStoreError) as caught:
        RunMetrics.read(run.metrics_path)
    assert str(caught.value).startswith(f"{run.metrics_path}: damaged")
    assert "scripts/precompute_scores.py" in str(caught.value)


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    run = RunFolder(tmp_path)
    os.mkfifo(run.metrics_path)
    with pytest.raises(ScoreStoreError, match=r"metrics\.json: damaged .*not a regular file"):
        RunMetrics.read(run.metrics_path)
    assert find_convention(run, random_table(images=5)) == "ignore"


def test_missing_files_are_reported(tmp_path: Path) -> None:
    with pytest.raises(ScoreStoreError, match=r"metrics\.json: not found.*precompute_scores"):
        RunMetrics.read(tmp_path / "metrics.json")
    with pytest.raises(ScoreStoreError, match=r"curves\.npz: not found.*precompute_scores"):
        RunCurves.read(tmp_path / "curves.npz", "any")


@pytest.fixture
def table(run: RunFolder) -> ScoreTable:
    """The table of the run, evaluated with a convention that is not the default."""
    table = random_table()
    write_evaluation(run, *evaluate(table, "positive"))
    return table


def test_an_evaluation_is_read_as_written(run: RunFolder, table: ScoreTable) -> None:
    metrics, curves = read_evaluation(run, table)
    expected_metrics, expected_curves = evaluate(table, "positive")
    np.testing.assert_equal(metrics.model_dump(), expected_metrics.model_dump())
    for name, array in vars(expected_curves).items():
        np.testing.assert_array_equal(getattr(curves, name), array)


def test_an_evaluation_of_other_scores_is_reported(run: RunFolder, table: ScoreTable) -> None:
    later = table.manifest.model_copy(update={"created": "2030-01-01T00:00:00+00:00"})
    renamed = (*CLASSES[:2], "horse")
    larger = replace(random_table(images=41), manifest=table.manifest)
    # Written within the same second, with the same ids and classes.
    scores, labels = np.array(table.scores), np.array(table.labels)
    scores[0, 0], labels[0, 0] = 0.123, 0
    for other in (
        replace(table, manifest=later),
        replace(table, classes=renamed),
        larger,
        replace(table, scores=scores, ranking=rank_rows(scores)),
        replace(table, labels=labels),
    ):
        with pytest.raises(ScoreStoreError, match=r"computed from other scores.*precompute_scores"):
            read_evaluation(run, other)


def test_a_kill_between_the_two_files_mixes_nothing(run: RunFolder, table: ScoreTable) -> None:
    """curves.npz is of another convention than metrics.json, or of the same of other scores."""
    metrics, _ = read_evaluation(run, table)
    assert metrics.difficult == "positive"
    scores = np.float32(1) - np.asarray(table.scores)
    other = replace(table, scores=scores, ranking=rank_rows(scores))
    for half in (evaluate(table, "ignore"), evaluate(other, "positive")):
        half[1].write(run.curves_path, half[0].identity)
        with pytest.raises(ScoreStoreError, match=r"curves\.npz: computed with other scores"):
            read_evaluation(run, table)


def test_a_flipped_bit_of_the_metrics_is_noticed(run: RunFolder, table: ScoreTable) -> None:
    whole = run.metrics_path.read_bytes()
    expected, _ = read_evaluation(run, table)
    refused = 0
    for position in range(0, len(whole), 7):
        damaged = bytearray(whole)
        damaged[position] ^= 1 << position % 8
        run.metrics_path.write_bytes(damaged)
        try:
            found = RunMetrics.read(run.metrics_path)
        except ScoreStoreError:
            refused += 1
        else:  # White space between two fields.
            np.testing.assert_equal(found.model_dump(), expected.model_dump())
    assert refused > len(whole) / 7 / 2


def test_files_of_an_older_version_are_reported(run: RunFolder, table: ScoreTable) -> None:
    members = {name: np.array(array) for name, array in read_npz(run.curves_path).items()}
    incomplete = {name: array for name, array in members.items() if name != "edge_score"}
    write_npz(run.curves_path, incomplete)
    with pytest.raises(ScoreStoreError, match=r"curves\.npz: .*another version: edge_score"):
        read_evaluation(run, table)
    renamed = {"images" if name == "count" else name: array for name, array in members.items()}
    write_npz(run.curves_path, renamed)
    with pytest.raises(ScoreStoreError, match="count is missing, images is unexpected"):
        read_evaluation(run, table)
    cut = {name: array[:, :-1] if array.ndim else array for name, array in members.items()}
    write_npz(run.curves_path, cut)
    with pytest.raises(
        ScoreStoreError, match=r"curves\.npz: .*expected float64.*precompute_scores"
    ):
        read_evaluation(run, table)
    write_npz(run.curves_path, members)
    read_evaluation(run, table)
    content = json.loads(run.metrics_path.read_text())
    del content["classes"][0]["best_f1"]
    run.metrics_path.write_text(json.dumps(content))
    with pytest.raises(ScoreStoreError, match=r"(?s)metrics\.json: damaged.*best_f1"):
        read_evaluation(run, table)
    assert find_convention(run, table) == "positive", "the convention is still read"


@pytest.mark.parametrize(
    ("written", "settings", "expected"),
    [
        (b'{"difficult": "negative"}', {"difficult": "positive"}, "negative"),
        (b'{"difficult": "perhaps"}', {"difficult": "positive"}, "positive"),
        (b"{", {"difficult": "positive"}, "positive"),
        (None, {"difficult": "positive", "epochs": 3}, "positive"),
        (None, {}, "ignore"),
        (None, {"difficult": 7}, "ignore"),
    ],
)
def test_the_convention_of_recomputed_metrics(
    tmp_path: Path, written: bytes | None, settings: dict[str, object], expected: str
) -> None:
    run = RunFolder(tmp_path)
    if written is not None:
        run.metrics_path.write_bytes(written)
    table = replace(random_table(), manifest=make_manifest(settings=settings))
    assert find_convention(run, table) == expected


@given(arrays(np.float32, st.integers(1, 60), elements=st.sampled_from([0.0, 0.5, 1.0, np.nan])))
def test_the_largest_tie_is_the_most_frequent_score(scores: NDArray[np.float32]) -> None:
    labels = np.where(np.arange(len(scores)) % 2, 1, -2).astype(np.int8)[:, None]
    ids = [f"{row:02}" for row in range(len(scores))]
    manifest = Manifest(run="r", voc_dir="/voc", split="val")
    table = ScoreTable.build(ids, ["dog"], scores[:, None], labels, manifest)
    (metrics,) = evaluate(table)[0].classes
    counts = Counter(scores[~np.isnan(scores)].tolist())
    assert metrics.largest_tie == max(counts.values(), default=0)
    if counts:
        assert counts[metrics.tied_score] == metrics.largest_tie
    else:
        assert np.isnan(metrics.tied_score)
    readable = sum(counts.values())
    is_told = metrics.largest_tie >= 5 and metrics.largest_tie >= readable / 4
    warning = metrics.describe_ties()
    assert (warning is not None) == is_told
    assert warning is None or f" of {readable:,} images have the same score" in warning
