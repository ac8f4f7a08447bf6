"""Every class has a page that its links lead to, whatever its name."""

from urllib.parse import unquote, urljoin, urlsplit

import numpy as np
import pytest
from flask.testing import FlaskClient
from sample_run import Sample, write_run
from web_pages import client_of, parse, texts

NAMES = (
    *("dog", "/m/01g317", ".", "..", "../..", "a/../b", "/", "//", "a//b", "a/", "./a"),
    *("~", "~a", "~/m", "..~", "a b", "a?b#c", "a%2Fb", "犬", "A&B <i>", "...", "~~"),
)


@pytest.fixture(scope="module")
def client(sample: Sample, tmp_path_factory: pytest.TempPathFactory) -> FlaskClient:
    folder = tmp_path_factory.mktemp("names")
    scores = np.linspace(0, 1, 3 * len(NAMES), dtype=np.float32).reshape(3, -1)
    labels = np.zeros(scores.shape, np.int8)
    run = write_run(folder / "names", sample.voc_dir, sample.image_ids[:3], NAMES, scores, labels)
    return client_of(run, folder / "cache")


def as_sent(base: str, link: str) -> str:
    """Returns the address that a browser requests: without empty, "." and ".." segments."""
    parts = urlsplit(urljoin(f"http://localhost{base}", link))
    # Browsers treat the encoded forms of points alike.
    path = "/".join(
        unquote(segment) if unquote(segment) in (".", "..") else segment
        for segment in parts.path.split("/")
    )
    joined = urljoin("http://localhost/", path)
    return urlsplit(joined).path + (f"?{parts.query}" if parts.query else "")


def test_the_links_of_the_overview_lead_to_every_class(client: FlaskClient) -> None:
    links = parse(client, "/").xpath("//tbody//th/a/@href")
    assert len(links) == len(NAMES)
    shown = [texts(parse(client, as_sent("/", link)), "//h1")[0] for link in links]
    assert shown == [" ".join(name.split()) for name in NAMES]


def test_the_links_of_a_class_page_lead_to_itself_and_to_every_class(client: FlaskClient) -> None:
    for name, link in zip(NAMES, parse(client, "/").xpath("//tbody//th/a/@href"), strict=True):
        page = parse(client, as_sent("/", link))
        others = page.xpath("//nav[@aria-label='Classes']//li/a/@href")
        own = page.xpath("//nav[@aria-label='Label and outcome']/a/@href")
        (action,) = page.xpath("//form[@class='controls']/@action")
        assert [texts(parse(client, as_sent(link, item)), "//h1")[0] for item in own[:2]] == (
            [name] * 2
        )
        assert texts(parse(client, as_sent(link, action)), "//h1") == [name]
        assert len(others) == len(NAMES)


def test_the_links_of_an_image_page_lead_to_every_class(
    client: FlaskClient, sample: Sample
) -> None:
    base = f"/images/{sample.image_ids[0]}"
    rows = parse(client, f"{base}?class=dog&threshold=0.3").xpath("//tbody/tr")
    assert len(rows) == len(NAMES)
    for row in rows:
        name = texts(row, "./th")
        own, ranking = (as_sent(base, link) for link in row.xpath(".//a/@href"))
        assert texts(parse(client, own), "//tr[@class='current']/th") == name
        assert texts(parse(client, ranking), "//h1") == name
        assert "threshold=0.3&around=" in ranking


def test_plain_names_keep_their_addresses(client: FlaskClient) -> None:
    links = dict(zip(NAMES, parse(client, "/").xpath("//tbody//th/a/@href"), strict=True))
    assert (links["dog"], links["a b"], links["..."]) == (
        "/classes/dog",
        "/classes/a%20b",
        "/classes/...",
    )
