"""Conversions between ranks, rows and scores equal a sorted list and read only a few values."""

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from numpy.typing import NDArray

from voc_model.store.ranking import ClassRanking, is_rank_order, rank_column, rank_rows

SCORES = st.sampled_from([0.0, 0.25, 0.5, 1.0, math.nan]) | st.floats(0, 1, width=32)
COLUMNS = arrays(np.float32, st.integers(1, 40), elements=SCORES)


def ranked(scores: NDArray[np.float32]) -> list[int]:
    """Returns the rows sorted by score, then row; unreadable ones last."""

    def key(row: int) -> tuple[bool, float, int]:
        unreadable = math.isnan(scores[row])
        return unreadable, 0 if unreadable else -float(scores[row]), row

    return sorted(range(len(scores)), key=key)


def ranking_of(scores: NDArray[np.float32]) -> ClassRanking:
    return ClassRanking(rank_rows(scores[:, None]), scores[:, None], 0)


class CountedReads:
    """An array that counts how often a value is read."""

    def __init__(self, array: NDArray[Any]) -> None:
        self.array = array
        self.reads = 0

    def __len__(self) -> int:
        return len(self.array)

    def __getitem__(self, place: tuple[int, int]) -> Any:
        self.reads += 1
        return self.array[place]


@given(arrays(np.float32, array_shapes(min_dims=2, max_dims=2, max_side=20), elements=SCORES))
def test_every_class_is_ranked_independently(scores: NDArray[np.float32]) -> None:
    ranking = rank_rows(scores)
    assert ranking.dtype == np.int32
    assert ranking.shape == scores.shape[::-1]
    for column in range(scores.shape[1]):
        assert ranking[column].tolist() == ranked(scores[:, column])


@given(COLUMNS, st.data())
def test_only_rank_orders_are_accepted(scores: NDArray[np.float32], data: st.DataObject) -> None:
    """Every row once, scores that do not increase, unreadable rows last; ties in any order."""
    ranking = rank_column(scores)
    assert is_rank_order(ranking[None], 0, scores)
    in_order = np.nan_to_num(scores[ranking], nan=-1).tolist()
    other = np.array(data.draw(st.permutations(range(len(scores)))), np.int32)
    same = np.nan_to_num(scores[other], nan=-1).tolist() == in_order
    assert is_rank_order(other[None], 0, scores) == same
    altered = ranking.copy()
    altered[data.draw(st.integers(0, len(scores) - 1))] = data.draw(st.integers(-3, 45))
    assert is_rank_order(altered[None], 0, scores) == np.array_equal(altered, ranking)
    assert not is_rank_order(ranking[None, 1:], 0, scores)


@given(arrays(np.float32, st.integers(1, 40), elements=st.floats(-40, 40, width=32)))
def test_logits_order_equal_scores(logits: NDArray[np.float32]) -> None:
    """A sigmoid of 17 and one of 20 are both 1 in float32."""
    scores = (1 / (1 + np.exp(-logits))).astype(np.float32)
    ranking = rank_rows(scores[:, None], logits[:, None])[0]
    assert ranking.tolist() == sorted(
        range(len(logits)), key=lambda row: (-scores[row], -logits[row], row)
    )
    assert is_rank_order(ranking[None], 0, scores)
    ranked = ClassRanking(ranking[None], scores[:, None], 0)
    assert [ranked.rank_of(int(row)) for row in ranking] == list(range(1, len(logits) + 1))


def test_unreadable_rows_are_last_with_logits() -> None:
    scores = np.array([[np.nan], [1.0], [1.0], [0.5], [np.nan]], np.float32)
    logits = np.array([[np.nan], [18.0], [19.0], [0.0], [np.nan]], np.float32)
    assert rank_rows(scores, logits)[0].tolist() == [2, 1, 3, 0, 4]


def test_positive_and_negative_zeros_tie() -> None:
    assert rank_column(np.array([0.0, -0.0, 0.5, np.nan, 0.0], np.float32)).tolist() == [
        2, 0, 1, 4, 3,
    ]  # fmt: skip


def test_no_images_give_empty_rankings() -> None:
    assert rank_rows(np.zeros((0, 3), np.float32)).shape == (3, 0)


@given(COLUMNS)
def test_ranks_and_rows_are_inverse(scores: NDArray[np.float32]) -> None:
    ranking = ranking_of(scores)
    assert len(ranking) == len(scores)
    for index, row in enumerate(ranked(scores)):
        assert ranking.rank_of(row) == index + 1
        assert ranking.slice(index + 1, index + 1).tolist() == [row]


@given(COLUMNS, st.floats(-0.5, 1.5) | st.sampled_from([0.0, 0.25, 0.5, 1.0]))
def test_images_above_a_threshold_are_counted(
    scores: NDArray[np.float32], threshold: float
) -> None:
    ranking = ranking_of(scores)
    assert ranking.count_above(threshold) == sum(score > threshold for score in scores.tolist())
    assert ranking.count_readable() == sum(not math.isnan(score) for score in scores.tolist())


@pytest.mark.parametrize(
    ("first", "last", "expected"),
    [
        (1, 3, [3, 2, 1]),
        (2, 2, [2]),
        (4, 50, [0]),
        (-5, 2, [3, 2]),
        (5, 9, []),
        (3, 2, []),
        (-3, 0, []),
        (-3, -1, []),
    ],
)
def test_a_slice_includes_both_ends_and_is_clipped(
    first: int, last: int, expected: list[int]
) -> None:
    ranking = ranking_of(np.array([0.1, 0.2, 0.3, 0.4], np.float32))
    assert ranking.slice(first, last).tolist() == expected


def test_a_rank_is_found_with_few_reads() -> None:
    """Even among about a hundred equal scores."""
    scores = np.random.default_rng(1).random(100_000).round(3).astype(np.float32)
    rows, counted = CountedReads(rank_rows(scores[:, None])), CountedReads(scores[:, None])
    ranking = ClassRanking(rows, counted, 0)  # type: ignore[arg-type]
    assert ranking.rank_of(7) > 1
    assert ranking.count_above(0.5) > 1
    assert ranking.count_readable() == 100_000
    # Four binary searches of 17 steps and as many blocks, since there are less than 2^17 rows.
    assert 0 < rows.reads < 5 * 18
    assert 0 < counted.reads < 5 * 18
