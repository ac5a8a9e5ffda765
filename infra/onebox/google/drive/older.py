"""The File resource of Drive v2, which clients still ask for when they make or import a file.

Source: drive.v2, files.insert, and files.update with `convert`; names and order as the service
answers them, with links that only Google serves.
"""

from onebox.google.drive.catalogue import Catalogue
from onebox.google.drive.file import RANKS, File
from onebox.google.drive.resource import ICON, file_link, user_resource
from onebox.google.methods import Json

OLDER_FILE = "v2.File"
_FILES = "https://www.googleapis.com/drive/v2/files/"
_EXPORT = "https://docs.google.com/spreadsheets/export?id={id}&exportFormat={ending}"
_EXPORTS = {
    "application/x-vnd.oasis.opendocument.spreadsheet": "ods",
    "text/tab-separated-values": "tsv",
    "application/pdf": "pdf",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "xlsx",
    "text/csv": "csv",
    "application/zip": "zip",
    "application/vnd.oasis.opendocument.spreadsheet": "ods",
}
_THUMBNAIL = "https://docs.google.com/feeds/vt?gd=true&id={id}&v={version}&s=0&sz=s220"
_EMBEDDED = "https://docs.google.com/spreadsheets/d/{id}/htmlembed?ouid={user}"
_PORTRAIT = "https://lh3.googleusercontent.com/a/default-user=s64"
_NEVER = "1970-01-01T00:00:00.000Z"


def newer_body(sent: Json) -> Json:
    """Return what a client of Drive v2 sends as Drive v3 names it."""
    body = {name: value for name, value in sent.items() if name not in {"title", "parents"}}
    if sent.get("title"):
        body["name"] = sent["title"]
    if sent.get("parents"):
        body["parents"] = [above["id"] for above in sent["parents"]]
    return body


def older_resource(file: File, catalogue: Catalogue, viewer: str) -> Json:
    """Return a spreadsheet as Drive v2 describes it to this user."""
    owner, changer = _user(file.owner, viewer), _user(file.modified_by, viewer)
    rank = catalogue.rank(file, viewer)
    return {
        "kind": "drive#file",
        "userPermission": _permission(file, rank),
        "selfLink": _FILES + file.id,
        "ownerNames": [owner["displayName"]],
        "lastModifyingUserName": changer["displayName"],
        "editable": rank >= RANKS["writer"],
        "writersCanShare": file.writers_can_share,
        "mimeType": file.mime_type,
        "exportLinks": {
            kind: _EXPORT.format(id=file.id, ending=ending) for kind, ending in _EXPORTS.items()
        },
        "parents": [_parent(file, above, viewer, catalogue) for above in file.parents],
        "thumbnailLink": _THUMBNAIL.format(id=file.id, version=file.version),
        "appDataContents": False,
        "iconLink": ICON + file.mime_type,
        "shared": len(catalogue.permissions(file)) > 1,
        "lastModifyingUser": changer,
        "owners": [owner],
        "copyable": rank >= RANKS["writer"] or not file.copy_requires_writer,
        "etag": _etag(file),
        "alternateLink": file_link(file),
        "embedLink": _EMBEDDED.format(id=file.id, user=owner["permissionId"]),
        "copyRequiresWriterPermission": file.copy_requires_writer,
        "spaces": ["drive"],
        "id": file.id,
        "title": file.name,
        **_state(file, catalogue),
        "capabilities": {"canEdit": rank >= RANKS["writer"], "canCopy": True},
    }


def _state(file: File, catalogue: Catalogue) -> Json:
    return {
        "labels": {
            "viewed": True,
            "restricted": file.copy_requires_writer,
            "starred": file.starred,
            "hidden": False,
            "trashed": catalogue.in_trash(file),
        },
        "explicitlyTrashed": file.trashed,
        "createdDate": file.created,
        "modifiedDate": file.modified,
        "modifiedByMeDate": file.modified,
        "lastViewedByMeDate": file.modified,
        "markedViewedByMeDate": _NEVER,
        "fileSize": "1024",
        "quotaBytesUsed": "1024",
        "version": str(file.version),
    }


def _permission(file: File, rank: int) -> Json:
    role = next(name for name, place in RANKS.items() if place == rank)
    return {
        "id": "me",
        "type": "user",
        "role": role,
        "kind": "drive#permission",
        "selfLink": f"{_FILES}{file.id}/permissions/me",
        "etag": _etag(file),
        "pendingOwner": False,
    }


def _parent(file: File, above: str, viewer: str, catalogue: Catalogue) -> Json:
    return {
        "selfLink": f"{_FILES}{file.id}/parents/{above}",
        "id": above,
        "isRoot": above == catalogue.root(viewer).id,
        "kind": "drive#parentReference",
        "parentLink": _FILES + above,
    }


def _user(email: str, viewer: str) -> Json:
    told = user_resource(email, viewer)
    names = ("displayName", "kind", "permissionId", "emailAddress")
    portrait = {"isAuthenticatedUser": told["me"], "picture": {"url": _PORTRAIT}}
    return {name: told[name] for name in names} | portrait


def _etag(file: File) -> str:
    return f'"{file.version}.{file.seq}"'
