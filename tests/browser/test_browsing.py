"""Browsing: overview, class, further pages, an image, and back."""

import os
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import pytest
from browser_visit import Visit, wait_until
from PIL import Image
from sample_run import BOXED, BOXES, CORRUPT, MISSING, SPACED, Sample, draw_image

CARD = ".card > a[data-image]"
DIALOG = "[data-large-view]"


def is_open(page: Any) -> bool:
    return bool(page.eval_on_selector(DIALOG, "dialog => dialog.open"))


def wait_for_focus_on(page: Any, rank: str) -> None:
    wait_until(
        page, "rank => document.activeElement.querySelector('.rank')?.textContent === rank", rank
    )


def caption_rank(page: Any) -> int:
    return int(page.inner_text(f"{DIALOG} .rank"))


def is_decoded(page: Any, selector: str) -> None:
    """Waits until an image is decoded."""
    wait_until(
        page,
        "selector => { const image = document.querySelector(selector);"
        " return image && image.complete && image.naturalWidth > 0 }",
        selector,
    )


def test_from_the_overview_to_an_image_and_back(visit: Visit, sample: Sample) -> None:
    page = visit.open("/")
    page.click("tbody th a:text('dog')")
    page.wait_for_url("**/classes/dog")
    assert page.inner_text("h1") == "dog"
    page.click("a[rel=next]")
    page.wait_for_url("**from=51")
    ranked = sample.ranked_ids(0)
    assert page.locator(".card .rank").first.inner_text() == "51"
    position = page.evaluate("scrollTo(0, 300), scrollY")
    before = visit.path()
    page.locator(CARD).nth(3).click()
    page.keyboard.press("ArrowRight")
    assert caption_rank(page) == 55
    page.click("text=Open image page")
    page.wait_for_url("**/images/**")
    assert page.inner_text("h1") == ranked[54]
    assert page.locator("nav[aria-label='Ranking of dog']").inner_text().count("rank 55 of dog")
    page.go_back()
    page.wait_for_url("**view=55")
    wait_until(page, f"document.querySelector('{DIALOG}').open")
    assert caption_rank(page) == 55
    page.go_back()
    page.wait_for_url("**from=51")
    assert not is_open(page)
    assert visit.path() == before
    wait_until(page, "position => Math.abs(scrollY - position) < 200", position)
    page.go_back()
    page.wait_for_url("**/classes/dog")
    assert page.locator(".grid").count() == 2


def test_pasted_link_gives_the_same_view(new_visit: Callable[..., Visit]) -> None:
    first, second = new_visit(), new_visit()
    page = first.open("/classes/dog")
    page.fill("input[name=threshold]", "0.8")
    page.fill("input[name=size]", "12")
    page.click(".controls button:text('Apply')")
    page.wait_for_url("**threshold=0.8**")
    pasted = second.open(first.path())
    assert pasted.inner_text("main") == page.inner_text("main")
    assert pasted.input_value("input[name=size]") == "12"


def test_threshold_is_set_with_enter(visit: Visit) -> None:
    page = visit.open("/classes/dog")
    page.fill("input[name=threshold]", "0.9")
    page.press("input[name=threshold]", "Enter")
    page.wait_for_url("**threshold=0.9**")
    assert "Above 0.9" in page.inner_text(".metrics")


def test_large_view_by_mouse(visit: Visit) -> None:
    page = visit.open("/classes/dog?from=1&size=3")
    page.locator(CARD).first.click()
    assert is_open(page)
    is_decoded(page, f"{DIALOG} img")
    assert page.locator("[data-step='-1']").is_disabled()
    page.click("[data-step='1']")
    assert caption_rank(page) == 2
    assert page.locator("[data-step='-1']").is_enabled()
    page.click("[data-large-view] .close")
    assert not is_open(page)
    wait_for_focus_on(page, "2")


def test_large_view_by_keyboard(visit: Visit) -> None:
    page = visit.open("/classes/dog?from=1&size=4")
    page.locator(CARD).nth(1).focus()
    page.keyboard.press("Enter")
    assert is_open(page)
    for key, rank in (("ArrowRight", 3), ("j", 4), ("ArrowLeft", 3), ("k", 2)):
        page.keyboard.press(key)
        assert caption_rank(page) == rank
    page.keyboard.press("Escape")
    assert not is_open(page)
    wait_for_focus_on(page, "2")  # the last image shown


def test_arrow_keys_with_modifiers_do_not_step(visit: Visit) -> None:
    """Alt+Left goes back in the browser and must not step as well."""
    page = visit.open("/classes/dog?from=1&size=4")
    page.locator(CARD).nth(1).click()
    for key in ("Alt+ArrowRight", "Control+ArrowRight", "Meta+ArrowRight"):
        page.keyboard.press(key)
    assert caption_rank(page) == 2


def test_click_beside_the_image_closes_the_large_view(visit: Visit) -> None:
    page = visit.open("/classes/dog?from=1&size=4")
    page.locator(CARD).first.click()
    page.mouse.click(20, 20)
    assert not is_open(page)


@pytest.mark.parametrize("image_id", [BOXED, SPACED])
def test_the_original_replaces_the_thumbnail(visit: Visit, sample: Sample, image_id: str) -> None:
    page = visit.open(f"/classes/dog?from={sample.ranked_ids(0).index(image_id) + 1}&size=1")
    page.locator(CARD).first.click()
    wait_until(page, f"document.querySelector('{DIALOG} img').src.includes('/originals/')")
    is_decoded(page, f"{DIALOG} img")
    shown = page.eval_on_selector(f"{DIALOG} img", "i => [i.naturalWidth, i.naturalHeight]")
    with Image.open(sample.voc_dir / "JPEGImages" / f"{image_id}.jpg") as original:
        assert tuple(shown) == original.size


def test_a_replaced_image_is_shown_by_a_browser_that_kept_the_former_one(
    visit: Visit, sample: Sample
) -> None:
    """Also if it is older, as after `cp -p`, and although images are kept for a week."""
    image_id = sample.ranked_ids(0)[9]
    path = sample.voc_dir / "JPEGImages" / f"{image_id}.jpg"
    former, status = path.read_bytes(), path.stat()

    def shown(selector: str) -> list[int]:
        is_decoded(page, selector)
        size: list[int] = page.eval_on_selector(
            selector, "image => [image.naturalWidth, image.naturalHeight]"
        )
        return size

    def visit_all() -> list[list[int]]:
        visit.open("/classes/dog?from=10&size=1")
        sizes = [shown(".card img")]
        page.locator(CARD).first.click()
        wait_until(page, f"document.querySelector('{DIALOG} img').src.includes('/originals/')")
        sizes.append(shown(f"{DIALOG} img"))
        visit.open(f"/images/{quote(image_id)}")
        return [*sizes, shown("figure img")]

    page = visit.page
    before = visit_all()
    try:
        draw_image(path, (310, 310))
        os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns - 10**12))
        card, *others = visit_all()
        assert others == [[310, 310], [310, 310]]
        assert card[0] == card[1], "the thumbnail, in pixels of the tile"
    finally:
        path.write_bytes(former)
        os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
    assert visit_all() == before


def test_stepping_to_images_that_are_not_loaded(visit: Visit) -> None:
    """The large view shows images whose lazy thumbnails have not loaded."""
    page = visit.open("/classes/dog?from=1&size=100")
    page.locator(CARD).first.click()
    sources = page.evaluate(
        """selector => [...Array(95)].map(() => {
          document.querySelector("[data-step='1']").click();
          return document.querySelector(selector).getAttribute("src");
        })""",
        f"{DIALOG} img",
    )
    assert all(sources), "never an empty image"
    assert caption_rank(page) == 96
    is_decoded(page, f"{DIALOG} img")


@pytest.mark.parametrize("modifier", ["Control", "Shift"])
def test_click_with_a_modifier_is_left_to_the_browser(visit: Visit, modifier: str) -> None:
    page = visit.open("/classes/dog?from=1&size=4")
    with page.context.expect_page() as opened:
        page.locator(CARD).first.click(modifiers=[modifier])
    assert "/images/" in opened.value.url or opened.value.wait_for_url("**/images/**") is None
    assert not is_open(page)


def test_unreadable_image_opens_its_page(visit: Visit, sample: Sample) -> None:
    page = visit.open("/classes/dog?from=127&size=4")
    assert [text.split()[0] for text in page.locator(".no-image").all_inner_texts()] == [
        MISSING,
        CORRUPT,
    ]
    page.click(f"text={CORRUPT}")
    page.wait_for_url(f"**/images/{CORRUPT}**")
    assert "cannot be read" in page.inner_text(".photograph")


@pytest.mark.parametrize("width", [1280, 390])
def test_boxes_lie_on_the_image(new_visit: Callable[..., Visit], width: int) -> None:
    page = new_visit(width).open(f"/images/{BOXED}")
    image = page.locator(".boxed > img").bounding_box()
    scale = image["width"] / 500
    assert image["height"] == pytest.approx(375 * scale, abs=1)
    assert page.locator(".box").count() == len(BOXES)
    for index, (_, xmin, ymin, xmax, ymax, _, _) in enumerate(BOXES):
        box = page.locator(".box").nth(index).bounding_box()
        assert box["x"] - image["x"] == pytest.approx((xmin - 1) * scale, abs=1)
        assert box["y"] - image["y"] == pytest.approx((ymin - 1) * scale, abs=1)
        assert box["width"] == pytest.approx((xmax - xmin + 1) * scale, abs=1)
        assert box["height"] == pytest.approx((ymax - ymin + 1) * scale, abs=1)
        label = page.locator(".box span").nth(index).bounding_box()
        text_width = page.locator(".box span").nth(index).evaluate("e => e.scrollWidth")
        assert text_width <= label["width"] + 1, "the label background is as wide as its text"
        assert label["x"] >= image["x"] - 1
        assert label["x"] + label["width"] <= image["x"] + image["width"] + 1


def test_neighbours_of_an_image(visit: Visit, sample: Sample) -> None:
    ranked = sample.ranked_ids(1)
    page = visit.open(f"/images/{quote(ranked[9])}?class=person")
    page.click("a[rel=next]")
    page.wait_for_url(f"**/images/{quote(ranked[10])}**")
    page.click("a[rel=prev]")
    page.wait_for_url(f"**/images/{quote(ranked[9])}**")
    page.click("text=rank 10 of person")
    page.wait_for_url("**/classes/person**")
    assert page.locator(f".card a[href*='{quote(ranked[9])}']").is_visible()


def test_overview_is_sorted_by_a_click(visit: Visit) -> None:
    page = visit.open("/")
    page.click("thead a:has-text('AP')")
    page.wait_for_url("**sort=ap**")
    values = [text.strip() for text in page.locator("td.column-ap").all_inner_texts()]
    defined = [float(value) for value in values if value != "\N{EN DASH}"]
    assert defined == sorted(defined), "the worst class first"
    page.click("thead a:has-text('AP')")
    page.wait_for_selector("th[aria-sort=descending]")
