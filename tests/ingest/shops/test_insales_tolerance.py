"""Orders of InSales in shapes that nobody confirmed: what is readable counts."""

import json
from typing import Any

import pytest
from tests.ingest.channels.samples import SHELF, call_of, context

from ingest.channels import insales
from kartoteka.domain.errors import Malformed
from kartoteka.domain.inbound import Inbound
from kartoteka.domain.shop_order import ShopOrder

USUAL: dict[str, Any] = json.loads((SHELF / "insales" / "created.json").read_text("utf-8"))


def event(**changed: Any) -> Inbound:
    [found] = insales.parse(call_of(json.dumps(USUAL | changed).encode()), context("insales"))
    return found


def order(**changed: Any) -> ShopOrder:
    found = event(**changed).order
    assert found is not None
    return found


@pytest.mark.parametrize(
    "changed",
    [
        {"custom_status": []},
        {"comment": {"text": "?"}},
        {"shipping_address": "Казань"},
        {"created_at": {"a": 1}},
        {"delivery_price": {}},
        {"payment_title": ["?"]},
        {"client": {**USUAL["client"], "middlename": [], "inn": {}}},
        {"order_lines": [{**line, "unit": None, "sku": {}} for line in USUAL["order_lines"]]},
        {"order_lines": dict(enumerate(USUAL["order_lines"]))},
        {"order_lines": [*USUAL["order_lines"], None, "x"]},
    ],
)
def test_field_of_another_kind_costs_no_more_than_itself(changed: dict[str, Any]) -> None:
    found = event(**changed)

    assert found.sender.phones == ("+79165550302",)
    assert found.order is not None
    goods = [line.name for line in found.order.lines or ()][:2]
    assert (found.order.number, goods) == ("2107", ["Лампа настольная", "Лампочка E27"])


def test_status_in_one_word_is_the_status() -> None:
    assert order(custom_status="Собран").status == "Собран"


@pytest.mark.parametrize("lines", [None, "x", 7, [None], ["x", 1], {"0": None}])
def test_lines_that_are_none_leave_the_goods_of_the_deal(lines: Any) -> None:
    assert order(order_lines=lines).lines is None


def test_order_without_lines_has_its_delivery_only() -> None:
    assert [line.name for line in order(order_lines=[]).lines or ()] == ["Курьер до двери"]


def test_order_inside_another_object_is_found() -> None:
    call = call_of(json.dumps({"order": USUAL}).encode())

    [found] = insales.parse(call, context("insales"))
    assert found.order == order()


@pytest.mark.parametrize("name", [None, "", [], {}])
def test_order_without_an_id_is_kept_for_people(name: Any) -> None:
    with pytest.raises(Malformed):
        event(id=name)
