"""Commands of approvals: ask for one, decide, see them; what may be done without asking."""

from collections.abc import Mapping

from pydantic import BaseModel, Field, JsonValue, ValidationError

from kartoteka.domain.access import Operation, can
from kartoteka.domain.approval import WAITING, Approval
from kartoteka.domain.change import Actor
from kartoteka.domain.errors import Invalid
from kartoteka.domain.ladder import OVERRIDE_REASON
from kartoteka.domain.model import Value
from kartoteka.domain.office import Office
from kartoteka.domain.sales_rules import ApprovalRules
from kartoteka.ports import Order, Query, Where
from kartoteka.services import approvals
from kartoteka.services.commands import Command, Registry
from kartoteka.services.convert import ConvertLead
from kartoteka.services.deal_forms import (
    LONGEST_TEXT,
    AddLine,
    ChangeLine,
    CreateDeal,
    EditDeal,
    MoveDeal,
    TransferDeal,
)
from kartoteka.services.deal_records import colleague
from kartoteka.services.form_check import refusal
from kartoteka.services.lead_commands import MoveLead
from kartoteka.services.office import Desk
from kartoteka.services.settings_edit import Saved, Versioned, save_office

_MOST_SHOWN = 500
_OVERRIDES = {"deal.move", "deal.transfer", "lead.convert", "lead.move"}
FORMS: Mapping[str, type[BaseModel]] = {
    "deal.create": CreateDeal,
    "deal.edit": EditDeal,
    "deal.line_add": AddLine,
    "deal.line_change": ChangeLine,
    "deal.move": MoveDeal,
    "deal.transfer": TransferDeal,
    "lead.convert": ConvertLead,
    "lead.move": MoveLead,
}


class AskApproval(Value):
    """Ask that a command be done which a limit or a guard forbids: `given` is its form."""

    command: str = Field(description="deal.line_change, deal.move, lead.move and the like")
    given: dict[str, JsonValue]
    words: str = Field(
        min_length=OVERRIDE_REASON, max_length=LONGEST_TEXT, description="why it should be allowed"
    )
    judge: str = Field(default="", description="staff id who is asked first")


class DecideApproval(Value):
    """Allow what was asked, or say why not."""

    approval: str
    approve: bool
    reason: str = Field(default="", max_length=LONGEST_TEXT)


class ListApprovals(Value):
    """Show what waits for a word; `all`: what was decided too."""

    all: bool = False


class Approvals(Value):
    """Approvals, the oldest first."""

    approvals: tuple[Approval, ...]


class SetApprovals(Versioned):
    """Say what waits for a head's word, and whose; what is not given stays."""

    discount_limit_bp: int | None = Field(
        default=None, ge=0, le=10_000, description="basis points: 1000 is 10 %; 10000: no limit"
    )
    judges: tuple[str, ...] | None = Field(default=None, description="staff ids, the first first")
    wait_minutes: int | None = Field(default=None, ge=1, le=10_000, description="working time")


def ask(desk: Desk, actor: Actor, form: AskApproval, cause: str) -> Approval:
    """Return what waits now; see `approvals.ask`.

    Raises:
        Invalid: the command cannot be approved, or its form is wrong.
    """
    if form.command not in FORMS:
        known = ", ".join(FORMS)
        raise Invalid(
            f"{form.command!r} is not approved; choose one of {known}",
            fields={"command": "unknown"},
            code="approval_command",
            known=known,
        )
    try:
        FORMS[form.command].model_validate(form.given)
    except ValidationError as exc:
        raise refusal(exc, FORMS[form.command], ("given",)) from exc
    given = {name: value for name, value in form.given.items() if name not in {"ask", "expected"}}
    why = "override" if form.command in _OVERRIDES else "discount"
    wish = approvals.Wish(form.command, given, why, judge=form.judge, words=form.words)
    return approvals.ask(desk, actor, wish, cause=cause)


def decide(desk: Desk, actor: Actor, form: DecideApproval, cause: str) -> Approval:
    """Return the approval with the actor's word; see `approvals.decide`."""
    return approvals.decide(
        desk, actor, form.approval, yes=form.approve, reason=form.reason, cause=cause
    )


def listed(desk: Desk, actor: Actor, form: ListApprovals, _cause: str) -> Approvals:
    """Return the approvals that the actor may see: asked for, to be decided, or of the office."""
    where = () if form.all else (Where("state", "==", WAITING),)
    query = Query(Approval.collection, where, (Order("at"),), limit=_MOST_SHOWN)
    found = [Approval.model_validate(hit.doc) for hit in desk.store.query(query)]
    settings, now = desk.settings(), desk.now()
    mine = (it for it in found if can(actor, Operation.READ, it, within=settings, now=now))
    return Approvals(approvals=tuple(mine))


def set_rules(desk: Desk, actor: Actor, form: SetApprovals, cause: str) -> Saved:
    """Return what was saved: the limit of discounts, who judges, how long each is waited for.

    Raises:
        Invalid: a judge is unknown or has left.
    """
    given = form.model_dump(exclude={"expected"}, exclude_none=True)
    for judge in form.judges or ():
        colleague(desk.settings(), judge, "judges")

    def change(office: Office) -> Office:
        known = office.selling.approvals.model_dump()
        rules = ApprovalRules.model_validate(known | given)
        selling = office.selling.model_copy(update={"approvals": rules})
        return office.model_copy(update={"selling": selling})

    return save_office(desk, actor, change, cause=cause, expected=form.expected, name="approvals")


APPROVAL_COMMANDS: Registry = {
    "approval.ask": Command("ask for what a limit or a guard forbids", AskApproval, ask),
    "approval.decide": Command("allow what was asked, or say why not", DecideApproval, decide),
    "approval.list": Command("show what waits for a word", ListApprovals, listed),
    "approval.set": Command("set the limit of discounts and who judges", SetApprovals, set_rules),
}
