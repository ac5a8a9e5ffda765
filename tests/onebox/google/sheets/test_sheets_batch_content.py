"""batchUpdate on what is in cells and over them: text, sorting, pasting, charts, tables."""

_SERIES = [{"series": {"sourceRange": {"sources": [{"endRowIndex": 5, "endColumnIndex": 1}]}}}]


def _box(top, bottom, left, right, *, sheet=0):
    return {
        "sheetId": sheet,
        "startRowIndex": top,
        "endRowIndex": bottom,
        "startColumnIndex": left,
        "endColumnIndex": right,
    }


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
    spec = {"title": "Воронка", "basicChart": {"chartType": "BAR", "series": _SERIES}}
    place = {"overlayPosition": {"anchorCell": {"rowIndex": 1, "columnIndex": 2}}}
    reply = book.batch({"addChart": {"chart": {"spec": spec, "position": place}}})[0]
    number = reply["addChart"]["chart"]["chartId"]
    changed = {"title": "Итог", "basicChart": {"chartType": "COLUMN", "series": _SERIES}}
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
