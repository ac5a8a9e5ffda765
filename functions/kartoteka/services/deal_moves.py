"""Deals taken through stages and pipelines, restored, woken and paid; with proof."""

from kartoteka.domain import deal_flow, guards
from kartoteka.domain.access import Level, Operation, check_fields, level
from kartoteka.domain.change import Actor
from kartoteka.domain.deal import Deal, Payment
from kartoteka.domain.errors import Invalid, NotAllowed
from kartoteka.domain.ladder import Weight, weigh
from kartoteka.domain.model import Activity
from kartoteka.domain.office import Settings
from kartoteka.services import overrides
from kartoteka.services.deal_forms import LONGEST_REF, MoveDeal, PayDeal, RestoreDeal, TransferDeal
from kartoteka.services.deal_records import act, held, keep
from kartoteka.services.deal_rules import rules, rules_of
from kartoteka.services.office import Desk
from kartoteka.services.unit import Unit


def move(desk: Desk, actor: Actor, form: MoveDeal, *, cause: str) -> Deal:
    """Return the deal on the stage a person or a rule chose.

    Raises:
        NotAllowed: other hands hold the deal, the way is closed, or a proof is missing.
        Invalid: the stage asks for fields, a reason, a note or a wake date.
    """

    def work(unit: Unit) -> Deal:
        deal = held(unit, desk.settings(), form, Operation.CHANGE)
        check_fields(actor, deal, [f"evidence.{kind}" for kind in form.evidence], desk.settings())
        ready = _with_proof(unit, deal, form)
        flow = rules_of(desk.settings(), deal, actor)
        moved = flow.by_hand(ready, form.move, actor, unit.now)
        if moved is ready:
            return deal
        way = guards.Way(here=flow.stage(ready), there=flow.stage(moved))
        if guards.is_override(ready, way, actor):
            overrides.note(unit, desk.settings())
        return _moved(unit, deal, moved, form)

    return act(desk, actor, cause, work)


def transfer(desk: Desk, actor: Actor, form: TransferDeal, *, cause: str) -> Deal:
    """Return the deal in another pipeline; its log keeps both.

    Raises:
        Invalid: it is there already, that pipeline takes no deals, or its stage asks for more.
        NotAllowed: other hands hold the deal, or the stage is a head's choice.
    """

    def work(unit: Unit) -> Deal:
        deal = held(unit, desk.settings(), form, Operation.CHANGE)
        if deal.pipeline == form.pipeline:
            raise Invalid(
                f"{deal.id} is in {form.pipeline} already",
                fields={"pipeline": "same"},
                code="pipeline_same",
            )
        source = rules_of(desk.settings(), deal, actor).stage(deal)
        flow = rules(desk.settings(), form.pipeline, actor)
        check_fields(actor, deal, [f"evidence.{kind}" for kind in form.evidence], desk.settings())
        ready = _with_proof(unit, deal, form)
        moved = flow.into(ready, form.move, actor, source=source, now=unit.now)
        return _moved(unit, deal, moved, form)

    return act(desk, actor, cause, work)


def restore(desk: Desk, actor: Actor, form: RestoreDeal, *, cause: str) -> Deal:
    """Return a closed or sleeping deal on its last open stage; any other as it is.

    Raises:
        NotAllowed: a closed deal is restored by a head only.
    """

    def work(unit: Unit) -> Deal:
        deal = held(unit, desk.settings(), form, Operation.CHANGE)
        unit.reason = form.reason
        flow = rules_of(desk.settings(), deal, actor)
        return keep(unit, deal, flow.restore(deal, actor, unit.now))

    return act(desk, actor, cause, work)


def pay(desk: Desk, actor: Actor, form: PayDeal, *, cause: str) -> Deal:
    """Return the deal with the money counted; paid in full, it goes where its stage says.

    Raises:
        NotAllowed: who keeps no accounts records no payments.
        Invalid: the same reference was recorded with another amount.
    """

    def work(unit: Unit) -> Deal:
        deal = held(unit, desk.settings(), form, Operation.READ)
        _check_keeps_accounts(actor, desk.settings())
        flow = rules_of(desk.settings(), deal, actor)
        money = Payment(reference=form.reference, amount_minor=form.amount_minor, at=unit.now)
        unit.evidence = f"payment:{form.reference}"
        return keep(unit, deal, flow.paid(deal, money, actor))

    return act(desk, actor, cause, work)


def _check_keeps_accounts(actor: Actor, settings: Settings) -> None:
    """Refuse a person whose roles keep no accounts; whichever stage the deal is on."""
    if level(actor, Deal, "payments", within=settings) not in {Level.PUT, Level.EDIT}:
        raise NotAllowed(f"{actor.id} keeps no accounts", code="accounts_only")


def _moved(unit: Unit, before: Deal, after: Deal, form: MoveDeal) -> Deal:
    unit.reason = form.note or form.reason
    unit.evidence = after.stage_log[-1].evidence
    return keep(unit, before, after)


def _with_proof(unit: Unit, deal: Deal, form: MoveDeal) -> Deal:
    """Return the deal with the files and the call that the form brings along."""
    refs = {kind: ref.strip() for kind, ref in form.evidence.items()}
    if any(not 0 < len(ref) <= LONGEST_REF for ref in refs.values()):
        raise Invalid(
            f"a file's id has 1 to {LONGEST_REF} characters",
            fields={"evidence": "length"},
            code="evidence_length",
        )
    ready = deal.model_copy(update={"evidence": deal.evidence | refs}) if refs else deal
    return _with_call(unit, ready, form.call) if form.call else ready


def _with_call(unit: Unit, deal: Deal, call_id: str) -> Deal:
    activity = unit.find(Activity, call_id)
    call = activity.call if activity is not None else None
    if activity is None or call is None or activity.client_id != deal.client_id:
        raise Invalid(
            f"{call_id!r} is no call of this client",
            fields={"call": "foreign"},
            code="call_unknown",
        )
    ready = deal
    if weigh(call) is not Weight.NOTHING:
        ready = deal_flow.called(deal, activity.id, call.started_at)
    if ready.last_call_id != activity.id:
        raise Invalid(
            f"call {call_id} proves nothing here: too short, too early or used",
            fields={"call": "no_proof"},
            code="call_no_proof",
        )
    return ready
