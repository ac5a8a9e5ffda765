"""Who may report an edit, and whose name a report may carry."""

import json

import pytest
from tests.sync.sheets_office import ANNA, BORIS, VIKTOR, Team

from kartoteka.domain.errors import Malformed, NotAllowed, NotAuthentic, NotFound
from kartoteka.http import Call
from kartoteka.ports import TokenVerifier
from sync import books, edits, trail
from sync.shelf.team import LEADS

OFFICE, QUEUE = "office@office.example", "tasks@onebox.local"


class Judge:
    """A verifier for whom a token is the address that it proves."""

    def email(self, bearer: str) -> str:
        if bearer == "forged":
            raise NotAuthentic("the token is not valid here")
        return bearer


@pytest.fixture
def door(office: Team) -> Team:
    office.request()
    office.drain()
    judge: TokenVerifier = Judge()
    office.app.__dict__["verifier"] = judge
    return office


def report(door: Team, holder: str, **changed: object) -> list[trail.Report]:
    """Post a report with a token of the holder; return what is kept of it."""
    memory = books.recall(door.app.store)
    assert memory is not None
    body = {
        "workbook": memory.spreadsheet_id,
        "sheet_id": LEADS.sheet_id,
        "user": ANNA,
        "rows": [2, 2],
        "columns": [2, 2],
        "ids": ["ld_1"],
        "value": "Иначе",
        "old_value": None,
        "at": "2026-11-23T06:00:00Z",
        **changed,
    }
    headers = {"authorization": f"Bearer {holder}"}
    call = Call("POST", ("edits",), json.dumps(body).encode(), headers)
    edits.receive(call, door.app)
    return trail.waiting(door.app.store, books.TEAM)


@pytest.mark.parametrize("holder", [QUEUE, OFFICE, OFFICE.upper(), VIKTOR])
def test_the_installation_and_a_head_may_name_who_edited(door: Team, holder: str) -> None:
    assert [kept.user for kept in report(door, holder)] == [ANNA]


def test_a_manager_reports_in_no_name_but_the_own(door: Team) -> None:
    assert [kept.user for kept in report(door, BORIS)] == [BORIS]


@pytest.mark.parametrize("holder", ["who@elsewhere.example", "anna@office.example.evil.example"])
def test_a_report_of_a_stranger_is_refused_and_leaves_nothing(door: Team, holder: str) -> None:
    with pytest.raises(NotAllowed):
        report(door, holder)

    assert trail.waiting(door.app.store, books.TEAM) == []


def test_a_forged_token_is_refused_before_anything_is_read(door: Team) -> None:
    with pytest.raises(NotAuthentic):
        report(door, "forged", workbook=None)


def test_a_report_about_another_workbook_is_refused(door: Team) -> None:
    with pytest.raises(NotFound):
        report(door, VIKTOR, workbook="1abc")


@pytest.mark.parametrize("wrong", [{"columns": "B"}, {"ids": "ld_1"}, {"sheet_id": "1"}])
def test_a_report_of_another_shape_is_refused(door: Team, wrong: dict[str, object]) -> None:
    with pytest.raises(Malformed):
        report(door, VIKTOR, **wrong)

    assert trail.waiting(door.app.store, books.TEAM) == []
