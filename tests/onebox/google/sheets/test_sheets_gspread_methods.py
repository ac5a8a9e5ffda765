"""Every method of gspread that speaks to Sheets, tried on the stand-in once."""

import inspect
from pathlib import Path

import gspread
import pytest
from gspread.cell import Cell
from gspread.utils import Dimension, MergeType, PasteType, ValidationConditionType

_DRIVE = {
    "accept_ownership",
    "export",
    "get_lastUpdateTime",
    "list_permissions",
    "remove_permissions",
    "share",
    "transfer_ownership",
    "update_drive_metadata",
}


@pytest.fixture
def sheet(spreadsheet):
    found = spreadsheet.sheet1
    found.update([["Имя", "Сумма"], ["Анна", 5], ["Пётр", 7]], "A1")
    return found


def _columns(spreadsheet, field):
    data = spreadsheet.fetch_sheet_metadata({"fields": f"sheets.data.columnMetadata.{field}"})
    return [one.get(field) for one in data["sheets"][0]["data"][0]["columnMetadata"]]


def _rows(spreadsheet, field):
    data = spreadsheet.fetch_sheet_metadata({"fields": f"sheets.data.rowMetadata.{field}"})
    return [one.get(field) for one in data["sheets"][0]["data"][0]["rowMetadata"]]


def test_every_method_that_speaks_to_sheets_is_tried():
    methods = {
        name
        for kind in (gspread.Worksheet, gspread.Spreadsheet)
        for name, _ in inspect.getmembers(kind, inspect.isfunction)
        if not name.startswith("_") and name not in _DRIVE
    }
    folder = Path(__file__).parent
    text = "".join(path.read_text("utf-8") for path in folder.glob("test_sheets_gspread*.py"))

    assert {name for name in methods if f".{name}(" not in text} == set()


def test_cells_are_read_one_by_one_by_row_by_column_and_as_records(sheet):
    assert sheet.acell("B2").value == "5"
    assert sheet.row_values(1) == ["Имя", "Сумма"]
    assert sheet.get_all_cells()[26].value == "Анна"
    assert sheet.get_values("A2:B2") == [["Анна", "5"]]
    assert sheet.get_all_records() == [
        {"Имя": "Анна", "Сумма": 5},
        {"Имя": "Пётр", "Сумма": 7},
    ]
    assert (sheet.find("Пётр").row, sheet.find("нет")) == (3, None)
    assert [one.address for one in sheet.findall("5")] == ["B2"]
    assert sheet.expand("A1") == [["Имя", "Сумма"], ["Анна", "5"], ["Пётр", "7"]]


def test_cells_are_written_one_by_one_and_in_lists(sheet):
    sheet.update_acell("A2", "Мария")
    sheet.update_cells([Cell(3, 1, "Иван"), Cell(3, 2, 9)])
    sheet.append_rows([["Ольга", 1]])
    sheet.insert_row(["до всех"], 1)

    assert sheet.col_values(1) == ["до всех", "Имя", "Мария", "Иван", "Ольга"]
    assert sheet.cell(4, 2).value == "9"


def test_rows_and_columns_are_added_inserted_and_deleted(sheet):
    sheet.add_rows(5)
    sheet.add_cols(2)
    sheet.insert_cols([["№", 1, 2]], 1)
    widened = (sheet.row_count, sheet.column_count, sheet.get("A1:B2"))
    sheet.delete_columns(1)
    sheet.delete_dimension(Dimension.rows, 2)

    assert widened == (1005, 29, [["№", "Имя"], ["1", "Анна"]])
    assert sheet.get("A1:B2") == [["Имя", "Сумма"], ["Пётр", "7"]]


def test_values_are_cleared_by_ranges_and_altogether(sheet):
    sheet.batch_clear(["A2", "B3:B4"])
    some = sheet.get_all_values()
    sheet.clear()

    assert some == [["Имя", "Сумма"], ["", "5"], ["Пётр", ""]]
    assert sheet.get_all_values() == [[]]


def test_block_is_copied_cut_and_formatted(spreadsheet, sheet):
    sheet.batch_format([{"range": "A1:B1", "format": {"textFormat": {"bold": True}}}])
    sheet.copy_range("A1:B1", "D1:E1", paste_type=PasteType.normal)
    sheet.cut_range("A2:B2", "D2")
    data = spreadsheet.fetch_sheet_metadata(
        {"fields": "sheets.data.rowData.values.userEnteredFormat.textFormat.bold", "ranges": "D1"}
    )

    assert sheet.get("A1:E2") == [["Имя", "Сумма", "", "Имя", "Сумма"], ["", "", "", "Анна", "5"]]
    values = data["sheets"][0]["data"][0]["rowData"][0]["values"]
    assert values == [{"userEnteredFormat": {"textFormat": {"bold": True}}}]


def test_merges_are_made_at_once_and_taken_apart(spreadsheet, sheet):
    sheet.batch_merge([{"range": "D1:E2", "mergeType": MergeType.merge_columns}])
    sheet.merge_cells("D5:E5", merge_type=MergeType.merge_all)
    made = spreadsheet.fetch_sheet_metadata()["sheets"][0]["merges"]
    whole = sheet.get("D5:E5", combine_merged_cells=True)
    sheet.unmerge_cells("D1:E5")

    assert [(one["startColumnIndex"], one["endRowIndex"]) for one in made] == [
        (3, 2),
        (4, 2),
        (3, 5),
    ]
    assert whole == [[]]
    assert "merges" not in spreadsheet.fetch_sheet_metadata()["sheets"][0]


def test_validation_is_put_onto_a_range(book, sheet):
    sheet.add_validation("A1", ValidationConditionType.one_of_list, ["да", "нет"], strict=True)

    assert book.cell("A1")["dataValidation"] == {
        "condition": {
            "type": "ONE_OF_LIST",
            "values": [{"userEnteredValue": "да"}, {"userEnteredValue": "нет"}],
        },
        "strict": True,
    }


def test_notes_are_inserted_updated_and_cleared(sheet):
    sheet.insert_note("A1", "раз")
    sheet.update_note("A1", "два")
    once = sheet.get_note("A1")
    sheet.update_notes({"A1": "три", "B2": "четыре"})
    both = sheet.get_notes()
    sheet.clear_notes(["A1"])
    sheet.clear_note("B2")

    assert (once, both) == ("два", [["три", ""], ["", "четыре"], ["", ""]])
    assert not any(note for row in sheet.get_notes() for note in row)


def test_protection_is_added_listed_and_taken_off(spreadsheet, sheet):
    sheet.add_protected_range("A1:B1", editor_users_emails=["boris@office.ru"], description="шапка")
    listed = spreadsheet.list_protected_ranges(sheet.id)
    sheet.delete_protected_range(listed[0]["protectedRangeId"])

    assert listed[0]["description"] == "шапка"
    assert "boris@office.ru" in listed[0]["editors"]["users"]
    assert spreadsheet.list_protected_ranges(sheet.id) == []


def test_named_range_is_read_by_its_name(spreadsheet, sheet):
    sheet.define_named_range("A1:B2", "Клиенты")
    cells = spreadsheet.named_range("Клиенты")

    assert [cell.value for cell in cells] == ["Имя", "Сумма", "Анна", "5"]


def test_rows_and_columns_are_grouped_hidden_and_fitted(spreadsheet, sheet):
    sheet.add_dimension_group_rows(0, 2)
    grouped = sheet.list_dimension_group_rows()
    sheet.delete_dimension_group_rows(0, 2)
    sheet.hide_rows(0, 1)
    sheet.hide_columns(1, 3)
    hidden = (_rows(spreadsheet, "hiddenByUser")[:2], _columns(spreadsheet, "hiddenByUser")[:4])
    sheet.unhide_rows(0, 1)
    sheet.unhide_columns(1, 3)
    sheet.columns_auto_resize(0, 1)
    sheet.rows_auto_resize(0, 1)

    assert (len(grouped), sheet.list_dimension_group_rows()) == (1, [])
    assert hidden == ([True, None], [None, True, True, None])
    assert _columns(spreadsheet, "hiddenByUser")[:4] == [None] * 4
    assert _columns(spreadsheet, "pixelSize")[0] != 100


def test_gridlines_tab_colour_and_visibility_come_and_go(spreadsheet, sheet):
    spreadsheet.add_worksheet("Вторая", 5, 5)
    sheet.hide_gridlines()
    sheet.update_tab_color("#ff0000")
    sheet.hide()
    gone = (sheet.is_gridlines_hidden, sheet.get_tab_color(), sheet.isSheetHidden)
    visible = [one.title for one in spreadsheet.worksheets(exclude_hidden=True)]
    sheet.show_gridlines()
    sheet.clear_tab_color()
    sheet.show()
    properties = spreadsheet.fetch_sheet_metadata()["sheets"][0]["properties"]

    assert (gone, visible) == ((True, "#FF0000", True), ["Вторая"])
    assert not {"tabColor", "tabColorStyle", "hidden"} & set(properties)
    assert properties["gridProperties"] == {"rowCount": 1000, "columnCount": 26}


def test_sheets_are_found_duplicated_moved_and_deleted(spreadsheet, sheet):
    twin = sheet.duplicate(insert_sheet_index=1, new_sheet_name="Копия")
    other = spreadsheet.duplicate_sheet(sheet.id, new_sheet_name="Ещё")
    twin.update_index(0)
    order = [one.title for one in spreadsheet.worksheets()]
    spreadsheet.del_worksheet_by_id(other.id)

    assert spreadsheet.get_worksheet(0).title == "Копия"
    assert spreadsheet.get_worksheet_by_id(sheet.id).title == "Sheet1"
    assert order == ["Копия", "Ещё", "Sheet1"]
    assert twin.get_all_values() == sheet.get_all_values()


def test_spreadsheet_is_renamed_and_speaks_another_language(spreadsheet):
    spreadsheet.update_title("Отдел")
    spreadsheet.update_locale("ru_RU")
    spreadsheet.update_timezone("Europe/Moscow")
    properties = spreadsheet.fetch_sheet_metadata()["properties"]

    assert (properties["title"], properties["locale"], properties["timeZone"]) == (
        "Отдел",
        "ru_RU",
        "Europe/Moscow",
    )


def test_values_collection_is_called_as_it_is(spreadsheet):
    raw = {"valueInputOption": "RAW"}
    spreadsheet.values_update("Sheet1!A1", params=raw, body={"values": [[1, 2]]})
    spreadsheet.values_append("Sheet1!A1", params=raw, body={"values": [[3, 4]]})
    spreadsheet.values_batch_update(
        {**raw, "data": [{"range": "C1", "values": [["x"]]}, {"range": "C2", "values": [["y"]]}]}
    )
    both = spreadsheet.values_batch_get(["A1:C1", "A2:C2"])["valueRanges"]
    spreadsheet.values_clear("A1:C1")
    spreadsheet.values_batch_clear(body={"ranges": ["A2", "C2"]})

    assert [one["values"] for one in both] == [[["1", "2", "x"]], [["3", "4", "y"]]]
    assert spreadsheet.values_get("Sheet1")["values"] == [[], ["", "4"]]
