"""Refusals in Google's words: what other people's programs have been told by the real service."""

import pytest
from tests.onebox.google.sheets.sheets_desk import Workbook

_CELLS = {
    "startRowIndex": 0,
    "endRowIndex": 2,
    "startColumnIndex": 0,
    "endColumnIndex": 2,
}
_TEXTS = [{"values": [{"userEnteredValue": {"stringValue": "x"}}] * 27}]


def _row(start, end, axis="ROWS"):
    return {"sheetId": 0, "dimension": axis, "startIndex": start, "endIndex": end}


def _rename(**properties):
    return {"updateSheetProperties": {"properties": properties, "fields": "title"}}


def _condition(kind, *values):
    given = [{"userEnteredValue": value} for value in values]
    return {"type": kind, "values": given} if given else {"type": kind}


def _validation(condition):
    return {"setDataValidation": {"range": _CELLS, "rule": {"condition": condition}}}


def _format(condition):
    rule = {"ranges": [_CELLS], "booleanRule": {"condition": condition, "format": {}}}
    return {"addConditionalFormatRule": {"rule": rule}}


def _scale(**points):
    return {"addConditionalFormatRule": {"rule": {"ranges": [_CELLS], "gradientRule": points}}}


def _table(**column):
    columns = [{"columnName": "Имя", **column}]
    return {"addTable": {"table": {"name": "Т", "range": _CELLS, "columnProperties": columns}}}


_TOO_WIDE = (
    "This action would increase the number of columns in the sheet above the limit"
    " of 18278 columns."
)
_LIST = {"condition": _condition("ONE_OF_LIST", "да", "нет")}


@pytest.mark.parametrize(
    ("sent", "sentence"),
    [
        ({"deleteSheet": {"sheetId": 7}}, "No sheet with id: 7"),
        ({"deleteSheet": {"sheetId": 0}}, "You can't remove all the sheets in a document."),
        ({"duplicateSheet": {"sourceSheetId": 7}}, "No sheet with id: 7"),
        (_rename(sheetId=7, title="x"), "No sheet with id: 7"),
        (_rename(sheetId=0, title=""), "The sheet name cannot be empty."),
        (
            {"addSheet": {"properties": {"title": "x" * 101}}},
            "The sheet name cannot be greater than 100 characters.",
        ),
        (
            {"addSheet": {"properties": {"gridProperties": {"rowCount": 1, "columnCount": 18279}}}},
            _TOO_WIDE,
        ),
        ({"addSheet": {"properties": {"sheetId": -1}}}, "Sheet id must be non-negative."),
        ({"addSheet": {"properties": {"sheetId": 0}}}, "Sheet with id 0 already exists."),
        ({"appendDimension": {"sheetId": 7, "length": 1}}, "No grid with id: 7"),
        ({"insertDimension": {"range": _row(-1, 2)}}, "DimensionRange indexes must be >= 0"),
        ({"deleteDimension": {"range": _row(-1, 2)}}, "DimensionRange indexes must be >= 0"),
        (
            {"insertDimension": {"range": _row(1001, 1002)}},
            "range.startIndex is larger than current grid size (1000)",
        ),
        (
            {"insertDimension": {"range": _row(26, 27, "COLUMNS")}},
            "range.startIndex must be less than the grid size (26) if inheritFromBefore is false.",
        ),
        (
            {"updateCells": {"start": {}, "rows": _TEXTS, "fields": "*"}},
            "Attempting to write column: 26, beyond the last requested column of: 25",
        ),
        (
            {"updateCells": {"range": _CELLS, "rows": [{}, {}, {}], "fields": "*"}},
            "Attempting to write row: 2, beyond the last requested row of: 1",
        ),
        (
            {"updateCells": {"start": {"rowIndex": 1000}, "rows": [{}], "fields": "*"}},
            "GridCoordinate.rowIndex[1000] is after last row in grid[1000]",
        ),
        (
            _validation(_condition("BLANK")),
            "ConditionType 'BLANK' is not supported in data validation.",
        ),
        (
            _validation(_condition("ONE_OF_RANGE", "Sheet1!A2:A5")),
            "Invalid ConditionValue.userEnteredValue: Sheet1!A2:A5 for ConditionType: ONE_OF_RANGE",
        ),
        (
            _format(_condition("ONE_OF_LIST", "a")),
            "ConditionType 'ONE_OF_LIST' is not supported in conditional formatting.",
        ),
        (
            _format(_condition("NUMBER_BETWEEN", "1")),
            "Wrong number of values for ConditionType 'NUMBER_BETWEEN': 1.",
        ),
        (_scale(minpoint={"type": "MIN"}), "No interpolationPointType specified."),
        (
            _scale(minpoint={"type": "MIN"}, maxpoint={"type": "NUMBER"}),
            "InterpolationPoint.value is required.",
        ),
        (
            _scale(minpoint={"type": "MIN"}, maxpoint={"type": "NUMBER", "value": "1,5"}),
            "Invalid InterpolationPoint.value: 1,5",
        ),
        (_table(columnType="DROPDOWN"), "Condition must be set for dropdown column type."),
        (
            _table(columnType="DOUBLE", dataValidationRule=_LIST),
            "Cannot set condition for non-dropdown column type.",
        ),
        ({"addChart": {"chart": {"position": {}}}}, "no chart spec"),
        (
            {"addChart": {"chart": {"spec": {"title": "x"}}}},
            (
                "One of basicChart, pieChart, bubbleChart, candelstickChart, histogramChart, or "
                "orgChart must be set on chartSpec."
            ),
        ),
        ({"updateChartSpec": {"chartId": 5}}, "No chart with id: 5"),
        ({"deleteEmbeddedObject": {"objectId": 5}}, "No embedded object with id: 5"),
        ({"deleteFilterView": {"filterId": 5}}, "No filter view with id: 5"),
        ({"deleteBanding": {"bandedRangeId": 5}}, "No banded range with id: 5"),
        ({"deleteProtectedRange": {"protectedRangeId": 5}}, "No protected range with id: 5"),
        (
            {"updateTable": {"table": {"tableId": "5"}, "fields": "name"}},
            "No table with id: 5",
        ),
    ],
)
def test_request_that_cannot_be_done_is_refused_in_known_words(book, sent, sentence):
    kind = next(iter(sent))

    assert book.refused(sent) == f"Invalid requests[0].{kind}: {sentence}"


def test_two_fields_of_a_union_are_refused_by_the_parser(desk, book):
    condition = _condition("NOT_BLANK")
    rule = {"ranges": [_CELLS], "booleanRule": {"condition": condition}, "gradientRule": {}}
    twice = {"deleteSheet": {}, "addSheet": None, "addChart": {}}
    error = desk.refusal(
        "POST",
        f"/{book.id}:batchUpdate",
        body={"requests": [{"addConditionalFormatRule": {"rule": rule}}, twice]},
    )

    assert error.message == (
        "Invalid value at 'requests[0].add_conditional_format_rule.rule' (oneof), "
        "oneof field 'rule' is already set. Cannot set 'gradientRule'\n"
        "Invalid value at 'requests[1]' (oneof), "
        "oneof field 'kind' is already set. Cannot set 'addChart'"
    )
    assert [one["field"] for one in error.details[0]["fieldViolations"]] == [
        "requests[0].add_conditional_format_rule.rule",
        "requests[1]",
    ]


def test_values_that_are_one_text_are_refused_by_the_name_of_the_field(desk, book):
    path, query = f"/{book.id}/values/A1", [("valueInputOption", "RAW")]
    error = desk.refusal("PUT", path, query, {"values": "X", "majorDimension": None})

    assert error.message == (
        "Invalid value at 'data.values' (type.googleapis.com/google.protobuf.ListValue), \"X\""
    )
    assert error.details[0]["fieldViolations"][0]["field"] == "data.values"


def test_visible_sheet_beside_hidden_ones_cannot_be_deleted(book):
    hide = {"properties": {"sheetId": 5, "hidden": True}, "fields": "hidden"}
    book.batch(
        {"addSheet": {"properties": {"title": "Б", "sheetId": 5}}}, {"updateSheetProperties": hide}
    )

    assert book.refused({"deleteSheet": {"sheetId": 0}}) == (
        "Invalid requests[0].deleteSheet: You can't remove all the visible sheets in a document."
    )


def test_taken_names_and_ids_are_told(book):
    named = {"addNamedRange": {"namedRange": {"name": "Клиенты", "range": _CELLS}}}
    mark = {"metadataId": 9, "metadataKey": "k", "visibility": "DOCUMENT"}
    mark["location"] = {"spreadsheet": True}
    marked = {"createDeveloperMetadata": {"developerMetadata": mark}}
    book.batch(named, marked)

    assert book.refused(named) == (
        "Invalid requests[0].addNamedRange: Cannot add named range with name Клиенты, "
        "a named range with that name already exists."
    )
    assert book.refused(marked) == (
        "Invalid requests[0].createDeveloperMetadata: Cannot add developer metadata with ID [9] "
        "because developer metadata with that ID already exists."
    )


def test_merges_cut_or_crossing_a_border_are_refused(book):
    merged = {"mergeCells": {"range": {**_CELLS, "endRowIndex": 4}}}
    freeze = {
        "properties": {"sheetId": 0, "gridProperties": {"frozenColumnCount": 1}},
        "fields": "gridProperties.frozenColumnCount",
    }
    book.batch(merged)
    cut = book.refused({"unmergeCells": {"range": _CELLS}})
    over = book.refused({"mergeCells": {"range": _CELLS}})
    book.batch({"unmergeCells": {"range": {}}}, {"updateSheetProperties": freeze})
    frozen = book.refused(merged)

    whole = "You must select all cells in a merged range to merge or unmerge them."
    assert cut == f"Invalid requests[0].unmergeCells: {whole}"
    assert over == f"Invalid requests[0].mergeCells: {whole}"
    assert frozen == (
        "Invalid requests[0].mergeCells: You can't merge frozen and non-frozen columns."
    )


def test_merge_over_the_edge_of_a_filter_is_refused(book):
    book.batch({"setBasicFilter": {"filter": {"range": _CELLS}}})

    assert book.refused({"mergeCells": {"range": {**_CELLS, "endRowIndex": 4}}}) == (
        "Invalid requests[0].mergeCells: "
        "You can't merge cells that cross the borders of an existing filter."
    )


def test_chart_of_nothing_is_an_internal_error(desk, book):
    chart = {"spec": {"basicChart": {"chartType": "BAR"}}, "position": {"newSheet": True}}
    body = {"requests": [{"addChart": {"chart": chart}}]}
    error = desk.refusal("POST", f"/{book.id}:batchUpdate", body=body)

    assert (error.status, error.reason) == (500, "INTERNAL")
    assert error.message == "Internal error encountered."


def test_new_spreadsheet_with_cells_past_its_grid_is_refused(desk):
    grid = {"rowCount": 5, "columnCount": 7}
    row = {"values": [{"userEnteredValue": {"numberValue": 1}}] * 9}
    sheet = {"properties": {"gridProperties": grid}, "data": [{"rowData": [row]}]}
    error = desk.refusal("POST", "", body={"sheets": [sheet]})

    assert error.message == (
        "Invalid sheets[0].data[0]: "
        "Attempting to write column: 7, beyond the last requested column of: 6"
    )


def test_number_of_a_scale_is_written_as_the_locale_writes_numbers(desk):
    book = Workbook(desk, locale="de_DE")
    points = {"minpoint": {"type": "MIN", "value": "2"}}
    book.batch(_scale(**points, maxpoint={"type": "NUMBER", "value": "1,5"}))
    kept = book.sheet()["conditionalFormats"][0]["gradientRule"]
    refused = book.refused(_scale(**points, maxpoint={"type": "NUMBER", "value": "1.5"}))

    assert kept["minpoint"] == {"type": "MIN"}
    assert kept["maxpoint"]["value"] == "1,5"
    assert refused.endswith("Invalid InterpolationPoint.value: 1.5")


def test_unknown_time_zone_is_refused_and_default_format_is_read_only(book):
    def change(**properties):
        return {"updateSpreadsheetProperties": {"properties": properties, "fields": "*"}}

    before = book.resource()["properties"]["defaultFormat"]
    book.batch(change(title="Отдел", defaultFormat={}))

    assert book.resource()["properties"]["defaultFormat"] == before
    assert book.refused(change(timeZone="Mars/Olympus")) == (
        "Invalid requests[0].updateSpreadsheetProperties: Invalid time zone: Mars/Olympus"
    )


@pytest.mark.parametrize("wrap", [_format, _validation])
def test_custom_formula_parts_its_arguments_as_the_locale_does(desk, wrap):
    russian, american = Workbook(desk, locale="ru_RU"), Workbook(desk)
    comma, semicolon = (
        _condition("CUSTOM_FORMULA", f'=AND($A1="да, нет"{mark}$B1>1)') for mark in ",;"
    )
    russian.batch(wrap(semicolon))
    american.batch(wrap(comma), wrap(semicolon))

    assert "Invalid ConditionValue.userEnteredValue: =AND(" in russian.refused(wrap(comma))


@pytest.mark.parametrize(("word", "of"), [("rows", "Row"), ("columns", "Column")])
def test_grid_may_not_shrink_to_what_is_frozen_nor_freeze_as_a_whole(book, word, of):
    def grid(**sizes):
        fields = ",".join(f"gridProperties.{name}" for name in sizes)
        properties = {"sheetId": 0, "gridProperties": sizes}
        return {"updateSheetProperties": {"properties": properties, "fields": fields}}

    count, frozen = f"{word[:-1]}Count", f"frozen{of}Count"
    book.batch(grid(**{frozen: 1}))

    shrunk = book.refused(grid(**{count: 1}))
    assert shrunk.endswith(f": Sorry, it is not possible to delete all non-frozen {word}.")
    assert book.refused(grid(**{frozen: 1000})).endswith(f"freeze all visible {word} on the sheet.")
    book.batch(grid(**{frozen: 0, count: 1}))
    assert book.sheet()["properties"]["gridProperties"][count] == 1
