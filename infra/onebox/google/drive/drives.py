"""Shared drives: an account of the stand-in belongs to no organisation and is in none of them.

Source: drive.v3, drives.list, drives.get and files.list.
"""

from typing import NoReturn

from onebox.google.drive.refusals import DriveError, invalid_value
from onebox.google.methods import Call, Json

_DEFAULT_PAGE, _MAX_PAGE = 10, 100


def shared_drives(call: Call) -> Json:
    """drives.list: an empty list.

    Raises:
        DriveError: 400 for a size of the page that cannot be, or a token nobody gave.
    """
    if not 1 <= call.number("pageSize", _DEFAULT_PAGE) <= _MAX_PAGE:
        raise invalid_value("pageSize")
    if call.arg("pageToken"):
        raise invalid_value("pageToken")
    return {"kind": "drive#driveList", "drives": []}


def shared_drive(call: Call) -> NoReturn:
    """drives.get: nobody is a member of the drive.

    Raises:
        DriveError: always 404.
    """
    raise drive_not_found(call.params["driveId"])


def drive_not_found(drive_id: str) -> DriveError:
    """Return the 404 that hides whether the shared drive exists."""
    return DriveError(404, "notFound", f"Shared drive not found: {drive_id}", "driveId")


def check_corpora(call: Call) -> None:
    """Refuse a listing whose shared drive is not named, is named in vain, or is not there.

    Raises:
        DriveError: 400, or 404 for the drive.
    """
    drive_id = call.arg("driveId")
    if bool(drive_id) != (call.arg("corpora") == "drive"):
        message = "The driveId parameter must be specified if and only if corpora is set to drive."
        raise DriveError(400, "badRequest", message)
    if drive_id:
        raise drive_not_found(drive_id)
