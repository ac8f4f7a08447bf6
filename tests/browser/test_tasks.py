"""Ten tasks of a person who asks what a model has learnt, and the clicks and keys they take."""

import csv
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import numpy as np
import pytest
from browser_visit import Visit
from sample_run import Sample
from sklearn.metrics import average_precision_score

TITLE = "section h2 >> nth=0"


class Hand:
    """Clicks and types, and counts both."""

    def __init__(self, visit: Visit) -> None:
        self.page = visit.page
        self.count = 0

    def click(self, selector: str) -> None:
        self.count += 1
        self.page.click(f"{selector} >> visible=true")

    def press(self, *keys: str) -> None:
        for key in keys:
            self.count += 1
            self.page.keyboard.press(key)


@pytest.fixture
def hand(visit: Visit) -> Hand:
    return Hand(visit)


def absent_above(sample: Sample, threshold: float) -> list[str]:
    """Returns the ids of the false positives of "dog", the surest first."""
    return [
        sample.image_ids[row]
        for row in sample.ranked_rows(0)
        if sample.labels[row, 0] == 0 and sample.scores[row, 0] > threshold
    ]


def open_outcome(visit: Visit, hand: Hand, key: str, outcome: str) -> Any:
    """Opens the images of "dog" with an outcome, from the overview."""
    page = visit.open("/")
    hand.click("tbody th a:text-is('dog')")
    page.wait_for_url("**/classes/dog*")
    hand.press(key)
    page.wait_for_url(f"**outcome={outcome}*")
    return page


def card_ids(page: Any) -> list[str]:
    found: list[str] = page.eval_on_selector_all(
        ".card > a", "links => links.map(link => link.dataset.image)"
    )
    return found


def test_the_worst_class_and_why(visit: Visit, hand: Hand, sample: Sample) -> None:
    page = visit.open("/")
    hand.click("th.column-ap a")
    page.wait_for_selector("th.column-ap[aria-sort=ascending]")
    precisions = {}
    for index, name in enumerate(sample.classes[:3]):
        counted = (sample.labels[:, index] >= 0) & ~np.isnan(sample.scores[:, index])
        precisions[name] = average_precision_score(
            sample.labels[counted, index], sample.scores[counted, index]
        )
    row = page.inner_text("tbody tr >> nth=0")
    assert row.startswith(min(precisions, key=lambda name: precisions[name]))
    assert "wrong:" in row
    assert "missed" in row
    assert hand.count == 1


def test_the_ten_surest_false_positives(visit: Visit, hand: Hand, sample: Sample) -> None:
    page = open_outcome(visit, hand, "2", "FP")
    assert card_ids(page)[:10] == absent_above(sample, 0.5)[:10]
    assert hand.count == 2


def test_what_misses_are_taken_for(visit: Visit, hand: Hand, sample: Sample) -> None:
    page = open_outcome(visit, hand, "3", "FN")
    counts = [int(text) for text in page.locator(".summary .count").all_inner_texts()]
    missed = (sample.labels[:, 0] == 1) & (sample.scores[:, 0] <= 0.5)
    assert sum(counts) == missed.sum()
    assert hand.count == 2
    hand.click(".summary a:has-text('no other class above')")
    page.wait_for_url("**others=none*")
    others = np.nanmax(sample.scores[:, 1:], axis=1, initial=0)
    assert page.inner_text(TITLE) == f"{(missed & (others <= 0.5)).sum()} of 130 images"


def test_a_precision_and_a_link_to_it(
    visit: Visit, hand: Hand, new_visit: Callable[..., Visit]
) -> None:
    page = visit.open("/classes/dog")
    hand.click("[data-set-threshold=precision]")
    page.wait_for_url("**threshold=*")
    assert float(page.inner_text("[data-live=precision] >> visible=true")) >= 0.9
    assert hand.count == 1
    received = new_visit().open(visit.path())
    for name in ("threshold", "above", "precision", "recall"):
        selector = f".metrics [data-live={name}]"
        assert received.inner_text(selector) == page.inner_text(selector)


def test_two_curves_compared(visit: Visit, hand: Hand) -> None:
    page = visit.open("/")
    hand.click("nav a:text-is('Average precision')")
    page.wait_for_url("**/average-precision")
    for name in ("dog", "person"):
        hand.click(f"tr:has(th:has-text('{name}')) [data-pin]")
    page.wait_for_url("**compare=*")
    assert parse_qs(urlsplit(page.url).query) == {"compare": ["dog,person"]}
    assert page.locator("tr.pinned").count() == 2
    assert hand.count == 3


def test_labels_that_are_probably_wrong(visit: Visit, hand: Hand, sample: Sample) -> None:
    page = visit.open("/")
    hand.click("a:text-is('Mistakes')")
    page.wait_for_url("**show=mistakes*")
    shown = page.eval_on_selector_all(
        "tr:has(th a:text-is('dog')) .strip img", "images => images.map(image => image.alt)"
    )
    assert [alt.partition(",")[0] for alt in shown] == absent_above(sample, 0)[:5]
    assert hand.count == 1


def test_tail_accuracy_at_a_threshold(visit: Visit, hand: Hand, sample: Sample) -> None:
    page = visit.open("/")
    hand.click("nav a:text-is('Tail accuracy')")
    page.wait_for_url("**/tail-accuracy")
    hand.click("main input[name=threshold]")
    hand.press("Control+a", *"0.8")
    page.wait_for_url("**threshold=0.8")
    above = sample.scores[:, 0].astype(float) > 0.8
    present, absent = ((above & (sample.labels[:, 0] == label)).sum() for label in (1, 0))
    row = f"tr:has(th:has-text('dog')):has-text('{present / (present + absent):.3f}')"
    page.wait_for_selector(row)
    assert hand.count == 6


def test_the_whole_ranking_as_a_file(visit: Visit, hand: Hand, sample: Sample) -> None:
    page = visit.open("/classes/dog")
    with page.expect_download() as download:
        hand.click("a:text-is('Download CSV')")
    rows = list(csv.DictReader(Path(download.value.path()).read_text("utf-8").splitlines()))
    assert [row["image_id"] for row in rows] == sample.ranked_ids(0)
    assert hand.count == 1


def test_the_full_story_of_an_image(visit: Visit, hand: Hand, sample: Sample) -> None:
    page = visit.open("/classes/dog")
    hand.click(".card > a >> nth=0")
    page.wait_for_selector(f"[data-scores] tr >> nth={len(sample.classes) - 1}")
    visit.wait_until_idle()
    story = page.inner_text("dialog[open]")
    assert all(name in story for name in sample.classes)
    assert "view=1" in page.url
    assert hand.count == 1


def test_rank_100_and_back(visit: Visit, hand: Hand) -> None:
    page = visit.open("/classes/dog")
    hand.press("g", *"100", "Enter")
    page.wait_for_url("**around=100*")
    focused = page.locator(".card:has(:focus)")
    assert focused.locator(".rank").inner_text() == "100"
    assert focused.bounding_box()["y"] + focused.bounding_box()["height"] <= 900
    page.go_back()
    page.wait_for_url("**/classes/dog")
    assert hand.count == 5
