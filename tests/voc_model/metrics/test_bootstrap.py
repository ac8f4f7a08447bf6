"""Intervals of average precision: scikit-learn on every resample is the oracle."""

import numpy as np
import pytest
from numpy.typing import NDArray
from recorded_report import RecordedReport
from score_tables import random_table, table_of
from sklearn.metrics import average_precision_score

from voc_model.metrics import bootstrap
from voc_model.metrics.bootstrap import (
    average_precision_intervals,
    percentile_interval,
    resampled_average_precision,
    weighted_average_precision,
)
from voc_model.metrics.precision_recall import (
    DifficultConvention,
    apply_difficult,
    average_precision,
)
from voc_model.store.scores import ScoreTable


def columns_of(
    table: ScoreTable, difficult: DifficultConvention
) -> list[tuple[NDArray[np.float32], NDArray[np.int8]]]:
    return [(scores, apply_difficult(labels, difficult)) for scores, labels in table.columns()]


def drawn_rows(images: int, resamples: int) -> list[NDArray[np.int64]]:
    """Returns the rows of each resample, drawn one after the other."""
    rng = np.random.default_rng(0)
    return [rng.integers(0, images, images) for _ in range(resamples)]


def oracle(scores: NDArray[np.float32], labels: NDArray[np.int8]) -> float:
    """Returns scikit-learn's average precision of the rows that count; NaN without a positive."""
    counted = (labels >= 0) & ~np.isnan(scores)
    if not (labels[counted] == 1).any():
        return float("nan")
    return float(average_precision_score(labels[counted], scores[counted]))


@pytest.mark.parametrize("difficult", ["ignore", "positive", "negative"])
@pytest.mark.parametrize("decimals", [1, 7])  # With one decimal, most scores are equal.
def test_every_resample_equals_scikit_learn(difficult: DifficultConvention, decimals: int) -> None:
    table = random_table(seed=4, images=60, decimals=decimals)
    found = resampled_average_precision(table, difficult, resamples=50)
    expected = [
        [oracle(scores[rows], labels[rows]) for scores, labels in columns_of(table, difficult)]
        for rows in drawn_rows(60, 50)
    ]
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-12)


def test_weights_are_sample_weights() -> None:
    rng = np.random.default_rng(8)
    scores = np.sort(rng.random(80).round(1).astype(np.float32))[::-1]
    labels = (rng.random(80) < 0.3).astype(np.int8)
    weights = rng.integers(0, 300, (80, 5)).astype(np.uint16)  # Sums exceed what uint16 holds.
    found = weighted_average_precision(scores, labels, weights)
    for column, value in enumerate(found):
        weight = weights[:, column]
        assert value == pytest.approx(
            average_precision_score(labels, scores, sample_weight=weight), abs=1e-12
        )
    (once,) = weighted_average_precision(scores, labels, np.ones((80, 1), np.uint16))
    assert once == pytest.approx(average_precision(scores, labels), abs=1e-15)


def test_a_sum_larger_than_its_type_is_exact() -> None:
    scores, labels = np.array([0.9, 0.8, 0.7], np.float32), np.array([1, 0, 1], np.int8)
    weights = np.array([[65535], [65535], [65535]], np.uint16)
    (value,) = weighted_average_precision(scores, labels, weights)
    assert value == pytest.approx((1 + 2 / 3) / 2)


def test_the_mean_is_over_the_classes_of_each_resample() -> None:
    table = random_table(seed=2, images=25)
    found = average_precision_intervals(table, resamples=200)
    values = resampled_average_precision(table, resamples=200)
    means = [np.mean([it for it in row if not np.isnan(it)]) for row in values]
    low, high = np.percentile(means, [2.5, 97.5])
    assert (found.mean.low, found.mean.high) == pytest.approx((low, high), abs=1e-12)
    for index in (0, 1):
        defined = values[:, index][~np.isnan(values[:, index])]
        interval = found.classes[index]
        expected = np.percentile(defined, [2.5, 97.5])
        assert (interval.low, interval.high) == pytest.approx(expected, abs=1e-12)
        assert interval.undefined == 200 - len(defined)
    never = found.classes[2]  # A class that no image shows.
    assert np.isnan([never.low, never.high]).all()
    assert never.undefined == 200


def test_resamples_without_the_only_present_image_are_counted() -> None:
    table = table_of([[0.9], [0.4], [0.2], [0.1]], [[1], [0], [0], [0]])
    (interval,) = average_precision_intervals(table, resamples=400).classes
    drawn = [0 in rows for rows in drawn_rows(4, 400)]
    assert interval.undefined == 400 - sum(drawn)
    assert 0.2 < interval.undefined / 400 < 0.45  # (3 / 4)^4 = 0.32
    assert (interval.low, interval.high) == (1, 1)


def test_the_same_table_has_the_same_intervals_in_chunks_of_any_size(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    table = random_table(seed=1, images=30)
    report = RecordedReport()
    expected = average_precision_intervals(table, resamples=64, report=report)
    monkeypatch.setattr(bootstrap, "_CHUNK_BYTES", 30 * 2 * 7)
    found = average_precision_intervals(table, resamples=64, report=report)
    np.testing.assert_equal(found, expected)
    assert [(stage.name, stage.done, stage.total) for stage in report.stages] == [
        ("bootstrap", 64, 64)
    ] * 2


def test_an_interval_covers_the_truth_as_often_as_it_says() -> None:
    """Of 200 samples of 300 images, about 95 % of the intervals hold the AP of all 40,000."""
    rng = np.random.default_rng(11)
    labels = (rng.random(40_000) < 0.2).astype(np.int8)
    scores = rng.normal(labels, 1).astype(np.float32)
    truth = average_precision(scores, labels)
    held = 0
    for _ in range(200):
        rows = rng.integers(0, len(labels), 300)
        order = rows[np.argsort(-scores[rows])]
        draws = rng.multinomial(300, np.full(300, 1 / 300), 200).T.astype(np.uint16)
        values = weighted_average_precision(scores[order], labels[order], draws)
        interval = percentile_interval(values)
        held += interval.low <= truth <= interval.high
    assert 0.88 <= held / 200 <= 0.99
