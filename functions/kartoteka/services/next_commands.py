"""Commands on what is next: the answer to «what next?», waiting, a person's counters."""

from pydantic import AwareDatetime

from kartoteka.domain import guards
from kartoteka.domain.access import Operation, check
from kartoteka.domain.change import Actor
from kartoteka.domain.counters import Counters
from kartoteka.domain.deal import Deal
from kartoteka.domain.errors import Invalid
from kartoteka.domain.model import Lead, Value
from kartoteka.domain.next_step import NextStep, is_open
from kartoteka.services.commands import Command, Registry
from kartoteka.services.counters import counters
from kartoteka.services.fresh import check_fresh
from kartoteka.services.next_step import choose
from kartoteka.services.office import Desk
from kartoteka.services.task_forms import Id
from kartoteka.services.unit import Unit, transact


class NextOfLead(NextStep):
    """Say what is next with a lead; to wait hides it until the client acts."""

    lead: Id
    expected: AwareDatetime | None = None


class NextOfDeal(NextStep):
    """Say what is next with a deal; to wait hides it until the client acts."""

    deal: Id
    expected: AwareDatetime | None = None


class Whose(Value):
    """A person, yourself if empty."""

    person: Id = ""


def next_of_lead(desk: Desk, actor: Actor, form: NextOfLead, cause: str) -> Lead:
    """Return the lead with the chosen next action.

    Raises:
        Invalid: the lead is closed, or the time is impossible.
        NotAllowed: the lead is somebody else's, or a gate is waited out.
    """

    def work(unit: Unit) -> Lead:
        lead = unit.need(Lead, form.lead)
        check(actor, Operation.CHANGE, lead, within=desk.settings())
        check_fresh(lead, lead.updated_at, form.expected)
        _check_open(lead)
        unit.subject = lead.client_id
        return choose(unit, desk.settings(), lead, _step(form))

    record = transact(desk.store, actor, cause, desk.now(), work=work)
    desk.waker.after_commit()
    return record


def next_of_deal(desk: Desk, actor: Actor, form: NextOfDeal, cause: str) -> Deal:
    """Return the deal with the chosen next action.

    Raises:
        Invalid: the deal is closed, or the time is impossible.
        NotAllowed: the deal is somebody else's or in other hands.
    """

    def work(unit: Unit) -> Deal:
        deal = unit.need(Deal, form.deal)
        check(actor, Operation.CHANGE, deal, within=desk.settings())
        check_fresh(deal, deal.updated_at, form.expected)
        _check_open(deal)
        stage = desk.settings().office.pipeline(deal.pipeline).stage(deal.stage)
        guards.check_work(deal, stage, actor)
        unit.subject = deal.client_id or deal.id
        return choose(unit, desk.settings(), deal, _step(form))

    record = transact(desk.store, actor, cause, desk.now(), work=work)
    desk.waker.after_commit()
    return record


def _step(form: NextStep) -> NextStep:
    return NextStep(what=form.what, due_at=form.due_at)


def _check_open(record: Lead | Deal) -> None:
    if not is_open(record):
        raise Invalid(
            "a closed record has no next action", fields={"state": record.state}, code="closed"
        )


def _counters(desk: Desk, actor: Actor, form: Whose, _cause: str) -> Counters:
    return counters(desk, actor, form.person)


NEXT_COMMANDS: Registry = {
    "deal.next": Command("say what is next with a deal", NextOfDeal, next_of_deal),
    "lead.next": Command("say what is next with a lead", NextOfLead, next_of_lead),
    "task.counters": Command("what is due today, overdue and not planned", Whose, _counters),
}
