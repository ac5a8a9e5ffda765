"""How far each mailbox was read: bookkeeping, written directly and not in the log."""

from typing import ClassVar

from kartoteka.domain.instant import Instant
from kartoteka.domain.model import Entity
from kartoteka.ports import Store


class Mailbox(Entity):
    """One box; `id` is that of its account."""

    kind: ClassVar[str] = "mailbox"
    collection: ClassVar[str] = "mailboxes"
    position: str = ""  # the provider's; empty: never looked at
    waiting: tuple[str, ...] = ()  # letters that are known of and not recorded yet
    looked_at: Instant | None = None
    watched_at: Instant | None = None


def read_mailbox(store: Store, account_id: str) -> Mailbox:
    """Return how far the box was read."""
    doc = store.get(Mailbox.collection, account_id)
    return Mailbox(id=account_id) if doc is None else Mailbox.model_validate(doc)


def keep_mailbox(store: Store, box: Mailbox) -> Mailbox:
    """Return the box after it was written."""
    doc = box.model_dump(mode="json")
    store.run(lambda tx: tx.put(Mailbox.collection, box.id, doc))
    return box
