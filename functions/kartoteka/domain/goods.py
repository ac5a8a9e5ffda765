"""Goods as 1C tells them, and what they make of a position of the catalogue; pure."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from kartoteka.domain.catalogue import Product, name_key

STOCK_FRESH = timedelta(hours=6)  # a stock told again sooner is not news


@dataclass(frozen=True, slots=True)
class GroupName:
    """A group of the catalogue."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class PriceType:
    """A kind of price, such as retail."""

    id: str
    name: str
    currency: str  # ISO 4217; empty: not told


@dataclass(frozen=True, slots=True)
class Price:
    """What one piece costs by one type."""

    type_id: str
    minor: int
    currency: str


@dataclass(frozen=True, slots=True)
class Goods:
    """One position; `None` and empty mean: nothing is said, what was known stays.

    `listed` False: it was deleted. Prices and stock come with offers; a position comes on sale with
    its first price.
    """

    id: str
    sku: str = ""
    name: str = ""
    group_ids: tuple[str, ...] = ()
    vat_bp: int | None = None
    prices: tuple[Price, ...] = ()
    stock_milli: int | None = None
    listed: bool = True
    catalogued: bool = False  # told by the catalogue itself, not by an offer


@dataclass(frozen=True, slots=True)
class Told:
    """What is said of one position, names and prices chosen."""

    goods: Goods
    category: str
    price_minor: int | None


def chosen_price(
    prices: tuple[Price, ...], wanted: str, types: Mapping[str, str], currency: str
) -> int | None:
    """Return the price of the wanted type in the office's currency; None when there is none.

    Args:
        prices: those of the offer.
        wanted: name or id of a type; empty: the first of `types`, else the first price.
        types: names by id, the usual first.
        currency: of the office; a price in another is none.
    """
    usable = [price for price in prices if price.currency in {"", currency}]
    if wanted:
        name = wanted.casefold()
        ids = {key for key, told in types.items() if name in {key.casefold(), told.casefold()}}
        return next((price.minor for price in usable if price.type_id in ids), None)
    for type_id in types:
        found = next((price.minor for price in usable if price.type_id == type_id), None)
        if found is not None:
            return found
    return next((price.minor for price in usable), None)


def merged(product: Product, told: Told, now: datetime, *, was_listed: bool) -> Product:
    """Return the position with what is told; the same position when nothing is new."""
    goods = told.goods
    update: dict[str, object] = {}
    if goods.name and (goods.catalogued or "#" in goods.id or not product.name):
        update |= {"name": goods.name, "name_key": name_key(goods.name)}
    if told.category:
        update["category"] = told.category
    if goods.vat_bp is not None:
        update["vat_bp"] = goods.vat_bp
    update |= _price(product, told.price_minor) | _stock(product, goods.stock_milli, now)
    active = _active(product, told, was_listed=was_listed)
    edited = product.model_copy(update={**update, "active": active})
    return product if edited == product else edited.model_copy(update={"updated_at": now})


def _price(product: Product, minor: int | None) -> dict[str, object]:
    if minor is None or minor == product.price_minor:
        return {}
    return {"price_minor": minor, "price_version": product.price_version + 1}


def _stock(product: Product, milli: int | None, now: datetime) -> dict[str, object]:
    if milli is None:
        return {}
    stale = product.stock_at is None or now - product.stock_at >= STOCK_FRESH
    if milli == product.stock_milli and not stale:
        return {}
    return {"stock_milli": milli, "stock_at": now}


def _active(product: Product, told: Told, *, was_listed: bool) -> bool:
    """Return whether it is on sale: a person's word stays until 1C lists or prices it anew."""
    price = product.price_minor if told.price_minor is None else told.price_minor
    listed = told.goods.listed
    first_price = product.price_minor == 0 and price > 0
    if listed == was_listed and not first_price:
        return product.active and price > 0
    return listed and price > 0


def joined(one: Goods, other: Goods) -> Goods:
    """Return what two tellings of the same position say together, the later one first."""
    return replace(
        other,
        sku=other.sku or one.sku,
        name=other.name or one.name,
        group_ids=other.group_ids or one.group_ids,
        vat_bp=one.vat_bp if other.vat_bp is None else other.vat_bp,
        prices=other.prices or one.prices,
        stock_milli=one.stock_milli if other.stock_milli is None else other.stock_milli,
        catalogued=one.catalogued or other.catalogued,
    )
