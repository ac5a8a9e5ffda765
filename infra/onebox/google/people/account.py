"""The contacts and groups of one Google account, in memory and in the vault.

Every change gets the next number of the account; the order of contacts by that number is what
incremental sync walks, so its cost is that of the changes, not of the account.
"""

import secrets
import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime

from onebox.google.methods import Json
from onebox.google.storage import Vault

MY_CONTACTS = "myContacts"
STARRED = "starred"
EVERYBODY = "all"
SYSTEM_GROUPS = {
    "chatBuddies": "Chat contacts",
    EVERYBODY: "All Contacts",
    MY_CONTACTS: "My Contacts",
    "friends": "Friends",
    "family": "Family",
    "coworkers": "Coworkers",
    "blocked": "Blocked",
    STARRED: "Starred",
}


@dataclass(frozen=True)
class Contact:
    """One contact as it is kept.

    Attributes:
        number: the digits of `people/c<digits>`; its hexadecimal form is the source id.
        fields: values by person field, computed parts included, memberships excluded.
        groups: ids of the groups it is in.
        version: grows with each change and makes the etag.
        seq: number of its last change in the account.
        updated: time of that change, ISO 8601 in UTC.
        deleted: only the tombstone is left.
    """

    number: int
    fields: Json = field(default_factory=dict)
    groups: tuple[str, ...] = ()
    version: int = 1
    seq: int = 0
    updated: str = ""
    deleted: bool = False

    @property
    def resource_name(self) -> str:
        return f"people/c{self.number}"

    @property
    def source_id(self) -> str:
        return f"{self.number:x}"


@dataclass(frozen=True)
class Group:
    """One label of the account's owner."""

    id: str
    name: str
    client_data: tuple[dict[str, str], ...] = ()
    version: int = 1
    seq: int = 0
    updated: str = ""
    deleted: bool = False

    @property
    def resource_name(self) -> str:
        return f"contactGroups/{self.id}"


class Account:
    """Contacts and groups of one e-mail address. Hold `lock` around a read-and-write."""

    def __init__(self, email: str, vault: Vault, now: Callable[[], datetime]) -> None:
        self.email = email
        self.lock = threading.RLock()
        self.searchable_to = 0
        self._vault = vault
        self._now = now
        self._contacts: dict[int, Contact] = {}
        self._groups: dict[str, Group] = {}
        self._members: dict[str, set[int]] = {}
        self._seq = 0
        self._load()

    @property
    def seq(self) -> int:
        """Number of the last change."""
        return self._seq

    def moment(self) -> datetime:
        """Return the office time."""
        return self._now()

    def stamp(self) -> str:
        """Return the office time as Google writes it."""
        return self._now().strftime("%Y-%m-%dT%H:%M:%S.%fZ")

    def live(self, resource_name: str) -> Contact | None:
        """Return the contact with this resource name unless it is deleted or unknown."""
        digits = resource_name.removeprefix("people/c")
        found = self._contacts.get(int(digits)) if digits.isdecimal() else None
        return None if found is None or found.deleted else found

    def contacts(self) -> list[Contact]:
        """Return the contacts that are not deleted, least recently changed first."""
        return [contact for contact in self._contacts.values() if not contact.deleted]

    def changed_since(self, seq: int) -> list[Contact]:
        """Return contacts and tombstones changed after a number, oldest change first."""
        newest: list[Contact] = []
        for contact in reversed(self._contacts.values()):
            if contact.seq <= seq:
                break
            newest.append(contact)
        return newest[::-1]

    def count(self) -> int:
        """Return how many contacts are not deleted."""
        return sum(not contact.deleted for contact in self._contacts.values())

    def tombstones_since(self, stamp: str) -> int:
        """Return how many contacts were deleted at or after this time (ISO 8601)."""
        return sum(c.deleted and c.updated >= stamp for c in self._contacts.values())

    def new_number(self) -> int:
        """Return digits that no contact of the account has."""
        while True:
            number = secrets.randbits(62) | 1 << 61
            if number not in self._contacts:
                return number

    def save(self, contacts: Iterable[Contact]) -> list[Contact]:
        """Keep new or changed contacts: all of them or, on an error, none; return them stamped."""
        with self.lock:
            stamp = self.stamp()
            stamped = [
                replace(contact, seq=seq, updated=stamp)
                for seq, contact in enumerate(contacts, self._seq + 1)
            ]
            self._vault.put_all(self._kind("contact"), [(str(c.number), vars(c)) for c in stamped])
            for contact in stamped:
                self._place(contact)
        return stamped

    def members(self, group_id: str) -> list[Contact]:
        """Return the contacts of a group, least recently changed first."""
        if group_id == EVERYBODY:
            return self.contacts()
        chosen = [self._contacts[number] for number in self._members.get(group_id, ())]
        return sorted(chosen, key=lambda contact: contact.seq)

    def member_count(self, group_id: str) -> int:
        """Return how many contacts a group has."""
        if group_id == EVERYBODY:
            return self.count()
        return len(self._members.get(group_id, ()))

    def groups(self) -> Iterator[Group]:
        """Yield every group, deleted ones too: last changed first, system groups behind them."""
        yield from sorted(self._groups.values(), key=lambda group: -group.seq)
        yield from (Group(id=key, name=key) for key in SYSTEM_GROUPS)

    def group(self, group_id: str) -> Group | None:
        """Return the group with this id unless it is deleted or unknown."""
        if group_id in SYSTEM_GROUPS:
            return Group(id=group_id, name=group_id)
        found = self._groups.get(group_id)
        return None if found is None or found.deleted else found

    def new_group_id(self) -> str:
        """Return an id that no group of the account has."""
        while True:
            group_id = secrets.token_hex(8)
            if group_id not in self._groups:
                return group_id

    def save_group(self, group: Group) -> Group:
        """Keep a new, changed or deleted group; return it stamped."""
        with self.lock:
            stamped = replace(group, seq=self._seq + 1, updated=self.stamp())
            self._vault.put(self._kind("contact-group"), stamped.id, vars(stamped))
            self._groups[stamped.id] = stamped
            self._seq = stamped.seq
        return stamped

    def _kind(self, what: str) -> str:
        return f"{what}/{self.email}"

    def _load(self) -> None:
        for _, body in self._vault.list(self._kind("contact-group")):
            group = Group(**body)
            self._groups[group.id] = replace(group, client_data=tuple(group.client_data))
            self._seq = max(self._seq, group.seq)
        bodies = [body for _, body in self._vault.list(self._kind("contact"))]
        for body in sorted(bodies, key=lambda body: int(body["seq"])):
            self._place(Contact(**{**body, "groups": tuple(body["groups"])}))
        self.searchable_to = self._seq

    def _place(self, contact: Contact) -> None:
        before = self._contacts.pop(contact.number, None)
        self._contacts[contact.number] = contact
        for group_id in () if before is None else before.groups:
            self._members[group_id].discard(contact.number)
        for group_id in contact.groups:
            self._members.setdefault(group_id, set()).add(contact.number)
        self._seq = max(self._seq, contact.seq)
