"""The methods of `comments`: remarks beside a file.

Source: drive.v3, the methods of comments; every one of them except delete needs `fields`.
"""

import html
import secrets
from collections.abc import Callable
from datetime import datetime

from onebox.google.drive.catalogue import Catalogue
from onebox.google.drive.file import File
from onebox.google.drive.refusals import DriveError, invalid_value
from onebox.google.drive.resource import user_resource
from onebox.google.methods import Call, Json
from onebox.google.storage import Vault

MAX_PAGE = 100
DEFAULT_PAGE = 20
MAX_CHARACTERS = 4096


class Comments:
    """Comments of every file, kept in the vault."""

    def __init__(self, vault: Vault, catalogue: Catalogue, now: Callable[[], datetime]) -> None:
        self._vault = vault
        self._catalogue = catalogue
        self._now = now

    def create(self, call: Call) -> Json:
        """comments.create: anybody who may comment."""
        _require_fields(call)
        file = self._catalogue.held(call.params["fileId"], call.user, "commenter")
        content = str(call.body.get("content") or "")
        if not 0 < len(content) <= MAX_CHARACTERS:
            raise DriveError(400, "required", "The comment content is required.", "content")
        stamp = self._now().strftime("%Y-%m-%dT%H:%M:%S.000Z")
        kept: Json = {
            "id": "AAAA" + secrets.token_urlsafe(8),
            "author": call.user,
            "time": stamp,
            "content": content,
            "anchor": str(call.body.get("anchor") or ""),
        }
        self._vault.put(_kind(file), f"{stamp}{kept['id']}", kept)
        return _resource(kept, call.user)

    def page(self, call: Call) -> Json:
        """comments.list, newest first."""
        _require_fields(call)
        file = self._catalogue.seen(call.params["fileId"], call.user)
        start = call.arg("pageToken") or "0"
        if not start.isdecimal():
            raise invalid_value("pageToken")
        size = min(max(call.number("pageSize", DEFAULT_PAGE), 1), MAX_PAGE)
        kept = [comment for _, comment in self._vault.list(_kind(file))][::-1]
        first = int(start)
        shown = [_resource(comment, call.user) for comment in kept[first : first + size]]
        answer: Json = {"kind": "drive#commentList", "comments": shown}
        if first + size < len(kept):
            answer["nextPageToken"] = str(first + size)
        return answer

    def read(self, call: Call) -> Json:
        """comments.get."""
        _require_fields(call)
        file = self._catalogue.seen(call.params["fileId"], call.user)
        return _resource(self._found(file, call)[1], call.user)

    def delete(self, call: Call) -> None:
        """comments.delete: its author or somebody who may write."""
        file = self._catalogue.seen(call.params["fileId"], call.user)
        key, kept = self._found(file, call)
        if kept["author"] != call.user:
            self._catalogue.held(file.id, call.user, "writer")
        self._vault.delete(_kind(file), key)

    def _found(self, file: File, call: Call) -> tuple[str, Json]:
        wanted = call.params["commentId"]
        for key, kept in self._vault.list(_kind(file)):
            if kept["id"] == wanted:
                return key, kept
        raise DriveError(404, "notFound", f"Comment not found: {wanted}.", "commentId")


def _kind(file: File) -> str:
    return f"drive-comment/{file.id}"


def _require_fields(call: Call) -> None:
    if not call.arg("fields"):
        message = "The 'fields' parameter is required for this method."
        raise DriveError(400, "required", message, "fields")


def _resource(kept: Json, viewer: str) -> Json:
    author = user_resource(kept["author"], viewer)
    shown: Json = {
        "kind": "drive#comment",
        "id": kept["id"],
        "createdTime": kept["time"],
        "modifiedTime": kept["time"],
        "author": {name: author[name] for name in ("kind", "displayName", "me")},
        "deleted": False,
        "resolved": False,
        "content": kept["content"],
        "htmlContent": html.escape(kept["content"]),
        "replies": [],
    }
    return {**shown, "anchor": kept["anchor"]} if kept["anchor"] else shown
