"""Search by Ctrl+K: classes, images, pages and actions, by keyboard and by touch."""

from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import pytest
from browser_visit import Visit, wait_until
from sample_run import BOXED, CLASSES, SPACED

PALETTE = "[data-palette]"
FIELD = "[data-palette-field]"
IS_OPEN = f"document.querySelector('{PALETTE}').open"
SELECTED = f"document.querySelector('{PALETTE} [aria-selected]')?.firstChild.textContent"


def open_palette(page: Any, text: str = "") -> None:
    page.keyboard.press("Control+k")
    page.wait_for_selector(f"{PALETTE} [aria-label^=Classes]")
    page.keyboard.type(text)


def found(page: Any, group: str) -> list[str]:
    """Returns the labels of a group of results."""
    options = page.locator(f"{PALETTE} [role=group][aria-label^='{group}'] [role=option]")
    return [str(text) for text in options.locator("span:first-child").all_inner_texts()]


def test_searching_by_keyboard(visit: Visit) -> None:
    page = visit.open("/classes/dog?threshold=0.7")
    assert not [url for url in visit.requested if "palette.js" in url], "loaded when it is opened"
    page.locator("[data-threshold-field]").focus()
    open_palette(page)
    assert found(page, "Classes") == list(CLASSES)
    assert found(page, "Pages") == ["Classes", "Average precision", "Tail accuracy", "JSON API"]
    for key, wanted in (("ArrowDown", 1), ("ArrowDown", 2), ("ArrowUp", 1)):
        page.keyboard.press(key)
        assert page.evaluate(SELECTED) == CLASSES[wanted]
        active = page.get_attribute(FIELD, "aria-activedescendant")
        assert page.inner_text(f"#{active}").startswith(CLASSES[wanted])
    # The beginnings of words count, then anything in between.
    page.keyboard.type("STRAU")
    assert found(page, "Classes") == [CLASSES[2]]
    page.fill(FIELD, "o")
    assert found(page, "Classes") == ["dog", "person"]
    page.fill(FIELD, "nothing at all")
    assert page.inner_text("[data-palette-note]") == "Nothing found."
    page.keyboard.press("Escape")
    assert not page.evaluate(IS_OPEN)
    assert page.evaluate("document.activeElement.matches('[data-threshold-field]')")
    assert page.input_value("[data-threshold-field]") == "0.7", "nothing typed there"
    open_palette(page, "grün")
    page.keyboard.press("Enter")
    page.wait_for_url("**/classes/gr*")
    assert "threshold" not in page.url, "each class has its own"
    assert page.inner_text("h1") == CLASSES[2]


@pytest.mark.parametrize("image_id", [BOXED, SPACED])
def test_images_are_found_by_a_part_of_their_id(visit: Visit, image_id: str) -> None:
    page = visit.open("/")
    open_palette(page, image_id[4:].upper())
    wait_until(page, f"{SELECTED} === '{image_id}'")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/images/{quote(image_id)}")


def test_actions_of_the_page(visit: Visit) -> None:
    page = visit.open("/classes/dog")
    open_palette(page, "false neg")
    assert found(page, "Actions") == ["Show FN"]
    page.keyboard.press("Enter")
    page.wait_for_url("**outcome=FN**")
    open_palette(page, "best f1")
    page.keyboard.press("Enter")
    page.wait_for_url("**threshold=**")
    open_palette(page, "shortcuts")
    page.keyboard.press("Enter")
    assert page.locator("[data-shortcuts]").is_visible()
    page.keyboard.press("Control+k")
    assert not page.evaluate(IS_OPEN), "no second dialog"
    page.keyboard.press("Escape")
    open_palette(page, "light or dark")
    page.keyboard.press("Enter")
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"


def test_touch(new_visit: Callable[..., Visit]) -> None:
    page = new_visit(390, 844, has_touch=True).open(f"/images/{BOXED}")
    button = page.locator("[data-palette-open]")
    assert button.bounding_box()["height"] >= 44
    button.tap()
    page.wait_for_selector(f"{PALETTE} [aria-label^=Classes]")
    box = page.locator(PALETTE).bounding_box()
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 390
    assert page.locator(f"{PALETTE} [role=option]").first.bounding_box()["height"] >= 44
    page.locator(f"{PALETTE} [role=option]", has_text="person").tap()
    page.wait_for_url("**/classes/person")


def test_without_a_connection_the_rest_is_found(visit: Visit) -> None:
    page = visit.open("/")
    visit.forgiven.append("/api/v1/")
    page.route("**/api/v1/**", lambda route: route.fulfill(status=503, json={"detail": "Later."}))
    page.click("[data-palette-open]")
    wait_until(
        page, "document.querySelector('[data-palette-note]').textContent.startsWith('Could')"
    )
    page.keyboard.type("tail")
    assert found(page, "Pages") == ["Tail accuracy"]
    page.click("[data-palette] .close")
    assert not page.evaluate(IS_OPEN)
