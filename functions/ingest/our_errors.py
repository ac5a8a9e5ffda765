"""An error of ours in one event: the event waits for an upgrade, and nothing waits behind it.

Whoever is answered with a 500 repeats the same event, many a provider before all newer ones. So an
event that we fail at is kept as unknown, with its body; `kartoteka replay --unknown` reads it anew.
"""

from ingest.channel import Channel, Context, unknown
from kartoteka.domain.errors import Malformed
from kartoteka.domain.inbound import Inbound, Kind
from kartoteka.http import Call
from kartoteka.log import log, place_of

_UNREAD = "read_failed"
_UNDECIDED = "decide_failed"


def unread(channel: Channel, call: Call, context: Context, error: Exception) -> Inbound:
    """Return the event that keeps a call at which its channel's parser failed."""
    tell(_UNREAD, channel.name, error)
    return unknown(channel.name, call, context, Malformed("an error of ours", code=_UNREAD))


def undecided(inbound: Inbound, error: Exception) -> Inbound:
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


def tell(event: str, channel: str, error: Exception) -> None:
    """Log an error of ours: what it is and where, nothing of what somebody sent."""
    kind, where = type(error).__name__, place_of(error)
    log("critical", event=event, channel=channel, error=kind, where=where)
