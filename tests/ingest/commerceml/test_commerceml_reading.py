"""What single files of 1C mean, in the spellings of its configurations."""

import pytest
from tests.ingest.channels.samples import context

from ingest.channel import Context
from ingest.commerceml.elements import Element, Reader, Record, Start
from ingest.commerceml.goods import read_goods
from ingest.commerceml.orders import read_order
from kartoteka.domain.goods import Goods

HEAD = '<?xml version="1.0" encoding="UTF-8"?><КоммерческаяИнформация ВерсияСхемы="2.08">'


def records(inside: str) -> list[Record]:
    text = f"{HEAD}{inside}</КоммерческаяИнформация>"
    return list(Reader(Start()).records([text.encode()]))


def document(inside: str) -> Element:
    [record] = records(f"<Документ><Ид>93</Ид>{inside}</Документ>")
    return record.element


def office() -> Context:
    return context("commerceml")


def requisites(told: dict[str, str]) -> str:
    inside = "".join(
        f"<ЗначениеРеквизита><Наименование>{name}</Наименование><Значение>{value}</Значение>"
        "</ЗначениеРеквизита>"
        for name, value in told.items()
    )
    return f"<ЗначенияРеквизитов>{inside}</ЗначенияРеквизитов>"


def offer_with(inside: str) -> Goods:
    return the_goods(
        "<ПакетПредложений><Предложения><Предложение><Ид>a</Ид>"
        f"{inside}</Предложение></Предложения></ПакетПредложений>"
    )


def taxed(*rates: tuple[str, str]) -> Goods:
    """Return goods with these taxes, each by name and rate."""
    told = "".join(
        f"<СтавкаНалога><Наименование>{name}</Наименование><Ставка>{rate}</Ставка></СтавкаНалога>"
        for name, rate in rates
    )
    return the_goods(
        "<Каталог><Товары><Товар><Ид>p</Ид><Наименование>Чай</Наименование>"
        f"<СтавкиНалогов>{told}</СтавкиНалогов></Товар></Товары></Каталог>"
    )


def the_goods(inside: str) -> Goods:
    [record] = records(inside)
    [goods] = read_goods(record)
    assert isinstance(goods, Goods)
    return goods


def buyer_with(contact: str) -> str:
    contacts = f"<Контакты><Контакт>{contact}</Контакт></Контакты>"
    return (
        "<Контрагенты><Контрагент><Наименование>Пётр</Наименование>"
        f"{contacts}</Контрагент></Контрагенты>"
    )


def test_changes_of_offers_are_offers_too() -> None:
    [record] = records(
        "<ИзмененияПакетаПредложений><Предложения><Предложение><Ид>a#b</Ид>"
        "<Количество>5</Количество></Предложение></Предложения></ИзмененияПакетаПредложений>"
    )

    [goods] = read_goods(record)

    assert isinstance(goods, Goods)
    assert (goods.id, goods.stock_milli) == ("a#b", 5000)


def test_empty_lines_before_a_file_move_no_place_in_it() -> None:
    told = "".join(f"<Товар><Ид>{it}</Ид></Товар>" for it in "abc")
    inside = f"<Каталог><Товары>{told}</Товары></Каталог></КоммерческаяИнформация>"
    file = f"\r\n \n{HEAD}{inside}".encode()

    found = list(Reader(Start()).records([b"\r\n", file[2:40], file[40:]]))
    rest = Reader(found[0].behind).records([file[found[0].behind.place :]])

    assert [it.element.said("ид") for it in found] == ["a", "b", "c"]
    assert [it.element.said("ид") for it in rest] == ["b", "c"]


def test_rate_without_tax_is_none_per_cent() -> None:
    assert taxed(("НДС", "Без налога")).vat_bp == 0


def test_kind_of_a_contact_is_read_in_both_spellings() -> None:
    told = (
        "<КонтактВид>Телефон рабочий</КонтактВид><Значение>8 (903) 555-01-12</Значение>",
        "<Тип>Мобильный</Тип><Значение>89035550112</Значение>",
        "<Значение>+7 903 555 01 12</Значение>",
    )

    buyers = [read_order(document(buyer_with(it)), office())[1] for it in told]

    assert [buyer.phones for buyer in buyers] == [("+79035550112",)] * 3


def test_payment_by_card_follows_its_order() -> None:
    inside = (
        "<Номер>5</Номер><ХозОперация>Эквайринговая операция</ХозОперация>"
        "<Основание>77</Основание><Сумма>10,50</Сумма>"
    )

    order, _ = read_order(document(inside), office())

    assert (order.id, order.paid, order.paid_minor) == ("77", True, 1050)


@pytest.mark.parametrize(
    "houses",
    [
        (
            '<Склады ИдСклада="a" КоличествоНаСкладе="5"/><Склады ИдСклада="b" '
            'КоличествоНаСкладе="2"/>'
        ),
        (
            "<Склад><ИдСклада>a</ИдСклада></Склад><Склад><ИдСклада>b</ИдСклада>"
            "<КоличествоНаСкладе>7</КоличествоНаСкладе></Склад>"
        ),
        (
            "<ОстаткиПоСкладам><Остаток><Склад>Главный</Склад><Количество>4</Количество></Остаток>"
            "<Остаток><Склад>Дальний</Склад><Количество>3</Количество></Остаток></ОстаткиПоСкладам>"
        ),
        "<Остатки><Остаток><Склад><Ид>a</Ид></Склад><Количество>7</Количество></Остаток></Остатки>",
    ],
)
def test_stock_by_warehouse_is_read_as_other_programs_spell_it(houses: str) -> None:
    assert offer_with(houses).stock_milli == 7000


def test_price_of_a_package_becomes_that_of_what_is_counted_in_stock() -> None:
    told = "<ИдТипаЦены>p</ИдТипаЦены><ЦенаЗаЕдиницу>1 000,00</ЦенаЗаЕдиницу>"
    prices = [
        offer_with(f"<Цены><Цена>{told}<Коэффициент>{it}</Коэффициент></Цена></Цены>").prices
        for it in ("1", "12", "0", "")
    ]

    assert [price.minor for [price] in prices] == [100_000, 8_333, 100_000, 100_000]


def test_excise_is_no_vat() -> None:
    assert taxed(("Акциз", "5"), ("НДС", "20")).vat_bp == 2000


@pytest.mark.parametrize(
    ("told", "paid"),
    [
        ({"Дата оплаты": "2026-11-20"}, True),
        ({"Дата оплаты": "20.11.2026 9:05:00", "Заказ оплачен": "true"}, True),
        ({"Дата оплаты": "2026-11-20", "Заказ оплачен": "false"}, False),
        ({"Дата оплаты": "2026-11-20", "Оплачен": "Нет"}, False),
        ({"Дата оплаты": "24.12.2026"}, False),
        ({"Дата оплаты": "01.01.0001 0:00:00"}, False),
        ({"Дата оплаты по 1С": "2026-11-20", "Заказ оплачен": "false"}, True),
        ({"Дата оплаты по 1С": "01.01.0001 0:00:00"}, False),
        ({"Дата оплаты по 1С": "Т"}, False),
        ({"Оплачен": "Да"}, True),
    ],
)
def test_words_of_payment_count_as_a_careful_office_wants(told: dict[str, str], paid: bool) -> None:
    order, _ = read_order(document(requisites(told)), office())

    assert order.paid is paid
