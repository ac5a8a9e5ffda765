"""What the orders of all shops have in common: numbers, moments, buyers, the event."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any, Self
from zoneinfo import ZoneInfo

from pydantic import ModelWrapValidatorHandler, ValidationError, model_validator

from ingest.channel import Context
from ingest.chat_event import Part, begun
from kartoteka.domain import identity
from kartoteka.domain.amounts import milli, minor
from kartoteka.domain.inbound import Inbound, Kind, Person
from kartoteka.domain.shop_order import (
    LONGEST,
    LONGEST_WORDS,
    ShopLine,
    ShopOrder,
    exact_line,
)
from kartoteka.http import Call

_YEARS = range(1990, 2200)
_CURRENCIES = {
    "RUB": ("rub", "rur", "руб", "руб.", "р", "р.", "643", "₽"),
    "USD": ("usd", "$", "840"),
    "EUR": ("eur", "€", "978"),
    "KZT": ("kzt", "тенге", "тг", "398"),
    "BYN": ("byn", "933"),
}
_BY_WORD = {word: code for code, words in _CURRENCIES.items() for word in words}
_ISO = 3


class Loose(Part):
    """A part of an order: a field of another kind is as if it were not told.

    Plugins and versions of a shop change shapes; what is required still has to be readable.
    """

    @model_validator(mode="wrap")
    @classmethod
    def _or_not_told(cls, value: Any, read: ModelWrapValidatorHandler[Self]) -> Self:
        try:
            return read(value)
        except ValidationError as exc:
            wrong = {str(error["loc"][0]) for error in exc.errors() if error["loc"]}
            if not wrong or any(cls.model_fields[name].is_required() for name in wrong):
                raise
            return read({name: told for name, told in value.items() if name not in wrong})


def currency(text: str) -> str:
    """Return the ISO code of a currency as shops and 1C call it; empty when it is unknown."""
    word = text.strip().casefold()
    known = _BY_WORD.get(word)
    if known:
        return known
    return word.upper() if len(word) == _ISO and word.isascii() and word.isalpha() else ""


def short(text: str) -> str:
    """Return a name, a status or a number within its bounds."""
    return " ".join(text.split())[:LONGEST]


def words(parts: Iterable[str], between: str = ", ") -> str:
    """Return what is not empty of these, as one text within its bounds."""
    return between.join(filter(None, (part.strip() for part in parts)))[:LONGEST_WORDS]


def moment(text: str, context: Context, zone: str = "") -> datetime:
    """Return a moment in ISO 8601; without an offset it is of `zone`, or of the office's.

    One that cannot be read is the moment of the receipt.
    """
    try:
        found = datetime.fromisoformat(text.strip().replace(" ", "T", 1))
        aware = found if found.tzinfo else found.replace(tzinfo=ZoneInfo(zone or context.zone))
        utc = aware.astimezone(UTC)
    except (ValueError, OverflowError):
        return context.now
    return utc if utc.year in _YEARS else context.now


def line(
    name: str, quantity: Any, price: Any, *, total: Any = None, **known: str
) -> ShopLine | None:
    """Return a position whose sum is exactly the shop's, as far as whole minor units allow.

    `known` are the shop's own names of it: `id` of the line, `product`, `sku`.
    None when there is nothing to buy: no name, no quantity, no price.
    """
    count, each, whole = milli(quantity), minor(price), minor(total)
    if not name.strip() or not count or (each is None and whole is None):
        return None
    made = ShopLine(
        id=short(known.get("id", "")),
        product=short(known.get("product", "")),
        sku=short(known.get("sku", "")),
        name=short(name),
        quantity_milli=count,
        price_minor=each or 0,
    )
    return made if whole is None else exact_line(made, whole)


def buyer(name: str, phones: Iterable[str], emails: Iterable[str], region: str) -> Person:
    """Return who buys, with the numbers and addresses that are ones."""
    numbers = (identity.phone(text, region) for text in phones if text)
    addresses = (identity.email(text) for text in emails if text)
    return Person(
        name=short(name),
        phones=tuple(dict.fromkeys(filter(None, numbers))),
        emails=tuple(dict.fromkeys(filter(None, addresses))),
    )


def event(
    channel: str, call: Call, context: Context, *, order: ShopOrder, sender: Person
) -> Inbound:
    """Return the event of an order; told again with the same content it is the same event."""
    name = f"{order.id}:{order.version}:{order.fingerprint[:12]}"
    amount = order.total_minor
    return begun(channel, call, context, name).model_copy(
        update={
            "what": Kind.ORDER,
            "sender": sender,
            "order": order,
            "text": order.comment,
            "fields": {} if amount is None else {"amount": f"{amount / 100:.2f}"},
        }
    )
