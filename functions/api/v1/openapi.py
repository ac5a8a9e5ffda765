"""The description of the API for programs: OpenAPI 3.1, made of the forms that commands take.

Source: OpenAPI Specification 3.1.1; its schemas are JSON Schema 2020-12, which pydantic writes.
"""

import json
from collections.abc import Mapping
from functools import cache
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import JsonSchemaMode, models_json_schema

from api.v1.reading import ENTITIES, MOST, USUAL
from kartoteka.http import Reply
from kartoteka.services.kinds import KINDS as WITH_HISTORY
from kartoteka.services.registry import COMMANDS
from kartoteka.services.searching import shapes

_Schema = dict[str, Any]
_PLACE = "#/components/schemas/"
_TEXT: _Schema = {"type": "string"}
_WRONG = ("400", "401", "403", "404", "409", "413", "422", "429", "503")
_SAYS = {
    "400": "the request cannot be read",
    "401": "no key, or one that is not valid",
    "403": "the key or the person may not",
    "404": "there is no such record, or it is out of reach",
    "409": "somebody was first: read again and repeat",
    "413": "the body is over 1 MiB",
    "422": "a field is missing or impossible; `fields` names it",
    "429": "too many requests; `Retry-After` says when",
    "503": "not now; repeat it",
}
_ERROR: _Schema = {
    "type": "object",
    "required": ["error"],
    "properties": {
        "error": {
            "type": "object",
            "required": ["code", "message"],
            "properties": {
                "code": _TEXT,
                "message": {**_TEXT, "description": "for a person, in the caller's language"},
                "fields": {"type": "object", "additionalProperties": _TEXT},
            },
        }
    },
}
_ANSWER: _Schema = {
    "type": "object",
    "required": ["change", "result"],
    "properties": {
        "change": {
            "type": ["string", "null"],
            "description": "the first change in the log; null: nothing was changed",
        },
        "result": {"description": "what the command gave, as the caller may see it"},
    },
}


def reply() -> Reply:
    """Return the description; it is the same for everybody."""
    return Reply(200, _spelled(), {"content-type": "application/json"})


@cache
def _spelled() -> bytes:
    return json.dumps(description(), ensure_ascii=False).encode()


def description() -> _Schema:
    """Return the description as JSON values."""
    schemas, forms = _schemas()
    paths: _Schema = {}
    for name, kind in ENTITIES.items():
        paths |= _of_records(name, kind.kind, schemas, forms)
    for name in sorted(COMMANDS):
        paths[f"/api/v1/commands/{name}"] = {"post": _command(name, forms[name])}
    return {
        "openapi": "3.1.0",
        "info": {"title": "Kartoteka", "version": "1"},
        "security": [{"key": []}],
        "paths": paths,
        "components": {
            "securitySchemes": {"key": {"type": "http", "scheme": "bearer"}},
            "schemas": {**schemas, "Error": _ERROR, "Answer": _ANSWER},
            "responses": {
                status: _content({"$ref": f"{_PLACE}Error"}, _SAYS[status]) for status in _WRONG
            },
        },
    }


def _schemas() -> tuple[_Schema, Mapping[str, str]]:
    """Return all schemas by name, and the name of each command's form."""
    models: list[tuple[type[BaseModel], JsonSchemaMode]] = [
        *((command.form, "validation") for command in COMMANDS.values()),
        *((kind, "serialization") for kind in ENTITIES.values()),
    ]
    names, found = models_json_schema(models, ref_template=_PLACE + "{model}")
    schemas = dict(found["$defs"])
    for kind in ENTITIES.values():
        ref = names[(kind, "serialization")]["$ref"].removeprefix(_PLACE)
        schemas[ref] = _as_seen(schemas[ref])
    forms = {
        name: names[(command.form, "validation")]["$ref"].removeprefix(_PLACE)
        for name, command in COMMANDS.items()
    }
    return schemas, forms | {
        kind.kind: names[(kind, "serialization")]["$ref"].removeprefix(_PLACE)
        for kind in ENTITIES.values()
    }


def _as_seen(schema: _Schema) -> _Schema:
    """Return the schema of a record as somebody sees it: closed fields are absent, names added."""
    return {**schema, "required": ["id"], "additionalProperties": True}


def _of_records(
    name: str, kind: str, schemas: Mapping[str, _Schema], forms: Mapping[str, str]
) -> _Schema:
    record = {"$ref": _PLACE + forms[kind]}
    one: _Schema = {"parameters": [_parameter("id", "path")], "get": _get(kind, {"record": record})}
    for method, verb in (("patch", "edit"), ("delete", "delete")):
        command = f"{kind}.{verb}"
        if command in COMMANDS:
            body = _without(schemas[forms[command]], kind)
            one[method] = _operation(f"{method}_{kind}", COMMANDS[command].what, body)
    listed = {"records": {"type": "array", "items": record}, "next": {"type": ["string", "null"]}}
    place = f"/api/v1/{name}"
    paths: _Schema = {
        place: {"get": {**_get(f"all_{name}", listed), "parameters": _parameters(name)}},
        f"{place}/{{id}}": one,
        f"{place}/{{id}}/card": _part(f"{kind}_card", {kind: record}),
    }
    if kind in WITH_HISTORY:
        steps = {"steps": {"type": "array", "items": {"type": "object"}}, "record": record}
        history = _part(f"{kind}_history", {**steps, "complete": {"type": "boolean"}})
        history["parameters"].append(_parameter("at", "query"))
        paths[f"{place}/{{id}}/history"] = history
    return paths


def _part(name: str, properties: _Schema) -> _Schema:
    return {"parameters": [_parameter("id", "path")], "get": _get(name, properties)}


def _get(name: str, properties: _Schema) -> _Schema:
    content = _content({"type": "object", "properties": properties}, "as the caller may see it")
    return {"operationId": f"get_{name}", "responses": {"200": content, **_refusals()}}


def _command(name: str, form: str) -> _Schema:
    return _operation("do_" + name.replace(".", "_"), COMMANDS[name].what, {"$ref": _PLACE + form})


def _operation(name: str, what: str, body: _Schema) -> _Schema:
    return {
        "operationId": name,
        "summary": what,
        "parameters": [_parameter("Idempotency-Key", "header")],
        "requestBody": {"content": {"application/json": {"schema": body}}},
        "responses": {"200": _content({"$ref": f"{_PLACE}Answer"}, "done"), **_refusals()},
    }


def _without(form: _Schema, field: str) -> _Schema:
    """Return the form without the field that the address names."""
    properties = {name: it for name, it in form["properties"].items() if name != field}
    required = [name for name in form.get("required", []) if name != field]
    kept = {**form, "properties": properties, "required": required}
    return kept if required else {name: it for name, it in kept.items() if name != "required"}


def _parameters(name: str) -> list[_Schema]:
    there = shapes(name)
    fields = dict.fromkeys(field for one in there for field in one.equal)
    sorts = dict.fromkeys(one.sort for one in there if one.sort)
    times = [one.field for one in there if one.field.endswith("at")]
    ends = dict.fromkeys(f"{field}_{end}" for field in times for end in ("from", "to"))
    known = "; ".join(dict.fromkeys(map(str, there))) or "none"
    found = [_parameter(field, "query", f"one of the filters: {known}") for field in fields]
    found += [_parameter(end, "query", "a time, ISO 8601") for end in ends]
    limit = {"type": "integer", "minimum": 1, "maximum": MOST, "default": USUAL}
    found += [{**_parameter("limit", "query"), "schema": limit}, _parameter("after", "query")]
    if sorts:
        found.append({**_parameter("sort", "query"), "schema": {**_TEXT, "enum": list(sorts)}})
    return found


def _parameter(name: str, place: str, what: str = "") -> _Schema:
    said = {"description": what} if what else {}
    return {"name": name, "in": place, "required": place == "path", "schema": _TEXT, **said}


def _content(schema: _Schema, what: str) -> _Schema:
    return {"description": what, "content": {"application/json": {"schema": schema}}}


def _refusals() -> _Schema:
    return {status: {"$ref": f"#/components/responses/{status}"} for status in _WRONG}
