"""Two signals of a neglected deal, each by itself: it went cold, or nothing is planned.

Cold («остыла»): no real touch for longer than the stage allows. A real touch is the client's
message, an answered call, a colleague's message to the client or a meeting that was held; edits,
notes, rules and a postponed action are not. Nothing planned («без дел»): no next action at all;
an overdue one is overdue, which is another matter.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from kartoteka.domain.deal import Deal
from kartoteka.domain.guards import is_open
from kartoteka.domain.pipeline import Stage
from kartoteka.domain.worktime import Delay, WorkTime


@dataclass(frozen=True, slots=True)
class Limits:
    """When a deal goes cold, and when it has been cold for as long again."""

    cold_at: datetime
    twice_at: datetime


def limits(deal: Deal, stage: Stage, hours: WorkTime) -> Limits | None:
    """Return the limits of this stay; None when the deal is closed, asleep or never goes cold.

    Counted in working days from the last touch or the entry, whichever is later. A stage that
    counts to a date (`idle_from`), once the date is known, is cold behind it, and twice over after
    the same time again since the entry.
    """
    if not is_open(deal) or deal.wake_at is not None:
        return None
    date = getattr(deal, stage.idle_from) if stage.idle_from else None
    if date is not None:
        return _to_date(deal, date, hours)
    if not stage.idle_days:
        return None
    since = max(deal.stage_entered_at, deal.last_touch_at or deal.stage_entered_at)
    return Limits(
        hours.add(since, Delay(work_days=stage.idle_days)),
        hours.add(since, Delay(work_days=2 * stage.idle_days)),
    )


def is_cold(deal: Deal, stage: Stage, hours: WorkTime, now: datetime) -> bool:
    """Return whether the deal went cold."""
    found = limits(deal, stage, hours)
    return found is not None and now >= found.cold_at


def has_nothing_planned(deal: Deal) -> bool:
    """Return whether an open deal has no next action."""
    return is_open(deal) and deal.next_action is None


def _to_date(deal: Deal, date: datetime, hours: WorkTime) -> Limits:
    again = date + max(timedelta(), date - deal.stage_entered_at)
    return Limits(hours.add_minutes(date, 0), hours.add_minutes(again, 0))
