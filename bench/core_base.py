"""A base of people with a past: two lives, lived once by the services, copied under other names.

One in two people has an open request with a task; the others became a deal that was lost, with
the calls, papers and changes that lead there. The days of the copies are spread over three years.
"""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any

from bench.base import NoTasks
from kartoteka.adapters.sqlite import SqliteStore
from kartoteka.domain.change import Actor
from kartoteka.domain.ids import InboundId, derived
from kartoteka.domain.inbound import Call, Inbound, Kind, Person
from kartoteka.domain.instant import spell
from kartoteka.domain.model import CallFact, CallStatus
from kartoteka.ports import Query, Store, Tx
from kartoteka.services.commands import execute
from kartoteka.services.office import Desk, SettingsCache
from kartoteka.services.people import actor
from kartoteka.services.record_inbound import Stored, record
from kartoteka.services.registry import COMMANDS
from kartoteka.services.setup import read_preset, set_up
from kartoteka.services.unit import LOG
from kartoteka.services.wake import Waker

OPEN_EVERY = 2  # every so many-th person has an open request
NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)  # a working Monday
_COLLECTIONS = ("activities", "clients", "deals", "inbounds", "keys", "leads", "notices", "tasks")
_PAUSE, _TALK, _RING = timedelta(minutes=5), timedelta(seconds=60), timedelta(seconds=20)
_LAST_PERSON, _TASKS_DUE = 999_999, timedelta(hours=2)
_SPREAD_DAYS, _CHUNK = 1_000, 200
_DAY = re.compile(r"\d{4}-\d\d-\d\dT")
_Docs = list[tuple[str, str, dict[str, Any]]]  # collection, id, document


class SteeredClock:
    """A clock that moves when told."""

    def __init__(self, now: datetime = NOW) -> None:
        self._now = now

    def now(self) -> datetime:
        """Return the present instant."""
        return self._now

    def advance(self, by: timedelta) -> None:
        """Let time pass."""
        self._now += by


@dataclass(frozen=True)
class Work:
    """An office, its director, and what they can do in it."""

    desk: Desk
    clock: SteeredClock
    director: Actor

    def do(self, name: str, **given: Any) -> Any:
        """Run a command as the director and return the record."""
        return execute(COMMANDS, self.desk, self.director, name, given=given, cause=name)

    def form(self, person: int) -> Stored:
        """Take in a form of this person."""
        sender = Person(name=named(person), phones=(phone(person),), emails=(mail(person),))
        return record(self.desk, self._inbound(Kind.FORM, "form", f"f{person}", sender))

    def call(self, person: int, number: int = 1) -> Stored:
        """Take in an answered call to this person that ends now."""
        now, event = self.desk.now(), f"c{person}.{number}"
        start = now - _TALK - _RING
        fact = CallFact(
            status=CallStatus.ANSWERED,
            client_number=phone(person),
            started_at=start,
            answered_at=start + _RING,
            ended_at=now,
        )
        called = Call(call_id=event, direction="out", staff="anna@office.example", fact=fact)
        inbound = self._inbound(Kind.CALL, "call", event, Person(phones=(phone(person),)))
        return record(self.desk, inbound.model_copy(update={"call": called, "at": start}))

    def _inbound(self, what: Kind, channel: str, event: str, sender: Person) -> Inbound:
        return Inbound(
            id=InboundId(derived("in", channel, event)),
            channel=channel,
            account="bench",
            event_id=event,
            what=what,
            at=self.desk.now(),
            received_at=self.desk.now(),
            sender=sender,
        )


def opened(store: Store) -> Work:
    """Return the office in this store, furnished when it is new."""
    clock = SteeredClock()
    if store.get("office", "office") is None:
        set_up(store, clock, read_preset("law_firm"))
    tasks = NoTasks()
    desk = Desk(store, tasks, clock, SettingsCache(store, 3600), Waker(tasks, clock))
    director = next(person for person in desk.settings().staff if person.role == "director")
    return Work(desk, clock, actor(director))


def phone(person: int) -> str:
    """Return the person's number, E.164."""
    return f"+7901{person:07}"


def mail(person: int) -> str:
    """Return the person's address."""
    return f"person{person:07}@example.ru"


def named(person: int) -> str:
    """Return the person's name."""
    return f"Посетитель {person:07}"


def grow(store: Store, documents: int, folder: Path, *, only: str = "") -> int:
    """Fill the store with about so many documents; return the number of people.

    Args:
        store: of an office that is set up.
        documents: all records, keys and changes count.
        folder: for the small offices in which the two lives are lived.
        only: the one collection to fill, every one if empty.
    """
    opens, past = (_pattern(folder, live) for live in (_waits, _was_lost))
    size = (len(opens.docs) + (OPEN_EVERY - 1) * len(past.docs)) / OPEN_EVERY
    people = max(1, round(documents / size))
    for start in range(0, people, _CHUNK):
        chosen = range(start, min(start + _CHUNK, people))
        docs = [doc for n in chosen for doc in (past if n % OPEN_EVERY else opens).of(n)]
        docs = [doc for doc in docs if only in {"", doc[0]}]
        store.run(lambda tx, docs=docs: _write(tx, docs))  # type: ignore[misc]
    return people


@dataclass(frozen=True)
class _Pattern:
    """The records of one life, and the words in them that name the person."""

    docs: _Docs
    text: str
    names: tuple[str, ...]
    words: re.Pattern[str]

    def of(self, person: int) -> Iterator[tuple[str, str, dict[str, Any]]]:
        """Yield the records of another person."""
        renamed = {name: own(name, person) for name in self.names}
        renamed |= {phone(_LAST_PERSON): phone(person), mail(_LAST_PERSON): mail(person)}
        renamed[named(_LAST_PERSON)] = named(person)
        days = person * 7919 % _SPREAD_DAYS

        def other(found: re.Match[str]) -> str:
            return renamed.get(found[0]) or _earlier(found[0], days)

        yield from json.loads(self.words.sub(other, self.text))


def own(name: str, person: int) -> str:
    """Return the id under which a person has the record that the pattern calls `name`."""
    return f"{name[:3]}{derived('', name, str(person))[1:17]}"


@lru_cache(maxsize=100_000)
def _earlier(day: str, days: int) -> str:
    return f"{date.fromisoformat(day[:-1]) - timedelta(days=days)}T"


def _pattern(folder: Path, live: Callable[[Work], None]) -> _Pattern:
    """Return the records that a life leaves in an office of its own."""
    store = SqliteStore(folder / f"{live.__name__}.sqlite3")
    work = opened(store)
    head = store.log_head(LOG)
    live(work)
    docs: _Docs = [
        (collection, found.id, dict(found.doc))
        for collection in _COLLECTIONS
        for found in store.query(Query(collection))
    ]
    docs += [(LOG, entry.id, dict(entry.doc)) for entry in store.read_log(LOG, head, 1_000)]
    store.close()
    names = tuple(name for collection, name, _ in docs if collection != "keys")
    person = (phone(_LAST_PERSON), mail(_LAST_PERSON), named(_LAST_PERSON))
    words = re.compile("|".join([*map(re.escape, (*names, *person)), _DAY.pattern]))
    return _Pattern(docs, json.dumps(docs, ensure_ascii=False), names, words)


def _waits(work: Work) -> None:
    """Ask for help; a task is given, nobody has called yet."""
    lead = work.form(_LAST_PERSON).lead_id
    due = spell(work.desk.now() + _TASKS_DUE)
    work.do("task.create", title="Позвонить", due=due, lead=lead)


def _was_lost(work: Work) -> None:
    """Ask for help, talk twice, become a deal with papers, go elsewhere."""
    lead = work.form(_LAST_PERSON).lead_id
    work.clock.advance(_PAUSE)
    work.call(_LAST_PERSON, 1)
    deal = work.do("lead.convert", lead=lead, deal_type="Наследство", offer=True)
    work.clock.advance(_PAUSE)
    work.call(_LAST_PERSON, 2)
    work.do("deal.move", deal=deal.id, stage="lost", reason="Дорого")


def _write(tx: Tx, docs: _Docs) -> None:
    for collection, record_id, doc in docs:
        if collection == LOG:
            tx.append(LOG, record_id, doc)
        else:
            tx.put(collection, record_id, doc)
