"""Filters in the browser: setting, going back, reloading, and sharing the link."""

from collections.abc import Callable
from typing import Any

import pytest
from browser_visit import Visit
from sample_run import Sample

COUNT = "section .section-head h2"


def open_filters(page: Any) -> None:
    if not page.locator("details.filters[open]").count():
        page.click("details.filters summary")


def ranks(page: Any) -> list[int]:
    return [int(text) for text in page.locator(".card .rank").all_inner_texts()]


def outcomes(page: Any) -> set[str]:
    return set(page.locator(".card [data-outcome]").all_inner_texts())


def state(page: Any) -> tuple[list[int], str, list[str], str, str]:
    """Returns the visible state of a page."""
    return (
        ranks(page),
        page.locator(COUNT).first.inner_text(),
        page.locator(".chips a").all_inner_texts(),
        page.input_value("[data-threshold-field]"),
        page.locator(".choices [aria-current]").inner_text().split()[0],
    )


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("scripted", [True, False])
def test_filters_survive_back_reload_and_pasting(
    new_visit: Callable[..., Visit], sample: Sample, width: int, scripted: bool
) -> None:
    visit = new_visit(width, java_script_enabled=scripted)
    page = visit.open("/classes/dog?size=6&threshold=0.4")
    unfiltered = ranks(page)
    page.click(".choices [title^='false positives']")
    page.wait_for_url("**outcome=FP**")
    assert outcomes(page) == {"FP"}
    open_filters(page)
    page.select_option("select[name=with]", "person")
    page.fill("input[name=id]", "2008")
    page.click(".filter-form button")
    page.wait_for_url("**with=person**")
    first = state(page)
    rows = [sample.ranked_rows(0)[rank - 1] for rank in first[0]]
    assert rows
    for row in rows:
        assert sample.scores[row, 0] > 0.4
        assert sample.labels[row, :2].tolist() == [0, 1]
    assert first[1].endswith(" of 130 images")
    assert first[2][:2] == ["also shows person ×", "id contains 2008 ×"]  # noqa: RUF001
    assert first[3:] == ("0.4", "FP")
    assert page.locator("details.filters[open]").count(), "open, since filters are active"
    page.locator("a[rel=next]").first.click()
    page.wait_for_url("**&from=**")
    second = state(page)
    assert second[0][0] > first[0][-1]
    assert second[1:] == first[1:]
    page.reload()
    assert state(page) == second
    pasted = new_visit(width).open(visit.path())
    assert state(pasted) == second
    page.go_back()
    page.wait_for_url(lambda url: "&from=" not in url)
    assert state(page) == first
    page.click(".chips a:has-text('also shows person')")
    page.wait_for_url(lambda url: "with=person" not in url)
    assert page.locator(".chips a").all_inner_texts() == first[2][1:]
    page.click(".chips .clear")
    page.wait_for_url(lambda url: "outcome" not in url)
    assert ranks(page) == unfiltered
    assert page.input_value("[data-threshold-field]") == "0.4"


@pytest.mark.parametrize("width", [1280, 390])
def test_no_matches_can_be_cleared(new_visit: Callable[..., Visit], width: int) -> None:
    page = new_visit(width).open("/classes/dog")
    open_filters(page)
    page.fill("input[name=id]", "nowhere")
    page.press("input[name=id]", "Enter")
    page.wait_for_url("**id=nowhere**")
    assert page.inner_text(COUNT) == "0 of 130 images"
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.click("text=Clear filters")
    page.wait_for_url(lambda url: "nowhere" not in url)
    assert page.locator(".grid").count() == 2


def test_outcomes_follow_the_threshold(visit: Visit, sample: Sample) -> None:
    """The server selects the images again for a new threshold."""
    page = visit.open("/classes/dog?outcome=FN&threshold=0.5&size=500")
    before = ranks(page)
    page.fill("[data-threshold-field]", "0.7")
    page.wait_for_url("**threshold=0.7**")
    scores, labels = sample.scores[:, 0].astype(float), sample.labels[:, 0]
    count = ((scores <= 0.7) & (labels == 1)).sum()
    page.wait_for_selector(f"{COUNT}:has-text('{count} of 130 images')")
    assert page.inner_text(".choices [aria-current]") == f"FN {count}"
    assert len(ranks(page)) > len(before)
    assert outcomes(page) == {"FN"}
    page.go_back()  # Moving the threshold adds no history entries.
    assert "/classes/dog" not in page.url


def test_stored_threshold_does_not_change_a_link(visit: Visit, sample: Sample) -> None:
    page = visit.open("/classes/dog")
    page.fill("[data-threshold-field]", "0.8")
    page.wait_for_url("**threshold=0.8**")
    scores, labels = sample.scores[:, 0].astype(float), sample.labels[:, 0]

    def count_at(threshold: float) -> str:
        return f"{((scores > threshold) & (labels == 1)).sum()} of 130 images"

    page = visit.open("/classes/dog?outcome=TP")
    assert page.inner_text(COUNT) == count_at(0.5)
    page.reload()
    assert page.inner_text(COUNT) == count_at(0.5)
    page.click("[data-set-threshold=stored]")
    page.wait_for_url("**threshold=0.8**")
    page.wait_for_selector(f"{COUNT}:has-text('{count_at(0.8)}')")


def test_no_reload_without_an_outcome_filter(visit: Visit) -> None:
    page = visit.open("/classes/dog?truth=absent&size=20")
    page.evaluate("window.stayed = true")
    page.fill("[data-threshold-field]", "0.33")
    page.wait_for_url("**threshold=0.33**")
    assert page.evaluate("window.stayed")
    assert page.input_value(".filter-form input[name=threshold]") == "0.33"
    open_filters(page)
    page.click(".filter-form button")
    page.wait_for_url("**threshold=0.33**truth=absent**")


def test_strip_opens_a_rank_among_the_matches(visit: Visit, sample: Sample) -> None:
    page = visit.open("/classes/dog?truth=absent&around=20&size=5")
    box = page.locator("[data-strip]").bounding_box()
    page.mouse.click(box["x"] + 0.6 * box["width"], box["y"] + box["height"] / 2)
    page.wait_for_url("**from=**")
    assert "around" not in page.url
    shown = ranks(page)
    assert 75 <= shown[0] <= 90
    assert all(sample.labels[sample.ranked_rows(0)[rank - 1], 0] == 0 for rank in shown)
