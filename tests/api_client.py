"""Requests to the API in tests."""

import json
from typing import Any
from urllib.parse import urlencode

import pytest
from flask.testing import FlaskClient


def api_url(path: str, **query: object) -> str:
    """Returns an API URL; a trailing underscore of a keyword is removed (class_)."""
    text = urlencode({name.rstrip("_"): value for name, value in query.items()})
    return f"/api/v1{path}" + (f"?{text}" if text else "")


def get_json(client: FlaskClient, path: str, **query: object) -> Any:
    """Returns the JSON of a successful request."""
    return get_json_at(client, api_url(path, **query))


def get_json_at(client: FlaskClient, url: str) -> Any:
    """Returns the JSON at a URL; NaN and infinity, which are not JSON, fail the test."""
    response = client.get(url)
    text = response.get_data(as_text=True)
    assert response.status_code == 200, text
    assert response.mimetype == "application/json"
    return json.loads(text, parse_constant=pytest.fail)
