"""Deals started: by a person, a rule or a shop; for a client, a company or a process."""

from dataclasses import dataclass

from kartoteka.domain import deal_amount, guards
from kartoteka.domain.access import Operation, check
from kartoteka.domain.catalogue import Company
from kartoteka.domain.change import Actor
from kartoteka.domain.deal import Deal
from kartoteka.domain.deal_flow import DealRules, Step, check_takes_deals, name_of
from kartoteka.domain.errors import NotAllowed
from kartoteka.domain.guards import DealMove
from kartoteka.domain.ids import ClientId, CompanyId, DealId, StaffId, derived, fresh
from kartoteka.domain.merging import check_living
from kartoteka.domain.model import Client, Role
from kartoteka.domain.office import Settings
from kartoteka.domain.pipeline import Stage
from kartoteka.services import deal_lines
from kartoteka.services.deal_forms import CreateDeal
from kartoteka.services.deal_records import act, colleague, sign, with_deal
from kartoteka.services.deal_rules import rules
from kartoteka.services.office import Desk
from kartoteka.services.unit import Unit

_HEADS = {Role.HEAD, Role.DIRECTOR, Role.ADMIN}


@dataclass(frozen=True, slots=True)
class _Draft:
    """Names drawn before the transaction, so that a repeated attempt makes the same deal."""

    deal_id: DealId
    line_ids: tuple[str, ...]


def create(desk: Desk, actor: Actor, form: CreateDeal, *, cause: str, mark: str = "") -> Deal:
    """Return the new deal on the first stage of its pipeline.

    A second call with the same `mark` changes nothing and returns the first one's deal.

    Raises:
        Invalid: the stage asks for more, or client, company, owner or pipeline are wrong.
        NotAllowed: the client is not yours, or you may not start elsewhere than at the first stage.
    """
    name = DealId(derived("dl", mark) if mark else fresh("dl"))
    draft = _Draft(name, deal_lines.named(form.lines))

    def work(unit: Unit) -> Deal:
        first = unit.find(Deal, name) if mark else None
        return first or _create(unit, desk.settings(), form, draft)

    return act(desk, actor, cause, work)


def _create(unit: Unit, settings: Settings, form: CreateDeal, draft: _Draft) -> Deal:
    flow = rules(settings, form.pipeline or settings.office.deals.id, unit.actor)
    check_takes_deals(flow.pipeline)
    client, company = _parties(unit, settings, form)
    first = {"pipeline": flow.pipeline.id, "stage": flow.pipeline.first.id}
    blank = _blank(unit, settings, form, draft)
    blank = blank.model_copy(update=first | {"sign": sign(unit, client)})
    check(unit.actor, Operation.ADD, blank, within=settings, now=unit.now)
    filled = deal_lines.filled(unit, form.lines, draft.line_ids, within=settings)
    deal = begin(unit, flow, deal_amount.with_lines(blank, filled, unit.now), form.stage)
    if client is not None:
        unit.save(with_deal(client, deal))
    unit.subject = deal.client_id or (company.id if company else deal.id)
    return unit.add(deal)


def begin(unit: Unit, flow: DealRules, deal: Deal, stage_id: str = "") -> Deal:
    """Return a new deal on its first stage; nothing is saved.

    Raises:
        NotAllowed: only a head starts elsewhere. Invalid: the stage asks for more.
    """
    stage = _start(flow, stage_id, unit.actor)
    guards.check_work(deal, stage, unit.actor, flow.also)
    flow.check_in(deal, DealMove(to=stage.id), unit.now)
    return flow.enter(deal, stage, Step(by=name_of(unit.actor), at=unit.now))


def _start(flow: DealRules, stage_id: str, actor: Actor) -> Stage:
    first = flow.pipeline.first
    stage = flow.pipeline.stage(stage_id) if stage_id else first
    if stage is not first and actor.is_person and actor.role not in _HEADS:
        raise NotAllowed(f"deals start on {first.id}", code="stage_by_head", there=first)
    return stage


def _parties(
    unit: Unit, settings: Settings, form: CreateDeal
) -> tuple[Client | None, Company | None]:
    client = unit.need(Client, form.client) if form.client else None
    company = unit.need(Company, form.company) if form.company else None
    for record in (client, company):
        if record is None:
            continue
        check(unit.actor, Operation.READ, record, within=settings, now=unit.now)
        check_living(record)
    return client, company


def _blank(unit: Unit, settings: Settings, form: CreateDeal, draft: _Draft) -> Deal:
    author = StaffId(unit.actor.id) if settings.person(unit.actor.id) else None
    owner = StaffId(colleague(settings, form.owner, "owner").id) if form.owner else author
    return Deal(
        id=draft.deal_id,
        client_id=ClientId(form.client) if form.client else None,
        company_id=CompanyId(form.company) if form.company else None,
        name=form.name.strip(),
        pipeline="",
        stage="",
        stage_entered_at=unit.now,
        stage_version=0,
        owner_id=owner,
        author_id=author,
        visibility=form.visibility,
        deal_type=form.deal_type.strip(),
        currency=form.currency or settings.office.currency,
        expected_close=form.expected_close,
        note=form.note,
        created_at=unit.now,
        updated_at=unit.now,
    )
