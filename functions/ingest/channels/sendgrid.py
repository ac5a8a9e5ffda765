"""Letters that SendGrid's Inbound Parse posts to the office.

Source: SendGrid Inbound Parse webhook; the payloads of django-anymail's tests.
Signed: nothing; name and password of the address come as HTTP basic auth.
Event id: the letter's own Message-ID. Retries: on 5xx, about 3 days (unconfirmed). Answer: 200.
Charsets: each field is in the one that `charsets` names; the raw letter (`email`) needs none.
"""

import json
from collections.abc import Sequence
from typing import Any

from ingest.channel import Context, Manner
from ingest.mail.assembled import Enclosed, as_raw, assembled, delivered_to
from ingest.mail.basic_auth import basic_headers, check_basic
from ingest.mail.event import Carried, mail_event
from ingest.mail.headers import read_headers
from ingest.mail.letter import Letter
from ingest.mail.posted import Post, read_post
from ingest.mail.reading import read_letter
from ingest.room import MAIL_LIMIT
from kartoteka.domain.errors import Malformed
from kartoteka.domain.inbound import Inbound
from kartoteka.http import Call, Reply
from kartoteka.services.record_inbound import Stored

name = "sendgrid"
manner = Manner(limit=MAIL_LIMIT)


def verify(call: Call, secrets: Sequence[str]) -> None:
    """Refuse a call without the name and password of the address."""
    check_basic(call, secrets)


def sign(_body: bytes, secret: str) -> dict[str, str]:
    """Return the headers with which SendGrid would send any body."""
    return basic_headers(secret)


def parse(call: Call, context: Context) -> list[Inbound]:
    """Return the one letter."""
    post = read_post(call)
    raw = b"\n" in post.content("email")
    if not (raw or post.has("headers") or post.has("from")):
        raise Malformed("no letter that came in", code="unknown_event")
    recipients = _envelope(post)
    letter = read_letter(post.content("email")) if raw else _letter(post)
    carried = Carried(name, call.body, next(iter(recipients), ""))
    return [mail_event(delivered_to(letter, recipients), carried, context)]


def answer(_call: Call, _stored: Sequence[Stored]) -> Reply:
    """Return the 200 without which SendGrid repeats."""
    return Reply(200, b"ok", {"content-type": "text/plain"})


def _letter(post: Post) -> Letter:
    charsets = {key: str(value) for key, value in _object(post.field("charsets")).items()}
    raw = read_headers(post.content("headers"))
    for field in ("from", "to", "cc", "subject"):
        if field not in raw and post.has(field):
            raw |= as_raw([(field, post.field(field, charsets.get(field, "utf-8")))])
    plain = post.field("text", charsets.get("text", "utf-8"))
    html = post.field("html", charsets.get("html", "utf-8"))
    told = _object(post.field("attachment-info"))
    files = [Enclosed(file, _content_id(told.get(key))) for key, file in post.files]
    return assembled(raw, plain, html, files)


def _envelope(post: Post) -> list[str]:
    found = _object(post.field("envelope")).get("to")
    return [str(item) for item in found] if isinstance(found, list) else []


def _content_id(told: Any) -> str:
    return str(told.get("content-id", "")) if isinstance(told, dict) else ""


def _object(text: str) -> dict[str, Any]:
    try:
        found = json.loads(text) if text else {}
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}
