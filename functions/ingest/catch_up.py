"""Shops that switch a webhook off after a few failures are asked what changed since; A11.

WooCommerce does so after five. Every quarter of an hour each connected shop is asked for the orders
that changed after the newest one seen; each is taken in as if its webhook had brought it, so what
did come is met again and changes nothing.
"""

import json
from datetime import UTC, datetime, timedelta

from ingest.channel import Context, unknown
from ingest.channels import woocommerce
from ingest.intake import BODY_LIMIT, Address
from ingest.order_taking import taken
from ingest.provider import address_of
from kartoteka.domain.errors import KartotekaError, Malformed
from kartoteka.domain.inbound import Inbound
from kartoteka.domain.office import Account
from kartoteka.domain.shop_rules import ShopRules
from kartoteka.http import Call
from kartoteka.log import log, nickname
from kartoteka.ports import Doc
from kartoteka.services.shop_cursors import keep_cursor, read_cursor
from kartoteka.wiring import App

_EVERY = timedelta(minutes=15)
_OVERLAP = timedelta(minutes=2)  # clocks of shops; what is met again changes nothing
_MOST_PAGES = 10  # of one look; the next one goes on behind
_TOPIC = "order.updated"


def every_shop(app: App) -> int:
    """Return how many orders the shops told of; one that fails is asked again in a minute."""
    count = 0
    for account in app.desk.settings().accounts:
        if account.channel == woocommerce.name and account.active and account.api.get("site"):
            try:
                count += _asked(app, account)
            except KartotekaError as exc:
                told = exc.code or type(exc).__name__
                log("error", event="shop_catch_up", account=nickname(account.id), code=told)
    return count


def _asked(app: App, account: Account) -> int:
    now, cursor = app.clock.now(), read_cursor(app.store, account.id)
    if cursor.looked_at is not None and now - cursor.looked_at < _EVERY:
        return 0
    first = now - timedelta(days=(account.shop or ShopRules()).first_days)
    address = address_of(app.desk, woocommerce, account.id, BODY_LIMIT)
    until, count = cursor.until or first, 0
    for page in range(1, _MOST_PAGES + 1):
        found = app.shops.changed(account, (cursor.until or first) - _OVERLAP, page)
        for order in found.orders:
            _taken(app, account, address, order)
            until = max(until, _changed_at(order, until))
        count += len(found.orders)
        if not found.more:
            break
    keep_cursor(app.store, cursor.model_copy(update={"until": until, "looked_at": now}))
    return count


def _taken(app: App, account: Account, address: Address, order: Doc) -> None:
    """Take one order in as its webhook would; one that nobody understands waits for a person."""
    site = account.api["site"]
    headers = {"x-wc-webhook-topic": _TOPIC, "x-wc-webhook-source": site}
    call = Call("POST", (), body=json.dumps(order, ensure_ascii=False).encode(), headers=headers)
    taken(app.desk, _event(call, address.context), address)


def _event(call: Call, context: Context) -> Inbound:
    try:
        return woocommerce.parse(call, context)[0]
    except Malformed as exc:
        return unknown(woocommerce.name, call, context, exc)


def _changed_at(order: Doc, usual: datetime) -> datetime:
    try:
        return datetime.fromisoformat(str(order.get("date_modified_gmt"))).replace(tzinfo=UTC)
    except ValueError:
        return usual
