"""Curves that are pinned to a chart: in the address, in the drawing and in the table."""

import itertools
from pathlib import Path
from urllib.parse import parse_qs, quote, urlsplit

import numpy as np
import pytest
from flask.testing import FlaskClient
from lxml import html
from sample_run import Sample, write_run
from web_pages import client_of, parse, texts

from voc_model.metrics.tail_accuracy import TAIL_GRIDS
from voc_web.charts.line_labels import spread
from voc_web.pages.pins import join_names, split_names, toggled

PAGES = ("/average-precision", "/tail-accuracy")
ODD = ("a, b", "back\\slash", "c", "d,", "\\,", "é &?#")


@pytest.fixture(scope="module")
def odd_client(sample: Sample, tmp_path_factory: pytest.TempPathFactory) -> FlaskClient:
    random, folder = np.random.default_rng(5), tmp_path_factory.mktemp("odd")
    labels = (random.random((40, len(ODD))) < 0.4).astype(np.int8)
    scores = (random.random(labels.shape) * 0.6 + 0.4 * labels).astype(np.float32)
    run = write_run(folder / "odd", sample.voc_dir, sample.image_ids[:40], ODD, scores, labels)
    return client_of(run, folder / "cache")


def pin_links(page: html.HtmlElement) -> dict[str, html.HtmlElement]:
    """Returns the links that pin or unpin each class of the table."""
    rows = page.xpath("//tr[@data-curve]")
    return {row.xpath("./th")[0].text_content(): row.xpath(".//a[@data-pin]")[0] for row in rows}


def pinned(page: html.HtmlElement) -> dict[int, str]:
    """Returns the names at the ends of the pinned lines, by slot."""
    labels = page.xpath("//*[@data-labels]/*[contains(@class, 'pin-')]")
    slots = [int(label.get("class").partition("pin-")[2][0]) for label in labels]
    names = texts(page, "//*[@data-labels]//*[local-name()='title']")
    return dict(sorted(zip(slots, names, strict=True)))


@pytest.mark.parametrize("names", [*itertools.permutations(ODD, 2)])
def test_any_name_can_be_part_of_the_parameter(names: tuple[str, ...]) -> None:
    for slots in (names, ("", *names), (names[0], "", "", names[1])):
        assert split_names(join_names(slots)) == slots
    assert split_names(join_names((*names, ""))) == names, "a free slot at the end is left out"


def test_slots_are_kept() -> None:
    assert split_names("dog,chair,dog") == ("dog", "chair")
    assert toggled(("dog", "chair"), "dog") == ("", "chair")
    assert toggled(("", "chair"), "cat") == ("cat", "chair", "", "")
    assert toggled(("a", "b", "c", "d"), "e") is None


@pytest.mark.parametrize("url", PAGES)
def test_links_pin_and_unpin_without_scripts(odd_client: FlaskClient, url: str) -> None:
    page = parse(odd_client, url + "?sort=class&order=descending")
    for number, name in enumerate(ODD[:4], start=1):
        assert "Unpin" not in pin_links(page)[name].text_content()
        page = parse(odd_client, pin_links(page)[name].get("href"))
        assert pinned(page) == dict(enumerate(ODD[:number], start=1))
    assert page.xpath("//th[@aria-sort]/@aria-sort") == ["descending"], "the order is kept"
    lines = page.xpath("//*[@data-pinned]/*[@class='pinned-line']/@d")
    assert len(set(lines)) == 4
    assert set(lines) <= set(page.xpath("//*[@data-line]/@d"))
    rows = page.xpath("//tr[@class='pinned']/th")
    assert {row.text_content() for row in rows} == set(ODD[:4])
    links = pin_links(page)
    assert [links[name].get("href") for name in ODD[4:]] == [None, None], "there are no more slots"
    page = parse(odd_client, links[ODD[1]].get("href"))
    assert pinned(page) == {1: ODD[0], 3: ODD[2], 4: ODD[3]}, "the others keep their colours"
    for link in page.xpath("//thead//a/@href | //nav[@class='choices']//a/@href"):
        assert pinned(parse(odd_client, link)) == pinned(page)


@pytest.mark.parametrize(
    ("compare", "message"),
    [
        ("dog,cat", "each name in compare must be the name of a class. There is no class 'cat'"),
        ("dog, person", "There is no class ' person'"),
        ("a,b,c,d,e", "compare can name at most 4 classes, not 5"),
    ],
)
def test_what_cannot_be_pinned(client: FlaskClient, compare: str, message: str) -> None:
    for url in PAGES:
        response = client.get(f"{url}?compare={quote(compare)}")
        assert response.status_code == 400
        assert message in html.document_fromstring(response.text).text_content()


def test_a_class_without_a_curve_is_not_drawn(client: FlaskClient) -> None:
    page = parse(client, "/average-precision?compare=zebra,dog")
    assert pinned(page) == {2: "dog"}
    assert pinned(parse(client, "/tail-accuracy?compare=zebra,dog")) == {1: "zebra", 2: "dog"}


@pytest.mark.parametrize("heights", [[50, 50, 50], [0, 100], [97, 98, 99, 100], [3, 4], [60, 10]])
def test_labels_are_moved_apart_and_stay_inside(heights: list[float]) -> None:
    placed = spread(heights)
    in_order = sorted(zip(heights, placed, strict=True))
    assert all(3 <= height <= 97 for height in placed)
    assert [p for _, p in in_order] == sorted(placed), "in the order of the lines"
    assert all(low + 5 <= high for low, high in itertools.pairwise(sorted(placed)))
    if heights == [60, 10]:
        assert placed == heights, "nothing is moved without need"


def test_chosen_definition_keeps_the_table(client: FlaskClient) -> None:
    page = parse(client, "/average-precision?compare=dog&sort=present&order=descending")
    (link,) = page.xpath("//nav[@class='choices']//a[starts-with(., 'VOC 2010')]/@href")
    query = parse_qs(urlsplit(link).query)
    assert query == {"ap": ["voc2010"], "compare": ["dog"], "sort": ["present"],
                     "order": ["descending"]}  # fmt: skip


def test_table_of_tail_accuracy_at_a_threshold(client: FlaskClient, sample: Sample) -> None:
    """All values at the threshold are exact; so is the mean over the defined classes."""
    for threshold in (0.5, 0.73, 0.9, 0.98999, 1):
        page = parse(client, f"/tail-accuracy?threshold={threshold}&sort=class")
        defined = []
        for index, row in enumerate(page.xpath("//table[1]//tr[@data-curve]")):
            above = sample.scores[:, index].astype(float) > threshold
            labels = sample.labels[above & (sample.labels[:, index] >= 0), index]
            value, images = texts(row, "./td[@class='number']")[:2]
            assert images == str(len(labels))
            assert value == (f"{labels.mean():.3f}" if len(labels) else "–")  # noqa: RUF001
            defined += [labels.mean()] if len(labels) else []
            link = parse_qs(urlsplit(row.xpath("./th/a/@href")[0]).query)
            assert float(link.get("threshold", ["0.5"])[0]) == threshold
        mean, note = texts(page, "//dl[@class='metrics']//dd")
        assert mean == (f"{np.mean(defined):.3f}" if defined else "–")  # noqa: RUF001
        assert note == f"mean over {len(defined)} of 4 classes"
        (line,) = page.xpath("//*[@data-threshold-line]/@x1")
        assert float(line.rstrip("%")) == pytest.approx(200 * threshold - 100, abs=0.001)
    assert client.get("/tail-accuracy?threshold=0.4").status_code == 400


# Many classes ------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def wide(sample: Sample, tmp_path_factory: pytest.TempPathFactory) -> FlaskClient:
    """1,000 classes with names of 60 characters and more."""
    random, folder = np.random.default_rng(0), tmp_path_factory.mktemp("wide")
    names = tuple(f"class {number}, {'a long name ' * 4}{number}" for number in range(1000))
    labels = (random.random((len(sample.image_ids), len(names))) < 0.3).astype(np.int8)
    scores = (random.random(labels.shape) * 0.6 + 0.4 * labels).astype(np.float32)
    run = write_run(folder / "wide", sample.voc_dir, sample.image_ids, names, scores, labels)
    return client_of(run, folder / "cache")


GRIDS = tuple(f"/tail-accuracy?grid={grid}" for grid in TAIL_GRIDS)


@pytest.mark.parametrize("url", [PAGES[0], *GRIDS])
def test_many_classes(wide: FlaskClient, url: str) -> None:
    column = "sklearn" if url == PAGES[0] else "tail"
    response = wide.get(url, headers={"Accept-Encoding": "identity"})
    assert len(response.data) < 300_000
    page = parse(wide, url)
    assert len(page.xpath("//*[@class='band']")) == 2
    visible = page.xpath("//*[@data-line][not(@hidden)]/@data-line")
    worst = parse(wide, f"{url}{'&' if '?' in url else '?'}sort={column}").xpath(
        "//tr/@data-curve"
    )[:5]
    assert len(visible) == 5
    if url == PAGES[0]:
        assert sorted(visible) == sorted(worst)
    assert sorted(page.xpath("//*[@data-label]/@data-label")) == sorted(visible)
    rows = page.xpath("//tr/@data-curve")
    assert len(rows) == 100
    assert set(rows) <= set(page.xpath("//@data-line")), "each row can show its line"
    (following,) = page.xpath("//a[@rel='next']/@href")
    assert parse(wide, following).xpath("//tr/@data-curve")[0] == "100"


def test_search_for_classes(wide: FlaskClient, client: FlaskClient) -> None:
    url = "/average-precision?name=CLASS 77&sort=sklearn"
    names = texts(parse(wide, url), "//tr/th[@class='name']")
    assert len(names) == 11
    assert all(name.startswith("class 77") for name in names)
    nothing = parse(wide, "/tail-accuracy?name=zzz&threshold=0.9")
    assert nothing.xpath("//tr[@data-curve]") == []
    (link,) = nothing.xpath("//p[@class='empty-state']/a/@href")
    assert link == "/tail-accuracy?threshold=0.9"
    assert parse(client, "/average-precision").xpath("//input[@type='search']") == [], "of four"


@pytest.mark.parametrize("url", [PAGES[0], *GRIDS])
def test_bands_are_quantiles_over_the_classes(tmp_path: Path, sample: Sample, url: str) -> None:
    """With curves that are level lines, the bands are known."""
    images, classes = 100, 41
    labels = np.zeros((images, classes), np.int8)
    for index in range(classes):
        labels[: index + 60, index] = 1
    scores = np.full(labels.shape, 0.9, np.float32)
    names = tuple(f"{index}" for index in range(classes))
    ids = [f"{number:03d}" for number in range(images)]
    run = write_run(tmp_path / "level", sample.voc_dir, ids, names, scores, labels)
    page = parse(client_of(run, tmp_path / "cache"), url)
    precision = np.arange(60, 101) / 100
    low = float(texts(page, "//*[local-name()='text'][@text-anchor='end']")[0])
    for band, share in zip(page.xpath("//*[@class='band']/@d"), (0.1, 0.25), strict=True):
        steps = np.array(band.removeprefix("m").replace("-", " -").split(), int).reshape(-1, 2)
        heights = low + (1 - low) * (1 - np.cumsum(steps, axis=0)[:, 1] / 4000)
        edges = np.quantile(precision, [share, 1 - share])
        assert sorted(set(heights)) == pytest.approx(edges, abs=1e-3)
