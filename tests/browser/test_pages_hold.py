"""Properties of every page at each size: it fits, it loads, nothing moves or fails."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from browser_visit import Visit, wait_until
from sample_run import BOXED, IMAGES, LINKED, MALFORMED, MISSING, Sample

PAGES = {
    "overview": "/",
    "class": "/classes/dog",
    "umlaut": "/classes/gr%C3%BCner%20Baum%20%26%20Strauch"
    "?from=11&size=30&threshold=0.12345&curves=open&without=dog",
    "image": f"/images/{BOXED}?class=dog",
    "no image": f"/images/{MISSING}?class=dog",
    "no boxes": f"/images/{MALFORMED}",
    "average precision": "/average-precision",
    "tail accuracy": "/tail-accuracy",
    "tail accuracy by percentage": "/tail-accuracy?grid=percentile",
    "api": "/api/v1/",
}

REACHABLE = "a[href], button, input, select, summary"

LUMINANCE = """
element => {
  const channels = getComputedStyle(element).backgroundColor.match(/[\\d.]+/g).map(Number);
  return (channels[0] + channels[1] + channels[2]) / 3;
}
"""


CUT_OFF = """
() => [...document.querySelectorAll("h1, h2, dd, label, button, input, p, figcaption, td, th")]
  .filter(e => e.scrollWidth > e.clientWidth + 1 && e.clientWidth > 1)
  .map(e => e.outerHTML.slice(0, 100))
"""

# Except for small tables that are meant to scroll.
TABLES_FIT = """
() => [...document.querySelectorAll(".tables:not([tabindex])")]
  .every(e => e.scrollWidth <= e.clientWidth)
"""

OBSERVE_SHIFTS = """
window.shift = 0;
new PerformanceObserver(list => {
  for (const entry of list.getEntries()) window.shift += entry.value;
}).observe({ type: "layout-shift", buffered: true });
"""


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("name", PAGES)
def test_page_fits_and_nothing_fails(
    new_visit: Callable[..., Visit], name: str, width: int
) -> None:
    visit = new_visit(width, color_scheme="light")
    page = visit.open(PAGES[name])
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        wait_until(
            page,
            "[...document.images].every(i => i.complete || i.getBoundingClientRect().top > 900)",
        )
        scrolled, shown = page.evaluate(
            "[document.documentElement.scrollWidth, document.documentElement.clientWidth]"
        )
        assert scrolled <= shown, "no horizontal scrolling"
        assert (page.eval_on_selector("body", LUMINANCE) > 128) == (scheme == "light")
        cut_off = page.evaluate(CUT_OFF)
        assert cut_off == [], "no text is cut off"
        assert page.evaluate(TABLES_FIT), "no column of a table is cut off"


@pytest.mark.parametrize("name", ["/nothing", "/classes/dog?size=0", "/classes/nothing"])
@pytest.mark.parametrize("width", [1280, 390])
def test_error_pages_fit(new_visit: Callable[..., Visit], name: str, width: int) -> None:
    visit = new_visit(width)
    visit.forgiven.append(name)
    page = visit.open(name)
    assert page.evaluate(
        "document.documentElement.scrollWidth <= document.documentElement.clientWidth"
    )
    page.click("main a:text('All classes')")
    page.wait_for_selector("table.overview")


@pytest.mark.parametrize("pixel_ratio", [1, 2])
def test_images_load_lazily(
    new_visit: Callable[..., Visit], sample: Sample, pixel_ratio: int
) -> None:
    # Narrow, so that the page is many screens long.
    visit = new_visit(600, device_scale_factor=pixel_ratio)
    page = visit.open(f"/classes/dog?from=1&size={IMAGES - 2}")
    visit.wait_until_idle()
    pending = "[...document.querySelectorAll('.card img')].filter(i => !i.complete).length"
    assert page.evaluate(pending) > 20, "those far below are not loaded yet"
    thumbnails = [url for url in visit.requested if re.search(r"/(240|480)/", url)]
    assert len(thumbnails) < IMAGES - 20
    wanted = "/240/" if pixel_ratio == 1 else "/480/"
    assert all(wanted in url for url in thumbnails), "no larger than the screen needs"
    height = page.evaluate("document.documentElement.scrollHeight")
    for position in range(0, height, 600):
        # Until it is drawn: images that were never in view are not loaded.
        page.evaluate(
            "position => new Promise(done => { scrollTo(0, position);"
            " requestAnimationFrame(() => requestAnimationFrame(done)); })",
            position,
        )
    wait_until(page, f"{pending} === 0")
    sizes = page.evaluate(
        "[...document.querySelectorAll('.card img')].map(i => [i.alt, i.naturalWidth,"
        " i.naturalHeight])"
    )
    assert len(sizes) == IMAGES - 2
    box = 240 * pixel_ratio
    for image_id, across, down in sizes:
        if image_id == LINKED:
            continue
        assert 0 < across <= box, image_id
        assert 0 < down <= box * 3 / 4, image_id


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("name", PAGES)
def test_no_layout_shift_while_loading(
    new_visit: Callable[..., Visit], name: str, width: int
) -> None:
    """Even on a slow machine, where the browser could paint an incomplete page."""
    visit = new_visit(width)
    visit.page.add_init_script(OBSERVE_SHIFTS)
    throttled = visit.page.context.new_cdp_session(visit.page)
    throttled.send("Emulation.setCPUThrottlingRate", {"rate": 10})
    page = visit.open(PAGES[name])
    visit.wait_until_idle()
    assert page.evaluate("window.shift") == 0


def test_no_layout_shift_while_images_load(visit: Visit) -> None:
    """Cumulative layout shift is 0 however late an image loads."""
    page = visit.page
    held: list[Any] = []
    page.route("**/files/**", lambda route: held.append(route))  # noqa: PLW0108
    page.add_init_script(OBSERVE_SHIFTS)
    page.goto(visit.address + "/classes/dog", wait_until="domcontentloaded")
    wait_until(page, "document.querySelectorAll('.card img').length === 100")
    while not held:
        page.wait_for_timeout(10)
    page.wait_for_timeout(100)
    before = page.evaluate(
        "[...document.querySelectorAll('.card')].map(c => c.getBoundingClientRect().top)"
    )
    for route in held:
        route.continue_()
    page.unroute("**/files/**")
    visit.wait_until_idle()
    after = page.evaluate(
        "[...document.querySelectorAll('.card')].map(c => c.getBoundingClientRect().top)"
    )
    assert after == before
    assert len(held) >= 12
    assert page.evaluate("window.shift") == 0


def test_tab_order(visit: Visit) -> None:
    page = visit.open("/classes/dog?size=2")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    assert page.locator(".skip").first.bounding_box()["width"] > 50, "visible when focused"
    seen: list[tuple[str, float]] = []
    for _ in range(80):
        page.keyboard.press("Tab")
        name, outline = page.evaluate(
            "[document.activeElement.tagName,"
            " getComputedStyle(document.activeElement).outlineStyle]"
        )
        if name == "BODY":
            break
        assert outline != "none", "the focus is visible"
        order = page.evaluate(
            f"[...document.querySelectorAll('{REACHABLE}')].indexOf(document.activeElement)"
        )
        seen.append((name, order))
    places = [position for _, position in seen]
    assert places == sorted(places)
    page.evaluate("scrollTo(0, 0)")
    wait_until(page, "document.querySelector('.stuck') === null")
    reachable = page.evaluate(
        f"[...document.querySelectorAll('{REACHABLE}')]"
        ".filter(e => e.checkVisibility({ visibilityProperty: true }) && e.type !== 'hidden')"
        ".length"
    )
    assert len(seen) == reachable - 1, "all but the skip link"


def test_skip_link(visit: Visit) -> None:
    page = visit.open("/classes/dog?size=2")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert page.url.endswith("#content")
    page.keyboard.press("Tab")
    assert page.evaluate("document.querySelector('main').contains(document.activeElement)")
    visit.open("/classes/dog?size=2")
    for key in ("Tab", "Tab", "Enter", "Tab", "Tab"):
        page.keyboard.press(key)
    assert page.url.endswith("#images")
    assert page.evaluate("document.activeElement.closest('.card') !== null"), "after Download CSV"


def test_without_scripts(new_visit: Callable[..., Visit], sample: Sample) -> None:
    visit = new_visit(java_script_enabled=False)
    page = visit.open("/classes/dog?size=5")
    page.fill("input[name=threshold]", "0.8")
    page.click(".controls button:text('Apply')")
    page.wait_for_url("**threshold=0.8**")
    assert "Above 0.8" in page.inner_text(".metrics")
    page.locator(".card a").nth(2).click()
    page.wait_for_url("**/images/**")
    assert page.inner_text("h1") == sample.ranked_ids(0)[2]
    assert "score > 0.8" in page.inner_text("caption")
    assert page.locator("table tbody tr").count() == 4
    for path in ("/average-precision", "/tail-accuracy"):
        page = visit.open(path)
        assert "JavaScript" not in page.inner_text("main")
        area = page.locator("[data-chart-area]").bounding_box()
        drawn = page.locator(".class-lines path[d]").all()
        assert len(drawn) >= 3
        for line in [*drawn, page.locator(".mean-line")]:
            box = line.bounding_box()
            assert box["width"] > 0.3 * area["width"], "the curves are drawn"
        assert not page.locator("[data-marker]:visible, [data-readout]:visible").count()
        assert page.locator("table tbody tr").count() >= 4


@pytest.mark.parametrize("size", [(1280, 120), (390, 800)], ids=["low", "narrow"])
def test_class_list_is_scrolled_to_the_current_class(
    new_visit: Callable[..., Visit], size: tuple[int, int]
) -> None:
    page = new_visit(*size).open("/classes/zebra")
    inside = page.evaluate(
        """() => {
        const list = document.querySelector(".side ol").getBoundingClientRect();
        const link = document.querySelector(".side [aria-current]").getBoundingClientRect();
        return link.left >= list.left && link.right <= list.right + 1
          && link.top >= list.top && link.bottom <= list.bottom + 1 && scrollY === 0;
        }"""
    )
    assert inside, "and the page itself is not scrolled"
    scrolled = "(list => list.scrollLeft + list.scrollTop)(document.querySelector('.side ol'))"
    assert page.evaluate(scrolled) > 0, "otherwise the list is too short for this test"


def test_verdicts_differ_in_shape(visit: Visit) -> None:
    page = visit.open(f"/classes/dog?from=1&size={IMAGES}")
    shapes = page.evaluate(
        """() => Object.fromEntries([...document.querySelectorAll(".card .mark")].map(
        mark => [mark.textContent.trim(), getComputedStyle(mark).clipPath]))"""
    )
    assert set(shapes) == {"correct", "incorrect", "difficult", "unreadable"}
    assert all(shape.startswith("path(") for shape in shapes.values())
    assert len(set(shapes.values())) == 4


def contrast(page: Any, selector: str) -> float:
    """Returns the contrast of an element's text to its background (WCAG 2)."""
    return float(
        page.eval_on_selector(
            selector,
            """element => {
  const channels = text => text.match(/[\\d.]+/g).map(Number);
  const luminance = ([r, g, b]) => [r, g, b].map(v => v / 255)
    .map(v => v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
    .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
  let ground = element;
  while (ground && (channels(getComputedStyle(ground).backgroundColor)[3] ?? 1) === 0)
    ground = ground.parentElement;
  const pair = [getComputedStyle(element).color, getComputedStyle(ground ?? document.body)
    .backgroundColor].map(channels).map(luminance).sort((a, b) => b - a);
  return (pair[0] + 0.05) / (pair[1] + 0.05);
}""",
        )
    )


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(
    ("path", "selectors"),
    [
        (
            "/",
            ["h1", ".note", "thead a", "td.number", ".choices a", ".run", "footer p"],
        ),
        ("/classes/dog?size=3", [".rank", ".score", ".card-labels", ".side a", ".legend", "label"]),
        (f"/images/{BOXED}", ["figcaption", ".box span", "caption", "tbody a"]),
        ("/api/v1/", ["pre code", "tbody td", ".note a"]),
    ],
)
def test_text_has_contrast(
    new_visit: Callable[..., Visit], scheme: str, path: str, selectors: list[str]
) -> None:
    page = new_visit(color_scheme=scheme).open(path)
    for selector in selectors:
        assert contrast(page, selector) >= 4.5, selector


@pytest.mark.parametrize("width", [1280, 390])
def test_what_is_opened_lies_below_its_row(new_visit: Callable[..., Visit], width: int) -> None:
    """Values of the list stay in view beside long names, and pages are as high as the window."""
    page = new_visit(width).open("/classes/dog?size=2")
    places = (
        "[...document.querySelectorAll('.panels > :not(.choices), .panels > details > summary')]"
    )
    places += ".map(e => { const { x, y } = e.getBoundingClientRect(); return [x, y + scrollY] })"
    before = page.evaluate(places)
    for name in ("filters", "curves"):
        page.click(f"details.{name} > summary")
    assert page.locator(".filter-form").is_visible()
    assert page.evaluate(places) == before
    for value in page.locator(".side .side-value").all()[1:]:
        link = value.locator("xpath=..")
        text, box = value.bounding_box(), link.bounding_box()
        assert text["x"] + text["width"] <= box["x"] + box["width"], link.inner_text()
    page.goto(page.url.partition("/classes")[0] + "/images/2008_000030")
    assert page.locator("footer").bounding_box()["y"] > 500
