"""Rows and columns in and out: everything that hangs on them moves along."""

from hypothesis import given
from hypothesis import strategies as st

from onebox.google.sheets.references import adjust, shifted
from onebox.google.sheets.shifting import closed, opened


def _box(top, bottom, left=0, right=2):
    return {
        "startRowIndex": top,
        "endRowIndex": bottom,
        "startColumnIndex": left,
        "endColumnIndex": right,
    }


def _span(start, end, axis="ROWS"):
    return {"sheetId": 0, "dimension": axis, "startIndex": start, "endIndex": end}


def _hang_everything(book):
    rule = {
        "ranges": [_box(4, 6)],
        "booleanRule": {"condition": {"type": "NOT_BLANK"}, "format": {"textFormat": {}}},
    }
    mark = {
        "metadataKey": "id",
        "visibility": "DOCUMENT",
        "location": {"dimensionRange": _span(4, 5)},
    }
    book.batch(
        {"mergeCells": {"range": _box(4, 6), "mergeType": "MERGE_ALL"}},
        {"addProtectedRange": {"protectedRange": {"range": _box(4, 6)}}},
        {"addNamedRange": {"namedRange": {"name": "Клиенты", "range": _box(4, 6)}}},
        {"addConditionalFormatRule": {"rule": rule, "index": 0}},
        {"setBasicFilter": {"filter": {"range": _box(4, 6)}}},
        {"createDeveloperMetadata": {"developerMetadata": mark}},
        {
            "updateDimensionProperties": {
                "range": _span(4, 5),
                "properties": {"pixelSize": 60},
                "fields": "pixelSize",
            }
        },
    )


def _places(book):
    whole = book.resource()
    sheet = whole["sheets"][0]
    ranges = {
        "merge": sheet["merges"][0],
        "protection": sheet["protectedRanges"][0]["range"],
        "named": whole["namedRanges"][0]["range"],
        "rule": sheet["conditionalFormats"][0]["ranges"][0],
        "filter": sheet["basicFilter"]["range"],
    }
    found = {name: (one["startRowIndex"], one["endRowIndex"]) for name, one in ranges.items()}
    everything = {"dataFilters": [{"developerMetadataLookup": {"locationType": "ROW"}}]}
    path = f"/{book.id}/developerMetadata:search"
    marks = book.desk.call("POST", path, body=everything)["matchedDeveloperMetadata"]
    span = marks[0]["developerMetadata"]["location"]["dimensionRange"]
    found["metadata"] = (span["startIndex"], span["endIndex"])
    return found


def test_rows_inserted_above_move_everything_down(book):
    book.put("A5", [["x"]])
    _hang_everything(book)
    book.batch({"insertDimension": {"range": _span(2, 5)}})
    places = _places(book)

    assert book.get("A8") == [["x"]]
    assert places.pop("metadata") == (7, 8)
    assert set(places.values()) == {(7, 9)}
    assert _pixels(book, "A8") == 60


def _pixels(book, cell):
    data = book.resource("sheets.data.rowMetadata", ranges=cell)["sheets"][0]["data"][0]
    return data["rowMetadata"][0]["pixelSize"]


def test_rows_inserted_inside_stretch_what_spans_them(book):
    _hang_everything(book)
    book.batch({"insertDimension": {"range": _span(5, 6), "inheritFromBefore": True}})
    places = _places(book)

    assert places.pop("metadata") == (4, 5)
    assert set(places.values()) == {(4, 7)}


def test_rows_deleted_take_what_was_on_them(book):
    _hang_everything(book)
    book.batch({"deleteDimension": {"range": _span(4, 6)}})
    whole = book.resource()

    assert set(whole["sheets"][0]) == {"properties"}
    assert "namedRanges" not in whole


def test_rows_deleted_across_an_edge_shrink_what_reaches_over(book):
    _hang_everything(book)
    book.batch({"deleteDimension": {"range": _span(2, 5)}})
    found = book.sheet()

    assert (found["merges"][0]["startRowIndex"], found["merges"][0]["endRowIndex"]) == (2, 3)
    assert "developerMetadata" not in found


def test_formulas_follow_the_cells_they_name(book):
    book.batch({"addSheet": {"properties": {"title": "Итог", "sheetId": 5}}})
    book.put("A3", [[1], [2]])
    formulas = ["=SUM(Sheet1!A3:A4)", "=Sheet1!$A$3", "=Sheet1!A4", '="A3"&A3']
    book.put("Итог!A1", [formulas], "USER_ENTERED")
    book.batch({"insertDimension": {"range": _span(0, 2)}})
    moved = book.get("Итог!A1:D1", "FORMULA")
    book.batch({"deleteDimension": {"range": _span(5, 6)}})

    assert moved == [["=SUM(Sheet1!A5:A6)", "=Sheet1!$A$5", "=Sheet1!A6", '="A3"&A3']]
    assert book.get("Итог!A1:C1", "FORMULA") == [
        ["=SUM(Sheet1!A5:A5)", "=Sheet1!$A$5", "=Sheet1!#REF!"]
    ]


def test_columns_opened_and_closed_keep_values_in_step(book):
    book.put("A1:C2", [["a", "b", "c"], ["d", "e", "f"]])
    book.batch({"insertDimension": {"range": _span(1, 2, "COLUMNS")}})
    widened = book.get("A1:D2")
    book.batch({"deleteDimension": {"range": _span(0, 2, "COLUMNS")}})

    assert widened == [["a", "", "b", "c"], ["d", "", "e", "f"]]
    assert book.get("A1:B2") == [["b", "c"], ["e", "f"]]


def test_rows_moved_down_land_before_the_row_named(book):
    book.put("A1:A4", [["a"], ["b"], ["c"], ["d"]])
    book.batch({"moveDimension": {"source": _span(0, 1), "destinationIndex": 3}})

    assert book.get("A1:A4") == [["b"], ["c"], ["a"], ["d"]]


def test_new_rows_look_like_the_neighbour_that_is_named(book):
    bold = {"userEnteredFormat": {"textFormat": {"bold": True}}}
    book.batch(
        {
            "repeatCell": {
                "range": _box(0, 1, 0, 1),
                "cell": bold,
                "fields": "userEnteredFormat.textFormat.bold",
            }
        },
        {"insertDimension": {"range": _span(1, 2), "inheritFromBefore": True}},
    )

    assert book.cell("A2")["userEnteredFormat"] == {"textFormat": {"bold": True}}


def test_shrinking_the_grid_cuts_ranges_and_values(book):
    book.put("A1:A9", [[n] for n in range(9)])
    _hang_everything(book)
    size = {"gridProperties": {"rowCount": 5}}
    book.batch(
        {
            "updateSheetProperties": {
                "properties": {"sheetId": 0, **size},
                "fields": "gridProperties.rowCount",
            }
        }
    )

    assert book.get("Sheet1") == [[0], [1], [2], [3], [4]]
    assert book.sheet()["merges"][0]["endRowIndex"] == 5


_SPANS = st.tuples(st.integers(0, 40), st.integers(1, 20)).map(lambda s: (s[0], s[0] + s[1]))


@given(_SPANS, st.integers(0, 50), st.integers(1, 10))
def test_opening_and_closing_the_same_rows_gives_any_span_back(span, at, count):
    grown = opened(at, count)(*span)

    assert closed(at, at + count)(*grown) == span


@given(_SPANS, _SPANS)
def test_closing_rows_leaves_exactly_the_rows_outside(span, gone):
    left = [row for row in range(*span) if not gone[0] <= row < gone[1]]
    found = closed(*gone)(*span)

    assert (found[1] - found[0] if found else 0) == len(left)


@given(st.integers(0, 30), st.integers(0, 30), st.integers(0, 20), st.integers(0, 20))
def test_formula_copied_there_and_back_is_the_same(rows, columns, row, column):
    formula = f"=SUM(B{row + 1}:$C${row + 2})*'Лист 1'!D{column + 1}&\"E5\""

    assert shifted(shifted(formula, rows, columns), -rows, -columns) == formula


def test_rows_opened_elsewhere_leave_a_formula_alone():
    assert adjust("=A5+Other!A5", "Home", "Third", opened(0, 3), axis="ROWS") == "=A5+Other!A5"
