"""API endpoints: a path and a function, whose signature declares the query and the response."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from inspect import getdoc
from typing import Any, TypeVar, get_type_hints

from flask import Blueprint, Response, url_for

from voc_web.query import PageQuery
from voc_web.run.models import ResponseModel
from voc_web.run.opened_run import OpenedRun, current_run

_Query = TypeVar("_Query", bound=PageQuery)
_Result = TypeVar("_Result", bound=ResponseModel | Response)
_Function = Callable[[OpenedRun, _Query], _Result]


@dataclass(frozen=True)
class Endpoint:
    """What the OpenAPI document says about one endpoint.

    Attributes:
        path: relative to the API's base.
        name: of the function.
        text: the function's docstring.
        query: model of the parameters.
        response_model: model of the JSON; None for CSV.
    """

    path: str
    name: str
    text: str
    query: type[PageQuery]
    response_model: type[ResponseModel] | None


class Endpoints:
    """The endpoints of a blueprint, in the order of their definition."""

    def __init__(self, blueprint: Blueprint) -> None:
        self._blueprint = blueprint
        self._listed: list[Endpoint] = []

    def listed(self) -> tuple[Endpoint, ...]:
        """Returns all endpoints added so far."""
        return tuple(self._listed)

    def add(self, path: str) -> Callable[[_Function[_Query, _Result]], _Function[_Query, _Result]]:
        """Serves the decorated function at a path: parses its query, returns its result as JSON."""

        def decorate(function: _Function[_Query, _Result]) -> _Function[_Query, _Result]:
            hints = get_type_hints(function)
            query, response_model = hints["query"], hints["return"]
            name = function.__name__

            def view() -> Response:
                result = function(current_run(), query.of_request())
                return result if isinstance(result, Response) else json_response(result)

            self._blueprint.add_url_rule(path, name, view)
            is_json = issubclass(response_model, ResponseModel)
            text = getdoc(function) or ""
            self._listed.append(
                Endpoint(path, name, text, query, response_model if is_json else None)
            )
            return function

        return decorate


def json_response(result: ResponseModel) -> Response:
    """Returns a result as JSON; undefined numbers are null."""
    return Response(result.model_dump_json(by_alias=True), mimetype="application/json")


def address_of(endpoint: str, arguments: Mapping[str, Any], **more: object) -> str:
    """Returns the URL of a page or endpoint with these parameters."""
    return url_for(endpoint, **{**arguments, **more})
