"""Messengers: what a stranger's first message costs beside a call in the office's own JSON."""

from collections.abc import Collection, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path

from bench.base import office
from bench.front import OWN, compared
from bench.report import Row
from ingest.channel import as_sent
from ingest.channels import CHANNELS
from kartoteka.domain.office import Account
from kartoteka.http import Call
from kartoteka.ports import Query
from kartoteka.wiring import App
from onebox.samples import at_address, read_sample

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
    """Compare what each messenger waits for the answer to a first message with our own call."""
    return strangers(folder / "messages", _NAMED, _BY_PHONE, "message")


def strangers(
    folder: Path, named: Named, by_phone: Collection[str], what: str, *, own: str = OWN
) -> list[Row]:
    """Compare a stranger's first word on each channel with that on a channel of our own JSON."""
    app = _connected(folder, named)
    made_by = {
        channel: partial(_of_stranger, channel, told=told, by_phone=channel in by_phone)
        for channel, told in named.items()
    }
    found = compared(app, made_by, own)
    requests = app.store.count(Query("leads"))
    app.store.close()
    if requests != found.events:
        raise AssertionError(f"{found.events} strangers wrote and made {requests} requests")
    return found.rows(what)


def _connected(data: Path, named: Named) -> App:
    data.mkdir()
    app = office(data)
    for name in named:
        made = Account(id=_token(name), channel=name, title=name, source=name, secrets=(_SECRET,))
        doc = made.model_dump(mode="json")
        app.store.run(lambda tx, made=made, doc=doc: tx.put(made.collection, made.id, doc))  # type: ignore[misc]
    return app


def _of_stranger(
    channel: str, person: int, *, told: tuple[str, tuple[str, ...]], by_phone: bool
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
