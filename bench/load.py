"""The load generator: raw sockets in a process of its own, so that it costs the box little.

`python -m bench.load PORT PATH COUNT CALLERS SEED [PER_SECOND]` posts COUNT forms, each of a new
person, and prints one JSON object: the seconds each post waited, when each was sent, how long all
took, and how many answers there were of each status.
"""

import asyncio
import json
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from itertools import count

HOST = "127.0.0.1"


@dataclass(frozen=True)
class Order:
    """What to post and where; without `per_second` as fast as `callers` can."""

    port: int
    path: str
    posts: int
    callers: int
    seed: int
    per_second: float = 0.0


@dataclass
class Tally:
    """What the callers met; `sent_at` is seconds since the epoch by person."""

    seconds: float = 0.0
    waits: list[float] = field(default_factory=list)
    sent_at: dict[int, float] = field(default_factory=dict)
    answers: Counter[int] = field(default_factory=Counter)


def phone(person: int) -> str:
    """Return the telephone number of a person."""
    return f"+79{person:09d}"


def form_body(person: int) -> bytes:
    """Return the JSON form of a person."""
    fields = {
        "name": f"Посетитель {person}",
        "phone": phone(person),
        "message": f"Вопрос номер {person}: договор, срок, неустойка.",
    }
    return json.dumps(fields, ensure_ascii=False).encode()


def request(path: str, body: bytes) -> bytes:
    """Return a whole HTTP request."""
    head = (
        f"POST {path} HTTP/1.1\r\nHost: {HOST}\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


async def _answer(reader: asyncio.StreamReader) -> int:
    head = (await reader.readuntil(b"\r\n\r\n")).lower()
    _, found, rest = head.partition(b"content-length:")
    if found:
        await reader.readexactly(int(rest.split(b"\r\n", 1)[0]))
    return int(head.split(b" ", 2)[1])


async def _call(order: Order, people: "count[int]", tally: Tally, began: float) -> None:
    reader, writer = await asyncio.open_connection(HOST, order.port)
    while (person := next(people)) < order.seed + order.posts:
        if order.per_second:
            due = began + (person - order.seed) / order.per_second
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
        tally.sent_at[person] = time.time()  # noqa: TID251 - compared between processes
        started = time.perf_counter()
        writer.write(request(order.path, form_body(person)))
        tally.answers[await _answer(reader)] += 1
        tally.waits.append(time.perf_counter() - started)
    writer.close()


async def run(order: Order) -> Tally:
    """Post everything and return what happened."""
    tally, people = Tally(), count(order.seed)
    began = time.perf_counter()
    await asyncio.gather(*(_call(order, people, tally, began) for _ in range(order.callers)))
    tally.seconds = time.perf_counter() - began
    return tally


if __name__ == "__main__":
    port, path, *numbers = sys.argv[1:]
    posts, callers, seed = map(int, numbers[:3])
    rate = float(numbers[3]) if numbers[3:] else 0.0
    print(json.dumps(vars(asyncio.run(run(Order(int(port), path, posts, callers, seed, rate))))))
