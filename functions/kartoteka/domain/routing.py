"""Who gets a new lead."""

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from itertools import count
from zoneinfo import ZoneInfo

from kartoteka.domain.model import Staff
from kartoteka.domain.office import Settings


def on_shift(settings: Settings, now: datetime) -> list[Staff]:
    """Return who may get a lead at this moment, in the order of the staff list.

    Nobody on shift at all (a holiday, a night): everyone who takes leads, so that no lead is
    without an owner when the office opens.
    """
    today = now.astimezone(ZoneInfo(settings.office.work.zone)).date()
    takers = [person for person in settings.staff if person.active and person.takes_leads]
    present = [
        person
        for person in takers
        if today.weekday() in person.shift and today.isoformat() not in person.absent
    ]
    return present or takers


class Turns:
    """Round robin without a hot document: each instance deals in turn from its own place.

    One box deals in strict order; several cloud instances deal evenly, each by itself.
    """

    def __init__(self, start: int = 0) -> None:
        self._counter: Iterator[int] = count(start)

    def next(self) -> int:
        """Return the next place in the queue; safe between threads."""
        return next(self._counter)


def owner(
    settings: Settings, wanted: Iterable[str | None], turn: Callable[[], int], now: datetime
) -> Staff | None:
    """Return who gets the lead: the first active one of `wanted`, else the next in turn.

    None when nobody takes leads at all.
    """
    for staff_id in wanted:
        person = settings.person(staff_id)
        if person is not None and person.active:
            return person
    queue = on_shift(settings, now)
    return queue[turn() % len(queue)] if queue else None
