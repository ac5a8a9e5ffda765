"""Mirror clients into the office's Google Contacts; D9.

One writer per account. A link per client remembers the contact, its etag and the hash of what was
written, so that a second run writes nothing. Before contacts are created their links are marked;
a mark that is found later means a lost answer, and the contact is looked for by our id first.
"""

from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from kartoteka.domain.change import Change
from kartoteka.domain.errors import Conflict, NotFound
from kartoteka.domain.model import Client, Lead
from kartoteka.domain.office import Settings
from kartoteka.i18n import text
from kartoteka.ports import ContactCard, Contacts, ContactSeen, Doc, Store, Tx
from kartoteka.services.consume import Drained
from kartoteka.services.consume import drain as read_log
from kartoteka.services.office import Desk
from kartoteka.services.wake import CONSUMERS
from kartoteka.wiring import App
from sync.card import card, stamped
from sync.phones.digest import fingerprint as of_card

_LINKS = "contact_links"
_GROUPS = "contact_groups"
_ACCOUNT = "office"
_WRITE = 200  # contacts a call
_BATCH = 2_000  # changes read at once
_MOST = 10_000
_CREATING = "creating"
_LINKED = "linked"


@dataclass(frozen=True, slots=True)
class Link:
    """Which contact shows which client, and what it showed last."""

    client_id: str
    state: str
    resource: str = ""
    etag: str = ""
    hash: str = ""

    def doc(self) -> Doc:
        """Return the stored form."""
        return {
            "client_id": self.client_id,
            "state": self.state,
            "resource": self.resource,
            "etag": self.etag,
            "hash": self.hash,
        }


@dataclass(frozen=True, slots=True)
class Due:
    """One card that must be written."""

    shown: ContactCard
    link: Link | None


def drain(app: App) -> Drained:
    """Return how many changes were mirrored; what is left gets a drain of its own.

    Raises:
        RateLimited, ProviderDown: Google does not take more now; the queue repeats.
    """
    mirror = Mirror(app.desk, app.contacts_of(""))
    done = read_log(app.desk, "contacts", mirror.apply, batch=_BATCH, most=_MOST)
    if done.more:
        app.desk.waker.ask(CONSUMERS["contacts"])
    return done


class Mirror:
    """Writes the cards of changed clients into one account."""

    def __init__(self, desk: Desk, contacts: Contacts) -> None:
        self._desk = desk
        self._contacts = contacts

    def apply(self, changes: Sequence[Change]) -> None:
        """Make the contacts of all clients these changes touch show what the store says."""
        self.refresh({change.subject for change in changes if change.subject.startswith("cl_")})

    def refresh(self, client_ids: Iterable[str]) -> None:
        """Make these clients' contacts show what the store says; unchanged cards cost nothing."""
        settings = self._desk.settings()
        wanted = sorted(client_ids)
        for start in range(0, len(wanted), _WRITE):
            portion = wanted[start : start + _WRITE]
            clients = self._living(portion)
            self._remove(set(portion) - set(clients))
            due = self._due(clients, settings)
            if not due:
                continue
            due = self._found_again(due)
            self._create([item for item in due if item.link is None], settings)
            self._update([item for item in due if item.link is not None], settings)

    def _living(self, client_ids: Sequence[str]) -> dict[str, Client]:
        """Return the clients that a phone shows: not merged into others, not forgotten."""
        docs = self._desk.store.get_many(Client.collection, client_ids).values()
        clients = (Client.model_validate(doc) for doc in docs)
        return {one.id: one for one in clients if one.merged_into is None and not one.forgotten}

    def _remove(self, client_ids: Iterable[str]) -> None:
        """Delete the contacts of clients that are no more; one without a contact costs a read."""
        links = list(_links(self._desk.store, sorted(client_ids)).values())
        if not links:
            return
        if any(link.state == _CREATING for link in links):
            resources = self._held_for({link.client_id for link in links})
        else:
            resources = [link.resource for link in links]
        if resources:
            self._delete(resources, {link.client_id for link in links})

        def work(tx: Tx) -> None:
            for link in links:
                tx.delete(_LINKS, link.client_id)

        self._desk.store.run(work)

    def _delete(self, resources: Sequence[str], client_ids: Container[str]) -> None:
        """Delete contacts; some may be gone since an answer was lost or a person deleted them."""
        try:
            self._contacts.delete(resources)
        except NotFound:
            left = self._held_for(client_ids)
            if left:
                self._contacts.delete(left)

    def _held_for(self, client_ids: Container[str]) -> list[str]:
        found = everything(self._contacts)
        return [seen.resource for seen in found if seen.card.external_id in client_ids]

    def _due(self, clients: Mapping[str, Client], settings: Settings) -> list[Due]:
        store = self._desk.store
        links = _links(store, list(clients))
        leads = _open_leads(store, list(clients.values()))
        due = []
        for client in clients.values():
            shown = card(client, leads.get(client.open_lead_id or ""), settings)
            link = links.get(client.id)
            if link is None or link.hash != of_card(shown, "RU"):
                due.append(Due(shown, link))
        return due

    def _found_again(self, due: list[Due]) -> list[Due]:
        """Look by our id for contacts whose creation was never answered."""
        lost = {item.link.client_id for item in due if item.link and item.link.state == _CREATING}
        if not lost:
            return due
        found = {seen.card.external_id: seen for seen in everything(self._contacts)}
        return [_adopt(item, found) for item in due]

    def _create(self, due: list[Due], settings: Settings) -> None:
        if not due:
            return
        self._remember(Link(item.shown.external_id, _CREATING) for item in due)
        made = self._contacts.create([self._final(item.shown, settings) for item in due])
        self._remember(_links_of(due, made))

    def _update(self, due: list[Due], settings: Settings) -> None:
        if not due:
            return
        wanted = [_seen(item, self._final(item.shown, settings)) for item in due]
        try:
            done = self._contacts.update(wanted)
        except Conflict:
            done = self._contacts.update(self._fresh(wanted))
        gone = [item for item, seen in zip(due, done, strict=True) if seen is None]
        self._remember(_links_of(due, done))
        self._create(gone, settings)

    def _fresh(self, wanted: Sequence[ContactSeen]) -> list[ContactSeen]:
        """Return the same contacts with the etags that Google holds now."""
        now = {seen.resource: seen for seen in everything(self._contacts)}
        return [
            replace(item, etag=now[item.resource].etag) if item.resource in now else item
            for item in wanted
        ]

    def _final(self, shown: ContactCard, settings: Settings) -> ContactCard:
        groups = tuple(self._group(name) for name in shown.groups)
        return replace(stamped(shown, self._desk.now(), settings), groups=groups)

    def _group(self, name: str) -> str:
        known = self._desk.store.get(_GROUPS, _ACCOUNT) or {}
        if name in known:
            return str(known[name])
        groups = self._contacts.groups()
        resource = groups.get(name) or self._contacts.create_group(name)
        kept = {**groups, name: resource}
        self._desk.store.run(lambda tx: tx.put(_GROUPS, _ACCOUNT, kept))
        return resource

    def _remember(self, links: Iterable[Link]) -> None:
        kept = list(links)

        def work(tx: Tx) -> None:
            for link in kept:
                tx.put(_LINKS, link.client_id, link.doc())

        self._desk.store.run(work)


def everything(contacts: Contacts) -> list[ContactSeen]:
    """Return every contact of the account; one call per thousand."""
    found: list[ContactSeen] = []
    page_token: str | None = None
    while True:
        page = contacts.page(None, page_token)
        found += [seen for seen in page.contacts if not seen.deleted]
        page_token = page.next_page
        if page_token is None:
            return found


def labels(locale: str) -> list[str]:
    """Return the labels a client can carry, in the office's language."""
    segments = ("new", "in_work", "client", "returned", "partner", "blacklist")
    return [text(f"label_{segment}", locale) for segment in segments]


def _links(store: Store, client_ids: Sequence[str]) -> dict[str, Link]:
    return {
        client_id: Link(**{name: str(value) for name, value in doc.items()})
        for client_id, doc in store.get_many(_LINKS, client_ids).items()
    }


def _open_leads(store: Store, clients: Sequence[Client]) -> dict[str, Lead]:
    wanted = [client.open_lead_id for client in clients if client.open_lead_id]
    docs = store.get_many(Lead.collection, wanted) if wanted else {}
    return {lead_id: Lead.model_validate(doc) for lead_id, doc in docs.items()}


def _adopt(item: Due, found: Mapping[str, ContactSeen]) -> Due:
    if item.link is None or item.link.state != _CREATING:
        return item
    seen = found.get(item.link.client_id)
    if seen is None:
        return Due(item.shown, None)
    return Due(item.shown, Link(item.link.client_id, _LINKED, seen.resource, seen.etag))


def _seen(item: Due, final: ContactCard) -> ContactSeen:
    link = item.link
    return ContactSeen(link.resource if link else "", link.etag if link else "", final)


def _links_of(due: Sequence[Due], done: Sequence[ContactSeen | None]) -> list[Link]:
    return [
        Link(item.shown.external_id, _LINKED, seen.resource, seen.etag, of_card(item.shown, "RU"))
        for item, seen in zip(due, done, strict=True)
        if seen is not None
    ]
