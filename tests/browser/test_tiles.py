"""Tiles of the grid: their size, and what is shown in place of images and beside them."""

from collections.abc import Callable
from typing import Any

import pytest
from browser_visit import Visit, wait_until
from sample_run import Sample

WATCH_SHIFTS = (
    "window.shifts = []; new PerformanceObserver(list => { for (const entry of list.getEntries())"
    " window.shifts.push(entry.value) }).observe({ type: 'layout-shift', buffered: true })"
)
SLIDER = "[data-thumbnail-size]"


def first_tile(page: Any) -> Any:
    return page.evaluate(
        "(() => { const image = document.querySelector('.grid img'); return {"
        " width: image.clientWidth, pixels: Number(image.currentSrc.split('/').at(-2)) } })()"
    )


@pytest.mark.parametrize("width", [1280, 390])
def test_the_size_of_thumbnails_is_kept(new_visit: Callable[..., Visit], width: int) -> None:
    visit = new_visit(width)
    page = visit.open("/classes/dog?size=20")
    usual = first_tile(page)
    assert usual["pixels"] == 240
    page.locator(SLIDER).focus()
    widths = []
    for key in ("ArrowLeft", "ArrowRight", "ArrowRight", "ArrowRight"):
        page.keyboard.press(key)
        widths.append(first_tile(page)["width"])
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert widths[0] < widths[1] == usual["width"] < widths[2] <= widths[3]
    assert page.locator(SLIDER).get_attribute("aria-valuetext") == "very large"
    wait_until(page, "document.querySelector('.grid img').currentSrc.includes('/480/')")
    visit.wait_until_idle()
    page.context.add_init_script(WATCH_SHIFTS)
    again = visit.open("/classes/person?size=20")
    wait_until(again, "document.querySelector('.grid img').currentSrc.includes('/480/')")
    visit.wait_until_idle()
    assert first_tile(again)["width"] == widths[3]
    assert again.locator(SLIDER).input_value() == "3"
    assert again.evaluate("shifts") == []


def test_broken_images_are_replaced_by_a_card(visit: Visit) -> None:
    visit.forgiven.append("/files/")
    broken = ["**/files/*/*/2008_0000*"]
    visit.page.route(broken[0], lambda route: route.fulfill(status=404))
    page = visit.open("/classes/dog?from=1&size=12")
    visit.wait_until_idle()
    shown = page.locator(".card img:visible").count()
    notes = page.locator(".card [data-broken]").all_inner_texts()
    assert shown + len(notes) == 12
    assert notes
    assert all(note.startswith("2008_0000") for note in notes)
    assert all(note.endswith(" could not be loaded") for note in notes)
    boxes = [page.locator(it).first.bounding_box() for it in (".card img:visible", "[data-broken]")]
    assert boxes[0]["height"] == pytest.approx(boxes[1]["height"], abs=1)
    page.locator(".card [data-broken]").first.click()
    page.wait_for_selector("[data-large-view] [data-broken]")
    page.unroute(broken[0])
    page.keyboard.press("ArrowRight")
    wait_until(page, "!document.querySelector('[data-large-view] [data-broken]')")
    assert page.locator("[data-frame] img").is_visible()


def test_counts_and_other_scores_follow_the_threshold(visit: Visit, sample: Sample) -> None:
    page = visit.open("/classes/dog?from=40&size=40")
    page.evaluate(WATCH_SHIFTS)
    counts = ".choices [data-live]"
    before = page.locator(counts).all_inner_texts()
    heights = page.evaluate(
        "[...document.querySelectorAll('.card')].map(card => card.offsetHeight)"
    )
    box = page.locator("[data-threshold-handle]").bounding_box()
    page.fill("[data-threshold-field]", "0.35")
    page.wait_for_url("**threshold=0.35**")
    live = page.locator(counts).all_inner_texts()
    assert live != before
    visible = page.evaluate(
        "[...document.querySelectorAll('.card')].map(card => [card.classList.contains("
        "'card-incorrect'), card.querySelector('.card-others').checkVisibility({"
        " visibilityProperty: true })])"
    )
    assert all(wrong == shown for wrong, shown in visible)
    assert len({wrong for wrong, _ in visible}) == 2
    assert heights == page.evaluate(
        "[...document.querySelectorAll('.card')].map(card => card.offsetHeight)"
    )
    assert page.evaluate("shifts") == []
    assert box == page.locator("[data-threshold-handle]").bounding_box()
    page.reload()
    assert page.locator(counts).all_inner_texts() == live, "as the server counts"
    # Beside other filters, the server counts.
    page = visit.open("/classes/dog?id=2008_0000&size=5")
    page.fill("[data-threshold-field]", "0.35")
    kept = ["2008_0000" in image_id for image_id in sample.image_ids]
    positive = (sample.scores[:, 0].astype(float) > 0.35) & (sample.labels[:, 0] == 1)
    page.wait_for_selector(f".choices a:has-text('TP {(positive & kept).sum()}')")
