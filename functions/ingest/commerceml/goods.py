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
_HOUSES = {"склад", "склады"}
_RESTS = {"остатки", "остаткипоскладам"}
_LONGEST_PRICE = 40


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
    """Yield the prices of one base unit: one told for a package is shared among what is in it."""
    for it in element.all("цены", "цена"):
        told, among = it.said("ценазаединицу"), amounts.number(it.said("коэффициент")) or 1
        packed = amounts.number(told) if among > 0 and among != 1 else None
        minor = amounts.minor(told if packed is None else f"{packed / among:f}"[:_LONGEST_PRICE])
        if minor is not None:
            money = shop.currency(it.said("валюта"))
            yield Price(shop.short(it.said("идтипацены")), minor, money)


def _stock(element: Element) -> int | None:
    """Return what is in stock, all warehouses together; None when nothing is said."""
    whole = _number(element.said("количество"))
    if whole is not None:
        return whole
    told = [number for it in _houses(element) if (number := _number(it)) is not None]
    return sum(told) if told else None


def _houses(element: Element) -> Iterator[str]:
    """Yield what each warehouse holds, however the program that wrote the file spells it."""
    for it in element.parts:
        if it.name in _HOUSES:
            yield it.attributes.get("количествонаскладе") or it.said("количествонаскладе")
        elif it.name in _RESTS:
            for rest in it.all("остаток"):
                parts = [told for it in rest.all("склад") if (told := it.said("количество"))]
                yield from parts or [rest.said("количество")]


def _number(text: str) -> int | None:
    """Return thousandths; fewer than none in a warehouse is none to sell."""
    if text.lstrip().startswith("-") and amounts.number(text) is not None:
        return 0
    return amounts.milli(text)


def _vat(element: Element) -> int | None:
    """Return the VAT; of other taxes, such as an excise, nothing is kept."""
    for it in element.all("ставкиналогов", "ставканалога"):
        called = it.said("наименование").casefold()
        if called and "ндс" not in called:
            continue
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
