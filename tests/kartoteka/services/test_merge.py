"""Two clients become one and two again."""

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

from kartoteka.adapters.counted import CountedStore
from kartoteka.domain.batch import Batch
from kartoteka.domain.change import Change
from kartoteka.domain.duplicates import pair_id
from kartoteka.domain.errors import Conflict, Invalid, NotAllowed, Transient
from kartoteka.domain.ladder import Move
from kartoteka.domain.model import Client, Lead, Pair, Role
from kartoteka.ports import Query
from kartoteka.services import leads
from kartoteka.services.duplicates import Contact, add_contact
from kartoteka.services.lookup import who_calls
from kartoteka.services.merge import merge
from kartoteka.services.office import Desk
from kartoteka.services.undo import undo

DAY = timedelta(days=1)
CAUSE = "command:client.merge"


def two(desk: Desk, clock: FixedClock, **of_second: object) -> tuple[Client, Client]:
    """An older client and a newer one that differ in nothing but their contacts."""
    older = client(desk, "Мария", phones=("+79160000001",), tags=("vip",))
    made(desk, older)
    clock.advance(DAY)
    newer = client(desk, "Маша", **{"name": "Мария", "phones": ("+79160000002",)} | of_second)
    made(desk, newer)
    return older, newer


def batches(desk: Desk) -> list[Batch]:
    return [Batch.model_validate(found.doc) for found in desk.store.query(Query("batches"))]


def children_of(desk: Desk, client_id: str) -> int:
    docs = state(desk.store)
    return sum(
        doc["client_id"] == client_id
        for name in ("leads", "deals", "tasks", "activities")
        for doc in docs[name].values()
    )


def test_older_record_stays_and_gets_what_it_lacked(desk: Desk, clock: FixedClock) -> None:
    older, newer = two(desk, clock, company="Ромашка", tags=("опт",), emails=("m@x.example",))

    kept = merge(desk, person(desk, Role.HEAD), newer.id, older.id, cause=CAUSE)

    assert kept.id == older.id
    assert (kept.company, kept.tags) == ("Ромашка", ("vip", "опт"))
    assert kept.phones == ("+79160000001", "+79160000002")
    assert read(desk.store, Client, newer.id).merged_into == older.id
    found = who_calls(desk.store, "+79160000002")
    assert found is not None
    assert found.client_id == older.id


def test_fields_filled_differently_must_be_chosen(desk: Desk, clock: FixedClock) -> None:
    older, newer = two(desk, clock, name="Мария Котова", fields={"size": "42"})
    head = person(desk, Role.HEAD)
    before = state(desk.store)

    with pytest.raises(Invalid) as refused:
        merge(desk, head, older.id, newer.id, cause=CAUSE)
    assert refused.value.fields == {"prefer.name": "merge_choose"}
    with pytest.raises(Invalid, match="choose between"):
        merge(desk, head, older.id, newer.id, cause=CAUSE, prefer={"name": "cl_other"})
    assert state(desk.store) == before

    kept = merge(desk, head, older.id, newer.id, cause=CAUSE, prefer={"name": newer.id})
    assert (kept.name, kept.fields) == ("Мария Котова", {"size": "42"})


def test_choice_for_all_others_decides_what_no_name_does(desk: Desk, clock: FixedClock) -> None:
    older, newer = two(desk, clock, name="Мария Котова", company="Ромашка", fields={"size": "42"})
    prefer = {"*": newer.id, "fields.size": newer.id, "company": newer.id}

    kept = merge(desk, person(desk, Role.HEAD), older.id, newer.id, cause=CAUSE, prefer=prefer)

    assert (kept.id, kept.name, kept.company) == (older.id, "Мария Котова", "Ромашка")
    assert kept.phones == ("+79160000001", "+79160000002")


def test_choice_of_the_card_that_lacks_a_field_keeps_what_there_is(
    desk: Desk, clock: FixedClock
) -> None:
    older, newer = two(desk, clock, company="Ромашка")

    kept = merge(desk, person(desk, Role.HEAD), older.id, newer.id, cause=CAUSE,
                 prefer={"company": older.id, "*": older.id})  # fmt: skip

    assert kept.company == "Ромашка"


def test_what_is_left_to_choose_is_told_in_the_words_of_the_office(
    desk: Desk, clock: FixedClock
) -> None:
    older, newer = two(desk, clock, name="Мария Котова")

    with pytest.raises(Invalid) as refused:
        merge(desk, person(desk, Role.HEAD), older.id, newer.id, cause=CAUSE)

    assert refused.value.facts["names"] == "«Имя и фамилия»"


@pytest.mark.parametrize("number", [8, 200, 450])
def test_every_child_follows_and_undo_restores_every_byte(
    desk: Desk, clock: FixedClock, number: int
) -> None:
    older, newer = two(desk, clock)
    made(desk, *children(desk, older, 12))
    made(desk, *children(desk, newer, number))
    head = person(desk, Role.HEAD)
    before = state(desk.store)
    clock.advance(DAY)

    merge(desk, head, older.id, newer.id, cause=CAUSE)

    assert (children_of(desk, older.id), children_of(desk, newer.id)) == (12 + number, 0)
    [batch] = batches(desk)
    assert (batch.state, batch.count, batch.asked) == ("done", number, CAUSE)
    clock.advance(29 * DAY)
    assert undo(desk, head, batch.id, cause="command:batch.undo").state == "undone"
    assert state(desk.store) == before


def test_merge_of_two_hundred_children_is_one_transaction(desk: Desk, clock: FixedClock) -> None:
    older, newer = two(desk, clock)
    made(desk, *children(desk, newer, 199))
    counted = CountedStore(desk.store)

    with counted.measure() as ops:
        merge(
            Desk(counted, desk.tasks, desk.clock, desk.settings, desk.waker),
            person(desk, Role.HEAD),
            older.id,
            newer.id,
            cause=CAUSE,
        )

    causes = [found.doc["cause"] for found in desk.store.query(Query("changes"))]
    [batch] = batches(desk)
    assert causes.count(batch.cause) == 2  # one Change per client, in one transaction
    print(f"merge with 199 children: {ops.reads} reads, {ops.writes} writes")  # noqa: T201
    assert ops.reads <= 199 + 12
    assert ops.writes <= 199 + 8


def test_merge_and_undo_go_on_where_a_crash_stopped_them(desk: Desk, clock: FixedClock) -> None:
    older, newer = two(desk, clock)
    made(desk, *children(desk, newer, 450))
    head = person(desk, Role.HEAD)
    before = state(desk.store)

    with pytest.raises(Transient):
        merge(stopping(desk, 2), head, older.id, newer.id, cause=CAUSE)
    assert (children_of(desk, older.id), children_of(desk, newer.id)) == (400, 50)
    merge(desk, head, older.id, newer.id, cause=CAUSE)
    assert (children_of(desk, older.id), children_of(desk, newer.id)) == (450, 0)

    [batch] = batches(desk)
    with pytest.raises(Transient):
        undo(stopping(desk, 2), head, batch.id, cause="x")
    assert state(desk.store) != before
    undo(desk, head, batch.id, cause="x")
    assert state(desk.store) == before


def test_undo_is_refused_when_a_merged_field_was_changed_since(
    desk: Desk, clock: FixedClock
) -> None:
    older, newer = two(desk, clock, company="Ромашка")
    made(desk, *children(desk, newer, 4))
    head = person(desk, Role.HEAD)
    merge(desk, head, older.id, newer.id, cause=CAUSE)
    [batch] = batches(desk)
    add_contact(desk, head, Contact(older.id, "m@x.example"), cause="x")
    undone = undo(desk, head, batch.id, cause="x")  # another field: no hindrance
    assert undone.state == "undone"
    assert read(desk.store, Client, older.id).emails == ("m@x.example",)

    clock.advance(DAY)
    merge(desk, head, older.id, newer.id, cause=CAUSE)
    batch = next(one for one in batches(desk) if one.state == "done")
    add_contact(desk, head, Contact(older.id, "+79160000009"), cause="x")
    before = state(desk.store)
    with pytest.raises(Conflict) as refused:
        undo(desk, head, batch.id, cause="x")
    assert refused.value.facts["records"] == f"{older.id} (phones)"
    assert state(desk.store) == before

    undo(desk, head, batch.id, cause="x", keep_changed=True)
    assert read(desk.store, Client, newer.id).merged_into is None
    assert "+79160000009" in read(desk.store, Client, older.id).phones


def test_undo_ends_after_thirty_days_and_happens_once(desk: Desk, clock: FixedClock) -> None:
    older, newer = two(desk, clock)
    head = person(desk, Role.HEAD)
    merge(desk, head, older.id, newer.id, cause=CAUSE)
    [batch] = batches(desk)
    undo(desk, head, batch.id, cause="x")
    with pytest.raises(Invalid, match="before"):
        undo(desk, head, batch.id, cause="x")

    merge(desk, head, older.id, newer.id, cause=CAUSE)
    batch = next(one for one in batches(desk) if one.state == "done")
    clock.advance(30 * DAY + timedelta(seconds=1))
    with pytest.raises(NotAllowed, match="30 days"):
        undo(desk, head, batch.id, cause="x")


def test_a_manager_merges_only_clients_of_their_own(desk: Desk, clock: FixedClock) -> None:
    older, newer = two(desk, clock, owner_id="st_somebody_else")
    before = state(desk.store)

    with pytest.raises(NotAllowed):
        merge(desk, person(desk, Role.MANAGER), older.id, newer.id, cause=CAUSE)
    assert state(desk.store) == before


def test_clients_that_are_one_already_cannot_be_merged(desk: Desk, clock: FixedClock) -> None:
    older, newer = two(desk, clock)
    head = person(desk, Role.HEAD)
    with pytest.raises(Invalid, match="one already"):
        merge(desk, head, older.id, older.id, cause=CAUSE)

    merge(desk, head, older.id, newer.id, cause=CAUSE)
    with pytest.raises(Invalid, match="one already"):
        merge(desk, head, newer.id, older.id, cause=CAUSE)


def test_a_touch_of_the_merged_client_reaches_the_survivor(desk: Desk, clock: FixedClock) -> None:
    first = form(desk, "1", name="Мария", phones=("+79160000001",))
    clock.advance(DAY)
    second = form(desk, "2", name="Мария", emails=("m@x.example",))
    docs = [read(desk.store, Client, one.client_id or "") for one in (first, second)]
    prefer = {"owner_id": docs[0].id} if docs[0].owner_id != docs[1].owner_id else {}

    kept = merge(desk, person(desk, Role.HEAD), docs[0].id, docs[1].id, cause=CAUSE, prefer=prefer)
    third = form(desk, "3", emails=("m@x.example",))

    assert third.client_id == kept.id == docs[0].id
    assert third.lead_id == first.lead_id


def test_both_open_leads_of_a_merged_client_still_move(desk: Desk, clock: FixedClock) -> None:
    first = form(desk, "1", name="Мария", phones=("+79160000001",))
    clock.advance(timedelta(minutes=1))
    second = form(desk, "2", name="Мария", emails=("m@x.example",))
    head = person(desk, Role.HEAD)
    kept = read(desk.store, Client, first.client_id or "")
    prefer = {"owner_id": kept.id}
    merge(desk, head, kept.id, second.client_id or "", cause=CAUSE, prefer=prefer)

    for one in (first, second):
        ladder = desk.settings().office.leads
        wish = Move(to=ladder.stages[1].id, reason="позвонил со своего телефона")
        moved = leads.move(desk, head, one.lead_id or "", wish, cause="x")
        assert moved.stage == ladder.stages[1].id
    assert Lead.model_validate(desk.store.get("leads", second.lead_id or "")).client_id == kept.id


def test_questions_about_the_loser_are_asked_of_the_survivor(desk: Desk, clock: FixedClock) -> None:
    older, newer = two(desk, clock)
    third = client(desk, "Третья", emails=("t@x.example",))
    made(
        desk,
        third,
        *(
            Pair(
                id=pair_id(one.id, other.id), left=one.id, right=other.id, state=what, at=desk.now()
            )
            for one, other, what in (
                (newer, third, "distinct"),
                (older, newer, "open"),
            )
        ),
    )

    merge(desk, person(desk, Role.HEAD), older.id, newer.id, cause=CAUSE)

    pairs = state(desk.store)["pairs"]
    assert pairs[pair_id(older.id, newer.id)]["state"] == "merged"
    assert pairs[pair_id(older.id, third.id)]["state"] == "distinct"


def test_every_change_of_a_merge_is_found_by_its_client(desk: Desk, clock: FixedClock) -> None:
    older, newer = two(desk, clock)
    made(desk, *children(desk, newer, 4))
    merge(desk, person(desk, Role.HEAD), older.id, newer.id, cause=CAUSE)

    [batch] = batches(desk)
    found = [Change.model_validate(one.doc) for one in desk.store.query(Query("changes"))]
    subjects = {one.subject: {p.id for p in one.parts} for one in found if one.cause == batch.cause}
    assert set(subjects) == {older.id, newer.id}
    assert subjects[newer.id] == {newer.id}
