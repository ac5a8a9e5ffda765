"""Refusals of the stand-in, in the shape and with the words of Google's services.

Source: google.rpc.Status as Google's JSON transcoding returns it.
"""

from collections.abc import Sequence
from typing import Any

SCOPE_INSUFFICIENT = "ACCESS_TOKEN_SCOPE_INSUFFICIENT"
HTTP_STATUS = {
    "INVALID_ARGUMENT": 400,
    "FAILED_PRECONDITION": 400,
    "OUT_OF_RANGE": 400,
    "UNAUTHENTICATED": 401,
    "PERMISSION_DENIED": 403,
    "NOT_FOUND": 404,
    "ABORTED": 409,
    "ALREADY_EXISTS": 409,
    "RESOURCE_EXHAUSTED": 429,
    "CANCELLED": 499,
    "INTERNAL": 500,
    "UNIMPLEMENTED": 501,
    "UNAVAILABLE": 503,
    "DEADLINE_EXCEEDED": 504,
}


class GoogleError(Exception):
    """An answer other than 200, as a Google service words it.

    Attributes:
        status: HTTP status code.
        reason: canonical code, such as INVALID_ARGUMENT.
        message: English sentence, as Google would say it.
        details: google.rpc detail objects (ErrorInfo, BadRequest), often none.
    """

    def __init__(
        self,
        status: int,
        reason: str,
        message: str,
        details: Sequence[dict[str, Any]] = (),
    ) -> None:
        super().__init__(message)
        self.status = status
        self.reason = reason
        self.message = message
        self.details = list(details)

    def body(self) -> dict[str, Any]:
        """Return the JSON body of the answer: `{"error": {code, message, status, details?}}`."""
        error: dict[str, Any] = {
            "code": self.status,
            "message": self.message,
            "status": self.reason,
        }
        if self.details:
            error["details"] = self.details
        return {"error": error}


def invalid(message: str, details: Sequence[dict[str, Any]] = ()) -> GoogleError:
    """Return the 400 for a request that must be changed before it is sent again."""
    return GoogleError(400, "INVALID_ARGUMENT", message, details)


def bad_request(violations: Sequence[tuple[str, str]]) -> GoogleError:
    """Return the 400 of Google's JSON parser: one sentence per violation, with BadRequest details.

    Args:
        violations: pairs (path of the field, or "" for the top; sentence).
    """
    fields = [
        {"field": path, "description": text} if path else {"description": text}
        for path, text in violations
    ]
    detail = {"@type": "type.googleapis.com/google.rpc.BadRequest", "fieldViolations": fields}
    return invalid("\n".join(text for _, text in violations), [detail])


def not_found(message: str = "Requested entity was not found.") -> GoogleError:
    """Return the 404 that hides whether the thing exists or the caller may not see it."""
    return GoogleError(404, "NOT_FOUND", message)


def forbidden(message: str = "The caller does not have permission") -> GoogleError:
    """Return the 403 of a caller who may see the thing but not do this to it."""
    return GoogleError(403, "PERMISSION_DENIED", message)


def precondition(message: str, details: Sequence[dict[str, Any]] = ()) -> GoogleError:
    """Return the 400 FAILED_PRECONDITION of a request that the current state does not allow."""
    return GoogleError(400, "FAILED_PRECONDITION", message, details)


def canonical(reason: str, message: str, details: Sequence[dict[str, Any]] = ()) -> GoogleError:
    """Return the error of any canonical code with the HTTP status that belongs to it."""
    return GoogleError(HTTP_STATUS[reason], reason, message, details)
