"""The plots of the class page: the threshold on each, and their points by keyboard and touch."""

from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

import numpy as np
import pytest
from browser_visit import Visit
from sample_run import Sample

from voc_web.charts.plot_frame import FRAME

KEYS = ("precision-recall", "tail-accuracy", "calibration", "histogram")


def marks(page: Any) -> dict[str, tuple[float, float] | None]:
    """Returns the place of the threshold in each plot, as shares of the axes."""
    found = {}
    for key in KEYS:
        mark = page.locator(f"[data-plot={key}] [data-plot-threshold]")
        x, y = map(float, mark.get_attribute("transform")[10:-1].split())
        across = (x - FRAME.left) / (FRAME.right - FRAME.left)
        up = (FRAME.bottom - y) / (FRAME.bottom - FRAME.top)
        found[key] = (across, up) if mark.is_visible() else None
    return found


def expected(sample: Sample, threshold: float) -> dict[str, Any]:
    above = sample.labels[sample.scores[:, 0].astype(float) > threshold, 0]
    present, absent = (above == 1).sum(), (above == 0).sum()
    recall = present / (sample.labels[~np.isnan(sample.scores[:, 0]), 0] == 1).sum()
    return {
        "precision-recall": pytest.approx((recall, present / (present + absent)), abs=1e-3),
        "tail-accuracy": pytest.approx((2 * threshold - 1, 1), abs=1e-3)
        if threshold >= 0.5
        else None,
        "calibration": pytest.approx((threshold, 1), abs=1e-3),
        "histogram": pytest.approx((threshold, 1), abs=1e-3),
    }


def test_threshold_is_marked_on_each_plot(new_visit: Callable[..., Visit], sample: Sample) -> None:
    path = "/classes/dog?curves=open&size=5"
    page = new_visit().open(f"{path}&threshold=0.66")
    assert marks(page) == expected(sample, 0.66)
    for threshold in (0.31, 0.5, 0.8):
        page.fill("[data-threshold-field]", str(threshold))
        assert marks(page) == expected(sample, threshold), "while it moves"
    page.fill("[data-threshold-field]", "1")
    assert marks(page)["precision-recall"] is None, "no image is above it"
    without = new_visit(java_script_enabled=False).open(f"{path}&threshold=0.8")
    assert marks(without) == expected(sample, 0.8)


def test_points_by_keyboard(visit: Visit) -> None:
    page = visit.open("/classes/dog?curves=open&size=5")
    page.locator("[data-curves] > summary").focus()
    for key in KEYS:
        page.keyboard.press("Tab")
        drawing, readout = (page.locator(f"[data-plot={key}] {name}") for name in ("svg", "p"))
        assert drawing.evaluate("drawing => drawing === document.activeElement"), "one tab stop"
        assert drawing.get_attribute("role") == "slider"
        page.keyboard.press("End")
        page.keyboard.press("ArrowLeft")
        last = int(drawing.get_attribute("aria-valuemax"))
        assert int(drawing.get_attribute("aria-valuenow")) == last - 1
        text = drawing.get_attribute("aria-valuetext")
        assert "rank " in text
        assert readout.first.text_content() == text
        page.keyboard.press("Tab")
        assert "rank " not in readout.first.text_content(), "the note again"
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Home")
    page.keyboard.press("ArrowRight")
    rank = page.locator(":focus").get_attribute("aria-valuetext").split("rank ")[1].split(",")[0]
    page.keyboard.press("Enter")
    page.wait_for_url(f"**from={rank}&threshold=**")


def test_tap_shows_values_and_a_second_tap_opens_the_ranking(
    new_visit: Callable[..., Visit],
) -> None:
    page = new_visit(390, 844, has_touch=True, is_mobile=True).open("/classes/dog?curves=open")
    drawing = page.locator("[data-plot=tail-accuracy] svg")
    drawing.scroll_into_view_if_needed()
    box = drawing.bounding_box()
    assert drawing.evaluate("drawing => getComputedStyle(drawing).touchAction") == "pan-y"
    before, place = page.url, (box["x"] + 0.6 * box["width"], box["y"] + 0.5 * box["height"])
    page.touchscreen.tap(*place)
    text = page.inner_text("[data-plot=tail-accuracy] [data-readout]")
    assert page.url == before
    page.touchscreen.tap(*place)
    page.wait_for_url("**from=**")
    threshold = parse_qs(urlsplit(page.url).query)["threshold"][0]
    assert text.endswith(f"threshold {threshold}")
