"""Which orders of the office 1C has not heard of: given on question, counted when it confirms; I10.

How far the deals were told is known by their time of change, and what was told of each by a print,
so neither an answer that got lost nor a change that is nobody's business tells anything twice.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

from kartoteka.domain.catalogue import Company, Product
from kartoteka.domain.deal import Deal
from kartoteka.domain.exchange import ExchangeAccount, ExchangeSession, Offered
from kartoteka.domain.ids import DealId
from kartoteka.domain.instant import spell
from kartoteka.domain.model import Client
from kartoteka.domain.order import Order, order_id
from kartoteka.domain.shop_order import goods_print
from kartoteka.domain.shop_rules import ShopRules
from kartoteka.ports import Order as Sequence
from kartoteka.ports import Query, Where
from kartoteka.services import exchange_sessions as sessions
from kartoteka.services.office import Desk
from kartoteka.services.unit import Unit, transact

CHANNEL = "commerceml"
MOST = 300  # orders of one answer; the next session brings the others
_MOST_LOOKED_AT = 5_000


@dataclass(frozen=True, slots=True)
class Out:
    """An order to be told, with what is known around it."""

    bond: Order
    deal: Deal
    client: Client | None
    company: Company | None
    goods: dict[str, tuple[str, str]]  # product: its id in 1C, its article


@dataclass(frozen=True, slots=True)
class Batch:
    """What one answer tells, and how far the deals were looked at."""

    orders: tuple[Out, ...]
    until: str


def due(desk: Desk, account: str, shop: ShopRules) -> Batch:
    """Return the orders that are new or changed for this 1C; none while it only gives."""
    if not shop.two_way:
        return Batch((), "")
    doc = desk.store.get(ExchangeAccount.collection, account) or {}
    since = str(doc.get("told_until") or spell(desk.now() - timedelta(days=shop.first_days)))
    found: list[Out] = []
    until, sales = since, desk.settings().office.sales
    for deal in _changed(desk, since):
        if deal.pipeline in sales and deal.lines and (deal.client_id or deal.company_id):
            out = _out(desk, account, deal)
            if out is not None:
                found.append(out)
        until = spell(deal.updated_at)
        if len(found) >= MOST:
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
    for name in names:
        transact(
            desk.store,
            sessions.ACTOR,
            sessions.CAUSE,
            desk.now(),
            work=partial(_confirmed, session=session, name=name),
        )
    return len(names)


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
    """Yield the deals changed behind a moment, the earliest first."""
    where = (Where("updated_at", ">", since),)
    query = Query("deals", where, (Sequence("updated_at"),), limit=_MOST_LOOKED_AT)
    for hit in desk.store.query(query):
        yield Deal.model_validate(hit.doc)


def _out(desk: Desk, account: str, deal: Deal) -> Out | None:
    """Return the order of a deal, None when 1C knows it as it is or a person has to choose."""
    bond = _bond(desk, account, deal)
    same = bond.sent == sent_print(deal)
    from_there = not bond.sent and bool(bond.said) and bond.agreed == goods_print(deal.lines)
    untold = not bond.said and not bond.sent
    if same or from_there or bond.state == "conflict" or (untold and deal.state == "lost"):
        return None
    client = desk.store.get("clients", deal.client_id) if deal.client_id else None
    company = desk.store.get("companies", deal.company_id) if deal.company_id else None
    return Out(
        bond,
        deal,
        Client.model_validate(client) if client else None,
        Company.model_validate(company) if company else None,
        _goods(desk, deal),
    )


def _bond(desk: Desk, account: str, deal: Deal) -> Order:
    """Return the bond of the deal with this 1C, made when there is none; it is not kept yet."""
    known = desk.store.query(Query(Order.collection, (Where("deal_id", "==", deal.id),)))
    for hit in known:
        bond = Order.model_validate(hit.doc)
        if (bond.channel, bond.account) == (CHANNEL, account):
            return bond
    return Order(
        id=order_id(CHANNEL, account, deal.id),
        channel=CHANNEL,
        account=account,
        external=deal.id,
        deal_id=DealId(deal.id),
        created_at=desk.now(),
        updated_at=desk.now(),
    )


def _goods(desk: Desk, deal: Deal) -> dict[str, tuple[str, str]]:
    wanted = [line.product_id for line in deal.lines if line.product_id]
    found = desk.store.get_many(Product.collection, wanted) if wanted else {}
    products = (Product.model_validate(doc) for doc in found.values())
    return {product.id: (product.external, product.sku) for product in products}


def _confirmed(unit: Unit, session: ExchangeSession, name: str) -> None:
    told = session.offered[name]
    known = unit.find(Order, name)
    bond = known or Order(
        id=name,
        channel=CHANNEL,
        account=session.account,
        external=told.external,
        deal_id=DealId(told.deal_id),
        created_at=unit.now,
        updated_at=unit.now,
    )
    update = {"sent": told.sent, "agreed": told.agreed, "updated_at": unit.now}
    unit.save(bond.model_copy(update=update))
