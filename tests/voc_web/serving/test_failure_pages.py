"""Error pages have the layout of the other pages, a suitable status and a helpful message."""

import os
import re
from pathlib import Path
from urllib.parse import quote, unquote

import numpy as np
import pytest
from flask.testing import FlaskClient
from lxml import html
from sample_run import IMAGES, Sample
from web_pages import client_of, parse, text_of

from voc_model.store.archive import read_npz
from voc_model.store.npz import write_npz
from voc_web.pages import rankings
from voc_web.run import cards

PAGES = ("/", "/classes/dog", "/average-precision", "/tail-accuracy", "/images/2008_000001")
FILES = ("/average-precision.csv", "/tail-accuracy.csv")


def failure(client: FlaskClient, url: str, status: int) -> str:
    """Returns the text of an error page, which must have the layout of the site."""
    response = client.get(url)
    assert response.status_code == status, response.get_data(as_text=True)[:2000]
    assert response.mimetype == "text/html"
    page = html.document_fromstring(response.get_data(as_text=True))
    assert page.xpath("//link[@rel='stylesheet']"), "styled"
    assert page.xpath("//main//a[@href='/']"), "a link to the overview"
    text = text_of(page.xpath("//main")[0])
    assert str(status) in text
    assert "Traceback" not in response.get_data(as_text=True)
    return text


GREEN = "grüner Baum & Strauch"
SIZE = "size must be a whole number from 1 to 500"
FROM = "from must be a whole number of at least 1"
THRESHOLD = "threshold must be a number from 0 to 1"
AP = "ap must be 'sklearn', 'voc2010' or 'voc2007'"


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("/classes/dog?size=0", f"{SIZE}, not '0'."),
        ("/classes/dog?size=501", f"{SIZE}, not '501'."),
        ("/classes/dog?size=abc", f"{SIZE}, not 'abc'."),
        ("/classes/dog?size=-1", f"{SIZE}, not '-1'."),
        ("/classes/dog?size=1.5", f"{SIZE}, not '1.5'."),
        ("/classes/dog?from=0", f"{FROM}, not '0'."),
        ("/classes/dog?from=-1", f"{FROM}, not '-1'."),
        (f"/classes/dog?from={IMAGES + 1}", f"from must be a rank from 1 to {IMAGES}"),
        (f"/classes/dog?from={10**30}", f"from must be a rank from 1 to {IMAGES}"),
        (f"/classes/dog?from={'9' * 5000}", f"from is too large: '{'9' * 40}…'."),
        ("/classes/dog?threshold=2", f"{THRESHOLD}, not '2'."),
        ("/classes/dog?threshold=-0.1", f"{THRESHOLD}, not '-0.1'."),
        ("/classes/dog?threshold=nan", f"{THRESHOLD}, not 'nan'."),
        ("/classes/dog?threshold=inf", f"{THRESHOLD}, not 'inf'."),
        ("/classes/dog?threshold=x&size=y", f"{THRESHOLD}, not 'x'; {SIZE}, not 'y'."),
        ("/classes/dog?curves=shut", "curves must be 'open', not 'shut'."),
        ("/images/2008_000001?threshold=2", f"{THRESHOLD}, not '2'."),
        ("/?ap=foo", f"{AP}, not 'foo'."),
        (
            "/?sort=foo",
            "sort must be 'class', 'ap', 'tail', 'above', 'present', 'threshold', 'precision', "
            "'recall' or 'f1', not 'foo'.",
        ),
        ("/?show=foo", "show must be 'scores', 'mistakes' or 'misses', not 'foo'."),
        ("/?order=foo", "order must be 'ascending' or 'descending', not 'foo'."),
        ("/?from=0", f"{FROM}, not '0'."),
        ("/?from=5", "from must be a number from 1 to 4, the number of classes, not 5."),
        ("/average-precision?ap=foo", f"{AP}, not 'foo'."),
        ("/classes/dog?size=<b>", f"{SIZE}, not '<b>'."),
    ],
)
def test_message_of_an_invalid_parameter(client: FlaskClient, url: str, message: str) -> None:
    assert f"This link has an invalid value: {message}" in failure(client, url, 400)


@pytest.mark.parametrize(
    ("url", "path", "name"),
    [
        ("/classes/dog?threshold=abc", "/classes/dog", "dog"),
        (f"/classes/{quote(GREEN)}?size=0", f"/classes/{GREEN}", GREEN),
        ("/images/2008_000001?threshold=2", "/images/2008_000001", "2008_000001"),
        ("/tail-accuracy?threshold=foo", "/tail-accuracy", "the default view"),
    ],
)
def test_link_back_to_the_page_without_parameters(
    client: FlaskClient, url: str, path: str, name: str
) -> None:
    page = html.document_fromstring(client.get(url).get_data(as_text=True))
    (back,) = page.xpath("//main//a[@href!='/']")
    assert text_of(back) == f"Back to {name}"
    assert unquote(back.get("href")) == path
    assert client.get(back.get("href")).status_code == 200


@pytest.mark.parametrize("url", ["/?unknown=1", "/classes/dog?page=3&utm=x"])
def test_unknown_parameters_are_ignored(client: FlaskClient, url: str) -> None:
    assert client.get(url).status_code == 200


def test_unknown_class_lists_existing_classes(client: FlaskClient, sample: Sample) -> None:
    for url in ("/classes/nothing", "/images/2008_000001?class=nothing"):
        text = failure(client, url, 404)
        assert "'nothing'" in text
        assert all(name in text for name in sample.classes)


@pytest.mark.parametrize(
    "url",
    ["/nothing", "/classes/", "/static/any/nothing.css", "/static/any/../../app.py", "/files/x"],
)
def test_unknown_page(client: FlaskClient, url: str) -> None:
    failure(client, url, 404)


def test_method_not_allowed(client: FlaskClient) -> None:
    response = client.post("/")
    assert response.status_code == 405
    assert "GET" in response.headers["Allow"]
    assert "stylesheet" in response.get_data(as_text=True)


@pytest.mark.parametrize("url", [*PAGES, *FILES])
def test_removed_scores(own_client: FlaskClient, own_run: Sample, url: str) -> None:
    path = own_run.run.scores_path
    assert own_client.get(url).status_code == 200
    kept = path.read_bytes()
    path.unlink()
    text = failure(own_client, url, 503)
    assert "sample/scores.npz" in text
    assert str(path.parent.parent) not in text
    assert "scripts/precompute_scores.py" in text
    path.write_bytes(kept)
    assert own_client.get(url).status_code == 200, "restored without a restart"


def test_missing_scores_at_startup(own_run: Sample, tmp_path: Path) -> None:
    own_run.run.scores_path.unlink()
    client = client_of(own_run, tmp_path / "cache")
    assert "precompute_scores.py" in failure(client, "/", 503)


@pytest.mark.parametrize("share", [0, 0.001, 0.3, 0.9, 0.999])
def test_truncated_scores(own_client: FlaskClient, own_run: Sample, share: float) -> None:
    path = own_run.run.scores_path
    assert own_client.get("/").status_code == 200
    whole = path.read_bytes()
    path.unlink()  # Like os.replace: the open memory map keeps the old file.
    path.write_bytes(whole[: int(share * len(whole))])
    assert "damaged" in failure(own_client, "/classes/dog", 503)
    path.write_bytes(whole)
    assert own_client.get("/classes/dog").status_code == 200


def test_replaced_scores_of_equal_size_and_time_are_noticed(
    own_client: FlaskClient, own_run: Sample
) -> None:
    """As rsync or cp -p create them."""
    path = own_run.run.scores_path
    assert "<td" in own_client.get("/").get_data(as_text=True)
    times = path.stat().st_mtime_ns
    damaged = path.with_suffix(".other")
    damaged.write_bytes(b"x" * path.stat().st_size)
    os.utime(damaged, ns=(times, times))
    damaged.replace(path)
    failure(own_client, "/", 503)


@pytest.mark.parametrize("position", range(0, 100, 4))
def test_any_damaged_byte_of_the_structure_gives_a_failure_or_the_right_page(
    own_run: Sample, tmp_path: Path, position: int
) -> None:
    """In the structure of the file: the header of the first member, or the directory at the end."""
    path = own_run.run.scores_path
    right = client_of(own_run, tmp_path / "cache").get("/classes/dog").data
    data = bytearray(path.read_bytes())
    random = np.random.default_rng(position)
    at = random.choice(np.r_[0:192, len(data) - 700 : len(data)])
    data[at] ^= 0xFF
    path.write_bytes(data)
    response = client_of(own_run, tmp_path / "cache").get("/classes/dog")
    assert response.status_code == 503 or response.data == right, f"byte {at}"
    assert "stylesheet" in response.get_data(as_text=True)


def test_ranking_with_rows_out_of_range(own_run: Sample, tmp_path: Path) -> None:
    members = {name: np.array(array) for name, array in read_npz(own_run.run.scores_path).items()}
    members["ranking"][0, 3] = 10_000
    own_run.run.scores_path.unlink()
    write_npz(own_run.run.scores_path, members)
    own_run.run.metrics_path.unlink()
    text = failure(client_of(own_run, tmp_path / "cache"), "/", 503)
    assert "the ranking of 'dog' does not match its scores" in text


def test_internal_error_hides_details(
    sample: Sample, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("secret detail")

    monkeypatch.setattr(rankings, "cards_of_ranks", fail)
    client = client_of(sample, tmp_path / "cache")
    text = failure(client, "/classes/dog", 500)
    assert "secret detail" not in text
    assert "server log" in text


def test_error_while_opening_the_run_has_a_styled_page(
    sample: Sample, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = client_of(sample, tmp_path / "cache")

    def fail(*_: object) -> None:
        raise RuntimeError("secret detail")

    monkeypatch.setattr(client.application.extensions["run_reader"], "current", fail)
    assert "secret detail" not in failure(client, "/", 500)


def test_debug_mode_shows_the_exception(
    sample: Sample, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("detail")

    monkeypatch.setattr(cards, "verdict_of", fail)
    client = client_of(sample, tmp_path / "cache")
    client.application.debug = True
    with pytest.raises(RuntimeError, match="detail"):
        client.get("/classes/dog")


def test_error_pages_escape_input(client: FlaskClient) -> None:
    for url in ("/classes/<script>alert(1)</script>", "/?ap=<script>", "/images/<script>"):
        body = client.get(url).get_data(as_text=True)
        assert not re.search(r"<script(?! type=| defer| src=)", body)
        assert "&lt;script&gt;" in body


def test_overview_linked_by_error_pages_works(client: FlaskClient) -> None:
    assert parse(client, "/").xpath("//table")
