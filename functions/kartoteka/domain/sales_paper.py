"""Offers and invoices: numbered papers made of a deal, and how far each of them is; I2, I5."""

import re
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import ClassVar, Literal

from pydantic import Field

from kartoteka.domain.deal import Deal
from kartoteka.domain.errors import Invalid
from kartoteka.domain.ids import ClientId, CompanyId, DealId, StaffId
from kartoteka.domain.instant import Instant
from kartoteka.domain.model import Entity, Line, Value
from kartoteka.domain.pipeline import Proof

OFFER: Literal["offer"] = "offer"
INVOICE: Literal["invoice"] = "invoice"
What = Literal["offer", "invoice"]
PROOFS: dict[What, Proof] = {OFFER: Proof.OFFER_FILE, INVOICE: Proof.INVOICE}
LINK_DAYS = timedelta(days=90)  # for which the client's page opens
LIVING = frozenset({"draft", "sent", "partly_paid"})  # of which something is still expected
ID = r"pp_[0-9a-z]{16,32}"
_MARK = re.compile(rf"\[({ID})\]")
_ADDRESS = re.compile(rf"\S*/api/d/({ID})-[0-9a-f]{{40}}")
_LABEL = re.compile(r"(?<![\d-])(20\d\d)\s*-\s*0*([1-9]\d{0,6})(?![\d-])")


class SalesPaper(Entity):
    """An offer or an invoice; its lines and total are those of the deal when it was made.

    States of an offer: draft, sent, accepted, declined, void; of an invoice: draft, sent,
    partly_paid, paid, void. That time ran out is no state: see `standing`.
    """

    kind: ClassVar[str] = "paper"
    collection: ClassVar[str] = "papers"
    what: What
    year: int  # of the office's calendar
    number: int = Field(ge=1)  # within the year and the kind, without gaps
    label: str  # as people and payments spell it: 2026-17
    version: int = Field(default=1, ge=1)  # which paper of its kind the deal has
    deal_id: DealId
    client_id: ClientId | None = None
    company_id: CompanyId | None = None
    author_id: StaffId | None = None
    subject: str = ""
    payer: Literal["person", "company", "bearer"] = "person"  # of a bearer nobody is named
    lines: tuple[Line, ...]  # without costs
    total_minor: int = Field(ge=0)  # the sum of the lines
    currency: str
    due: Instant  # an invoice is to be paid until then, an offer stands until then
    state: str = "draft"
    paid_minor: int = Field(default=0, ge=0)
    text: str = ""
    sent_at: Instant | None = None
    opened_at: Instant | None = None  # when the client's page was opened first
    link_until: Instant  # the page opens until then
    created_at: Instant
    updated_at: Instant


class Terms(Value):
    """What is said of a paper beside its deal; empty: what is usual."""

    subject: str = ""
    text: str = ""
    due: Instant | None = None


class PaperNumbers(Entity):
    """The numbers of one year that are taken; read and written with each paper."""

    kind: ClassVar[str] = "paper_numbers"
    collection: ClassVar[str] = "paper_numbers"
    last: dict[str, int] = Field(default_factory=dict)  # by kind of paper

    def taken(self, what: What) -> "PaperNumbers":
        """Return the numbers with the next of this kind taken."""
        return self.model_copy(update={"last": self.last | {what: self.last.get(what, 0) + 1}})


def label_of(year: int, number: int) -> str:
    """Return how a paper's number is spelled."""
    return f"{year}-{number}"


def labels_in(texts: Iterable[str]) -> tuple[str, ...]:
    """Return the numbers of papers that these texts name, however they are decorated."""
    found = (match for text in texts for match in _LABEL.finditer(text))
    return tuple(dict.fromkeys(label_of(int(it[1]), int(it[2])) for it in found))


def mark_of(name: str) -> str:
    """Return what stands for the address of a paper in words that are kept."""
    return f"[{name}]"


def marked(words: str) -> tuple[str, ...]:
    """Return the ids of the papers whose marks stand in these words."""
    return tuple(dict.fromkeys(_MARK.findall(words)))


def without_addresses(words: str) -> str:
    """Return words of ours with marks in place of the addresses of papers."""
    return _ADDRESS.sub(lambda found: mark_of(found[1]), words)


def lines_of(deal: Deal, usual: str) -> tuple[Line, ...]:
    """Return what a paper of the deal lists, so that it adds up to the deal's amount.

    An amount that somebody set by hand, or one without positions, is one line called by the type
    of the deal, else `usual`. What a position costs us never leaves the office.

    Raises:
        Invalid: the deal has no amount yet.
    """
    if deal.amount_minor <= 0:
        raise Invalid(
            f"{deal.id} has no amount", fields={"deal": "paper_no_amount"}, code="paper_no_amount"
        )
    if deal.lines and total(deal.lines) == deal.amount_minor:
        return tuple(it.model_copy(update={"cost_minor": None}) for it in deal.lines)
    return (Line(name=deal.deal_type or usual, price_minor=deal.amount_minor),)


def is_payable(paper: SalesPaper) -> bool:
    """Return whether the client may pay now: an invoice that was sent and is not paid whole."""
    unpaid = paper.state in {"sent", "partly_paid"}
    return paper.what == INVOICE and unpaid and paper.paid_minor < paper.total_minor


def total(lines: Iterable[Line]) -> int:
    """Return what the lines add up to, in minor units."""
    return sum(it.total_minor for it in lines)


def standing(paper: SalesPaper, now: datetime) -> str:
    """Return the state in which people see the paper: time alone makes one overdue or expired."""
    if now <= paper.due or paper.state not in {"sent", "partly_paid"}:
        return paper.state
    return "overdue" if paper.what == INVOICE else "expired"


def covered(deal: Deal, invoices: Sequence[SalesPaper]) -> dict[str, int]:
    """Return how much of each invoice the deal's payments cover, by its id; in minor units.

    Money that named an invoice goes there first. The rest, and what was too much, goes to the
    invoices that were sent, the oldest first; so no money counts twice, in whatever order it came.
    """
    open_ones = {it.id: it.total_minor for it in invoices if it.state != "void"}
    left, free = dict(open_ones), 0
    for money in deal.payments:
        taken = min(left.get(money.paper_id, 0), money.amount_minor)
        if taken:
            left[money.paper_id] -= taken
        free += money.amount_minor - taken
    for invoice in sorted(invoices, key=lambda it: (it.year, it.number)):
        if invoice.sent_at is not None and invoice.id in left:
            taken = min(left[invoice.id], free)
            left[invoice.id] -= taken
            free -= taken
    return {name: amount - left[name] for name, amount in open_ones.items()}


def with_paid(paper: SalesPaper, minor: int) -> SalesPaper:
    """Return an invoice of which so much is paid, in the state that follows."""
    unpaid = "draft" if paper.sent_at is None else "sent"
    state = "paid" if minor >= paper.total_minor else "partly_paid" if minor else unpaid
    return paper.model_copy(update={"paid_minor": minor, "state": state})
