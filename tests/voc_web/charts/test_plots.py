"""The plots of the class page: tables, points and drawings, compared with the scores."""

import csv
import io
import math
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from flask.testing import FlaskClient
from lxml import html
from sample_run import CLASSES, Sample, write_run
from web_pages import client_of, instrument_data, parse, text_of, texts

from voc_model.metrics.precision_recall import average_precision
from voc_web.charts.plot_frame import FRAME
from voc_web.formats import count_text, fraction_text, score_text

KEYS = ("precision-recall", "tail-accuracy", "calibration", "histogram")
DASH = "\N{EN DASH}"


def page_of(client: FlaskClient, name: str) -> html.HtmlElement:
    return parse(client, f"/classes/{name}")


def figure_of(page: html.HtmlElement, key: str) -> html.HtmlElement:
    (figure,) = page.xpath(f"//figure[@data-plot='{key}']")
    return figure


def table_of(page: html.HtmlElement, key: str) -> list[list[str]]:
    figure = figure_of(page, key)
    return [texts(row, "./td") for row in figure.xpath(".//tbody/tr")]


def readable(sample: Sample, index: int) -> tuple[Any, Any]:
    scores = sample.scores[:, index].astype(float)
    kept = ~np.isnan(scores)
    return scores[kept], sample.labels[kept, index]


def counted(sample: Sample, index: int) -> tuple[Any, Any]:
    scores, labels = readable(sample, index)
    return scores[labels >= 0], labels[labels >= 0]


def in_bin(scores: Any, position: int, bins: int) -> Any:
    low, high = position / bins, (position + 1) / bins
    return (scores > low) & (scores <= high) | ((position == 0) & (scores == 0))


def csv_rows(client: FlaskClient, page: html.HtmlElement, key: str) -> list[dict[str, str]]:
    (link,) = figure_of(page, key).xpath(".//a[@download]/@href")
    response = client.get(link)
    assert response.mimetype == "text/csv"
    return list(csv.DictReader(io.StringIO(response.get_data(as_text=True)), strict=True))


def test_precision_and_recall(convention: tuple[FlaskClient, Sample]) -> None:
    client, sample = convention
    page = page_of(client, "dog")
    scores, labels = counted(sample, 0)
    ap = average_precision(*readable(sample, 0))
    assert text_of(figure_of(page, "precision-recall")).startswith(
        f"Precision-recall: AP {fraction_text(ap)}"
    )
    file = csv_rows(client, page, "precision-recall")
    assert [float(row["threshold"]) for row in file] == sorted(set(scores), reverse=True)
    for row in file:
        above = labels[scores >= float(row["threshold"])]
        assert int(row["count"]) == len(above)
        assert float(row["precision"]) == pytest.approx(above.mean())
        assert float(row["recall"]) == pytest.approx(above.sum() / labels.sum())
    body = [
        [score_text(float(row["threshold"])), count_text(int(row["count"]))]
        + [fraction_text(float(row[name])) for name in ("precision", "recall")]
        for row in file
    ]
    shown = table_of(page, "precision-recall")
    assert len(shown) == 25
    assert (shown[0], shown[-1]) == (body[0], body[-1]), "both ends are included"
    places = [body.index(row) for row in shown]
    assert places == sorted(set(places))


def test_tail_accuracy(convention: tuple[FlaskClient, Sample]) -> None:
    client, sample = convention
    page = page_of(client, "dog")
    scores, labels = counted(sample, 0)
    file = [row for row in csv_rows(client, page, "tail-accuracy") if row["tail_accuracy"]]
    assert len(file) >= 20
    for row in file:
        above = labels[scores > float(row["threshold"])]
        assert int(row["images_above"]) == len(above)
        assert float(row["tail_accuracy"]) == pytest.approx(above.mean())
    assert table_of(page, "tail-accuracy") == [
        [
            score_text(float(row["threshold"])),
            row["images_above"],
            fraction_text(float(row["tail_accuracy"])),
        ]
        for row in file
    ]


def test_calibration(convention: tuple[FlaskClient, Sample]) -> None:
    client, sample = convention
    page = page_of(client, "dog")
    scores, labels = counted(sample, 0)
    file, error = csv_rows(client, page, "calibration"), 0.0
    assert len(file) == 15
    for position, row in enumerate(file):
        inside = in_bin(scores, position, 15)
        assert int(row["images"]) == inside.sum()
        if not inside.any():
            assert row["mean_score"] == row["fraction_present"] == ""
            continue
        assert float(row["mean_score"]) == pytest.approx(scores[inside].mean())
        assert float(row["fraction_present"]) == pytest.approx(labels[inside].mean())
        error += inside.mean() * abs(labels[inside].mean() - scores[inside].mean())
    figure = text_of(figure_of(page, "calibration"))
    assert figure.startswith(f"Calibration: ECE {fraction_text(error)}")
    assert table_of(page, "calibration") == [
        [
            f"{float(row['above']):.3f}\N{EN DASH}{float(row['up_to']):.3f}",
            row["images"],
            score_text(float(row["mean_score"])),
            fraction_text(float(row["fraction_present"])),
        ]
        for row in file
        if int(row["images"])
    ]


def test_histogram(convention: tuple[FlaskClient, Sample]) -> None:
    client, sample = convention
    page = page_of(client, "dog")
    scores, labels = readable(sample, 0)
    file = csv_rows(client, page, "histogram")
    assert len(file) == 40
    for position, row in enumerate(file):
        inside = labels[in_bin(scores, position, 40)]
        assert [int(row[name]) for name in ("present", "absent", "difficult")] == [
            (inside == label).sum() for label in (1, 0, -1)
        ]
    names = ("present", "absent", "difficult")
    assert table_of(page, "histogram") == [
        [f"{float(row['above']):.3f}\N{EN DASH}{float(row['up_to']):.3f}", *(row[n] for n in names)]
        for row in file
        if any(int(row[name]) for name in names)
    ]
    assert any(int(row["difficult"]) for row in file) == (-1 in labels)


@pytest.mark.parametrize("key", KEYS)
def test_number_of_columns(client: FlaskClient, key: str) -> None:
    figure = figure_of(page_of(client, "dog"), key)
    width = len(figure.xpath(".//thead//th"))
    assert {len(row) for row in table_of(page_of(client, "dog"), key)} == {width}


def test_without_present_images(client: FlaskClient) -> None:
    """Recall is undefined; everything else exists."""
    page = page_of(client, "zebra")
    assert page.xpath("//figure/@data-plot") == list(KEYS[1:])
    assert "nan" not in text_of(page.xpath("//main")[0]).lower().split()


@pytest.mark.parametrize(
    ("scores", "labels", "keys"),
    [
        ([np.nan], [1], ()),
        ([0.9], [-1], ("histogram",)),
        ([0.9], [1], KEYS),
        ([0.9], [0], KEYS[1:]),
        ([0.2], [1], (KEYS[0], *KEYS[2:])),
        ([0.0, 1.0], [1, 1], KEYS),
        ([0.7, 0.7, 0.7], [1, 0, -1], KEYS),
    ],
    ids=["unreadable", "difficult", "present", "absent", "low", "ends", "tie"],
)
def test_the_smallest_classes(
    sample: Sample, tmp_path: Path, scores: list[float], labels: list[int], keys: tuple[str, ...]
) -> None:
    run = write_run(
        tmp_path / "small",
        sample.voc_dir,
        sample.image_ids[: len(scores)],
        ("dog",),
        np.array(scores, np.float32)[:, None],
        np.array(labels, np.int8)[:, None],
    )
    page = page_of(client_of(run, tmp_path / "cache"), "dog")
    assert page.xpath("//figure/@data-plot") == list(keys)
    for figure in page.xpath("//figure[@data-plot]"):
        drawn = figure.xpath(".//*[local-name()='path'][starts-with(@class, 'mark-')]/@d")
        assert any(drawn), "something is visible"
        for path in drawn:
            assert "nan" not in path
            # A line without length would be invisible.
            assert "L" in path or "V" in path or "a" in path


def test_ticks_fit_beside_the_axis(sample: Sample, tmp_path: Path) -> None:
    count = 12_345
    scores = np.full((count, 1), 0.01, np.float32)
    ids = [f"{number:06d}" for number in range(count)]
    run = write_run(
        tmp_path / "long", sample.voc_dir, ids, ("dog",), scores, np.zeros((count, 1), np.int8)
    )
    page = page_of(client_of(run, tmp_path / "cache"), "dog")
    calibration, histogram = (
        texts(figure_of(page, name), ".//*[local-name()='text'][@text-anchor='end']")
        for name in KEYS[2:]
    )
    assert histogram == ["2,000", "10k", "0"], "nothing is present: only the lower half has a scale"
    assert all(len(tick) <= 5 for tick in calibration + histogram)


@pytest.mark.parametrize("name", CLASSES)
def test_rank_of_each_point(client: FlaskClient, sample: Sample, name: str) -> None:
    index = sample.classes.index(name)
    page = page_of(client, name)
    data = instrument_data(page)
    scores, _ = readable(sample, index)
    exact = 0
    for key, points in data["plots"].items():
        for x, y, threshold, rank, text in points:
            assert FRAME.left <= x <= FRAME.right
            assert FRAME.top <= y <= FRAME.bottom
            assert re.search(r"\d", text)
            above = int((scores > threshold).sum())
            # Difficult images between two operating points are not part of the page.
            assert above - 8 <= rank <= above, key
            exact += rank == above
    assert exact > 60
    if "precision-recall" in data["plots"]:
        assert all(
            rank == (scores > threshold).sum()
            for _, _, threshold, rank, _ in data["plots"]["precision-recall"]
        )


def test_undefined_is_never_zero() -> None:
    assert fraction_text(math.nan) == DASH
