"""Write the cards of one Google account: nothing twice, nothing over a person's words.

Before Google is asked to create or change contacts, their links say what is coming. A link that
still says so later means a crash or a lost answer: then the contact is looked at first. A contact
that a person changed meanwhile refuses our write by its etag; what they changed is taken, and the
card is made anew.
"""

from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TypeVar

from kartoteka.domain.errors import ConfigError, Conflict, NotFound, ProviderDown
from kartoteka.domain.phone_rules import FULL
from kartoteka.i18n import text
from kartoteka.log import log
from kartoteka.ports import ContactCard, Contacts, ContactSeen
from kartoteka.services.office import Desk
from sync.card import stamped
from sync.phones import accounts, links, portfolio
from sync.phones.accounts import Memory, PhoneBook
from sync.phones.coming import Look, Taker, look
from sync.phones.digest import contacts_of, digests, fingerprint
from sync.phones.links import CREATING, GONE, OFF, WRITING, Link
from sync.phones.portfolio import Portfolio

T = TypeVar("T")

WRITE = 200  # contacts of one call, and of one look by name
_PLANNED = 500  # clients that are compared at once
_ROUNDS = 5
_SEGMENTS = ("new", "in_work", "client", "returned", "wholesale", "partner", "blacklist")


@dataclass(frozen=True, slots=True)
class Due:
    """One client whose contact is not as it should be; no card: the contact has to go.

    `own`: labels that a person gave the contact before it was deleted.
    """

    client_id: str
    link: Link | None
    card: ContactCard | None
    own: tuple[str, ...] = ()


def label_names(locale: str) -> list[str]:
    """Return the labels a client can carry, in the office's language."""
    return [text(f"label_{segment}", locale) for segment in _SEGMENTS]


class Writer:
    """The one writer of an account; above `full` contacts nothing is added."""

    def __init__(
        self, desk: Desk, contacts: Contacts, book: PhoneBook, *, full: int = FULL
    ) -> None:
        self.desk = desk
        self.book = book
        self.contacts = contacts
        self.taker = Taker(desk, book)
        self._full = full

    @property
    def memory(self) -> Memory:
        """Return what is known of the account."""
        return accounts.recall(self.desk.store, self.book.key)

    @property
    def region(self) -> str:
        """Return how numbers without a country code are read."""
        return self.desk.settings().office.region

    def refresh(self, client_ids: Iterable[str]) -> None:
        """Make these clients' contacts show what the store says; unchanged ones cost nothing.

        Raises:
            RateLimited, ProviderDown: Google does not take more now; the queue repeats.
        """
        waiting: list[Due] = []
        for portion in _portions(sorted(set(client_ids)), _PLANNED):
            waiting += self._due(portion)
            while len(waiting) >= WRITE:
                self._write(waiting[:WRITE])
                waiting = waiting[WRITE:]
        if waiting:
            self._write(waiting)

    def meant(self, client_ids: Sequence[str]) -> dict[str, ContactCard]:
        """Return the cards that these clients should have here, as they would be written now."""
        settings, now = self.desk.settings(), self.desk.now()
        judge = Portfolio(self.book, settings, self.memory.limited, portfolio.since(settings, now))
        cards = judge.cards(portfolio.load(self.desk.store, client_ids))
        return {name: stamped(card, now, settings) for name, card in cards.items()}

    def look_at(self, found: Sequence[Link]) -> list[str]:
        """Take what people changed in these contacts; return the clients, to be written again."""
        touched: list[str] = []
        for portion in _portions(found, WRITE):
            seen = self.contacts.get([link.resource for link in portion])
            cards = self.meant([link.client_id for link in portion])
            for link, one in zip(portion, seen, strict=True):
                self._take(link, one, cards.get(link.client_id))
                touched.append(link.client_id)
        return touched

    def gone(self, link: Link) -> None:
        """Remember that somebody deleted a contact, and whether it shall stay away."""
        state = GONE if self.desk.settings().office.phones.restore else OFF
        links.keep(self.desk.store, [replace(link, state=state, etag="", hash="", coming={})])

    def discard(self, link: Link, copy: ContactSeen) -> None:
        """Delete a second contact of a client, after what was changed there was taken."""
        [seen] = self.contacts.get([copy.resource])
        if seen is None:
            return
        card = self.meant([link.client_id]).get(link.client_id)
        self.taker.take_copy(link, look(seen, self.memory.labels), card)
        with suppress(NotFound):
            self.contacts.delete([seen.resource])

    def labels(self) -> dict[str, str]:
        """Return the resource names of our labels, made if they are not there."""
        names = label_names(self.desk.settings().office.locale)
        known = self.memory.labels
        if all(name in known for name in names):
            return {name: known[name] for name in names}
        there = self.contacts.groups()
        found = {name: there.get(name) or self.contacts.create_group(name) for name in names}
        self.keep(labels={**known, **found})  # in another language they stay ours
        return found

    def keep(self, **known: object) -> None:
        """Remember this of the account."""
        store, key = self.desk.store, self.book.key
        accounts.remember(store, key, replace(self.memory, **known))  # type: ignore[arg-type]  # named fields

    def _due(self, client_ids: Sequence[str]) -> list[Due]:
        store, key = self.desk.store, self.book.key
        held = links.of_clients(store, key, client_ids)
        lost = [link for link in held.values() if link.state in {CREATING, WRITING}]
        if lost:
            self.settle(lost)
            held = links.of_clients(store, key, client_ids)
        cards = self.meant(client_ids)
        both = ((name, held.get(name), cards.get(name)) for name in client_ids)
        return [self._to_do(*one) for one in both if self._is_due(*one[1:])]

    def _to_do(self, client_id: str, link: Link | None, card: ContactCard | None) -> Due:
        """Return what is to be done; a contact that was deleted is made like a new one."""
        if link is not None and link.state == GONE and card is not None:
            return Due(client_id, None, card, link.own)
        return Due(client_id, link, card)

    def _is_due(self, link: Link | None, card: ContactCard | None) -> bool:
        if link is None:
            return card is not None
        if card is None:
            return True
        return link.state != OFF and link.hash != fingerprint(card, self.region)

    def _write(self, due: Sequence[Due]) -> None:
        again = self._act(due)
        for _ in range(_ROUNDS):
            if not again:
                return
            again = self._act(self._due(sorted(set(again))))
        raise ProviderDown("the contacts change faster than they are written")

    def _act(self, due: Sequence[Due]) -> list[str]:
        """Write; return the clients whose contacts have to be compared again."""
        heirs = self.remove([item.link for item in due if item.link and item.card is None])
        left = [item for item in due if item.client_id not in heirs]
        new = [(item.card, item.own) for item in left if item.link is None and item.card]
        old = [(item.link, item.card) for item in left if item.link and item.card]
        again = self._create(new) if new else []
        return [*heirs, *again, *(self._update(old) if old else [])]

    def remove(self, doomed: Sequence[Link]) -> set[str]:
        """Delete contacts, after what people wrote in them was taken.

        Returns the clients whose contacts get a label that a person gave one of these: they became
        one by a merge.
        """
        if not doomed:
            return set()
        shown = [link for link in doomed if link.client_id and link.state not in {GONE, OFF}]
        shown = [link for link in shown if link.resource]
        heirs: set[str] = set()
        if shown:
            there = self._last_words(shown, heirs)
            try:
                self._delete(there)
            except NotFound:
                self._delete(self._last_words(shown, heirs))
        links.drop(self.desk.store, doomed)
        return heirs

    def _last_words(self, doomed: Sequence[Link], heirs: set[str]) -> list[str]:
        """Take what was changed; return the contacts that are still there."""
        there = []
        for portion in _portions(doomed, WRITE):
            seen = self.contacts.get([link.resource for link in portion])
            for link, one in zip(portion, seen, strict=True):
                if one is not None:
                    there.append(one.resource)
                    found = look(one, self.memory.labels)
                    self.taker.take(written(link, found, self.region), found, None)
                    heirs |= self._bequeathed(link.client_id, found.own)
        return there

    def _bequeathed(self, client_id: str, own: Sequence[str]) -> set[str]:
        """Return into whom the client was merged, if their contact lacks one of these labels."""
        heir = self.taker.heir(client_id) if own else None
        if heir is None or heir == client_id:
            return set()
        held = links.of_clients(self.desk.store, self.book.key, [heir]).get(heir)
        link = held or Link(self.book.key, heir, GONE)
        lacking = [label for label in own if label not in link.own]
        if lacking:
            links.keep(self.desk.store, [replace(link, hash="", own=(*link.own, *lacking))])
        return {heir} if lacking else set()

    def _delete(self, resources: Sequence[str]) -> None:
        if resources:
            self.contacts.delete(resources)

    def _create(self, wanted: Sequence[tuple[ContactCard, Sequence[str]]]) -> list[str]:
        """Make contacts with the labels that people had given them before."""
        room = self._room(len(wanted))
        if room is None:
            return [card.external_id for card, _ in wanted]
        wanted = wanted[:room]
        if not wanted:
            return []
        cards = [card for card, _ in wanted]
        own = frozenset(label for _, labels in wanted for label in labels)
        blank = (Link(self.book.key, card.external_id, CREATING) for card in cards)
        links.keep(self.desk.store, map(self._announced, blank, cards))
        labels = self.labels()
        final = [_final(card, labels, own_labels) for card, own_labels in wanted]
        made = self._sent(lambda: self.contacts.create(final), own)
        if made is None:
            return [card.external_id for card in cards]
        pairs = list(zip(cards, made, strict=True))
        written = [self._linked(card, one) for card, one in pairs if one is not None]
        links.keep(self.desk.store, written)
        refused = [Link(self.book.key, card.external_id) for card, one in pairs if one is None]
        for link in refused:
            log("error", event="contact_refused", client=link.client_id, account=link.account)
        links.drop(self.desk.store, refused)
        return []

    def _room(self, count: int) -> int | None:
        """Return how many contacts may be added; None: the account holds fewer kinds from now on.

        Its rest is gone through again, and what is neither in work nor recent goes.
        """
        memory, there = self.memory, links.count(self.desk.store, self.book.key)
        most = self.desk.settings().office.phones.most
        if not memory.limited and there + count > most:
            self.keep(limited=True, filled=False, cursor="")
            return None
        room = max(0, self._full - there)
        if room < count:
            log("error", event="contacts_full", account=self.book.key, left_out=count - room)
            self.keep(full=True)
        return room

    def _update(self, pairs: Sequence[tuple[Link, ContactCard]]) -> list[str]:
        told = [self._announced(link, card) for link, card in pairs]
        links.keep(self.desk.store, told)
        labels = self.labels()
        wanted = [
            ContactSeen(link.resource, link.etag, _final(card, labels, link.own))
            for link, card in pairs
        ]
        own = frozenset(group for link, _ in pairs for group in link.own)
        try:
            done = self._sent(lambda: self.contacts.update(wanted), own)
        except (Conflict, NotFound):
            done = None
        if done is None:
            return self.look_at(told)
        both = list(zip(pairs, done, strict=True))
        written = [self._linked(card, one) for (_, card), one in both if one is not None]
        links.keep(self.desk.store, written)
        return self.look_at([link for link, one in zip(told, done, strict=True) if one is None])

    def _sent(
        self,
        call: Callable[[], list[ContactSeen | None]],
        own: frozenset[str] = frozenset(),
    ) -> list[ContactSeen | None] | None:
        """Return the answer, None when a label that the cards name is not there any more."""
        try:
            return call()
        except ConfigError:
            there, known = set(self.contacts.groups().values()), self.memory.labels
            left = {name: resource for name, resource in known.items() if resource in there}
            if left == known and own <= there:
                raise
            self.keep(labels=left)
            return None

    def _announced(self, link: Link, card: ContactCard) -> Link:
        """Return the link as it is while Google is asked to show this card."""
        return replace(
            link,
            state=CREATING if link.state == CREATING else WRITING,
            coming=digests(card, self.region),
            known=tuple(sorted({*link.known, *contacts_of(card, self.region)})),
        )

    def _linked(self, card: ContactCard, made: ContactSeen) -> Link:
        """Return the link of a contact that was just written, by what Google says it holds."""
        found = look(made, self.memory.labels)
        return Link(
            account=self.book.key,
            client_id=card.external_id,
            resource=made.resource,
            etag=made.etag,
            hash=fingerprint(card, self.region),
            base=digests(found.card, self.region),
            known=tuple(sorted(contacts_of(card, self.region))),
            own=found.own,
        )

    def settle(self, lost: Sequence[Link]) -> None:
        """Find out what became of contacts whose writing was never answered."""
        self.look_at([link for link in lost if link.state == WRITING])
        creating = {link.client_id: link for link in lost if link.state == CREATING}
        if not creating:
            return
        found = self.by_client(creating)
        cards = self.meant(sorted(creating))
        for client_id, link in creating.items():
            if client_id not in found:
                links.drop(self.desk.store, [link])
                continue
            first, *extra = found[client_id]
            made = replace(link, state=WRITING, resource=first.resource)
            self._take(made, first, cards.get(client_id))
            for one in extra:
                self.discard(made, one)

    def by_client(self, client_ids: Container[str]) -> dict[str, list[ContactSeen]]:
        """Return the contacts of these clients by our id, wherever they are in the account."""
        found: dict[str, list[ContactSeen]] = {}
        for seen in everything(self.contacts):
            if seen.card.external_id in client_ids:
                found.setdefault(seen.card.external_id, []).append(seen)
        return found

    def _take(self, link: Link, seen: ContactSeen | None, card: ContactCard | None) -> None:
        if seen is None:
            self.gone(link)
            return
        found = look(seen, self.memory.labels)
        link = written(link, found, self.region)
        links.keep(self.desk.store, [self.taker.take(link, found, card)])


def written(link: Link, found: Look, region: str) -> Link:
    """Return the link whose base knows what a write without an answer did to the contact."""
    if link.state != WRITING:
        return link
    said = digests(found.card, region)
    ours = {name: link.coming[name] for name in said if link.coming.get(name) == said[name]}
    return replace(link, base={**link.base, **ours})


def everything(contacts: Contacts) -> Iterator[ContactSeen]:
    """Yield every contact of an account; one call per thousand."""
    page_token: str | None = None
    while True:
        page = contacts.page(None, page_token)
        yield from (seen for seen in page.contacts if not seen.deleted)
        page_token = page.next_page
        if page_token is None:
            return


def _final(card: ContactCard, labels: Mapping[str, str], own: Sequence[str] = ()) -> ContactCard:
    """Return the card with resource names of labels, those of the contact's owner among them."""
    ours = tuple(labels[name] for name in card.groups)
    return replace(card, groups=(*ours, *(it for it in own if it not in ours)))


def _portions(items: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    return (items[start : start + size] for start in range(0, len(items), size))
