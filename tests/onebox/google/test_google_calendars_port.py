"""The Calendars port over Google's client, against the stand-in behind a real socket."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from tests.sync.standin import OFFICE, stand_in

from kartoteka.adapters.calendar import CalendarV3
from kartoteka.calendar_ports import EventDraft, EventSeen
from kartoteka.domain.errors import Conflict, NotAllowed, NotFound, ProviderDown, RateLimited
from kartoteka.ports import SyncExpired
from kartoteka.settings import Settings
from onebox.google.app import Google

AT = datetime(2026, 11, 24, 10, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture
def served(tmp_path: Path) -> Iterator[tuple[Google, CalendarV3]]:
    with stand_in(tmp_path) as (google, address):
        port = CalendarV3(Settings(google_endpoint=address, google_account=OFFICE))
        yield google, port
        port._local.service.close()


def draft(name: str, **fields: object) -> EventDraft:
    given = {"title": "Встреча", "start": AT, "minutes": 60, "zone": "Europe/Moscow", **fields}
    return EventDraft(name, "tk_1", **given)  # type: ignore[arg-type]  # by name


def test_calendar_is_found_by_its_mark(served: tuple[Google, CalendarV3]) -> None:
    _, port = served
    assert port.find("kartoteka:st_anna") is None
    made = port.make("Картотека · Анна", "kartoteka:st_anna", "Europe/Moscow")

    assert port.find("kartoteka:st_anna") == made
    assert port.find("kartoteka:st_ann") is None
    port.share(made, "anna@office.example")
    port.share(made, "anna@office.example")


def test_events_are_written_read_and_deleted_in_one_call_each(
    served: tuple[Google, CalendarV3],
) -> None:
    google, port = served
    book = port.make("Картотека", "mark", "Europe/Moscow")
    given = {"reminders": (30,), "link": "https://a.example/", "shown": "a b c"}
    drafts = [draft(f"k000{n}", **given) for n in range(50)]
    made = port.insert(book, drafts)

    assert all(isinstance(it, EventSeen) for it in made)
    assert port.get(book, ["k0001", "k9999"]) == [made[1], None]
    assert isinstance(made[0], EventSeen)
    assert (made[0].title, made[0].start, made[0].minutes) == ("Встреча", AT, 60)
    [changed] = port.update(book, [(draft("k0000", title="Другая", shown="d e f"), made[0].etag)])
    assert isinstance(changed, EventSeen)
    assert (made[0].shown, changed.title, changed.shown) == ("a b c", "Другая", "d e f")
    [gone] = port.delete(book, [("k0000", changed.etag)])
    assert gone == EventSeen("k0000", "", deleted=True)
    assert google.calls.total("calendar.events.insert") == 50


def test_outcomes_of_single_events_say_what_happened(served: tuple[Google, CalendarV3]) -> None:
    _, port = served
    book = port.make("Картотека", "mark", "Europe/Moscow")
    [first] = port.insert(book, [draft("k0001")])
    assert isinstance(first, EventSeen)
    [again, other] = port.insert(book, [draft("k0001"), draft("k0002")])
    assert isinstance(again, Conflict)
    assert isinstance(other, EventSeen)

    [stale] = port.update(book, [(draft("k0001"), '"0"')])
    assert isinstance(stale, Conflict)
    [unknown] = port.update(book, [(draft("k0003"), first.etag)])
    assert isinstance(unknown, NotFound)
    port.delete(book, [("k0001", first.etag)])
    [seen] = port.get(book, ["k0001"])
    assert seen is not None
    assert seen.deleted
    [over] = port.delete(book, [("k0001", seen.etag)])
    assert isinstance(over, NotFound)
    [revived] = port.update(book, [(draft("k0001"), seen.etag)])
    assert isinstance(revived, NotAllowed)


def test_whole_day_becomes_an_hour_and_back(served: tuple[Google, CalendarV3]) -> None:
    _, port = served
    book = port.make("Картотека", "mark", "Europe/Moscow")
    day = draft("k0001", whole_day=True, minutes=24 * 60)
    [made] = port.insert(book, [day])
    assert isinstance(made, EventSeen)
    assert (made.whole_day, made.start, made.minutes) == (True, AT.replace(hour=0), 1440)

    [timed] = port.update(book, [(draft("k0001"), made.etag)])
    assert isinstance(timed, EventSeen)
    assert (timed.whole_day, timed.start) == (False, AT)


def test_changes_come_by_token_and_an_old_one_says_so(served: tuple[Google, CalendarV3]) -> None:
    google, port = served
    book = port.make("Картотека", "mark", "Europe/Moscow")
    token = port.page(book, None, None).sync_token
    port.insert(book, [draft("k0001")])
    page = port.page(book, token, None)
    assert [it.id for it in page.events] == ["k0001"]
    assert port.page(book, page.sync_token, None).events == ()

    google.calendar.agenda.expire_tokens(book)
    with pytest.raises(SyncExpired):
        port.page(book, page.sync_token, None)
    with pytest.raises(NotFound):
        port.page("c_0@group.calendar.google.com", None, None)


def test_outages_are_told_apart(served: tuple[Google, CalendarV3]) -> None:
    google, port = served
    book = port.make("Картотека", "mark", "Europe/Moscow")
    google.faults.push("calendar.events.insert", "429", retry_after=7)
    [limited, made] = port.insert(book, [draft("k0001"), draft("k0002")])
    assert isinstance(limited, RateLimited)
    assert limited.retry_after == timedelta(seconds=7)
    assert isinstance(made, EventSeen)
    google.faults.push("calendar.events.get", "500")
    with pytest.raises(ProviderDown):
        port.get(book, ["k0002"])


def test_absence_is_read_from_the_persons_own_calendar(served: tuple[Google, CalendarV3]) -> None:
    _, port = served
    assert port.away("", AT, AT + DAY) == []
    body = {
        "summary": "Отпуск",
        "eventType": "outOfOffice",
        "start": {"dateTime": "2026-11-24T09:00:00+03:00"},
        "end": {"dateTime": "2026-11-24T18:00:00+03:00"},
    }
    port._service.events().insert(calendarId="primary", body=body).execute()

    [(begins, ends)] = port.away("", AT - DAY, AT + DAY)
    assert (begins.hour, ends.hour) == (6, 15)

    start = {"dateTime": "2026-11-24T09:00:00+03:00", "timeZone": "Europe/Moscow"}
    weekly = {**body, "start": start, "recurrence": ["RRULE:FREQ=WEEKLY"]}
    port._service.events().insert(calendarId="primary", body=weekly).execute()

    spans = port.away("", AT + DAY, AT + 15 * DAY)
    assert [(begins.day, begins.hour) for begins, _ in spans] == [(1, 6), (8, 6)]
