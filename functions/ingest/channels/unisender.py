"""Delivery reports of letters that were sent through Unisender Go.

Source: django-anymail, `webhooks/unisender_go.py` and its tests.
Signed: `auth` in the body, MD5 of the raw body in which the value of `auth` is replaced by the API
key. The secret is that key.
Event id: `job_id`, address, status, time. The message is called `job_id:address`: one job has many
recipients. Retries: not documented. Order: any. Times: `event_time`, UTC. Answer: 200.
"""

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from ingest.channel import Context
from ingest.chat_event import OK, unknown_event, with_body
from ingest.delivery import DELIVERED, FAILED, QUEUED, READ, SENT, receipt, told
from ingest.plain_text import read_object
from ingest.proof import check_one_of
from ingest.telephony import moment
from kartoteka.domain.inbound import Inbound, Message
from kartoteka.http import Call, Reply
from kartoteka.services.record_inbound import Stored

name = "unisender"
_EVENT = "transactional_email_status"
_AUTH = re.compile(rb'"auth"\s{0,9}:\s{0,9}"([^"\\]{0,200})"')
_STATES = {
    **dict.fromkeys(("accepted", "queued"), QUEUED),
    **dict.fromkeys(("delivered", "spam", "unsubscribed", "subscribed"), DELIVERED),
    **dict.fromkeys(("opened", "clicked"), READ),
    **dict.fromkeys(("hard_bounced", "soft_bounced", "rejected"), FAILED),
    "sent": SENT,
}
_SAID = frozenset({"spam", "unsubscribed"})


def verify(call: Call, secrets: Sequence[str]) -> None:
    """Refuse a body whose `auth` none of the keys makes."""
    found = _AUTH.search(call.body)
    given = found[1].decode("latin-1").lower() if found else ""
    valid = [_digest(call.body, secret) for secret in secrets if secret]
    check_one_of(given, valid, "auth")


def sent(call: Call, secret: str) -> Call:
    """Return the call with the `auth` that Unisender would put into it."""
    return replace(call, body=_with_auth(call.body, _digest(call.body, secret)))


def parse(call: Call, context: Context) -> list[Inbound]:
    """Return one event per report.

    Raises:
        Malformed: there is no report in the body, or a field cannot be.
    """
    bare = replace(call, body=b"")
    reports = list(_reports(read_object(call.body)))
    found = with_body(_events(reports, bare, context), call)
    if not found:
        kinds = (str(data.get("status") or kind) for kind, data in reports)
        raise unknown_event(next(kinds, "no events"))
    return found


def answer(_call: Call, _stored: Sequence[Stored]) -> Reply:
    """Return the acknowledgement."""
    return OK


def _with_auth(body: bytes, value: str) -> bytes:
    """Return the body with another value of its first `auth`."""
    found = _AUTH.search(body)
    if found is None:
        return body
    return body[: found.start(1)] + value.encode("utf-8", "replace") + body[found.end(1) :]


def _digest(body: bytes, key: str) -> str:
    return hashlib.md5(_with_auth(body, key), usedforsecurity=False).hexdigest()


def _reports(found: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield kind and content of each event, of whichever user."""
    for user in _list(found.get("events_by_user")):
        for event in _list(user.get("events")):
            data = event.get("event_data")
            yield str(event.get("event_name", "")), data if isinstance(data, Mapping) else {}


def _list(found: Any) -> list[Mapping[str, Any]]:
    items = found if isinstance(found, list) else []
    return [item for item in items if isinstance(item, Mapping)]


def _events(
    reports: Sequence[tuple[str, Mapping[str, Any]]], call: Call, context: Context
) -> Iterator[Inbound]:
    seen: set[str] = set()
    for kind, data in reports:
        status = told(data.get("status")).lower()
        if kind.lower() != _EVENT or status not in _STATES:
            continue
        event = _event(data, status, call, context)
        if event.event_id not in seen:
            seen.add(event.event_id)
            yield event


def _event(data: Mapping[str, Any], status: str, call: Call, context: Context) -> Inbound:
    peer = told(data.get("email"), "email").lower()
    message_id = f"{told(data.get('job_id'), 'job_id')[:80]}:{peer}"
    at = moment(told(data.get("event_time")), "UTC")
    state = _STATES[status]
    said = _said(data, status) if state == FAILED or status in _SAID else ""
    message = Message(id=message_id, peer=peer, state=state, said=said)
    when = at.isoformat() if at else ""
    event = f"{message_id}:{status}:{when}"
    return receipt(name, call, context, message, event=event, at=at)


def _said(data: Mapping[str, Any], status: str) -> str:
    info = data.get("delivery_info")
    detail = told(info.get("delivery_status")) if isinstance(info, Mapping) else ""
    return f"{status} {detail}".strip()
