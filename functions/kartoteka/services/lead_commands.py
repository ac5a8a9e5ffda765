"""Commands on leads: forms for what a person may ask."""

from datetime import datetime

from pydantic import AwareDatetime, Field

from kartoteka.domain.change import Actor
from kartoteka.domain.ladder import Move
from kartoteka.domain.model import Client, Lead, Value
from kartoteka.services import leads
from kartoteka.services.commands import Command, Registry
from kartoteka.services.office import Desk
from kartoteka.services.record_edit import EditClient, EditLead, edit_client, edit_lead


class MoveLead(Value):
    """Take a lead to another stage."""

    lead: str
    expected: AwareDatetime | None = None
    stage: str
    reason: str = ""
    wake_at: AwareDatetime | None = None

    @property
    def move(self) -> Move:
        """Return the wish as the ladder reads it."""
        wake: datetime | None = self.wake_at
        return Move(to=self.stage, reason=self.reason, wake_at=wake)


class AssignLead(Value):
    """Give a lead to a colleague."""

    lead: str
    expected: AwareDatetime | None = None
    owner: str = Field(description="staff id")


class RenameLead(Value):
    """Correct the name of a lead and of its client."""

    lead: str
    expected: AwareDatetime | None = None
    name: str


class NoteLead(Value):
    """Replace the note of a lead."""

    lead: str
    expected: AwareDatetime | None = None
    note: str


def _move(desk: Desk, actor: Actor, form: MoveLead, cause: str) -> Lead:
    return leads.move(desk, actor, form.lead, form.move, cause=cause, expected=form.expected)


def _assign(desk: Desk, actor: Actor, form: AssignLead, cause: str) -> Lead:
    return leads.assign(desk, actor, form.lead, form.owner, cause=cause, expected=form.expected)


def _rename(desk: Desk, actor: Actor, form: RenameLead, cause: str) -> Lead:
    return leads.rename(desk, actor, form.lead, form.name, cause=cause, expected=form.expected)


def _note(desk: Desk, actor: Actor, form: NoteLead, cause: str) -> Lead:
    return leads.write_note(desk, actor, form.lead, form.note, cause=cause, expected=form.expected)


def _edit(desk: Desk, actor: Actor, form: EditLead, cause: str) -> Lead:
    return edit_lead(desk, actor, form, cause=cause)


def _edit_client(desk: Desk, actor: Actor, form: EditClient, cause: str) -> Client:
    return edit_client(desk, actor, form, cause=cause)


LEAD_COMMANDS: Registry = {
    "client.edit": Command("change fields of a client", EditClient, _edit_client),
    "lead.edit": Command("change fields of a lead", EditLead, _edit),
    "lead.assign": Command("give a lead to a colleague", AssignLead, _assign),
    "lead.move": Command("take a lead to another stage", MoveLead, _move),
    "lead.note": Command("replace the note of a lead", NoteLead, _note),
    "lead.rename": Command("correct the name of a lead and its client", RenameLead, _rename),
}
