"""A book that Google refuses: it rests, the others go on, and health says which one and since when.

So does a book over which we stumble ourselves: an error of ours in one file stops no other.
What it misses meanwhile stands in the log behind a position of its own. Each refusal makes the
rest longer, so an hour's outage of one file costs the others a call every few minutes.
"""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import TypeAlias

from kartoteka.domain.errors import ConfigError, NotAllowed, NotFound, ProviderDown, RateLimited
from kartoteka.domain.instant import read, spell
from kartoteka.log import log, place_of
from sync.books import Memory

Ours: TypeAlias = ArithmeticError | AttributeError | LookupError | TypeError | ValueError
Fault: TypeAlias = RateLimited | ProviderDown | ConfigError | NotAllowed | NotFound | Ours
BUGS = (ArithmeticError, AttributeError, LookupError, TypeError, ValueError)
FAULTS = (RateLimited, ProviderDown, ConfigError, NotAllowed, NotFound, *BUGS)
_SHORTEST, _LONGEST = timedelta(seconds=20), timedelta(minutes=5)
_QUOTA = timedelta(seconds=5)  # a quota is the account's and comes back within a minute
_LOST = timedelta(minutes=1)
_SHARE = 4  # a book rests a quarter of the time for which it has been late
_WORDS: dict[type, str] = {
    RateLimited: "busy", ProviderDown: "down", NotAllowed: "closed", NotFound: "gone",
    **dict.fromkeys(BUGS, "ours"),
}  # fmt: skip


def refused(memory: Memory, fault: Fault, now: datetime) -> Memory:
    """Return the memory with since when the book is late, and why."""
    why = next((word for kind, word in _WORDS.items() if isinstance(fault, kind)), "refused")
    if not memory.late or why != memory.fault:
        where = place_of(fault) if why == "ours" else ""
        log("error", event="book_late", book=memory.key, error=type(fault).__name__, where=where)
    return replace(memory, late=memory.late or spell(now), fault=why)


def resting(memory: Memory, fault: Fault, now: datetime) -> Memory:
    """Return the memory of a book that is left alone for a while."""
    age = now - read(memory.late) if memory.late else timedelta(0)
    shortest = _QUOTA if isinstance(fault, RateLimited) else _SHORTEST
    rest = min(_LONGEST, max(shortest, age / _SHARE))
    asked = fault.retry_after if isinstance(fault, RateLimited | ProviderDown) else None
    return replace(memory, again=spell(now + max(rest, asked or rest)))


def rests(memory: Memory | None, now: datetime) -> bool:
    """Return whether the book was refused a moment ago and is not to be asked for yet."""
    return memory is not None and bool(memory.again) and now < read(memory.again)


def overdue(memory: Memory, now: datetime) -> bool:
    """Return whether the next try should have been long ago: the queue must have lost it."""
    return bool(memory.again) and now - read(memory.again) > _LOST
