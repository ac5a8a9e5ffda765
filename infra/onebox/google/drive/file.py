"""A file of the stand-in's Drive as it is kept."""

import re
from dataclasses import dataclass, field

from onebox.google.auth import account_id
from onebox.google.methods import Json

FOLDER = "application/vnd.google-apps.folder"
SPREADSHEET = "application/vnd.google-apps.spreadsheet"
RANKS = {"reader": 1, "commenter": 2, "writer": 3, "owner": 4}
_ANYONE = "anyoneWithLink"
_ANYONE_LISTED = "anyone"


@dataclass(frozen=True)
class Permission:
    """Who may do what.

    Attributes:
        id: the same for the same person on every file.
        type: user, group, domain or anyone.
        role: reader, commenter, writer or owner.
        email: address of a user or group, lower case.
        domain: of a domain permission.
        listed: anyone can find the file by searching, not only by its link.
    """

    id: str
    type: str
    role: str
    email: str = ""
    domain: str = ""
    listed: bool = False

    def covers(self, email: str) -> bool:
        """Tell whether this permission lets the user in."""
        if self.type == "anyone":
            return True
        if self.type == "domain":
            return email.rpartition("@")[2] == self.domain
        return self.email == email


@dataclass(frozen=True)
class File:
    """A file, a folder or a spreadsheet; its content is kept elsewhere.

    Attributes:
        owner: e-mail address.
        parents: ids of folders; one, or none for a root folder.
        created, modified: RFC 3339 in UTC, milliseconds.
        version: grows with each change of the file or its content.
        seq: number of its last change in the whole Drive.
        former: addresses that lost their access and must see the file as removed.
        size, md5: of uploaded content; -1 and "" when there is none.
    """

    id: str
    name: str
    mime_type: str
    owner: str
    parents: tuple[str, ...] = ()
    created: str = ""
    modified: str = ""
    modified_by: str = ""
    version: int = 1
    seq: int = 0
    trashed: bool = False
    starred: bool = False
    deleted: bool = False
    description: str = ""
    properties: dict[str, str] = field(default_factory=dict)
    app_properties: dict[str, str] = field(default_factory=dict)
    permissions: tuple[Permission, ...] = ()
    former: tuple[str, ...] = ()
    writers_can_share: bool = True
    copy_requires_writer: bool = False
    size: int = -1
    md5: str = ""

    def kept(self) -> Json:
        """Return the file as a JSON document for the vault."""
        return {**vars(self), "permissions": [vars(item) for item in self.permissions]}


def revived(document: Json) -> File:
    """Return the file that `kept` wrote."""
    tuples = {name: tuple(document[name]) for name in ("parents", "former")}
    permissions = tuple(Permission(**item) for item in document["permissions"])
    return File(**{**document, **tuples, "permissions": permissions})


def permission_id(kind: str, email: str = "", domain: str = "", *, listed: bool = False) -> str:
    """Return the id that a grantee has on every file."""
    if kind == "anyone":
        return _ANYONE_LISTED if listed else _ANYONE
    number = account_id(email or domain)[1:]
    return f"{number}k" if kind == "domain" else number


def root_id(email: str) -> str:
    """Return the id of a user's My Drive folder."""
    return f"0A{account_id(email)[2:15]}Uk9PVA"


def owner_permission(email: str) -> Permission:
    """Return the permission that makes this user the owner."""
    return Permission(permission_id("user", email), "user", "owner", email)


def display_name(email: str) -> str:
    """Return a name for an address: `anna.petrova@x` is Anna Petrova."""
    words = re.split(r"[._\-]+", email.partition("@")[0])
    return " ".join(word[:1].upper() + word[1:] for word in words if word)
