"""Messengers: what a stranger's first message costs beside a call in the office's own JSON."""

import statistics
import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from pathlib import Path

from bench.base import office
from bench.exchanges import timed
from bench.report import Row, at_most
from ingest.channel import as_sent
from ingest.channels import CHANNELS
from kartoteka.domain.office import Account
from kartoteka.http import Call
from kartoteka.ports import Query
from kartoteka.wiring import App
from onebox.samples import at_address, read_sample

_ROUNDS, _A_ROUND = 9, 12
_SECRET = "key:salt"  # noqa: S105 - of a throw-away office

_STRIDE = 8  # numbers of one person
_BY_PHONE = {"call", "whatsapp"}
Named = Mapping[str, tuple[str, tuple[str, ...]]]

# Of each channel the texts of a sample that name its writer and its message.
_NAMED: Named = {
    "call": ("missed", ("8 (916) 555-01-02", "pbx-0002")),
    "avito": ("message", ("2002", "m77", "u2i-abc")),
    "max": ("message", ("4400001", "mid.1", "880001")),
    "messenger": ("message", ("6001", "m_1")),
    "telegram": ("message", ("5550177001", "910022331")),
    "viber": ("message", ("01234567890A=", "4912661846655238145")),
    "vk": ("message", ("7001", "501")),
    "whatsapp": ("message", ("79165550177", "wamid.A1")),
}


def messages(folder: Path) -> list[Row]:
    """Compare the processor's time for a first message of each messenger with our own call's.

    What a message waits for beside it, the disk, is the same for all, and other work on the machine
    does not count.
    """
    what = "message, processor"
    return compared(folder / "messages", _NAMED, _BY_PHONE, what, clock=time.thread_time)


def compared(
    folder: Path,
    named: Named,
    by_phone: Collection[str],
    what: str,
    *,
    own: str = "call",
    clock: Callable[[], float] = time.perf_counter,
) -> list[Row]:
    """Compare a stranger's first word on each channel with that on a channel of our own JSON.

    The channels take turns, so that a busy moment of the machine meets all of them.
    """
    app = _connected(folder, named)
    waits: dict[str, list[float]] = {channel: [] for channel in named}
    person = 0
    for turn in range(_ROUNDS + 1):
        for channel in named:
            for _ in range(_A_ROUND):
                person += 1
                stranger = _of_stranger(channel, person, named[channel], channel in by_phone)
                wait = timed(app, stranger, clock)
                waits[channel] += [wait] if turn else []
    requests = app.store.count(Query("leads"))
    app.store.close()
    if requests != person:
        raise AssertionError(f"{person} strangers wrote and made {requests} requests")
    plain = statistics.median(waits.pop(own))
    return [
        at_most(f"{channel}: {what} : own JSON", statistics.median(found) / plain, 1.3)
        for channel, found in waits.items()
    ]


def _connected(data: Path, named: Named) -> App:
    data.mkdir()
    app = office(data)
    for name in named:
        made = Account(id=_token(name), channel=name, title=name, source=name, secrets=(_SECRET,))
        doc = made.model_dump(mode="json")
        app.store.run(lambda tx, made=made, doc=doc: tx.put(made.collection, made.id, doc))  # type: ignore[misc]
    return app


def _of_stranger(
    channel: str, person: int, told: tuple[str, tuple[str, ...]], by_phone: bool
) -> Call:
    """Return the sample as another person sends it, signed, at the account's address."""
    sample, named = told
    call = at_address(read_sample(channel, sample), (channel, _token(channel)))
    text = call.body.decode()
    first = 79_160_000_000 if by_phone else 1_000_000_000
    for place, old in enumerate(named):
        text = text.replace(old, f"{first + person * _STRIDE + place}")
    posted = replace(call, body=text.encode(), base_url="http://localhost")
    return as_sent(CHANNELS[channel], posted, _SECRET)


def _token(channel: str) -> str:
    return "consult" if channel == "form" else f"{channel}_b"
