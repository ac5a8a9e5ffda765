"""How far each shop was asked for changed orders: bookkeeping, written directly, not in the log."""

from typing import ClassVar

from kartoteka.domain.instant import Instant
from kartoteka.domain.model import Entity
from kartoteka.ports import Store


class ShopCursor(Entity):
    """One shop; `id` is that of its account."""

    kind: ClassVar[str] = "shop_cursor"
    collection: ClassVar[str] = "shop_cursors"
    until: Instant | None = None  # the newest change that was seen, by the shop's clock
    looked_at: Instant | None = None


def read_cursor(store: Store, account_id: str) -> ShopCursor:
    """Return how far the shop was asked."""
    doc = store.get(ShopCursor.collection, account_id)
    return ShopCursor(id=account_id) if doc is None else ShopCursor.model_validate(doc)


def keep_cursor(store: Store, cursor: ShopCursor) -> None:
    """Write how far the shop was asked."""
    doc = cursor.model_dump(mode="json")
    store.run(lambda tx: tx.put(ShopCursor.collection, cursor.id, doc))
