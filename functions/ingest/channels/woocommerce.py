"""Orders of a WooCommerce shop, by its own webhooks.

Source: WooCommerce REST API, webhooks and orders (woocommerce.github.io/woocommerce-rest-api-docs).
Signed: the raw body, base64 of HMAC-SHA256, in `X-WC-Webhook-Signature`; the ping is not signed.
Event id: the order's id, `date_modified_gmt`, a hash of the content: `order.updated` often follows
`order.created` with nothing new. Retries: none; after five failures the shop switches the webhook
off. Answer: 2xx. Times: UTC without a zone. Totals of lines are without their taxes.
"""

import base64
import hashlib
import hmac
import re
from collections.abc import Iterator, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from pydantic import Field, ValidationError

from ingest import shop
from ingest.channel import Context
from ingest.chat_event import bad_field, service, unknown_event, with_tags
from ingest.plain_text import read_object
from ingest.proof import check_one_of
from kartoteka.domain import amounts
from kartoteka.domain.inbound import Inbound
from kartoteka.domain.model import Source
from kartoteka.domain.shop_order import LONGEST_WORDS, ShopCompany, ShopLine, ShopOrder
from kartoteka.http import Call, Reply, json_reply
from kartoteka.services.record_inbound import Stored

name = "woocommerce"
_HEADER = "x-wc-webhook-signature"
_TOPIC = "x-wc-webhook-topic"
_SITE = "x-wc-webhook-source"
_PING = re.compile(rb"webhook_id=\d{1,12}")
_OTHER = ("product.", "customer.", "coupon.", "action.")
_CAME = "_wc_order_attribution_"  # where the buyer came from, as the shop itself found out
_NOWHERE = {"(direct)", "(none)", "typein"}
_CANCELLED = {"cancelled", "refunded", "failed", "trash"}
_ABANDONED = {"checkout-draft", "auto-draft"}
_PAID = {"processing", "completed"}
_OLD_NAMES = {
    "order_number": "number",
    "created_at": "date_created_gmt",
    "updated_at": "date_modified_gmt",
    "billing_address": "billing",
    "shipping_address": "shipping",
    "note": "customer_note",
}
_NOTHING = Decimal(0)
_UNTAXED = {"", "0.00"}
_LEGAL = {"inn": ("inn", "_inn", "billing_inn", "_billing_inn"), "kpp": ("kpp", "billing_kpp")}


class _Address(shop.Loose):
    first_name: str = ""
    last_name: str = ""
    company: str = ""
    address_1: str = ""
    address_2: str = ""
    city: str = ""
    state: str = ""
    postcode: str = ""
    email: str = ""
    phone: str = ""

    @property
    def person(self) -> str:
        return f"{self.first_name} {self.last_name}"

    @property
    def place(self) -> str:
        return shop.words((self.postcode, self.state, self.city, self.address_1, self.address_2))


class _Item(shop.Loose):
    id: int = 0
    name: str = ""
    method_title: str = ""
    product_id: int = 0
    variation_id: int = 0
    sku: str | None = None
    quantity: int | float = 1
    subtotal: str = ""
    total: str = ""
    subtotal_tax: str = ""
    total_tax: str = ""


class _Meta(shop.Loose):
    key: str = ""
    value: Any = None


class _Order(shop.Loose):
    id: int = Field(gt=0)
    number: str = ""
    status: str = ""
    currency: str = ""
    date_created: str | None = None
    date_created_gmt: str | None = None
    date_modified_gmt: str | None = None
    date_paid_gmt: str | None = None
    total: str = ""
    transaction_id: str | None = None
    payment_method_title: str | None = None
    customer_note: str | None = None
    billing: _Address = _Address()
    shipping: _Address = _Address()
    line_items: tuple[_Item, ...] | None = None
    shipping_lines: tuple[_Item, ...] = ()
    fee_lines: tuple[_Item, ...] = ()
    refunds: tuple[_Item, ...] = ()
    meta_data: tuple[_Meta, ...] = ()


def verify(call: Call, secrets: Sequence[str]) -> None:
    """Refuse a body that none of the secrets signed."""
    valid = [_signature(call.body, secret) for secret in secrets if secret]
    check_one_of(call.header(_HEADER).strip(), valid, _HEADER)


def sign(body: bytes, secret: str) -> dict[str, str]:
    """Return the headers with which the shop would send this body."""
    return {_HEADER: _signature(body, secret)}


def challenge(call: Call, _secrets: Sequence[str]) -> Reply | None:
    """Return that the address lives, to the ping with which a webhook is saved."""
    is_ping = call.method == "POST" and not call.header(_TOPIC) and _PING.fullmatch(call.body)
    return json_reply({"ok": True}) if is_ping else None


def parse(call: Call, context: Context) -> list[Inbound]:
    """Return the order of the body; news of goods and customers say nothing to a person.

    Raises:
        Malformed: another topic, or not an order.
    """
    found = read_object(call.body)
    topic = call.header(_TOPIC).strip().lower()
    if topic.startswith(_OTHER):
        return service(name, call, context, "shop_other")
    if not (topic or "order.updated").startswith("order."):
        raise unknown_event(topic)
    try:
        told = _Order.model_validate(_of_today(found))
    except ValidationError as exc:
        raise bad_field(exc, "order") from exc
    if not topic and told.line_items is None:
        raise unknown_event("")
    order = _deleted(told, context) if topic == "order.deleted" else _read(told, call, context)
    phone = told.billing.phone or told.shipping.phone  # who receives it may be somebody else
    names = told.billing.person.strip() or told.shipping.person
    sender = shop.buyer(names, (phone,), (told.billing.email,), context.region)
    made = shop.event(name, call, context, order=order, sender=sender)
    return [made.model_copy(update={"source": _source(told, made.source)})]


def _of_today(found: dict[str, Any]) -> dict[str, Any]:
    """Return the order under the names of today: the Legacy API wraps it and has others."""
    inside = found.get("order")
    if not isinstance(inside, dict) or "id" in found:
        return found
    told = {_OLD_NAMES.get(str(key), str(key)): value for key, value in inside.items()}
    payment = told.get("payment_details")
    if isinstance(payment, dict):
        told["payment_method_title"] = payment.get("method_title")
        told["date_paid_gmt"] = (
            told.get("date_modified_gmt") if payment.get("paid") is True else None
        )
    return told


def answer(_call: Call, _stored: Sequence[Stored]) -> Reply:
    """Return the acknowledgement."""
    return json_reply({"ok": True})


def _signature(body: bytes, secret: str) -> str:
    return base64.b64encode(hmac.new(secret.encode(), body, hashlib.sha256).digest()).decode()


def _source(told: _Order, source: Source | None) -> Source | None:
    """Return the source with the buyer's first page, where they came from, and the marks."""
    marks = {
        item.key.removeprefix(_CAME): item.value[:LONGEST_WORDS]
        for item in told.meta_data
        if item.key.startswith(_CAME) and isinstance(item.value, str)
    }
    if source is None or not marks:
        return source
    utm = {key: text for key, text in marks.items() if key.startswith("utm_")}
    page, referrer = marks.get("session_entry", ""), marks.get("referrer", "")
    came = source.model_copy(update={"page": page, "referrer": referrer})
    return with_tags(came, {key: text for key, text in utm.items() if text not in _NOWHERE})


def _deleted(told: _Order, context: Context) -> ShopOrder:
    """Return the order as one that is no more; the shop says nothing but its id."""
    return ShopOrder(id=str(told.id), at=context.now, status="deleted", cancelled=True)


def _read(told: _Order, call: Call, context: Context) -> ShopOrder:
    site = call.header(_SITE).rstrip("/")
    shipped = " ".join(item.method_title for item in told.shipping_lines)
    place = told.shipping.place or told.billing.place
    page = f"{site}/wp-admin/post.php?post={told.id}&action=edit"
    return ShopOrder(
        id=str(told.id),
        number=shop.short(told.number or str(told.id)),
        at=_made_at(told, context),
        version=shop.short(told.date_modified_gmt or ""),
        status=shop.short(told.status),
        abandoned=told.status in _ABANDONED,
        cancelled=told.status in _CANCELLED,
        paid=bool(told.date_paid_gmt) and told.status in _PAID,
        payment=shop.short(told.transaction_id or ""),
        refunded_minor=_refunded(told),
        shipped=told.status == "completed",
        currency=shop.currency(told.currency),
        total_minor=amounts.minor(told.total),
        lines=tuple(_lines(told)) if told.line_items is not None else None,
        company=_company(told),
        delivery=shop.words((shipped, place, told.payment_method_title or "")),
        comment=(told.customer_note or "")[:LONGEST_WORDS],
        page=page if site.startswith("https://") else "",
    )


def _made_at(told: _Order, context: Context) -> datetime:
    """Return when the order was made; an old API tells the shop's own time alone."""
    if told.date_created_gmt:
        return shop.moment(told.date_created_gmt, context, "UTC")
    return shop.moment(told.date_created or "", context)


def _lines(told: _Order) -> Iterator[ShopLine]:
    for item in (*(told.line_items or ()), *told.shipping_lines, *told.fee_lines):
        whole = _with_tax(item.total, item.total_tax)
        full = _with_tax(item.subtotal or item.total, item.subtotal_tax or item.total_tax)
        count = amounts.number(item.quantity) or 1
        product = str(item.variation_id or item.product_id or "")
        made = shop.line(
            item.name or item.method_title,
            item.quantity or 1,
            str(full if count == 1 else full / count),
            total=str(whole),
            product=product,
            sku=item.sku or "",
            id=str(item.id),
        )
        if made is not None and (whole or item.product_id):
            yield made


def _refunded(told: _Order) -> int:
    """Return what was given back: the shop tells each part below nought, the whole by status."""
    parts = sum(abs(amounts.number(item.total) or _NOTHING) for item in told.refunds)
    whole = told.total if told.status == "refunded" and not parts else str(parts)
    return amounts.minor(whole) or 0


def _with_tax(amount: str, tax: str) -> Decimal:
    told = amounts.number(amount) or _NOTHING
    return told if tax in _UNTAXED else told + (amounts.number(tax) or _NOTHING)


def _company(told: _Order) -> ShopCompany | None:
    meta = {it.key: str(it.value) for it in told.meta_data if isinstance(it.value, str | int)}
    legal = {
        field: next((meta[key] for key in keys if meta.get(key)), "")
        for field, keys in _LEGAL.items()
    }
    if not told.billing.company and not legal["inn"]:
        return None
    return ShopCompany(name=shop.short(told.billing.company), **legal)
