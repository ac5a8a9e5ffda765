"""Deals edited: fields, colleagues, files, comments; hands over, locks."""

from kartoteka.domain import deal_amount, fields, guards
from kartoteka.domain.access import Operation, check
from kartoteka.domain.catalogue import Company
from kartoteka.domain.change import Actor
from kartoteka.domain.deal import Deal, Participant
from kartoteka.domain.discounts import check_amount
from kartoteka.domain.errors import Invalid
from kartoteka.domain.ids import ActivityId, CompanyId, StaffId, fresh
from kartoteka.domain.merging import check_living
from kartoteka.domain.model import Activity
from kartoteka.services import deal_records
from kartoteka.services.deal_forms import (
    AssignDeal,
    AttachToDeal,
    CommentDeal,
    EditDeal,
    JoinDeal,
    LeaveDeal,
    OneDeal,
)
from kartoteka.services.deal_records import act, colleague, held
from kartoteka.services.deal_rules import rules_of
from kartoteka.services.handover import move_tasks, readers_after
from kartoteka.services.notices import tell
from kartoteka.services.office import Desk
from kartoteka.services.unit import Unit

_NEVER_EMPTY = (
    "name",
    "deal_type",
    "note",
    "tags",
    "visibility",
    "currency",
    "contractor",
    "contact_needed",
)
_STORED = {"company": "company_id"}
_APART = {"deal", "expected", "fields", "company", "amount_minor"}


def edit(desk: Desk, actor: Actor, form: EditDeal, *, cause: str) -> Deal:
    """Return the deal with the fields that the form gives; the others stay.

    Raises:
        NotAllowed: other hands hold the deal, or it is locked.
        Invalid: a value is impossible, or the stage would lose what it asked for.
    """

    def change(unit: Unit, deal: Deal) -> Deal:
        given = form.model_dump(exclude_unset=True, exclude=_APART)
        for name in _NEVER_EMPTY:
            if name in given and given[name] is None:
                raise Invalid(
                    f"{name} cannot be null", fields={name: "required"}, code="field_empty"
                )
        edited = deal.model_copy(update=given)
        if "company" in form.model_fields_set:
            company = unit.need(Company, form.company) if form.company else None
            if company is not None:
                check_living(company)
            company_id = CompanyId(company.id) if company else None
            edited = edited.model_copy(update={"company_id": company_id})
        if form.fields:
            specs = desk.settings().office.fields
            filled = fields.filled(specs, Deal.kind, deal.fields, form.fields)
            edited = edited.model_copy(update={"fields": filled})
        if "amount_minor" in form.model_fields_set:
            edited = deal_amount.with_amount(edited, form.amount_minor, unit.now)
            check_amount(actor, edited, desk.settings().office)
        return edited

    return deal_records.edit(desk, actor, form, change, cause=cause, fields=_touched(form))


def attach(desk: Desk, actor: Actor, form: AttachToDeal, *, cause: str) -> Deal:
    """Return the deal with a file that proves something; a newer one takes its place."""

    def change(_: Unit, deal: Deal) -> Deal:
        return deal.model_copy(update={"evidence": deal.evidence | {form.kind: form.ref.strip()}})

    wanted = (f"evidence.{form.kind}",)
    return deal_records.edit(desk, actor, form, change, cause=cause, fields=wanted)


def join(desk: Desk, actor: Actor, form: JoinDeal, *, cause: str) -> Deal:
    """Return the deal with a colleague who takes part: may edit at once, and is told."""

    def work(unit: Unit) -> Deal:
        deal = held(unit, desk.settings(), form, Operation.ASSIGN)
        person = colleague(desk.settings(), form.staff, "staff")
        taking_part = Participant(staff_id=StaffId(person.id), edit=form.edit)
        if taking_part in deal.participants:
            return deal
        others = tuple(item for item in deal.participants if item.staff_id != person.id)
        _tell(unit, deal, person.id, "notice_participant")
        update = {"participants": (*others, taking_part), "updated_at": unit.now}
        return unit.save(deal.model_copy(update=update))

    return act(desk, actor, cause, work)


def leave(desk: Desk, actor: Actor, form: LeaveDeal, *, cause: str) -> Deal:
    """Return the deal without a colleague who took part."""

    def work(unit: Unit) -> Deal:
        deal = held(unit, desk.settings(), form, Operation.ASSIGN)
        others = tuple(item for item in deal.participants if item.staff_id != form.staff)
        if others == deal.participants:
            return deal
        return unit.save(deal.model_copy(update={"participants": others, "updated_at": unit.now}))

    return act(desk, actor, cause, work)


def assign(desk: Desk, actor: Actor, form: AssignDeal, *, cause: str) -> Deal:
    """Return the deal with its new owner, who may edit at once and is told.

    Open tasks of the former owner move along; that one reads on for seven days.
    """

    def work(unit: Unit) -> Deal:
        deal = held(unit, desk.settings(), form, Operation.ASSIGN)
        person = colleague(desk.settings(), form.owner, "owner")
        if deal.owner_id == person.id:
            return deal
        unit.reason = form.reason
        move_tasks(unit, deal, person.id)
        _tell(unit, deal, person.id, "notice_deal_assigned")
        update = {
            "owner_id": person.id,
            "readers": readers_after(unit, deal),
            "updated_at": unit.now,
        }
        return unit.save(deal.model_copy(update=update))

    return act(desk, actor, cause, work)


def unlock(desk: Desk, actor: Actor, form: OneDeal, *, cause: str) -> Deal:
    """Return a paid deal open for edits again; a head's act."""

    def work(unit: Unit) -> Deal:
        deal = held(unit, desk.settings(), form, Operation.CHANGE)
        guards.check_reopen(rules_of(desk.settings(), deal).stage(deal), actor)
        if not deal.locked:
            return deal
        return unit.save(deal.model_copy(update={"locked": False, "updated_at": unit.now}))

    return act(desk, actor, cause, work)


def comment(desk: Desk, actor: Actor, form: CommentDeal, *, cause: str) -> Activity:
    """Return the comment in the timeline; whoever reads the deal may comment (D2)."""
    comment_id = ActivityId(fresh("ac"))

    def work(unit: Unit) -> Activity:
        deal = unit.need(Deal, form.deal)
        check(actor, Operation.READ, deal, within=desk.settings(), now=unit.now)
        unit.subject = deal.client_id or deal.id
        said = Activity(
            id=comment_id,
            what="note",
            direction="in",
            client_id=deal.client_id,
            deal_id=deal.id,
            staff_id=StaffId(actor.id) if actor.is_person else None,
            at=unit.now,
            text=form.text,
            manual=True,
        )
        return unit.add(said)

    return act(desk, actor, cause, work)


def _touched(form: EditDeal) -> list[str]:
    """Return the fields of the deal that the form changes, as the policy names them."""
    given = form.model_fields_set - {"deal", "expected", "fields"}
    own = [f"fields.{name}" for name in form.fields or {}]
    return [_STORED.get(name, name) for name in sorted(given)] + own


def _tell(unit: Unit, deal: Deal, staff_id: str, code: str) -> None:
    if staff_id != unit.actor.id:
        tell(unit, staff_id, code, deal)
