"""What a file of 1C says of goods: groups, price types, positions, offers, prices and stock."""

from collections.abc import Iterator

from ingest import shop
from ingest.commerceml.elements import CATALOGUE, CHANGED_OFFERS, OFFERS, Element, Record
from kartoteka.domain import amounts
from kartoteka.domain.goods import Goods, GroupName, Price, PriceType
from kartoteka.services.goods_import import Item

_DELETED = {"удален", "удалён", "true", "да"}
_PER_CENT = 100
_NO_TAX = {"безндс", "безналога", "0"}
_OFFERS = {OFFERS, CHANGED_OFFERS}


def is_goods(record: Record) -> bool:
    """Return whether the record is of a catalogue or of its offers."""
    return record.element.name not in {"документ", "контрагент"}


def read_goods(record: Record) -> Iterator[Item]:
    """Yield what one record says."""
    match record.element.name:
        case "группа":
            yield from _groups(record.element)
        case "типцены":
            yield _price_type(record.element)
        case "товар" if CATALOGUE in record.path:
            yield _goods(record.element)
        case "предложение" if not _OFFERS.isdisjoint(record.path):
            yield _offer(record.element)


def _groups(element: Element) -> Iterator[GroupName]:
    waiting = [element]
    while waiting:
        group = waiting.pop()
        if group.said("ид"):
            yield GroupName(shop.short(group.said("ид")), shop.short(group.said("наименование")))
        waiting += group.all("группы", "группа")


def _price_type(element: Element) -> PriceType:
    return PriceType(
        id=shop.short(element.said("ид")),
        name=shop.short(element.said("наименование")),
        currency=shop.currency(element.said("валюта")),
    )


def _goods(element: Element) -> Goods:
    return Goods(
        id=shop.short(element.said("ид")),
        sku=shop.short(element.said("артикул")),
        name=shop.short(element.said("наименование")),
        group_ids=tuple(shop.short(it.text) for it in element.all("группы", "ид") if it.text),
        vat_bp=_vat(element),
        listed=not _is_deleted(element),
        catalogued=True,
    )


def _offer(element: Element) -> Goods:
    return Goods(
        id=shop.short(element.said("ид")),
        sku=shop.short(element.said("артикул")),
        name=_name(element),
        prices=tuple(_prices(element)),
        stock_milli=_stock(element),
        listed=not _is_deleted(element),
    )


def _name(element: Element) -> str:
    """Return the offer's name; what sets it apart from its kin is said behind it, once."""
    bare = element.said("наименование")
    marks = element.all("характеристикитовара", "характеристикатовара")
    told = [it.said("значение") for it in marks]
    missing = [word for word in told if word and word.casefold() not in bare.casefold()]
    return shop.short(f"{bare} ({', '.join(missing)})" if bare and missing else bare)


def _prices(element: Element) -> Iterator[Price]:
    for it in element.all("цены", "цена"):
        minor = amounts.minor(it.said("ценазаединицу"))
        if minor is not None:
            money = shop.currency(it.said("валюта"))
            yield Price(shop.short(it.said("идтипацены")), minor, money)


def _stock(element: Element) -> int | None:
    """Return what is in stock, all warehouses together; None when nothing is said."""
    whole = _number(element.said("количество"))
    if whole is not None:
        return whole
    by_house = [_number(it.attributes.get("количествонаскладе", "")) for it in element.all("склад")]
    told = [number for number in by_house if number is not None]
    for rest in element.all("остатки", "остаток"):
        own = _number(rest.said("количество"))
        parts = [_number(it.said("количество")) for it in rest.all("склад")]
        told += [number for number in (own, *parts) if number is not None]
    return sum(told) if told else None


def _number(text: str) -> int | None:
    """Return thousandths; fewer than none in a warehouse is none to sell."""
    if text.lstrip().startswith("-") and amounts.number(text) is not None:
        return 0
    return amounts.milli(text)


def _vat(element: Element) -> int | None:
    for it in element.all("ставкиналогов", "ставканалога"):
        told = it.said("ставка").replace(" ", "").rstrip("%").casefold()
        if told in _NO_TAX:
            return 0
        rate = amounts.number(told)
        if rate is not None and 0 <= rate <= _PER_CENT:
            return int(rate * _PER_CENT)
    return None


def _is_deleted(element: Element) -> bool:
    told = (element.attributes.get("статус", ""), element.said("статус"))
    marked = element.said("пометкаудаления")
    return any(word.strip().casefold() in _DELETED for word in (*told, marked))
