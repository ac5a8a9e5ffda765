"""Calendar v3 of the stand-in through Google's own client; every answer fits the document."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from googleapiclient.errors import HttpError
from googleapiclient.http import BatchHttpRequest
from tests.onebox.google.calendar_desk import START, event, put, refused
from tests.onebox.google.google_desk import Door, InProcess, OfficeClock

from onebox.google.app import Google

OFFICE = "office@example.ru"
ANNA = "anna@example.ru"


@pytest.fixture
def service(client: Callable[..., Any]) -> Any:
    return client("calendar")


@pytest.fixture
def book(service: Any) -> str:
    body = {"summary": "Картотека", "timeZone": "Europe/Moscow"}
    return str(service.calendars().insert(body=body).execute()["id"])


def changes(service: Any, book: str, token: str) -> Any:
    return service.events().list(calendarId=book, syncToken=token).execute()


def whole(service: Any, book: str) -> Any:
    return service.events().list(calendarId=book, showDeleted=True).execute()


def test_inserted_event_comes_back_in_the_zone_of_its_calendar(service: Any, book: str) -> None:
    made = put(service, book, id="k0123456789abcdefv")

    assert made["id"] == "k0123456789abcdefv"
    assert made["start"] == {
        "dateTime": "2026-11-24T13:00:00+03:00",
        "timeZone": "Europe/Moscow",
    }
    assert made["status"] == "confirmed"
    assert service.events().get(calendarId=book, eventId=made["id"]).execute() == made


def test_chosen_id_is_taken_once_and_stays_taken_after_a_deletion(service: Any, book: str) -> None:
    put(service, book, id="k12345")
    again = service.events().insert(calendarId=book, body=event(id="k12345"))

    assert refused(again) == (409, "duplicate")
    service.events().delete(calendarId=book, eventId="k12345").execute()
    assert refused(again) == (409, "duplicate")


@pytest.mark.parametrize("name", ["k123", "K12345", "kxyz12", "k-12345"])
def test_id_outside_the_alphabet_is_refused(service: Any, book: str, name: str) -> None:
    request = service.events().insert(calendarId=book, body=event(id=name))

    assert refused(request) == (400, "invalid")


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"start": None}, "required"),
        ({"end": {"date": "2026-11-25"}}, "invalid"),
        ({"start": {**START, "date": "2026-11-24"}}, "invalid"),
        ({"start": {"dateTime": "2026-11-24T10:00:00"}}, "required"),
        ({"end": {"dateTime": "2026-11-24T09:00:00Z"}}, "timeRangeEmpty"),
        ({"reminders": {"overrides": [{"method": "popup", "minutes": 50_000}]}}, "invalid"),
        ({"eventType": "outOfOffice"}, "eventTypeRestriction"),
        ({"attendees": [{"email": "client@example.ru"}, {"email": "Анна"}]}, "invalid"),
        ({"attendees": [{"displayName": "Анна"}]}, "invalid"),
    ],
)
def test_impossible_event_is_refused(
    service: Any, book: str, fields: dict[str, Any], reason: str
) -> None:
    request = service.events().insert(calendarId=book, body=event(**fields))

    assert refused(request) == (400, reason)


def test_patch_keeps_what_it_does_not_name_and_null_takes_away(service: Any, book: str) -> None:
    made = put(service, book, location="Зал", extendedProperties={"private": {"a": "1", "b": "2"}})
    body = {"location": None, "extendedProperties": {"private": {"b": "3"}}}
    changed = service.events().patch(calendarId=book, eventId=made["id"], body=body).execute()

    assert "location" not in changed
    assert changed["extendedProperties"] == {"private": {"a": "1", "b": "3"}}
    assert changed["summary"] == "Встреча"
    assert changed["etag"] != made["etag"]


def test_whole_day_needs_the_time_taken_away(service: Any, book: str) -> None:
    made = put(service, book)
    days = {"start": {"date": "2026-11-24"}, "end": {"date": "2026-11-25"}}
    call = service.events()
    assert refused(call.patch(calendarId=book, eventId=made["id"], body=days))[0] == 400

    clean = {name: {**day, "dateTime": None, "timeZone": None} for name, day in days.items()}
    changed = call.patch(calendarId=book, eventId=made["id"], body=clean).execute()

    assert changed["start"] == {"date": "2026-11-24"}
    assert changed["sequence"] == made["sequence"] + 1


def test_stale_etag_is_refused(service: Any, book: str) -> None:
    made = put(service, book)
    service.events().patch(calendarId=book, eventId=made["id"], body={"summary": "А"}).execute()
    for request in (
        service.events().patch(calendarId=book, eventId=made["id"], body={"summary": "Б"}),
        service.events().update(calendarId=book, eventId=made["id"], body=event()),
        service.events().delete(calendarId=book, eventId=made["id"]),
    ):
        request.headers["If-Match"] = made["etag"]
        assert refused(request) == (412, "conditionNotMet")


def test_deleted_event_is_cancelled_and_cannot_be_changed(service: Any, book: str) -> None:
    made = put(service, book)
    where = {"calendarId": book, "eventId": made["id"]}
    service.events().delete(**where).execute()

    assert service.events().get(**where).execute()["status"] == "cancelled"
    assert refused(service.events().delete(**where)) == (410, "deleted")
    revived = service.events().patch(**where, body={"status": "confirmed"})
    assert refused(revived) == (403, "forbidden")
    assert service.events().list(calendarId=book).execute()["items"] == []


def test_sync_token_brings_what_changed_and_who_is_gone(service: Any, book: str) -> None:
    first, second = put(service, book), put(service, book, summary="Вторая")
    token = whole(service, book)["nextSyncToken"]
    assert changes(service, book, token)["items"] == []

    service.events().delete(calendarId=book, eventId=first["id"]).execute()
    service.events().patch(
        calendarId=book, eventId=second["id"], body={"summary": "Другая"}
    ).execute()
    found = changes(service, book, token)

    assert found["items"][0] == {
        "kind": "calendar#event",
        "etag": found["items"][0]["etag"],
        "id": first["id"],
        "status": "cancelled",
    }
    assert [item.get("summary") for item in found["items"]] == [None, "Другая"]
    assert changes(service, book, found["nextSyncToken"])["items"] == []


def test_pages_show_everything_once_and_the_token_comes_last(service: Any, book: str) -> None:
    made = {put(service, book, summary=f"№ {number}")["id"] for number in range(5)}
    seen: list[str] = []
    token = None
    while True:
        page = service.events().list(calendarId=book, maxResults=2, pageToken=token).execute()
        seen += [item["id"] for item in page["items"]]
        token = page.get("nextPageToken")
        assert ("nextSyncToken" in page) == (token is None)
        if token is None:
            break

    assert len(seen) == 5
    assert set(seen) == made


def test_old_sync_token_asks_for_everything_again(
    service: Any, book: str, google: Google, office_clock: OfficeClock
) -> None:
    token = whole(service, book)["nextSyncToken"]
    google.calendar.agenda.expire_tokens(book)
    request = service.events().list(calendarId=book, syncToken=token)
    assert refused(request) == (410, "fullSyncRequired")

    token = whole(service, book)["nextSyncToken"]
    office_clock.now += timedelta(days=31)
    request = service.events().list(calendarId=book, syncToken=token)
    assert refused(request) == (410, "fullSyncRequired")


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        (
            {"timeMin": "2026-11-25T00:00:00Z", "timeMax": "2026-11-24T00:00:00Z"},
            ("timeRangeEmpty", "calendar", "timeMax"),
        ),
        (
            {"updatedMin": "2026-01-01T00:00:00Z"},
            ("updatedMinTooLongAgo", "calendar", "updatedMin"),
        ),
        ({"syncToken": "x"}, ("invalid", "global", "syncToken")),
    ],
)
def test_impossible_listing_says_which_parameter_is_wrong(
    service: Any, book: str, asked: dict[str, str], told: tuple[str, ...]
) -> None:
    with pytest.raises(HttpError) as caught:
        service.events().list(calendarId=book, **asked).execute()
    (item,) = json.loads(caught.value.content)["error"]["errors"]

    assert (item["reason"], item["domain"], item["location"]) == told


def test_changes_since_a_time_tell_of_deleted_events_too(
    service: Any, book: str, office_clock: OfficeClock
) -> None:
    put(service, book)
    office_clock.now += timedelta(hours=1)
    since = office_clock.now.isoformat()
    gone = put(service, book)
    service.events().delete(calendarId=book, eventId=gone["id"]).execute()
    found = service.events().list(calendarId=book, updatedMin=since).execute()

    assert [(item["id"], item["status"]) for item in found["items"]] == [(gone["id"], "cancelled")]


@pytest.mark.parametrize(
    "extra",
    [{"q": "а"}, {"timeMin": "2026-11-24T00:00:00Z"}, {"orderBy": "updated"},
     {"privateExtendedProperty": "a=1"}, {"showDeleted": False}],
)  # fmt: skip
def test_sync_token_does_not_go_with_restrictions(
    service: Any, book: str, extra: dict[str, Any]
) -> None:
    token = whole(service, book)["nextSyncToken"]
    request = service.events().list(calendarId=book, syncToken=token, **extra)

    assert refused(request) == (400, "badRequest")


def test_listing_by_time_words_kind_and_property(service: Any) -> None:
    away = event(summary="Отпуск", eventType="outOfOffice")
    service.events().insert(calendarId="primary", body=away).execute()
    marked = {"extendedProperties": {"private": {"kartoteka": "tk_1"}}}
    put(service, "primary", **marked)

    def found(**query: Any) -> list[str]:
        answer = service.events().list(calendarId="primary", **query).execute()
        return [item["summary"] for item in answer["items"]]

    assert found(eventTypes="outOfOffice") == ["Отпуск"]
    assert found(q="встр") == ["Встреча"]
    assert found(privateExtendedProperty="kartoteka=tk_1") == ["Встреча"]
    assert found(timeMin="2026-11-24T11:00:00Z") == []
    assert len(found(timeMax="2026-11-24T10:30:00Z", singleEvents=True, orderBy="startTime")) == 2


def test_calendar_is_seen_by_whom_it_is_shared_with(
    service: Any, book: str, client: Callable[..., Any]
) -> None:
    anna = client("calendar", ANNA)
    assert refused(anna.events().list(calendarId=book)) == (404, "notFound")

    rule = {"role": "reader", "scope": {"type": "user", "value": ANNA}}
    made = service.acl().insert(calendarId=book, body=rule).execute()
    assert made["id"] == f"user:{ANNA}"
    put(service, book)
    assert len(anna.events().list(calendarId=book).execute()["items"]) == 1
    insert = anna.events().insert(calendarId=book, body=event())
    assert refused(insert) == (403, "requiredAccessLevel")

    service.acl().insert(calendarId=book, body={**rule, "role": "writer"}).execute()
    insert.execute()
    assert len(service.acl().list(calendarId=book).execute()["items"]) == 2
    service.acl().delete(calendarId=book, ruleId=made["id"]).execute()
    assert refused(anna.events().list(calendarId=book)) == (404, "notFound")


def test_list_of_calendars_shows_own_ones_and_those_put_there(
    service: Any, book: str, client: Callable[..., Any]
) -> None:
    anna = client("calendar", ANNA)
    rule = {"role": "writer", "scope": {"type": "user", "value": ANNA}}
    service.acl().insert(calendarId=book, body=rule).execute()

    def names(who: Any) -> list[str]:
        return [item["id"] for item in who.calendarList().list().execute()["items"]]

    assert names(service) == [OFFICE, book]
    assert names(anna) == [ANNA]
    entry = anna.calendarList().insert(body={"id": book}).execute()
    assert entry["accessRole"] == "writer"
    assert names(anna) == [ANNA, book]


def test_deleted_calendar_is_not_found_and_the_primary_stays(service: Any, book: str) -> None:
    put(service, book)
    service.calendars().delete(calendarId=book).execute()

    assert refused(service.events().list(calendarId=book)) == (404, "notFound")
    request = service.calendars().delete(calendarId=OFFICE)
    assert refused(request) == (403, "cannotDeletePrimaryCalendar")


def test_batch_answers_each_event_by_itself(
    service: Any, book: str, door: Door, google: Google
) -> None:
    put(service, book, id="k12345")
    answers: dict[str, Any] = {}
    batch = BatchHttpRequest(batch_uri="http://stand-in/google/batch/calendar/v3")

    def take(name: str, answer: Any, error: Any) -> None:
        answers[name] = error.resp.status if error else answer["id"]

    for name in ("k12345", "k67890"):
        request = service.events().insert(calendarId=book, body=event(id=name))
        batch.add(request, take, request_id=name)
    batch.execute(http=InProcess(door, OFFICE))

    assert answers == {"k12345": 409, "k67890": "k67890"}


def test_events_outlive_a_restart(service: Any, book: str, google: Google) -> None:
    made = put(service, book)
    token = whole(service, book)["nextSyncToken"]
    agenda = google.calendar.agenda
    google.calendar.agenda = type(agenda)(google.vault, agenda.now)

    assert service.events().get(calendarId=book, eventId=made["id"]).execute() == made
    assert changes(service, book, token)["items"] == []
