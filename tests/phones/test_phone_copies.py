"""Contacts that show a client a second time, or that nobody remembers: a person decides."""

from dataclasses import replace

import pytest
from tests.phones.phone_office import Phones, card_of, only, typed

from kartoteka.domain.errors import ProviderDown
from kartoteka.ports import ContactCard

ANNA, BORIS = "st_anna", "st_boris"


@pytest.fixture
def phones(phones: Phones) -> Phones:
    """Anna's and Boris's own accounts, and Anna's client."""
    phones.per_person()
    phones.client(1, ANNA)
    phones.settle()
    return phones


def client_of(phones: Phones) -> str:
    [seen] = phones.of(ANNA).held.values()
    return seen.card.external_id


def wishes(phones: Phones) -> list[tuple[object, object]]:
    return [(it["field"], it["value"]) for it in phones.proposals()]


def test_name_typed_in_a_copy_that_outlived_the_client_is_proposed(phones: Phones) -> None:
    client_id, account = client_of(phones), phones.of(ANNA)
    copy = account.made(only(account, client_id).card)
    lead = phones.stored(client_id).open_lead_id
    phones.do("lead.assign", lead=lead, owner=BORIS)
    phones.drain()
    number = ("+74950000009", "work")
    account.edited(copy, given_name="Пётр с дачи", phones=(*account.held[copy].card.phones, number))

    phones.settle()

    assert account.held == {}
    assert set(wishes(phones)) == {("name", "Пётр с дачи"), ("contact", "+74950000009")}
    assert phones.stored(client_id).name == "Клиент 1"


def test_old_name_in_a_copy_renames_nobody(phones: Phones) -> None:
    client_id, account = client_of(phones), phones.of(ANNA)
    account.made(only(account, client_id).card)
    phones.do("client.edit", client=client_id, name="Новое имя")
    phones.drain()

    phones.settle()

    assert phones.stored(client_id).name == "Новое имя"
    assert card_of(account, client_id).given_name == "Новое имя"
    assert wishes(phones) == [("name", "Клиент 1")]


def test_copy_takes_the_place_of_a_deleted_contact_with_what_was_typed_there(
    phones: Phones,
) -> None:
    client_id, account = client_of(phones), phones.of(ANNA)
    seen = only(account, client_id)
    phones.do("phones.set", restore=False)
    account.taken_away(seen.resource)
    phones.settle()
    account.made(replace(seen.card, given_name="Пётр с дачи"))

    phones.settle()

    assert wishes(phones) == [("name", "Пётр с дачи")]
    assert card_of(account, client_id).given_name == "Клиент 1"
    assert phones.journal() == []


def test_other_name_for_a_number_that_is_known_is_proposed(phones: Phones) -> None:
    client_id, account = client_of(phones), phones.of(ANNA)
    label = account.labels["К·Новый"]
    numbers = (("+79160000001", ""),)
    card = ContactCard("", "Пётр с дачи", phones=numbers, note="Звонить после шести")
    account.made(replace(card, groups=(label,)))

    phones.settle()

    assert wishes(phones) == [("name", "Пётр с дачи")]
    assert [note.text for note in phones.notes(client_id)] == ["Звонить после шести"]
    assert card_of(account, client_id).given_name == "Клиент 1"


def test_copy_leaves_an_account_that_is_not_used_any_more(phones: Phones) -> None:
    client_id, account = client_of(phones), phones.of(ANNA)
    seen = only(account, client_id)
    account.made(replace(seen.card, note=typed(seen, "только в копии")))
    phones.do("phones.set", accounts="office")

    phones.drain()

    assert account.held == {}
    assert [note.text for note in phones.notes(client_id)] == ["только в копии"]


def test_words_typed_in_a_copy_behind_taken_ones_are_a_comment_of_their_own(
    phones: Phones,
) -> None:
    client_id, account = client_of(phones), phones.of(ANNA)
    seen = only(account, client_id)
    copy = account.made(replace(seen.card, note=typed(seen, "первые")))
    account.fail = 3  # the deletion of the copy: its words were taken by then
    with pytest.raises(ProviderDown):
        phones.look()
    account.edited(copy, note=typed(account.held[copy], "вторые"))

    phones.settle()

    assert sorted(note.text for note in phones.notes(client_id)) == ["вторые", "первые"]


def test_our_own_write_without_an_answer_renames_nobody_when_the_account_goes(
    phones: Phones,
) -> None:
    client_id, account = client_of(phones), phones.of(ANNA)
    phones.do("phones.set", rename="command")
    phones.do("client.edit", client=client_id, name="Второе имя")
    account.lose = 1
    with pytest.raises(ProviderDown):
        phones.drain()
    phones.do("client.edit", client=client_id, name="Третье имя")
    phones.do("phones.set", accounts="office")

    phones.settle()

    assert phones.stored(client_id).name == "Третье имя"
    assert card_of(phones.office, client_id).given_name == "Третье имя"


def test_account_that_is_wanted_again_before_it_was_emptied_is_filled(phones: Phones) -> None:
    client_id, account = client_of(phones), phones.of(ANNA)
    phones.do("phones.set", accounts="office")
    account.lose = 3  # by then its cards are deleted
    with pytest.raises(ProviderDown):
        phones.drain()
    phones.do("phones.set", accounts="staff")

    phones.settle()

    assert card_of(account, client_id).given_name == "Клиент 1"


def test_new_contact_beside_one_whose_making_was_not_answered_leaves_one_card(
    phones: Phones,
) -> None:
    account = phones.of(ANNA)
    client_id = phones.client(2, ANNA)
    account.lose = 1
    with pytest.raises(ProviderDown):
        phones.drain()
    numbers, groups = (("+79160000002", ""),), (account.labels["К·Новый"],)
    account.made(ContactCard("", "Клиент 2", phones=numbers, groups=groups))

    phones.settle()

    assert card_of(account, client_id).given_name == "Клиент 2"
    assert len(account.held) == 2


def test_new_contact_for_a_client_whose_card_was_deleted_on_purpose_becomes_the_card(
    phones: Phones,
) -> None:
    client_id, account = client_of(phones), phones.of(ANNA)
    phones.do("phones.set", restore=False)
    account.taken_away(only(account, client_id).resource)
    phones.settle()
    numbers, groups = (("+79160000001", ""),), (account.labels["К·Новый"],)
    made = account.made(ContactCard("", "Клиент 1", phones=numbers, groups=groups))

    phones.settle()

    assert only(account, client_id).resource == made
