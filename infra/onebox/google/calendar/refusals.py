"""Refusals of Calendar, whose JSON is older than that of Google's other services.

Source: "Handle API errors" of the Calendar guides: `errors[]` with domain, reason and location,
and no canonical status.
"""

from onebox.google.errors import GoogleError
from onebox.google.methods import Json

_CANONICAL = {
    400: "INVALID_ARGUMENT",
    403: "PERMISSION_DENIED",
    404: "NOT_FOUND",
    409: "ALREADY_EXISTS",
    410: "NOT_FOUND",
    412: "FAILED_PRECONDITION",
    501: "UNIMPLEMENTED",
}
_OF_CALENDAR = ("fullSyncRequired", "timeRangeEmpty", "updatedMinTooLongAgo")


class CalendarError(GoogleError):
    """An answer of Calendar other than 2xx."""

    def __init__(
        self, status: int, reason: str, message: str, *, location: str = "", kind: str = "parameter"
    ) -> None:
        super().__init__(status, _CANONICAL[status], message)
        domain = "calendar" if reason in _OF_CALENDAR else "global"
        item = {"domain": domain, "reason": reason, "message": message}
        if location:
            item |= {"locationType": kind, "location": location}
        self.errors = [item]

    def body(self) -> Json:
        """Return the JSON body: `{"error": {errors[], code, message}}`."""
        return {"error": {"errors": self.errors, "code": self.status, "message": self.message}}


def not_found() -> CalendarError:
    """Return the 404 that hides whether the thing exists."""
    return CalendarError(404, "notFound", "Not Found")


def duplicate() -> CalendarError:
    """Return the 409 of an id that is taken, be it by an event that was deleted."""
    return CalendarError(409, "duplicate", "The requested identifier already exists.")


def gone() -> CalendarError:
    """Return the 410 of an event that is deleted already."""
    return CalendarError(410, "deleted", "Resource has been deleted")


def full_sync_required() -> CalendarError:
    """Return the 410 of a sync token that is not good any more."""
    message = "Sync token is no longer valid, a full sync is required."
    return CalendarError(410, "fullSyncRequired", message, location="syncToken")


def updated_too_long_ago() -> CalendarError:
    """Return the 410 of changes asked for since a time that nobody remembers any more."""
    message = "The requested minimum modification time lies too far in the past."
    return CalendarError(410, "updatedMinTooLongAgo", message, location="updatedMin")


def empty_range() -> CalendarError:
    """Return the 400 of an end that is not after its start."""
    message = "The specified time range is empty."
    return CalendarError(400, "timeRangeEmpty", message, location="timeMax")


def stale() -> CalendarError:
    """Return the 412 of a version that is not the present one."""
    message = "Precondition Failed"
    return CalendarError(412, "conditionNotMet", message, location="If-Match", kind="header")


def forbidden() -> CalendarError:
    """Return the 403 of a change that nobody may make."""
    return CalendarError(403, "forbidden", "Forbidden")


def needs_role(role: str) -> CalendarError:
    """Return the 403 of somebody who sees the calendar but may not do this to it."""
    message = f"You need to have {role} access to this calendar."
    return CalendarError(403, "requiredAccessLevel", message)


def required(what: str) -> CalendarError:
    """Return the 400 of something that is missing."""
    return CalendarError(400, "required", f"Missing {what}.")


def invalid(message: str = "Invalid Value", location: str = "") -> CalendarError:
    """Return the 400 of a value that cannot be."""
    return CalendarError(400, "invalid", message, location=location)


def not_here(what: str) -> CalendarError:
    """Return the 501 of what Google does and the stand-in does not."""
    return CalendarError(501, "notImplemented", f"{what} is not in the stand-in.")
