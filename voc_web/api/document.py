"""The OpenAPI document: pydantic makes the schemas, apispec assembles the document."""

from functools import cache
from typing import Any

from apispec import APISpec
from pydantic import BaseModel
from pydantic.json_schema import JsonSchemaMode, models_json_schema

from voc_web.api.endpoints import Endpoint
from voc_web.parameters import parameter_schemas
from voc_web.query import PageQuery
from voc_web.serving.failures import BAD_VALUE, FAULTS, NO_SCORES, NOT_FOUND, PROBLEM_TYPE, Problem

_OPENAPI_VERSION = "3.1.0"
_API_VERSION = "1"
_ABOUT = (
    "Rankings, metrics, curves and images of one run, read-only. Class and image names are query "
    "parameters, since they may contain any characters. Undefined numbers are null. URLs in "
    "responses are relative to the request URL. Errors are application/problem+json (RFC 9457)."
)


@cache
def make_document(endpoints: tuple[Endpoint, ...], base: str) -> dict[str, Any]:
    """Returns the OpenAPI document of the endpoints below `base`. Cached: do not modify."""
    spec = APISpec(
        title="Ranking browser",
        version=_API_VERSION,
        openapi_version=_OPENAPI_VERSION,
        info={"description": _ABOUT},
        servers=[{"url": base}],
    )
    models: list[type[BaseModel]] = [
        item.response_model for item in endpoints if item.response_model
    ]
    models.append(Problem)
    # Serialisation schemas, in which fields with a default are required.
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
    if endpoint.response_model:
        content: dict[str, Any] = {"application/json": {"schema": endpoint.response_model.__name__}}
    else:
        content = {"text/csv": {"schema": {"type": "string"}}}
    responses: dict[str, Any] = {"200": {"description": summary, "content": content}}
    if parameters:
        responses["400"] = BAD_VALUE.name
    if any(
        parameter["required"] for parameter in parameters
    ):  # Class or image names, which may not exist.
        responses["404"] = NOT_FOUND.name
    responses["503"] = NO_SCORES.name
    operation = {
        "operationId": endpoint.name,
        "summary": summary,
        "parameters": parameters,
        "responses": responses,
    }
    # Unwrap the lines of each paragraph of the docstring.
    text = "\n\n".join(" ".join(part.split()) for part in description.split("\n\n"))
    return operation | ({"description": text} if text else {})


def _parameters(query: type[PageQuery]) -> list[dict[str, Any]]:
    """Returns the parameters of a query, required ones first."""
    required = query.model_json_schema().get("required", [])
    parameters = [
        {
            "name": name,
            "in": "query",
            "required": name in required,
            "description": schema.pop("description", ""),
            "schema": schema,
        }
        for name, schema in parameter_schemas(query).items()
    ]
    return sorted(parameters, key=lambda parameter: not parameter["required"])
