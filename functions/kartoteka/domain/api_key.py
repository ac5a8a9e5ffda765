"""Keys of the open API: whose rights a program has, and which of them it was given."""

from collections.abc import Iterable
from typing import ClassVar

from pydantic import Field

from kartoteka.domain.ids import StaffId
from kartoteka.domain.instant import Instant
from kartoteka.domain.model import Entity

READ = "read"
WRITE = "write:"
EVERYTHING = "*"
KEEPERS = "apikey"  # the family of commands that no key may give


class ApiKey(Entity):
    """A key as the office keeps it: it acts as a person, within its scopes.

    `digest` is the SHA-256 of the secret, which is told once and kept nowhere.
    """

    kind: ClassVar[str] = "api_key"
    collection: ClassVar[str] = "api_keys"
    title: str
    staff_id: StaffId  # whose rights it has
    scopes: tuple[str, ...]
    digest: str = Field(repr=False)
    active: bool = True
    used_on: str = ""  # the last day of the office on which it was used, ISO
    created_at: Instant
    created_by: str  # id of the actor
    revoked_at: Instant | None = None


def gives(scopes: Iterable[str], command: str) -> bool:
    """Return whether these scopes reach a command: it is named, or everything of its family is.

    No scope reaches the commands of keys: a key that makes keys would outgrow its scopes.
    """
    family = command.partition(".")[0]
    if family == KEEPERS:
        return False
    wanted = {command, WRITE + family, WRITE + EVERYTHING}
    return not wanted.isdisjoint(scopes)


def known_scopes(commands: Iterable[str]) -> tuple[str, ...]:
    """Return every scope that a key may have, given the commands there are."""
    names = sorted(name for name in commands if name.partition(".")[0] != KEEPERS)
    families = sorted({name.partition(".")[0] for name in names})
    return (READ, WRITE + EVERYTHING, *(WRITE + family for family in families), *names)
