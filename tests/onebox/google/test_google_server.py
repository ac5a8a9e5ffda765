"""The stand-in behind a real socket, mounted as the one box mounts it."""

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPException
from pathlib import Path
from typing import Any

import google_auth_httplib2
import gspread
import httplib2
import pytest
import requests
import uvicorn
from google.oauth2.credentials import Credentials
from googleapiclient.discovery import build, build_from_document
from googleapiclient.http import BatchHttpRequest, MediaInMemoryUpload
from gspread.http_client import HTTPClient
from starlette.applications import Starlette
from starlette.routing import Mount
from tests.onebox.google.google_desk import OfficeClock

from onebox.google.app import Google, GoogleOptions, build_google
from onebox.google.methods import discovery

EMAIL = "office@example.ru"


class Served:
    """A stand-in and the address it listens on."""

    def __init__(self, google: Google, root: str) -> None:
        self.google = google
        self.root = root
        self.opened: list[Any] = []

    def http(self, timeout: float = 10) -> Any:
        credentials = Credentials(token=f"stand-in:{EMAIL}")
        plain = httplib2.Http(timeout=timeout)
        self.opened.append(plain)
        return google_auth_httplib2.AuthorizedHttp(credentials, plain)

    def client(self, service: str, version: str, timeout: float = 10) -> Any:
        options = {"api_endpoint": self.root}
        return build(service, version, http=self.http(timeout), client_options=options)


@pytest.fixture
def served(server: Served) -> Iterator[Served]:
    yield server
    while server.opened:
        server.opened.pop().close()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    path: Path = tmp_path_factory.mktemp("google") / "google.sqlite3"
    google = build_google(path, OfficeClock(), GoogleOptions(quotas=False))
    application = Starlette(routes=[Mount("/google", app=google.asgi)])
    config = uvicorn.Config(application, "127.0.0.1", 0, log_level="critical", ws="none")
    running = uvicorn.Server(config)
    thread = threading.Thread(target=running.run)
    thread.start()
    while not running.started:
        time.sleep(0.01)
    port = running.servers[0].sockets[0].getsockname()[1]
    yield Served(google, f"http://127.0.0.1:{port}/google")
    running.should_exit = True
    thread.join()
    google.close()


def test_people_and_drive_answer_with_only_the_endpoint_changed(served: Served) -> None:
    people, drive = served.client("people", "v1"), served.client("drive", "v3")

    person = people.people().createContact(body={"names": [{"givenName": "Иван"}]}).execute()
    file = drive.files().create(body={"name": "Книга №1"}).execute()

    assert person["names"][0]["displayName"] == "Иван"
    assert file["name"] == "Книга №1"


def test_drive_answers_at_its_own_path_too(served: Served) -> None:
    header = {"Authorization": f"Bearer stand-in:{EMAIL}"}
    reply = requests.get(f"{served.root}/drive/v3/files?pageSize=1", headers=header, timeout=10)

    assert (reply.status_code, reply.json()["kind"]) == (200, "drive#fileList")


def test_upload_and_batch_work_when_the_root_url_is_changed(served: Served) -> None:
    document = {**discovery("drive"), "rootUrl": f"{served.root}/"}
    drive = build_from_document(document, http=served.http())
    media = MediaInMemoryUpload("счёт".encode(), "text/plain")
    file = drive.files().create(body={"name": "счёт.txt"}, media_body=media).execute()
    names: list[str] = []
    batch = drive.new_batch_http_request(lambda _id, answer, _: names.append(answer["name"]))
    batch.add(drive.files().get(fileId=file["id"], fields="name"))
    batch.add(drive.files().get(fileId="root", fields="name"))
    batch.execute()

    assert names == ["счёт.txt", "My Drive"]
    assert drive.files().get_media(fileId=file["id"]).execute() == "счёт".encode()


def test_library_batch_of_people_requests(served: Served) -> None:
    people = served.client("people", "v1")
    seen: list[Any] = []
    batch = BatchHttpRequest(lambda *answer: seen.append(answer), f"{served.root}/batch")
    batch.add(people.contactGroups().get(resourceName="contactGroups/starred"))
    batch.add(people.contactGroups().get(resourceName="contactGroups/none"))
    batch.execute(http=served.http())

    assert [answer and answer["name"] for _, answer, _ in seen] == ["starred", None]
    assert seen[1][2].resp.status == 404


def test_long_list_of_names_goes_through(served: Served) -> None:
    people = served.client("people", "v1").people()
    names = [f"people/c{number}" for number in range(200)]

    answer = people.getBatchGet(resourceNames=names, personFields="names").execute()

    assert [item["httpStatusCode"] for item in answer["responses"]] == [404] * 200


class OneBoxClient(HTTPClient):
    """gspread's client with another base address and nothing else."""

    root = ""

    def request(self, method: str, endpoint: str, *args: Any, **kwargs: Any) -> Any:
        path = endpoint.partition("googleapis.com/")[2]
        return super().request(method, f"{self.root}/{path}", *args, **kwargs)


def test_gspread_makes_fills_shares_and_deletes_a_book(served: Served) -> None:
    session = requests.Session()
    session.headers["Authorization"] = f"Bearer stand-in:{EMAIL}"
    client = gspread.Client(auth=None, session=session, http_client=OneBoxClient)
    client.http_client.root = served.root
    drive = served.client("drive", "v3")

    book = client.create("Сделки")
    state = drive.files().get(fileId=book.id, fields="version,modifiedTime,name")
    before = state.execute()
    book.sheet1.update([["Имя", "Телефон"], ["Иван", "+79161234567"]], "A1:B2")
    after = state.execute()
    book.share("anna@example.ru", perm_type="user", role="writer", notify=False)

    assert book.sheet1.get_all_values() == [["Имя", "Телефон"], ["Иван", "+79161234567"]]
    assert int(after["version"]) > int(before["version"])
    assert after["modifiedTime"] > before["modifiedTime"]
    assert served.google.drive.can("anna@example.ru", book.id, "writer")
    book.update_title("Сделки 2027")
    assert state.execute()["name"] == "Сделки 2027"
    assert client.copy(book.id, "Копия").sheet1.acell("A2").value == "Иван"
    client.del_spreadsheet(book.id)
    with pytest.raises(gspread.exceptions.SpreadsheetNotFound):
        client.open_by_key(book.id)
    session.close()


def test_book_made_through_sheets_is_a_file_renamed_through_drive(served: Served) -> None:
    sheets, drive = served.client("sheets", "v4"), served.client("drive", "v3")
    body = {"properties": {"title": "Лиды"}}
    book = sheets.spreadsheets().create(body=body, fields="spreadsheetId").execute()
    file_id = book["spreadsheetId"]

    file = drive.files().get(fileId=file_id, fields="name,ownedByMe,mimeType").execute()
    drive.files().update(fileId=file_id, body={"name": "Лиды 2"}).execute()
    title = sheets.spreadsheets().get(spreadsheetId=file_id, fields="properties.title").execute()

    assert (file["name"], file["ownedByMe"]) == ("Лиды", True)
    assert title == {"properties": {"title": "Лиды 2"}}


def test_stranger_may_not_read_the_cells(served: Served) -> None:
    sheets = served.client("sheets", "v4")
    book = sheets.spreadsheets().create(body={}, fields="spreadsheetId").execute()
    header = {"Authorization": "Bearer stand-in:stranger@example.ru"}
    address = f"{served.root}/v4/spreadsheets/{book['spreadsheetId']}"

    assert requests.get(address, headers=header, timeout=10).status_code == 403


def test_dropped_connection_reaches_the_client_as_an_exception(served: Served) -> None:
    people = served.client("people", "v1").people()
    served.google.faults.push("people.get$", "drop")

    with pytest.raises((HTTPException, OSError)):
        people.get(resourceName="people/me", personFields="names").execute()
    people.get(resourceName="people/me", personFields="names").execute()


def test_answer_lost_after_the_work_is_a_timeout(served: Served) -> None:
    hasty = served.client("people", "v1", timeout=0.5).contactGroups()
    patient = served.client("people", "v1").contactGroups()
    served.google.faults.push("contactGroups.create$", "timeout-after-apply")

    with pytest.raises(TimeoutError):
        hasty.create(body={"contactGroup": {"name": "Потерянный ответ"}}).execute()
    for _ in range(600):
        names = [group["name"] for group in patient.list().execute()["contactGroups"]]
        if "Потерянный ответ" in names:
            break
        time.sleep(0.05)
    assert "Потерянный ответ" in names


def test_body_beyond_50_mb_is_refused(served: Served) -> None:
    reply = requests.post(
        f"{served.root}/v4/spreadsheets", data=b" " * (50 * 1024 * 1024 + 1), timeout=30
    )

    assert reply.status_code == 413


def test_parallel_writers_lose_nothing(served: Served) -> None:
    """Sixteen writers on Drive, Sheets and People at once: every write is there afterwards."""
    sheets = served.client("sheets", "v4").spreadsheets()
    book = sheets.create(body={}, fields="spreadsheetId").execute()["spreadsheetId"]
    address = f"{served.root}/v4/spreadsheets/{book}/values/A1:append"
    header = {"Authorization": f"Bearer stand-in:{EMAIL}"}

    def write(number: int) -> list[int]:
        row = {"values": [[number]]}
        person = {"externalIds": [{"value": str(number), "type": "account"}]}
        calls = [
            (f"{address}?valueInputOption=RAW&insertDataOption=INSERT_ROWS", row),
            (f"{served.root}/v1/people:createContact", person),
            (f"{served.root}/drive/v3/files", {"name": f"параллельно {number}"}),
        ]
        return [
            requests.post(url, json=body, headers=header, timeout=30).status_code
            for url, body in calls
        ]

    with ThreadPoolExecutor(16) as pool:
        answered = list(pool.map(write, range(32)))
    assert {status for statuses in answered for status in statuses} == {200}
    rows = sheets.values().get(spreadsheetId=book, range="A1:A100").execute()["values"]
    assert sorted(int(row[0]) for row in rows) == list(range(32))


def break_down(kind: str, name: str) -> None:
    raise LookupError(kind, name)


def test_listeners_hear_of_every_kind_of_change_though_another_breaks(served: Served) -> None:
    heard: list[tuple[str, str]] = []
    done = threading.Event()

    def listen(kind: str, name: str) -> None:
        heard.append((kind, name))
        if {kind for kind, _ in heard} == {"spreadsheet", "file", "contacts"}:
            done.set()

    served.google.listeners += [break_down, listen]
    sheets = served.client("sheets", "v4").spreadsheets()
    book = sheets.create(body={}, fields="spreadsheetId").execute()["spreadsheetId"]
    sheets.values().update(
        spreadsheetId=book, range="A1", valueInputOption="RAW", body={"values": [["x"]]}
    ).execute()
    served.client("drive", "v3").files().update(fileId=book, body={"name": "y"}).execute()
    served.client("people", "v1").people().createContact(body={}).execute()

    assert done.wait(5)
    served.google.listeners.clear()
    assert {("spreadsheet", book), ("file", book), ("contacts", EMAIL)} <= set(heard)
