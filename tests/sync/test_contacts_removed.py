"""Contacts of clients that are no more: merged into others, forgotten, undone."""

from collections.abc import Sequence
from datetime import timedelta

import pytest
from tests.fakes import FixedClock
from tests.kartoteka.services.merging_office import client, made, person
from tests.sync.fake_contacts import FakeContacts

from kartoteka.domain.errors import NotFound
from kartoteka.domain.model import Client, Role
from kartoteka.ports import Query
from kartoteka.services.consume import drain
from kartoteka.services.forget import forget
from kartoteka.services.merge import merge
from kartoteka.services.office import Desk
from kartoteka.services.undo import undo
from sync.contacts_mirror import Mirror


class StrictContacts(FakeContacts):
    """Refuses a deletion that names a contact which is not there, as Google does."""

    def delete(self, resources: Sequence[str]) -> None:
        if not set(resources) <= set(self.held):
            self.calls.append("delete")
            raise NotFound("a contact to be deleted is not there")
        super().delete(resources)


@pytest.fixture
def contacts() -> StrictContacts:
    return StrictContacts()


@pytest.fixture
def two(desk: Desk, clock: FixedClock) -> list[Client]:
    found = []
    for tag in "ab":
        one = client(desk, tag, name="Мария", phones=(f"+7916000000{ord(tag) % 10}",))
        made(desk, one)
        found.append(one)
        clock.advance(timedelta(hours=1))
    return found


def mirror(desk: Desk, contacts: FakeContacts) -> list[str]:
    """Drain once and return the calls it cost."""
    contacts.calls.clear()
    drain(desk, "contacts", Mirror(desk, contacts).apply, batch=1000, most=10_000)
    return list(contacts.calls)


def shown(contacts: FakeContacts) -> set[str]:
    return {seen.card.external_id for seen in contacts.held.values()}


def test_contact_of_a_merged_client_goes_and_comes_back_with_the_undo(
    desk: Desk, contacts: StrictContacts, two: list[Client]
) -> None:
    older, newer = two
    head = person(desk, Role.HEAD)
    mirror(desk, contacts)
    merge(desk, head, older.id, newer.id, cause="x")

    assert mirror(desk, contacts) == ["delete", "update"]
    assert shown(contacts) == {older.id}
    [seen] = contacts.held.values()
    assert [number for number, _ in seen.card.phones] == [*older.phones, *newer.phones]
    assert mirror(desk, contacts) == []

    [batch] = desk.store.query(Query("batches"))
    undo(desk, head, batch.id, cause="x")
    mirror(desk, contacts)
    assert shown(contacts) == {older.id, newer.id}


def test_contact_of_a_forgotten_client_goes(
    desk: Desk, contacts: StrictContacts, two: list[Client]
) -> None:
    mirror(desk, contacts)
    forget(desk, person(desk, Role.DIRECTOR), two[0].id, cause="x")

    mirror(desk, contacts)

    assert shown(contacts) == {two[1].id}
    assert "Мария" not in str(list(desk.store.query(Query("contact_links"))))


def test_contact_that_somebody_deleted_before_hinders_nothing(
    desk: Desk, contacts: StrictContacts, two: list[Client]
) -> None:
    mirror(desk, contacts)
    for resource, seen in list(contacts.held.items()):
        if seen.card.external_id == two[0].id:
            del contacts.held[resource]
    director = person(desk, Role.DIRECTOR)
    for one in two:
        forget(desk, director, one.id, cause="x")

    mirror(desk, contacts)

    assert shown(contacts) == set()
    assert list(desk.store.query(Query("contact_links"))) == []


def test_contact_whose_creation_was_never_answered_goes_too(
    desk: Desk, contacts: StrictContacts, two: list[Client]
) -> None:
    mirror(desk, contacts)
    link = dict(desk.store.get("contact_links", two[0].id) or {})
    lost = {**link, "state": "creating", "resource": "", "etag": "", "hash": ""}
    desk.store.run(lambda tx: tx.put("contact_links", two[0].id, lost))
    forget(desk, person(desk, Role.DIRECTOR), two[0].id, cause="x")

    mirror(desk, contacts)

    assert shown(contacts) == {two[1].id}
