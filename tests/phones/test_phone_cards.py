"""Cards on phones: one per client and account, nothing written twice, nobody else's client."""

from datetime import timedelta

import pytest
from tests.fakes import FixedClock
from tests.kartoteka.services.merging_office import client as made_client
from tests.kartoteka.services.merging_office import made, person
from tests.phones.phone_office import Phones, card_of, only, shown

from kartoteka.domain.errors import ProviderDown
from kartoteka.domain.model import Client, Role
from kartoteka.ports import Query
from kartoteka.services.forget import forget
from kartoteka.services.merge import merge
from kartoteka.services.settings_language import SetLanguage, set_language
from kartoteka.services.undo import undo
from sync.phones import links


def test_new_client_becomes_a_contact_with_stage_and_next_step(phones: Phones) -> None:
    client_id = phones.client(1, emails=("irina@client.example",))

    phones.drain()

    card = card_of(phones.office, client_id)
    assert (card.given_name, card.suffix) == ("Клиент 1", "· новый")
    assert card.title == "Новая заявка до 23.11"
    assert card.phones == (("+79160000001", "Новая заявка до 23.11"),)
    assert card.emails == ("irina@client.example",)
    assert card.note.splitlines() == [
        "Посл.: 23.11 09:00 форма вх",
        "Дальше: Связаться с новым клиентом до 23.11 09:15 (Анна)",
        f"K:{client_id[-6:]} 23.11 09:00",
        "---",
    ]
    assert card.groups == (phones.office.labels["К·Новый"],)


def test_second_run_writes_nothing(phones: Phones, clock: FixedClock) -> None:
    phones.client(1)
    phones.drain()
    clock.advance(timedelta(minutes=10))

    assert phones.drain() == []
    assert phones.look() == {"office": 0}
    assert phones.office.writes == []


def test_four_hundred_clients_cost_two_writes_and_a_constant(phones: Phones) -> None:
    for number in range(400):
        phones.client(number)

    calls = phones.drain()

    assert calls == ["groups", *["create_group"] * 7, "page", "create", "create"]
    assert len(phones.office.held) == 400


def test_hundred_changes_cost_one_call(phones: Phones, clock: FixedClock) -> None:
    for number in range(100):
        phones.client(number)
    phones.drain()
    clock.advance(timedelta(hours=1))
    for number in range(100):
        phones.client(number)

    assert phones.drain() == ["update"]


@pytest.mark.parametrize("call", range(1, 12))
@pytest.mark.parametrize("way", ["lose", "fail"])
def test_first_sync_that_breaks_at_any_call_makes_no_second_contact(
    phones: Phones, call: int, way: str
) -> None:
    clients = [phones.client(number) for number in range(3)]
    setattr(phones.office, way, call)
    try:
        phones.drain()
    except ProviderDown:
        phones.drain()

    assert [len(phones.office.of(it)) for it in clients] == [1, 1, 1]
    assert phones.drain() == []


def test_links_that_were_lost_are_found_again_by_our_id(phones: Phones) -> None:
    clients = [phones.client(number) for number in range(3)]
    phones.drain()
    before = set(phones.office.held)
    for kept in ("contact_links", "contact_accounts"):
        for hit in list(phones.desk.store.query(Query(kept))):
            phones.desk.store.run(lambda tx, it=hit, of=kept: tx.delete(of, it.id))

    phones.drain()

    assert set(phones.office.held) == before
    assert shown(phones.office) == set(clients)


def test_contact_deleted_on_a_phone_comes_back_at_the_next_look(phones: Phones) -> None:
    client_id = phones.client(1)
    phones.drain()
    phones.office.taken_away(only(phones.office, client_id).resource)

    phones.look()

    assert shown(phones.office) == {client_id}


def test_contact_deleted_on_a_phone_stays_away_if_the_office_says_so(
    phones: Phones, clock: FixedClock
) -> None:
    phones.do("phones.set", restore=False)
    client_id = phones.client(1)
    phones.drain()
    phones.office.taken_away(only(phones.office, client_id).resource)
    phones.look()
    clock.advance(timedelta(hours=1))
    phones.client(1)

    phones.drain()

    assert phones.office.held == {}


def test_each_phone_holds_the_clients_of_its_owner_only(phones: Phones) -> None:
    phones.per_person()
    hers, his = phones.client(1, "st_anna"), phones.client(2, "st_boris")

    phones.drain()

    assert shown(phones.of("st_anna")) == {hers}
    assert shown(phones.of("st_boris")) == {his}
    assert shown(phones.of("st_olga")) == {hers, his}
    assert phones.office.held == {}


def test_new_owner_takes_the_card_to_their_phone(phones: Phones) -> None:
    phones.per_person()
    client_id = phones.client(1, "st_anna")
    phones.drain()
    lead = phones.stored(client_id).open_lead_id

    phones.do("lead.assign", lead=lead, owner="st_boris")
    phones.drain()

    assert shown(phones.of("st_anna")) == set()
    assert shown(phones.of("st_boris")) == {client_id}


def test_dismissed_person_keeps_no_card_of_ours(phones: Phones) -> None:
    phones.per_person()
    phones.client(1, "st_anna")
    phones.drain()
    [account] = [phones.of("st_anna")]
    own = account.made(card_of(account, phones.client(1)).__class__("", given_name="Мама"))

    phones.do("staff.dismiss", staff="st_anna")
    phones.drain()

    assert set(account.held) == {own}


def test_change_of_mode_moves_all_cards(phones: Phones) -> None:
    client_id = phones.client(1, "st_anna")
    phones.drain()

    phones.per_person()
    phones.drain()
    assert phones.office.held == {}
    assert shown(phones.of("st_anna")) == {client_id}

    phones.do("phones.set", accounts="office")
    phones.drain()
    assert shown(phones.office) == {client_id}
    assert phones.of("st_anna").held == {}


def test_account_that_google_refuses_stops_nobody_else_and_is_filled_later(
    phones: Phones,
) -> None:
    phones.per_person()
    phones.of("st_anna").refuse = True
    hers, his = phones.client(1, "st_anna"), phones.client(2, "st_boris")
    phones.drain()
    assert shown(phones.of("st_boris")) == {his}

    phones.of("st_anna").refuse = False
    phones.drain()
    assert shown(phones.of("st_anna")) == set()
    phones.look()
    phones.drain()
    assert shown(phones.of("st_anna")) == {hers}


def test_portfolio_over_the_limit_keeps_clients_in_work_and_recent_ones(
    phones: Phones, clock: FixedClock
) -> None:
    phones.do("phones.set", most=3, recent_days=30)
    old = [phones.client(number) for number in range(2)]
    for client_id in old:
        lead = phones.stored(client_id).open_lead_id
        phones.do("lead.move", lead=lead, stage="junk", reason="спам")
    phones.drain()
    assert shown(phones.office) == set(old)
    clock.advance(timedelta(days=40))

    new = [phones.client(number) for number in range(10, 14)]
    phones.drain()
    phones.drain()

    assert shown(phones.office) == set(new)
    assert phones.drain() == []


def test_label_that_somebody_deleted_is_made_again(phones: Phones, clock: FixedClock) -> None:
    client_id = phones.client(1)
    phones.drain()
    phones.office.label_deleted("К·Новый")
    clock.advance(timedelta(hours=1))
    phones.client(1)

    phones.drain()

    assert card_of(phones.office, client_id).groups == (phones.office.labels["К·Новый"],)


def test_contact_of_a_merged_client_goes_and_comes_back_with_the_undo(
    phones: Phones, clock: FixedClock
) -> None:
    older, newer = two(phones, clock)
    head = person(phones.desk, Role.HEAD)
    phones.drain()
    merge(phones.desk, head, older.id, newer.id, cause="x")

    assert phones.drain() == ["get", "delete", "update"]
    numbers = [number for number, _ in card_of(phones.office, older.id).phones]
    assert numbers == [*older.phones, *newer.phones]
    assert shown(phones.office) == {older.id}

    [batch] = phones.desk.store.query(Query("batches"))
    undo(phones.desk, head, batch.id, cause="x")
    phones.drain()
    assert shown(phones.office) == {older.id, newer.id}


@pytest.mark.parametrize("is_there", [True, False])
def test_label_of_a_persons_own_goes_over_to_the_contact_that_two_clients_became(
    phones: Phones, clock: FixedClock, *, is_there: bool
) -> None:
    older, newer = two(phones, clock)
    phones.drain()
    phones.office.labels["Рыбалка"] = own = "contactGroups/own"
    [seen] = phones.office.of(newer.id)
    phones.office.edited(seen.resource, groups=(*seen.card.groups, own))
    phones.settle()
    if not is_there:
        phones.office.taken_away(phones.office.of(older.id)[0].resource)
        store = phones.desk.store
        links.drop(store, links.of_clients(store, "office", [older.id]).values())
    merge(phones.desk, person(phones.desk, Role.HEAD), older.id, newer.id, cause="x")
    phones.drain()

    assert shown(phones.office) == {older.id}
    assert own in card_of(phones.office, older.id).groups
    assert phones.drain() == []


def test_deleted_contact_comes_back_with_the_label_of_its_person(phones: Phones) -> None:
    client_id = phones.client(1)
    phones.drain()
    phones.office.labels["Рыбалка"] = own = "contactGroups/own"
    seen = phones.office.of(client_id)[0]
    phones.office.edited(seen.resource, groups=(*seen.card.groups, own))
    phones.settle()
    phones.office.taken_away(seen.resource)
    phones.settle()
    assert own in card_of(phones.office, client_id).groups

    phones.office.taken_away(phones.office.of(client_id)[0].resource)
    del phones.office.labels["Рыбалка"]
    phones.settle()
    assert own not in card_of(phones.office, client_id).groups


def test_contact_of_a_forgotten_client_goes_with_all_that_is_known_of_it(
    phones: Phones, clock: FixedClock
) -> None:
    one, other = two(phones, clock)
    phones.drain()
    forget(phones.desk, person(phones.desk, Role.DIRECTOR), one.id, cause="x")

    phones.drain()

    assert shown(phones.office) == {other.id}
    assert [hit.doc["client_id"] for hit in phones.desk.store.query(Query("contact_links"))] == [
        other.id
    ]


def test_name_of_ten_thousand_characters_fits_the_field(phones: Phones) -> None:
    client_id = phones.client(1, name="Ы" * 10_000)

    phones.drain()

    assert len(card_of(phones.office, client_id).given_name) == 1_000


def two(phones: Phones, clock: FixedClock) -> list[Client]:
    found = []
    for tag in "ab":
        one = made_client(phones.desk, tag, name="Мария", phones=(f"+7916000000{ord(tag) % 10}",))
        made(phones.desk, one)
        found.append(one)
        clock.advance(timedelta(hours=1))
    return found


def test_label_of_the_language_before_is_replaced_by_that_of_the_new_one(
    phones: Phones, clock: FixedClock
) -> None:
    client_id = phones.client(1)
    phones.drain()
    director = person(phones.desk, Role.DIRECTOR)
    set_language(phones.desk, director, SetLanguage(language="en"), "test")
    clock.advance(timedelta(minutes=10))

    phones.drain()
    phones.look()

    card = card_of(phones.office, client_id)
    assert card.groups == (phones.office.labels["K·New"],)
    assert card.title.startswith("New request")
