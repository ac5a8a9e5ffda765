"""One served office per test, with a sender that repeats as providers do."""

import contextlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.faults.killable_box import KillableBox

from kartoteka.adapters.clock import SystemClock
from kartoteka.adapters.people import PeopleContacts
from kartoteka.services.office import read_settings
from kartoteka.wiring import App
from onebox import office
from onebox.demo.check import Verdict, compare
from onebox.demo.playing import Played
from onebox.demo.sending import Sender, Sent
from onebox.demo.sheet import Book, open_book

ATTEMPTS = 300


class Office:
    """A served office, looked at from outside."""

    def __init__(self, box: KillableBox) -> None:
        self.box = box
        self._clock = SystemClock()
        self.since = self._clock.now()
        self.app: App = office.open_app(box.data)
        self.settings = read_settings(self.app.store)
        self.sender = Sender(
            box.base_url,
            box.client,
            self.settings,
            "261123",
            self._clock.now,
            attempts=ATTEMPTS,
        )

    def close(self) -> None:
        """Close what this test process opened."""
        self.app.store.close()
        tasks = vars(self.app).get("tasks")
        if tasks is not None:
            tasks._client.transport._session.close()

    def book(self) -> Book:
        """Return the team's workbook once it is made."""
        return open_book(self.box.base_url, self.app.store, (), wait_s=60)

    def verdict(self, sent: list[Sent]) -> Verdict:
        """Compare what was sent with store, sheet and contacts, once the mirrors rest."""
        self.box.rest()
        played = Played(self.since, sent=sent)
        contacts = PeopleContacts(self.app.settings)
        with contextlib.closing(self.book()) as book:
            found = compare(self.app.store, book, contacts, played)
        contacts._local.service.close()
        return found


@pytest.fixture
def served_office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Office]:
    """An office with one book for all: a book per person takes Google's first minute."""
    monkeypatch.setenv("KARTOTEKA_BOOKS", "team")
    box = KillableBox(tmp_path / "office")
    try:
        box.data.mkdir()
        box.start()
        served = Office(box)
        yield served
        served.close()
    finally:
        box.close()
