"""How a lead leaves its rung although nobody can be called: a number that does not exist, §4.3."""

from datetime import timedelta

import pytest
from tests.kartoteka.tasks.task_desk import ANNA, MINUTE, OLGA, PHONE, VIKTOR, Work

from kartoteka.domain.errors import NotAllowed
from kartoteka.domain.inbound import Call, Kind, Person
from kartoteka.domain.model import CallFact, CallStatus
from kartoteka.services.record_inbound import record


def rung(work: Work) -> str:
    """A lead at «Повторный звонок», where it came by an attempt."""
    lead = str(work.form().lead_id)
    work.desk.clock.advance(10 * MINUTE)
    out(work, CallStatus.NO_ANSWER)
    assert work.lead(lead).stage == "r1"
    work.desk.clock.advance(10 * MINUTE)
    return lead


def out(work: Work, status: CallStatus) -> None:
    """A call of Anna's that nobody answered, as the exchange reports it."""
    now = work.desk.now()
    start = now - timedelta(seconds=30)
    fact = CallFact(status=status, client_number=PHONE, started_at=start, ended_at=now)
    call = Call(call_id=f"o{work.events}", direction="out", staff="anna@office.example", fact=fact)
    record(work.desk, work.inbound(Kind.CALL, Person(phones=(PHONE,)), call=call))


def junk(work: Work, lead: str) -> None:
    work.do(ANNA, "lead.move", lead=lead, stage="junk", reason="номера нет")


def test_number_that_does_not_exist_lets_the_manager_close_the_lead(work: Work) -> None:
    lead = rung(work)
    with pytest.raises(NotAllowed):
        junk(work, lead)
    out(work, CallStatus.NO_NUMBER)
    assert (work.lead(lead).stage, work.lead(lead).tries) == ("r1", 0), "it is no attempt"

    for stage in ("c1", "def"):
        with pytest.raises(NotAllowed) as refused:
            work.do(ANNA, "lead.move", lead=lead, stage=stage)
        assert refused.value.code == "stage_needs_call"
    junk(work, lead)

    assert work.lead(lead).state == "lost"
    assert work.do(VIKTOR, "override.count").total == 0, "nobody went past the guard"


def test_dead_number_of_an_earlier_rung_proves_nothing_later(work: Work) -> None:
    lead = rung(work)
    out(work, CallStatus.NO_NUMBER)
    for _ in range(2):
        work.desk.clock.advance(15 * MINUTE)
        out(work, CallStatus.NO_ANSWER)
    assert work.lead(lead).stage == "r2"

    with pytest.raises(NotAllowed):
        junk(work, lead)


def test_message_opens_the_gate_only_where_the_office_says_so(work: Work) -> None:
    lead = rung(work)
    work.writes()
    assert work.lead(lead).stage == "r1"

    line = work.lead(lead).pipeline
    switch = {"pipeline": line, "active": True}
    work.do(OLGA, "pipeline.switch", **switch, message_opens_gate=True)
    work.do(OLGA, "pipeline.switch", **switch)
    work.writes()

    assert work.lead(lead).stage == "c1", "what is not given stays"
