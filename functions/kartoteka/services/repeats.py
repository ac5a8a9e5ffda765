"""Deals repeated: at once, after a time, or by a rule such as every month; J11."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from pydantic import Field

from kartoteka.domain import repeat
from kartoteka.domain.access import Operation, check
from kartoteka.domain.catalogue import Product
from kartoteka.domain.change import Actor
from kartoteka.domain.deal import Deal
from kartoteka.domain.deal_flow import check_takes_deals
from kartoteka.domain.errors import Invalid, NotAllowed
from kartoteka.domain.ids import DealId, StaffId, TaskId, derived, fresh
from kartoteka.domain.instant import spell
from kartoteka.domain.model import Client, Task
from kartoteka.domain.office import Office, Settings
from kartoteka.domain.sales_rules import LONGEST_REPEAT
from kartoteka.domain.worktime import Delay
from kartoteka.i18n import text
from kartoteka.ports import Query, Where
from kartoteka.services import deals, tasks
from kartoteka.services.commands import Command, Registry
from kartoteka.services.deal_forms import OneDeal
from kartoteka.services.deal_records import act, sign, with_deal
from kartoteka.services.deal_rules import rules
from kartoteka.services.fresh import check_fresh
from kartoteka.services.office import Desk
from kartoteka.services.settings_edit import Saved, Versioned, save_office
from kartoteka.services.unit import Unit

RETURN = "repeat_sale"  # what the task of coming back is
_WON = 200  # deals of one client among which the last won one is looked for
_BLACKLIST = "blacklist"


class RepeatDeal(OneDeal):
    """Sell the same again; 0 days: a new deal at once, none given: as the product usually does.

    `repeats` makes a copy by a rule (RRULE), such as each month, until `stop`. Instead of a deal
    a client may be named: their last won one is meant.
    """

    deal: str = ""
    client: str = ""
    days: int | None = Field(default=None, ge=0, le=LONGEST_REPEAT)
    repeats: str = Field(default="", max_length=200, examples=["FREQ=MONTHLY"])
    stop: bool = False


class SetRepeat(Versioned):
    """Say after how many days the office usually comes back to a buyer."""

    days: int = Field(ge=1, le=LONGEST_REPEAT)


@dataclass(frozen=True, slots=True)
class _Names:
    """Drawn before the transaction, so that a repeated attempt makes the same deal."""

    deal: DealId
    lines: tuple[str, ...]


def repeat_deal(desk: Desk, actor: Actor, form: RepeatDeal, *, cause: str) -> Deal:
    """Return the new deal when it is made at once, else the old one with its time to come back.

    Raises:
        Invalid: the rule is none, or neither a deal nor a buyer is named.
        NotAllowed: the deal is not the actor's, or they may start none such.
    """
    name = DealId(fresh("dl"))

    def work(unit: Unit) -> Deal:
        settings = desk.settings()
        deal = _meant(unit, form)
        check(actor, Operation.READ, deal, within=settings, now=unit.now)
        check_fresh(deal, deal.updated_at, form.expected)
        draft = _draft(deal, name, _keeper(unit, settings, deal), unit.now)
        check(actor, Operation.ADD, draft, within=settings, now=unit.now)
        unit.subject = deal.client_id or deal.id
        if form.days == 0 and not form.repeats and not form.stop:
            return _begin(unit, settings, draft)
        return unit.save(_planned(unit, settings, deal, form))

    return act(desk, actor, cause, work)


def come_back(unit: Unit, settings: Settings, deal: Deal) -> Deal | None:
    """Return the copy that a deal's time has come for; its owner gets the task to call.

    A first stage that asks for more than the old deal has gets no deal: then there is only the
    task. Nothing follows for who was forgotten or wants to hear nothing.
    """
    due = deal.repeat_at
    unit.subject = deal.client_id or deal.id
    unit.save(_after(unit, settings.office, deal))
    client = unit.find(Client, deal.client_id)
    if due is None or (client is not None and (client.forgotten or client.segment == _BLACKLIST)):
        return None
    name = DealId(derived("dl", RETURN, deal.id, spell(due)))
    draft = _draft(deal, name, _keeper(unit, settings, deal), unit.now)
    try:
        made = _begin(unit, settings, draft)
    except (Invalid, NotAllowed):
        made = None
    _give(unit, settings, draft, made)
    return made


def set_usual(desk: Desk, actor: Actor, form: SetRepeat, cause: str) -> Saved:
    """Return what was saved: after how many days a buyer is come back to."""

    def change(office: Office) -> Office:
        selling = office.selling.model_copy(update={"repeat_days": form.days})
        return office.model_copy(update={"selling": selling})

    return save_office(desk, actor, change, cause=cause, expected=form.expected, name="repeat")


def _meant(unit: Unit, form: RepeatDeal) -> Deal:
    if form.deal:
        return unit.need(Deal, form.deal)
    where = (Where("client_id", "==", form.client), Where("state", "==", "won"))
    won = unit.search(Deal, Query(Deal.collection, where, limit=_WON)) if form.client else []
    if not won:
        raise Invalid("nothing was sold", fields={"client": "nothing_sold"}, code="nothing_sold")
    return max(won, key=lambda deal: spell(deal.won_at or deal.created_at))


def _planned(unit: Unit, settings: Settings, deal: Deal, form: RepeatDeal) -> Deal:
    """Return the deal with the moment of its next copy."""
    office, now = settings.office, unit.now
    update: dict[str, object] = {"repeats": "", "repeat_since": None, "updated_at": now}
    if form.stop:
        return deal.model_copy(update={**update, "repeat_at": None})
    if form.repeats:
        first = repeat.first_of(form.repeats, office, now)
        if first is None:
            raise Invalid("never", fields={"repeats": "repeat_never"}, code="repeat_never")
        update |= {"repeats": form.repeats.strip(), "repeat_since": now, "repeat_at": first}
        return deal.model_copy(update=update)
    sold = unit.find_many(Product, [it.product_id for it in deal.lines if it.product_id])
    days = form.days or repeat.usual_days(deal.lines, sold, office)
    return deal.model_copy(update={**update, "repeat_at": repeat.moment_after(days, office, now)})


def _after(unit: Unit, office: Office, deal: Deal) -> Deal:
    coming = repeat.next_of(deal, office, unit.now)
    return deal.model_copy(update={"repeat_at": coming, "updated_at": unit.now})


def _draft(deal: Deal, name: DealId, owner: StaffId | None, now: datetime) -> Deal:
    lines = tuple(derived("li", name, line.id, str(at)) for at, line in enumerate(deal.lines))
    return repeat.again(deal, name, lines=lines, owner_id=owner, now=now)


def _begin(unit: Unit, settings: Settings, draft: Deal) -> Deal:
    """Return the copy on the first stage of its pipeline, saved with its client."""
    flow = rules(settings, draft.pipeline, unit.actor)
    check_takes_deals(flow.pipeline)
    client = unit.find(Client, draft.client_id)
    deal = deals.begin(unit, flow, draft.model_copy(update={"sign": sign(unit, client)}))
    if client is not None:
        unit.save(with_deal(client, deal))
    return unit.add(deal)


def _give(unit: Unit, settings: Settings, draft: Deal, made: Deal | None) -> None:
    task = Task(
        id=TaskId(derived("tk", draft.id)),
        what=RETURN,
        title=text(f"task_{RETURN}", settings.office.locale),
        client_id=draft.client_id,
        deal_id=made.id if made is not None else None,
        assignee_id=draft.owner_id,
        due_at=settings.office.work.add(unit.now, Delay(work_days=1)),
        created_at=unit.now,
    )
    told = (tasks.Told(draft.owner_id, f"notice_{RETURN}"),) if draft.owner_id else ()
    tasks.keep(unit, task, told)


def _keeper(unit: Unit, settings: Settings, deal: Deal) -> StaffId | None:
    """Return who sells again: the deal's owner, else the client's, else a head."""
    client = unit.find(Client, deal.client_id)
    wanted: Sequence[str | None] = (deal.owner_id, client.owner_id if client else None)
    people = (settings.person(name) for name in wanted)
    found = next((it for it in people if it is not None and it.active), None)
    heads = settings.heads()
    return found.id if found is not None else heads[0].id if heads else None


def _run(desk: Desk, actor: Actor, form: RepeatDeal, cause: str) -> Deal:
    return repeat_deal(desk, actor, form, cause=cause)


REPEAT_COMMANDS: Registry = {
    "deal.repeat": Command(
        "sell the same again: now, after a time, or by a rule", RepeatDeal, _run
    ),
    "repeat.set": Command("set when the office comes back to a buyer", SetRepeat, set_usual),
}
