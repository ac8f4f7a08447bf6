"""Error responses: a page, or problem JSON for the API, with a suitable HTTP status."""

import logging
from typing import NamedTuple

from flask import Flask, Response, current_app, render_template, request, url_for
from pydantic import BaseModel, Field
from werkzeug.exceptions import HTTPException

from voc_model.errors import DataError, NotFoundError, QueryError, ScoreStoreError, VocError
from voc_web.run.local_paths import without_folders
from voc_web.serving.contexts import BackLink, FailureContext

_log = logging.getLogger(__name__)

PROBLEM_TYPE = "application/problem+json"
_API = "/api/"


class Fault(NamedTuple):
    """A kind of error; `name` is the anchor of its explanation in the API guide."""

    status: int
    name: str
    title: str


BAD_VALUE = Fault(400, "bad-value", "Invalid parameter")
NOT_FOUND = Fault(404, "not-found", "Not found")
NO_IMAGE = Fault(404, "no-image", "The image cannot be shown")
NO_SCORES = Fault(503, "no-scores", "The scores cannot be read")
BAD_DATA = Fault(500, "bad-data", "Invalid data")
FAULTS = (BAD_VALUE, NOT_FOUND, NO_IMAGE, NO_SCORES, BAD_DATA)

_FAULT_OF: dict[type[VocError], Fault] = {
    QueryError: BAD_VALUE,
    NotFoundError: NOT_FOUND,
    DataError: NO_IMAGE,
    ScoreStoreError: NO_SCORES,
}


class Problem(BaseModel):
    """An error response (RFC 9457)."""

    type: str = Field(description="URL of an explanation of this kind of error, or about:blank")
    title: str = Field(description="the kind of error")
    status: int = Field(description="the HTTP status")
    detail: str = Field(description="what was found, what was expected and how to fix it")


def register(app: Flask) -> None:
    """Registers the error handlers."""
    app.register_error_handler(VocError, _voc_error)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(Exception, _unexpected_error)


def is_api_request() -> bool:
    """Returns whether the client expects errors as problem JSON rather than as a page."""
    return request.path.startswith(_API)


def _voc_error(error: VocError) -> Response:
    fault = _FAULT_OF.get(type(error), BAD_DATA)
    if fault.status >= 500:
        _log.warning("%s", error)  # With the folders, which visitors do not see.
    return failure_response(fault.status, fault.title, without_folders(str(error)), fault)


def _http_error(error: HTTPException) -> Response:
    status = error.code or 500
    title = "Page not found" if status == 404 else error.name
    response = failure_response(status, title, error.description or "")
    for name, value in error.get_headers():
        if name != "Content-Type":  # For example Allow, which a 405 must have.
            response.headers[name] = value
    return response


def _unexpected_error(error: Exception) -> Response:
    if current_app.debug:
        raise error  # Flask's debugger shows it.
    _log.exception("internal error: %s", request.url)
    return failure_response(500, "Internal error", "See the server log for details.")


def failure_response(status: int, title: str, message: str, fault: Fault | None = None) -> Response:
    """Returns a page that explains an error, or problem JSON to a client of the API."""
    if is_api_request():
        kind = url_for("api.index", _anchor=fault.name) if fault else "about:blank"
        problem = Problem(type=kind, title=title, status=status, detail=message)
        return Response(problem.model_dump_json(), status, mimetype=PROBLEM_TYPE)
    back = None
    if fault is BAD_VALUE:
        message, back = f"This link has an invalid value: {message}", _back_link()
    context = FailureContext(status=status, title=title, message=message, back=back)
    return Response(render_template("failure.html", page=context), status)


def _back_link() -> BackLink | None:
    """Returns a link to the requested page without parameters; None for the overview."""
    if request.endpoint in (None, "rankings.overview"):
        return None
    arguments = request.view_args or {}
    name = next(iter(arguments.values()), "the default view")
    return BackLink(url_for(request.endpoint, **arguments), name)
