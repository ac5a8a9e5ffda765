"""The month's journeys through time, against a clock that does not stand still."""

from datetime import UTC, datetime, timedelta

import httpx
import pytest

from onebox.clock import BoxClock
from onebox.demo.month.doing import Doer

NINE = datetime(2026, 11, 2, 9, tzinfo=UTC)
REFUSED = httpx.Response(422, request=httpx.Request("POST", "http://box/onebox/clock"))


class TickingBox:
    """A box that refuses to move, and whose clock ticks at each look."""

    def __init__(self, start, tick):
        self._now, self._tick = start, tick
        self.journeys = 0

    def now(self):
        self._now += self._tick
        return self._now

    def travel(self, _moment):
        self.journeys += 1
        REFUSED.raise_for_status()


def doer_of(box):
    clock = BoxClock(NINE - timedelta(hours=1))
    return Doer(box, app=None, clock=clock, sender=None, book=None, log=None, played=None)


def test_moment_that_passed_by_itself_is_reached():
    box = TickingBox(NINE - timedelta(seconds=3), timedelta(seconds=2))
    doer = doer_of(box)
    doer.go_to(NINE)
    assert box.journeys == 1
    assert doer.clock.now() >= NINE


def test_journey_that_is_refused_on_the_way_is_told():
    box = TickingBox(NINE - timedelta(hours=3), timedelta(seconds=2))
    with pytest.raises(httpx.HTTPStatusError):
        doer_of(box).go_to(NINE)
