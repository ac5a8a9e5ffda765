"""Calls told in pieces: whatever the order and the repeats, the same call comes out."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial
from itertools import count, permutations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.automation.test_follow_ups import all_tasks
from tests.fakes import FakeTasks, FixedClock
from tests.furnished import law_firm

from automation import engine
from kartoteka.adapters.counted import CountedStore
from kartoteka.domain.call_state import LEG, RECORDING, WHOLE, CallState
from kartoteka.domain.ids import InboundId, derived
from kartoteka.domain.inbound import Call, Inbound, Kind, Person
from kartoteka.domain.model import Activity, CallFact, CallStatus, Client, Lead
from kartoteka.ports import Query, Store
from kartoteka.services.commands import execute
from kartoteka.services.office import Desk, SettingsCache
from kartoteka.services.people import actor_by_email
from kartoteka.services.record_inbound import Stored, record
from kartoteka.services.registry import COMMANDS
from kartoteka.services.setup import set_up
from kartoteka.services.wake import Waker

FEW = settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
SECOND = timedelta(seconds=1)
NUMBERS = count(1)
ANNA = "anna@office.example"
BORIS = "boris@office.example"
Piece = tuple[str, str, int, int | None, int | None]  # kind, leg, seconds: start, answer, end


def tell(desk: Desk, call_id: str, number: str, piece: Piece, *, staff: str = ANNA) -> Stored:
    kind, leg, start, answer, end = piece
    began = desk.now() + SECOND
    at = {
        "started_at": began + start * SECOND,
        "answered_at": None if answer is None else began + answer * SECOND,
        "ended_at": None if end is None else began + end * SECOND,
    }
    recorded = kind == RECORDING
    fact = CallFact(
        status=CallStatus.RINGING,
        client_number="" if recorded else number,
        recording_url="https://pbx.example/1" if recorded else "",
        **at,
    )
    told = Call(call_id=call_id, direction="in", staff=staff, fact=fact, piece=kind, leg=leg)
    event_id = f"{call_id}:{piece}"
    inbound = Inbound(
        id=InboundId(derived("in", "pbx", event_id)),
        channel="pbx",
        account="a",
        event_id=event_id,
        what=Kind.CALL,
        at=at["ended_at"] or at["started_at"],
        received_at=desk.now(),
        sender=Person() if recorded else Person(phones=(number,)),
        call=told,
    )
    return record(desk, inbound)


def calls(desk: Desk, number: str) -> list[Activity]:
    rows = desk.store.query(Query("activities"))
    found = (Activity.model_validate(row.doc) for row in rows)
    return [item for item in found if item.call and item.call.client_number == number]


def open_call_backs(desk: Desk, number: str) -> int:
    found = (task for task in all_tasks(desk) if task.what == "callback" and task.phone == number)
    return sum(1 for task in found if task.state == "open")


def pieces_of(legs: list[tuple[int, int | None, int]]) -> list[Piece]:
    """Ring, answer and end of each leg; a leg is (ring at, answered after, over after)."""
    told: list[Piece] = [(RECORDING, "", 0, None, None)]
    for place, (ring, answered, over) in enumerate(legs):
        name = f"leg{place}"
        answer = None if answered is None else ring + answered
        end = ring + (answered or 0) + over
        told += [(LEG, name, ring, None, None), (LEG, name, ring, answer, end)]
        told += [(LEG, name, ring, answer, None)] if answer is not None else []
    return told


LEGS = st.lists(
    st.tuples(st.integers(0, 60), st.none() | st.integers(1, 30), st.integers(10, 600)),
    min_size=1,
    max_size=3,
)


@FEW
@given(LEGS.flatmap(lambda legs: st.tuples(st.just(legs), st.permutations(pieces_of(legs)))),
       st.integers(2, 5))  # fmt: skip
def test_any_order_of_the_pieces_tells_the_same_call(
    desk: Desk, story: tuple[list[tuple[int, int | None, int]], list[Piece]], between: int
) -> None:
    legs, pieces = story
    person = next(NUMBERS)
    number, call_id = f"+7916{person:07d}", f"call-{person}"
    for place, piece in enumerate([*pieces, *pieces[:2]]):
        tell(desk, call_id, number, piece)
        if place % between == 0:
            engine.run(desk)
    engine.run(desk)

    [call] = calls(desk, number)
    fact = call.call
    assert fact is not None
    talks = [(ring + answered, ring + answered + over) for ring, answered, over in legs if answered]
    assert (fact.status is CallStatus.ANSWERED) == bool(talks)
    assert fact.recording_url == "https://pbx.example/1"
    assert open_call_backs(desk, number) == (0 if talks else 1)
    if talks:
        began = desk.now() + SECOND
        assert fact.answered_at == began + min(start for start, _ in talks) * SECOND
        assert fact.ended_at == began + max(end for _, end in talks) * SECOND
        lead = Lead.model_validate(desk.store.get("leads", call.lead_id or ""))
        assert lead.used_calls == (call.id,)


def test_whole_call_that_no_leg_answered_was_taken_by_a_machine(desk: Desk) -> None:
    tell(desk, "c", "+79165550101", (LEG, "dial", 0, None, 20))
    tell(desk, "c", "+79165550101", (WHOLE, "", 0, 1, 30))

    [call] = calls(desk, "+79165550101")
    assert call.call is not None
    assert call.call.status is CallStatus.MISSED


def test_whole_call_without_legs_says_itself_whether_it_was_answered(desk: Desk) -> None:
    tell(desk, "c", "+79165550101", (WHOLE, "", 0, 9, 60))

    [call] = calls(desk, "+79165550101")
    assert call.call is not None
    assert (call.call.status, call.call.talk_s) == (CallStatus.ANSWERED, 51)


def test_leg_that_names_a_line_of_ours_takes_the_client_of_another_leg(desk: Desk) -> None:
    olga = actor_by_email(desk.settings(), "olga@office.example")
    line = {"numbers": ["+74951002030"]}
    execute(COMMANDS, desk, olga, "lines.set", given=line, cause="test")
    desk.settings.forget()

    tell(desk, "c", "+74951002030", (LEG, "transfer", 30, None, None))
    tell(desk, "c", "+79165550101", (LEG, "first", 0, None, None))
    tell(desk, "c", "+74951002030", (LEG, "transfer", 30, 35, 90))

    [call] = calls(desk, "+79165550101")
    assert calls(desk, "+74951002030") == []
    assert call.call is not None
    assert call.call.status is CallStatus.ANSWERED


PASSED: list[tuple[str, Piece]] = [
    (ANNA, (LEG, "first", 0, 5, 40)),
    (BORIS, (LEG, "second", 40, 45, 90)),
    ("", (WHOLE, "", 0, 5, 95)),
]


@pytest.mark.parametrize("order", list(permutations(PASSED)))
def test_call_passed_on_keeps_who_took_it_and_who_spoke_last(
    desk: Desk, order: tuple[tuple[str, Piece], ...]
) -> None:
    for staff, piece in order:
        tell(desk, "c", "+79165550101", piece, staff=staff)

    [call] = calls(desk, "+79165550101")
    assert (call.staff_id, call.call and call.call.passed_to) == ("st_anna", "st_boris")


def test_call_passed_on_is_still_the_leads_of_who_took_it(desk: Desk) -> None:
    for staff, piece in PASSED:
        tell(desk, "c", "+79165550101", piece, staff=staff)

    [lead] = desk.store.query(Query("leads"))
    [client] = desk.store.query(Query("clients"))
    touch = Client.model_validate(client.doc).last_touch
    assert lead.doc["owner_id"] == "st_anna"
    assert touch is not None
    assert (touch.staff_id, touch.passed_to) == ("st_anna", "st_boris")


def test_colleague_asked_in_between_is_not_who_spoke_last(desk: Desk) -> None:
    tell(desk, "c", "+79165550101", (LEG, "asked", 20, 25, 40), staff=BORIS)
    tell(desk, "c", "+79165550101", (LEG, "first", 0, 5, 90), staff=ANNA)

    [call] = calls(desk, "+79165550101")
    assert (call.staff_id, call.call and call.call.passed_to) == ("st_anna", None)


def test_recording_of_nobodys_call_waits_and_makes_nothing(desk: Desk) -> None:
    stored = tell(desk, "c", "+79165550101", (RECORDING, "", 0, None, None))

    kept = Inbound.model_validate(desk.store.get("inbounds", stored.inbound_id))
    assert (kept.state, kept.why) == ("done", "recording_waits")
    assert list(desk.store.query(Query("clients"))) == []


def test_call_of_a_thousand_legs_stays_a_small_record(desk: Desk) -> None:
    state = CallState(id="cs", started_at=desk.now())
    for leg in range(1000):
        fact = CallFact(status=CallStatus.MISSED, client_number="", started_at=desk.now())
        call = Call(call_id="c", direction="in", fact=fact, piece=LEG, leg=str(leg))
        state = state.with_piece(call, "in_1")

    assert len(state.legs) == 100


def test_state_of_a_call_names_no_person(desk: Desk) -> None:
    tell(desk, "c", "+79165550101", (LEG, "a", 0, 5, 60))

    [row] = desk.store.query(Query("call_states"))
    assert "9165550101" not in str(row.doc)


def test_piece_costs_two_reads_and_three_writes_until_the_call_ends(desk: Desk) -> None:
    store = CountedStore(desk.store)
    counted = Desk(store, desk.tasks, desk.clock, desk.settings, desk.waker)
    with store.measure() as cost:
        tell(counted, "c", "+79165550101", (LEG, "a", 0, None, None))

    assert (cost.reads, cost.writes) == (2, 3)


def test_pieces_that_come_at_once_are_one_call(desk: Desk) -> None:
    legs = [(0, 9, 62), (0, None, 9), (2, None, 7), (30, 3, 100)]

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(partial(tell, desk, "c", "+79165550101"), pieces_of(legs)))
    engine.run(desk)

    check_answered_once(desk)


@pytest.mark.emulator
def test_pieces_on_firestore_are_one_call(open_firestore: Callable[[], Store]) -> None:
    store, clock, tasks = open_firestore(), FixedClock(), FakeTasks()
    set_up(store, clock, law_firm())
    desk = Desk(store, tasks, clock, SettingsCache(store, ttl_s=3600), Waker(tasks, clock))

    for piece in reversed(pieces_of([(0, 9, 62), (0, None, 9)])):
        tell(desk, "c", "+79165550101", piece)
        engine.run(desk)

    check_answered_once(desk)


def check_answered_once(desk: Desk) -> None:
    [call] = calls(desk, "+79165550101")
    assert call.call is not None
    assert (call.call.status, bool(call.call.recording_url)) == (CallStatus.ANSWERED, True)
    assert open_call_backs(desk, "+79165550101") == 0
    assert len(list(desk.store.query(Query("leads")))) == 1
