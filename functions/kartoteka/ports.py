"""What the core needs from the world; adapters provide it, tests fake it."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, Protocol, TypeVar

T = TypeVar("T")

Scalar = str | int | float | bool | None
Json = Scalar | Sequence["Json"] | Mapping[str, "Json"]
Doc = Mapping[str, Json]

Op = Literal["==", "in", "<", "<=", ">", ">="]


@dataclass(frozen=True, slots=True)
class Where:
    """One condition of a query; `in` takes at most 30 values."""

    field: str
    op: Op
    value: Scalar | tuple[Scalar, ...]


@dataclass(frozen=True, slots=True)
class Order:
    """One field of the order; the record id always breaks ties, ascending."""

    field: str
    descending: bool = False


@dataclass(frozen=True, slots=True)
class Query:
    """A question to one collection; its shape must be declared in `kartoteka.indexes`.

    `after` is the cursor of the last `Found` of the previous page.
    """

    collection: str
    where: tuple[Where, ...] = ()
    order: tuple[Order, ...] = ()
    limit: int | None = None
    after: str | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """One record of an answer; `cursor` continues the query behind it."""

    id: str
    doc: Doc
    cursor: str


@dataclass(frozen=True, slots=True)
class LogEntry:
    """One record of a log, in commit order; `position` continues reading behind it."""

    id: str
    doc: Doc
    position: str


class Tx(Protocol):
    """One transaction: every read before the first write; nothing outside it may change.

    A document that was handed over for writing is left alone until the commit.
    """

    def get(self, collection: str, record_id: str) -> Doc | None: ...
    def get_many(self, collection: str, record_ids: Sequence[str]) -> dict[str, Doc]: ...
    def query(self, query: Query) -> list[Found]: ...
    def put(self, collection: str, record_id: str, doc: Doc) -> None: ...
    def create(self, collection: str, record_id: str, doc: Doc) -> None:
        """Write a record that must not exist; `Conflict` (at the latest at commit) if it does."""

    def delete(self, collection: str, record_id: str) -> None: ...
    def append(self, log: str, record_id: str, doc: Doc) -> None:
        """Add to a log: a collection that is also readable in commit order."""


class Store(Protocol):
    """The truth: documents, declared queries, logs in commit order."""

    def run(self, work: Callable[[Tx], T]) -> T:
        """Run `work` in one serializable transaction; it may be run again: no side effects.

        Raises:
            Conflict: a record to be created exists.
            Transient: contention or an outage outlasted the retries.
        """

    def get(self, collection: str, record_id: str) -> Doc | None: ...
    def get_many(self, collection: str, record_ids: Sequence[str]) -> dict[str, Doc]: ...
    def query(self, query: Query) -> Iterator[Found]:
        """Stream the answer in pages; memory stays flat whatever the size."""

    def count(self, query: Query) -> int: ...
    def sum(self, query: Query, field: str) -> int: ...
    def read_log(self, log: str, after: str | None, limit: int) -> list[LogEntry]:
        """Return the entries committed behind `after` (None: from the start), oldest first."""

    def log_head(self, log: str) -> str | None:
        """Return the position of the newest entry, None for an empty log."""

    def rewrite_log_entry(self, log: str, record_id: str, doc: Doc) -> None:
        """Replace what one entry says; its position stays. Repeating it is harmless.

        The one lawful change of a log: a person's data is taken out at that person's request
        (`services.forget`). Nothing else may call it.

        Raises:
            NotFound: the log has no such entry.
        """

    def close(self) -> None: ...


class Clock(Protocol):
    """The office's time."""

    def now(self) -> datetime:
        """Return the present instant, aware UTC."""


@dataclass(frozen=True, slots=True)
class QueuedTask:
    """A call to be made later, at least once.

    `name` is a hash (letters, digits, - and _): a used name is refused for a day.
    `at` None means as soon as possible. `path` starts with / and is relative to the base URL.
    """

    queue: str
    name: str
    path: str
    payload: Doc = field(default_factory=dict)
    at: datetime | None = None


class Tasks(Protocol):
    """Durable delayed calls (Cloud Tasks, or the one-box runner that speaks its protocol)."""

    def enqueue(self, task: QueuedTask) -> bool:
        """Return True if added, False if the name was already used."""


CellValue = str | int | float | bool
Rows = list[list[CellValue]]
Patch = Sequence[Sequence[CellValue | None]]  # None leaves the cell as it is, "" empties it


@dataclass(frozen=True, slots=True)
class WorkbookInfo:
    """A workbook as Google knows it; tabs maps sheet id to (title, rows, columns).

    `rules` are the formulas of the conditional formats of each sheet id in their order, ours and
    those of people; empty text for one without a formula.
    """

    id: str
    url: str
    title: str
    tabs: Mapping[int, tuple[str, int, int]]
    rules: Mapping[int, Sequence[str]] = field(default_factory=dict)


@dataclass(slots=True)
class SheetCalls:
    """Calls of spreadsheets that count against Google's minute; those of files do not."""

    reads: int = 0
    writes: int = 0


class Sheets(Protocol):
    """Spreadsheets of the office account; each method is exactly one Google call.

    `counted` grows with `info` and `read`, and with `write` and `structure`.

    Raises:
        RateLimited, ProviderDown: the queue repeats.
        NotFound: the file is gone or not shared. NotAllowed: no access. ConfigError: refused.
    """

    counted: SheetCalls

    def find(self, mark: str) -> str | None:
        """Return the id of the oldest workbook made with this mark, None when there is none."""

    def create(self, title: str, mark: str, *, closed: bool = False) -> WorkbookInfo:
        """Return a new workbook that its editors cannot share; `find` knows its mark.

        Its one tab is what Google gives each new file; nobody has looked.
        Of a `closed` one readers can neither copy nor download nor print anything.
        """

    def info(self, workbook: str) -> WorkbookInfo: ...
    def version(self, workbook: str) -> str:
        """Return Drive's version of the file: it grows with every change, ours or a person's."""

    def versions(self) -> dict[str, str]:
        """Return the versions of all our workbooks by id; a new one may be missing for a while."""

    def read(self, workbook: str, ranges: Sequence[str]) -> list[Rows]:
        """Return unformatted values per A1 range; dates are serial numbers; rows are ragged."""

    def write(self, workbook: str, blocks: Mapping[str, Patch]) -> None:
        """Write RAW values per A1 range, all or nothing; text is never a formula."""

    def structure(self, workbook: str, requests: Sequence[Doc]) -> None:
        """Apply structural requests (Sheets v4 `Request` objects) in order, all or nothing."""

    def share(self, workbook: str, email: str, role: Literal["reader", "writer"]) -> str:
        """Give a person access and return the name of the permission."""

    def unshare(self, workbook: str, permission: str) -> None:
        """Take an access back; `NotFound` when it is gone already."""


@dataclass(frozen=True, slots=True)
class ContactCard:
    """A contact as we write it; lists are in display order. `external_id` is our client id."""

    external_id: str
    given_name: str = ""
    family_name: str = ""
    suffix: str = ""
    company: str = ""
    title: str = ""
    phones: tuple[tuple[str, str], ...] = ()  # (E.164, label shown by the dialler)
    emails: tuple[str, ...] = ()
    note: str = ""
    groups: tuple[str, ...] = ()  # group resource names


@dataclass(frozen=True, slots=True)
class ContactSeen:
    """A contact as Google holds it."""

    resource: str
    etag: str
    card: ContactCard
    deleted: bool = False
    previous: tuple[str, ...] = ()  # resource names that it had before; only in a listing


@dataclass(frozen=True, slots=True)
class ContactPage:
    """One page of a listing; `sync_token` only on the last page."""

    contacts: tuple[ContactSeen, ...]
    next_page: str | None
    sync_token: str | None


class SyncExpired(Exception):
    """The sync token is too old; list everything again."""


class Contacts(Protocol):
    """Contacts of one Google account; writes must be sequential; each method is one call.

    Raises:
        Conflict: an etag is stale. NotFound: one of the contacts is gone; nothing was written.
        RateLimited, ProviderDown: the queue repeats. ConfigError: the account is not connected.
    """

    def page(self, sync_token: str | None, page_token: str | None) -> ContactPage: ...
    def get(self, resources: Sequence[str]) -> list[ContactSeen | None]:
        """Return contacts as they are at this moment, None for one that is gone; at most 200."""

    def create(self, cards: Sequence[ContactCard]) -> list[ContactSeen | None]: ...
    def update(self, seen: Sequence[ContactSeen]) -> list[ContactSeen | None]: ...
    def delete(self, resources: Sequence[str]) -> None: ...
    def groups(self) -> dict[str, str]:
        """Return the user's own groups: name to resource name."""

    def create_group(self, name: str) -> str: ...


ContactsOf = Callable[[str], Contacts]  # by e-mail address of the account; "": the office's own


@dataclass(frozen=True, slots=True)
class KeptFile:
    """A file of the office: `key` is ours, `url` opens it for who may see it; size in bytes."""

    key: str
    name: str
    media_type: str
    size: int
    url: str


class Files(Protocol):
    """What clients and colleagues send as files, each under a key that is chosen before.

    The key of an attachment is its `ref`. Keeping is idempotent, so a call that failed half way
    is simply repeated.

    Raises:
        RateLimited, ProviderDown: repeat later. ConfigError: the office keeps no files.
    """

    def keep(self, key: str, name: str, media_type: str, content: bytes) -> KeptFile:
        """Return the file as it is kept; one that is there already stays as it is."""

    def find(self, key: str) -> KeptFile | None:
        """Return what is kept under this key, None when there is nothing."""

    def read(self, key: str) -> bytes:
        """Return the content; `NotFound` when there is nothing under this key."""

    def discard(self, key: str) -> None:
        """Delete the file for good; repeating it is harmless."""


class Topics(Protocol):
    """Messages that somebody signs with a certificate that is looked up."""

    def check(self, envelope: Mapping[str, object]) -> None:
        """Refuse a message without a valid signature: `NotAuthentic`."""

    def confirm(self, envelope: Mapping[str, object]) -> None:
        """Answer the question whether a topic may send here."""


class Captcha(Protocol):
    """Tells people from robots."""

    def passed(self, token: str, remote: str) -> bool:
        """Return whether the visitor at this address passed; `ProviderDown` when nobody knows."""


class TokenVerifier(Protocol):
    """Checks who calls an internal or add-on address."""

    def email(self, bearer: str) -> str:
        """Return the verified e-mail behind a bearer token; `NotAuthentic` otherwise."""


class Exports(Protocol):
    """Google's own export of the whole store into a bucket."""

    def begin(self, place: str, moment: datetime) -> str:
        """Return the name of the operation that exports the store as it was at this whole minute.

        `place` is `gs://BUCKET/FOLDER`.
        """

    def is_done(self, operation: str) -> bool:
        """Return whether the export is whole; `Invalid` when it was given up."""
