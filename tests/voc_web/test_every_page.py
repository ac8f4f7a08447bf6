"""What holds for all pages: nothing from elsewhere, escaped names, links that lead somewhere."""

import json
import re
from pathlib import Path
from urllib.parse import quote, unquote, urljoin, urlsplit

import numpy as np
import pytest
from flask.testing import FlaskClient
from lxml import html
from real_data import ROOT
from sample_run import BOXED, CORRUPT, IMAGES, LINKED, MISSING, Sample, write_run
from web_pages import client_of, has_class, instrument_data, parse, texts

NASTY = (
    '<b>&"',
    "</script><script>alert(1)</script>",
    "100% ?a=b#c",
    "a/b",
    "ünï 模型",
    "it's + ;",
)
PAGES = (
    "/",
    "/?sort=ap&order=descending&ap=voc2007",
    "/classes/dog",
    "/classes/gr%C3%BCner%20Baum%20%26%20Strauch?from=60&threshold=0.3",
    f"/images/{BOXED}?class=dog",
    f"/images/{MISSING}",
    "/average-precision",
    "/tail-accuracy",
    "/nothing",
    "/classes/dog?size=0",
)


@pytest.fixture(scope="module")
def nasty_client(
    sample: Sample, tmp_path_factory: pytest.TempPathFactory
) -> tuple[FlaskClient, Sample]:
    folder = tmp_path_factory.mktemp("nasty")
    ids = [f"{name.replace('/', '')} {number}" for number, name in enumerate(NASTY * 4)]
    random = np.random.default_rng(3)
    scores = random.random((len(ids), len(NASTY))).astype(np.float32)
    labels = random.integers(-1, 2, scores.shape).astype(np.int8)
    run = write_run(folder / '<i>"run"&', sample.voc_dir, ids, NASTY, scores, labels)
    return client_of(run, folder / "cache"), run


@pytest.mark.parametrize("url", PAGES)
def test_nothing_comes_from_elsewhere(client: FlaskClient, url: str) -> None:
    body = client.get(url).get_data(as_text=True)
    addresses = re.findall(r"(?:https?:)?//[^\s\"'<>)]+", body)
    assert [address for address in addresses if "www.w3.org/2000/svg" not in address] == []


def test_scripts_and_styles_come_from_here(client: FlaskClient) -> None:
    seen = set()
    for url in PAGES[:8]:
        page = parse(client, url)
        seen |= set(page.xpath("//script/@src | //link[@rel!='expect']/@href"))
        assert page.xpath("//script[not(@src) and not(@type='application/json')]") == []
        assert page.xpath("//@onclick | //@onload | //@onerror") == []
    files = {path.name for path in (ROOT / "static").iterdir()} | {"plotly.min.js"}
    assert {urlsplit(url).path.removeprefix("/static/") for url in seen} == files, "all are used"
    for url in seen:
        response = client.get(url)
        assert response.status_code == 200
        assert response.cache_control.max_age == 365 * 24 * 3600
        assert "v=" in url
        if "plotly" not in url:
            assert "://" not in response.get_data(as_text=True).replace("http://www.w3.org", "")


@pytest.mark.parametrize("encoding", ["gzip", "identity"])
def test_plotly_is_that_of_the_installed_package(client: FlaskClient, encoding: str) -> None:
    (src,) = parse(client, "/tail-accuracy").xpath("//script[contains(@src, 'plotly')]/@src")
    response = client.get(src, headers={"Accept-Encoding": encoding})
    assert response.headers.get("Content-Encoding") == ("gzip" if encoding == "gzip" else None)
    assert response.mimetype == "text/javascript"
    if encoding == "identity":
        assert b"plotly.js" in response.data[:200]
    assert not parse(client, "/").xpath("//script[contains(@src, 'plotly')]")
    assert not parse(client, "/classes/dog").xpath("//script[contains(@src, 'plotly')]")


@pytest.mark.parametrize("url", PAGES[:8])
def test_every_link_leads_somewhere(client: FlaskClient, url: str) -> None:
    page = parse(client, url)
    broken = {quote(image_id) for image_id in (MISSING, CORRUPT, LINKED)}
    links = set(page.xpath("//a/@href | //form/@action | //img/@src"))
    for folder in page.xpath("//dialog/@data-originals"):
        links |= {folder + quote(image_id) for image_id in page.xpath("//a/@data-image")}
    assert len(links) > 5
    for link in links:
        status = client.get(urljoin(url, link)).status_code
        is_file = link.startswith("/files/")
        wanted = 404 if is_file and unquote(link).rpartition("/")[2] in broken else 200
        assert status == wanted, link


@pytest.mark.parametrize("url", PAGES)
def test_structure(client: FlaskClient, url: str) -> None:
    """Each page has a language, a title, one main heading, and no id twice."""
    body = client.get(url).get_data(as_text=True)
    assert body.lstrip().startswith("<!doctype html>")
    page = html.document_fromstring(body)
    assert page.get("lang") == "en"
    (title,) = texts(page, "//title")
    assert title != "Ranking browser"
    assert len(page.xpath("//h1")) == 1
    ids = page.xpath("//@id")
    assert len(ids) == len(set(ids))
    assert all(image.get("alt") is not None for image in page.xpath("//img"))
    assert all(
        image.get("width") and image.get("height") for image in page.xpath("//main//img[@src]")
    )
    assert all(link.text_content().strip() or link.xpath(".//img") for link in page.xpath("//a"))
    for field in page.xpath("//input[not(@type='hidden')]"):
        assert field.xpath("./ancestor::label") or field.get("aria-label"), "it has a label"


@pytest.mark.parametrize("name", NASTY)
def test_special_class_names_round_trip(
    nasty_client: tuple[FlaskClient, Sample], name: str
) -> None:
    client, sample = nasty_client
    index = sample.classes.index(name)
    overview = parse(client, "/")
    link = overview.xpath("//tbody/tr/th/a/@href")[index]
    page = parse(client, link)
    assert page.xpath("//h1")[0].text_content() == name
    assert page.xpath("//main//b | //main//script[not(@type='application/json')]") == []
    assert instrument_data(page)["class"] == name
    card = page.xpath(f"//li[{has_class('card')}]/a/@href")[0]
    image_page = parse(client, card)
    assert image_page.xpath("//h1")[0].text_content() == sample.ranked_ids(index)[0]
    assert f"rank 1 of {name}" in " ".join(texts(image_page, "//nav//a"))
    following = image_page.xpath("//a[@rel='next']/@href")[0]
    assert parse(client, following).xpath("//h1")[0].text_content() == sample.ranked_ids(index)[1]
    assert page.forms
    for form in page.forms:
        assert client.get(urlsplit(form.get("action")).path).status_code == 200


@pytest.mark.parametrize("url", ["/average-precision", "/tail-accuracy"])
def test_no_class_name_ends_the_script_of_the_curves(
    nasty_client: tuple[FlaskClient, Sample], url: str
) -> None:
    client, sample = nasty_client
    page = parse(client, url)
    (script,) = page.xpath("//script[not(@src)]")
    figure = json.loads(script.text)
    assert [trace["name"] for trace in figure["data"]] == [*sample.classes, "mean"]
    for trace in figure["data"]:  # Plotly reads some HTML there.
        assert "<b><b>" not in trace["hovertemplate"]
        assert "<script" not in trace["hovertemplate"]


@pytest.mark.parametrize("url", ["/average-precision", "/tail-accuracy"])
def test_curves_are_those_of_the_scores(client: FlaskClient, sample: Sample, url: str) -> None:
    (script,) = parse(client, url).xpath("//script[@data-figure]")
    figure = json.loads(script.text, parse_constant=pytest.fail)
    for index, trace in enumerate(figure["data"][:-1]):
        scores = sample.scores[:, index].astype(float)
        labels = sample.labels[:, index]
        counted = ~np.isnan(scores) & (labels >= 0)
        scores, labels = scores[counted], labels[counted]
        assert len(trace["x"]) == len(trace["y"]) == len(trace["customdata"])
        for x, y, details in zip(trace["x"], trace["y"], trace["customdata"], strict=True):
            if url == "/tail-accuracy":
                above = labels[scores > x - 1e-5 if x < 0.5 else scores > x]
                if details[0] and len(above) == details[0]:
                    assert y == pytest.approx(above.mean(), abs=1e-4)
                continue
            at_least = labels[scores >= details[1] * (1 - 1e-4)]
            assert details[0] == len(at_least)
            assert y == pytest.approx(at_least.mean(), abs=1e-4)
            assert x == pytest.approx(at_least.sum() / labels.sum(), abs=1e-4)


@pytest.mark.parametrize("url", ["/average-precision", "/tail-accuracy"])
def test_many_curves_share_the_points_of_a_figure(
    sample: Sample, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, url: str
) -> None:
    def points_of_classes() -> list[list[tuple[float, float]]]:
        (script,) = parse(client_of(sample, tmp_path), url).xpath("//script[@data-figure]")
        traces = json.loads(script.text)["data"][:-1]
        return [list(zip(trace["x"], trace["y"], strict=True)) for trace in traces]

    whole = points_of_classes()
    monkeypatch.setattr("voc_web.charts._MOST_POINTS", 5 * len(sample.classes))
    for points, thinned in zip(whole, points_of_classes(), strict=True):
        assert len(thinned) == min(5, len(points))
        assert set(thinned) <= set(points)
        assert (thinned[:1], thinned[-1:]) == (points[:1], points[-1:])


def test_pages_are_compressed(client: FlaskClient) -> None:
    (style,) = parse(client, "/").xpath("//link[@rel='stylesheet']/@href")
    for url in ("/", f"/classes/dog?size={IMAGES}", "/tail-accuracy", "/tail-accuracy.csv", style):
        plain = client.get(url, headers={"Accept-Encoding": "identity"})
        packed = client.get(url, headers={"Accept-Encoding": "gzip, deflate, br, zstd"})
        assert packed.headers.get("Content-Encoding") in ("gzip", "br", "zstd"), url
        assert len(packed.data) < len(plain.data) / 2
        assert "Accept-Encoding" in packed.headers["Vary"]


def test_images_are_not_compressed_again(client: FlaskClient) -> None:
    page = parse(client, "/classes/dog")
    src = page.xpath("//li//img/@src")[0]
    response = client.get(src, headers={"Accept-Encoding": "gzip"})
    assert "Content-Encoding" not in response.headers


@pytest.mark.parametrize("url", ["/", "/classes/dog", "/average-precision.csv"])
def test_head_is_get_without_a_body(client: FlaskClient, url: str) -> None:
    response = client.head(url)
    assert (response.status_code, response.data) == (200, b"")


def test_a_path_may_be_anything(sample: Sample, tmp_path: Path) -> None:
    """The data set's folder is shown by name and never ends up in an address."""
    page = client_of(sample, tmp_path / "cache").get("/").get_data(as_text=True)
    assert str(sample.voc_dir.parent) not in page
