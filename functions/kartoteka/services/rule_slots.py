"""The hours of rules that fire by themselves, and the records that they look at."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from kartoteka.domain.rules.model import Daily, Rule, Weekly
from kartoteka.domain.tasks_rules import ACTIVE
from kartoteka.domain.worktime import WorkTime
from kartoteka.ports import Doc, Order, Query, Store, Where
from kartoteka.services.rule_facts import KINDS

_WEEK = 7
_ONGOING = ("ongoing", "open")
_OPEN = {"lead": _ONGOING, "deal": _ONGOING, "task": tuple(sorted(ACTIVE))}
_ORDER = {"lead": "next_at", "deal": "next_at", "task": "due_at"}


def coming(rule: Rule, after: datetime, work: WorkTime) -> datetime | None:
    """Return the next hour of a scheduled rule behind a moment, None for any other rule.

    A day that has no such hour, when clocks go forward, has it as much later.
    """
    trigger = rule.trigger
    if not isinstance(trigger, Daily | Weekly):
        return None
    zone = ZoneInfo(work.zone)
    day = after.astimezone(zone).date()
    for offset in range(2 * _WEEK + 366 * isinstance(trigger, Daily)):
        local = day + timedelta(days=offset)
        moment = datetime.combine(local, trigger.at, zone).astimezone(after.tzinfo)
        weekly = isinstance(trigger, Weekly) and local.weekday() != trigger.day
        closed = isinstance(trigger, Daily) and trigger.working and not work.is_working_day(local)
        if moment > after and not weekly and not closed:
            return moment
    return None


def open_records(store: Store, kind: str) -> Iterator[Doc]:
    """Yield the open records of a kind; clients and companies are all open."""
    where = (Where("state", "in", _OPEN[kind]),) if kind in _OPEN else ()
    order = (Order(_ORDER[kind]),) if kind in _ORDER else ()
    for hit in store.query(Query(KINDS[kind].collection, where, order)):
        yield hit.doc
