"""What a person or a rule may do with a lead."""

from collections.abc import Callable
from datetime import datetime

from kartoteka.domain.access import Operation, check
from kartoteka.domain.change import Actor, ActorKind
from kartoteka.domain.errors import Invalid, NotAllowed
from kartoteka.domain.fields import check_required
from kartoteka.domain.ladder import Ladder, Move, is_override
from kartoteka.domain.model import Client, Lead
from kartoteka.domain.office import Settings
from kartoteka.services import contact, handover, overrides
from kartoteka.services.fresh import check_fresh
from kartoteka.services.next_step import ensure_next
from kartoteka.services.office import Desk
from kartoteka.services.unit import Unit, transact

_OPEN = {"open", "ongoing"}
LONGEST_NAME = 20_000
LONGEST_NOTE = 45_000  # a cell holds 50,000 characters


def ladder(settings: Settings, lead: Lead) -> Ladder:
    """Return the rules of the lead's pipeline."""
    return Ladder(settings.office.pipeline(lead.pipeline), settings.office.work)


def move(
    desk: Desk,
    actor: Actor,
    lead_id: str,
    wish: Move,
    *,
    cause: str,
    expected: datetime | None = None,
) -> Lead:
    """Return the lead on the stage a person chose.

    Raises:
        NotAllowed: the stage is gated and no call was made, or the lead is somebody else's.
        Invalid: a reason or wake date is missing.
        Conflict: somebody changed the lead since the caller read it as `expected`.
    """

    def work(unit: Unit) -> Lead:
        lead = _lead(unit, desk, lead_id, Operation.CHANGE, expected=expected)
        rules = ladder(desk.settings(), lead)
        proved = contact.with_dead_number(unit, rules.pipeline, lead, wish)
        moved = rules.by_hand(lead, proved, actor, unit.now)
        if moved is lead:
            return lead
        way = (rules.pipeline, rules.pipeline.stage(moved.stage))
        check_required(desk.settings().office.fields, Lead.kind, lead.fields, way)
        unit.reason = wish.reason
        if is_override(rules.pipeline.stage(lead.stage), way[1], proved, actor):
            overrides.note(unit, desk.settings())
        return _keep(unit, ensure_next(unit, desk.settings(), moved), actor)

    return _act(desk, actor, cause, work)


def assign(
    desk: Desk,
    actor: Actor,
    lead_id: str,
    staff_id: str,
    *,
    cause: str,
    expected: datetime | None = None,
) -> Lead:
    """Return the lead with its new owner; the client and the open tasks follow.

    Raises:
        Invalid: the person is unknown or has left.
        NotAllowed: you take a free lead while five wait for your first call.
        Conflict: somebody changed the lead since the caller read it as `expected`.
    """

    def work(unit: Unit) -> Lead:
        lead = _lead(unit, desk, lead_id, Operation.ASSIGN, expected=expected)
        return handover.give(unit, desk.settings(), lead, staff_id)

    return _act(desk, actor, cause, work)


def rename(
    desk: Desk,
    actor: Actor,
    lead_id: str,
    name: str,
    *,
    cause: str,
    expected: datetime | None = None,
) -> Lead:
    """Return the lead under its new name; the client's card follows.

    Raises:
        Invalid: the name is empty or longer than 20,000 characters.
        Conflict: somebody changed the lead since the caller read it as `expected`.
    """

    def work(unit: Unit) -> Lead:
        lead = _lead(unit, desk, lead_id, Operation.CHANGE, expected=expected)
        if not name.strip() or len(name) > LONGEST_NAME:
            raise Invalid(
                "a name has 1 to 20,000 characters", fields={"name": "length"}, code="name_length"
            )
        if lead.name == name:
            return lead
        client = unit.need(Client, lead.client_id)
        unit.save(client.model_copy(update={"name": name, "updated_at": unit.now}))
        return unit.save(lead.model_copy(update={"name": name, "updated_at": unit.now}))

    return _act(desk, actor, cause, work)


def write_note(
    desk: Desk,
    actor: Actor,
    lead_id: str,
    note: str,
    *,
    cause: str,
    expected: datetime | None = None,
) -> Lead:
    """Return the lead with a person's note, whole and as typed.

    Raises:
        Invalid: the note is longer than 45,000 characters.
        Conflict: somebody changed the lead since the caller read it as `expected`.
    """

    def work(unit: Unit) -> Lead:
        lead = _lead(unit, desk, lead_id, Operation.CHANGE, expected=expected)
        if len(note) > LONGEST_NOTE:
            raise Invalid(
                "a note has at most 45,000 characters",
                fields={"note": "length"},
                code="note_length",
            )
        if lead.note == note:
            return lead
        return unit.save(lead.model_copy(update={"note": note, "updated_at": unit.now}))

    return _act(desk, actor, cause, work)


def wake(desk: Desk, actor: Actor, lead_id: str, *, cause: str) -> Lead:
    """Return a deferred lead at the start of its pipeline, marked as a repeat."""

    def work(unit: Unit) -> Lead:
        lead = _lead(unit, desk, lead_id, Operation.CHANGE)
        if lead.wake_at is None:
            return lead
        woken = ladder(desk.settings(), lead).wake(lead, unit.now)
        return unit.save(ensure_next(unit, desk.settings(), woken))

    return _act(desk, actor, cause, work)


def _lead(
    unit: Unit,
    desk: Desk,
    lead_id: str,
    operation: Operation,
    *,
    expected: datetime | None = None,
) -> Lead:
    lead = unit.need(Lead, lead_id)
    check(unit.actor, operation, lead, within=desk.settings(), now=unit.now)
    check_fresh(lead, lead.updated_at, expected)
    if lead.deal_id is not None and operation is not Operation.READ:
        raise NotAllowed(f"lead {lead.id} became {lead.deal_id}", code="lead_converted")
    unit.subject = lead.client_id
    return lead


def _keep(unit: Unit, lead: Lead, actor: Actor) -> Lead:
    """Save a moved lead and tell its client whether it is still the open one."""
    if actor.kind is ActorKind.STAFF and lead.touched_at is None:
        lead = lead.model_copy(update={"touched_at": unit.now})
    client = unit.need(Client, lead.client_id)
    is_open = lead.state in _OPEN
    other_open = is_open and client.open_lead_id not in {None, lead.id}
    if other_open and unit.need(Lead, lead.id).state not in _OPEN:
        raise Invalid(
            "the client has another open lead",
            fields={"stage": "open_lead"},
            code="other_lead_open",
        )
    if not other_open and is_open != (client.open_lead_id == lead.id):
        update = {"open_lead_id": lead.id if is_open else None, "updated_at": unit.now}
        unit.save(client.model_copy(update=update))
    return unit.save(lead)


def _act(desk: Desk, actor: Actor, cause: str, work: Callable[[Unit], Lead]) -> Lead:
    lead = transact(desk.store, actor, cause, desk.now(), work=work)
    desk.waker.after_commit()
    return lead
