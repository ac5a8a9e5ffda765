"""What is in whose calendar: tasks that people gave and meetings, and how they follow the store."""

from datetime import UTC, datetime, timedelta

import pytest
from tests.calendars.calendar_office import ANNA, BORIS, Diary
from tests.fakes import FixedClock

from kartoteka.domain.errors import ConfigError, ProviderDown, RateLimited
from sync.calendars import agendas

NOON = datetime(2026, 11, 24, 9, tzinfo=UTC)


def test_task_with_a_time_is_an_event_of_its_assignee_and_of_nobody_else(diary: Diary) -> None:
    client = diary.client()
    diary.task(client, text="О сроках")
    diary.drain()

    seen = diary.only()
    assert seen.title == "Позвонить о договоре · Клиент 1"
    assert (seen.start, seen.minutes, seen.whole_day) == (NOON, 30, False)
    assert seen.description == "Клиент: Клиент 1\nТел.: +79160000001\nО сроках\n---"
    assert diary.of(BORIS) == []


def test_second_run_writes_nothing(diary: Diary) -> None:
    client = diary.client()
    for number in range(3):
        diary.task(client, title=f"Дело {number}")
    first = diary.drain()
    assert first.count("insert") == 1
    assert diary.drain() == []
    diary.look()

    assert diary.office.writes == []


def test_office_shares_one_calendar_with_each_person(diary: Diary) -> None:
    diary.drain()
    diary.drain()
    people = [it for it in diary.desk.settings().staff if it.active]

    assert sorted(it.title for it in diary.office.books.values()) == sorted(
        f"Картотека · {it.name}" for it in people
    )
    shared = [sorted(it.shared) for it in diary.office.books.values()]
    assert sorted(shared) == sorted([it.email] for it in people)


def test_machine_made_tasks_and_bare_days_stay_out_and_meetings_come(diary: Diary) -> None:
    client = diary.client()
    diary.do("task.create", diary.person(ANNA), client=client, title="День", due="2026-11-25")
    diary.drain()
    assert diary.of(ANNA) == []

    due = diary.at(30).isoformat()
    diary.do("task.create", diary.person(ANNA), client=client, title="Встреча", what="meeting",
             due=due)  # fmt: skip
    diary.drain()
    assert diary.only().minutes == 60


def test_meetings_only_leaves_other_tasks_out(diary: Diary) -> None:
    client = diary.client()
    diary.task(client)
    diary.drain()
    assert len(diary.of(ANNA)) == 1

    diary.do("calendar.set", tasks=False)
    diary.drain()
    assert diary.of(ANNA) == []


def test_meeting_that_is_the_next_step_of_a_deal_is_an_event(diary: Diary) -> None:
    deal = diary.deal(diary.client())
    diary.step(deal, "meeting", hours=3)
    diary.drain()
    assert diary.only().title == "Встретиться с клиентом · Клиент 1"

    diary.step(deal, "meeting", hours=5)
    diary.drain()
    assert diary.only().start == diary.at(5)
    diary.step(deal, "call", hours=5)
    diary.drain()
    assert diary.of(ANNA) == []


def test_moved_and_renamed_task_moves_its_event_and_keeps_its_length(diary: Diary) -> None:
    task = diary.task(diary.client())
    diary.drain()
    diary.office.edited(diary.only(), minutes=90)
    diary.look()
    due = (NOON + timedelta(hours=2)).isoformat()
    diary.do("task.edit", diary.person(ANNA), task=task, due=due, title="Другое")
    calls = diary.drain()

    seen = diary.only()
    assert (seen.start, seen.minutes) == (NOON + timedelta(hours=2), 90)
    assert seen.title == "Другое · Клиент 1"
    assert calls == ["update"]


def test_reassigned_task_moves_to_the_other_calendar_and_back(diary: Diary) -> None:
    head = diary.person("st_viktor")
    task = diary.task(diary.client(), what="meeting")
    diary.drain()
    for owner, other in ((BORIS, ANNA), (ANNA, BORIS), (BORIS, ANNA)):
        diary.do("task.edit", head, task=task, assignee=owner)
        diary.drain()
        assert len(diary.of(owner)) == 1
        assert diary.of(other) == []


@pytest.mark.parametrize("way", ["task.cancel", "task.delete"])
def test_cancelled_and_deleted_tasks_leave_the_calendar(diary: Diary, way: str) -> None:
    task = diary.task(diary.client())
    diary.drain()
    diary.do(way, diary.person("st_olga"), task=task, reason="не нужно")
    diary.drain()

    assert diary.of(ANNA) == []


def test_task_done_before_its_time_goes_and_done_later_stays_as_done(
    diary: Diary, clock: FixedClock
) -> None:
    client = diary.client()
    early, late = diary.task(client), diary.task(client, title="Встреча", what="meeting")
    diary.drain()
    diary.do("task.finish", diary.person(ANNA), task=early)
    clock.advance(timedelta(hours=28))
    diary.do("task.finish", diary.person(ANNA), task=late)
    diary.drain()

    assert diary.only().title == "✓ Встреча · Клиент 1"


def test_personal_task_is_in_nobodys_office_account(diary: Diary) -> None:
    due = diary.at(5).isoformat()
    diary.do("task.create", diary.person(ANNA), title="К врачу", personal=True, due=due)
    diary.drain()
    assert diary.of(ANNA) == []

    diary.do("calendar.set", accounts="staff")
    diary.drain()
    assert diary.only().title == "К врачу"
    assert diary.office.living == []


def test_amounts_of_the_deal_are_covered_and_markup_is_escaped(diary: Diary) -> None:
    client = diary.client()
    deal = diary.deal(client)
    diary.do("deal.edit", deal=deal, amount_minor=15_000_000)
    due = diary.at(5).isoformat()
    diary.do("task.create", diary.person(ANNA), deal=deal, title="Получить 150 000 ₽",
             text="<b>150000</b> & всё", due=due)  # fmt: skip
    diary.drain()

    seen = diary.only()
    assert "150" not in seen.title + seen.description
    assert "&lt;b&gt;•••&lt;/b&gt; &amp; всё" in seen.description


def test_renamed_client_renames_the_event(diary: Diary) -> None:
    client = diary.client()
    diary.task(client)
    diary.drain()
    diary.do("client.edit", client=client, name="Пётр Ильин")
    diary.drain()

    assert diary.only().title == "Позвонить о договоре · Пётр Ильин"


def test_who_leaves_and_what_is_switched_off_is_emptied(diary: Diary) -> None:
    client = diary.client()
    diary.task(client)
    diary.drain()
    diary.do("calendar.set", accounts="off")
    diary.drain()

    assert diary.office.living == []
    assert agendas.known(diary.desk.store) == []
    diary.do("calendar.set", accounts="office")
    diary.drain()
    assert len(diary.of(ANNA)) == 1
    diary.do("staff.dismiss", staff=ANNA)
    diary.drain()
    assert diary.office.living == []


def test_lost_answers_make_no_second_calendar_and_no_second_event(diary: Diary) -> None:
    diary.task(diary.client())
    for call in range(1, 30):
        diary.office.lose = call
        try:
            diary.drain()
        except ProviderDown:
            continue
        break
    diary.office.lose = 0
    diary.drain()

    marks = [it.mark for it in diary.office.books.values()]
    assert len(marks) == len(set(marks))
    assert len(diary.office.living) == 1


def test_own_write_whose_answer_was_lost_is_nobodys_edit(diary: Diary) -> None:
    task = diary.task(diary.client())
    diary.drain()
    who = diary.person(ANNA)
    diary.do("task.edit", who, task=task, due=(NOON + timedelta(hours=1)).isoformat())
    diary.office.lose = 1
    with pytest.raises(ProviderDown):
        diary.drain()
    diary.do("task.edit", who, task=task, due=(NOON + timedelta(hours=2)).isoformat())
    diary.settle()

    assert diary.stored(task).due_at == diary.only().start == NOON + timedelta(hours=2)
    assert diary.journal() == []


def test_batch_that_was_cut_goes_on_where_it_was(diary: Diary) -> None:
    client = diary.client()
    for number in range(60):
        diary.task(client, title=f"Дело {number}")
    diary.office.part = 20
    with pytest.raises(RateLimited, match="slow down"):
        diary.drain()
    assert len(diary.office.living) == 19

    calls = diary.drain()
    assert len(diary.of(ANNA)) == 60
    assert calls.count("insert") == 2


def test_deleted_calendar_is_made_and_filled_again(diary: Diary) -> None:
    diary.task(diary.client())
    diary.drain()
    name = agendas.recall(diary.desk.store, f"office-{ANNA}").calendar
    del diary.office.books[name]
    diary.look()
    diary.drain()

    assert len(diary.of(ANNA)) == 1
    assert diary.notices("notice_calendar_gone") == []


def test_deleted_calendar_found_by_a_drain_asks_nobody(diary: Diary) -> None:
    task = diary.task(diary.client())
    diary.drain()
    name = agendas.recall(diary.desk.store, f"office-{ANNA}").calendar
    del diary.office.books[name]
    diary.do("task.edit", diary.person(ANNA), task=task, title="Другое")
    diary.drain()
    diary.drain()

    assert diary.only().title == "Другое · Клиент 1"
    assert diary.notices("notice_calendar_gone") == []


def test_account_of_a_person_that_google_refuses_does_not_stop_the_others(diary: Diary) -> None:
    diary.do("calendar.set", accounts="staff")
    diary.task(diary.client(1), ANNA)
    diary.task(diary.client(2, BORIS), BORIS)
    diary.accounts["anna@office.example"].refuse = True
    diary.drain()
    assert len(diary.of(BORIS)) == 1
    assert agendas.recall(diary.desk.store, f"staff-{ANNA}").stuck

    diary.accounts["anna@office.example"].refuse = False
    diary.settle()
    assert len(diary.of(ANNA)) == 1


def test_refused_account_of_the_office_is_an_error_for_its_operator(diary: Diary) -> None:
    diary.office.refuse = True

    with pytest.raises(ConfigError):
        diary.drain()
