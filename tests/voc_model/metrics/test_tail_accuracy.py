"""Tail accuracy and its grids compared with plain loops, NumPy and hand-worked examples."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from random_rankings import Ranking, counted, rankings

from voc_model.metrics.precision_recall import precision_recall_curve
from voc_model.metrics.tail_accuracy import (
    TAIL_GRIDS,
    percentile_thresholds,
    tail_accuracy,
    thresholds_to_highest,
)


def test_hand_worked_tail_accuracy() -> None:
    # Above 0.5 are 0.9 (present), 0.8 (absent) and 0.7 (present); the difficult 0.95 and the score
    # of exactly 0.5 do not count. Above 0.8 is only 0.9; above 0.9 none.
    scores = np.array([0.5, 0.95, 0.7, 0.9, 0.8, 0.1])
    labels = np.array([1, -1, 1, 1, 0, 1])
    accuracy, count = tail_accuracy(precision_recall_curve(scores, labels), [0.5, 0.8, 0.9])
    np.testing.assert_equal(accuracy, [2 / 3, 1, np.nan])
    assert count.tolist() == [3, 1, 0]


@given(rankings(), st.lists(st.floats(-0.5, 1.5) | st.sampled_from([0.25, 0.5, 0.75]), max_size=8))
def test_tail_accuracy_equals_a_plain_loop(ranking: Ranking, thresholds: list[float]) -> None:
    accuracy, count = tail_accuracy(precision_recall_curve(*ranking), thresholds)
    for index, threshold in enumerate(thresholds):
        above = [label for score, label in counted(*ranking) if score > threshold]
        assert count[index] == len(above)
        expected = sum(above) / len(above) if above else np.nan
        np.testing.assert_equal(accuracy[index], expected)


def test_each_grid_has_ten_to_twenty_points() -> None:
    assert TAIL_GRIDS["threshold"].tolist() == [round(0.5 + 0.025 * at, 3) for at in range(20)]
    assert TAIL_GRIDS["highest"].tolist() == pytest.approx([at / 19 for at in range(20)])
    assert TAIL_GRIDS["percentile"].tolist() == [
        *(0.1, 0.2, 0.3, 0.5, 0.7, 1, 2, 3, 5, 7, 10, 20, 30, 50)
    ]


@given(rankings())
def test_thresholds_to_the_highest_score(ranking: Ranking) -> None:
    curve = precision_recall_curve(*ranking)
    thresholds = thresholds_to_highest(curve)
    accuracy, count = tail_accuracy(curve, thresholds)
    scores = [score for score, _ in counted(*ranking)]
    assert len(thresholds) == 20
    assert thresholds[0] == 0.5
    if max(scores, default=0) <= 0.5:
        assert np.isnan(thresholds[1:]).all()
        assert np.isnan(accuracy).all()
        assert not count.any()
        return
    np.testing.assert_allclose(np.diff(thresholds), (thresholds[-1] - 0.5) / 19, atol=1e-12)
    # The last is just below the highest score: no float32 lies in between.
    assert np.nextafter(np.float32(thresholds[-1]), np.float32(1)) == np.float32(max(scores))
    assert count[-1] == scores.count(max(scores))
    assert not np.isnan(accuracy).any()


@given(rankings())
def test_percentiles_are_those_of_numpy(ranking: Ranking) -> None:
    thresholds = percentile_thresholds(precision_recall_curve(*ranking))
    scores = np.array([score for score, _ in counted(*ranking)])
    if not scores.size:
        assert np.isnan(thresholds).all()
        return
    for percentage, threshold in zip(TAIL_GRIDS["percentile"], thresholds, strict=True):
        lowest = -np.percentile(-scores, percentage, method="inverted_cdf")
        assert scores[scores > threshold].min() == lowest


@given(st.integers(1, 3000), st.integers(1, 40), st.integers(0, 2**32 - 1))
def test_a_percentage_is_separated_as_closely_as_ties_allow(
    images: int, distinct: int, seed: int
) -> None:
    random = np.random.default_rng(seed)
    scores = random.integers(0, distinct, images).astype(np.float32) / 40
    curve = precision_recall_curve(scores, np.zeros(images, np.int8))
    possible = sorted(np.count_nonzero(scores >= score) for score in set(scores.tolist()))
    for percentage, threshold in zip(
        TAIL_GRIDS["percentile"], percentile_thresholds(curve), strict=True
    ):
        # In thousandths: 0.7 % of 1,000 images are 7, of which floats make a little more.
        wanted = math.ceil(round(10 * percentage) * images / 1000)
        above = np.count_nonzero(scores.astype(float) > threshold)
        assert above == next(count for count in possible if count >= wanted)


def test_hand_worked_percentiles() -> None:
    # 1,000 images, the ten highest of which tie.
    scores = np.append(np.full(10, 0.9), np.linspace(0, 0.8, 990)).astype(np.float32)
    labels = (scores > 0.85).astype(np.int8)
    curve = precision_recall_curve(scores, labels)
    accuracy, count = tail_accuracy(curve, percentile_thresholds(curve))
    assert count.tolist() == [10] * 6 + [20, 30, 50, 70, 100, 200, 300, 500]
    assert accuracy.tolist() == [1.0] * 6 + [10 / number for number in count[6:]]


@pytest.mark.parametrize("images", [1000, 3000, 7000])
def test_a_whole_number_of_images_is_separated_exactly(images: int) -> None:
    curve = precision_recall_curve(np.arange(images) / images, np.zeros(images, np.int8))
    _, count = tail_accuracy(curve, percentile_thresholds(curve))
    assert [1000 * number // images for number in count] == [
        *(1, 2, 3, 5, 7, 10, 20, 30, 50, 70, 100, 200, 300, 500)
    ]
    assert not (1000 * count % images).any()
