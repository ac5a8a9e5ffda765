"""Whose Google accounts hold cards, and what is remembered of each."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace

from kartoteka.domain.access import Level, Sight, level
from kartoteka.domain.change import SYSTEM, Actor, ActorKind
from kartoteka.domain.ids import StaffId
from kartoteka.domain.model import Client
from kartoteka.domain.office import Settings
from kartoteka.domain.phone_rules import OFFICE
from kartoteka.ports import Query, Store
from kartoteka.services.people import actor
from sync.phones.digest import digest

_MEMORY = "contact_accounts"
_LONGEST_REASON = 200
_LAYOUT = "1"  # of the card: a new one is written to every phone


@dataclass(frozen=True, slots=True)
class PhoneBook:
    """The contacts of one Google account.

    Attributes:
        key: `office`, or the id of the employee whose account it is.
        email: address of the account, empty for the office's own.
        owner: the employee, None when everybody's phone shows it.
        editor: in whose name an edit is made that was found there.
        reader: whose eyes the cards are made for.
    """

    key: str
    email: str
    owner: StaffId | None
    editor: Actor
    reader: Actor


@dataclass(frozen=True, slots=True)
class Memory:
    """What is known of an account between two calls.

    Attributes:
        token: Google's sync token, empty before the first look.
        labels: name of a label to its resource name.
        scope: hash of everything that decides which cards belong here.
        cursor: how far the account is filled; filled when `filled`.
        limited: it holds clients in work and recent ones only.
        full: even these are more than Google keeps; some are left out until the next day.
        stuck: why Google refused this account, for the health of the office.
    """

    token: str = ""
    labels: dict[str, str] = field(default_factory=dict)
    scope: str = ""
    cursor: str = ""
    filled: bool = False
    limited: bool = False
    full: bool = False
    stuck: str = ""


def wanted(settings: Settings) -> dict[str, PhoneBook]:
    """Return the accounts that hold cards in this office, by key.

    Whose role never sees how to reach a client has none.
    """
    if settings.office.phones.accounts == OFFICE:
        editor = Actor(kind=ActorKind.CHANNEL, id="contacts")
        return {OFFICE: PhoneBook(OFFICE, "", None, editor, SYSTEM)}
    people = [(person, actor(person, settings)) for person in settings.staff if person.active]
    return {
        person.id: PhoneBook(person.id, person.email, person.id, who, who)
        for person, who in people
        if level(who, Client, "phones", within=settings) >= Level.READ
    }


def retired(key: str, settings: Settings) -> PhoneBook:
    """Return an account whose cards have to go: its owner left, or the office chose otherwise."""
    if key == OFFICE:
        return PhoneBook(OFFICE, "", None, SYSTEM, SYSTEM)
    person = settings.person(key)
    return PhoneBook(key, person.email if person else "", StaffId(key), SYSTEM, SYSTEM)


def scope(book: PhoneBook, settings: Settings, day: str) -> str:
    """Return a hash of what decides which cards an account has, and how they are spelled.

    `day` counts for an account that holds recent clients only.
    """
    office = settings.office
    around: Mapping[str, object] = {
        "layout": _LAYOUT,
        "rules": [office.phones.most, office.phones.recent_days],
        "locale": [office.locale, office.work.zone],
        "roles": [spec.model_dump(mode="json") for spec in office.roles],
        "reads": office.admin_reads,
        "teams": office.teams,
        "people": [
            [it.id, it.name, str(it.role), it.also, it.team, it.pair, it.active]
            for it in sorted(settings.staff, key=lambda it: it.id)
        ]
        if book.owner
        else [[it.id, it.name] for it in sorted(settings.staff, key=lambda it: it.id)],
        "pipelines": [
            [line.id, [[it.id, it.name, it.name_en, it.edit_roles] for it in line.stages]]
            for line in office.pipelines
        ],
        "day": day,
    }
    return digest(json.dumps(around, ensure_ascii=False, sort_keys=True, default=str))


def sight(book: PhoneBook, settings: Settings) -> Sight:
    """Return with whose eyes the cards of this account are made."""
    return Sight(book.reader, settings)


def stuck(memory: Memory, why: str) -> Memory:
    """Return the memory of an account that Google refuses; later it is filled from the start."""
    return replace(memory, stuck=why[:_LONGEST_REASON], filled=False, cursor="")


def recall(store: Store, key: str) -> Memory:
    """Return what is known of an account."""
    doc = store.get(_MEMORY, key)
    return Memory(**doc) if doc else Memory()  # type: ignore[arg-type]  # as `remember` kept it


def remember(store: Store, key: str, memory: Memory) -> None:
    """Keep what is known of an account."""
    store.run(lambda tx: tx.put(_MEMORY, key, asdict(memory)))


def forget(store: Store, key: str) -> None:
    """Forget an account that holds no cards any more."""
    store.run(lambda tx: tx.delete(_MEMORY, key))


def known(store: Store) -> list[str]:
    """Return the keys of all accounts that ever held cards and were not emptied."""
    return [hit.id for hit in store.query(Query(_MEMORY))]
