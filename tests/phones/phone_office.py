"""An office with phones, and what its tests do again and again."""

from typing import Any

from tests.mirrored_office import MirroredOffice
from tests.phones.fake_contacts import FakeContacts

from kartoteka.domain.model import Activity, Client
from kartoteka.ports import ContactCard, ContactSeen, Query
from kartoteka.services.consume import drain
from sync.contacts_mirror import Mirror


class Phones(MirroredOffice[FakeContacts]):
    def of(self, staff_id: str) -> FakeContacts:
        person = self.desk.settings().person(staff_id)
        assert person is not None
        return self.accounts[person.email]

    def per_person(self) -> None:
        self.do("phones.set", accounts="staff")

    def client(self, number: int, owner: str | None = None, **person: Any) -> str:
        return self.request(number, owner, **person)

    def drain(self) -> list[str]:
        """Drain until nothing is left, as the queue does; return the calls it cost."""
        self.forget_calls()
        mirror = Mirror(self.desk, self.accounts.__getitem__)
        while mirror.prepare():
            pass
        drain(self.desk, "contacts", mirror.apply, batch=1000, most=10_000)
        return self.calls()

    def look(self) -> dict[str, int]:
        return Mirror(self.desk, self.accounts.__getitem__).look()

    def settle(self) -> None:
        """Look and drain, as ten minutes do."""
        self.look()
        self.drain()

    def stored(self, client_id: str) -> Client:
        return Client.model_validate(self.desk.store.get("clients", client_id))

    def notes(self, client_id: str) -> list[Activity]:
        docs = (hit.doc for hit in self.desk.store.query(Query("activities")))
        found = [Activity.model_validate(doc) for doc in docs]
        return [it for it in found if it.client_id == client_id and it.what == "note"]

    def journal(self) -> list[dict[str, Any]]:
        return self.conflicts()

    def proposals(self) -> list[dict[str, Any]]:
        return [dict(hit.doc) for hit in self.desk.store.query(Query("proposals"))]


def only(contacts: FakeContacts, client_id: str) -> ContactSeen:
    [seen] = contacts.of(client_id)
    return seen


def typed(seen: ContactSeen, words: str) -> str:
    """The note with words under the line."""
    return f"{seen.card.note}\n{words}"


def shown(contacts: FakeContacts) -> set[str]:
    return {seen.card.external_id for seen in contacts.held.values()}


def card_of(contacts: FakeContacts, client_id: str) -> ContactCard:
    return only(contacts, client_id).card
