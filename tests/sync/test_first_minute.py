"""A new office under Google's quota: books are being made for minutes, edits are judged at once."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from random import Random

import pytest
from tests.fakes import FakeTasks, FixedClock
from tests.sync.books_office import Shelf
from tests.sync.books_office import shelf as all_books
from tests.sync.fakes_sheets import FakeSheets

from kartoteka.domain.errors import RateLimited
from kartoteka.services.office import Desk
from sync import books, trail
from sync.rounds.waiting import look_soon
from sync.sheets_mirror import answer
from sync.shelf import tabs

CALL, MINUTE = timedelta(seconds=0.5), timedelta(minutes=1)
GRANTED = 60
COLLEAGUES = 14  # more than the office of the preset has, each with a book
LONGEST_S = 5.0
_KINDS = {"info": "reads", "read": "reads", "write": "writes", "structure": "writes"}


class SlowGoogle(FakeSheets):
    """Each call takes half a second; 60 reads and 60 writes are granted a minute, and no more."""

    def __init__(self, clock: FixedClock) -> None:
        super().__init__()
        self.clock = clock
        self.refused = 0
        self.made: dict[str, list[datetime]] = {"reads": [], "writes": []}
        self.between = self._takes_time

    def _takes_time(self, name: str) -> None:
        self.clock.advance(CALL)
        kind, now = _KINDS.get(name), self.clock.now()
        if kind is None:
            return
        recent = [at for at in self.made[kind] if now - at < MINUTE]
        if len(recent) >= GRANTED:
            self.refused += 1
            raise RateLimited("Quota exceeded")
        self.made[kind] = [*recent, now]


@dataclass
class FirstMinutes:
    """Managers type while the rest of the books are made; the queue runs one call at a time."""

    shelf: Shelf
    tasks: FakeTasks
    leads: dict[str, tuple[str, str]]  # a lead and its owner's address by book
    typed: dict[str, datetime] = field(default_factory=dict)  # by report
    waits: list[float] = field(default_factory=list)
    numbers: Iterator[int] = field(default_factory=count)

    def queue_runs(self) -> None:
        """Do the first task that is due; let a moment pass if there is none."""
        now = self.shelf.clock.now()
        due = [task for task in self.tasks.queued if task.queue == "sheets"]
        due = [task for task in due if task.at is None or task.at <= now]
        if not due:
            self.shelf.clock.advance(CALL / 2)
            return
        self.tasks.queued.remove(due[0])
        if "age" not in due[0].payload:
            answer(self.shelf.app, due[0].payload)

    def shared(self) -> list[str]:
        known = books.known(self.shelf.app.store)
        return [key for key in self.leads if key in known and known[key].shared]

    def somebody_types(self, key: str) -> None:
        lead, email = self.leads[key]
        self.shelf.there(key).type(lead, "Имя", f"Имя {next(self.numbers)}")
        self.shelf.tells(key, email, tabs.MY_REQUESTS, lead, header="Имя")
        report = f"ed_{self.shelf.made}"
        self.typed[report] = self.shelf.clock.now()
        look_soon(self.shelf.app, key, report)

    def judged(self) -> None:
        """Note how long each edit took whose report was handled meanwhile."""
        waiting = self.shelf.app.store.get_many(trail.COLLECTION, list(self.typed))
        for report in set(self.typed) - set(waiting):
            took = self.shelf.clock.now() - self.typed.pop(report)
            self.waits.append(took.total_seconds())


@pytest.fixture
def first(desk: Desk, clock: FixedClock, tasks: FakeTasks) -> FirstMinutes:
    shelf = all_books(desk, clock, tasks, SlowGoogle(clock))
    leads = {}
    for number in range(COLLEAGUES):
        email = f"colleague{number}@office.example"
        person = shelf.do("staff.add", "olga@office.example", name=f"Коллега {number}",
                          email=email, role="manager")  # fmt: skip
        leads[f"mine.{person.id}"] = (shelf.request(owner=person.id), email)
    return FirstMinutes(shelf, tasks, leads)


def test_edits_are_judged_within_five_seconds_while_books_are_made(first: FirstMinutes) -> None:
    chance, google = Random(1), first.shelf.sheets
    assert isinstance(google, SlowGoogle)
    takes = google.between

    def people_type(name: str) -> None:
        takes(name)
        first.judged()
        there = first.shared()
        if there and chance.random() < 0.12:
            first.somebody_types(chance.choice(there))

    google.between = people_type
    look_soon(first.shelf.app, "", "first")
    start = first.shelf.clock.now()
    while first.shelf.clock.now() - start < 5 * MINUTE:
        first.queue_runs()
        first.judged()

    waits = sorted(first.waits)
    made = [it for it in books.known(first.shelf.app.store).values() if it.shared]
    assert len(made) == COLLEAGUES + 12
    assert len(waits) > 15
    assert waits[int(len(waits) * 0.95)] <= LONGEST_S
    assert google.refused == 0
