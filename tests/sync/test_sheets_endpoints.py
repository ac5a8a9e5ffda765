"""The addresses of sync: who may call them, and what they ask of the queue."""

import json
from datetime import timedelta

import pytest
from tests.fakes import FakeTasks
from tests.sync.fakes_sheets import FakeSheets
from tests.sync.sheets_office import ANNA, BORIS, VIKTOR, Team

from kartoteka.domain.errors import Malformed, NotAllowed, NotAuthentic, NotFound, ProviderDown
from kartoteka.http import Call
from kartoteka.services.wake import CONSUMERS
from sync import calls, edits, reconcile, trail
from sync.sheets_mirror import drain
from sync.shelf.team import LEADS


class Verifier:
    """Takes an address for a token."""

    def email(self, bearer: str) -> str:
        if "@" not in bearer:
            raise NotAuthentic("the token is not valid here")
        return bearer


@pytest.fixture
def office(office: Team) -> Team:
    office.app.__dict__["verifier"] = Verifier()
    return office


def call(token: str, body: object, *path: str) -> Call:
    headers = {"authorization": f"Bearer {token}"}
    return Call("POST", path or ("edits",), json.dumps(body).encode(), headers)


def report(
    office: Team, lead: str, header: str, value: str, *, user: str = ""
) -> dict[str, object]:
    column = office.leads.column(header) + 1
    row = office.leads.row_of(lead) + 1
    return {
        "workbook": office.memory().spreadsheet_id, "sheet_id": LEADS.sheet_id, "user": user,
        "rows": [row, row], "columns": [column, column], "ids": [lead], "value": value,
        "old_value": None, "at": "2026-11-23T06:00:00Z",
    }  # fmt: skip


def pressed(office: Team, queue: FakeTasks) -> None:
    """Make the calls that wait in the queue of the workbook."""
    waiting = [task for task in queue.queued if task.queue == "sheets"]
    queue.queued.clear()
    for task in waiting:
        calls.do(call("x@x", dict(task.payload), "drain", "sheets"), office.app)


def author(office: Team) -> str:
    office.drain()
    return str(office.journal.rows()[-1][2])


def test_edit_is_carried_out_in_the_persons_name(office: Team, tasks: FakeTasks) -> None:
    lead = office.request()
    office.drain()
    office.leads.type(lead, "Имя", "Ирина")

    edits.receive(call(ANNA, report(office, lead, "Имя", "Ирина")), office.app)
    pressed(office, tasks)

    assert office.lead(lead).name == "Ирина"
    assert author(office) == "Анна Белова"
    assert trail.waiting(office.app.store, "team") == []


def test_manager_cannot_edit_as_the_head(office: Team) -> None:
    lead = office.request()
    office.drain()
    edits.receive(call(ANNA, report(office, lead, "Имя", "x", user=VIKTOR)), office.app)

    [kept] = trail.waiting(office.app.store, "team")
    assert kept.user == ANNA


@pytest.mark.parametrize("holder", [VIKTOR, "tasks@onebox.local"])
def test_trigger_of_a_head_and_the_box_itself_name_the_editor(office: Team, holder: str) -> None:
    lead = office.request()
    office.drain()
    edits.receive(call(holder, report(office, lead, "Имя", "x", user=BORIS.upper())), office.app)

    [kept] = trail.waiting(office.app.store, "team")
    assert kept.user == BORIS


def test_editor_that_google_does_not_name_has_the_books_rights(
    office: Team, tasks: FakeTasks
) -> None:
    lead = office.request()
    office.drain()
    office.leads.type(lead, "Имя", "Кто-то")

    edits.receive(call(VIKTOR, report(office, lead, "Имя", "Кто-то")), office.app)
    pressed(office, tasks)

    assert office.lead(lead).name == "Кто-то"
    assert author(office) == "Таблица"


def test_token_of_a_stranger_is_refused(office: Team) -> None:
    lead = office.request()
    office.drain()

    with pytest.raises(NotAllowed):
        edits.receive(call("who@elsewhere.example", report(office, lead, "Имя", "x")), office.app)


def test_stranger_named_by_a_trigger_changes_nothing(office: Team, tasks: FakeTasks) -> None:
    lead = office.request()
    office.drain()
    office.leads.type(lead, "Имя", "Чужой")

    body = report(office, lead, "Имя", "Чужой", user="who@elsewhere.example")
    edits.receive(call(VIKTOR, body), office.app)
    pressed(office, tasks)

    assert office.lead(lead).name == "Клиент 1"
    assert office.wrong() == []


def test_pasted_column_is_one_report_for_all_its_rows(office: Team, tasks: FakeTasks) -> None:
    ids = office.requests(30)
    office.drain()
    for lead in ids:
        office.leads.type(lead, "Заметка", f"Заметка {lead}")
    body = {**report(office, ids[0], "Заметка", ""), "ids": ids, "value": None, "rows": [2, 31]}

    edits.receive(call(ANNA, body), office.app)
    pressed(office, tasks)

    assert [office.lead(lead).note for lead in ids] == [f"Заметка {lead}" for lead in ids]


def test_change_of_structure_asks_for_a_look_at_once(office: Team, tasks: FakeTasks) -> None:
    lead = office.request()
    office.drain()
    office.leads.delete_rows(1, 2)
    body = {"workbook": office.memory().spreadsheet_id, "sheet_id": None, "change": "REMOVE_ROW"}

    edits.receive(call(ANNA, body), office.app)
    pressed(office, tasks)

    assert office.leads.ids() == [lead]


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"workbook": "another"}, NotFound),
        ({"sheet_id": "1001"}, Malformed),
        ({"columns": [1]}, Malformed),
        ({"columns": "12"}, Malformed),
        ({"ids": "ld_1"}, Malformed),
    ],
)
def test_malformed_report_is_refused(office: Team, changed: dict, error: type) -> None:
    lead = office.request()
    office.drain()
    body = {**report(office, lead, "Имя", "x"), **changed}

    with pytest.raises(error):
        edits.receive(call(ANNA, body), office.app)
    assert trail.waiting(office.app.store, "team") == []


def test_report_without_a_token_is_refused(office: Team) -> None:
    with pytest.raises(NotAuthentic):
        edits.receive(call("nobody", {}), office.app)


def test_quiet_workbook_costs_one_drive_call(office: Team, tasks: FakeTasks) -> None:
    office.request()
    office.drain()
    reconcile.reconcile(office.app)
    pressed(office, tasks)

    calls = office.sheets.count(lambda: reconcile.reconcile(office.app))

    assert calls == ["versions"]
    assert [task for task in tasks.queued if task.payload.get("look")] == []


def test_edit_that_nobody_reported_is_found(office: Team, tasks: FakeTasks) -> None:
    lead = office.request()
    office.drain()
    office.leads.type(lead, "Имя", "Ирина")

    for _ in range(3):
        reconcile.reconcile(office.app)
        pressed(office, tasks)
        office.clock.advance(timedelta(seconds=3))

    assert office.lead(lead).name == "Ирина"
    assert office.sheets.count(lambda: reconcile.reconcile(office.app)) == ["versions"]


def test_unreported_edit_is_found_even_when_the_offices_clock_stands(
    office: Team, tasks: FakeTasks
) -> None:
    lead = office.request()
    office.drain()
    office.leads.type(lead, "Имя", "Ирина")

    for _ in range(3):
        drain(office.app, look=True)

    assert office.lead(lead).name == "Ирина"


def test_first_tick_builds_the_workbook(office: Team, tasks: FakeTasks) -> None:
    reconcile.reconcile(office.app)
    pressed(office, tasks)

    assert len(office.sheets.books) == 1


def test_deleted_workbook_is_noticed(office: Team, tasks: FakeTasks, sheets: FakeSheets) -> None:
    office.request()
    office.drain()
    sheets.books.clear()

    reconcile.reconcile(office.app)
    pressed(office, tasks)

    assert office.wrong() == []


def test_lagging_consumers_are_woken_even_when_google_is_down(
    office: Team, tasks: FakeTasks, sheets: FakeSheets
) -> None:
    office.request()
    office.drain()
    office.request()
    office.clock.advance(timedelta(minutes=1))
    tasks.queued.clear()
    sheets.fail_soon(0, applied=False)

    with pytest.raises(ProviderDown):
        reconcile.reconcile(office.app)

    assert {task.queue for task in tasks.queued} == {c.queue for c in CONSUMERS.values()}


def test_unknown_address_is_not_found(office: Team) -> None:
    with pytest.raises(NotFound):
        calls.do(call("x@x", {}, "drain", "nothing"), office.app)


def test_drain_answers_what_it_did(office: Team) -> None:
    office.request()

    answer = calls.do(Call("POST", ("drain", "sheets")), office.app)

    assert answer["more"] is False
    assert answer["handled"] == 2
