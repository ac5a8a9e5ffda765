"""The real gspread against the stand-in: what its own users do all day."""

import gspread
import pytest
from gspread.utils import DateTimeOption, ValueInputOption, ValueRenderOption
from tests.onebox.google.sheets.sheets_desk import gspread_client


def test_new_spreadsheet_opened_has_one_default_sheet(spreadsheet):
    sheet = spreadsheet.sheet1

    assert (sheet.title, sheet.id, sheet.row_count, sheet.col_count) == ("Sheet1", 0, 1000, 26)
    assert (spreadsheet.locale, spreadsheet.timezone) == ("en_US", "Etc/GMT")
    assert spreadsheet.url == f"https://docs.google.com/spreadsheets/d/{spreadsheet.id}"


def test_value_typed_into_a_cell_is_read_as_typed(spreadsheet):
    sheet = spreadsheet.sheet1
    shown = {}
    for value in ("text", 42, "0042", 42.01, "Артур", "two\nlines"):
        sheet.update_cell(1, 2, value)
        shown[value] = sheet.cell(1, 2).value

    assert shown == {
        "text": "text",
        42: "42",
        "0042": "42",
        42.01: "42.01",
        "Артур": "Артур",
        "two\nlines": "two\nlines",
    }


def test_rows_appended_raw_come_back_and_land_after_the_table(spreadsheet):
    sheet = spreadsheet.sheet1
    sheet.append_row(["Имя", "Телефон"])
    answer = sheet.append_rows([["Анна", "=1+1"], ["Пётр", "+79161234567"]])

    assert answer["tableRange"] == "Sheet1!A1:B1"
    assert answer["updates"]["updatedRange"] == "Sheet1!A2:B3"
    assert sheet.get_all_values() == [
        ["Имя", "Телефон"],
        ["Анна", "=1+1"],
        ["Пётр", "+79161234567"],
    ]


def test_all_values_of_a_ragged_grid_are_padded_by_gspread_only(spreadsheet):
    sheet = spreadsheet.sheet1
    sheet.resize(4, 4)
    rows = [["A1", "B1", "", "D1"], ["", "b2", "", ""], ["", "", "", ""], ["A4", "B4", "", "D4"]]
    sheet.update(rows, "A1:D4")

    assert sheet.get_all_values() == rows
    assert sheet.get("A1:D4") == [["A1", "B1", "", "D1"], ["", "b2"], [], ["A4", "B4", "", "D4"]]


def test_sheet_named_like_a_cell_is_still_found_when_quoted(spreadsheet):
    sheet = spreadsheet.sheet1
    sheet.update_title("D3")
    sheet.update([["x"]], "A1")

    assert sheet.get_all_values() == [["x"]]
    assert sheet.get("A1").range == "'D3'!A1"


def test_ranges_of_every_form_are_understood(spreadsheet):
    sheet = spreadsheet.sheet1
    sheet.resize(4, 3)
    sheet.update([[1, 2, 3], [4, 5, 6], [7, 8, 9]], "A1")

    assert sheet.get("A2:2").range == "Sheet1!A2:C2"
    assert sheet.get("B:B") == [["2"], ["5"], ["8"]]
    assert sheet.get("A3:A") == [["7"]]
    assert sheet.get("C3:B2") == [["5", "6"], ["8", "9"]]
    assert [cell.value for cell in sheet.range("A1:C")][:4] == ["1", "2", "3", "4"]


def test_worksheets_added_reordered_renamed_and_deleted(spreadsheet):
    second = spreadsheet.add_worksheet("Задачи", 10, 5)
    third = spreadsheet.add_worksheet("Журнал", 10, 5)
    spreadsheet.reorder_worksheets([third, spreadsheet.sheet1, second])
    second.update_title("Дела")
    titles = [sheet.title for sheet in spreadsheet.worksheets()]
    spreadsheet.del_worksheet(third)

    assert titles == ["Журнал", "Sheet1", "Дела"]
    assert [sheet.title for sheet in spreadsheet.worksheets()] == ["Sheet1", "Дела"]


def test_second_worksheet_of_the_same_title_is_refused_in_googles_words(spreadsheet):
    with pytest.raises(gspread.exceptions.APIError) as refused:
        spreadsheet.add_worksheet("Sheet1", 1, 1)

    assert refused.value.code == 400
    assert refused.value.error["message"] == (
        'Invalid requests[0].addSheet: A sheet with the name "Sheet1" already exists. '
        "Please enter another name."
    )


def test_freezing_and_unfreezing_shows_only_what_is_frozen(spreadsheet):
    sheet = spreadsheet.sheet1
    sheet.freeze(rows=2, cols=1)
    frozen = (sheet.frozen_row_count, sheet.frozen_col_count)
    sheet.freeze(0, 0)
    grid = spreadsheet.fetch_sheet_metadata()["sheets"][0]["properties"]["gridProperties"]

    assert frozen == (2, 1)
    assert grid == {"rowCount": 1000, "columnCount": 26}


def test_rows_sorted_by_two_columns_with_the_header_left_alone(spreadsheet):
    sheet = spreadsheet.sheet1
    sheet.update([["Apple", 2012, 4], ["Canada", 2007, 1], ["Banana", 2012, 3]], "A1")
    sheet.resize(3, 3)
    sheet.sort((2, "asc"), (3, "asc"))

    assert sheet.col_values(1) == ["Canada", "Banana", "Apple"]


def test_rows_inserted_and_deleted_move_the_rest(spreadsheet):
    sheet = spreadsheet.sheet1
    sheet.update([["a"], ["b"], ["c"]], "A1")
    sheet.insert_rows([["x", "y"]], 2)
    after_insert = sheet.col_values(1)
    sheet.delete_rows(1, 2)

    assert after_insert == ["a", "x", "b", "c"]
    assert sheet.col_values(1) == ["b", "c"]


def test_format_set_is_the_format_read(desk, book, spreadsheet):
    spreadsheet.sheet1.format("A2:B2", {"backgroundColor": {"green": 1, "blue": 1}})

    assert book.cell("A2") == {
        "userEnteredFormat": {
            "backgroundColor": {"green": 1, "blue": 1},
            "backgroundColorStyle": {"rgbColor": {"green": 1, "blue": 1}},
        },
        "effectiveFormat": book.cell("A2")["effectiveFormat"],
    }


def test_notes_are_written_and_read_by_position(spreadsheet):
    sheet = spreadsheet.sheet1
    sheet.insert_notes({"A1": "прочти", "B2": "или нет"})

    assert sheet.get_note("A1") == "прочти"
    assert sheet.get_notes() == [["прочти"], ["", "или нет"]]


def test_values_read_unformatted_and_as_formulas(spreadsheet):
    sheet = spreadsheet.sheet1
    sheet.update([["2", "=A1*21", "2026-11-23"]], "A1", raw=False)

    assert sheet.get("A1:C1") == [["2", "42", "2026-11-23"]]
    assert sheet.get("A1:C1", value_render_option=ValueRenderOption.unformatted) == [[2, 42, 46349]]
    assert sheet.get("A1:C1", value_render_option=ValueRenderOption.formula) == [
        [2, "=A1*21", 46349]
    ]
    as_text = sheet.get(
        "C1",
        value_render_option=ValueRenderOption.unformatted,
        date_time_render_option=DateTimeOption.formatted_string,
    )
    assert as_text == [["2026-11-23"]]


def test_batch_update_then_batch_get_returns_each_range(spreadsheet):
    sheet = spreadsheet.sheet1
    sheet.batch_update(
        [{"range": "A1:B1", "values": [[1, 2]]}, {"range": "D4", "values": [["x"]]}],
        value_input_option=ValueInputOption.raw,
    )

    assert sheet.batch_get(["A1:B1", "D4:E5"]) == [[["1", "2"]], [["x"]]]


def test_filter_set_on_a_range_and_cleared(spreadsheet):
    sheet = spreadsheet.sheet1
    sheet.set_basic_filter("B1:C2")
    found = spreadsheet.fetch_sheet_metadata()["sheets"][0]["basicFilter"]["range"]
    sheet.clear_basic_filter()

    assert found == {
        "startRowIndex": 0,
        "endRowIndex": 2,
        "startColumnIndex": 1,
        "endColumnIndex": 3,
    }
    assert "basicFilter" not in spreadsheet.fetch_sheet_metadata()["sheets"][0]


def test_columns_grouped_and_ungrouped_leave_the_control_flag(spreadsheet):
    sheet = spreadsheet.sheet1
    sheet.add_dimension_group_columns(0, 2)
    groups = sheet.list_dimension_group_columns()
    sheet.delete_dimension_group_columns(0, 2)
    found = spreadsheet.fetch_sheet_metadata()["sheets"][0]

    expected = {"range": {"dimension": "COLUMNS", "startIndex": 0, "endIndex": 2}, "depth": 1}
    assert groups == [expected]
    assert found["properties"]["gridProperties"]["columnGroupControlAfter"] is True
    assert "columnGroups" not in found


def test_cells_merged_row_by_row_and_then_as_one(spreadsheet):
    sheet = spreadsheet.sheet1
    sheet.update([[42, 43], [43, 44]], "A1:B2")
    sheet.merge_cells("A1:B2", merge_type="MERGE_ROWS")
    by_rows = spreadsheet.fetch_sheet_metadata()["sheets"][0]["merges"]
    sheet.merge_cells("A1:B2")
    as_one = spreadsheet.fetch_sheet_metadata()["sheets"][0]["merges"]

    assert [(one["startRowIndex"], one["endRowIndex"]) for one in by_rows] == [(0, 1), (1, 2)]
    assert [(one["startRowIndex"], one["endRowIndex"]) for one in as_one] == [(0, 2)]
    assert sheet.get("A1:B2") == [["42"]]


def test_named_range_defined_used_and_deleted(spreadsheet):
    sheet = spreadsheet.sheet1
    sheet.update([["x"]], "A1")
    answer = sheet.define_named_range("A1:B2", "Клиенты")
    number = answer["replies"][0]["addNamedRange"]["namedRange"]["namedRangeId"]
    read = spreadsheet.values_get("Клиенты")
    sheet.delete_named_range(number)

    assert read == {"range": "Sheet1!A1:B2", "majorDimension": "ROWS", "values": [["x"]]}
    assert spreadsheet.list_named_ranges() == []


def test_worksheet_copied_to_another_spreadsheet_keeps_values(spreadsheet):
    sheet = spreadsheet.sheet1
    sheet.update([["x", "y"]], "A1")
    sheet.copy_to(spreadsheet.id)
    copied = spreadsheet.worksheet("Copy of Sheet1")

    assert copied.get_all_values() == [["x", "y"]]


def test_reading_past_the_grid_is_refused_in_googles_words(spreadsheet):
    with pytest.raises(gspread.exceptions.APIError) as refused:
        spreadsheet.sheet1.get("A1001:B1002")

    assert refused.value.error == {
        "code": 400,
        "message": "Range (Sheet1!A1001:B1002) exceeds grid limits. "
        "Max rows: 1000, max columns: 26",
        "status": "INVALID_ARGUMENT",
    }


def test_unknown_spreadsheet_is_not_found(desk):
    with pytest.raises(gspread.exceptions.SpreadsheetNotFound):
        gspread_client(desk).open_by_key("nope")
