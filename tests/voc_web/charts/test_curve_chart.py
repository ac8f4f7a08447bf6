"""The charts of all classes: lines and data, compared with scores, CSV and API."""

import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from api_client import get_json, get_json_at
from flask.testing import FlaskClient
from lxml import html
from sample_run import Sample, write_run
from web_pages import client_of, parse, texts

from voc_model.metrics.tail_accuracy import TAIL_GRIDS, TailGrid
from voc_web.charts.geometry import UNITS

PAGES = ("/average-precision", "/tail-accuracy")
GRIDS = ("/tail-accuracy?grid=highest", "/tail-accuracy?grid=percentile")
COLUMNS = ("threshold", "present", "absent", "rank")

Point = tuple[float, float]


def data_of(page: html.HtmlElement) -> Any:
    """Returns the data of a chart's script."""
    (script,) = page.xpath("//script[@data-chart-data]")
    return json.loads(script.text, parse_constant=pytest.fail)


def class_points(page: html.HtmlElement, name: str) -> list[dict[str, float]]:
    """Returns the points of a class; none if it has no line."""
    data = data_of(page)
    if name not in data["names"]:
        return []
    columns = [data[column][data["names"].index(name)] for column in COLUMNS]
    return [dict(zip(COLUMNS, row, strict=True)) for row in zip(*columns, strict=True)]


def corners(path: html.HtmlElement) -> list[Point]:
    """Returns the points of a line as fractions of the drawing, from the lower left."""
    steps = np.array(re.findall(r"-?\d+", path.get("d", "")), int).reshape(-1, 2)
    return [(x / UNITS, 1 - y / UNITS) for x, y in np.cumsum(steps, axis=0)]


def class_lines(page: html.HtmlElement) -> list[html.HtmlElement]:
    found: list[html.HtmlElement] = page.xpath("//*[contains(@class, 'class-lines')]/*")
    return found


def y_ticks(page: html.HtmlElement) -> list[float]:
    return [float(text) for text in texts(page, "//*[local-name()='text'][@text-anchor='end']")]


def small_run(
    sample: Sample, folder: Path, scores: list[float], labels: list[int], classes: int = 1
) -> FlaskClient:
    names = tuple(f"class {number}" for number in range(classes))
    run = write_run(
        folder / "small",
        sample.voc_dir,
        sample.image_ids[: len(scores)],
        names,
        np.array([scores] * classes, np.float32).T,
        np.array([labels] * classes, np.int8).T,
    )
    return client_of(run, folder / "cache")


@pytest.mark.parametrize("url", PAGES + GRIDS)
def test_counts_of_each_point(convention: tuple[FlaskClient, Sample], url: str) -> None:
    client, sample = convention
    page = parse(client, url)
    checked = 0
    for index, name in enumerate(sample.classes):
        scores, labels = sample.scores[:, index].astype(float), sample.labels[:, index]
        for point in class_points(page, name):
            above = labels[scores > point["threshold"]]
            assert [point["present"], point["absent"]] == [(above == 1).sum(), (above == 0).sum()]
            assert point["rank"] == len(above), "as in the ranking, difficult ones included"
            checked += 1
        if class_points(page, name):
            place = data_of(page)["names"].index(name)
            assert data_of(page)["images"][place] == (labels[~np.isnan(scores)] == 1).sum()
    assert checked > 50


@pytest.mark.parametrize("url", PAGES)
def test_lines_go_through_their_points(client: FlaskClient, sample: Sample, url: str) -> None:
    page = parse(client, url)
    data, low = data_of(page), y_ticks(page)[0]
    lines = class_lines(page)
    expected = [0, 1, 2] if url == PAGES[0] else [0, 1, 2, 3]
    assert [int(line.get("data-line")) for line in lines] == expected, "zebra has no recall"
    for index, line in enumerate(lines):
        points = class_points(page, sample.classes[index])
        assert len(corners(line)) == len(points)
        for (x, y), point in zip(corners(line), points, strict=True):
            share = point["present"] / (point["present"] + point["absent"])
            if url == "/average-precision":
                assert x == pytest.approx(point["present"] / data["images"][index], abs=1 / UNITS)
                assert y == pytest.approx(share, abs=1 / UNITS)
            else:
                assert x == pytest.approx(2 * point["threshold"] - 1, abs=2 / UNITS)
                assert low + y * (1 - low) == pytest.approx(share, abs=1 / UNITS)


def test_precision_and_recall_match_the_api(client: FlaskClient, sample: Sample) -> None:
    page = parse(client, "/average-precision")
    for index, name in enumerate(sample.classes[:3]):
        body = get_json(client, "/curves/precision-recall", class_=name)["points"]
        points = class_points(page, name)
        assert [point["precision"] for point in body] == [
            point["present"] / (point["present"] + point["absent"]) for point in points
        ]
        assert [point["recall"] for point in body] == [
            point["present"] / data_of(page)["images"][index] for point in points
        ]


@pytest.mark.parametrize("grid", TAIL_GRIDS)
def test_tail_accuracy_matches_the_api(client: FlaskClient, sample: Sample, grid: TailGrid) -> None:
    page = parse(client, f"/tail-accuracy?grid={grid}")
    for index, name in enumerate(sample.classes):
        body = get_json(client, "/curves/tail-accuracy", class_=name, grid=grid)["points"]
        body = [point for point in body if point["images_above"]]
        points = class_points(page, name)
        assert [point["images_above"] for point in body] == [
            point["present"] + point["absent"] for point in points
        ]
        assert [point["tail_accuracy"] for point in body] == [
            point["present"] / (point["present"] + point["absent"]) for point in points
        ]
        thresholds = [point["threshold"] for point in body]
        assert [point["threshold"] for point in points] == pytest.approx(thresholds, abs=5e-5)
        at = np.array([point["at"] for point in body])
        if grid == "threshold":
            places = 2 * at - 1
        else:  # Percentages are drawn from 0.1 to 50.
            places = at if grid == "highest" else np.log10(10 * at) / np.log10(500)
        drawn = [x for x, _ in corners(class_lines(page)[index])]
        assert drawn == pytest.approx(places, abs=1 / UNITS)


@pytest.mark.parametrize(
    ("url", "curve", "x", "y"),
    [
        (PAGES[0], "/curves/precision-recall/mean", "recall", "precision"),
        *(
            (url, url.replace(PAGES[1], "/curves/tail-accuracy/mean"), "at", "tail_accuracy")
            for url in (PAGES[1], *GRIDS)
        ),
    ],
)
def test_mean_matches_the_api(client: FlaskClient, url: str, curve: str, x: str, y: str) -> None:
    page, body = parse(client, url), get_json_at(client, f"/api/v1{curve}")["points"]
    mean = data_of(page)["mean"]["texts"]
    assert mean["precision"] == [f"{point[y]:.3f}" for point in body]
    assert [float(text) for text in mean[x]] == pytest.approx([p[x] for p in body], rel=5e-3)
    (line,) = page.xpath("//*[@class='mean-line']")
    low = y_ticks(page)[0]
    heights = [low + height * (1 - low) for _, height in corners(line)]
    assert heights == pytest.approx([point[y] for point in body], abs=1 / UNITS)


def test_average_precision_in_the_chosen_definition(client: FlaskClient, sample: Sample) -> None:
    for definition, number in (("sklearn", 0), ("voc2010", 1), ("voc2007", 2)):
        page = parse(client, f"/average-precision?ap={definition}")
        column = texts(
            page, f"//tbody/tr[@data-curve]/td[contains(@class, 'number')][{number + 1}]"
        )
        assert data_of(page)["notes"] == [f"AP {text}" for text in column]
        (mean,) = texts(page, "//dl[@class='metrics']//dd[1]")
        assert data_of(page)["mean"]["note"].startswith(f"mAP {mean} (")


@pytest.mark.parametrize("url", PAGES)
def test_rows_match_curves(client: FlaskClient, sample: Sample, url: str) -> None:
    page = parse(client, url)
    rows = page.xpath("//tr[@data-curve]")
    drawn = [int(line.get("data-line")) for line in class_lines(page)]
    assert [int(row.get("data-curve")) for row in rows] == drawn
    for index, row in zip(drawn, rows, strict=True):
        assert row.xpath("./th")[0].text_content() == sample.classes[index]
        assert len(row.xpath(".//a[@data-pin]")) == 1
    assert len(page.xpath("//a[@data-pin]")) == len(drawn), "no link without a curve"


@pytest.mark.parametrize("url", PAGES)
def test_axes(client: FlaskClient, url: str) -> None:
    page = parse(client, url)
    across = texts(page, "//*[local-name()='text'][@text-anchor='middle']")
    assert across[0] == ("0" if url == PAGES[0] else "0.5")
    assert across[-1] == "1"
    up = y_ticks(page)
    assert up == sorted(set(up))
    assert up[-1] == 1
    assert min(y for line in class_lines(page) for _, y in corners(line)) >= 0


@pytest.mark.parametrize(
    ("lowest", "ticks"),
    [
        (1.0, [0.9, 0.92, 0.94, 0.96, 0.98, 1.0]),
        (0.91, [0.9, 0.92, 0.94, 0.96, 0.98, 1.0]),
        (0.62, [0.6, 0.65, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95, 1.0]),
        (0.3, [0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0]),
        (0.0, [0.0, 0.2, 0.4, 0.6, 0.8, 1.0]),
    ],
)
def test_the_axis_of_tail_accuracy_fits_the_curves(
    sample: Sample, tmp_path: Path, lowest: float, ticks: list[float]
) -> None:
    images = 100
    scores = np.linspace(0.6, 0.61, images).tolist()
    labels = (np.arange(images) >= round((1 - lowest) * images)).astype(int).tolist()
    page = parse(small_run(sample, tmp_path, scores, labels), "/tail-accuracy")
    assert y_ticks(page) == ticks


@pytest.mark.parametrize("url", PAGES)
@pytest.mark.parametrize(
    ("scores", "labels"),
    [
        ([np.nan], [1]),
        ([0.9], [-1]),
        ([0.9], [1]),
        ([0.9], [0]),
        ([0.2], [1]),
        ([0.0, 1.0], [1, 1]),
    ],
    ids=["unreadable", "difficult", "present", "absent", "low", "ends"],
)
def test_the_smallest_classes(
    sample: Sample, tmp_path: Path, url: str, scores: list[float], labels: list[int]
) -> None:
    page = parse(small_run(sample, tmp_path, scores, labels), url)
    lines = class_lines(page)
    counted = any(
        label >= 0 and (score > 0.5 if url == PAGES[1] else any(one == 1 for one in labels))
        for score, label in zip(scores, labels, strict=True)
        if not np.isnan(score)
    )
    assert len(lines) == counted
    assert "nan" not in html.tostring(page.xpath("//figure")[0], encoding="unicode").lower()
    if counted:
        assert len(corners(lines[0])) >= 2, "a point alone shows as a line of no length"
        assert y_ticks(page)[-1] == 1


@pytest.mark.parametrize("url", PAGES)
def test_point_limit_is_shared_by_all_curves(
    sample: Sample, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, url: str
) -> None:
    def points_of_classes() -> list[list[Point]]:
        return [corners(line) for line in class_lines(parse(client_of(sample, tmp_path), url))]

    whole = points_of_classes()
    monkeypatch.setattr("voc_web.charts.curve_chart._MAX_POINTS", 5 * len(sample.classes))
    for points, thinned in zip(whole, points_of_classes(), strict=True):
        assert len(thinned) <= 5
        assert len(thinned) >= min(2, len(points))
        assert set(thinned) <= set(points)
        assert (thinned[:1], thinned[-1:]) == (points[:1], points[-1:])
