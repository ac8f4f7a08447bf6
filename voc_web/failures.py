"""Errors -> what says so with the right HTTP status and what to do: a page, or JSON of the API."""

import logging
from typing import NamedTuple

from flask import Flask, Response, current_app, render_template, request, url_for
from pydantic import BaseModel, Field
from werkzeug.exceptions import HTTPException

from voc_model.errors import DataError, NotFoundError, QueryError, ScoreStoreError, VocError
from voc_web.contexts import FailureContext

_log = logging.getLogger(__name__)

PROBLEM_TYPE = "application/problem+json"
_API = "/api/"


class Fault(NamedTuple):
    """A kind of failure; `name` stands in the address that explains it."""

    status: int
    name: str
    title: str


BAD_VALUE = Fault(400, "bad-value", "That address has a value it cannot take")
NOT_FOUND = Fault(404, "not-found", "Not found")
NO_IMAGE = Fault(404, "no-image", "The image cannot be shown")
NO_SCORES = Fault(503, "no-scores", "The scores cannot be read")
BAD_DATA = Fault(500, "bad-data", "Something is wrong with the data")
FAULTS = (BAD_VALUE, NOT_FOUND, NO_IMAGE, NO_SCORES, BAD_DATA)

_FAULT_OF: dict[type[VocError], Fault] = {
    QueryError: BAD_VALUE,
    NotFoundError: NOT_FOUND,
    DataError: NO_IMAGE,
    ScoreStoreError: NO_SCORES,
}


class Problem(BaseModel):
    """Why there is no answer (RFC 9457)."""

    type: str = Field(description="address that explains this kind of problem, or about:blank")
    title: str = Field(description="the kind of problem")
    status: int = Field(description="the HTTP status")
    detail: str = Field(description="what was found, what was expected and what to do")


def register(app: Flask) -> None:
    """Installs the handlers."""
    app.register_error_handler(VocError, _voc_error)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(Exception, _unexpected_error)


def _voc_error(error: VocError) -> Response:
    fault = _FAULT_OF.get(type(error), BAD_DATA)
    return _failure(fault.status, fault.title, str(error), fault.name)


def _http_error(error: HTTPException) -> Response:
    status = error.code or 500
    title = "There is no such page" if status == 404 else error.name
    response = _failure(status, title, error.description or "")
    for name, value in error.get_headers():
        if name != "Content-Type":  # Such as Allow, which a 405 must have.
            response.headers[name] = value
    return response


def _unexpected_error(error: Exception) -> Response:
    if current_app.debug:
        raise error  # Flask's debugger shows it.
    _log.exception("a page failed")
    message = "This is a fault of the ranking browser. The terminal that runs it shows the details."
    return _failure(500, "This page failed", message)


def _failure(status: int, title: str, message: str, name: str | None = None) -> Response:
    if request.path.startswith(_API):
        kind = url_for("api.index", _anchor=name) if name else "about:blank"
        problem = Problem(type=kind, title=title, status=status, detail=message)
        return Response(problem.model_dump_json(), status, mimetype=PROBLEM_TYPE)
    context = FailureContext(status=status, title=title, message=message)
    return Response(render_template("failure.html", page=context), status)
