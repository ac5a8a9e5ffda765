"""The change log in the words of the feed, told of real commits."""

from datetime import timedelta

import pytest

from kartoteka.domain.change import SYSTEM, Actor, ActorKind, Change
from kartoteka.domain.ids import InboundId, TaskId, derived
from kartoteka.domain.inbound import Call, Inbound, Kind, Person
from kartoteka.domain.model import CallFact, CallStatus, Task
from kartoteka.services import leads
from kartoteka.services import tasks as office_tasks
from kartoteka.services.record_inbound import record
from kartoteka.services.unit import LOG
from onebox.web.feed import LONGEST, Teller

ANNA = Actor(kind=ActorKind.STAFF, id="st_anna", role="manager")


def event(clock, number, **more):
    now = clock.now()
    usual = {
        "id": InboundId(derived("in", str(number))),
        "channel": "form",
        "account": "consult",
        "event_id": str(number),
        "what": Kind.FORM,
        "at": now,
        "received_at": now,
        "sender": Person(name="Мария", phones=("+79160001122",)),
    }
    return Inbound(**{**usual, **more})


def call(clock, number, *, talk_s):
    started = clock.now()
    answered = started + timedelta(seconds=9) if talk_s else None
    fact = CallFact(
        status=CallStatus.ANSWERED if talk_s else CallStatus.MISSED,
        client_number="+79160001122",
        started_at=started,
        answered_at=answered,
        ended_at=started + timedelta(seconds=9 + talk_s),
    )
    told = Call(call_id=str(number), direction="in", fact=fact)
    return event(clock, number, channel="call", account="t", what=Kind.CALL, call=told)


@pytest.fixture
def told(desk):
    """Return the texts of every line so far, oldest first."""

    def lines(locale="ru"):
        teller = Teller(desk.settings(), locale, desk.store.get)
        changes = [Change.model_validate(e.doc) for e in desk.store.read_log(LOG, None, 500)]
        return [(line.text, line.detail) for change in changes for line in teller.lines(change)]

    return lines


def test_new_request_names_client_source_and_owner(desk, clock, told):
    record(desk, event(clock, 1))

    text, detail = told()[-1]

    assert text == "Новая заявка: Мария"
    assert "Ведёт" in detail


def test_conversation_and_the_stage_it_moved_are_two_lines(desk, clock, told):
    record(desk, event(clock, 1))
    clock.advance(timedelta(minutes=5))
    record(desk, call(clock, 2, talk_s=180))

    assert told()[-2:] == [
        ("Звонок от клиента: Мария", "Разговор 3 мин"),
        ("Мария: Звонок совершён · 1 час", "Стадию передвинул звонок"),
    ]


def test_missed_call_of_a_stranger_is_a_missed_call_and_a_request(desk, clock, told):
    record(desk, call(clock, 1, talk_s=0))

    assert ("Звонок от клиента: Мария", "Пропущен") in told()
    assert "Новая заявка: Мария" in [text for text, _ in told()]


def test_unknown_body_and_own_number_are_told_without_their_content(desk, clock, told):
    record(desk, event(clock, 1, what=Kind.UNKNOWN, why="broken", text="secret words"))
    record(desk, event(clock, 2, sender=Person(name="Anna", phones=("+74950000103",))))

    assert told()[-2:] == [
        ("Неразобранное сообщение", "Канал: form"),
        ("Не для заявок: form", ""),
    ]


def test_note_of_a_person_is_shown_short(desk, clock, told):
    stored = record(desk, event(clock, 1))
    owner = desk.store.get("leads", stored.lead_id)["owner_id"]
    actor = Actor(kind=ActorKind.STAFF, id=owner, role="manager")
    leads.write_note(desk, actor, stored.lead_id, "слово " * 100, cause="test")

    text, detail = told()[-1]

    assert text == "Мария: новая заметка"
    assert len(detail) == LONGEST


def test_task_is_told_with_its_person_and_time_and_again_when_done(desk, clock, told):
    stored = record(desk, event(clock, 1))
    task = Task(
        id=TaskId("tk_1"),
        what="call",
        title="Позвонить",
        client_id=stored.client_id,
        lead_id=stored.lead_id,
        assignee_id="st_anna",
        due_at=clock.now(),
        created_at=clock.now(),
    )
    office_tasks.create(desk, SYSTEM, task, cause="test")
    office_tasks.finish(desk, ANNA, "tk_1", cause="test")

    lines = told()
    assert ("Задача: Позвонить", "Анна Белова, срок 23.11 09:00") in lines
    assert lines[-1][0] == "Задача сделана: Позвонить"


def test_english_feed_has_no_russian_of_ours(desk, clock, told):
    record(desk, event(clock, 1, sender=Person(name="Maria", phones=("+79160001122",))))
    clock.advance(timedelta(minutes=5))
    record(desk, call(clock, 2, talk_s=180))

    stages = [text for text, _ in told("en")]

    assert "New request: Maria" in stages
    assert "Maria: Call made · 1 hour" in stages
