"""Where the threshold lies in the ranking: its mark in the grid, and the bar that stays in view."""

from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from browser_visit import Visit, wait_until
from sample_run import IMAGES, Sample

HANDLE = "[data-threshold-handle]"
WIDTHS = pytest.mark.parametrize("width", [1280, 390])
FOCUSED_RANK = "document.activeElement.closest('.card')?.querySelector('.rank').textContent"


def ranks_above(sample: Sample, threshold: float) -> int:
    return int((sample.scores[:, 0].astype(float) > threshold).sum())


def marked(page: Any) -> list[tuple[str, str]]:
    """Returns rank and text of each card with a mark."""
    found = page.evaluate(
        """() => [...document.querySelectorAll("main [data-threshold-mark]")].map(mark => [
        mark.closest(".card").querySelector(".rank").textContent,
        mark.querySelector("strong").textContent])"""
    )
    return [tuple(item) for item in found]


def is_in_view(page: Any) -> bool:
    """Returns whether the focused card is in the window and not below the bar."""
    return bool(
        page.evaluate(
            """() => {
        const box = document.activeElement.getBoundingClientRect();
        const at = document.elementFromPoint(box.x + 9, box.y + 9);
        return box.bottom <= innerHeight && document.activeElement.contains(at);
    }"""
        )
    )


def test_the_mark_is_before_the_first_card_below(visit: Visit, sample: Sample) -> None:
    page = visit.open(f"/classes/dog?from=1&size={IMAGES}&threshold=0.7")
    first = ranks_above(sample, 0.7) + 1
    assert marked(page) == [(str(first), "0.7")]
    heights = page.evaluate("[...document.querySelectorAll('.card')].map(card => card.offsetTop)")
    for threshold in (0.3, 0.9, 1, 0):
        page.fill("[data-threshold-field]", str(threshold))
        above = ranks_above(sample, threshold)
        inside = 0 < above < ranks_above(sample, -1)
        assert marked(page) == ([(str(above + 1), str(threshold))] if inside else [])
    page.fill("[data-threshold-field]", "0.7")
    assert heights == page.evaluate(
        "[...document.querySelectorAll('.card')].map(card => card.offsetTop)"
    )


@pytest.mark.parametrize("threshold", [0.7, 0, 1])
def test_h_leads_to_the_threshold(visit: Visit, sample: Sample, threshold: float) -> None:
    page = visit.open(f"/classes/dog?size=9&threshold={threshold}")
    wanted = min(ranks_above(sample, threshold) + 1, IMAGES)
    page.keyboard.press("h")
    shown = wanted <= 9
    if not shown:
        page.wait_for_url(f"**around={wanted}**")
    wait_until(page, f"{FOCUSED_RANK} === '{wanted}'")
    assert is_in_view(page)
    assert ("around" in parse_qs(urlsplit(page.url).query)) == (not shown)
    # The second time it is among the cards shown, wherever the page has been scrolled.
    page.evaluate("document.activeElement.blur(); scrollTo(0, 0)")
    page.click("[data-to-threshold] >> visible=true")
    assert page.evaluate(FOCUSED_RANK) == str(wanted)
    assert is_in_view(page)


def test_the_link_to_the_threshold_works_without_scripts(
    new_visit: Callable[..., Visit], sample: Sample
) -> None:
    page = new_visit(java_script_enabled=False).open("/classes/dog?size=9&threshold=0.02")
    page.click("[data-to-threshold] >> visible=true")
    wanted = ranks_above(sample, 0.02) + 1
    assert page.locator(".card[aria-current] .rank").inner_text() == str(wanted)
    assert page.locator(".card[aria-current] [data-threshold-mark]").count() == 1


@WIDTHS
def test_the_bar_stays_in_view_and_hides_no_card(
    new_visit: Callable[..., Visit], sample: Sample, width: int
) -> None:
    page = new_visit(width, 700).open(f"/classes/dog?from=1&size={IMAGES}")
    bottom = page.evaluate("document.documentElement.scrollHeight")
    page.evaluate("scrollTo(0, 1500)")
    wait_until(page, "document.querySelector('.stuck') !== null")
    assert page.evaluate("[scrollY, document.documentElement.scrollHeight]") == [1500, bottom]
    strip, handle = (page.locator(it).bounding_box() for it in ("[data-strip]", HANDLE))
    assert strip["y"] + strip["height"] <= (64 if width > 640 else 88)
    # It works as before, also where a card lies below the transparent rest of it.
    x = strip["x"] + float(page.input_value(HANDLE)) / IMAGES * strip["width"]
    page.mouse.move(x, handle["y"] + 8)
    page.mouse.down()
    page.mouse.move(x + strip["width"] / 4, handle["y"] + 8, steps=4)
    page.mouse.up()
    wait_until(page, "location.search.includes('threshold=')")
    assert page.evaluate("scrollY") == 1500
    values = dict(
        page.evaluate(
            "[...document.querySelectorAll('.stuck [data-live]')].map("
            "it => [it.dataset.live, it.textContent])"
        )
    )
    assert ranks_above(sample, float(values["threshold"])) == float(page.input_value(HANDLE))
    assert values["precision"] == page.inner_text("dl [data-live=precision]")
    below = page.evaluate(
        "x => [95, 115, 135].some(y => document.elementFromPoint(x, y).closest('.card'))",
        strip["x"] + 40,
    )
    assert below
    # Cards that are focused by keys are never below it.
    page.keyboard.press("j")
    assert is_in_view(page)
    for _ in range(12):
        page.keyboard.press("k")
        assert is_in_view(page)
        page.keyboard.press("Shift+Tab")
        assert is_in_view(page)


def test_the_card_of_a_rank_is_focused(visit: Visit) -> None:
    page = visit.open("/classes/dog?around=64&size=60")
    wait_until(page, f"{FOCUSED_RANK} === '64'")
    assert is_in_view(page)
    page.keyboard.press("j")
    assert page.evaluate(FOCUSED_RANK) == "65"


def test_dragging_with_a_filter_on_an_outcome(visit: Visit, sample: Sample) -> None:
    page = visit.open("/classes/dog?outcome=TP&size=100&threshold=0.5")
    page.evaluate("window.same = true; scrollTo(0, 200)")
    shown = page.locator(".card").count()
    strip, handle = (page.locator(it).bounding_box() for it in ("[data-strip]", HANDLE))
    x = strip["x"] + float(page.input_value(HANDLE)) / IMAGES * strip["width"]
    page.mouse.move(x, handle["y"] + 8)
    page.mouse.down()
    page.mouse.move(strip["x"] + 0.1 * strip["width"], handle["y"] + 8)
    threshold = page.inner_text("dl [data-live=threshold]")
    above = sample.labels[sample.scores[:, 0].astype(float) > float(threshold), 0]
    assert page.inner_text(".choices [aria-current]") == f"TP {(above == 1).sum()}"
    dimmed = page.locator(".card.left-out").count()
    assert 0 < dimmed < shown
    wait_until(page, f"document.querySelectorAll('.card').length === {shown - dimmed}")
    assert "threshold=0.5" in page.url, "not before it is released"
    page.mouse.up()
    wait_until(page, f"location.search.includes('threshold={threshold}')")
    assert page.locator(".card").count() == (above == 1).sum()
    assert page.evaluate("[window.same, scrollY]") == [True, 200]
    assert page.evaluate("document.activeElement.matches('[data-threshold-handle]')")
