"""Payment services and delivery reports: what one event costs beside a call in our own JSON."""

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path

from bench.exchanges import connected, missed
from bench.front import OWN, compared
from bench.report import Row
from ingest.channel import as_sent
from ingest.channels import CHANNELS
from kartoteka.adapters.clock import SystemClock
from kartoteka.http import Call
from kartoteka.ports import Query
from onebox.samples import at_address, read_sample

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
    """Compare what each service waits for an answer to its payment or report with a missed call."""
    app = connected(folder / "payments", (OWN, *_SAMPLES))
    made_by = {channel: partial(_other, channel) for channel in _SAMPLES}
    found = compared(app, {OWN: partial(missed, OWN), **made_by})
    kept, wanted = app.store.count(Query("payments")), len(_PAYING) * found.each
    app.store.close()
    if kept != wanted:
        raise AssertionError(f"{wanted} payments made {kept} records")
    return found.rows("event")


def _other(channel: str, number: int) -> Call:
    """Return a sample about another payment or message, signed, at the account's address."""
    sample, own_id = _SAMPLES[channel]
    call = at_address(read_sample(channel, sample), (channel, f"{channel}_b"))
    body = call.body.decode().replace(own_id, f"{own_id}{number}")
    told = replace(call, body=body.encode(), base_url="http://localhost")
    return as_sent(CHANNELS[channel], told, _PROOF, SystemClock().now())
