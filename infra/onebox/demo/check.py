"""The comparison: what came in, the store, the sheet and the contacts, cell by cell."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from kartoteka.domain import identity
from kartoteka.domain.model import Activity, Client, Lead, Task
from kartoteka.domain.office import Settings
from kartoteka.ports import ContactCard, Contacts, Query, Store
from kartoteka.services.office import read_settings
from onebox.demo.acts import Edit
from onebox.demo.playing import Played, recorded
from onebox.demo.sheet import Book
from sync.cells import normal
from sync.columns import ID, Frame, Tab
from sync.contacts_mirror import everything
from sync.phones import portfolio
from sync.phones.accounts import wanted as phone_books
from sync.phones.digest import read_note
from sync.shelf.team import TWO_WAY
from sync.views import everything as row_ids
from sync.views import load

LONGEST_WAIT_S = 5.0
_SHOWN = 5  # differences of one kind that are worth printing


@dataclass(frozen=True, slots=True)
class Counts:
    """What is there at the end."""

    events_recorded: int
    lost: int
    duplicates_created: int
    clients: int
    leads: int
    tasks: int
    sheet_rows: int
    contacts: int


@dataclass(frozen=True, slots=True)
class Verdict:
    """The counts, and every difference found, as sentences; none means all is well."""

    counts: Counts
    differences: tuple[str, ...]

    @property
    def ok(self) -> bool:
        """Return whether nothing differs."""
        return not self.differences


def compare(store: Store, book: Book, contacts: Contacts, played: Played) -> Verdict:
    """Return what differs between what happened, the store, the sheet and the contacts."""
    settings = read_settings(store)
    grids = {tab.key: _records(book, tab, settings) for tab in TWO_WAY}
    cards = [seen.card for seen in everything(contacts)]
    lost = _lost(store, played)
    twice = [*_twice(store, played), *_twice_shown(grids, cards)]
    differences = [
        *(f"lost: {key}" for key in lost),
        *(f"twice: {what}" for what in twice),
        *(
            line
            for tab in TWO_WAY
            for line in _tab_differences(store, tab, grids[tab.key], settings)
        ),
        *_card_differences(store, cards, settings),
        *_unlike_the_script(played),
    ]
    counts = Counts(
        events_recorded=len({key for key, _ in recorded(store, played.since)}),
        lost=len(lost),
        duplicates_created=len(twice),
        clients=store.count(Query(Client.collection)),
        leads=store.count(Query(Lead.collection)),
        tasks=store.count(Query(Task.collection)),
        sheet_rows=sum(len(rows) for rows in grids.values()),
        contacts=len(cards),
    )
    return Verdict(counts, tuple(differences))


_Rows = list[dict[str, str]]


def _records(book: Book, tab: Tab, settings: Settings) -> _Rows:
    """Return the rows that are filled, by column key."""
    grid = book.grid(Frame(settings).say(tab.title))
    keys = tab.keys
    rows = [[normal(cell) for cell in row] for row in grid[1:]]
    return [
        dict(zip(keys, row + [""] * (len(keys) - len(row)), strict=False))
        for row in rows
        if any(row)
    ]


def _lost(store: Store, played: Played) -> list[str]:
    there = {key for key, _ in recorded(store, played.since)}
    return sorted({one.key for one in played.sent if one.stored} - there)


def _twice(store: Store, played: Played) -> Iterator[str]:
    """Yield what the store holds more often than it happened."""
    yield from _repeated(key for key, _ in recorded(store, played.since))
    clients = [Client.model_validate(found.doc) for found in store.query(Query(Client.collection))]
    yield from _repeated(
        key
        for client in clients
        for key in identity.keys(client.phones, client.emails, client.messengers)
    )
    leads = [Lead.model_validate(found.doc) for found in store.query(Query(Lead.collection))]
    yield from _repeated(
        f"open lead of {lead.client_id}" for lead in leads if lead.state in {"open", "ongoing"}
    )
    docs = (found.doc for found in store.query(Query(Activity.collection)))
    yield from _repeated(f"activity of {doc['inbound_id']}" for doc in docs if doc["inbound_id"])


def _clients(store: Store) -> list[Client]:
    return [Client.model_validate(found.doc) for found in store.query(Query(Client.collection))]


def _twice_shown(grids: dict[str, _Rows], cards: Sequence[ContactCard]) -> Iterator[str]:
    for key, rows in grids.items():
        yield from _repeated(f"row {key} {row[ID]}" for row in rows)
    yield from _repeated(f"contact {shown.external_id}" for shown in cards)


def _repeated(names: Iterable[str]) -> Iterator[str]:
    return (name for name, count in Counter(names).items() if count > 1)


def _tab_differences(store: Store, tab: Tab, rows: _Rows, settings: Settings) -> Iterator[str]:
    """Yield every cell that does not show what the store says."""
    frame = Frame(settings)
    views = load(store, tab, row_ids(store, tab))
    wanted = {view.id: tab.row(view, frame) for view in views.values()}
    shown = {row[ID]: row for row in rows}
    yield from _missing(f"row {tab.key}", set(wanted), set(shown))
    for record_id in wanted.keys() & shown.keys():
        for key, value in wanted[record_id].items():
            if normal(value) != shown[record_id][key]:
                yield f"cell {tab.key} {record_id} {key}: not as in the store"


def _card_differences(
    store: Store, cards: Sequence[ContactCard], settings: Settings
) -> Iterator[str]:
    """Yield every contact that does not show what the store says."""
    [book] = phone_books(settings).values()
    facts = portfolio.load(store, [client.id for client in _clients(store)])
    wanted = portfolio.Portfolio(book, settings, limited=False, since="").cards(facts)
    shown = {found.external_id: found for found in cards}
    yield from _missing("contact", set(wanted), set(shown))
    for client_id in wanted.keys() & shown.keys():
        if _plain(shown[client_id]) != _plain(wanted[client_id]):
            yield f"contact of {client_id}: not as in the store"


def _plain(shown: ContactCard) -> ContactCard:
    """Return a card without the groups and without the lines that end the note."""
    return replace(shown, note=read_note(shown.note).body, groups=())


def _missing(what: str, wanted: set[str], shown: set[str]) -> Iterator[str]:
    yield from (f"{what} {name} is missing" for name in sorted(wanted - shown))
    yield from (f"{what} {name} has no record" for name in sorted(shown - wanted))


def _unlike_the_script(played: Played) -> Iterator[str]:
    """Yield what the office answered otherwise than the day says."""
    for one in played.sent:
        if not one.right:
            yield f"answer {one.status} to {one.key.split(':')[0]}"
    yield from (f"lead {lead_id} was not seen in the sheet" for lead_id in played.unseen)
    for edited in played.edits:
        if not edited.done:
            yield f"the edit of {edited.edit.column} did not end as it should {edited.note}".strip()
    slow = [wait for wait in played.waits.values() if wait > LONGEST_WAIT_S]
    if len(slow) > len(played.waits) * 0.05:
        yield f"{len(slow)} leads waited over {LONGEST_WAIT_S:.0f} s for their row"


def shortened(differences: Sequence[str]) -> list[str]:
    """Return the first differences of each kind, and how many more there are."""
    kinds: dict[str, list[str]] = {}
    for line in differences:
        kinds.setdefault(line.split(" ", 1)[0], []).append(line)
    told = []
    for lines in kinds.values():
        told += lines[:_SHOWN]
        if len(lines) > _SHOWN:
            told.append(f"… and {len(lines) - _SHOWN} more like this")
    return told


def refused(played: Played) -> list[Edit]:
    """Return the edits that the sheet took back with a note."""
    return [one.edit for one in played.edits if one.edit.refused and one.note]
