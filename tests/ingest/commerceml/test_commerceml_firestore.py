"""The same exchange on Firestore: every query is declared, every commit within its limits."""

from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask
from tests.fakes import FakeTasks, FixedClock
from tests.ingest.commerceml.one_c import (
    OneC,
    catalogue,
    connected,
    item,
    offer,
    offers,
    order,
    orders,
)

from kartoteka import wiring
from kartoteka.adapters.firestore import FirestoreStore
from kartoteka.domain.shop_rules import ShopRules
from kartoteka.ports import Query
from kartoteka.services.setup import read_preset, set_up
from kartoteka.settings import Settings
from kartoteka.wiring import App

pytestmark = pytest.mark.emulator
GOODS = 450


def test_goods_and_orders_are_exchanged_on_firestore(
    open_firestore: Callable[..., FirestoreStore],
    served: Flask,
    tmp_path: Path,
    clock: FixedClock,
) -> None:
    store = open_firestore()
    set_up(store, clock, read_preset("shop"))
    app = App(Settings(data=tmp_path), clock, lambda _: store)
    vars(app)["tasks"] = FakeTasks()
    wiring.install(app)
    connected(app, ShopRules(two_way=True))
    one_c = OneC(served.test_client())
    many = range(GOODS)
    goods = "".join(item(f"n{it}", f"Товар {it} " + "ё" * 400, sku=f"A{it}") for it in many)

    one_c.enter().send("import.xml", catalogue(goods, whole=True))
    one_c.send("offers.xml", offers("".join(offer(f"n{it}", "10", "1") for it in many)))
    assert one_c.load("import.xml") == ["success"]
    assert one_c.load("offers.xml") == ["success"]
    one_c.enter().send(
        "import.xml", catalogue(goods.replace("<Ид>n7</Ид>", "<Ид>n900</Ид>"), whole=True)
    )
    assert one_c.load("import.xml") == ["success"]
    sale = OneC(served.test_client(), what="sale").enter()
    sale.send("orders.xml", orders(order("1c-1")))
    assert sale.enter().call("query").status_code == 200
    assert sale.lines("success") == ["success"]

    products = [hit.doc for hit in store.query(Query("products"))]
    assert len(products) == GOODS + 1
    assert {it["external"] for it in products if not it["active"]} == {"n7", "n900"}
    assert store.count(Query("deals")) == 1
    assert store.count(Query("exchange_parts")) == 0
    wiring._installed.clear()
