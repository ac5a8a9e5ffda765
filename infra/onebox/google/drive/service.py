"""The Drive API: one entry that knows which method does what and how it is answered."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from onebox.google.drive import files, sharing
from onebox.google.drive.catalogue import Catalogue
from onebox.google.drive.comments import Comments
from onebox.google.drive.drives import shared_drive, shared_drives
from onebox.google.drive.file import (
    RANKS,
    SPREADSHEET,
    File,
    Permission,
    owner_permission,
)
from onebox.google.drive.files import Cabinet
from onebox.google.drive.older import OLDER_FILE, newer_body, older_resource
from onebox.google.drive.ports import Spreadsheets
from onebox.google.drive.refusals import DriveError, bad_fields, invalid_value
from onebox.google.drive.resource import (
    FILE_DEFAULT,
    PERMISSION_DEFAULT,
    file_resource,
    permission_resource,
    user_resource,
)
from onebox.google.drive.upload import Media
from onebox.google.errors import canonical
from onebox.google.fields import UnknownFieldsError, answer_fields
from onebox.google.methods import Call, Json
from onebox.google.sheets.masks import project
from onebox.google.storage import Vault

MAX_PAGE = 1000
_CHANGES_DEFAULT = (
    "kind,nextPageToken,newStartPageToken,"
    f"changes(kind,type,changeType,time,removed,fileId,file({FILE_DEFAULT}))"
)
_FILES_DEFAULT = f"nextPageToken,kind,incompleteSearch,files({FILE_DEFAULT})"
_PERMISSIONS_DEFAULT = f"nextPageToken,kind,permissions({PERMISSION_DEFAULT})"
_QUOTA_BYTES = 15 * 1024**3


class DriveService:
    """Files of every user.

    Args:
        vault: where files are kept.
        now: the office clock, which stamps changes.
        spreadsheets: keeps the cells of the files that are spreadsheets.
        on_change: called with the id of a file after each change.
    """

    def __init__(
        self,
        vault: Vault,
        now: Callable[[], datetime],
        spreadsheets: Spreadsheets,
        on_change: Callable[[str], None],
    ) -> None:
        self.catalogue = Catalogue(vault, now)
        self._cabinet = Cabinet(self.catalogue, vault, spreadsheets)
        self._on_change = on_change
        comments = Comments(vault, self.catalogue, now)
        self._methods: dict[str, Callable[[Call], Json | Media | None]] = {
            "about.get": self._about,
            "changes.getStartPageToken": self._start_page_token,
            "changes.list": self._changes,
            "comments.create": lambda call: _partial(comments.create(call), call, "*"),
            "comments.delete": comments.delete,
            "comments.get": lambda call: _partial(comments.read(call), call, "*"),
            "comments.list": lambda call: _partial(comments.page(call), call, "*"),
            "drives.get": shared_drive,
            "drives.list": shared_drives,
            "files.copy": lambda call: self._changed(files.copy(self._cabinet, call), call),
            "files.create": lambda call: self._changed(files.create(self._cabinet, call), call),
            "files.delete": self._delete,
            "files.export": lambda call: files.export(self._cabinet, call),
            "files.generateIds": self._generate_ids,
            "files.get": self._get,
            "files.list": self._list,
            "files.update": lambda call: self._changed(files.update(self._cabinet, call), call),
            "permissions.create": self._share,
            "permissions.delete": self._unshare,
            "permissions.get": lambda call: _permission(sharing.read(self.catalogue, call), call),
            "permissions.list": self._permissions,
            "permissions.update": self._change_share,
        }

    def can(self, user: str, file_id: str, role: str) -> bool:
        """Tell whether the user has this role, or a higher one, on the file."""
        file = self.catalogue.find(file_id)
        return file is not None and self.catalogue.rank(file, user) >= RANKS[role]

    def editors(self, file_id: str) -> list[str]:
        """Return the addresses of all who may change the file."""
        file = self.catalogue.find(file_id)
        everyone = () if file is None else self.catalogue.permissions(file)
        return sorted(p.email for p in everyone if p.email and RANKS[p.role] >= RANKS["writer"])

    def registered(self, file_id: str, title: str, user: str) -> None:
        """Take note of a spreadsheet that was made through the Sheets API."""
        fresh = File(
            id=file_id,
            name=title,
            mime_type=SPREADSHEET,
            owner=user,
            parents=(self.catalogue.root(user).id,),
            permissions=(owner_permission(user),),
        )
        self.catalogue.save(fresh, user)

    def touched(self, file_id: str, user: str = "", title: str = "") -> None:
        """Let version and modifiedTime of a file grow after its content changed.

        Args:
            file_id: unknown ids are ignored.
            user: who changed it, or "" when that is not known.
            title: its name from now on, or "" to keep it.
        """
        with self.catalogue.hold():
            file = self.catalogue.find(file_id)
            if file is not None:
                renamed = files.renamed(file, title) if title else file
                self.catalogue.save(renamed, user)

    def handle(self, call: Call, media: Media | None = None) -> Json | Media | None:
        """Return the answer to a recognised request; None is answered 204 without a body.

        Args:
            call: the request.
            media: uploaded content, if any.

        Raises:
            GoogleError: the refusal; 501 for methods that the stand-in does not have.
        """
        method = self._methods.get(call.method.name)
        if method is None:
            raise canonical("UNIMPLEMENTED", f"Method {call.method.id} is not in the stand-in.")
        older = call.method.response == OLDER_FILE
        if media is None and not older:
            return method(call)
        uploaded = files.create if call.method.name == "files.create" else files.update
        sent = replace(call, body=newer_body(call.body)) if older else call
        file = uploaded(self._cabinet, sent, media)
        if older:
            self._on_change(file.id)
            return older_resource(file, self.catalogue, call.user)
        return self._changed(file, call)

    def _changed(self, file: File, call: Call) -> Json:
        self._on_change(file.id)
        return self._file(file, call)

    def _get(self, call: Call) -> Json | Media:
        found = files.read(self._cabinet, call)
        return found if isinstance(found, Media) else self._file(found, call)

    def _delete(self, call: Call) -> None:
        files.delete(self._cabinet, call)
        self._on_change(call.params["fileId"])

    def _list(self, call: Call) -> Json:
        page, more = files.list_files(self._cabinet, call)
        answer: Json = {"nextPageToken": more} if more else {}
        shown = [file_resource(file, self.catalogue, call.user) for file in page]
        answer |= {"kind": "drive#fileList", "incompleteSearch": False, "files": shown}
        return _partial(answer, call, _FILES_DEFAULT)

    def _generate_ids(self, call: Call) -> Json:
        count = call.number("count", 10)
        if not 1 <= count <= MAX_PAGE:
            raise invalid_value("count")
        ids = [self.catalogue.new_id() for _ in range(count)]
        return {"kind": "drive#generatedIds", "space": "drive", "ids": ids}

    def _share(self, call: Call) -> Json:
        granted = sharing.create(self.catalogue, call)
        self._on_change(call.params["fileId"])
        return _permission(granted, call)

    def _change_share(self, call: Call) -> Json:
        changed = sharing.update(self.catalogue, call)
        self._on_change(call.params["fileId"])
        return _permission(changed, call)

    def _unshare(self, call: Call) -> None:
        sharing.delete(self.catalogue, call)
        self._on_change(call.params["fileId"])

    def _permissions(self, call: Call) -> Json:
        shown = [permission_resource(p) for p in sharing.list_permissions(self.catalogue, call)]
        answer = {"kind": "drive#permissionList", "permissions": shown}
        return _partial(answer, call, _PERMISSIONS_DEFAULT)

    def _file(self, file: File, call: Call) -> Json:
        return _partial(file_resource(file, self.catalogue, call.user), call, FILE_DEFAULT)

    def _about(self, call: Call) -> Json:
        if not call.arg("fields"):
            message = "The 'fields' parameter is required for this method."
            raise DriveError(400, "required", message, "fields")
        answer: Json = {
            "kind": "drive#about",
            "user": user_resource(call.user, call.user),
            "storageQuota": {"limit": str(_QUOTA_BYTES), "usage": "0", "usageInDrive": "0"},
            "canCreateDrives": False,
            "appInstalled": True,
        }
        return _partial(answer, call, "*")

    def _start_page_token(self, call: Call) -> Json:
        token = str(self.catalogue.seq + 1)
        answer = {"kind": "drive#startPageToken", "startPageToken": token}
        return _partial(answer, call, "*")

    def _changes(self, call: Call) -> Json:
        token = call.arg("pageToken")
        if not token.isdecimal():
            raise invalid_value("pageToken")
        size = min(max(call.number("pageSize", 100), 1), MAX_PAGE)
        changed = self.catalogue.changed_since(int(token) - 1)
        mine = [file for file in changed if self._concerns(file, call.user)]
        page, more = mine[:size], len(mine) > size
        last = page[-1].seq if more else self.catalogue.seq
        answer: Json = {
            "kind": "drive#changeList",
            "nextPageToken" if more else "newStartPageToken": str(last + 1),
            "changes": [self._change(file, call.user) for file in page],
        }
        return _partial(answer, call, _CHANGES_DEFAULT)

    def _concerns(self, file: File, user: str) -> bool:
        return self.catalogue.listed_for(file, user) or user in file.former

    def _change(self, file: File, user: str) -> Json:
        removed = file.deleted or not self.catalogue.rank(file, user)
        change: Json = {
            "kind": "drive#change",
            "type": "file",
            "changeType": "file",
            "time": file.modified,
            "removed": removed,
            "fileId": file.id,
        }
        if not removed:
            change["file"] = file_resource(file, self.catalogue, user)
        return change


def _permission(permission: Permission, call: Call) -> Json:
    return _partial(permission_resource(permission), call, PERMISSION_DEFAULT)


def _partial(answer: Json, call: Call, default: str) -> Json:
    try:
        mask = answer_fields(call.arg("fields") or default, "drive", call.method.response)
    except UnknownFieldsError as unknown:
        raise bad_fields(unknown.path) from unknown
    chosen: Json = project(answer, mask)
    return chosen
