"""The pages of average precision and tail accuracy: grids of thresholds, means and accuracy."""

from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import numpy as np
import pytest
from flask.testing import FlaskClient
from lxml import html
from sample_run import Sample, write_run
from sklearn.metrics import accuracy_score
from web_pages import client_of, parse, texts

GRID_LINKS = {
    "threshold": "text()='threshold'",
    "highest": "contains(., 'highest score')",
    "percentile": "starts-with(., 'percentage')",
}


def test_the_grid_is_chosen_by_links_that_keep_everything_else(client: FlaskClient) -> None:
    page = parse(client, "/tail-accuracy?threshold=0.7&compare=dog&sort=tail&order=descending")
    table = texts(page, "(//table)[1]/tbody/tr")
    for grid in ("highest", "percentile", "threshold"):
        assert len(page.xpath("//nav[@class='choices']//a[@aria-current]")) == 1
        (link,) = page.xpath(f"//nav[@class='choices']//a[{GRID_LINKS[grid]}]/@href")
        query = parse_qs(urlsplit(link).query)
        assert query.pop("grid", ["threshold"]) == [grid]
        assert query == {"threshold": ["0.7"], "compare": ["dog"], "sort": ["tail"],
                         "order": ["descending"]}  # fmt: skip
        page = parse(client, link)
        assert texts(page, "(//table)[1]/tbody/tr") == table, "the table is at the threshold"
        assert texts(page, "//*[@data-labels]//*[local-name()='title']") == ["dog"]
        lines = page.xpath("//*[@data-threshold-line]")
        assert len(lines) == (grid == "threshold"), "elsewhere it is at another place per class"
        # The form that changes the threshold keeps the grid.
        fields = page.xpath("//form[@data-live-form]/input[@name='grid']/@value")
        assert fields == ([] if grid == "threshold" else [grid])


def test_percentages_have_a_logarithmic_axis(client: FlaskClient) -> None:
    page = parse(client, "/tail-accuracy?grid=percentile")
    ticks = page.xpath("//*[local-name()='text'][@text-anchor='middle']")
    for tick in ticks:
        place = 100 * np.log(float(tick.text_content()) / 0.1) / np.log(50 / 0.1)
        assert float(tick.get("x").rstrip("%")) == pytest.approx(place, abs=0.01)
    assert [tick.text_content() for tick in ticks][:: len(ticks) - 1] == ["0.1", "50"]


def test_an_unknown_grid_is_refused(client: FlaskClient) -> None:
    for url in ("/tail-accuracy", "/tail-accuracy.csv", "/api/v1/curves/tail-accuracy/mean"):
        response = client.get(f"{url}?grid=median")
        assert response.status_code == 400
        text = html.document_fromstring(response.text).text_content()
        assert "grid must be 'threshold', 'highest' or 'percentile'" in " ".join(text.split())


def test_the_mean_says_over_how_many_classes_it_is(sample: Sample, tmp_path: Path) -> None:
    scores = np.array([[0.99, 0.61], [0.98, 0.56], [0.1, 0.1]], np.float32)
    labels = np.array([[1, 0], [0, 1], [1, 0]], np.int8)
    ids = sample.image_ids[:3]
    run = write_run(tmp_path / "two", sample.voc_dir, ids, ("strong", "weak"), scores, labels)
    client = client_of(run, tmp_path / "cache")
    page = parse(client, "/tail-accuracy")
    assert texts(page, "(//table)[2]/tbody/tr/td[3]") == ["2"] * 5 + ["1"] * 15
    assert "image above t: 2 at the left, 1 at the right" in texts(page, "//figcaption")[0]
    page = parse(client, "/tail-accuracy?grid=highest")
    assert texts(page, "(//table)[2]/tbody/tr/td[3]") == ["2"] * 20
    assert "at the left" not in texts(page, "//figcaption")[0]


def test_accuracy_stands_beside_average_precision(client: FlaskClient, sample: Sample) -> None:
    page = parse(client, "/average-precision?sort=baseline")
    accuracies = {}
    for index, name in enumerate(sample.classes):
        scores, labels = sample.scores[:, index], sample.labels[:, index]
        truth = (labels == 1)[(labels >= 0) & ~np.isnan(scores)]
        predicted = (scores > 0.5)[(labels >= 0) & ~np.isnan(scores)]
        accuracies[name] = accuracy_score(truth, predicted), 1 - truth.mean()
    rows = page.xpath("//table/tbody/tr")
    shown = [
        (row.xpath("./th")[0].text_content(), *texts(row, "./td[@class='number']")[-2:])
        for row in rows
    ]
    by_baseline = sorted(accuracies.items(), key=lambda item: item[1][1])
    assert shown == [(name, f"{a:.3f}", f"{b:.3f}") for name, (a, b) in by_baseline]
    mean, baseline = np.mean(list(accuracies.values()), axis=0)
    sentence = f"is {mean:.3f} on average, and always predicting “absent” reaches {baseline:.3f}."
    assert sentence in " ".join(texts(page, "//figcaption")[0].split())
