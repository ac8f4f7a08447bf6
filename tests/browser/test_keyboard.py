"""Keyboard shortcuts: cards, ends of the ranking, classes, large view, and their dialog."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from browser_visit import Visit, wait_until
from sample_run import BOXED, BOXES, CROSSING, Sample

DIALOG = "[data-large-view]"
SHORTCUTS = "[data-shortcuts]"
FOCUSED_RANK = "document.activeElement.querySelector?.('.rank')?.textContent ?? ''"


def rank(page: Any) -> str:
    """Returns the rank of the focused card; empty if there is none."""
    return str(page.evaluate(FOCUSED_RANK))


def wait_for_rank(page: Any, wanted: int) -> None:
    wait_until(page, f"{FOCUSED_RANK} === '{wanted}'")


def is_open(page: Any, dialog: str) -> bool:
    return bool(page.eval_on_selector(dialog, "dialog => dialog.open"))


def columns(page: Any) -> int:
    """Returns the number of cards in the first row."""
    return int(
        page.evaluate(
            "(() => { const tops = [...document.querySelectorAll('.card')].map(card =>"
            " card.getBoundingClientRect().top); return tops.filter(t => t === tops[0]).length })()"
        )
    )


def is_in_view(page: Any) -> bool:
    return bool(
        page.evaluate(
            "(() => { const box = document.activeElement.getBoundingClientRect();"
            " return box.top >= 0 && box.bottom <= innerHeight })()"
        )
    )


def test_stepping_between_cards(visit: Visit) -> None:
    page = visit.open("/classes/dog?from=1&size=100")
    page.locator(".card > a").first.focus()
    for key, wanted in (
        ("ArrowLeft", "1"),
        ("ArrowRight", "2"),
        ("j", "3"),
        ("k", "2"),
        ("ArrowLeft", "1"),
    ):
        page.keyboard.press(key)
        assert rank(page) == wanted, key
        assert is_in_view(page)
    assert page.evaluate("document.activeElement.matches(':focus-visible')")


@pytest.mark.parametrize("width", [1280, 390])
def test_stepping_between_rows(new_visit: Callable[..., Visit], width: int) -> None:
    page = new_visit(width).open("/classes/dog?from=1&size=33")
    across = columns(page)
    assert across >= 2
    page.locator(".card > a").nth(1).focus()
    position = 2
    for _ in range(3):
        page.keyboard.press("ArrowDown")
        position += across
        assert rank(page) == str(position)
        assert is_in_view(page)
    page.keyboard.press("ArrowUp")
    assert rank(page) == str(position - across)
    # Down to the last row, which is incomplete, and no further.
    for _ in range(33):
        page.keyboard.press("ArrowDown")
    last = rank(page)
    assert int(last) > 33 - across
    page.keyboard.press("ArrowDown")
    assert rank(page) == last


def test_stepping_between_grids(visit: Visit) -> None:
    page = visit.open("/classes/dog?size=10")
    across = columns(page)
    page.locator(".card > a").nth(9).focus()
    page.keyboard.press("ArrowDown")
    second_grid = page.locator(".grid").nth(1).locator(".rank").all_inner_texts()
    assert rank(page) == second_grid[9 % across]
    page.keyboard.press("ArrowUp")
    assert rank(page) == "10"


def test_arrow_keys_start_at_visible_cards(visit: Visit) -> None:
    """The first visible card gets the focus if nothing has it."""
    page = visit.open("/classes/dog?from=1&size=100")
    page.evaluate("scrollTo(0, 1500)")
    page.keyboard.press("ArrowDown")
    assert int(rank(page)) > 1
    assert is_in_view(page)
    assert page.evaluate("Math.abs(scrollY - 1500) < 200"), "the page does not scroll"


def test_arrow_keys_of_other_elements_are_unchanged(visit: Visit) -> None:
    page = visit.open("/classes/dog?size=10")
    handle = page.locator("[data-threshold-handle]")
    handle.focus()
    before = handle.input_value()
    page.keyboard.press("ArrowRight")
    assert handle.input_value() != before
    assert rank(page) == ""
    page.locator(".brand").focus()
    page.keyboard.press("ArrowDown")
    assert rank(page) == ""


def test_top_and_bottom(visit: Visit) -> None:
    page = visit.open("/classes/dog?size=10")
    page.keyboard.press("b")
    assert rank(page) == "128", "the lowest score; the last two are unreadable"
    assert is_in_view(page)
    page.keyboard.press("t")
    assert rank(page) == "1"
    page.goto(visit.address + "/classes/dog?from=51&size=10&threshold=0.7")
    page.keyboard.press("b")
    page.wait_for_url("**from=121**")
    assert "threshold=0.7" in page.url
    page.keyboard.press("b")
    wait_for_rank(page, 130)
    page.keyboard.press("t")
    page.wait_for_url("**from=1&**")
    page.keyboard.press("t")
    wait_for_rank(page, 1)


def test_brackets_open_neighbouring_classes(visit: Visit) -> None:
    page = visit.open("/classes/dog")
    page.keyboard.press("[")
    assert page.url.endswith("/classes/dog"), "there is none before the first"
    page.keyboard.press("]")
    page.wait_for_url("**/classes/person")
    page.keyboard.press("[")
    page.wait_for_url("**/classes/dog")


def test_arrow_keys_step_through_images(visit: Visit, sample: Sample) -> None:
    ranked = sample.ranked_ids(0)
    page = visit.open(f"/images/{ranked[4]}?class=dog")
    for key, rank in (("ArrowRight", 6), ("j", 7), ("k", 6), ("ArrowLeft", 5)):
        page.keyboard.press(key)
        page.wait_for_url(f"**/images/{ranked[rank - 1]}?**")
    page.click("text=rank 5 of dog")
    page.wait_for_url("**around=5")
    assert page.inner_text(".card[aria-current] .rank") == "5"


def test_enter_opens_the_large_view_and_escape_returns(visit: Visit) -> None:
    page = visit.open("/classes/dog?from=1&size=10")
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    assert is_open(page, DIALOG)
    page.keyboard.press("j")
    page.keyboard.press("]")
    page.keyboard.press("t")
    assert is_open(page, DIALOG), "shortcuts of the page are off"
    page.keyboard.press("Escape")
    assert not is_open(page, DIALOG)
    wait_for_rank(page, 3)


def test_stepping_after_a_button_is_disabled(visit: Visit) -> None:
    page = visit.open("/classes/dog?from=126&size=10")
    page.locator(".card > a", has_text="127").click()
    page.locator("[data-step='1']").focus()
    page.keyboard.press("Enter")
    assert page.locator("[data-step='1']").is_disabled(), "only unreadable images follow"
    page.keyboard.press("ArrowLeft")
    assert page.inner_text(f"{DIALOG} .rank") == "127"


@pytest.mark.parametrize("key", ["j", "b", "]", "?", "/", "t"])
def test_shortcuts_are_off_while_typing(visit: Visit, key: str) -> None:
    page = visit.open("/classes/dog?size=10")
    page.locator("[data-threshold-field]").focus()
    page.keyboard.press(key)
    assert page.evaluate("document.activeElement.name") == "threshold"
    assert not is_open(page, SHORTCUTS)
    assert page.url.endswith("/classes/dog?size=10")


@pytest.mark.parametrize("modifier", ["Control", "Meta", "Alt"])
def test_shortcuts_with_modifiers_do_nothing(visit: Visit, modifier: str) -> None:
    page = visit.open("/classes/dog?from=11&size=10")
    page.locator(".card > a").nth(4).focus()
    # No letters, since browsers use some with a modifier.
    for key in ("]", "ArrowRight", "ArrowDown"):
        page.evaluate(
            "([key, modifier]) => document.activeElement.dispatchEvent(new KeyboardEvent('keydown',"
            " { key, bubbles: true, cancelable: true, [`${modifier}Key`]: true }))",
            [key, {"Control": "ctrl"}.get(modifier, modifier.lower())],
        )
    assert rank(page) == "15"
    page.keyboard.press("ArrowRight")
    assert rank(page) == "16", "the key works without a modifier"


@pytest.mark.parametrize(
    ("key", "selector"),
    [("g", "main input[name=around]"), ("c", ".side a[href*='/classes/dog']")],
)
def test_keys_focus_the_rank_and_the_list_of_classes(visit: Visit, key: str, selector: str) -> None:
    page = visit.open("/classes/dog")
    page.keyboard.press(key)
    assert page.locator(selector).evaluate("place => place === document.activeElement")
    if key == "g":
        assert page.input_value(selector) == "", "the key is not typed"
        page.keyboard.type("20")
        page.keyboard.press("Enter")
        page.wait_for_url("**around=20**")


def test_digits_choose_an_outcome(visit: Visit) -> None:
    page = visit.open("/classes/dog?threshold=0.6")
    for key, outcome in (("1", "TP"), ("2", "FP"), ("3", "FN"), ("4", "TN")):
        page.keyboard.press(key)
        page.wait_for_url(f"**outcome={outcome}**")
        assert "threshold=0.6" in page.url
    page.keyboard.press("0")
    page.wait_for_url(lambda url: "outcome" not in url)


def test_slash_focuses_the_search_field(visit: Visit) -> None:
    page = visit.open("/classes/dog")
    if not page.locator("main input[name=id]").count():
        page.keyboard.press("/")
        assert page.evaluate("document.activeElement === document.body")
        pytest.skip("the page has no search field")
    page.keyboard.press("/")
    field = page.locator("main input[name=id]")
    assert field.evaluate("field => field === document.activeElement")
    assert field.input_value() == ""
    page.keyboard.type("2008")
    assert field.input_value() == "2008"


@pytest.mark.parametrize("way", ["key", "button"])
@pytest.mark.parametrize("path", ["/", "/classes/dog", "/average-precision", f"/images/{BOXED}"])
def test_shortcuts_dialog(visit: Visit, path: str, way: str) -> None:
    page = visit.open(path)
    if way == "key":
        page.keyboard.press("?")
    else:
        page.click("[data-shortcuts-open]")
    assert is_open(page, SHORTCUTS)
    text = page.inner_text(SHORTCUTS)
    strokes = set(page.locator(f"{SHORTCUTS} kbd").all_inner_texts())
    assert strokes == {*"←→↑↓kjtb[]/x?01234gch", "Enter", "Esc", "Ctrl K", "⌘ K"}
    assert "Top / bottom of the ranking" in text
    page.keyboard.press("Escape")
    assert not is_open(page, SHORTCUTS)
    if way == "button":
        assert page.evaluate("document.activeElement.matches('[data-shortcuts-open]')")
        page.click("[data-shortcuts-open]")
        page.click("[data-shortcuts] .close")
        assert not is_open(page, SHORTCUTS)


def test_large_view_shows_scores_and_boxes(visit: Visit, sample: Sample) -> None:
    position = sample.ranked_ids(0).index(BOXED)
    page = visit.open(f"/classes/dog?from={position + 1}&size=2&threshold=0.9")
    page.locator(".card > a").first.focus()
    page.keyboard.press("Enter")
    page.wait_for_selector(f"{DIALOG} [data-scores] tr")
    row = sample.image_ids.index(BOXED)
    order = sorted(range(4), key=lambda index: -sample.scores[row, index])
    rows = f"{DIALOG} [data-scores] tr"
    assert page.locator(f"{rows} th").all_inner_texts() == [sample.classes[i] for i in order]
    scores = [float(text) for text in page.locator(f"{rows} .score-cell").all_inner_texts()]
    assert scores == pytest.approx([float(sample.scores[row, index]) for index in order], abs=1e-4)
    truths = page.locator(f"{rows} td:last-child").all_inner_texts()
    assert [text.split()[-1] for text in truths] == [
        {1: "present", 0: "absent", -1: "difficult"}[int(sample.labels[row, index])]
        for index in order
    ]
    assert page.locator(f"{DIALOG} tr.current th").inner_text() == "dog"
    headings = page.locator(f"{DIALOG} thead th").count()
    assert page.locator(f"{rows}:first-child > *").count() == headings

    image = page.locator(f"{DIALOG} img").bounding_box()
    scale = image["width"] / 500
    assert image["height"] == pytest.approx(375 * scale, abs=1)
    assert page.locator(f"{DIALOG} .box").count() == len(BOXES)
    for index, (_, xmin, ymin, xmax, ymax, _, _) in enumerate(BOXES):
        box = page.locator(f"{DIALOG} .box").nth(index).bounding_box()
        assert box["x"] - image["x"] == pytest.approx((xmin - 1) * scale, abs=1)
        assert box["y"] - image["y"] == pytest.approx((ymin - 1) * scale, abs=1)
        assert box["width"] == pytest.approx((xmax - xmin + 1) * scale, abs=1)
        assert box["height"] == pytest.approx((ymax - ymin + 1) * scale, abs=1)

    boxes = page.locator(f"{DIALOG} .box").first
    page.keyboard.press("x")
    assert not boxes.is_visible()
    assert page.get_attribute("[data-boxes]", "aria-pressed") == "false"
    page.click("[data-boxes]")
    assert boxes.is_visible()
    page.keyboard.press("j")
    wait_until(page, f"!document.querySelector('{DIALOG} .box')")


@pytest.mark.parametrize("image_id", [BOXED, CROSSING])
def test_large_view_boxes_match_the_image_page(visit: Visit, sample: Sample, image_id: str) -> None:
    """They are clipped in the same way."""
    boxes = """image => [...image.parentElement.querySelectorAll(".box")].map(element => {
      const [outer, inner] = [image, element].map(item => item.getBoundingClientRect());
      return [element.className, element.textContent, (inner.left - outer.left) / outer.width,
        (inner.top - outer.top) / outer.height, inner.width / outer.width,
        inner.height / outer.height];
    })"""
    page = visit.open(f"/images/{image_id}")
    wanted = page.eval_on_selector(".boxed > img", boxes)
    page = visit.open(f"/classes/dog?from={sample.ranked_ids(0).index(image_id) + 1}&size=1")
    page.locator(".card > a").first.click()
    page.wait_for_selector(f"{DIALOG} .box")
    wait_until(page, f"document.querySelector('{DIALOG} img').src.includes('/originals/')")
    found = page.eval_on_selector(f"{DIALOG} img", boxes)
    assert [item[:2] for item in found] == [item[:2] for item in wanted]
    assert np.array([item[2:] for item in found]) == pytest.approx(
        np.array([item[2:] for item in wanted]), abs=0.005
    )
    assert all(min(left, top) >= -0.005 and max(left + width, top + height) <= 1.005
               for _, _, left, top, width, height in found)  # fmt: skip


def test_the_large_view_uses_the_threshold_of_the_page(visit: Visit, sample: Sample) -> None:
    """A threshold moved on the page applies to the marks beside the image, too."""
    page = visit.open("/classes/dog?from=1&size=3")
    page.fill("[data-threshold-field]", "1")
    page.press("[data-threshold-field]", "Tab")
    wait_until(page, "document.querySelector('.card a').href.includes('threshold=1')")
    page.locator(".card > a").first.click()
    page.wait_for_selector(f"{DIALOG} [data-scores] tr")
    row = sample.ranked_rows(0)[0]
    wanted = {1: "incorrect", 0: "correct", -1: "difficult"}
    rows = f"{DIALOG} [data-scores] tr"
    marks = page.locator(f"{rows} .mark").evaluate_all("all => all.map(e => e.textContent)")
    names = page.locator(f"{rows} th").all_inner_texts()
    assert dict(zip(names, marks, strict=True)) == {
        name: wanted[int(label)]
        for name, label in zip(sample.classes, sample.labels[row], strict=True)
    }


def test_failed_request_is_reported(visit: Visit) -> None:
    page = visit.open("/classes/dog?from=1&size=3")
    visit.forgiven.append("/images/")
    page.route(
        "**/images/**",
        lambda route: route.fulfill(
            status=503, content_type="text/html", body="<p data-message>No scores today.</p>"
        ),
    )
    page.locator(".card > a").first.click()
    wait_until(page, "document.querySelector('[data-facts-note]').textContent !== ''")
    assert "No scores today." in page.inner_text("[data-facts-note]")
    assert page.locator(f"{DIALOG} img").is_visible()
