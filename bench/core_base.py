"""A base of people with a past: two lives, lived once by the services, copied under other names.

One in two people has an open request with a task; the others became a deal that was lost, with
the calls, papers and changes that lead there. The days of the copies are spread over three years.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from bench.base import NoTasks
from bench.copies import Doc, Docs, Life, life, write
from kartoteka.adapters.sqlite import SqliteStore
from kartoteka.domain.change import Actor
from kartoteka.domain.ids import InboundId, derived
from kartoteka.domain.inbound import Call, Inbound, Kind, Person
from kartoteka.domain.instant import spell
from kartoteka.domain.model import CallFact, CallStatus
from kartoteka.ports import Query, Store
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
    size = (opens.size + (OPEN_EVERY - 1) * past.size) / OPEN_EVERY
    people = max(1, round(documents / size))
    for start in range(0, people, _CHUNK):
        chosen = range(start, min(start + _CHUNK, people))
        docs = [doc for n in chosen for doc in _copied(past if n % OPEN_EVERY else opens, n)]
        docs = [doc for doc in docs if only in {"", doc[0]}]
        store.run(lambda tx, docs=docs: write(tx, docs))  # type: ignore[misc]
    return people


def _copied(pattern: Life, person: int) -> Iterator[Doc]:
    told = {_LAST[0]: phone(person), _LAST[1]: mail(person), _LAST[2]: named(person)}
    return pattern.of(person, told, days_ago=person * 7919 % _SPREAD_DAYS)


def _pattern(folder: Path, live: Callable[[Work], None]) -> Life:
    """Return the records that a life leaves in an office of its own."""
    store = SqliteStore(folder / f"{live.__name__}.sqlite3")
    work = opened(store)
    head = store.log_head(LOG)
    live(work)
    docs: Docs = [
        (collection, found.id, dict(found.doc))
        for collection in _COLLECTIONS
        for found in store.query(Query(collection))
    ]
    docs += [(LOG, entry.id, dict(entry.doc)) for entry in store.read_log(LOG, head, 1_000)]
    store.close()
    return life(docs, _LAST)


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


_LAST = (phone(_LAST_PERSON), mail(_LAST_PERSON), named(_LAST_PERSON))
