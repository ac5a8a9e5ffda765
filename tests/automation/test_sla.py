"""The limits of answering: warned before, told after, measured, dropped when nobody waits."""

from datetime import timedelta
from typing import Any

import pytest
from tests.automation.notice_office import ANNA, OLGA, VIKTOR, drained, form
from tests.fakes import FixedClock
from tests.kartoteka.services.chat_office import event

from automation import timers
from kartoteka.domain.errors import Invalid, NotAllowed
from kartoteka.domain.model import Lead, Notice
from kartoteka.domain.sla_rules import SlaCase
from kartoteka.ports import Query
from kartoteka.services.chat_commands import send
from kartoteka.services.chat_forms import SendMessage
from kartoteka.services.commands import execute
from kartoteka.services.office import Desk
from kartoteka.services.record_inbound import Stored
from kartoteka.services.registry import COMMANDS
from kartoteka.services.sla_settings import SlaReport

MINUTE = timedelta(minutes=1)


def pass_time(desk: Desk, clock: FixedClock, minutes: int) -> None:
    """Let so many minutes of the office's time pass, with everything that follows."""
    drained(desk)
    clock.advance(minutes * MINUTE)
    timers.fire_late(desk)
    drained(desk)


def told(desk: Desk, code: str) -> list[str]:
    found = (Notice.model_validate(hit.doc) for hit in desk.store.query(Query("notices")))
    return sorted(it.staff_id for it in found if it.code == code)


def cases(desk: Desk, what: str) -> list[SlaCase]:
    found = (SlaCase.model_validate(hit.doc) for hit in desk.store.query(Query("sla_cases")))
    return sorted((it for it in found if it.what == what), key=lambda it: it.since)


def wrote(desk: Desk, lead: Stored) -> None:
    """Anna reached the client."""
    given = {"lead": lead.lead_id, "what": "letter", "text": "Ответила на почту клиента"}
    execute(COMMANDS, desk, ANNA, "activity.log", given=given, cause="test")


def do(desk: Desk, name: str, **given: Any) -> Any:
    return execute(COMMANDS, desk, OLGA, name, given=given, cause="test")


def test_owner_is_warned_at_ten_minutes_and_heads_hear_at_fifteen(
    desk: Desk, clock: FixedClock
) -> None:
    form(desk)
    pass_time(desk, clock, 9)
    assert told(desk, "notice_sla_first_soon") == []
    pass_time(desk, clock, 1)
    assert told(desk, "notice_sla_first_soon") == ["st_anna"]
    pass_time(desk, clock, 4)
    assert told(desk, "notice_sla_first_late") == []
    pass_time(desk, clock, 1)

    assert told(desk, "notice_sla_first_late") == ["st_viktor"]
    [case] = cases(desk, "first")
    assert (case.breached, case.state) == (True, "open")
    assert told(desk, "notice_first_contact") == ["st_anna"]
    assert told(desk, "notice_unseen") == []


def test_answer_in_time_is_measured_and_nobody_is_told(desk: Desk, clock: FixedClock) -> None:
    stored = form(desk)
    pass_time(desk, clock, 7)
    wrote(desk, stored)
    pass_time(desk, clock, 30)
    [case] = cases(desk, "first")

    assert (case.state, case.minutes, case.breached) == ("met", 7, False)
    assert told(desk, "notice_sla_first_soon") == told(desk, "notice_sla_first_late") == []


def test_late_answer_keeps_its_breach(desk: Desk, clock: FixedClock) -> None:
    stored = form(desk)
    pass_time(desk, clock, 10)
    pass_time(desk, clock, 10)
    wrote(desk, stored)
    drained(desk)
    [case] = cases(desk, "first")

    assert (case.state, case.minutes, case.breached) == ("late", 20, True)


def test_lead_that_was_closed_drops_its_case(desk: Desk, clock: FixedClock) -> None:
    stored = form(desk)
    drained(desk)
    do(desk, "lead.move", lead=stored.lead_id, stage="junk", reason="спам")
    pass_time(desk, clock, 10)
    pass_time(desk, clock, 10)
    [case] = cases(desk, "first")

    assert case.state == "dropped"
    assert told(desk, "notice_sla_first_soon") == told(desk, "notice_sla_first_late") == []


def test_working_time_stops_at_the_evening(desk: Desk, clock: FixedClock) -> None:
    clock.advance(timedelta(hours=8, minutes=55))  # 17:55 in Moscow
    form(desk)
    pass_time(desk, clock, 60)
    assert told(desk, "notice_sla_first_soon") == []
    pass_time(desk, clock, 14 * 60 + 10)  # 9:05
    assert told(desk, "notice_sla_first_soon") == ["st_anna"]
    assert told(desk, "notice_sla_first_late") == []
    pass_time(desk, clock, 5)

    assert told(desk, "notice_sla_first_late") == ["st_viktor"]


def test_message_waits_four_working_hours_for_its_reply_and_one_case_is_enough(
    desk: Desk, clock: FixedClock
) -> None:
    event(desk, "1", text="Добрый день")
    pass_time(desk, clock, 1)
    [chat] = [hit.id for hit in desk.store.query(Query("chats"))]
    owner = Lead.model_validate(next(desk.store.query(Query("leads"))).doc).owner_id
    assert owner == "st_anna"
    send(desk, ANNA, SendMessage(chat=chat, text="Слушаю"), "test")
    drained(desk)
    for number in (2, 3):
        event(desk, str(number), text="Ещё вопрос")
        drained(desk)
    pass_time(desk, clock, 161)
    assert told(desk, "notice_sla_reply_soon") == ["st_anna"]
    pass_time(desk, clock, 80)
    send(desk, ANNA, SendMessage(chat=chat, text="Отвечаю"), "test")
    drained(desk)

    [case] = cases(desk, "reply")
    assert (case.state, case.minutes) == ("late", 241)
    assert told(desk, "notice_sla_reply_late") == ["st_anna", "st_viktor"]


def test_stage_has_its_own_limit_and_leaving_it_in_time_is_measured(
    desk: Desk, clock: FixedClock
) -> None:
    line = desk.settings().office.leads.id
    do(desk, "sla.set", stages={f"{line}.new": 60})
    left, stays = form(desk), form(desk, "in_2", phone="+79161234568")
    pass_time(desk, clock, 41)
    assert told(desk, "notice_sla_stage_soon") == ["st_anna", "st_anna"]
    do(desk, "lead.move", lead=left.lead_id, stage="junk", reason="спам")
    pass_time(desk, clock, 20)
    by_lead = {str(case.lead_id): case for case in cases(desk, "stage")}

    assert (by_lead[str(left.lead_id)].state, by_lead[str(left.lead_id)].minutes) == ("met", 41)
    assert by_lead[str(stays.lead_id)].breached
    assert told(desk, "notice_sla_stage_late") == ["st_anna", "st_viktor"]


def test_log_read_twice_opens_and_tells_once(desk: Desk, clock: FixedClock) -> None:
    form(desk)
    pass_time(desk, clock, 10)
    desk.store.run(lambda tx: tx.delete("checkpoints", "automation"))
    pass_time(desk, clock, 0)

    assert len(cases(desk, "first")) == 1
    assert told(desk, "notice_sla_first_soon") == ["st_anna"]


def test_report_counts_what_its_reader_may_read(desk: Desk, clock: FixedClock) -> None:
    wrote(desk, form(desk))
    drained(desk)
    clock.advance(15 * MINUTE)
    shown = {
        who.id: execute(COMMANDS, desk, who, "sla.show", given={}, cause="test")
        for who in (OLGA, VIKTOR, ANNA)
    }
    first = {}
    for name, report in shown.items():
        assert isinstance(report, SlaReport)
        first[name] = (report.kinds[0].ended, report.kinds[0].in_time, report.kinds[0].limit)

    assert first["st_olga"] == first["st_anna"] == (1, 1, 15)


def test_limits_are_set_by_who_sets_the_office_up_and_name_real_stages(desk: Desk) -> None:
    with pytest.raises(Invalid) as refused:
        do(desk, "sla.set", stages={"nowhere.new": 60})
    with pytest.raises(NotAllowed):
        execute(COMMANDS, desk, ANNA, "sla.set", given={"reply_minutes": 60}, cause="test")
    do(desk, "sla.set", first_minutes=20, reply_minutes=120, warn_percent=50)
    office = desk.settings().office

    assert refused.value.code == "sla_stage_unknown"
    assert (office.first_answer_minutes, office.sla.reply_minutes) == (20, 120)
