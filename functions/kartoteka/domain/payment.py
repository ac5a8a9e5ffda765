"""What payment services tell of one payment: repeated and out of order, it makes one record."""

from collections.abc import Iterable
from typing import ClassVar, Literal

from pydantic import Field

from kartoteka.domain.ids import ClientId, DealId, InboundId, derived
from kartoteka.domain.instant import Instant
from kartoteka.domain.model import Entity, Value

MOST_MINOR = 10**13
LONGEST = 300  # characters of an id or a number

_LONGEST_LINK = 2_000
What = Literal["asked", "succeeded", "refunded", "canceled", "receipt"]


class Receipt(Value):
    """A fiscal receipt of a payment; it moves no money."""

    id: str = Field(min_length=1, max_length=LONGEST)  # ours: channel, payment, document
    number: str = Field(default="", max_length=LONGEST)  # of the fiscal document
    link: str = Field(default="", max_length=_LONGEST_LINK)  # shows it
    back: bool = False  # of money that went back


class PaymentTold(Value):
    """One event of one payment; money in minor units, the payer is the event's sender.

    `asked`: the provider has to be asked, as its body proves nothing. Of a refund `amount_minor`
    is the part with the id `refund`; without one it is all that was given back so far, and None
    says that the whole payment was.
    """

    id: str = Field(min_length=1, max_length=LONGEST)  # the provider's, of the payment
    what: What
    amount_minor: int | None = Field(default=None, ge=0, le=MOST_MINOR)
    refund: str = Field(default="", max_length=LONGEST)
    currency: str = ""  # ISO 4217
    numbers: tuple[str, ...] = ()  # of the order, invoice or deal, the surest first
    test: bool = False  # the shop's trial mode: no money moved
    receipt: Receipt | None = None


class Bill(Value):
    """What a payment service is asked to take; it tells `number` again when the money is there."""

    key: str  # asked twice with one key, it is one payment
    number: str  # of the invoice
    amount_minor: int = Field(gt=0, le=MOST_MINOR)
    currency: str  # ISO 4217
    title: str
    back: str  # https: where the client comes back to


class Refund(Value):
    """A part that went back; `id` is the provider's."""

    id: str
    amount_minor: int = Field(ge=0)


class PaymentFact(Entity):
    """One payment as its provider tells it, and which deal it belongs to.

    States: `unchecked` (the provider is being asked), `void` (no money stays with us),
    `unmatched` (waits for a person, `why` says what for), `matched`, `dismissed`.
    """

    kind: ClassVar[str] = "payment"
    collection: ClassVar[str] = "payments"
    channel: str
    account: str
    external: str  # the provider's id
    numbers: tuple[str, ...] = ()
    payer_name: str = ""
    payer_phones: tuple[str, ...] = ()  # E.164
    payer_emails: tuple[str, ...] = ()  # lower case
    currency: str = ""
    amount_minor: int = Field(default=0, ge=0)  # what came; 0: nothing is known to have come
    refunds: tuple[Refund, ...] = ()  # by id
    refunded_minor: int = Field(default=0, ge=0)  # the most that was told as a sum
    refunded_whole: bool = False
    receipts: tuple[Receipt, ...] = ()  # by id
    canceled: bool = False
    money: str = ""  # succeeded, refunded, canceled; empty: not known yet
    state: str = "unchecked"
    why: str = ""
    asked: int = 0  # how often the provider had to be asked
    deal_id: DealId | None = None
    paper_id: str = ""  # the invoice that it named
    client_id: ClientId | None = None
    inbound_id: InboundId | None = None
    at: Instant  # when the money came, or the first news of it
    decided_by: str = ""  # id of the actor who matched or dismissed it
    created_at: Instant
    updated_at: Instant

    @property
    def reference(self) -> str:
        """Return under which name the money stands in a deal."""
        return f"{self.channel}:{self.external}"

    @property
    def net_minor(self) -> int:
        """Return what is left of the money: nothing of a payment that was canceled."""
        if self.canceled or self.refunded_whole:
            return 0
        parts = sum(refund.amount_minor for refund in self.refunds)
        return max(0, self.amount_minor - max(parts, self.refunded_minor))


def payment_id(channel: str, account: str, external: str) -> str:
    """Return the id that every event of the payment leads to."""
    return derived("pm", channel, account, external)


def heard(fact: PaymentFact, told: PaymentTold) -> PaymentFact:
    """Return the payment after one event; order and repetitions change nothing.

    A cancelled payment stays cancelled, a sum only grows, and each refund counts once.
    """
    update: dict[str, object] = {
        "numbers": tuple(sorted({*fact.numbers, *told.numbers})),
        "currency": fact.currency or told.currency,
        "receipts": with_receipts(fact.receipts, (told.receipt,) if told.receipt else ()),
        **_sums(fact, told),
    }
    after = fact.model_copy(update=update)
    return after.model_copy(update={"money": _money(after)})


def with_receipts(known: Iterable[Receipt], more: Iterable[Receipt]) -> tuple[Receipt, ...]:
    """Return the receipts by their id, each once."""
    found = {it.id: it for it in (*more, *known)}
    return tuple(found[name] for name in sorted(found))


def _sums(fact: PaymentFact, told: PaymentTold) -> dict[str, object]:
    amount = told.amount_minor
    if told.what == "canceled":
        return {"canceled": True}
    if told.what == "succeeded":
        return {"amount_minor": max(fact.amount_minor, amount or 0)}
    if told.what != "refunded":
        return {}
    if amount is None:
        return {"refunded_whole": True}
    if not told.refund:
        return {"refunded_minor": max(fact.refunded_minor, amount)}
    known = {refund.id: refund.amount_minor for refund in fact.refunds}
    known[told.refund] = max(known.get(told.refund, 0), amount)
    return {"refunds": tuple(Refund(id=it, amount_minor=known[it]) for it in sorted(known))}


def _money(fact: PaymentFact) -> str:
    if fact.canceled:
        return "canceled"
    if fact.refunds or fact.refunded_minor or fact.refunded_whole:
        return "refunded"
    return "succeeded" if fact.amount_minor else ""
