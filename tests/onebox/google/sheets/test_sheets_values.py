"""values.*: ranges, raw and typed input, trimming, appending, refusals in Google's words."""

import pytest
from tests.onebox.google.sheets.sheets_desk import Workbook


def test_untrusted_text_written_raw_stays_text_whole(book):
    hostile = ['=IMPORTXML("http://x","//a")', "<script>", "\u202eabc\u200b", "+7 (916)", "'x"]
    book.put("A1", [hostile])

    assert book.get("A1:E1") == [hostile]
    assert [cell["userEnteredValue"]["stringValue"] for cell in _cells(book, "A1:E1")] == hostile


def _cells(book, range_name):
    data = book.resource("sheets.data.rowData.values.userEnteredValue", ranges=range_name)
    return data["sheets"][0]["data"][0]["rowData"][0]["values"]


def test_plus_and_spaces_typed_as_phone_become_a_broken_formula(book):
    book.put("A1", [["+7 916 123-45-67", "+79161234567"]], "USER_ENTERED")

    assert book.get("A1:B1", "FORMATTED_VALUE") == [["#ERROR!", "79161234567"]]
    assert book.get("A1:B1", "FORMULA") == [["=+7 916 123-45-67", 79161234567]]


def test_null_skips_a_cell_and_empty_text_clears_it(book):
    book.put("A1:C1", [["a", "b", "c"]])
    answer = book.put("A1:C1", [[None, "", "z"]])

    assert book.get("A1:C1") == [["a", "", "z"]]
    assert answer["updatedCells"] == 2


def test_empty_ends_are_trimmed_and_an_empty_range_has_no_values(book):
    book.put("B2", [["x"]])

    assert book.get("A1:Z100") == [[], ["", "x"]]
    assert book.value_range("D5:E6") == {"range": "Sheet1!D5:E6", "majorDimension": "ROWS"}


def test_columns_as_major_dimension_turn_both_ways(desk, book):
    path = f"/{book.id}/values/A1"
    body = {"majorDimension": "COLUMNS", "values": [["a", "b"], ["c"]]}
    desk.call("PUT", path, [("valueInputOption", "RAW")], body)

    assert book.get("A1:B2") == [["a", "c"], ["b"]]
    assert book.get("A1:B2", majorDimension="COLUMNS") == [["a", "b"], ["c"]]


def test_single_cell_is_only_where_writing_starts(book):
    answer = book.put("B2", [[1, 2], [3]])

    assert answer == {
        "spreadsheetId": book.id,
        "updatedRange": "Sheet1!B2:C3",
        "updatedRows": 2,
        "updatedColumns": 2,
        "updatedCells": 3,
    }


@pytest.mark.parametrize(
    ("range_name", "values", "sentence"),
    [
        ("Нет!A1", [[1]], "Unable to parse range: Нет!A1"),
        ("A1:B2:C3", [[1]], "Unable to parse range: A1:B2:C3"),
        (
            "A1:B1",
            [[1, 2, 3]],
            "Requested writing within range [A1:B1], but tried writing to column [C]",
        ),
        (
            "Sheet1!A1:B1",
            [[1], [2]],
            "Requested writing within range [Sheet1!A1:B1], but tried writing to row [2]",
        ),
        (
            "A100000",
            [[1]],
            "Range (Sheet1!A100000) exceeds grid limits. Max rows: 1000, max columns: 26",
        ),
        (
            "A1:AB1",
            [[1]],
            "Range (Sheet1!A1:AB1) exceeds grid limits. Max rows: 1000, max columns: 26",
        ),
        (
            "A1",
            [["x" * 50_001]],
            "Your input contains more than the maximum of 50000 characters in a single cell.",
        ),
        (
            "A1",
            [[["nested"]]],
            'Invalid values[0][0]: list_value {\n  values {\n    string_value: "nested"\n  }\n}\n',
        ),
    ],
)
def test_write_that_does_not_fit_is_refused_in_googles_words(book, range_name, values, sentence):
    desk = book.desk
    path = f"/{book.id}/values/{range_name}"
    error = desk.refusal("PUT", path, [("valueInputOption", "RAW")], {"values": values})

    assert (error.status, error.reason, error.message) == (400, "INVALID_ARGUMENT", sentence)
    assert book.get("A1:Z1") == []


def test_write_without_an_input_option_is_refused(desk, book):
    error = desk.refusal("PUT", f"/{book.id}/values/A1", body={"values": [[1]]})

    assert error.message == "'valueInputOption' is required but not specified"


def test_body_naming_another_range_is_refused(desk, book):
    body = {"range": "Sheet1!B1", "values": [[1]]}
    error = desk.refusal("PUT", f"/{book.id}/values/Sheet1!A1", [("valueInputOption", "RAW")], body)

    assert error.message == "Request range[Sheet1!A1] does not match value's range[Sheet1!B1]"


def test_batch_write_with_one_bad_range_writes_nothing(desk, book):
    data = [{"range": "A1", "values": [["x"]]}, {"range": "Нет!A1", "values": [["y"]]}]
    body = {"valueInputOption": "RAW", "data": data}
    error = desk.refusal("POST", f"/{book.id}/values:batchUpdate", body=body)

    assert error.message == "Invalid data[1]: Unable to parse range: Нет!A1"
    assert book.get("A1") == []
    assert desk.changes == []


def test_totals_of_a_batch_count_rows_and_columns_once(desk, book):
    row = ["A", "B", "", "D"]
    data = [{"range": "A1:D1", "values": [row]}, {"range": "A4:D4", "values": [row]}]
    body = {"valueInputOption": "RAW", "data": data}
    answer = desk.call("POST", f"/{book.id}/values:batchUpdate", body=body)

    totals = {name: answer[name] for name in answer if name.startswith("total")}
    assert totals == {
        "totalUpdatedRows": 2,
        "totalUpdatedColumns": 4,
        "totalUpdatedCells": 8,
        "totalUpdatedSheets": 1,
    }


def test_written_values_can_come_back_with_the_answer(desk, book):
    query = [
        ("valueInputOption", "USER_ENTERED"),
        ("includeValuesInResponse", "true"),
        ("responseValueRenderOption", "UNFORMATTED_VALUE"),
    ]
    answer = desk.call("PUT", f"/{book.id}/values/A1", query, {"values": [["=2*3"]]})

    assert answer["updatedData"] == {
        "range": "Sheet1!A1",
        "majorDimension": "ROWS",
        "values": [[6]],
    }


def test_answer_shows_the_whole_requested_range_when_less_was_written(desk, book):
    book.put("A3", [["была"]])
    query = [("valueInputOption", "RAW"), ("includeValuesInResponse", "true")]
    answer = desk.call("PUT", f"/{book.id}/values/A1:B4", query, {"values": [["новая"]]})

    assert answer["updatedRange"] == "Sheet1!A1"
    assert answer["updatedData"] == {
        "range": "Sheet1!A1:B4",
        "majorDimension": "ROWS",
        "values": [["новая"], [], ["была"]],
    }


def test_data_filters_are_repeated_without_zeros(desk, book):
    book.put("A1", [["x"]])
    area = {"sheetId": 0, "startRowIndex": 0, "endRowIndex": 1}
    body = {"dataFilters": [{"gridRange": area}]}
    answer = desk.call("POST", f"/{book.id}/values:batchGetByDataFilter", body=body)

    assert answer["valueRanges"][0]["dataFilters"] == [{"gridRange": {"endRowIndex": 1}}]


@pytest.fixture
def two_tables(book: Workbook) -> Workbook:
    """The two tables of Google's guide: A1:C2 and B4:D6."""
    book.put("A1:C2", [["x"] * 3] * 2)
    book.put("B4:D6", [["y"] * 3] * 3)
    return book


@pytest.mark.parametrize(
    ("range_name", "table", "lands"),
    [
        ("Sheet1", "Sheet1!B4:D6", "Sheet1!B7"),
        ("B4", "Sheet1!B4:D6", "Sheet1!B7"),
        ("C5:D5", "Sheet1!B4:D6", "Sheet1!B7"),
        ("B2:D4", "Sheet1!B4:D6", "Sheet1!B7"),
        ("A3:G10", "Sheet1!B4:D6", "Sheet1!B7"),
        ("A1", "Sheet1!A1:C2", "Sheet1!A3"),
        ("E4", None, "Sheet1!E4"),
        ("A4", None, "Sheet1!A4"),
    ],
)
def test_append_finds_the_table_as_the_guide_says(two_tables, range_name, table, lands):
    answer = two_tables.append(range_name, [["new"]])

    assert answer.get("tableRange") == table
    assert answer["updates"]["updatedRange"] == lands


def test_append_after_a_row_with_a_gap_lands_under_its_right_part(book):
    book.append("Sheet1", [["a", "", "c"]])
    shifted = book.append("Sheet1", [["a", "", "c"]])
    straight = book.append("Sheet1!A1", [["d", "", "e"]])

    assert shifted["updates"]["updatedRange"] == "Sheet1!C2:E2"
    assert straight["tableRange"] == "Sheet1!A1"
    assert straight["updates"]["updatedRange"] == "Sheet1!A2:C2"


def test_append_overwrites_what_is_below_and_inserting_moves_it(book):
    book.put("A1:A2", [["head"], ["row"]])
    book.put("A4", [["note"]])
    book.append("A1", [["r2"], ["r3"]])
    overwritten = book.get("A1:A5")
    book.append("A1", [["r4"]], insert="INSERT_ROWS")
    book.put("A9", [["far"]])
    book.append("A1", [["r5"]], insert="INSERT_ROWS")

    assert overwritten == [["head"], ["row"], ["r2"], ["r3"]]
    assert book.get("A5:A11") == [["r4"], ["r5"], [], [], [], ["far"]]


def test_append_past_the_last_row_grows_the_grid(book):
    book.put("A999", [["last but one"], ["last"]])
    book.append("Sheet1", [["more"]])

    assert book.sheet()["properties"]["gridProperties"]["rowCount"] == 1001


def test_clearing_keeps_formats_and_names_the_range_inside_the_grid(desk, book):
    book.put("A1:B1", [["2026-11-23", "x"]], "USER_ENTERED")
    answer = desk.call("POST", f"/{book.id}/values/Sheet1:clear")

    assert answer == {"spreadsheetId": book.id, "clearedRange": "Sheet1!A1:Z1000"}
    assert book.get("Sheet1") == []
    assert book.cell("A1")["userEnteredFormat"]["numberFormat"]["type"] == "DATE"


def test_batch_clear_past_the_grid_names_the_range_at_fault(desk, book):
    body = {"ranges": ["A1", "A1001:ZZ"]}
    error = desk.refusal("POST", f"/{book.id}/values:batchClear", body=body)

    assert error.message == (
        "Invalid range[1]: Range (Sheet1!A1001:ZZ) exceeds grid limits. "
        "Max rows: 1000, max columns: 26"
    )


@pytest.mark.parametrize(("locale", "pattern"), [("en_US", "m-d"), ("ru_RU", "d-m")])
def test_day_and_month_typed_with_a_dash_are_shown_as_typed(desk, locale, pattern):
    book = Workbook(desk, locale=locale)
    book.put("A1", [["1-2"]], "USER_ENTERED")
    cell = book.cell("A1")

    assert cell["userEnteredFormat"]["numberFormat"] == {"type": "DATE", "pattern": pattern}
    assert (cell["formattedValue"], "numberValue" in cell["effectiveValue"]) == ("1-2", True)


def test_dates_typed_in_russian_locale_are_serials_shown_its_way(desk):
    book = Workbook(desk, locale="ru_RU", timeZone="Europe/Moscow")
    typed = ["23.11.2026", "1,5", "1.5", "5%", "1 234,5", "23.11.2026 9:05"]
    book.put("A1", [typed], "USER_ENTERED")

    assert book.get("A1:F1")[0][:5] == [46349, 1.5, 46143, 0.05, 1234.5]
    assert book.get("A1:F1", "FORMATTED_VALUE") == [
        ["23.11.2026", "1,5", "01.05.2026", "5%", "1\xa0234,50", "23.11.2026 9:05"]
    ]


def test_text_format_keeps_what_is_typed_as_text(book):
    style = {"userEnteredFormat": {"numberFormat": {"type": "TEXT", "pattern": "@"}}}
    everywhere = {
        "range": {"sheetId": 0},
        "cell": style,
        "fields": "userEnteredFormat.numberFormat",
    }
    book.batch({"repeatCell": everywhere})
    book.put("A1", [["007", "=1+1", "2026-11-23"]], "USER_ENTERED")

    assert book.get("A1:C1") == [["007", "=1+1", "2026-11-23"]]


def test_unknown_parameter_and_wrong_enum_are_both_named(desk, book):
    query = [("valueRenderOption", "PRETTY"), ("colour", "red")]
    error = desk.refusal("GET", f"/{book.id}/values/A1", query)

    assert error.message == (
        "Invalid value at 'value_render_option' "
        '(type.googleapis.com/google.apps.sheets.v4.ValueRenderOption), "PRETTY"\n'
        'Invalid JSON payload received. Unknown name "colour": Cannot bind query parameter. '
        "Field 'colour' could not be found in request message."
    )


def test_values_that_are_not_rows_are_refused_by_the_parser(desk, book):
    path, query = f"/{book.id}/values/A1", [("valueInputOption", "RAW")]
    error = desk.refusal("PUT", path, query, {"values": ["x"]})

    assert error.message == (
        "Invalid value at 'data.values[0]' (type.googleapis.com/google.protobuf.ListValue), \"x\""
    )


def test_cyrillic_titles_are_quoted_in_what_comes_back(book):
    book.batch({"addSheet": {"properties": {"title": "Лиды и 'сделки'"}}})
    answer = book.put("'Лиды и ''сделки'''!A1", [["x"]])

    assert answer["updatedRange"] == "'Лиды и ''сделки'''!A1"


def test_rows_of_nothing_write_nothing_and_name_the_range_that_was_asked(book):
    assert book.put("A1:B2", [[]])["updatedRange"] == "Sheet1!A1:B2"
    assert book.append("A1", [[], []])["updates"]["updatedRange"] == "Sheet1!A1"
    assert "values" not in book.value_range("A1:B2")
