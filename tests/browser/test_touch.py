"""Fingers on the strip: a swipe scrolls the page, and only the thumbs of the sliders react."""

from collections.abc import Callable
from typing import Any

import pytest
from browser_visit import Visit, wait_until
from sample_run import BOXED

HANDLE, POSITION = "[data-threshold-handle]", "[data-position]"
STATE = """() => [location.search, ...["[data-threshold-handle]", "[data-position]"].map(
  slider => document.querySelector(slider).value),
  document.querySelector("[data-live=threshold]").textContent]"""

# A target reaches as far as what lies over and around it.
SMALL = """() => [...document.querySelectorAll("main nav a, .panels *, .controls *, .scores a")]
  .filter(element => element.matches("a, button, summary, select, input:not([type=hidden])"))
  .filter(target => target.checkVisibility({ visibilityProperty: true }))
  .filter(target => {
    const { width, height } = target.getBoundingClientRect();
    const { position, height: around } = getComputedStyle(target, "::after");
    const reached = position === "absolute" ? parseFloat(around) : 0;
    return width && !target.closest(".small-plots") && Math.max(height, reached) < 43;
  })
  .map(target => target.outerHTML.slice(0, 80))"""


@pytest.fixture
def page(new_visit: Callable[..., Visit]) -> Any:
    return new_visit(390, 844, has_touch=True, is_mobile=True).open("/classes/dog?size=30")


def swipe(page: Any, start: tuple[float, float], across: float, down: float) -> None:
    session = page.context.new_cdp_session(page)

    def send(kind: str, part: float) -> None:
        points = [{"x": start[0] + part * across, "y": start[1] + part * down}]
        session.send(
            "Input.dispatchTouchEvent",
            {"type": kind, "touchPoints": [] if kind == "touchEnd" else points},
        )
        page.wait_for_timeout(16)

    send("touchStart", 0)
    for step in range(1, 9):
        send("touchMove", step / 8)
    page.wait_for_timeout(100)  # A finger that rests before it leaves: the page does not scroll on.
    send("touchEnd", 1)


def thumb_of(page: Any, selector: str) -> tuple[float, float]:
    """Returns a place at the edge of a thumb, as large as a finger, rather than its centre."""
    strip, box = page.locator("[data-strip]").bounding_box(), page.locator(selector).bounding_box()
    assert box["height"] == 44
    share = float(page.input_value(selector)) / float(page.get_attribute(selector, "max"))
    return strip["x"] + share * strip["width"] + 15, box["y"] + 22


def test_a_vertical_swipe_scrolls_and_changes_nothing(page: Any) -> None:
    before = page.evaluate(STATE)
    strip = page.locator("[data-strip]").bounding_box()
    middle = strip["x"] + strip["width"] / 2
    for start in (
        (middle, strip["y"] + 20),
        (middle, strip["y"] - 8),
        thumb_of(page, HANDLE),
        thumb_of(page, POSITION),
    ):
        page.evaluate("scrollTo(0, 0)")
        wait_until(page, "scrollY === 0")
        swipe(page, start, 2, -250)
        wait_until(page, "scrollY > 100")
        page.wait_for_timeout(100)
        assert page.evaluate(STATE) == before
    page.evaluate("scrollTo(0, 0)")
    wait_until(page, "scrollY === 0")
    for x, y in ((middle, strip["y"] + 20), (middle, strip["y"] - 8), thumb_of(page, HANDLE)):
        page.touchscreen.tap(x, y)
        page.wait_for_timeout(100)
        assert page.evaluate(STATE) == before, "nor does a tap"


def test_a_thumb_follows_the_finger(page: Any) -> None:
    width = page.locator("[data-strip]").bounding_box()["width"]
    above = float(page.input_value(HANDLE))
    images = float(page.get_attribute(HANDLE, "max"))
    swipe(page, thumb_of(page, HANDLE), width / 4, 3)
    wait_until(page, "location.search.includes('threshold=')")
    assert float(page.input_value(HANDLE)) == pytest.approx(above + images / 4, abs=4)
    swipe(page, thumb_of(page, POSITION), width / 2, 3)
    page.wait_for_url("**from=**")
    first = int(page.locator(".card .rank").first.inner_text())
    assert first == pytest.approx(1 + images / 2, abs=1)


@pytest.mark.parametrize("width", [390, 1024])
def test_targets_are_large_enough(new_visit: Callable[..., Visit], width: int) -> None:
    visit = new_visit(width, 844, has_touch=True, is_mobile=True)
    for path in ("/", "/classes/dog?size=2&with=person&outcome=FN", f"/images/{BOXED}?class=dog"):
        page = visit.open(path)
        for more in page.locator("[data-disclosure]:visible").all():
            more.click()
        assert page.evaluate(SMALL) == [], path
