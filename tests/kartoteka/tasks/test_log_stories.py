"""What people write down by hand, and how far it counts; E14, §4.3."""

import pytest
from tests.kartoteka.tasks.task_desk import (
    ANNA,
    BORIS,
    DAY,
    HOUR,
    MINUTE,
    OLGA,
    PHONE,
    VIKTOR,
    Work,
)
from tests.kartoteka.tasks.test_routing_stories import changed

from kartoteka.adapters.counted import CountedStore
from kartoteka.domain.errors import Invalid, NotAllowed
from kartoteka.domain.ids import InboundId
from kartoteka.domain.inbound import Inbound, Kind, Person
from kartoteka.services.office import Desk
from kartoteka.services.record_inbound import record

SAID = "Договорились о встрече"


@pytest.fixture
def alone(work: Work) -> Work:
    """An office without a telephone exchange."""
    for account in work.desk.settings().accounts:
        if account.channel == "call":
            changed(work, account, active=False)
    return work


def lead_of(work: Work) -> str:
    lead = str(work.form(owner=ANNA).lead_id)
    work.desk.clock.advance(20 * MINUTE)
    return lead


def test_call_by_hand_is_refused_while_an_exchange_reports_calls(work: Work) -> None:
    lead = lead_of(work)
    with pytest.raises(NotAllowed) as refused:
        work.do(ANNA, "activity.log", what="call", lead=lead, text=SAID, talk_s=60)

    assert refused.value.code == "calls_by_exchange"
    assert work.lead(lead).stage == "new"


def test_conversation_by_hand_moves_the_lead_where_there_is_no_exchange(alone: Work) -> None:
    lead = lead_of(alone)
    call = alone.do(ANNA, "activity.log", what="call", lead=lead, text=SAID, talk_s=60)

    moved = alone.lead(lead)
    assert (moved.stage, moved.used_calls) == ("c1", (call.id,))
    assert (moved.touched_at, call.at) == (alone.desk.now(), alone.desk.now() - MINUTE)
    assert (call.manual, call.staff_id, call.call.status) == (True, ANNA.id, "answered")


def test_office_without_an_exchange_switches_it_off_and_on(work: Work) -> None:
    lead = lead_of(work)
    account = next(it.id for it in work.desk.settings().accounts if it.channel == "call")
    given = {"what": "call", "lead": lead, "text": SAID, "talk_s": 60}

    work.do(OLGA, "account.switch", account=account, active=False)
    work.desk.settings.forget()
    work.do(ANNA, "activity.log", **given)
    work.do(OLGA, "account.switch", account=account, active=True)
    work.desk.settings.forget()
    with pytest.raises(NotAllowed) as refused:
        work.do(ANNA, "activity.log", **given)

    assert (work.lead(lead).stage, refused.value.code) == ("c1", "calls_by_exchange")


def test_call_that_nobody_answered_is_an_attempt(alone: Work) -> None:
    lead = lead_of(alone)
    alone.do(ANNA, "activity.log", what="call", lead=lead, text="Не берёт трубку", talk_s=0)

    assert alone.lead(lead).stage == "r1"


def test_call_before_the_stage_proves_nothing(alone: Work) -> None:
    lead = lead_of(alone)
    at = alone.after(-HOUR)
    alone.do(ANNA, "activity.log", what="call", lead=lead, text=SAID, talk_s=60, at=at)

    assert alone.lead(lead).stage == "new"


def test_calls_by_hand_come_once_in_ten_minutes(alone: Work) -> None:
    lead = lead_of(alone)
    alone.do(ANNA, "activity.log", what="call", lead=lead, text=SAID)
    for delay in (-9 * MINUTE, 0 * MINUTE):
        at = alone.after(delay)
        with pytest.raises(NotAllowed) as refused:
            alone.do(ANNA, "activity.log", what="call", lead=lead, text=SAID, at=at)
        assert (refused.value.code, refused.value.facts["count"]) == ("calls_often", 10)

    alone.desk.clock.advance(10 * MINUTE)
    alone.do(ANNA, "activity.log", what="call", lead=lead, text=SAID)


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"text": "ок", "what": "call"}, "activity_text"),
        ({"at": "2026-09-01T09:00:00+03:00"}, "activity_at"),
        ({"at": "2027-01-01T09:00:00+03:00"}, "activity_at"),
        ({"client": "cl_1"}, "activity_link"),
        ({"lead": ""}, "activity_link"),
    ],
)
def test_impossible_entry_is_refused(alone: Work, given, code) -> None:
    usual = {"what": "meeting", "lead": lead_of(alone), "text": SAID}
    with pytest.raises(Invalid) as refused:
        alone.do(ANNA, "activity.log", **{**usual, **given})

    assert refused.value.code == code


def test_colleagues_lead_is_left_alone(alone: Work) -> None:
    with pytest.raises(NotAllowed):
        alone.do(BORIS, "activity.log", what="visit", lead=lead_of(alone), text=SAID)


def test_meeting_is_a_real_touch_of_a_deal(work: Work) -> None:
    client = work.lead(lead_of(work)).client_id
    given = {"name": "Договор", "client": client, "owner": ANNA.id, "deal_type": "Аудит"}
    deal = work.do(VIKTOR, "deal.create", **given)
    work.desk.clock.advance(DAY)
    work.do(VIKTOR, "activity.log", what="meeting", deal=deal.id, text=SAID)

    assert work.deal(deal.id).last_touch_at == work.desk.now()


def test_letter_of_ours_hurries_nobody_and_that_of_the_client_does(work: Work) -> None:
    client = work.lead(lead_of(work)).client_id
    given = {"name": "Договор", "client": client, "owner": ANNA.id, "deal_type": "Аудит"}
    deal = work.do(VIKTOR, "deal.create", **given)
    work.do(ANNA, "activity.log", what="letter", deal=deal.id, text=SAID)
    assert work.deal(deal.id).next_at == deal.next_at

    work.do(ANNA, "activity.log", what="letter", direction="in", deal=deal.id, text=SAID)
    assert work.deal(deal.id).next_at == work.desk.now()


def writes_from(work: Work, name: str) -> str:
    inbound = Inbound(
        id=InboundId(name),
        channel="telegram",
        account="bot",
        event_id=name,
        what=Kind.MESSAGE,
        at=work.desk.now(),
        received_at=work.desk.now(),
        sender=Person(name="Олег", messengers=("telegram:1",)),
        text="Здравствуйте",
    )
    return str(record(work.desk, inbound, owner_id=ANNA.id).lead_id)


def test_client_without_a_telephone_is_led_by_letters(work: Work) -> None:
    lead = writes_from(work, "m1")
    work.desk.clock.advance(MINUTE)
    writes_from(work, "m2")
    assert work.lead(lead).stage == "new"  # we have not answered yet

    work.desk.clock.advance(MINUTE)
    work.do(ANNA, "activity.log", what="letter", lead=lead, text="Добрый день")
    assert work.lead(lead).stage == "r1"
    work.desk.clock.advance(MINUTE)
    writes_from(work, "m3")

    assert work.lead(lead).stage == "c1"


def test_letter_to_a_client_with_a_telephone_opens_no_gate(work: Work) -> None:
    lead = lead_of(work)
    work.do(ANNA, "activity.log", what="letter", lead=lead, text="Добрый день")
    work.desk.clock.advance(MINUTE)
    work.writes(PHONE)

    assert work.lead(lead).stage == "new"
    assert work.lead(lead).wrote_at == work.desk.now() - MINUTE


def test_log_of_a_call_costs_few_reads_and_writes(alone: Work) -> None:
    lead = lead_of(alone)
    counted = CountedStore(alone.desk.store)
    counting = Work(Desk(**{**vars(alone.desk), "store": counted}))
    with counted.measure() as ops:
        counting.do(ANNA, "activity.log", what="call", lead=lead, text=SAID, talk_s=60)

    assert (ops.reads, ops.writes) == (3, 4)
