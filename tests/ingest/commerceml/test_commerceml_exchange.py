"""1C exchanges with the office call by call: goods come in, whatever the file's manner."""

import io
import zipfile
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from tests.fakes import FixedClock
from tests.ingest.commerceml.one_c import (
    OneC,
    catalogue,
    connected,
    item,
    offer,
    offers,
    price_type,
)

from automation import nightly
from kartoteka.domain.catalogue import Product
from kartoteka.domain.change import SYSTEM
from kartoteka.domain.exchange import Exchange
from kartoteka.domain.shop_rules import ShopRules
from kartoteka.ports import Query
from kartoteka.services import products as catalogue_service
from kartoteka.wiring import App

TEA = item("g1", "Чайник эмалированный", sku="TEA-1", group="gr1")
SIEVE = item("g2", "Ситечко &amp; ложка", group="gr2")
GROUPS = (
    "<Группа><Ид>gr1</Ид><Наименование>Посуда</Наименование>"
    "<Группы><Группа><Ид>gr2</Ид><Наименование>Мелочи</Наименование></Группа></Группы></Группа>"
)
TYPES = price_type("p1", "Розничная") + price_type("p2", "Оптовая")


@pytest.fixture
def one_c(http: FlaskClient, app: App) -> OneC:
    connected(app)
    return OneC(http)


def products(app: App) -> dict[str, Product]:
    found = (Product.model_validate(hit.doc) for hit in app.store.query(Query("products")))
    return {product.external: product for product in found}


def exchanges(app: App) -> list[Exchange]:
    found = [Exchange.model_validate(hit.doc) for hit in app.store.query(Query("exchanges"))]
    return sorted(found, key=lambda it: it.id)


def zipped(**files: bytes) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name.replace("__", "/") + ".xml", content)
    return packed.getvalue()


def test_catalogue_and_offers_make_products_on_sale(one_c: OneC, app: App) -> None:
    one_c.enter()
    assert one_c.limits["zip"] == "yes"
    one_c.send("import.xml", catalogue(TEA + SIEVE, groups=GROUPS))
    one_c.send("offers.xml", offers(offer("g1", "1 250,50", "12"), TYPES))

    assert one_c.load("import.xml") == ["success"]
    assert one_c.load("offers.xml") == ["success"]

    tea, sieve = products(app)["g1"], products(app)["g2"]
    assert (tea.sku, tea.name, tea.category) == ("TEA-1", "Чайник эмалированный", "Посуда")
    assert (tea.price_minor, tea.stock_milli, tea.active) == (125_050, 12_000, True)
    assert (sieve.name, sieve.category, sieve.active) == ("Ситечко & ложка", "Мелочи", False)
    lines = {it.what: (it.state, it.received, it.created, it.updated) for it in exchanges(app)}
    assert lines == {"catalogue": ("done", 2, 2, 0), "offers": ("done", 1, 0, 1)}


def test_file_in_parts_is_put_together_whatever_the_size_of_the_parts(
    one_c: OneC, app: App
) -> None:
    one_c.enter().send("import.xml", catalogue(TEA + SIEVE), step=37)

    assert one_c.load("import.xml") == ["success"]
    assert set(products(app)) == {"g1", "g2"}


def test_part_that_was_sent_twice_counts_once(one_c: OneC, app: App) -> None:
    content = catalogue(TEA)
    one_c.enter()
    for piece in (content[:100], content[:100], content[100:]):
        one_c.lines("file", piece, filename="import.xml")

    assert one_c.load("import.xml") == ["success"]
    assert set(products(app)) == {"g1"}


def test_archive_in_parts_with_folders_is_unpacked_and_imported(one_c: OneC, app: App) -> None:
    packed = zipped(
        goods__1__import=catalogue(TEA), goods__1__offers=offers(offer("g1", "10", "1"))
    )
    one_c.enter(version="3.1").send("v8_2C7E_125d5b.zip", packed, step=101)

    assert one_c.load("goods/1/import.xml") == ["success"]
    assert one_c.load("goods/1/offers.xml") == ["success"]
    assert products(app)["g1"].price_minor == 1000
    assert list(app.store.query(Query("exchange_parts"))) == []


def test_import_that_needs_many_steps_answers_progress_and_goes_on(
    one_c: OneC, app: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ingest.commerceml.exchange.STEP_S", 0.0)
    many = "".join(item(f"n{number}", f"Товар {number}") for number in range(650))
    one_c.enter().send("import.xml", catalogue(many, encoding="UTF-8"), step=4000)

    assert one_c.load("import.xml") == ["success"]
    assert one_c.answers.count("import: progress") >= 3
    assert len(products(app)) == 650
    [line] = exchanges(app)
    assert (line.received, line.created, line.state) == (650, 650, "done")


def test_same_goods_again_change_nothing(one_c: OneC, app: App) -> None:
    told = []
    for _ in range(2):
        one_c.enter().send("import.xml", catalogue(TEA + SIEVE, groups=GROUPS))
        one_c.load("import.xml")
        log = app.store.read_log("changes", None, 100)
        told.append(sum(part["entity"] == "product" for it in log for part in it.doc["parts"]))

    assert [(it.created, it.unchanged) for it in exchanges(app)] == [(2, 0), (0, 2)]
    assert told == [2, 2]


def test_new_price_is_a_new_version_and_what_is_not_said_stays(one_c: OneC, app: App) -> None:
    one_c.enter().send(
        "offers.xml",
        offers(offer("g1", "100", "5", more="<Наименование>Чай</Наименование>"), TYPES),
    )
    one_c.load("offers.xml")
    one_c.enter().send("prices.xml", offers(offer("g1", "120"), TYPES))
    one_c.load("prices.xml")

    tea = products(app)["g1"]
    assert (tea.price_minor, tea.price_version, tea.stock_milli) == (12_000, 3, 5_000)


def test_stock_of_all_warehouses_is_summed_in_both_spellings(one_c: OneC, app: App) -> None:
    houses = (
        '<Склад ИдСклада="a" КоличествоНаСкладе="3"/><Склад ИдСклада="b" КоличествоНаСкладе="4"/>'
    )
    rests = (
        "<Остатки><Остаток><Склад><Ид>a</Ид><Количество>1,5</Количество></Склад></Остаток>"
        "<Остаток><Склад><Ид>b</Ид><Количество>-2</Количество></Склад></Остаток></Остатки>"
    )
    one_c.enter().send("rests.xml", offers(offer("g1", more=houses) + offer("g2", more=rests)))
    one_c.load("rests.xml")

    stock = {name: it.stock_milli for name, it in products(app).items()}
    assert stock == {"g1": 7_000, "g2": 1_500}


def test_goods_that_a_whole_catalogue_lacks_go_off_sale_and_a_delta_hides_nothing(
    one_c: OneC, app: App
) -> None:
    priced = offers(offer("g1", "10", "1") + offer("g2", "20", "1"), TYPES)
    one_c.enter().send("import.xml", catalogue(TEA + SIEVE)).send("offers.xml", priced)
    one_c.load("import.xml")
    one_c.load("offers.xml")
    one_c.enter().send("import.xml", catalogue(TEA))
    one_c.load("import.xml")
    assert [it.active for it in products(app).values()] == [True, True]

    one_c.enter().send("import.xml", catalogue(TEA, whole=True))
    one_c.load("import.xml")

    assert {name: it.active for name, it in products(app).items()} == {"g1": True, "g2": False}


def test_what_a_whole_catalogue_lacked_is_looked_for_in_a_call_of_its_own(
    one_c: OneC, app: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    both = item("g1", "Чай") + item("g2", "Кофе")
    one_c.enter().send("import.xml", catalogue(both)).load("import.xml")
    one_c.enter().send("offers.xml", offers(offer("g1", "5.00") + offer("g2", "6.00")))
    one_c.load("offers.xml")
    monkeypatch.setattr("ingest.commerceml.exchange.STEP_S", 0.0)
    one_c.enter().send("import.xml", catalogue(item("g1", "Чай"), whole=True))

    while not all(line.done_at for line in exchanges(app)) or len(exchanges(app)) < 3:
        assert one_c.lines("import", filename="import.xml")[0] == "progress"
    assert {name: it.active for name, it in products(app).items()} == {"g1": True, "g2": True}

    assert one_c.load("import.xml") == ["success"]
    assert {name: it.active for name, it in products(app).items()} == {"g1": True, "g2": False}


def test_whole_catalogue_that_lacks_most_goods_takes_none_off_sale(one_c: OneC, app: App) -> None:
    names = [f"n{number}" for number in range(30)]
    goods = "".join(item(name, f"Товар {name}") for name in names)
    priced = offers("".join(offer(name, "10", "1") for name in names))
    one_c.enter().send("import.xml", catalogue(goods)).send("offers.xml", priced)
    one_c.load("import.xml")
    one_c.load("offers.xml")

    one_c.enter().send("import.xml", catalogue(item("n1", "Товар n1"), whole=True))
    assert one_c.load("import.xml") == ["success"]

    assert all(it.active for it in products(app).values())
    assert exchanges(app)[-1].faults == ("goods_too_few",)


def test_deleted_goods_go_off_sale_and_come_back(one_c: OneC, app: App) -> None:
    one_c.enter().send("import.xml", catalogue(TEA)).send(
        "offers.xml", offers(offer("g1", "9", "1"))
    )
    one_c.load("import.xml")
    one_c.load("offers.xml")
    told = []
    for mark in (' Статус="Удален"', ""):
        one_c.enter().send("import.xml", catalogue(TEA.replace("<Товар>", f"<Товар{mark}>")))
        one_c.load("import.xml")
        told.append(products(app)["g1"].active)

    assert told == [False, True]


def test_price_type_of_the_office_is_taken_and_foreign_money_is_none(
    http: FlaskClient, app: App
) -> None:
    connected(app, ShopRules(price_type="оптовая"))
    one_c = OneC(http).enter()
    two = "<Цена><ИдТипаЦены>p2</ИдТипаЦены><ЦенаЗаЕдиницу>80</ЦенаЗаЕдиницу></Цена>"
    both = offer("g1", "100").replace("</Цены>", f"{two}</Цены>")
    foreign = offer("g2", "7", kind="p2").replace("руб", "USD")
    one_c.send("offers.xml", offers(both + foreign, TYPES))

    assert one_c.load("offers.xml") == ["success"]
    assert {name: it.price_minor for name, it in products(app).items()} == {"g1": 8_000, "g2": 0}
    assert exchanges(app)[0].faults == ("g2: goods_price",)


def test_position_of_a_person_with_the_same_article_becomes_1cs(one_c: OneC, app: App) -> None:
    form = catalogue_service.NewProduct(sku="tea-1", name="Чайник", price_minor=100, cost_minor=70)
    mine = catalogue_service.add(app.desk, SYSTEM, form, cause="command:product.add")
    one_c.enter().send("import.xml", catalogue(TEA))
    one_c.load("import.xml")

    [tea] = products(app).values()
    assert (tea.id, tea.cost_minor, tea.name) == (mine.id, 70, "Чайник эмалированный")


def test_session_of_yesterday_is_over_and_its_files_are_thrown_away(
    one_c: OneC, app: App, clock: FixedClock
) -> None:
    one_c.enter().send("import.xml", catalogue(TEA))
    clock.advance(timedelta(hours=25))
    verdict, words = one_c.lines("import", filename="import.xml")
    assert (verdict, words) == ("failure", "Сеанс обмена закончился. Запустите обмен заново.")

    nightly.run(app.desk)
    assert list(app.store.query(Query("exchange_parts"))) == []
    assert list(app.store.query(Query("exchange_sessions"))) == []
