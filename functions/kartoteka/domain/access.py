"""The one policy: who may do what; every output and every command asks here.

First cut of the matrix: commands on leads and tasks. Fields are an allow-list: what is not named
here nobody sees.
"""

from enum import StrEnum

from kartoteka.domain.change import Actor, ActorKind
from kartoteka.domain.errors import NotAllowed
from kartoteka.domain.model import Entity, Lead, Role, Task


class Operation(StrEnum):
    """What may be done with a record."""

    READ = "read"
    CHANGE = "change"
    ASSIGN = "assign"


BOOK = "book"  # a person known only by the book they edit: they have the book's rights
_ALL = {Role.ADMIN, Role.DIRECTOR, Role.HEAD, BOOK}
_READERS = {*_ALL, Role.OPERATOR}


def can(actor: Actor, operation: Operation, record: Entity) -> bool:
    """Return whether the actor may do this with this record."""
    if actor.kind is not ActorKind.STAFF or actor.role in _ALL:
        return True
    if operation is Operation.READ and actor.role in _READERS:
        return True
    holder = _holder(record)
    return actor.role in {Role.MANAGER, Role.EXECUTOR} and holder in {None, actor.id}


def check(actor: Actor, operation: Operation, record: Entity) -> None:
    """Refuse what the policy does not allow.

    Raises:
        NotAllowed: with the text code `not_yours`.
    """
    if not can(actor, operation, record):
        raise NotAllowed(
            f"{actor.id} may not {operation} {record.kind} {record.id}", code="not_yours"
        )


def _holder(record: Entity) -> str | None:
    if isinstance(record, Lead):
        return record.owner_id
    if isinstance(record, Task):
        return record.assignee_id
    return ""
