"""What goes with a record that is deleted by right, what stays, and how it all comes back."""

import pytest
from tests.fakes import FixedClock
from tests.kartoteka.deals.deal_desk import (
    ANNA,
    BORIS,
    DAY,
    INNA,
    MINUTE,
    OLGA,
    PHONE,
    RULE,
    VIKTOR,
)
from tests.kartoteka.deletion.deletion_desk import WHY, Office, refused
from tests.kartoteka.services.merging_office import client, made

from kartoteka.domain.change import Actor, Change
from kartoteka.domain.chat import Chat
from kartoteka.domain.model import Activity, Pair
from kartoteka.ports import Query
from kartoteka.services.counters import counters
from kartoteka.services.history import history
from kartoteka.services.loads import Loads, recount
from kartoteka.services.lookup import who_calls
from kartoteka.services.merge import merge
from kartoteka.services.proposals import Wish, propose
from kartoteka.services.read import Look

NEXT = {"what": "call", "due_at": "2026-11-25T09:00:00Z"}


@pytest.mark.parametrize("who", [ANNA, VIKTOR, INNA])
@pytest.mark.parametrize("kind", ["lead", "deal", "client", "task", "company", "activity"])
def test_only_a_director_deletes(office: Office, who: Actor, kind: str) -> None:
    with refused("role_forbids"):
        office.do(who, f"{kind}.delete", **{kind: "x", "reason": WHY})
    with refused("record_unknown"):
        office.delete(kind, "x")


def test_nothing_is_deleted_without_a_reason_or_behind_somebody_else(
    office: Office, clock: FixedClock
) -> None:
    lead = office.lead(office.form().lead_id)
    clock.advance(MINUTE)
    office.do(ANNA, "lead.note", lead=lead.id, note="звонил")

    with refused("reason_required"):
        office.delete("lead", lead.id, reason="  ")
    with refused("stale"):
        office.delete("lead", lead.id, expected=lead.updated_at)

    assert office.lead(lead.id).note == "звонил"


def test_a_deleted_lead_leaves_everything_but_the_log(office: Office, clock: FixedClock) -> None:
    stored = office.form()
    office.do(ANNA, "task.create", title="Позвонить", lead=stored.lead_id, due="2026-11-24")
    before = office.state()
    clock.advance(MINUTE)

    batch = office.delete("lead", stored.lead_id)

    left = office.state()
    assert (left["leads"], left["tasks"]) == ({}, {})
    assert left["clients"][stored.client_id]["open_lead_id"] is None
    assert left["activities"] == before["activities"]
    assert counters(office.desk, ANNA).today == 0
    assert (batch.what, batch.state, batch.count) == ("delete", "done", 2)
    [change] = changes(office, batch.cause)
    assert (change.reason, change.actor.id, change.subject) == (WHY, OLGA.id, stored.client_id)
    life = history(office.desk.store, "lead", stored.lead_id)
    assert life.complete
    assert life.at(clock.now() - MINUTE) == before["leads"][stored.lead_id]

    office.undo(batch)

    assert office.state() == before


def changes(office: Office, cause: str) -> list[Change]:
    log = (entry.doc for entry in office.desk.store.read_log("changes", None, 1000))
    return [change for doc in log if (change := Change.model_validate(doc)).cause == cause]


def test_a_deletion_is_undone_for_thirty_days(office: Office, clock: FixedClock) -> None:
    first, second = (office.form(phone=f"+7916000000{at}", name="x") for at in range(2))
    batches = [office.delete("lead", one.lead_id) for one in (first, second)]
    clock.advance(30 * DAY)
    office.undo(batches[0])
    clock.advance(MINUTE)

    with refused("undo_too_late"):
        office.undo(batches[1])
    with refused("undone_already"):
        office.undo(batches[0])


def test_another_open_lead_of_a_merged_client_takes_the_place(
    office: Office, clock: FixedClock
) -> None:
    first = office.form(phone="+79160000001", name="Мария")
    clock.advance(MINUTE)
    second = office.form(phone="+79160000002", name="Мария")
    merged = merge(office.desk, VIKTOR, first.client_id, second.client_id, cause="x")
    assert merged.open_lead_id == first.lead_id

    office.delete("lead", first.lead_id)

    assert office.client(first.client_id).open_lead_id == second.lead_id


def test_a_lead_that_became_a_deal_waits_for_the_deal(office: Office, clock: FixedClock) -> None:
    deal = office.new_deal(clock)
    with refused("delete_converted"):
        office.delete("lead", deal.lead_id)
    before = office.state()

    batch = office.delete("deal", deal.id)

    assert office.lead(deal.lead_id).deal_id is None
    assert office.client(deal.client_id).open_deal_ids == ()
    assert office.state()["tasks"] == {}
    office.undo(batch)
    assert office.state() == before
    office.delete("deal", deal.id)
    again = office.do(ANNA, "lead.convert", lead=deal.lead_id, deal_type="Наследство")
    assert office.lead(deal.lead_id).deal_id == again.id != deal.id
    office.delete("deal", again.id)
    office.delete("lead", deal.lead_id)
    assert office.state()["leads"] == {}


def test_money_stays_in_the_reports(office: Office, clock: FixedClock) -> None:
    paid = office.new_deal(clock)
    office.do(RULE, "deal.pay", deal=paid.id, amount_minor=100, reference="b1")
    before = office.state()

    with refused("delete_money_deal") as of_deal:
        office.delete("deal", paid.id)
    with refused("delete_money_client") as of_client:
        office.delete("client", paid.client_id)

    assert of_deal.value.facts["deals"] == f"«Ирина» ({paid.id})"
    assert of_client.value.facts == {"deals": f"«Ирина» ({paid.id})", "count": 1}
    assert office.state() == before


def test_a_client_goes_with_all_that_hangs_on_it(office: Office, clock: FixedClock) -> None:
    deal = office.new_deal(clock, offer=True)
    office.do(ANNA, "deal.comment", deal=deal.id, text="Просил скидку")
    loner = client(office.desk, "other", name="Ирина", emails=("i@x.example",))
    chat = Chat(
        id="ct_1",
        channel="telegram",
        account="bot",
        peer="7",
        client_id=deal.client_id,
        created_at=office.desk.now(),
        updated_at=office.desk.now(),
    )
    wish = Wish(client=deal.client_id, field="name", value="Ирина Петровна")
    propose(office.desk, ANNA, wish, cause="test")
    pair = Pair(id="pr_1", left=deal.client_id, right=loner.id, why="name", at=office.desk.now())
    made(office.desk, loner, pair, chat)
    before = office.state()
    clock.advance(MINUTE)

    batch = office.delete("client", deal.client_id)

    left = office.state()
    assert list(left["clients"]) == [loner.id]
    assert list(left["keys"]) == ["mail:i@x.example"]
    for name in ("leads", "deals", "tasks", "activities", "chats", "pairs", "proposals"):
        assert left[name] == {}, name
    assert who_calls(office.desk.store, PHONE) is None
    assert seen(office) == {loner.id}
    office.undo(batch)
    assert office.state() == before


def seen(office: Office) -> set[str]:
    look = Look(office.desk.store, office.desk.settings(), OLGA, office.desk.now())
    names = ("clients", "leads", "deals", "tasks", "activities", "pairs")
    return {str(row["id"]) for name in names for row in look.rows(Query(name))}


def test_a_deleted_lead_is_no_load_of_its_owner(office: Office) -> None:
    stored = [office.form(phone=f"+7916000000{at}", name="x") for at in range(3)]
    settings = office.desk.settings()
    anna = settings.person("st_anna").model_copy(update={"quota": 3})
    alone = settings.model_copy(update={"staff": (anna,)})
    recount(office.desk.store, ["st_anna"], office.desk.now())
    assert Loads().full(office.desk.store, alone) == {"st_anna"}

    office.delete("lead", stored[0].lead_id)

    recount(office.desk.store, ["st_anna"], office.desk.now())
    assert Loads().full(office.desk.store, alone) == set()


def test_the_number_of_a_deleted_client_makes_a_new_one_and_names_it_at_the_undo(
    office: Office, clock: FixedClock
) -> None:
    old = office.form(name="Ирина")
    batch = office.delete("client", old.client_id)
    clock.advance(MINUTE)
    new = office.form(name="Ирина Новая")
    assert new.client_id != old.client_id
    assert not office.lead(new.lead_id).repeat
    before = office.state()

    with refused("undo_key_taken") as taken:
        office.undo(batch)

    assert taken.value.facts == {"holders": f"«Ирина Новая» ({new.client_id})"}
    assert PHONE not in str(taken.value)
    assert office.state() == before

    office.undo(batch, keep_changed=True)
    assert office.client(old.client_id).phones == (PHONE,)
    assert who_calls(office.desk.store, PHONE).client_id == new.client_id
    [pair] = office.state()["pairs"].values()
    assert {pair["left"], pair["right"]} == {old.client_id, new.client_id}


def test_a_deal_that_comes_back_beside_a_new_one_is_named_in_the_card(
    office: Office, clock: FixedClock
) -> None:
    first = office.new_deal(clock)
    batch = office.delete("deal", first.id)
    clock.advance(MINUTE)
    given = {"name": "Второй", "client": first.client_id, "deal_type": "Аудит"}
    second = office.do(ANNA, "deal.create", **given)

    with refused("undo_changed"):
        office.undo(batch)
    office.undo(batch, keep_changed=True)

    assert set(office.client(first.client_id).open_deal_ids) == {first.id, second.id}


def test_a_lead_that_comes_back_beside_a_new_one_leaves_that_in_the_card(
    office: Office, clock: FixedClock
) -> None:
    first = office.form()
    batch = office.delete("lead", first.lead_id)
    clock.advance(MINUTE)
    second = office.form()

    with refused("undo_changed"):
        office.undo(batch)
    office.undo(batch, keep_changed=True)

    assert office.client(first.client_id).open_lead_id == second.lead_id
    assert office.lead(first.lead_id).state == "open"


def test_deleting_the_last_task_asks_what_is_next(office: Office) -> None:
    deal = office.do(
        ANNA,
        "deal.create",
        name="Договор",
        client=office.form().client_id,
        deal_type="Аудит",
    )
    task = office.do(ANNA, "task.create", title="Позвонить", deal=deal.id, due="2026-11-23")
    part = office.do(ANNA, "task.create", title="Часть", parent=task.id, due="2026-11-23")
    before = office.state()

    with refused("what_next"):
        office.delete("task", task.id)
    batch = office.delete("task", task.id, next=NEXT)

    left = office.state()["tasks"]
    assert {task.id, part.id} & set(left) == set()
    assert office.deal(deal.id).next_action.task_id is None
    assert office.deal(deal.id).next_action.what == "call"
    office.undo(batch)
    assert office.state() == before


def test_a_person_deletes_their_own_note_and_nothing_that_happened(
    office: Office, clock: FixedClock
) -> None:
    deal = office.new_deal(clock)
    mine = office.do(OLGA, "deal.comment", deal=deal.id, text="Моя заметка")
    theirs = office.do(ANNA, "deal.comment", deal=deal.id, text="Заметка Анны")
    [call] = [one for one in office.calls_of(deal.client_id) if one.call is not None]
    before = office.state()

    with refused("delete_fact"):
        office.delete("activity", call.id)
    with refused("delete_foreign_note"):
        office.delete("activity", theirs.id)
    batch = office.delete("activity", mine.id)

    assert office.desk.store.get(Activity.collection, mine.id) is None
    office.undo(batch)
    assert office.state() == before


def test_a_merged_card_is_no_client_to_delete_and_goes_with_the_survivor(
    office: Office, clock: FixedClock
) -> None:
    desk = office.desk
    older = client(desk, "a", name="Мария", phones=("+79160000001",))
    newer = client(desk, "b", name="Мария", emails=("m@x.example",))
    made(desk, older, newer)
    merge(desk, VIKTOR, older.id, newer.id, cause="x")
    before = office.state()

    with refused("record_merged"):
        office.delete("client", newer.id)
    batch = office.delete("client", older.id)

    assert (office.state()["clients"], office.state()["keys"]) == ({}, {})
    office.undo(batch)
    assert office.state() == before


def test_a_shared_number_stays_with_the_others(office: Office, clock: FixedClock) -> None:
    desk = office.desk
    people = [client(desk, tag, name=tag) for tag in ("Анна", "Вера", "Нина")]
    made(desk, *people)
    for one in people:
        office.do(OLGA, "client.add_contact", client=one.id, contact=PHONE)
    before = office.state()

    batch = office.delete("client", people[0].id)

    assert office.state()["keys"][f"phone:{PHONE}"]["people"] == [people[1].id, people[2].id]
    assert office.state()["pairs"].keys() < before["pairs"].keys()
    office.undo(batch)
    assert office.state() == before


def test_the_log_tells_colleagues_nothing_of_who_is_gone(office: Office) -> None:
    stored = office.form()
    office.delete("client", stored.client_id)
    desk = office.desk

    told = str(list(Look(desk.store, desk.settings(), BORIS, desk.now()).log()))

    assert [word for word in (PHONE, "Ирина", WHY) if word in told] == []
