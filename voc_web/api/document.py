"""The OpenAPI document: pydantic says what the models are, apispec puts the document together."""

from functools import cache
from typing import Any

from apispec import APISpec
from pydantic import BaseModel
from pydantic.json_schema import JsonSchemaMode, models_json_schema

from voc_web.api.endpoints import Endpoint
from voc_web.failures import BAD_VALUE, FAULTS, NO_SCORES, NOT_FOUND, PROBLEM_TYPE, Problem
from voc_web.query import PageQuery

_OPENAPI_VERSION = "3.1.0"
_API_VERSION = "1"
_ABOUT = (
    "What the pages show, for scripts: rankings, metrics, curves and images of one run. "
    "All of it is read with GET. Names of classes and images are parameters, since they may hold "
    "any characters. Undefined numbers are null. Addresses in answers are relative to the address "
    "that was asked for. An error is application/problem+json (RFC 9457)."
)


@cache
def make_document(endpoints: tuple[Endpoint, ...], base: str) -> dict[str, Any]:
    """Returns the OpenAPI document of the endpoints, which lie below `base`. Not to be changed."""
    spec = APISpec(
        title="Ranking browser",
        version=_API_VERSION,
        openapi_version=_OPENAPI_VERSION,
        info={"description": _ABOUT},
        servers=[{"url": base}],
    )
    models: list[type[BaseModel]] = [item.answer for item in endpoints if item.answer]
    models.append(Problem)
    # Schemas of what is written: a field with a default is always there.
    modes: list[tuple[type[BaseModel], JsonSchemaMode]] = [
        (model, "serialization") for model in models
    ]
    _, schemas = models_json_schema(modes, ref_template="#/components/schemas/{model}")
    for name, schema in schemas["$defs"].items():
        spec.components.schema(name, schema)
    for fault in FAULTS:
        content = {PROBLEM_TYPE: {"schema": "Problem"}}
        spec.components.response(fault.name, {"description": fault.title, "content": content})
    for item in endpoints:
        spec.path(item.path, operations={"get": _operation(item)})
    return spec.to_dict()


def _operation(endpoint: Endpoint) -> dict[str, Any]:
    summary, _, description = endpoint.text.partition("\n\n")
    parameters = _parameters(endpoint.query)
    if endpoint.answer:
        content: dict[str, Any] = {"application/json": {"schema": endpoint.answer.__name__}}
    else:
        content = {"text/csv": {"schema": {"type": "string"}}}
    responses: dict[str, Any] = {"200": {"description": summary, "content": content}}
    if parameters:
        responses["400"] = BAD_VALUE.name
    if any(parameter["required"] for parameter in parameters):  # Names, which may not exist.
        responses["404"] = NOT_FOUND.name
    responses["503"] = NO_SCORES.name
    operation = {
        "operationId": endpoint.name,
        "summary": summary,
        "parameters": parameters,
        "responses": responses,
    }
    # Line breaks of the source mean nothing; empty lines part paragraphs.
    text = "\n\n".join(" ".join(part.split()) for part in description.split("\n\n"))
    return operation | ({"description": text} if text else {})


def _parameters(query: type[PageQuery]) -> list[dict[str, Any]]:
    """Returns the parameters of a query, those first that must be there."""
    schema = query.model_json_schema()
    needed = schema.get("required", [])
    parameters = [
        {
            "name": name,
            "in": "query",
            "required": name in needed,
            "description": value.get("description", ""),
            "schema": _parameter_schema(value),
        }
        for name, value in schema.get("properties", {}).items()
    ]
    return sorted(parameters, key=lambda parameter: not parameter["required"])


def _parameter_schema(schema: dict[str, Any]) -> dict[str, Any]:
    """Returns a field's schema as that of a parameter, which is left out rather than null."""
    kept = {key: value for key, value in schema.items() if key not in ("title", "description")}
    kinds = [kind for kind in kept.pop("anyOf", ()) if kind != {"type": "null"}]
    if kept.get("default", ...) is None:
        del kept["default"]
    return kept | (kinds[0] if kinds else {})
