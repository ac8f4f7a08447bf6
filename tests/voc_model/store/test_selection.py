"""Filters give the same ranks as checking every image, for every way of evaluating them."""

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from score_tables import make_manifest

from voc_model.errors import QueryError
from voc_model.store import other_classes, selection
from voc_model.store import selections as selections_module
from voc_model.store.scores import ScoreTable
from voc_model.store.selection import RankingFilter, Selection, find_ids, ids_containing
from voc_model.store.selections import Selections

CLASSES = ("dog", "person", "zebra")
ID_LETTERS = "ab12AZé\N{LATIN SMALL LETTER SHARP S}\N{KELVIN SIGN} _"


@st.composite
def tables(draw: st.DrawFn) -> ScoreTable:
    """Generates small tables with ties, unreadable images, all labels and unusual ids."""
    texts = st.text(ID_LETTERS, min_size=1, max_size=5)
    ids = draw(st.lists(texts, min_size=1, max_size=25, unique=True))
    shape = len(ids), len(CLASSES)
    coarse = st.sampled_from([0.0, 0.25, 0.3, 0.5, 0.7, 1.0, math.nan])
    scores = draw(arrays(np.float32, shape, elements=coarse | st.floats(0, 1, width=32)))
    labels = draw(arrays(np.int8, shape, elements=st.sampled_from([-2, -1, 0, 1])))
    return ScoreTable.build(ids, CLASSES, scores, labels, make_manifest())


bounds = st.none() | st.sampled_from([0.0, 0.25, 0.3, 0.5, 0.7, 1.0]) | st.floats(0, 1)
class_sets = st.lists(st.integers(0, len(CLASSES) - 1), max_size=2).map(tuple)
filters = st.builds(
    RankingFilter,
    truth=st.sampled_from([None, "present", "absent", "difficult", "not labelled"]),
    outcome=st.sampled_from([None, "TP", "FP", "FN", "TN"]),
    threshold=st.sampled_from([0.0, 0.25, 0.3, 0.5, 0.7, 1.0]) | st.floats(0, 1),
    with_classes=class_sets,
    without_classes=class_sets,
    without_label=st.booleans(),
    taken_for=st.none() | st.integers(0, len(CLASSES) - 1),
    others=st.sampled_from([None, None, "right", "none"]),
    id_part=st.just("") | st.text(ID_LETTERS + "sSkK\0É", max_size=2),
    min_score=bounds,
    max_score=bounds,
)


def outcome(score: float, label: int, threshold: float) -> str | None:
    if math.isnan(score) or label < 0:
        return None
    return {(1, 1): "TP", (1, 0): "FP", (0, 1): "FN", (0, 0): "TN"}[score > threshold, label]


def taken_for(scores: list[float], labels: list[int], column: int, threshold: float) -> int | str:
    """Returns the class an image is taken for, looking at one class after the other."""
    best: int | None = None
    above = False
    for other, (score, label) in enumerate(zip(scores, labels, strict=True)):
        if other == column or not score > threshold:
            continue
        above = True
        if label == 0 and (best is None or score > scores[best]):
            best = other
    return best if best is not None else "right" if above else "none"


def keeps(table: ScoreTable, column: int, row: int, wanted: RankingFilter) -> bool:
    """Returns whether a filter keeps an image, checking one condition at a time."""
    score, labels = float(table.scores[row, column]), table.labels[row].tolist()
    truth = {1: "present", 0: "absent", -1: "difficult", -2: "not labelled"}[labels[column]]
    low, high = wanted.min_score, wanted.max_score
    scores = table.scores[row].tolist()
    instead = None if math.isnan(score) else taken_for(scores, labels, column, wanted.threshold)
    return all(
        (
            not wanted.without_label or (not {1, -1} & {*labels} and {*labels} != {-2}),
            wanted.taken_for in (None, instead),
            wanted.others in (None, instead),
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
def test_a_filter_keeps_images_that_meet_all_conditions(
    table: ScoreTable, column: int, wanted: RankingFilter
) -> None:
    assert found(table, column, wanted) == expected(table, column, wanted)


@given(tables(), filters, st.data())
def test_each_condition_alone(
    table: ScoreTable, wanted: RankingFilter, data: st.DataObject
) -> None:
    """A single condition keeps more images, so that others do not hide an error in it."""
    name = data.draw(st.sampled_from(list(vars(wanted))))
    alone = RankingFilter(**{name: getattr(wanted, name)})
    if name in ("outcome", "taken_for", "others"):
        alone = replace(alone, threshold=wanted.threshold)
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
def test_chunk_size_and_evaluation_do_not_matter(
    monkeypatch: pytest.MonkeyPatch, chunk: int, low: float | None, high: float | None
) -> None:
    """A narrow score range is checked image by image, a wide one in a pass over the table."""
    table = random_table()
    monkeypatch.setattr(selection, "_CHUNK", chunk)
    monkeypatch.setattr(selection, "ROWS_PER_PICK", 8)
    wanted = RankingFilter(
        truth="present", without_classes=(2,), id_part="G_00", min_score=low, max_score=high
    )
    ranks = found(table, 1, wanted)
    assert ranks == expected(table, 1, wanted)
    assert ranks


def test_an_empty_filter_keeps_all() -> None:
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


def test_a_range_includes_a_score_that_reads_like_its_bound() -> None:
    """0.7 as float32 is less than 0.7 as float64, but both are displayed as 0.7."""
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
def test_ids_are_searched_case_insensitively(ids: list[str], part: str) -> None:
    encoded = np.array([image_id.encode() for image_id in ids], np.bytes_)
    found = ids_containing(encoded, part).tolist()
    assert found == [part.casefold() in image_id.casefold() for image_id in ids]


@given(tables(), st.text(ID_LETTERS + "sS", min_size=1, max_size=2), st.integers(1, 4))
def test_images_are_found_by_their_ids(table: ScoreTable, part: str, limit: int) -> None:
    ids = table.ids_of(np.arange(len(table.image_ids)))
    matches = [it for it in ids if part.casefold() in it.casefold()]
    wanted = sorted(matches, key=lambda it: it != part)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(selection, "_CHUNK", 3)
        assert find_ids(table, part, limit) == wanted[:limit]


# What is counted among them ----------------------------------------------------------------------


@settings(max_examples=50)
@given(tables(), st.integers(0, len(CLASSES) - 1), filters)
def test_each_count_is_that_of_a_filter(
    table: ScoreTable, column: int, wanted: RankingFilter
) -> None:
    selections = Selections(table)

    def count(**changes: Any) -> int:
        return len(expected(table, column, replace(wanted, **changes)))

    counts = selections.count_classes(column, wanted)
    for index in range(len(CLASSES)):
        added = (*wanted.with_classes, index)
        assert counts.present[index] == count(with_classes=added)
        added = (*wanted.without_classes, index)
        assert counts.absent[index] == count(without_classes=added)
    assert counts.without == count(without_label=True)
    labels = selections.find_labels(column, wanted).tolist()
    ranked = table.labels[table.ranking[column], column]
    assert labels == [ranked[rank - 1] for rank in expected(table, column, wanted)]
    selection, instead = selections.find_taken_for(column, wanted)
    assert len(selection) == len(instead)
    for code in range(-2, len(CLASSES)):
        named = {"taken_for": code} if code >= 0 else {"others": {-1: "right", -2: "none"}[code]}
        assert (instead == code).sum() == count(**{"taken_for": None, "others": None, **named})


def test_a_count_follows_the_threshold_only_where_it_matters() -> None:
    selections, labels = counted_table()
    low, high = (RankingFilter(truth="present", threshold=value) for value in (0.2, 0.8))
    assert selections.count_classes(0, low) is selections.count_classes(0, high)
    read = labels.reads
    first, second = (selections.find_taken_for(0, item)[1] for item in (low, high))
    assert labels.reads > read
    assert first.tolist() != second.tolist()


def test_only_so_many_images_are_compared(monkeypatch: pytest.MonkeyPatch) -> None:
    table = random_table()
    monkeypatch.setattr(selections_module, "MAX_VALUES", 3 * 60)
    few, many = (RankingFilter(max_score=limit, others="none") for limit in (0.1, 0.9))
    assert found(table, 0, few) == expected(table, 0, few) != []
    with pytest.raises(QueryError, match="up to 60 images; the other filters select 4"):
        Selections(table).find(0, many)


@pytest.mark.parametrize("per_pick", [0, 1000])
def test_rows_are_picked_or_cut_out(monkeypatch: pytest.MonkeyPatch, per_pick: int) -> None:
    monkeypatch.setattr(other_classes, "ROWS_PER_PICK", per_pick)
    monkeypatch.setattr(other_classes, "_CHUNK_VALUES", 7 * len(CLASSES))
    wanted = RankingFilter(outcome="FN", taken_for=2)
    assert found(random_table(), 0, wanted) == expected(random_table(), 0, wanted) != []


# Paging and memory -------------------------------------------------------------------------------


@given(st.lists(st.integers(1, 60), unique=True).map(sorted), st.integers(0, 62))
def test_positions_in_a_selection(ranks: list[int], rank: int) -> None:
    selected = Selection(np.array(ranks, np.int32))
    assert len(selected) == len(ranks)
    assert selected.position_of(rank) == sum(kept < rank for kept in ranks)
    assert (
        selected.slice(selected.position_of(rank), 5)
        == [kept for kept in ranks if kept >= rank][:5]
    )
    assert selected.slice(-3, 5) == ranks[:2]


class CountedReads:
    """Labels of a table that count how often they are read, and how many values."""

    def __init__(self, array: Any) -> None:
        self.array = array
        self.reads = 0
        self.values = 0

    def __getitem__(self, key: Any) -> Any:
        part = self.array[key]
        self.reads += 1
        self.values += part.size
        return part


def counted_table() -> tuple[Selections, CountedReads]:
    table = random_table()
    labels = CountedReads(table.labels)
    object.__setattr__(table, "labels", labels)
    return Selections(table), labels


def test_repeated_filters_are_cached() -> None:
    selections, labels = counted_table()
    first = selections.find(0, RankingFilter(truth="present"))
    read = labels.reads
    assert read
    assert selections.find(0, RankingFilter(truth="present")) is first
    # Without an outcome the threshold does not matter.
    assert selections.find(0, RankingFilter(truth="present", threshold=0.1)) is first
    assert labels.reads == read
    assert selections.find(1, RankingFilter(truth="present")) is not first
    assert labels.reads > read


def test_a_score_range_alone_reads_no_labels() -> None:
    selections, labels = counted_table()
    kept = selections.find(0, RankingFilter(min_score=0.25, max_score=0.75))
    assert len(kept) > 100
    assert isinstance(kept.ranks, range)
    assert labels.reads == 0


def test_a_narrow_range_reads_only_its_own_labels(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(selection, "ROWS_PER_PICK", 8)
    selections, labels = counted_table()
    wanted = RankingFilter(truth="present", min_score=0.5, max_score=0.53)
    in_range = len(selections.find(0, RankingFilter(min_score=0.5, max_score=0.53)))
    selections.find(0, wanted)
    assert labels.values == in_range > 5


def test_the_least_recently_used_selection_is_dropped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(selections_module, "_MAX_RESULTS", 2)
    selections, _ = counted_table()
    wanted = [RankingFilter(truth=truth) for truth in ("present", "absent", "difficult")]
    first, second = (selections.find(0, item) for item in wanted[:2])
    assert selections.find(0, wanted[0]) is first
    selections.find(0, wanted[2])
    assert selections.find(0, wanted[0]) is first
    assert selections.find(0, wanted[1]) is not second


def test_the_number_of_cached_selections_is_limited(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(selections_module, "_MAX_RESULTS", 3)
    selections, labels = counted_table()
    for part in "01234":
        selections.find(0, RankingFilter(truth="present", id_part=part))
    read = labels.reads
    for part in "234":
        selections.find(0, RankingFilter(truth="present", id_part=part))
    assert labels.reads == read
    selections.find(0, RankingFilter(truth="present", id_part="0"))
    assert labels.reads > read


def test_the_memory_of_cached_selections_is_limited(monkeypatch: pytest.MonkeyPatch) -> None:
    selections, labels = counted_table()
    wanted = [RankingFilter(truth=truth) for truth in ("present", "absent", "difficult")]
    sizes = [4 * len(selections.find(0, item)) for item in wanted]
    assert selections._bytes == sum(sizes)
    monkeypatch.setattr(selections_module, "_MAX_BYTES", sizes[2] + 4)
    selections.find(
        1, RankingFilter(id_part="00499")
    )  # One image: it fits next to the last selection.
    assert selections._bytes == sizes[2] + 4
    read = labels.reads
    selections.find(0, wanted[2])
    assert labels.reads == read
    monkeypatch.setattr(selections_module, "_MAX_BYTES", 0)
    assert selections.find(1, wanted[0]).slice(0, 3), "too large to cache, but found"
    assert selections._bytes == 0


def test_a_single_id_is_not_altered() -> None:
    encoded = np.array([b"IMG_0001"], np.bytes_)
    assert ids_containing(encoded, "img").tolist() == [True]
    assert encoded.tolist() == [b"IMG_0001"]
