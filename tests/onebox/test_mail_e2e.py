"""Letters on one box: sent to a provider and to Gmail, they become rows; an answer goes back."""

import base64
import json
import time

import pytest
from tests.onebox.google.test_google_gmail import letter
from tests.onebox.reading_sheets import sheets
from tests.onebox.serving import TOKEN, Box, kartoteka, served, until

pytestmark = pytest.mark.e2e

OFFICE = {"authorization": "Bearer stand-in:office@office.example"}
DIRECTOR = "olga@office.example"


@pytest.fixture(scope="module")
def box(tmp_path_factory):
    data = tmp_path_factory.mktemp("box") / "office"
    with served(data, "--no-page", "--clock", "2026-11-23T09:00") as found:
        added = _do(found, "account.add", channel="mailgun", title="Почта", secret="signing key")
        _do(found, "account.add", channel="gmail", title="Почта")
        until(lambda: found.web.get(added["path"]).status_code == 200)
        yield found


def _do(box: Box, command: str, **fields: str):
    given = json.dumps(fields)
    words = ("do", command, "--as", DIRECTOR, "--json", given, "--data", str(box.data))
    return json.loads(kartoteka(*words))


def _names(box: Box) -> list[str]:
    """Return the names in the office's tab of leads; looked at seldom, for reading has a quota."""
    time.sleep(1)
    book = next((book["spreadsheet_id"] for book in box.cli("books")), None)
    if book is None:
        return []
    tab = sheets(box.url, "office@office.example").open_by_key(book).get_worksheet(0)
    rows = tab.get_all_values()
    return [row[rows[0].index("Имя")] for row in rows[1:]] if rows else []


def _minutes(box: Box, count: int) -> None:
    clock = {"advance": f"{count}m"}
    answer = box.web.post("/onebox/clock", json=clock, headers={"x-kartoteka-token": TOKEN})
    assert answer.status_code == 200, answer.text


def _gmail(box: Box, path: str, **body):
    url = f"/google/gmail/v1/users/me/{path}"
    answer = (
        box.web.post(url, json=body, headers=OFFICE) if body else box.web.get(url, headers=OFFICE)
    )
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_letter_through_a_provider_becomes_a_row(box):
    assert box.cli("send", "mailgun", "parsed")["status"] == 200

    until(lambda: "Мария Орлова" in _names(box))


def test_letter_in_gmail_becomes_a_row_and_is_answered_in_its_thread(box):
    _minutes(box, 2)
    raw = letter("Вопрос", "g1@client.example").replace(b"Maria", "Нина".encode())
    came = _gmail(box, "messages", raw=base64.urlsafe_b64encode(raw).decode())
    _minutes(box, 2)
    until(lambda: "Нина" in _names(box))
    [lead] = [lead for lead in box.cli("list", "leads") if lead["name"] == "Нина"]
    shown = box.cli("show", "lead", lead["id"])
    [activity] = [item for item in shown["activities"] if item["what"] == "mail"]

    _do(box, "mail.send", reply_to=activity["id"], text="Здравствуйте, Нина!")

    thread = until(lambda: _answered(box, came["threadId"]))
    assert [item["labelIds"] for item in thread] == [["INBOX", "UNREAD"], ["SENT"]]


def _answered(box: Box, thread: str):
    found = _gmail(box, f"threads/{thread}")["messages"]
    return found if len(found) > 1 else None
