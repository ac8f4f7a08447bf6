"""Errors -> styled pages with the right HTTP status that say what to do."""

import logging

from flask import Flask, current_app, render_template
from werkzeug.exceptions import HTTPException

from voc_model.errors import DataError, NotFoundError, QueryError, ScoreStoreError, VocError
from voc_web.contexts import FailureContext

_log = logging.getLogger(__name__)

_STATUS: dict[type[VocError], tuple[int, str]] = {
    QueryError: (400, "That address has a value it cannot take"),
    NotFoundError: (404, "Not found"),
    DataError: (404, "The image cannot be shown"),
    ScoreStoreError: (503, "The scores cannot be read"),
}


def register(app: Flask) -> None:
    """Installs the handlers."""
    app.register_error_handler(VocError, _voc_error)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(Exception, _unexpected_error)


def _voc_error(error: VocError) -> tuple[str, int]:
    status, title = _STATUS.get(type(error), (500, "Something is wrong with the data"))
    return _page(status, title, str(error))


def _http_error(error: HTTPException) -> tuple[str, int, list[tuple[str, str]]]:
    status = error.code or 500
    title = "There is no such page" if status == 404 else error.name
    # Such as Allow, which a 405 must have.
    headers = [item for item in error.get_headers() if item[0] != "Content-Type"]
    return *_page(status, title, error.description or ""), headers


def _unexpected_error(error: Exception) -> tuple[str, int]:
    if current_app.debug:
        raise error  # Flask's debugger shows it.
    _log.exception("a page failed")
    message = "This is a fault of the ranking browser. The terminal that runs it shows the details."
    return _page(500, "This page failed", message)


def _page(status: int, title: str, message: str) -> tuple[str, int]:
    context = FailureContext(status=status, title=title, message=message)
    return render_template("failure.html", page=context), status
