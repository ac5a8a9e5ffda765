"""A store that fails in the middle: 1C hears progress, calls again, nothing is lost or twice."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

import pytest
from flask.testing import FlaskClient
from tests.ingest.commerceml.one_c import OneC, catalogue, connected, item, order, orders

from kartoteka.domain.deal import Deal
from kartoteka.domain.errors import Transient
from kartoteka.domain.exchange import Exchange
from kartoteka.ports import Query, Store, Tx
from kartoteka.wiring import App

T = TypeVar("T")


class Shaky:
    """A store of which every third transaction fails, before or behind its commit in turn."""

    def __init__(self, store: Store) -> None:
        self._store, self._runs, self.armed = store, 0, False

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    def run(self, work: Callable[[Tx], T]) -> T:
        self._runs += self.armed
        fails = self.armed and self._runs % 3 == 0
        if fails and self._runs % 2:
            raise Transient("before the commit")
        result = self._store.run(work)
        if fails:
            raise Transient("behind the commit")
        return result


@pytest.fixture
def shaky(app: App, http: FlaskClient) -> Shaky:
    del http
    connected(app)
    vars(app)["store"] = Shaky(app.store)
    vars(app).pop("desk", None)
    return vars(app)["store"]


def test_catalogue_through_a_failing_store_arrives_whole_and_once(
    http: FlaskClient, app: App, shaky: Shaky, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ingest.commerceml.exchange.STEP_S", 0.0)
    goods = "".join(item(f"n{number}", f"Товар {number}") for number in range(1500))
    one_c = OneC(http).enter().send("import.xml", catalogue(goods), step=20_000)
    shaky.armed = True

    assert one_c.load("import.xml") == ["success"]
    shaky.armed = False
    assert app.store.count(Query("products")) == 1500
    [line] = [Exchange.model_validate(hit.doc) for hit in app.store.query(Query("exchanges"))]
    assert (line.received, line.created, line.errors, line.state) == (1500, 1500, 0, "done")
    assert app.store.count(Query("exchange_parts")) == 0


def test_orders_through_a_failing_store_are_deals_once(
    http: FlaskClient, app: App, shaky: Shaky
) -> None:
    numbers = range(60)
    told = (order(f"1c-{it}", phone=f"+7916555{it:04}") for it in numbers)
    one_c = OneC(http, what="sale").enter(version="3.1").send("orders.xml", orders(*told))
    shaky.armed = True

    assert one_c.load("orders.xml") == ["success"]
    shaky.armed = False
    deals = [Deal.model_validate(hit.doc) for hit in app.store.query(Query("deals"))]
    assert sorted(deal.name for deal in deals) == sorted(f"Заказ № 1c-{it}" for it in numbers)


def test_two_calls_at_once_import_the_file_once(http: FlaskClient, app: App) -> None:
    connected(app)
    goods = "".join(item(f"n{number}", f"Товар {number}") for number in range(900))
    one_c = OneC(http).enter().send("import.xml", catalogue(goods))

    with ThreadPoolExecutor(3) as pool:
        heard = [it.result() for it in [pool.submit(one_c.load, "import.xml") for _ in range(3)]]

    assert heard == [["success"]] * 3
    assert app.store.count(Query("products")) == 900
    lines = [Exchange.model_validate(hit.doc) for hit in app.store.query(Query("exchanges"))]
    assert sum(line.created for line in lines) == 900
