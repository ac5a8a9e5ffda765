"""What events become: clients, leads, activities and moves on the ladder."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest
from tests.fakes import FixedClock

from kartoteka.adapters.counted import CountedStore
from kartoteka.domain.change import Change
from kartoteka.domain.errors import Conflict
from kartoteka.domain.ids import InboundId, LeadId, derived
from kartoteka.domain.inbound import Call, Inbound, Kind, Person
from kartoteka.domain.model import Activity, CallFact, CallStatus, Client, Lead, Pair
from kartoteka.ports import Query, Store
from kartoteka.services.lookup import who_calls
from kartoteka.services.office import Desk
from kartoteka.services.record_inbound import Stored, record

PHONE = "+79165550101"
ANNA = "anna@office.example"


def form(desk: Desk, event: str, **person: object) -> Stored:
    return record(desk, _event(desk, Kind.FORM, event, Person(**person)))


def call(
    desk: Desk,
    call_id: str,
    *,
    direction: str = "in",
    event: str = "ended",
    ring: int = 20,
    talk: int = 0,
    number: str = PHONE,
    began: timedelta = timedelta(seconds=1),
    status: CallStatus = CallStatus.RINGING,
) -> Stored:
    start = desk.now() + began
    answered = start + timedelta(seconds=ring) if talk else None
    ended = start + timedelta(seconds=ring + talk)
    over = event == "ended"
    fact = CallFact(
        status=status,
        client_number=number,
        started_at=start,
        answered_at=answered if over or event == "answered" else None,
        ended_at=ended if over else None,
    )
    told = Call(call_id=call_id, direction=direction, staff=ANNA if talk else "", fact=fact)
    person = Person(phones=(number,) if number.startswith("+") else ())
    base = _event(desk, Kind.CALL, f"{call_id}:{event}", person, at=start)
    return record(desk, base.model_copy(update={"call": told}))


def _event(
    desk: Desk, what: Kind, event: str, sender: Person, *, at: datetime | None = None
) -> Inbound:
    return Inbound(
        id=InboundId(derived("in", what.value, event)),
        channel=what.value,
        account="a",
        event_id=event,
        what=what,
        at=at or desk.now(),
        received_at=desk.now(),
        sender=sender,
    )


def all_of(desk: Desk, model: type[Client | Lead | Activity | Pair]) -> list:
    return [model.model_validate(row.doc) for row in desk.store.query(Query(model.collection))]


def lead_of(desk: Desk, stored: Stored) -> Lead:
    return Lead.model_validate(desk.store.get("leads", stored.lead_id or ""))


def last_change(desk: Desk) -> Change:
    return Change.model_validate(desk.store.read_log("changes", None, 1000)[-1].doc)


def test_stranger_becomes_client_and_lead_with_an_owner(desk: Desk) -> None:
    stored = form(desk, "1", name="Ирина", phones=(PHONE,))
    lead = lead_of(desk, stored)
    caller = who_calls(desk.store, PHONE)

    assert (lead.stage, lead.name, lead.owner_id, lead.repeat) == ("new", "Ирина", "st_anna", False)
    assert caller is not None
    assert (caller.client_id, caller.open_lead_id) == (stored.client_id, lead.id)


def test_repeated_delivery_returns_the_first_outcome(desk: Desk) -> None:
    first = form(desk, "1", name="Ирина", phones=(PHONE,))
    changes = len(desk.store.read_log("changes", None, 100))
    again = form(desk, "1", name="Ирина", phones=(PHONE,))

    assert (again.seen, again.lead_id) == (True, first.lead_id)
    assert len(desk.store.read_log("changes", None, 100)) == changes


def test_known_client_with_an_open_lead_gets_no_second_one(desk: Desk) -> None:
    first = form(desk, "1", name="Ирина", phones=(PHONE,))
    second = form(desk, "2", phones=(PHONE,), emails=("i@example.ru",))

    assert second.lead_id == first.lead_id
    assert len(all_of(desk, Activity)) == 2
    assert desk.store.get("keys", "mail:i@example.ru") == {"client_id": first.client_id}


def test_known_client_with_a_closed_lead_gets_a_repeat_for_the_same_owner(desk: Desk) -> None:
    first = form(desk, "1", name="Ирина", phones=(PHONE,))
    closed = lead_of(desk, first).model_copy(update={"state": "lost", "stage": "junk"})
    client = all_of(desk, Client)[0].model_copy(update={"open_lead_id": None})
    desk.store.run(lambda tx: tx.put("leads", closed.id, closed.model_dump(mode="json")))
    desk.store.run(lambda tx: tx.put("clients", client.id, client.model_dump(mode="json")))
    form(desk, "other", phones=("+79165550199",))
    second = lead_of(desk, form(desk, "2", phones=(PHONE,)))

    assert second.id != first.lead_id
    assert (second.repeat, second.owner_id, second.client_id) == (True, "st_anna", client.id)


def test_event_of_two_clients_makes_a_pair_and_merges_nothing(desk: Desk) -> None:
    by_phone = form(desk, "1", phones=(PHONE,))
    by_mail = form(desk, "2", emails=("i@example.ru",))
    both = form(desk, "3", phones=(PHONE,), emails=("i@example.ru",))
    form(desk, "4", phones=(PHONE,), emails=("i@example.ru",))
    [pair] = all_of(desk, Pair)

    assert {pair.left, pair.right} == {by_phone.client_id, by_mail.client_id}
    assert both.client_id == by_phone.client_id
    assert len(all_of(desk, Client)) == 2


@pytest.mark.parametrize("number", ["+74950000103", "+74950000101"])
def test_call_of_an_own_number_is_ignored(desk: Desk, number: str) -> None:
    stored = call(desk, "c1", number=number, talk=60)

    assert _state(desk, stored) == ("ignored", "own_number")
    assert all_of(desk, Client) == []


def test_event_of_nobody_is_left_for_a_person_to_sort(desk: Desk) -> None:
    assert _state(desk, call(desk, "c1", number="", talk=0)) == ("unknown", "no_identity")


@pytest.mark.parametrize(("direction", "talk"), [("in", 3), ("out", 0), ("out", 4)])
def test_slight_call_with_a_stranger_is_ignored(desk: Desk, direction: str, talk: int) -> None:
    stored = call(desk, "c1", direction=direction, talk=talk)

    assert _state(desk, stored) == ("ignored", "short_call")
    assert all_of(desk, Lead) == []


def test_missed_call_of_a_stranger_makes_an_untouched_lead(desk: Desk) -> None:
    lead = lead_of(desk, call(desk, "c1"))
    [activity] = all_of(desk, Activity)

    assert (lead.stage, lead.touched_at, lead.used_calls, lead.name) == ("new", None, (), PHONE)
    assert activity.call.status is CallStatus.MISSED


def test_answered_call_of_a_stranger_makes_a_lead_of_who_answered_already_called(
    desk: Desk,
) -> None:
    form(desk, "turn", phones=("+79165550199",))
    lead = lead_of(desk, call(desk, "c1", talk=60))
    [activity] = [a for a in all_of(desk, Activity) if a.what == "call"]

    assert (lead.stage, lead.state, lead.owner_id) == ("c1", "ongoing", "st_anna")
    assert lead.used_calls == (activity.id,)
    assert last_change(desk).evidence == activity.id


@pytest.mark.parametrize(
    ("calls", "reached"),
    [
        ([{"direction": "out"}], ("r1", 0)),
        ([{"direction": "out"}] * 2, ("r1", 1)),
        ([{"direction": "out"}] * 3, ("r2", 0)),
        ([{"direction": "out"}] * 3 + [{"direction": "out", "talk": 30}], ("c2", 0)),
        ([{"direction": "out"}] * 5, ("r3", 0)),
        ([{"direction": "out"}] * 5 + [{"talk": 30}], ("c3", 0)),
        ([{"direction": "out"}] * 7, ("def", 0)),
        ([{"direction": "out", "talk": 5}], ("c1", 0)),
        ([{"direction": "out", "ring": 3, "status": CallStatus.BUSY}], ("r1", 0)),
        ([{"direction": "out", "ring": 3, "status": CallStatus.CANCELLED}], ("new", 0)),
        ([{"talk": 4, "ring": 2}], ("new", 0)),
    ],
)
def test_calls_move_the_lead_up_the_ladder(
    desk: Desk, clock: FixedClock, calls: list[dict], reached: tuple[str, int]
) -> None:
    first = form(desk, "1", phones=(PHONE,))
    for number, facts in enumerate(calls):
        clock.advance(timedelta(minutes=10))
        call(desk, f"c{number}", **facts)
    lead = lead_of(desk, first)

    assert (lead.stage, lead.tries) == reached
    assert len(lead.used_calls) == len(set(lead.used_calls))


def test_lead_that_nobody_reached_sleeps_with_the_reason(desk: Desk, clock: FixedClock) -> None:
    first = form(desk, "1", phones=(PHONE,))
    for number in range(7):
        clock.advance(timedelta(minutes=10))
        call(desk, f"c{number}", direction="out")
    lead = lead_of(desk, first)

    assert (lead.stage, lead.reason) == ("def", "no_answer")
    assert lead.wake_at is not None
    assert lead.wake_at > clock.now() + timedelta(days=29)


def test_call_before_the_stage_was_entered_moves_nothing(desk: Desk) -> None:
    first = form(desk, "1", phones=(PHONE,))
    call(desk, "c1", direction="out", talk=60, began=timedelta(minutes=-5))

    assert lead_of(desk, first).stage == "new"


@pytest.mark.parametrize(
    "order",
    [
        ("ringing", "answered", "ended"),
        ("ended", "answered", "ringing"),
        ("ended", "ended", "ringing", "ended"),
    ],
)
def test_events_of_one_call_in_any_order_are_one_activity(
    desk: Desk, order: tuple[str, ...]
) -> None:
    for event in order:
        call(desk, "c1", event=event, talk=60)
    [lead] = all_of(desk, Lead)

    assert len(all_of(desk, Activity)) == 1
    assert (lead.stage, lead.stage_version, len(lead.used_calls)) == ("c1", 2, 1)


def test_call_told_again_under_another_event_counts_once(desk: Desk, clock: FixedClock) -> None:
    first = form(desk, "1", phones=(PHONE,))
    clock.advance(timedelta(minutes=1))
    call(desk, "c1", direction="out")
    clock.advance(timedelta(minutes=1))
    told = _event(desk, Kind.CALL, "c1:report", Person(phones=(PHONE,)))
    [fact] = [activity.call for activity in all_of(desk, Activity) if activity.call]
    with_record = fact.model_copy(update={"recording_url": "https://pbx.example/1.mp3"})
    record(
        desk,
        told.model_copy(update={"call": Call(call_id="c1", direction="out", fact=with_record)}),
    )
    [activity] = [a for a in all_of(desk, Activity) if a.call]

    assert lead_of(desk, first).stage == "r1"
    assert activity.call.recording_url == "https://pbx.example/1.mp3"


def test_call_first_told_as_missed_then_as_answered_is_a_conversation(desk: Desk) -> None:
    stored = call(desk, "c1", event="ended")
    again = _event(desk, Kind.CALL, "c1:corrected", Person(phones=(PHONE,)))
    start = desk.now()
    fact = CallFact(
        status=CallStatus.ANSWERED,
        client_number=PHONE,
        started_at=start,
        answered_at=start + timedelta(seconds=9),
        ended_at=start + timedelta(seconds=99),
    )
    record(desk, again.model_copy(update={"call": Call(call_id="c1", direction="in", fact=fact)}))
    [activity] = all_of(desk, Activity)

    assert activity.call.status is CallStatus.ANSWERED
    assert lead_of(desk, stored).stage == "c1"


def test_message_makes_the_next_step_due_now_and_wakes_a_sleeper(
    desk: Desk, clock: FixedClock
) -> None:
    first = form(desk, "1", phones=(PHONE,))
    for number in range(7):
        clock.advance(timedelta(minutes=10))
        call(desk, f"c{number}", direction="out")
    form(desk, "2", phones=(PHONE,))
    lead = lead_of(desk, first)

    assert (lead.stage, lead.repeat, lead.wake_at) == ("new", True, None)


def test_form_names_the_owner_of_its_leads(desk: Desk) -> None:
    event = _event(desk, Kind.FORM, "1", Person(phones=(PHONE,)))

    assert lead_of(desk, record(desk, event, owner_id="st_gleb")).owner_id == "st_gleb"


def test_new_leads_go_round_the_people_on_shift(desk: Desk) -> None:
    phones = [f"+7916555020{n}" for n in range(5)]
    owners = [lead_of(desk, form(desk, p, phones=(p,))).owner_id for p in phones]

    assert sorted(owners[:4]) == ["st_anna", "st_boris", "st_gleb", "st_vera"]
    assert owners[4] == owners[0]


def test_sixteen_threads_with_one_number_make_one_client_and_one_lead(desk: Desk) -> None:
    def post(number: int) -> Stored:
        return form(desk, str(number), name=f"N{number}", phones=(PHONE,))

    with ThreadPoolExecutor(16) as pool:
        stored = list(pool.map(post, range(32)))

    assert len({item.client_id for item in stored}) == 1
    assert (len(all_of(desk, Client)), len(all_of(desk, Lead))) == (1, 1)
    assert len(all_of(desk, Activity)) == 32


def test_key_taken_meanwhile_is_met_on_the_second_attempt(desk: Desk) -> None:
    meddled = _Meddled(desk.store, lambda: form(desk, "other", phones=(PHONE,)))
    slow = Desk(meddled, desk.tasks, desk.clock, desk.settings, desk.waker)

    stored = form(slow, "1", name="Ирина", phones=(PHONE,))

    assert stored.client_id == all_of(desk, Client)[0].id
    assert len(all_of(desk, Lead)) == 1


def test_lead_costs_few_reads_and_writes_also_the_first_of_a_minute(desk: Desk) -> None:
    counted = CountedStore(desk.store)
    counting = Desk(counted, desk.tasks, desk.clock, desk.settings, desk.waker)
    with counted.measure() as ops:
        form(counting, "1", name="Ирина", phones=(PHONE,), emails=("i@example.ru",))

    assert ops.writes <= 8
    assert ops.reads <= 6


def test_caller_is_found_in_two_reads(desk: Desk) -> None:
    form(desk, "1", phones=(PHONE,))
    counted = CountedStore(desk.store)
    with counted.measure() as ops:
        known, stranger = who_calls(counted, PHONE), who_calls(counted, "+79990000000")

    assert (known is not None, stranger) == (True, None)
    assert ops.reads <= 3


def _state(desk: Desk, stored: Stored) -> tuple[str, str]:
    doc = desk.store.get("inbounds", stored.inbound_id) or {}
    return str(doc["state"]), str(doc["why"])


class _Meddled:
    """A store where somebody else commits first, once, as two servers would."""

    def __init__(self, store: Store, act: Callable[[], object]) -> None:
        self._store = store
        self._acts = [act]

    def run(self, work: Callable) -> object:
        if self._acts:
            self._acts.pop()()
            raise Conflict("somebody made the record first")
        return self._store.run(work)


def test_lead_ids_are_unguessable(desk: Desk) -> None:
    ids = {form(desk, str(n), phones=(f"+7916555030{n}",)).lead_id for n in range(5)}

    assert len(ids) == 5
    assert all(len(LeadId(lead_id or "")) == len("ld_") + 16 for lead_id in ids)
