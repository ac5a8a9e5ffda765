"""Delivery reports of SMS.ru.

Source: bitrix-core-business, `modules/messageservice/tools/callback_smsru.php`.
Signed: a `hash` of the api_id is mentioned and not confirmed, so a secret of ours is the last part
of the address. `data[0]` to `data[N]` hold one report each, line by line: `sms_status`, the id of
the message, its status, the seconds since 1970. `callcheck_status` tells of a call by which a
number was proven elsewhere: nothing for a person. Event id: id and status. Order: not documented,
any is borne. Answer: `100`, without which SMS.ru repeats for five days.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from ingest.channel import Context, Manner
from ingest.chat_event import begun, unknown_event, with_body
from ingest.delivery import DELIVERED, FAILED, QUEUED, READ, SENT, receipt
from ingest.form_body import read_form
from ingest.proof import check_path, with_path
from ingest.telephony import unix
from kartoteka.domain.inbound import Inbound, Message
from kartoteka.http import Call, Reply
from kartoteka.services.record_inbound import Stored

name = "smsru"
manner = Manner(subpaths=True)
_STATES = {"100": QUEUED, "101": SENT, "102": SENT, "103": DELIVERED, "110": READ}
_REPORT = "sms_status"
_CHECK = "callcheck_status"
_LINES = 4
_LONGEST = 200


def verify(call: Call, secrets: Sequence[str]) -> None:
    """Refuse a call whose address does not end with one of the secrets."""
    check_path(call, secrets)


def sent(call: Call, secret: str) -> Call:
    """Return the call at the address that the office gave to SMS.ru."""
    return with_path(call, secret)


def parse(call: Call, context: Context) -> list[Inbound]:
    """Return one event per report; entries of another kind stay in the kept body only.

    Raises:
        Malformed: there is no report in the body.
    """
    entries = [text for key, text in read_form(call).pairs if key.startswith("data")]
    bare = replace(call, body=b"")
    found = with_body(_reports(entries, bare, context), call)
    if found:
        return found
    kind, check_id, status, _at = _lines(next(iter(entries), ""))
    if kind != _CHECK:
        raise unknown_event(kind)
    return [begun(name, call, context, f"{_CHECK}:{check_id}:{status}")]


def answer(_call: Call, _stored: Sequence[Stored]) -> Reply:
    """Return the number that SMS.ru waits for."""
    return Reply(200, b"100", {"content-type": "text/plain"})


def _reports(entries: Sequence[str], call: Call, context: Context) -> Iterator[Inbound]:
    seen: set[tuple[str, str]] = set()
    for entry in entries:
        kind, message_id, status, at = _lines(entry)
        if kind != _REPORT or not message_id or not status.isdecimal():
            continue
        if (message_id, status) in seen:
            continue
        seen.add((message_id, status))
        state = _STATES.get(status, FAILED)
        said = status if state == FAILED else ""
        message = Message(id=message_id, peer="", state=state, said=said)
        event = f"{message_id}:{status}"
        yield receipt(name, call, context, message, event=event, at=unix(at))


def _lines(entry: str) -> list[str]:
    """Return kind, id, status and time of an entry; what is missing is empty."""
    lines = [line.strip()[:_LONGEST] for line in entry.split("\n", _LINES)[:_LINES]]
    return [*lines, *[""] * (_LINES - len(lines))]
