"""Reliability and histograms compared with scikit-learn, plain loops and hand-worked examples."""

import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from random_rankings import Ranking, counted, rankings, rankings_with_a_present_image
from sklearn.calibration import calibration_curve

from voc_model.metrics.calibration import (
    bin_edges,
    expected_calibration_error,
    ranked_reliability_diagram,
    ranked_score_histogram,
)
from voc_model.metrics.precision_recall import (
    precision_recall_curve,
    sort_by_score,
)
from voc_model.metrics.tail_accuracy import tail_accuracy

bin_counts = st.sampled_from([1, 2, 4, 7, 15, 40])


@given(rankings_with_a_present_image(), bin_counts)
def test_the_diagram_equals_scikit_learns(ranking: Ranking, bins: int) -> None:
    diagram = ranked_reliability_diagram(*sort_by_score(*ranking), bins)
    scores, labels = (np.array(part) for part in zip(*counted(*ranking), strict=True))
    present, mean = calibration_curve(labels, scores, n_bins=bins, strategy="uniform")
    filled = diagram.count > 0
    np.testing.assert_allclose(diagram.fraction_present[filled], present, atol=1e-12)
    np.testing.assert_allclose(diagram.mean_score[filled], mean, atol=1e-12)
    # scikit-learn leaves out empty bins; here they are undefined.
    assert len(diagram.count) == bins
    assert np.isnan(diagram.fraction_present[~filled]).all()
    assert np.isnan(diagram.mean_score[~filled]).all()
    assert diagram.count.sum() == len(scores)


@given(rankings_with_a_present_image(), bin_counts)
def test_the_error_equals_a_plain_loop(ranking: Ranking, bins: int) -> None:
    rows = counted(*ranking)
    edges = np.linspace(0, 1, bins + 1)
    expected = 0.0
    for index, (low, high) in enumerate(pairwise(edges)):
        inside = [row for row in rows if low < row[0] <= high or (index == 0 and row[0] == 0)]
        if inside:
            mean, present = (sum(row[part] for row in inside) / len(inside) for part in (0, 1))
            expected += len(inside) / len(rows) * abs(present - mean)
    found = expected_calibration_error(ranked_reliability_diagram(*sort_by_score(*ranking), bins))
    assert found == pytest.approx(expected, abs=1e-12)


def test_hand_worked_error() -> None:
    # Two bins. Lower: 0.25 and 0.5 (on the edge), one present: |1/2 - 3/8| = 1/8. Upper: 0.75 and
    # 1.0, both present: |1 - 7/8| = 1/8. The difficult and the unreadable image are in neither.
    scores, labels = [0.25, 0.5, 0.75, 1.0, 0.6, np.nan], [0, 1, 1, 1, -1, 0]
    diagram = ranked_reliability_diagram(*sort_by_score(scores, labels), 2)
    assert diagram.edges.tolist() == [0, 0.5, 1]
    assert diagram.count.tolist() == [2, 2]
    assert diagram.mean_score.tolist() == [0.375, 0.875]
    assert diagram.fraction_present.tolist() == [0.5, 1]
    assert expected_calibration_error(diagram) == 0.125


def test_the_error_of_perfect_and_inverted_scores() -> None:
    for labels, error in (([0, 0, 1, 1], 0), ([1, 1, 0, 0], 1)):
        diagram = ranked_reliability_diagram(*sort_by_score([0, 0, 1, 1], labels))
        assert expected_calibration_error(diagram) == error


@pytest.mark.parametrize(("scores", "labels"), [([], []), ([0.5], [-1]), ([np.nan], [1])], ids=str)
def test_the_error_without_counted_images_is_undefined(
    scores: list[float], labels: list[int]
) -> None:
    diagram = ranked_reliability_diagram(*sort_by_score(scores, labels))
    assert len(diagram.count) == 15
    assert diagram.count.sum() == 0
    assert np.isnan(diagram.fraction_present).all()
    assert math.isnan(expected_calibration_error(diagram))


@given(rankings(), bin_counts)
def test_the_histogram_equals_a_plain_loop(ranking: Ranking, bins: int) -> None:
    histogram = ranked_score_histogram(*sort_by_score(*ranking), bins)
    rows = list(zip(*(part.tolist() for part in ranking), strict=True))
    for truth, found in (
        (1, histogram.present),
        (0, histogram.absent),
        (-1, histogram.ignored),
        (-2, histogram.unknown),
    ):
        scores = [score for score, label in rows if label == truth and not math.isnan(score)]
        edges = np.linspace(0, 1, bins + 1)
        expected = [
            sum(low < score <= high or (low == score == 0) for score in scores)
            for low, high in pairwise(edges)
        ]
        assert found.tolist() == expected


@given(rankings(), st.sampled_from([2, 4, 8]))
def test_bins_above_an_edge_agree_with_tail_accuracy(ranking: Ranking, bins: int) -> None:
    histogram = ranked_score_histogram(*sort_by_score(*ranking), bins)
    accuracy, count = tail_accuracy(precision_recall_curve(*ranking), histogram.edges)
    for edge in range(bins):
        if histogram.edges[edge] == 0:
            continue  # The first bin includes scores of 0.
        present, absent = histogram.present[edge:].sum(), histogram.absent[edge:].sum()
        assert present + absent == count[edge]
        if count[edge]:
            assert present / (present + absent) == accuracy[edge]


def test_the_default_number_of_bins() -> None:
    row = sort_by_score([0.5], [1])
    assert len(ranked_reliability_diagram(*row).edges) == 16
    assert len(ranked_score_histogram(*row).edges) == 41


@pytest.mark.parametrize("bins", [0, -1])
def test_fewer_than_one_bin_is_refused(bins: int) -> None:
    for function in (ranked_reliability_diagram, ranked_score_histogram):
        with pytest.raises(ValueError, match="at least one bin"):
            function(*sort_by_score([0.5], [1]), bins)
    with pytest.raises(ValueError, match="at least one bin"):
        bin_edges(bins)
