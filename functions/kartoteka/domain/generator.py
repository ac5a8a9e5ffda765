"""Old clients brought back to managers in portions: who gets whom today, who is left alone; J12.

Pure.
"""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import ClassVar, Literal

from pydantic import Field

from kartoteka.domain.change import Actor
from kartoteka.domain.ids import BatchId, ClientId, StaffId
from kartoteka.domain.instant import Instant
from kartoteka.domain.model import Client, Entity
from kartoteka.domain.office import Settings

SOURCE = "generator"  # channel of the requests that are made, and why they have their owner


class Left(StrEnum):
    """Why nothing is made of a client."""

    GONE = "gone"  # merged, forgotten or deleted
    BLOCKED = "blocked"  # wants to hear nothing
    OPEN = "open"  # somebody works with them
    TOUCHED = "touched"  # spoken with lately
    FOREIGN = "foreign"  # of a colleague who takes no part, or out of the starter's reach
    REFUSED = "refused"  # the first stage asks for what the run does not have


class GeneratorRun(Entity):
    """One bringing back; it goes on day by day until its clients are through."""

    kind: ClassVar[str] = "generator"
    collection: ClassVar[str] = "generators"
    batch_id: BatchId
    actor: Actor  # who started it; it acts with their rights
    title: str
    segment: str = ""  # id; empty: the clients named
    clients: tuple[ClientId, ...] = ()
    make: Literal["lead", "deal"] = "lead"
    pipeline: str
    deal_type: str = ""
    owners: tuple[StaffId, ...] = Field(min_length=1)
    per_day: int = 10  # new records for each person a day
    quiet_days: int = 30  # since the last contact
    note: str = ""
    state: str = "running"  # running, done, stopped
    cursor: str = ""  # behind the last client looked at
    waiting: tuple[ClientId, ...] = ()  # their own person has enough for today
    again: tuple[ClientId, ...] = ()  # who waited on an earlier day: first today
    day: str = ""  # ISO date in the office's zone of `given`
    given: dict[str, int] = Field(default_factory=dict)  # today, by person
    made: int = 0
    left: dict[str, int] = Field(default_factory=dict)  # by reason
    at: Instant
    next_at: Instant | None = None  # when it goes on
    done_at: Instant | None = None


def on_day(run: GeneratorRun, day: str) -> GeneratorRun:
    """Return the run on this day: on a new one everybody has room, and who waited comes first."""
    if run.day == day:
        return run
    again = (*run.again, *run.waiting)
    return run.model_copy(update={"day": day, "given": {}, "again": again, "waiting": ()})


def has_room(run: GeneratorRun, settings: Settings) -> bool:
    """Return whether somebody may get one more today."""
    return any(_room(run, person) for person in _present(run, settings))


def reason_to_leave(client: Client | None, run: GeneratorRun, now: datetime) -> Left | None:
    """Return why this client is left alone, None when they may be brought back."""
    if client is None or client.merged_into is not None or client.forgotten:
        return Left.GONE
    if client.segment == "blacklist":
        return Left.BLOCKED
    if client.open_lead_id is not None or client.open_deal_ids:
        return Left.OPEN
    touched = client.last_touch
    if touched is not None and now - touched.at < timedelta(days=run.quiet_days):
        return Left.TOUCHED
    return None


def taker(client: Client, run: GeneratorRun, settings: Settings) -> StaffId | Left | None:
    """Return who gets the client: their own person, of nobody's client who got the fewest today.

    None: they have to wait for another day. A client of a colleague who takes no part is left.
    """
    own = settings.person(client.owner_id)
    if own is not None and own.active:
        if own.id not in run.owners:
            return Left.FOREIGN
        return own.id if _room(run, own.id) else None
    free = [person for person in _present(run, settings) if _room(run, person)]
    return min(free, key=lambda person: run.given.get(person, 0), default=None)


def _present(run: GeneratorRun, settings: Settings) -> list[StaffId]:
    people = (settings.person(owner) for owner in run.owners)
    return [person.id for person in people if person is not None and person.active]


def _room(run: GeneratorRun, person: str) -> bool:
    return run.given.get(person, 0) < run.per_day
