"""Whatever is sent in the shapes of the discovery document is answered or refused, never broken."""

import json

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.onebox.google.discovery_check import schemas
from tests.onebox.google.sheets.sheets_desk import Workbook

from onebox.google.errors import GoogleError

_KNOWN = schemas("sheets", "v4")
_DEEPEST = 5
_TEXTS = st.sampled_from(
    ["", "A1", "=A1+1", "Sheet1", "Sheet1!A1:B2", "5", "2026-11-23", "да", "*"]
)
_NUMBERS = st.sampled_from([0, 0, 1, 1, 1, 2, 3, 5, -1, 1001])


# Without these most requests end at the first check.
_USUAL = {"fields", "range", "spec", "rule", "location", "title", "name", "find", "condition"}
_ONE_OF_MANY = {
    "AutoFillRequest",
    "ChartSpec",
    "DataFilter",
    "DeveloperMetadataLocation",
    "EmbeddedObjectPosition",
    "FindReplaceRequest",
    "UpdateCellsRequest",
}


def _is_usual(schema, name, *, whole):
    if schema in _ONE_OF_MANY:
        return False
    if schema == "GridRange" and name.startswith("end"):
        return True
    refers = "$ref" in _KNOWN[schema]["properties"][name]
    return name in _USUAL or name.endswith("Id") or (whole and refers)


@st.composite
def _message(draw, schema, depth):
    kinds = _KNOWN[schema].get("properties", {})
    names = [name for name, kind in kinds.items() if depth < _DEEPEST or "$ref" not in kind]
    usual = [name for name in names if _is_usual(schema, name, whole=depth == 1)]
    others = [name for name in names if name not in usual]
    extra = draw(st.lists(st.sampled_from(others), max_size=3, unique=True)) if others else []
    return {name: draw(_field(name, kinds[name], depth + 1)) for name in [*usual, *extra]}


def _field(name, kind, depth):
    if "$ref" in kind:
        return _message(kind["$ref"], depth)
    if kind.get("type") == "array":
        return st.lists(_field(name, kind["items"], depth), max_size=2)
    if "enum" in kind:
        return st.sampled_from(kind["enum"])
    if name.endswith("Id"):
        likely = [0, 0, 0, 5, 7] if name.endswith("heetId") else [1, 1, 1, 2, 7]
        return st.sampled_from(likely if kind["type"] == "integer" else ["5", "5", "x"])
    if name == "fields":
        return st.sampled_from(["*", "*", "*", "title", "range", "name", "note"])
    scalars = {"integer": _NUMBERS, "number": _NUMBERS, "boolean": st.booleans()}
    return scalars.get(kind.get("type"), _TEXTS)


def _corner(book):
    """Return the first cells of a sheet that has any; requests may have made it tiny."""
    sheets = [one["properties"] for one in book.resource()["sheets"]]
    title = next(one["title"] for one in sheets if "gridProperties" in one)
    return "'" + title.replace("'", "''") + "'!A1:C9"


def _requests():
    kinds = _KNOWN["Request"]["properties"]
    return st.sampled_from(sorted(kinds)).flatmap(
        lambda kind: st.fixed_dictionaries({kind: _message(kinds[kind]["$ref"], 1)})
    )


_AREA = {"endRowIndex": 3, "endColumnIndex": 2}
_SERIES = [{"series": {"sourceRange": {"sources": [_AREA]}}}]
_PLACE = {"overlayPosition": {"anchorCell": {}}}
_SCALE = {"minpoint": {"type": "MIN"}, "maxpoint": {"type": "MAX"}}
_MARK = {"metadataId": 1, "metadataKey": "k", "visibility": "DOCUMENT", "location": {"sheetId": 0}}


def furnish(book):
    """Put one thing of every kind onto a sheet, under ids that requests are likely to name."""
    chart = {"chartId": 1, "spec": {"basicChart": {"series": _SERIES}}, "position": _PLACE}
    slicer = {"slicerId": 2, "spec": {"dataRange": _AREA}, "position": _PLACE}
    band = {"bandedRangeId": 1, "range": _AREA, "rowProperties": {"firstBandColor": {"red": 1}}}
    rule = {"ranges": [_AREA], "gradientRule": _SCALE}
    book.put("A1:B3", [["Имя", "Сумма"], ["Анна", 5], ["Пётр", 7]])
    book.batch(
        {"addSheet": {"properties": {"sheetId": 5, "title": "Б"}}},
        {"addTable": {"table": {"tableId": "5", "range": {**_AREA, "sheetId": 5}}}},
        {"addChart": {"chart": chart}},
        {"addSlicer": {"slicer": slicer}},
        {"addBanding": {"bandedRange": band}},
        {"addConditionalFormatRule": {"rule": rule}},
        {"addFilterView": {"filter": {"filterViewId": 1, "range": _AREA}}},
        {"addProtectedRange": {"protectedRange": {"protectedRangeId": 1, "range": _AREA}}},
        {"addNamedRange": {"namedRange": {"namedRangeId": "5", "name": "да", "range": _AREA}}},
        {"addDimensionGroup": {"range": {"dimension": "ROWS", "startIndex": 1, "endIndex": 3}}},
        {"createDeveloperMetadata": {"developerMetadata": _MARK}},
        {"setBasicFilter": {"filter": {"range": _AREA}}},
    )


@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(st.lists(_requests(), min_size=1, max_size=4))
def test_any_requests_are_answered_or_refused(desk, sent):
    refusals = []
    book = Workbook(desk)
    furnish(book)
    for request in sent:
        try:
            answer = desk.call("POST", f"/{book.id}:batchUpdate", body={"requests": [request]})
        except GoogleError as error:
            refusals.append(error)
        else:
            assert set(answer["replies"][0]) <= set(request)
    assert all(json.dumps(error.body()) for error in refusals)
    assert book.resource(includeGridData="true", ranges=_corner(book))["sheets"]
