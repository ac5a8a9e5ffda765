"""Which deal a payment belongs to, and what its money does there; pure.

The number of an invoice, the id of a deal and the number of a shop's order each make a deal a
candidate. Numbers that name different deals are in doubt, so a person looks.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from kartoteka.domain.change import Actor
from kartoteka.domain.deal import Deal, Payment
from kartoteka.domain.deal_flow import DealRules
from kartoteka.domain.errors import Invalid
from kartoteka.domain.instant import Instant
from kartoteka.domain.payment import PaymentFact, with_receipts
from kartoteka.domain.pipeline import Proof


@dataclass(frozen=True, slots=True)
class Candidate:
    """A deal that one of the payment's numbers names."""

    deal: Deal
    told: bool = False  # the shop has told of the payment itself: it stands in the deal already
    paper_id: str = ""  # the invoice that named it


def choose(fact: PaymentFact, candidates: Sequence[Candidate]) -> tuple[Candidate | None, str]:
    """Return whose money it is, or None and the reason why a person has to look.

    Exactly one deal is named, in the same currency, and owes at least what was paid. A deal
    without an amount owes whatever comes.
    """
    if not fact.numbers:
        return None, "payment_no_number"
    deals = {it.deal.id: it for it in candidates}
    if len(deals) != 1:
        return None, "payment_many_deals" if deals else "payment_no_deal"
    [found] = deals.values()
    why = _doubt(fact, found)
    return (None, why) if why else (found, "")


def _doubt(fact: PaymentFact, found: Candidate) -> str:
    if found.told:
        return "payment_told_by_shop"
    if fact.currency != found.deal.currency:
        return "payment_currency"
    if found.deal.state == "lost":
        return "payment_deal_lost"
    return "payment_over" if exceeds(fact, found.deal) else ""


def exceeds(fact: PaymentFact, deal: Deal) -> bool:
    """Return whether more was paid than the deal still owes."""
    others = deal.paid_minor - standing(fact, deal)
    return bool(deal.amount_minor) and fact.amount_minor > deal.amount_minor - others


def standing(fact: PaymentFact, deal: Deal) -> int:
    """Return how much of this payment stands in the deal now."""
    return sum(it.amount_minor for it in deal.payments if it.reference == fact.reference)


def with_money(
    deal: Deal, fact: PaymentFact, flow: DealRules, actor: Actor, *, now: Instant
) -> Deal:
    """Return the deal with what is left of the payment in it, once.

    More than before may take the deal where its stage says; less takes the money off and leaves
    the stage to people.
    """
    was, net = standing(fact, deal), fact.net_minor
    if was == net:
        return deal
    bare = _without(deal, fact.reference, was)
    if net == 0:
        return bare.model_copy(update={"updated_at": now})
    money = Payment(reference=fact.reference, amount_minor=net, at=now, paper_id=fact.paper_id)
    if net > was:
        return flow.paid(bare, money, actor)
    update = {
        "payments": (*bare.payments, money),
        "paid_minor": bare.paid_minor + net,
        "evidence": deal.evidence,
        "updated_at": now,
    }
    return bare.model_copy(update=update)


def with_less(deal: Deal, reference: str, left: int, now: Instant) -> Deal:
    """Return the deal with at most this much of a payment in it; its stage is left to people."""
    money = tuple(it for it in deal.payments if it.reference == reference)
    was = sum(it.amount_minor for it in money)
    if was <= left:
        return deal
    bare = _without(deal, reference, was).model_copy(update={"updated_at": now})
    if left == 0:
        return bare
    update = {
        "payments": (*bare.payments, money[0].model_copy(update={"amount_minor": left})),
        "paid_minor": bare.paid_minor + left,
        "evidence": deal.evidence,
    }
    return bare.model_copy(update=update)


def with_its_receipts(deal: Deal, fact: PaymentFact) -> Deal:
    """Return the deal with the receipts of the payment that stands in it."""
    kept = with_receipts(deal.receipts, fact.receipts)
    return deal if kept == deal.receipts else deal.model_copy(update={"receipts": kept})


def without_its_receipts(deal: Deal, fact: PaymentFact) -> Deal:
    """Return the deal without the receipts of a payment that is not its own."""
    left = tuple(it for it in deal.receipts if it not in fact.receipts)
    return deal.model_copy(update={"receipts": left})


def _without(deal: Deal, reference: str, amount: int) -> Deal:
    left = tuple(it for it in deal.payments if it.reference != reference)
    proofs = dict(deal.evidence)
    if proofs.get(Proof.PAYMENT.value) == reference:
        del proofs[Proof.PAYMENT.value]
        proofs |= {Proof.PAYMENT.value: left[-1].reference} if left else {}
    paid = max(0, deal.paid_minor - amount)
    return deal.model_copy(update={"payments": left, "paid_minor": paid, "evidence": proofs})


def check_waits(fact: PaymentFact) -> None:
    """Refuse to decide on a payment that waits for nobody.

    Raises:
        Invalid: it was decided, its provider has not confirmed it, or no money is left of it.
    """
    if fact.state == "unchecked":
        raise Invalid(f"{fact.id} is not confirmed", code="payment_unchecked")
    if fact.state != "unmatched":
        raise Invalid(f"{fact.id} is {fact.state}", code="payment_decided")
