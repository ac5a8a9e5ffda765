"""Events that nobody understood, read again: after an upgrade, or after a mapping was set."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from urllib.parse import parse_qsl, urlencode

from ingest.channel import Channel, Context, Manner, Mannered
from ingest.channels import CHANNELS
from ingest.fit import fitted
from ingest.intake import Address
from ingest.our_errors import guarded, tell
from ingest.provider import address_of
from kartoteka.domain.change import Actor, ActorKind
from kartoteka.domain.errors import NotFound, Rejected
from kartoteka.domain.inbound import Inbound, Kind
from kartoteka.domain.model import Client, Lead
from kartoteka.domain.routing import Hands
from kartoteka.http import Call
from kartoteka.ports import Order, Query, Where
from kartoteka.services.decide import Decision
from kartoteka.services.office import Desk
from kartoteka.services.record_inbound import Stored, hands, raw_body, retake, settle, take
from kartoteka.services.unit import Unit, transact

_FORM = "form"
_UNKNOWN = "unknown"
_URLENCODED = "application/x-www-form-urlencoded"
_KINDS = {"{": "application/json", "[": "application/json", "<": "text/xml"}
_USUAL = Manner()


class _StillUnknown(Exception):
    """Nothing new is known of the event; it stays, and nothing is written."""


@dataclass(frozen=True, slots=True)
class Replayed:
    """What became of one event: `understood`, or `left` as it was."""

    id: str
    channel: str
    outcome: str
    client_id: str | None = None
    lead_id: str | None = None


def replay(desk: Desk, channel: str = "") -> Iterator[Replayed]:
    """Yield what became of each event that waits, of one channel if it is named.

    Each is done in one transaction, so a broken-off run is simply repeated: nothing happens twice.

    Raises:
        Transient: the store does not answer.
    """
    order = (Order("at", descending=True),)
    waiting = Query(Inbound.collection, (Where("state", "==", _UNKNOWN),), order)
    for record_id in [row.id for row in desk.store.query(waiting)]:
        doc = desk.store.get(Inbound.collection, record_id)
        inbound = Inbound.model_validate(doc) if doc is not None else None
        if inbound is not None and channel in {"", inbound.channel}:
            yield _tried(desk, inbound)
    desk.waker.after_commit()


def _tried(desk: Desk, inbound: Inbound) -> Replayed:
    """Return what became of one event; one at which we fail stays and does not stop the others."""

    def left(error: Exception) -> Replayed:
        tell("replay_failed", inbound.channel, error)
        return _left(inbound)

    try:
        return guarded(lambda: _again(desk, inbound), left)
    except Rejected:
        return _left(inbound)


def _left(inbound: Inbound) -> Replayed:
    return Replayed(inbound.id, inbound.channel, "left")


def _again(desk: Desk, inbound: Inbound) -> Replayed:
    channel, address = _address(desk, inbound)
    found = channel.parse(_call(channel, inbound, desk), address.context)
    events = [_same(event, inbound) for event in found if _says_who(event)]
    if not events:
        return _left(inbound)
    stored = _recorded(desk, inbound, events, address)
    if stored is None:
        return _left(inbound)
    attachments = [one for event in events for one in event.attachments]
    if attachments and stored.client_id is not None and desk.files is not None:
        address.context.luggage.keep(attachments, desk.files)
    return Replayed(inbound.id, inbound.channel, "understood", stored.client_id, stored.lead_id)


def _address(desk: Desk, inbound: Inbound) -> tuple[Channel, Address]:
    """Return where the event came in, as it is now, at the moment when it came.

    Raises:
        NotFound: there is no such form, channel or account any more.
    """
    if inbound.channel not in CHANNELS:
        raise NotFound("there is no such channel", code="address_unknown")
    channel, settings = CHANNELS[inbound.channel], desk.settings()
    if inbound.channel == _FORM:
        form = settings.form(inbound.account)
        context = Context(
            form.id, form.source, settings.office.region, inbound.received_at, form=form
        )
        return channel, Address(context, (), form.owner_id)
    address = address_of(desk, channel, inbound.account, 0)
    context = replace(address.context, now=inbound.received_at)
    return channel, replace(address, context=context)


def _call(channel: Channel, inbound: Inbound, desk: Desk) -> Call:
    """Return the call as it came, as far as the kept body tells it."""
    raw = raw_body(desk.store, inbound).strip()
    path = (inbound.channel, inbound.account)
    kind = _KINDS.get(raw[:1], _URLENCODED)
    manner = channel.manner if isinstance(channel, Mannered) else _USUAL
    if kind == _URLENCODED and "GET" in manner.methods:
        query = tuple(parse_qsl(raw, keep_blank_values=True))
        return Call("GET", path, query=query, target="?" + raw)
    body = _parts(raw) if kind == "application/json" else None
    if body is not None:
        return Call("POST", path, body=body, headers={"content-type": _URLENCODED})
    return Call("POST", path, body=raw.encode(), headers={"content-type": kind})


def _parts(raw: str) -> bytes | None:
    """Return the texts of a body that came in parts, None when it is none of these."""
    try:
        found = json.loads(raw)
    except (ValueError, RecursionError):
        return None
    if not isinstance(found, dict) or set(found) != {"fields", "files"}:
        return None
    return urlencode([tuple(pair) for pair in found["fields"]]).encode()


def _same(event: Inbound, waiting: Inbound) -> Inbound:
    """Return the event under the record that waits, when it is the very same one.

    Without an id of the provider's the digest of the content is another once more is understood.
    """
    digests = bool(event.window_s and waiting.window_s) and event.what is waiting.what
    if event.event_id == waiting.event_id or digests:
        kept = {
            "id": waiting.id,
            "event_id": waiting.event_id,
            "raw": waiting.raw,
            "raw_parts": waiting.raw_parts,
        }
        return fitted(event).model_copy(update=kept)
    return fitted(event).model_copy(update={"raw": ""})


def _says_who(event: Inbound) -> bool:
    """Return whether there is anything new in it: somebody, or that nobody is meant."""
    sender = event.sender
    told = (event.call, event.mail, event.message, sender.phones, sender.emails, sender.messengers)
    return event.what is Kind.SERVICE or any(told)


def _one(unit: Unit, waiting: Inbound, event: Inbound, to: tuple[Hands, str | None]) -> Stored:
    return retake(unit, event, *to) if event.id == waiting.id else take(unit, event, *to)


def _whose(unit: Unit, stored: Stored) -> tuple[Client | None, Lead | None]:
    return unit.find(Client, stored.client_id), unit.find(Lead, stored.lead_id)


def _recorded(
    desk: Desk, waiting: Inbound, events: Sequence[Inbound], address: Address
) -> Stored | None:
    """Return what the first became; None when somebody was faster, or a person has to decide."""
    people = hands(desk)
    actor = Actor(kind=ActorKind.CHANNEL, id=waiting.channel)

    def work(unit: Unit) -> Stored | None:
        if unit.need(Inbound, waiting.id).state != _UNKNOWN:
            return None
        stored = [_one(unit, waiting, event, (people, address.owner_id)) for event in events]
        if all(event.id != waiting.id for event in events):
            first = Decision("done", "replayed", *_whose(unit, stored[0]))
            settle(unit, waiting, first)
        elif any(one.waits for one in stored):
            raise _StillUnknown
        return stored[0]

    try:
        return transact(desk.store, actor, f"replay:{waiting.id}", desk.now(), work=work)
    except _StillUnknown:
        return None
