"""Which books of the office Google refuses, since when and why: what health tells of them."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from kartoteka.domain.instant import read
from kartoteka.i18n import text
from kartoteka.ports import Query, Store

_WHYS = frozenset({"busy", "down", "closed", "gone", "ours"})


@dataclass(frozen=True, slots=True)
class LateBook:
    """One book that gets nothing from us.

    Attributes:
        key: of the book; its title may name a person, and health is public.
        since: when Google refused it first.
        why: busy, down, closed, gone, ours or refused.
        seconds: for how long by now.
    """

    key: str
    since: datetime
    why: str
    seconds: float


def late(store: Store, now: datetime) -> dict[str, LateBook]:
    """Return the late books by key."""
    found = {}
    for hit in store.query(Query("books")):
        if hit.doc.get("late"):
            since, why = read(str(hit.doc["late"])), str(hit.doc.get("fault"))
            age = max(0.0, (now - since).total_seconds())
            found[hit.id] = LateBook(hit.id, since, why if why in _WHYS else "refused", age)
    return dict(sorted(found.items()))


def told(book: LateBook, zone: str, locale: str) -> str:
    """Return in one sentence which book is late, since when and why."""
    since = f"{book.since.astimezone(ZoneInfo(zone)):%d.%m %H:%M}"
    why = text(f"book_late_{book.why}", locale)
    return text("health_book_late", locale, book=book.key, since=since, why=why)
