"""Orders of shops: what a stranger's order costs beside a missed call in the office's own JSON."""

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from bench.exchanges import connected, missed
from bench.front import OWN, compared
from bench.report import Row, told
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

_ASKING = (OWN, "form")
_SELLING = ("form", *_NAMED)


def orders(folder: Path) -> list[Row]:
    """Compare what each shop waits for the answer to a first order with a missed call.

    A form of ours that makes a deal with two goods, as an order does, is told beside it.
    """
    app = connected(folder / "orders", (OWN, *_NAMED))
    _selling(app)
    made_by = {channel: partial(_other, channel) for channel in _NAMED}
    found = compared(app, {OWN: partial(missed, OWN), "form": _own, **made_by})
    requests, deals = (app.store.count(Query(what)) for what in ("leads", "deals"))
    app.store.close()
    if (requests, deals) != (len(_ASKING) * found.each, len(_SELLING) * found.each):
        raise AssertionError(f"{found.events} made {requests} requests and {deals} deals")
    ratios = dict(found.ratios)
    form = ratios.pop("form")
    rows = replace(found, ratios=ratios).rows("order")
    return [*rows, told("form that makes a deal with goods : own JSON", form)]


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
