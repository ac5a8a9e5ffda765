"""Which orders of the office 1C has not heard of: given on question, counted when it confirms; I10.

How far the deals were told is known by their time of change, and what was told of each by a print,
so neither an answer that got lost nor a change that is nobody's business tells anything twice.
"""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from itertools import islice
from typing import TypeVar

from kartoteka.domain.catalogue import Company, Product
from kartoteka.domain.deal import Deal
from kartoteka.domain.exchange import ExchangeAccount, ExchangeSession, Offered
from kartoteka.domain.ids import DealId
from kartoteka.domain.instant import spell
from kartoteka.domain.model import Client, Entity
from kartoteka.domain.order import Order, order_id
from kartoteka.domain.shop_order import goods_print
from kartoteka.domain.shop_rules import ShopRules
from kartoteka.ports import Doc, Query, Where
from kartoteka.ports import Order as Sequence
from kartoteka.services import exchange_sessions as sessions
from kartoteka.services.office import Desk
from kartoteka.services.unit import Unit, transact

E = TypeVar("E", bound=Entity)
CHANNEL = "commerceml"
MOST = 300  # orders of one answer; the next session brings the others
_MOST_LOOKED_AT = 5_000
_SHORT = 8  # characters of an id that people see
_CHUNK = 30  # deals of one query
_CONFIRMED = 100  # orders of a transaction


@dataclass(frozen=True, slots=True)
class Out:
    """An order to be told, with what is known around it."""

    bond: Order
    deal: Deal
    client: Client | None
    company: Company | None
    goods: Mapping[str, tuple[str, str]]  # product: its id in 1C, its article


@dataclass(frozen=True, slots=True)
class Batch:
    """What one answer tells, and how far the deals were looked at."""

    orders: tuple[Out, ...]
    until: str


def due(desk: Desk, account: str, shop: ShopRules, over: Callable[[], bool]) -> Batch:
    """Return the orders that are new or changed for this 1C; none while it only gives.

    When `over` says that time has passed, the others wait for the next session.
    """
    if not shop.two_way:
        return Batch((), "")
    doc = desk.store.get(ExchangeAccount.collection, account) or {}
    since = str(doc.get("told_until") or spell(desk.now() - timedelta(days=shop.first_days)))
    found: list[Out] = []
    until, sales = since, desk.settings().office.sales
    for deals in _chunks(_changed(desk, since)):
        wanted = [it for it in deals if it.pipeline in sales and _is_order(it)]
        found += _outs(desk, account, wanted)
        until = spell(deals[-1].updated_at)
        if len(found) >= MOST or over():
            break
    return Batch(tuple(found), until)


def offered(batch: Batch) -> dict[str, Offered]:
    """Return what these orders become once 1C confirms them, by the id of the bond."""
    return {
        out.bond.id: Offered(
            deal_id=out.deal.id,
            external=out.bond.external,
            sent=sent_print(out.deal),
            agreed=goods_print(out.deal.lines),
        )
        for out in batch.orders
    }


def confirm(desk: Desk, session: ExchangeSession) -> int:
    """Return how many orders 1C has confirmed in this session; a second time it is none."""
    names = list(session.offered)
    for at in range(0, len(names), _CONFIRMED):
        work = partial(_confirmed, session=session, names=names[at : at + _CONFIRMED])
        transact(desk.store, sessions.ACTOR, sessions.CAUSE, desk.now(), work=work)
    return len(names)


def issued(bond: Order) -> str:
    """Return the number under which 1C is told of an order: it takes eleven characters."""
    return bond.issued or bond.number or bond.external[-_SHORT:]


def sent_print(deal: Deal) -> str:
    """Return what is the same while 1C would be told the same of the deal."""
    told = "\x1f".join(
        (
            goods_print(deal.lines),
            str(deal.amount_minor),
            str(deal.paid_minor),
            deal.stage,
            deal.note,
            deal.client_id or "",
            deal.company_id or "",
        )
    )
    return hashlib.sha256(told.encode()).hexdigest()[:32]


def _changed(desk: Desk, since: str) -> Iterator[Deal]:
    """Yield the deals changed at a moment or later, the earliest first.

    Those of the moment itself come again: a mass edit gives many deals one time of change, and the
    last answer may have ended among them.
    """
    where = (Where("updated_at", ">=", since),)
    query = Query("deals", where, (Sequence("updated_at"),), limit=_MOST_LOOKED_AT)
    for hit in desk.store.query(query):
        yield Deal.model_validate(hit.doc)


def _is_order(deal: Deal) -> bool:
    return bool(deal.lines and (deal.client_id or deal.company_id))


def _chunks(deals: Iterator[Deal]) -> Iterator[list[Deal]]:
    """Yield the deals in portions about which one query can ask."""
    while chunk := list(islice(deals, _CHUNK)):
        yield chunk


def _outs(desk: Desk, account: str, deals: list[Deal]) -> list[Out]:
    """Return the orders of these deals, without those that 1C knows as they are."""
    bonds = _bonds(desk, account, deals)
    pairs = [(deal, bonds.get(deal.id) or _new_bond(desk, account, deal)) for deal in deals]
    told = [(deal, bond) for deal, bond in pairs if _is_news(deal, bond)]
    clients = desk.store.get_many("clients", _ids(deal.client_id for deal, _ in told))
    firms = desk.store.get_many("companies", _ids(deal.company_id for deal, _ in told))
    lines = (line.product_id for deal, _ in told for line in deal.lines)
    products = desk.store.get_many(Product.collection, _ids(lines))
    goods = {name: (str(it.get("external") or ""), str(it["sku"])) for name, it in products.items()}
    return [
        Out(
            bond,
            deal,
            _read(Client, clients, deal.client_id),
            _read(Company, firms, deal.company_id),
            goods,
        )
        for deal, bond in told
    ]


def _is_news(deal: Deal, bond: Order) -> bool:
    """Return whether 1C would hear something new; not while a person has to choose."""
    same = bond.sent == sent_print(deal)
    from_there = not bond.sent and bool(bond.said) and bond.agreed == goods_print(deal.lines)
    lost_untold = not bond.said and not bond.sent and deal.state == "lost"
    return not (same or from_there or lost_untold or bond.state == "conflict")


def _bonds(desk: Desk, account: str, deals: list[Deal]) -> dict[str, Order]:
    """Return the bonds of these deals with this 1C, by deal."""
    if not deals:
        return {}
    where = (Where("deal_id", "in", tuple(deal.id for deal in deals)),)
    hits = desk.store.query(Query(Order.collection, where))
    found = (Order.model_validate(hit.doc) for hit in hits)
    mine = (it for it in found if (it.channel, it.account) == (CHANNEL, account))
    return {bond.deal_id: bond for bond in mine}


def _new_bond(desk: Desk, account: str, deal: Deal) -> Order:
    """Return the bond of a deal that 1C has not heard of; it is not kept yet."""
    return Order(
        id=order_id(CHANNEL, account, deal.id),
        channel=CHANNEL,
        account=account,
        external=deal.id,
        deal_id=DealId(deal.id),
        created_at=desk.now(),
        updated_at=desk.now(),
    )


def _ids(found: Iterable[str | None]) -> list[str]:
    return list(dict.fromkeys(filter(None, found)))


def _read(model: type[E], docs: Mapping[str, Doc], name: str | None) -> E | None:
    return model.model_validate(docs[name]) if name and name in docs else None


def _confirmed(unit: Unit, session: ExchangeSession, names: list[str]) -> None:
    known = unit.find_many(Order, names)
    for name in names:
        told = session.offered[name]
        bond = known.get(name) or Order(
            id=name,
            channel=CHANNEL,
            account=session.account,
            external=told.external,
            deal_id=DealId(told.deal_id),
            created_at=unit.now,
            updated_at=unit.now,
        )
        update = {
            "sent": told.sent,
            "agreed": told.agreed,
            # Numbers of 1C begin anew each year: only those that we made find an order again.
            "issued": issued(bond) if bond.external == bond.deal_id else "",
            "updated_at": unit.now,
        }
        unit.save(bond.model_copy(update=update))
