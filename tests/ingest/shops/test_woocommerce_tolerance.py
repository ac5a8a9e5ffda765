"""Orders of WooCommerce as plugins and older versions change them: what is readable counts."""

import json
from typing import Any

import pytest
from tests.ingest.channels.samples import SHELF, call_of, context

from ingest.channels import opencart, woocommerce
from kartoteka.domain.errors import Malformed
from kartoteka.domain.inbound import Inbound
from kartoteka.domain.shop_order import ShopOrder

USUAL: dict[str, Any] = json.loads((SHELF / "woocommerce" / "created.json").read_text("utf-8"))
OPEN: dict[str, Any] = json.loads((SHELF / "opencart" / "created.json").read_text("utf-8"))
TOPIC = {"x-wc-webhook-topic": "order.updated"}


def event(body: dict[str, Any]) -> Inbound:
    [found] = woocommerce.parse(call_of(json.dumps(body).encode(), TOPIC), context("woocommerce"))
    return found


def order(**changed: Any) -> ShopOrder:
    found = event(USUAL | changed).order
    assert found is not None
    return found


@pytest.mark.parametrize(
    "changed",
    [
        {"refunds": {}},
        {"meta_data": {"0": "x"}},
        {"meta_data": [{"id": 1, "key": None, "value": {"a": 1}}, {"key": 5}, {"key": ["a"]}]},
        {"fee_lines": False},
        {"shipping": []},
        {"customer_note": False},
        {"transaction_id": []},
        {"line_items": [{**it, "variation_id": "", "sku": []} for it in USUAL["line_items"]]},
        {"line_items": [{**it, "quantity": str(it["quantity"])} for it in USUAL["line_items"]]},
    ],
)
def test_field_of_another_kind_is_as_if_not_told(changed: dict[str, Any]) -> None:
    found, usual = order(**changed), order()

    assert [line.name for line in found.lines or ()] == [line.name for line in usual.lines or ()]
    assert (found.id, found.total_minor) == (usual.id, usual.total_minor)


def test_order_without_readable_goods_says_nothing_of_them() -> None:
    assert order(line_items="no").lines is None


@pytest.mark.parametrize("number", [0, -1, "", "x", None, [], {}])
def test_order_without_a_number_is_no_order(number: object) -> None:
    with pytest.raises(Malformed):
        event(USUAL | {"id": number})


def test_order_of_the_legacy_api_is_read_as_one_of_today() -> None:
    old = {
        "id": 5021,
        "order_number": "K-5021",
        "created_at": "2026-11-20T09:05:00Z",
        "updated_at": "2026-11-21T10:00:00Z",
        "status": "processing",
        "currency": "RUB",
        "total": "2400.00",
        "total_shipping": "300.00",
        "shipping_methods": "Курьер",
        "payment_details": {"method_id": "card", "method_title": "Картой", "paid": True},
        "billing_address": {
            "first_name": "Анна",
            "last_name": "Белова",
            "phone": "+7 912 000-11-22",
            "email": "anna@client.example",
            "city": "Пермь",
        },
        "shipping_address": {"city": "Пермь", "address_1": "ул. Садовая, 4"},
        "note": "Позвоните заранее",
        "line_items": [
            {
                "id": 8,
                "subtotal": "2100.00",
                "subtotal_tax": "0.00",
                "total": "2100.00",
                "total_tax": "0.00",
                "price": "1050.00",
                "quantity": 2,
                "name": "Чайник",
                "product_id": 31,
                "sku": "T-31",
                "meta": [],
            }
        ],
        "shipping_lines": [
            {"id": 9, "method_id": "flat", "method_title": "Курьер", "total": "300.00"}
        ],
    }

    found = event({"order": old})

    assert found.order is not None
    assert (found.order.id, found.order.number, found.order.paid) == ("5021", "K-5021", True)
    assert found.order.at.isoformat() == "2026-11-20T09:05:00+00:00"
    assert [it.price_minor for it in found.order.lines or ()] == [105_000, 30_000]
    assert "Садовая" in found.order.delivery
    assert found.sender.phones == ("+79120001122",)
    assert found.text == "Позвоните заранее"


def test_order_without_universal_time_is_of_the_shops_own() -> None:
    told = order(date_created_gmt=None, date_created="2026-11-20T12:05:00")

    assert told.at.isoformat() == "2026-11-20T09:05:00+00:00"


@pytest.mark.parametrize(
    "changed",
    [
        {"order_status_id": ""},
        {"order_status_id": None, "order_status": "Ожидание"},
        {"comment": []},
        {"totals": "no"},
        {"paid": "perhaps"},
        {"shipping_method": {"title": "Курьер", "code": "flat.flat"}},
    ],
)
def test_field_of_opencart_of_another_kind_is_as_if_not_told(changed: dict[str, Any]) -> None:
    body = OPEN | {"order": OPEN["order"] | changed}
    [found] = opencart.parse(call_of(json.dumps(body).encode()), context("opencart"))

    assert found.order is not None
    assert found.order.id == str(OPEN["order"]["order_id"])
    assert found.order.lines
    assert not found.order.abandoned
