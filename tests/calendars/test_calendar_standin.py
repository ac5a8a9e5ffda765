"""The calendars through Google's client, against the stand-in with its etags and sync tokens."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.calendars.calendar_office import ANNA, BORIS, Diary, few
from tests.calendars.fake_calendars import FakeCalendars
from tests.sync.standin import OFFICE, stand_in

from kartoteka.adapters.calendar import CalendarV3
from kartoteka.domain.errors import ProviderDown
from kartoteka.services.consume import drain
from kartoteka.services.office import Desk
from kartoteka.settings import Settings
from onebox.google.app import Google
from sync.calendar_mirror import Mirror
from sync.calendars import agendas

NOON = datetime(2026, 11, 24, 9, tzinfo=UTC)


@dataclass
class Box:
    """An office whose calendars are in accounts of a stand-in."""

    diary: Diary
    google: Google
    open: Callable[[str], CalendarV3]

    def settle(self) -> Counter[str]:
        """Drain and look; return the calls that it cost."""
        before = Counter(self.google.calls.by_method())
        mirror = Mirror(self.diary.desk, self.open)
        mirror.prepare()
        drain(self.diary.desk, "calendar", mirror.apply, batch=1000, most=10_000)
        mirror.look()
        found = Counter(self.google.calls.by_method()) - before
        return Counter({name.removeprefix("calendar."): count for name, count in found.items()})

    def book(self, staff_id: str = ANNA) -> str:
        return agendas.recall(self.diary.desk.store, f"office-{staff_id}").calendar

    def person(self, staff_id: str = ANNA) -> Any:
        """Google's client as this person uses it."""
        found = self.diary.desk.settings().person(staff_id)
        assert found is not None
        return self.open(found.email)._service.events()

    def events(self, staff_id: str = ANNA) -> list[dict[str, Any]]:
        answer = self.person(staff_id).list(calendarId=self.book(staff_id)).execute()
        return list(answer["items"])


@pytest.fixture
def box(desk: Desk, tmp_path: Path) -> Iterator[Box]:
    few(desk)
    with stand_in(tmp_path) as (google, address):
        ports: dict[str, CalendarV3] = {}
        settings = Settings(google_endpoint=address, google_account=OFFICE)

        def opened(email: str) -> CalendarV3:
            return ports.setdefault(email, CalendarV3(settings, email))

        diary = Diary(desk, dict[str, FakeCalendars]())
        diary.do("calendar.set", accounts="office", absences=True)
        yield Box(diary, google, opened)
        for port in ports.values():
            port._service.close()


def test_day_of_a_calendar_is_the_same_with_googles_client(box: Box) -> None:
    task = box.diary.task(box.diary.client(), reminders=(30, 0))
    first = box.settle()
    assert first["calendars.insert"] == first["acl.insert"] == 4
    assert first["events.insert"] == 1
    assert not any("insert" in name or "patch" in name for name in box.settle())

    [event] = box.events()
    assert event["start"]["dateTime"] == "2026-11-24T12:00:00+03:00"
    assert [it["minutes"] for it in event["reminders"]["overrides"]] == [0, 30]
    assert event["extendedProperties"]["private"]["kartoteka"] == task
    body = {"start": {"dateTime": "2026-11-24T15:30:00+03:00"},
            "end": {"dateTime": "2026-11-24T16:30:00+03:00"}, "location": "Кафе"}  # fmt: skip
    box.person().patch(calendarId=box.book(), eventId=event["id"], body=body).execute()
    box.settle()
    assert box.diary.stored(task).due_at == NOON + timedelta(hours=3, minutes=30)

    box.diary.do("task.edit", box.diary.person(ANNA), task=task, title="Другое")
    box.settle()
    [event] = box.events()
    assert (event["summary"], event["location"]) == ("Другое · Клиент 1", "Кафе")
    assert event["end"]["dateTime"] == "2026-11-24T16:30:00+03:00"
    box.diary.do("task.edit", box.diary.person("st_viktor"), task=task, assignee=BORIS)
    box.settle()
    assert box.events() == []
    assert len(box.events(BORIS)) == 1


def test_deleted_event_is_asked_about_and_made_again_under_another_id(box: Box) -> None:
    task = box.diary.task(box.diary.client())
    box.settle()
    [event] = box.events()
    box.person().delete(calendarId=box.book(), eventId=event["id"]).execute()
    box.settle()
    assert box.events() == []
    assert box.diary.notices("notice_calendar_gone") == [ANNA]

    due = (NOON + timedelta(days=1)).isoformat()
    box.diary.do("task.edit", box.diary.person(ANNA), task=task, due=due)
    box.settle()
    [again] = box.events()
    assert again["id"] != event["id"]


def test_answer_lost_after_the_work_makes_nothing_twice(box: Box) -> None:
    for number in range(3):
        box.diary.task(box.diary.client(number), title=f"Дело {number}")
    box.settle()
    box.diary.task(box.diary.client(7), title="Дело 7")
    box.google.faults.push("calendar.events.insert", "500")
    with pytest.raises(ProviderDown):
        box.settle()
    box.settle()
    assert sorted(it["summary"][:6] for it in box.events()) == [
        "Дело 0", "Дело 1", "Дело 2", "Дело 7",
    ]  # fmt: skip


def test_expired_token_is_a_look_at_everything(box: Box) -> None:
    task = box.diary.task(box.diary.client())
    box.settle()
    [event] = box.events()
    body = {"summary": "Новое имя"}
    box.person().patch(calendarId=box.book(), eventId=event["id"], body=body).execute()
    box.google.calendar.agenda.expire_tokens(box.book())
    box.settle()

    assert box.diary.stored(task).title == "Новое имя"


def test_out_of_office_of_the_own_calendar_makes_the_person_absent(box: Box) -> None:
    box.settle()
    rule = {"role": "reader", "scope": {"type": "user", "value": OFFICE}}
    port = box.open("anna@office.example")
    port._service.acl().insert(calendarId="primary", body=rule).execute()
    body = {
        "summary": "Отпуск",
        "eventType": "outOfOffice",
        "start": {"dateTime": "2026-11-25T00:00:00+03:00"},
        "end": {"dateTime": "2026-11-27T00:00:00+03:00"},
    }
    made = box.person().insert(calendarId="primary", body=body).execute()
    box.settle()
    person = box.diary.desk.settings().person(ANNA)
    assert person is not None
    assert person.absent == ("2026-11-25", "2026-11-26")

    box.person().delete(calendarId="primary", eventId=made["id"]).execute()
    box.settle()
    person = box.diary.desk.settings().person(ANNA)
    assert person is not None
    assert person.absent == ()


def test_calendar_that_is_not_used_any_more_is_shared_with_nobody_until_it_is_again(
    box: Box,
) -> None:
    def readers(book: str) -> list[str]:
        rules = box.open("")._service.acl().list(calendarId=book).execute()["items"]
        return [rule["scope"]["value"] for rule in rules if rule["role"] != "owner"]

    box.diary.task(box.diary.client())
    box.settle()
    hers, his = box.book(), box.book(BORIS)
    assert (readers(hers), readers(his)) == (["anna@office.example"], ["boris@office.example"])

    box.diary.do("staff.dismiss", staff=ANNA)
    assert box.settle()["acl.delete"] == 1
    assert (readers(hers), readers(his)) == ([], ["boris@office.example"])
    gone = box.book("st_viktor")
    box.open("")._service.calendars().delete(calendarId=gone).execute()
    box.diary.do("calendar.set", accounts="off")
    assert box.settle()["acl.delete"] == 3
    box.diary.do("calendar.set", accounts="office")
    box.settle()
    assert (box.book(BORIS), readers(his)) == (his, ["boris@office.example"])


def test_other_address_of_a_person_takes_the_place_of_the_one_before(box: Box) -> None:
    box.settle()
    box.diary.do("staff.edit", staff=ANNA, email="anna.new@office.example")
    box.settle()

    rules = box.open("")._service.acl().list(calendarId=box.book()).execute()["items"]
    assert [it["scope"]["value"] for it in rules if it["role"] != "owner"] == [
        "anna.new@office.example"
    ]
