"""Asks the API and reads its answers."""

import json
from typing import Any
from urllib.parse import urlencode

import pytest
from flask.testing import FlaskClient


def api_url(path: str, **query: object) -> str:
    """Returns an address of the API; a trailing underscore of a keyword is left out (class_)."""
    text = urlencode({name.rstrip("_"): value for name, value in query.items()})
    return f"/api/v1{path}" + (f"?{text}" if text else "")


def answer(client: FlaskClient, path: str, **query: object) -> Any:
    """Returns an answer that must be there."""
    return answer_at(client, api_url(path, **query))


def answer_at(client: FlaskClient, url: str) -> Any:
    """Returns the JSON at an address; NaN and infinity, which JSON does not know, fail the test."""
    response = client.get(url)
    text = response.get_data(as_text=True)
    assert response.status_code == 200, text
    assert response.mimetype == "application/json"
    return json.loads(text, parse_constant=pytest.fail)
