"""Contacts mirror: one contact per client, nothing written twice, nothing ever duplicated."""

from datetime import timedelta

import pytest
from tests.fakes import FixedClock
from tests.sync.fake_contacts import FakeContacts

from kartoteka.domain.errors import ProviderDown
from kartoteka.domain.ids import InboundId
from kartoteka.domain.inbound import Inbound, Kind, Person
from kartoteka.services.consume import drain
from kartoteka.services.office import Desk
from kartoteka.services.record_inbound import record
from sync.contacts_mirror import Mirror


@pytest.fixture
def contacts() -> FakeContacts:
    return FakeContacts()


def client(desk: Desk, number: int, **person: object) -> str:
    sender = Person(name=f"Клиент {number}", phones=(f"+7916000{number:04}",), **person)
    name = InboundId(f"in_{number}_{desk.now():%H%M%S}")
    inbound = Inbound(
        id=name,
        channel="form",
        account="consult",
        event_id=name,
        what=Kind.FORM,
        at=desk.now(),
        received_at=desk.now(),
        sender=sender,
    )
    return record(desk, inbound).client_id or ""


def mirror(desk: Desk, contacts: FakeContacts) -> list[str]:
    """Drain once and return the calls it cost."""
    contacts.calls.clear()
    drain(desk, "contacts", Mirror(desk, contacts).apply, batch=1000, most=10_000)
    return list(contacts.calls)


def test_new_client_becomes_a_contact_with_stage_and_next_step(
    desk: Desk, contacts: FakeContacts
) -> None:
    client_id = client(desk, 1, emails=("irina@client.example",))

    mirror(desk, contacts)

    [seen] = contacts.held.values()
    card = seen.card
    assert (card.external_id, card.given_name) == (client_id, "Клиент 1")
    assert card.title == "Новая заявка до 23.11"
    assert card.phones == (("+79160000001", "Новая заявка до 23.11"),)
    assert card.emails == ("irina@client.example",)
    assert card.suffix == "· новый"
    assert card.note.splitlines()[:2] == [
        "Посл.: 23.11 09:00 форма вх",
        "Дальше: Связаться с новым клиентом до 23.11 09:15 (Анна)",
    ]
    assert card.groups == (contacts.labels["К·Новый"],)


def test_second_run_writes_nothing(desk: Desk, contacts: FakeContacts, clock: FixedClock) -> None:
    client_id = client(desk, 1)
    mirror(desk, contacts)
    clock.advance(timedelta(minutes=5))
    contacts.calls.clear()

    Mirror(desk, contacts).refresh([client_id])

    assert contacts.calls == []


def test_four_hundred_clients_cost_two_writes_and_two_label_calls(
    desk: Desk, contacts: FakeContacts
) -> None:
    for number in range(400):
        client(desk, number)

    calls = mirror(desk, contacts)

    assert calls == ["groups", "create_group", "create", "create"]
    assert len(contacts.held) == 400


def test_lost_answer_to_a_creation_makes_no_second_contact(
    desk: Desk, contacts: FakeContacts
) -> None:
    client(desk, 1)
    client(desk, 2)
    contacts.lose = True
    with pytest.raises(ProviderDown):
        mirror(desk, contacts)

    mirror(desk, contacts)
    mirror(desk, contacts)

    assert sorted(seen.card.given_name for seen in contacts.held.values()) == [
        "Клиент 1",
        "Клиент 2",
    ]


def test_contact_edited_on_a_phone_is_written_with_its_fresh_etag(
    desk: Desk, contacts: FakeContacts, clock: FixedClock
) -> None:
    client(desk, 1)
    mirror(desk, contacts)
    [resource] = contacts.held
    contacts.touched_by_a_person(resource)
    clock.advance(timedelta(hours=1))
    client(desk, 1)

    mirror(desk, contacts)

    assert "10:00" in contacts.held[resource].card.note


def test_contact_deleted_on_a_phone_is_made_again(
    desk: Desk, contacts: FakeContacts, clock: FixedClock
) -> None:
    client(desk, 1)
    mirror(desk, contacts)
    contacts.held.clear()
    clock.advance(timedelta(hours=1))
    client(desk, 1)

    mirror(desk, contacts)

    assert len(contacts.held) == 1


def test_name_of_ten_thousand_characters_fits_the_field(desk: Desk, contacts: FakeContacts) -> None:
    sender = Person(name="Ы" * 10_000, phones=("+79160000001",))
    inbound = Inbound(
        id=InboundId("in_long"),
        channel="form",
        account="consult",
        event_id="long",
        what=Kind.FORM,
        at=desk.now(),
        received_at=desk.now(),
        sender=sender,
    )
    record(desk, inbound)

    mirror(desk, contacts)

    [seen] = contacts.held.values()
    assert len(seen.card.given_name) == 1_000
    assert seen.card.given_name.endswith("…")
