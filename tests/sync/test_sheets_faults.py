"""Google fails, or answers too late: nothing is written twice, nothing is left half done."""

from datetime import timedelta

import pytest
from tests.fakes import FakeTasks
from tests.sync.fakes_sheets import FakeSheets
from tests.sync.sheets_office import ANNA, FIRST_CALL, Team

from kartoteka.domain.errors import ConfigError, ProviderDown, RateLimited
from kartoteka.services.consume import checkpoint
from sync.sheets_mirror import drain


@pytest.mark.parametrize("applied", [False, True])
@pytest.mark.parametrize("call", range(5))
def test_crash_while_the_workbook_is_made_leaves_one(
    office: Team, sheets: FakeSheets, call: int, applied: bool
) -> None:
    office.request()
    sheets.fail_soon(call, applied=applied)

    with pytest.raises(ProviderDown):
        office.drain()
    office.drain()

    assert len(sheets.books) == 1
    assert office.wrong() == []


def test_new_file_whose_first_tab_is_another_than_usual_becomes_a_book_all_the_same(
    office: Team, sheets: FakeSheets
) -> None:
    def unlike_others(name: str) -> None:
        if name == "structure" and 0 in sheets.only().tabs:
            sheets.only().tabs = {41: sheets.only().tabs[0]}
            raise ConfigError("No grid with id: 0")

    lead = office.request()
    sheets.between = unlike_others

    calls = office.drain()

    assert calls[:4] == ["create", "structure", "info", "structure"]
    assert 41 not in sheets.only().tabs
    assert office.leads.ids() == [lead]
    assert office.wrong() == []


@pytest.mark.parametrize("applied", [False, True])
@pytest.mark.parametrize("call", range(3))
def test_lost_answer_is_repeated_without_a_second_row(
    office: Team, sheets: FakeSheets, call: int, applied: bool
) -> None:
    lead = office.request()
    office.drain()
    office.rename(lead, "Другое имя")
    office.request()
    office.types(ANNA, lead, "Стадия", FIRST_CALL)
    sheets.fail_soon(call, applied=applied)
    if call == 2:
        office.put_on_stage(office.request(), "c1")

    position = checkpoint(office.app.store, "sheets")
    failed = False
    try:
        office.drain()
    except ProviderDown:
        failed = True
        assert checkpoint(office.app.store, "sheets") == position
    office.drain()

    assert failed or call == 2
    assert office.wrong() == []
    journal = office.journal.ids()
    assert len(journal) == len(set(journal))


def test_rate_limit_lets_the_book_rest_and_loses_no_change(
    office: Team, sheets: FakeSheets, tasks: FakeTasks
) -> None:
    office.request()
    office.drain()
    late = office.request()
    pause = timedelta(seconds=7)
    sheets.fail_soon(0, applied=False, error=RateLimited("slow", retry_after=pause))
    tasks.queued.clear()

    drain(office.app)

    [look] = [task for task in tasks.queued if task.payload.get("look")]
    assert look.at is not None
    assert look.at - office.clock.now() >= pause
    office.clock.advance(pause)
    drain(office.app, look=True, book="team")
    assert late in office.leads.ids()
    assert office.wrong() == []
