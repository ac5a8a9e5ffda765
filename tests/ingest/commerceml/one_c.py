"""A 1C that calls as 1C does: the password once, then only the value it was given."""

import base64
from dataclasses import dataclass, field

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from kartoteka.domain.office import Account
from kartoteka.domain.shop_rules import ShopRules
from kartoteka.wiring import App

SECRET = "s:1"
TOKEN = "commerceml_1c"
HEAD = '<?xml version="1.0" encoding="{}"?>'


def connected(app: App, shop: ShopRules | None = None) -> Account:
    """Return an account of 1C in the office."""
    made = Account(
        id=TOKEN, channel="commerceml", title="1C", source="1C", secrets=(SECRET,), shop=shop
    )
    app.store.run(lambda tx: tx.put(Account.collection, made.id, made.model_dump(mode="json")))
    vars(app).pop("desk", None)
    return made


@dataclass
class OneC:
    """One program and its session."""

    http: FlaskClient
    token: str = TOKEN
    what: str = "catalog"
    cookie: dict[str, str] = field(default_factory=dict)
    answers: list[str] = field(default_factory=list)

    def call(self, mode: str, body: bytes | None = None, **query: str) -> TestResponse:
        told = {"type": self.what, "mode": mode, **query}
        method = "GET" if body is None else "POST"
        address = f"/ingest/commerceml/{self.token}"
        bare = self.http.application.test_client(use_cookies=False)
        return bare.open(
            address, method=method, query_string=told, data=body, headers=dict(self.cookie)
        )

    def lines(self, mode: str, body: bytes | None = None, **query: str) -> list[str]:
        answer = self.call(mode, body, **query)
        assert answer.status_code == 200, (answer.status_code, answer.data)
        told = answer.data.decode("cp1251").splitlines()
        self.answers.append(f"{mode}: {told[0]}")
        return told

    def enter(self, password: str = SECRET, login: str = "1c", **query: str) -> "OneC":
        proof = base64.b64encode(f"{login}:{password}".encode()).decode()
        self.cookie = {"authorization": f"Basic {proof}"}
        verdict, name, value, *_ = self.lines("checkauth")
        assert verdict == "success"
        self.cookie = {"cookie": f"other=1; {name}={value}"}
        self.limits = dict(line.split("=", 1) for line in self.lines("init", **query))
        return self

    def send(self, name: str, content: bytes, step: int = 0) -> "OneC":
        size = step or int(self.limits["file_limit"])
        for at in range(0, len(content), size):
            assert self.lines("file", content[at : at + size], filename=name) == ["success"]
        return self

    def load(self, name: str, most: int = 500) -> list[str]:
        for _ in range(most):
            told = self.lines("import", filename=name)
            if told[0] != "progress":
                return told
        raise AssertionError("the import does not end")


def catalogue(
    goods: str, *, whole: bool = False, groups: str = "", encoding: str = "windows-1251"
) -> bytes:
    only = "false" if whole else "true"
    text = (
        HEAD.format(encoding)
        + '<КоммерческаяИнформация ВерсияСхемы="2.05" ДатаФормирования="2026-11-23">'
        + f"<Классификатор><Ид>k</Ид><Группы>{groups}</Группы></Классификатор>"
        + f'<Каталог СодержитТолькоИзменения="{only}"><Ид>k</Ид><Товары>{goods}</Товары></Каталог>'
        + "</КоммерческаяИнформация>"
    )
    return text.encode("cp1251" if encoding == "windows-1251" else encoding)


def offers(inside: str, types: str = "") -> bytes:
    text = (
        HEAD.format("UTF-8")
        + '<КоммерческаяИнформация xmlns="urn:1C.ru:commerceml_210" ВерсияСхемы="2.10">'
        + "<ПакетПредложений><Ид>k#</Ид>"
        + f"<ТипыЦен>{types}</ТипыЦен><Предложения>{inside}</Предложения></ПакетПредложений>"
        + "</КоммерческаяИнформация>"
    )
    return b"\xef\xbb\xbf" + text.encode()


def item(name: str, title: str, *, sku: str = "", group: str = "", more: str = "") -> str:
    inside = f"<Ид>{name}</Ид><Наименование>{title}</Наименование>"
    inside += f"<Артикул>{sku}</Артикул>" if sku else ""
    inside += f"<Группы><Ид>{group}</Ид></Группы>" if group else ""
    return f"<Товар>{inside}{more}</Товар>"


def offer(name: str, price: str = "", count: str = "", *, kind: str = "p1", more: str = "") -> str:
    inside = f"<Ид>{name}</Ид>"
    if price:
        inside += f"<Цены><Цена><ИдТипаЦены>{kind}</ИдТипаЦены>"
        inside += f"<ЦенаЗаЕдиницу>{price}</ЦенаЗаЕдиницу><Валюта>руб</Валюта></Цена></Цены>"
    inside += f"<Количество>{count}</Количество>" if count else ""
    return f"<Предложение>{inside}{more}</Предложение>"


def price_type(name: str, title: str, money: str = "руб") -> str:
    return (
        f"<ТипЦены><Ид>{name}</Ид><Наименование>{title}</Наименование>"
        f"<Валюта>{money}</Валюта></ТипЦены>"
    )


def orders(*documents: str, encoding: str = "windows-1251", head: str = "2.05") -> bytes:
    text = (
        HEAD.format(encoding)
        + f'<КоммерческаяИнформация ВерсияСхемы="{head}">{"".join(documents)}'
        + "</КоммерческаяИнформация>"
    )
    return text.encode("cp1251" if encoding == "windows-1251" else encoding)


def order(
    name: str,
    lines: str = "",
    *,
    phone: str = "+7 916 555-04-01",
    person: str = "Ольга Мирная",
    more: str = "",
    told: dict[str, str] | None = None,
    total: str = "1500.00",
) -> str:
    requisites = "".join(
        f"<ЗначениеРеквизита><Наименование>{key}</Наименование><Значение>{value}</Значение>"
        "</ЗначениеРеквизита>"
        for key, value in (told or {}).items()
    )
    contact = f"<Контакт><Тип>Телефон рабочий</Тип><Значение>{phone}</Значение></Контакт>"
    goods = lines or line("g1", "Чайник", "1500.00", "1", total="1500.00")
    return (
        f"<Документ><Ид>{name}</Ид><Номер>{name}</Номер><Дата>2026-11-22</Дата>"
        "<ХозОперация>Заказ товара</ХозОперация><Роль>Продавец</Роль><Валюта>руб</Валюта>"
        f"<Сумма>{total}</Сумма><Контрагенты><Контрагент><Ид>generic</Ид>"
        f"<Наименование>{person}</Наименование><Роль>Покупатель</Роль>"
        f"<Контакты>{contact if phone else ''}</Контакты>{more}</Контрагент></Контрагенты>"
        f"<Время>12:00:00</Время><Товары>{goods}</Товары>"
        f"<ЗначенияРеквизитов>{requisites}</ЗначенияРеквизитов></Документ>"
    )


def line(name: str, title: str, price: str, count: str, *, total: str) -> str:
    return (
        f"<Товар><Ид>{name}</Ид><Наименование>{title}</Наименование>"
        f"<ЦенаЗаЕдиницу>{price}</ЦенаЗаЕдиницу><Количество>{count}</Количество>"
        f"<Сумма>{total}</Сумма></Товар>"
    )
