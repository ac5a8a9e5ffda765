"""Look at what people did to the contacts of one account since the last look; every ten minutes.

Google's list of changes names our own writes too, minutes later and perhaps in an older version.
So a contact counts as changed only if its hash differs from what we wrote, and before anything is
taken from it, it is read by name: that answer is never old.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from kartoteka.i18n import text
from kartoteka.ports import Contacts, ContactSeen, SyncExpired
from sync.phones import links, newcomers
from sync.phones.coming import look as look_closer
from sync.phones.digest import digest, digests, read_note
from sync.phones.links import CREATING, GONE, LINKED, OFF, PRIVATE, WRITING, Link
from sync.phones.writer import Writer

_AT_ONCE = 500


@dataclass
class Findings:
    """What a look found, by what has to be done about it."""

    echoes: list[Link] = field(default_factory=list)  # only the version moved
    changed: list[Link] = field(default_factory=list)  # to be read by name
    extra: list[tuple[Link, ContactSeen]] = field(default_factory=list)  # a second one of a client
    clients: set[str] = field(default_factory=set)  # to be compared and written
    new: list[ContactSeen] = field(default_factory=list)  # made by a person, for us
    resources: set[str] = field(default_factory=set)  # everything that is there


def look(writer: Writer) -> int:
    """Take what people changed, and put the cards right; return how many contacts had changed.

    Raises:
        RateLimited, ProviderDown: nothing is lost; the next look begins where this one began.
    """
    labels = writer.labels()
    seen, token, whole = _listed(writer.contacts, writer.memory.token)
    label = labels[text("label_new", writer.desk.settings().office.locale)]
    findings = _sorted_out(writer, seen, label)
    gone = [it.resource for it in seen if it.deleted]
    _find_missing(writer, gone, findings, whole=whole)
    _handle(writer, findings)
    writer.keep(token=token)
    return len(findings.changed) + len(findings.new)


def _listed(contacts: Contacts, token: str) -> tuple[list[ContactSeen], str, bool]:
    """Return the changes since the token, the next token, and whether these are all contacts."""
    try:
        seen, after = _pages(contacts, token or None)
    except SyncExpired:
        token = ""
        seen, after = _pages(contacts, None)
    return seen, after, not token


def _pages(contacts: Contacts, token: str | None) -> tuple[list[ContactSeen], str]:
    seen: list[ContactSeen] = []
    page_token: str | None = None
    while True:
        page = contacts.page(token, page_token)
        seen += page.contacts
        page_token = page.next_page
        if page_token is None:
            return seen, page.sync_token or ""


def _sorted_out(writer: Writer, seen: Sequence[ContactSeen], label: str) -> Findings:
    findings = Findings()
    for start in range(0, len(seen), _AT_ONCE):
        there = [it for it in seen[start : start + _AT_ONCE] if not it.deleted]
        ours = [it for it in there if it.card.external_id]
        ids = [it.card.external_id for it in ours]
        held = links.of_clients(writer.desk.store, writer.book.key, list(dict.fromkeys(ids)))
        for one in ours:
            _sort_out(writer, one, held, findings)
        new = (it for it in there if not it.card.external_id)
        findings.new += [it for it in new if label in it.card.groups]
        findings.resources |= {it.resource for it in there}
    return findings


def _sort_out(writer: Writer, one: ContactSeen, held: dict[str, Link], findings: Findings) -> None:
    client_id = one.card.external_id
    link = held.get(client_id)
    if link is None or link.state in {GONE, OFF}:
        held[client_id] = _adopted(writer, one, link)
        findings.changed.append(held[client_id])
    elif link.state == CREATING or (link.state == WRITING and link.resource == one.resource):
        findings.clients.add(client_id)
    elif link.resource in one.previous:
        findings.changed.append(replace(link, resource=one.resource))
    elif link.resource != one.resource:
        findings.extra.append((link, one))
    elif link.etag == one.etag and link.hash:
        return
    elif _is_echo(writer, link, one):
        own = look_closer(one, writer.memory.labels).own
        findings.echoes.append(replace(link, etag=one.etag, own=own))
    else:
        findings.changed.append(link)


def _adopted(writer: Writer, one: ContactSeen, gone: Link | None) -> Link:
    """Return the link of a contact that shows a client whose contact is not there any more.

    It is a copy of that one, perhaps an old one: no version of it was ever seen. Of a contact that
    nobody remembers there is no base either.
    """
    before = gone or Link(writer.book.key, one.card.external_id)
    return replace(before, state=LINKED, resource=one.resource, etag="", hash="")


def _is_echo(writer: Writer, link: Link, one: ContactSeen) -> bool:
    """Return whether the contact says what we wrote and no words that were not taken."""
    found = look_closer(one, writer.memory.labels).card
    words = read_note(found.note).words
    quiet = not words or digest(words) == link.taken
    return bool(link.hash) and quiet and digests(found, writer.region) == link.base


def _find_missing(writer: Writer, gone: Sequence[str], findings: Findings, *, whole: bool) -> None:
    """Add the contacts that are not there any more, also those known to be gone already."""
    store, key = writer.desk.store, writer.book.key
    if not whole:
        found: Iterable[Link] = links.of_resources(store, key, list(gone)).values()
    else:
        found = (it for it in links.of_account(store, key) if it.resource not in findings.resources)
    lost = list(found)
    links.drop(store, [it for it in lost if it.state == PRIVATE])
    findings.changed += [it for it in lost if it.state == LINKED]
    findings.clients |= {it.client_id for it in lost if it.state in {CREATING, GONE, WRITING}}


def _handle(writer: Writer, findings: Findings) -> None:
    store = writer.desk.store
    links.keep(store, findings.echoes)
    for link, one in findings.extra:
        writer.discard(link, one)
    touched = writer.look_at(findings.changed)
    touched += newcomers.meet(writer, findings.new)
    lost = links.unsettled(store, writer.book.key)
    writer.refresh({*touched, *findings.clients, *lost})
