"""Start and end of events: what Calendar accepts and how it spells it."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from onebox.google.calendar import refusals
from onebox.google.methods import Json


def checked(start: Json, end: Json, zone: str) -> None:
    """Refuse a start and an end that are not one span.

    Raises:
        CalendarError: 400.
    """
    for name, place in (("start", start), ("end", end)):
        if bool(place.get("date")) == bool(place.get("dateTime")):
            raise (
                refusals.required(f"{name} time")
                if not place
                else refusals.invalid(
                    "Invalid start time." if name == "start" else "Invalid end time."
                )
            )
    if bool(start.get("date")) != bool(end.get("date")):
        raise refusals.invalid("Start and end times must either both be date or both be dateTime.")
    if moment(end, zone) < moment(start, zone):
        raise refusals.empty_range()


def moment(place: Json, zone: str) -> datetime:
    """Return the instant of an EventDateTime; a whole day begins at midnight of the zone.

    Raises:
        CalendarError: 400.
    """
    own = zone_of(str(place.get("timeZone") or zone))
    try:
        if place.get("date"):
            day = date.fromisoformat(str(place["date"]))
            return datetime(day.year, day.month, day.day, tzinfo=own)
        found = datetime.fromisoformat(str(place.get("dateTime")))
    except ValueError:
        raise refusals.invalid() from None
    if found.tzinfo is None and not place.get("timeZone"):
        raise refusals.required("time zone definition for start time")
    return found if found.tzinfo else found.replace(tzinfo=own)


def zone_of(name: str) -> ZoneInfo:
    """Return a time zone by its name.

    Raises:
        CalendarError: 400.
    """
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        raise refusals.invalid("Invalid time zone definition for start time.") from None


def shown(place: Json, zone: str) -> Json:
    """Return an EventDateTime as Calendar answers it: in the calendar's zone."""
    if place.get("date"):
        return {"date": place["date"]}
    own = str(place.get("timeZone") or zone)
    local = moment(place, zone).astimezone(zone_of(zone))
    spelled = local.isoformat(timespec="seconds")
    return {"dateTime": spelled.replace("+00:00", "Z"), "timeZone": own}


def bound(text: str, name: str) -> datetime | None:
    """Return a limit of a listing, which must have an offset; None when there is none."""
    if not text:
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise refusals.CalendarError(400, "badRequest", "Bad Request", location=name) from None
    if found.tzinfo is None:
        raise refusals.CalendarError(400, "badRequest", "Bad Request", location=name)
    return found.astimezone(UTC)
