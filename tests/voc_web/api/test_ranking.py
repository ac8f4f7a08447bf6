"""Pages of a ranking contain every image once and in order, as JSON and as CSV."""

import csv
import io
import json
import re
from typing import Any
from urllib.parse import quote, urljoin

import numpy as np
import pytest
from api_client import api_url, get_json, get_json_at
from flask.testing import FlaskClient
from sample_run import CLASSES, IMAGES, Sample
from web_pages import parse

from voc_web import csv_files
from voc_web.api import routes

TRUTH = {1: "present", 0: "absent", -1: "difficult"}


def expected_images(sample: Sample, index: int, threshold: float) -> list[dict[str, Any]]:
    """Returns the expected ranking."""
    images = []
    for rank, row in enumerate(sample.ranked_rows(index), start=1):
        score, labels = float(sample.scores[row, index]), sample.labels[row]
        agrees = (score > threshold) == (labels[index] == 1)
        verdict = "difficult" if labels[index] == -1 else "correct" if agrees else "incorrect"
        images.append(
            {
                "rank": rank,
                "image_id": sample.image_ids[row],
                "score": None if np.isnan(score) else score,
                "truth": TRUTH[int(labels[index])],
                "verdict": "unreadable" if np.isnan(score) else verdict,
                "labels": [name for name, label in zip(CLASSES, labels, strict=True) if label == 1],
                "difficult_labels": [
                    name for name, label in zip(CLASSES, labels, strict=True) if label == -1
                ],
            }
        )
    return images


def read_csv(client: FlaskClient, url: str) -> tuple[list[dict[str, str]], dict[str, str]]:
    """Returns the rows of a CSV and the URLs of its Link header by relation."""
    response = client.get(url)
    assert response.status_code == 200, response.get_data(as_text=True)
    assert response.headers["Content-Type"] == "text/csv; charset=utf-8"
    lines = list(csv.DictReader(io.StringIO(response.get_data(as_text=True)), strict=True))
    links = re.findall(r'<([^>]*)>; rel="(\w+)"', ", ".join(response.headers.getlist("Link")))
    return lines, {relation: link for link, relation in links}


@pytest.mark.parametrize("threshold", [0.5, 0.31])
@pytest.mark.parametrize("index", range(4))
def test_the_whole_ranking(
    client: FlaskClient, sample: Sample, index: int, threshold: float
) -> None:
    body = get_json(client, "/ranking", class_=CLASSES[index], size=500, threshold=threshold)
    assert body.pop("images") == expected_images(sample, index, threshold)
    assert body == {
        "class": CLASSES[index],
        "threshold": threshold,
        "total": IMAGES,
        "matches": IMAGES,
        "first_rank": 1,
        "last_rank": IMAGES,
        "previous": None,
        "next": None,
    }


def test_default_is_the_top_50(client: FlaskClient, sample: Sample) -> None:
    body = get_json(client, "/ranking", class_="dog")
    assert body["images"] == expected_images(sample, 0, 0.5)[:50]
    assert (body["first_rank"], body["last_rank"], body["previous"]) == (1, 50, None)


@pytest.mark.parametrize("size", [1, 7, 50, 65, IMAGES - 1, IMAGES])
def test_paging_to_the_end_and_back(client: FlaskClient, sample: Sample, size: int) -> None:
    expected = expected_images(sample, 2, 0.3)
    url = api_url("/ranking", class_=CLASSES[2], size=size, threshold=0.3)
    forward: list[Any] = []
    while True:
        body = get_json_at(client, url)
        assert len(body["images"]) <= size
        forward += body["images"]
        if body["next"] is None:
            break
        url = urljoin(url, body["next"])
    assert forward == expected
    backward: list[Any] = []
    while True:
        body = get_json_at(client, url)
        backward = body["images"] + backward
        if body["previous"] is None:
            break
        url = urljoin(url, body["previous"])
    assert backward == expected


@pytest.mark.parametrize("first", [2, 31, 50, 51, IMAGES])
def test_paging_from_any_rank(client: FlaskClient, sample: Sample, first: int) -> None:
    """Going back from the middle repeats no rank."""
    expected = expected_images(sample, 1, 0.5)
    start = get_json(client, "/ranking", class_="person", from_=first, size=50)
    assert start["first_rank"] == first
    assert start["images"] == expected[first - 1 : first + 49]
    body, ranks = start, []
    while body["previous"]:
        body = get_json_at(client, body["previous"])
        ranks = [image["rank"] for image in body["images"]] + ranks
    assert ranks == list(range(1, first))
    body, ranks = start, []
    while body["next"]:
        body = get_json_at(client, body["next"])
        ranks += [image["rank"] for image in body["images"]]
    assert ranks == list(range(first + 50, IMAGES + 1))


@pytest.mark.parametrize("index", range(4))
def test_csv_matches_json(client: FlaskClient, sample: Sample, index: int) -> None:
    query = {"class_": CLASSES[index], "from_": 100, "size": 500, "threshold": 0.3}
    lines, _ = read_csv(client, api_url("/ranking.csv", **query))
    body = [
        {
            **line,
            "rank": int(line["rank"]),
            "score": float(line["score"]) if line["score"] else None,
            "labels": json.loads(line["labels"]),
            "difficult_labels": json.loads(line["difficult_labels"]),
        }
        for line in lines
    ]
    assert body == expected_images(sample, index, 0.3)[99:]
    assert body == get_json(client, "/ranking", **query)["images"]
    assert [line["score"] for line in lines][-2:] == ["", ""], "unreadable"


@pytest.mark.parametrize(
    "filters",
    [
        {},
        {"threshold": 0.3, "outcome": "FN"},
        {"truth": "difficult", "without": "person", "score_to": 0.8},
        {"id": "in no id"},
    ],
)
@pytest.mark.parametrize("rows_at_once", [1, 7, 1000])
def test_the_whole_ranking_is_all_of_its_parts(
    client: FlaskClient,
    monkeypatch: pytest.MonkeyPatch,
    filters: dict[str, object],
    rows_at_once: int,
) -> None:
    monkeypatch.setattr(routes, "_STREAMED_ROWS", rows_at_once)
    monkeypatch.setattr(csv_files, "_PIECE_CHARACTERS", 50 * rows_at_once)
    url = api_url("/ranking/all.csv", class_="dog", **filters)
    assert client.get(url).is_streamed
    lines, links = read_csv(client, url)
    assert lines == read_csv(client, api_url("/ranking.csv", class_="dog", size=500, **filters))[0]
    assert not links
    disposition = client.get(url).headers["Content-Disposition"]
    assert disposition == "attachment; filename=sample_ranking_dog.csv"


def test_the_class_page_links_to_the_whole_ranking(client: FlaskClient) -> None:
    page = parse(client, "/classes/dog?threshold=0.3&outcome=FP&from=5&size=3&curves=open")
    (link,) = page.xpath("//a[@download][text()='Download CSV']")
    assert link.get("title") == "All images that the filters select, as CSV"
    lines, _ = read_csv(client, link.get("href"))
    url = api_url("/ranking.csv", class_="dog", size=500, threshold=0.3, outcome="FP")
    assert lines == read_csv(client, url)[0]


def test_csv_paging_with_the_link_header(client: FlaskClient, sample: Sample) -> None:
    expected = [image["image_id"] for image in expected_images(sample, 0, 0.5)]
    url = api_url("/ranking.csv", class_="dog", size=40)
    forward: list[str] = []
    while True:
        lines, links = read_csv(client, url)
        forward += [line["image_id"] for line in lines]
        if "next" not in links:
            break
        url = urljoin(url, links["next"])
    assert forward == expected
    backward: list[str] = []
    while True:
        lines, links = read_csv(client, url)
        backward = [line["image_id"] for line in lines] + backward
        if "prev" not in links:
            break
        url = urljoin(url, links["prev"])
    assert backward == expected


@pytest.mark.parametrize("name", CLASSES)
def test_csv_filename(client: FlaskClient, name: str) -> None:
    response = client.get(api_url("/ranking.csv", class_=name, size=5))
    disposition = response.headers["Content-Disposition"]
    assert disposition.encode("latin-1")
    assert quote(f"sample_ranking_{name}_1_5.csv") in quote(disposition, safe="%&")
