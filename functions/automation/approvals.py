"""What follows an approval: in time the next judge is asked, and what was approved is done once."""

from automation.rules import CarryOut, approval_timer
from kartoteka.domain import approval as rules
from kartoteka.domain.approval import Approval
from kartoteka.domain.change import Actor, Backed
from kartoteka.domain.errors import Conflict, NotAllowed, Rejected
from kartoteka.domain.model import Timer
from kartoteka.domain.office import Settings
from kartoteka.services import approvals
from kartoteka.services.commands import execute
from kartoteka.services.office import Desk
from kartoteka.services.people import actor as acting
from kartoteka.services.registry import COMMANDS
from kartoteka.services.unit import USES, Unit, transact

_ENDS = {rules.DONE: "notice_approval_done", rules.FAILED: "notice_approval_failed"}


def fire(unit: Unit, desk: Desk, item: Timer) -> tuple[str, list[Timer]]:
    """Return what the timer did: the next judge was asked, and who comes after in time."""
    current = unit.need(Timer, item.id)
    if current.state != "pending":
        return "done", []
    found = unit.find(Approval, item.approval_id)
    if found is None or found.state != rules.WAITING or found.due_at != item.due_at:
        unit.keep(current.model_copy(update={"state": "dropped"}))
        return "dropped", []
    unit.keep(current.model_copy(update={"state": "fired"}))
    moved = approvals.pass_on(unit, desk.settings(), found)
    due = moved.due_at
    return "fired", [approval_timer(moved.id, due)] if due is not None else []


def carry_out(desk: Desk, plan: CarryOut, machine: Actor, cause: str) -> None:
    """Do what was approved, as its asker; done before, only what became of it is written down.

    Raises:
        Transient: the store does not answer; the drain is repeated.
    """
    doc = desk.store.get(Approval.collection, plan.approval_id)
    found = Approval.model_validate(doc) if doc else None
    if found is None or found.state != rules.APPROVED:
        return
    why = _done(desk, found)

    def work(unit: Unit) -> None:
        kept = unit.need(Approval, found.id)
        if kept.state != rules.APPROVED:
            return
        state = rules.FAILED if why else rules.DONE
        update = {"state": state, "given": {}, "reason": why or kept.reason}
        approvals.tell(unit, kept, kept.actor.id, _ENDS[state])
        approvals.save(unit, kept.model_copy(update=update))

    transact(desk.store, machine, cause, desk.now(), work=work)
    desk.waker.after_commit()


def _done(desk: Desk, found: Approval) -> str:
    """Return why the command cannot be done, nothing when it is."""
    if desk.store.get(USES, found.id) is not None:
        return ""
    try:
        backed = _asker(desk.settings(), found)
        execute(
            COMMANDS, desk, backed, found.command, given=found.given, cause=f"approval:{found.id}"
        )
    except (Rejected, Conflict) as refused:
        done = desk.store.get(USES, found.id) is not None
        return "" if done else refused.code or type(refused).__name__
    return ""


def _asker(settings: Settings, found: Approval) -> Actor:
    """Return who asked, with the rights they have by now and the approval behind them."""
    asker = found.actor
    if asker.is_person:
        person = settings.person(asker.id)
        if person is None or not person.active:
            raise NotAllowed(f"{asker.id} has left", code="approval_asker_left")
        asker = acting(person, settings)
    return Backed(kind=asker.kind, id=asker.id, role=asker.role, approval_id=found.id)
