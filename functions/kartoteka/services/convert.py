"""A lead becomes a deal: client, company, lines and next step in one transaction; C7, C9."""

from dataclasses import dataclass

from pydantic import AwareDatetime, Field

from kartoteka.domain import convert, deal_amount
from kartoteka.domain.access import Operation, check, check_fields
from kartoteka.domain.batch import Batch
from kartoteka.domain.change import Actor
from kartoteka.domain.deal import Deal
from kartoteka.domain.deal_flow import check_takes_deals
from kartoteka.domain.errors import Conflict, NotAllowed
from kartoteka.domain.ids import CompanyId, DealId, StaffId, fresh
from kartoteka.domain.ladder import Move, is_override
from kartoteka.domain.model import Client, Lead, Value
from kartoteka.domain.office import Settings
from kartoteka.domain.sales_paper import INVOICE, OFFER, Terms, What
from kartoteka.i18n import text
from kartoteka.services import companies, deal_lines, deals, overrides
from kartoteka.services.deal_forms import (
    LONGEST_NAME,
    LONGEST_TEXT,
    MOST_LINES,
    MOST_MONEY,
    NewLine,
)
from kartoteka.services.deal_records import act, colleague, sign, with_deal
from kartoteka.services.deal_rules import rules
from kartoteka.services.fresh import check_fresh
from kartoteka.services.leads import ladder
from kartoteka.services.merge import finish, follow, merge_in_unit
from kartoteka.services.office import Desk
from kartoteka.services.paper_drawing import Drawing, first_name, may_make
from kartoteka.services.unit import Unit


class ConvertLead(Value):
    """Make a deal of a lead; what is not given comes from the lead.

    `reason` lets a head take a lead past the ladder. `offer` and `invoice` ask for these papers:
    each is made, as a draft with its number, when the deal has an amount and the actor makes such
    papers. To send the first is the deal's next step; a further one that was not made is a task.
    `merge` makes one client of this one and the other that has its phone, address or messenger;
    `prefer` chooses between fields that both fill.
    """

    lead: str
    expected: AwareDatetime | None = None
    name: str = Field(default="", max_length=LONGEST_NAME)
    pipeline: str = ""
    deal_type: str = Field(default="", max_length=LONGEST_NAME)
    lines: tuple[NewLine, ...] = Field(default=(), max_length=MOST_LINES)
    amount_minor: int | None = Field(default=None, ge=0, le=MOST_MONEY)
    company: companies.NewCompany | None = None
    owner: str = ""
    offer: bool = False
    invoice: bool = False
    merge: bool = False
    prefer: dict[str, str] = Field(default_factory=dict, description="field to client id")
    reason: str = Field(default="", max_length=LONGEST_TEXT)


@dataclass(frozen=True, slots=True)
class _Names:
    """Drawn before the transaction, so that a repeated attempt makes the same records."""

    deal: DealId
    company: CompanyId
    batch: str
    lines: tuple[str, ...]


def convert_lead(desk: Desk, actor: Actor, form: ConvertLead, *, cause: str) -> Deal:
    """Return the deal of the lead; converting twice returns the first one.

    Raises:
        NotAllowed: the ladder still wants a call, or the lead is somebody else's.
        Conflict: another client has one of this client's strong keys and the form does not say
            `merge`: `duplicate_client`.
        Invalid: the deal's first stage asks for more, or a value is impossible.
    """
    line_ids = deal_lines.named(form.lines)
    names = _Names(DealId(fresh("dl")), CompanyId(fresh("co")), fresh("bt"), line_ids)
    deal, batch = act(desk, actor, cause, lambda unit: _convert(unit, desk.settings(), form, names))
    if batch is not None:
        finish(desk, batch)
    return deal


def _convert(
    unit: Unit, settings: Settings, form: ConvertLead, names: _Names
) -> tuple[Deal, Batch | None]:
    lead = unit.need(Lead, form.lead)
    check(unit.actor, Operation.CHANGE, lead, within=settings, now=unit.now)
    check_fresh(lead, lead.updated_at, form.expected)
    unit.subject = lead.client_id
    if lead.deal_id is not None:
        return unit.need(Deal, lead.deal_id), None
    client = unit.need(Client, lead.client_id)
    other = _same_person(unit, client)
    if other is None:
        conversion = _Conversion(unit, settings, form, names, lead, client)
        return conversion.run(sign(unit, client, known=lead.repeat)), None
    if not form.merge:
        raise _duplicate(settings, client, other)
    found = {sign(unit, one, known=True) for one in (client, other)}
    both = (client.id, other.id)
    batch = merge_in_unit(unit, settings, both, prefer=form.prefer, batch_id=names.batch)
    lead = unit.need(Lead, lead.id)
    client = follow(unit, lead.client_id)
    conversion = _Conversion(unit, settings, form, names, lead, client)
    return conversion.run("repeat" if "repeat" in found else "repeat_inquiry"), batch


def _same_person(unit: Unit, client: Client) -> Client | None:
    """Return another client who has one of this client's strong keys.

    People who are known to share a key are not the same.
    """
    keys = unit.key_records(convert.strong_keys(client)).values()
    foreign = [key for key in keys if not key.shared and client.id not in key.users]
    other = unit.find(Client, foreign[0].client_id) if foreign else None
    return None if other is None or other.merged_into == client.id else other


def _duplicate(settings: Settings, client: Client, other: Client) -> Conflict:
    owner = settings.person(other.owner_id)
    return Conflict(
        f"clients {client.id} and {other.id} are the same person",
        code="duplicate_client",
        client=client.id,
        other=other.id,
        owner=owner.name if owner else "-",
    )


@dataclass(frozen=True, slots=True)
class _Conversion:
    """One lead on its way to a deal, within one transaction."""

    unit: Unit
    settings: Settings
    form: ConvertLead
    names: _Names
    lead: Lead
    client: Client

    def run(self, sign_of: str) -> Deal:
        won = self._won()
        company_id = self._company()
        deal = self._with_papers(self._deal(company_id, sign_of))
        touched = self.lead.touched_at or self.unit.now
        self.unit.save(won.model_copy(update={"deal_id": deal.id, "touched_at": touched}))
        self.unit.save(self._client(deal))
        return self.unit.add(deal)

    def _won(self) -> Lead:
        """Return the lead won by the ladder's own rules."""
        flow = ladder(self.settings, self.lead)
        stage = convert.winning(flow.pipeline)
        if stage is None or self.lead.state == "lost":
            raise NotAllowed(f"lead {self.lead.id} is closed", code="lead_lost")
        self.unit.reason = self.form.reason
        wish = Move(to=stage.id, reason=self.form.reason)
        won = flow.by_hand(self.lead, wish, self.unit.actor, self.unit.now)
        if is_override(flow.pipeline.stage(self.lead.stage), stage, wish, self.unit.actor):
            overrides.note(self.unit, self.settings)
        return won

    def _company(self) -> CompanyId | None:
        if self.form.company is None:
            return self.client.company_id
        region = self.settings.office.region
        company, _ = companies.met(self.unit, self.form.company, self.names.company, region)
        return company.id

    def _deal(self, company_id: CompanyId | None, sign_of: str) -> Deal:
        pipeline = self.form.pipeline or self.settings.office.deals.id
        flow = rules(self.settings, pipeline, self.unit.actor)
        check_takes_deals(flow.pipeline)
        given = deal_lines.filled(
            self.unit, self.form.lines, self.names.lines, within=self.settings
        )
        blank = convert.deal_of(self.lead, self.names.deal, company_id, self.unit.now)
        named = blank.model_copy(update=self._said() | {"sign": sign_of})
        whole = deal_amount.with_lines(named, (*self.lead.lines, *given), self.unit.now)
        if self.form.amount_minor is not None:
            check_fields(self.unit.actor, Deal, ("amount_minor",), self.settings)
            whole = deal_amount.with_amount(whole, self.form.amount_minor, self.unit.now)
        return deals.begin(self.unit, flow, whole)

    def _said(self) -> dict[str, object]:
        """Return what the form and the circumstances say about the deal."""
        said: dict[str, object] = {
            "name": self.form.name.strip() or self.lead.name,
            "deal_type": self.form.deal_type.strip(),
            "currency": self.settings.office.currency,
        }
        if self.settings.person(self.unit.actor.id) is not None:
            said["author_id"] = StaffId(self.unit.actor.id)
        if self.form.owner:
            said["owner_id"] = StaffId(colleague(self.settings, self.form.owner, "owner").id)
        return said

    def _with_papers(self, deal: Deal) -> Deal:
        asked: dict[What, bool] = {OFFER: self.form.offer, INVOICE: self.form.invoice}
        wanted = [what for what, yes in asked.items() if yes]
        made = [what for what in wanted if self._makes(deal, what)]
        drawn = self._drawn(deal, made) if made else deal
        steps = tuple(convert.STEPS[what] for what in wanted)
        locale = self.settings.office.locale
        titles = {step: text(f"task_{step}", locale) for step in steps}
        for task in convert.further_tasks(drawn, steps, titles):
            if task.what not in {convert.STEPS[what] for what in made}:
                self.unit.add(task)
        return convert.asked_for(drawn, steps)

    def _makes(self, deal: Deal, what: What) -> bool:
        """Return whether the paper can be made now, by this actor."""
        return bool(deal.amount_minor) and may_make(self.unit.actor, self.settings, deal, what)

    def _drawn(self, deal: Deal, wanted: list[What]) -> Deal:
        """Return the deal with the papers that were made of it, saved with their numbers."""
        drawing = Drawing(self.unit, self.settings, deal)
        names = {what: first_name(deal.id, what) for what in wanted}
        return drawing.with_due(drawing.all_made(wanted, Terms(), names=names))

    def _client(self, deal: Deal) -> Client:
        known = with_deal(self.client, deal)
        update: dict[str, object] = {}
        if known.open_lead_id == self.lead.id:
            update["open_lead_id"] = None
        if self.form.company is not None:
            name = known.company or self.form.company.name
            update |= {"company_id": deal.company_id, "company": name}
        return known.model_copy(update=update)
