"""The report opens from a file, offline, without scripts, in every size and theme, and on paper."""

import itertools
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from browser_visit import violations
from sample_run import Sample

from voc_web.report.writing import write_report


@pytest.fixture(scope="module")
def report_url(sample: Sample, tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = tmp_path_factory.mktemp("report")
    path = folder / "report.html"
    write_report(sample.run, path, folder / "cache", sample.voc_dir)
    return path.as_uri()


@pytest.fixture
def open_report(browser: Any, report_url: str) -> Iterator[Callable[..., Any]]:
    """Opens the report offline; requests, errors and warnings fail the test."""
    requested, faults, contexts = [], [], []

    def make(width: int = 1280, **options: Any) -> Any:
        context = browser.new_context(
            viewport={"width": width, "height": 900}, offline=True, **options
        )
        contexts.append(context)
        page = context.new_page()
        page.on("request", lambda request: requested.append(request.url))
        page.on("console", lambda message: faults.append(message.text))
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.goto(report_url)
        return page

    yield make
    for context in contexts:
        context.close()
    assert {url for url in requested if not url.startswith("data:")} == {report_url}
    assert faults == []


@pytest.mark.parametrize("width", [1280, 390])
def test_it_opens_offline_without_scripts(open_report: Callable[..., Any], width: int) -> None:
    page = open_report(width, java_script_enabled=False)
    assert page.locator("h1").inner_text() == "sample"
    assert page.locator(".grid img").count() == 60


@pytest.mark.parametrize("width", [1280, 390])
def test_nothing_is_cut_off_and_every_image_is_drawn(
    open_report: Callable[..., Any], width: int
) -> None:
    page = open_report(width)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    broken = "[...document.images].filter(image => !image.naturalWidth).length"
    assert page.evaluate(broken) == 0
    assert page.evaluate("document.images.length") == 60
    outside = """() => [...document.querySelectorAll("main *")].filter(element => {
      const box = element.getBoundingClientRect();
      return box.width && !element.closest("svg, .visually-hidden, .tables") &&
        (box.left < -0.5 || box.right > innerWidth + 0.5);
    }).map(element => element.outerHTML.slice(0, 80))"""
    assert page.evaluate(outside) == []


@pytest.mark.parametrize("width", [1280, 390])
def test_axe_finds_nothing(open_report: Callable[..., Any], width: int) -> None:
    page = open_report(width, bypass_csp=True)  # axe is a script, which the report forbids.
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        assert violations(page) == [], scheme


def test_headings_are_in_order(open_report: Callable[..., Any]) -> None:
    levels = open_report().evaluate(
        "[...document.querySelectorAll('h1, h2, h3, h4')].map(heading => +heading.tagName[1])"
    )
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in itertools.pairwise(levels))


def test_paper_is_white_with_cards_that_are_not_divided(open_report: Callable[..., Any]) -> None:
    page = open_report(color_scheme="dark")
    dark = page.evaluate("getComputedStyle(document.body).backgroundColor")
    page.emulate_media(media="print")
    style = "getComputedStyle(document.querySelector('{}')).{}"
    assert dark != page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert page.evaluate(style.format("body", "backgroundColor")) == "rgb(255, 255, 255)"
    assert page.evaluate(style.format(".card", "breakInside")) == "avoid"
    assert page.evaluate(style.format("h4", "breakAfter")) == "avoid"
    assert page.evaluate(style.format(".contents", "display")) == "none"


def test_links_lead_to_the_sections_of_classes(open_report: Callable[..., Any]) -> None:
    page = open_report()
    link = page.locator(".intervals tbody a").first
    name = link.inner_text()
    link.click()
    heading = page.locator("section:target h3")
    assert heading.inner_text().startswith(name)


def test_a_file_that_is_missing_would_be_noticed(browser: Any, tmp_path: Path) -> None:
    """The report's own policy stops what it does not contain, and the browser says so."""
    path = tmp_path / "page.html"
    path.write_text(
        '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'; img-src data:">'
        '<img src="https://example.org/a.png">'
    )
    page = browser.new_page()
    faults: list[str] = []
    page.on("console", lambda message: faults.append(message.text))
    page.goto(path.as_uri())
    assert len(faults) == 1
    page.close()
