"""Orders of an InSales shop, by its webhooks.

Source: InSales API, webhooks and orders (api.insales.ru); what its bodies look like could not be
checked with traffic, so names are read liberally and the raw body is kept.
Signed: not at all: a secret of ours is the last part of the address.
Event id: the order's id, `updated_at`, a hash of the content. Retries: unknown. Answer: 2xx.
Times: ISO 8601 with an offset.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from pydantic import Field, ValidationError, field_validator

from ingest import shop
from ingest.channel import Context, Manner
from ingest.chat_event import bad_field, unknown_event, with_tags
from ingest.form_event import tags_of
from ingest.plain_text import read_object
from ingest.proof import check_path, with_path
from kartoteka.domain import amounts
from kartoteka.domain.inbound import Inbound
from kartoteka.domain.model import Source
from kartoteka.domain.shop_order import LONGEST_WORDS, ShopCompany, ShopLine, ShopOrder
from kartoteka.http import Call, Reply, json_reply
from kartoteka.i18n import text
from kartoteka.services.record_inbound import Stored

name = "insales"
manner = Manner(subpaths=True)
verify = check_path
sent = with_path
_CANCELLED = {"declined", "returned"}
_SHIPPED = {"dispatched", "delivered"}
_Number = str | int | float | None


class _Client(shop.Loose):
    id: str = ""
    name: str | None = ""
    surname: str | None = ""
    middlename: str | None = ""
    phone: str | None = ""
    email: str | None = ""
    juridical_name: str | None = ""
    inn: str | None = ""
    kpp: str | None = ""

    @property
    def person(self) -> str:
        return " ".join(filter(None, (self.surname, self.name, self.middlename)))


class _Address(shop.Loose):
    full_locality_name: str | None = ""
    address: str | None = ""
    full_delivery_address: str | None = ""
    phone: str | None = ""


class _Line(shop.Loose):
    id: str = ""
    product_id: str | None = ""
    variant_id: str | None = ""
    sku: str | None = ""
    title: str | None = ""
    quantity: _Number = 1
    full_sale_price: _Number = None
    sale_price: _Number = None
    full_total_price: _Number = None
    total_price: _Number = None


class _Status(shop.Loose):
    title: str | None = ""


class _Order(shop.Loose):
    id: str = Field(min_length=1)
    number: str | None = ""
    created_at: str | None = ""
    updated_at: str | None = ""
    fulfillment_status: str | None = ""
    financial_status: str | None = ""
    custom_status: _Status | None = None
    currency_code: str | None = ""
    total_price: _Number = None
    delivery_price: _Number = None
    full_delivery_price: _Number = None
    delivery_title: str | None = ""
    payment_title: str | None = ""
    comment: str | None = ""
    client: _Client | None = None
    shipping_address: _Address | None = None
    order_lines: tuple[_Line, ...] | None = None
    current_location: str | None = ""
    first_current_location: str | None = ""
    first_referer: str | None = ""
    first_query: str | None = ""

    @field_validator("custom_status", mode="before")
    @classmethod
    def _titled(cls, value: Any) -> Any:
        return {"title": value} if isinstance(value, str) else value

    @field_validator("order_lines", mode="before")
    @classmethod
    def _numbered(cls, value: Any) -> Any:
        """Return the lines also of an object that numbers them, without what is none.

        Where nothing is a line, nothing was told: an empty order would empty the deal.
        """
        told = list(value.values()) if isinstance(value, dict) else value
        if not isinstance(told, list):
            return told
        lines = [it for it in told if isinstance(it, dict)]
        return lines if lines or not told else None


def parse(call: Call, context: Context) -> list[Inbound]:
    """Return the order of the body.

    Raises:
        Malformed: not an order.
    """
    found = read_object(call.body)
    inside = found.get("order")
    body: dict[str, Any] = inside if isinstance(inside, dict) else found
    if "order_lines" not in body and "fulfillment_status" not in body:
        raise unknown_event(next(iter(found), ""))
    try:
        told = _Order.model_validate(body)
    except ValidationError as exc:
        raise bad_field(exc, "order") from exc
    client, place = told.client or _Client(), told.shipping_address or _Address()
    phone = client.phone or place.phone or ""  # who receives it may be somebody else
    sender = shop.buyer(client.person, (phone,), (client.email or "",), context.region)
    order = _read(told, context)
    made = shop.event(name, call, context, order=order, sender=sender)
    return [made.model_copy(update={"source": _source(told, made.source)})]


def answer(_call: Call, _stored: Sequence[Stored]) -> Reply:
    """Return the acknowledgement."""
    return json_reply({"ok": True})


def _source(told: _Order, source: Source | None) -> Source | None:
    """Return the source with the buyer's first page, where they came from, and the marks."""
    if source is None:
        return None
    query = (told.first_query or "").lstrip("?")
    page = told.current_location or told.first_current_location or ""
    found = tags_of(page) | (tags_of(f"?{query}") if query else {})
    update = {"page": page[:LONGEST_WORDS], "referrer": (told.first_referer or "")[:LONGEST_WORDS]}
    return with_tags(source.model_copy(update=update), found)


def _read(told: _Order, context: Context) -> ShopOrder:
    status = told.fulfillment_status or ""
    place = told.shipping_address or _Address()
    where = place.full_delivery_address or shop.words(
        (place.full_locality_name or "", place.address or "")
    )
    return ShopOrder(
        id=shop.short(told.id),
        number=shop.short(told.number or told.id),
        at=shop.moment(told.created_at or "", context),
        version=_version(told.updated_at or "", context),
        status=shop.short((told.custom_status and told.custom_status.title) or status),
        cancelled=status in _CANCELLED,
        paid=told.financial_status == "paid",
        shipped=status in _SHIPPED,
        currency=shop.currency(told.currency_code or ""),
        total_minor=amounts.minor(told.total_price),
        lines=tuple(_lines(told)) if told.order_lines is not None else None,
        company=_company(told.client or _Client()),
        delivery=shop.words((told.delivery_title or "", where, told.payment_title or "")),
        comment=(told.comment or "")[:LONGEST_WORDS],
    )


def _version(told: str, context: Context) -> str:
    """Return the moment of the change in one spelling, whatever the offset."""
    return shop.moment(told, context).isoformat() if told else ""


def _lines(told: _Order) -> Iterator[ShopLine]:
    for item in told.order_lines or ():
        price = item.full_sale_price if item.full_sale_price is not None else item.sale_price
        total = item.full_total_price if item.full_total_price is not None else item.total_price
        made = shop.line(
            item.title or item.sku or item.id,
            item.quantity,
            price,
            total=total,
            product=item.variant_id or item.product_id or "",
            sku=item.sku or "",
            id=item.id,
        )
        if made is not None:
            yield made
    fee = told.full_delivery_price if told.full_delivery_price is not None else told.delivery_price
    delivery = shop.line(told.delivery_title or text("order_delivery", "ru"), 1, fee)
    if delivery is not None and delivery.price_minor:
        yield delivery


def _company(client: _Client) -> ShopCompany | None:
    if not client.inn and not client.juridical_name:
        return None
    return ShopCompany(
        name=shop.short(client.juridical_name or client.person),
        inn=shop.short(client.inn or ""),
        kpp=shop.short(client.kpp or ""),
    )
