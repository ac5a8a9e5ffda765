"""A task given from the row of what it is about: to a colleague or to oneself; G2."""

from datetime import timedelta
from zoneinfo import ZoneInfo

from pydantic import JsonValue

from kartoteka.domain.errors import Invalid
from kartoteka.domain.instant import spell
from sync.actions.moments import moment
from sync.actions.offering import Asked, Command, Offer
from sync.columns import label


def _give(kind: str, asked: Asked) -> Command:
    """Return the task: «colleague: what; when»; without a colleague it is one's own."""
    said, _, when = asked.argument.partition(";")
    name, mark, title = said.partition(":")
    settings = asked.frame.settings
    known = {label(p, settings).casefold(): str(p.id) for p in settings.staff if p.active}
    assignee = known.get(name.strip().casefold(), "") if mark else ""
    if (mark and not assignee) or not (title if mark else said).strip():
        raise Invalid("neither a colleague nor a task", code="action_task")
    fields: dict[str, JsonValue] = {kind: asked.view.id, "assignee": assignee}
    return "task.create", {**fields, "title": (title or said).strip(), "due": _due(asked, when)}


def _due(asked: Asked, when: str) -> str:
    """Return the moment that was said; without one the end of the next day."""
    if when.strip():
        return spell(moment(when, asked.frame, asked.now))
    zone = ZoneInfo(asked.frame.settings.office.work.zone)
    return (asked.now.astimezone(zone) + timedelta(days=1)).date().isoformat()


def give_task(kind: str) -> Offer:
    """Return the action for rows of this kind: lead, deal or client."""
    return Offer("task", lambda asked: _give(kind, asked), needs=True)
