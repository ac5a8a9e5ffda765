"""Orders of shops: what a stranger's order costs beside a missed call in the office's own JSON."""

import statistics
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from bench.exchanges import connected, missed, timed
from bench.report import Row, at_most, told
from ingest.channel import as_sent
from ingest.channels import CHANNELS
from kartoteka.adapters.clock import SystemClock
from kartoteka.domain.change import SYSTEM
from kartoteka.http import Call
from kartoteka.ports import Query
from kartoteka.services.commands import execute
from kartoteka.services.registry import COMMANDS
from kartoteka.wiring import App
from onebox.samples import at_address, read_sample

_ROUNDS, _A_ROUND = 15, 12
_PROOF = "key:salt"
_STRIDE = 8  # numbers of one buyer
_FIRST = 79_170_000_000  # a phone's, so that each text is one that may be called
_DAY = "2026-11-23"  # of the samples: an old order stays in its shop

# Of each shop the texts of a sample that name the order and its buyer.
_NAMED: Mapping[str, tuple[str, ...]] = {
    "insales": ("88120031", "+79165550302", "marina", "8 916 555-03-02"),
    "opencart": ("318", "79165550304", "stepan"),
    "woocommerce": ("1042", "8 (916) 555-03-01", "Irina.Petrova"),
}

_ASKING = ("call", "form")
_SELLING = ("form", *_NAMED)


def orders(folder: Path) -> list[Row]:
    """Compare the processor's time for a first order through each shop with a missed call's.

    A form of ours that makes a deal with two goods, as an order does, is told beside it. The
    channels take turns; the disk and other work on the machine do not count.
    """
    app = connected(folder / "orders", ("call", *_NAMED))
    _selling(app)
    made_by: dict[str, Callable[[int], Call]] = {"call": partial(missed, "call"), "form": _own}
    made_by |= {channel: partial(_other, channel) for channel in _NAMED}
    ratios: dict[str, list[float]] = {channel: [] for channel in made_by}
    person = 0
    for turn in range(_ROUNDS + 1):
        waits: dict[str, list[float]] = {channel: [] for channel in made_by}
        for channel, made in made_by.items():
            for _ in range(_A_ROUND):
                person += 1
                waits[channel].append(timed(app, made(person), time.thread_time))
        plain = statistics.median(waits["call"])
        for channel, found in waits.items():
            ratios[channel] += [statistics.median(found) / plain] if turn else []
    requests, deals = (app.store.count(Query(what)) for what in ("leads", "deals"))
    app.store.close()
    each = person // len(made_by)
    if (requests, deals) != (len(_ASKING) * each, len(_SELLING) * each):
        raise AssertionError(f"{person} events made {requests} requests and {deals} deals")
    usual = {channel: statistics.median(found) for channel, found in ratios.items()}
    rows = [at_most(f"{channel}: order : own JSON", usual[channel], 1.3) for channel in _NAMED]
    return [*rows, told("form that makes a deal with goods : own JSON", usual["form"])]


def _selling(app: App) -> None:
    """Have the office's form make a deal with two goods."""

    def do(command: str, **given: Any) -> Any:
        return execute(COMMANDS, app.desk, SYSTEM, command, given=given, cause="bench")

    goods = [do("product.add", sku=f"K-{it}", name=f"K {it}", price_minor=100_000) for it in (1, 2)]
    do("form.edit", form="consult", creates="deal", products=[it.id for it in goods])


def _own(person: int) -> Call:
    """Return the sample of our own form as another person sends it."""
    call = at_address(read_sample("form", "with_source"), ("form", "consult"))
    text = call.body.decode()
    for place, old in enumerate(("79035550109", "petr", "6a1d3f0b-8b62")):
        text = text.replace(old, f"{_FIRST + person * _STRIDE + place}")
    return replace(call, body=text.encode(), base_url="http://localhost", remote="127.0.0.1")


def _other(channel: str, person: int) -> Call:
    """Return the sample as an order of today of another buyer, signed, at the account's address."""
    now = SystemClock().now()
    call = at_address(read_sample(channel, "created"), (channel, f"{channel}_b"))
    text = call.body.decode().replace(_DAY, f"{now:%Y-%m-%d}")
    for place, old in enumerate(_NAMED[channel]):
        text = text.replace(old, f"{_FIRST + person * _STRIDE + place}")
    sent = replace(call, body=text.encode(), base_url="http://localhost")
    return as_sent(CHANNELS[channel], sent, _PROOF, now)
