"""Telephone exchanges: how long a caller waits for an answer, and what an event costs."""

import random
import time
from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import partial
from pathlib import Path
from urllib.parse import quote

from bench.base import grow, office
from bench.front import compared
from bench.load import phone
from bench.report import Row, at_most, quantile
from ingest.channel import as_sent
from ingest.channels import CHANNELS
from ingest.pipeline import receive
from kartoteka.adapters.counted import CountedStore
from kartoteka.domain.office import Account
from kartoteka.http import Call
from kartoteka.ports import Query
from kartoteka.wiring import App
from onebox.samples import at_address, read_sample

_ASKED = 400
_PROOF = "key:salt"
_CALLER = "79165550177"  # who asks in the samples
_ASKING = ("asterisk", "megafon", "sipuni", "telphin", "twilio", "uis", "zadarma")

# Of each channel a sample that makes a request of a stranger: its caller, the id of its call.
_MISSED = {
    "call": ("missed", "8 (916) 555-01-02", "pbx-0002"),
    "asterisk": ("missed", "8 (916) 555-01-78", "1795413600.2"),
    "beeline": ("missed", "79165550178", "20261123:2"),
    "exolve": ("missed", "79165550178", "5b1c-78"),
    "mango": ("missed", "79165550178", "TUlTU0VE"),
    "megafon": ("missed", "79165550178", "87112234"),
    "sipuni": ("missed", "79165550178", "1795413600.18824"),
    "telphin": ("missed", "+79165550178", "88c8491e9d38"),
    "twilio": ("dial_no_answer", "+79165550178", "CA02"),
    "uis": ("lost", "79165550179", "6612345680"),
    "zadarma": ("missed", "+79165550178", "in_aaaa2f9e7a514d0e"),
}
_EVENT_ID = {"beeline": "ev-5"}  # where the event has an id beside the call's


def questions(folder: Path, people: int) -> list[Row]:
    """Measure what an exchange waits for the name and the extension, with a large base behind."""
    app = connected(folder / "questions", _ASKING)
    grow(app, people, only=("clients", "keys"))
    chance = random.Random(1)
    rows = []
    for channel in _ASKING:
        waits = [_timed(app, _question(channel, chance.randrange(people))) for _ in range(_ASKED)]
        rows.append(at_most(f"{channel}: answer p99", quantile(waits, 0.99) * 1000, 150, "ms"))
    counted = CountedStore(app.store)
    measured = App(app.settings, app.clock, lambda _settings: counted)
    measured.__dict__["tasks"] = app.tasks
    receive(_question("zadarma", 1), measured)  # the office's settings are read once in seconds
    with counted.measure() as cost:
        receive(_question("zadarma", 2), measured)
    app.store.close()
    return [*rows, at_most("reads per answer", cost.reads, 2)]


def events(folder: Path) -> list[Row]:
    """Compare what each exchange waits for the answer to a missed call with one in our own JSON."""
    app = connected(folder / "events", tuple(_MISSED))
    found = compared(app, {channel: partial(missed, channel) for channel in _MISSED})
    requests = app.store.count(Query("leads"))
    app.store.close()
    if requests != found.events:
        raise AssertionError(f"{found.events} strangers called and made {requests} requests")
    return found.rows("event")


def connected(data: Path, channels: Iterable[str], secret: str = _PROOF) -> App:
    """Return an office with an account of each channel, before anybody read its settings."""
    data.mkdir()
    app = office(data)
    for name in channels:
        made = Account(id=f"{name}_b", channel=name, title=name, source=name, secrets=(secret,))
        doc = made.model_dump(mode="json")
        app.store.run(lambda tx, made=made, doc=doc: tx.put(made.collection, made.id, doc))  # type: ignore[misc]
    return app


def _question(channel: str, person: int) -> Call:
    return _called(channel, "question", lambda text: text.replace(_CALLER, phone(person)[1:]))


def missed(channel: str, person: int) -> Call:
    """Return a missed call of another stranger, as the channel tells it."""
    sample, number, call_id = _MISSED[channel]
    own_id = _EVENT_ID.get(channel, call_id)

    def made_own(text: str) -> str:
        for spelled in (quote(number, safe=""), number):
            text = text.replace(spelled, phone(person)[1:])
        if own_id != call_id:
            text = text.replace(own_id, f"{own_id}{person}")
        return text.replace(call_id, f"{call_id}{person}")

    return _called(channel, sample, made_own)


def _called(channel: str, sample: str, change: Callable[[str], str]) -> Call:
    """Return a sample about somebody else, signed, at the account's address."""
    call = at_address(read_sample(channel, sample), (channel, f"{channel}_b"))
    query = tuple((name, change(value)) for name, value in call.query)
    told = replace(
        call, body=change(call.body.decode()).encode(), query=query, base_url="http://localhost"
    )
    return as_sent(CHANNELS[channel], told, _PROOF)


def _timed(app: App, call: Call) -> float:
    """Return how many seconds the answer to a call takes."""
    started = time.perf_counter()
    reply = receive(call, app)
    waited = time.perf_counter() - started
    if reply.status != 200:
        raise AssertionError(f"{call.path[0]} was answered {reply.status}")
    return waited
