"""The OpenAPI document -> the page that explains the API, with examples of the run shown."""

import shlex
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from voc_web.contexts import (
    ApiContext,
    ApiEndpoint,
    ApiField,
    ApiModel,
    ApiParameter,
    ApiProblem,
)
from voc_web.opened_run import OpenedRun

Json = Mapping[str, Any]


def make_guide(document: Json, run: OpenedRun, host_url: str) -> ApiContext:
    """Returns the page's context.

    Args:
        document: see `document.make_document`.
        run: the run whose names the examples bear.
        host_url: where this server was reached, for the examples.
    """
    schemas = document["components"]["schemas"]
    base = host_url.rstrip("/") + document["servers"][0]["url"]
    surest = run.table.class_ranking(0).slice(1, 1)[0]
    names = {"class": run.table.classes[0], "image": run.table.image_id(int(surest))}
    return ApiContext(
        version=document["info"]["version"],
        description=document["info"]["description"],
        base=document["servers"][0]["url"],
        whole_ranking=_reading_all(f"{base}/ranking?{urlencode({'class': names['class']})}"),
        endpoints=tuple(
            _endpoint(base, path, item["get"], schemas, names)
            for path, item in document["paths"].items()
        ),
        models=tuple(_model(name, schema) for name, schema in sorted(schemas.items())),
        problems=tuple(
            ApiProblem(name, response["description"])
            for name, response in document["components"]["responses"].items()
        ),
    )


def _endpoint(
    base: str, path: str, operation: Json, schemas: Json, names: Mapping[str, str]
) -> ApiEndpoint:
    parameters = tuple(_parameter(item) for item in operation["parameters"])
    needed = {item.name: names[item.name] for item in parameters if item.required}
    if any(item.name == "size" for item in parameters):
        needed["size"] = "3"
    url = base + path + (f"?{urlencode(needed)}" if needed else "")
    content = operation["responses"]["200"]["content"]
    model = _model_of(content.get("application/json", {}).get("schema", {}))
    return ApiEndpoint(
        name=operation["operationId"],
        path=path,
        summary=operation["summary"],
        description=operation.get("description", ""),
        parameters=parameters,
        model=model,
        curl=f"curl {shlex.quote(url)}",
        pandas=_pandas(url, schemas[model] if model else None),
    )


def _parameter(item: Json) -> ApiParameter:
    schema = item["schema"]
    return ApiParameter(
        name=item["name"],
        kind=_kind(schema),
        required=item["required"],
        default=str(schema.get("default", "")),
        description=item["description"],
    )


def _model(name: str, schema: Json) -> ApiModel:
    fields = tuple(
        ApiField(key, _kind(value), _model_of(value), value.get("description", ""))
        for key, value in schema["properties"].items()
    )
    return ApiModel(name, " ".join(schema["description"].split()), fields)


def _model_of(schema: Json) -> str | None:
    """Returns the model that a schema refers to, itself or its items."""
    for inner in (schema, schema.get("items", {}), *schema.get("anyOf", ())):
        if "$ref" in inner:
            return str(inner["$ref"]).rpartition("/")[2]
    return None


def _kind(schema: Json) -> str:
    """Says in a few words what a value is: "integer, 1 to 500", "list of string"."""
    if "anyOf" in schema:
        return " or ".join(_kind(kind) for kind in schema["anyOf"])
    if "$ref" in schema:
        return str(_model_of(schema))
    if "enum" in schema:
        return " or ".join(f'"{value}"' for value in schema["enum"])
    if schema["type"] == "array":
        return f"list of {_kind(schema['items'])}"
    least, most = schema.get("minimum"), schema.get("maximum")
    bounds = "" if least is None else f", from {least:g}"
    return f"{schema['type']}{bounds}" + ("" if most is None else f" to {most:g}")


def _pandas(url: str, schema: Json | None) -> str:
    """Returns Python that makes a table of an answer, by `read` of the page's first example."""
    if schema is None:
        return f"pd.read_csv({url!r})"
    lists = [
        name
        for name, value in schema["properties"].items()
        if value.get("type") == "array" and _model_of(value)
    ]
    return f"pd.json_normalize(read({url!r}){f'[{lists[-1]!r}]' if lists else ''})"


def _reading_all(url: str) -> str:
    return f"""\
import json
from urllib.parse import urljoin
from urllib.request import urlopen

import pandas as pd


def read(url):
    with urlopen(url) as answer:
        return json.load(answer)


url, images = {url + "&size=500"!r}, []
while url:
    part = read(url)
    images += part["images"]
    url = part["next"] and urljoin(url, part["next"])
ranking = pd.DataFrame(images)
"""
