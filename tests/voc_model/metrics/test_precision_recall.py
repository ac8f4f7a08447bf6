"""Metrics compared with scikit-learn, the devkits, plain loops and hand-worked examples."""

import random
import warnings
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from devkit import devkit_2007, devkit_2010, points_of, precision_and_recall
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from random_rankings import (
    Labels,
    Ranking,
    Scores,
    counted,
    rankings,
    rankings_with_a_present_image,
)
from sklearn.metrics import average_precision_score

from voc_model.metrics.precision_recall import (
    DEFINITIONS,
    Definition,
    apply_difficult,
    average_precision,
    average_precision_of_curve,
    count_above,
    mean_average_precision,
    precision_recall_curve,
    sort_by_score,
    threshold_below,
)
from voc_model.metrics.tail_accuracy import tail_accuracy

every_definition = pytest.mark.parametrize("definition", DEFINITIONS)


# By hand -------------------------------------------------------------------------------------

P, N = 1, 0
HAND_WORKED: list[tuple[list[int], dict[Definition, Fraction]]] = [
    # Precision at the present images: 1/1, 2/3, 3/6, at recalls 1/3, 2/3, 1.
    # No interpolation: (1 + 2/3 + 1/2) / 3 = 13/18. Precision is decreasing, so the envelope is the
    # same. 11 points: 1 at 0 to 0.3, 2/3 at 0.4 to 0.6, 1/2 at 0.7 to 1:
    # (4 x 1 + 3 x 2/3 + 4 x 1/2) / 11 = 8/11.
    (
        [P, N, P, N, N, P],
        {"sklearn": Fraction(13, 18), "voc2010": Fraction(13, 18), "voc2007": Fraction(8, 11)},
    ),
    # Precision 1/2 at recall 1/2, 2/3 at recall 1. No interpolation: (1/2 + 2/3) / 2 = 7/12.
    # The envelope raises the first to 2/3, which all 11 points have.
    (
        [N, P, P],
        {"sklearn": Fraction(7, 12), "voc2010": Fraction(2, 3), "voc2007": Fraction(2, 3)},
    ),
    # Recalls 1/4 .. 1 with precisions 1/1, 2/4, 3/5, 4/6.
    # No interpolation: (1 + 1/2 + 3/5 + 2/3) / 4 = 83/120.
    # Envelope 1, 2/3, 2/3, 2/3: (1 + 2) / 4 = 3/4.
    # 11 points: 1 at 0, 0.1, 0.2, 2/3 at the 8 others: (3 + 16/3) / 11 = 25/33.
    (
        [P, N, N, P, P, P],
        {"sklearn": Fraction(83, 120), "voc2010": Fraction(3, 4), "voc2007": Fraction(25, 33)},
    ),
    # Ten present images: recall is exactly 3/10 after three, where precision is still 1; after all
    # ten precision is 10/11. 11 points: 1 at 0, 0.1, 0.2 and 0.3, 10/11 at the other seven:
    # (4 + 70/11) / 11 = 114/121. Envelope: 3/10 x 1 + 7/10 x 10/11 = 103/110.
    (
        [P, P, P, N, P, P, P, P, P, P, P],
        {
            "voc2010": Fraction(103, 110),
            "voc2007": Fraction(114, 121),
        },
    ),
    # The only present image is last: 1/4 by all three definitions.
    (
        [N, N, N, P],
        {"sklearn": Fraction(1, 4), "voc2010": Fraction(1, 4), "voc2007": Fraction(1, 4)},
    ),
]


@pytest.mark.parametrize(("truth", "expected"), HAND_WORKED)
def test_hand_worked_rankings(truth: list[int], expected: dict[Definition, Fraction]) -> None:
    scores = np.linspace(0.9, 0.1, len(truth))
    for definition, value in expected.items():
        assert average_precision(scores, truth, definition) == pytest.approx(
            float(value), abs=1e-15
        )


def test_hand_worked_ties() -> None:
    # 0.9 twice, one of them present: no threshold separates the two. Points: precision 1/2 at
    # recall 1/2, then 2/3 at recall 1. (1/2 + 2/3) / 2 = 7/12; the envelope is 2/3 throughout.
    for truth in ([P, N, P], [N, P, P]):
        found = [average_precision([0.9, 0.9, 0.5], truth, item) for item in DEFINITIONS]
        assert found == pytest.approx([7 / 12, 2 / 3, 2 / 3], abs=1e-15)


@every_definition
def test_a_perfect_ranking_scores_one(definition: Definition) -> None:
    assert average_precision([0.9, 0.8, 0.7, 0.2], [1, 1, 0, 0], definition) == 1


@every_definition
def test_equal_scores_score_the_prevalence(definition: Definition) -> None:
    assert average_precision([0.5] * 8, [1, 1, 0, 0, 0, 0, 0, 0], definition) == 0.25


# Oracles -------------------------------------------------------------------------------------


@given(rankings_with_a_present_image())
def test_sklearn_definition_equals_scikit_learns(ranking: Ranking) -> None:
    scores, labels = ranking
    rows = counted(scores, labels)
    expected = average_precision_score([label for _, label in rows], [score for score, _ in rows])
    assert average_precision(scores, labels, "sklearn") == pytest.approx(expected, abs=1e-12)


@given(st.lists(st.booleans(), min_size=1, max_size=60).filter(any), st.randoms())
def test_voc_definitions_equal_the_devkits(truth: list[bool], chance: random.Random) -> None:
    """The devkits ignore ties: one point per image in the order of the scores."""
    recall = [Fraction(sum(truth[: end + 1]), sum(truth)) for end in range(len(truth))]
    precision = [Fraction(sum(truth[: end + 1]), end + 1) for end in range(len(truth))]
    scores = np.linspace(1, 0, len(truth), dtype=np.float32)
    rows = np.arange(len(truth))
    chance.shuffle(rows)  # type: ignore[arg-type]
    shuffled = scores[rows], np.array(truth, np.int8)[rows]
    assert average_precision(*shuffled, "voc2010") == pytest.approx(
        float(devkit_2010(precision, recall)), abs=1e-12
    )
    assert average_precision(*shuffled, "voc2007") == pytest.approx(
        float(devkit_2007(precision, recall)), abs=1e-12
    )


@given(rankings_with_a_present_image())
def test_voc_definitions_treat_ties_as_one_point(ranking: Ranking) -> None:
    rows = counted(*ranking)
    points = precision_and_recall([score for score, _ in rows], [label for _, label in rows])
    assert average_precision(*ranking, "voc2010") == pytest.approx(
        float(devkit_2010(*points)), abs=1e-12
    )
    assert average_precision(*ranking, "voc2007") == pytest.approx(
        float(devkit_2007(*points)), abs=1e-12
    )


@given(rankings())
def test_the_curve_has_one_point_per_distinct_score(ranking: Ranking) -> None:
    curve = precision_recall_curve(*ranking)
    rows = counted(*ranking)
    points = points_of([score for score, _ in rows], [label for _, label in rows])
    positives = sum(label for _, label in rows)
    assert curve.threshold.tolist() == [point[0] for point in points]
    assert curve.count.tolist() == [point[1] for point in points]
    assert curve.true_positives.tolist() == [point[2] for point in points]
    np.testing.assert_allclose(curve.precision, [point[2] / point[1] for point in points])
    expected = [point[2] / positives if positives else np.nan for point in points]
    np.testing.assert_allclose(curve.recall, expected)


@given(rankings())
def test_recall_steps_have_the_highest_precision_per_recall(ranking: Ranking) -> None:
    curve = precision_recall_curve(*ranking)
    steps = curve.take(curve.recall_steps())
    assert len(steps) <= curve.present == sum(label for _, label in counted(*ranking))
    reached = sorted({found for found in curve.true_positives.tolist() if found})
    assert steps.true_positives.tolist() == reached
    for found, precision in zip(reached, steps.precision, strict=True):
        assert precision == curve.precision[curve.true_positives == found].max()
    for definition in DEFINITIONS:
        whole, stepped = (average_precision_of_curve(item, definition) for item in (curve, steps))
        np.testing.assert_equal(whole, stepped)


@given(
    arrays(np.float32, st.integers(0, 20), elements=st.floats(0, 1, width=32)),
    st.lists(st.floats(-0.5, 1.5) | st.sampled_from([0.0, 0.1, 0.3, 1.0])),
)
def test_scores_above_a_threshold_are_compared_exactly(
    scores: Scores, thresholds: list[float]
) -> None:
    # As float32, 0.1 and 0.3 are greater than in float64, 0.7 is less.
    scores = np.sort(np.append(scores, np.array([0.1, 0.3, 0.7], np.float32)))[::-1]
    exact = [sum(score > threshold for score in scores.tolist()) for threshold in thresholds]
    assert count_above(scores, thresholds).tolist() == exact
    near = [float(scores[0]), 0.1, 0.3, 0.7]
    exact = [sum(score > threshold for score in scores.tolist()) for threshold in near]
    assert count_above(scores, near).tolist() == exact


# Properties ----------------------------------------------------------------------------------


@given(rankings_with_a_present_image(), st.randoms())
def test_the_order_of_rows_does_not_matter(ranking: Ranking, chance: random.Random) -> None:
    rows = np.arange(len(ranking[0]))
    chance.shuffle(rows)  # type: ignore[arg-type]
    for definition in DEFINITIONS:
        left = average_precision(*ranking, definition)
        assert left == average_precision(ranking[0][rows], ranking[1][rows], definition)


@given(rankings_with_a_present_image())
def test_only_the_order_of_the_scores_matters(ranking: Ranking) -> None:
    scores, labels = ranking
    steps = np.unique(scores[~np.isnan(scores)])
    # A monotone transformation: the squared index of each distinct score.
    transformed = np.where(np.isnan(scores), np.nan, np.searchsorted(steps, scores) ** 2.0 - 5)
    for definition in DEFINITIONS:
        left = average_precision(scores, labels, definition)
        assert left == average_precision(transformed, labels, definition)


@given(
    rankings(),
    arrays(np.float32, 7, elements=st.floats(0, 1, width=32)),
    arrays(np.int8, 7, elements=st.sampled_from([-1, -2])),
)
def test_difficult_unknown_and_unreadable_images_are_ignored(
    ranking: Ranking, more: Scores, uncounted: Labels
) -> None:
    scores, labels = ranking
    with_difficult = np.append(scores, more), np.append(labels, uncounted)
    unreadable = np.full(2, np.nan, np.float32)
    with_both = np.append(with_difficult[0], unreadable), np.append(with_difficult[1], [0, 1])
    thresholds = [0.0, 0.25, 0.6]
    for other in (with_difficult, with_both):
        for definition in DEFINITIONS:
            np.testing.assert_equal(
                average_precision(*other, definition), average_precision(*ranking, definition)
            )
        np.testing.assert_equal(
            tail_accuracy(precision_recall_curve(*other), thresholds),
            tail_accuracy(precision_recall_curve(*ranking), thresholds),
        )


@given(rankings_with_a_present_image())
def test_interpolation_never_lowers_average_precision(ranking: Ranking) -> None:
    plain, envelope, eleven = (average_precision(*ranking, item) for item in DEFINITIONS)
    assert 0 < plain <= envelope + 1e-12
    assert envelope <= 1 + 1e-12
    assert 0 < eleven <= 1 + 1e-12


# Thresholds ----------------------------------------------------------------------------------


@given(arrays(np.float32, st.integers(0, 30), elements=st.floats(0, 1, width=32)))
def test_threshold_below_a_score_selects_it_and_all_higher_ones(scores: Scores) -> None:
    thresholds = threshold_below(scores)
    for score, threshold in zip(scores, thresholds, strict=True):
        np.testing.assert_array_equal(scores.astype(float) > threshold, scores >= score)
        # No float32 lies between the two.
        assert not np.nextafter(score, np.float32(-1)).astype(float) > threshold


def test_threshold_below_nan_is_nan() -> None:
    assert np.isnan(threshold_below(np.nan))


# Undefined -----------------------------------------------------------------------------------


@every_definition
@pytest.mark.parametrize(
    ("scores", "labels"),
    [
        pytest.param([], [], id="no images"),
        pytest.param([0.9, 0.1], [0, 0], id="none present"),
        pytest.param([0.9, 0.1], [-1, -1], id="all difficult"),
        pytest.param([np.nan, 0.1], [1, 0], id="the only present image is unreadable"),
        pytest.param([np.nan, np.nan], [1, 0], id="all unreadable"),
    ],
)
def test_without_a_present_image_metrics_are_undefined(
    scores: list[float], labels: list[int], definition: Definition
) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert np.isnan(average_precision(scores, labels, definition))
        accuracy, count = tail_accuracy(precision_recall_curve(scores, labels), [0.95])
    assert np.isnan(accuracy).all()
    assert count.tolist() == [0]


def test_the_mean_is_over_the_defined_classes() -> None:
    assert mean_average_precision([0.5, np.nan, 1.0]) == (0.75, 2)
    assert mean_average_precision([0.0, 1.0]) == (0.5, 2), "0 is a valid value"
    mean, count = mean_average_precision(iter([np.nan]))
    assert np.isnan(mean)
    assert count == 0
    assert np.isnan(mean_average_precision([])[0])


def test_difficult_images_by_convention() -> None:
    labels = np.array([1, 0, -1, -1, -2], np.int8)
    assert apply_difficult(labels, "ignore").tolist() == [1, 0, -1, -1, -2]
    assert apply_difficult(labels, "positive").tolist() == [1, 0, 1, 1, -2], "unknown stays unknown"
    assert apply_difficult(labels, "negative").tolist() == [1, 0, 0, 0, -2]
    assert labels.tolist() == [1, 0, -1, -1, -2], "the input is not changed"
    assert apply_difficult(labels, "positive").dtype == np.int8


@pytest.mark.parametrize(
    ("scores", "labels"), [([0.5, 0.5], [1]), ([[0.5]], [[1]]), (0.5, 1)], ids=str
)
def test_arrays_of_other_shapes_are_refused(scores: Any, labels: Any) -> None:
    for function in (sort_by_score, precision_recall_curve, average_precision):
        with pytest.raises(ValueError, match="expected two"):
            function(scores, labels)
