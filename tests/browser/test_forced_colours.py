"""Forced colours, as in Windows' contrast themes: what colour says elsewhere is still seen."""

import io
from collections.abc import Callable
from typing import Any

import pytest
from browser_visit import Visit
from PIL import Image
from sample_run import BOXED

STYLE = "(element, [name, pseudo]) => getComputedStyle(element, pseudo)[name]"


def style(page: Any, selector: str, name: str, pseudo: str | None = None) -> str:
    return str(page.locator(selector).first.evaluate(STYLE, [name, pseudo]))


def is_seen(page: Any, handle: str) -> bool:
    """Returns whether a handle of the strip leaves a trace on the screen."""
    strip = page.locator(".strip-area")
    shown = strip.screenshot()
    page.locator(handle).evaluate("handle => { handle.style.visibility = 'hidden' }")
    return bool(strip.screenshot() != shown)


def colours(page: Any, box: dict[str, float]) -> set[Any]:
    """Returns the colours of the pixels in a box."""
    with Image.open(io.BytesIO(page.screenshot(clip=box))) as image:
        return {colour for _, colour in image.convert("RGB").getcolors(1 << 20)}


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_class_page(new_visit: Callable[..., Visit], scheme: str) -> None:
    visit = new_visit(color_scheme=scheme, forced_colors="active")
    page = visit.open("/classes/dog?around=5&size=20&curves=open")
    visit.wait_until_idle()
    for current, other in (
        (".side a[aria-current]", ".side a:not([aria-current])"),
        (".choices a[aria-current]", ".choices a:not([aria-current])"),
        (".card[aria-current] .rank", ".card:not([aria-current]) .rank"),
    ):
        for name in ("backgroundColor", "color"):
            assert style(page, current, name) != style(page, other, name), (current, name)
    canvas = style(page, "body", "backgroundColor")
    # The strip and its legend.
    assert style(page, ".ranking-strip .mark-present", "fill") != canvas
    assert style(page, ".ranking-strip .mark-difficult", "fill").startswith("url(")
    assert style(page, "#stripes-difficult .stripe", "fill") != canvas
    assert style(page, ".ranking-strip", "outlineStyle") == "solid"
    assert style(page, ".swatch.mark-present", "backgroundColor") != canvas
    assert style(page, ".swatch.mark-absent", "backgroundColor") == canvas
    assert style(page, ".swatch.mark-absent", "outlineStyle") == "solid"
    assert "gradient" in style(page, ".swatch.mark-difficult", "backgroundImage")
    assert style(page, "path.mark-absent", "stroke") != canvas
    for handle in ("[data-threshold-handle]", "[data-position]"):
        assert is_seen(page, handle), handle
    # The cards.
    page.locator(".card-incorrect").first.scroll_into_view_if_needed()
    box = page.locator(".card-incorrect img").first.bounding_box()
    ring = {"x": box["x"] - 5, "y": box["y"] + 40, "width": 5, "height": 5}
    assert len(colours(page, ring)) > 1
    assert style(page, ".mark-correct", "backgroundColor") != canvas


def test_other_pages(new_visit: Callable[..., Visit]) -> None:
    visit = new_visit(forced_colors="active")
    page = visit.open("/average-precision")
    canvas = style(page, "body", "backgroundColor")
    nav, other = "nav a[aria-current=page]", "nav a:not([aria-current])"
    assert style(page, nav, "backgroundColor") != style(page, other, "backgroundColor")
    page.locator("[data-pin]").first.click()
    lines = (".class-lines", ".mean-line", ".pinned-line")
    assert len({canvas, *(style(page, line, "stroke") for line in lines)}) == 4
    assert style(page, "tr.pinned", "outlineStyle") == "solid"
    assert style(page, ".line-sample line", "stroke") != canvas
    assert style(page, "[data-pin]", "backgroundColor", "::before") != canvas
    visit.open("/")
    assert style(page, ".bar rect", "fill") != canvas
    assert style(page, ".bar", "outlineStyle") == "solid"
    highlighted = [style(page, nav, name) for name in ("color", "backgroundColor")]
    for chosen in page.locator(".choices a[aria-current]").all():
        colour, ground = (chosen.evaluate(STYLE, [n, None]) for n in ("color", "backgroundColor"))
        assert [colour, ground] == highlighted or ground.endswith(", 0)")
    assert not page.locator("[data-theme-switch]").is_visible(), "it would change nothing"
    visit.open(f"/images/{BOXED}?class=dog")
    assert style(page, "tr.current", "outlineStyle") == "solid"
    assert style(page, ".box", "forcedColorAdjust") == "none", "its colours suit any photograph"
    page.keyboard.press("Control+k")
    page.wait_for_selector("[data-palette-list] [aria-selected]")
    chosen, other = "[role=option][aria-selected]", "[role=option]:not([aria-selected])"
    assert style(page, chosen, "backgroundColor") != style(page, other, "backgroundColor")
