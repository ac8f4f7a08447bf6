"""The instrument of the class page in the browser; all values are compared with the sample."""

import json
import math
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

import numpy as np
import pytest
from browser_visit import Visit, wait_until
from sample_run import CLASSES, IMAGES, Sample, write_run
from werkzeug.serving import make_server

from voc_web import create_app
from voc_web.charts.rank_scale import RankScale
from voc_web.run.opened_run import RunReader

HANDLE, POSITION = "[data-threshold-handle]", "[data-position]"
STORED = "[data-set-threshold=stored]"
DASH = "\N{EN DASH}"
WIDTHS = pytest.mark.parametrize("width", [1280, 390])


def ratio(part: float, whole: float) -> str:
    return f"{part / whole:.3f}" if whole else DASH


def expected_numbers(sample: Sample, index: int, threshold: float) -> dict[str, str]:
    """Returns the expected values at a threshold, computed naively."""
    scores, labels = sample.scores[:, index].astype(float), sample.labels[:, index]
    above = labels[scores > threshold]
    present, absent, difficult = (int((above == label).sum()) for label in (1, 0, -1))
    all_present, all_absent = (int((labels[~np.isnan(scores)] == it).sum()) for it in (1, 0))
    numbers = {
        "above": f"{present + absent:,}",
        "present": f"{present:,}",
        "absent": f"{absent:,}",
        "precision": ratio(present, present + absent),
        "recall": ratio(present, all_present),
        "f1": ratio(2 * present, present + absent + all_present) if all_present else DASH,
        **{"TP": f"{present:,}", "FN": f"{all_present - present:,}"},
        **{"FP": f"{absent:,}", "TN": f"{all_absent - absent:,}"},
    }
    if -1 in labels[~np.isnan(scores)]:
        numbers["difficult"] = f"{difficult:,}"
    if -2 in labels[~np.isnan(scores)]:
        numbers["notLabelled"] = f"{(above == -2).sum():,}"
    return numbers


def shown_numbers(page: Any) -> dict[str, str]:
    return dict(
        page.evaluate(
            "() => [...document.querySelectorAll('[data-live]')].map("
            "e => [e.dataset.live, e.textContent])"
        )
    )


def shown_threshold(page: Any) -> float:
    return float(shown_numbers(page)["threshold"])


def shown_outcomes(page: Any) -> list[tuple[str, str, bool, bool]]:
    """Returns outcome, verdict, and the verdict classes of each card."""
    cards = page.evaluate(
        """() => [...document.querySelectorAll(".card")].map(card => [
        card.querySelector("[data-outcome]").textContent.trim(),
        card.querySelector(".mark").textContent.trim(),
        card.classList.contains("card-correct"), card.classList.contains("card-incorrect"),
        card.querySelector(".mark").className])"""
    )
    assert all(shape == f"mark mark-{word.replace(' ', '-')}" for _, word, _, _, shape in cards)
    return [tuple(card[:4]) for card in cards]


def expected_outcomes(
    sample: Sample, index: int, threshold: float, ranks: list[int]
) -> list[tuple[str, str, bool, bool]]:
    found = []
    ranked = sample.ranked_rows(index)
    for row in (ranked[rank - 1] for rank in ranks):
        score, label = float(sample.scores[row, index]), int(sample.labels[row, index])
        if math.isnan(score):
            found.append(("", "unreadable", False, False))
        elif label < 0:
            found.append(("", "difficult" if label == -1 else "not labelled", False, False))
        else:
            right = (score > threshold) == (label == 1)
            outcome = ("T" if right else "F") + ("P" if score > threshold else "N")
            found.append((outcome, "correct" if right else "incorrect", right, not right))
    return found


def assert_all_follows(page: Any, sample: Sample, index: int = 0) -> float:
    """Asserts that all values, cards and controls match the threshold shown; returns it."""
    threshold = shown_threshold(page)
    numbers = shown_numbers(page)
    numbers.pop("threshold")
    assert numbers == expected_numbers(sample, index, threshold)
    ranks = [int(text.replace(",", "")) for text in page.locator(".card .rank").all_inner_texts()]
    assert ranks
    assert shown_outcomes(page) == expected_outcomes(sample, index, threshold, ranks)
    above = int((sample.scores[:, index].astype(float) > threshold).sum())
    images = len(sample.image_ids)
    value = images * RankScale.of(images).position(above)
    assert float(page.input_value(HANDLE)) == pytest.approx(value)
    assert page.get_attribute(HANDLE, "aria-valuetext").endswith(f", {above:,} images above it")
    return threshold


def wait_for_address(page: Any, threshold: float) -> None:
    wait_until(
        page, "t => Number(new URL(location.href).searchParams.get('threshold')) === t", threshold
    )


def settled(page: Any, sample: Sample, index: int = 0) -> float:
    """Waits for the URL and the exact values."""
    threshold = shown_threshold(page)
    wait_for_address(page, threshold)
    return follows(page, sample, index)


def follows(page: Any, sample: Sample, index: int) -> float:
    """Waits for the exact values, whether the URL has changed or not; returns the threshold."""
    wait_until(
        page,
        "expected => Object.entries(expected).every(([name, text]) =>"
        " document.querySelector(`[data-live=${name}]`).textContent === text)",
        expected_numbers(sample, index, shown_threshold(page)),
    )
    return assert_all_follows(page, sample, index)


def thumb_at(page: Any, selector: str) -> tuple[float, float]:
    """Returns the centre of a slider's thumb."""
    box = page.locator(selector).bounding_box()
    value, low, high = page.eval_on_selector(
        selector, "e => [Number(e.value), Number(e.min), Number(e.max)]"
    )
    share = (value - low) / (high - low)
    return box["x"] + 9 + share * (box["width"] - 18), box["y"] + box["height"] / 2


def rank_of_address(page: Any) -> int:
    return int(parse_qs(urlsplit(page.url).query)["from"][0])


def unfold(page: Any) -> None:
    """Opens the controls that are collapsed on narrow screens."""
    button = page.locator("[data-disclosure][aria-controls=more-controls]")
    if button.count() and button.is_visible() and button.get_attribute("aria-expanded") == "false":
        button.click()


# The threshold -----------------------------------------------------------------------------------


@WIDTHS
def test_dragging_the_handle(new_visit: Callable[..., Visit], sample: Sample, width: int) -> None:
    page = new_visit(width).open(f"/classes/dog?from=1&size={IMAGES}")
    page.locator(HANDLE).scroll_into_view_if_needed()
    band = page.locator("[data-strip]").bounding_box()
    x, y = thumb_at(page, HANDLE)
    page.mouse.move(x, y)
    page.mouse.down()
    seen = set()
    for share in (0.1, 0.3, 0.5, 0.8, 1.0, 0.0, 0.4):
        page.mouse.move(band["x"] + share * band["width"], y, steps=4)
        seen.add(assert_all_follows(page, sample))
        above = int(page.input_value(HANDLE))
        assert above == pytest.approx(share * IMAGES, abs=12), "it stays under the pointer"
    assert len(seen) == 7
    assert "threshold" not in parse_qs(urlsplit(page.url).query), "not before it is released"
    page.mouse.up()
    threshold = settled(page, sample)
    assert float(page.input_value("[data-threshold-field]")) == threshold


def test_keys_stop_at_every_distinct_score(visit: Visit, sample: Sample) -> None:
    page = visit.open(f"/classes/dog?from=1&size={IMAGES}")
    page.focus(HANDLE)
    page.keyboard.press("Home")
    assert assert_all_follows(page, sample) == 1
    scores = sample.scores[:, 0][(sample.labels[:, 0] >= 0) & ~np.isnan(sample.scores[:, 0])]
    distinct = sorted(set(scores.tolist()), reverse=True)
    for score in distinct:
        page.keyboard.press("ArrowRight")
        threshold = assert_all_follows(page, sample)
        selected = scores[scores.astype(float) > threshold]
        assert selected.min() == np.float32(score), "one more score each time, ties or not"
    page.keyboard.press("ArrowRight")
    assert assert_all_follows(page, sample) == threshold, "that was the last"
    for score in distinct[-2:-12:-1]:
        page.keyboard.press("ArrowLeft")
        threshold = shown_threshold(page)
        assert scores[scores.astype(float) > threshold].min() == np.float32(score)
    page.keyboard.press("PageUp")
    assert int(page.input_value(HANDLE)) < len(scores) - 15
    raised = shown_threshold(page)
    page.keyboard.press("ArrowUp")
    assert shown_threshold(page) > raised
    page.keyboard.press("ArrowDown")
    assert shown_threshold(page) == raised
    page.keyboard.press("End")
    assert settled(page, sample) < distinct[-1]


@WIDTHS
def test_buttons(new_visit: Callable[..., Visit], sample: Sample, width: int) -> None:
    page = new_visit(width).open("/classes/dog?threshold=0.9")
    page.click("[data-set-threshold=half]")
    assert settled(page, sample) == 0.5
    scores, labels = counted(sample, 0)
    page.click("[data-set-threshold=best-f1]")
    settled(page, sample)
    best = max(
        2 * labels[scores >= score].sum() / ((scores >= score).sum() + labels.sum())
        for score in scores
    )
    assert shown_numbers(page)["f1"] == f"{best:.3f}"
    unfold(page)
    for wanted in ("0.9", "0.7", "0.95"):
        page.fill("[data-target-precision]", wanted)
        page.click("[data-set-threshold=precision]")
        settled(page, sample)
        reached = [
            labels[scores >= score].sum() / labels.sum()
            for score in scores
            if labels[scores >= score].mean() >= float(wanted)
        ]
        assert shown_numbers(page)["recall"] == f"{max(reached):.3f}"
        assert float(shown_numbers(page)["precision"]) >= float(wanted)


def counted(sample: Sample, index: int) -> tuple[Any, Any]:
    scores, labels = sample.scores[:, index], sample.labels[:, index]
    kept = (labels >= 0) & ~np.isnan(scores)
    return scores[kept], labels[kept]


@WIDTHS
def test_unreachable_precision_is_reported(
    new_visit: Callable[..., Visit], sample: Sample, width: int
) -> None:
    """Also if nothing is present; the form can still be submitted."""
    page = new_visit(width).open("/classes/zebra?threshold=0.4")
    unfold(page)
    page.fill("[data-target-precision]", "0.01")
    page.press("[data-target-precision]", "Enter")
    assert "precision of 0.01 or more" in page.inner_text("[data-threshold-note]")
    assert assert_all_follows(page, sample, 3) == 0.4
    assert page.is_disabled("[data-set-threshold=best-f1]")
    page.fill("input[name=size]", "7")
    page.click("form.controls button:text('Apply')")
    page.wait_for_url("**size=7**")


def test_field_is_not_overwritten_while_typing(visit: Visit, sample: Sample) -> None:
    page = visit.open("/classes/dog")
    field = page.locator("[data-threshold-field]")
    field.click()
    field.press("Control+a")
    for typed, value, threshold in (
        ("0", "0", 0),
        (".", None, 0),
        ("0", None, 0),
        ("5", "0.05", 0.05),
        ("0", "0.050", 0.05),
    ):
        page.keyboard.type(typed)
        if value is not None:
            assert field.input_value() == value
        assert assert_all_follows(page, sample) == threshold
    settled(page, sample)
    page.keyboard.press("Control+a")
    page.keyboard.press("Delete")
    assert assert_all_follows(page, sample) == 0.05, "an empty field changes nothing"
    page.keyboard.type("7")
    assert assert_all_follows(page, sample) == 0.05, "nor does a value above 1"
    page.keyboard.press("Control+a")
    page.keyboard.type("0.61")
    assert settled(page, sample) == 0.61


@pytest.mark.parametrize("name", CLASSES)
def test_random_thresholds_in_every_class(visit: Visit, sample: Sample, name: str) -> None:
    index = sample.classes.index(name)
    page = visit.open(f"/classes/{quote(name)}?from=1&size={IMAGES}")
    random = np.random.default_rng(index)
    for threshold in (*random.random(6).round(3), 0, 1, *sample.scores[:3, index].astype(float)):
        page.fill("[data-threshold-field]", str(threshold))
        assert settled(page, sample, index) == threshold


# URL and storage ---------------------------------------------------------------------------------


@WIDTHS
def test_reload_back_and_a_pasted_link_give_the_same_view(
    new_visit: Callable[..., Visit], sample: Sample, width: int
) -> None:
    first = new_visit(width)
    page = first.open("/classes/dog?size=12")
    page.focus(HANDLE)
    for _ in range(5):
        page.keyboard.press("ArrowLeft")
    threshold = shown_threshold(page)
    wait_for_address(page, threshold)
    first.wait_until_idle()
    view = page.text_content("main")
    address = first.path()
    page.reload()
    assert page.text_content("main") == view
    page.click("a[rel=next]")
    page.wait_for_url("**from=13**")
    assert shown_threshold(page) == threshold
    page.go_back()
    page.wait_for_url("**" + address.partition("?")[2])
    assert page.text_content("main") == view
    assert page.get_attribute(POSITION, "aria-valuetext") == "1"
    pasted = new_visit(width).open(address)
    assert pasted.text_content("main") == view


def test_link_clicked_right_away_has_the_threshold(visit: Visit) -> None:
    page = visit.open("/classes/dog?size=12")
    page.focus(HANDLE)
    page.keyboard.press("ArrowLeft")
    threshold = shown_threshold(page)
    page.eval_on_selector("a[rel=next]", "link => link.click()")
    page.wait_for_url("**from=13**")
    assert shown_threshold(page) == threshold
    assert parse_qs(urlsplit(page.url).query)["threshold"] == [f"{threshold:g}"]


def test_the_threshold_of_each_class_is_kept_and_offered(visit: Visit, sample: Sample) -> None:
    page = visit.open("/classes/dog")
    page.fill("[data-threshold-field]", "0.62")
    assert follows(page, sample, 0) == 0.62
    page.click(".side a:has-text('person')")
    page.wait_for_url("**/classes/person*")
    assert follows(page, sample, 1) == 0.5
    page.fill("[data-threshold-field]", "0.31")
    assert follows(page, sample, 1) == 0.31
    wait_for_address(page, 0.31)
    # An address without a threshold shows the same to everybody; that of this browser is offered.
    page.click(".side a:has-text('dog')")
    page.wait_for_url("**/classes/dog*")
    assert follows(page, sample, 0) == 0.5
    assert page.inner_text(STORED) == "Your threshold: 0.62"
    page.click(STORED)
    assert follows(page, sample, 0) == 0.62
    wait_for_address(page, 0.62)
    assert not page.is_visible(STORED)
    page.click("nav[aria-label='Neighbouring classes'] a:has-text('person')")
    page.wait_for_url("**/classes/person*")
    assert page.inner_text(STORED) == "Your threshold: 0.31"
    # Opening a link changes nothing that is stored.
    page = visit.open("/classes/person?threshold=0.5&from=1&size=5")
    assert assert_all_follows(page, sample, 1) == 0.5
    page.click("a[rel=next]")
    page.wait_for_url("**from=6**")
    assert assert_all_follows(page, sample, 1) == 0.5
    assert page.inner_text(STORED) == "Your threshold: 0.31"
    page = visit.open("/classes/person?threshold=0.31")
    assert not page.is_visible(STORED)


def test_export_of_all_thresholds(visit: Visit, sample: Sample) -> None:
    for index, threshold in ((0, 0.62), (2, 0.125)):
        page = visit.open(f"/classes/{quote(CLASSES[index])}")
        page.fill("[data-threshold-field]", str(threshold))
        wait_for_address(page, threshold)
    page = visit.open("/classes/person")
    with page.expect_download() as download:
        page.click("[data-export-thresholds]")
    assert download.value.suggested_filename == "sample_thresholds.json"
    values = json.loads(Path(download.value.path()).read_text(encoding="utf-8"))
    assert values == {
        "run": "sample",
        "thresholds": {"dog": 0.62, CLASSES[2]: 0.125, "person": 0.5},
    }


@pytest.mark.parametrize(
    "stored", ["nonsense", "[1]", "null", '{"dog": "x"}', '{"dog": 7}', '{"dog": "0.7"}']
)
def test_damaged_storage_is_ignored(visit: Visit, sample: Sample, stored: str) -> None:
    page = visit.open("/classes/dog?size=5")
    page.fill("[data-threshold-field]", "0.7")
    wait_for_address(page, 0.7)
    (key,) = page.evaluate("Object.keys(localStorage).filter(key => key.includes('thresholds'))")
    page.evaluate("([key, text]) => localStorage.setItem(key, text)", [key, stored])
    page = visit.open("/classes/dog?size=5")
    assert shown_threshold(page) == 0.5
    assert not page.is_visible(STORED)
    page.click("[data-set-threshold=best-f1]")
    wait_for_address(page, shown_threshold(page))


# Position on the strip ---------------------------------------------------------------------------


@WIDTHS
@pytest.mark.parametrize("share", [0.02, 0.5, 0.97])
def test_click_on_the_strip_opens_that_rank(
    new_visit: Callable[..., Visit], sample: Sample, width: int, share: float
) -> None:
    page = new_visit(width).open("/classes/dog?size=3&threshold=0.6")
    page.locator("[data-strip]").scroll_into_view_if_needed()
    box = page.locator("[data-strip]").bounding_box()
    x, y = box["x"] + share * box["width"], box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    rank = math.ceil(share * IMAGES)
    said = page.inner_text("[data-strip-readout]")
    assert said.startswith(f"rank {rank}, ")
    page.mouse.click(x, y)
    page.wait_for_url(f"**from={rank}**")
    assert page.locator(".card .rank").first.inner_text() == str(rank)
    assert assert_all_follows(page, sample) == 0.6


def test_strip_shows_the_score_under_the_pointer(visit: Visit, sample: Sample) -> None:
    page = visit.open("/classes/dog?size=3")
    box = page.locator("[data-strip]").bounding_box()
    ranked = sample.ranked_rows(0)
    for rank in (1, 20, 64, 100, 125, 129, 130):
        page.mouse.move(
            box["x"] + (rank - 0.5) / IMAGES * box["width"], box["y"] + box["height"] / 2
        )
        said = page.inner_text("[data-strip-readout]")
        score = float(sample.scores[ranked[rank - 1], 0])
        if math.isnan(score):
            assert said == f"rank {rank}, unreadable"
            continue
        assert said.startswith(f"rank {rank}, score ")
        assert float(said.rpartition(" ")[2]) == pytest.approx(score, abs=1e-4)
    page.mouse.move(5, 5)
    assert page.inner_text("[data-strip-readout]") == ""


@WIDTHS
def test_position_slider_moves_the_grid(
    new_visit: Callable[..., Visit], sample: Sample, width: int
) -> None:
    page = new_visit(width).open("/classes/dog?size=10&threshold=0.6")
    page.locator(POSITION).scroll_into_view_if_needed()
    band = page.locator("[data-strip]").bounding_box()
    x, y = thumb_at(page, POSITION)
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(band["x"] + 0.5 * band["width"], y, steps=5)
    said = page.inner_text("[data-strip-readout]")
    assert said.startswith("from rank ")
    page.mouse.up()
    page.wait_for_url("**from=**")
    rank = rank_of_address(page)
    assert said == f"from rank {rank}"
    assert rank == pytest.approx(IMAGES / 2, abs=3)
    assert page.locator(".card .rank").first.inner_text() == str(rank)
    assert assert_all_follows(page, sample) == 0.6
    page.focus(POSITION)
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    page.wait_for_url(f"**from={rank + 20}**")
    assert page.locator(".card .rank").first.inner_text() == str(rank + 20)
    wait_until(page, "document.activeElement.matches('[data-position]')")
    page.keyboard.press("End")
    page.wait_for_url(f"**from={IMAGES - 9}**")
    wait_until(page, "document.activeElement.matches('[data-position]')")
    page.keyboard.press("Home")
    page.wait_for_url(lambda url: parse_qs(urlsplit(url).query)["from"] == ["1"])
    assert page.locator(".card .rank").first.inner_text() == "1"


@WIDTHS
@pytest.mark.parametrize("name", CLASSES)
def test_axis_labels_do_not_overlap_ticks(
    new_visit: Callable[..., Visit], width: int, name: str
) -> None:
    page = new_visit(width).open(f"/classes/{quote(name)}?curves=open")
    gaps = page.evaluate(
        """() => [...document.querySelectorAll("[data-plot]")].map(plot => {
        const box = selector => [...plot.querySelectorAll(selector)].map(
          text => text.getBoundingClientRect());
        return Math.min(...box("[text-anchor=end]").map(tick => tick.left))
          - box("[transform*=rotate]")[0].right;
        })"""
    )
    assert gaps
    assert min(gaps) >= 0


@WIDTHS
@pytest.mark.parametrize("key", ["precision-recall", "tail-accuracy", "calibration", "histogram"])
def test_plot_shows_values_and_opens_its_rank(
    new_visit: Callable[..., Visit], sample: Sample, width: int, key: str
) -> None:
    page = new_visit(width).open("/classes/dog?size=5")
    page.click("[data-curves] > summary")
    figure = page.locator(f"[data-plot={key}]")
    drawing = figure.locator("svg")
    drawing.scroll_into_view_if_needed()
    box = drawing.bounding_box()
    assert not figure.locator("[data-here]").is_visible()
    page.mouse.move(box["x"] + 0.7 * box["width"], box["y"] + 0.3 * box["height"])
    assert figure.locator("[data-here]").is_visible()
    words = figure.locator("[data-readout]").inner_text().replace(",", "").split()
    rank = int(words[words.index("rank") + 1])
    threshold = float(words[words.index("threshold") + 1])
    assert rank == (sample.scores[:, 0].astype(float) > threshold).sum()
    page.mouse.move(box["x"] + 0.7 * box["width"], box["y"] - 30)
    assert not figure.locator("[data-here]").is_visible()
    page.mouse.click(box["x"] + 0.7 * box["width"], box["y"] + 0.3 * box["height"])
    page.wait_for_url(f"**from={max(rank, 1)}**")
    assert page.locator(".card .rank").first.inner_text() == str(max(rank, 1))
    assert assert_all_follows(page, sample) == threshold


@WIDTHS
def test_open_curves_stay_open(new_visit: Callable[..., Visit], width: int) -> None:
    visit = new_visit(width)
    page = visit.open("/classes/dog?size=5")
    page.click("[data-curves] > summary")
    page.wait_for_url("**curves=open**")
    page.reload()
    assert page.locator("[data-plot]").first.is_visible()
    page.click(".choices a:has-text('absent')")
    page.wait_for_url("**truth=absent**")
    assert page.locator("[data-plot]").first.is_visible()
    page.fill("[data-threshold-field]", "0.4")
    page.press("[data-threshold-field]", "Enter")
    page.wait_for_load_state()
    assert page.locator("[data-plot]").first.is_visible()
    assert new_visit(width).open(visit.path()).locator("[data-plot]").first.is_visible()
    page.click("[data-curves] > summary")
    page.wait_for_url(lambda url: "curves" not in url)
    page.locator(".side a").first.click()
    page.wait_for_load_state()
    assert not page.locator("[data-plot]").first.is_visible()


# Many images -------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def large(sample: Sample, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Sample]]:
    """A server below a prefix, with 3,000 images (without files) of distinct scores."""
    folder, images = tmp_path_factory.mktemp("large"), 3000
    random = np.random.default_rng(11)
    labels = (random.random((images, 1)) < 0.3).astype(np.int8)
    labels[random.random(labels.shape) < 0.05] = -1
    scores = (1 / (1 + np.exp(-random.normal(-1, 2, labels.shape) - 2 * labels))).astype(np.float32)
    scores[:20] = np.nan
    labels[random.random(labels.shape) < 0.05] = -2
    ids = [f"{number:06d}" for number in range(images)]
    made = write_run(folder / "large", folder / "VOC", ids, ("dog",), scores, labels)
    app = create_app(RunReader(made.run), folder / "cache")

    def below_prefix(environ: dict[str, Any], start: Any) -> Any:
        environ["SCRIPT_NAME"] = "/voc"
        environ["PATH_INFO"] = environ["PATH_INFO"].removeprefix("/voc")
        return app(environ, start)

    server = make_server("127.0.0.1", 0, below_prefix, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.port}/voc", made
    server.shutdown()
    thread.join()
    server.server_close()


def test_thinned_class_becomes_exact(browser: Any, large: tuple[str, Sample]) -> None:
    address, sample = large
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.route("**/files/**", lambda route: route.abort())
    page.goto(f"{address}/classes/dog?from=1&size=300")
    points = page.evaluate(
        "JSON.parse(document.querySelector('[data-instrument-data]').textContent).score.length"
    )
    assert points <= 1024
    page.hover("[data-strip]")
    assert ", score about 0." in page.inner_text("[data-strip-readout]")
    random = np.random.default_rng(0)
    for threshold in (*random.random(8).tolist(), 0.001, 1e-7):
        page.fill("[data-threshold-field]", str(threshold))
        assert settled(page, sample) == threshold
    scores, labels = counted(sample, 0)
    page.click("[data-set-threshold=best-f1]")
    assert_all_follows(page, sample)  # Exact at once at a point.
    order = np.argsort(-scores)
    found = np.cumsum(labels[order])
    f1 = 2 * found / (np.arange(1, len(found) + 1) + labels.sum())
    assert shown_numbers(page)["f1"] == f"{f1.max():.3f}"
    unfold(page)
    page.click("[data-set-threshold=precision]")
    settled(page, sample)
    precise = found / np.arange(1, len(found) + 1) >= 0.9
    assert shown_numbers(page)["recall"] == f"{(found[precise] / labels.sum()).max():.3f}"
    page.focus(HANDLE)
    for _ in range(30):
        page.keyboard.press("ArrowRight")
        assert_all_follows(page, sample)
    settled(page, sample)
    assert faults == []
    context.close()


def test_outdated_responses_are_dropped(browser: Any, large: tuple[str, Sample]) -> None:
    address, sample = large
    context = browser.new_context()
    page = context.new_page()
    page.route("**/files/**", lambda route: route.abort())
    page.goto(f"{address}/classes/dog?from=1&size=10")
    held: list[Any] = []
    page.route("**/api/v1/class?*", lambda route: held.append(route))  # noqa: PLW0108
    for threshold in (0.31234567, 0.62345678):
        page.fill("[data-threshold-field]", str(threshold))
        wait_for_address(page, threshold)
    while len(held) < 2:
        page.wait_for_timeout(10)
    for route in reversed(held):  # The older response arrives last.
        with page.expect_response("**/api/v1/class?*") as response:
            route.continue_()
        response.value.finished()
    page.evaluate("new Promise(done => setTimeout(done, 50))")
    assert assert_all_follows(page, sample) == 0.62345678
    context.close()


def test_threshold_works_offline(browser: Any, large: tuple[str, Sample]) -> None:
    address, _ = large
    context = browser.new_context()
    page = context.new_page()
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.route("**/files/**", lambda route: route.abort())
    page.goto(f"{address}/classes/dog?from=1&size=10")
    page.route("**/api/v1/class?*", lambda route: route.abort())
    page.fill("[data-threshold-field]", "0.4321")
    wait_for_address(page, 0.4321)
    page.wait_for_timeout(200)
    assert shown_threshold(page) == 0.4321
    assert faults == []
    context.close()


@pytest.mark.parametrize("size", [3, 500])
def test_only_changed_cards_are_updated(browser: Any, large: tuple[str, Sample], size: int) -> None:
    address, sample = large
    context = browser.new_context()
    page = context.new_page()
    page.route("**/files/**", lambda route: route.abort())
    page.goto(f"{address}/classes/dog?from=1000&size={size}&threshold=0.5")
    page.evaluate(
        """() => {
      window.written = new Set();
      new MutationObserver(list => list.forEach(change => {
        const element = change.target.closest ? change.target : change.target.parentElement;
        const card = element.closest(".card");
        if (card && change.attributeName !== "href") window.written.add(card);
      })).observe(document.body, { subtree: true, childList: true, attributes: true });
    }"""
    )
    before = shown_outcomes(page)
    page.fill("[data-threshold-field]", "0.45")
    settled(page, sample)
    after = shown_outcomes(page)
    changed = sum(old != new for old, new in zip(before, after, strict=True))
    written = page.evaluate("window.written.size")
    assert changed <= written <= changed + 1, "the mark of the threshold moves to one card"
    assert (changed > 0) == (size == 500)
    context.close()
