"""Two processes drain the same books by mistake: it is noticed, and nothing is written twice."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest
from requests import PreparedRequest
from tests.conftest import STORE
from tests.fakes import FakeTasks, FixedClock
from tests.sync.books_office import ANNA_BOOK, HEAD_BOOK, Shelf, shelf
from tests.sync.fakes_sheets import FakeSheets
from tests.sync.sheets_office import ANNA
from tests.sync.straight_google import OFFICE, StraightGoogle, connected

from kartoteka.adapters.sheets import GspreadSheets
from kartoteka.adapters.sqlite import SqliteStore
from kartoteka.domain.errors import Transient
from kartoteka.ports import Query
from kartoteka.services.office import Desk, SettingsCache
from kartoteka.services.wake import Waker
from kartoteka.settings import Settings
from onebox.google.app import GoogleOptions, build_google
from sync.rounds import writer
from sync.sheets_mirror import drain
from sync.shelf import tabs


@dataclass
class Twins:
    """Two processes over one store and one Google; the second may run at the first one's calls."""

    first: Shelf
    second: Shelf
    carrier: StraightGoogle
    met: list[str] = field(default_factory=list)
    calls: int = 0

    def second_tries(self) -> None:
        try:
            drain(self.second.app, look=True)
        except Transient as refusal:
            self.met.append(str(refusal))

    def at_each_call(self, _: PreparedRequest) -> None:
        """Let the second process run whole between two calls of the first."""
        self.carrier.before = lambda _: None
        self.calls += 1
        self.second_tries()
        self.carrier.before = self.at_each_call


@pytest.fixture
def twins(tmp_path: Path, desk: Desk, clock: FixedClock, tasks: FakeTasks) -> Iterator[Twins]:
    google = build_google(tmp_path / "google.db", clock.now, GoogleOptions(quotas=False))
    settings = Settings(google_endpoint="http://google.example/google", google_account=OFFICE)
    carrier = StraightGoogle(google)
    first, second = (connected(GspreadSheets(settings), carrier) for _ in range(2))
    store = SqliteStore(tmp_path / STORE)
    own = Desk(store, tasks, clock, SettingsCache(store, ttl_s=3600), Waker(tasks, clock))
    yield Twins(shelf(desk, clock, tasks, first), shelf(own, clock, tasks, second), carrier)
    store.close()
    for port in (first, second):
        port.close()
    google.close()


def rows(made: Shelf, key: str, tab: str) -> list[str]:
    """Return the ids of the rows of a tab."""
    file = made.keys_of()[key]
    [found] = made.app.sheets.read(file, [f"'{tab}'"])
    return [str(row[0]) for row in found[1:] if row]


def test_second_process_between_any_two_calls_is_refused_and_nothing_is_twice(
    twins: Twins, capsys: pytest.CaptureFixture[str]
) -> None:
    ids = [twins.first.request() for _ in range(3)]
    twins.carrier.before = twins.at_each_call

    drain(twins.first.app)
    twins.first.rename(ids[0], "Другое имя")
    drain(twins.first.app, look=True)
    twins.carrier.before = lambda _: None

    assert twins.calls > 20
    assert len(twins.met) == twins.calls
    assert '"event": "two_writers"' in capsys.readouterr().out
    files = twins.first.app.sheets.versions()
    assert sorted(files) == sorted(twins.first.keys())
    assert sorted(rows(twins.first, ANNA_BOOK, "Заявки")) == sorted(ids)
    assert sorted(rows(twins.first, HEAD_BOOK, "Заявки")) == sorted(ids)


def test_process_whose_claim_ran_out_stops_before_it_writes(
    shelf: Shelf, sheets: FakeSheets, clock: FixedClock
) -> None:
    lead = shelf.request()
    shelf.drain()
    there = shelf.there(ANNA_BOOK)
    row: list[object] = [""] * len(tabs.MY_REQUESTS.keys)
    row[there.column("Телефон")] = "+79260000001"
    at = len(there.rows()) + 1
    there.insert_row(at, row)
    there.type(lead, "Заметка", "По-русски")
    shelf.tells(ANNA_BOOK, ANNA, tabs.MY_REQUESTS, lead, header="Заметка")
    left = [1]

    def sleeps(name: str) -> None:
        if name == "read" and left.pop(0) == 1:
            sheets.between = lambda _name: None
            clock.advance(writer.LEASE + timedelta(seconds=1))
            drain(shelf.app, look=True)

    sheets.between = sleeps
    with pytest.raises(Transient):
        drain(shelf.app, look=True)
    for _ in range(4):
        clock.advance(timedelta(minutes=1))
        drain(shelf.app, look=True)

    phones = [hit.doc["phones"] for hit in shelf.app.store.query(Query("clients"))]
    assert phones.count(["+79260000001"]) == 1
    assert shelf.lead(lead).note == "По-русски"
    assert shelf.wrong_anywhere() == []


def test_claim_of_a_process_that_died_ends_with_its_lease(shelf: Shelf, clock: FixedClock) -> None:
    shelf.drain()
    store = shelf.app.store
    claim = {**(store.get(writer.COLLECTION, "sheets") or {}), "token": "dead"}
    store.run(
        lambda tx: tx.put(
            writer.COLLECTION, "sheets", {**claim, "at": "2026-11-23T06:01:00.000000Z"}
        )
    )
    lead = shelf.request()

    with pytest.raises(Transient):
        drain(shelf.app)
    clock.advance(writer.LEASE)
    drain(shelf.app)

    assert lead in shelf.there(ANNA_BOOK).ids()


def test_claim_of_another_process_is_void_on_one_box(shelf: Shelf) -> None:
    shelf.drain()
    store, lead = shelf.app.store, shelf.request()
    claim = {**(store.get(writer.COLLECTION, "sheets") or {}), "token": "old", "process": "gone"}
    store.run(lambda tx: tx.put(writer.COLLECTION, "sheets", claim))

    drain(shelf.app)

    assert lead in shelf.there(ANNA_BOOK).ids()
