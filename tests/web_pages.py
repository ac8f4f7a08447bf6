"""Test clients of a run, and helpers to read its pages."""

import io
import json
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from lxml import html
from PIL import Image
from sample_run import IMAGES, Sample

from voc_web import create_app
from voc_web.run.opened_run import RunReader
from voc_web.serving.access import THIS_MACHINE, Access


def client_of(
    sample: Sample,
    cache_dir: Path,
    voc_dir: Path | None = None,
    access: Access = THIS_MACHINE,
    proxies: int = 0,
) -> FlaskClient:
    """Returns a test client that serves the run."""
    return create_app(RunReader(sample.run, voc_dir), cache_dir, access, proxies).test_client()


def parse(client: FlaskClient, url: str) -> html.HtmlElement:
    """Returns the parsed page of a successful request."""
    response = client.get(url)
    assert response.status_code == 200, response.get_data(as_text=True)
    return html.document_fromstring(response.get_data(as_text=True))


def text_of(element: html.HtmlElement) -> str:
    """Returns an element's text with whitespace collapsed, as it is displayed."""
    return " ".join(" ".join(element.itertext()).split())


def texts(page: html.HtmlElement, selector: str) -> list[str]:
    """Returns the texts of all elements that match an XPath."""
    return [text_of(element) for element in page.xpath(selector)]


def instrument_data(page: html.HtmlElement) -> Any:
    """Returns the data of the class page's script."""
    (script,) = page.xpath("//script[@data-instrument-data]")
    return json.loads(script.text, parse_constant=pytest.fail)


def has_class(name: str) -> str:
    """Returns the XPath condition that an element has a CSS class."""
    return f"contains(concat(' ', normalize-space(@class), ' '), ' {name} ')"


def thumbnail_of(page_client: FlaskClient, image_id: str) -> str:
    """Returns the URL of a thumbnail as on a page."""
    page = parse(page_client, f"/classes/dog?from=1&size={IMAGES}")
    (src,) = page.xpath(f"//li//img[@alt='{image_id}']/@src")
    return str(src)


def opened(data: bytes) -> Image.Image:
    """Returns a decoded image."""
    image = Image.open(io.BytesIO(data))
    image.load()
    return image
