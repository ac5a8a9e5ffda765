"""Orders of an OpenCart shop, sent by the small extension on the operator's page.

Source: OpenCart 3 events (`catalog/model/checkout/order/addOrderHistory/after`); the core has no
webhooks, so the body is ours, described in `opencart.md`.
Signed: the raw body, HMAC-SHA256, in `X-Kartoteka-Signature: sha256=<hex>`.
Event id: the order's id, `date_modified`, a hash of the content: the event fires on every change of
the status. Retries: none by itself; the extension sends the whole order each time. Answer: 2xx.
Times: the shop's own, without a zone: read in the office's.
"""

import hashlib
import hmac
from collections.abc import Iterator, Sequence
from typing import Literal

from pydantic import Field, ValidationError

from ingest import shop
from ingest.channel import Context
from ingest.chat_event import Part, bad_field, unknown_event
from ingest.plain_text import read_object
from ingest.proof import check_one_of
from kartoteka.domain import amounts
from kartoteka.domain.inbound import Inbound
from kartoteka.domain.shop_order import LONGEST_WORDS, ShopCompany, ShopLine, ShopOrder
from kartoteka.http import Call, Reply, json_reply
from kartoteka.services.record_inbound import Stored

name = "opencart"
_HEADER = "x-kartoteka-signature"
_SCHEME = "sha256="
_ABANDONED, _UNTOLD = 0, -1
# Ids of the statuses that OpenCart is installed with; the extension may say it in words instead.
_CANCELLED = {7, 8, 10, 11, 12, 13, 14, 16}
_SHIPPED = {3, 5}
_PAID = {5, 15}
_Number = str | int | float | None


class _Product(shop.Loose):
    order_product_id: str = ""
    product_id: str = ""
    model: str | None = ""
    sku: str | None = ""
    name: str = ""
    quantity: _Number = 1
    price: _Number = None
    total: _Number = None
    tax: _Number = None  # of one


class _Total(shop.Loose):
    code: str = ""
    title: str = ""
    value: _Number = None


class _Order(shop.Loose):
    order_id: int = Field(gt=0)
    date_added: str | None = ""
    date_modified: str | None = ""
    order_status_id: int = _UNTOLD
    order_status: str | None = ""
    paid: bool | None = None
    cancelled: bool | None = None
    shipped: bool | None = None
    currency_code: str | None = ""
    total: _Number = None
    firstname: str | None = ""
    lastname: str | None = ""
    email: str | None = ""
    telephone: str | None = ""
    payment_company: str | None = ""
    inn: str | None = ""
    kpp: str | None = ""
    payment_method: str | None = ""
    shipping_method: str | None = ""
    shipping_postcode: str | None = ""
    shipping_zone: str | None = ""
    shipping_city: str | None = ""
    shipping_address_1: str | None = ""
    comment: str | None = ""
    products: tuple[_Product, ...] | None = None
    totals: tuple[_Total, ...] = ()


class _Body(Part):
    event: Literal["order", "deleted"]
    order: _Order


def verify(call: Call, secrets: Sequence[str]) -> None:
    """Refuse a body that none of the secrets signed."""
    valid = [_signature(call.body, secret) for secret in secrets if secret]
    check_one_of(call.header(_HEADER).strip().lower(), valid, _HEADER)


def sign(body: bytes, secret: str) -> dict[str, str]:
    """Return the headers with which the extension would send this body."""
    return {_HEADER: _signature(body, secret)}


def parse(call: Call, context: Context) -> list[Inbound]:
    """Return the order of the body.

    Raises:
        Malformed: another event, or not an order.
    """
    found = read_object(call.body)
    if found.get("event") not in ("order", "deleted"):  # a set would refuse a list
        raise unknown_event(found.get("event"))
    try:
        body = _Body.model_validate(found)
    except ValidationError as exc:
        raise bad_field(exc, "body") from exc
    told = body.order
    order = _read(told, context)
    if body.event == "deleted":
        gone = {"cancelled": True, "abandoned": True, "status": "deleted"}
        order = order.model_copy(update=gone)
    names = f"{told.firstname or ''} {told.lastname or ''}"
    sender = shop.buyer(names, (told.telephone or "",), (told.email or "",), context.region)
    return [shop.event(name, call, context, order=order, sender=sender)]


def answer(_call: Call, _stored: Sequence[Stored]) -> Reply:
    """Return the acknowledgement."""
    return json_reply({"ok": True})


def _signature(body: bytes, secret: str) -> str:
    return _SCHEME + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def _read(told: _Order, context: Context) -> ShopOrder:
    status = told.order_status_id
    place = (
        told.shipping_postcode,
        told.shipping_zone,
        told.shipping_city,
        told.shipping_address_1,
    )
    parts = (told.shipping_method, *place, told.payment_method)
    company = shop.short(told.payment_company or "")
    legal = {"inn": shop.short(told.inn or ""), "kpp": shop.short(told.kpp or "")}
    return ShopOrder(
        id=str(told.order_id),
        number=str(told.order_id),
        at=shop.moment(told.date_added or "", context),
        version=shop.short(told.date_modified or ""),
        status=shop.short(told.order_status or ("" if status == _UNTOLD else str(status))),
        abandoned=status == _ABANDONED,
        cancelled=status in _CANCELLED if told.cancelled is None else told.cancelled,
        paid=status in _PAID if told.paid is None else told.paid,
        shipped=status in _SHIPPED if told.shipped is None else told.shipped,
        currency=shop.currency(told.currency_code or ""),
        total_minor=amounts.minor(told.total),
        lines=tuple(_lines(told)) if told.products is not None else None,
        company=ShopCompany(name=company, **legal) if company or legal["inn"] else None,
        delivery=shop.words(part or "" for part in parts),
        comment=(told.comment or "")[:LONGEST_WORDS],
    )


def _lines(told: _Order) -> Iterator[ShopLine]:
    for item in told.products or ():
        count, tax = amounts.number(item.quantity) or 0, amounts.number(item.tax) or 0
        price, total = amounts.number(item.price) or 0, amounts.number(item.total)
        made = shop.line(
            item.name,
            item.quantity,
            str(price + tax),
            total=None if total is None else str(total + tax * count),
            product=item.product_id,
            sku=item.sku or item.model or "",
            id=item.order_product_id,
        )
        if made is not None:
            yield made
    for part in told.totals:
        made = shop.line(part.title, 1, part.value) if part.code == "shipping" else None
        if made is not None and made.price_minor:
            yield made
