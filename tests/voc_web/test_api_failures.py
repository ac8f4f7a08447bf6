"""Errors under /api/ are JSON with the statuses and words of the pages; names may be anything."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from api_client import answer, answer_at, api_url
from flask.testing import FlaskClient
from lxml import html
from sample_run import CLASSES, IMAGES, Sample, write_run
from web_pages import client_of, parse, text_of

from voc_web.api import routes

WITH_CLASS = (
    "/class",
    "/ranking",
    "/ranking.csv",
    "/strip",
    "/strip.csv",
    "/operating-points",
    "/operating-points.csv",
    "/curves/precision-recall",
    "/curves/precision-recall.csv",
    "/curves/tail-accuracy",
    "/curves/tail-accuracy.csv",
    "/curves/calibration",
    "/curves/calibration.csv",
    "/curves/histogram",
    "/curves/histogram.csv",
)
# Names with everything that has a meaning somewhere in an address, CSV, HTML or a header.
NASTY = (
    '<b>&"',
    "</script><script>alert(1)</script>",
    "100% ?a=b#c",
    "a/b",
    "a//b/../c",
    "/",
    "..",
    "ranking",
    "dog/ranking.csv",
    "ünï 模型",
    "it's + ;",
    'line\nbreak, "quoted"\ttab',
    "%2F%00",
)


def problem(client: FlaskClient, url: str, status: int) -> dict[str, Any]:
    """Returns a failure, checked to be one of RFC 9457."""
    response = client.get(url)
    text = response.get_data(as_text=True)
    assert response.status_code == status, text
    assert response.mimetype == "application/problem+json"
    told: dict[str, Any] = json.loads(text)
    assert set(told) == {"type", "title", "status", "detail"}
    assert told["status"] == status
    assert "Traceback" not in text
    if told["type"] != "about:blank":
        path, _, anchor = told["type"].partition("#")
        assert path == "/api/v1/"
        assert anchor
    return told


@pytest.mark.parametrize(
    ("path", "page", "status"),
    [
        ("/ranking?class=dog&size=0", "/classes/dog?size=0", 400),
        ("/ranking?class=dog&size=501", "/classes/dog?size=501", 400),
        ("/ranking?class=dog&size=1.5", "/classes/dog?size=1.5", 400),
        ("/ranking?class=dog&size=x&threshold=y", "/classes/dog?size=x&threshold=y", 400),
        ("/ranking?class=dog&from=0", "/classes/dog?from=0", 400),
        (f"/ranking?class=dog&from={IMAGES + 1}", f"/classes/dog?from={IMAGES + 1}", 400),
        (f"/ranking?class=dog&from={10**30}", f"/classes/dog?from={10**30}", 400),
        (f"/ranking.csv?class=dog&from={IMAGES + 1}", f"/classes/dog?from={IMAGES + 1}", 400),
        ("/ranking.csv?class=dog&size=-1", "/classes/dog?size=-1", 400),
        ("/class?class=dog&threshold=2", "/classes/dog?threshold=2", 400),
        ("/class?class=dog&threshold=nan", "/classes/dog?threshold=nan", 400),
        ("/image?image=2008_000001&threshold=x", "/images/2008_000001?threshold=x", 400),
        ("/image?image=nothing", "/images/nothing", 404),
        ("/image?image=2008_000001&class=x", "/images/2008_000001?class=x", 404),
        ("/ranking?class=nothing", "/classes/nothing", 404),
        ("/nothing", "/nothing", 404),
        ("/ranking/", "/nothing", 404),
    ],
)
def test_it_says_what_the_page_says(client: FlaskClient, path: str, page: str, status: int) -> None:
    told = problem(client, f"/api/v1{path}", status)
    response = client.get(page)
    assert response.status_code == status
    main = html.document_fromstring(response.get_data(as_text=True)).xpath("//main")[0]
    for text in (told["title"], told["detail"]):
        assert text
        assert " ".join(text.split()) in text_of(main)


@pytest.mark.parametrize("path", WITH_CLASS)
@pytest.mark.parametrize("query", ["", "?class=", "?size=3"])
def test_a_class_is_needed(client: FlaskClient, path: str, query: str) -> None:
    told = problem(client, f"/api/v1{path}{query}", 400)
    assert told["detail"] == "class is required."
    assert told["type"] == "/api/v1/#bad-value"


def test_an_image_is_needed(client: FlaskClient) -> None:
    assert problem(client, "/api/v1/image", 400)["detail"] == "image is required."


@pytest.mark.parametrize("path", WITH_CLASS)
def test_an_unknown_class_lists_those_there_are(client: FlaskClient, path: str) -> None:
    told = problem(client, api_url(path, class_="nothing"), 404)
    assert "'nothing'" in told["detail"]
    assert all(name in told["detail"] for name in CLASSES)
    assert told["type"] == "/api/v1/#not-found"


def test_the_type_of_a_problem_is_explained(client: FlaskClient) -> None:
    """Also that of failures that few will see."""
    anchors = parse(client, "/api/v1/").xpath("//@id")
    for path in ("/ranking?class=dog&size=0", "/ranking?class=nothing"):
        kind = problem(client, f"/api/v1{path}", 400 if "size" in path else 404)["type"]
        assert kind.partition("#")[2] in anchors
    assert {"no-scores", "no-image", "bad-data"} <= set(anchors)


def test_other_parameters_and_empty_ones_are_ignored(client: FlaskClient) -> None:
    plain = answer(client, "/ranking", class_="dog")
    assert answer_at(client, "/api/v1/ranking?class=dog&page=3&size=&threshold=") == plain


def test_another_method_is_refused(client: FlaskClient) -> None:
    response = client.post("/api/v1/run")
    assert response.status_code == 405
    assert response.mimetype == "application/problem+json"
    assert "GET" in response.headers["Allow"]
    assert response.get_json()["title"] == "Method Not Allowed"


@pytest.mark.parametrize("path", ["/run", "/", "/ranking.csv?class=dog"])
def test_head_is_get_without_a_body(client: FlaskClient, path: str) -> None:
    response = client.head(f"/api/v1{path}")
    assert (response.status_code, response.data) == (200, b"")


def test_elsewhere_a_failure_is_a_page(client: FlaskClient) -> None:
    for url in ("/nothing", "/apinothing", "/classes/dog?size=0", "/images/api/v1/run"):
        assert client.get(url).mimetype == "text/html"


@pytest.mark.parametrize(
    "path",
    ["/", "/run", "/classes", *(f"{path}?class=dog" for path in WITH_CLASS), "/image?image=a"],
)
def test_removed_scores(own_client: FlaskClient, own_run: Sample, path: str) -> None:
    own_run.run.scores_path.unlink()
    told = problem(own_client, f"/api/v1{path}", 503)
    assert str(own_run.run.scores_path) in told["detail"]
    assert "scripts/precompute_scores.py" in told["detail"]
    assert told["type"] == "/api/v1/#no-scores"


def test_without_scores_the_document_is_there(own_client: FlaskClient, own_run: Sample) -> None:
    own_run.run.scores_path.unlink()
    assert "/ranking" in answer_at(own_client, "/api/v1/openapi.json")["paths"]


def test_an_unexpected_failure_shows_no_details(
    sample: Sample, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("secret detail")

    monkeypatch.setattr(routes, "cards_of_ranks", fail)
    client = client_of(sample, tmp_path / "cache")
    told = problem(client, "/api/v1/ranking?class=dog", 500)
    assert "secret" not in told["detail"]
    assert "server log" in told["detail"]


@pytest.fixture(scope="module")
def nasty(sample: Sample, tmp_path_factory: pytest.TempPathFactory) -> tuple[FlaskClient, Sample]:
    """A run whose classes and images both bear such names."""
    folder = tmp_path_factory.mktemp("nasty")
    random = np.random.default_rng(5)
    scores = random.random((len(NASTY), len(NASTY))).astype(np.float32)
    labels = random.integers(-1, 2, scores.shape).astype(np.int8)
    run = write_run(folder / '<i>"run"&', sample.voc_dir, NASTY, NASTY, scores, labels)
    return client_of(run, folder / "cache"), run


@pytest.mark.parametrize("name", NASTY)
def test_a_class_of_any_name(nasty: tuple[FlaskClient, Sample], name: str) -> None:
    client, sample = nasty
    index = sample.classes.index(name)
    for path in WITH_CLASS:
        if path.endswith(".csv"):
            response = client.get(api_url(path, class_=name))
            assert response.status_code == 200
            assert response.headers["Content-Disposition"].encode("latin-1")
        else:
            assert answer(client, path, class_=name)["class"] == name
    told = answer(client, "/ranking", class_=name, size=4)
    ids = [image["image_id"] for image in told["images"]]
    while told["next"]:
        told = answer_at(client, told["next"])
        assert told["class"] == name
        ids += [image["image_id"] for image in told["images"]]
    assert ids == sample.ranked_ids(index)


@pytest.mark.parametrize("name", NASTY)
def test_an_image_of_any_name(nasty: tuple[FlaskClient, Sample], name: str) -> None:
    client, sample = nasty
    row = sample.image_ids.index(name)
    told = answer(client, "/image", image=name, class_=name)
    assert told["image_id"] == told["place"]["class"] == name
    index = sample.classes.index(name)
    assert told["place"]["rank"] == sample.ranked_rows(index).index(row) + 1
    assert {row["class"] for row in told["scores"]} == set(NASTY)


def test_a_null_byte_ends_no_name(client: FlaskClient) -> None:
    for path in ("/image?image=2008_000001%00", "/ranking?class=dog%00"):
        problem(client, f"/api/v1{path}", 404)
