"""The plots: curves are drawn, a table's row finds its curve, the theme is followed."""

from collections.abc import Callable
from typing import Any

import pytest
from browser_visit import Visit

CHARTS = ["/average-precision", "/tail-accuracy"]


def drawn(visit: Visit, path: str) -> Any:
    page = visit.open(path)
    page.wait_for_selector("[data-chart] .scatterlayer .trace path.js-line", state="attached")
    return page


def lines(page: Any) -> list[dict[str, str]]:
    """Returns colour, width and path of each curve, the mean last."""
    return list(
        page.evaluate(
            """() => [...document.querySelectorAll("[data-chart] .scatterlayer .trace")].map(t => {
  const line = t.querySelector("path.js-line");
  const style = line ? getComputedStyle(line) : {};
  return { stroke: style.stroke, width: style.strokeWidth, d: line?.getAttribute("d") ?? "" };
})"""
        )
    )


@pytest.mark.parametrize("path", CHARTS)
def test_curves_are_drawn_at_any_width(visit: Visit, path: str) -> None:
    page = drawn(visit, path)
    for width in (1280, 390):
        page.set_viewport_size({"width": width, "height": 900})
        page.wait_for_function(
            "width => document.querySelector('[data-chart] .main-svg').clientWidth < width",
            arg=width,
        )
        curves = [line for line in lines(page) if line["d"]]
        assert len(curves) >= 4, "three classes with an AP, and the mean"
        assert sum(line["d"].count(",") > 3 for line in curves) >= 2, "no mere straight lines"
        frame = page.locator("[data-chart]").bounding_box()
        assert frame["width"] > 0.7 * min(width, 700)
        for axis in ("x", "y"):
            title = page.locator(f"[data-chart] .{axis}title").bounding_box()
            assert title["x"] >= frame["x"]
            assert title["y"] + title["height"] <= frame["y"] + frame["height"] + 1
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.parametrize(("path", "way"), [*zip(CHARTS, ["pointer", "focus"], strict=True)])
def test_a_row_finds_its_curve(visit: Visit, path: str, way: str) -> None:
    page = drawn(visit, path)
    before = lines(page)
    row = page.locator("[data-highlights] [data-trace='1']")
    if way == "pointer":
        row.hover()
    else:
        row.locator("a").focus()
    page.wait_for_function(
        "before => getComputedStyle(document.querySelectorAll('[data-chart] .scatterlayer .trace')"
        "[1].querySelector('path.js-line')).stroke !== before",
        arg=before[1]["stroke"],
    )
    after = lines(page)
    assert float(after[1]["width"].rstrip("px")) > float(before[1]["width"].rstrip("px"))
    assert [line for index, line in enumerate(after) if index != 1] == [
        line for index, line in enumerate(before) if index != 1
    ]
    if way == "pointer":
        page.mouse.move(2, 2)
    else:
        page.locator(".brand").focus()
    page.wait_for_function(
        "before => getComputedStyle(document.querySelectorAll('[data-chart] .scatterlayer .trace')"
        "[1].querySelector('path.js-line')).stroke === before",
        arg=before[1]["stroke"],
    )
    assert lines(page) == before


def test_the_theme_is_followed(new_visit: Callable[..., Visit]) -> None:
    visit = new_visit(color_scheme="light")
    page = drawn(visit, "/average-precision")
    light = lines(page)
    text = "getComputedStyle(document.querySelector('[data-chart] .xtitle')).fill"
    light_text = page.evaluate(text)
    page.emulate_media(color_scheme="dark")
    page.wait_for_function(f"before => {text} !== before", arg=light_text)
    dark = lines(page)
    assert [line["d"] for line in dark] == [line["d"] for line in light], "the same curves"
    assert all(
        after["stroke"] != before["stroke"]
        for before, after in zip(light, dark, strict=True)
        if before["d"]
    )


def test_hovering_a_curve_tells_its_numbers(visit: Visit) -> None:
    page = drawn(visit, "/average-precision")
    box = page.locator("[data-chart] .nsewdrag").first.bounding_box()
    for share in (0.05, 0.3, 0.5, 0.7, 0.9):
        page.mouse.move(box["x"] + box["width"] * share, box["y"] + box["height"] * 0.05)
        if page.locator("[data-chart] .hovertext").count():
            break
        page.wait_for_timeout(60)
    text = page.text_content("[data-chart] .hovertext")
    assert "recall" in text
    assert "precision" in text


@pytest.mark.parametrize("path", CHARTS)
def test_a_download_is_offered(new_visit: Callable[..., Visit], path: str) -> None:
    page = new_visit(java_script_enabled=False).open(path)
    with page.expect_download() as download:
        page.click("a[download]")
    assert download.value.suggested_filename.endswith(".csv")
