"""The whole road on one box: three channels in, rows and contacts out, edits back."""

import subprocess
import sys

import gspread
import pytest
from tests.onebox.reading_sheets import sheets
from tests.onebox.serving import ROOT, TOKEN, environment, served, until

pytestmark = pytest.mark.e2e

ANNA = "anna@office.example"
GATED = "Новая заявка"


@pytest.fixture(scope="module")
def box(tmp_path_factory):
    data = tmp_path_factory.mktemp("box") / "office"
    with served(data, "--no-page", "--clock", "2026-11-23T09:00", books="team") as found:
        yield found


@pytest.fixture(scope="module")
def leads_tab(box):
    """The office's tab of leads, opened with gspread as any program would."""
    until(lambda: _book(box))
    return _open(box, _book(box)).get_worksheet(0)


def _book(box):
    return next((book["spreadsheet_id"] for book in box.cli("books")), None)


def _open(box, book):
    return sheets(box.url, ANNA).open_by_key(book)


def _row(tab, name):
    """Return (row number, row) of the lead with this name, None before there is one."""
    rows = tab.get_all_values()
    at = rows[0].index("Имя")
    return next(((n, row) for n, row in enumerate(rows, 1) if row[at] == name), None)


def _column(tab, title):
    return tab.row_values(1).index(title) + 1


def _cell_note(tab, row, column):
    return tab.get_note(gspread.utils.rowcol_to_a1(row, column))


def _submit(box, name, phone):
    answer = box.web.post("/ingest/form/consult", json={"name": name, "phone": phone})
    assert answer.status_code == 200
    return answer


def _owner(box, name):
    """Return (id, e-mail) of the person who owns the lead."""
    lead = next(lead for lead in box.cli("list", "leads") if lead["name"] == name)
    emails = {person["id"]: person["email"] for person in box.sheet["staff"]}
    return lead["owner_id"], emails[lead["owner_id"]]


def _edit(box, tab, place, *, value, user):
    """Type into (row, column) of a tab as a person would."""
    where = {"workbook": tab.spreadsheet_id, "tab": tab.title}
    cell = {"row": place[0], "column": place[1], "value": value, "user": user}
    answer = box.web.post("/onebox/edit", json={**where, **cell})
    assert answer.status_code == 200, answer.text


def test_form_call_and_message_become_rows_and_contacts(box, leads_tab):
    _submit(box, "Мария Ковалёва", "+7 916 000-11-22")
    for channel, sample in (("call", "missed"), ("telegram", "message")):
        assert box.cli("send", channel, sample)["status"] == 200

    until(lambda: _row(leads_tab, "Мария Ковалёва"))
    until(lambda: len(leads_tab.get_all_values()) >= 4)

    channels = {lead["first_touch"]["channel"] for lead in box.cli("list", "leads")}
    assert channels >= {"form", "call", "telegram"}
    until(lambda: "Мария Ковалёва" in _contact_names(box))


def _contact_names(box):
    answer = box.web.get(
        "/google/v1/people/me/connections",
        params={"personFields": "names"},
        headers={"authorization": "Bearer stand-in:office@office.example"},
    )
    people = answer.json().get("connections", [])
    return " ".join(name["displayName"] for person in people for name in person["names"])


def test_edit_of_a_name_becomes_a_command_of_that_person(box, leads_tab):
    _submit(box, "Пётр", "+7 916 000-22-33")
    row, _ = until(lambda: _row(leads_tab, "Пётр"))

    owner_id, email = _owner(box, "Пётр")

    _edit(box, leads_tab, (row, _column(leads_tab, "Имя")), value="Пётр Ильич", user=email)

    until(lambda: "Пётр Ильич" in {lead["name"] for lead in box.cli("list", "leads")})
    parts = box.cli("list", "changes")
    renamed = [part for part in parts if (part["after"] or {}).get("name") == "Пётр Ильич"]
    assert {part["actor"] for part in renamed} == {f"staff:{owner_id}"}


def test_move_of_a_gated_stage_is_taken_back_with_its_reason(box, leads_tab):
    _submit(box, "Нина", "+7 916 000-33-44")
    row, _ = until(lambda: _row(leads_tab, "Нина"))

    column = _column(leads_tab, "Стадия")
    _, email = _owner(box, "Нина")

    _edit(box, leads_tab, (row, column), value="Качественный → сделка", user=email)

    note = until(lambda: _cell_note(leads_tab, row, column))
    assert "уходят только после звонка" in note
    assert leads_tab.cell(row, column).value == GATED
    assert "Нина" in {lead["name"] for lead in box.cli("list", "leads") if lead["stage"] == "new"}


def test_time_moves_and_fires_what_is_due_on_the_way(box):
    _submit(box, "Ольга", "+7 916 000-44-55")
    until(lambda: box.web.get("/onebox/stats").json()["lag"]["automation"]["changes"] == 0)
    lead = next(lead for lead in box.cli("list", "leads") if lead["name"] == "Ольга")
    assert box.cli("show", "lead", lead["id"])["tasks"] == []

    answer = box.web.post(
        "/onebox/clock", json={"advance": "16m"}, headers={"x-kartoteka-token": TOKEN}
    )

    assert answer.json()["fired"] >= 16
    tasks = box.cli("show", "lead", lead["id"])["tasks"]
    assert [task["what"] for task in tasks] == ["first_contact"]


@pytest.mark.parametrize(
    ("path", "body", "status", "code"),
    [
        ("/onebox/clock", {"advance": "1h"}, 401, "not_authentic"),
        ("/onebox/edit", {"workbook": "x"}, 422, "invalid"),
        ("/onebox/edit", [], 422, "invalid"),
        ("/onebox/nothing", {}, 404, "not_found"),
        ("/onebox/stats", {}, 404, "not_found"),
        ("/api/nothing", {}, 404, "not_found"),
        ("/sync/reconcile", {}, 401, "not_authentic"),
        ("/automation/tick", {}, 401, "not_authentic"),
        ("/nothing", {}, 404, ""),
    ],
)
def test_wrong_call_is_refused_with_its_status_and_a_code(box, path, body, *, status, code):
    answer = box.web.post(path, json=body)

    assert answer.status_code == status
    assert not code or answer.json()["error"]["code"] == code


def test_foreign_page_cannot_type_into_the_sheet(box):
    answer = box.web.post("/onebox/edit", content=b"{}", headers={"content-type": "text/plain"})

    assert answer.status_code == 400


def test_edit_of_an_unknown_workbook_or_tab_says_so(box, leads_tab):
    place = {"row": 2, "column": 2, "value": "x", "user": ANNA}
    known = {"workbook": leads_tab.spreadsheet_id}

    answers = [
        box.web.post("/onebox/edit", json={**place, **more})
        for more in (
            {"workbook": "none", "tab": "x"},
            {**known, "tab": "x"},
            {**known, "sheet_id": 9},
        )
    ]

    assert [answer.status_code for answer in answers] == [404, 404, 404]
    assert "Лиды" in answers[1].text


def test_oversize_body_is_answered_by_413(box):
    answer = box.web.post(
        "/ingest/form/consult",
        content=b"x" * (13 * 1024 * 1024),
        headers={"content-type": "application/json"},
    )

    assert answer.status_code == 413


def test_queue_page_and_stats_answer(box):
    page = box.web.get("/onebox/tasks?lang=en")
    rows = box.web.get("/onebox/tasks", headers={"accept": "application/json"})

    assert "Queued calls" in page.text
    assert isinstance(rows.json(), list)
    assert {"sheets", "contacts", "changes", "timers"} <= box.web.get("/onebox/stats").json()[
        "queues"
    ].keys()


def test_second_box_on_the_same_port_says_that_it_is_taken(box, tmp_path):
    port = box.url.rpartition(":")[2]
    done = subprocess.run(
        [sys.executable, "-m", "onebox", "serve", "--data", str(tmp_path), "--port", port],
        cwd=ROOT,
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )

    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert "--port" in done.stderr
