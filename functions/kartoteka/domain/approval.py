"""An act that waits for somebody's word: what is asked, who is asked, what came of it; pure."""

from datetime import datetime
from typing import ClassVar

from pydantic import Field, JsonValue

from kartoteka.domain.change import Actor
from kartoteka.domain.errors import Invalid, NotAllowed
from kartoteka.domain.ids import ClientId, DealId, LeadId, StaffId
from kartoteka.domain.instant import Instant
from kartoteka.domain.model import Entity, Role
from kartoteka.domain.office import Settings
from kartoteka.domain.worktime import Delay

WAITING, APPROVED, DECLINED, DONE, FAILED = "waiting", "approved", "declined", "done", "failed"
_ABOVE = (Role.DIRECTOR, Role.ADMIN)


class Approval(Entity):
    """A command kept as it was asked for; approved, it is run once as its asker's own."""

    kind: ClassVar[str] = "approval"
    collection: ClassVar[str] = "approvals"
    command: str
    given: dict[str, JsonValue] = Field(default_factory=dict)  # emptied with the decision
    actor: Actor  # who asks
    why: str  # discount, override, rule
    words: str = ""  # of the asker
    facts: dict[str, str] = Field(default_factory=dict)  # what the judge has to know
    client_id: ClientId | None = None
    deal_id: DealId | None = None
    lead_id: LeadId | None = None
    judge_id: StaffId | None = None  # whose word it waits for now
    asked: tuple[StaffId, ...] = ()  # everybody who was asked, the first first
    state: str = WAITING  # waiting, approved (being run), done, failed, declined
    at: Instant
    due_at: Instant | None = None  # then the next is asked; None: nobody comes after
    decided_by: StaffId | None = None
    decided_at: Instant | None = None
    reason: str = ""  # of the judge, or the code of why it could not be run


def judges(settings: Settings, asker: str, named: str = "") -> tuple[StaffId, ...]:
    """Return who is asked, one after another: a person named, the office's judges, directors.

    Without judges of the office its heads are asked. Nobody judges their own wish.
    """
    rules = settings.office.selling.approvals
    heads = rules.judges or tuple(person.id for person in settings.heads())
    above = tuple(person.id for person in settings.staff if person.role == Role.DIRECTOR)
    wanted = dict.fromkeys((*filter(None, (StaffId(named),)), *heads, *above))
    found = (settings.person(staff_id) for staff_id in wanted if staff_id != asker)
    return tuple(person.id for person in found if person is not None and person.active)


def put_before(approval: Approval, judge: StaffId, settings: Settings, now: datetime) -> Approval:
    """Return the approval as it waits for this judge; the last one is waited for without limit."""
    rules = settings.office.selling.approvals
    asked = (*(person for person in approval.asked if person != judge), judge)
    waiting = approval.model_copy(update={"judge_id": judge, "asked": asked})
    due = settings.office.work.add(now, Delay(work_minutes=rules.wait_minutes))
    last = following(waiting, settings) is None
    return waiting.model_copy(update={"due_at": None if last else due})


def following(approval: Approval, settings: Settings) -> StaffId | None:
    """Return who is asked when the present judge says nothing, None when nobody is left."""
    line = judges(settings, approval.actor.id)
    return next((person for person in line if person not in approval.asked), None)


def decided(approval: Approval, actor: Actor, *, yes: bool, reason: str, now: datetime) -> Approval:
    """Return the approval with the judge's word.

    Raises:
        NotAllowed: the actor was not asked and is no director.
        Invalid: it was decided before, or a refusal does not say why.
    """
    if actor.id == approval.actor.id or not (actor.id in approval.asked or actor.role in _ABOVE):
        raise NotAllowed(f"{actor.id} was not asked", code="approval_foreign")
    if approval.state != WAITING:
        raise Invalid(
            f"approval {approval.id} is {approval.state}",
            fields={"approval": "decided"},
            code="approval_decided",
        )
    if not yes and not reason.strip():
        raise Invalid("say why", fields={"reason": "required"}, code="reason_required")
    update: dict[str, object] = {
        "state": APPROVED if yes else DECLINED,
        "decided_by": StaffId(actor.id),
        "decided_at": now,
        "reason": reason.strip(),
        "due_at": None,
    }
    if not yes:
        update["given"] = {}
    return approval.model_copy(update=update)
