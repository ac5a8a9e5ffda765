"""Orders in the shops themselves: looked at and edited over HTTP.

Source: WooCommerce REST API v3 (orders; HTTP Basic with consumer key and secret); InSales API
(`/admin/orders/{id}.json`, HTTP Basic), whose bodies could not be checked with traffic.
The address is the office's own word, so it is looked at twice: https, and a public host.
"""

import ipaddress
import socket
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote, urlsplit

import httpx

from kartoteka.adapters.messengers.calls import TIMEOUT_S, Answer, Calls
from kartoteka.domain.amounts import milli, minor, number, spelled, spelled_milli
from kartoteka.domain.errors import ConfigError, NotAllowed, NotFound
from kartoteka.domain.office import Account
from kartoteka.domain.shop_order import LONGEST, ShopLine, exact_line
from kartoteka.i18n import text
from kartoteka.shop_ports import ChangedOrders, LineEdit, SeenOrder

_NOT_FOUND, _REFUSED = 404, 400
_PAGE = 50
_WOO_ORDERS = "/wp-json/wc/v3/orders"
_KINDS = {"item": "line_items", "shipping": "shipping_lines", "fee": "fee_lines"}
_Resolve = Callable[[str], Sequence[str]]


def build() -> "AllShops":
    """Return the shops behind real addresses."""
    return AllShops(httpx.Client(timeout=TIMEOUT_S, follow_redirects=False), _addresses)


class AllShops:
    """The Shops port by the channel of the account."""

    def __init__(self, client: httpx.Client, resolve: _Resolve) -> None:
        self._calls, self._resolve = Calls(client), resolve

    def look(self, account: Account, order: str) -> SeenOrder:
        """Return the order as the shop holds it now."""
        return _SEEN[account.channel](self._ask(account, "GET", order))

    def changed(self, account: Account, since: datetime, page: int) -> ChangedOrders:
        """Return a page of a WooCommerce shop's orders that changed since a moment."""
        asked = {
            "modified_after": since.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S"),
            "dates_are_gmt": "true",
            "orderby": "modified",
            "order": "asc",
            "per_page": _PAGE,
            "page": page,
        }
        site, proof = self._site(account), _proof(account)
        answer = self._calls.ask("GET", site + _WOO_ORDERS, auth=proof, params=asked)
        if answer.status >= _REFUSED or answer.items is None:
            raise NotAllowed(f"the shop answered {answer.status}", code="order_refused")
        found = tuple(item for item in answer.items if isinstance(item, dict))
        return ChangedOrders(found, more=len(answer.items) >= _PAGE)

    def edit(self, account: Account, order: str, edits: tuple[LineEdit, ...]) -> SeenOrder:
        """Return the order after the edits."""
        body = _BODIES[account.channel](edits)
        return _SEEN[account.channel](self._ask(account, "PUT", order, json=body))

    def _ask(self, account: Account, method: str, order: str, **given: Any) -> Mapping[str, Any]:
        site, proof = self._site(account), _proof(account)
        path = _PATHS[account.channel].format(quote(order, safe=""))
        answer = self._calls.ask(method, site + path, auth=proof, **given)
        return _body(answer, _GOODS[account.channel])

    def _site(self, account: Account) -> str:
        """Return the shop's address, once it leads nowhere but into the internet."""
        site = account.api.get("site", "").rstrip("/")
        parts = urlsplit(site)
        host = parts.hostname or ""
        if parts.scheme != "https" or not host or parts.username or parts.query:
            raise ConfigError("the shop's address is no https address", code="order_site")
        found = [ipaddress.ip_address(it.partition("%")[0]) for it in self._resolve(host)]
        if not found or not all(it.is_global for it in found):
            raise ConfigError("the shop's address is not public", code="order_site")
        return site


def _addresses(host: str) -> list[str]:
    try:
        found = socket.getaddrinfo(host, 443, type=socket.SOCK_STREAM)
    except OSError:
        return []
    return [str(item[4][0]) for item in found]


def _proof(account: Account) -> tuple[str, str]:
    key, secret = account.api.get("key", ""), account.api.get("secret", "")
    if not key or not secret:
        raise ConfigError("the shop is not connected", code="order_no_key")
    return key, secret


def _body(answer: Answer, goods: str) -> Mapping[str, Any]:
    """Return the order of an answer.

    A page of a shop that moved or rests is no order: taken for one, it would have no goods.
    """
    if answer.status == _NOT_FOUND:
        raise NotFound("the shop has no such order", code="order_gone")
    if answer.status >= _REFUSED:
        raise NotAllowed(f"the shop answered {answer.status}", code="order_refused")
    found = answer.part("order") or answer.body
    if not isinstance(found.get(goods), list):
        raise NotAllowed(f"the shop answered {answer.status} with no order", code="order_answer")
    return found


def _woo_seen(body: Mapping[str, Any]) -> SeenOrder:
    lines = (
        line
        for kind, field in _KINDS.items()
        for item in _items(body, field)
        if (line := _woo_line(kind, item)) is not None
    )
    version = str(body.get("date_modified_gmt") or "")
    return SeenOrder(version, tuple(lines), minor(body.get("total")))


def _woo_line(kind: str, item: Mapping[str, Any]) -> ShopLine | None:
    total = _sum(item, "total", "total_tax")
    full = _sum(item, "subtotal", "subtotal_tax") if "subtotal" in item else total
    count = milli(item.get("quantity", 1)) or 1000
    name = " ".join(str(item.get("name") or item.get("method_title") or "").split())
    if not name or (kind != "item" and not total):
        return None
    each = round(full * 1000 / count)
    made = ShopLine(
        id=f"{kind}:{item.get('id')}", name=name[:LONGEST], quantity_milli=count, price_minor=each
    )
    return exact_line(made, total)


def _sum(item: Mapping[str, Any], *names: str) -> int:
    whole = sum((number(item.get(name)) or 0 for name in names), start=number("0") or 0)
    return minor(str(whole)) or 0


def _woo_body(edits: tuple[LineEdit, ...]) -> dict[str, Any]:
    body: dict[str, list[dict[str, Any]]] = {}
    for edit in edits:
        kind, _, name = edit.id.partition(":")
        if not kind:
            kind = "item" if edit.sku else "fee"
        body.setdefault(_KINDS[kind], []).append(_woo_edit(kind, name, edit))
    return body


def _woo_edit(kind: str, name: str, edit: LineEdit) -> dict[str, Any]:
    known: dict[str, Any] = {"id": int(name)} if name else {}
    if edit.gone:
        return {**known, "quantity": 0} if kind == "item" else {**known, _TITLE[kind]: None}
    told: dict[str, Any] = {**known, "total": spelled(edit.total_minor)}
    if kind != "item":
        return {**told, _TITLE[kind]: edit.name}
    told |= {"quantity": float(spelled_milli(edit.quantity_milli))}
    told |= {"subtotal": spelled(edit.full_minor)}
    return told if name else {**told, "sku": edit.sku, "name": edit.name}


_TITLE = {"fee": "name", "shipping": "method_title"}


def _ins_seen(body: Mapping[str, Any]) -> SeenOrder:
    found = [_ins_line(item) for item in _items(body, "order_lines")]
    version = _in_utc(str(body.get("updated_at") or ""))
    lines = tuple(line for line in (*found, *_ins_delivery(body)) if line is not None)
    return SeenOrder(version, lines, minor(body.get("total_price")))


def _in_utc(told: str) -> str:
    """Return a moment in the one spelling in which versions are compared."""
    try:
        return datetime.fromisoformat(told).astimezone(UTC).isoformat()
    except ValueError:
        return ""


def _ins_line(item: Mapping[str, Any]) -> ShopLine | None:
    price = minor(item.get("full_sale_price", item.get("sale_price")))
    count, name = milli(item.get("quantity")), str(item.get("title") or "")
    if not name or not count or price is None:
        return None
    made = ShopLine(
        id=f"item:{item.get('id')}", name=name[:LONGEST], quantity_milli=count, price_minor=price
    )
    total = minor(item.get("full_total_price", item.get("total_price")))
    return made if total is None else exact_line(made, total)


def _ins_delivery(body: Mapping[str, Any]) -> Iterator[ShopLine]:
    fee = minor(body.get("full_delivery_price", body.get("delivery_price")))
    if fee:
        name = str(body.get("delivery_title") or text("order_delivery", "ru"))[:LONGEST]
        yield ShopLine(id="shipping:", name=name, price_minor=fee)


def _ins_body(edits: tuple[LineEdit, ...]) -> dict[str, Any]:
    lines, order = [], {}
    for edit in edits:
        kind, _, name = edit.id.partition(":")
        if kind == "shipping":
            order["delivery_price"] = "0" if edit.gone else spelled(edit.total_minor)
            continue
        told: dict[str, Any] = {"id": int(name)} if name else {"title": edit.name, "sku": edit.sku}
        each = round(edit.total_minor * 1000 / edit.quantity_milli)
        change = {"quantity": spelled_milli(edit.quantity_milli), "sale_price": spelled(each)}
        lines.append({**told, "_destroy": True} if edit.gone else {**told, **change})
    return {"order": {**order, "order_lines_attributes": lines}}


def _items(body: Mapping[str, Any], field: str) -> list[Mapping[str, Any]]:
    found = body.get(field)
    return [it for it in found if isinstance(it, Mapping)] if isinstance(found, list) else []


_GOODS = {"insales": "order_lines", "woocommerce": "line_items"}
_PATHS = {"insales": "/admin/orders/{}.json", "woocommerce": _WOO_ORDERS + "/{}"}
_SEEN: Mapping[str, Callable[[Mapping[str, Any]], SeenOrder]] = {
    "insales": _ins_seen,
    "woocommerce": _woo_seen,
}
_BODIES: Mapping[str, Callable[[tuple[LineEdit, ...]], dict[str, Any]]] = {
    "insales": _ins_body,
    "woocommerce": _woo_body,
}
