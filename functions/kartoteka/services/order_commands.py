"""Orders of shops in people's hands: see both sides, choose between them, send edits back; A12."""

from typing import Literal

from pydantic import Field, JsonValue

from kartoteka.domain.access import Operation, check, check_fields
from kartoteka.domain.change import Actor
from kartoteka.domain.deal import Deal
from kartoteka.domain.errors import Invalid, NotFound
from kartoteka.domain.exchange import Exchange
from kartoteka.domain.ids import derived
from kartoteka.domain.instant import spell
from kartoteka.domain.model import Value
from kartoteka.domain.order import Order
from kartoteka.domain.shop_order import ShopOrder, goods_print
from kartoteka.domain.shop_rules import ShopRules
from kartoteka.domain.visibility import visible
from kartoteka.ports import Order as Sequence
from kartoteka.ports import Query, QueuedTask, Where
from kartoteka.services.commands import Command, Registry
from kartoteka.services.deal_forms import OneDeal
from kartoteka.services.deal_records import act, held, keep
from kartoteka.services.office import Desk
from kartoteka.services.order_deal import OrderDeal
from kartoteka.services.read import Look
from kartoteka.services.unit import Unit

PATH = "/automation/task/order"
EDITABLE = frozenset({"insales", "woocommerce"})
_QUEUE = "automation"
_LINES = ("lines.name", "lines.quantity_milli")  # prices are the shop's, nobody sets them here


class ShowOrder(OneDeal):
    """Show the orders of a deal beside the deal."""


class ResolveOrder(OneDeal):
    """Choose whose goods an order has, after both sides changed them."""

    keep: Literal["ours", "theirs"]


class SendOrder(OneDeal):
    """Send the goods of a deal back to its shop; it is asked before whether it changed them."""


class ListExchanges(Value):
    """List the exchanges, the newest first."""

    most: int = Field(default=50, ge=1, le=1000)


class OrderShown(Value):
    """A deal and its orders in shops, as the person may see them."""

    id: str
    deal: dict[str, JsonValue]
    orders: tuple[dict[str, JsonValue], ...]


class ExchangesShown(Value):
    """Exchanges with shops and 1C, as the person may see them."""

    exchanges: tuple[dict[str, JsonValue], ...]


def show(desk: Desk, actor: Actor, form: ShowOrder, cause: str) -> OrderShown:
    """Return the deal's goods and, of each of its orders, what the shop says while both differ.

    Raises:
        NotFound: the deal is of no order. NotAllowed: it is somebody else's.
    """
    del cause
    settings, now = desk.settings(), desk.now()
    doc = desk.store.get(Deal.collection, form.deal)
    if doc is None:
        raise NotFound(f"there is no deal {form.deal!r}", code="record_unknown")
    deal = Deal.model_validate(doc)
    check(actor, Operation.READ, deal, within=settings, now=now)
    hits = desk.store.query(Query(Order.collection, (Where("deal_id", "==", deal.id),)))
    bonds = [Order.model_validate(hit.doc) for hit in hits]
    if not bonds:
        raise NotFound(f"deal {deal.id} is of no order", code="order_unknown")
    seen = tuple(visible(actor, it, within=settings, now=now, via=deal) for it in bonds)
    return OrderShown(id=deal.id, deal=visible(actor, deal, within=settings, now=now), orders=seen)


def resolve(desk: Desk, actor: Actor, form: ResolveOrder, cause: str) -> Deal:
    """Return the deal with the goods chosen; the other side's are in the history.

    Raises:
        Invalid: no order of the deal waits for a choice.
    """

    def work(unit: Unit) -> Deal:
        deal = held(unit, desk.settings(), form, Operation.CHANGE)
        check_fields(actor, deal, _LINES, desk.settings())
        bond = _bond(unit, deal, {"conflict"})
        if bond is None:
            raise Invalid("nothing to choose", fields={"deal": "agreed"}, code="order_no_conflict")
        theirs = goods_print(bond.theirs)
        chosen = _theirs(unit, desk, deal, bond) if form.keep == "theirs" else deal
        update = {"state": "agreed", "agreed": theirs, "theirs": (), "theirs_total_minor": None}
        unit.save(bond.model_copy(update={**update, "updated_at": unit.now}))
        return keep(unit, deal, chosen)

    return act(desk, actor, cause, work)


def send_back(desk: Desk, actor: Actor, form: SendOrder, cause: str) -> Order:
    """Return the order on its way to its shop.

    Raises:
        Invalid: the deal is of no order, its goods are those of the shop, both sides differ, or
            the shop takes no edits.
    """

    def work(unit: Unit) -> Order:
        deal = held(unit, desk.settings(), form, Operation.CHANGE)
        bond = _sendable(deal, _bond(unit, deal, {"agreed", "sending", "refused", "conflict"}))
        if bond.state == "sending":
            return bond
        turned = bond.model_copy(update={"state": "sending", "why": "", "updated_at": unit.now})
        return unit.save(turned)

    bond = act(desk, actor, cause, work)
    hand_over(desk, bond.id)
    return bond


def hand_over(desk: Desk, order: str) -> None:
    """Ask the queue to bring an order to its shop."""
    name = derived("order", order, spell(desk.now()))
    desk.tasks.enqueue(QueuedTask(_QUEUE, name, PATH, {"order": order}))


def listed(desk: Desk, actor: Actor, form: ListExchanges, cause: str) -> ExchangesShown:
    """Return the newest exchanges that the person may see."""
    del cause
    look = Look(desk.store, desk.settings(), actor, desk.now())
    check(actor, Operation.READ, Exchange, within=desk.settings())
    query = Query(Exchange.collection, order=(Sequence("at", descending=True),), limit=form.most)
    return ExchangesShown(exchanges=tuple(dict(row) for row in look.rows(query)))


def _sendable(deal: Deal, bond: Order | None) -> Order:
    if bond is None:
        raise Invalid("no order", fields={"deal": "order"}, code="order_unknown")
    if bond.channel not in EDITABLE:
        code = "order_by_exchange" if bond.channel == "commerceml" else "order_not_editable"
        raise Invalid(f"{bond.channel} takes no edits", fields={"deal": "channel"}, code=code)
    if bond.state == "conflict":
        raise Invalid("choose first", fields={"deal": "conflict"}, code="order_conflict_first")
    if bond.state == "agreed" and bond.agreed == goods_print(deal.lines):
        raise Invalid("nothing changed", fields={"deal": "same"}, code="order_same")
    return bond


def _bond(unit: Unit, deal: Deal, states: set[str]) -> Order | None:
    found = unit.search(Order, Query(Order.collection, (Where("deal_id", "==", deal.id),)))
    return next((bond for bond in found if bond.state in states), None)


def _theirs(unit: Unit, desk: Desk, deal: Deal, bond: Order) -> Deal:
    order = ShopOrder(
        id=bond.external, at=unit.now, lines=bond.theirs, total_minor=bond.theirs_total_minor
    )
    return OrderDeal(unit, desk.settings(), ShopRules()).with_goods(deal, bond, order)


ORDER_COMMANDS: Registry = {
    "exchange.list": Command("show what came by exchanges", ListExchanges, listed),
    "order.resolve": Command("choose whose goods an order has", ResolveOrder, resolve),
    "order.send_back": Command("send a deal's goods to its shop", SendOrder, send_back),
    "order.show": Command("show a deal beside its order in the shop", ShowOrder, show),
}
