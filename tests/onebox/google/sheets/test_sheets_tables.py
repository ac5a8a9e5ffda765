"""Tables, their headers, and charts and slicers that float or have a sheet of their own."""

import pytest
from tests.onebox.google.sheets.sheets_desk import BORIS, Workbook

_AREA = {"startRowIndex": 0, "endRowIndex": 4, "startColumnIndex": 0, "endColumnIndex": 3}
_LIST = {"type": "ONE_OF_LIST", "values": [{"userEnteredValue": "Новый"}]}


def _spec(**basic):
    column = {"sources": [{**_AREA, "startColumnIndex": 1, "endColumnIndex": 2}]}
    series = [{"series": {"sourceRange": column}}]
    return {"title": "Воронка", "basicChart": {"chartType": "BAR", "series": series, **basic}}


@pytest.fixture
def table(book):
    """A1:C4 with a header; the middle column is a dropdown that was sent without a name."""
    book.put("A1:C4", [["Имя", "Этап", "Готово"], ["Анна", "Новый", "да"], ["Пётр"], ["ниже"]])
    columns = [
        {
            "columnIndex": 1,
            "columnType": "DROPDOWN",
            "dataValidationRule": {"condition": _LIST},
        }
    ]
    asked = {"name": "Лиды", "range": {**_AREA, "endRowIndex": 3}, "columnProperties": columns}
    return book.batch({"addTable": {"table": asked}})[0]["addTable"]["table"]


def _columns(book):
    found = book.sheet()["tables"][0]["columnProperties"]
    return [(one["columnName"], one.get("columnType")) for one in found]


def test_typed_column_without_a_name_is_named_and_its_header_written(book, table):
    assert _columns(book) == [("Имя", None), ("Column 1", "DROPDOWN"), ("Готово", None)]
    assert book.get("A1:C1") == [["Имя", "Column 1", "Готово"]]
    assert "columnIndex" not in table["columnProperties"][0]


def test_text_in_a_header_names_the_column_and_a_formula_gives_way(book, table):
    book.put("A1:B1", [["Клиент", "=1+2"]], "USER_ENTERED")

    assert [name for name, _ in _columns(book)] == ["Клиент", "Column 2", "Готово"]
    assert book.get("B1", "FORMULA") == [["Column 2"]]


def test_columns_sent_in_an_update_replace_all_and_tick_boxes(book, table):
    fresh = [{"columnIndex": 2, "columnName": "Сделано", "columnType": "BOOLEAN"}]
    sent = {"tableId": table["tableId"], "columnProperties": fresh}
    book.batch({"updateTable": {"table": sent, "fields": "columnProperties"}})
    nameless = {**sent, "columnProperties": [{"columnIndex": 0, "columnType": "TEXT"}]}
    refused = book.refused({"updateTable": {"table": nameless, "fields": "columnProperties"}})

    assert _columns(book) == [("Имя", None), ("Column 1", None), ("Сделано", "BOOLEAN")]
    assert book.get("C1:C3") == [["Сделано"], [False], [False]]
    assert refused == "Invalid requests[0].updateTable: Table header row cell must have a value."


def test_rows_appended_to_a_table_push_down_what_is_below(book, table):
    row = {"values": [{"userEnteredValue": {"stringValue": "Мария"}}]}
    book.batch({"appendCells": {"tableId": table["tableId"], "rows": [row], "fields": "*"}})

    assert book.get("A4:A5") == [["Мария"], ["ниже"]]
    assert book.sheet()["tables"][0]["range"]["endRowIndex"] == 4


def test_validation_of_a_typed_column_is_refused(book, table):
    rule = {"range": {**_AREA, "startRowIndex": 1}, "rule": {"condition": _LIST}}

    assert book.refused({"setDataValidation": rule}) == (
        "Invalid requests[0].setDataValidation: "
        "This operation is not allowed on cells in typed columns"
    )


def test_table_deleted_takes_the_conditional_formats_over_it_along(book, table):
    condition = {"condition": {"type": "NOT_BLANK"}, "format": {"textFormat": {"bold": True}}}
    apart = {"startRowIndex": 900, "endRowIndex": 901}
    rules = [{"ranges": [area], "booleanRule": condition} for area in (table["range"], apart)]
    book.batch(*[{"addConditionalFormatRule": {"rule": rule}} for rule in rules])

    book.batch({"deleteTable": {"tableId": table["tableId"]}})

    (sheet,) = book.resource("sheets.conditionalFormats.ranges")["sheets"]
    assert [rule["ranges"] for rule in sheet["conditionalFormats"]] == [[apart]]


def test_table_is_told_among_the_bands_unless_asked_not_to(book, table):
    bands = book.sheet()["bandedRanges"]
    without = book.resource(excludeTablesInBandedRanges="true")["sheets"][0]

    assert bands[0]["bandedRangeReference"] == table["tableId"]
    assert bands[0]["rowProperties"]["firstBandColor"] == {"red": 1, "green": 1, "blue": 1}
    assert "bandedRanges" not in without


def test_ranges_bring_only_what_they_reach(book, table):
    merge = {"startRowIndex": 9, "endRowIndex": 10, "startColumnIndex": 0, "endColumnIndex": 2}
    book.batch({"mergeCells": {"range": merge}})
    near = book.resource(ranges="A1:B2")["sheets"][0]
    far = book.resource(ranges="A10")["sheets"][0]

    assert ("tables" in near, "merges" in near) == (True, False)
    assert ("tables" in far, "merges" in far) == (False, True)


def test_chart_on_a_sheet_of_its_own_has_no_grid_there(book):
    asked = {"spec": _spec(), "position": {"newSheet": True}}
    chart = book.batch({"addChart": {"chart": asked}})[0]["addChart"]["chart"]
    number = chart["position"]["sheetId"]
    sheet = book.sheet(1)
    no_grid = book.refused({"repeatCell": {"range": {"sheetId": number}, "fields": "note"}})
    book.batch(
        {
            "updateSheetProperties": {
                "properties": {"sheetId": number, "title": "График"},
                "fields": "title",
            }
        }
    )

    assert sheet["properties"] == {
        "sheetId": number,
        "title": "Chart1",
        "index": 1,
        "sheetType": "OBJECT",
    }
    tab = book.desk.service.snapshot(book.id)["tabs"][1]
    drawn = tab["charts"][0]["position"]["overlayPosition"]

    assert (tab["rows"], drawn["anchorCell"], drawn["widthPixels"]) == ([], {}, 900)
    assert no_grid == f"Invalid requests[0].repeatCell: No grid with id: {number}"
    assert book.desk.refusal("GET", f"/{book.id}/values/График").message == (
        "Unable to parse range: График"
    )


def test_chart_moved_off_its_own_sheet_takes_the_sheet_away(book):
    asked = {"spec": _spec(), "position": {"sheetId": 77}}
    chart = book.batch({"addChart": {"chart": asked}})[0]["addChart"]["chart"]
    place = {"overlayPosition": {"anchorCell": {"rowIndex": 2, "columnIndex": 1}}}
    reply = book.batch(
        {
            "updateEmbeddedObjectPosition": {
                "objectId": chart["chartId"],
                "newPosition": place,
                "fields": "anchorCell",
            }
        }
    )[0]["updateEmbeddedObjectPosition"]

    assert reply["position"]["overlayPosition"] == {
        "anchorCell": {"rowIndex": 2, "columnIndex": 1},
        "widthPixels": 600,
        "heightPixels": 371,
    }
    assert len(book.resource()["sheets"]) == 1
    assert book.sheet()["charts"][0]["chartId"] == chart["chartId"]


def test_column_deleted_takes_the_lines_drawn_from_it_out_of_a_chart(book):
    more = [{"series": {"sourceRange": {"sources": [{**_AREA, "startColumnIndex": 2}]}}}]
    spec = _spec()
    spec["basicChart"]["series"] += more
    place = {"overlayPosition": {"anchorCell": {}}}
    book.batch({"addChart": {"chart": {"spec": spec, "position": place}}})
    column = {"sheetId": 0, "dimension": "COLUMNS", "startIndex": 1, "endIndex": 2}
    book.batch({"deleteDimension": {"range": column}})
    series = book.sheet()["charts"][0]["spec"]["basicChart"]["series"]

    sources = [one["series"]["sourceRange"]["sources"][0] for one in series]
    assert [one["startColumnIndex"] for one in sources] == [1]


def test_slicer_is_kept_moved_and_deleted_like_a_chart(book):
    place = {"overlayPosition": {"anchorCell": {"rowIndex": 1}, "widthPixels": 200}}
    asked = {"spec": {"dataRange": _AREA, "title": "Этап"}, "position": place}
    made = book.batch({"addSlicer": {"slicer": asked}})[0]["addSlicer"]["slicer"]
    number = made["slicerId"]
    book.batch(
        {
            "updateSlicerSpec": {
                "slicerId": number,
                "spec": {"title": "Кто"},
                "fields": "title",
            }
        },
        {
            "updateEmbeddedObjectPosition": {
                "objectId": number,
                "newPosition": {"overlayPosition": {"widthPixels": 300}},
                "fields": "widthPixels",
            }
        },
    )
    kept = book.sheet()["slicers"][0]
    homeless = book.refused({"addSlicer": {"slicer": {"spec": {"dataRange": _AREA}}}})
    book.batch({"deleteEmbeddedObject": {"objectId": number}})

    assert kept["spec"] == {"dataRange": _AREA, "title": "Кто"}
    assert kept["position"]["overlayPosition"]["widthPixels"] == 300
    assert homeless.endswith("or EmbeddedObjectPosition.sheetId must be set")
    assert "slicers" not in book.sheet()


def _comment(book, **asked):
    where = {"coordinate": {"rowIndex": 1, "columnIndex": 0}}
    reply = book.batch({"insertComment": {**where, **asked}})[0]
    return reply["insertComment"]["commentThread"]


def test_comment_is_anchored_answered_resolved_and_told_when_asked(book):
    book.put("A2", [["Анна"]])
    thread = _comment(book, content="Перезвонить <сегодня>")
    post = {"content": "Готово", "commentAction": "RESOLVE"}
    reply = book.batch(
        {"addCommentReply": {"commentId": thread["commentId"], "post": post}}, user=BORIS
    )
    row = {"sheetId": 0, "dimension": "ROWS", "startIndex": 0, "endIndex": 1}
    book.batch({"insertDimension": {"range": row}})
    told = book.resource(commentsViewMode="COMMENTS_VIEW_MODE_INCLUDED")
    anchor = told["sheets"][0]["commentAnchors"][0]

    assert thread["plainTextQuote"] == "Анна"
    assert thread["headPost"]["contentHtml"] == "Перезвонить &lt;сегодня&gt;"
    assert reply[0]["addCommentReply"]["post"]["author"] == {"displayName": "boris", "me": True}
    assert told["comments"][0]["status"] == "RESOLVED"
    assert told["comments"][0]["anchorId"] == anchor["anchorId"]
    assert anchor["range"]["startRowIndex"] == 2
    assert "comments" not in book.resource()


def test_comment_is_changed_and_deleted_by_its_author_only(desk, book):
    thread = _comment(book, content="Как дела?")
    head = thread["headPost"]["postId"]
    change = {"commentId": thread["commentId"], "postId": head, "content": "Дела?"}
    body = {"requests": [{"updateCommentPost": change}]}
    stranger = desk.refusal("POST", f"/{book.id}:batchUpdate", body=body, user=BORIS)
    book.batch({"updateCommentPost": change})
    told = book.resource(commentsViewMode="COMMENTS_VIEW_MODE_INCLUDED")["comments"]
    book.batch({"deleteComment": {"commentId": thread["commentId"]}})
    after = book.resource(commentsViewMode="COMMENTS_VIEW_MODE_INCLUDED")

    assert stranger.status == 403
    assert told[0]["headPost"]["content"] == "Дела?"
    assert "comments" not in after
    assert "commentAnchors" not in after["sheets"][0]


def test_reply_deleted_leaves_its_place_without_text_and_author(book):
    thread = _comment(book, content="Раз")
    reply = {"commentId": thread["commentId"], "post": {"content": "Два"}}
    made = book.batch({"addCommentReply": reply})[0]["addCommentReply"]["post"]
    gone = {"commentId": thread["commentId"], "postId": made["postId"]}
    book.batch({"deleteCommentReply": gone})
    told = book.resource(commentsViewMode="COMMENTS_VIEW_MODE_INCLUDED")["comments"][0]
    head = {**gone, "postId": thread["headPost"]["postId"]}

    assert told["replies"][0]["deleted"] is True
    assert not {"content", "author"} & set(told["replies"][0])
    assert book.refused({"deleteCommentReply": head}).endswith("cannot be deleted as a reply.")


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("", "Comment content must not be empty."),
        ("я" * 1025, "Comment content must not exceed 2048 UTF-8 code units."),
    ],
)
def test_comment_of_nothing_or_too_much_is_refused(book, content, sentence):
    assert book.refused({"insertComment": {"content": content}}) == (
        f"Invalid requests[0].insertComment: {sentence}"
    )


def test_answer_of_a_batch_draws_cells_when_its_mask_names_them(desk, book):
    body = {
        "requests": [{"addSheet": {"properties": {"title": "Б"}}}],
        "includeSpreadsheetInResponse": True,
        "responseRanges": ["Sheet1!A1"],
    }
    book.put("A1", [["x"]])
    fields = "updatedSpreadsheet.sheets.data.rowData.values.formattedValue"
    answer = desk.call("POST", f"/{book.id}:batchUpdate", [("fields", fields)], body)

    values = answer["updatedSpreadsheet"]["sheets"][0]["data"][0]["rowData"][0]["values"]
    assert values == [{"formattedValue": "x"}]


def test_copies_of_tables_and_chart_sheets_have_names_of_their_own(desk, book, table):
    asked = {"spec": _spec(), "position": {"sheetId": 77}}
    book.batch({"addChart": {"chart": asked}}, {"duplicateSheet": {"sourceSheetId": 0}})
    other = Workbook(desk)
    body = {"destinationSpreadsheetId": other.id}
    copied = desk.call("POST", f"/{book.id}/sheets/77:copyTo", body=body)
    names = [one["name"] for sheet in book.resource()["sheets"] for one in sheet.get("tables", [])]

    assert sorted(names) == ["Лиды", "Лиды_2"]
    assert (copied["title"], copied["sheetType"]) == ("Copy of Chart1", "OBJECT")
    assert other.sheet(1)["charts"][0]["position"] == {"sheetId": copied["sheetId"]}
