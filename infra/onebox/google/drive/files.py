"""The methods of `files`: create, get, list, update, copy, delete, export.

Source: drive.v3, the methods of files.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from onebox.google.drive import conversion, upload
from onebox.google.drive.catalogue import Catalogue
from onebox.google.drive.drives import check_corpora
from onebox.google.drive.file import FOLDER, SPREADSHEET, File, owner_permission
from onebox.google.drive.ports import Spreadsheets
from onebox.google.drive.query import Facts, compiled
from onebox.google.drive.refusals import (
    DriveError,
    invalid_value,
    no_storage,
    not_allowed,
)
from onebox.google.drive.upload import Media
from onebox.google.methods import Call, Json
from onebox.google.storage import Vault

MAX_PAGE = 1000
DEFAULT_PAGE = 100
_BINARY = "application/octet-stream"
_SERVICE_ACCOUNT = ".gserviceaccount.com"
_SORT_KEYS: dict[str, Callable[[File], Any]] = {
    "createdTime": lambda file: file.created,
    "folder": lambda file: file.mime_type != FOLDER,
    "modifiedTime": lambda file: file.modified,
    "modifiedByMeTime": lambda file: file.modified,
    "name": lambda file: file.name.casefold(),
    "name_natural": lambda file: file.name.casefold(),
    "quotaBytesUsed": lambda file: file.size,
    "recency": lambda file: file.modified,
    "starred": lambda file: not file.starred,
    "viewedByMeTime": lambda file: file.modified,
}
_PLAIN = {
    "name": "name",
    "description": "description",
    "starred": "starred",
    "writersCanShare": "writers_can_share",
    "copyRequiresWriterPermission": "copy_requires_writer",
}


@dataclass(frozen=True)
class Cabinet:
    """What the methods of files work with."""

    catalogue: Catalogue
    vault: Vault
    spreadsheets: Spreadsheets


def create(cabinet: Cabinet, call: Call, media: Media | None = None) -> File:
    """files.create: a folder, a spreadsheet or a file with uploaded content."""
    user, body = call.user, call.body
    if user.endswith(_SERVICE_ACCOUNT):
        raise no_storage()
    kind = body.get("mimeType") or (media.mime_type if media else _BINARY)
    file_id = body.get("id") or cabinet.catalogue.new_id()
    if cabinet.catalogue.find(file_id) is not None:
        message = "A file already exists with the provided ID."
        raise DriveError(409, "fileIdInUse", message)
    fresh = File(file_id, body.get("name") or "Untitled", kind, user)
    fresh = replace(fresh, permissions=(owner_permission(user),))
    fresh = _edited(replace(fresh, parents=_parents(cabinet, body, user)), body)
    return _kept_new(cabinet, fresh, media)


def read(cabinet: Cabinet, call: Call) -> File | Media:
    """files.get: the file, or its bytes with alt=media."""
    file = cabinet.catalogue.seen(call.params["fileId"], call.user)
    if call.arg("alt") != "media":
        return file
    media = upload.kept(cabinet.vault, file.id)
    if media is None:
        message = "Only files with binary content can be downloaded. Use Export with Docs files."
        raise DriveError(403, "fileNotDownloadable", message, "alt")
    return media


def list_files(cabinet: Cabinet, call: Call) -> tuple[list[File], str]:
    """files.list: the files of a page, and the token of the next one or ""."""
    check_corpora(call)
    catalogue, user = cabinet.catalogue, call.user
    test = compiled(call.arg("q"))
    size = call.number("pageSize", DEFAULT_PAGE)
    if size < 1:
        raise invalid_value("pageSize")
    size = min(size, MAX_PAGE)
    start = _start(call.arg("pageToken"))
    listed = (file for file in catalogue.files() if catalogue.listed_for(file, user))
    found = [file for file in listed if test(_facts(catalogue, file, user))]
    for key, reverse in reversed(_orders(call.arg("orderBy"))):
        found.sort(key=_SORT_KEYS[key], reverse=reverse)
    more = str(start + size) if start + size < len(found) else ""
    return found[start : start + size], more


def update(cabinet: Cabinet, call: Call, media: Media | None = None) -> File:
    """files.update: name, place, trash, properties and uploaded content."""
    catalogue, user, body = cabinet.catalogue, call.user, call.body
    with catalogue.hold():
        before = catalogue.held(call.params["fileId"], user, "writer")
        rows = _rows(before, media)
        if body.get("trashed") is not None and before.owner != user:
            raise not_allowed()
        file = _edited(before, body)
        if call.arg("addParents"):
            moved = _parents(cabinet, {"parents": call.arg("addParents").split(",")}, user)
            file = replace(file, parents=moved)
        elif call.arg("removeParents"):
            left = set(file.parents) - set(call.arg("removeParents").split(","))
            file = replace(file, parents=tuple(left) or (catalogue.root(file.owner).id,))
        if media is not None and file.mime_type != SPREADSHEET:
            upload.keep(cabinet.vault, file.id, media)
            file = replace(file, size=len(media.content), md5=media.md5)
        saved = catalogue.save(file, user)
    if saved.mime_type == SPREADSHEET and saved.name != before.name:
        cabinet.spreadsheets.rename(saved.id, saved.name)
    return _filled(cabinet, saved, rows)


def copy(cabinet: Cabinet, call: Call) -> File:
    """files.copy: everything but who may see it."""
    source = cabinet.catalogue.seen(call.params["fileId"], call.user)
    if source.mime_type == FOLDER:
        raise DriveError(403, "cannotCopyFile", "This file cannot be copied by the user.")
    if source.copy_requires_writer:
        cabinet.catalogue.held(source.id, call.user, "writer")
    if call.user.endswith(_SERVICE_ACCOUNT):
        raise no_storage()
    user, body = call.user, call.body
    wanted = {"parents": body.get("parents") or _own_parents(cabinet, source, user)}
    fresh = File(
        id=cabinet.catalogue.new_id(),
        name=f"Copy of {source.name}",
        mime_type=source.mime_type,
        owner=user,
        parents=_parents(cabinet, wanted, user),
        description=source.description,
        properties=source.properties,
        app_properties=source.app_properties,
        permissions=(owner_permission(user),),
    )
    fresh = _edited(fresh, {name: value for name, value in body.items() if value})
    if fresh.mime_type == SPREADSHEET:
        cabinet.spreadsheets.copy(source.id, fresh.id, fresh.name)
        return cabinet.catalogue.save(fresh, user)
    return _kept_new(cabinet, fresh, upload.kept(cabinet.vault, source.id))


def export(cabinet: Cabinet, call: Call) -> Media:
    """files.export: a spreadsheet as a file of another kind."""
    return conversion.export(cabinet.catalogue, cabinet.spreadsheets, call)


def delete(cabinet: Cabinet, call: Call) -> None:
    """files.delete: for good, a folder with everything in it; the owner only."""
    catalogue = cabinet.catalogue
    with catalogue.hold():
        file = catalogue.held(call.params["fileId"], call.user, "owner")
        doomed = [*catalogue.below(file), file]
        catalogue.bury(doomed, call.user)
        for gone in doomed:
            upload.forget(cabinet.vault, gone.id)
    for gone in doomed:
        if gone.mime_type == SPREADSHEET:
            cabinet.spreadsheets.delete(gone.id)


def _kept_new(cabinet: Cabinet, fresh: File, media: Media | None) -> File:
    if fresh.mime_type == SPREADSHEET:
        rows = _rows(fresh, media)
        cabinet.spreadsheets.create(fresh.id, fresh.name, fresh.owner)
        return _filled(cabinet, cabinet.catalogue.save(fresh, fresh.owner), rows)
    if media is None and fresh.mime_type.startswith("application/vnd.google-apps."):
        return cabinet.catalogue.save(fresh, fresh.owner)
    content = media or Media(b"", fresh.mime_type)
    with cabinet.catalogue.hold():
        upload.keep(cabinet.vault, fresh.id, content)
        fresh = replace(fresh, size=len(content.content), md5=content.md5)
        return cabinet.catalogue.save(fresh, fresh.owner)


def _rows(file: File, media: Media | None) -> list[list[str]] | None:
    """Return what an upload puts into a spreadsheet; None when it is no such upload."""
    return conversion.read(media) if media and file.mime_type == SPREADSHEET else None


def _filled(cabinet: Cabinet, file: File, rows: list[list[str]] | None) -> File:
    if rows is None:
        return file
    cabinet.spreadsheets.fill(file.id, file.name, rows)
    return cabinet.catalogue.seen(file.id, file.owner)


def _edited(file: File, body: Json) -> File:
    plain = {_PLAIN[name]: body[name] for name in _PLAIN if body.get(name) is not None}
    if body.get("trashed") is not None:
        plain["trashed"] = body["trashed"]
    return replace(
        file,
        **plain,
        properties=_merged(file.properties, body.get("properties")),
        app_properties=_merged(file.app_properties, body.get("appProperties")),
    )


def _merged(before: dict[str, str], sent: dict[str, str | None] | None) -> dict[str, str]:
    merged = {**before, **(sent or {})}
    return {key: value for key, value in merged.items() if value is not None}


def _parents(cabinet: Cabinet, body: Json, user: str) -> tuple[str, ...]:
    wanted = body.get("parents") or ["root"]
    if len(wanted) > 1:
        message = "A file cannot have more than one parent."
        raise DriveError(400, "multipleParentsNotSupported", message)
    folder = cabinet.catalogue.seen(wanted[0], user)
    if folder.mime_type != FOLDER:
        message = "The specified parent is not a folder."
        raise DriveError(403, "parentNotAFolder", message, "parents")
    return (cabinet.catalogue.held(folder.id, user, "writer").id,)


def _own_parents(cabinet: Cabinet, source: File, user: str) -> list[str]:
    try:
        return [cabinet.catalogue.held(name, user, "writer").id for name in source.parents]
    except DriveError:
        return []


def _facts(catalogue: Catalogue, file: File, user: str) -> Facts:
    people = [p for p in catalogue.permissions(file) if p.email]
    writers = {p.email for p in people if p.role in ("writer", "owner")}
    own_root = catalogue.root(user).id
    return Facts(
        name=file.name,
        mime_type=file.mime_type,
        modified=file.modified,
        created=file.created,
        trashed=catalogue.in_trash(file),
        starred=file.starred,
        shared_with_me=file.owner != user,
        parents=(*file.parents, *(["root"] if own_root in file.parents else [])),
        owners=(file.owner,),
        writers=writers,
        readers={p.email for p in people},
        properties=file.properties,
        app_properties=file.app_properties,
    )


def _orders(text: str) -> list[tuple[str, bool]]:
    orders = []
    for part in text.split(",") if text else []:
        key, _, direction = part.strip().partition(" ")
        if key not in _SORT_KEYS or direction not in ("", "desc"):
            raise invalid_value("orderBy")
        orders.append((key, direction == "desc"))
    return orders


def _start(token: str) -> int:
    if token and not token.isdecimal():
        raise invalid_value("pageToken")
    return int(token or 0)


def renamed(file: File, title: str) -> File:
    """Return the file under another name."""
    return replace(file, name=title)
