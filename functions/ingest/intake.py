"""The order that is law: verify, parse, record and decide at once, wake; then the answer."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ingest.channel import Channel, Context, unknown
from ingest.fit import fitted
from ingest.our_errors import guarded, tell
from kartoteka.domain.errors import Malformed, TooLarge
from kartoteka.domain.inbound import Inbound, Kind
from kartoteka.http import MEBIBYTE, Call
from kartoteka.services.office import Desk
from kartoteka.services.record_inbound import Stored, record

_UNREAD, _UNDECIDED = "read_failed", "decide_failed"
BODY_LIMIT = MEBIBYTE  # files are bounded by themselves, see `form_body`


@dataclass(frozen=True, slots=True)
class Address:
    """Where a call arrived: what the channel may know, its secrets, who gets new leads."""

    context: Context
    secrets: Sequence[str] = ()
    owner_id: str | None = None
    limit: int = BODY_LIMIT


def take(desk: Desk, channel: Channel, call: Call, address: Address) -> list[Stored]:
    """Return what became of each event of the call; all are committed.

    Raises:
        TooLarge: the body is over the limit of the address and carries no file.
        NotAuthentic: the provider did not send it.
        Invalid: the visitor has to correct something; nothing is stored.
        Transient: the store does not answer; the provider repeats.
    """
    check_size(call, address.limit)
    channel.verify(call, address.secrets)
    context = address.context
    inbounds = understood(channel, call, context, lambda: channel.parse(call, context))
    return [kept(desk, item, address) for item in inbounds]


def kept(desk: Desk, inbound: Inbound, address: Address) -> Stored:
    """Return what became of one event; its files are kept too when it is about a client."""
    stored = _recorded(desk, inbound, address.owner_id)
    if inbound.attachments and stored.client_id is not None and desk.files is not None:
        address.context.luggage.keep(inbound.attachments, desk.files)
    return stored


def check_size(call: Call, limit: int = BODY_LIMIT) -> None:
    """Refuse a body over the limit, before anybody reads it."""
    has_files = call.header("content-type").lower().startswith("multipart/form-data")
    if len(call.body) > limit and not has_files:
        raise TooLarge(f"the body is over {limit} bytes", code="too_large")


def understood(
    channel: Channel, call: Call, context: Context, parse: Callable[[], list[Inbound]]
) -> list[Inbound]:
    """Return the events that are parsed of a call; one unknown event when that cannot be done.

    Raises:
        Invalid: the visitor has to correct something.
    """
    try:
        return guarded(parse, lambda exc: [_unread(channel, call, context, exc)])
    except Malformed as exc:
        return [unknown(channel.name, call, context, exc)]


def _recorded(desk: Desk, inbound: Inbound, owner_id: str | None) -> Stored:
    return guarded(
        lambda: record(desk, fitted(inbound), owner_id=owner_id),
        lambda exc: record(desk, _undecided(inbound, exc)),
    )


def _unread(channel: Channel, call: Call, context: Context, error: Exception) -> Inbound:
    """Return the event that keeps a call at which its channel's parser failed."""
    tell(_UNREAD, channel.name, error)
    return unknown(channel.name, call, context, Malformed("an error of ours", code=_UNREAD))


def _undecided(inbound: Inbound, error: Exception) -> Inbound:
    """Return the event with its body alone: what follows from the rest, we failed to decide."""
    tell(_UNDECIDED, inbound.channel, error)
    return Inbound(
        id=inbound.id,
        channel=inbound.channel,
        account=inbound.account,
        event_id=inbound.event_id,
        what=Kind.UNKNOWN,
        at=inbound.at,
        received_at=inbound.received_at,
        window_s=inbound.window_s,
        raw=inbound.raw,
        why=_UNDECIDED,
    )
