"""The address of a client's files: whom it was made for, which record it is about, and a proof.

The address of a person's own book names that person, that of a book which several people share
names their role. Of the latter the proof covers who they are: when one of them leaves, or does
other work, no address that they saw opens anything. What is shown behind it the policy decides at
each opening.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar
from urllib.parse import quote

from kartoteka.domain.change import Actor, ActorKind
from kartoteka.domain.deal import Deal
from kartoteka.domain.errors import NotFound
from kartoteka.domain.matrix import BOOK
from kartoteka.domain.model import Client, Entity, Lead
from kartoteka.domain.office import Settings
from kartoteka.ports import Store
from kartoteka.services import people, proofs
from kartoteka.services.address_keys import AddressKey, is_genuine, secret_of
from kartoteka.services.office import Desk

_ONE = "files"
_SHARED = "~"  # in front of a role
_NAME = r"[^./]{1,80}"
_TOKEN = re.compile(rf"({_NAME})\.(client|deal|lead)\.({_NAME})\.([0-9a-f]{{{proofs.LENGTH}}})")
_ABOUT: Mapping[str, type[Entity]] = {kind.kind: kind for kind in (Client, Deal, Lead)}


class FileKey(AddressKey):
    """What proves the addresses of files; never in the log, never shown."""

    kind: ClassVar[str] = "file_key"
    collection: ClassVar[str] = "file_keys"


@dataclass(frozen=True, slots=True)
class Asked:
    """Who opened an address, and of which record they want the files."""

    reader: Actor
    kind: type[Entity]
    record: str


class FileLinks:
    """Makes addresses; the office's key is read at the first one, and made if it is new."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def address(self, reader: Actor, settings: Settings, record: Entity) -> str:
        """Return where this reader of a book opens the files of a client, request or deal."""
        own = settings.person(reader.id) is not None
        named = f"{reader.id if own else _SHARED + reader.role}.{record.kind}.{record.id}"
        proof = proofs.proof(self._secret, named + _circle(named, settings))
        base = self._desk.base_url.rstrip("/")
        return f"{base}/api/f/{quote(named, safe='~')}.{proof}"

    @cached_property
    def _secret(self) -> str:
        return secret_of(self._desk, FileKey, _ONE)


def asked(store: Store, token: str, settings: Settings) -> Asked:
    """Return who opened the address and what for; `settings` are those of this moment.

    Raises:
        NotFound: this office never made the address, or it is nobody's by now.
    """
    found = _TOKEN.fullmatch(token)
    if found is not None:
        whose, kind, record, proof = found.groups()
        named = f"{whose}.{kind}.{record}"
        reader = _reader(whose, settings)
        told = named + _circle(named, settings)
        proved = is_genuine(store, FileKey, _ONE, text=told, shown=proof)
        if proved and reader is not None:
            return Asked(reader, _ABOUT[kind], record)
    raise NotFound("nobody has this address", code="files_unknown")


def _reader(whose: str, settings: Settings) -> Actor | None:
    """Return the person, or the readers of a shared book; None for who works here no more."""
    if whose.startswith(_SHARED):
        role = whose.removeprefix(_SHARED)
        return Actor(kind=ActorKind.STAFF, id=f"book:{role}", role=role)
    person = settings.person(whose)
    return people.actor(person, settings) if person is not None and person.active else None


def _circle(named: str, settings: Settings) -> str:
    """Return who may have seen an address that is not of one person, and what roles may now."""
    role, *_ = named.partition(".")
    if not role.startswith(_SHARED):
        return ""
    shared = role.removeprefix(_SHARED)
    told = sorted(
        f"{one.id}:{one.role}:{one.also}:{one.team}:{one.pair}"
        for one in settings.staff
        if one.active and (shared == BOOK or shared == str(one.role))
    )
    return "\n".join(("", *told, *(spec.model_dump_json() for spec in settings.office.roles)))
