"""What is asked of InSales and WooCommerce, and what their answers become."""

import json
from datetime import UTC, datetime

import httpx
import pytest

from kartoteka.adapters.shops import AllShops
from kartoteka.domain.errors import ConfigError, NotAllowed, NotFound, ProviderDown, RateLimited
from kartoteka.domain.office import Account
from kartoteka.shop_ports import LineEdit

NOW = datetime(2026, 11, 23, tzinfo=UTC)
API = {"site": "https://shop.example/", "key": "k", "secret": "s"}
ORDER = {
    "id": 5,
    "updated_at": "2026-11-23T13:00:00+03:00",
    "total_price": "1400.0",
    "full_delivery_price": "400.0",
    "delivery_title": "Курьер",
    "order_lines": [
        {"id": 7, "title": "Лампа", "quantity": 2, "full_sale_price": 500, "full_total_price": 1000}
    ],
}


def account(channel="insales", **api):
    return Account(id="a", channel=channel, title="t", source="s", api={**API, **api})


def shops(answer, status=200, seen=None, addresses=("93.184.216.34",)):
    def respond(request):
        if seen is not None:
            seen.append((request.method, request.url.path, request.content))
        return httpx.Response(status, json=answer)

    client = httpx.Client(transport=httpx.MockTransport(respond))
    return AllShops(client, lambda _host: list(addresses))


def test_order_of_insales_is_read_with_its_delivery_and_version():
    found = shops(ORDER).look(account(), "5")

    assert [(it.id, it.name, it.quantity_milli, it.price_minor) for it in found.lines] == [
        ("item:7", "Лампа", 2000, 50_000),
        ("shipping:", "Курьер", 1000, 40_000),
    ]
    assert (found.version, found.total_minor) == ("2026-11-23T10:00:00+00:00", 140_000)


def test_edits_of_insales_change_add_and_remove_lines_at_once():
    seen = []
    edits = (
        LineEdit(id="item:7", name="Лампа", quantity_milli=3000, total_minor=150_000),
        LineEdit(id="", name="Шнур", sku="W-1", quantity_milli=1500, total_minor=30_000),
        LineEdit(id="item:8", name="Лишнее", gone=True),
        LineEdit(id="shipping:", name="Курьер", gone=True),
    )
    shops(ORDER, seen=seen).edit(account(), "5", edits)

    [(method, path, body)] = seen
    assert (method, path) == ("PUT", "/admin/orders/5.json")
    assert json.loads(body) == {
        "order": {
            "delivery_price": "0",
            "order_lines_attributes": [
                {"id": 7, "quantity": "3", "sale_price": "500.00"},
                {"title": "Шнур", "sku": "W-1", "quantity": "1.5", "sale_price": "200.00"},
                {"id": 8, "_destroy": True},
            ],
        }
    }


def test_new_position_of_woocommerce_is_an_item_by_its_article_and_a_fee_without_one():
    seen = []
    edits = (
        LineEdit(id="", name="Шнур", sku="W-1", full_minor=10_000, total_minor=9_000),
        LineEdit(id="", name="Упаковка", total_minor=5_000),
    )
    shops({"line_items": []}, seen=seen).edit(account("woocommerce"), "5", edits)

    body = json.loads(seen[0][2])
    assert body == {
        "line_items": [
            {"total": "90.00", "quantity": 1.0, "subtotal": "100.00", "sku": "W-1", "name": "Шнур"}
        ],
        "fee_lines": [{"total": "50.00", "name": "Упаковка"}],
    }


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (404, NotFound),
        (401, NotAllowed),
        (422, NotAllowed),
        (429, RateLimited),
        (502, ProviderDown),
    ],
)
def test_refusal_of_a_shop_is_named_by_who_must_act(status, error):
    with pytest.raises(error):
        shops({}, status=status).look(account(), "5")


@pytest.mark.parametrize(
    "site",
    [
        "",
        "http://shop.example",
        "https://user@shop.example",
        "ftp://x",
        "https://",
        "https://x?a=1",
    ],
)
def test_address_that_is_not_plain_https_is_refused(site):
    with pytest.raises(ConfigError):
        shops({}).look(account(site=site), "5")


@pytest.mark.parametrize("address", ["192.168.0.1", "fd00::1", "100.64.0.1", "127.0.0.1"])
def test_name_that_leads_to_a_private_address_is_refused(address):
    with pytest.raises(ConfigError):
        shops({}, addresses=("93.184.216.34", address)).look(account(), "5")


def test_account_without_keys_is_told_what_to_run():
    with pytest.raises(ConfigError) as refused:
        shops({}).look(account(key=""), "5")
    assert refused.value.code == "order_no_key"


@pytest.mark.parametrize("status", [200, 302])
@pytest.mark.parametrize("answer", [{}, {"order_lines": 5}, [], {"order": {}}])
def test_answer_that_is_no_order_is_not_one_without_goods(answer, status):
    with pytest.raises(NotAllowed) as refused:
        shops(answer, status=status).look(account(), "5")
    assert refused.value.code == "order_answer"


def test_odd_lines_of_an_order_are_left_out():
    answer = {"order_lines": [5, {}, {"title": "x"}]}
    assert shops(answer).look(account(), "5").lines == ()
