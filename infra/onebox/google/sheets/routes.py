"""The paths of Sheets v4: a request in, a service method called, an answer cut by its mask.

Source: the methods of the discovery document; their paths, parameters and messages are read there.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any, TypeAlias
from urllib.parse import unquote

from onebox.google.errors import bad_request, not_found
from onebox.google.sheets.masks import Mask, project
from onebox.google.sheets.resource import Wanted
from onebox.google.sheets.schema import answer_mask, discovery, read
from onebox.google.sheets.service import SheetsService
from onebox.google.sheets.wirequery import Query, last, read_query

Json: TypeAlias = dict[str, Any]

# How Google's errors call the body where it is one field of the request.
_BODY_FIELDS = {"Spreadsheet": "spreadsheet", "ValueRange": "data"}


@dataclass(frozen=True)
class Asked:
    """One request, taken apart and checked."""

    service: SheetsService
    user: str
    parts: dict[str, str]
    query: Json
    body: Json
    mask: Mask

    @property
    def id(self) -> str:
        return self.parts["spreadsheetId"]

    @property
    def range(self) -> str:
        return self.parts["range"]


Call: TypeAlias = Callable[[Asked], Json]


@dataclass(frozen=True)
class Route:
    """One method of the API and what answers it."""

    verb: str
    pattern: re.Pattern[str]
    parameters: dict[str, Json]
    takes: str
    answers: str
    call: Call


def handle(
    service: SheetsService, method: str, path: str, query: Query, *, body: Json, user: str
) -> Json:
    """Answer one request of the REST API.

    Args:
        service: keeps the spreadsheets.
        method: HTTP verb.
        path: percent-encoded, as sent, from `/v4` on.
        query: decoded pairs in the order sent.
        body: parsed JSON, {} when there was none.
        user: e-mail of the caller.

    Raises:
        GoogleError: every answer that is not a 200.
    """
    for route in _routes():
        found = route.pattern.fullmatch(path) if route.verb == method else None
        if found:
            return _answer(service, route, found, query, body=body, user=user)
    raise not_found("Not found.")


def _answer(
    service: SheetsService,
    route: Route,
    found: re.Match[str],
    query: Query,
    *,
    body: Json,
    user: str,
) -> Json:
    fields = last(query, "fields") or last(query, "$fields")
    mask = answer_mask(fields, route.answers) if fields else {}
    clean = read(route.takes, body, _BODY_FIELDS.get(route.takes, "")) if route.takes else {}
    asked = Asked(
        service=service,
        user=user,
        parts={name: unquote(text) for name, text in found.groupdict().items()},
        query=read_query(route.parameters, query),
        body=clean,
        mask=mask,
    )
    answer: Json = project(route.call(asked), mask)
    return answer


def _get(asked: Asked) -> Json:
    return asked.service.get(
        asked.user,
        asked.id,
        ranges=asked.query.get("ranges"),
        wanted=_wanted(asked.query, asked.mask, "includeGridData"),
    )


def _wanted(options: Json, mask: Mask, grid: str) -> Wanted:
    """Return what is wanted of a spreadsheet; a mask decides itself whether cells are drawn."""
    return Wanted(
        mask=mask,
        grid=bool(mask) or bool(options.get(grid)),
        table_bands=not options.get("excludeTablesInBandedRanges"),
        comments=options.get("commentsViewMode", ""),
    )


def _get_by_data_filter(asked: Asked) -> Json:
    wanted = _wanted(asked.body, asked.mask, "includeGridData")
    return asked.service.get_by_data_filter(asked.user, asked.id, asked.body, wanted)


def _batch_update(asked: Asked) -> Json:
    mask = asked.mask.get("updatedSpreadsheet", {})
    wanted = _wanted(asked.body, mask, "responseIncludeGridData")
    return asked.service.batch_update(asked.user, asked.id, asked.body, wanted)


def _create(asked: Asked) -> Json:
    return asked.service.create(asked.user, asked.body)


def _copy_to(asked: Asked) -> Json:
    sheet_id = _number(asked.parts["sheetId"], "sheet_id")
    return asked.service.copy_to(asked.user, asked.id, sheet_id, asked.body)


def _metadata_get(asked: Asked) -> Json:
    number = _number(asked.parts["metadataId"], "metadata_id")
    return asked.service.metadata_get(asked.user, asked.id, number)


def _number(text: str, name: str) -> int:
    if not re.fullmatch(r"-?\d{1,10}", text):
        raise bad_request([(name, f"Invalid value at '{name}' (TYPE_INT32), \"{text}\"")])
    return int(text)


def _values_get(asked: Asked) -> Json:
    return asked.service.values_get(asked.user, asked.id, asked.range, asked.query)


def _values_update(asked: Asked) -> Json:
    return asked.service.values_update(
        asked.user, asked.id, asked.range, query=asked.query, body=asked.body
    )


def _values_append(asked: Asked) -> Json:
    return asked.service.values_append(
        asked.user, asked.id, asked.range, query=asked.query, body=asked.body
    )


def _values_clear(asked: Asked) -> Json:
    return asked.service.values_clear(asked.user, asked.id, asked.range)


def _values_batch_get(asked: Asked) -> Json:
    return asked.service.values_batch_get(asked.user, asked.id, asked.query)


def _with_body(method: str) -> Call:
    return lambda asked: getattr(asked.service, method)(asked.user, asked.id, asked.body)


_CALLS: dict[str, Call] = {
    "batchUpdate": _batch_update,
    "create": _create,
    "developerMetadata.get": _metadata_get,
    "developerMetadata.search": _with_body("metadata_search"),
    "get": _get,
    "getByDataFilter": _get_by_data_filter,
    "sheets.copyTo": _copy_to,
    "values.append": _values_append,
    "values.batchClear": _with_body("values_batch_clear"),
    "values.batchClearByDataFilter": _with_body("values_batch_clear_by_data_filter"),
    "values.batchGet": _values_batch_get,
    "values.batchGetByDataFilter": _with_body("values_batch_get_by_data_filter"),
    "values.batchUpdate": _with_body("values_batch_update"),
    "values.batchUpdateByDataFilter": _with_body("values_batch_update_by_data_filter"),
    "values.clear": _values_clear,
    "values.get": _values_get,
    "values.update": _values_update,
}


@cache
def _routes() -> tuple[Route, ...]:
    spreadsheets = discovery()["resources"]["spreadsheets"]
    return tuple(
        Route(
            verb=spec["httpMethod"],
            pattern=_pattern("/" + str(spec.get("flatPath") or spec["path"])),
            parameters=spec["parameters"],
            takes=spec.get("request", {}).get("$ref", ""),
            answers=spec["response"]["$ref"],
            call=_CALLS[spec["id"].removeprefix("sheets.spreadsheets.")],
        )
        for spec in _methods(spreadsheets)
    )


def _methods(resource: Json) -> Iterator[Json]:
    yield from resource.get("methods", {}).values()
    for inner in resource.get("resources", {}).values():
        yield from _methods(inner)


def _pattern(template: str) -> re.Pattern[str]:
    pieces = re.split(r"\{(\w+)\}", template)
    text = ""
    for place, piece in enumerate(pieces):
        if place % 2:
            text += f"(?P<{piece}>{'.+' if piece == 'range' else '[^/:]+'})"
        else:
            text += re.escape(piece)
    return re.compile(text)
