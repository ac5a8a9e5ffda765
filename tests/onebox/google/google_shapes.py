"""Checks that an answer has the shape that Google's discovery document promises."""

import json
from functools import cache
from typing import Any

from googleapiclient.discovery_cache import get_static_doc

VERSIONS = {"sheets": "v4", "drive": "v3", "people": "v1"}
KINDS = {"string": str, "boolean": bool, "integer": int, "number": (int, float)}


@cache
def schemas(service: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(get_static_doc(service, VERSIONS[service]))["schemas"]
    return found


def wrong_shapes(service: str, schema: str, value: Any) -> list[str]:
    """Return one sentence for each unknown field, wrong type and unknown enum value."""
    return _wrong({"$ref": schema}, value, schemas(service), schema)


def _wrong(spec: dict[str, Any], value: Any, known: dict[str, Any], path: str) -> list[str]:
    kind = known[spec["$ref"]] if "$ref" in spec else spec
    if kind["type"] == "object":
        return _wrong_object(kind, value, known, path)
    if kind["type"] == "array":
        return _wrong_list(kind["items"], value, known, path)
    if kind["type"] != "any" and not isinstance(value, KINDS[kind["type"]]):
        return [f"{path} is no {kind['type']}: {type(value).__name__}"]
    stray = kind.get("enum") and value not in kind["enum"]
    return [f"{path} is none of the enum: {value}"] if stray else []


def _wrong_list(items: dict[str, Any], value: Any, known: dict[str, Any], path: str) -> list[str]:
    if not isinstance(value, list):
        return [f"{path} is no list"]
    return [found for item in value for found in _wrong(items, item, known, f"{path}[]")]


def _wrong_object(kind: dict[str, Any], value: Any, known: dict[str, Any], path: str) -> list[str]:
    if not isinstance(value, dict):
        return [f"{path} is no object"]
    found: list[str] = []
    for name, item in value.items():
        inner = kind.get("properties", {}).get(name) or kind.get("additionalProperties")
        found += (
            _wrong(inner, item, known, f"{path}.{name}") if inner else [f"unknown {path}.{name}"]
        )
    return found
