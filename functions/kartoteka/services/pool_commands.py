"""Commands on whose a lead is: take a free one, hand over, say how urgent it is."""

from collections.abc import Callable

from pydantic import AwareDatetime, Field

from kartoteka.domain.access import Operation, check
from kartoteka.domain.change import Actor
from kartoteka.domain.errors import Invalid
from kartoteka.domain.model import Lead, Value
from kartoteka.domain.next_step import is_open
from kartoteka.domain.urgency import hurried
from kartoteka.services import handover
from kartoteka.services.commands import Command, Registry
from kartoteka.services.fresh import check_fresh
from kartoteka.services.office import Desk
from kartoteka.services.task_forms import Id
from kartoteka.services.unit import Unit, transact

_LONGEST_REASON = 1_000


class TakeLead(Value):
    """Take a lead that nobody has: the first wins."""

    lead: Id
    expected: AwareDatetime | None = None


class HandOverLead(TakeLead):
    """Give a lead with its open tasks to a colleague, and say why."""

    owner: Id = Field(description="staff id")
    reason: str = Field(max_length=_LONGEST_REASON)


class PrioritiseLead(TakeLead):
    """Say how urgent a lead is; 2 and 3 halve the time for the first answer."""

    priority: int = Field(ge=0, le=3)


def take(desk: Desk, actor: Actor, form: TakeLead, cause: str) -> Lead:
    """Return the lead, now yours.

    Raises:
        NotAllowed: somebody was first, or five leads of yours wait for a first call.
    """

    def work(unit: Unit, lead: Lead) -> Lead:
        taken = handover.take(unit, desk.settings(), lead)
        check(actor, Operation.ASSIGN, lead, within=desk.settings())
        return taken

    return _on_lead(desk, actor, form, work, cause=cause)


def hand_over(desk: Desk, actor: Actor, form: HandOverLead, cause: str) -> Lead:
    """Return the lead in the colleague's hands; you read on for seven days.

    Raises:
        Invalid: no reason, or nobody here has this id.
        NotAllowed: the lead is somebody else's.
    """

    def work(unit: Unit, lead: Lead) -> Lead:
        check(actor, Operation.ASSIGN, lead, within=desk.settings())
        if not form.reason.strip():
            raise Invalid("say why", fields={"reason": "required"}, code="reason_required")
        unit.reason = form.reason
        return handover.give(unit, desk.settings(), lead, form.owner)

    return _on_lead(desk, actor, form, work, cause=cause)


def prioritise(desk: Desk, actor: Actor, form: PrioritiseLead, cause: str) -> Lead:
    """Return the lead with its priority; the first answer is due by it.

    Raises:
        NotAllowed: the lead is somebody else's.
    """

    def work(unit: Unit, lead: Lead) -> Lead:
        check(actor, Operation.CHANGE, lead, within=desk.settings())
        if lead.priority == form.priority:
            return lead
        office = desk.settings().office
        stage = office.pipeline(lead.pipeline).stage(lead.stage)
        update = {"priority": form.priority, "updated_at": unit.now}
        return unit.save(hurried(lead.model_copy(update=update), stage, office.work, unit.now))

    return _on_lead(desk, actor, form, work, cause=cause)


def _on_lead(
    desk: Desk,
    actor: Actor,
    form: TakeLead,
    work: Callable[[Unit, Lead], Lead],
    *,
    cause: str,
) -> Lead:
    def once(unit: Unit) -> Lead:
        lead = unit.need(Lead, form.lead)
        check_fresh(lead, lead.updated_at, form.expected)
        if not is_open(lead):
            raise Invalid("the lead is closed", fields={"lead": lead.state}, code="lead_closed")
        unit.subject = lead.client_id
        return work(unit, lead)

    lead = transact(desk.store, actor, cause, desk.now(), work=once)
    desk.waker.after_commit()
    return lead


POOL_COMMANDS: Registry = {
    "lead.hand_over": Command("give a lead and its tasks to a colleague", HandOverLead, hand_over),
    "lead.priority": Command("say how urgent a lead is", PrioritiseLead, prioritise),
    "lead.take": Command("take a lead that nobody has", TakeLead, take),
}
