"""Read the change log once, in order, remembering how far; D5."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from kartoteka.domain.change import Change
from kartoteka.domain.instant import spell
from kartoteka.ports import Doc, Store, Tx
from kartoteka.services.office import Desk
from kartoteka.services.unit import LOG

_COLLECTION = "checkpoints"


@dataclass(frozen=True, slots=True)
class Drained:
    """How a drain ended: changes handled, and whether more are waiting."""

    handled: int
    more: bool


def checkpoint(store: Store, consumer: str) -> str | None:
    """Return the position up to which the consumer has read, None at the start."""
    return _position(store.get(_COLLECTION, consumer))


def lags(store: Store, consumer: str) -> bool:
    """Return whether changes are waiting for the consumer."""
    return bool(lagging(store, [consumer]))


def lagging(store: Store, consumers: Sequence[str]) -> list[str]:
    """Return those of the consumers for whom changes are waiting; two reads, however many."""
    head, docs = store.log_head(LOG), store.get_many(_COLLECTION, consumers)
    return [name for name in consumers if _position(docs.get(name)) != head]


def _position(doc: Doc | None) -> str | None:
    position = doc.get("position") if doc else None
    return str(position) if position else None


def drain(
    desk: Desk, consumer: str, handle: Callable[[Sequence[Change]], None], *, batch: int, most: int
) -> Drained:
    """Hand the waiting changes to `handle`, batch by batch, each at least once.

    The checkpoint moves only behind a batch that was handled, so a crash repeats at most one
    batch: `handle` must be idempotent. At most `most` changes per call. What is committed while
    `handle` works has asked for a drain of its own, which takes it together with what follows.
    """
    handled = 0
    position = checkpoint(desk.store, consumer)
    while handled < most:
        size = min(batch, most - handled)
        entries = desk.store.read_log(LOG, position, size)
        if not entries:
            return Drained(handled, more=False)
        handle([Change.model_validate(entry.doc) for entry in entries])
        position = entries[-1].position
        _remember(desk, consumer, position)
        handled += len(entries)
        if len(entries) < size:
            return Drained(handled, more=False)
    return Drained(handled, more=bool(desk.store.read_log(LOG, position, 1)))


def pass_over(desk: Desk, consumer: str) -> None:
    """Count everything as read, for a consumer to whom nothing matters now."""
    head = desk.store.log_head(LOG)
    if head is not None:
        _remember(desk, consumer, head)


def put_checkpoint(tx: Tx, consumer: str, position: str, at: str) -> None:
    """Note in a transaction how far the consumer has read, and when that was (as stored)."""
    tx.put(_COLLECTION, consumer, {"position": position, "at": at})


def _remember(desk: Desk, consumer: str, position: str) -> None:
    at = spell(desk.now())
    desk.store.run(lambda tx: put_checkpoint(tx, consumer, position, at))


def rewind(desk: Desk, consumer: str) -> None:
    """Forget how far the consumer has read: it starts from zero."""
    desk.store.run(lambda tx: tx.delete(_COLLECTION, consumer))
