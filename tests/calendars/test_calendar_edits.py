"""What people do in their calendars: it is done in their name, or put back and explained."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from tests.calendars.calendar_office import ANNA, BORIS, Diary
from tests.fakes import FakeTasks, FixedClock

from kartoteka.calendar_ports import EventSeen
from kartoteka.ports import Query
from sync import calendar_mirror
from sync.calendars import links

NOON = datetime(2026, 11, 24, 9, tzinfo=UTC)


@pytest.fixture
def task(diary: Diary) -> str:
    """A call of tomorrow noon, in the calendar and looked at."""
    made = diary.task(diary.client())
    diary.drain()
    diary.look()
    return made


def changes(diary: Diary, task: str) -> list[dict[str, object]]:
    docs = [entry.doc for entry in diary.desk.store.read_log("changes", None, 1000)]
    return [dict(doc) for doc in docs if any(part["id"] == task for part in doc["parts"])]  # type: ignore[index,union-attr,call-overload]  # JSON


def test_moved_event_moves_the_task_in_the_name_of_its_person(diary: Diary, task: str) -> None:
    diary.office.moved(diary.only(), 3)
    assert diary.look()[f"office-{ANNA}"] == 1

    assert diary.stored(task).due_at == NOON + timedelta(hours=3)
    last = changes(diary, task)[-1]
    assert last["cause"] == f"calendar:{ANNA}"
    assert last["actor"]["id"] == ANNA  # type: ignore[index]  # JSON
    diary.settle()
    assert diary.office.writes == []


def test_renamed_event_renames_the_task_without_the_clients_name(diary: Diary, task: str) -> None:
    diary.office.edited(diary.only(), title="Обсудить срок · Клиент 1")
    diary.look()
    assert diary.stored(task).title == "Обсудить срок"

    diary.office.edited(diary.only(), title="Совсем другое")
    diary.look()
    assert diary.stored(task).title == "Совсем другое"
    assert diary.only().title == "Совсем другое · Клиент 1"


def test_move_into_the_past_is_put_back_with_the_reason(diary: Diary, task: str) -> None:
    diary.office.moved(diary.only(), -72)
    diary.look()

    seen = diary.only()
    assert diary.stored(task).due_at == NOON
    assert seen.start == NOON
    assert seen.description.startswith("⚠ Изменение не принято: ")
    assert [column for _, column, _ in diary.journal()] == ["when"]
    diary.office.moved(seen, 1)
    diary.look()
    assert diary.stored(task).due_at == NOON + timedelta(hours=1)
    assert "⚠" not in diary.only().description


def test_event_moved_to_a_whole_day_is_a_deadline_of_that_day(diary: Diary, task: str) -> None:
    day = datetime(2026, 11, 26, tzinfo=UTC)
    diary.office.edited(diary.only(), start=day, whole_day=True, minutes=1440)
    diary.settle()

    assert diary.stored(task).due_at == datetime(2026, 11, 26, 15, tzinfo=UTC)
    assert diary.only().whole_day
    diary.office.edited(diary.only(), start=NOON, whole_day=False, minutes=45)
    diary.settle()
    assert diary.stored(task).due_at == NOON
    assert (diary.only().start, diary.only().minutes) == (NOON, 45)


def test_event_drawn_over_three_days_covers_them_until_it_has_an_hour_again(
    diary: Diary, task: str
) -> None:
    day = datetime(2026, 11, 26, tzinfo=UTC)
    diary.office.edited(diary.only(), start=day, whole_day=True, minutes=3 * 1440)
    diary.settle()
    diary.do("task.edit", diary.person(ANNA), task=task, title="Другое")
    diary.settle()
    assert (diary.only().title, diary.only().minutes) == ("Другое · Клиент 1", 3 * 1440)
    assert diary.stored(task).due_at == datetime(2026, 11, 26, 15, tzinfo=UTC)

    diary.office.edited(diary.only(), start=NOON, whole_day=False, minutes=45)
    diary.settle()
    diary.office.edited(diary.only(), start=day, whole_day=True, minutes=1440)
    diary.settle()
    assert diary.only().minutes == 1440


def test_meeting_of_a_deal_moves_its_next_step_and_keeps_its_title(diary: Diary) -> None:
    deal = diary.deal(diary.client())
    diary.step(deal, "meeting", hours=3)
    diary.drain()
    diary.look()
    diary.office.edited(diary.only(), start=NOON, title="Моё")
    diary.look()

    doc = diary.desk.store.get("deals", deal)
    assert doc is not None
    assert doc["next_at"] == "2026-11-24T09:00:00.000000Z"
    assert diary.only().title == "Встретиться с клиентом · Клиент 1"
    assert "календар" in diary.only().description


def test_deleted_event_stays_away_the_task_stays_and_people_are_asked(
    diary: Diary, task: str
) -> None:
    diary.office.taken_away(diary.only())
    diary.settle()
    diary.settle()

    assert diary.of(ANNA) == []
    assert diary.stored(task).state == "open"
    assert diary.notices("notice_calendar_gone") == [ANNA]
    due = (NOON + timedelta(days=1)).isoformat()
    diary.do("task.edit", diary.person(ANNA), task=task, due=due)
    diary.drain()
    assert diary.only().start == NOON + timedelta(days=1)


def test_setter_of_the_task_is_asked_too(diary: Diary) -> None:
    diary.task(diary.client(), "st_viktor", assignee=ANNA)
    diary.drain()
    diary.office.taken_away(diary.only())
    diary.look()

    assert diary.notices("notice_calendar_gone") == [ANNA, "st_viktor"]


def test_deleted_event_comes_back_where_the_office_says_so(diary: Diary, task: str) -> None:
    diary.do("calendar.set", deleted="restore")
    before = diary.only()
    diary.office.taken_away(before)
    diary.look()

    assert replace(diary.only(), id="", etag="") == replace(before, id="", etag="")
    assert diary.notices("notice_calendar_gone") == []


def test_event_taken_back_from_the_bin_is_there_again(diary: Diary, task: str) -> None:
    seen = diary.only()
    diary.office.taken_away(seen)
    diary.settle()
    diary.office.brought_back(seen)
    diary.settle()

    assert diary.only().id == seen.id
    diary.office.moved(diary.only(), 1)
    diary.look()
    assert diary.stored(task).due_at == NOON + timedelta(hours=1)


def test_word_typed_into_an_event_from_the_bin_that_goes_again_is_in_the_journal(
    diary: Diary, task: str
) -> None:
    seen = diary.only()
    diary.do("task.finish", diary.person(ANNA), task=task)
    diary.drain()
    diary.office.brought_back(seen)
    diary.office.edited(seen, title="Ещё раз позвонить")
    diary.settle()

    assert diary.of(ANNA) == []
    assert diary.journal() == [(task, "title", "Ещё раз позвонить")]


def test_event_changed_before_the_look_that_finds_it_out_of_the_bin_changes_the_task(
    diary: Diary, task: str
) -> None:
    seen = diary.only()
    diary.office.taken_away(seen)
    diary.settle()
    diary.office.brought_back(seen)
    diary.office.edited(seen, title="Ещё раз позвонить", start=NOON + timedelta(hours=1))
    diary.settle()

    assert diary.stored(task).title == "Ещё раз позвонить"
    assert diary.stored(task).due_at == NOON + timedelta(hours=1)
    assert diary.journal() == []


def test_word_typed_into_a_second_event_of_a_task_is_in_the_journal(
    diary: Diary, task: str
) -> None:
    first = diary.only()
    for who in (BORIS, ANNA):
        diary.do("task.edit", diary.person("st_viktor"), task=task, assignee=who)
        diary.drain()
    diary.office.brought_back(first)
    diary.office.edited(first, title="Ещё раз позвонить")
    diary.settle()

    assert diary.only().id != first.id
    assert diary.journal() == [(task, "title", "Ещё раз позвонить")]


def test_words_under_the_line_stay_and_words_of_ours_are_put_back(diary: Diary, task: str) -> None:
    seen = diary.only()
    typed = seen.description.replace("Тел.", "Телефон").replace("\n", "<br>")
    diary.office.edited(seen, description=f"{typed}<br><a href='https://m.example'>Связь</a>")
    diary.settle()

    said = diary.only().description
    assert said.startswith("Клиент: Клиент 1\nТел.: ")
    assert said.endswith("---\n<a href='https://m.example'>Связь</a>")
    [(record, column, words)] = diary.journal()
    assert (record, column) == (task, "words")
    assert "Телефон" in words


def test_words_of_an_editor_that_mean_the_same_are_no_edit(diary: Diary, task: str) -> None:
    seen = diary.only()
    html = "<p>" + seen.description.replace("\n", "</p><p>").replace("Клиент:", "<b>Клиент:</b>")
    diary.office.edited(seen, description=html + "</p>")
    diary.office.calls.clear()
    diary.look()

    assert diary.office.writes == []
    assert diary.journal() == []


def test_both_sides_moved_the_office_wins_and_the_other_is_in_the_journal(
    diary: Diary, task: str
) -> None:
    diary.office.moved(diary.only(), 5)
    due = (NOON + timedelta(hours=1)).isoformat()
    diary.do("task.edit", diary.person(ANNA), task=task, due=due)
    diary.settle()

    assert diary.only().start == NOON + timedelta(hours=1)
    assert diary.journal() == [(task, "when", "2026-11-24T14:00:00.000000Z")]


def test_drain_that_meets_an_edit_takes_it_first(diary: Diary, task: str) -> None:
    diary.office.moved(diary.only(), 5)
    diary.do("task.edit", diary.person(ANNA), task=task, title="Другое")
    diary.drain()

    assert diary.stored(task).due_at == NOON + timedelta(hours=5)
    assert diary.only().title == "Другое · Клиент 1"


def test_edit_of_an_event_that_has_to_go_is_in_the_journal(diary: Diary, task: str) -> None:
    diary.office.moved(diary.only(), 5)
    diary.do("task.cancel", diary.person(ANNA), task=task, reason="не нужно")
    diary.drain()

    assert diary.of(ANNA) == []
    assert [column for _, column, _ in diary.journal()] == ["when"]


def test_expired_token_finds_edits_and_deletions_all_the_same(diary: Diary) -> None:
    client = diary.client()
    kept, gone = diary.task(client, title="Раз"), diary.task(client, title="Два")
    diary.settle()
    first, second = sorted(diary.of(ANNA), key=lambda it: it.title)
    by_title = {"Два · Клиент 1": first, "Раз · Клиент 1": second}
    diary.office.moved(by_title["Раз · Клиент 1"], 2)
    diary.office.taken_away(by_title["Два · Клиент 1"])
    for book in diary.office.books.values():
        book.expired = True
    diary.look()

    assert diary.stored(kept).due_at == NOON + timedelta(hours=2)
    assert diary.stored(gone).state == "open"
    assert diary.notices("notice_calendar_gone") == [ANNA]


def test_events_of_the_persons_own_are_left_alone(diary: Diary, task: str) -> None:
    [name] = [name for name, it in diary.office.living]
    own = EventSeen("abc0123", "x", "Обед", NOON, 60)
    diary.office.books[name].events[own.id] = own
    diary.office.edited(own, title="Обед в час")
    diary.settle()

    assert len(diary.of(ANNA)) == 2
    assert diary.office.writes == []


def test_covered_amount_is_not_lost_by_a_rename(diary: Diary) -> None:
    deal = diary.deal(diary.client())
    diary.do("deal.edit", deal=deal, amount_minor=15_000_000)
    due = diary.at(5).isoformat()
    made = diary.do("task.create", diary.person(ANNA), deal=deal, title="Взять 150 000", due=due)
    diary.drain()
    diary.office.edited(diary.only(), title="Взять ••• завтра")
    diary.look()

    assert diary.stored(made.id).title == "Взять 150 000"
    assert "сумма" in diary.only().description


def test_event_that_nobody_remembers_is_known_again(diary: Diary, task: str) -> None:
    store = diary.desk.store
    links.drop(store, list(links.of_account(store, f"office-{ANNA}")))
    for book in diary.office.books.values():
        book.expired = True
    diary.settle()
    diary.do("task.edit", diary.person("st_viktor"), task=task, assignee=BORIS)
    diary.drain()

    assert diary.of(ANNA) == []
    assert len(diary.of(BORIS)) == 1


def test_look_is_asked_for_once_in_ten_minutes_and_only_with_calendars(
    diary: Diary, clock: FixedClock, tasks: FakeTasks
) -> None:
    class App:
        desk = diary.desk

    App.clock, App.tasks = clock, tasks  # type: ignore[attr-defined]  # as wiring has them
    for _ in range(3):
        calendar_mirror.look_later(App)  # type: ignore[arg-type]  # what it needs of an app
    clock.advance(timedelta(minutes=10))
    calendar_mirror.look_later(App)  # type: ignore[arg-type]  # what it needs of an app
    asked = [it for it in tasks.queued if it.path == "/sync/look/calendar"]
    assert len(asked) == 2
    diary.do("calendar.look")
    assert len([it for it in tasks.queued if it.path == "/sync/look/calendar"]) == 3
    assert [hit.id for hit in diary.desk.store.query(Query("calendar_links"))] == []
