"""The CSV downloads match the metrics; undefined values are empty."""

import csv
import io
import re
from pathlib import Path

import numpy as np
import pytest
from api_client import api_url, get_json
from flask.testing import FlaskClient
from sample_run import Sample, write_run
from sklearn.metrics import accuracy_score, average_precision_score
from web_pages import client_of, parse, texts

from voc_model.metrics.precision_recall import (
    average_precision,
    precision_recall_curve,
)
from voc_model.metrics.tail_accuracy import TAIL_GRIDS, TailGrid, tail_accuracy


def read(client: FlaskClient, url: str) -> list[dict[str, str]]:
    response = client.get(url)
    assert response.status_code == 200
    assert response.headers["Content-Type"] == "text/csv; charset=utf-8"
    return list(csv.DictReader(io.StringIO(response.get_data(as_text=True)), strict=True))


def number(field: str) -> float:
    return float(field) if field else np.nan


def test_average_precision(client: FlaskClient, sample: Sample) -> None:
    rows = read(client, "/average-precision.csv")
    assert [row["class"] for row in rows] == list(sample.classes)
    for index, row in enumerate(rows):
        scores, labels = sample.scores[:, index], sample.labels[:, index]
        for definition in ("sklearn", "voc2010", "voc2007"):
            expected = average_precision(scores, labels, definition)  # type: ignore[arg-type]
            assert number(row[f"ap_{definition}"]) == pytest.approx(expected, nan_ok=True)
        readable = ~np.isnan(scores)
        counted = readable & (labels >= 0)
        truth = labels[counted]
        assert float(row["accuracy"]) == accuracy_score(truth, scores[counted] > 0.5)
        assert float(row["baseline_accuracy"]) == accuracy_score(truth, np.zeros_like(truth))
        if labels[counted].any():
            oracle = average_precision_score(labels[counted], scores[counted])
            assert number(row["ap_sklearn"]) == pytest.approx(oracle)
        for name, label in (("present", 1), ("absent", 0), ("difficult", -1)):
            assert int(row[name]) == (labels[readable] == label).sum()
        assert int(row["unreadable"]) == 2
    assert rows[3]["ap_sklearn"] == rows[3]["ap_voc2007"] == "", "undefined is empty"


@pytest.mark.parametrize("grid", TAIL_GRIDS)
def test_tail_accuracy(client: FlaskClient, sample: Sample, grid: TailGrid) -> None:
    rows = read(client, f"/tail-accuracy.csv?grid={grid}")
    for index, name in enumerate(sample.classes):
        own = [row for row in rows if row["class"] == name]
        curve = precision_recall_curve(sample.scores[:, index], sample.labels[:, index])
        thresholds = [float(row["threshold"]) for row in own]
        accuracy, count = tail_accuracy(curve, thresholds)
        assert [number(row["tail_accuracy"]) for row in own] == pytest.approx(
            list(accuracy), nan_ok=True
        )
        assert [int(row["images_above"]) for row in own] == list(count)
        assert [float(row["fraction_above"]) for row in own] == (count / curve.count[-1]).tolist()
        assert [row["classes_defined"] for row in own] == [str(int(n > 0)) for n in count]
        at = thresholds if grid == "threshold" else TAIL_GRIDS[grid].tolist()
        assert [float(row["at"]) for row in own] == at


@pytest.mark.parametrize("grid", TAIL_GRIDS)
def test_mean_is_that_of_the_api(client: FlaskClient, grid: TailGrid) -> None:
    rows = read(client, f"/tail-accuracy.csv?grid={grid}")
    mean = [row for row in rows if row["class"] == "(mean)"]
    points = get_json(client, "/curves/tail-accuracy/mean", grid=grid)["points"]
    assert [row["threshold"] for row in mean] == (
        [row["at"] for row in mean] if grid == "threshold" else [""] * len(mean)
    ), "each class has its own"
    columns = ("at", "tail_accuracy", "classes_defined", "images_above", "fraction_above")
    assert [[float(row[name]) for name in columns] for row in mean] == [
        list(point.values()) for point in points
    ]


@pytest.mark.parametrize("grid", TAIL_GRIDS)
def test_tables_match_the_files(client: FlaskClient, grid: TailGrid) -> None:
    page = parse(client, f"/tail-accuracy?grid={grid}&threshold=0.7")
    (link,) = page.xpath("(//table)[2]/caption/a/@href")
    rows = [row for row in read(client, link) if row["class"] == "(mean)"]
    shown = [texts(row, "./td") for row in page.xpath("(//table)[2]/tbody/tr")]
    places = "g" if grid == "percentile" else ".3f"
    assert shown == [
        [
            f"{float(row['at']):{places}}",
            f"{float(row['tail_accuracy']):.3f}",
            row["classes_defined"],
            f"{float(row['images_above']):,.0f}",
            f"{100 * float(row['fraction_above']):.2f}",
        ]
        for row in rows
    ]


@pytest.mark.parametrize(
    ("url", "names"),
    [
        ("/average-precision", ["average_precision"]),
        (
            "/tail-accuracy?grid=percentile",
            ["tail_accuracy_at_threshold", "tail_accuracy_by_percentile"],
        ),
        ("/tail-accuracy", ["tail_accuracy_at_threshold", "tail_accuracy_by_threshold"]),
    ],
)
def test_page_links_to_its_files(client: FlaskClient, url: str, names: list[str]) -> None:
    links = parse(client, url).xpath("//a[@download]/@href")
    for link, name in zip(links, names, strict=True):
        disposition = client.get(link).headers["Content-Disposition"]
        assert disposition == f"attachment; filename=sample_{name}.csv"


@pytest.mark.parametrize(
    "url",
    [
        "/average-precision?sort=voc2007&order=descending&name=E",
        "/tail-accuracy?sort=above&threshold=0.612&name=E",
    ],
)
def test_files_have_the_rows_of_their_tables(client: FlaskClient, url: str) -> None:
    page = parse(client, url)
    (link,) = page.xpath("(//table)[1]/caption/a/@href")
    rows = read(client, link)
    assert [row["class"] for row in rows] == texts(page, "//tr/th[@class='name']")
    assert 1 < len(rows) < 4
    shown = [texts(row, "./td[@class='number']") for row in page.xpath("(//table)[1]/tbody/tr")]
    for row, line in zip(rows, shown, strict=True):
        value = row.get("tail_accuracy") or row["ap_sklearn"]
        assert (f"{float(value):.3f}" if value else "–") in line  # noqa: RUF001


def test_non_latin_filenames(sample: Sample, tmp_path: Path) -> None:
    run = write_run(
        tmp_path / '模型 "x"',
        sample.voc_dir,
        sample.image_ids,
        ('a,"b"', "c\td", "e\nf", "zebra"),
        sample.scores,
        sample.labels,
    )
    client = client_of(run, tmp_path / "cache")
    shown = [row["class"] for row in read(client, "/average-precision.csv")]
    assert shown == list(run.classes)
    disposition = client.get("/average-precision.csv").headers["Content-Disposition"]
    assert disposition.encode("latin-1")  # The encoding of HTTP headers.
    assert "UTF-8''%E6%A8%A1%E5%9E%8B" in disposition


# Names, and whether a spreadsheet would take them for a formula.
FORMULAS = {
    "=1+1": True,
    "+1": True,
    "-1": True,
    "@sum": True,
    "\tx": True,
    "\rx": True,
    "\n=x": True,
    "\uff1dx": True,
    "'=x": True,
    "''-x": True,
    "'x": False,
    "x=1": False,
    " =x": False,
    "1-1": False,
}


def restored(text: str) -> str:
    """Returns the name that a field stands for, as the API guide says."""
    return text[1:] if re.match("'+[-=+@\t\r\n\uff1d]", text) else text


def test_no_field_is_a_formula(sample: Sample, tmp_path: Path) -> None:
    """OWASP: a field must not start with = + - @, a tab or a line break."""
    names = tuple(FORMULAS)
    random = np.random.default_rng(1)
    scores = random.random((len(names), len(names))).astype(np.float32)
    labels = np.ones(scores.shape, np.int8)
    # An image id has no line breaks.
    ids = tuple(name.translate({10: "n", 13: "r"}) for name in names)
    made = write_run(tmp_path / "run", sample.voc_dir, ids, names, scores, labels)
    client = client_of(made, tmp_path / "cache")
    ranking = read(client, "/api/v1/ranking.csv?class=x%3D1")
    for column, expected in (
        ([row["image_id"] for row in ranking], ids),
        ([row["class"] for row in read(client, "/average-precision.csv")], names),
    ):
        assert {restored(text) for text in column} == set(expected), "and each can be restored"
        for text in column:
            assert text[0] not in "=+-@\t\r\n\uff1d"
            if restored(text) in FORMULAS:
                assert (text not in expected) is FORMULAS[restored(text)]
    for row in ranking:
        assert float(row["score"]) >= 0, "numbers stay as they are"


def test_negative_numbers_stay_numbers(sample: Sample, tmp_path: Path) -> None:
    scores, labels = np.zeros((3, 1), np.float32), np.ones((3, 1), np.int8)
    made = write_run(tmp_path / "run", sample.voc_dir, ("a", "b", "c"), ("dog",), scores, labels)
    (point,) = read(client_of(made, tmp_path), "/api/v1/operating-points.csv?class=dog")
    assert float(point["threshold"]) < 0


def test_length_of_file_names(sample: Sample, tmp_path: Path) -> None:
    name = 600 * "\u6a21"
    scores, labels = np.zeros((1, 1), np.float32), np.ones((1, 1), np.int8)
    made = write_run(tmp_path / "run", sample.voc_dir, ("a",), (name,), scores, labels)
    url = api_url("/ranking.csv", class_=name)
    disposition = client_of(made, tmp_path).get(url).headers["Content-Disposition"]
    assert len(disposition) < 2000
    assert disposition.endswith(".csv")
