"""The files of a client as one person may see them, and what is in one of them.

A file is named by the event that it came with and its place there. It lies in the office's Drive,
or still at the messenger it came by; nothing of it is shared by a link.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from kartoteka.chat_ports import FileBytes, Messengers
from kartoteka.domain.errors import NotFound, TooLarge
from kartoteka.domain.inbound import Inbound
from kartoteka.domain.model import Activity, Attachment, Client, Entity
from kartoteka.domain.sales_paper import SalesPaper
from kartoteka.ports import Doc, Files, Order, Query, Where
from kartoteka.services.chat_sending import fetched
from kartoteka.services.kept_files import is_kept
from kartoteka.services.office import Desk
from kartoteka.services.read import Look

LARGEST = 30_000_000  # bytes; a function in the cloud answers with 32 MiB at most
_MOST = 1_000  # events that one page looks at
_LINK = "text/uri-list"  # instead of a file: where it is


@dataclass(frozen=True, slots=True)
class Item:
    """One file: the event it came with and its place there, `link` if it lies elsewhere.

    `at` is spelled as in the store; a size of 0 is not known.
    """

    event: str
    place: int
    what: str
    direction: str
    at: str
    file: Attachment

    @property
    def link(self) -> str:
        """Return where a paper is that the office keeps elsewhere."""
        ref = self.file.ref
        ours = self.what == "note" and self.file.media_type == _LINK  # clients send no notes
        return ref if ours and ref.startswith(("https://", "http://")) else ""


@dataclass(frozen=True, slots=True)
class Paper:
    """An offer or an invoice of the client."""

    id: str
    what: str
    label: str
    at: str


@dataclass(frozen=True, slots=True)
class Listed:
    """What the page of a client shows; `after` continues behind its files, None: that is all."""

    client: str
    name: str
    files: tuple[Item, ...]
    papers: tuple[Paper, ...]
    after: str | None


def listed(
    look: Look, kind: type[Entity], record: str, *, after: str | None = None, most: int = _MOST
) -> Listed:
    """Return the files of the client of this record that the person may see, newest first.

    At most so many events are looked at; `after` of one answer goes on with the next.

    Raises:
        NotFound: the record is gone, or out of the person's reach: nobody learns which.
    """
    client, name = _client(look, kind, record)
    where = (Where("client_id", "==", client),)
    order = (Order("at", descending=True),)
    page = look.page(Query(Activity.collection, where, order, after=after), most)
    found = tuple(item for row in page.rows for item in _items(row))
    papers = () if after else tuple(_papers(look, where))
    return Listed(client, name, found, papers, page.after)


def one(look: Look, kind: type[Entity], record: str, *, event: str, place: int) -> Item:
    """Return one file of that client.

    Raises:
        NotFound: there is none, or the person may not see it.
    """
    client, _ = _client(look, kind, record)
    row = look.one(Activity, event)
    found = [item for item in _items(row) if item.place == place]
    if row.get("client_id") != client or not found:
        raise NotFound(f"{event} has no file {place} of this client", code="files_gone")
    return found[0]


def paper(look: Look, kind: type[Entity], record: str, name: str) -> SalesPaper:
    """Return an offer or an invoice of that client, if the person may read it.

    Raises:
        NotFound: there is none, or the person may not see it.
    """
    client, _ = _client(look, kind, record)
    row = look.one(SalesPaper, name)
    doc = look.store.get(SalesPaper.collection, name)
    if row.get("client_id") != client or not _is_read(row) or doc is None:
        raise NotFound(f"{name} is no paper of this client", code="paper_unknown")
    return SalesPaper.model_validate(doc)


def content(desk: Desk, messengers: Messengers, item: Item) -> FileBytes:
    """Return what is in a file.

    Raises:
        NotFound: it is not there any more. TooLarge: it is over 30 MB. NotAllowed: who keeps it
        gives it to nobody. ConfigError: the account that keeps it is not connected.
        Transient: who keeps it does not answer now.
    """
    file = item.file
    if is_kept(file):
        return FileBytes(file.name, file.media_type, _kept(desk.files, file))
    placed = _placed(desk, item)
    try:
        return fetched(desk, messengers, placed)
    except NotFound as exc:
        raise NotFound(f"a file of {item.event} is gone", code="files_gone") from exc


def _kept(files: Files | None, file: Attachment) -> bytes:
    found = files.find(file.ref) if files is not None else None
    if files is None or found is None:
        raise NotFound(f"{file.ref} is not among the files", code="files_gone")
    if max(found.size, file.size) > LARGEST:
        raise TooLarge(f"{file.ref} has {found.size} bytes", code="files_too_large")
    try:
        return files.read(file.ref)
    except NotFound as exc:
        raise NotFound(f"{file.ref} was just deleted", code="files_gone") from exc


def _placed(desk: Desk, item: Item) -> Attachment:
    """Return the file with its place: what came in was given to the account it came by."""
    doc = desk.store.get(Activity.collection, item.event)
    inbound_id = Activity.model_validate(doc).inbound_id if doc is not None else None
    came = desk.store.get(Inbound.collection, inbound_id) if inbound_id else None
    if not item.file.ref or (inbound_id and came is None):
        raise NotFound(f"nobody knows where a file of {item.event} is", code="files_gone")
    if came is None:
        return item.file
    place = f"{came['channel']}:{came['account']}:{item.file.ref}"
    return item.file.model_copy(update={"ref": place})


def _client(look: Look, kind: type[Entity], record: str) -> tuple[str, str]:
    """Return the client whose files they are, and by which name the person knows the record."""
    row = look.one(kind, record)
    client = row.get("merged_into") or record if kind is Client else row.get("client_id")
    if not client:
        raise NotFound(f"{record} is of no client", code="files_unknown")
    return str(client), str(row.get("name") or "")


def _items(row: object) -> Iterator[Item]:
    """Yield the files of an event, as far as the person may see them."""
    doc = row if isinstance(row, dict) else {}
    files = doc.get("files")
    for place, file in enumerate(files if isinstance(files, list) else ()):
        yield Item(
            event=str(doc["id"]),
            place=place,
            what=str(doc.get("what", "")),
            direction=str(doc.get("direction", "")),
            at=str(doc.get("at", "")),
            file=Attachment.model_validate(file),
        )


def _papers(look: Look, where: tuple[Where, ...]) -> Iterator[Paper]:
    rows = look.rows(Query(SalesPaper.collection, where))
    seen = [dict(row) for row in rows if _is_read(row)]
    for row in sorted(seen, key=lambda it: str(it["created_at"]), reverse=True):
        yield Paper(str(row["id"]), str(row["what"]), str(row["label"]), str(row["created_at"]))


def _is_read(row: Doc) -> bool:
    """Return whether the person reads the paper itself, not only a mark that there is one."""
    return isinstance(row.get("label"), str) and isinstance(row.get("lines"), list)
