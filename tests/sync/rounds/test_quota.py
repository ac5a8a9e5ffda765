"""Google's minute: it is never overdrawn, and what is urgent finds room in it."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.fakes import FakeTasks
from tests.sync.books_office import ANNA_BOOK, BORIS_BOOK, Shelf
from tests.sync.sheets_office import ANNA

from kartoteka.ports import QueuedTask, SheetCalls
from sync import books
from sync.rounds import writer
from sync.rounds.quota import Minute, Rank
from sync.sheets_mirror import drain
from sync.shelf import tabs

START = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)
GRANTED, MINUTE = 60, timedelta(minutes=1)
_MOST = 2  # calls of a kind that a piece of work makes here
PIECES = st.tuples(
    st.sampled_from(list(Rank)),
    st.integers(0, 9_000),  # milliseconds since the one before
    st.integers(0, _MOST),
    st.integers(0, _MOST),
)


@dataclass
class Used:
    """A minute with what was counted so far."""

    minute: Minute
    counted: SheetCalls

    def calls(
        self, now: datetime, reads: int = 0, writes: int = 0, rank: Rank | None = None
    ) -> None:
        self.counted.reads += reads
        self.counted.writes += writes
        self.minute.note(self.counted, now, rank)


@pytest.fixture
def used() -> Used:
    return Used(Minute(), SheetCalls())


@given(st.lists(PIECES, min_size=1, max_size=200))
def test_work_that_begins_when_it_may_never_overdraws_any_minute(
    pieces: list[tuple[Rank, int, int, int]],
) -> None:
    used, now, made = Used(Minute(), SheetCalls()), START, []
    for rank, later, reads, writes in pieces:
        now += timedelta(milliseconds=later)
        if used.minute.opens(rank, now) is None:
            used.calls(now, reads, writes, rank)
            made.append((now, reads, writes))

    for first, _, _ in made:
        window = [it for it in made if first <= it[0] < first + MINUTE]
        assert sum(it[1] for it in window) <= GRANTED
        assert sum(it[2] for it in window) <= GRANTED


@given(st.lists(PIECES, min_size=1, max_size=100), st.sampled_from(list(Rank)))
def test_work_that_waits_as_long_as_it_is_told_may_begin(
    pieces: list[tuple[Rank, int, int, int]], rank: Rank
) -> None:
    used, now = Used(Minute(), SheetCalls()), START
    for other, later, reads, writes in pieces:
        now += timedelta(milliseconds=later)
        used.calls(now, reads, writes, other)

    opens = used.minute.opens(rank, now)

    assert opens is None or used.minute.opens(rank, opens) is None
    assert opens is None or now < opens <= now + MINUTE


def test_making_that_has_used_its_share_leaves_a_third_to_edits(used: Used) -> None:
    while used.minute.opens(Rank.MAKING, START) is None:
        used.calls(START, reads=1, rank=Rank.MAKING)

    assert used.counted.reads <= GRANTED * 2 / 3
    assert used.minute.opens(Rank.EDIT, START) is None
    assert used.minute.opens(Rank.MAKING, START) == START + MINUTE / 3


def test_book_is_made_every_twenty_seconds_however_busy_the_office_is(used: Used) -> None:
    used.calls(START, reads=Rank.ROWS)

    assert used.minute.opens(Rank.ROWS, START) == START + MINUTE
    assert used.minute.opens(Rank.MAKING, START) is None
    used.calls(START, writes=1, rank=Rank.MAKING)
    assert used.minute.opens(Rank.MAKING, START) == START + MINUTE / 3
    used.calls(START, reads=Rank.EDIT - Rank.ROWS)
    assert used.minute.opens(Rank.MAKING, START) == START + MINUTE


def test_another_process_knows_what_was_used(used: Used) -> None:
    used.calls(START, reads=50, writes=3)
    elsewhere = Minute.read(used.minute.text(START), SheetCalls(reads=900))

    assert elsewhere.used(START + MINUTE / 2) == SheetCalls(50, 3)
    assert elsewhere.opens(Rank.ROWS, START) == START + MINUTE
    assert Minute.read(used.minute.text(START + MINUTE), SheetCalls()).moments == []


def spends(shelf: Shelf, reads: int) -> None:
    """So many reads were made a moment ago, by another process."""
    used = Used(Minute(), SheetCalls())
    used.calls(shelf.clock.now(), reads=reads)
    doc = {"token": "", "used": used.minute.text(shelf.clock.now())}
    shelf.app.store.run(lambda tx: tx.put(writer.COLLECTION, "sheets", doc))


def types(shelf: Shelf, lead: str, name: str) -> None:
    shelf.there(ANNA_BOOK).type(lead, "Имя", name)
    shelf.tells(ANNA_BOOK, ANNA, tabs.MY_REQUESTS, lead, header="Имя")


def test_edit_goes_first_when_rows_have_to_wait_and_nothing_is_lost(
    shelf: Shelf, tasks: FakeTasks
) -> None:
    lead, other = shelf.request(), shelf.request(owner="st_boris")
    shelf.drain()
    spends(shelf, reads=Rank.TEAM + 1)
    types(shelf, lead, "Имя от Анны")
    shelf.rename(other, "Новое имя")

    drain(shelf.app)

    assert shelf.lead(lead).name == "Имя от Анны"
    assert shelf.there(BORIS_BOOK).shown(other, "Имя") != "Новое имя"
    turns = [task for task in tasks.queued if task.payload.get("look") and task.at is not None]
    assert {task.at - shelf.clock.now() for task in turns} == {MINUTE}
    shelf.clock.advance(MINUTE)
    for task in turns:
        drain(shelf.app, look=True, book=str(task.payload["book"]),
              version=str(task.payload["version"]))  # fmt: skip
    drain(shelf.app)
    assert shelf.wrong_anywhere() == []


def test_look_at_our_own_writes_waits_and_a_look_at_a_persons_does_not(shelf: Shelf) -> None:
    lead = shelf.request()
    shelf.drain()
    file = shelf.keys_of()[ANNA_BOOK]
    spends(shelf, reads=Rank.CHECK)
    shelf.sheets.read_from.clear()

    drain(shelf.app, look=True, book=ANNA_BOOK, version=shelf.sheets.version(file))
    assert shelf.sheets.read_from == []

    shelf.clock.advance(MINUTE)
    drain(shelf.app, look=True, book=ANNA_BOOK, version=shelf.sheets.version(file))
    shelf.there(ANNA_BOOK).type(lead, "Имя", "Кто-то написал")
    spends(shelf, reads=Rank.CHECK)
    shelf.sheets.read_from.clear()
    drain(shelf.app, look=True, book=ANNA_BOOK, version=shelf.sheets.version(file))
    assert shelf.sheets.read_from == [file]


def test_books_that_find_no_room_are_made_when_there_is_some(
    shelf: Shelf, tasks: FakeTasks
) -> None:
    shelf.request()
    spends(shelf, reads=Rank.EDIT)

    drain(shelf.app)
    assert books.known(shelf.app.store) == {}

    shelf.clock.advance(MINUTE)
    for task in [task for task in tasks.queued if task.payload.get("look")]:
        drain(shelf.app, look=True, book=str(task.payload["book"]))
    assert shelf.wrong_anywhere() == []


def looks(tasks: FakeTasks) -> list[QueuedTask]:
    """Take the looks out of the queue."""
    found = [task for task in tasks.queued if task.payload.get("look")]
    tasks.queued.clear()
    return found


def performs(shelf: Shelf, task: QueuedTask) -> None:
    book, version = str(task.payload["book"]), str(task.payload["version"])
    drain(shelf.app, look=True, book=book, version=version)


def test_book_that_waits_and_finds_no_room_at_its_turn_either_gets_another_turn(
    shelf: Shelf, tasks: FakeTasks
) -> None:
    other = shelf.request(owner="st_boris")
    shelf.drain()
    shelf.rename(other, "Новое имя")
    tasks.queued.clear()

    spends(shelf, reads=Rank.TEAM)
    drain(shelf.app)
    for _ in range(3):
        shelf.clock.advance(MINUTE)
        spends(shelf, reads=Rank.TEAM)
        turns = looks(tasks)
        assert BORIS_BOOK in {task.payload["book"] for task in turns}
        for task in turns:
            performs(shelf, task)
    shelf.clock.advance(MINUTE)
    for task in looks(tasks):
        performs(shelf, task)

    assert shelf.there(BORIS_BOOK).shown(other, "Имя") == "Новое имя"
    assert shelf.wrong_anywhere() == []


def test_looks_that_find_no_room_are_one_look_when_there_is_some(
    shelf: Shelf, tasks: FakeTasks
) -> None:
    shelf.request()
    shelf.drain()
    file = shelf.keys_of()[ANNA_BOOK]
    spends(shelf, reads=Rank.CHECK)
    tasks.queued.clear()

    for _ in range(5):
        drain(shelf.app, look=True, book=ANNA_BOOK, version=shelf.sheets.version(file))
        shelf.clock.advance(timedelta(seconds=1))

    assert len(looks(tasks)) == 1
