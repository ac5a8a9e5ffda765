"""What a document of 1C says: an order, ours or its own; money or a shipment of one."""

from collections.abc import Iterator, Mapping
from zoneinfo import ZoneInfo

from ingest import shop
from ingest.channel import Context
from ingest.commerceml.elements import Element
from kartoteka.domain import amounts
from kartoteka.domain.errors import Malformed
from kartoteka.domain.inbound import Person
from kartoteka.domain.shop_order import (
    LONGEST_WORDS,
    ShopCompany,
    ShopLine,
    ShopOrder,
)
from kartoteka.services.party_import import Party

_YES = {"true", "1", "да"}
_EMPTY = {"", "t", "\u0442", ". ."}  # how 1C spells that a requisite or a day is not filled
_NO_DAY = ("0001-01-01", "01.01.0001")
_ORDER = "заказтовара"
_MONEY, _SHIPMENT = ("выплата", "эквайринговая"), "отпусктовара"
_PHONES, _MAIL = ("тел", "моб", "phone"), "почт"
_GONE = ("пометкаудаления", "отменен", "отменена")
_MOST_CONTACTS = 20
_SHORT = 40  # characters of a name in a list of faults
_PARTS_OF_A_DAY = 3


def read_order(document: Element, context: Context) -> tuple[ShopOrder, Person]:
    """Return the order that a document is or belongs to, and who buys.

    Raises:
        Malformed: it has no id, or is a document of another kind.
    """
    act = _plain(document.said("хозоперация"))
    if act.startswith(_MONEY) or act == _SHIPMENT:
        return _follow_up(document, act, context), Person()
    if act not in {"", _ORDER}:
        raise Malformed("a document of another kind", code="document_other", field=act[:40])
    told = dict(_requisites(document))
    name = shop.short(document.said("ид") or document.said("номер"))
    if not name:
        raise Malformed("a document without an id", code="document_no_id")
    return _order(document, told, name, context), _buyer(document, context)


def _order(document: Element, told: Mapping[str, str], name: str, context: Context) -> ShopOrder:
    shipped = told.get("датаотгрузкипо1с") or told.get("номеротгрузкипо1с")
    cancelled = (document.said("пометкаудаления"), told.get("пометкаудаления"), told.get("отменен"))
    status = told.get("статусзаказа") or told.get("статусазаказаид") or ""
    goods = document.first("товары")
    paid, part, payment = _paid_beneath(document)
    sent = [shop.short(it.said("номер")) for it in _beneath(document, _SHIPMENT)]
    return ShopOrder(
        id=name,
        number=_number(document, told),
        issued=shop.short(document.said("номер")),
        at=shop.moment(_moment(document), context),
        status=shop.short(status),
        cancelled=any(map(_is_yes, cancelled)),
        paid=paid or _is_paid(told, context),
        paid_minor=part,
        payment=shop.short(told.get("номероплатыпо1с") or payment),
        shipped=bool(shipped or sent) or _is_yes(told.get("отгружен")),
        shipment=shop.short(told.get("номеротгрузкипо1с") or next(iter(sent), "")),
        currency=shop.currency(document.said("валюта")),
        total_minor=amounts.minor(document.said("сумма")),
        lines=None if goods is None else tuple(_lines(document)),
        company=_company(document),
        delivery=shop.words((told.get("адресдоставки") or "",)),
        comment=document.said("комментарий")[:LONGEST_WORDS],
    )


def _is_paid(told: Mapping[str, str], context: Context) -> bool:
    """Return whether money came: 1C's own date, a plain word, or a bare date of payment.

    The bare one is the weakest: sites write it beside "not paid", and a plan of payment is called
    so too. It counts where no word denies it and its day has come.
    """
    if told.get("датаоплатыпо1с") or told.get("номероплатыпо1с"):
        return True
    words = [told[name] for name in ("оплачен", "заказоплачен") if name in told]
    if words:
        return any(map(_is_yes, words))
    bare = told.get("датаоплаты", "")
    until = context.now.astimezone(ZoneInfo(context.zone)).date().isoformat()
    return bool(bare) and _in_order(bare.replace("T", " ").partition(" ")[0]) <= until


def _follow_up(document: Element, act: str, context: Context) -> ShopOrder:
    """Return what money or a shipment tells of the order that it names as its ground."""
    ground = shop.short(document.said("основание"))
    if not ground:
        raise Malformed("money without its order", code="document_no_ground")
    is_money = act.startswith(_MONEY)
    if not _is_done(document, act):
        return ShopOrder(id=ground, at=shop.moment(_moment(document), context))
    amount = amounts.minor(document.said("сумма"))
    number = shop.short(document.said("номер1с") or document.said("номер"))
    return ShopOrder(
        id=ground,
        at=shop.moment(_moment(document), context),
        paid=is_money,
        paid_minor=amount if is_money else None,
        payment=number if is_money else "",
        shipped=not is_money,
        shipment="" if is_money else number,
    )


def _paid_beneath(document: Element) -> tuple[bool, int | None, str]:
    """Return whether money came by documents inside the order, how much if not all, its number.

    Several payments that do not make the whole are told only by documents of their own.
    """
    found = list(_beneath(document, *_MONEY))
    sums = [amounts.minor(it.said("сумма")) or 0 for it in found]
    whole, came = amounts.minor(document.said("сумма")) or 0, sum(sums)
    if not came or (came < whole and len(found) > 1):
        return False, None, ""
    number = shop.short(found[0].said("номер1с") or found[0].said("номер"))
    return True, came if came < whole else None, number


def _beneath(document: Element, *acts: str) -> Iterator[Element]:
    """Yield the documents of these kinds inside an order, of what did happen."""
    for it in document.all("подчиненныедокументы", "подчиненныйдокумент"):
        act = _plain(it.said("хозоперация"))
        if act.startswith(acts) and _is_done(it, act):
            yield it


def _is_done(document: Element, act: str) -> bool:
    """Return whether money came, or goods went: a payment that is only expected is a document too.

    It is denied by a mark of deletion, a cancellation, or a word that says "not yet".
    """
    told = dict(_requisites(document))
    gone = (document.said("пометкаудаления"), *(told.get(name) for name in _GONE))
    word = "оплачен" if act.startswith(_MONEY) else "отгружен"
    needed = (told[name] for name in (word, "проведен") if name in told)
    return not any(map(_is_yes, gone)) and all(map(_is_yes, needed))


def _number(document: Element, told: Mapping[str, str]) -> str:
    """Return the number in 1C; it is padded with spaces there."""
    own = document.said("номер1с") or told.get("номерпо1с") or document.said("номер")
    return shop.short(own)


def called(document: Element) -> str:
    """Return how people call a document of whatever kind; it may be empty."""
    number = document.said("номер1с") or document.said("номер") or document.said("ид")
    return shop.short(number)[:_SHORT]


def _moment(document: Element) -> str:
    """Return when a document was made; some shops put the time beside the date, or the other way.

    They write `2026-11-20`, `20.11.2026 9:05:00` or `2026-11-20T09:05:00`.
    """
    day, _, beside = document.said("дата").replace("T", " ").partition(" ")
    time = document.said("время").replace("T", " ").rpartition(" ")[2] or beside or "00:00:00"
    return f"{_in_order(day)} {time.zfill(len('00:00:00')) if time.count(':') > 1 else time}"


def _in_order(day: str) -> str:
    """Return a day as ISO 8601 spells it: 1C and sites also write it the other way."""
    parts = day.split(".")
    return "-".join(reversed(parts)) if len(parts) == _PARTS_OF_A_DAY else day


def _requisites(document: Element) -> Iterator[tuple[str, str]]:
    for it in document.all("значенияреквизитов", "значениереквизита"):
        value = it.said("значение")
        if value.strip().casefold() not in _EMPTY and not value.strip().startswith(_NO_DAY):
            yield _plain(it.said("наименование")), value


def _lines(document: Element) -> Iterator[ShopLine]:
    for it in document.all("товары", "товар"):
        price = it.said("ценазаединицу") or it.said("цена")
        made = shop.line(
            it.said("наименование") or it.said("артикул"),
            it.said("количество") or "1",
            price,
            total=it.said("сумма") or None,
            product=it.said("ид"),
            sku=it.said("артикул"),
        )
        if made is not None:
            yield made


def _party(document: Element) -> Element:
    """Return who buys: a seller may be named beside."""
    parties = [*document.all("контрагенты", "контрагент"), *document.all("контрагент")]
    buyers = [it for it in parties if _plain(it.said("роль")) in {"", "покупатель"}]
    return next(iter((*buyers, *parties)), Element("контрагент"))


def read_party(party: Element, context: Context) -> Party:
    """Return a buyer of whom 1C tells without an order."""
    return Party(_person(party, context), _firm(party))


def _buyer(document: Element, context: Context) -> Person:
    """Return the buyer by what is his own: 1C lends one buyer's id to many orders."""
    return _person(_party(document), context)


def _person(party: Element, context: Context) -> Person:
    contacts = [
        (_plain(it.said("тип") or it.said("контактвид")), it.said("значение"))
        for it in (*party.all("контакты", "контакт"), *_at_addresses(party), *_of_people(party))
    ][:_MOST_CONTACTS]
    phones = [value for kind, value in contacts if not kind or any(it in kind for it in _PHONES)]
    mails = [value for kind, value in contacts if _MAIL in kind or "@" in value]
    own = f"{party.said('фамилия')} {party.said('имя')}".strip()
    name = own or party.said("наименование") or party.said("полноенаименование")
    return shop.buyer(name, phones, mails, context.region)


def _at_addresses(party: Element) -> Iterator[Element]:
    """Yield the contacts that some shops write into the address."""
    for place in ("адресрегистрации", "адрес"):
        for it in party.all(place):
            yield from it.all("контакты", "контакт")


def _of_people(party: Element) -> Iterator[Element]:
    for it in party.all("представители", "представитель"):
        yield from it.all("контрагент", "контакты", "контакт")


def _company(document: Element) -> ShopCompany | None:
    return _firm(_party(document))


def _firm(party: Element) -> ShopCompany | None:
    inn = party.said("инн") or party.said("реквизитыюрлица", "инн")
    if not inn:
        return None
    name = party.said("официальноенаименование") or party.said("полноенаименование")
    kpp = party.said("кпп") or party.said("реквизитыюрлица", "кпп")
    return ShopCompany(
        name=shop.short(name or party.said("наименование")),
        inn=shop.short(inn),
        kpp=shop.short(kpp),
    )


def _plain(text: str) -> str:
    return "".join(text.split()).casefold().replace("ё", "е")


def _is_yes(text: str | None) -> bool:
    return (text or "").strip().casefold() in _YES
