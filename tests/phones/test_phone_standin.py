"""The phones through Google's own client, against the stand-in with its etags and sync tokens."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from tests.phones.fake_contacts import FakeContacts
from tests.phones.phone_office import Phones
from tests.sync.standin import stand_in

from kartoteka.adapters.people import PeopleContacts
from kartoteka.ports import ContactCard, ContactSeen, Query
from kartoteka.services.office import Desk
from kartoteka.settings import Settings
from onebox.google.app import Google
from sync.contacts_mirror import Mirror, everything

ANNA = "anna@office.example"


@dataclass
class Box:
    """An office whose phones are accounts of a stand-in."""

    phones: Phones
    google: Google
    open: Callable[[str], PeopleContacts]

    def settle(self) -> Counter[str]:
        """Look and fill; return the calls that it cost."""
        before = Counter(self.google.calls.by_method())
        mirror = Mirror(self.phones.desk, self.open)
        mirror.look()
        while mirror.prepare():
            pass
        mirror.refresh(self.clients())
        return Counter(self.google.calls.by_method()) - before

    def clients(self) -> list[str]:
        return [hit.id for hit in self.phones.desk.store.query(Query("clients"))]

    def held(self, email: str = ANNA) -> list[ContactSeen]:
        return list(everything(self.open(email)))


@pytest.fixture
def box(desk: Desk, tmp_path: Path) -> Iterator[Box]:
    with stand_in(tmp_path) as (google, address):
        ports: dict[str, PeopleContacts] = {}

        def opened(email: str) -> PeopleContacts:
            return ports.setdefault(email, PeopleContacts(Settings(google_endpoint=address), email))

        phones = Phones(desk, dict[str, FakeContacts]())
        for staff_id in ("st_vera", "st_gleb", "st_dina", "st_egor", "st_inna", "st_mark"):
            phones.do("staff.dismiss", staff=staff_id)
        phones.per_person()
        yield Box(phones, google, opened)
        for port in ports.values():
            port._local.service.close()


def test_day_of_a_phone_is_the_same_with_googles_client(box: Box) -> None:
    first, second = box.phones.client(1, "st_anna"), box.phones.client(2, "st_anna")
    assert box.settle()["people.people.batchCreateContacts"] == 3
    assert box.settle() == {"people.people.connections.list": 4}

    port = box.open(ANNA)
    [one] = [seen for seen in box.held() if seen.card.external_id == first]
    words = replace(one.card, note=f"{one.card.note}\nпозвонить завтра")
    more = replace(words, phones=(*words.phones, ("8 (495) 111-22-33", "work")))
    port.update([replace(one, card=more)])
    [other] = [seen for seen in box.held() if seen.card.external_id == second]
    port.delete([other.resource])
    label = port.groups()["К·Новый"]
    port.create([ContactCard("", "Пётр", phones=(("89165550101", "mobile"),), groups=(label,))])

    box.settle()

    [note] = box.phones.notes(first)
    assert (note.staff_id, note.text) == ("st_anna", "позвонить завтра")
    assert box.phones.stored(first).phones == ("+79160000001", "+74951112233")
    shown = Counter(seen.card.external_id for seen in box.held())
    assert shown == Counter(box.clients())
    assert len(box.clients()) == 3
    assert box.phones.journal() == []
    assert box.settle() == {"people.people.connections.list": 4}


def test_card_changed_on_a_phone_is_written_with_its_new_version(box: Box) -> None:
    client_id = box.phones.client(1, "st_anna")
    box.settle()
    [seen] = box.held()
    box.open(ANNA).update([replace(seen, card=replace(seen.card, given_name="Пётр"))])
    box.phones.do("client.edit", client=client_id, name="Павел")

    Mirror(box.phones.desk, box.open).refresh([client_id])

    assert [seen.card.given_name for seen in box.held()] == ["Павел"]
    assert [it["value"] for it in box.phones.proposals()] == ["Пётр"]


def test_contact_deleted_under_a_write_is_made_again(box: Box) -> None:
    client_id = box.phones.client(1, "st_anna")
    box.settle()
    [seen] = box.held()
    box.open(ANNA).delete([seen.resource])
    box.phones.do("client.edit", client=client_id, name="Павел")

    Mirror(box.phones.desk, box.open).refresh([client_id])

    assert [seen.card.given_name for seen in box.held()] == ["Павел"]


def test_token_older_than_a_week_is_answered_with_a_look_at_everything(box: Box) -> None:
    client_id = box.phones.client(1, "st_anna")
    box.settle()
    [seen] = box.held()
    noted = replace(seen.card, note=f"{seen.card.note}\nчерез неделю")
    box.open(ANNA).update([replace(seen, card=noted)])
    box.google.people.account(ANNA)._now = _later(box)

    box.settle()

    assert [note.text for note in box.phones.notes(client_id)] == ["через неделю"]


def _later(box: Box) -> Callable[[], datetime]:
    now = box.google.people.account(ANNA)._now
    return lambda: now() + timedelta(days=8)
