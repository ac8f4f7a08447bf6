"""Headers of every response, and requests that come from other sites."""

import re
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from real_data import ROOT
from sample_run import BOXED, Sample
from web_pages import client_of, parse

from voc_model.store.thumbnails import data_key
from voc_web.serving.access import Access, Secret

PAGES = ("/", "/classes/dog?curves=open", f"/images/{BOXED}", "/tail-accuracy", "/api/v1/")
DATA = (
    "/api/v1/run",
    "/api/v1/openapi.json",
    "/api/v1/ranking.csv?class=dog",
    "/average-precision.csv",
    "/tail-accuracy.csv",
)
FAILURES = ("/nothing", "/api/v1/nothing", "/classes/dog?size=0", "/api/v1/ranking")
ASSETS = ("/static/any/app.css", "/static/any/theme.js", "/static/any/icon.svg")
LINK = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"}
EMBEDDED = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors"}


def files(sample: Sample) -> list[str]:
    return [f"/files/{data_key(sample.voc_dir)}/{kind}/{BOXED}" for kind in ("originals", 240)]


def directives(policy: str) -> dict[str, list[str]]:
    parts = [part.split() for part in policy.split(";")]
    return {name: values for name, *values in parts}


def test_every_response_has_them(client: FlaskClient, sample: Sample) -> None:
    for url in (*PAGES, *DATA, *FAILURES, *ASSETS, *files(sample), "/api/v1"):
        headers = client.get(url).headers
        policy = directives(headers["Content-Security-Policy"])
        assert policy["default-src"] == ["'self'"], url
        for name in ("object-src", "base-uri", "frame-src", "frame-ancestors"):
            assert policy[name] == ["'none'"]
        assert policy["form-action"] == ["'self'"]
        assert "unsafe" not in headers["Content-Security-Policy"]
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "same-origin"
        assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
        assert headers["X-Frame-Options"] == "DENY"
        assert not any(name.startswith("Access-Control-") for name, _ in headers)


def test_sign_in_page_has_them(sample: Sample, tmp_path: Path) -> None:
    guarded = client_of(sample, tmp_path, access=Access(secret=Secret("token")))
    for headers in ({}, {"Host": "evil.example"}):
        assert "Content-Security-Policy" in guarded.get("/", headers=headers).headers


@pytest.mark.parametrize("url", PAGES)
def test_pages_keep_the_policy(client: FlaskClient, url: str) -> None:
    """Neither a style nor a script is part of the page."""
    page = parse(client, url)
    assert page.xpath("//@style | //style") == []
    assert page.xpath("//script[not(@src) and not(@type='application/json')]") == []
    assert page.xpath("//@*[starts-with(name(), 'on')]") == []


def test_scripts_keep_the_policy() -> None:
    for path in (ROOT / "static").glob("*.js"):
        text = path.read_text()
        found = re.findall(r"\beval\(|new Function|innerHTML|setAttribute\(\"style|cssText", text)
        assert found == [], path


def test_other_sites_get_no_images_and_data(client: FlaskClient, sample: Sample) -> None:
    for url in (*PAGES, *DATA, *ASSETS, *files(sample)):
        response = client.get(url, headers=EMBEDDED)
        assert response.status_code == 403, url
        assert "sample" not in response.get_data(as_text=True)
        assert "Content-Security-Policy" in response.headers
    for url in (*DATA, *files(sample)):
        assert client.get(url, headers=LINK).status_code == 403, "not by a link either"
    for url in ("/api/v1/run", "/nothing"):
        assert client.options(url, headers=EMBEDDED).status_code == 403


def test_other_sites_link_to_pages(client: FlaskClient) -> None:
    for url in PAGES:
        assert client.get(url, headers=LINK).status_code == 200, url
    assert client.get("/nothing", headers=LINK).status_code == 404
    assert client.get("/api/v1", headers=LINK).status_code == 308


@pytest.mark.parametrize("site", ["same-origin", "none", "same-site"])
def test_own_requests_get_everything(client: FlaskClient, sample: Sample, site: str) -> None:
    for url in (*PAGES, *DATA, *ASSETS, *files(sample)):
        assert client.get(url, headers={"Sec-Fetch-Site": site}).status_code == 200, url


def test_parts_of_compressed_files(client: FlaskClient) -> None:
    """A part of a style sheet is not asked for by browsers; the whole is a valid answer."""
    whole = client.get("/static/any/app.css").data
    for encoding in ("identity", "gzip", "br", "zstd", "gzip, br, zstd"):
        headers = {"Range": "bytes=10-99", "Accept-Encoding": encoding}
        response = client.get("/static/any/app.css", headers=headers)
        assert response.status_code == 200
        assert "Content-Range" not in response.headers
        packed = response.data
        assert (packed == whole) is ("Content-Encoding" not in response.headers)


def test_parts_of_images(client: FlaskClient, sample: Sample) -> None:
    (original, _) = files(sample)
    whole = client.get(original).data
    headers = {"Range": "bytes=10-99", "Accept-Encoding": "gzip, br"}
    response = client.get(original, headers=headers)
    assert response.status_code == 206
    assert response.headers["Content-Range"] == f"bytes 10-99/{len(whole)}"
    assert response.data == whole[10:100]
