"""Which books the office has, and for whom: decided by people's rights alone.

A book is declared once; an edition of it is one file. Whoever reads everything of their role
shares one edition with the others of that role; whoever reads what is theirs has one of their own,
and so has a person of several roles, because their rights differ from everybody's. A column whose
fields the reader may not read is not in the file at all.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Literal, TypeAlias

from kartoteka.domain.access import Level, Operation, can, level, rights_of
from kartoteka.domain.change import Actor, ActorKind
from kartoteka.domain.ids import ClientId, LeadId, StaffId
from kartoteka.domain.matrix import Only, Scope
from kartoteka.domain.model import Activity, Client, Entity, Lead, Source, Staff
from kartoteka.domain.office import Office, Settings
from kartoteka.services import people
from kartoteka.services.read import KINDS
from sync.columns import ANYBODY, FIGURES, PASTED, Column, Tab
from sync.shelf.team import JOURNAL, TABS

TEAM = "team"
_ONCE = datetime(2000, 1, 1, tzinfo=UTC)
_NOWHERE = Source(channel="", name="")
Share: TypeAlias = Literal["reader", "writer"]
_COUNTED = {"lead", "deal", "task", "activity"}
_BY_KIND: Mapping[str, type[Entity]] = {kind.kind: kind for kind in KINDS.values()}


@dataclass(frozen=True, slots=True)
class Book:
    """A book as it is declared: for whom (built-in roles), under which title, with which tabs.

    `instead_of`: built-in roles by the key of a tab that stands here only while nobody has any of
    them, because then no other book shows what waits there.
    """

    key: str
    title: str
    roles: frozenset[str]
    tabs: tuple[Tab, ...]
    part: str = ""  # of the archive: the year; an office of one book has it too
    only_read: bool = False
    instead_of: Mapping[str, frozenset[str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Edition:
    """One file: whose rights it has, its tabs without forbidden columns, who has access as what.

    `closed`: its readers can neither copy nor download it.
    """

    key: str
    book: str
    title: str
    reader: Actor
    tabs: tuple[Tab, ...]
    shares: Mapping[str, Share] = field(default_factory=dict)
    closed: bool = False
    whose: str = ""  # name of the one person, for the title
    part: str = ""

    @property
    def two_way(self) -> tuple[Tab, ...]:
        """Return the tabs that people edit."""
        return tuple(tab for tab in self.tabs if tab.two_way)

    @property
    def journal(self) -> Tab | None:
        """Return the tab of what happened, if the book has one."""
        return next((tab for tab in self.tabs if tab.key == JOURNAL.key), None)


def editions(
    settings: Settings, books: tuple[Book, ...], *, team_only: bool = False
) -> dict[str, Edition]:
    """Return every file that the office should have, by key."""
    active = [person for person in settings.staff if person.active]
    everybody = team_only or all(reads_all(person, settings) for person in active)
    readers = active if everybody else [one for one in active if reads_all(one, settings)]
    shares: dict[str, Share] = {person.email: "writer" for person in readers}
    found = {}
    if readers or not active:
        found[TEAM] = Edition(TEAM, TEAM, "book_title", ANYBODY, TABS, shares)
    for book in books:
        if team_only and not book.part:
            continue
        for edition in _of_book(_standing_in(book, active, settings), active, settings):
            found[edition.key] = edition
    return found


def reads_all(person: Staff, settings: Settings) -> bool:
    """Return whether a person may read every column of the team's book, whoever has the record.

    And the files to which its rows lead.
    """
    actor = people.actor(person, settings)
    if not can(actor, Operation.READ, Activity, field="files", within=settings):
        return False
    if any(len(tab.columns) != len(_allowed(tab, actor, settings)) for tab in TABS):
        return False
    holders: set[StaffId | None] = {
        None,
        *(one.id for one in settings.staff if one.active and one.takes_leads),
    }
    return all(
        can(actor, Operation.READ, _lead_of(owner), field="name", within=settings)
        for owner in holders
    )


def _lead_of(owner: StaffId | None) -> Lead:
    """Return a request in these hands: enough to ask the policy about."""
    return Lead(
        id=LeadId(""),
        client_id=ClientId(""),
        name="",
        pipeline="",
        stage="",
        state="ongoing",
        stage_entered_at=_ONCE,
        touched_at=_ONCE,
        owner_id=owner,
        first_touch=_NOWHERE,
        last_touch=_NOWHERE,
        created_at=_ONCE,
        updated_at=_ONCE,
    )


def _of_book(book: Book, active: list[Staff], settings: Settings) -> Iterator[Edition]:
    shared: dict[str, list[Staff]] = {}
    for person in active:
        if not book.roles & _bases(person, settings):
            continue
        if not _is_shared(book, person, settings):
            actor = people.actor(person, settings)
            yield from _edition(book, person.id, actor, persons=[person], settings=settings)
        else:
            shared.setdefault(str(person.role), []).append(person)
    for role, persons in shared.items():
        reader = Actor(kind=ActorKind.STAFF, id=f"book:{book.key}", role=role)
        yield from _edition(book, role, reader, persons=persons, settings=settings)


def _standing_in(book: Book, active: list[Staff], settings: Settings) -> Book:
    """Return the book without the tabs of colleagues whom this office has."""
    if not book.instead_of:
        return book
    held = {role for person in active for role in _bases(person, settings)}
    theirs = {key for key, roles in book.instead_of.items() if roles & held}
    return replace(book, tabs=tuple(tab for tab in book.tabs if tab.key not in theirs))


def _bases(person: Staff, settings: Settings) -> set[str]:
    return {settings.office.base_role(role) for role in (str(person.role), *person.also)}


def _is_shared(book: Book, person: Staff, settings: Settings) -> bool:
    """Return whether everybody of this role reads the same rows."""
    rights = rights_of(str(person.role), settings)
    own = {kind for kind, only in rights.only.items() if only is Only.OWN}
    reads_all = rights.scope(Operation.READ) is Scope.ALL
    return reads_all and not person.also and own.isdisjoint(tab.entity for tab in book.tabs)


def _edition(
    book: Book, name: str, reader: Actor, *, persons: list[Staff], settings: Settings
) -> Iterator[Edition]:
    tabs = tuple(allowed for tab in book.tabs if (allowed := _tab(tab, reader, settings)))
    if not tabs:
        return
    writes = any(tab.two_way for tab in tabs) and not book.only_read
    kinds = {_BY_KIND[tab.entity] for tab in tabs if tab.entity in _BY_KIND}
    closed = not all(can(reader, Operation.EXPORT, kind, within=settings) for kind in kinds)
    yield Edition(
        key=f"{book.key}.{name}",
        book=book.key,
        title=book.title,
        reader=reader,
        tabs=tabs,
        shares={person.email: "writer" if writes else "reader" for person in persons},
        closed=closed,
        whose=persons[0].name if reader.id == persons[0].id else "",
        part=book.part,
    )


def _tab(tab: Tab, reader: Actor, settings: Settings) -> Tab | None:
    """Return the tab with the columns that the reader may see; None when there is nothing."""
    if tab.entity == FIGURES and not _counts_all(reader, settings):
        return None
    if tab.entity == PASTED and not can(reader, Operation.IMPORT, Client, within=settings):
        return None
    kind = _BY_KIND.get(tab.entity)
    if tab.lists is not None and not _sets_up(reader, settings):
        return None
    if kind is not None and not can(reader, Operation.READ, kind, within=settings):
        return None
    columns = _allowed(tab, reader, settings)
    if not any(column.reads for column in columns) and any(column.reads for column in tab.columns):
        return None
    return replace(tab, columns=tuple(_as_may(column, reader, settings) for column in columns))


def _counts_all(reader: Actor, settings: Settings) -> bool:
    """Return whether the reader may know sums over everybody's records."""
    rights = rights_of(reader.role, settings)
    return rights.scope(Operation.READ) is Scope.ALL and not rights.only.keys() & _COUNTED


def _sets_up(reader: Actor, settings: Settings) -> bool:
    """Return whether the reader may change the office's settings."""
    return can(reader, Operation.CHANGE, Office, field="pipelines", within=settings)


def _allowed(tab: Tab, reader: Actor, settings: Settings) -> list[Column]:
    return [
        column
        for column in tab.columns
        if all(_level(reader, path, settings) >= Level.READ for path in column.reads)
    ]


def _as_may(column: Column, reader: Actor, settings: Settings) -> Column:
    """Return the column, closed for typing where the reader may not change what it shows."""
    if not column.editable or not column.reads:
        return column
    edits = all(_level(reader, path, settings) is Level.EDIT for path in column.reads)
    return column if edits else replace(column, editable=False, choices=None)


def _level(reader: Actor, path: str, settings: Settings) -> Level:
    kind, _, name = path.partition(".")
    return level(reader, _BY_KIND[kind], name, within=settings)
