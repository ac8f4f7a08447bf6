"""Filters keep what a person reading the whole ranking would keep, however it is looked up."""

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from score_tables import make_manifest

from voc_model.store import selection
from voc_model.store.scores import ScoreTable
from voc_model.store.selection import RankingFilter, Selection, Selections, ids_containing

CLASSES = ("dog", "person", "zebra")
ID_LETTERS = "ab12AZé\N{LATIN SMALL LETTER SHARP S}\N{KELVIN SIGN} _"


@st.composite
def tables(draw: st.DrawFn) -> ScoreTable:
    """Small tables with ties, unreadable images, all labels, and ids of all kinds of letters."""
    texts = st.text(ID_LETTERS, min_size=1, max_size=5)
    ids = draw(st.lists(texts, min_size=1, max_size=25, unique=True))
    shape = len(ids), len(CLASSES)
    coarse = st.sampled_from([0.0, 0.25, 0.3, 0.5, 0.7, 1.0, math.nan])
    scores = draw(arrays(np.float32, shape, elements=coarse | st.floats(0, 1, width=32)))
    labels = draw(arrays(np.int8, shape, elements=st.sampled_from([-1, 0, 1])))
    return ScoreTable.build(ids, CLASSES, scores, labels, make_manifest())


bounds = st.none() | st.sampled_from([0.0, 0.25, 0.3, 0.5, 0.7, 1.0]) | st.floats(0, 1)
class_sets = st.lists(st.integers(0, len(CLASSES) - 1), max_size=2).map(tuple)
filters = st.builds(
    RankingFilter,
    truth=st.sampled_from([None, "present", "absent", "difficult"]),
    outcome=st.sampled_from([None, "TP", "FP", "FN", "TN"]),
    threshold=st.sampled_from([0.0, 0.25, 0.3, 0.5, 0.7, 1.0]) | st.floats(0, 1),
    with_classes=class_sets,
    without_classes=class_sets,
    id_part=st.just("") | st.text(ID_LETTERS + "sSkK\0É", max_size=2),
    min_score=bounds,
    max_score=bounds,
)


def outcome(score: float, label: int, threshold: float) -> str | None:
    if math.isnan(score) or label == -1:
        return None
    return {(1, 1): "TP", (1, 0): "FP", (0, 1): "FN", (0, 0): "TN"}[score > threshold, label]


def keeps(table: ScoreTable, column: int, row: int, wanted: RankingFilter) -> bool:
    """Says of one image whether it is kept, condition by condition."""
    score, labels = float(table.scores[row, column]), table.labels[row].tolist()
    truth = {1: "present", 0: "absent", -1: "difficult"}[labels[column]]
    low, high = wanted.min_score, wanted.max_score
    return all(
        (
            wanted.truth in (None, truth),
            wanted.outcome in (None, outcome(score, labels[column], wanted.threshold)),
            all(labels[index] == 1 for index in wanted.with_classes),
            all(labels[index] == 0 for index in wanted.without_classes),
            wanted.id_part.casefold() in table.image_id(row).casefold(),
            low is None or score >= float(np.float32(low)),
            high is None or score <= float(np.float32(high)),
        )
    )


def expected(table: ScoreTable, column: int, wanted: RankingFilter) -> list[int]:
    rows = table.ranking[column].tolist()
    return [rank for rank, row in enumerate(rows, 1) if keeps(table, column, row, wanted)]


def found(table: ScoreTable, column: int, wanted: RankingFilter) -> list[int]:
    return Selections(table).find(column, wanted).slice(0, len(table.image_ids))


@settings(max_examples=400)
@given(tables(), st.integers(0, len(CLASSES) - 1), filters)
def test_a_filter_keeps_what_fulfils_all_of_it(
    table: ScoreTable, column: int, wanted: RankingFilter
) -> None:
    assert found(table, column, wanted) == expected(table, column, wanted)


@given(tables(), filters, st.data())
def test_each_condition_alone(
    table: ScoreTable, wanted: RankingFilter, data: st.DataObject
) -> None:
    """Alone they keep more, so that what one leaves out is not hidden by another."""
    name = data.draw(st.sampled_from(list(vars(wanted))))
    alone = RankingFilter(**{name: getattr(wanted, name)})
    if name == "outcome":
        alone = RankingFilter(outcome=wanted.outcome, threshold=wanted.threshold)
    assert found(table, 0, alone) == expected(table, 0, alone)


def random_table(images: int = 500) -> ScoreTable:
    random = np.random.default_rng(7)
    scores = random.random((images, len(CLASSES))).round(2).astype(np.float32)
    scores[random.random(images) < 0.05] = np.nan
    labels = random.integers(-1, 2, scores.shape).astype(np.int8)
    ids = [f"img_{number:05d}" for number in range(images)]
    return ScoreTable.build(ids, CLASSES, scores, labels, make_manifest())


@pytest.mark.parametrize("chunk", [1, 7, 64, 10_000])
@pytest.mark.parametrize(("low", "high"), [(None, None), (0.5, 0.53), (None, 0.9), (0.1, None)])
def test_chunks_and_both_ways_of_looking_up_make_no_difference(
    monkeypatch: pytest.MonkeyPatch, chunk: int, low: float | None, high: float | None
) -> None:
    """A narrow range is looked up image by image, a wide one by a pass over the table."""
    table = random_table()
    monkeypatch.setattr(selection, "_CHUNK", chunk)
    wanted = RankingFilter(
        truth="present", without_classes=(2,), id_part="G_00", min_score=low, max_score=high
    )
    ranks = found(table, 1, wanted)
    assert ranks == expected(table, 1, wanted)
    assert ranks


def test_no_filter_keeps_all() -> None:
    table = random_table()
    assert found(table, 0, RankingFilter()) == [*range(1, 501)]
    assert found(table, 0, RankingFilter(threshold=0.9)) == [*range(1, 501)]


@pytest.mark.parametrize(
    "wanted",
    [
        RankingFilter(truth="absent", outcome="TP"),
        RankingFilter(truth="difficult", outcome="FN"),
        RankingFilter(with_classes=(1,), without_classes=(1,)),
        RankingFilter(min_score=0.6, max_score=0.4),
        RankingFilter(id_part="nowhere"),
    ],
)
def test_contradictions_keep_nothing(wanted: RankingFilter) -> None:
    assert found(random_table(), 0, wanted) == []


def test_a_range_that_begins_at_a_decimal_holds_that_score() -> None:
    """0.7 as float32 is less than 0.7 as float64; a person means the score that reads 0.7."""
    scores = np.array([[0.7], [0.3], [0.1]], np.float32)
    labels = np.ones((3, 1), np.int8)
    table = ScoreTable.build(["a", "b", "c"], ["dog"], scores, labels, make_manifest())
    assert float(scores[0, 0]) < 0.7
    assert found(table, 0, RankingFilter(min_score=0.7)) == [1]
    assert found(table, 0, RankingFilter(max_score=0.1)) == [3]
    assert found(table, 0, RankingFilter(min_score=0.3, max_score=0.7)) == [1, 2]


@given(
    st.lists(st.text(ID_LETTERS, max_size=6), max_size=12), st.text(ID_LETTERS + "sSkK", min_size=1)
)
def test_ids_are_searched_in_any_case(ids: list[str], part: str) -> None:
    encoded = np.array([image_id.encode() for image_id in ids], np.bytes_)
    found = ids_containing(encoded, part).tolist()
    assert found == [part.casefold() in image_id.casefold() for image_id in ids]


# Paging and memory -------------------------------------------------------------------------------


@given(st.lists(st.integers(1, 60), unique=True).map(sorted), st.integers(0, 62))
def test_positions_among_the_selected(ranks: list[int], rank: int) -> None:
    selected = Selection(np.array(ranks, np.int32))
    assert len(selected) == len(ranks)
    assert selected.position_of(rank) == sum(kept < rank for kept in ranks)
    assert (
        selected.slice(selected.position_of(rank), 5)
        == [kept for kept in ranks if kept >= rank][:5]
    )
    assert selected.slice(-3, 5) == ranks[:2]


class Counted:
    """A table's labels that count how often, and how many of them, are read."""

    def __init__(self, array: Any) -> None:
        self.array = array
        self.reads = 0
        self.values = 0

    def __getitem__(self, key: Any) -> Any:
        part = self.array[key]
        self.reads += 1
        self.values += part.size
        return part


def counted_table() -> tuple[Selections, Counted]:
    table = random_table()
    labels = Counted(table.labels)
    object.__setattr__(table, "labels", labels)
    return Selections(table), labels


def test_what_was_found_is_found_again_without_looking() -> None:
    selections, labels = counted_table()
    first = selections.find(0, RankingFilter(truth="present"))
    read = labels.reads
    assert read
    assert selections.find(0, RankingFilter(truth="present")) is first
    # Another threshold changes nothing where no outcome is asked for.
    assert selections.find(0, RankingFilter(truth="present", threshold=0.1)) is first
    assert labels.reads == read
    assert selections.find(1, RankingFilter(truth="present")) is not first
    assert labels.reads > read


def test_scores_alone_need_no_look_at_the_images() -> None:
    selections, labels = counted_table()
    kept = selections.find(0, RankingFilter(min_score=0.25, max_score=0.75))
    assert len(kept) > 100
    assert isinstance(kept.ranks, range)
    assert labels.reads == 0


def test_a_narrow_range_reads_no_more_than_itself() -> None:
    selections, labels = counted_table()
    wanted = RankingFilter(truth="present", min_score=0.5, max_score=0.53)
    in_range = len(selections.find(0, RankingFilter(min_score=0.5, max_score=0.53)))
    selections.find(0, wanted)
    assert labels.values == in_range > 5


def test_what_is_used_stays_longest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(selection, "_MAX_SELECTIONS", 2)
    selections, _ = counted_table()
    wanted = [RankingFilter(truth=truth) for truth in ("present", "absent", "difficult")]
    first, second = (selections.find(0, item) for item in wanted[:2])
    assert selections.find(0, wanted[0]) is first
    selections.find(0, wanted[2])
    assert selections.find(0, wanted[0]) is first
    assert selections.find(0, wanted[1]) is not second


def test_only_the_last_few_are_cached(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(selection, "_MAX_SELECTIONS", 3)
    selections, labels = counted_table()
    for part in "01234":
        selections.find(0, RankingFilter(truth="present", id_part=part))
    read = labels.reads
    for part in "234":
        selections.find(0, RankingFilter(truth="present", id_part=part))
    assert labels.reads == read
    selections.find(0, RankingFilter(truth="present", id_part="0"))
    assert labels.reads > read


def test_their_memory_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    selections, labels = counted_table()
    wanted = [RankingFilter(truth=truth) for truth in ("present", "absent", "difficult")]
    sizes = [4 * len(selections.find(0, item)) for item in wanted]
    assert selections._bytes == sum(sizes)
    monkeypatch.setattr(selection, "_MAX_BYTES", sizes[2] + 4)
    selections.find(1, RankingFilter(id_part="00499"))  # One image: it fits beside the last.
    assert selections._bytes == sizes[2] + 4
    read = labels.reads
    selections.find(0, wanted[2])
    assert labels.reads == read
    monkeypatch.setattr(selection, "_MAX_BYTES", 0)
    assert selections.find(1, wanted[0]).slice(0, 3), "too large to cache, yet found"
    assert selections._bytes == 0
