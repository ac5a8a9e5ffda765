"""The deal behind an order of a shop: begun once, then kept in step with what the shop says."""

from dataclasses import dataclass, replace

from kartoteka.domain import deal_amount
from kartoteka.domain.catalogue import Product
from kartoteka.domain.deal import Deal, Payment
from kartoteka.domain.deal_flow import DealRules, Step, name_of
from kartoteka.domain.errors import Invalid
from kartoteka.domain.exchange import BY_FILES, GoodsLink, link_id
from kartoteka.domain.guards import is_open
from kartoteka.domain.ids import ClientId, CompanyId, ProductId, StaffId, derived, fresh_run
from kartoteka.domain.model import Line
from kartoteka.domain.office import Settings
from kartoteka.domain.order import Order
from kartoteka.domain.payment_match import with_less
from kartoteka.domain.shop_order import ShopOrder, folded, priced
from kartoteka.domain.shop_rules import ShopRules
from kartoteka.i18n import text
from kartoteka.services.deal_rules import rules, rules_of
from kartoteka.services.unit import Unit

_LONGEST_NOTE = 45_000
_BY_ORDER = "order"
_GIVEN_BACK = "notice_order_refunded"


@dataclass(frozen=True, slots=True)
class Buyer:
    """Whose an order is and who works on it."""

    client_id: ClientId | None
    company_id: CompanyId | None
    owner_id: StaffId | None
    sign: str = "first"


@dataclass(frozen=True, slots=True)
class Standing:
    """An order and its deal at one moment; `told` are the notices that follow."""

    deal: Deal
    bond: Order
    told: tuple[str, ...] = ()

    def news(self, code: str) -> "Standing":
        """Return the same with one notice more."""
        return replace(self, told=(*self.told, code))


@dataclass(frozen=True, slots=True)
class OrderDeal:
    """What an order does to its deal within one unit; nothing is saved here."""

    unit: Unit
    settings: Settings
    shop: ShopRules

    def begun(self, order: ShopOrder, bond: Order, buyer: Buyer) -> Standing:
        """Return the new deal on the first stage of its pipeline, with the order's goods.

        What the stage usually asks for is not asked: an order that was made is never refused.
        """
        pipeline = self.shop.pipeline or self.settings.office.deals.id
        flow = rules(self.settings, pipeline, self.unit.actor)
        step = Step(by=name_of(self.unit.actor), at=self.unit.now)
        placed = flow.enter(self._blank(order, bond, buyer), flow.pipeline.first, step)
        standing = Standing(placed, bond).news("notice_order_new")
        return self._in_state(flow, standing, order)

    def _blank(self, order: ShopOrder, bond: Order, buyer: Buyer) -> Deal:
        locale, now = self.settings.office.locale, self.unit.now
        lines = self.lines_of(bond, order)
        amount, by_hand = deal_amount.amount_told(lines, order.total_minor)
        return Deal(
            id=bond.deal_id,
            client_id=buyer.client_id,
            company_id=buyer.company_id,
            name=text("order_name", locale, number=order.number or order.id),
            pipeline="",
            stage="",
            stage_entered_at=now,
            stage_version=0,
            owner_id=buyer.owner_id,
            visibility=self.shop.visibility,
            probability=self.shop.probability,
            sign=buyer.sign,
            lines=lines,
            amount_minor=amount,
            amount_by_hand=by_hand,
            currency=order.currency or self.settings.office.currency,
            note="\n".join(filter(None, (order.comment, order.delivery)))[:_LONGEST_NOTE],
            last_touch_at=order.at,
            created_at=now,
            updated_at=now,
        )

    def with_goods(self, deal: Deal, bond: Order, order: ShopOrder) -> Deal:
        """Return the deal with the order's goods; its amount is what the shop says it is."""
        lines = self.lines_of(bond, order)
        return deal_amount.as_told(deal, lines, order.total_minor, self.unit.now)

    def with_amount(self, deal: Deal, order: ShopOrder) -> Deal:
        """Return the deal with the amount that the shop names for the same goods."""
        return deal_amount.with_told(deal, order.total_minor, self.unit.now)

    def lines_of(self, bond: Order, order: ShopOrder) -> tuple[Line, ...]:
        """Return the order's goods as a deal holds them, with what the catalogue knows."""
        given = folded(order.lines or (), text("order_rest", self.settings.office.locale))
        named = {it.product for it in given if it.product and bond.channel == BY_FILES}
        links = {name: link_id(bond.account, name) for name in named}  # no other shop has any
        linked = self.unit.find_many(GoodsLink, links.values()) if links else {}
        skus = {it.sku: derived("pd", it.sku.casefold()) for it in given if it.sku}
        wanted = [*(link.product_id for link in linked.values()), *skus.values()]
        products = self.unit.find_many(Product, wanted)
        lines = []
        for it, name_of_line in zip(given, fresh_run("li", len(given)), strict=True):
            link = linked.get(links.get(it.product, ""))
            name = link.product_id if link is not None else skus.get(it.sku, "")
            lines.append(_line(priced(it, name_of_line), products.get(name)))
        return tuple(lines)

    def with_state(self, standing: Standing, order: ShopOrder) -> Standing:
        """Return what payment, shipment and cancelling make of an order and its deal."""
        flow = rules_of(self.settings, standing.deal, self.unit.actor)
        return self._in_state(flow, standing, order)

    def _in_state(self, flow: DealRules, standing: Standing, order: ShopOrder) -> Standing:
        paid = self._paid(flow, standing, order)
        kept = self._given_back(paid, order)
        return self._cancelled(flow, _shipped(kept, order), order)

    def _paid(self, flow: DealRules, standing: Standing, order: ShopOrder) -> Standing:
        deal, bond = standing.deal, standing.bond
        amount = _money(order, deal)
        told_before = bond.paid and order.paid_minor is None
        if not order.paid or told_before or amount <= 0:
            return standing
        money = Payment(reference=_reference(order, bond), amount_minor=amount, at=self.unit.now)
        try:
            paid = flow.paid(deal, money, self.unit.actor)
        except Invalid:  # the same reference with another sum: people see both and decide
            return standing.news("notice_order_payment")
        whole = order.paid_minor is None or 0 < paid.amount_minor <= paid.paid_minor
        bond = bond.model_copy(update={"paid": bond.paid or whole})
        after = replace(standing, deal=paid, bond=bond)
        return after if paid is deal else after.news("notice_order_paid")

    def _given_back(self, standing: Standing, order: ShopOrder) -> Standing:
        """Return the deal without what the shop gave back of its payment."""
        deal = standing.deal
        if not order.refunded_minor:
            return standing
        left = max(0, _money(order, deal) - order.refunded_minor)
        less = with_less(deal, _reference(order, standing.bond), left, self.unit.now)
        return standing if less is deal else replace(standing, deal=less).news(_GIVEN_BACK)

    def _cancelled(self, flow: DealRules, standing: Standing, order: ShopOrder) -> Standing:
        """Return the deal as lost; one that money came for stays, and people are told."""
        deal, bond = standing.deal, standing.bond
        if order.cancelled == bond.cancelled:
            return standing
        bond = bond.model_copy(update={"cancelled": order.cancelled})
        code = "notice_order_cancelled" if order.cancelled else "notice_order_revived"
        after = replace(standing, bond=bond).news(code)
        lost = next((stage for stage in flow.pipeline.stages if stage.state == "lost"), None)
        if not order.cancelled or lost is None or not is_open(deal) or deal.payments:
            return after
        step = Step(by=name_of(self.unit.actor), at=self.unit.now, evidence=_BY_ORDER)
        reason = text("order_cancelled_reason", self.settings.office.locale)
        closed = flow.enter(deal, lost, step).model_copy(update={"reason": reason})
        return replace(after, deal=closed)


def _money(order: ShopOrder, deal: Deal) -> int:
    told = (order.paid_minor, order.total_minor, deal.amount_minor)
    return next(minor for minor in told if minor is not None)


def _reference(order: ShopOrder, bond: Order) -> str:
    return order.payment or f"{bond.channel}:{bond.number or bond.external}"


def _shipped(standing: Standing, order: ShopOrder) -> Standing:
    if not order.shipped or standing.bond.shipped:
        return standing
    bond = standing.bond.model_copy(update={"shipped": True})
    return replace(standing, bond=bond).news("notice_order_shipped")


def _line(line: Line, product: Product | None) -> Line:
    if product is None:
        return line
    known = line.model_copy(update={"product_id": ProductId(product.id)})
    return deal_amount.of_product(known, product)
