"""Visits of people we know: one activity per visit, and how a client first came to the site.

Nothing is kept of a stranger. A visit is written at most once a minute and holds at most thirty
pages, so whoever leaves a page open or reloads it costs nothing.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from kartoteka.domain.change import Actor, ActorKind
from kartoteka.domain.identity import keys
from kartoteka.domain.ids import ActivityId, derived
from kartoteka.domain.inbound import Inbound
from kartoteka.domain.model import Activity, Client, Lead, Source
from kartoteka.domain.visit import Came, Trail, told
from kartoteka.domain.visitor import CHANNEL
from kartoteka.i18n import text
from kartoteka.services import duplicates
from kartoteka.services.merge import follow
from kartoteka.services.office import Desk
from kartoteka.services.record_inbound import Stored
from kartoteka.services.unit import Unit, transact

_ACTOR = Actor(kind=ActorKind.CHANNEL, id=CHANNEL)
_PAUSE = timedelta(minutes=1)
_MOST_LINES = 30
_JOIN_WITHIN = timedelta(minutes=10)
_FORM = "form"
PAGE_VIEW = "page_view"


@dataclass(frozen=True, slots=True)
class Who:
    """A visitor of a site."""

    site_id: str
    visitor: str

    @property
    def messenger(self) -> str:
        """Return the visitor as a client's messenger."""
        return f"{CHANNEL}:{self.site_id}:{self.visitor}"

    @property
    def key(self) -> str:
        """Return the visitor's identity key."""
        return keys((), (), (self.messenger,))[0]


def look(desk: Desk, who: Who, trail: Trail) -> str:
    """Return what was done with a visit: kept, later (a minute is not over), unknown, full.

    Raises:
        Transient: the store does not answer; the page may repeat.
    """

    def work(unit: Unit) -> str:
        client_id = unit.keys((who.key,)).get(who.key)
        if client_id is None:
            return "unknown"
        return _kept(unit, desk, who, trail, client=follow(unit, client_id))

    return _done(desk, work, trail)


def join(desk: Desk, who: Who, trail: Trail, stored: Stored) -> None:
    """Keep the visit of a client who has just written, and how they first came.

    Raises:
        Transient: the store does not answer; what was written is stored already.
    """

    def work(unit: Unit) -> str:
        client = follow(unit, stored.client_id or "")
        _first_touch(unit, desk, who, trail, lead_id=stored.lead_id)
        return _kept(unit, desk, who, trail, client=client)

    _done(desk, work, trail)


def join_form(desk: Desk, who: Who, trail: Trail, event_id: str) -> str:
    """Return kept, or unknown: the visitor sent this form a moment ago and is its client now.

    Who knows the id of the event sent it: it is told to nobody else.

    Raises:
        Transient: the store does not answer; the page may repeat.
    """

    def work(unit: Unit) -> str:
        event = unit.find(Inbound, event_id)
        late = event is None or unit.now - event.received_at > _JOIN_WITHIN
        if event is None or late or event.channel != _FORM or event.client_id is None:
            return "unknown"
        client = follow(unit, event.client_id)
        if unit.keys((who.key,)).get(who.key, client.id) != client.id:
            return "unknown"  # known already: people decide whether the two are one
        duplicates.take(unit, [who.key], client.id)
        names = tuple(dict.fromkeys((*client.messengers, who.messenger)))
        known = unit.save(client.model_copy(update={"messengers": names}))
        _first_touch(unit, desk, who, trail, lead_id=event.lead_id)
        return _kept(unit, desk, who, trail, client=known)

    return _done(desk, work, trail)


def _done(desk: Desk, work: Callable[[Unit], str], trail: Trail) -> str:
    done = transact(desk.store, _ACTOR, f"visit:{trail.visit}", desk.now(), work=work)
    if done == "kept":
        desk.waker.after_commit()
    return done


def _kept(unit: Unit, desk: Desk, who: Who, trail: Trail, *, client: Client) -> str:
    """Write the visit's one activity, if there is news and its minute is over."""
    unit.subject = client.id
    if not trail.pages:
        return "kept"
    name = ActivityId(derived("ac", CHANNEL, who.site_id, who.visitor, trail.visit))
    known = unit.find(Activity, name)
    before = known.text.split("\n")[1:] if known is not None else []
    lines = list(dict.fromkeys((*before, *told(trail.pages).split("\n"))))[:_MOST_LINES]
    if known is not None and lines == before:
        return "full"
    if known is not None and unit.now - known.at < _PAUSE:
        return "later"
    locale = desk.settings().office.locale
    words = "\n".join((text("visit_seen", locale, count=len(lines)), *lines))
    visit = known or Activity(
        id=name,
        what=PAGE_VIEW,
        client_id=client.id,
        lead_id=client.open_lead_id,
        at=unit.now,
    )
    unit.save(visit.model_copy(update={"text": words, "at": unit.now, "client_id": client.id}))
    return "kept"


def _first_touch(unit: Unit, desk: Desk, who: Who, trail: Trail, *, lead_id: str | None) -> None:
    """Say of a new lead how its client first came to the site."""
    lead = unit.find(Lead, lead_id)
    if lead is None or unit.now - lead.created_at > _JOIN_WITHIN or not _says(trail.first):
        return
    account = desk.settings().account(CHANNEL, who.site_id)
    first = Source(
        channel=CHANNEL,
        name=account.source,
        page=trail.first.page,
        referrer=trail.first.referrer,
        utm=trail.first.tags,
    )
    unit.save(lead.model_copy(update={"first_touch": first}))


def _says(came: Came) -> bool:
    return bool(came.page or came.referrer or came.tags)
