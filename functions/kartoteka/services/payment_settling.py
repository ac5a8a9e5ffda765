"""A payment finds its deal and stands in it once; what goes back is taken off again."""

from collections.abc import Mapping
from dataclasses import dataclass

from kartoteka.domain.change import SYSTEM
from kartoteka.domain.deal import Deal
from kartoteka.domain.guards import is_open
from kartoteka.domain.ids import ActivityId, DealId, derived
from kartoteka.domain.model import Activity
from kartoteka.domain.office import Settings
from kartoteka.domain.order import Order
from kartoteka.domain.payment import PaymentFact
from kartoteka.domain.payment_match import (
    Candidate,
    choose,
    standing,
    with_its_receipts,
    with_money,
    without_its_receipts,
)
from kartoteka.domain.pipeline import Proof
from kartoteka.domain.sales_paper import INVOICE, SalesPaper, labels_in
from kartoteka.i18n import channel, text
from kartoteka.ports import Query, Where
from kartoteka.services.deal_records import keep
from kartoteka.services.deal_rules import rules_of
from kartoteka.services.notices import tell
from kartoteka.services.unit import Unit

_MOST_NUMBERS = 5
_MOST_ORDERS = 3  # of one number: two are one too many
_DEAL = "dl_"


@dataclass(frozen=True, slots=True)
class Settling:
    """What one unit does with payments."""

    unit: Unit
    settings: Settings

    def settled(self, fact: PaymentFact) -> PaymentFact:
        """Return the payment where it belongs by what is known; a person's word stands."""
        if fact.state in {"unchecked", "dismissed"}:
            return fact
        if fact.state == "matched":
            deal = self.unit.find(Deal, fact.deal_id)
            return self.put(fact, deal) if deal is not None else fact
        if not fact.net_minor:
            return fact.model_copy(update={"state": "void", "why": ""})
        found, why = choose(fact, self._candidates(fact))
        if found is None:
            return fact.model_copy(update={"state": "unmatched", "why": why})
        named = fact.model_copy(update={"paper_id": found.paper_id})
        return self.put(named, found.deal)

    def put(self, fact: PaymentFact, deal: Deal) -> PaymentFact:
        """Return the payment as matched; what is left of it stands in the deal, saved here."""
        unit = self.unit
        flow = rules_of(self.settings, deal, unit.actor)
        paid = with_money(deal, fact, flow, unit.actor, now=unit.now)
        paid = keep(unit, deal, with_its_receipts(paid, fact))
        unit.evidence = f"payment:{fact.reference}"
        self._told_shop(paid)
        self._happened(fact, paid)
        self._tell(paid, standing(fact, paid) - standing(fact, deal))
        update = {
            "state": "matched",
            "why": "",
            "deal_id": DealId(deal.id),
            "client_id": deal.client_id or fact.client_id,
        }
        return fact.model_copy(update=update)

    def off(self, fact: PaymentFact) -> PaymentFact:
        """Return the payment without its deal; a deal that it closed is open again."""
        deal = self.unit.find(Deal, fact.deal_id)
        if deal is not None:
            gone = fact.model_copy(update={"canceled": True})
            flow = rules_of(self.settings, deal, self.unit.actor)
            bare = with_money(deal, gone, flow, self.unit.actor, now=self.unit.now)
            bare = without_its_receipts(bare, fact)
            if _closed_by_money(deal) and bare.paid_minor < bare.amount_minor:
                unlocked = bare.model_copy(update={"locked": False})
                bare = flow.restore(unlocked, SYSTEM, self.unit.now)
            keep(self.unit, deal, bare)
        return fact.model_copy(update={"state": "unmatched", "deal_id": None})

    def _candidates(self, fact: PaymentFact) -> list[Candidate]:
        """Return the deals that the payment's numbers name: by invoice, id, or a shop's order."""
        numbers = fact.numbers[:_MOST_NUMBERS]
        invoices = [it for label in labels_in(numbers) for it in self._invoices(label)]
        bonds = [bond for number in numbers for bond in self._bonds(number)]
        named = [number for number in numbers if number.startswith(_DEAL)]
        told = {bond.deal_id: bond.paid for bond in bonds}
        billed = {it.deal_id: it.id for it in invoices}
        deals = self.unit.find_many(Deal, [*billed, *named, *told])
        return [_candidate(deal, told, billed) for deal in deals.values()]

    def _invoices(self, label: str) -> list[SalesPaper]:
        """Return the living invoice with this number, if there is one."""
        where = (Where("label", "==", label), Where("what", "==", INVOICE))
        found = self.unit.search(SalesPaper, Query(SalesPaper.collection, where, limit=1))
        return [it for it in found if it.state != "void"]

    def _bonds(self, number: str) -> list[Order]:
        where = (Where("number", "==", number),)
        return self.unit.search(Order, Query(Order.collection, where, limit=_MOST_ORDERS))

    def _told_shop(self, deal: Deal) -> None:
        """Keep that the order of a deal paid in full is paid: its shop will tell so once more."""
        if not 0 < deal.amount_minor <= deal.paid_minor:
            return
        where = (Where("deal_id", "==", deal.id),)
        for bond in self.unit.search(Order, Query(Order.collection, where)):
            self.unit.save(bond.model_copy(update={"paid": True}))

    def _happened(self, fact: PaymentFact, deal: Deal) -> None:
        """Keep the payment in the timeline, without its amount."""
        name = ActivityId(derived("ac", fact.id, deal.id))
        if self.unit.find(Activity, name) is not None:
            return
        number = next(iter(fact.numbers), fact.external)
        locale = self.settings.office.locale
        service = channel(fact.channel, locale)
        self.unit.save(
            Activity(
                id=name,
                what="payment",
                client_id=deal.client_id,
                deal_id=DealId(deal.id),
                at=fact.at,
                text=text("payment_came", locale, number=number, service=service),
                inbound_id=fact.inbound_id,
            )
        )

    def _tell(self, deal: Deal, more: int) -> None:
        if deal.owner_id and more and deal.owner_id != self.unit.actor.id:
            code = "notice_payment_in" if more > 0 else "notice_payment_back"
            tell(self.unit, deal.owner_id, code, deal)


def _candidate(deal: Deal, told: Mapping[DealId, bool], billed: Mapping[DealId, str]) -> Candidate:
    name = DealId(deal.id)
    return Candidate(deal, told.get(name, False), billed.get(name, ""))


def _closed_by_money(deal: Deal) -> bool:
    last = deal.stage_log[-1:]
    return not is_open(deal) and bool(last) and last[0].evidence == Proof.PAYMENT.value
