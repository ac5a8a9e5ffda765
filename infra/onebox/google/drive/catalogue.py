"""Every file of the stand-in's Drive, who may see it, and the order of its changes.

The lock is the vault's own transaction: Sheets reports a change from inside its transaction, and
a second lock taken in the other order would stop both for ever.
"""

import secrets
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from onebox.google.drive.file import (
    FOLDER,
    RANKS,
    File,
    Permission,
    owner_permission,
    revived,
    root_id,
)
from onebox.google.drive.refusals import file_not_found, not_allowed
from onebox.google.storage import Vault

_KIND = "drive-file"


class Catalogue:
    """Files in memory and in the vault.

    Args:
        vault: where files are kept.
        now: the office clock, which stamps changes.
    """

    def __init__(self, vault: Vault, now: Callable[[], datetime]) -> None:
        self._vault = vault
        self._now = now
        self._files: dict[str, File] = {}
        self._children: dict[str, set[str]] = {}
        self._seq = 0
        self._reload()

    def hold(self) -> AbstractContextManager[None]:
        """Return what a read-and-write must be inside of."""
        return self._vault.transaction()

    @property
    def seq(self) -> int:
        """Number of the last change."""
        return self._seq

    def new_id(self) -> str:
        """Return an id of 44 characters that no file has."""
        return "1" + secrets.token_urlsafe(32)

    def find(self, file_id: str) -> File | None:
        """Return the file unless it is deleted or unknown."""
        file = self._files.get(file_id)
        return None if file is None or file.deleted else file

    def root(self, email: str) -> File:
        """Return the user's My Drive folder, made on first use."""
        with self.hold():
            return self.find(root_id(email)) or self.save(
                File(
                    id=root_id(email),
                    name="My Drive",
                    mime_type=FOLDER,
                    owner=email,
                    permissions=(owner_permission(email),),
                ),
                email,
            )

    def seen(self, file_id: str, email: str) -> File:
        """Return a file the user may read; `root` is their My Drive.

        Raises:
            DriveError: 404, whether it is missing or hidden.
        """
        file = self.root(email) if file_id == "root" else self.find(file_id)
        if file is None or not self.rank(file, email):
            raise file_not_found(file_id)
        return file

    def held(self, file_id: str, email: str, role: str) -> File:
        """Return a file on which the user has this role or a higher one.

        Raises:
            DriveError: 404 when they may not even see it, else 403.
        """
        file = self.seen(file_id, email)
        if self.rank(file, email) < RANKS[role]:
            raise not_allowed()
        return file

    def rank(self, file: File, email: str) -> int:
        """Return the rank of the user's best role, folders above included; 0 for none."""
        roles = [p.role for p in self.permissions(file) if p.covers(email)]
        return max((RANKS[role] for role in roles), default=0)

    def listed_for(self, file: File, email: str) -> bool:
        """Tell whether the file shows in the user's lists, not only by its link."""
        return any(p.covers(email) for p in self.permissions(file) if p.type != "anyone")

    def permissions(self, file: File) -> tuple[Permission, ...]:
        """Return the permissions of a file, those of its folders included, one a grantee."""
        best = {permission.id: permission for permission in file.permissions}
        for above in self.ancestors(file):
            for permission in above.permissions:
                given = permission
                if permission.role == "owner":
                    given = replace(permission, role="writer")
                known = best.get(given.id)
                if known is None or RANKS[known.role] < RANKS[given.role]:
                    best[given.id] = given
        return tuple(best.values())

    def ancestors(self, file: File) -> Iterator[File]:
        """Yield the folders above a file, nearest first."""
        walked = {file.id}
        while file.parents and file.parents[0] not in walked:
            walked.add(file.parents[0])
            above = self.find(file.parents[0])
            if above is None:
                return
            yield above
            file = above

    def in_trash(self, file: File) -> bool:
        """Tell whether the file or a folder above it is in the trash."""
        return file.trashed or any(above.trashed for above in self.ancestors(file))

    def below(self, folder: File) -> list[File]:
        """Return everything inside a folder, at any depth."""
        found: list[File] = []
        for file_id in sorted(self._children.get(folder.id, ())):
            child = self.find(file_id)
            if child is not None:
                found += [child, *self.below(child)]
        return found

    def files(self) -> list[File]:
        """Return the files that are not deleted and no root folder, last changed first."""
        everything = list(self._files.values())
        alive = [f for f in everything if not f.deleted and f.id != root_id(f.owner)]
        return alive[::-1]

    def changed_since(self, seq: int) -> list[File]:
        """Return files changed after a number, deleted ones too, oldest change first."""
        newest: list[File] = []
        for file in reversed(list(self._files.values())):
            if file.seq <= seq:
                break
            newest.append(file)
        return newest[::-1]

    def save(self, file: File, user: str, *, content: bool = True) -> File:
        """Keep a new or changed file: version and time grow; return it stamped.

        Args:
            file: what to keep.
            user: who changed it; "" keeps the last known one.
            content: the change counts as a modification (sharing does not).
        """
        with self.hold():
            before = self._files.get(file.id)
            stamp = self._stamp(before)
            file = replace(
                file,
                seq=self._seq + 1,
                version=before.version + 1 if before else file.version,
                created=file.created or stamp,
                modified=stamp if content or before is None else before.modified,
                modified_by=(user if content else "") or file.modified_by or file.owner,
            )
            self._vault.on_rollback(self._reload)
            self._vault.put(_KIND, file.id, file.kept())
            self._place(file)
        return file

    def bury(self, files: Iterable[File], user: str) -> None:
        """Delete files for good; they stay known as removed."""
        for file in files:
            self.save(replace(file, deleted=True), user)

    def _reload(self) -> None:
        found = [revived(document) for _, document in self._vault.list(_KIND)]
        files = {file.id: file for file in sorted(found, key=lambda file: file.seq)}
        children: dict[str, set[str]] = {}
        for file in found:
            for parent in file.parents:
                children.setdefault(parent, set()).add(file.id)
        self._files, self._children = files, children
        self._seq = max([self._seq, *(file.seq for file in found)])

    def _stamp(self, before: File | None) -> str:
        now = self._now().astimezone(UTC)
        if before is not None:
            last = datetime.fromisoformat(before.modified)
            now = max(now, last + timedelta(milliseconds=1))
        return now.strftime("%Y-%m-%dT%H:%M:%S.") + f"{now.microsecond // 1000:03d}Z"

    def _place(self, file: File) -> None:
        before = self._files.pop(file.id, None)
        self._files[file.id] = file
        for parent in before.parents if before else ():
            self._children[parent].discard(file.id)
        for parent in file.parents:
            self._children.setdefault(parent, set()).add(file.id)
        self._seq = max(self._seq, file.seq)
