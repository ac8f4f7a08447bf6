"""API errors have the statuses and messages of the pages; names may have any characters."""

import json
from pathlib import Path
from typing import Any
from urllib.parse import quote

import numpy as np
import pytest
from api_client import api_url, get_json, get_json_at
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
# Names with all characters that are special in URLs, CSV, HTML or headers.
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
# The same, where they can be the path of a file below the folder of the images.
NASTY_IDS = tuple(
    name.replace("..", "...").replace("\n", " ") if name != "/" else "a/" for name in NASTY
)


def problem(client: FlaskClient, url: str, status: int) -> dict[str, Any]:
    """Returns an error response, which must conform to RFC 9457."""
    response = client.get(url)
    text = response.get_data(as_text=True)
    assert response.status_code == status, text
    assert response.mimetype == "application/problem+json"
    body: dict[str, Any] = json.loads(text)
    assert set(body) == {"type", "title", "status", "detail"}
    assert body["status"] == status
    assert "Traceback" not in text
    if body["type"] != "about:blank":
        path, _, anchor = body["type"].partition("#")
        assert path == "/api/v1/"
        assert anchor
    return body


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
def test_message_matches_the_page(client: FlaskClient, path: str, page: str, status: int) -> None:
    body = problem(client, f"/api/v1{path}", status)
    response = client.get(page)
    assert response.status_code == status
    main = html.document_fromstring(response.get_data(as_text=True)).xpath("//main")[0]
    for text in (body["title"], body["detail"]):
        assert text
        assert " ".join(text.split()) in text_of(main)


@pytest.mark.parametrize("path", WITH_CLASS)
@pytest.mark.parametrize("query", ["", "?class=", "?size=3"])
def test_class_is_required(client: FlaskClient, path: str, query: str) -> None:
    body = problem(client, f"/api/v1{path}{query}", 400)
    assert body["detail"] == "class is required."
    assert body["type"] == "/api/v1/#bad-value"


def test_image_is_required(client: FlaskClient) -> None:
    assert problem(client, "/api/v1/image", 400)["detail"] == "image is required."


@pytest.mark.parametrize("path", WITH_CLASS)
def test_unknown_class_lists_existing_classes(client: FlaskClient, path: str) -> None:
    body = problem(client, api_url(path, class_="nothing"), 404)
    assert "'nothing'" in body["detail"]
    assert all(name in body["detail"] for name in CLASSES)
    assert body["type"] == "/api/v1/#not-found"


def test_problem_types_link_to_an_explanation(client: FlaskClient) -> None:
    """Including rare kinds of errors."""
    anchors = parse(client, "/api/v1/").xpath("//@id")
    for path in ("/ranking?class=dog&size=0", "/ranking?class=nothing"):
        kind = problem(client, f"/api/v1{path}", 400 if "size" in path else 404)["type"]
        assert kind.partition("#")[2] in anchors
    assert {"no-scores", "no-image", "bad-data"} <= set(anchors)


def test_unknown_and_empty_parameters_are_ignored(client: FlaskClient) -> None:
    plain = get_json(client, "/ranking", class_="dog")
    assert get_json_at(client, "/api/v1/ranking?class=dog&page=3&size=&threshold=") == plain


def test_method_not_allowed(client: FlaskClient) -> None:
    response = client.post("/api/v1/run")
    assert response.status_code == 405
    assert response.mimetype == "application/problem+json"
    assert "GET" in response.headers["Allow"]
    assert response.get_json()["title"] == "Method Not Allowed"


@pytest.mark.parametrize("path", ["/run", "/", "/ranking.csv?class=dog"])
def test_head_is_get_without_a_body(client: FlaskClient, path: str) -> None:
    response = client.head(f"/api/v1{path}")
    assert (response.status_code, response.data) == (200, b"")


def test_errors_outside_the_api_are_pages(client: FlaskClient) -> None:
    for url in ("/nothing", "/apinothing", "/classes/dog?size=0", "/images/api/v1/run"):
        assert client.get(url).mimetype == "text/html"


@pytest.mark.parametrize(
    "path",
    ["/", "/run", "/classes", *(f"{path}?class=dog" for path in WITH_CLASS), "/image?image=a"],
)
def test_removed_scores(own_client: FlaskClient, own_run: Sample, path: str) -> None:
    own_run.run.scores_path.unlink()
    body = problem(own_client, f"/api/v1{path}", 503)
    assert "sample/scores.npz" in body["detail"]
    assert str(own_run.run.path.parent) not in body["detail"]
    assert "scripts/precompute_scores.py" in body["detail"]
    assert body["type"] == "/api/v1/#no-scores"


def test_document_without_scores(own_client: FlaskClient, own_run: Sample) -> None:
    own_run.run.scores_path.unlink()
    assert "/ranking" in get_json_at(own_client, "/api/v1/openapi.json")["paths"]


def test_internal_error_hides_details(
    sample: Sample, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("secret detail")

    monkeypatch.setattr(routes, "cards_of_ranks", fail)
    client = client_of(sample, tmp_path / "cache")
    body = problem(client, "/api/v1/ranking?class=dog", 500)
    assert "secret" not in body["detail"]
    assert "server log" in body["detail"]


@pytest.fixture(scope="module")
def nasty(sample: Sample, tmp_path_factory: pytest.TempPathFactory) -> tuple[FlaskClient, Sample]:
    """A run whose classes and images have these names."""
    folder = tmp_path_factory.mktemp("nasty")
    random = np.random.default_rng(5)
    scores = random.random((len(NASTY), len(NASTY))).astype(np.float32)
    labels = random.integers(-1, 2, scores.shape).astype(np.int8)
    run = write_run(folder / '<i>"run"&', sample.voc_dir, NASTY_IDS, NASTY, scores, labels)
    return client_of(run, folder / "cache"), run


@pytest.mark.parametrize("name", NASTY)
def test_special_characters_in_class_names(nasty: tuple[FlaskClient, Sample], name: str) -> None:
    client, sample = nasty
    index = sample.classes.index(name)
    for path in WITH_CLASS:
        if path.endswith(".csv"):
            response = client.get(api_url(path, class_=name))
            assert response.status_code == 200
            assert response.headers["Content-Disposition"].encode("latin-1")
        else:
            assert get_json(client, path, class_=name)["class"] == name
    body = get_json(client, "/ranking", class_=name, size=4)
    ids = [image["image_id"] for image in body["images"]]
    while body["next"]:
        body = get_json_at(client, body["next"])
        assert body["class"] == name
        ids += [image["image_id"] for image in body["images"]]
    assert ids == sample.ranked_ids(index)


@pytest.mark.parametrize("name", NASTY)
def test_pages_know_the_same_names(nasty: tuple[FlaskClient, Sample], name: str) -> None:
    client, _ = nasty
    image_id = NASTY_IDS[NASTY.index(name)]
    for folder, shown in (("classes", name), ("images", image_id)):
        page = parse(client, f"/{folder}/{quote(shown)}")
        assert page.xpath("//h1")[0].text_content() == shown
        links = page.xpath(f"//a[starts-with(@href, '/{folder}/')]/@href")
        assert links
        for link in links:
            assert client.get(link).status_code == 200, link
    for unknown in (f"{name}\n", f"\n{name}", f"/{name}"):
        page_status = client.get(f"/classes/{quote(unknown)}").status_code
        api_status = client.get(api_url("/class", class_=unknown)).status_code
        assert page_status == api_status == (200 if unknown in NASTY else 404)


@pytest.mark.parametrize("name", NASTY_IDS)
def test_special_characters_in_image_ids(nasty: tuple[FlaskClient, Sample], name: str) -> None:
    client, sample = nasty
    row = sample.image_ids.index(name)
    class_name = NASTY[NASTY_IDS.index(name)]
    body = get_json(client, "/image", image=name, class_=class_name)
    assert (body["image_id"], body["in_class"]["class"]) == (name, class_name)
    index = sample.classes.index(class_name)
    assert body["in_class"]["rank"] == sample.ranked_rows(index).index(row) + 1
    assert {row["class"] for row in body["scores"]} == set(NASTY)


def test_null_byte_in_a_name(client: FlaskClient) -> None:
    for path in ("/image?image=2008_000001%00", "/ranking?class=dog%00"):
        problem(client, f"/api/v1{path}", 404)
