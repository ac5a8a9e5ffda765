"""The records that rules of time look at: the open ones of a kind, as a stream."""

from collections.abc import Iterator

from kartoteka.domain.tasks_rules import ACTIVE
from kartoteka.ports import Doc, Order, Query, Store, Where
from kartoteka.services.rule_facts import KINDS

_ONGOING = ("ongoing", "open")
_OPEN = {"lead": _ONGOING, "deal": _ONGOING, "task": tuple(sorted(ACTIVE))}
_ORDER = {"lead": "next_at", "deal": "next_at", "task": "due_at"}


def of_kind(store: Store, kind: str) -> Iterator[Doc]:
    """Yield the open records of a kind; clients and companies are all open."""
    where = (Where("state", "in", _OPEN[kind]),) if kind in _OPEN else ()
    order = (Order(_ORDER[kind]),) if kind in _ORDER else ()
    for hit in store.query(Query(KINDS[kind].collection, where, order)):
        yield hit.doc
