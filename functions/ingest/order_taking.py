"""What an order became when it was taken in: made, changed, known already, or not understood."""

from ingest.intake import Address, kept
from kartoteka.domain.inbound import Inbound
from kartoteka.domain.order import Order, order_id
from kartoteka.services.office import Desk

_SAME = {"order_unchanged", "order_stale"}


def taken(desk: Desk, event: Inbound, address: Address, called: str = "") -> tuple[str, str]:
    """Return created, updated, unchanged or errors, and of an error which order and why.

    `called` is how people call a document that turns out to be no order.
    One that says what was said last costs a read and leaves no trace.
    """
    order = event.order
    name = order_id(event.channel, event.account, order.id) if order else ""
    known = desk.store.get(Order.collection, name) if name else None
    if known is not None and order is not None and known.get("said") == order.fingerprint:
        return "unchanged", ""
    stored = kept(desk, event, address)
    doc = desk.store.get(Inbound.collection, stored.inbound_id) or {}
    if doc.get("state") == "unknown":
        number = order.number or order.id if order else called or event.event_id[-8:]
        return "errors", f"{number}: {doc.get('why')}"
    if stored.seen or doc.get("state") == "ignored" or doc.get("why") in _SAME:
        return "unchanged", ""
    return "updated" if known else "created", ""
