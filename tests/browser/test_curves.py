"""The charts of all classes: hovering, pinning, keyboard and touch."""

import itertools
import json
import re
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

import numpy as np
import pytest
from browser_visit import Visit, wait_until
from sample_run import Sample

PAGES = ["/average-precision", "/tail-accuracy"]
AREA, READOUT, MARKER = "[data-chart-area]", "[data-readout]", "[data-marker]:not([hidden])"
POINTED = ".pointed-line"

# The points of a curve on the screen, in pixels; the mean is last.
POSITIONS = """index => {
  const line = document.querySelectorAll(".class-lines path, .mean-line")[index];
  const box = document.querySelector("[data-chart-area]").getBoundingClientRect();
  const units = document.querySelector("[data-lines]").viewBox.baseVal.width;
  const steps = line.getAttribute("d").match(/-?\\d+/g).map(Number);
  const places = [];
  let [x, y] = [0, 0];
  for (let at = 0; at < steps.length; at += 2) {
    x += steps[at];
    y += steps[at + 1];
    places.push([box.left + (x / units) * box.width, box.top + (y / units) * box.height]);
  }
  return places;
}"""


def lines(page: Any) -> list[dict[str, str]]:
    """Returns colour, width and path of each curve; the mean is last."""
    return list(
        page.evaluate(
            """() => [...document.querySelectorAll(".class-lines path, .mean-line")].map(line => ({
  stroke: getComputedStyle(line).stroke, width: getComputedStyle(line).strokeWidth,
  d: line.getAttribute("d") ?? "" }))"""
        )
    )


def emphasised(page: Any) -> int | None:
    """Returns the class whose curve is highlighted; None if there is none."""
    line = page.locator(POINTED)
    if line.evaluate("line => line.parentElement.hasAttribute('hidden')"):
        return None
    found = [item["d"] for item in lines(page)].index(line.get_attribute("d"))
    assert found < len(lines(page)) - 1, "not the mean"
    return found


def pinned(page: Any) -> dict[int, str]:
    """Returns the names of the pinned classes by slot, as everything on the page says them."""
    found = page.evaluate(
        """() => ({
  lines: [...document.querySelectorAll("[data-pinned]")].map(group => {
    const path = group.lastElementChild.getAttribute("d");
    return group.hasAttribute("hidden") ? "" : document.querySelector(`[data-line][d="${path}"]`)
      .dataset.line;
  }),
  labels: [...document.querySelectorAll("[data-labels] .line-label")].map(label =>
    [Number(label.getAttribute("class").match(/pin-(\\d)/)[1]),
     label.querySelector("title").textContent]),
  links: [...document.querySelectorAll("[data-pin][aria-current]")].map(link =>
    [Number(link.getAttribute("class").match(/pin-(\\d)/)[1]),
     link.closest("tr").querySelector("th").textContent]),
  markers: [...document.querySelectorAll("[data-marker]")].map(marker => !marker.hidden),
})"""
    )
    slots = dict(sorted(found["links"]))
    assert dict(sorted(found["labels"])) == slots
    taken = [slot for slot, line in enumerate(found["lines"], start=1) if line]
    assert taken == list(slots)
    assert [slot for slot, shown in enumerate(found["markers"], start=1) if shown] == taken
    compare = parse_qs(urlsplit(page.url).query).get("compare", [""])[0]
    assert {slot: name for slot, name in enumerate(compare.split(","), start=1) if name} == slots
    return slots


def positions(page: Any, index: int) -> list[tuple[float, float]]:
    return [(x, y) for x, y in page.evaluate(POSITIONS, index)]


def lonely_point(page: Any, index: int) -> int:
    """Returns the point of a curve that is farthest from all other curves."""
    own = np.array(positions(page, index))  # (K, 2)
    distance = np.full(len(own), np.inf)
    for other, line in enumerate(lines(page)):
        if other == index or not line["d"]:
            continue
        points = np.array(positions(page, other))  # (M, 2)
        shares = np.linspace(0, 1, 25)[:, None, None]
        between = (points[:-1] + shares * np.diff(points, axis=0)).reshape(-1, 2)
        apart = np.linalg.norm(own[:, None] - between, axis=2).min(axis=1)
        distance = np.minimum(distance, apart)
    return int(np.argmax(distance))


def readout(page: Any) -> dict[str, str]:
    """Returns the readout by label, with `name` and `note`."""
    assert page.locator(READOUT).is_visible()
    values = {
        pair.locator("dt").inner_text(): pair.locator("dd").inner_text()
        for pair in page.locator(f"{READOUT} dl > div:not([hidden])").all()
    }
    return values | {key: page.inner_text(f"{READOUT} [data-{key}]") for key in ("name", "note")}


def row(page: Any, index: int) -> Any:
    return page.locator(f"[data-curve='{index}']")


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("scripts", [True, False])
def test_curves_are_drawn_at_any_width(
    new_visit: Callable[..., Visit], path: str, scripts: bool
) -> None:
    page = new_visit(java_script_enabled=scripts).open(path)
    for width in (1280, 390):
        page.set_viewport_size({"width": width, "height": 900})
        area, chart = (page.locator(name).bounding_box() for name in (AREA, "[data-chart]"))
        assert area["width"] > 0.7 * min(width, 700)
        curves = page.locator(".class-lines path[d], .mean-line").all()
        assert len(curves) >= 4, "three classes with an AP, and the mean"
        assert sum(len(line.get_attribute("d").split()) > 10 for line in curves) >= 2
        for line in curves:
            box = line.bounding_box()
            assert area["x"] - 4 <= box["x"]
            assert box["x"] + box["width"] <= area["x"] + area["width"] + 4
            assert area["y"] - 4 <= box["y"]
            assert box["y"] + box["height"] <= area["y"] + area["height"] + 4
        texts = page.locator("[data-chart] svg text").all()
        for text in [*texts, *page.locator(".chart-title").all()]:
            box = text.bounding_box()
            assert chart["x"] - 1 <= box["x"]
            assert box["x"] + box["width"] <= chart["x"] + chart["width"] + 6
            assert 14 <= box["height"] <= 24, "text size at any page width"
        assert len(texts) >= 10


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("way", ["pointer", "focus"])
def test_hovering_over_a_row_highlights_its_curve(visit: Visit, path: str, way: str) -> None:
    page = visit.open(path)
    before = lines(page)
    assert emphasised(page) is None
    if way == "pointer":
        row(page, 1).hover()
    else:
        row(page, 1).locator("th a").focus()
    assert emphasised(page) == 1
    stroke, width = page.eval_on_selector(
        POINTED, "line => [getComputedStyle(line).stroke, getComputedStyle(line).strokeWidth]"
    )
    assert stroke != before[1]["stroke"]
    assert float(width.rstrip("px")) > float(before[1]["width"].rstrip("px"))
    assert lines(page) == before, "the others are unchanged"
    assert not page.locator(READOUT).is_visible()
    if way == "pointer":
        page.mouse.move(2, 2)
    else:
        page.locator(".brand").focus()
    assert emphasised(page) is None


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("width", [1280, 390])
def test_hovering_over_a_curve_highlights_its_row_and_shows_values(
    new_visit: Callable[..., Visit], sample: Sample, path: str, width: int
) -> None:
    page = new_visit(width).open(path)
    for index in (0, 1, 2):
        at = lonely_point(page, index)
        page.mouse.move(*positions(page, index)[at])
        assert emphasised(page) == index
        assert page.locator("tr.pointed").get_attribute("data-curve") == str(index)
        values = readout(page)
        assert values["name"] == sample.classes[index]
        if path == "/average-precision":
            ap = row(page, index).locator("td.number").first.inner_text()
            assert values["note"] == f"AP {ap}"
            assert {"recall", "precision", "threshold", "images above", "down to rank"} < set(
                values
            )
        else:
            assert {"threshold", "tail accuracy", "images above", "down to rank"} < set(values)
        box = page.locator(READOUT).bounding_box()
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= width
    page.mouse.move(2, 2)
    assert not page.locator(READOUT).is_visible()
    assert page.locator("tr.pointed").count() == 0


@pytest.mark.parametrize(
    ("path", "label"), [("/average-precision", "precision"), ("/tail-accuracy", "tail accuracy")]
)
def test_values_match_the_class_page(visit: Visit, sample: Sample, path: str, label: str) -> None:
    """A click pins the curve, another click opens the images at that point."""
    page = visit.open(path)
    point = positions(page, 0)[lonely_point(page, 0)]
    page.mouse.move(*point)
    values = readout(page)
    page.mouse.click(*point)
    assert pinned(page) == {1: "dog"}
    assert "opens these images" in page.inner_text(f"{READOUT} [data-hint]")
    assert urlsplit(page.url).path == path
    page.mouse.click(*point)
    page.wait_for_url("**/classes/dog?**")
    numbers = page.locator(".metrics")
    assert numbers.locator("[data-live=above]").inner_text() == values["images above"]
    assert numbers.locator("[data-live=precision]").inner_text() == values[label]
    if path == "/average-precision":
        assert numbers.locator("[data-live=recall]").inner_text() == values["recall"]
    query = parse_qs(urlsplit(page.url).query)
    assert query["from"] == [values["down to rank"]]
    assert float(query["threshold"][0]) == pytest.approx(float(values["threshold"]), rel=1e-3)
    assert page.locator(".card .rank").first.inner_text() == values["down to rank"]
    above = sample.scores[:, 0].astype(float) > float(query["threshold"][0])
    counted = above & (sample.labels[:, 0] >= 0)
    assert int(values["images above"]) == counted.sum()
    assert int(values["down to rank"]) == above.sum()


def test_values_of_the_mean(visit: Visit, sample: Sample) -> None:
    page = visit.open("/average-precision")
    mean = len(lines(page)) - 1
    point = positions(page, mean)[lonely_point(page, mean)]
    page.mouse.move(*point)
    values = readout(page)
    assert values["name"] == "mean of 3 classes"
    average = page.locator(".metrics dd").first.inner_text()
    assert values["note"] == f"mAP {average} (scikit-learn)"
    assert re.fullmatch(r"0\.\d\d", values["recall"])
    assert re.fullmatch(r"[01]\.\d{3}", values["precision"])
    assert "images above" not in values
    page.mouse.click(*point)
    assert pinned(page) == {}, "it needs no highlight"


@pytest.mark.parametrize("path", PAGES)
def test_pinning_and_unpinning(new_visit: Callable[..., Visit], sample: Sample, path: str) -> None:
    visit = new_visit()
    page = visit.open(path)
    names = sample.classes

    def click(index: int) -> None:
        page.mouse.click(*positions(page, index)[lonely_point(page, index)])

    click(1)
    page.mouse.move(2, 2)
    assert pinned(page) == {1: "person"}
    label, area = (page.locator(name).bounding_box() for name in (".line-label text", AREA))
    end = positions(page, 1)[-1]
    assert abs(label["x"] + label["width"] / 2 - end[0]) < label["width"]
    assert abs(label["y"] + label["height"] / 2 - end[1]) < 40, "at the end of the line"
    assert label["x"] + label["width"] <= area["x"] + area["width"] + 1
    row(page, 0).hover()
    assert emphasised(page) == 0, "another one can be pointed at"

    row(page, 0).locator("td.number").first.click()
    click(2)
    assert pinned(page) == {1: "person", 2: "dog", 3: names[2]}
    strokes = page.evaluate(
        """[...document.querySelectorAll("[data-pinned]:not([hidden]) .pinned-line")].map(line =>
          [getComputedStyle(line).stroke, getComputedStyle(line).strokeDasharray])"""
    )
    assert len({stroke for stroke, _ in strokes}) == len({dash for _, dash in strokes}) == 3
    boxes = [label.bounding_box() for label in page.locator(".line-label text").all()]
    for one, other in itertools.combinations(boxes, 2):
        assert abs(one["y"] - other["y"]) >= 14, "labels do not cover each other"

    address = visit.path()
    page.reload()
    assert pinned(page) == {1: "person", 2: "dog", 3: names[2]}, "the address says it all"
    row(page, 0).locator("[data-pin]").click()
    assert pinned(page) == {1: "person", 3: names[2]}
    page.keyboard.press("Escape")
    assert pinned(page) == {1: "person"}, "the last one"
    for link in ("thead a:text('Class')", "nav.choices a:text('VOC 2010')"):
        if page.locator(link).count():
            with page.expect_navigation():
                page.click(link)
            assert pinned(page) == {1: "person"}, "links to the same page keep it"
    without = new_visit(java_script_enabled=False).open(address)
    assert [label.text_content() for label in without.locator(".line-label title").all()] == [
        "person",
        "dog",
        names[2],
    ]


def test_values_of_all_lines_at_a_place(visit: Visit) -> None:
    page = visit.open("/tail-accuracy?compare=dog,person")
    point = positions(page, 2)[lonely_point(page, 2)]
    page.mouse.move(*point)
    values = readout(page)
    others = {
        item.locator("span").inner_text(): float(item.locator("b").inner_text())
        for item in page.locator(f"{READOUT} li").all()
    }
    assert set(others) == {"mean", "dog", "person"}
    place = float(values["threshold"])
    assert f"tail accuracy at threshold t {place:.3f}" in page.inner_text(f"{READOUT} [data-at]")
    area = page.locator(AREA).bounding_box()
    ticks = page.locator("[data-chart] svg text[text-anchor=end]").all_text_contents()
    low = min(map(float, ticks))
    for name, index in (("dog", 0), ("person", 1), ("mean", 4)):
        across, down = np.array(positions(page, index)).T
        height = np.interp(point[0], across, down)
        share = low + (1 - low) * (area["y"] + area["height"] - height) / area["height"]
        assert others[name] == pytest.approx(share, abs=0.004)
    page.mouse.move(area["x"] + 60, area["y"] + area["height"] - 4)
    if not page.locator(f"{READOUT} [data-nearest]").is_visible():
        assert page.locator(f"{READOUT} li").count() == 3, "also beside all lines"


@pytest.mark.parametrize("path", PAGES)
def test_keyboard_only(visit: Visit, path: str) -> None:
    page = visit.open(path)
    row(page, 0).locator("[data-pin]").focus()
    page.keyboard.press("Enter")
    assert pinned(page) == {1: "dog"}
    focused = "document.activeElement"
    assert page.evaluate(f"{focused}.matches('{MARKER}')")
    assert page.locator(MARKER).get_attribute("role") == "slider"
    assert page.evaluate(f"getComputedStyle({focused}).outlineStyle") != "none"

    def values() -> dict[str, str]:
        here = readout(page)
        text = page.locator(MARKER).get_attribute("aria-valuetext")
        for key, value in here.items():
            assert key in ("name", "note") or f"{key} {value}" in text
        return here

    def position() -> int:
        now = int(page.locator(MARKER).get_attribute("aria-valuenow"))
        box = page.locator(MARKER).bounding_box()
        x, y = positions(page, 0)[now - 1]
        assert abs(box["x"] + box["width"] / 2 - x) < 1
        assert abs(box["y"] + box["height"] / 2 - y) < 1
        return now

    length = len(positions(page, 0))
    page.keyboard.press("Home")
    assert position() == 1
    first = values()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    assert position() == 3
    assert values() != first
    page.keyboard.press("ArrowLeft")
    assert position() == 2
    page.keyboard.press("PageDown")
    assert position() == 1
    page.keyboard.press("End")
    assert position() == length == int(page.locator(MARKER).get_attribute("aria-valuemax"))
    page.keyboard.press("ArrowRight")
    assert position() == length

    page.keyboard.press("Escape")
    assert pinned(page) == {}
    assert page.evaluate(f"{focused}.closest('tr').dataset.curve") == "0", "back in the table"
    page.keyboard.press("Enter")
    page.keyboard.press("ArrowRight")
    rank = values()["down to rank"]
    page.keyboard.press("Enter")
    page.wait_for_url("**/classes/dog?**")
    assert page.locator(".card .rank").first.inner_text() == rank


@pytest.mark.parametrize("path", PAGES)
def test_no_layout_shift_while_hovering(visit: Visit, path: str) -> None:
    page = visit.open(path)
    boxes = """() => [...document.querySelectorAll("main *")]
      .filter(element => !element.closest("[data-chart-area]"))
      .map(element => JSON.stringify(element.getBoundingClientRect()))"""
    before = page.evaluate(boxes)
    point = positions(page, 0)[lonely_point(page, 0)]
    page.mouse.move(*point)
    assert page.evaluate(boxes) == before
    page.mouse.click(*point)
    assert page.evaluate(boxes) == before
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_tap_shows_values_and_second_tap_opens_images(new_visit: Callable[..., Visit]) -> None:
    page = new_visit(390, 844, has_touch=True, is_mobile=True).open("/average-precision")
    x, y = positions(page, 0)[lonely_point(page, 0)]
    page.touchscreen.tap(x, y)
    assert pinned(page) == {1: "dog"}
    values = readout(page)
    page.touchscreen.tap(x, y)
    page.wait_for_url("**/classes/dog?**")
    assert page.inner_text("dl [data-live=precision]") == values["precision"]


def test_pinning_a_row_on_a_phone_scrolls_to_the_chart(
    new_visit: Callable[..., Visit],
) -> None:
    page = new_visit(390, 500).open("/average-precision")
    row(page, 2).locator("[data-pin]").click()
    assert len(pinned(page)) == 1
    wait_until(
        page,
        f"(box => box.top >= 0 && box.bottom <= innerHeight)"
        f"(document.querySelector('{MARKER}').getBoundingClientRect())",
    )


@pytest.mark.parametrize("path", PAGES)
def test_chart_follows_the_theme(new_visit: Callable[..., Visit], path: str) -> None:
    page = new_visit(color_scheme="light").open(path)
    row(page, 0).locator("[data-pin]").click()
    colours = """[".class-lines path", ".mean-line", ".pinned-line", "[data-chart] text"]
      .map(name => getComputedStyle(document.querySelector(name)))
      .map(style => style.stroke + style.fill)"""
    light, drawn = page.evaluate(colours), lines(page)
    page.emulate_media(color_scheme="dark")
    dark = page.evaluate(colours)
    assert all(one != other for one, other in zip(light, dark, strict=True))
    assert [line["d"] for line in lines(page)] == [line["d"] for line in drawn], "the same curves"
    assert pinned(page) == {1: "dog"}


@pytest.mark.parametrize("path", PAGES)
def test_curves_with_forced_colours(new_visit: Callable[..., Visit], path: str) -> None:
    page = new_visit(forced_colors="active").open(path)
    row(page, 0).locator("[data-pin]").click()
    strokes = page.evaluate(
        """[".class-lines path", ".mean-line", ".pinned-line"].map(
          name => getComputedStyle(document.querySelector(name)).stroke)"""
    )
    ground = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert len({*strokes, ground}) == 4


@pytest.mark.parametrize("path", PAGES)
def test_csv_download(new_visit: Callable[..., Visit], path: str) -> None:
    page = new_visit(java_script_enabled=False).open(path)
    with page.expect_download() as download:
        page.click("a[download] >> nth=0")
    assert download.value.suggested_filename.endswith(".csv")


def test_table_and_chart_follow_the_threshold(visit: Visit) -> None:
    """Without a request per page: the field keeps the focus, and pins stay."""
    page = visit.open("/tail-accuracy?compare=dog&sort=tail")
    page.locator("[data-tail-threshold]").fill("0.8")
    wait_until(page, "location.search.includes('threshold=0.8')")
    assert pinned(page) == {1: "dog"}
    assert page.evaluate("document.activeElement.name") == "threshold"
    assert page.inner_text(".metrics dt") == "Tail accuracy above 0.8"
    assert page.get_attribute("[data-threshold-line]", "x1") == "60.0%"
    live = page.locator("[data-curve-rows] tbody").inner_text()
    row(page, 0).hover()
    assert page.locator("tr.pointed").get_attribute("data-curve") == "0", "the new rows listen"
    page.reload()
    assert page.locator("[data-curve-rows] tbody").inner_text() == live
    assert "threshold=0.8" in row(page, 0).locator("th a").get_attribute("href")


@pytest.mark.parametrize("scripts", [True, False])
def test_the_grid_is_chosen_and_kept(new_visit: Callable[..., Visit], scripts: bool) -> None:
    page = new_visit(java_script_enabled=scripts).open("/tail-accuracy?compare=dog")
    drawn = [lines(page)] if scripts else []
    for text, grid in (("highest score", "highest"), ("percentage", "percentile")):
        with page.expect_navigation():
            page.click(f"nav.choices a:has-text('{text}')")
        query = parse_qs(urlsplit(page.url).query)
        assert (query["grid"], query["compare"]) == ([grid], ["dog"])
        assert page.get_attribute("nav.choices a[aria-current]", "href").count(grid) == 1
        if scripts:
            assert pinned(page) == {1: "dog"}
            assert lines(page) not in drawn
            drawn.append(lines(page))
    page.fill("[data-tail-threshold]", "0.8")
    if not scripts:
        page.click("form[data-live-form] button")
    page.wait_for_url("**threshold=0.8**")
    assert parse_qs(urlsplit(page.url).query)["grid"] == ["percentile"]
    assert page.inner_text(".metrics dt") == "Tail accuracy above 0.8"
    assert "grid=percentile" in page.get_attribute("a[download] >> nth=1", "href")


@pytest.mark.parametrize("grid", ["highest", "percentile"])
def test_values_at_a_place_of_other_grids(visit: Visit, grid: str) -> None:
    page = visit.open(f"/tail-accuracy?grid={grid}&compare=dog,person")
    area = page.locator(AREA).bounding_box()
    at = lonely_point(page, 2)
    page.mouse.move(*positions(page, 2)[at])
    place = (positions(page, 2)[at][0] - area["x"]) / area["width"]
    expected = place if grid == "highest" else 0.1 * 500**place  # from 0.1 to 50 %
    shown = page.inner_text(f"{READOUT} [data-at]")
    assert float(shown.rpartition(" ")[2]) == pytest.approx(expected, rel=0.01, abs=0.001)
    values = readout(page)
    assert {"threshold", "tail accuracy", "images above"} < set(values), "of the class"
    thresholds = json.loads(page.inner_text("[data-chart-data]"))["threshold"][0]
    nearest = int(np.argmin(np.abs(np.array(thresholds) - 0.5)))
    dot = page.locator("[data-marker].pin-1").bounding_box()
    middle = dot["x"] + dot["width"] / 2
    assert middle == pytest.approx(positions(page, 0)[nearest][0], abs=1), "at the page's threshold"
