"""Clients go first, but own work never waits for ever."""

import asyncio
import threading
from itertools import count

from starlette.types import Message, Receive, Scope, Send

from onebox.right_of_way import RightOfWay


def test_own_work_waits_until_the_burst_is_over() -> None:
    way = RightOfWay(busy=1)
    over, done = threading.Event(), threading.Event()

    async def client(_scope: Scope, _receive: Receive, _send: Send) -> None:
        await asyncio.to_thread(over.wait, 60)

    def burst() -> None:
        asyncio.run(call(way.for_clients(client)))

    visitors = threading.Thread(target=burst)
    visitors.start()
    while not way._under_way:
        pass
    own = threading.Thread(target=lambda: (way.give_way(), done.set()))
    own.start()
    assert not done.wait(0.2)

    over.set()

    assert done.wait(30)
    visitors.join()
    own.join()


def test_own_work_has_its_turn_when_patience_ends_then_stands_back_again() -> None:
    now = 0.0
    way = RightOfWay(busy=1, patience_s=15, turn_s=5, clock=lambda: now)
    way._count(1)

    waits = []
    for second in range(45):
        now = float(second)
        waits.append(way._must_wait())

    assert waits == ([True] * 15 + [False] * 5) * 2 + [True] * 5


def test_call_of_own_work_waits_for_the_clients() -> None:
    way = RightOfWay(busy=1)
    reached = []

    async def google(_scope: Scope, _receive: Receive, _send: Send) -> None:
        reached.append(way._under_way)

    async def both() -> None:
        way._count(1)
        own = asyncio.create_task(call(way.for_own_work(google)))
        await asyncio.sleep(0.15)
        assert not reached
        way._count(-1)
        await asyncio.wait_for(own, 5)

    asyncio.run(both())

    assert reached == [0]


def test_quiet_box_lets_own_work_through_at_once() -> None:
    way = RightOfWay(busy=2, clock=lambda: 0.0)
    way._count(1)

    way.give_way()

    assert way._under_way == 1


def test_calls_one_after_another_make_a_burst_by_their_pace() -> None:
    moments = count(0, 0.05)  # seconds between two readings of the clock
    way = RightOfWay(busy=4, brisk=5, patience_s=60, clock=lambda: next(moments))
    for _ in range(40):
        way._count(1)
        way._count(-1)
    before = next(moments)

    way.give_way()

    waited = next(moments) - before
    assert 0.2 < waited < 60
    assert not way._is_burst(next(moments))


async def call(app: object) -> None:
    async def receive() -> Message:
        return {"type": "http.disconnect"}

    async def send(_message: Message) -> None:
        return None

    await app({"type": "http"}, receive, send)
