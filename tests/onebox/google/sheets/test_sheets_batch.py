"""spreadsheets.batchUpdate: all or nothing, replies by position, each kind of request."""

import pytest

from onebox.google.errors import GoogleError
from onebox.google.sheets.batch import HANDLERS
from onebox.google.sheets.schema import properties


def _rows(start, end, sheet=0):
    return {"sheetId": sheet, "dimension": "ROWS", "startIndex": start, "endIndex": end}


def _box(top, bottom, left, right, *, sheet=0):
    return {
        "sheetId": sheet,
        "startRowIndex": top,
        "endRowIndex": bottom,
        "startColumnIndex": left,
        "endColumnIndex": right,
    }


def test_one_bad_request_undoes_the_whole_batch(desk, book):
    book.put("A1", [["kept"]])
    before = desk.service.version(book.id)
    message = book.refused(
        {"addSheet": {"properties": {"title": "Новый"}}},
        {"deleteDimension": {"range": _rows(0, 5)}},
        {"repeatCell": {"range": {"sheetId": 99}, "cell": {}, "fields": "note"}},
    )

    assert message == "Invalid requests[2].repeatCell: No grid with id: 99"
    assert [sheet["properties"]["title"] for sheet in book.resource()["sheets"]] == ["Sheet1"]
    assert book.get("A1") == [["kept"]]
    assert desk.service.version(book.id) == before


def test_replies_stand_where_their_requests_stood(book):
    replies = book.batch(
        {"updateCells": {"range": _box(0, 1, 0, 1), "fields": "note"}},
        {"addSheet": {"properties": {"title": "Задачи", "sheetId": 7}}},
    )

    assert replies[0] == {}
    assert replies[1]["addSheet"]["properties"] == {
        "sheetId": 7,
        "title": "Задачи",
        "index": 1,
        "sheetType": "GRID",
        "gridProperties": {"rowCount": 1000, "columnCount": 26},
    }


@pytest.mark.parametrize(
    ("request_sent", "sentence"),
    [
        (
            {"frobnicate": {}},
            (
                "Invalid JSON payload received. Unknown name \"frobnicate\" at 'requests[0]': "
                "Cannot find field."
            ),
        ),
        (
            {"addSheet": {"properties": {"colour": 1}}},
            (
                'Invalid JSON payload received. Unknown name "colour" at '
                "'requests[0].add_sheet.properties': Cannot find field."
            ),
        ),
        ({}, "Invalid requests[0]: No request set."),
        (
            {"repeatCell": {"range": {"sheetId": 0}, "cell": {}}},
            (
                "Invalid requests[0].repeatCell: At least one field must be listed in 'fields'. "
                "(Use '*' to indicate all fields.)"
            ),
        ),
        (
            {"deleteSheet": {"sheetId": 0}},
            "Invalid requests[0].deleteSheet: You can't remove all the sheets in a document.",
        ),
        (
            {"deleteDimension": {"range": _rows(1372, 1373)}},
            (
                "Invalid requests[0].deleteDimension: Cannot delete a row that doesn't exist. "
                "Tried to delete row index 1372 but there are only 1000 rows."
            ),
        ),
        (
            {"appendDimension": {"dimension": "ROWS", "length": 400_000}},
            (
                "Invalid requests[0].appendDimension: This action would increase the number of "
                "cells in the workbook above the limit of 10000000 cells."
            ),
        ),
    ],
)
def test_refusals_are_worded_as_google_words_them(desk, book, request_sent, sentence):
    body = {"requests": [request_sent]}
    with pytest.raises(GoogleError) as refused:
        desk.service_call(f"/{book.id}:batchUpdate", body)

    assert refused.value.message == sentence


def test_no_requests_at_all_is_refused(desk, book):
    error = desk.refusal("POST", f"/{book.id}:batchUpdate", body={"requests": []})

    assert error.message == "Must specify at least one request."


@pytest.mark.parametrize(
    ("area", "named"),
    [
        ({"startRowIndex": 1000, "startColumnIndex": 0, "endColumnIndex": 2}, "A1001:B"),
        (_box(1000, 1001, 0, 2), "A1001:B1001"),
        (_box(0, 2, 26, 27), "AA1:AA2"),
        ({"startRowIndex": 0, "endRowIndex": 2, "startColumnIndex": 26}, "AA1:2"),
    ],
)
def test_range_starting_past_the_grid_is_refused_by_name(book, area, named):
    message = book.refused({"repeatCell": {"range": area, "cell": {}, "fields": "note"}})

    assert message == (
        f"Invalid requests[0].repeatCell: Range (Sheet1!{named}) exceeds grid limits. "
        "Max rows: 1000, max columns: 26"
    )


def test_range_ending_past_the_grid_is_taken_and_does_not_grow_it(book):
    cell = {"userEnteredFormat": {"textFormat": {"bold": True}}}
    fields = "userEnteredFormat.textFormat.bold"
    book.batch({"repeatCell": {"range": _box(999, 1003, 25, 28), "cell": cell, "fields": fields}})

    assert book.sheet()["properties"]["gridProperties"] == {"rowCount": 1000, "columnCount": 26}
    assert book.cell("Z1000")["userEnteredFormat"] == {"textFormat": {"bold": True}}


def test_cells_get_value_note_validation_and_only_masked_fields(book):
    rule = {
        "condition": {"type": "ONE_OF_LIST", "values": [{"userEnteredValue": "Да"}]},
        "strict": True,
        "showCustomUi": True,
    }
    cell = {"userEnteredValue": {"stringValue": "=1"}, "note": "ой", "dataValidation": rule}
    book.batch(
        {
            "updateCells": {
                "rows": [{"values": [cell]}],
                "fields": "userEnteredValue,dataValidation",
                "start": {"sheetId": 0},
            }
        }
    )
    found = book.cell("A1")

    assert found["userEnteredValue"] == {"stringValue": "=1"}
    assert found["dataValidation"] == rule
    assert "note" not in found


def test_cells_left_out_of_an_updated_range_are_cleared(book):
    book.put("A1:B2", [[1, 2], [3, 4]])
    row = {"values": [{"userEnteredValue": {"numberValue": 9}}]}
    book.batch(
        {"updateCells": {"range": _box(0, 2, 0, 2), "rows": [row], "fields": "userEnteredValue"}}
    )

    assert book.get("A1:B2") == [[9]]


def test_formula_repeated_over_cells_moves_along(book):
    book.put("A1:B2", [[1, 10], [2, 20]])
    cell = {"userEnteredValue": {"formulaValue": "=A1+B$1"}}
    book.batch(
        {"repeatCell": {"range": _box(0, 2, 2, 3), "cell": cell, "fields": "userEnteredValue"}}
    )

    assert book.get("C1:C2", "FORMULA") == [["=A1+B$1"], ["=A2+B$1"]]
    assert book.get("C1:C2") == [[11], [12]]


def test_colour_and_its_style_twin_are_set_and_cleared_together(book):
    cell = {"userEnteredFormat": {"textFormat": {"foregroundColorStyle": {"themeColor": "LINK"}}}}
    fields = "userEnteredFormat.textFormat.foregroundColorStyle"
    book.batch({"repeatCell": {"range": _box(0, 1, 0, 1), "cell": cell, "fields": fields}})
    painted = book.cell("A1")["userEnteredFormat"]["textFormat"]
    book.batch({"repeatCell": {"range": _box(0, 1, 0, 1), "cell": {}, "fields": fields}})

    assert painted == {
        "foregroundColorStyle": {"themeColor": "LINK"},
        "foregroundColor": {"red": 0.06666667, "green": 0.33333334, "blue": 0.8},
    }
    assert "userEnteredFormat" not in book.cell("A1")


def test_rows_are_appended_after_the_last_one_with_data(book):
    book.put("C5", [["x"]])
    row = {"values": [{"userEnteredValue": {"boolValue": True}}]}
    book.batch({"appendCells": {"sheetId": 0, "rows": [row], "fields": "*"}})

    assert book.get("A6") == [[True]]


def test_properties_change_by_mask_and_false_ones_vanish(book):
    def change(properties, fields):
        sent = {"properties": {"sheetId": 0, **properties}, "fields": fields}
        book.batch({"updateSheetProperties": sent})
        return book.sheet()["properties"]

    hidden = change({"gridProperties": {"hideGridlines": True}}, "gridProperties.hideGridlines")
    shown = change({"gridProperties": {"hideGridlines": False}}, "gridProperties.hideGridlines")
    colour = change({"tabColor": {"red": 1, "green": 0, "blue": 0}}, "tabColor")

    assert hidden["gridProperties"]["hideGridlines"] is True
    assert "hideGridlines" not in shown["gridProperties"]
    assert colour["tabColor"] == {"red": 1}
    assert colour["tabColorStyle"] == {"rgbColor": {"red": 1}}


def test_only_visible_sheet_cannot_be_hidden(book):
    sent = {"properties": {"sheetId": 0, "hidden": True}, "fields": "hidden"}

    assert book.refused({"updateSheetProperties": sent}) == (
        "Invalid requests[0].updateSheetProperties: You can't hide all the sheets in a document."
    )


def test_columns_hidden_and_widened_are_told_in_grid_data(book):
    columns = {"sheetId": 0, "dimension": "COLUMNS", "startIndex": 1, "endIndex": 2}
    properties = {"hiddenByUser": True, "pixelSize": 240}
    book.batch(
        {
            "updateDimensionProperties": {
                "range": columns,
                "properties": properties,
                "fields": "hiddenByUser,pixelSize",
            }
        }
    )
    data = book.resource("sheets.data.columnMetadata", ranges="A1:C1")["sheets"][0]["data"][0]

    assert data["columnMetadata"] == [
        {"pixelSize": 100},
        {"pixelSize": 240, "hiddenByUser": True},
        {"pixelSize": 100},
    ]


def test_sheet_duplicated_has_its_own_id_and_the_same_cells(book):
    book.put("A1", [["x"]])
    reply = book.batch({"duplicateSheet": {"sourceSheetId": 0, "newSheetName": "Копия"}})[0]
    properties = reply["duplicateSheet"]["properties"]

    assert (properties["title"], properties["index"]) == ("Копия", 0)
    assert properties["sheetId"] != 0
    assert book.get("Копия!A1") == [["x"]]


def test_copies_of_one_sheet_are_numbered_from_the_second_on(desk, book):
    book.batch(*[{"duplicateSheet": {"sourceSheetId": 0}}] * 2)
    path = f"/{book.id}/sheets/0:copyTo"
    third = desk.call("POST", path, body={"destinationSpreadsheetId": book.id})

    titles = {one["properties"]["title"] for one in book.resource("sheets.properties")["sheets"]}
    assert titles == {"Sheet1", *(f"Copy of Sheet1{end}" for end in ("", " 1", " 2"))}
    assert third["title"] == "Copy of Sheet1 2"


def test_answer_brings_the_spreadsheet_when_asked(desk, book):
    body = {
        "requests": [{"addSheet": {"properties": {"title": "Б"}}}],
        "includeSpreadsheetInResponse": True,
    }
    answer = desk.call("POST", f"/{book.id}:batchUpdate", body=body)

    titles = [one["properties"]["title"] for one in answer["updatedSpreadsheet"]["sheets"]]
    assert titles == ["Sheet1", "Б"]


def test_data_source_is_refused_as_a_token_without_its_scope_is(desk, book):
    body = {"requests": [{"addDataSource": {}}]}
    error = desk.refusal("POST", f"/{book.id}:batchUpdate", body=body)

    assert (error.status, error.message) == (403, "Request had insufficient authentication scopes.")
    assert book.refused({"deleteDataSource": {"dataSourceId": "5"}}) == (
        "Invalid requests[0].deleteDataSource: The data source ID doesn't exist: 5"
    )
    (failed,) = book.batch({"refreshDataSource": {"dataSourceId": "5"}})
    (status,) = failed["refreshDataSource"]["statuses"]
    assert status["dataExecutionStatus"]["errorCode"] == "OBJECT_NOT_FOUND"
    assert book.batch({"refreshDataSource": {"isAll": True}}) == [{"refreshDataSource": {}}]


def test_every_kind_of_request_in_the_discovery_document_is_answered():
    assert set(HANDLERS) == set(properties("Request"))
