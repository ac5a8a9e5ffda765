"""Whose calendars show appointments, and what is remembered of each."""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace

from kartoteka.domain.access import Sight
from kartoteka.domain.change import Actor
from kartoteka.domain.ids import StaffId
from kartoteka.domain.model import Staff
from kartoteka.domain.office import Settings
from kartoteka.ports import Query, Store
from kartoteka.services.people import actor
from sync.phones.digest import digest

_MEMORY = "calendar_accounts"
_OFFICE, _STAFF = "office-", "staff-"
_LONGEST_REASON = 200
_LAYOUT = "1"  # of an event: a new one is written to every calendar


@dataclass(frozen=True, slots=True)
class Agenda:
    """The calendar of one person.

    Attributes:
        key: `office-` or `staff-` and the id of the person.
        account: address of the Google account that has it; empty: the office's own.
        person: whose it is. Shared with nobody else, so an edit there is theirs.
        who: the person as an actor.
        active: False for one that has to go.
    """

    key: str
    account: str
    person: Staff
    who: Actor
    active: bool = True

    @property
    def is_own(self) -> bool:
        """Return whether it is in the person's own account."""
        return self.key.startswith(_STAFF)

    @property
    def mark(self) -> str:
        """Return by what the calendar is found again."""
        return f"kartoteka:{self.person.id}"


@dataclass(frozen=True, slots=True)
class Memory:
    """What is known of a calendar between two calls.

    Attributes:
        calendar: Google's id, empty until it is made.
        shared: address that it is shared with.
        token: Google's sync token, empty before the first look.
        scope: hash of everything that decides on its events.
        filled: whether all of them were compared since the scope changed.
        stuck: why Google refused this account.
        away: ISO dates of absence that came from the person's own calendar.
    """

    calendar: str = ""
    shared: str = ""
    token: str = ""
    scope: str = ""
    filled: bool = False
    stuck: str = ""
    away: tuple[str, ...] = ()


def wanted(settings: Settings) -> dict[str, Agenda]:
    """Return the calendars that this office should have, by key."""
    mode = settings.office.calendars.accounts
    if mode == "off":
        return {}
    found = (_agenda(person, settings, mode) for person in settings.staff if person.active)
    return {agenda.key: agenda for agenda in found}


def of_people(agendas: Iterable[Agenda]) -> dict[StaffId, Agenda]:
    """Return the calendars by their person."""
    return {agenda.person.id: agenda for agenda in agendas}


def retired(key: str, settings: Settings) -> Agenda | None:
    """Return a calendar whose events have to go; None when its person is unknown by now."""
    mode, _, staff_id = key.partition("-")
    person = settings.person(staff_id)
    return replace(_agenda(person, settings, mode), active=False) if person else None


def sight(agenda: Agenda, settings: Settings) -> Sight:
    """Return with whose eyes the events of a calendar are made."""
    return Sight(agenda.who, settings)


def scope(agenda: Agenda, settings: Settings, link: str) -> str:
    """Return a hash of what decides which events a calendar has, and how they are spelled."""
    office, person = settings.office, agenda.person
    around = {
        "layout": _LAYOUT,
        "rules": office.calendars.model_dump(mode="json", exclude={"absences"}),
        "locale": [office.locale, office.work.zone],
        "roles": [spec.model_dump(mode="json") for spec in office.roles],
        "reads": [office.admin_reads, office.teams],
        "person": [str(person.role), person.also, person.team, person.pair],
        "link": link,
    }
    return digest(json.dumps(around, ensure_ascii=False, sort_keys=True, default=str))


def recall(store: Store, key: str) -> Memory:
    """Return what is known of a calendar."""
    doc = store.get(_MEMORY, key)
    if doc is None:
        return Memory()
    known = Memory(**doc)  # type: ignore[arg-type]  # as `remember` kept it
    return replace(known, away=tuple(known.away))


def known(store: Store) -> list[str]:
    """Return the keys of all calendars that something is known of."""
    return [hit.id for hit in store.query(Query(_MEMORY))]


def remember(store: Store, key: str, memory: Memory) -> None:
    """Keep what is known of a calendar."""
    store.run(lambda tx: tx.put(_MEMORY, key, asdict(memory)))


def forget(store: Store, key: str) -> None:
    """Forget a calendar that shows nothing any more."""
    store.run(lambda tx: tx.delete(_MEMORY, key))


def stuck(memory: Memory, why: str) -> Memory:
    """Return the memory of an account that Google refuses; later it is filled from the start."""
    return replace(memory, stuck=why[:_LONGEST_REASON], filled=False)


def _agenda(person: Staff, settings: Settings, mode: str) -> Agenda:
    own = f"{mode}-" == _STAFF
    key = f"{_STAFF if own else _OFFICE}{person.id}"
    return Agenda(key, person.email if own else "", person, actor(person, settings))
