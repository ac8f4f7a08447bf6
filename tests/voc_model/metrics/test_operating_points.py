"""Choosing thresholds: compared with scikit-learn and brute force over all scores."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from random_rankings import Ranking, counted, rankings, rankings_with_a_present_image
from sklearn import metrics as oracle

from voc_model.metrics.operating_points import (
    BestF1,
    best_f1_point,
    f1_scores,
    indices_reaching,
)
from voc_model.metrics.precision_recall import (
    PrecisionRecallCurve,
    precision_recall_curve,
    threshold_below,
)

precisions = st.integers(1, 100).map(lambda percent: percent / 100) | st.floats(1e-3, 1)


def point_at(curve: PrecisionRecallCurve, index: int) -> BestF1:
    """Returns a point of a curve in the form of the best F1."""
    return BestF1(
        threshold=float(threshold_below(curve.threshold[index])),
        count=int(curve.count[index]),
        true_positives=int(curve.true_positives[index]),
        precision=float(curve.precision[index]),
        recall=float(curve.recall[index]),
        f1=float(f1_scores(curve)[index]),
    )


def check_selection(point: BestF1, ranking: Ranking) -> None:
    """Checks the values of a point against the images above its threshold."""
    rows = counted(*ranking)
    selected = [label for score, label in rows if score > point.threshold]
    assert (point.count, point.true_positives) == (len(selected), sum(selected))
    present = sum(label for _, label in rows)
    assert point.precision == sum(selected) / len(selected)
    assert point.recall == sum(selected) / present
    harmonic = 2 * point.precision * point.recall / (point.precision + point.recall or 1)
    assert point.f1 == pytest.approx(harmonic, abs=1e-12)


@given(rankings_with_a_present_image())
def test_f1_at_every_score_equals_scikit_learns(ranking: Ranking) -> None:
    curve = precision_recall_curve(*ranking)
    scores, labels = (np.array(part) for part in zip(*counted(*ranking), strict=True))
    expected = [oracle.f1_score(labels, scores >= threshold) for threshold in curve.threshold]
    np.testing.assert_allclose(f1_scores(curve), expected, rtol=0, atol=1e-12)


@given(rankings_with_a_present_image())
def test_the_best_f1_is_the_maximum_over_all_scores(ranking: Ranking) -> None:
    point = best_f1_point(precision_recall_curve(*ranking))
    assert point is not None
    check_selection(point, ranking)
    scores, labels = (np.array(part) for part in zip(*counted(*ranking), strict=True))
    tried = [(oracle.f1_score(labels, scores >= score), score) for score in scores]
    best = max(f1 for f1, _ in tried)
    assert point.f1 == pytest.approx(best, abs=1e-12)
    # If several are equal the highest threshold is used.
    assert scores[scores > point.threshold].min() == max(
        score for f1, score in tried if f1 > best - 1e-12
    )


def test_of_equal_f1_the_higher_threshold_is_used() -> None:
    # Present: ranks 1 and 4. F1 = 2 TP / (count + 2): 2/3, 1/2, 2/5, 2/3.
    point = best_f1_point(precision_recall_curve([0.75, 0.5, 0.25, 0.125], [1, 0, 0, 1]))
    assert point is not None
    assert (point.count, point.true_positives, point.f1) == (1, 1, 2 / 3)
    assert point.threshold == float(np.nextafter(np.float32(0.75), np.float32(0)))


@given(rankings_with_a_present_image(), precisions)
def test_the_highest_recall_at_a_precision_equals_scikit_learns(
    ranking: Ranking, wanted: float
) -> None:
    scores, labels = (np.array(part) for part in zip(*counted(*ranking), strict=True))
    precision, recall, threshold = oracle.precision_recall_curve(labels, scores)
    reaching = precision[:-1] >= wanted  # The last point has no threshold.
    curve = precision_recall_curve(*ranking)
    (index,) = indices_reaching(curve, [wanted]).tolist()
    if not reaching.any():
        assert index == -1
        return
    assert index >= 0
    point = point_at(curve, index)
    check_selection(point, ranking)
    highest = recall[:-1][reaching].max()
    assert point.precision >= wanted
    assert point.recall == pytest.approx(highest, abs=1e-12)
    equal = reaching & (recall[:-1] == highest)
    assert scores[scores > point.threshold].min() == threshold[equal].max()


@given(rankings(), st.lists(precisions, max_size=6))
def test_several_precisions_equal_single_queries(ranking: Ranking, wanted: list[float]) -> None:
    curve = precision_recall_curve(*ranking)
    single = [int(indices_reaching(curve, [value])[0]) for value in wanted]
    assert indices_reaching(curve, wanted).tolist() == single


def test_a_precision_reached_again_at_a_lower_rank() -> None:
    # Precision 1, 1/2, 2/3, 3/4, 3/5: below 0.7 after the first point, above again at the fourth.
    curve = precision_recall_curve([0.9, 0.8, 0.7, 0.6, 0.5], [1, 0, 1, 1, 0])
    assert indices_reaching(curve, [1, 0.75, 0.7, 0.6, 0.01]).tolist() == [0, 3, 3, 3, 3]
    assert indices_reaching(curve, [0.6, 1]).tolist() == [3, 0], "in any order"


def test_a_precision_that_is_never_reached() -> None:
    curve = precision_recall_curve([0.9, 0.8], [0, 1])
    assert indices_reaching(curve, [0.51]).tolist() == [-1]
    (half,) = indices_reaching(curve, [0.5]).tolist()
    assert curve.recall[half] == 1


@pytest.mark.parametrize(
    ("scores", "labels"),
    [
        pytest.param([], [], id="no images"),
        pytest.param([0.9, 0.1], [0, 0], id="none present"),
        pytest.param([0.9, 0.1], [-1, -1], id="all difficult"),
        pytest.param([np.nan, 0.1], [1, 0], id="the only present image is unreadable"),
    ],
)
def test_without_a_present_image_there_is_no_point(scores: list[float], labels: list[int]) -> None:
    curve = precision_recall_curve(scores, labels)
    assert np.isnan(f1_scores(curve)).all()
    assert f1_scores(curve).shape == curve.threshold.shape
    assert best_f1_point(curve) is None
    assert indices_reaching(curve, [0.01, 0.5, 1]).tolist() == [-1, -1, -1]


@pytest.mark.parametrize("wanted", [0.0, -0.5, 1.01, float("nan")])
def test_a_precision_out_of_range_is_refused(wanted: float) -> None:
    curve = precision_recall_curve([0.9], [1])
    with pytest.raises(ValueError, match="expected precisions in"):
        indices_reaching(curve, [0.5, wanted])
