"""Keys of several people, questions to the office, the nightly look for duplicates."""

from datetime import timedelta

import pytest
from tests.fakes import FixedClock
from tests.kartoteka.services.merging_office import (
    children,
    client,
    form,
    made,
    person,
    read,
    state,
    stopping,
)

from automation import duplicates, engine
from kartoteka.domain.duplicates import alike, name_key, pair_id
from kartoteka.domain.errors import Invalid, Transient
from kartoteka.domain.merging import keys_of
from kartoteka.domain.model import Client, Pair, Role
from kartoteka.ports import Query, Tx
from kartoteka.services.duplicates import Contact, add_contact, distinct, drop_contact
from kartoteka.services.forget import forget
from kartoteka.services.lookup import who_calls
from kartoteka.services.merge import merge
from kartoteka.services.office import Desk
from kartoteka.services.undo import undo

OFFICE_PHONE = "+79160009999"


def pairs(desk: Desk) -> dict[str, Pair]:
    return {hit.id: Pair.model_validate(hit.doc) for hit in desk.store.query(Query("pairs"))}


def colleagues(desk: Desk, number: int) -> list[Client]:
    """People of one firm, told apart by the office, who all use one number."""
    head = person(desk, Role.HEAD)
    people = [client(desk, f"Коллега {at}", emails=(f"c{at}@x.example",)) for at in range(number)]
    made(desk, *people)
    for one in people:
        add_contact(desk, head, Contact(one.id, OFFICE_PHONE), cause="x")
    for pair in pairs(desk).values():
        distinct(desk, head, pair.id, cause="x")
    return people


def test_a_number_of_two_people_still_finds_its_holder(desk: Desk) -> None:
    first, _ = colleagues(desk, 2)

    assert form(desk, "1", phones=(OFFICE_PHONE,)).client_id == first.id
    found = who_calls(desk.store, OFFICE_PHONE)
    assert found is not None
    assert found.client_id == first.id


def test_a_number_of_three_people_finds_only_who_is_called_so(desk: Desk) -> None:
    people = colleagues(desk, 3)

    assert who_calls(desk.store, OFFICE_PHONE) is None
    by_name = form(desk, "1", name="коллега 1", phones=(OFFICE_PHONE,))
    assert by_name.client_id == people[1].id
    stranger = form(desk, "2", name="Четвёртый", phones=(OFFICE_PHONE,))
    assert stranger.client_id not in {one.id for one in people}
    again = form(desk, "3", name="Четвёртый", phones=(OFFICE_PHONE,))
    nameless = [form(desk, f"4{at}", phones=(OFFICE_PHONE,)).client_id for at in range(3)]

    assert again.client_id == stranger.client_id
    assert len(set(nameless)) == 1
    assert len(state(desk.store)["clients"]) == 5
    assert all(pair.state == "distinct" for pair in pairs(desk).values())


def test_a_shared_number_serves_one_again_when_people_turn_out_to_be_one(desk: Desk) -> None:
    people = colleagues(desk, 3)
    prefer = {"name": people[0].id}
    merge(desk, person(desk, Role.HEAD), people[0].id, people[1].id, cause="x", prefer=prefer)

    found = who_calls(desk.store, OFFICE_PHONE)

    assert found is not None
    assert found.client_id == people[0].id


def test_a_dropped_number_is_free_again(desk: Desk) -> None:
    one = client(desk, "a", phones=(OFFICE_PHONE,))
    made(desk, one)
    head = person(desk, Role.HEAD)

    kept = drop_contact(desk, head, Contact(one.id, "8 916 000-99-99"), cause="x")

    assert kept.phones == ()
    assert form(desk, "1", name="Новый", phones=(OFFICE_PHONE,)).client_id != one.id
    with pytest.raises(Invalid, match="no such contact"):
        drop_contact(desk, head, Contact(one.id, OFFICE_PHONE), cause="x")


@pytest.mark.parametrize(
    ("contact", "code"), [("abc", "contact_unreadable"), ("+7 495 000-01-03", "own_number")]
)
def test_what_names_no_client_is_refused(desk: Desk, contact: str, code: str) -> None:
    one = client(desk, "a")
    made(desk, one)

    with pytest.raises(Invalid) as refused:
        add_contact(desk, person(desk, Role.HEAD), Contact(one.id, contact), cause="x")
    assert refused.value.code == code


def test_two_people_of_one_event_stay_apart_once_told(desk: Desk) -> None:
    first = form(desk, "1", name="А", phones=("+79160000001",))
    second = form(desk, "2", name="Б", emails=("b@x.example",))
    form(desk, "3", phones=("+79160000001",), emails=("b@x.example",))
    [pair] = pairs(desk).values()
    assert {pair.left, pair.right} == {first.client_id, second.client_id}

    distinct(desk, person(desk, Role.HEAD), pair.id, cause="x")
    form(desk, "4", phones=("+79160000001",), emails=("b@x.example",))
    duplicates.run(desk)

    assert [one.state for one in pairs(desk).values()] == ["distinct"]
    key = state(desk.store)["keys"]["mail:b@x.example"]
    assert set(key["people"]) == {first.client_id, second.client_id}


def test_plain_duplicates_are_merged_at_night_and_others_asked(
    desk: Desk, clock: FixedClock
) -> None:
    plain = [client(desk, f"p{at}", name="Одна", phones=(f"+7916000000{at}",)) for at in range(2)]
    plain[1] = plain[1].model_copy(update={"phones": (*plain[1].phones, plain[0].phones[0])})
    unlike = [client(desk, f"u{at}", name=f"Имя {at}", emails=("u@x.example",)) for at in range(2)]
    owned = [
        client(desk, f"o{at}", name="Имя", owner_id=owner, emails=("o@x.example",))
        for at, owner in enumerate(("st_anna", "st_boris"))
    ]
    locked = [client(desk, f"l{at}", name="Закрытая", emails=("l@x.example",)) for at in range(2)]
    everybody = [*plain, *unlike, *owned, *locked]
    for one in everybody:
        made_without_keys(desk, one)
    deal = children(desk, locked[0], 2)[1].model_copy(update={"locked": True})
    made(desk, *children(desk, plain[1], 8), deal)
    clock.advance(timedelta(hours=1))

    counts = duplicates.run(desk)

    assert (counts["by_key"], counts["merged"]) == (4, 1)
    assert read(desk.store, Client, plain[1].id).merged_into == plain[0].id
    for left, right in (unlike, owned, locked):
        assert pairs(desk)[pair_id(left.id, right.id)].state == "open"
        assert read(desk.store, Client, right.id).merged_into is None
    assert duplicates.run(desk)["by_key"] == 0

    [batch] = desk.store.query(Query("batches"))
    undo(desk, person(desk, Role.HEAD), batch.id, cause="x")
    assert read(desk.store, Client, plain[1].id).merged_into is None
    assert duplicates.run(desk)["merged"] == 0


def made_without_keys(desk: Desk, one: Client) -> None:
    """A client whose keys another one may hold, as old bases that were put together have them."""
    held = state(desk.store)["keys"]

    def work(tx: Tx) -> None:
        tx.put("clients", one.id, one.model_dump(mode="json"))
        for name in keys_of(one):
            if name not in held:
                tx.put("keys", name, {"client_id": one.id})

    desk.store.run(work)


def test_names_that_look_alike_are_suggested_once(desk: Desk) -> None:
    made(
        desk,
        client(desk, "1", name="Алексеев Пётр", company='ООО "Ромашка"'),
        client(desk, "2", name="Петр Алексеева", company="ромашка"),
        client(desk, "3", name="Алексеев Пётр", company="Лютик"),
        client(desk, "4", name="Алексеев Пётр"),
    )

    assert duplicates.run(desk)["by_name"] == 1
    assert duplicates.run(desk)["by_name"] == 0
    [pair] = pairs(desk).values()
    assert (pair.id, pair.why) == (pair_id("cl_1", "cl_2"), "name")


def test_a_common_name_suggests_a_bounded_number_of_pairs(desk: Desk) -> None:
    made(desk, *(client(desk, f"{at:03}", name="Иванов Иван Иванович") for at in range(60)))

    assert duplicates.run(desk)["by_name"] == 20 * 19 // 2


def test_too_little_of_a_name_is_no_block() -> None:
    assert name_key("Иван Иванов", "") is None
    assert name_key("", "Ромашка") is None
    assert name_key("Иван", "Ромашка") == name_key("Ивaн".replace("a", "а"), "ООО «РОМАШКА»")
    assert not alike(("Иван", "Ромашка"), ("Иван", "Рамаяна и сыновья"))


def test_the_night_goes_on_with_what_a_crash_stopped(desk: Desk) -> None:
    one, other = client(desk, "a"), client(desk, "b", name="a")
    made(desk, one, other, *children(desk, other, 250))
    gone = client(desk, "c", name="Забытая", emails=("c@x.example",))
    made(desk, gone, *children(desk, gone, 8))
    with pytest.raises(Transient):
        merge(stopping(desk, 1), person(desk, Role.HEAD), one.id, other.id, cause="x")
    with pytest.raises(Transient):
        forget(stopping(desk, 2), person(desk, Role.DIRECTOR), gone.id, cause="x")

    assert duplicates.run(desk)["gone_on"] == 2

    docs = state(desk.store)
    assert not any(doc["client_id"] == other.id for doc in docs["activities"].values())
    assert "Забытая" not in str(docs)
    assert duplicates.run(desk)["gone_on"] == 0


def test_rules_do_nothing_about_mass_acts(desk: Desk, clock: FixedClock) -> None:
    first = form(desk, "1", name="Мария", phones=("+79160000001",))
    clock.advance(timedelta(minutes=1))
    second = form(desk, "2", name="Мария", phones=("+79160000002",))
    head, director = person(desk, Role.HEAD), person(desk, Role.DIRECTOR)
    engine.run(desk)
    before = {name: list(desk.store.query(Query(name))) for name in ("tasks", "notices")}
    prefer = {"owner_id": first.client_id or ""}

    merge(desk, head, first.client_id or "", second.client_id or "", cause="x", prefer=prefer)
    [batch] = desk.store.query(Query("batches"))
    undo(desk, head, batch.id, cause="x")
    forget(desk, director, second.client_id or "", cause="x")
    assert engine.run(desk).handled > 0

    assert before == {name: list(desk.store.query(Query(name))) for name in before}
