"""Files of 1C that declare what they are not, and documents of what has not happened yet."""

import pytest
from tests.ingest.channels.samples import context

from ingest.commerceml.elements import Element, Reader, Record, Start
from ingest.commerceml.orders import read_order
from kartoteka.domain.shop_order import ShopOrder

BODY = (
    "<КоммерческаяИнформация ВерсияСхемы='2.08'><Каталог><Товары>"
    "<Товар><Ид>1</Ид><Наименование>Чайник «Юг»</Наименование></Товар>"
    "<Товар><Ид>2</Ид><Наименование>Ёлка №2</Наименование></Товар>"
    "</Товары></Каталог></КоммерческаяИнформация>"
)
NAMES = ["Чайник «Юг»", "Ёлка №2"]
BOM = b"\xef\xbb\xbf"


def declared(encoding: str) -> str:
    return f'<?xml version="1.0" encoding="{encoding}"?>\n{BODY}'


def read(content: bytes, start: Start | None = None) -> list[Record]:
    return list(Reader(start or Start()).records([content]))


def names(found: list[Record]) -> list[str]:
    return [it.element.said("наименование") for it in found]


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(BOM + declared("windows-1251").encode(), id="mark of UTF-8, said 1251"),
        pytest.param(declared("windows-1251").encode(), id="UTF-8, said 1251"),
        pytest.param(declared("UTF-8").encode("cp1251"), id="1251, said UTF-8"),
        pytest.param(BODY.encode("cp1251"), id="1251, said nothing"),
        pytest.param(declared("CP-1251").encode("cp1251"), id="another name of 1251"),
        pytest.param(BOM + BOM + declared("UTF-8").encode(), id="two marks"),
        pytest.param(BOM + b"\r\n" + declared("utf8").encode(), id="an empty line"),
    ],
)
def test_encoding_of_a_file_is_what_its_root_shows(content: bytes) -> None:
    found = read(content)

    assert names(found) == NAMES
    behind = found[0].behind
    assert names(read(content[behind.place :], behind)) == NAMES[1:]


def requisites(**told: str) -> str:
    inside = "".join(
        f"<ЗначениеРеквизита><Наименование>{name}</Наименование><Значение>{value}</Значение>"
        "</ЗначениеРеквизита>"
        for name, value in told.items()
    )
    return f"<ЗначенияРеквизитов>{inside}</ЗначенияРеквизитов>"


def document(inside: str) -> Element:
    text = f"<КоммерческаяИнформация><Документ>{inside}</Документ></КоммерческаяИнформация>"
    [record] = read(text.encode())
    return record.element


def told(inside: str) -> ShopOrder:
    order, _ = read_order(document(inside), context("commerceml"))
    return order


def money(act: str, more: str = "", total: str = "500") -> str:
    return (
        f"<Ид>m</Ид><Номер>15</Номер><Дата>2026-11-20</Дата><ХозОперация>{act}</ХозОперация>"
        f"<Основание>77</Основание><Сумма>{total}</Сумма>{more}"
    )


PAYMENT, SHIPMENT = "Выплата безналичных денег", "Отпуск товара"


@pytest.mark.parametrize(
    ("act", "more", "came"),
    [
        (PAYMENT, "", True),
        (PAYMENT, requisites(Оплачен="true", Проведен="true", ПометкаУдаления="false"), True),
        (PAYMENT, requisites(Оплачен="false"), False),
        (PAYMENT, requisites(Проведен="false"), False),
        (PAYMENT, requisites(Отменена="true"), False),
        (PAYMENT, "<ПометкаУдаления>true</ПометкаУдаления>", False),
        (SHIPMENT, "", True),
        (SHIPMENT, requisites(Отгружен="true"), True),
        (SHIPMENT, requisites(Отгружен="false"), False),
        (SHIPMENT, "<ПометкаУдаления>true</ПометкаУдаления>", False),
    ],
)
def test_document_of_what_did_not_happen_moves_nothing(act: str, more: str, came: bool) -> None:
    order = told(money(act, more))

    assert order.id == "77"
    assert (order.paid, order.shipped) == (came and act == PAYMENT, came and act == SHIPMENT)
    assert order.paid_minor == (50_000 if order.paid else None)


def beneath(*documents: str) -> ShopOrder:
    parts = "".join(f"<ПодчиненныйДокумент>{it}</ПодчиненныйДокумент>" for it in documents)
    return told(
        "<Ид>93</Ид><Номер>93</Номер><Дата>2026-11-20</Дата><Сумма>1000</Сумма>"
        f"<ХозОперация>Заказ товара</ХозОперация>"
        f"<ПодчиненныеДокументы>{parts}</ПодчиненныеДокументы>"
    )


@pytest.mark.parametrize(
    ("documents", "paid"),
    [
        ((money(PAYMENT, total="1000"),), (True, None, "15")),
        ((money(PAYMENT), money("Эквайринговая операция")), (True, None, "15")),
        ((money(PAYMENT),), (True, 50_000, "15")),
        ((money(PAYMENT, total="200"), money(PAYMENT, total="300")), (False, None, "")),
        ((money(PAYMENT, requisites(Оплачен="false"), "1000"),), (False, None, "")),
        ((), (False, None, "")),
    ],
)
def test_money_beneath_an_order_is_its_payment(
    documents: tuple[str, ...], paid: tuple[bool, int | None, str]
) -> None:
    order = beneath(*documents)

    assert (order.paid, order.paid_minor, order.payment) == paid


def test_shipment_beneath_an_order_ships_it() -> None:
    order = beneath(money(SHIPMENT))

    assert (order.shipped, order.shipment, order.paid) == (True, "15", False)
    assert not beneath(money(SHIPMENT, requisites(Отгружен="false"))).shipped
