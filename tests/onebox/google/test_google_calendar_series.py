"""Series of events in Calendar v3 of the stand-in, through Google's own client."""

from collections.abc import Callable
from typing import Any

import pytest
from tests.onebox.google.calendar_desk import event, put, refused


@pytest.fixture
def service(client: Callable[..., Any]) -> Any:
    return client("calendar")


@pytest.fixture
def book(service: Any) -> str:
    body = {"summary": "Смены", "timeZone": "Europe/Moscow"}
    return str(service.calendars().insert(body=body).execute()["id"])


def test_repetition_is_listed_as_it_is_and_apart_where_single_events_are_asked_for(
    service: Any, book: str
) -> None:
    rule = ["RRULE:FREQ=WEEKLY;UNTIL=20261209T070000Z", "EXDATE:20261201T100000Z"]
    made = put(service, book, recurrence=rule)
    (whole,) = service.events().list(calendarId=book).execute()["items"]
    first, last = service.events().list(calendarId=book, singleEvents=True).execute()["items"]

    assert whole["recurrence"] == rule
    assert (first["id"], last["id"]) == (
        f"{made['id']}_20261124T100000Z",
        f"{made['id']}_20261208T100000Z",
    )
    assert "recurrence" not in last
    assert (last["recurringEventId"], last["iCalUID"]) == (made["id"], made["iCalUID"])
    assert last["originalStartTime"] == last["start"]
    assert last["end"]["dateTime"] == "2026-12-08T14:00:00+03:00"


def test_series_keeps_the_time_of_the_clock_and_whole_days(service: Any, book: str) -> None:
    times = [{"dateTime": f"2026-10-20T1{n}:00:00", "timeZone": "Europe/Berlin"} for n in (0, 1)]
    weekly, yearly = ["RRULE:FREQ=WEEKLY;COUNT=2"], ["RRULE:FREQ=YEARLY;UNTIL=20271224"]
    put(service, book, start=times[0], end=times[1], recurrence=weekly)
    days = [{"date": "2026-12-24"}, {"date": "2026-12-26"}]
    put(service, book, start=days[0], end=days[1], recurrence=yearly)
    found = service.events().list(calendarId=book, singleEvents=True, orderBy="startTime").execute()
    starts = [item["start"] for item in found["items"]]

    assert [it.get("dateTime") for it in starts[:2]] == [
        "2026-10-20T11:00:00+03:00",
        "2026-10-27T12:00:00+03:00",
    ]
    assert [(it["id"][-8:], it["end"]) for it in found["items"][2:]] == [
        ("20261224", {"date": "2026-12-26"}),
        ("20271224", {"date": "2027-12-26"}),
    ]


def test_endless_series_is_shown_page_by_page_within_the_limits(service: Any, book: str) -> None:
    put(service, book, recurrence=["RRULE:FREQ=DAILY"])
    put(service, book, start={"date": "2031-01-01"}, end={"date": "2031-01-02"})
    asked = {"calendarId": book, "singleEvents": True, "timeMin": "2026-12-01T10:30:00Z"}
    until = {"timeMax": "2026-12-05T10:00:00Z", "maxResults": 3}
    page = service.events().list(**asked, **until).execute()
    rest = service.events().list(**asked, **until, pageToken=page["nextPageToken"]).execute()
    far = service.events().list(**asked, maxResults=2500).execute()["items"]
    whole = service.events().list(calendarId=book, timeMin="2027-06-01T00:00:00Z").execute()

    days = [item["start"]["dateTime"][8:10] for item in (*page["items"], *rest["items"])]
    assert days == ["01", "02", "03", "04"]
    assert "nextPageToken" not in rest
    assert (len(far), far[-1]["start"]) == (722 + 1, {"date": "2031-01-01"})
    assert len(whole["items"]) == 2


@pytest.mark.parametrize("rule", ["RRULE:FREQ=SOMETIMES", "DAILY", "EXDATE:soonZ"])
def test_rule_of_repetition_that_nobody_can_read_is_refused(
    service: Any, book: str, rule: str
) -> None:
    request = service.events().insert(calendarId=book, body=event(recurrence=[rule]))

    assert refused(request) == (400, "invalid")


def test_instances_of_a_series_come_page_by_page_and_by_their_own_start(
    service: Any, book: str
) -> None:
    made = put(service, book, recurrence=["RRULE:FREQ=DAILY;COUNT=3"])
    put(service, book, recurrence=["RRULE:FREQ=DAILY;COUNT=3"])
    asked = {"calendarId": book, "eventId": made["id"]}
    page = service.events().instances(**asked, maxResults=2).execute()
    rest = service.events().instances(**asked, pageToken=page["nextPageToken"]).execute()
    second = service.events().instances(**asked, originalStart="2026-11-25T10:00:00Z").execute()
    late = service.events().instances(**asked, timeMin="2026-11-26T00:00:00Z").execute()
    listed = service.events().list(calendarId=book, singleEvents=True).execute()["items"]

    assert [*page["items"], *rest["items"]] == listed[:3]
    assert second["items"] == listed[1:2]
    assert late["items"] == listed[2:3]
    assert "nextPageToken" not in rest


def test_instances_of_whole_days_are_found_by_their_day(service: Any, book: str) -> None:
    days = {"start": {"date": "2026-12-24"}, "end": {"date": "2026-12-25"}}
    made = put(service, book, **days, recurrence=["RRULE:FREQ=DAILY;COUNT=3"])
    asked = {"calendarId": book, "eventId": made["id"], "originalStart": "2026-12-25"}

    (found,) = service.events().instances(**asked).execute()["items"]

    assert found["originalStartTime"] == {"date": "2026-12-25"}


def test_instances_of_a_deleted_series_an_unknown_one_and_a_single_event(
    service: Any, book: str
) -> None:
    series = put(service, book, recurrence=["RRULE:FREQ=DAILY;COUNT=3"])["id"]
    service.events().delete(calendarId=book, eventId=series).execute()
    single = put(service, book)["id"]

    def asked(name: str, **how: Any) -> Any:
        return service.events().instances(calendarId=book, eventId=name, **how)

    assert asked(series).execute()["items"] == []
    assert refused(asked("nobodyknows")) == (404, "notFound")
    assert refused(asked(single)) == (400, "badRequest")
    assert refused(asked(series, timeMin="2026-11-26")) == (400, "badRequest")
    assert refused(asked(series, maxResults=-1)) == (400, "invalid")
