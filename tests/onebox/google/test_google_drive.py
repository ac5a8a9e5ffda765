"""Files and folders through Google's own client library."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from googleapiclient.errors import HttpError
from tests.onebox.google.google_desk import OfficeClock

from onebox.google.app import Google, GoogleOptions, build_google

FOLDER = "application/vnd.google-apps.folder"
SPREADSHEET = "application/vnd.google-apps.spreadsheet"


def error_of(call: Any) -> dict[str, Any]:
    with pytest.raises(HttpError) as refused:
        call.execute()
    found: dict[str, Any] = json.loads(refused.value.content)["error"]
    return found


def made(drive: Any, name: str, kind: str = FOLDER, **body: Any) -> str:
    call = drive.files().create(body={"name": name, "mimeType": kind, **body})
    return str(call.execute()["id"])


def state(drive: Any, file_id: str, fields: str) -> dict[str, Any]:
    found: dict[str, Any] = drive.files().get(fileId=file_id, fields=fields).execute()
    return found


def names(drive: Any, query: str = "", **parameters: Any) -> list[str]:
    answer = drive.files().list(q=query, **parameters).execute()
    return [file["name"] for file in answer["files"]]


def test_new_file_is_answered_with_four_fields(drive: Any) -> None:
    answer = drive.files().create(body={"name": "Книги", "mimeType": FOLDER}).execute()

    assert list(answer) == ["kind", "id", "name", "mimeType"]
    assert answer["name"] == "Книги"


def test_file_without_parents_lies_in_my_drive(drive: Any) -> None:
    file_id = made(drive, "Книги")
    root = drive.files().get(fileId="root", fields="id,name").execute()

    assert state(drive, file_id, "parents") == {"parents": [root["id"]]}
    assert root["name"] == "My Drive"
    assert names(drive, "'root' in parents") == ["Книги"]


def test_search_by_folder_type_and_app_properties(drive: Any) -> None:
    folder = made(drive, "Книги")
    made(drive, "Сделки", SPREADSHEET, parents=[folder], appProperties={"book": "deals"})
    made(drive, "Лиды", SPREADSHEET, parents=[folder], appProperties={"book": "leads"})

    query = (
        f"'{folder}' in parents and mimeType='{SPREADSHEET}' and trashed = false"
        " and appProperties has { key='book' and value='deals' }"
    )

    assert names(drive, query) == ["Сделки"]


def test_every_field_of_a_file_fits_the_discovery_document(drive: Any) -> None:
    file_id = made(drive, "Сделки", SPREADSHEET, description="д", properties={"a": "б"})

    whole = state(drive, file_id, "*")

    assert whole["owners"][0]["emailAddress"] == "office@example.ru"
    assert whole["capabilities"]["canShare"] is True
    assert whole["webViewLink"].startswith(f"https://docs.google.com/spreadsheets/d/{file_id}/")


def test_version_and_time_grow_even_when_the_clock_stands(drive: Any) -> None:
    file_id = made(drive, "Было")
    before = state(drive, file_id, "version,modifiedTime")
    drive.files().update(fileId=file_id, body={"name": "Стало"}).execute()
    after = state(drive, file_id, "version,modifiedTime")

    assert int(after["version"]) > int(before["version"])
    assert after["modifiedTime"] > before["modifiedTime"]


def test_property_set_to_null_is_cleared(drive: Any) -> None:
    file_id = made(drive, "А", appProperties={"keep": "1", "drop": "2"})
    drive.files().update(fileId=file_id, body={"appProperties": {"drop": None}}).execute()

    assert state(drive, file_id, "appProperties") == {"appProperties": {"keep": "1"}}


def test_moved_file_changes_its_folder(drive: Any) -> None:
    first, second = made(drive, "1"), made(drive, "2")
    file_id = made(drive, "Файл", parents=[first])
    drive.files().update(fileId=file_id, addParents=second, removeParents=first, body={}).execute()

    assert names(drive, f"'{second}' in parents") == ["Файл"]
    assert names(drive, f"'{first}' in parents") == []


def test_trashed_folder_takes_its_content_along(drive: Any) -> None:
    folder = made(drive, "Папка")
    file_id = made(drive, "Файл", parents=[folder])
    drive.files().update(fileId=folder, body={"trashed": True}).execute()

    assert names(drive, "trashed = false") == []
    assert state(drive, file_id, "trashed,explicitlyTrashed") == {
        "trashed": True,
        "explicitlyTrashed": False,
    }


def test_deleted_folder_is_gone_with_its_content(drive: Any) -> None:
    folder = made(drive, "Папка")
    file_id = made(drive, "Файл", parents=[folder])

    assert drive.files().delete(fileId=folder).execute() == ""
    for gone in (folder, file_id):
        error = error_of(drive.files().get(fileId=gone))
        assert error["message"] == f"File not found: {gone}."
        assert error["errors"][0]["location"] == "fileId"


def test_copy_is_called_copy_and_belongs_to_the_copier(client: Callable[..., Any]) -> None:
    owner, reader = client("drive"), client("drive", "anna@example.ru")
    file_id = made(owner, "Шаблон", "text/plain", appProperties={"k": "v"})
    body = {"type": "user", "role": "reader", "emailAddress": "anna@example.ru"}
    owner.permissions().create(fileId=file_id, body=body).execute()

    copied = reader.files().copy(fileId=file_id, body={}, fields="id,name,owners,appProperties")
    answer = copied.execute()

    assert answer["name"] == "Copy of Шаблон"
    assert answer["owners"][0]["emailAddress"] == "anna@example.ru"
    assert answer["appProperties"] == {"k": "v"}


def test_pages_do_not_overlap(drive: Any) -> None:
    for number in range(5):
        made(drive, f"Ф{number}")
    first = drive.files().list(pageSize=2, orderBy="name").execute()
    call, seen = drive.files().list(pageSize=2, orderBy="name"), []
    while call is not None:
        answer = call.execute()
        seen += [file["name"] for file in answer["files"]]
        call = drive.files().list_next(call, answer)

    assert list(first)[:3] == ["nextPageToken", "kind", "incompleteSearch"]
    assert seen == ["Ф0", "Ф1", "Ф2", "Ф3", "Ф4"]


def test_order_by_folder_then_name_backwards(drive: Any) -> None:
    made(drive, "А", "text/plain")
    made(drive, "Я")
    made(drive, "Б")

    assert names(drive, orderBy="folder,name desc") == ["Я", "Б", "А"]


@pytest.mark.parametrize(
    ("parameters", "location"),
    [
        ({"q": "name ="}, "q"),
        ({"q": "fullText contains 'x'"}, "q"),
        ({"orderBy": "size"}, "orderBy"),
        ({"pageToken": "x"}, "pageToken"),
        ({"fields": "files(id,colour)"}, "fields"),
    ],
)
def test_unreadable_parameter_is_named(
    drive: Any, parameters: dict[str, str], location: str
) -> None:
    error = error_of(drive.files().list(**parameters))

    assert (error["code"], error["errors"][0]["location"]) == (400, location)


def test_second_parent_and_file_as_parent_are_refused(drive: Any) -> None:
    folder, plain = made(drive, "П"), made(drive, "Ф", "text/plain")
    two = {"name": "x", "parents": [folder, folder]}
    inside = {"name": "x", "parents": [plain]}

    assert error_of(drive.files().create(body=two))["code"] == 400
    assert error_of(drive.files().create(body=inside))["code"] == 403


def test_service_account_owns_no_files(client: Callable[..., Any]) -> None:
    robot = client("drive", "robot@project.iam.gserviceaccount.com")
    error = error_of(robot.files().create(body={"name": "x"}))

    assert (error["code"], error["errors"][0]["reason"]) == (403, "storageQuotaExceeded")


def test_generated_id_can_be_used_once(drive: Any) -> None:
    (file_id,) = drive.files().generateIds(count=1).execute()["ids"]
    body = {"id": file_id, "name": "x", "mimeType": FOLDER}
    drive.files().create(body=body).execute()

    assert error_of(drive.files().create(body=body))["code"] == 409


def test_about_needs_fields_and_names_the_user(drive: Any) -> None:
    assert error_of(drive.about().get())["errors"][0]["reason"] == "required"
    answer = drive.about().get(fields="user(emailAddress,me)").execute()
    assert answer == {"user": {"emailAddress": "office@example.ru", "me": True}}


def test_changes_tell_what_happened_since_the_token(client: Callable[..., Any]) -> None:
    owner, other = client("drive"), client("drive", "anna@example.ru")
    kept, doomed = made(owner, "Остаётся"), made(owner, "Уходит")
    token = owner.changes().getStartPageToken().execute()["startPageToken"]
    owner.files().update(fileId=kept, body={"name": "Осталось"}).execute()
    owner.files().delete(fileId=doomed).execute()

    answer = owner.changes().list(pageToken=token).execute()

    assert [(c["fileId"], c["removed"]) for c in answer["changes"]] == [
        (kept, False),
        (doomed, True),
    ]
    assert answer["changes"][0]["file"]["name"] == "Осталось"
    assert other.changes().list(pageToken="1").execute()["changes"] == []
    again = owner.changes().list(pageToken=answer["newStartPageToken"]).execute()
    assert again["changes"] == []


def test_changes_come_in_pages(drive: Any) -> None:
    token = drive.changes().getStartPageToken().execute()["startPageToken"]
    files = [made(drive, f"Ф{number}") for number in range(3)]

    call, seen = drive.changes().list(pageToken=token, pageSize=1, fields="*"), []
    while call is not None:
        answer = call.execute()
        seen += [change["fileId"] for change in answer["changes"] if change["fileId"] in files]
        call = drive.changes().list_next(call, answer)

    assert seen == files


def test_restart_keeps_files_and_versions(tmp_path: Path, office_clock: OfficeClock) -> None:
    path = tmp_path / "again.sqlite3"
    first = build_google(path, office_clock, GoogleOptions())
    first.drive.registered("book", "Сделки", "a@x.ru")
    first.drive.touched("book", "a@x.ru")
    before = first.drive.catalogue.find("book")
    first.close()

    second = build_google(path, office_clock, GoogleOptions())
    after = second.drive.catalogue.find("book")
    second.close()

    assert before is not None
    assert after == before
    assert after.version == 2


def test_comments_are_written_listed_and_deleted(client: Callable[..., Any]) -> None:
    owner, anna = client("drive"), client("drive", "anna@example.ru")
    file_id = made(owner, "Счёт")
    remark = {"fileId": file_id, "body": {"content": "<b>где</b> договор?"}, "fields": "*"}
    assert error_of(anna.comments().create(**remark))["code"] == 404
    body = {"type": "user", "role": "commenter", "emailAddress": "anna@example.ru"}
    owner.permissions().create(fileId=file_id, body=body).execute()
    comment = anna.comments().create(**remark).execute()

    listed = owner.comments().list(fileId=file_id, fields="comments(content,author/me)").execute()
    owner.comments().delete(fileId=file_id, commentId=comment["id"]).execute()

    assert comment["htmlContent"] == "&lt;b&gt;где&lt;/b&gt; договор?"
    assert listed == {"comments": [{"content": "<b>где</b> договор?", "author": {"me": False}}]}
    gone = owner.comments().get(fileId=file_id, commentId=comment["id"], fields="id")
    assert error_of(gone)["code"] == 404


def change_and_fail(google: Google) -> None:
    with google.vault.transaction():
        google.drive.touched("a", "a@x.ru")
        google.drive.registered("c", "В", "a@x.ru")
        raise ZeroDivisionError


def test_undone_change_leaves_no_trace(google: Google) -> None:
    drive = google.drive
    drive.registered("a", "А", "a@x.ru")
    drive.registered("b", "Б", "a@x.ru")
    before = drive.catalogue.find("a")

    with pytest.raises(ZeroDivisionError):
        change_and_fail(google)

    assert drive.catalogue.find("a") == before
    assert drive.catalogue.find("c") is None
    assert [file.id for file in drive.catalogue.files()] == ["b", "a"]


def test_office_account_is_in_no_shared_drive(drive: Any) -> None:
    listed = drive.drives().list(pageSize=100).execute()

    assert listed == {"kind": "drive#driveList", "drives": []}
    for size in (0, 101):
        refused = error_of(drive.drives().list(pageSize=size))
        assert (refused["code"], refused["errors"][0]["location"]) == (400, "pageSize")
    absent = error_of(drive.drives().get(driveId="0AFremd"))
    assert (absent["code"], absent["message"]) == (404, "Shared drive not found: 0AFremd")


def test_listing_of_a_shared_drive_names_one_that_is_there(drive: Any) -> None:
    unnamed = error_of(drive.files().list(corpora="drive"))
    in_vain = error_of(drive.files().list(driveId="0AFremd"))
    absent = error_of(drive.files().list(corpora="drive", driveId="0AFremd"))

    assert unnamed["message"] == in_vain["message"]
    assert "if and only if corpora is set to drive" in unnamed["message"]
    assert (absent["code"], absent["errors"][0]["reason"]) == (404, "notFound")
