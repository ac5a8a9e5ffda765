"""Payment services and delivery reports: what one event costs beside a call in our own JSON."""

import statistics
import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from bench.exchanges import connected, missed, timed
from bench.report import Row, at_most
from ingest.channel import as_sent
from ingest.channels import CHANNELS
from kartoteka.adapters.clock import SystemClock
from kartoteka.http import Call
from kartoteka.ports import Query
from onebox.samples import at_address, read_sample

_ROUNDS, _A_ROUND = 9, 12
_PROOF = "key:salt"

# Of each channel a sample that makes a record, and the id in it that makes the record another.
_SAMPLES: Mapping[str, tuple[str, str]] = {
    "cloudpayments": ("pay", "870012345"),
    "robokassa": ("paid", "1042"),
    "stripe": ("session", "_1"),
    "tbank": ("confirmed", "4455667788"),
    "yookassa": ("succeeded", "2f1a0c11"),
    "sendpulse": ("smtp", "9f2b-77"),
    "smsaero": ("delivered", "4242"),
    "smsc": ("delivered", "id=51"),
    "smsru": ("delivered", "1000007"),
    "twilio_sms": ("delivered", "SM0001"),
    "unisender": ("bounced", "1sn16A"),
}
_PAYING = ("cloudpayments", "robokassa", "stripe", "tbank", "yookassa")


def events(folder: Path) -> list[Row]:
    """Compare the processor's time for a payment and a report of each service with a missed call's.

    The channels take turns; the disk and other work on the machine do not count.
    """
    app = connected(folder / "payments", ("call", *_SAMPLES))
    waits: dict[str, list[float]] = {channel: [] for channel in ("call", *_SAMPLES)}
    number = 0
    for turn in range(_ROUNDS + 1):
        for channel in waits:
            for _ in range(_A_ROUND):
                number += 1
                sent = missed(channel, number) if channel == "call" else _other(channel, number)
                wait = timed(app, sent, time.thread_time)
                waits[channel] += [wait] if turn else []
    kept = sum(1 for _ in app.store.query(Query("payments")))
    app.store.close()
    wanted = len(_PAYING) * (_ROUNDS + 1) * _A_ROUND
    if kept != wanted:
        raise AssertionError(f"{wanted} payments made {kept} records")
    plain = statistics.median(waits.pop("call"))
    return [
        at_most(f"{channel}: event : own JSON", statistics.median(found) / plain, 1.3)
        for channel, found in waits.items()
    ]


def _other(channel: str, number: int) -> Call:
    """Return a sample about another payment or message, signed, at the account's address."""
    sample, own_id = _SAMPLES[channel]
    call = at_address(read_sample(channel, sample), (channel, f"{channel}_b"))
    body = call.body.decode().replace(own_id, f"{own_id}{number}")
    told = replace(call, body=body.encode(), base_url="http://localhost")
    return as_sent(CHANNELS[channel], told, _PROOF, SystemClock().now())
