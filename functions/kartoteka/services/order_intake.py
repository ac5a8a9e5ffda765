"""What an order of a shop means: a deal of its buyer the first time, news of that deal later; A11.

Whichever side edited the goods since both agreed wins; when both did, nothing is overwritten: the
deal keeps ours, the bond keeps theirs, and a person chooses.
"""

from dataclasses import dataclass, replace
from datetime import timedelta

from kartoteka.domain import company_numbers, identity
from kartoteka.domain.catalogue import Company
from kartoteka.domain.deal import Deal
from kartoteka.domain.errors import Invalid
from kartoteka.domain.exchange import BY_FILES
from kartoteka.domain.guards import is_open
from kartoteka.domain.ids import ClientId, CompanyId, DealId, StaffId, fresh
from kartoteka.domain.inbound import Inbound
from kartoteka.domain.model import Activity, Client
from kartoteka.domain.order import Order, Telling, order_id
from kartoteka.domain.routing import Claims
from kartoteka.domain.shop_order import LONGEST, ShopOrder, folded, goods_print
from kartoteka.domain.shop_rules import ShopRules
from kartoteka.i18n import text
from kartoteka.ports import Query, Where
from kartoteka.services import deal_touch, duplicates
from kartoteka.services.companies import NewCompany
from kartoteka.services.companies import met as company_met
from kartoteka.services.deal_records import keep, sign, with_deal
from kartoteka.services.decide import Decision, Wish, activity_id, matched, met
from kartoteka.services.new_lead import Request, route
from kartoteka.services.order_deal import Buyer, OrderDeal, Standing
from kartoteka.services.order_news import count_day, day_of, rules_of_account
from kartoteka.services.unit import Unit


def decide_order(unit: Unit, inbound: Inbound, order: ShopOrder, wish: Wish) -> Decision:
    """Return what an order became; deal, client and bond are saved in the unit.

    Orders that come one by one are counted for their day in «Обмены»; of 1C's, the file is. What
    was made or changed counts with its news, see `order_news`.
    """
    known = _known(unit, inbound, order)
    decision = _decided(unit, inbound, order, wish=wish, known=known)
    if decision.why and inbound.channel != BY_FILES:
        _count(unit, inbound, decision, wish)
    return decision


def _count(unit: Unit, inbound: Inbound, decision: Decision, wish: Wish) -> None:
    wrong = decision.state == "unknown"
    faults = [f"{inbound.event_id}: {decision.why}"] if wrong else []
    counts = {"received": 1, "errors" if wrong else "unchanged": 1}
    day = day_of(wish.settings, wish.now)
    count_day(unit, (inbound.channel, inbound.account), day, counts=counts, faults=faults)


def _known(unit: Unit, inbound: Inbound, order: ShopOrder) -> Order | None:
    """Return the bond of an order; 1C may tell one of ours under an id of its own."""
    found = unit.find(Order, order_id(inbound.channel, inbound.account, order.id))
    if found is not None or not order.issued:
        return found
    where = (Where("account", "==", inbound.account), Where("issued", "==", order.issued))
    return next(iter(unit.search(Order, Query(Order.collection, where, limit=1))), None)


def _decided(
    unit: Unit, inbound: Inbound, order: ShopOrder, *, wish: Wish, known: Order | None
) -> Decision:
    shop = rules_of_account(wish.settings, inbound.channel, inbound.account)
    if known is not None:
        return _Told(unit, inbound, order, wish, shop).again(known)
    why = _left_out(order, shop, wish)
    if why:
        return Decision("ignored", why)
    name = order_id(inbound.channel, inbound.account, order.id)
    return _Told(unit, inbound, order, wish, shop).first(name)


def _left_out(order: ShopOrder, shop: ShopRules, wish: Wish) -> str:
    """Return why an order that was never here makes no deal; empty when it does."""
    if order.abandoned:
        return "order_abandoned"
    if order.cancelled:
        return "order_cancelled"
    too_old = wish.now - order.at > timedelta(days=shop.first_days)
    return "order_too_old" if too_old else ""


@dataclass(frozen=True, slots=True)
class _Told:
    """One telling of one order within one unit."""

    unit: Unit
    inbound: Inbound
    order: ShopOrder
    wish: Wish
    shop: ShopRules

    @property
    def deals(self) -> OrderDeal:
        """Return what the order does to its deal."""
        return OrderDeal(self.unit, self.wish.settings, self.shop)

    def first(self, name: str) -> Decision:
        """Return a new deal of the buyer; without any identity people have to look."""
        company = self._company()
        names, client, known = self._client()
        if client is None and company is None:
            return Decision("unknown", "no_identity")
        buyer = self._buyer(client, company, known=known)
        standing = self.deals.begun(self.order, self._bond(name), buyer)
        if client is not None:
            duplicates.take(self.unit, names, client.id)
            client = self._with_deal(client, company, standing.deal)
        self.unit.add(standing.deal)
        self.unit.add(self._noted(standing, first=True))
        self._happened(standing.deal)
        return Decision("done", client=client)

    def again(self, bond: Order) -> Decision:
        """Return what a further telling changed: goods, payment, shipment, cancelling."""
        deal = self.unit.find(Deal, bond.deal_id)
        if deal is None:
            return Decision("ignored", "order_deal_gone")
        client = self.unit.find(Client, deal.client_id)
        if self.order.version and self.order.version < bond.version:
            return Decision("done", "order_stale", client)
        if self.order.fingerprint == bond.said:
            return Decision("done", "order_unchanged", client)
        after = self.deals.with_state(self._with_goods(Standing(deal, bond)), self.order)
        keep(self.unit, deal, after.deal)
        self.unit.save(self._noted(after))
        self._happened(after.deal)
        return Decision("done", client=client)

    def _with_goods(self, standing: Standing) -> Standing:
        deal, bond, order = standing.deal, standing.bond, self.order
        if order.lines is None:
            return standing
        rest = text("order_rest", self.wish.settings.office.locale)
        theirs, ours = goods_print(folded(order.lines, rest)), goods_print(deal.lines)
        if theirs in {ours, bond.agreed}:
            settled = theirs == ours or bond.state == "conflict"
            state = "agreed" if settled else bond.state
            agreed = theirs if theirs == ours else bond.agreed
            fresh_words = theirs == ours and (bond.agreed != ours or not deal.amount_by_hand)
            named = self.deals.with_amount(deal, order) if fresh_words else deal
            bond = bond.model_copy(update={"agreed": agreed, "state": state, "theirs": ()})
            return replace(standing, deal=named, bond=bond)
        if ours == bond.agreed and is_open(deal):
            filled = self.deals.with_goods(deal, bond, order)
            bond = bond.model_copy(update={"agreed": goods_print(filled.lines), "state": "agreed"})
            return Standing(filled, bond, standing.told).news("notice_order_changed")
        conflict = {
            "state": "conflict",
            "theirs": order.lines,
            "theirs_total_minor": order.total_minor,
        }
        bond = bond.model_copy(update=conflict)
        return replace(standing, bond=bond).news("notice_order_conflict")

    def _bond(self, name: str) -> Order:
        return Order(
            id=name,
            channel=self.inbound.channel,
            account=self.inbound.account,
            external=self.order.id,
            deal_id=DealId(fresh("dl")),
            created_at=self.unit.now,
            updated_at=self.unit.now,
        )

    def _noted(self, standing: Standing, *, first: bool = False) -> Order:
        """Return the bond with what the shop has said, and what people shall hear of it."""
        bond = standing.bond
        telling = Telling(at=self.unit.now, first=first, news=standing.told)
        update = {
            "number": self.order.number or bond.number,
            "status": self.order.status,
            "version": self.order.version or bond.version,
            "said": self.order.fingerprint,
            "agreed": goods_print(standing.deal.lines) if first else bond.agreed,
            "page": self.order.page or bond.page,
            "untold": (*bond.untold, telling),
            "updated_at": self.unit.now,
        }
        return bond.model_copy(update=update)

    def _company(self) -> Company | None:
        """Return the buyer's company by its INN; a number that cannot be one finds nobody."""
        given = self.order.company
        if given is None or not (given.inn.strip() and given.name.strip()):
            return None
        try:
            inn, kpp = company_numbers.inn(given.inn), company_numbers.kpp(given.kpp)
        except Invalid:
            return None
        form = NewCompany(name=given.name.strip()[:LONGEST], inn=inn, kpp=kpp)
        region = self.wish.settings.office.region
        return company_met(self.unit, form, CompanyId(fresh("co")), region)[0]

    def _client(self) -> tuple[list[str], Client | None, bool]:
        """Return the identity keys, the buyer as a client, and whether it was met before."""
        own = self.wish.settings.own_numbers()
        sender = self.inbound.sender
        phones = tuple(number for number in sender.phones if number not in own)
        names = identity.keys(phones, sender.emails, sender.messengers)
        if not names:
            return [], None, False
        clean = self.inbound
        if phones != sender.phones:
            update = {"sender": sender.model_copy(update={"phones": phones})}
            clean = clean.model_copy(update=update)
        found = matched(self.unit, names, duplicates.holders(self.unit, names, sender.name))
        return names, met(self.unit, found, clean, self.wish), found is not None

    def _buyer(self, client: Client | None, company: Company | None, *, known: bool) -> Buyer:
        owner = self._owner(client, company, known=known)
        return Buyer(
            client_id=ClientId(client.id) if client else None,
            company_id=CompanyId(company.id) if company else getattr(client, "company_id", None),
            owner_id=owner,
            sign=sign(self.unit, client) if known else "first",
        )

    def _owner(
        self, client: Client | None, company: Company | None, *, known: bool
    ) -> StaffId | None:
        """Return who gets the order: as a request would be routed."""
        open_deals = deal_touch.open_deals(self.unit, client) if client and known else []
        dealers = [deal.owner_id for deal in open_deals if deal.owner_id is not None]
        holder = client if client is not None and known else company
        own = next(iter(dealers), holder.owner_id if holder is not None else None)
        claims = Claims(own=own, key=self.wish.owner_id)
        asked = client or Client(
            id=ClientId(""), name="", created_at=self.unit.now, updated_at=self.unit.now
        )
        choice = route(Request(asked, self.inbound, claims, known), self.wish.hands)
        return StaffId(choice.owner.id) if choice.owner else None

    def _with_deal(self, client: Client, company: Company | None, deal: Deal) -> Client:
        update: dict[str, object] = {"owner_id": client.owner_id or deal.owner_id}
        if company is not None:
            update |= {
                "company_id": client.company_id or CompanyId(company.id),
                "company": client.company or company.name,
            }
        return self.unit.save(with_deal(client, deal, **update))

    def _happened(self, deal: Deal) -> None:
        """Keep in the timeline what the shop told."""
        order = self.order
        words = text(
            "order_told",
            self.wish.settings.office.locale,
            number=order.number or order.id,
            status=order.status or "-",
        )
        goods = "\n".join(
            f"{line.name} × {line.quantity_milli / 1000:g}" for line in order.lines or ()
        )
        self.unit.save(
            Activity(
                id=activity_id(self.inbound),
                what=self.inbound.what.value,
                client_id=deal.client_id,
                deal_id=DealId(deal.id),
                at=self.inbound.at,
                text="\n".join(filter(None, (words, goods, order.comment, order.delivery))),
                inbound_id=self.inbound.id,
            )
        )
