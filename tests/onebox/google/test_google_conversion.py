"""Spreadsheets out of Drive as text, and text into Drive as spreadsheets."""

import io
import json
from typing import Any
from urllib.parse import quote

import openpyxl
import pytest
from tests.onebox.google.conftest import OFFICE

from onebox.google.app import Google
from onebox.google.wire import Answer, Request

_SPREADSHEET = "application/vnd.google-apps.spreadsheet"
_PRICES = 'услуга,цена\r\n"иск, «простой»",15000\r\nотзыв,\r\n'
_CSV, _TSV = "text/csv", "text/tab-separated-values"
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_MEDIA = {"uploadType": "media"}


def _ask(
    google: Google,
    http: str,
    path: str,
    query: dict[str, str] | None = None,
    *,
    body: Any = None,
    raw: tuple[str, bytes] = ("application/json", b""),
    who: str = OFFICE,
) -> Answer:
    kind, content = raw if body is None else (raw[0], json.dumps(body).encode())
    headers = {"authorization": f"Bearer stand-in:{who}", "content-type": kind}
    return google.front.answer(Request(http, path, list((query or {}).items()), headers, content))


def _told(answer: Answer) -> Any:
    assert answer.status == 200, answer.body
    return json.loads(answer.body)


def _refusal(answer: Answer) -> tuple[int, str]:
    error = json.loads(answer.body)["error"]
    return error["code"], error["errors"][0]["reason"]


def _made(google: Google, name: str = "Прайс", kind: str = _SPREADSHEET) -> str:
    body = {"name": name, "mimeType": kind}
    return str(_told(_ask(google, "POST", "drive/v3/files", body=body))["id"])


def _put(google: Google, book: str, rows: list[list[Any]]) -> None:
    how = {"valueInputOption": "RAW"}
    _told(_ask(google, "PUT", f"v4/spreadsheets/{book}/values/A1", how, body={"values": rows}))


def _table(google: Google, book: str, **how: str) -> list[list[Any]]:
    path = f"v4/spreadsheets/{book}/values/{quote('A1:Z9')}"
    found: list[list[Any]] = _told(_ask(google, "GET", path, how)).get("values", [])
    return found


def _exported(google: Google, file_id: str, kind: str) -> Answer:
    return _ask(google, "GET", f"drive/v3/files/{file_id}/export", {"mimeType": kind})


def _imported(google: Google, book: str, text: str, who: str = OFFICE) -> Answer:
    """Import as gspread does: through the second version of Drive."""
    path, query = f"upload/drive/v2/files/{book}", {**_MEDIA, "convert": "True"}
    return _ask(google, "PUT", path, query, raw=(_CSV, text.encode()), who=who)


def test_spreadsheet_made_through_the_second_version_of_drive_is_there_in_the_third(
    google: Google,
) -> None:
    folder = _made(google, "Папка", "application/vnd.google-apps.folder")
    sent = {"title": "Книга", "mimeType": _SPREADSHEET, "parents": [{"id": folder}]}
    made = _told(_ask(google, "POST", "drive/v2/files", body=sent))
    found = _told(_ask(google, "GET", f"drive/v3/files/{made['id']}", {"fields": "name,parents"}))

    assert (made["title"], made["parents"][0]["id"]) == ("Книга", folder)
    assert made["embedLink"].startswith(f"https://docs.google.com/spreadsheets/d/{made['id']}/")
    assert found == {"name": "Книга", "parents": [folder]}


def test_spreadsheet_exported_as_csv_is_its_first_sheet_in_lines_of_one_length(
    google: Google,
) -> None:
    book = _made(google)
    _put(google, book, [["услуга", "цена", True], ['"иск", да'], [], ["две\nстроки", 0.5]])

    answer = _exported(google, book, _CSV)

    assert answer.headers["content-type"] == _CSV
    text = 'услуга,цена,TRUE\r\n"""иск"", да",,\r\n,,\r\n"две\nстроки",0.5,'
    assert answer.body.decode() == text


def test_spreadsheet_exported_as_tsv_has_no_tabs_and_no_lines_inside_cells(
    google: Google,
) -> None:
    book = _made(google)
    _put(google, book, [["а\tб", "в\nг"], ['"']])
    assert _exported(google, book, _TSV).body.decode() == 'а б\tв г\r\n"\t'


def test_workbook_of_excel_has_every_sheet_with_typed_values_and_patterns(google: Google) -> None:
    book = _made(google)
    hidden = {"title": "Цены: [2026]", "hidden": True, "gridProperties": {"frozenRowCount": 1}}
    add = {"requests": [{"addSheet": {"properties": hidden}}]}
    _told(_ask(google, "POST", f"v4/spreadsheets/{book}:batchUpdate", body=add))
    typed = [["Сумма", "12.5", "2026-11-24", "TRUE", "=2*21", "=1/0", "'=A1", "\x0bда"]]
    how = {"valueInputOption": "USER_ENTERED"}
    _told(_ask(google, "PUT", f"v4/spreadsheets/{book}/values/A1", how, body={"values": typed}))

    answer = _exported(google, book, _XLSX)
    made = openpyxl.load_workbook(io.BytesIO(answer.body))
    first, second = made.worksheets
    cells = list(first[1])

    assert (answer.status, answer.headers["content-type"]) == (200, _XLSX)
    assert [str(cell.value) for cell in cells] == [
        *("Сумма", "12.5", "2026-11-24 00:00:00", "True", "42", "#DIV/0!", "=A1", "да"),
    ]
    assert (cells[2].number_format, cells[6].data_type) == ("yyyy-mm-dd", "s")
    assert (second.title, second.sheet_state, second.freeze_panes) == (
        *("Цены_ _2026_", "hidden", "A2"),
    )


@pytest.mark.parametrize(
    ("kind", "refusal"),
    [
        ("", (400, "required")),
        ("image/png", (400, "badRequest")),
        ("application/pdf", (501, "notImplemented")),
    ],
)
def test_export_to_what_cannot_be_made_is_refused(
    google: Google, kind: str, refusal: tuple[int, str]
) -> None:
    assert _refusal(_exported(google, _made(google), kind)) == refusal


def test_export_of_a_file_that_is_no_document_of_google_is_refused(google: Google) -> None:
    paper = _made(google, "заметка.txt", "text/plain")
    assert _refusal(_exported(google, paper, _CSV)) == (403, "fileNotExportable")


def test_csv_imported_as_gspread_does_takes_the_place_of_all_sheets(google: Google) -> None:
    book = _made(google)
    _put(google, book, [["старое"]])
    added = {"requests": [{"addSheet": {"properties": {"title": "Вторая"}}}]}
    _told(_ask(google, "POST", f"v4/spreadsheets/{book}:batchUpdate", body=added))

    told = _told(_imported(google, book, _PRICES))

    assert (told["kind"], told["id"], told["title"]) == ("drive#file", book, "Прайс")
    assert (told["userPermission"]["role"], told["editable"]) == ("owner", True)
    (sheet,) = _told(_ask(google, "GET", f"v4/spreadsheets/{book}"))["sheets"]
    assert sheet["properties"]["title"] == "Прайс"
    assert sheet["properties"]["gridProperties"] == {"rowCount": 1000, "columnCount": 26}
    rows = [["услуга", "цена"], ["иск, «простой»", 15000], ["отзыв"]]
    assert _table(google, book, valueRenderOption="UNFORMATTED_VALUE") == rows


def test_csv_imported_by_somebody_who_may_only_read_changes_nothing(google: Google) -> None:
    book, boris = _made(google), "boris@office.ru"
    _put(google, book, [["старое"]])
    reader = {"type": "user", "role": "reader", "emailAddress": boris}
    _told(_ask(google, "POST", f"drive/v3/files/{book}/permissions", body=reader))

    assert _imported(google, book, _PRICES, boris).status == 403
    assert _table(google, book) == [["старое"]]


def test_text_uploaded_into_a_spreadsheet_is_typed_in_by_who_uploads(google: Google) -> None:
    book, boris = _made(google), "boris@office.ru"
    writer = {"type": "user", "role": "writer", "emailAddress": boris}
    _told(_ask(google, "POST", f"drive/v3/files/{book}/permissions", body=writer))
    raw = (_TSV, "новое\t=1+1\n".encode())

    path = f"upload/drive/v3/files/{book}"
    _told(_ask(google, "PATCH", path, _MEDIA, raw=raw, who=boris))

    assert _table(google, book) == [["новое", "2"]]
    fields = {"fields": "lastModifyingUser/emailAddress,size,name"}
    assert _told(_ask(google, "GET", f"drive/v3/files/{book}", fields)) == {
        "lastModifyingUser": {"emailAddress": boris},
        "size": "1024",
        "name": "Прайс",
    }


def test_csv_uploaded_as_a_new_spreadsheet_is_one(google: Google) -> None:
    about = json.dumps({"name": "Прайс", "mimeType": _SPREADSHEET})
    parts = (("application/json", about), (_CSV, _PRICES))
    raw = "".join(f"--x\r\nContent-Type: {kind}\r\n\r\n{text}\r\n" for kind, text in parts)
    content = ('multipart/related; boundary="x"', f"{raw}--x--".encode())

    made = _ask(google, "POST", "upload/drive/v3/files", {"uploadType": "multipart"}, raw=content)

    assert _table(google, _told(made)["id"])[0] == ["услуга", "цена"]


def test_upload_that_is_no_text_into_a_spreadsheet_is_refused_and_leaves_it(
    google: Google,
) -> None:
    book = _made(google)
    _put(google, book, [["старое"]])
    raw = ("image/png", b"\x89PNG")

    answer = _ask(google, "PATCH", f"upload/drive/v3/files/{book}", _MEDIA, raw=raw)

    assert _refusal(answer) == (501, "notImplemented")
    assert _table(google, book) == [["старое"]]
