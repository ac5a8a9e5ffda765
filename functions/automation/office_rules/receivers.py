"""Whom a rule means by «responsible», «head», a role, a name or a team."""

from automation.office_rules.job import About
from kartoteka.domain.deal import Deal
from kartoteka.domain.ids import StaffId
from kartoteka.domain.model import Client, Lead, Role, Staff, Task
from kartoteka.domain.office import Settings

OWNER, AUTHOR, HEAD = "owner", "author", "head"


def people(settings: Settings, record: About | None, receiver: str) -> tuple[Staff, ...]:
    """Return the active people whom a receiver means, none when there is nobody.

    `head` is who leads the owner's team; where nobody does, whoever is told of what is late. A
    role that nobody has is the director's.
    """
    what, _, name = receiver.partition(":")
    found: tuple[Staff | None, ...]
    if what == OWNER:
        found = (settings.person(owner_of(record)),)
    elif what == AUTHOR:
        author = record.author_id if isinstance(record, Deal) else None
        found = (settings.person(author or owner_of(record)),)
    elif what == HEAD:
        found = heads(settings, owner_of(record))
    elif what == "role":
        found = _with_role(settings, name) or _with_role(settings, Role.DIRECTOR)
    elif what == "team":
        found = tuple(it for it in settings.staff if it.team == name)
    else:
        found = (settings.person(name),)
    return tuple(it for it in found if it is not None and it.active)


def _with_role(settings: Settings, role: str) -> tuple[Staff, ...]:
    held = (it for it in settings.staff if it.active)
    return tuple(it for it in held if role in {str(it.role), *it.also})


def owner_of(record: About | None) -> StaffId | None:
    """Return who works with the record."""
    if isinstance(record, Task):
        return record.assignee_id
    return record.owner_id if isinstance(record, Lead | Deal | Client) else None


def heads(settings: Settings, owner: StaffId | None) -> tuple[Staff, ...]:
    """Return the heads of the owner's team, else all who hear of what is late."""
    person = settings.person(owner)
    team = person.team if person is not None else ""
    own = tuple(it for it in settings.heads() if team and it.team == team)
    return own or settings.heads()
