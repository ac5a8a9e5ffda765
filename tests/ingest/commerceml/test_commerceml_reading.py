"""What single files of 1C mean, in the spellings of its configurations."""

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


def test_rate_without_tax_is_none_per_cent() -> None:
    [record] = records(
        "<Каталог><Товары><Товар><Ид>p</Ид><Наименование>Чай</Наименование><СтавкиНалогов>"
        "<СтавкаНалога><Наименование>НДС</Наименование><Ставка>Без налога</Ставка></СтавкаНалога>"
        "</СтавкиНалогов></Товар></Товары></Каталог>"
    )

    [goods] = read_goods(record)

    assert isinstance(goods, Goods)
    assert goods.vat_bp == 0


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
