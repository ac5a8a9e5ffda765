"""spreadsheets.batchUpdate: all or nothing, replies by position, each kind of request."""

import pytest

from onebox.google.errors import GoogleError


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


def test_text_found_and_replaced_with_counts(book):
    book.put("A1:B2", [["{{имя}}", "и {{имя}}, {{имя}}"], [5, "нет"]])
    sent = {"find": "{{имя}}", "replacement": "Анна", "allSheets": True}
    reply = book.batch({"findReplace": sent})[0]["findReplace"]

    assert reply == {
        "valuesChanged": 2,
        "rowsChanged": 1,
        "sheetsChanged": 1,
        "occurrencesChanged": 3,
    }
    assert book.get("A1:B1") == [["Анна", "и Анна, Анна"]]


def test_nothing_replaced_answers_no_counts(book):
    reply = book.batch({"findReplace": {"find": "zzz", "replacement": "", "allSheets": True}})[0]

    assert reply == {"findReplace": {}}


def test_rows_sort_numbers_before_text_and_blanks_last(book):
    book.put("A1:B5", [["б", 1], ["", 2], [10, 3], ["А", 4], [9, 5]])
    specs = [{"dimensionIndex": 0, "sortOrder": "ASCENDING"}]
    book.batch({"sortRange": {"range": _box(0, 5, 0, 2), "sortSpecs": specs}})

    assert book.get("A1:B5") == [[9, 5], [10, 3], ["А", 4], ["б", 1], ["", 2]]


def test_repeated_rows_and_blanks_are_cleaned(book):
    book.put("A1:A4", [["а "], ["б"], ["а "], ["в  г"]])
    replies = book.batch(
        {"deleteDuplicates": {"range": _box(0, 4, 0, 1)}},
        {"trimWhitespace": {"range": _box(0, 4, 0, 1)}},
    )

    assert replies == [
        {"deleteDuplicates": {"duplicatesRemovedCount": 1}},
        {"trimWhitespace": {"cellsChangedCount": 2}},
    ]
    assert book.get("A1:A4") == [["а"], ["б"], ["в г"]]


def test_text_is_split_into_columns_and_read_as_typed(book):
    book.put("A1", [["Анна;42;да"]])
    book.batch(
        {"textToColumns": {"source": _box(0, 1, 0, 1), "delimiterType": "SEMICOLON"}},
    )

    assert book.get("A1:C1") == [["Анна", 42, "да"]]


def test_block_copied_repeats_over_a_larger_destination(book):
    book.put("A1:A2", [[1], ["=A1+1"]], "USER_ENTERED")
    book.batch({"copyPaste": {"source": _box(0, 2, 0, 1), "destination": _box(0, 4, 1, 3)}})

    assert book.get("B1:C4") == [[1, 1], [2, 2], [1, 1], [2, 2]]


def test_values_pasted_alone_leave_formulas_and_formats_behind(book):
    book.put("A1", [["=2*21"]], "USER_ENTERED")
    sent = {
        "source": _box(0, 1, 0, 1),
        "destination": _box(0, 1, 1, 2),
        "pasteType": "PASTE_VALUES",
    }
    book.batch({"copyPaste": sent})

    assert book.get("B1", "FORMULA") == [[42]]


def test_cells_inserted_into_a_column_push_the_rest_down(book):
    book.put("A1:B3", [[1, "a"], [2, "b"], [3, "c"]])
    book.batch({"insertRange": {"range": _box(1, 2, 0, 1), "shiftDimension": "ROWS"}})
    opened = book.get("A1:B4")
    book.batch({"deleteRange": {"range": _box(1, 2, 0, 1), "shiftDimension": "ROWS"}})

    assert opened == [[1, "a"], ["", "b"], [2, "c"], [3]]
    assert book.get("A1:B3") == [[1, "a"], [2, "b"], [3, "c"]]


def test_chart_added_changed_and_removed(book):
    spec = {"title": "Воронка", "basicChart": {"chartType": "BAR"}}
    place = {"overlayPosition": {"anchorCell": {"rowIndex": 1, "columnIndex": 2}}}
    reply = book.batch({"addChart": {"chart": {"spec": spec, "position": place}}})[0]
    number = reply["addChart"]["chart"]["chartId"]
    changed = {"title": "Итог", "basicChart": {"chartType": "COLUMN"}}
    book.batch({"updateChartSpec": {"chartId": number, "spec": changed}})
    kept = book.sheet()["charts"]
    book.batch({"deleteEmbeddedObject": {"objectId": number}})

    assert kept[0]["spec"] == changed
    assert "charts" not in book.sheet()


def test_table_gets_its_columns_from_the_header_and_rows_at_its_end(book):
    book.put("A1:B2", [["Имя", "Этап"], ["Анна", "Новый"]])
    table = {"name": "Лиды", "range": _box(0, 2, 0, 2)}
    made = book.batch({"addTable": {"table": table}})[0]["addTable"]["table"]
    row = {"values": [{"userEnteredValue": {"stringValue": "Пётр"}}]}
    book.batch({"appendCells": {"tableId": made["tableId"], "rows": [row], "fields": "*"}})

    assert [one["columnName"] for one in made["columnProperties"]] == ["Имя", "Этап"]
    assert book.get("A3") == [["Пётр"]]
    assert book.sheet()["tables"][0]["range"]["endRowIndex"] == 3


def test_conditional_rules_are_kept_in_the_order_of_their_indexes(book):
    def rule(text):
        condition = {"type": "TEXT_EQ", "values": [{"userEnteredValue": text}]}
        return {
            "ranges": [_box(0, 5, 0, 1)],
            "booleanRule": {
                "condition": condition,
                "format": {"backgroundColor": {"red": 1}},
            },
        }

    book.batch(
        {"addConditionalFormatRule": {"rule": rule("а"), "index": 0}},
        {"addConditionalFormatRule": {"rule": rule("б"), "index": 0}},
    )
    gone = book.batch({"deleteConditionalFormatRule": {"index": 0}})[0]
    kept = book.sheet()["conditionalFormats"]

    found = gone["deleteConditionalFormatRule"]["rule"]["booleanRule"]["condition"]["values"]
    assert found == [{"userEnteredValue": "б"}]
    assert kept[0]["booleanRule"]["condition"]["values"] == [{"userEnteredValue": "а"}]
    assert kept[0]["booleanRule"]["format"]["backgroundColorStyle"] == {"rgbColor": {"red": 1}}


def test_filter_view_banding_and_borders_are_told_back(book):
    colours = {"headerColor": {"blue": 1}, "firstBandColor": {"green": 1}}
    line = {"style": "SOLID", "color": {"red": 1}}
    replies = book.batch(
        {"addFilterView": {"filter": {"title": "Мои", "range": _box(0, 9, 0, 3)}}},
        {"addBanding": {"bandedRange": {"range": _box(0, 9, 0, 3), "rowProperties": colours}}},
        {"updateBorders": {"range": _box(0, 2, 0, 1), "bottom": line}},
    )
    sheet = book.sheet()

    assert sheet["filterViews"] == [replies[0]["addFilterView"]["filter"]]
    assert sheet["bandedRanges"] == [replies[1]["addBanding"]["bandedRange"]]
    assert "borders" not in book.cell("A1").get("userEnteredFormat", {})
    assert book.cell("A2")["userEnteredFormat"]["borders"]["bottom"]["style"] == "SOLID"


def test_answer_brings_the_spreadsheet_when_asked(desk, book):
    body = {
        "requests": [{"addSheet": {"properties": {"title": "Б"}}}],
        "includeSpreadsheetInResponse": True,
    }
    answer = desk.call("POST", f"/{book.id}:batchUpdate", body=body)

    titles = [one["properties"]["title"] for one in answer["updatedSpreadsheet"]["sheets"]]
    assert titles == ["Sheet1", "Б"]


def test_kind_that_is_known_but_not_built_says_so(book):
    assert book.refused({"addDataSource": {}}) == (
        "Invalid requests[0].addDataSource: Operation is not implemented, or supported, or enabled."
    )
