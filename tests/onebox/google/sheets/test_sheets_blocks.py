"""Blocks of cells opened, closed, copied, pasted and sorted, with what hangs on them."""

import pytest


def _box(top, bottom, left, right):
    return {
        "startRowIndex": top,
        "endRowIndex": bottom,
        "startColumnIndex": left,
        "endColumnIndex": right,
    }


def _merge(*edges):
    return {"mergeCells": {"range": _box(*edges)}}


def _merges(book):
    found = book.sheet().get("merges", [])
    return [(one["startRowIndex"], one["endRowIndex"], one["startColumnIndex"]) for one in found]


def _table(book):
    asked = {"name": "Лиды", "range": _box(2, 6, 0, 2)}
    book.put("A3:B6", [["Имя", "Этап"], ["а", 1], ["б", 2], ["в", 3]])
    return book.batch({"addTable": {"table": asked}})


def _insert(*edges, axis="ROWS"):
    return {"insertRange": {"range": _box(*edges), "shiftDimension": axis}}


def _delete(*edges, axis="ROWS"):
    return {"deleteRange": {"range": _box(*edges), "shiftDimension": axis}}


@pytest.mark.parametrize(
    ("sent", "rows"),
    [
        (_insert(0, 1, 0, 2), (3, 7)),
        (_insert(4, 6, 0, 2), (2, 8)),
        (_insert(6, 7, 0, 2), (2, 6)),
        (_insert(3, 4, 3, 4), (2, 6)),
        (_delete(0, 1, 0, 2), (1, 5)),
        (_delete(3, 6, 0, 2), (2, 3)),
    ],
)
def test_table_follows_a_block_opened_or_closed_across_it(book, sent, rows):
    _table(book)
    book.batch(sent)
    area = book.sheet()["tables"][0]["range"]

    assert (area["startRowIndex"], area["endRowIndex"]) == rows


@pytest.mark.parametrize("sent", [_insert(0, 1, 1, 2), _delete(3, 4, 0, 1, axis="COLUMNS")])
def test_table_is_never_cut_by_a_block(book, sent):
    _table(book)

    assert book.refused(sent).endswith(": You cannot insert or delete cells over part of a table.")


def test_header_of_a_table_is_not_deleted(book):
    _table(book)

    assert book.refused(_delete(2, 3, 0, 2)).endswith("delete the header row of a table.")


def test_merges_in_the_band_of_a_block_move_with_it(book):
    book.batch(_merge(3, 5, 0, 1), _merge(3, 4, 2, 4))
    book.batch(_insert(1, 3, 0, 1))

    assert sorted(_merges(book)) == [(3, 4, 2), (5, 7, 0)]


def test_block_copied_brings_merges_and_rules_along(book):
    book.put("A1:B2", [["x", ""], [1, 2]])
    condition = {"type": "NOT_BLANK"}
    rule = {
        "ranges": [_box(0, 2, 0, 2)],
        "booleanRule": {"condition": condition, "format": {"textFormat": {"bold": True}}},
    }
    book.batch(_merge(0, 1, 0, 2), {"addConditionalFormatRule": {"rule": rule}})
    source, target = _box(0, 2, 0, 2), _box(4, 8, 0, 2)
    book.batch({"copyPaste": {"source": source, "destination": target}})

    assert sorted(_merges(book)) == [(0, 1, 0), (4, 5, 0), (6, 7, 0)]
    assert book.sheet()["conditionalFormats"][0]["ranges"][1] == target


@pytest.mark.parametrize(
    ("kind", "ranges", "value"),
    [("PASTE_CONDITIONAL_FORMATTING", 2, []), ("PASTE_VALUES", 1, [["x"]])],
)
def test_paste_type_says_what_is_pasted(book, kind, ranges, value):
    book.put("A1", [["x"]])
    scale = {"minpoint": {"type": "MIN"}, "maxpoint": {"type": "MAX"}}
    rule = {"ranges": [_box(0, 1, 0, 1)], "gradientRule": scale}
    book.batch({"addConditionalFormatRule": {"rule": rule}})
    paste = {"source": _box(0, 1, 0, 1), "destination": _box(3, 4, 0, 1), "pasteType": kind}
    book.batch({"copyPaste": paste})

    assert len(book.sheet()["conditionalFormats"][0]["ranges"]) == ranges
    assert book.get("A4") == value


@pytest.mark.parametrize(
    ("page", "values"),
    [
        (
            "<table><tr><th>Имя<th>Сумма<tr><td>Анна &amp; Ко<td>5</table>",
            [["Имя", "Сумма"], ["Анна & Ко", 5]],
        ),
        ("<tr><td colspan=2>Всё<td>да", [["Всё", "", "да"]]),
        ("<p>раз<br>два<p>три", [["раз два"], ["три"]]),
        ("", []),
    ],
)
def test_page_pasted_becomes_rows(book, page, values):
    book.batch({"pasteData": {"coordinate": {}, "data": page, "html": True}})

    assert book.get("A1:D4") == values


def test_rows_hidden_stay_where_they_are_when_the_others_are_sorted(book):
    book.put("A1", [[3], [2], [1]])
    hide = {
        "range": {"dimension": "ROWS", "startIndex": 1, "endIndex": 2},
        "properties": {"hiddenByUser": True},
        "fields": "hiddenByUser",
    }
    book.batch(
        {"updateDimensionProperties": hide},
        {"sortRange": {"range": _box(0, 3, 0, 1), "sortSpecs": [{"sortOrder": "ASCENDING"}]}},
    )

    assert book.get("A1:A3") == [[1], [2], [3]]


def test_sort_over_a_tall_merge_is_refused_with_its_place(book):
    book.batch(_merge(1, 3, 0, 1))

    assert book.refused({"sortRange": {"range": _box(0, 4, 0, 2)}}) == (
        "Invalid requests[0].sortRange: You can't sort a range containing vertical merges. "
        "There is a vertical merge at A2:A3"
    )


def test_row_is_not_moved_into_or_out_of_a_merge(book):
    book.batch(_merge(1, 3, 0, 1))
    out = {"dimension": "ROWS", "startIndex": 2, "endIndex": 3}
    into = {"dimension": "ROWS", "startIndex": 5, "endIndex": 6}
    whole = {"dimension": "ROWS", "startIndex": 1, "endIndex": 3}
    sentence = (
        "Invalid requests[0].moveDimension: Sorry, it is not possible to move a row to a position "
        "that crosses a merged cell. Please unmerge and try again."
    )

    assert book.refused({"moveDimension": {"source": out, "destinationIndex": 6}}) == sentence
    assert book.refused({"moveDimension": {"source": into, "destinationIndex": 2}}) == sentence
    book.batch({"moveDimension": {"source": whole, "destinationIndex": 6}})
    assert _merges(book) == [(4, 6, 0)]


def test_column_is_as_wide_as_its_longest_line(book):
    book.put("A1", [["A" * 1024], ["коротко\nи ясно"]])
    columns = {"dimension": "COLUMNS", "startIndex": 0, "endIndex": 2}
    book.batch({"autoResizeDimensions": {"dimensions": columns}})
    data = book.resource("sheets.data.columnMetadata", ranges="A1:B1")["sheets"][0]["data"][0]

    assert [one["pixelSize"] for one in data["columnMetadata"]] == [9483, 100]


@pytest.mark.parametrize(("height", "filled"), [(4, 4), (5, 2), (1, 2)])
def test_copy_is_repeated_only_over_a_multiple_of_its_height(book, height, filled):
    book.put("A1", [[1], [2]])
    target = {"source": _box(0, 2, 0, 1), "destination": _box(4, 4 + height, 0, 1)}
    book.batch({"copyPaste": target})

    assert book.get("A5:A12") == ([[1], [2]] * 2)[:filled]


def test_rows_that_come_to_the_same_are_duplicates(book):
    book.put("A1", [[2, "Да"], ["=1+1", "да"], [True, "да"], ["", "да"]], "USER_ENTERED")
    reply = book.batch({"deleteDuplicates": {"range": _box(0, 4, 0, 2)}})[0]["deleteDuplicates"]

    assert reply == {"duplicatesRemovedCount": 1}
    assert book.get("A1:B3") == [[2, "Да"], [True, "да"], ["", "да"]]


@pytest.mark.parametrize("name", ["A1", "r1c1", "TRUE", "2026", "два слова", "a-b"])
def test_name_that_reads_like_something_else_is_refused(book, name):
    asked = {"addNamedRange": {"namedRange": {"name": name, "range": _box(0, 1, 0, 1)}}}

    assert book.refused(asked).endswith("addNamedRange: The name given to this range is invalid")


def test_cells_cut_are_followed_by_merges_names_and_formulas(book):
    book.batch({"addSheet": {"properties": {"title": "Итог", "sheetId": 5}}})
    book.put("A1:B2", [[5, 7], ["=A1", "=SUM(A1:B1)"]], "USER_ENTERED")
    book.put("Итог!A1:B1", [["=Sheet1!A1", "=Sheet1!A1:B9"]], "USER_ENTERED")
    named = {"name": "Пять", "range": _box(0, 1, 0, 1)}
    book.batch({"addNamedRange": {"namedRange": named}}, _merge(3, 4, 0, 2))
    book.batch(
        {
            "cutPaste": {
                "source": _box(0, 1, 0, 2),
                "destination": {"rowIndex": 6, "columnIndex": 2},
            }
        },
        {
            "cutPaste": {
                "source": _box(3, 4, 0, 2),
                "destination": {"sheetId": 5, "rowIndex": 3, "columnIndex": 0},
            }
        },
    )
    sheets = book.resource()["sheets"]

    assert book.get("A2:B2", "FORMULA") == [["=C7", "=SUM(C7:D7)"]]
    assert book.get("Итог!A1:B1", "FORMULA") == [["=Sheet1!C7", "=Sheet1!A1:B9"]]
    assert book.resource()["namedRanges"][0]["range"] == _box(6, 7, 2, 3)
    assert "merges" not in sheets[0]
    assert sheets[1]["merges"] == [{**_box(3, 4, 0, 2), "sheetId": 5}]
