"""The archive: what was closed long ago leaves the working books for a book a year, and back."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from tests.sync.books_office import HEAD_BOOK, Shelf
from tests.sync.closing_office import close, sold
from tests.sync.pasting_office import desktop

from kartoteka.domain.change import SYSTEM
from kartoteka.domain.errors import ProviderDown
from kartoteka.domain.model import Lead
from kartoteka.domain.office import Office
from kartoteka.services.unit import Unit, transact
from sync import aging, books, spans
from sync.shelf.closed import CLOSED_DEALS, archive

__all__ = ["desktop"]

YEAR = "archive-2026.st_viktor"
NEXT_YEAR = "archive-2027.st_viktor"


def night(shelf: Shelf) -> None:
    """Everything that the queue asks for in the night is done."""
    while aging.age(shelf.app)["more"]:
        pass
    shelf.clock.advance(timedelta(minutes=1))
    shelf.look()


def archived(shelf: Shelf, key: str = YEAR, tab: int = 0) -> list[str]:
    """Return the records in a tab of an archive's book; none when there is no such book."""
    if books.recall(shelf.app.store, key) is None:
        return []
    zone = shelf.app.desk.settings().office.work.zone
    known = {span.name: span for span in spans.progress(shelf.app.store).spans(zone)}
    name = key.partition(".")[0].removeprefix("archive-")
    return shelf.there(key, archive(known[name]).tabs[tab]).ids()


def until(shelf: Shelf, moment: datetime) -> None:
    shelf.clock.advance(moment - shelf.clock.now())


def keep_for(shelf: Shelf, days: int) -> None:
    """The office says how long closed records stay; only two people are left to say it."""

    def work(unit: Unit) -> None:
        office = unit.need(Office, "office")
        unit.save(office.model_copy(update={"archive_days": days}))

    transact(shelf.app.store, SYSTEM, "test", shelf.clock.now(), work=work)
    shelf.app.desk.settings.forget()


def later(shelf: Shelf, days: int) -> None:
    shelf.clock.advance(timedelta(days=days))


def test_closed_request_stays_so_long_and_then_moves_into_the_book_of_its_year(
    desktop: Shelf,
) -> None:
    lost, still = desktop.request(), desktop.request()
    close(desktop, lost)
    desktop.drain()
    night(desktop)
    assert lost in desktop.leads_of_team().ids()
    assert archived(desktop) == []

    later(desktop, 91)
    night(desktop)

    assert desktop.leads_of_team().ids() == [still]
    assert archived(desktop) == [lost]
    memory = books.recall(desktop.app.store, YEAR)
    assert memory is not None
    assert memory.title == "Архив 2026 · Виктор Громов"
    assert all(held.startswith("reader") for held in memory.shared.values())
    assert desktop.wrong_anywhere() == []


def test_request_opened_again_comes_back_from_the_archive(desktop: Shelf) -> None:
    lost = desktop.request()
    close(desktop, lost)
    later(desktop, 91)
    night(desktop)

    close(desktop, lost, state="ongoing")
    desktop.drain()

    assert lost in desktop.leads_of_team().ids()
    assert archived(desktop) == []


def test_each_year_has_its_book_and_next_years_is_another(desktop: Shelf) -> None:
    first = sold(desktop, 1_000)
    until(desktop, datetime(2026, 12, 31, 20, 59, tzinfo=UTC))  # the office is at +3
    last = sold(desktop, 2_000)
    until(desktop, datetime(2026, 12, 31, 21, 1, tzinfo=UTC))
    new = sold(desktop, 3_000)
    later(desktop, 91)

    night(desktop)

    assert archived(desktop, YEAR, 1) == [first, last]
    assert archived(desktop, NEXT_YEAR, 1) == [new]


def test_closed_deal_is_in_the_department_first_and_never_for_who_may_not_see_it(
    desktop: Shelf,
) -> None:
    deal = sold(desktop, 123_456_789)
    desktop.drain()
    assert desktop.there(HEAD_BOOK, CLOSED_DEALS).ids() == [deal]

    later(desktop, 91)
    night(desktop)

    assert desktop.there(HEAD_BOOK, CLOSED_DEALS).ids() == []
    assert archived(desktop, YEAR, 1) == [deal]
    keys = {memory.key for memory in books.known(desktop.app.store).values()}
    assert {key for key in keys if key.startswith("archive")} == {YEAR}


def test_row_deleted_in_the_archive_is_written_again(desktop: Shelf) -> None:
    lost = desktop.request()
    close(desktop, lost)
    later(desktop, 91)
    night(desktop)
    zone = desktop.app.desk.settings().office.work.zone
    (span,) = spans.progress(desktop.app.store).spans(zone)
    desktop.there(YEAR, archive(span).tabs[0]).delete_rows(1, 2)

    desktop.look()

    assert archived(desktop) == [lost]


def test_longer_keeping_brings_the_young_ones_back(desktop: Shelf) -> None:
    old = desktop.request()
    close(desktop, old)
    later(desktop, 60)
    young = desktop.request()
    close(desktop, young)
    later(desktop, 100)
    night(desktop)
    assert desktop.leads_of_team().ids() == []

    keep_for(desktop, 120)
    desktop.drain()
    night(desktop)

    assert archived(desktop) == [old]
    assert desktop.leads_of_team().ids() == [young]
    assert desktop.wrong_anywhere() == []


@pytest.mark.parametrize("call", range(3))
def test_night_that_died_is_repeated_and_nothing_is_twice(desktop: Shelf, call: int) -> None:
    leads = [desktop.request() for _ in range(5)]
    for lead in leads:
        close(desktop, lead)
    desktop.drain()
    later(desktop, 91)
    desktop.sheets.fail_soon(call, applied=True)

    with pytest.raises(ProviderDown):
        night(desktop)
    night(desktop)

    assert sorted(archived(desktop)) == sorted(leads)
    assert desktop.leads_of_team().ids() == []


def test_full_book_is_followed_by_another(desktop: Shelf) -> None:
    first = desktop.request()
    close(desktop, first)
    later(desktop, 91)
    night(desktop)
    memory = books.recall(desktop.app.store, YEAR)
    assert memory is not None
    books.remember(desktop.app.store, replace(memory, rows={"leads": 2_000_000}))
    second = desktop.request()

    def work(unit: Unit) -> None:
        lead = unit.need(Lead, second)
        entered = datetime(2026, 11, 25, tzinfo=UTC)
        unit.save(lead.model_copy(update={"state": "lost", "stage_entered_at": entered}))

    transact(desktop.app.store, SYSTEM, "test", desktop.clock.now(), work=work)
    later(desktop, 5)

    night(desktop)

    assert archived(desktop) == [first]
    assert archived(desktop, "archive-2026-2.st_viktor") == [second]


def test_night_is_asked_for_once_a_day(desktop: Shelf) -> None:
    asked = desktop.app.tasks.queued
    before = len(asked)

    for _ in range(3):
        aging.ask(desktop.app)
    night(desktop)
    aging.ask(desktop.app)

    assert len([task for task in asked[before:] if aging.WISH in task.payload]) == 1
