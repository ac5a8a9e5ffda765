"""A round over many books: the team's book does not wait until all others are written."""

from datetime import timedelta

import pytest
from tests.fakes import FakeTasks, FixedClock
from tests.sync.books_office import Shelf
from tests.sync.fakes_sheets import FakeSheets

from sync.sheets_mirror import answer, drain

_CALL = timedelta(seconds=0.4)
_OWNERS = ("st_anna", "st_boris", "st_gleb", "st_vera")


class Slow(FakeSheets):
    """Google that takes its time for each call, as it does."""

    clock: FixedClock | None = None

    def _call(self, name, work):
        if self.clock is not None:
            self.clock.advance(_CALL)
        return super()._call(name, work)


@pytest.fixture
def sheets(clock: FixedClock) -> Slow:
    return Slow()


def behind(shelf: Shelf) -> set[str]:
    """Names of the books that differ from the store."""
    return {fault.partition(":")[0] for fault in shelf.wrong_anywhere()}


@pytest.fixture
def leads(shelf: Shelf, sheets: Slow, tasks: FakeTasks, clock: FixedClock) -> list[str]:
    """A lead of each person; from now on each call to Google lasts."""
    made = [shelf.request(owner=owner) for owner in _OWNERS]
    shelf.drain()
    tasks.queued.clear()
    sheets.clock = clock
    return made


def the_queue_does_one(shelf: Shelf, tasks: FakeTasks) -> None:
    """Do what is due first, at its time."""
    task = min(tasks.queued, key=lambda it: it.at or shelf.clock.now())
    tasks.queued.remove(task)
    if task.at is not None and task.at > shelf.clock.now():
        shelf.clock.advance(task.at - shelf.clock.now())
    if task.path == "/sync/drain/sheets":
        answer(shelf.app, task.payload)


def test_round_of_many_books_leaves_the_next_one_to_the_teams_and_all_are_written_in_the_end(
    shelf: Shelf, tasks: FakeTasks, leads: list[str]
) -> None:
    for number, lead in enumerate(leads):
        shelf.rename(lead, f"Имя {number}")

    drain(shelf.app)
    first = behind(shelf)
    shelf.rename(leads[0], "Имя ещё раз")
    while "team" in behind(shelf):
        the_queue_does_one(shelf, tasks)

    assert "team" not in first
    assert len(first & {f"mine.{owner}" for owner in _OWNERS}) < len(_OWNERS)
    assert behind(shelf) - {"team"}
    while behind(shelf):
        the_queue_does_one(shelf, tasks)


def test_team_that_has_news_in_every_round_starves_no_other_book(
    shelf: Shelf, tasks: FakeTasks, leads: list[str]
) -> None:
    for lead in leads:
        shelf.rename(lead, "Одно имя на всех")
    waiting = {f"mine.{owner}" for owner in _OWNERS}

    drain(shelf.app)
    for turn in range(3 * len(waiting)):
        waiting &= behind(shelf)
        shelf.free(f"Новый {turn}")
        the_queue_does_one(shelf, tasks)

    assert not waiting


def test_book_of_which_changes_show_nothing_keeps_no_other_from_its_turn(
    shelf: Shelf, tasks: FakeTasks, leads: list[str]
) -> None:
    """The changes are told of in that book, so it is read in each round, and never written."""
    shelf.rename(leads[0], "Одно имя")
    drain(shelf.app)
    waiting = [book for book in behind(shelf) if book.startswith("mine.")]

    for turn in range(40):
        if not behind(shelf):
            break
        shelf.do("lead.note", lead=leads[turn % 2], note=f"Слово {turn // 2}")
        the_queue_does_one(shelf, tasks)

    assert not set(waiting) & behind(shelf)
