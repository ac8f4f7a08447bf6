"""Properties of all pages: no external resources, escaped names, working links."""

import json
import re
from pathlib import Path
from urllib.parse import quote, unquote, urljoin, urlsplit

import numpy as np
import pytest
from flask.testing import FlaskClient
from lxml import html
from real_data import ROOT
from sample_run import BOXED, CORRUPT, IMAGES, MISSING, Sample, write_run
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
    "/?sort=ap&order=descending&ap=voc2007&show=misses&thresholds=precision&name=o",
    "/classes/dog",
    "/classes/gr%C3%BCner%20Baum%20%26%20Strauch?from=60&threshold=0.3",
    f"/images/{BOXED}?class=dog",
    f"/images/{MISSING}",
    "/average-precision",
    "/tail-accuracy",
    "/tail-accuracy?grid=highest",
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
def test_nothing_is_loaded_from_other_hosts(client: FlaskClient, url: str) -> None:
    body = client.get(url).get_data(as_text=True)
    addresses = re.findall(r"(?:https?:)?//[^\s\"'<>)]+", body)
    assert [address for address in addresses if "www.w3.org/2000/svg" not in address] == []


def test_scripts_and_styles_are_served_here(client: FlaskClient) -> None:
    seen = set()
    for url in PAGES[:8]:
        page = parse(client, url)
        seen |= set(page.xpath("//script/@src | //link[@rel!='expect']/@href"))
        assert page.xpath("//script[not(@src) and not(@type='application/json')]") == []
        assert page.xpath("//@onclick | //@onload | //@onerror") == []
    files = {path.name for path in (ROOT / "static").iterdir()}
    scripts = [path.read_text("utf-8") for path in (ROOT / "static").glob("*.js")]
    lazy = {name for text in scripts for name in re.findall(r'import\("\./(.+)"\)', text)}
    assert {urlsplit(url).path.rpartition("/")[2] for url in seen} | lazy == files, "all are used"
    assert len({urlsplit(url).path.rpartition("/")[0] for url in seen}) == 1, "one version"
    for url in seen:
        response = client.get(url)
        assert response.status_code == 200
        assert response.cache_control.max_age == 365 * 24 * 3600
        text = response.get_data(as_text=True)
        assert "://" not in text.replace("http://www.w3.org", "")
        for imported in re.findall(r'from "(.+)"', text):
            assert urljoin(url, imported) in seen, (
                "asked for by the page, too, and of the same version"
            )


@pytest.mark.parametrize("url", PAGES[:8])
def test_all_links_work(client: FlaskClient, url: str) -> None:
    page = parse(client, url)
    broken = {quote(image_id) for image_id in (MISSING, CORRUPT)}
    links = set(page.xpath("//a/@href | //form/@action | //img/@src"))
    for folder in page.xpath("//dialog/@data-originals"):
        links |= {folder + quote(image_id) for image_id in page.xpath("//a/@data-image")}
    assert len(links) > 5
    for link in links:
        status = client.get(urljoin(url, link)).status_code
        is_file = link.startswith("/files/")
        wanted = (
            404 if is_file and unquote(urlsplit(link).path).rpartition("/")[2] in broken else 200
        )
        assert status == wanted, link


@pytest.mark.parametrize("url", PAGES)
def test_structure(client: FlaskClient, url: str) -> None:
    """Each page has a language, a title, one main heading and unique ids."""
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
def test_class_names_cannot_close_the_script_element(
    nasty_client: tuple[FlaskClient, Sample], url: str
) -> None:
    client, sample = nasty_client
    page = parse(client, url)
    (script,) = page.xpath("//script[not(@src)]")
    assert json.loads(script.text)["names"] == list(sample.classes)
    assert page.xpath("//main//b[not(@data-name)]") == []


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


def test_special_characters_in_the_data_set_folder(sample: Sample, tmp_path: Path) -> None:
    """The data set folder is shown by name and is not part of any URL."""
    page = client_of(sample, tmp_path / "cache").get("/").get_data(as_text=True)
    assert str(sample.voc_dir.parent) not in page
