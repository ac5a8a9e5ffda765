"""Commands that delete by right: each answers with the batch by which it is undone."""

from typing import Annotated

from pydantic import AwareDatetime, Field

from kartoteka.domain.batch import Batch
from kartoteka.domain.change import Actor
from kartoteka.domain.deletion import LONGEST_REASON
from kartoteka.domain.model import Value
from kartoteka.domain.next_step import NextStep
from kartoteka.services import deletion_kinds as kinds
from kartoteka.services.commands import Registry
from kartoteka.services.company_deletion import going_company
from kartoteka.services.deal_commands import command
from kartoteka.services.deletion import Wish, delete
from kartoteka.services.office import Desk
from kartoteka.services.task_forms import Id

Reason = Annotated[str, Field(max_length=LONGEST_REASON, description="why; the log keeps it")]


class DeleteLead(Value):
    """Delete a request and its tasks; calls and messages stay with the client."""

    lead: Id
    reason: Reason
    expected: AwareDatetime | None = None


class DeleteDeal(Value):
    """Delete a deal and its tasks; one that was won or paid stays."""

    deal: Id
    reason: Reason
    expected: AwareDatetime | None = None


class DeleteTask(Value):
    """Delete a task and its subtasks; the last one of an open lead or deal asks what is next."""

    task: Id
    reason: Reason
    expected: AwareDatetime | None = None
    next: NextStep | None = None


class DeleteClient(Value):
    """Delete a client with everything that hangs on it, unless money was made."""

    client: Id
    reason: Reason
    expected: AwareDatetime | None = None


class DeleteCompany(Value):
    """Delete a company; its clients and deals stay, without it."""

    company: Id
    reason: Reason
    expected: AwareDatetime | None = None


class DeleteNote(Value):
    """Delete a note of your own; calls and messages are never deleted."""

    activity: Id
    reason: Reason


def _lead(desk: Desk, actor: Actor, form: DeleteLead, *, cause: str) -> Batch:
    wish = Wish(form.lead, form.reason, form.expected)
    return delete(desk, actor, kinds.LEAD, wish, cause=cause)


def _deal(desk: Desk, actor: Actor, form: DeleteDeal, *, cause: str) -> Batch:
    wish = Wish(form.deal, form.reason, form.expected)
    return delete(desk, actor, kinds.DEAL, wish, cause=cause)


def _task(desk: Desk, actor: Actor, form: DeleteTask, *, cause: str) -> Batch:
    wish = Wish(form.task, form.reason, form.expected)
    return delete(desk, actor, kinds.going_task(form.next), wish, cause=cause)


def _client(desk: Desk, actor: Actor, form: DeleteClient, *, cause: str) -> Batch:
    wish = Wish(form.client, form.reason, form.expected)
    return delete(desk, actor, kinds.CLIENT, wish, cause=cause)


def _company(desk: Desk, actor: Actor, form: DeleteCompany, *, cause: str) -> Batch:
    wish = Wish(form.company, form.reason, form.expected)
    return delete(desk, actor, going_company(desk.store, form.company), wish, cause=cause)


def _note(desk: Desk, actor: Actor, form: DeleteNote, *, cause: str) -> Batch:
    return delete(desk, actor, kinds.NOTE, Wish(form.activity, form.reason), cause=cause)


DELETE_COMMANDS: Registry = {
    "activity.delete": command("delete a note of your own", DeleteNote, _note),
    "client.delete": command("delete a client; undone within 30 days", DeleteClient, _client),
    "company.delete": command("delete a company; undone within 30 days", DeleteCompany, _company),
    "deal.delete": command("delete a deal; undone within 30 days", DeleteDeal, _deal),
    "lead.delete": command("delete a request; undone within 30 days", DeleteLead, _lead),
    "task.delete": command("delete a task; undone within 30 days", DeleteTask, _task),
}
