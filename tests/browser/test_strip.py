"""The strip of many ranks: its scale, and that it stays where it is."""

from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

import pytest
from browser_visit import Visit
from sample_run import CLASSES, IMAGES, Sample

from voc_web.charts.rank_scale import RankScale, ScaleName

HANDLE, POSITION = "[data-threshold-handle]", "[data-position]"


def left_of(page: Any, selector: str) -> float:
    """Returns where an element of the strip begins, as a fraction of its width."""
    strip, box = page.locator("[data-strip]").bounding_box(), page.locator(selector).bounding_box()
    return float((box["x"] - strip["x"]) / strip["width"])


@pytest.mark.parametrize("name", ["linear", "log"])
def test_everything_on_the_strip_has_the_same_scale(visit: Visit, name: ScaleName) -> None:
    page = visit.open(f"/classes/dog?scale={name}&from=21&size=10&threshold=0.7")
    scale = RankScale.of(IMAGES, name)
    ranks = list(range(IMAGES + 1))
    found = page.evaluate(
        """ranks => import(document.querySelector("script[src*='/rank-scale.js']").src).then(
        ({ positionOf, ranksAt }) => ranks.map(
          rank => [positionOf(rank), ranksAt(positionOf(rank))]))""",
        ranks,
    )
    for rank, (position, again) in zip(ranks, found, strict=True):
        assert position == pytest.approx(scale.position(rank), abs=1e-12)
        assert again == pytest.approx(rank, abs=1e-9)
    assert left_of(page, ".visible-ranges rect") == pytest.approx(scale.position(20), abs=0.01)
    assert float(page.input_value(POSITION)) == pytest.approx(IMAGES * scale.position(20))
    # The pointer, a click and the slider lead to the rank that is drawn there.
    box = page.locator("[data-strip]").bounding_box()
    x = box["x"] + scale.position(63.5) * box["width"]
    page.mouse.move(x, box["y"] + 20)
    assert page.inner_text("[data-strip-readout]").startswith("rank 64, ")
    page.mouse.click(x, box["y"] + 20)
    page.wait_for_url("**from=64**")
    assert parse_qs(urlsplit(page.url).query)["scale"] == [name]
    page.focus(POSITION)
    page.keyboard.press("ArrowRight")
    page.wait_for_url("**from=74**")
    page.focus(HANDLE)
    page.keyboard.press("ArrowLeft")
    above = int(page.get_attribute(HANDLE, "aria-valuetext").split(", ")[1].split()[0])
    assert float(page.input_value(HANDLE)) == pytest.approx(IMAGES * scale.position(above))
    width = float(page.get_attribute("[data-above]", "width"))
    assert width == pytest.approx(1000 * scale.position(above))


def test_the_scale_is_chosen_by_a_link_and_kept_between_classes(visit: Visit) -> None:
    page = visit.open("/classes/dog?size=10&threshold=0.4")
    assert page.inner_text(".scales [aria-current]") == "linear"
    page.click(".scales a:text-is('log')")
    page.wait_for_url("**scale=log**")
    assert "threshold=0.4" in page.url
    page.click(".side a:has-text('person')")
    page.wait_for_url("**/classes/person?*scale=log**")
    assert page.inner_text(".scales [aria-current]") == "log"
    visit.forgiven.append("scale=x")
    assert "scale must be" in visit.open("/classes/dog?scale=x").inner_text("main")


@pytest.mark.parametrize("width", [1280, 1000, 390])
def test_the_strip_has_the_same_place_in_every_class(
    new_visit: Callable[..., Visit], sample: Sample, width: int
) -> None:
    visit = new_visit(width)
    places = set()
    for name in CLASSES:
        page = visit.open(f"/classes/{quote(name)}?size=3")
        box = page.locator("[data-strip]").bounding_box()
        # As with the longest names and numbers.
        page.evaluate(
            """() => {
          document.querySelector("h1").textContent += " and a rather long name".repeat(4);
          for (const item of document.querySelectorAll("main dd")) item.append(", 1,234,567");
        }"""
        )
        for shown in (box, page.locator("[data-strip]").bounding_box()):
            places.add((shown["x"], shown["y"], shown["width"]))
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert len(places) == 1


def test_the_readout_takes_no_row(new_visit: Callable[..., Visit]) -> None:
    for width in (390, 820, 1280):
        page = new_visit(width).open("/classes/dog?size=2")
        height = page.locator(".strip-foot").bounding_box()["height"]
        page.hover("[data-strip]")
        assert page.inner_text("[data-strip-readout]").startswith("rank ")
        assert page.locator(".strip-foot").bounding_box()["height"] == height
        assert height < 30 or width < 820
