"""Which contact of which account shows which client, and what it showed when we last looked."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, field

from kartoteka.ports import Doc, Query, Store, Tx, Where

COLLECTION = "contact_links"
CREATING = "creating"  # asked for; whether it was made is not known yet
WRITING = "writing"  # a change was asked for; whether it was made is not known yet
LINKED = "linked"
GONE = "gone"  # somebody deleted it; it is to be made again
OFF = "off"  # somebody deleted it, and the office lets it be
PRIVATE = "private"  # a contact of a person's own that could not become a client
_AT_ONCE = 30  # values of one condition
_CHUNK = 400  # documents of one transaction


@dataclass(frozen=True, slots=True)
class Link:
    """One card on one account.

    Attributes:
        account: key of the account.
        client_id: whom it shows, empty for a private contact.
        state: see the constants above.
        resource: Google's name of the contact.
        etag: its version when we last wrote or looked.
        hash: of all that we wanted to show; empty: it must be written again.
        base: what the contact said in each field when we last wrote, as hashes.
        coming: what it says if the write under way was made.
        known: hashes of the numbers and addresses that were ours to write.
        own: labels that a person gave it.
        taken: hash of the words under the line that became a comment already.
        taken_size: how many characters these have.
    """

    account: str
    client_id: str
    state: str = LINKED
    resource: str = ""
    etag: str = ""
    hash: str = ""
    base: dict[str, str] = field(default_factory=dict)
    coming: dict[str, str] = field(default_factory=dict)
    known: tuple[str, ...] = ()
    own: tuple[str, ...] = ()
    taken: str = ""
    taken_size: int = 0

    @property
    def id(self) -> str:
        """Return the name of its document."""
        return f"{self.account}.{self.client_id or self.resource.replace('/', '_')}"


def read(doc: Doc) -> Link:
    """Return a link as it was kept."""
    given = dict(doc)
    for name in ("known", "own"):
        given[name] = tuple(given[name])  # type: ignore[arg-type]  # a list of texts, as kept
    return Link(**given)  # type: ignore[arg-type]  # the document is one that `put` made


def put(tx: Tx, link: Link) -> None:
    """Keep a link in a transaction."""
    tx.put(COLLECTION, link.id, asdict(link))


def keep(store: Store, links: Iterable[Link]) -> None:
    """Keep links."""
    for chunk in _chunks(list(links), _CHUNK):

        def work(tx: Tx, chunk: Sequence[Link] = chunk) -> None:
            for link in chunk:
                put(tx, link)

        store.run(work)


def drop(store: Store, links: Iterable[Link]) -> None:
    """Forget links."""
    for chunk in _chunks(list(links), _CHUNK):

        def work(tx: Tx, chunk: Sequence[Link] = chunk) -> None:
            for link in chunk:
                tx.delete(COLLECTION, link.id)

        store.run(work)


def of_clients(store: Store, account: str, client_ids: Sequence[str]) -> dict[str, Link]:
    """Return the links of these clients on one account, by client."""
    docs = store.get_many(COLLECTION, [f"{account}.{client_id}" for client_id in client_ids])
    return {link.client_id: link for link in map(read, docs.values())}


def holders(store: Store, client_ids: Sequence[str]) -> dict[str, set[str]]:
    """Return which accounts show each of these clients, by client."""
    found: dict[str, set[str]] = {}
    for chunk in _chunks(client_ids, _AT_ONCE):
        where = (Where("client_id", "in", tuple(chunk)),)
        for hit in store.query(Query(COLLECTION, where)):
            found.setdefault(str(hit.doc["client_id"]), set()).add(str(hit.doc["account"]))
    return found


def of_resources(store: Store, account: str, resources: Sequence[str]) -> dict[str, Link]:
    """Return the links of these contacts of one account, by resource name."""
    found: dict[str, Link] = {}
    for chunk in _chunks(resources, _AT_ONCE):
        where = (Where("account", "==", account), Where("resource", "in", tuple(chunk)))
        links = (read(hit.doc) for hit in store.query(Query(COLLECTION, where)))
        found |= {link.resource: link for link in links}
    return found


def of_account(store: Store, account: str) -> Iterator[Link]:
    """Yield every link of one account."""
    query = Query(COLLECTION, (Where("account", "==", account),))
    return (read(hit.doc) for hit in store.query(query))


def unsettled(store: Store, account: str) -> list[str]:
    """Return the clients of whose contacts it is not known what became of the last write."""
    states = Where("state", "in", (CREATING, GONE, WRITING))
    query = Query(COLLECTION, (Where("account", "==", account), states))
    return [str(hit.doc["client_id"]) for hit in store.query(query)]


def count(store: Store, account: str) -> int:
    """Return how many links an account has."""
    return store.count(Query(COLLECTION, (Where("account", "==", account),)))


def _chunks(items: Sequence, size: int) -> Iterator[Sequence]:  # type: ignore[type-arg]  # of any
    return (items[start : start + size] for start in range(0, len(items), size))
