"""A shop whose webhook fell silent is asked what changed: nothing is lost, nothing comes twice."""

from datetime import timedelta
from typing import Any

import httpx
import pytest
from flask.testing import FlaskClient
from tests.fakes import FixedClock
from tests.ingest.shops.shop_office import PUBLIC, all_of, body_of, connect, tell

from automation import engine
from ingest.catch_up import every_shop
from kartoteka.adapters.shops import AllShops
from kartoteka.domain.change import Change
from kartoteka.domain.deal import Deal
from kartoteka.domain.exchange import Exchange
from kartoteka.domain.inbound import Inbound
from kartoteka.services.shop_cursors import read_cursor
from kartoteka.services.unit import LOG
from kartoteka.wiring import App
from sync.columns import Frame
from sync.news import News
from sync.settings_book.exchanges import EXCHANGES

SHOP = "woocommerce_shop"


class Listing:
    """A shop that lists its orders in pages of fifty, as it is asked."""

    def __init__(self, *orders: dict[str, Any]) -> None:
        self.orders = list(orders)
        self.asked: list[httpx.URL] = []
        self.status = 200

    @property
    def shops(self) -> AllShops:
        client = httpx.Client(transport=httpx.MockTransport(self._answer))
        return AllShops(client, lambda _host: [PUBLIC])

    def _answer(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request.url)
        since, page = request.url.params["modified_after"], int(request.url.params["page"])
        found = [it for it in self.orders if it["date_modified_gmt"] > since]
        return httpx.Response(self.status, json=found[(page - 1) * 50 : page * 50])


def order(number: int, changed: str = "2026-11-23T08:30:00") -> dict[str, Any]:
    told = body_of("woocommerce", "created")
    return {**told, "id": number, "number": str(number), "date_modified_gmt": changed}


@pytest.fixture
def listing(app: App) -> Listing:
    connect(app, "woocommerce")
    made = Listing()
    vars(app)["shops"] = made.shops
    return made


def test_order_that_no_webhook_brought_becomes_a_deal(app: App, listing: Listing) -> None:
    listing.orders = [order(901), order(902)]

    count = every_shop(app)

    assert count == 2
    assert len(all_of(app, Deal)) == 2
    assert {it.channel for it in all_of(app, Inbound)} == {"woocommerce"}
    engine.run(app.desk)
    [line] = all_of(app, Exchange)  # of the day
    assert (line.channel, line.received, line.created, line.errors) == ("woocommerce", 2, 2, 0)


def test_book_of_exchanges_hears_of_an_order(app: App, listing: Listing) -> None:
    listing.orders = [order(901)]

    every_shop(app)
    engine.run(app.desk)

    changes = [Change.model_validate(it.doc) for it in app.store.read_log(LOG, None, 100)]
    counted = [it for it in changes if any(part.entity == "exchange" for part in it.parts)]
    told = News.of(app.store, counted)
    rows = list(EXCHANGES.rows(Frame(app.desk.settings()), app.store))
    assert told.of_settings
    assert [row.cells["received"] for row in rows] == [1]


def test_order_that_its_webhook_brought_is_met_again_and_changes_nothing(
    http: FlaskClient, app: App, listing: Listing
) -> None:
    told = order(901)
    tell(http, "woocommerce", "created", told)
    engine.run(app.desk)
    deals, lines = all_of(app, Deal), all_of(app, Exchange)
    listing.orders = [told]

    every_shop(app)

    engine.run(app.desk)
    assert all_of(app, Deal) == deals
    assert all_of(app, Exchange) == lines


def test_shop_is_asked_every_quarter_of_an_hour_from_its_newest_change_on(
    app: App, clock: FixedClock, listing: Listing
) -> None:
    listing.orders = [order(901)]
    counts = [every_shop(app), every_shop(app)]
    clock.advance(timedelta(minutes=16))
    counts.append(every_shop(app))

    asked = [url.params["modified_after"] for url in listing.asked]
    assert counts == [1, 0, 1]
    assert asked == ["2026-10-24T08:58:00", "2026-11-23T08:28:00"]
    assert len(all_of(app, Deal)) == 1


def test_more_orders_than_a_page_holds_all_come(app: App, listing: Listing) -> None:
    listing.orders = [{"id": number, "date_modified_gmt": "2026-11-23T08:30:00", "status": "x"}
                      for number in range(1, 61)]  # fmt: skip

    assert every_shop(app) == 60
    assert [url.params["page"] for url in listing.asked] == ["1", "2"]


def test_shop_that_refuses_or_speaks_no_json_is_asked_again_and_holds_nobody_up(
    app: App, listing: Listing
) -> None:
    listing.orders = [order(901)]
    listing.status = 401

    assert every_shop(app) == 0
    assert read_cursor(app.store, SHOP).looked_at is None
    listing.status = 200
    assert every_shop(app) == 1


def test_order_that_nobody_understands_waits_for_a_person(app: App, listing: Listing) -> None:
    listing.orders = [{**order(901), "id": "?"}]

    every_shop(app)

    [kept] = all_of(app, Inbound)
    assert (kept.state, kept.why) == ("unknown", "bad_field: order.id")
