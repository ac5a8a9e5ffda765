"""An order as a shop tells it, and what of its goods two sides agree upon; pure."""

import hashlib
from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import Any, Self

from pydantic import Field

from kartoteka.domain.instant import Instant
from kartoteka.domain.model import Line, Value, total_of

LONGEST = 500  # characters of a name, a status, a number
LONGEST_WORDS = 5_000  # of a comment or a place of delivery
MOST_MINOR = 10**13
MOST_MILLI = 10**9
MOST_LINES = 200


class ShopLine(Value):
    """One position; money in minor units, quantity in thousandths, discount in basis points."""

    id: str = ""  # the shop's own name of the line
    product: str = ""  # the shop's id of the goods
    sku: str = ""
    name: str
    quantity_milli: int = Field(default=1000, gt=0, le=MOST_MILLI)
    price_minor: int = Field(ge=0, le=MOST_MINOR)
    discount_bp: int = Field(default=0, ge=0, le=10_000)


class ShopCompany(Value):
    """The legal entity that buys, as typed."""

    name: str = ""
    inn: str = ""
    kpp: str = ""


class ShopOrder(Value):
    """What a shop, or 1C, says about one order; the buyer is the event's sender."""

    id: str  # the shop's, unique within the account
    number: str = ""  # as people call it
    issued: str = ""  # the number that it may have from us
    at: Instant  # when it was made
    version: str = ""  # grows with each change, compared as text; empty: the shop tells none
    status: str = ""  # the shop's own word
    abandoned: bool = False  # a basket that was left, not an order
    cancelled: bool = False
    paid: bool = False
    paid_minor: int | None = Field(default=None, ge=0, le=MOST_MINOR)  # None: all of it
    payment: str = ""  # reference of the payment
    refunded_minor: int = Field(default=0, ge=0, le=MOST_MINOR)  # given back so far, all together
    shipped: bool = False
    shipment: str = ""  # number of the shipment
    currency: str = ""  # ISO 4217; empty: the office's
    total_minor: int | None = Field(default=None, ge=0, le=MOST_MINOR)
    lines: tuple[ShopLine, ...] | None = None  # None: nothing is said about the goods
    company: ShopCompany | None = None
    delivery: str = ""  # where to and how
    comment: str = ""
    page: str = ""  # the order in the shop's cabinet

    @cached_property
    def fingerprint(self) -> str:
        """Return what is the same for the same content; versions and the moment do not count.

        Neither do fields that say nothing: one that is added later leaves old prints as they are.
        """
        told = self.model_dump_json(exclude={"version", "at"}, exclude_defaults=True)
        return hashlib.sha256(told.encode()).hexdigest()[:32]

    def model_copy(self, *, update: Mapping[str, Any] | None = None, deep: bool = False) -> Self:
        """Return a copy, whose print is its own."""
        copied = super().model_copy(update=update, deep=deep)
        copied.__dict__.pop("fingerprint", None)
        return copied


def goods_print(lines: Iterable[Line | ShopLine]) -> str:
    """Return what is the same for the same goods in the same order, whatever names the lines."""
    told = (
        f"{line.name.strip()}\x1f{line.quantity_milli}\x1f{line.price_minor}\x1f{line.discount_bp}"
        for line in lines
    )
    return hashlib.sha256("\x1e".join(told).encode()).hexdigest()[:32]


def folded(lines: tuple[ShopLine, ...], rest: str) -> tuple[ShopLine, ...]:
    """Return at most 200 lines: of more, what is behind becomes one line called `rest`."""
    if len(lines) <= MOST_LINES:
        return lines
    kept, others = lines[: MOST_LINES - 1], lines[MOST_LINES - 1 :]
    told = ((line.price_minor, line.quantity_milli, line.discount_bp) for line in others)
    total = sum(total_of(*parts) for parts in told)
    return (*kept, ShopLine(name=rest, price_minor=min(total, MOST_MINOR)))


def priced(line: ShopLine, line_id: str = "") -> Line:
    """Return the position as a deal holds it."""
    return Line(
        id=line_id,
        name=line.name,
        quantity_milli=line.quantity_milli,
        price_minor=line.price_minor,
        discount_bp=line.discount_bp,
    )


def exact_line(line: ShopLine, total_minor: int) -> ShopLine:
    """Return the line so that it makes exactly this total, if whole minor units allow it.

    The price before the discount is kept when a discount in basis points gives the total,
    otherwise the price is that after the discount.
    """
    price, off = _exact(line, total_minor)
    if (price, off) == (line.price_minor, line.discount_bp):
        return line
    return line.model_copy(update={"price_minor": price, "discount_bp": off})


def _exact(line: ShopLine, total_minor: int) -> tuple[int, int]:
    """Return the price and the discount that make a total, or come next to it."""
    full = total_of(line.price_minor, line.quantity_milli)
    if full == total_minor:
        return line.price_minor, 0
    if full > total_minor:
        off = min(10_000, max(0, round((full - total_minor) * 10_000 / full)))
        if total_of(line.price_minor, line.quantity_milli, off) == total_minor:
            return line.price_minor, off
    return min(round(total_minor * 1000 / line.quantity_milli), MOST_MINOR), 0
