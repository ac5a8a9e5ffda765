"""Calls of Sipuni, told by its «События на АТС».

Source: public receivers and connectors of these events; the vendor publishes no specification.
Signed: nothing; a secret of ours is the last part of the address.
Event id: `call_id`, the event and the extension; a call that is beginning is told once for every
telephone that rings.
Events: 1 begins, 3 is answered, 4 ends a leg, 2 ends the call and brings the recording.
Times: seconds since 1970, 0 for never. Retries: not documented.
Asks: a step «HTTP-запрос» of the tree (GET `fromnum`, `tonum`) waits for JSON.
Answer to the others: `{"success": true}`.
"""

from collections.abc import Mapping, Sequence
from urllib.parse import unquote

from ingest.channel import Context, Manner
from ingest.proof import check_path, with_path
from ingest.telephony import (
    IN,
    INTERNAL,
    OUT,
    Told,
    event,
    extension,
    fields,
    is_internal,
    need,
    notice,
    unix,
)
from kartoteka.domain.errors import Malformed
from kartoteka.domain.inbound import Inbound
from kartoteka.domain.model import CallStatus
from kartoteka.http import Call, Reply, json_reply
from kartoteka.services.lookup import Directory
from kartoteka.services.record_inbound import Stored

name = "sipuni"
manner = Manner(methods=frozenset({"GET", "POST"}), subpaths=True)
_BEGINS, _ENDS, _ANSWERED, _LEG_ENDS = "1", "2", "3", "4"
_EXTERNAL = "1"
_KNOWN, _ANYBODY = 1, 0  # branches of the tree
_FAILED = {
    "BUSY": CallStatus.BUSY,
    "NOANSWER": CallStatus.NO_ANSWER,
    "CHANUNAVAIL": CallStatus.NO_ANSWER,
    "CANCEL": CallStatus.CANCELLED,
    "CONGESTION": CallStatus.CANCELLED,
}


def verify(call: Call, secrets: Sequence[str]) -> None:
    """Refuse a call whose address does not end with one of the secrets."""
    check_path(call, secrets)


def sent(call: Call, secret: str) -> Call:
    """Return the call at the address that the office gave to the provider."""
    return with_path(call, secret)


def asks(call: Call) -> bool:
    """Return whether a step of the tree waits to hear which branch to take."""
    told = _fields(call)
    return "fromnum" in told and "event" not in told


def reply_to(call: Call, directory: Directory) -> Reply:
    """Return branch 1 for a client whose owner is at work, else the branch for everybody."""
    known = directory.ask(_fields(call).get("fromnum", ""))
    return json_reply({"choice": _KNOWN if known.extension else _ANYBODY})


def parse(call: Call, context: Context) -> list[Inbound]:
    """Return the one event of the call."""
    told = fields(call)
    kind = need(told, "event")
    event_id = f"{kind}:{_short(told, 'dst')}"
    if kind == _LEG_ENDS:
        return [notice(name, call, context, f"{need(told, 'call_id')}:{event_id}")]
    if kind in {_BEGINS, _ENDS, _ANSWERED}:
        return [event(name, call, context, _told(told, context, event_id))]
    raise Malformed("an event of another kind", code="unknown_event", field=kind[:80])


def answer(_call: Call, _stored: Sequence[Stored]) -> Reply:
    """Return the acknowledgement that Sipuni wants."""
    return json_reply({"success": True})


def _fields(call: Call) -> dict[str, str]:
    try:
        return fields(call)
    except Malformed:
        return {}


def _told(told: dict[str, str], context: Context, event_id: str) -> Told:
    kind = told["event"]
    direction = _direction(told)
    client, ours = ("dst", "src") if direction == OUT else ("src", "dst")
    at = unix(told.get("timestamp", "")) or context.now
    ended = at if kind == _ENDS else None
    answered = unix(told.get("call_answer_timestamp", ""))
    if kind == _ANSWERED:
        answered = answered or at
    return Told(
        call_id=need(told, "call_id"),
        event=event_id,
        direction=direction,
        client=told.get(f"{client}_num", ""),
        started_at=unix(told.get("call_start_timestamp", "")) or at,
        answered_at=answered if kind != _BEGINS else None,
        ended_at=ended,
        unanswered=_FAILED.get(told.get("status", "").upper()),
        staff=_short(told, ours) or (_last_called(told) if ended and answered else ""),
        line=told.get("pbxdstnum", "") or told.get("treeNumber", ""),
        recording=_link(told),
    )


def _direction(told: Mapping[str, str]) -> str:
    """Return the direction; the numbers decide, because the types are documented both ways."""
    src, dst = (_is_ours(told, side) for side in ("src", "dst"))
    if src and dst:
        return INTERNAL
    if src != dst:
        return OUT if src else IN
    return OUT if told.get("dst_type") == _EXTERNAL != told.get("src_type") else IN


def _is_ours(told: Mapping[str, str], side: str) -> bool:
    """Return whether this side is a telephone of the office: its short number is an extension."""
    return is_internal(_short(told, side) or told.get(f"{side}_num", ""))


def _short(told: Mapping[str, str], side: str) -> str:
    """Return a side's short number; one number may be told as `account#extension`."""
    _, mark, inside = told.get(f"{side}_num", "").partition("#")
    return told.get(f"short_{side}_num", "") or (inside if mark else "")


def _last_called(told: Mapping[str, str]) -> str:
    """Return the one telephone that rang; of several nobody says which was answered."""
    called = told.get("last_called", "")
    return "" if "&" in called else extension(called)


def _link(told: Mapping[str, str]) -> str:
    """Return the link to the recording, which may come escaped once more than its query."""
    link = told.get("call_record_link", "")
    return link if "://" in link else unquote(link)
