"""An office restored into the other store goes on with its sheet and its phones: nothing twice."""

import secrets
from collections import Counter
from pathlib import Path

import pytest
from tests.conftest import STORE
from tests.fakes import FakeTasks, FixedClock
from tests.phones.fake_contacts import FakeContacts
from tests.sync.fakes_sheets import FakeSheets
from tests.sync.sheets_office import Team, team

from kartoteka.adapters.firestore import FirestoreStore
from kartoteka.services.office import Desk, SettingsCache
from kartoteka.services.wake import Waker
from kartoteka.settings import Settings
from onebox.backups.archive import back_up
from onebox.backups.restoring_cloud import restore_in_cloud
from onebox.office import STORE_FILE
from sync import contacts_mirror, sheets_mirror

PROJECT = "demo-kartoteka"
WRITES = {"create", "create_group", "structure", "update", "write"}


def mirrored(office: Team, contacts: FakeContacts) -> list[str]:
    """Let both mirrors read the log; return the calls that write."""
    office.app.__dict__["contacts_of"] = lambda _email: contacts
    contacts.calls.clear()
    calls = office.sheets.count(lambda: sheets_mirror.drain(office.app))
    contacts_mirror.drain(office.app)
    return [call for call in (*calls, *contacts.calls) if call in WRITES]


def copies(sheets: FakeSheets, record: str) -> set[int]:
    """How often a record stands in the tabs that show it."""
    grids = [tab.grid for book in sheets.books.values() for tab in book.tabs.values()]
    counted = (Counter(row[0] for row in grid if row)[record] for grid in grids)
    return {number for number in counted if number}


@pytest.mark.emulator
def test_restored_office_writes_only_what_its_mirrors_have_not_seen(
    desk: Desk, clock: FixedClock, tasks: FakeTasks, request: pytest.FixtureRequest
) -> None:
    tmp_path, open_firestore = map(request.getfixturevalue, ("tmp_path", "open_firestore"))
    contacts = FakeContacts()
    old = team(desk, clock, tasks, FakeSheets())
    leads = [old.request() for _ in range(3)]
    assert mirrored(old, contacts)
    late = old.request("Поздняя")
    old.rename(leads[0], "Новое имя")
    cloud = Settings(store="firestore", project=PROJECT, database=f"t-{secrets.token_hex(6)}")
    back_up(Settings(data=box_of(tmp_path)), tmp_path / "b", clock.now())
    restore_in_cloud(tmp_path / "b", cloud)

    store: FirestoreStore = open_firestore(database=cloud.database)
    cache = SettingsCache(store, ttl_s=3600)
    moved = team(Desk(store, tasks, clock, cache, Waker(tasks, clock)), clock, tasks, old.sheets)
    assert "create" not in old.sheets.count(lambda: mirrored(moved, contacts))
    moved.rename(leads[1], "Другое имя")
    mirrored(moved, contacts)

    for lead in (*leads, late):
        assert copies(old.sheets, lead) == {1}
    held = Counter(seen.card.external_id for seen in contacts.held.values())
    assert set(held.values()) == {1}
    assert len(held) == 4
    assert mirrored(moved, contacts) == []


def box_of(folder: Path) -> Path:
    """The folder of the desk's office, its file named as a box names it."""
    (folder / "box").mkdir()
    (folder / "box" / STORE_FILE).symlink_to(folder / STORE)
    return folder / "box"
