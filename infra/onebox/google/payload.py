"""Incoming JSON checked against Google's schemas, refused in the words of Google's JSON parser."""

import json
import re
from collections.abc import Iterator
from typing import Any, TypeAlias

from onebox.google.errors import bad_request
from onebox.google.methods import Json, schemas

Violation: TypeAlias = tuple[str, str]

_SCALARS = {
    "string": (str, "TYPE_STRING"),
    "boolean": (bool, "TYPE_BOOL"),
    "integer": (int, "TYPE_INT32"),
    "number": (float, "TYPE_DOUBLE"),
}


def refuse_unreadable(service: str, schema: str, value: Any, path: str = "") -> None:
    """Check a request body.

    Args:
        service: whose schemas.
        schema: name of the schema that the value must have.
        value: the JSON value.
        path: how Google names the place of the value in its sentences (`person`), or "".

    Raises:
        GoogleError: 400 with one sentence per unknown name or wrong type.
    """
    found = list(_object(value, schema, schemas(service), path))
    if found:
        raise bad_request(found)


def _object(value: Any, schema: str, known: Json, path: str) -> Iterator[Violation]:
    if not isinstance(value, dict):
        yield path, f"Invalid value at '{path}' (Map), {_shown(value)}"
        return
    yield from _fields(value, known[schema].get("properties", {}), known, path)


def _fields(value: Json, properties: Json, known: Json, path: str) -> Iterator[Violation]:
    for name, item in value.items():
        if name not in properties:
            place = f" at '{path}'" if path else ""
            sentence = f'Invalid JSON payload received. Unknown name "{name}"{place}:'
            yield path, f"{sentence} Cannot find field."
        elif item is not None:
            inner = f"{path}.{snake(name)}" if path else snake(name)
            yield from _value(item, properties[name], known, inner)


def _value(value: Any, spec: Json, known: Json, path: str) -> Iterator[Violation]:
    if "$ref" in spec:
        yield from _object(value, spec["$ref"], known, path)
    elif spec["type"] == "array":
        yield from _array(value, spec, known, path)
    elif spec["type"] == "object":
        yield from _map(value, spec, known, path)
    elif "enum" in spec and value not in spec["enum"]:
        yield path, f"Invalid value at '{path}' (TYPE_ENUM), {_shown(value)}"
    else:
        yield from _scalar(value, spec["type"], path)


def _array(value: Any, spec: Json, known: Json, path: str) -> Iterator[Violation]:
    items = value if isinstance(value, list) else [value]
    for position, item in enumerate(items):
        yield from _value(item, spec["items"], known, f"{path}[{position}]")


def _map(value: Any, spec: Json, known: Json, path: str) -> Iterator[Violation]:
    if not isinstance(value, dict):
        yield path, f"Invalid value at '{path}' (Map), {_shown(value)}"
        return
    if "properties" in spec:
        yield from _fields(value, spec["properties"], known, path)
        return
    for key, item in value.items():
        yield from _value(item, spec["additionalProperties"], known, f"{path}[{key}]")


def _scalar(value: Any, kind: str, path: str) -> Iterator[Violation]:
    if kind not in _SCALARS:
        return
    expected, shown = _SCALARS[kind]
    fits = isinstance(value, expected) and (kind == "boolean" or not isinstance(value, bool))
    if kind == "number" and isinstance(value, int) and not isinstance(value, bool):
        fits = True
    if not fits:
        yield path, f"Invalid value at '{path}' ({shown}), {_shown(value)}"


def snake(name: str) -> str:
    """Return a JSON field name as Google's sentences spell it."""
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()


def _shown(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
