"""The one policy: who may do what; every output and every command asks here.

First cut of the matrix: commands on leads and tasks. Fields are an allow-list: what is not named
here nobody sees.
"""

from datetime import datetime
from enum import StrEnum

from kartoteka.domain.catalogue import Company
from kartoteka.domain.change import Actor, ActorKind
from kartoteka.domain.deal import Deal
from kartoteka.domain.errors import NotAllowed
from kartoteka.domain.model import Client, Entity, Lead, Notice, Role, Task


class Operation(StrEnum):
    """What may be done with a record."""

    READ = "read"
    CHANGE = "change"
    ASSIGN = "assign"


BOOK = "book"  # a person known only by the book they edit: they have the book's rights
_ALL = {Role.ADMIN, Role.DIRECTOR, Role.HEAD, BOOK}
_READERS = {*_ALL, Role.OPERATOR}


def can(actor: Actor, operation: Operation, record: Entity, *, now: datetime | None = None) -> bool:
    """Return whether the actor may do this with this record.

    `now` lets former owners read for as long as they may; without it they read nothing.
    """
    if actor.kind is not ActorKind.STAFF:
        return True
    if isinstance(record, Task) and record.personal:
        return actor.id == record.assignee_id
    if actor.role in _ALL:
        return True
    if operation is Operation.READ and (actor.role in _READERS or _reads(actor, record, now)):
        return True
    if isinstance(record, Task | Notice):
        return actor.id in _hands(record)
    return _holds(actor, operation, record)


def check(
    actor: Actor, operation: Operation, record: Entity, *, now: datetime | None = None
) -> None:
    """Refuse what the policy does not allow.

    Raises:
        NotAllowed: with the text code `not_yours`.
    """
    if not can(actor, operation, record, now=now):
        raise NotAllowed(
            f"{actor.id} may not {operation} {record.kind} {record.id}", code="not_yours"
        )


def _holds(actor: Actor, operation: Operation, record: Entity) -> bool:
    if isinstance(record, Deal) and actor.role == Role.ACCOUNTANT:
        return operation is not Operation.ASSIGN  # when, the stage says
    return actor.role in {Role.MANAGER, Role.EXECUTOR} and bool({None, actor.id} & _hands(record))


def _hands(record: Entity) -> set[str | None]:
    """Return in whose hands the record is; None among them: whoever takes it."""
    if isinstance(record, Deal):
        return {record.owner_id, *(item.staff_id for item in record.participants if item.edit)}
    if isinstance(record, Lead | Client | Company):
        return {record.owner_id}
    if isinstance(record, Task):
        return {record.assignee_id, record.setter_id or record.assignee_id}
    if isinstance(record, Notice):
        return {record.staff_id}
    return set()


def _reads(actor: Actor, record: Entity, now: datetime | None) -> bool:
    if isinstance(record, Task):
        return actor.id in record.watchers
    if isinstance(record, Deal) and record.visibility == "all":
        return True
    if isinstance(record, Deal) and actor.id in {item.staff_id for item in record.participants}:
        return True
    if now is None or not isinstance(record, Lead | Deal):
        return False
    return any(item.staff_id == actor.id and now < item.until for item in record.readers)
