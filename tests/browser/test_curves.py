"""The curves of all classes as a person reads them: pointing, pinning, keys, touch."""

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

import numpy as np
import pytest
from browser_visit import Visit
from sample_run import Sample

PAGES = ["/average-precision", "/tail-accuracy"]
AREA, READOUT, MARKER, LABEL = (
    "[data-chart-area]",
    "[data-readout]",
    "[data-marker]",
    "[data-label]",
)
POINTED, PINNED = ".pointed-line", ".pinned-line"

# The places of a curve's points on the screen, in pixels; the mean comes last.
PLACES = """index => {
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
    """Returns colour, width and path of each curve, the mean last."""
    return list(
        page.evaluate(
            """() => [...document.querySelectorAll(".class-lines path, .mean-line")].map(line => ({
  stroke: getComputedStyle(line).stroke, width: getComputedStyle(line).strokeWidth,
  d: line.getAttribute("d") ?? "" }))"""
        )
    )


def emphasised(page: Any, selector: str) -> int | None:
    """Returns which class's curve is drawn over the others; None if no class's is."""
    line = page.locator(selector)
    if line.evaluate("line => line.parentElement.hasAttribute('hidden')"):
        return None
    paths = [item["d"] for item in lines(page)]
    found = paths.index(line.get_attribute("d"))
    return found if found < len(paths) - 1 else None


def places(page: Any, index: int) -> list[tuple[float, float]]:
    return [(x, y) for x, y in page.evaluate(PLACES, index)]


def lonely_point(page: Any, index: int) -> int:
    """Returns the point of a curve that is farthest from all other curves."""
    own = np.array(places(page, index))  # (K, 2)
    distance = np.full(len(own), np.inf)
    for other, line in enumerate(lines(page)):
        if other == index or not line["d"]:
            continue
        points = np.array(places(page, other))  # (M, 2)
        shares = np.linspace(0, 1, 25)[:, None, None]
        between = (points[:-1] + shares * np.diff(points, axis=0)).reshape(-1, 2)
        apart = np.linalg.norm(own[:, None] - between, axis=2).min(axis=1)
        distance = np.minimum(distance, apart)
    return int(np.argmax(distance))


def readout(page: Any) -> dict[str, str]:
    """Returns what is told of a point, by its labels; `name` and `note` besides."""
    assert page.locator(READOUT).is_visible()
    told = {
        pair.locator("dt").inner_text(): pair.locator("dd").inner_text()
        for pair in page.locator(f"{READOUT} dl > div:not([hidden])").all()
    }
    return told | {key: page.inner_text(f"{READOUT} [data-{key}]") for key in ("name", "note")}


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
            assert 14 <= box["height"] <= 24, "as large as other text, however wide the page"
        assert len(texts) >= 10


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("way", ["pointer", "focus"])
def test_a_row_finds_its_curve(visit: Visit, path: str, way: str) -> None:
    page = visit.open(path)
    before = lines(page)
    assert emphasised(page, POINTED) is None
    if way == "pointer":
        row(page, 1).hover()
    else:
        row(page, 1).locator("a").focus()
    assert emphasised(page, POINTED) == 1
    stroke, width = page.eval_on_selector(
        POINTED, "line => [getComputedStyle(line).stroke, getComputedStyle(line).strokeWidth]"
    )
    assert stroke != before[1]["stroke"]
    assert float(width.rstrip("px")) > float(before[1]["width"].rstrip("px"))
    assert lines(page) == before, "the others stay as they are"
    assert not page.locator(READOUT).is_visible()
    if way == "pointer":
        page.mouse.move(2, 2)
    else:
        page.locator(".brand").focus()
    assert emphasised(page, POINTED) is None


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("width", [1280, 390])
def test_a_curve_finds_its_row_and_tells_its_numbers(
    new_visit: Callable[..., Visit], sample: Sample, path: str, width: int
) -> None:
    page = new_visit(width).open(path)
    for index in (0, 1, 2):
        at = lonely_point(page, index)
        page.mouse.move(*places(page, index)[at])
        assert emphasised(page, POINTED) == index
        assert page.locator("tr.pointed").get_attribute("data-curve") == str(index)
        told = readout(page)
        assert told["name"] == sample.classes[index]
        if path == "/average-precision":
            ap = row(page, index).locator("td.number").first.inner_text()
            assert told["note"] == f"AP {ap}"
            assert {"recall", "precision", "threshold", "images above", "down to rank"} < set(told)
        else:
            assert {"threshold", "tail accuracy", "images above", "down to rank"} < set(told)
        box = page.locator(READOUT).bounding_box()
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= width
    page.mouse.move(2, 2)
    assert not page.locator(READOUT).is_visible()
    assert page.locator("tr.pointed").count() == 0


@pytest.mark.parametrize(
    ("path", "told_as"), [("/average-precision", "precision"), ("/tail-accuracy", "tail accuracy")]
)
def test_the_numbers_are_those_of_the_class_page(
    visit: Visit, sample: Sample, path: str, told_as: str
) -> None:
    """A click pins the curve, a click on one of its points leads to the images there."""
    page = visit.open(path)
    place = places(page, 0)[lonely_point(page, 0)]
    page.mouse.move(*place)
    told = readout(page)
    page.mouse.click(*place)
    assert emphasised(page, PINNED) == 0
    assert "opens these images" in page.inner_text(f"{READOUT} [data-hint]")
    assert urlsplit(page.url).path == path
    page.mouse.click(*place)
    page.wait_for_url("**/classes/dog?**")
    numbers = page.locator(".metrics")
    assert numbers.locator("[data-live=above]").inner_text() == told["images above"]
    assert numbers.locator("[data-live=precision]").inner_text() == told[told_as]
    if path == "/average-precision":
        assert numbers.locator("[data-live=recall]").inner_text() == told["recall"]
    query = parse_qs(urlsplit(page.url).query)
    assert query["from"] == [told["down to rank"]]
    assert float(query["threshold"][0]) == pytest.approx(float(told["threshold"]), rel=1e-3)
    assert page.locator(".card .rank").first.inner_text() == told["down to rank"]
    above = sample.scores[:, 0].astype(float) > float(query["threshold"][0])
    counted = above & (sample.labels[:, 0] >= 0)
    assert int(told["images above"]) == counted.sum()
    if path == "/average-precision":
        assert int(told["down to rank"]) == above.sum()


def test_the_mean_tells_its_numbers(visit: Visit, sample: Sample) -> None:
    page = visit.open("/average-precision")
    mean = len(sample.classes)
    place = places(page, mean)[lonely_point(page, mean)]
    page.mouse.move(*place)
    told = readout(page)
    assert told["name"] == "mean of 3 classes"
    average = page.locator(".metrics dd").first.inner_text()
    assert told["note"] == f"mAP {average} (scikit-learn)"
    assert re.fullmatch(r"0\.\d\d", told["recall"])
    assert re.fullmatch(r"[01]\.\d{3}", told["precision"])
    assert "images above" not in told
    page.mouse.click(*place)
    assert emphasised(page, PINNED) is None, "it stands out as it is"


@pytest.mark.parametrize("path", PAGES)
def test_a_pinned_curve_stays_until_it_is_unpinned(visit: Visit, sample: Sample, path: str) -> None:
    page = visit.open(path)

    def pin(index: int) -> None:
        page.mouse.click(*places(page, index)[lonely_point(page, index)])

    def pressed() -> list[str]:
        buttons = page.locator("[data-pin][aria-pressed=true]").all()
        return [button.get_attribute("aria-label") for button in buttons]

    pin(1)
    page.mouse.move(2, 2)
    assert emphasised(page, PINNED) == 1
    assert page.inner_text(LABEL) == "person"
    label, area = (page.locator(name).bounding_box() for name in (LABEL, AREA))
    end = places(page, 1)[-1]
    assert abs(label["x"] + label["width"] / 2 - end[0]) < label["width"]
    assert abs(label["y"] + label["height"] / 2 - end[1]) < 30, "at the end of the line"
    assert label["x"] + label["width"] <= area["x"] + area["width"] + 1
    assert pressed() == ["Pin the curve of person"]

    row(page, 0).hover()
    assert (emphasised(page, PINNED), emphasised(page, POINTED)) == (1, 0), "both are seen"
    pin(2)
    assert emphasised(page, PINNED) == 2
    assert page.inner_text(LABEL) == sample.classes[2]
    row(page, 2).locator("[data-pin]").click()
    assert (emphasised(page, PINNED), pressed()) == (None, [])
    assert not page.locator(LABEL).is_visible()

    row(page, 0).locator("td.number").first.click()
    assert (emphasised(page, PINNED), pressed()) == (0, ["Pin the curve of dog"])
    page.keyboard.press("Escape")
    assert (emphasised(page, PINNED), pressed()) == (None, [])

    pin(1)
    page.click(".chart-title.x", position={"x": 4, "y": 12})
    assert emphasised(page, PINNED) is None, "a click beside all curves"
    assert urlsplit(page.url).path == path


@pytest.mark.parametrize("path", PAGES)
def test_by_keys_alone(visit: Visit, path: str) -> None:
    page = visit.open(path)
    row(page, 0).locator("[data-pin]").focus()
    page.keyboard.press("Enter")
    assert emphasised(page, PINNED) == 0
    focused = "document.activeElement"
    assert page.evaluate(f"{focused}.matches('{MARKER}')")
    assert page.locator(MARKER).get_attribute("role") == "slider"
    assert page.evaluate(f"getComputedStyle({focused}).outlineStyle") != "none"

    def told() -> dict[str, str]:
        here = readout(page)
        text = page.locator(MARKER).get_attribute("aria-valuetext")
        for key, value in here.items():
            assert key in ("name", "note") or f"{key} {value}" in text
        return here

    def place() -> int:
        now = int(page.locator(MARKER).get_attribute("aria-valuenow"))
        box = page.locator(MARKER).bounding_box()
        x, y = places(page, 0)[now - 1]
        assert abs(box["x"] + box["width"] / 2 - x) < 1
        assert abs(box["y"] + box["height"] / 2 - y) < 1
        return now

    length = len(places(page, 0))
    page.keyboard.press("Home")
    assert place() == 1
    first = told()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    assert place() == 3
    assert told() != first
    page.keyboard.press("ArrowLeft")
    assert place() == 2
    page.keyboard.press("PageDown")
    assert place() == 1
    page.keyboard.press("End")
    assert place() == length == int(page.locator(MARKER).get_attribute("aria-valuemax"))
    page.keyboard.press("ArrowRight")
    assert place() == length

    page.keyboard.press("Escape")
    assert emphasised(page, PINNED) is None
    assert page.evaluate(f"{focused}.closest('tr').dataset.curve") == "0", "back in the table"
    page.keyboard.press("Enter")
    page.keyboard.press("ArrowRight")
    rank = told()["down to rank"]
    page.keyboard.press("Enter")
    page.wait_for_url("**/classes/dog?**")
    assert page.locator(".card .rank").first.inner_text() == rank


@pytest.mark.parametrize("path", PAGES)
def test_nothing_moves_while_curves_are_read(visit: Visit, path: str) -> None:
    page = visit.open(path)
    boxes = """() => [...document.querySelectorAll("main *")]
      .filter(element => !element.closest("[data-chart-area]"))
      .map(element => JSON.stringify(element.getBoundingClientRect()))"""
    before = page.evaluate(boxes)
    place = places(page, 0)[lonely_point(page, 0)]
    page.mouse.move(*place)
    assert page.evaluate(boxes) == before
    page.mouse.click(*place)
    assert page.evaluate(boxes) == before
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_a_tap_reads_and_a_second_one_goes_there(new_visit: Callable[..., Visit]) -> None:
    page = new_visit(390, 844, has_touch=True, is_mobile=True).open("/average-precision")
    x, y = places(page, 0)[lonely_point(page, 0)]
    page.touchscreen.tap(x, y)
    assert emphasised(page, PINNED) == 0
    told = readout(page)
    page.touchscreen.tap(x, y)
    page.wait_for_url("**/classes/dog?**")
    assert page.locator("[data-live=precision]").inner_text() == told["precision"]


def test_a_row_pinned_on_a_phone_brings_the_chart_into_view(
    new_visit: Callable[..., Visit],
) -> None:
    page = new_visit(390, 500).open("/average-precision")
    row(page, 2).locator("[data-pin]").click()
    assert emphasised(page, PINNED) == 2
    page.wait_for_function(
        f"(box => box.top >= 0 && box.bottom <= innerHeight)"
        f"(document.querySelector('{MARKER}').getBoundingClientRect())"
    )


@pytest.mark.parametrize("path", PAGES)
def test_the_theme_is_followed(new_visit: Callable[..., Visit], path: str) -> None:
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
    assert emphasised(page, PINNED) == 0


@pytest.mark.parametrize("path", PAGES)
def test_forced_colours_keep_the_curves_apart(new_visit: Callable[..., Visit], path: str) -> None:
    page = new_visit(forced_colors="active").open(path)
    row(page, 0).locator("[data-pin]").click()
    strokes = page.evaluate(
        """[".class-lines path", ".mean-line", ".pinned-line"].map(
          name => getComputedStyle(document.querySelector(name)).stroke)"""
    )
    ground = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert len({*strokes, ground}) == 4


@pytest.mark.parametrize("path", PAGES)
def test_a_download_is_offered(new_visit: Callable[..., Visit], path: str) -> None:
    page = new_visit(java_script_enabled=False).open(path)
    with page.expect_download() as download:
        page.click("a[download]")
    assert download.value.suggested_filename.endswith(".csv")
