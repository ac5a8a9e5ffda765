"""spreadsheets.create and get: defaults, masks, ranges, grid data."""

import pytest
from tests.onebox.google.sheets.sheets_desk import Desk, Workbook


def test_new_spreadsheet_is_what_google_makes_by_default(desk):
    made = desk.call("POST", "")
    theme = made["properties"].pop("spreadsheetTheme")

    assert made["sheets"] == [
        {
            "properties": {
                "sheetId": 0,
                "title": "Sheet1",
                "index": 0,
                "sheetType": "GRID",
                "gridProperties": {"rowCount": 1000, "columnCount": 26},
            }
        }
    ]
    assert [one["colorType"] for one in theme["themeColors"]][:3] == [
        "TEXT",
        "BACKGROUND",
        "ACCENT1",
    ]
    assert made["properties"]["title"] == "Untitled spreadsheet"
    assert made["properties"]["timeZone"] == "Etc/GMT"
    assert made["properties"]["defaultFormat"]["padding"] == {
        "top": 2,
        "right": 3,
        "bottom": 2,
        "left": 3,
    }
    assert made["spreadsheetUrl"] == (
        f"https://docs.google.com/spreadsheets/d/{made['spreadsheetId']}/edit"
    )
    assert len(made["spreadsheetId"]) == 44


def test_spreadsheet_is_made_with_its_sheets_cells_and_places(tmp_path):
    registered = []
    desk = Desk(tmp_path / "g.sqlite3", created=lambda *asked: registered.append(asked))
    row = {"values": [{"userEnteredValue": {"stringValue": "Имя"}, "note": "кто"}]}
    body = {
        "properties": {"title": "Продажи", "locale": "ru_RU", "timeZone": "Europe/Moscow"},
        "sheets": [
            {"properties": {"title": "Лиды", "gridProperties": {"frozenRowCount": 1}}},
            {"properties": {"title": "Задачи"}, "data": [{"startRow": 1, "rowData": [row]}]},
        ],
    }
    made = desk.call("POST", "", body=body)
    desk.vault.close()

    grids = [one["properties"]["gridProperties"] for one in made["sheets"]]
    assert grids[0] == {"rowCount": 1000, "columnCount": 26, "frozenRowCount": 1}
    assert [one["properties"]["index"] for one in made["sheets"]] == [0, 1]
    assert registered == [(made["spreadsheetId"], "Продажи", "anna@office.ru")]
    assert desk.service.library.get(made["spreadsheetId"]).sheets[1].cell(1, 0) == {
        "v": "Имя",
        "n": "кто",
    }


def test_new_sheet_of_a_russian_spreadsheet_is_named_in_russian(desk):
    assert Workbook(desk, locale="ru_RU").sheet()["properties"]["title"] == "Лист1"


def test_mask_decides_what_is_answered(book):
    book.put("A1", [["x"]])

    assert book.resource("sheets.properties(sheetId,title)") == {
        "sheets": [{"properties": {"sheetId": 0, "title": "Sheet1"}}]
    }
    assert book.resource("sheets.properties.tabColorStyle") == {"sheets": [{"properties": {}}]}
    assert book.resource("sheets/data/rowData/values/note", ranges="B2") == {
        "sheets": [{"data": [{}]}]
    }
    assert book.resource("spreadsheetId,properties.title") == {
        "spreadsheetId": book.id,
        "properties": {"title": "Книга"},
    }


def test_mask_overrules_grid_data_asked_or_not(book):
    book.put("A1", [["x"]])
    masked = book.resource("sheets.data.rowData.values.formattedValue", includeGridData="False")
    plain = book.resource()

    assert masked["sheets"][0]["data"][0]["rowData"] == [{"values": [{"formattedValue": "x"}]}]
    assert "data" not in plain["sheets"][0]


@pytest.mark.parametrize("fields", ["sheets.colour", "nothing", "sheets(properties"])
def test_mask_that_names_nothing_is_refused_with_the_cause_in_details(desk, book, fields):
    error = desk.refusal("GET", f"/{book.id}", [("fields", fields)])

    violation = error.details[0]["fieldViolations"][0]["description"]
    assert error.message == "Request contains an invalid argument."
    assert violation.startswith("Error expanding 'fields' parameter. Cannot find matching fields")


def test_grid_data_of_a_range_says_where_it_starts_and_how_big_rows_are(book):
    book.put("B2", [[1, True], ["текст"]])
    data = book.resource(ranges="B2:C9", includeGridData="true")["sheets"][0]["data"][0]

    assert (data["startRow"], data["startColumn"]) == (1, 1)
    assert len(data["rowData"]) == 2
    assert len(data["rowMetadata"]) == 8
    assert data["columnMetadata"] == [{"pixelSize": 100}] * 2
    assert data["rowData"][0]["values"][1]["effectiveValue"] == {"boolValue": True}
    assert data["rowData"][0]["values"][0]["effectiveFormat"]["horizontalAlignment"] == "RIGHT"


def test_ranges_cut_the_answer_to_their_sheets(book):
    book.batch({"addSheet": {"properties": {"title": "Б"}}})

    assert [s["properties"]["title"] for s in book.resource(ranges="Б!A1")["sheets"]] == ["Б"]


def test_linked_cell_tells_where_it_leads(book):
    book.put("A1", [['=HYPERLINK("https://ya.ru","сюда")', "https://ya.ru/x"]], "USER_ENTERED")
    formula, typed = book.cell("A1"), book.cell("B1")

    assert (formula["hyperlink"], typed["hyperlink"]) == ("https://ya.ru", "https://ya.ru/x")
    assert "userEnteredFormat" not in formula
    assert typed["userEnteredFormat"] == {"textFormat": {"link": {"uri": "https://ya.ru/x"}}}
    assert formula["effectiveFormat"]["hyperlinkDisplayType"] == "LINKED"
    assert formula["effectiveFormat"]["textFormat"]["underline"] is True


def test_unknown_spreadsheet_is_not_found_for_every_method(desk):
    for verb, path, body in (
        ("GET", "/nope", None),
        ("GET", "/nope/values/A1", None),
        ("POST", "/nope:batchUpdate", {"requests": [{"addSheet": {}}]}),
    ):
        error = desk.refusal(verb, path, body=body)
        assert error.body() == {
            "error": {
                "code": 404,
                "message": "Requested entity was not found.",
                "status": "NOT_FOUND",
            }
        }


def test_new_spreadsheet_in_a_time_zone_that_nobody_knows_is_refused(desk):
    body = {"properties": {"title": "Книга", "timeZone": "Europe/Nowhere"}}
    assert desk.refusal("POST", "", body=body).message == "Invalid time zone: Europe/Nowhere"
