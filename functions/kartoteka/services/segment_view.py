"""Segments as one person sees them: which there are, how large they are, who is in them.

A question tells something of whoever is in its segment. So a segment is there only for who may
read every field that its question asks, and of its clients each person sees their own.
"""

from collections.abc import Iterable, Mapping, Sequence

from pydantic import AwareDatetime, Field, JsonValue

from kartoteka.domain.access import Level, level
from kartoteka.domain.change import Actor
from kartoteka.domain.deal import Deal
from kartoteka.domain.errors import NotAllowed
from kartoteka.domain.instant import read
from kartoteka.domain.model import Client, Entity, Lead, Value
from kartoteka.domain.office import Office, Settings
from kartoteka.domain.segment import Member, Segment
from kartoteka.domain.segment_asking import UNCLEAR, Asking
from kartoteka.domain.segment_ready import segments_of
from kartoteka.ports import Found, Query, Store, Where
from kartoteka.services.commands import Command, Registry
from kartoteka.services.office import Desk
from kartoteka.services.read import Look
from kartoteka.services.segment_language import asking_of, called, segment_of
from kartoteka.services.segment_state import Counted, counted

_MOST_SHOWN, _PAGE, _MOST_READ = 500, 100, 5_000
_Place = tuple[type[Entity], str]
_SUM, _DEALS = (Deal, "amount_minor"), (Deal, "state")
_READS: Mapping[str, _Place] = {
    **dict.fromkeys(("won_minor", "money"), _SUM),
    **dict.fromkeys(("deals", "open_deals", "lost_deals", "won_count"), _DEALS),
    **dict.fromkeys(("first_won_at", "last_won_at", "recency", "frequency"), _DEALS),
    **dict.fromkeys(("products", "categories"), (Deal, "lines.category")),
    **dict.fromkeys(("leads", "open_leads", "last_lead_at"), (Lead, "state")),
    **dict.fromkeys(("source", "sources"), (Lead, "first_touch")),
    "consent": (Client, "emails"),
    "region": (Lead, "region"),
    "asked_categories": (Lead, "lines.category"),
    "quiet_since": (Client, "last_touch"),
}


class ListSegments(Value):
    """Ask which segments there are."""


class ShowSegment(Value):
    """Ask who is in a segment; `after` goes on where the last answer ended."""

    segment: str = Field(min_length=1, max_length=200, description="id or name")
    limit: int = Field(default=_PAGE, ge=1, le=_MOST_SHOWN)
    after: str = Field(default="", max_length=1_000)


class SegmentSeen(Value):
    """One segment; `size` is of the whole office and only for who sees its settings."""

    id: str
    name: str
    kind: str
    condition: str = ""
    on: bool = True
    size: int | None = None
    counting: bool = False  # not everybody was looked at yet
    unclear: bool = False  # the condition names what the office has no more: nobody comes or goes
    counted_at: AwareDatetime | None = None


class Segments(Value):
    """The segments that a person may know of."""

    segments: tuple[SegmentSeen, ...]


class SegmentClients(Value):
    """Some of the clients in a segment, as the person sees them; `after` leads on."""

    segment: SegmentSeen
    clients: tuple[dict[str, JsonValue], ...]
    after: str = ""


def listed(desk: Desk, actor: Actor, _form: ListSegments, _cause: str) -> Segments:
    """Return the segments whose question this person may know."""
    settings, sizes = desk.settings(), counted(desk.store)
    asking = asking_of(settings)
    rows = (row for row in segments_of(settings.office) if knows(actor, row, asking, settings))
    return Segments(segments=tuple(_seen(actor, row, settings, sizes) for row in rows))


def show(desk: Desk, actor: Actor, form: ShowSegment, _cause: str) -> SegmentClients:
    """Return clients of a segment as far as they are the person's to see.

    Raises:
        Invalid: there is no such segment. NotAllowed: its question asks what is closed to them.
    """
    settings = desk.settings()
    row = known_segment(actor, settings, form.segment)
    look = Look(desk.store, settings, actor, desk.now())
    found: list[dict[str, JsonValue]] = []
    after, seen_so_far = form.after, 0
    while len(found) < form.limit and seen_so_far < _MOST_READ:
        size = min(_PAGE, form.limit - len(found))
        page = _page(desk.store, row.id, after, size)
        found += look.seen(_clients(desk.store, page))
        seen_so_far += len(page)
        after = page[-1].cursor if len(page) == size else ""
        if not after:
            break
    return SegmentClients(segment=seen(desk, actor, row), clients=tuple(found), after=after)


def known_segment(actor: Actor, settings: Settings, said: str) -> Segment:
    """Return a segment that this person may know of, by id or name.

    Raises:
        Invalid: there is none. NotAllowed: its question asks what is closed to them.
    """
    row = segment_of(settings.office, said)
    if not knows(actor, row, asking_of(settings), settings):
        raise NotAllowed(f"{actor.id} may not know of segment {row.id}", code="segment_closed")
    return row


def knows(actor: Actor, row: Segment, asking: Asking, settings: Settings) -> bool:
    """Return whether the person may read everything that the segment's question asks."""
    if not actor.is_person:
        return True
    asked = asking.questions.get(row.id)
    if asked is None:
        return row.kind == "static" or _sees_settings(actor, settings)
    places = map(_place, asked.asks)
    return all(level(actor, kind, name, within=settings) >= Level.READ for kind, name in places)


def seen(desk: Desk, actor: Actor, row: Segment) -> SegmentSeen:
    """Return a segment as this person sees it now."""
    return _seen(actor, row, desk.settings(), counted(desk.store))


def _place(fact: str) -> _Place:
    name = fact.removeprefix("client.")
    return _READS.get(name, (Client, name))


def _sees_settings(actor: Actor, settings: Settings) -> bool:
    if not actor.is_person:
        return True
    return level(actor, Office, "segments", within=settings) >= Level.READ


def _seen(
    actor: Actor, row: Segment, settings: Settings, sizes: Mapping[str, Counted]
) -> SegmentSeen:
    known = sizes.get(row.id)
    return SegmentSeen(
        id=row.id,
        name=called(row, settings.office.locale),
        kind=row.kind,
        condition=row.condition,
        on=row.on,
        size=known.size if known and _sees_settings(actor, settings) else None,
        counting=row.on and (known is None or not known.whole),
        unclear=known is not None and known.print == UNCLEAR,
        counted_at=read(known.at) if known and known.at else None,
    )


def _page(store: Store, segment_id: str, after: str, size: int) -> Sequence[Found]:
    where = (Where("segment_id", "==", segment_id),)
    query = Query(Member.collection, where, limit=size, after=after or None)
    return list(store.query(query))


def _clients(store: Store, page: Sequence[Found]) -> Iterable[Client]:
    ids = [str(hit.doc["client_id"]) for hit in page]
    docs = store.get_many(Client.collection, ids) if ids else {}
    return (Client.model_validate(docs[name]) for name in ids if name in docs)


SEGMENT_VIEWS: Registry = {
    "segment.list": Command("which segments there are", ListSegments, listed),
    "segment.show": Command("who is in a segment", ShowSegment, show),
}
