"""Checks of JSON against Google's discovery documents: names, types, enums.

Written apart from the stand-in's own reading of them, so that one mistake is not made twice.
"""

import json
from functools import cache
from typing import Any

from googleapiclient.discovery_cache import get_static_doc

_PYTHON_TYPES: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "boolean": (bool,),
    "integer": (int,),
    "number": (int, float),
}


@cache
def schemas(service: str, version: str) -> dict[str, Any]:
    """Return the schemas of a bundled discovery document."""
    document = json.loads(get_static_doc(service, version))
    found: dict[str, Any] = document["schemas"]
    return found


def problems(value: Any, schema: str, service: str = "sheets", version: str = "v4") -> list[str]:
    """Return every place where the value is not what the schema says; empty when it fits."""
    return _check(value, {"$ref": schema}, schemas(service, version), schema)


def _check(value: Any, kind: dict[str, Any], known: dict[str, Any], at: str) -> list[str]:
    if "$ref" in kind:
        kind = known[kind["$ref"]]
    if kind.get("type") == "object":
        return _check_object(value, kind, known, at)
    if kind.get("type") == "array":
        if not isinstance(value, list):
            return [f"{at}: {type(value).__name__} is not a list"]
        return [
            found
            for number, item in enumerate(value)
            for found in _check(item, kind["items"], known, f"{at}[{number}]")
        ]
    return _check_scalar(value, kind, at)


def _check_object(value: Any, kind: dict[str, Any], known: dict[str, Any], at: str) -> list[str]:
    if not isinstance(value, dict):
        return [f"{at}: {type(value).__name__} is not an object"]
    fields, extra = kind.get("properties", {}), kind.get("additionalProperties")
    found = []
    for name, item in value.items():
        inner = fields.get(name, extra)
        if inner is None:
            found.append(f"{at}: unknown field {name}")
        else:
            found += _check(item, inner, known, f"{at}.{name}")
    return found


def _check_scalar(value: Any, kind: dict[str, Any], at: str) -> list[str]:
    wanted = _PYTHON_TYPES.get(kind.get("type", "any"))
    if wanted is None:
        return []
    if not isinstance(value, wanted) or (isinstance(value, bool) and bool not in wanted):
        return [f"{at}: {value!r} is not {kind['type']}"]
    if "enum" in kind and value not in kind["enum"]:
        return [f"{at}: {value!r} is not one of the enum"]
    return []
