"""Which event of which calendar shows which appointment, and what it showed when we last looked."""

import base64
import binascii
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import TypeVar

from kartoteka.ports import Doc, Query, Store, Tx, Where

T = TypeVar("T")

COLLECTION = "calendar_links"
CREATING = "creating"  # asked for; whether it was made is not known yet
WRITING = "writing"  # a change was asked for; whether it was made is not known yet
DELETING = "deleting"  # its end was asked for; whether it came is not known yet
LINKED = "linked"
ABSENT = "absent"  # there is no event now; `number` is that of the next one
OFF = "off"  # somebody deleted it, and the office asked what becomes of the appointment
UNSETTLED = (CREATING, DELETING, WRITING)
_AT_ONCE = 30  # values of one condition
_CHUNK = 400  # documents of one transaction


@dataclass(frozen=True, slots=True)
class Link:
    """One appointment in one calendar.

    Attributes:
        account: key of the calendar.
        record: id of the task, request or deal.
        client_id: whom it is about, empty for nobody.
        state: see the constants above.
        number: Google never frees an id, so each new event of the same record has another one.
        etag: its version when we last wrote or looked.
        hash: of all that we wanted to show; empty: it must be written again.
        wanted: the same of the write under way.
        base: what the event said in each field when we last wrote or looked, as hashes.
        coming: what it says if the write under way was made.
        minutes: how long it is, as a person may have drawn it; -1: as the office's rules say.
        days: how many an event without an hour covers.
        tail: what a person wrote under the line of its description.
        note: why an edit was refused, as long as these fields are as `note_for` says, by hashes.
        off_for: when the appointment was, as a hash, when its event was deleted.
    """

    account: str
    record: str
    client_id: str = ""
    state: str = ABSENT
    number: int = 0
    etag: str = ""
    hash: str = ""
    wanted: str = ""
    base: dict[str, str] = field(default_factory=dict)
    coming: dict[str, str] = field(default_factory=dict)
    minutes: int = -1
    days: int = 1
    tail: str = ""
    note: str = ""
    note_for: dict[str, str] = field(default_factory=dict)
    off_for: str = ""

    @property
    def id(self) -> str:
        """Return the name of its document."""
        return f"{self.account}.{self.record}"

    @property
    def event(self) -> str:
        """Return the id of its event: the record, the calendar and the number, spelled 0-9 a-v."""
        named = f"{self.record}.{self.account}.{self.number}"
        return base64.b32hexencode(named.encode()).decode().rstrip("=").lower()

    def gone(self) -> "Link":
        """Return the link without an event; the next one gets an id of its own."""
        return Link(
            account=self.account,
            record=self.record,
            client_id=self.client_id,
            number=self.number + 1,
            minutes=self.minutes,
            days=self.days,
            tail=self.tail,
        )

    def unmade(self) -> "Link":
        """Return the link of an event that was asked for and never made."""
        return replace(self, state=ABSENT, etag="", hash="", wanted="", base={}, coming={})


def meant_by(event_id: str) -> Link | None:
    """Return the bare link that an event's id spells; None for an event that is not ours."""
    spelled = event_id.upper() + "=" * (-len(event_id) % 8)
    try:
        record, _, rest = base64.b32hexdecode(spelled).decode().partition(".")
        account, _, number = rest.rpartition(".")
        return Link(account, record, number=int(number)) if account else None
    except (binascii.Error, ValueError):
        return None


def put(tx: Tx, link: Link) -> None:
    """Keep a link in a transaction."""
    tx.put(COLLECTION, link.id, asdict(link))


def keep(store: Store, links: Iterable[Link]) -> None:
    """Keep links."""
    for chunk in portions(list(links), _CHUNK):

        def work(tx: Tx, chunk: Sequence[Link] = chunk) -> None:
            for link in chunk:
                put(tx, link)

        store.run(work)


def drop(store: Store, links: Iterable[Link]) -> None:
    """Forget links."""
    for chunk in portions(list(links), _CHUNK):

        def work(tx: Tx, chunk: Sequence[Link] = chunk) -> None:
            for link in chunk:
                tx.delete(COLLECTION, link.id)

        store.run(work)


def of_records(store: Store, account: str, records: Sequence[str]) -> dict[str, Link]:
    """Return the links of these records in one calendar, by record."""
    docs = store.get_many(COLLECTION, [f"{account}.{record}" for record in records])
    return {link.record: link for link in map(_read, docs.values())}


def holders(store: Store, records: Sequence[str]) -> dict[str, set[str]]:
    """Return which calendars ever showed each of these records, by record."""
    found: dict[str, set[str]] = {}
    for link in _where_in(store, "record", records):
        found.setdefault(link.record, set()).add(link.account)
    return found


def of_clients(store: Store, client_ids: Sequence[str]) -> set[str]:
    """Return the records about these clients that a calendar shows or showed."""
    return {link.record for link in _where_in(store, "client_id", client_ids)}


def of_account(store: Store, account: str) -> Iterator[Link]:
    """Yield every link of one calendar."""
    query = Query(COLLECTION, (Where("account", "==", account),))
    return (_read(hit.doc) for hit in store.query(query))


def unsettled(store: Store, account: str) -> list[str]:
    """Return the records of whose events it is not known what became of the last write."""
    states = Where("state", "in", UNSETTLED)
    query = Query(COLLECTION, (Where("account", "==", account), states))
    return [str(hit.doc["record"]) for hit in store.query(query)]


def portions(items: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    """Yield the items in order, so many at a time."""
    return (items[start : start + size] for start in range(0, len(items), size))


def _where_in(store: Store, name: str, values: Sequence[str]) -> Iterator[Link]:
    for chunk in portions(values, _AT_ONCE):
        for hit in store.query(Query(COLLECTION, (Where(name, "in", tuple(chunk)),))):
            yield _read(hit.doc)


def _read(doc: Doc) -> Link:
    return Link(**doc)  # type: ignore[arg-type]  # the document is one that `put` made
