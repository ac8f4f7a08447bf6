"""The overview in a browser: dense rows that are links, instant search, stored thresholds."""

from collections.abc import Callable
from typing import Any

import pytest
from browser_visit import Visit, wait_until
from sample_run import Sample


def boxes(page: Any, selector: str) -> list[dict[str, float]]:
    found = page.locator(selector).all()
    return [item.bounding_box() for item in found]


def test_a_whole_row_is_one_link_and_its_images_are_others(visit: Visit, sample: Sample) -> None:
    page = visit.open("/?sort=ap")
    rows = boxes(page, "tbody tr")
    assert all(row["height"] <= 64 for row in rows)
    names = page.locator("tbody th a").all_inner_texts()
    cell = page.locator("tbody tr").nth(1).locator(".column-f1").bounding_box()
    page.mouse.click(cell["x"] + 5, cell["y"] + 5)
    page.wait_for_url("**/classes/**")
    assert page.inner_text("h1") == names[1]
    assert page.locator(".side [aria-current] .side-name").inner_text() == names[1]
    page.keyboard.press("]")
    page.wait_for_url(lambda url: names[1] not in url)
    assert page.inner_text("h1") == names[2], "in the order of the overview"
    page.go_back()
    page.go_back()
    page.wait_for_selector("table.overview")
    page.locator("tbody tr").first.locator("li a").nth(2).click()
    page.wait_for_url("**/images/**")
    page = visit.open("/")
    page.locator("tbody th a").first.focus()
    page.keyboard.press("Tab")
    focused = "document.activeElement === document.querySelectorAll('tbody th a')[1]"
    assert page.evaluate(focused), "one stop per row"


def test_search_follows_the_text(visit: Visit) -> None:
    page = visit.open("/?sort=ap&show=misses")
    page.keyboard.press("/")
    page.keyboard.type("Baum")
    wait_until(page, "document.querySelectorAll('tbody tr').length === 1")
    wait_until(page, "location.search.includes('name=Baum')")
    assert page.input_value(":focus") == "Baum", "the field keeps the focus"
    assert "name=Baum" in page.locator(".choices a").nth(1).get_attribute("href")
    assert "show=misses" in page.url
    page.reload()
    assert page.locator("tbody tr").count() == 1
    page.fill("[data-class-search]", "nothing")
    wait_until(page, "document.querySelector('.empty-state') !== null")
    page.fill("[data-class-search]", "")
    wait_until(page, "document.querySelectorAll('tbody tr').length === 4")
    wait_until(page, "location.search === '?sort=ap&show=misses'")


def test_search_and_thresholds_work_without_scripts(new_visit: Callable[..., Visit]) -> None:
    page = new_visit(java_script_enabled=False).open("/?thresholds=best-f1")
    page.fill("input[name=name]", "DOG")
    page.click("button:text('Search')")
    page.wait_for_url("**name=DOG**")
    assert page.locator("tbody tr").count() == 1
    page.fill("input[name=precision]", "0.75")
    page.click("button:text('Set')")
    page.wait_for_url("**precision=0.75**")
    assert "name=DOG" in page.url
    assert float(page.inner_text("tbody .column-precision")) >= 0.75
    assert not page.locator("[data-store-thresholds]").is_visible()


def test_thresholds_of_all_classes_are_stored(visit: Visit) -> None:
    page = visit.open("/?thresholds=best-f1&name=dog")
    page.click("[data-store-thresholds]")
    wait_until(page, "document.querySelector('[data-store-thresholds]').textContent === 'Stored'")
    page.click("tbody th a")
    page.wait_for_url("**/classes/dog**")
    chosen = page.input_value("[data-threshold-field]")
    for name in ("dog", "person"):
        page = visit.open(f"/classes/{name}")
        page.click("[data-set-threshold=stored]")
        assert page.input_value("[data-threshold-field]") != "0.5"
        if name == "dog":
            assert page.input_value("[data-threshold-field]") == chosen


@pytest.mark.parametrize("height", [200, 225])
def test_the_list_of_classes_shows_whole_rows(new_visit: Callable[..., Visit], height: int) -> None:
    page = new_visit(1280, height).open("/classes/zebra")
    (listed,) = boxes(page, ".side ol")
    inside = [
        row
        for row in boxes(page, ".side li")
        if row["y"] < listed["y"] + listed["height"] and row["y"] + row["height"] > listed["y"]
    ]
    assert listed["height"] == sum(row["height"] for row in inside)
    assert inside[0]["y"] == listed["y"]
