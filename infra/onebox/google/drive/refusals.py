"""Refusals of Drive, whose JSON is older than that of Google's other services.

Source: "Resolve errors" of the Drive API guides: `errors[]` with domain, reason and location,
and no canonical status.
"""

from typing import Any

from onebox.google.errors import GoogleError
from onebox.google.methods import Json

_CANONICAL = {
    400: "INVALID_ARGUMENT",
    403: "PERMISSION_DENIED",
    404: "NOT_FOUND",
    409: "ALREADY_EXISTS",
    413: "INVALID_ARGUMENT",
}


class DriveError(GoogleError):
    """An answer of Drive other than 2xx."""

    def __init__(self, status: int, reason: str, message: str, location: str = "") -> None:
        super().__init__(status, _CANONICAL[status], message)
        item: dict[str, Any] = {"message": message, "domain": "global", "reason": reason}
        if location:
            item |= {"location": location, "locationType": "parameter"}
        self.errors = [item]

    def body(self) -> Json:
        """Return the JSON body: `{"error": {errors[], code, message}}`."""
        return {"error": {"code": self.status, "message": self.message, "errors": self.errors}}


def file_not_found(file_id: str) -> DriveError:
    """Return the 404 that hides whether the file exists."""
    return DriveError(404, "notFound", f"File not found: {file_id}.", "fileId")


def permission_not_found(permission_id: str) -> DriveError:
    """Return the 404 of a permission."""
    message = f"Permission not found: {permission_id}."
    return DriveError(404, "notFound", message, "permissionId")


def invalid_value(location: str) -> DriveError:
    """Return the 400 of a parameter that cannot be read."""
    return DriveError(400, "invalid", "Invalid Value", location)


def not_allowed() -> DriveError:
    """Return the 403 of somebody who sees the file but may not do this."""
    message = "The user does not have sufficient permissions for this file."
    return DriveError(403, "insufficientFilePermissions", message)


def no_storage() -> DriveError:
    """Return the 403 that a service account gets when it would own a file."""
    message = (
        "Service Accounts do not have storage quota. Leverage shared drives"
        " (https://developers.google.com/workspace/drive/api/guides/about-shareddrives), or use"
        " OAuth delegation (http://support.google.com/a/answer/7281227) instead."
    )
    return DriveError(403, "storageQuotaExceeded", message)


def bad_fields(path: str) -> DriveError:
    """Return the 400 of a `fields` parameter that names something unknown."""
    return DriveError(400, "invalidParameter", f"Invalid field selection {path}", "fields")
