"""Our contacts adapter through Google's client: a contact can be written again and again."""

from collections.abc import Callable
from typing import Any

import pytest

from kartoteka.adapters.people import PeopleContacts
from kartoteka.domain.errors import Conflict
from kartoteka.ports import ContactCard, ContactSeen
from kartoteka.settings import Settings


@pytest.fixture
def contacts(client: Callable[..., Any]) -> PeopleContacts:
    port = PeopleContacts(Settings(google_endpoint="http://stand-in/google"))
    port._local.service = client("people")
    return port


def card(name: str) -> ContactCard:
    return ContactCard("cl_1", given_name=name, phones=(("+79005550101", "Новая"),), note="раз")


def test_contact_just_written_is_written_again_with_the_version_that_came_back(
    contacts: PeopleContacts,
) -> None:
    [made] = contacts.create([card("Мария")])
    assert made is not None
    [first] = contacts.update([ContactSeen(made.resource, made.etag, card("Мария К."))])
    assert first is not None
    [second] = contacts.update([ContactSeen(first.resource, first.etag, card("Мария Кузнецова"))])

    assert second is not None
    assert second.card.given_name == "Мария Кузнецова"
    [listed] = contacts.page(None, None).contacts
    assert listed == second


def test_contact_that_a_phone_changed_meanwhile_is_a_conflict(contacts: PeopleContacts) -> None:
    [made] = contacts.create([card("Мария")])
    assert made is not None
    contacts.update([ContactSeen(made.resource, made.etag, card("Мария К."))])

    with pytest.raises(Conflict):
        contacts.update([ContactSeen(made.resource, made.etag, card("Маша"))])
