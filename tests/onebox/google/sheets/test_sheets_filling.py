"""Series continued, cells filled, and whole spreadsheets created at once."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onebox.google.sheets.locales import locale_of
from onebox.google.sheets.series import continued

RU, EN = locale_of("ru_RU"), locale_of("en_US")


def _box(top, bottom, left, right):
    return {
        "startRowIndex": top,
        "endRowIndex": bottom,
        "startColumnIndex": left,
        "endColumnIndex": right,
    }


@pytest.mark.parametrize(
    ("values", "after", "before"),
    [
        ([1, 3], 5, -1),
        ([5], 5, 5),
        ([1, 2, 4], 5.3333333333, -0.6666666667),
        (["Договор 9"], "Договор 10", "Договор 8"),
        (["№ 007", "№ 009"], "№ 011", "№ 005"),
        (["январь"], "февраль", "декабрь"),
        (["Пон", "Сре"], "Пят", "Суб"),
        (["да", "нет"], "да", "нет"),
        ([True], True, True),
        ([1, "x"], 1, "x"),
        ([None, 4], None, 4),
    ],
)
def test_series_goes_on_and_back(values, after, before):
    assert continued(values, len(values), RU) == after
    assert continued(values, -1, RU) == before


def test_lone_date_goes_on_by_days_and_a_lone_number_only_when_asked():
    assert continued([46349], 1, EN, dated=True) == 46350
    assert continued([46349], 1, EN, dated=True, alternate=True) == 46349
    assert continued([7], 2, EN, alternate=True) == 9
    assert continued([1, 2], 2, EN, alternate=True) == 1


@given(st.integers(-1000, 1000), st.integers(-50, 50), st.integers(2, 6), st.integers(-20, 20))
def test_even_steps_are_continued_exactly(first, step, count, position):
    values = [first + step * index for index in range(count)]

    assert continued(values, position, EN) == first + step * position


@pytest.mark.parametrize(
    ("way", "cells", "expected"),
    [
        ({"dimension": "ROWS", "fillLength": 2}, "C5:D6", [[3, "=A5"], [4, "=A6"]]),
        ({"dimension": "ROWS", "fillLength": -1}, "C2:D2", [[0, "=A2"]]),
        ({"dimension": "COLUMNS", "fillLength": 1}, "E3:E4", [[1], [2]]),
    ],
)
def test_block_is_filled_in_each_direction(book, way, cells, expected):
    book.put("C3:D4", [[1, "=A3"], [2, "=A4"]], "USER_ENTERED")
    if way["dimension"] == "COLUMNS":
        book.put("D3:D4", [[1], [2]])
    book.batch({"autoFill": {"sourceAndDestination": {"source": _box(2, 4, 2, 4), **way}}})

    assert book.get(cells, "FORMULA") == expected


def test_range_is_filled_from_where_its_data_end(book):
    book.put("A1:A2", [["2026-11-23"], ["2026-11-30"]], "USER_ENTERED")
    book.put("D1:E1", [[1, 2]])
    book.batch({"autoFill": {"range": _box(0, 4, 0, 1)}}, {"autoFill": {"range": _box(0, 1, 3, 6)}})
    refused = book.refused({"autoFill": {"range": _box(8, 9, 0, 1)}})

    assert book.get("A1:A4", "FORMATTED_VALUE")[2:] == [["2026-12-07"], ["2026-12-14"]]
    assert book.get("D1:F1") == [[1, 2, 3]]
    assert refused.startswith("Invalid requests[0].autoFill: The range to fill must begin")


def test_validation_spares_rows_hidden_by_the_filter_unless_told(book):
    book.put("A1", [["Этап"], ["да"], ["нет"]])
    criteria = {"0": {"hiddenValues": ["нет"]}}
    rule = {"condition": {"type": "TEXT_CONTAINS", "values": [{"userEnteredValue": "а"}]}}
    area = _box(1, 3, 0, 1)
    book.batch(
        {"setBasicFilter": {"filter": {"range": _box(0, 3, 0, 1), "criteria": criteria}}},
        {"setDataValidation": {"range": area, "rule": rule}},
    )
    spared = "dataValidation" in book.cell("A3")
    book.batch({"setDataValidation": {"range": area, "rule": rule, "filteredRowsIncluded": True}})

    assert not spared
    assert "dataValidation" in book.cell("A2")
    assert "dataValidation" in book.cell("A3")


def test_spreadsheet_created_whole_has_all_that_was_sent(desk):
    area = {**_box(0, 2, 0, 2), "sheetId": 5}
    cells = [{"values": [{"userEnteredValue": {"stringValue": text}} for text in ("Имя", "Этап")]}]
    spec = {"pieChart": {"domain": {"sourceRange": {"sources": [area]}}}}
    scale = {"minpoint": {"type": "MIN"}, "maxpoint": {"type": "MAX"}}
    rows = {"sheetId": 5, "dimension": "ROWS", "startIndex": 0, "endIndex": 2}
    sheet = {
        "properties": {"sheetId": 5, "title": "Лиды"},
        "data": [{"rowData": cells, "columnMetadata": [{"pixelSize": 300}]}],
        "merges": [{**_box(4, 6, 0, 2), "sheetId": 5}],
        "tables": [{"name": "Т", "range": area}],
        "conditionalFormats": [
            {"ranges": [area], "gradientRule": scale},
            {"ranges": [area], "gradientRule": scale},
        ],
        "filterViews": [{"title": "В", "range": area}],
        "protectedRanges": [{"range": area}],
        "charts": [{"spec": spec, "position": {"overlayPosition": {"anchorCell": {"sheetId": 5}}}}],
        "basicFilter": {"range": area},
        "rowGroups": [{"range": rows, "depth": 1, "collapsed": True}],
        "developerMetadata": [
            {"metadataKey": "k", "visibility": "DOCUMENT", "location": {"sheetId": 5}}
        ],
    }
    body = {"sheets": [sheet], "namedRanges": [{"name": "Все", "range": area}]}
    made = desk.call("POST", "", body=body)
    found = made["sheets"][0]

    assert set(sheet) - {"data"} <= set(found)
    assert [len(found[name]) for name in ("conditionalFormats", "merges", "charts")] == [2, 1, 1]
    assert found["rowGroups"][0]["collapsed"] is True
    assert found["tables"][0]["columnProperties"][1]["columnName"] == "Этап"
    assert made["namedRanges"][0]["namedRangeId"]


def test_spreadsheet_with_a_thing_that_cannot_be_is_not_created(desk):
    bad = {"sheets": [{}, {"charts": [{"spec": {}}]}]}
    error = desk.refusal("POST", "", body=bad)

    assert error.message.startswith("Invalid sheets[1].charts[0]: One of basicChart")
