"""Look at what people did in one calendar since the last look; every ten minutes.

Google's list of changes names our own writes too: their version is the one we know. Before anything
is taken from an event of another version, it is read by its id, and only what says neither what we
wrote nor what the office wants now is a person's edit.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from kartoteka.calendar_ports import Calendars, EventSeen
from kartoteka.ports import SyncExpired
from sync.calendars import faces, links
from sync.calendars.links import ABSENT, LINKED, OFF, Link
from sync.calendars.writer import Writer

_AT_ONCE = 500


@dataclass
class Findings:
    """What a look found, by what has to be done about it."""

    changed: list[Link] = field(default_factory=list)  # to be read by id
    extra: list[tuple[str, EventSeen]] = field(default_factory=list)  # a second one of a record
    records: set[str] = field(default_factory=set)  # to be compared and written
    there: set[str] = field(default_factory=set)  # ids of all events


def look(writer: Writer) -> int:
    """Take what people changed, and put the events right; return how many had changed.

    Raises:
        RateLimited, ProviderDown: nothing is lost; the next look begins where this one began.
        NotFound: the calendar is not there any more.
    """
    memory, store, key = writer.memory, writer.desk.store, writer.agenda.key
    seen, token, whole = _listed(writer.port, memory.calendar, memory.token)
    findings = Findings()
    for part in links.portions(seen, _AT_ONCE):
        _sort_out(writer, part, findings)
    if whole:
        ours = (link for link in links.of_account(store, key) if link.state == LINKED)
        findings.changed += [link for link in ours if link.event not in findings.there]
    for record, one in findings.extra:
        writer.discard(record, one)
    touched = writer.look_at(findings.changed)
    writer.refresh({*touched, *findings.records, *links.unsettled(store, key)})
    writer.keep(token=token)
    return len(findings.changed)


def _listed(port: Calendars, calendar: str, token: str) -> tuple[list[EventSeen], str, bool]:
    """Return the changes since the token, the next token, and whether these are all events."""
    try:
        seen, after = _pages(port, calendar, token or None)
    except SyncExpired:
        token = ""
        seen, after = _pages(port, calendar, None)
    return seen, after, not token


def _pages(port: Calendars, calendar: str, token: str | None) -> tuple[list[EventSeen], str]:
    seen: list[EventSeen] = []
    page_token: str | None = None
    while True:
        page = port.page(calendar, token, page_token)
        seen += page.events
        page_token = page.next_page
        if page_token is None:
            return seen, page.sync_token or ""


def _sort_out(writer: Writer, seen: Sequence[EventSeen], findings: Findings) -> None:
    key = writer.agenda.key
    named = [(one, links.meant_by(one.id)) for one in seen]
    ours = [(one, bare) for one, bare in named if bare is not None and bare.account == key]
    held = links.of_records(writer.desk.store, key, [bare.record for _, bare in ours])
    for one, bare in ours:
        if not one.deleted:
            findings.there.add(one.id)
        _judge(one, bare, held.get(bare.record), findings)


def _judge(one: EventSeen, bare: Link, link: Link | None, findings: Findings) -> None:
    if link is None or link.state in {ABSENT, OFF}:
        if not one.deleted:
            findings.changed.append(_adopted(one, link or bare, bare.number))
    elif link.number != bare.number:
        findings.extra += [] if one.deleted else [(link.record, one)]
    elif link.state != LINKED:
        findings.records.add(link.record)
    elif one.deleted or link.etag != one.etag:
        findings.changed.append(link)


def _adopted(one: EventSeen, link: Link, number: int) -> Link:
    """Return the link of an event that is there although nobody remembers it.

    So it is after a person took it back from the bin, and after a restored backup. What we wrote
    there it says itself, so what a person changed since is known all the same.
    """
    base = faces.shown_digests(one) or faces.said_digests(one, {})
    return replace(link, state=LINKED, number=number, etag=one.etag, hash="", base=base)
