"""How each kind of record goes: what may not, what goes along, what has to be put right.

| deleted | goes along | put right |
|---|---|---|
| lead | its tasks | the client's open lead |
| deal | its tasks | the client's open deals; the lead it came from is free again; papers are void |
| task | its subtasks | the next action of its lead or deal |
| client | leads, deals, tasks, chats, timeline, questions on it | keys are free; papers are void |
| a note | nothing | nothing |
"""

from collections.abc import Iterator
from typing import TypeVar

from kartoteka.domain.batch import STEP
from kartoteka.domain.chat import Chat
from kartoteka.domain.deal import Deal
from kartoteka.domain.deletion import check_no_money, check_own_note, counts_as_money, named
from kartoteka.domain.errors import NotAllowed
from kartoteka.domain.merging import check_living, keys_of
from kartoteka.domain.model import Activity, Client, Entity, Lead, Pair, Task
from kartoteka.domain.next_step import OPEN, NextStep
from kartoteka.domain.proposal import Proposal
from kartoteka.domain.sales_paper import INVOICE, OFFER, SalesPaper
from kartoteka.ports import Order, Query, Where
from kartoteka.services import duplicates
from kartoteka.services.deletion import Act, Going, check_settled
from kartoteka.services.forget import cards_of
from kartoteka.services.next_step import after_closing
from kartoteka.services.unit import Unit

E = TypeVar("E", Chat, Deal, Lead, Task)
_TASK_STATES = ("open", "working", "review", "done", "returned", "cancelled")


def _leave_lead(act: Act, lead: Lead) -> int:
    deal = act.unit.find(Deal, lead.deal_id)
    if deal is not None:
        raise NotAllowed(
            f"lead {lead.id} became {deal.id}", code="delete_converted", deal=named(deal)
        )
    act.unit.remove(lead)
    client = act.unit.find(Client, lead.client_id)
    if client is not None and client.open_lead_id == lead.id:
        update = {"open_lead_id": _other_open(act.unit, lead), "updated_at": act.unit.now}
        act.unit.save(client.model_copy(update=update))
    return 0


def _other_open(unit: Unit, lead: Lead) -> str | None:
    """Return another open lead of the client: two that became one may have two."""
    where = (Where("client_id", "==", lead.client_id), Where("state", "in", tuple(sorted(OPEN))))
    return next((other.id for other in unit.search(Lead, Query(Lead.collection, where))), None)


def _leave_deal(act: Act, deal: Deal) -> int:
    check_no_money([deal], act.processes, "delete_money_deal")
    unit = act.unit
    unit.remove(deal)
    _void(unit, Where("deal_id", "==", deal.id), Where("what", "in", (INVOICE, OFFER)))
    client, lead = unit.find(Client, deal.client_id), unit.find(Lead, deal.lead_id)
    if client is not None and deal.id in client.open_deal_ids:
        left = tuple(other for other in client.open_deal_ids if other != deal.id)
        unit.save(client.model_copy(update={"open_deal_ids": left, "updated_at": unit.now}))
    if lead is not None and lead.deal_id == deal.id:
        unit.save(lead.model_copy(update={"deal_id": None, "updated_at": unit.now}))
    return 0


def _leave_client(act: Act, client: Client) -> int:
    unit = act.unit
    check_living(client)
    cards = cards_of(unit, client.id)
    deals = [deal for card in cards for deal in _of_client(unit, Deal, card.id)]
    check_no_money(deals, act.processes, "delete_money_client")
    for card in cards:
        check_settled(unit, card.id)
        duplicates.release(unit, card.id, keys_of(card))
        unit.remove(card)
        _void(unit, Where("client_id", "==", card.id))
    return len(cards) - 1


def _void(unit: Unit, *where: Where) -> None:
    """Void the offers and invoices of what goes; they stay, since their numbers are taken."""
    query = Query(SalesPaper.collection, where, limit=STEP)
    for paper in unit.search(SalesPaper, query):
        if paper.state != "void":
            unit.save(paper.model_copy(update={"state": "void", "updated_at": unit.now}))


def _leave_note(act: Act, note: Activity) -> int:
    check_own_note(note, act.unit.actor.id)
    act.unit.remove(note)
    return 0


def going_task(given: NextStep | None) -> Going[Task]:
    """Return how a task goes; `given` is what is next with its lead or deal."""

    def leave(act: Act, task: Task) -> int:
        where = (Where("parent_id", "==", task.id), Where("state", "in", _TASK_STATES))
        parts = act.unit.search(Task, Query(Task.collection, where))
        for record in (task, *parts):
            act.unit.remove(record)
        closed = [part.id for part in parts]
        after_closing(act.unit, act.settings, task, given=given, closed=closed)
        return len(parts)

    return Going(Task, lambda task: task.client_id or task.id, leave, _nothing, Unit.remove)


def _hanging_on_client(act: Act, client_id: str) -> Iterator[Entity]:
    """Yield what still belongs to a client: of leads and deals first their tasks.

    Other tasks come last: a rule at work meanwhile finds no call any more to make a task of. A
    deal that was paid since the deletion began stays, for the reports.
    """
    unit = act.unit
    yield from _of_client(unit, Chat, client_id, STEP)
    for deal in _deals_of(act, client_id):
        yield from _tasks_of(unit, deal)
        yield deal
    for lead in _of_client(unit, Lead, client_id, STEP):
        yield from _tasks_of(unit, lead)
        yield lead
    of_client = Where("client_id", "==", client_id)
    order = (Order("at", descending=True),)
    yield from unit.search(Activity, Query(Activity.collection, (of_client,), order, STEP))
    asked = (of_client, Where("state", "in", ("open", "accepted", "refused")))
    yield from unit.search(Proposal, Query(Proposal.collection, asked, limit=STEP))
    for side in ("left", "right"):
        query = Query(Pair.collection, (Where(side, "==", client_id),), limit=STEP)
        yield from unit.search(Pair, query)
    yield from _of_client(unit, Task, client_id, STEP)


def _deals_of(act: Act, client_id: str) -> list[Deal]:
    deals = _of_client(act.unit, Deal, client_id, STEP)
    return [deal for deal in deals if not counts_as_money(deal, act.processes)]


def _of_client(unit: Unit, model: type[E], client_id: str, limit: int | None = None) -> list[E]:
    where = (Where("client_id", "==", client_id),)
    return unit.search(model, Query(model.collection, where, limit=limit))


def _tasks_of(unit: Unit, record: Lead | Deal) -> Iterator[Task]:
    return _of_record(unit, f"{record.kind}_id", record.id)


def _tasks_of_lead(act: Act, lead_id: str) -> Iterator[Task]:
    """Yield the tasks of a lead that no deal has taken over."""
    return (task for task in _of_record(act.unit, "lead_id", lead_id) if task.deal_id is None)


def _of_record(unit: Unit, link: str, record_id: str) -> Iterator[Task]:
    where = (Where(link, "==", record_id), Where("state", "in", _TASK_STATES))
    yield from unit.search(Task, Query(Task.collection, where))


def _nothing(_: Act, __: str) -> Iterator[Entity]:
    return iter(())


LEAD = Going(Lead, lambda lead: lead.client_id, _leave_lead, _tasks_of_lead, Unit.remove)
DEAL = Going(
    Deal,
    lambda deal: deal.client_id or deal.id,
    _leave_deal,
    lambda act, deal_id: _of_record(act.unit, "deal_id", deal_id),
    Unit.remove,
)
CLIENT = Going(Client, lambda client: client.id, _leave_client, _hanging_on_client, Unit.remove)
NOTE = Going(
    Activity,
    lambda note: note.client_id or note.deal_id or note.id,
    _leave_note,
    _nothing,
    Unit.remove,
)
