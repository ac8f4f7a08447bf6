"""The ranking strip, the data of its script, and the page without scripts."""

import re
from pathlib import Path
from urllib.parse import quote

import numpy as np
import pytest
from flask.testing import FlaskClient
from lxml import html
from sample_run import CLASSES, IMAGES, Sample, write_run
from web_pages import client_of, instrument_data, parse, text_of

from voc_model.metrics.label_counts import Strip, ranking_strip
from voc_web.charts.instrument import STRIP_HEIGHT, STRIP_WIDTH, draw_strip, make_instrument
from voc_web.charts.rank_scale import RankScale
from voc_web.formats import threshold_text
from voc_web.run.opened_run import RunReader

NASTY = ('</script><b>"&', "a/b ?c#d", "<!--", "__proto__", "ünï 模型 '")


def shapes(path: str) -> list[tuple[float, float, float, float]]:
    """Returns left, right, top and bottom of each rectangle of a path, which has nothing else."""
    number = r"(-?[\d.]+(?:e-?\d+)?)"
    pattern = rf"M{number} {number}V{number}H{number}V{number}z"
    found = re.findall(pattern, path)
    assert re.sub(pattern, "", path) == ""
    rectangles = []
    for left, bottom, top, right, again in found:
        assert again == bottom
        rectangles.append((float(left), float(right), float(top), float(bottom)))
    return rectangles


def paths_of(page: html.HtmlElement) -> dict[str, str]:
    marks = page.xpath("//*[@data-strip]/*[local-name()='path']")
    return {mark.get("class").removeprefix("mark-"): mark.get("d") for mark in marks}


def truths(sample: Sample, index: int) -> list[str]:
    """Returns the truth of every rank."""
    names = {1: "present", 0: "absent", -1: "difficult"}
    return [
        "unreadable" if np.isnan(sample.scores[row, index]) else names[sample.labels[row, index]]
        for row in sample.ranked_rows(index)
    ]


@pytest.mark.parametrize("index", range(len(CLASSES)))
def test_the_strip_shows_each_image_at_its_rank(
    convention: tuple[FlaskClient, Sample], index: int
) -> None:
    client, sample = convention
    paths = paths_of(parse(client, f"/classes/{sample.classes[index]}"))
    expected = truths(sample, index)
    assert set(paths) == set(expected) - {"absent"}
    for kind, path in paths.items():
        ranks = []
        for left, right, top, bottom in shapes(path):
            first, last = (round(edge * IMAGES / STRIP_WIDTH) for edge in (left, right))
            assert (top, bottom, last - first) == (0, STRIP_HEIGHT, 1), "an image is a bin"
            ranks.append(last)
        assert ranks == [rank for rank, truth in enumerate(expected, 1) if truth == kind]


@pytest.mark.parametrize("images", [1, 2, 999, 1001, 12_345])
def test_areas_of_the_strip_match_the_counts(sample: Sample, tmp_path: Path, images: int) -> None:
    random = np.random.default_rng(images)
    scores = random.random((images, 1)).astype(np.float32)
    scores[random.random(images) < 0.1] = np.nan
    labels = random.integers(-1, 2, (images, 1)).astype(np.int8)
    ids = [f"{number:06d}" for number in range(images)]
    made = write_run(tmp_path / "run", sample.voc_dir, ids, ("dog",), scores, labels)
    run = RunReader(made.run).current()
    scale = RankScale.of(images, "linear")
    marks = {mark.kind: mark.path for mark in make_instrument(run, 0, scale).strip}
    strip = ranking_strip(run.curves, 0, scale.edges(1000))
    expected = truths(made, 0)
    for kind, counts in (
        ("present", strip.present),
        ("difficult", strip.ignored),
        ("unreadable", strip.unreadable),
    ):
        rectangles = shapes(marks[kind])
        area = sum((right - left) * (bottom - top) for left, right, top, bottom in rectangles)
        share = area / (STRIP_WIDTH * STRIP_HEIGHT)
        assert share * images == pytest.approx(expected.count(kind), rel=2e-3)
        assert len(rectangles) == np.count_nonzero(counts), "no bin is lost by rounding"
        for left, right, top, bottom in rectangles:
            assert 0 <= left < right <= STRIP_WIDTH
            assert 0 <= top < bottom <= STRIP_HEIGHT


def test_one_image_in_ten_million_is_drawn() -> None:
    """Its bin is a thousandth of the strip, and the image a ten-thousandth of the bin's height."""
    images, bins = 10_000_000, 1000
    edges = np.arange(bins + 1) * (images // bins)
    present = np.zeros(bins, np.int64)
    present[-2] = 1
    nothing = np.zeros(bins, np.int64)
    strip = Strip(
        edges,
        present,
        absent=np.diff(edges) - present,
        ignored=nothing,
        unknown=nothing,
        unreadable=nothing,
        score=np.linspace(1, 0, bins + 1),
    )
    marks = draw_strip(strip, RankScale.of(images, "linear"))
    ((left, right, top, bottom),) = shapes(marks[1].path)
    assert (left, right) == (998, 999)
    assert 0 <= top < bottom == STRIP_HEIGHT
    assert shapes(marks[0].path) == [(998, 999, 0, STRIP_HEIGHT)], "it can be seen"


@pytest.mark.parametrize("name", CLASSES)
def test_data_matches_the_scores(convention: tuple[FlaskClient, Sample], name: str) -> None:
    client, sample = convention
    index = sample.classes.index(name)
    data = instrument_data(parse(client, f"/classes/{name}"))
    scores, labels = sample.scores[:, index], sample.labels[:, index]
    readable = ~np.isnan(scores)
    distinct = sorted({float(score) for score in scores[readable]}, reverse=True)
    assert [float(np.float32(score)) for score in data["score"]] == distinct, (
        "exact to the last bit"
    )
    for position, score in enumerate(distinct):
        at_least = labels[scores >= np.float32(score)]
        assert data["count"][position] == (at_least >= 0).sum()
        assert data["truePositives"][position] == (at_least == 1).sum()
        assert data["ignored"][position] == (at_least == -1).sum()
        selected = scores.astype(float) > data["threshold"][position]
        assert (selected == (scores >= np.float32(score))).all() or score == 0
    assert (data["run"], data["class"], data["images"]) == ("sample", name, IMAGES)
    assert data["present"] == (labels[readable] == 1).sum()
    assert data["readable"] == IMAGES - 2
    assert data["complete"]
    f1 = [
        2 * positives / (count + data["present"])
        for positives, count in zip(data["truePositives"], data["count"], strict=True)
    ]
    best = data["count"][int(np.argmax(f1))] if data["present"] else None
    assert data["bestF1"] == best


@pytest.mark.parametrize(("images", "complete"), [(1024, True), (1025, False), (3000, False)])
def test_thinned_points_are_marked_incomplete(
    sample: Sample, tmp_path: Path, images: int, complete: bool
) -> None:
    random = np.random.default_rng(5)
    scores = (random.permutation(images)[:, None] / images).astype(np.float32)
    labels = (random.random((images, 1)) < 0.3).astype(np.int8)
    ids = [f"{number:06d}" for number in range(images)]
    made = write_run(tmp_path / "run", sample.voc_dir, ids, ("dog",), scores, labels)
    data = instrument_data(parse(client_of(made, tmp_path / "cache"), "/classes/dog"))
    assert (len(data["score"]) == images) == complete
    assert data["complete"] == complete


@pytest.mark.parametrize("name", NASTY)
def test_class_names_cannot_close_the_script_element(
    sample: Sample, tmp_path: Path, name: str
) -> None:
    random = np.random.default_rng(7)
    scores = random.random((20, len(NASTY))).astype(np.float32)
    labels = random.integers(-1, 2, scores.shape).astype(np.int8)
    ids = [f"{number:03d}" for number in range(20)]
    made = write_run(tmp_path / '<i>"run"&', sample.voc_dir, ids, NASTY, scores, labels)
    client = client_of(made, tmp_path / "cache")
    page = parse(client, f"/classes/{quote(name)}")
    data = instrument_data(page)
    assert (data["class"], data["run"]) == (name, '<i>"run"&')
    assert page.xpath("//main//b | //main//i[not(ancestor::li)]") == []
    (address,) = page.xpath("//@data-counts-url")
    assert client.get(address).get_json()["class"] == name
    for link in page.xpath("//figure//a[@download]/@href"):
        assert client.get(link).status_code == 200


@pytest.mark.parametrize("threshold", [0, 1e-7, 2.5e-5, 0.5, 0.61, 1])
@pytest.mark.parametrize("name", CLASSES)
def test_initial_live_numbers(
    convention: tuple[FlaskClient, Sample], name: str, threshold: float
) -> None:
    client, sample = convention
    index = sample.classes.index(name)
    page = parse(client, f"/classes/{name}?threshold={threshold}")
    scores, labels = sample.scores[:, index].astype(float), sample.labels[:, index]
    above = labels[scores > threshold]
    present, absent, difficult = (int((above == label).sum()) for label in (1, 0, -1))
    all_present, all_absent = (int((labels[~np.isnan(scores)] == it).sum()) for it in (1, 0))

    def ratio(part: float, whole: float) -> str:
        return f"{part / whole:.3f}" if whole else "\N{EN DASH}"

    expected = {
        "threshold": threshold_text(float(threshold)),
        "above": str(present + absent),
        "present": str(present),
        "absent": str(absent),
        "precision": ratio(present, present + absent),
        "recall": ratio(present, all_present),
        "f1": ratio(2 * present, present + absent + all_present) if all_present else "–",  # noqa: RUF001
    }
    if -1 in labels[~np.isnan(scores)]:
        expected["difficult"] = str(difficult)
        # Filters tell difficult images apart, also where metrics do not.
        expected |= {"TP": str(present), "FN": str(all_present - present)}
        expected |= {"FP": str(absent), "TN": str(all_absent - absent)}
    live = {item.get("data-live"): text_of(item) for item in page.xpath("//*[@data-live]")}
    assert live == expected
    (handle,) = page.xpath("//input[@data-threshold-handle]")
    assert handle.get("value") == str(len(above))
    assert handle.get("aria-valuetext") == (
        f"{expected['threshold']}, {len(above)} images above it"
    )
    (band,) = page.xpath("//*[@data-above]/@width")
    assert float(band) == pytest.approx(1000 * len(above) / IMAGES, abs=0.01)


@pytest.mark.parametrize(
    ("threshold", "text"),
    [
        (0.0, "0"),
        (1.0, "1"),
        (0.5, "0.5"),
        (0.30000000000000004, "0.30000000000000004"),
        (1e-5, "0.00001"),
        (1.5e-6, "0.0000015"),
        (1e-6, "0.000001"),
        (1e-7, "1e-7"),
        (1.25e-10, "1.25e-10"),
    ],
)
def test_threshold_format_matches_javascript(threshold: float, text: str) -> None:
    assert threshold_text(threshold) == text
    assert float(text) == threshold


def test_complete_without_scripts(client: FlaskClient) -> None:
    """Controls that need a script are marked; metrics, strip and curves are part of the page."""
    page = parse(client, "/classes/dog?from=21&size=10&threshold=0.7")
    assert len(page.xpath("//*[@data-strip]/*[local-name()='path']")) == 3
    assert len(page.xpath("//figure[@data-plot]//tbody/tr")) > 60
    needing = page.xpath(
        "//section//button | //button[@data-set-threshold or @data-export-thresholds]"
        " | //input[@type='range'] | //input[@data-target-precision]"
    )
    assert len(needing) == 9
    for control in needing:
        assert control.xpath("ancestor-or-self::*[@data-needs-script]"), control.attrib
    (shown,) = page.xpath("//svg[@class='visible-ranges']/rect")
    assert shown.get("x") == f"{100 * 20 / IMAGES:.3f}%"
    assert shown.get("width") == f"{100 * 10 / IMAGES:.3f}%"


def test_urls_below_a_prefix(client: FlaskClient) -> None:
    """The script's request URL includes a prefix added by a proxy."""
    body = client.get("/classes/dog", environ_overrides={"SCRIPT_NAME": "/voc"})
    page = html.document_fromstring(body.get_data(as_text=True))
    assert page.xpath("//@data-counts-url") == ["/voc/api/v1/class?class=dog"]
    downloads = page.xpath("//figure//a[@download]/@href")
    assert len(downloads) == 4
    assert all(link.startswith("/voc/api/v1/curves/") for link in downloads)


def test_page_size(sample: Sample, tmp_path: Path) -> None:
    """At most 60 KB compressed, for many images with distinct scores."""
    images = 20_000
    random = np.random.default_rng(0)
    labels = (random.random((images, 1)) < 0.3).astype(np.int8)
    scores = (1 / (1 + np.exp(-random.normal(-2, 2, labels.shape) - 3 * labels))).astype(np.float32)
    ids = [f"{number:06d}" for number in range(images)]
    made = write_run(tmp_path / "run", sample.voc_dir, ids, ("dog",), scores, labels)
    client = client_of(made, tmp_path / "cache")
    response = client.get("/classes/dog", headers={"Accept-Encoding": "gzip"})
    assert response.headers["Content-Encoding"] == "gzip"
    assert len(response.data) < 60_000
