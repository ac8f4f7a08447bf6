"""Another part of the ranking in the same document, without leaving the page."""

from typing import Any

from browser_visit import Visit, wait_until

SHOW = """([...paths]) => import(document.querySelector("script[src*='/grid.js']").src).then(
  grid => Promise.all(paths.map(path => grid.showPart(new URL(path, location.href)))))"""


def shown_ranks(page: Any) -> list[int]:
    return [int(text) for text in page.locator(".card .rank").all_inner_texts()]


def test_another_part_replaces_cards_links_and_position(visit: Visit) -> None:
    page = visit.open("/classes/dog?from=11&size=10&threshold=0.4")
    page.evaluate("scrollTo(0, 200); window.same = true")
    top = page.evaluate("scrollY")
    assert top > 0
    page.locator("a[rel=next]").last.evaluate("link => link.focus({ preventScroll: true })")
    assert page.evaluate(SHOW, ["?from=31&size=10&threshold=0.4"]) == [True]
    assert shown_ranks(page) == list(range(31, 41))
    assert page.get_attribute("[data-position]", "aria-valuetext") == "31"
    assert page.get_attribute("form.controls input[name=from]", "value") == "31"
    assert page.evaluate("scrollY") == top
    assert page.evaluate("document.activeElement.rel === 'next'"), "the focus stays on its link"
    # The scripts go on with the new cards and links.
    page.fill("[data-threshold-field]", "0.9")
    wait_until(page, "new URL(location.href).searchParams.get('threshold') === '0.9'")
    assert "threshold=0.9" in page.get_attribute("a[rel=next]", "href")
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("j")
    assert page.evaluate("document.activeElement.closest('.card') !== null")
    assert page.evaluate("window.same")


def test_the_last_call_wins_and_a_failure_opens_the_page(visit: Visit) -> None:
    page = visit.open("/classes/dog?from=1&size=10")
    parts = ["?from=21&size=10", "?from=41&size=10"]
    assert page.evaluate(SHOW, parts) == [False, True]
    assert shown_ranks(page)[0] == 41
    visit.forgiven.append("from=0")
    page.evaluate(SHOW, ["?from=0&size=10"])
    page.wait_for_url("**from=0**")
    assert "from must be" in page.inner_text("main")
