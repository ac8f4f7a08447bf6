"""The parameters of a query model: their JSON schemas, and messages about invalid values."""

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ValidationError

_MAX_QUOTED = 40  # characters of an invalid value that a message repeats


def parameter_schemas(query: type[BaseModel]) -> dict[str, dict[str, Any]]:
    """Returns the JSON schema of each parameter; an optional one is left out, never null."""
    properties = query.model_json_schema().get("properties", {})
    return {name: _without_null(schema) for name, schema in properties.items()}


def describe_errors(query: type[BaseModel], error: ValidationError) -> str:
    """Returns a sentence that says which values each invalid parameter can have."""
    schemas = parameter_schemas(query)
    messages = []
    for item in error.errors():
        name = str(item["loc"][0])
        if item["type"] == "missing":
            messages.append(f"{name} is required")
        elif item["type"] == "int_parsing_size":
            messages.append(f"{name} is too large: {_quoted(item['input'])}")
        elif item["type"] == "too_long":
            most = item["ctx"]["max_length"]
            messages.append(f"{name} can be given at most {most} times, not {len(item['input'])}")
        else:
            expected = _describe_values(schemas[name])
            messages.append(f"{name} must be {expected}, not {_quoted(item['input'])}")
    return "; ".join(messages) + "."


def _without_null(schema: Mapping[str, Any]) -> dict[str, Any]:
    kept = {key: value for key, value in schema.items() if key != "title"}
    types = [option for option in kept.pop("anyOf", ()) if option != {"type": "null"}]
    if kept.get("default", ...) is None:
        del kept["default"]
    return kept | (types[0] if types else {})


def _describe_values(schema: Mapping[str, Any]) -> str:
    """Returns the values that a schema allows, such as "a number from 0 to 1"."""
    if "const" in schema:
        return repr(schema["const"])
    if "enum" in schema:
        *others, last = map(repr, schema["enum"])
        return f"{', '.join(others)} or {last}"
    words = {"number": "a number", "integer": "a whole number"}.get(schema["type"], "text")
    low, high = schema.get("minimum"), schema.get("maximum")
    if low is None:
        return words
    return f"{words} from {low} to {high}" if high is not None else f"{words} of at least {low}"


def _quoted(value: object) -> str:
    text = str(value)
    return repr(text if len(text) <= _MAX_QUOTED else f"{text[:_MAX_QUOTED]}…")
