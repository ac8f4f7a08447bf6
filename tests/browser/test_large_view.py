"""The large view in the history and the address, steps beyond a part of the ranking, and swipes."""

from collections.abc import Callable
from typing import Any

import pytest
from browser_visit import Visit, wait_until

DIALOG = "[data-large-view]"
IS_OPEN = f"document.querySelector('{DIALOG}').open"
SHOWN = f"document.querySelector('{DIALOG} .rank').textContent"
FOCUSED = "document.activeElement.closest('.card')?.dataset.rank"


def open_card(page: Any, rank: int) -> None:
    page.click(f".card[data-rank='{rank}'] > a")
    wait_for_view(page, rank)


def wait_for_view(page: Any, rank: int) -> None:
    wait_until(page, f"{IS_OPEN} && {SHOWN} === '{rank}'")
    wait_until(page, f"new URL(location.href).searchParams.get('view') === '{rank}'")


def wait_for_page(page: Any, focused: int) -> None:
    """Waits until the large view is closed and has gone from the address."""
    wait_until(page, f"!{IS_OPEN} && !location.search.includes('view')")
    wait_until(page, f"{FOCUSED} === '{focused}'")


def test_the_history_has_the_large_view(visit: Visit) -> None:
    page = visit.open("/classes/dog?from=1&size=40")
    page.evaluate("window.same = true")
    entries = page.evaluate("history.length")
    open_card(page, 2)
    for _ in range(30):
        page.keyboard.press("j")
    wait_for_view(page, 32)
    assert page.evaluate("history.length") == entries + 1, "steps are no entries"
    page.go_back()
    wait_for_page(page, 32)
    page.go_forward()
    wait_for_view(page, 32)
    page.keyboard.press("Escape")
    wait_for_page(page, 32)
    box = page.evaluate("document.activeElement.getBoundingClientRect().toJSON()")
    assert 0 <= box["top"] < box["bottom"] <= 900, "its card is in view"
    page.go_forward()
    wait_for_view(page, 32)
    assert page.evaluate("window.same"), "all on one page"
    page.reload()
    wait_for_view(page, 32)
    page.click("[data-large-view] .close")
    wait_for_page(page, 32)
    assert visit.path() == "/classes/dog?from=1&size=40"


def test_steps_go_on_in_the_next_part(visit: Visit) -> None:
    page = visit.open("/classes/dog?size=10&threshold=0.4")
    page.evaluate("window.same = true")
    open_card(page, 9)
    for rank in (10, 11, 12):
        page.keyboard.press("ArrowRight")
        wait_for_view(page, rank)
    assert "from=11" in page.url
    assert page.locator(".card .rank").first.text_content() == "11", "behind the view, too"
    for rank in (11, 10, 9):
        page.keyboard.press("ArrowLeft")
        wait_for_view(page, rank)
    page.keyboard.press("Escape")
    wait_for_page(page, 9)
    assert "from=1&" in page.url
    assert "threshold=0.4" in page.url
    page.go_back()
    page.wait_for_url(lambda url: "from" not in url)
    wait_until(page, "document.querySelectorAll('.grid').length === 2")
    # From the first rank of the bottom up.
    open_card(page, 119)
    page.keyboard.press("k")
    wait_for_view(page, 118)
    assert page.evaluate("window.same"), "all on one page"


def test_steps_follow_the_filters(visit: Visit) -> None:
    page = visit.open("/classes/person?truth=absent&size=4")
    page.click(".card:last-child > a")
    seen = [int(page.evaluate(SHOWN))]
    for _ in range(5):
        page.keyboard.press("j")
        wait_until(page, f"{SHOWN} !== '{seen[-1]}'")
        seen.append(int(page.evaluate(SHOWN)))
    visit.open("/classes/person?truth=absent&size=9")
    assert seen == [int(text) for text in page.locator(".card .rank").all_inner_texts()][3:]


def test_ends_of_the_ranking(visit: Visit) -> None:
    page = visit.open("/classes/dog?from=1&size=5")
    open_card(page, 1)
    assert page.locator("[data-step='-1']").is_disabled()
    page.keyboard.press("ArrowLeft")
    assert page.evaluate(SHOWN) == "1"
    visit.open("/classes/dog?size=10")
    open_card(page, 128)
    assert page.locator("[data-step='1']").is_disabled(), "the last two are unreadable"


def test_a_link_opens_the_part_with_the_image(new_visit: Callable[..., Visit]) -> None:
    page = new_visit().open("/classes/dog?size=10&view=47")
    wait_for_view(page, 47)
    assert "from=41" in page.url
    page.wait_for_selector(f"{DIALOG} [data-scores] tr")
    page.keyboard.press("Escape")
    wait_for_page(page, 47)
    assert page.locator(".card[aria-current]").count() == 0
    page = new_visit(java_script_enabled=False).open("/classes/dog?size=10&view=47")
    assert page.locator(".card[aria-current] .rank").inner_text() == "47"
    assert not page.locator(DIALOG).is_visible()


def test_back_to_another_threshold(visit: Visit) -> None:
    """Forward reopens the view with its threshold, which was moved meanwhile."""
    page = visit.open("/classes/dog?from=1&size=5")
    open_card(page, 2)
    page.keyboard.press("Escape")
    wait_for_page(page, 2)
    page.fill("[data-threshold-field]", "0.9")
    page.press("[data-threshold-field]", "Tab")
    page.wait_for_url("**threshold=0.9")
    with page.expect_event("load"):
        page.go_forward()
    wait_for_view(page, 2)
    wait_until(page, "document.querySelector('[data-threshold-field]').value === '0.5'")


SWIPE = """([across, down, fingers]) => {
  const target = document.querySelector("[data-stage]");
  const touches = (x, y, count) => [...Array(count)].map((_, identifier) =>
    new Touch({ identifier, target, clientX: x + 40 * identifier, clientY: y }));
  const fire = (type, x, y, count) => target.dispatchEvent(new TouchEvent(type, { bubbles: true,
    touches: type === "touchend" ? [] : touches(x, y, count),
    changedTouches: touches(x, y, count) }));
  fire("touchstart", 200, 200, fingers);
  fire("touchend", 200 + across, 200 + down, fingers);
}"""


def test_swipes(new_visit: Callable[..., Visit]) -> None:
    page = new_visit(390, 844, has_touch=True).open("/classes/dog?from=1&size=5")
    open_card(page, 2)
    for across, down, fingers, rank in (
        *((-90, 10, 1, 3), (90, -30, 1, 2)),
        *((-90, 80, 1, 2), (-20, 0, 1, 2), (-90, 0, 2, 2), (0, 300, 1, 2)),
    ):
        page.evaluate(SWIPE, [across, down, fingers])
        assert page.evaluate(SHOWN) == str(rank), (across, down, fingers)
    for selector in ("[data-large-view] .close", "[data-step='1']", "[data-boxes]", "[data-page]"):
        assert page.locator(selector).bounding_box()["height"] >= 44, selector


def test_the_next_original_is_loaded_in_advance(visit: Visit) -> None:
    page = visit.open("/classes/dog?from=1&size=5")
    open_card(page, 2)
    visit.wait_until_idle()
    ids = page.locator(".card > a").evaluate_all("all => all.map(link => link.dataset.image)")
    originals = [url for url in visit.requested if "/originals/" in url]
    assert {image_id for image_id in ids for url in originals if image_id in url} == set(ids[:3])


@pytest.mark.parametrize(
    ("query", "status"), [("view=131", 400), ("view=0", 400), ("truth=absent&view=1", 200)]
)
def test_views_that_cannot_be_shown(visit: Visit, query: str, status: int) -> None:
    visit.forgiven.append("/classes/dog")
    response = visit.page.goto(f"{visit.address}/classes/dog?{query}")
    assert response.status == status
