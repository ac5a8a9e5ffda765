"""What a channel is: it checks, reads and answers in one provider's language."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Protocol, runtime_checkable

from ingest.luggage import Luggage
from ingest.plain_text import received
from kartoteka.domain.errors import Malformed
from kartoteka.domain.ids import InboundId, derived
from kartoteka.domain.inbound import Inbound, Kind
from kartoteka.domain.office import Form
from kartoteka.http import MEBIBYTE, Call, Reply
from kartoteka.services.lookup import Directory
from kartoteka.services.record_inbound import Stored

_UNKNOWN_WINDOW_S = 86_400  # an equal body that nobody understands is one record a day
_MOST_KEPT = 6 * MEBIBYTE  # bytes of such a body; one write to Firestore takes 10 MiB


@dataclass(frozen=True, slots=True)
class Context:
    """What is known of the address that was called."""

    account: str  # its token, or the form's id
    source: str  # the office's name of the source
    region: str  # ISO 3166: reads numbers without a country code
    now: datetime
    form: Form | None = None
    zone: str = "UTC"  # IANA: reads times without a zone
    api: Mapping[str, str] = field(default_factory=dict, repr=False)  # what the provider issued
    staff: str = ""  # e-mail of the employee whose own telephone it is
    ignored: frozenset[str] = field(default=frozenset(), repr=False)  # their private numbers
    mapping: Mapping[str, str] = field(default_factory=dict)  # field of a site's form: ours
    luggage: Luggage = field(default_factory=Luggage, repr=False)  # files on their way to be kept


class Channel(Protocol):
    """One provider; a module of `ingest.channels` is one."""

    @property
    def name(self) -> str:
        """Return the first part of its addresses."""

    def verify(self, call: Call, secrets: Sequence[str], /) -> None:
        """Refuse a call that the provider did not make: `NotAuthentic`, nothing else."""

    def parse(self, call: Call, context: Context, /) -> list[Inbound]:
        """Return the events of a verified call.

        Raises:
            Malformed: not what the provider documents; the call is kept as unknown.
            Invalid: a person typed it and can correct it; only a form does that.
        """

    def answer(self, call: Call, stored: Sequence[Stored], /) -> Reply:
        """Return what the provider expects to hear."""


@runtime_checkable
class Signs(Channel, Protocol):
    """A provider that proves itself by headers."""

    def sign(self, body: bytes, secret: str, /) -> dict[str, str]:
        """Return the headers with which the provider would send this body."""


@runtime_checkable
class SignsAt(Channel, Protocol):
    """A provider whose proof names the moment, and is worth nothing when that is long ago."""

    def sign_at(self, body: bytes, secret: str, at: datetime, /) -> dict[str, str]:
        """Return the headers with which the provider would send this body at that moment."""


@runtime_checkable
class Sends(Channel, Protocol):
    """A provider that proves itself in the body, in the path or by the whole address."""

    def sent(self, call: Call, secret: str, /) -> Call:
        """Return the call as the provider would make it."""


@dataclass(frozen=True, slots=True)
class Manner:
    """How a provider calls; without one it posts to the bare address."""

    methods: frozenset[str] = frozenset({"POST"})
    subpaths: bool = False  # what follows the address in the path is the provider's
    limit: int = MEBIBYTE  # bytes of a body; files in parts are bounded by themselves


@runtime_checkable
class Mannered(Protocol):
    """A provider that calls by GET too, or adds to the path of its address."""

    @property
    def manner(self) -> Manner:
        """Return how it calls."""


@runtime_checkable
class Challenging(Protocol):
    """A provider that tries the address out before it sends anything."""

    def challenge(self, call: Call, secrets: Sequence[str], /) -> Reply | None:
        """Return what the trial wants to hear, None when the call is no trial."""


@runtime_checkable
class Confirming(Protocol):
    """A provider that asks for a text which it gave to the office."""

    def confirmation(self, call: Call, context: Context, /) -> Reply | None:
        """Return that text, None when the call does not ask for it or the office has none."""


@runtime_checkable
class Asking(Channel, Protocol):
    """A provider that asks who calls, and waits for the answer before the telephone rings."""

    def asks(self, call: Call, /) -> bool:
        """Return whether the call is a question; a question is answered and not kept."""

    def reply_to(self, call: Call, directory: Directory, /) -> Reply:
        """Return the answer to a verified question; of a stranger, the neutral one."""


def as_sent(channel: Channel, call: Call, secret: str, at: datetime | None = None) -> Call:
    """Return the call as the provider would make it with this secret, at this moment if told."""
    if at is not None and isinstance(channel, SignsAt):
        return replace(call, headers={**call.headers, **channel.sign_at(call.body, secret, at)})
    if isinstance(channel, Sends):
        return channel.sent(call, secret)
    if isinstance(channel, Signs):
        return replace(call, headers={**call.headers, **channel.sign(call.body, secret)})
    return call


def inbound_id(channel: str, context: Context, event_id: str) -> InboundId:
    """Return the id that a repeated delivery of the event has too."""
    return InboundId(derived("in", channel, context.account, event_id))


def unknown(channel: str, call: Call, context: Context, error: Malformed) -> Inbound:
    """Return the event that keeps a body nobody understood, and why."""
    raw = received(replace(call, body=call.body[:_MOST_KEPT]))
    event_id = "body:" + hashlib.sha256(call.body or raw.encode()).hexdigest()
    place = error.facts.get("field")
    code = error.code or "not_understood"
    return Inbound(
        id=inbound_id(channel, context, event_id),
        channel=channel,
        account=context.account,
        event_id=event_id,
        what=Kind.UNKNOWN,
        at=context.now,
        received_at=context.now,
        window_s=_UNKNOWN_WINDOW_S,
        raw=raw,
        why=f"{code}: {place}" if place else code,
    )
