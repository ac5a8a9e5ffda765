"""From the phone back: comments once, clients from new contacts, proposals; nothing is lost."""

from dataclasses import replace
from datetime import timedelta

import pytest
from tests.fakes import FixedClock
from tests.phones.phone_office import Phones, card_of, only, shown, typed

from kartoteka.domain.errors import Invalid, NotAllowed
from kartoteka.domain.model import Lead
from kartoteka.ports import ContactCard, Query


@pytest.fixture
def anna(phones: Phones) -> Phones:
    """Everybody has their own account; what follows happens on Anna's phone."""
    phones.per_person()
    return phones


def hers(phones: Phones, number: int = 1) -> str:
    client_id = phones.client(number, "st_anna")
    phones.drain()
    return client_id


def test_words_under_the_line_become_her_comment_once_and_leave_the_note(anna: Phones) -> None:
    client_id = hers(anna)
    account = anna.of("st_anna")
    seen = only(account, client_id)
    account.edited(seen.resource, note=typed(seen, "Просил перезвонить\nпосле обеда"))

    anna.look()
    anna.settle()

    [note] = anna.notes(client_id)
    assert (note.staff_id, note.text) == ("st_anna", "Просил перезвонить\nпосле обеда")
    assert card_of(account, client_id).note.endswith("\n---")


def test_the_same_words_typed_again_are_a_second_comment(anna: Phones) -> None:
    client_id = hers(anna)
    account = anna.of("st_anna")
    for _ in range(2):
        seen = only(account, client_id)
        account.edited(seen.resource, note=typed(seen, "Не дозвонилась"))
        anna.look()

    assert [note.text for note in anna.notes(client_id)] == ["Не дозвонилась"] * 2


@pytest.mark.parametrize("dash", ["—", "–—", "---", "--"])
def test_line_that_the_phone_prettified_is_still_the_line(anna: Phones, dash: str) -> None:
    client_id = hers(anna)
    account = anna.of("st_anna")
    seen = only(account, client_id)
    account.edited(seen.resource, note=typed(seen, "слова").replace("---", dash))

    anna.look()

    [note] = anna.notes(client_id)
    assert note.text.strip("—–- \n") == "слова"


def test_words_typed_while_the_card_is_being_rewritten_survive(
    anna: Phones, clock: FixedClock
) -> None:
    client_id = hers(anna)
    account = anna.of("st_anna")
    seen = only(account, client_id)
    account.edited(seen.resource, note=typed(seen, "важно"))
    clock.advance(timedelta(hours=1))
    anna.client(1)

    anna.drain()

    assert [note.text for note in anna.notes(client_id)] == ["важно"]
    assert "10:00" in card_of(account, client_id).note


def test_words_on_a_card_that_leaves_for_another_phone_are_kept(anna: Phones) -> None:
    client_id = hers(anna)
    account = anna.of("st_anna")
    seen = only(account, client_id)
    account.edited(seen.resource, note=typed(seen, "передаю Борису"))

    anna.do("lead.assign", lead=anna.stored(client_id).open_lead_id, owner="st_boris")
    anna.drain()

    assert shown(account) == set()
    said = [note.text for note in anna.notes(client_id)]
    assert said == ["передаю Борису"] or "передаю Борису" in str(anna.journal())


def test_contact_with_the_label_new_becomes_client_and_lead_of_hers(anna: Phones) -> None:
    anna.drain()
    account = anna.of("st_anna")
    made = account.made(
        ContactCard(
            "",
            given_name="Пётр",
            family_name="Ильин",
            company="Ромашка",
            phones=(("8 (916) 555-01-01", "mobile"), ("+74951112233", "work")),
            emails=("Petr@Mail.example",),
            note="по рекомендации",
            groups=(account.labels["К·Новый"],),
        )
    )

    anna.look()

    [seen] = account.held.values()
    client = anna.stored(seen.card.external_id)
    lead = Lead.model_validate(anna.desk.store.get("leads", client.open_lead_id or ""))
    assert seen.resource == made
    assert (client.name, client.company, client.owner_id) == ("Пётр Ильин", "Ромашка", "st_anna")
    assert client.phones == ("+79165550101", "+74951112233")
    assert client.emails == ("petr@mail.example",)
    assert (lead.owner_id, lead.note) == ("st_anna", "по рекомендации")
    assert seen.card.title.startswith("Новая заявка")
    anna.settle()
    assert anna.desk.store.count(Query("leads")) == 1


def test_new_contact_of_somebody_in_work_elsewhere_stays_hers_and_is_told(anna: Phones) -> None:
    anna.client(1, "st_boris")
    anna.drain()
    account = anna.of("st_anna")
    card = ContactCard(
        "", "Знакомый", phones=(("+79160000001", ""),), groups=(account.labels["К·Новый"],)
    )
    account.made(card)

    anna.look()
    anna.look()

    assert [seen.card for seen in account.held.values()] == [card]
    [line] = anna.journal()
    assert (line["who"], line["typed"]) == ("st_anna", "Знакомый, +79160000001")
    assert anna.desk.store.count(Query("leads")) == 1


def test_new_contact_of_a_client_who_is_on_the_phone_already_is_one_card(anna: Phones) -> None:
    client_id = hers(anna)
    account = anna.of("st_anna")
    account.made(
        ContactCard(
            "",
            "Он же",
            phones=(("89160000001", ""), ("+79160009999", "")),
            groups=(account.labels["К·Новый"],),
        )
    )

    anna.settle()

    assert len(account.held) == 1
    assert anna.stored(client_id).phones == ("+79160000001", "+79160009999")


def test_contact_without_a_number_is_told_and_tried_again_when_it_gets_one(anna: Phones) -> None:
    anna.drain()
    account = anna.of("st_anna")
    label = account.labels["К·Новый"]
    made = account.made(ContactCard("", "Без номера", groups=(label,)))
    anna.look()
    assert [line["typed"] for line in anna.journal()] == ["Без номера"]

    account.edited(made, phones=(("+79165550101", ""),))
    anna.look()

    assert account.held[made].card.external_id.startswith("cl_")


def test_renamed_contact_is_proposed_and_shown_again_as_the_office_has_it(anna: Phones) -> None:
    client_id = hers(anna)
    account = anna.of("st_anna")
    account.edited(only(account, client_id).resource, given_name="Пётр", family_name="Ильин")

    anna.settle()

    [proposal] = anna.proposals()
    assert (proposal["field"], proposal["value"], proposal["by"]) == (
        "name", "Пётр Ильин", "st_anna",
    )  # fmt: skip
    assert card_of(account, client_id).given_name == "Клиент 1"

    anna.do("proposal.accept", anna.person("st_anna"), proposal=proposal["id"])
    anna.drain()
    assert card_of(account, client_id).given_name == "Пётр Ильин"
    with pytest.raises(Invalid):
        anna.do("proposal.refuse", anna.person("st_anna"), proposal=proposal["id"])


def test_proposal_is_seen_and_decided_by_those_who_hold_the_client_only(anna: Phones) -> None:
    client_id = hers(anna)
    account = anna.of("st_anna")
    account.edited(only(account, client_id).resource, given_name="Пётр")
    anna.look()
    [proposal] = anna.proposals()
    boris = anna.person("st_boris")

    assert anna.do("proposal.list", boris).open == ()
    assert len(anna.do("proposal.list", anna.person("st_viktor")).open) == 1
    with pytest.raises(NotAllowed):
        anna.do("proposal.accept", boris, proposal=proposal["id"])


def test_rename_is_a_command_where_the_office_says_so(anna: Phones) -> None:
    anna.do("phones.set", rename="command")
    client_id = hers(anna)
    account = anna.of("st_anna")
    account.edited(only(account, client_id).resource, given_name="Пётр")

    anna.look()

    assert anna.stored(client_id).name == "Пётр"
    assert card_of(account, client_id).given_name == "Пётр"


def test_name_that_both_sides_changed_is_proposed_whatever_the_rule(anna: Phones) -> None:
    anna.do("phones.set", rename="command")
    client_id = hers(anna)
    account = anna.of("st_anna")
    account.edited(only(account, client_id).resource, given_name="Пётр")
    anna.do("client.edit", client=client_id, name="Павел")

    anna.drain()

    assert anna.stored(client_id).name == "Павел"
    assert [it["value"] for it in anna.proposals()] == ["Пётр"]


def test_added_number_and_address_become_the_clients(anna: Phones) -> None:
    client_id = hers(anna)
    account = anna.of("st_anna")
    seen = only(account, client_id)
    account.edited(
        seen.resource,
        phones=(*seen.card.phones, ("8 495 111-22-33", "work")),
        emails=("New@Mail.example",),
    )

    anna.look()

    client = anna.stored(client_id)
    assert client.phones == ("+79160000001", "+74951112233")
    assert client.emails == ("new@mail.example",)
    assert [number for number, _ in card_of(account, client_id).phones] == [*client.phones]


@pytest.mark.parametrize("value", ["домофон 12", "+74950000103"])
def test_number_that_cannot_be_a_clients_stands_in_the_journal(anna: Phones, value: str) -> None:
    client_id = hers(anna)
    account = anna.of("st_anna")
    seen = only(account, client_id)
    account.edited(seen.resource, phones=(*seen.card.phones, (value, "")))

    anna.look()

    assert [line["typed"] for line in anna.journal()] == [value]
    assert card_of(account, client_id).phones == seen.card.phones


def test_changed_line_of_ours_is_put_back_and_told(anna: Phones) -> None:
    client_id = hers(anna)
    account = anna.of("st_anna")
    seen = only(account, client_id)
    account.edited(
        seen.resource, note=seen.card.note.replace("Дальше", "Потом"), title="Моя стадия"
    )

    anna.look()

    card = card_of(account, client_id)
    assert (card.note, card.title) == (seen.card.note, seen.card.title)
    assert {line["column"] for line in anna.journal()} == {"note", "title"}


def test_number_taken_away_on_a_phone_is_put_back_and_told(anna: Phones) -> None:
    client_id = hers(anna)
    account = anna.of("st_anna")
    account.edited(only(account, client_id).resource, phones=())

    anna.look()

    assert len(card_of(account, client_id).phones) == 1
    assert [line["column"] for line in anna.journal()] == ["phones"]


def test_number_that_two_people_added_is_the_clients_once_and_no_conflict(anna: Phones) -> None:
    client_id = hers(anna)
    for who, number in (("st_anna", "+7 916 111-22-33"), ("st_viktor", "8 916 1112233")):
        seen = only(anna.of(who), client_id)
        phones = (*seen.card.phones, (number, ""))
        anna.of(who).edited(seen.resource, phones=phones)
    anna.settle()

    assert anna.stored(client_id).phones == ("+79160000001", "+79161112233")
    assert anna.journal() == []
    assert anna.drain() == []


def test_label_that_she_gave_a_number_stands_in_the_journal(anna: Phones) -> None:
    client_id = hers(anna)
    account = anna.of("st_anna")
    seen = only(account, client_id)
    account.edited(seen.resource, phones=((seen.card.phones[0][0], "рабочий"),))
    anna.settle()

    assert card_of(account, client_id).phones == seen.card.phones
    assert [line["typed"] for line in anna.journal()] == ["+79160000001 рабочий"]


def test_label_and_fields_of_her_own_stay(anna: Phones, clock: FixedClock) -> None:
    client_id = hers(anna)
    account = anna.of("st_anna")
    account.labels["Рыбалка"] = "contactGroups/own"
    seen = only(account, client_id)
    account.edited(seen.resource, groups=(*seen.card.groups, "contactGroups/own"))
    clock.advance(timedelta(hours=1))
    anna.client(1)

    anna.settle()

    assert "contactGroups/own" in card_of(account, client_id).groups
    assert anna.journal() == []


def test_second_copy_of_a_card_goes_and_what_was_typed_there_is_kept(anna: Phones) -> None:
    client_id = hers(anna)
    account = anna.of("st_anna")
    seen = only(account, client_id)
    account.made(replace(seen.card, note=typed(seen, "в копии")))

    anna.settle()

    assert only(account, client_id).resource == seen.resource
    assert [note.text for note in anna.notes(client_id)] == ["в копии"]


def test_older_version_in_googles_list_is_nobodys_edit(anna: Phones, clock: FixedClock) -> None:
    client_id = hers(anna)
    account = anna.of("st_anna")
    old = only(account, client_id)
    anna.do("client.edit", client=client_id, name="Новое имя")
    anna.drain()
    account.late[old.resource] = old

    anna.look()

    assert card_of(account, client_id).given_name == "Новое имя"
    assert (anna.proposals(), anna.journal()) == ([], [])


def test_expired_token_loses_no_edit_and_no_deletion(anna: Phones) -> None:
    first, second = hers(anna, 1), hers(anna, 2)
    account = anna.of("st_anna")
    anna.look()
    account.expired = True
    seen = only(account, first)
    account.edited(seen.resource, note=typed(seen, "через неделю"))
    account.taken_away(only(account, second).resource)

    anna.look()

    assert [note.text for note in anna.notes(first)] == ["через неделю"]
    assert shown(account) == {first, second}


def test_edits_on_the_common_account_are_nobodys_in_particular(phones: Phones) -> None:
    client_id = phones.client(1)
    phones.drain()
    seen = only(phones.office, client_id)
    phones.office.edited(seen.resource, note=typed(seen, "кто-то"))

    phones.look()

    [note] = phones.notes(client_id)
    assert (note.staff_id, note.text) == (None, "кто-то")


def test_look_on_demand_is_queued(phones: Phones) -> None:
    phones.do("phones.look", phones.person("st_anna"))

    assert phones.desk.tasks.queued[-1].path == "/sync/look/contacts"  # type: ignore[attr-defined]
