"""`GET /api/v1/...`: records, cards and what became of them, as the caller's person sees them."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

from api.v1.callers import Caller
from kartoteka.domain.errors import Invalid, Malformed, NotFound
from kartoteka.domain.model import Entity, Lead
from kartoteka.http import Call, Reply, json_reply
from kartoteka.ports import Query
from kartoteka.services import cards, searching
from kartoteka.services.kinds import KINDS as WITH_HISTORY
from kartoteka.services.past import past, state_at
from kartoteka.services.read import KINDS, Look, Page
from kartoteka.wiring import App

MOST = 200
USUAL = 50
_NAMES = (
    *("activities", "approvals", "chats", "clients", "companies", "deals", "leads", "notices"),
    *("orders", "pairs", "papers", "payments", "plans", "products", "staff", "tasks", "templates"),
)
ENTITIES: Mapping[str, type[Entity]] = {name: KINDS[name] for name in _NAMES}
_ID = re.compile(r"[\w.:@+-]{1,200}", re.ASCII)
_OURS = frozenset({"limit", "after", "lang"})  # parameters that are no filters


@dataclass(frozen=True, slots=True)
class _Place:
    """What an address names; a list has no id."""

    look: Look
    call: Call
    kind: type[Entity]
    record_id: str = ""


def answer(call: Call, app: App, caller: Caller) -> Reply:
    """Return what stands at the address.

    Raises:
        NotAllowed: the key does not read. NotFound: there is nothing, or it is out of reach.
        Malformed: a parameter cannot be used; says which there are.
    """
    caller.check_reading()
    look = Look(app.store, app.desk.settings(), caller.actor, app.clock.now())
    collection, *rest = call.path[1:]
    kind = ENTITIES.get(collection)
    match rest:
        case [] if kind is not None:
            return _listed(_Place(look, call, kind))
        case [record_id, *part] if kind is not None and _ID.fullmatch(record_id):
            return _on_one(_Place(look, call, kind, record_id), tuple(part))
        case [record_id] if kind is not None:
            raise NotFound(f"there is no {kind.kind} of such an id", code="record_unknown")
    raise nothing(call)


def _on_one(place: _Place, part: tuple[str, ...]) -> Reply:
    look, kind, record_id = place.look, place.kind, place.record_id
    match part:
        case ():
            return json_reply({"record": cards.one(look, kind, record_id)})
        case ("card",) if kind is Lead:
            return json_reply(cards.lead_card(look, record_id))
        case ("card",):
            return json_reply(cards.card(look, kind, record_id))
        case ("history",):
            return _history(place)
    raise nothing(place.call)


def _history(place: _Place) -> Reply:
    kind, moment = place.kind.kind, place.call.param("at")
    if kind not in WITH_HISTORY:
        known = ", ".join(name for name, it in ENTITIES.items() if it.kind in WITH_HISTORY)
        raise NotFound(f"{kind} has no history", code="api_no_history", known=known)
    if moment:
        then = searching.instant(place.look, "at", moment)
        return json_reply({"record": state_at(place.look, kind, place.record_id, then)})
    found = past(place.look, kind, place.record_id)
    return json_reply({"steps": list(found.steps), "complete": found.complete})


def _listed(place: _Place) -> Reply:
    look, call, collection = place.look, place.call, place.kind.collection
    query = searching.question(look, collection, _filters(call))
    page = _page(look, replace(query, after=call.param("after") or None), call, _limit(call))
    rows = list(cards.named(look, collection, page.rows))
    return json_reply({"records": rows, "next": page.after})


def _page(look: Look, query: Query, call: Call, most: int) -> Page:
    """Return the page; a cursor of another question, or of none, is the caller's mistake."""
    try:
        return look.page(query, most)
    except Invalid as exc:
        if not call.param("after"):
            raise
        raise Malformed(str(exc), code="api_cursor") from exc


def _filters(call: Call) -> dict[str, str]:
    """Return the filters of an address; one that is there twice has both values."""
    found: dict[str, list[str]] = {}
    for name, value in call.query:
        if name not in _OURS:
            found.setdefault(name, []).append(value)
    return {name: ",".join(values) for name, values in found.items()}


def _limit(call: Call) -> int:
    given = call.param("limit") or str(USUAL)
    if not re.fullmatch("[0-9]{1,4}", given) or not 1 <= int(given) <= MOST:
        raise Malformed(f"limit {given!r}: use 1 to {MOST}", code="api_limit", most=MOST)
    return int(given)


def nothing(call: Call) -> NotFound:
    """Return what is said of an address that leads nowhere."""
    place = f"{call.method} /api/{'/'.join(call.path)}"
    return NotFound(f"there is nothing at {place}", code="api_nothing", place=place)
