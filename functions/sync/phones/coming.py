"""What people change on their phones: comments, commands, proposals; the rest to the journal."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from kartoteka.domain.errors import Conflict, Invalid, Rejected
from kartoteka.domain.ids import derived, fresh
from kartoteka.domain.instant import spell
from kartoteka.domain.model import Activity, Client
from kartoteka.domain.phone_rules import Rule
from kartoteka.ports import ContactCard, ContactSeen, Tx
from kartoteka.services.comments import CommentClient, commented
from kartoteka.services.duplicates import Contact, add_contact
from kartoteka.services.merge import follow
from kartoteka.services.office import Desk
from kartoteka.services.proposals import Wish, propose
from kartoteka.services.record_edit import EditClient, edit_client
from kartoteka.services.unit import Unit
from sync.phones import links
from sync.phones.accounts import PhoneBook
from sync.phones.digest import (
    contacts_of,
    digest,
    digests,
    full_name,
    lines_beside,
    named,
    read_note,
    together,
)
from sync.phones.links import LINKED, Link

_CONFLICTS = "conflicts"
_LONGEST = 300  # characters of a name


@dataclass(frozen=True, slots=True)
class Look:
    """A contact as it is: labels of ours by name, labels of its owner's by resource name."""

    resource: str
    etag: str
    card: ContactCard
    own: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Edits:
    """What a person changed; empty parts did not change.

    `lost` is what nothing can be made of: value by field, for the journal.
    """

    words: str = ""
    name: str = ""
    company: str = ""
    contacts: tuple[str, ...] = ()
    lost: tuple[tuple[str, str], ...] = ()


def look(seen: ContactSeen, labels: Mapping[str, str]) -> Look:
    """Return the contact with our labels by name; `labels` maps name to resource name."""
    ours = set(labels.values())
    own = tuple(group for group in seen.card.groups if group not in ours)
    return Look(seen.resource, seen.etag, named(seen.card, labels), own)


def read_edits(found: ContactCard, link: Link, shown: ContactCard | None, region: str) -> Edits:
    """Return what a person did to a contact since we wrote it.

    What equals the card as it should be now is nobody's edit; `shown` None: it should not be
    there any more.
    """
    now, meant = digests(found, region), digests(shown, region) if shown else {}
    moved = {
        name for name, said in now.items() if said not in {link.base.get(name), meant.get(name)}
    }
    ours = set(link.known) | set(contacts_of(shown, region) if shown else ())
    added = tuple(typed for key, typed in contacts_of(found, region).items() if key not in ours)
    return Edits(
        words=_new_words(found, link),
        name=full_name(found)[:_LONGEST] if "name" in moved else "",
        company=found.company.strip()[:_LONGEST] if "company" in moved else "",
        contacts=added if moved & {"phones", "emails"} else (),
        lost=tuple(_lost(found, shown, moved, added=bool(added), region=region)),
    )


def beyond(found: ContactCard, shown: ContactCard | None, client: Client, region: str) -> Edits:
    """Return what a contact says that neither its client does nor the card that it should show.

    For a contact whose base nobody knows: this may be an edit, or what the client was once.
    """
    known = {digest(value) for value in (*client.phones, *client.emails)}
    meant = shown or ContactCard("")
    names = {_flat(client.name), full_name(meant)}
    companies = {_flat(client.company), _flat(meant.company)}
    return Edits(
        words=read_note(found.note).words,
        name=_new(full_name(found), names),
        company=_new(_flat(found.company), companies),
        contacts=tuple(
            typed for key, typed in contacts_of(found, region).items() if key not in known
        ),
    )


def _new(typed: str, known: set[str]) -> str:
    short = typed[:_LONGEST]
    return "" if short in {one[:_LONGEST] for one in known} else short


def _flat(words: str) -> str:
    return " ".join(words.split())


def _new_words(found: ContactCard, link: Link) -> str:
    words = read_note(found.note).words
    if link.taken and digest(words[: link.taken_size]) == link.taken:
        return words[link.taken_size :].strip()
    return words


def _lost(
    found: ContactCard,
    shown: ContactCard | None,
    moved: set[str],
    *,
    added: bool,
    region: str,
) -> list[tuple[str, str]]:
    """Return what cannot become a record: lines of ours rewritten, labels, taken away numbers."""
    said = {
        "title": found.title,
        "suffix": found.suffix,
        "groups": ", ".join(found.groups),
        "note": lines_beside(read_note(found.note), read_note(shown.note if shown else "")),
        "phones": "" if added else _lost_numbers(found, shown or ContactCard(""), region),
        "emails": "" if added else ", ".join(found.emails) or "-",
        "name": "" if full_name(found) else "-",
    }
    return [(name, typed) for name, typed in said.items() if name in moved and typed]


def _lost_numbers(found: ContactCard, shown: ContactCard, region: str) -> str:
    """Return the numbers when one of ours is missing, else only those with labels of a person."""
    there = contacts_of(replace(found, emails=()), region)
    if not contacts_of(replace(shown, emails=()), region).keys() <= there.keys() or not there:
        return ", ".join(there.values()) or "-"
    ours = {label for _, label in shown.phones}
    labelled = (f"{value} {label}" for value, label in found.phones if label and label not in ours)
    return ", ".join(labelled)


class Taker:
    """Carries out what was changed on the phones of one account, with its editor's rights."""

    def __init__(self, desk: Desk, book: PhoneBook) -> None:
        self._desk = desk
        self._book = book
        self._cause = f"phone:{book.key}"

    def take(self, link: Link, found: Look, shown: ContactCard | None) -> Link:
        """Return the link that knows this version of the contact, after all edits were taken.

        Taken again after a crash they change nothing more.

        Raises:
            Transient: the store does not answer; nothing is lost.
        """
        settings = self._desk.settings()
        region = settings.office.region
        after = settled(link, found, shown, region)
        client = self._client(link.client_id)
        if client is None:
            return after
        edits = _edits(found.card, link, shown, (client, region))
        if edits.words:
            whole = read_note(found.card.note).words
            marked = replace(link, taken=digest(whole), taken_size=len(whole))
            self._comment(client, edits.words, fresh("ac"), marked)
            after = replace(after, taken=marked.taken, taken_size=marked.taken_size)
        raced = _raced(link, shown, region)
        self._carry_out(client, edits, raced=raced, sure=bool(link.base and link.etag))
        return after

    def take_copy(self, link: Link, found: Look, shown: ContactCard | None) -> None:
        """Take what was changed in a second contact of a client; the link stays the first one's.

        It may be a copy of what the first one said long ago, so a person decides.

        Raises:
            Transient: the store does not answer; nothing is lost.
        """
        client = self._client(link.client_id)
        if client is None:
            return
        region = self._desk.settings().office.region
        edits = _edits(found.card, link, shown, (client, region))
        whole = read_note(found.card.note).words
        words = min(edits.words, self._untold(found.resource, whole), key=len)
        if words:
            self._comment(client, words, self._told(found.resource, whole), None)
        self._carry_out(client, edits, raced=_raced(link, shown, region), sure=False)

    def keep_note(self, client_id: str, found: Look) -> None:
        """Make a comment of the note of a new contact whose client is known already; once."""
        client, words = self._client(client_id), found.card.note.strip()
        if client is not None and words:
            self._comment(client, words, self._told(found.resource, words), None)

    def _untold(self, resource: str, words: str) -> str:
        """Return the end of a copy's words that became no comment before a crash."""
        lines = words.splitlines()
        parts = ["\n".join(lines[:end]) for end in range(1, len(lines) + 1)]
        names = [self._told(resource, part) for part in parts]
        there = self._desk.store.get_many(Activity.collection, names) if names else {}
        told = max((end for end, name in enumerate(names, start=1) if name in there), default=0)
        return "\n".join(lines[told:]).strip()

    def _told(self, resource: str, words: str) -> str:
        return derived("ac", self._book.key, resource, words)

    def fill_in(self, client_id: str, card: ContactCard) -> None:
        """Give a client what a new contact says beyond the request: numbers, addresses, names."""
        client = self._client(client_id)
        if client is None:
            return
        said = beyond(card, None, client, self._desk.settings().office.region)
        for field, value in (("name", said.name), ("company", said.company)):
            if value:
                rule: Rule = "propose" if getattr(client, field) else "command"
                self._decide(client, field, value, rule)
        for value in said.contacts:
            self._decide(client, "contact", value, "command")

    def heir(self, client_id: str) -> str | None:
        """Return whom a client is or became by a merge; None for one who is no more."""
        found = self._client(client_id)
        return found.id if found else None

    def _client(self, client_id: str) -> Client | None:
        """Return the client, or the one that it became part of; None for one who is no more."""

        def work(tx: Tx) -> Client | None:
            unit = Unit(tx, self._book.editor, self._cause, self._desk.now())
            found = unit.find(Client, client_id)
            return follow(unit, found.id) if found else None

        client = self._desk.store.run(work)
        return None if client is None or client.forgotten else client

    def _comment(self, client: Client, words: str, name: str, marked: Link | None) -> None:
        """Keep the words as a comment; the link learns in the same transaction that it has."""

        def work(tx: Tx) -> None:
            unit = Unit(tx, self._book.editor, self._cause, self._desk.now())
            if unit.find(Activity, name) is None:
                form = CommentClient(client=client.id, text=words)
                commented(unit, self._desk.settings(), form, name)
                unit.close()
            if marked is not None:
                links.put(tx, marked)

        try:
            self._desk.store.run(work)
        except Rejected:
            self.journal(client.id, "words", words)
        self._desk.waker.after_commit()

    def _carry_out(
        self, client: Client, edits: Edits, *, raced: frozenset[str], sure: bool
    ) -> None:
        """Do with each edit as its rule says; what may be no edit, `sure` False, is no command."""
        rules = self._desk.settings().office.phones
        for field, value in (("name", edits.name), ("company", edits.company)):
            if value:
                rule: Rule = "propose" if field in raced else rules.rename
                self._decide(client, field, value, rule if sure else _careful(rule))
        for value in edits.contacts:
            rule = rules.emails if "@" in value else rules.numbers
            self._decide(client, "contact", value, rule if sure else _careful(rule))
        for field, typed in edits.lost:
            self.journal(client.id, field, typed)

    def _decide(self, client: Client, field: str, value: str, rule: Rule) -> None:
        """Do what the rule says; what is refused is proposed, what cannot be is written down."""
        actor, wish = self._book.editor, Wish(client=client.id, field=field, value=value)
        steps: dict[Rule, tuple[Callable[[], object], ...]] = {
            "command": (
                lambda: self._command(client, field, value),
                lambda: propose(self._desk, actor, wish, cause=self._cause),
            ),
            "propose": (lambda: propose(self._desk, actor, wish, cause=self._cause),),
            "ignore": (),
        }
        for step in steps[rule]:
            try:
                step()
            except Invalid:
                break
            except (Rejected, Conflict):
                continue
            return
        self.journal(client.id, field, value)

    def _command(self, client: Client, field: str, value: str) -> None:
        actor = self._book.editor
        if field == "contact":
            add_contact(self._desk, actor, Contact(client.id, value), cause=self._cause)
            return
        form = EditClient.model_validate({"client": client.id, field: value})
        edit_client(self._desk, actor, form, cause=self._cause)

    def journal(self, record: str, field: str, typed: str) -> None:
        """Write down what was typed and does not stand; written again it is still one line."""
        book = self._cause
        name = derived("cf", book, record, field, typed)
        doc = {
            "record": record,
            "book": book,
            "column": field,
            "typed": typed,
            "who": str(self._book.owner or ""),
            "at": spell(self._desk.now()),
        }
        self._desk.store.run(lambda tx: tx.put(_CONFLICTS, name, doc))


def settled(link: Link, found: Look, shown: ContactCard | None, region: str) -> Link:
    """Return the link of a contact that was looked at; `hash` is empty when it must be written."""
    said = digests(found.card, region)
    right = shown is not None and said == digests(shown, region)
    quiet = right and not read_note(found.card.note).words
    return replace(
        link,
        state=LINKED,
        resource=found.resource,
        etag=found.etag,
        hash=together(said) if quiet else "",
        base=said,
        coming={},
        known=tuple(sorted({*link.known, *contacts_of(found.card, region)})),
        own=found.own,
    )


def _edits(
    found: ContactCard, link: Link, shown: ContactCard | None, of: tuple[Client, str]
) -> Edits:
    client, region = of
    if not link.base:
        return beyond(found, shown, client, region)
    return read_edits(found, link, shown, region)


def _careful(rule: Rule) -> Rule:
    return "propose" if rule == "command" else rule


def _raced(link: Link, shown: ContactCard | None, region: str) -> frozenset[str]:
    """Return the fields that the store changed too since we wrote the contact."""
    meant = digests(shown, region) if shown else {}
    return frozenset(name for name, said in meant.items() if said != link.base.get(name))
