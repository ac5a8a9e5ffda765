"""Delivery reports of letters that were sent through SendPulse.

Source: SendPulse's help on webhooks, as far as it is known; none of it is confirmed.
Signed: nothing known; a secret of ours is the last part of the address. The body is a JSON array of
reports. Event id: message, event, time. The message is called `message_id`, or by task and address
where the report has none. Retries, order: not documented; any is borne.
Times: seconds since 1970. Answer: 200.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from ingest.channel import Context, Manner
from ingest.chat_event import OK, unknown_event, with_body
from ingest.delivery import DELIVERED, FAILED, READ, SENT, receipt, told
from ingest.plain_text import read_json
from ingest.proof import check_path, with_path
from ingest.telephony import instant
from kartoteka.domain.inbound import Inbound, Message
from kartoteka.http import Call, Reply
from kartoteka.services.record_inbound import Stored

name = "sendpulse"
manner = Manner(subpaths=True)
_STATES = {
    **dict.fromkeys(("delivered", "delivery", "unsubscribe", "unsubscribed"), DELIVERED),
    **dict.fromkeys(("spam", "spam_by_user", "complaint"), DELIVERED),
    **dict.fromkeys(("open", "opened", "click", "clicked", "redirect"), READ),
    **dict.fromkeys(("hard_bounce", "hard_bounces", "soft_bounce", "soft_bounces"), FAILED),
    **dict.fromkeys(("bounce", "undelivered", "not_delivered", "error"), FAILED),
    **dict.fromkeys(("sent", "send"), SENT),
}
_SAID = frozenset({"spam", "spam_by_user", "complaint", "unsubscribe", "unsubscribed"})


def verify(call: Call, secrets: Sequence[str]) -> None:
    """Refuse a call whose address does not end with one of the secrets."""
    check_path(call, secrets)


def sent(call: Call, secret: str) -> Call:
    """Return the call at the address that the office gave to SendPulse."""
    return with_path(call, secret)


def parse(call: Call, context: Context) -> list[Inbound]:
    """Return one event per report.

    Raises:
        Malformed: there is no report in the body, or a field cannot be.
    """
    read = read_json(call.body)
    items = read if isinstance(read, list) else [read]
    reports = [item for item in items if isinstance(item, Mapping)]
    found = with_body(_events(reports, replace(call, body=b""), context), call)
    if not found:
        raise unknown_event(next((item.get("event") for item in reports), "no events"))
    return found


def answer(_call: Call, _stored: Sequence[Stored]) -> Reply:
    """Return the acknowledgement."""
    return OK


def _events(
    reports: Sequence[Mapping[str, Any]], call: Call, context: Context
) -> Iterator[Inbound]:
    seen: set[str] = set()
    for report in reports:
        kind = told(report.get("event")).lower()
        if kind not in _STATES or not _names_a_message(report):
            continue
        event = _event(report, kind, call, context)
        if event.event_id not in seen:
            seen.add(event.event_id)
            yield event


def _names_a_message(report: Mapping[str, Any]) -> bool:
    """Return whether a report is about a letter; others are of the address book alone."""
    return bool(told(report.get("message_id")) or told(report.get("task_id")))


def _event(report: Mapping[str, Any], kind: str, call: Call, context: Context) -> Inbound:
    peer = told(report.get("email") or report.get("recipient"), "email").lower()
    message_id = told(report.get("message_id")) or f"{told(report.get('task_id'))[:80]}:{peer}"
    stamp = told(report.get("timestamp"))
    state = _STATES[kind]
    said = kind if state == FAILED or kind in _SAID else ""
    message = Message(id=message_id, peer=peer, state=state, said=said)
    at = instant(stamp, context.zone)
    event = f"{message_id}:{kind}:{stamp[:40]}"
    return receipt(name, call, context, message, event=event, at=at)
