"""What one person has before them today, and what the heads sum up in the evening; M-4, §4.7."""

from collections.abc import Iterable, Iterator
from datetime import datetime, time
from itertools import islice, takewhile
from zoneinfo import ZoneInfo

from kartoteka.domain.counters import end_of_day
from kartoteka.domain.deal import Deal
from kartoteka.domain.instant import read, spell
from kartoteka.domain.model import Lead, Task
from kartoteka.domain.next_step import OPEN
from kartoteka.domain.sla_rules import SlaCase
from kartoteka.domain.tasks_rules import ACTIVE
from kartoteka.i18n import text
from kartoteka.ports import Doc, Order, Query, Where
from kartoteka.services.read import Look

MOST = 500  # of each kind that is looked at
_LISTED = 10  # of each kind that is told by name
_CALLS = frozenset({"call", "callback", "first_contact"})
_OPEN = tuple(sorted(OPEN))
_ACTIVE = tuple(sorted(ACTIVE - {"review"}))


def morning(look: Look) -> tuple[str, ...]:
    """Return the lines of a person's plan: tasks due, requests that wait, calls planned."""
    me, now = look.actor.id, look.now
    tasks, bare = _planned(look)
    waiting = list(look.rows(_waiting(me)))
    calls = [it for it in tasks if it.get("what") in _CALLS]
    calls += [it for it in bare if _step(it).get("what") in _CALLS]
    timed = sorted(((_moment(it), it) for it in (*tasks, *bare)), key=lambda pair: pair[0])
    late = [it for moment, it in timed if moment < now]
    today = [it for moment, it in timed if moment >= now]
    return (
        *_listed(look, "digest_overdue", late),
        *_listed(look, "digest_today", today),
        *_listed(look, "digest_waiting", waiting),
        _say(look, "digest_calls", count=len(calls)),
    )


def first_things(look: Look, most: int) -> tuple[str, ...]:
    """Return the ids of what is first in a person's plan: by time, then requests that wait."""
    tasks, bare = _planned(look)
    timed = sorted((*tasks, *bare), key=_moment)
    ids = (str(it["id"]) for it in (*timed, *look.rows(_waiting(look.actor.id))))
    return tuple(islice(dict.fromkeys(ids), most))


def _planned(look: Look) -> tuple[list[Doc], list[Doc]]:
    """Return the tasks until this evening, and the records whose step is no task."""
    end = spell(end_of_day(look.now, look.settings.office.work.zone))
    tasks = list(_tasks(look, end))
    records = [*_due(look, Lead, "next_at", end), *_due(look, Deal, "next_at", end)]
    return tasks, [it for it in records if it.get("next_at") and not _step(it).get("task_id")]


def evening(look: Look) -> tuple[str, ...]:
    """Return the lines of what a head sums up, of the records that this head may read."""
    day = _day_begun(look)
    bare = [*_unplanned(look, Lead), *_unplanned(look, Deal)]
    came = [it for it in _since(look, Lead, "created_at", day) if it.get("id")]
    closed = _since(look, Deal, "updated_at", day)
    won = [it for it in closed if it.get("state") == "won" and str(it.get("won_at") or "") >= day]
    return (
        _say(look, "digest_new", count=len(came)),
        _say(look, "digest_won", count=len(won)),
        *_listed(look, "digest_unplanned", bare),
        _say(look, "digest_breaches", count=_breaches(look, day)),
    )


def _due(look: Look, kind: type[Lead | Deal], field: str, end: str) -> Iterator[Doc]:
    where = (
        Where("owner_id", "==", look.actor.id),
        Where("state", "in", _OPEN),
        Where(field, "<", end),
    )
    return look.rows(Query(kind.collection, where, (Order(field),), MOST))


def _tasks(look: Look, end: str) -> Iterator[Doc]:
    where = (
        Where("assignee_id", "==", look.actor.id),
        Where("state", "in", _ACTIVE),
        Where("due_at", "<", end),
    )
    return look.rows(Query(Task.collection, where, (Order("due_at"),), MOST))


def _waiting(staff_id: str) -> Query:
    """Return the question for requests with which nobody has acted yet."""
    where = (
        Where("owner_id", "==", staff_id),
        Where("state", "in", _OPEN),
        Where("touched_at", "==", None),
    )
    return Query(Lead.collection, where, limit=MOST)


def _unplanned(look: Look, kind: type[Lead | Deal]) -> list[Doc]:
    """Return the open records with nothing planned: null is first in the order of time."""
    query = Query(kind.collection, (Where("state", "in", _OPEN),), (Order("next_at"),), MOST)
    bare = takewhile(lambda hit: hit.doc["next_at"] is None, look.store.query(query))
    return list(look.seen(kind.model_validate(hit.doc) for hit in bare))


def _since(look: Look, kind: type[Lead | Deal], field: str, day: str) -> Iterator[Doc]:
    query = Query(kind.collection, (Where(field, ">=", day),), (Order(field),), MOST)
    return look.rows(query)


def _breaches(look: Look, day: str) -> int:
    """Return how many limits were broken today, of records that this head may read."""
    query = Query(SlaCase.collection, (Where("due_at", ">=", day),), (Order("due_at"),), MOST)
    cases = [SlaCase.model_validate(hit.doc) for hit in look.store.query(query)]
    return sum(1 for it in cases if it.breached and _reads(look, it))


def _reads(look: Look, case: SlaCase) -> bool:
    kind: type[Lead | Deal] = Deal if case.deal_id else Lead
    doc = look.store.get(kind.collection, case.deal_id or case.lead_id or "")
    return doc is not None and any(look.seen([kind.model_validate(doc)]))


def _listed(look: Look, code: str, found: Iterable[Doc]) -> Iterator[str]:
    rows = list(found)
    yield _say(look, code, count=len(rows))
    yield from (f"– {_line(look, it)}" for it in islice(rows, _LISTED))
    if len(rows) > _LISTED:
        yield _say(look, "digest_more", count=len(rows) - _LISTED)


def _line(look: Look, shown: Doc) -> str:
    moment = shown.get("due_at") or shown.get("next_at")
    words = " ".join(str(shown.get("title") or shown.get("name") or shown.get("id")).split())
    return f"{_clock(look, read(str(moment)))} {words}" if moment else words


def _clock(look: Look, moment: datetime) -> str:
    local = moment.astimezone(ZoneInfo(look.settings.office.work.zone))
    today = look.now.astimezone(local.tzinfo).date()
    return f"{local:%H:%M}" if local.date() == today else f"{local:%d.%m %H:%M}"


def _moment(shown: Doc) -> datetime:
    return read(str(shown.get("due_at") or shown.get("next_at")))


def _step(shown: Doc) -> Doc:
    found = shown.get("next_action")
    return found if isinstance(found, dict) else {}


def _day_begun(look: Look) -> str:
    zone = ZoneInfo(look.settings.office.work.zone)
    return spell(datetime.combine(look.now.astimezone(zone).date(), time(0), zone))


def _say(look: Look, code: str, **facts: object) -> str:
    return text(code, look.settings.office.locale, **facts)
