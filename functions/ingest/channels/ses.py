"""Letters that Amazon SES received for the office, told through an SNS topic.

Source: Amazon SES receiving notifications, Amazon SNS message signatures; django-anymail's tests.
Signed: the message by SNS with a certificate (checked in `ingest.topics` before anything else);
that proves any topic of Amazon, so the topic itself is the secret: its ARN.
Event id: the letter's own Message-ID. Retries: SNS's policy until 2xx. Answer: 200.
A letter that SES put into S3 comes without its text; `ingest.stored_letters` fetches it, if it can.
"""

import hmac
import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from ingest.channel import Context, Manner
from ingest.mail.assembled import as_raw, assembled, delivered_to
from ingest.mail.event import Carried, mail_event
from ingest.mail.headers import base64_bytes
from ingest.mail.letter import Letter
from ingest.mail.reading import read_letter
from ingest.plain_text import read_object
from ingest.room import MAIL_LIMIT
from kartoteka.domain.errors import Malformed, NotAuthentic
from kartoteka.domain.inbound import Inbound
from kartoteka.http import Call, Reply
from kartoteka.services.record_inbound import Stored

name = "ses"
manner = Manner(limit=MAIL_LIMIT)
_OF_SENT = frozenset(
    {
        *("Send", "Delivery", "DeliveryDelay", "Reject", "Bounce", "Complaint"),
        *("Open", "Click", "Rendering Failure", "Subscription"),
    }
)  # of letters that went out through SES; they belong to another topic


def verify(call: Call, secrets: Sequence[str]) -> None:
    """Refuse a message of a topic that is not ours."""
    check_topic(envelope(call), secrets)


def envelope(call: Call) -> Mapping[str, object]:
    """Return what the topic sent.

    Raises:
        NotAuthentic: the body is no message of a topic.
    """
    try:
        return read_object(call.body)
    except Malformed as exc:
        raise NotAuthentic("this is no message of a topic", code="bad_signature") from exc


def check_topic(told: Mapping[str, object], secrets: Sequence[str]) -> None:
    """Refuse what another topic sent."""
    given = str(told.get("TopicArn", "")).encode("utf-8", "replace")
    fits = [hmac.compare_digest(given, secret.encode()) for secret in secrets if secret]
    if not any(fits):
        raise NotAuthentic("the topic is not this address's", code="bad_signature")


def sent(call: Call, secret: str) -> Call:
    """Return the message as the topic of this ARN would send it; no message stays as it is."""
    try:
        body = {**read_object(call.body), "TopicArn": secret}
    except Malformed:
        return call
    return replace(call, body=json.dumps(body, ensure_ascii=False).encode())


def parse(call: Call, context: Context) -> list[Inbound]:
    """Return the one letter."""
    told = _told(read_object(call.body))
    kind = _kind(told)
    if kind != "Received":
        code = "report_of_sent" if kind in _OF_SENT else "unknown_event"
        raise Malformed("no letter that came in", code=code, field=kind[:40])
    mail, receipt = _object(told.get("mail")), _object(told.get("receipt"))
    recipients = _texts(receipt.get("recipients")) or _texts(mail.get("destination"))
    letter = delivered_to(_letter(told, mail, receipt), recipients)
    carried = Carried(name, call.body, next(iter(recipients), ""))
    return [mail_event(letter, carried, context)]


def answer(_call: Call, _stored: Sequence[Stored]) -> Reply:
    """Return the 200 without which SNS repeats."""
    return Reply(200, b"ok", {"content-type": "text/plain"})


def _told(envelope: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return what the envelope carries; with raw delivery there is no envelope."""
    if _kind(envelope):
        return envelope
    message = envelope.get("Message")
    if not isinstance(message, str):
        raise Malformed("the envelope is empty", code="bad_field", field="Message")
    try:
        return read_object(message.encode("utf-8", "replace"))
    except Malformed as exc:
        raise Malformed("no letter that came in", code="unknown_event", field="Message") from exc


def _kind(told: Mapping[str, Any]) -> str:
    """Return what is told; configuration sets of SES name it in another field."""
    return str(told.get("notificationType") or told.get("eventType") or "")


def _letter(told: Mapping[str, Any], mail: Mapping[str, Any], receipt: Mapping[str, Any]) -> Letter:
    content = told.get("content")
    if isinstance(content, str) and content:
        encoding = str(_object(receipt.get("action")).get("encoding", "")).upper()
        raw = content.encode("utf-8", "replace")
        return read_letter(base64_bytes(raw) if encoding == "BASE64" else raw)
    headers = [
        (str(item.get("name", "")), str(item.get("value", "")))
        for item in mail.get("headers") or ()
        if isinstance(item, dict)
    ]
    common = _object(mail.get("commonHeaders"))
    plain = [("Subject", str(common.get("subject", "")))]
    plain += [("From", value) for value in _texts(common.get("from"))]
    known = {key.lower() for key, _ in headers}
    headers += [(key, value) for key, value in plain if key.lower() not in known]
    return assembled(as_raw(headers), "", "")


def _object(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _texts(value: Any) -> list[str]:
    return [item for item in value if isinstance(item, str)] if isinstance(value, list) else []
