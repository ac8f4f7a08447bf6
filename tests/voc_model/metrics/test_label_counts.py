"""Label counts down to a rank, and the strip of a class, compared with brute-force counts."""

import math
from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from random_rankings import Labels, Scores
from score_tables import make_manifest, random_table, rows_of

from voc_model.metrics import curves as curves_module
from voc_model.metrics.curves import MAX_RANK_BLOCKS, block_size
from voc_model.metrics.evaluation import evaluate
from voc_model.metrics.label_counts import (
    LabelCounts,
    Strip,
    count_labels,
    find_rank,
    ranking_strip,
    ranks_above,
)
from voc_model.metrics.precision_recall import DifficultConvention
from voc_model.store.scores import ScoreTable

conventions = ("ignore", "positive", "negative")
every_convention = pytest.mark.parametrize("difficult", conventions)


# Down to a rank ----------------------------------------------------------------------------------


@every_convention
@pytest.mark.parametrize("images", [1, 40, MAX_RANK_BLOCKS, 4 * MAX_RANK_BLOCKS + 100])
def test_label_counts_down_to_a_rank_equal_brute_force(
    images: int, difficult: DifficultConvention
) -> None:
    table = random_table(7, images=images)
    metrics, curves = evaluate(table, difficult)
    for column, numbers in enumerate(metrics.classes):
        rows = rows_of(table, column, difficult)
        readable = images - numbers.unreadable
        ranks = {0, 1, 2, 57, 1000, *range(2000, 2011), readable, readable + 1, images - 1, images}
        for rank in sorted(rank for rank in ranks if rank <= images):
            above = [label for score, label in rows[:rank] if not math.isnan(score)]
            counts = [above.count(label) for label in (1, 0, -1)]
            expected = LabelCounts(*counts, unreadable=rank - len(above), unknown=above.count(-2))
            assert count_labels(table, metrics, curves, column, rank) == expected


@pytest.mark.parametrize("images", [1, 40, MAX_RANK_BLOCKS, 4 * MAX_RANK_BLOCKS + 100])
@pytest.mark.parametrize("decimals", [1, 2, 7])
def test_ranks_above_thresholds_equal_brute_force(images: int, decimals: int) -> None:
    """Also among many equal scores, and above and below all scores."""
    table = random_table(7, images=images, decimals=decimals)
    metrics, curves = evaluate(table)
    for column in range(3):
        scores = np.asarray(table.scores[:, column])
        distinct = np.unique(scores[~np.isnan(scores)])[:: max(1, images // 500)].astype(float)
        thresholds = np.concatenate([distinct, distinct - 1e-9, [-1.0, 0.0, 0.5, 1.0]])
        expected = [(scores > threshold).sum() for threshold in thresholds.astype(np.float64)]
        found = ranks_above(table, metrics, curves, column, thresholds)
        assert found.tolist() == expected


@pytest.mark.parametrize("images", [1, 40, MAX_RANK_BLOCKS, 4 * MAX_RANK_BLOCKS + 100])
@pytest.mark.parametrize("decimals", [1, 2, 7])
def test_the_rank_of_an_image_is_its_place_in_the_ranking(images: int, decimals: int) -> None:
    """Also among many equal scores, at the edges of blocks, and of unreadable images."""
    table = random_table(7, images=images, decimals=decimals)
    _, curves = evaluate(table)
    for column in range(3):
        ranking = table.ranking[column].tolist()
        step = block_size(images)
        places = {0, *range(step - 1, images, 97 * step), *range(step, images, 101 * step)}
        places |= {images - 1, images - 2, *range(0, images, 1000)}
        for place in sorted(place for place in places if 0 <= place < images):
            assert find_rank(table, curves, column, ranking[place]) == place + 1


def test_finding_a_rank_reads_few_values() -> None:
    table = random_table(8, images=9 * MAX_RANK_BLOCKS + 5, decimals=7)
    _, curves = evaluate(table)
    read: list[object] = []

    class RecordedReads(np.ndarray[Any, Any]):
        def __getitem__(self, key: Any) -> Any:
            read.append(key)
            return np.asarray(self)[key]

    recorded = replace(
        table,
        scores=table.scores.view(RecordedReads),
        ranking=table.ranking.view(RecordedReads),
    )
    for row in range(0, len(table.image_ids), 997):
        if not np.isnan(table.scores[row, 0]):
            read.clear()
            find_rank(recorded, curves, 0, row)
            assert len(read) <= 3 + 5, "the score twice, a block of ranks, and a bisection of it"


def test_counting_labels_reads_at_most_half_a_block() -> None:
    images = 9 * MAX_RANK_BLOCKS + 5
    table = random_table(8, images=images)
    metrics, curves = evaluate(table)
    read: list[int] = []

    class RecordedReads(np.ndarray[Any, Any]):
        def __getitem__(self, key: Any) -> Any:
            read.append(len(key[0]))
            return np.asarray(self)[key]

    recorded = replace(table, labels=table.labels.view(RecordedReads))
    for rank in range(0, images, 97):
        count_labels(recorded, metrics, curves, 0, rank)
    assert 0 < max(read) <= block_size(images) / 2 == 5


def test_accuracy_of_label_counts() -> None:
    assert LabelCounts(present=3, absent=1, ignored=9).accuracy == 0.75
    assert math.isnan(LabelCounts(present=0, absent=0, ignored=2).accuracy)


# The strip ---------------------------------------------------------------------------------------


def check_strip(
    strip: Strip, table: ScoreTable, column: int, difficult: DifficultConvention
) -> None:
    """Checks every bin against a brute-force count of its ranks."""
    rows = rows_of(table, column, difficult)
    readable = [score for score, _ in rows if not math.isnan(score)]
    assert strip.edges[0] == 0
    assert strip.edges[-1] == len(rows)
    assert (np.diff(strip.edges) > 0).all()
    for index, (first, last) in enumerate(pairwise(strip.edges)):
        inside = rows[first:last]
        labels = [label for score, label in inside if not math.isnan(score)]
        assert strip.present[index] == labels.count(1)
        assert strip.absent[index] == labels.count(0)
        assert strip.ignored[index] == labels.count(-1)
        assert strip.unknown[index] == labels.count(-2)
        assert strip.unreadable[index] == len(inside) - len(labels)
    lowest = min(readable, default=math.nan)
    expected = [readable[edge] if edge < len(readable) else lowest for edge in strip.edges]
    np.testing.assert_array_equal(strip.score, expected)


@st.composite
def one_class(draw: st.DrawFn) -> tuple[Scores, Labels]:
    """Generates (N, 1) scores and labels of 1 to 60 images."""
    shape = (draw(st.integers(1, 60)), 1)
    element = st.sampled_from([0.0, 0.25, 1.0, float("nan")]) | st.floats(0, 1, width=32)
    scores = draw(arrays(np.float32, shape, elements=element))
    return scores, draw(arrays(np.int8, shape, elements=st.sampled_from([-2, -1, 0, 1])))


@given(one_class(), st.sampled_from(conventions), st.integers(1, 70), st.sampled_from([1, 7, 4096]))
def test_bins_equal_brute_force(
    part: tuple[Scores, Labels], difficult: DifficultConvention, bins: int, blocks: int
) -> None:
    images = len(part[0])
    ids = [f"{row:03d}" for row in range(images)]
    table = ScoreTable.build(ids, ("dog",), *part, make_manifest())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(curves_module, "MAX_RANK_BLOCKS", blocks)
        _, curves = evaluate(table, difficult)
        strip = ranking_strip(curves, 0, np.linspace(0, images, bins + 1))
    check_strip(strip, table, 0, difficult)
    assert len(strip.present) <= min(bins, curves.present_before.shape[1] - 1)


@every_convention
@pytest.mark.parametrize("images", [1, 2, 1000, 2 * MAX_RANK_BLOCKS + 100])
def test_a_strip_is_exact_at_any_size(images: int, difficult: DifficultConvention) -> None:
    table = random_table(9, images, decimals=4)
    _, curves = evaluate(table, difficult)
    for column in range(len(table.classes)):
        for bins in (1, 3, 640, images, 10**6):
            for edges in (np.linspace(0, images, bins + 1), np.geomspace(1, images + 1, bins + 1) - 1):
                strip = ranking_strip(curves, column, edges)
                assert len(strip.present) <= bins
                check_strip(strip, table, column, difficult)


def test_with_few_images_every_image_has_its_own_bin() -> None:
    table = random_table(10, images=MAX_RANK_BLOCKS, decimals=4)
    edges = np.arange(MAX_RANK_BLOCKS + 1)
    assert ranking_strip(evaluate(table)[1], 0, edges).edges.tolist() == edges.tolist()


def test_bins_are_as_even_as_blocks_allow() -> None:
    table = random_table(11, images=1000, decimals=4)
    strip = ranking_strip(evaluate(table)[1], 0, np.linspace(0, 1000, 301))
    assert set(np.diff(strip.edges)) == {3, 4}
