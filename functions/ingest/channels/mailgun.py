"""Letters that a route of Mailgun forwards to the office.

Source: Mailgun routes and webhooks; the payloads of django-anymail's tests.
Signed: `timestamp` and `token` of the post, HMAC-SHA256 in hex, in its field `signature`; nothing
of the letter. A header may have the same name as one of these: the last field counts.
Event id: the letter's own Message-Id. Retries: 8 hours until 200 (unconfirmed). Answer: 200.
"""

import hashlib
import hmac
import json
import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import unquote_to_bytes, urlencode

from ingest.channel import Context, Manner
from ingest.mail.assembled import Enclosed, as_raw, assembled, delivered_to
from ingest.mail.charsets import decoded
from ingest.mail.event import Carried, mail_event
from ingest.mail.letter import Letter
from ingest.mail.posted import Post, read_post
from ingest.mail.reading import MOST_FILES, read_letter
from ingest.plain_text import file_name, read_object
from ingest.room import MAIL_LIMIT
from kartoteka.domain.errors import Malformed, NotAuthentic
from kartoteka.domain.inbound import Inbound
from kartoteka.http import Call, Reply
from kartoteka.services.record_inbound import Stored

name = "mailgun"
manner = Manner(limit=MAIL_LIMIT)
_MULTIPART = "multipart/form-data"
_PROOF = (b"timestamp", b"token", b"signature")
_FIELD = re.compile(rb"(?:^|&)(timestamp|token|signature)=([^&]*)")


def verify(call: Call, secrets: Sequence[str]) -> None:
    """Refuse a post whose time and token none of the secrets signed."""
    try:
        timestamp, token, given = _proof(call)
    except Malformed as exc:
        raise NotAuthentic("there is no signature", code="bad_signature") from exc
    wanted = [_signature(timestamp, token, secret) for secret in secrets if secret]
    fits = [hmac.compare_digest(given.lower().encode("utf-8", "replace"), it) for it in wanted]
    if not any(fits) or not timestamp or not token:
        raise NotAuthentic("the signature is not Mailgun's", code="bad_signature")


def sent(call: Call, secret: str) -> Call:
    """Return the post as Mailgun would make it: the proof stands behind the other fields.

    A body that cannot hold a proof stays without one.
    """
    try:
        timestamp, token, _ = _proof(call)
    except Malformed:
        return call
    proof = {"timestamp": timestamp or "1795424400", "token": token or "0" * 50}
    proof["signature"] = _signature(proof["timestamp"], proof["token"], secret).decode()
    content_type = call.header("content-type")
    if content_type.startswith(_MULTIPART):
        return replace(call, body=_with_parts(call.body, content_type, proof))
    if content_type.startswith("application/json"):
        body = read_object(call.body)
        kept = {"signature": proof} if "event-data" in body else proof
        return replace(call, body=json.dumps({**body, **kept}, ensure_ascii=False).encode())
    return replace(call, body=call.body.rstrip() + b"&" + urlencode(proof).encode())


def parse(call: Call, context: Context) -> list[Inbound]:
    """Return the one letter."""
    post = read_post(call)
    if not (post.has("body-mime") or post.has("from") or post.has("message-headers")):
        raise Malformed("no letter that came in", code="unknown_event", field=_event(call))
    recipient = post.field("recipient")
    letter = _with_stored(_letter(post), post.field("attachments"))
    letter = delivered_to(letter, recipient.split(","))
    return [mail_event(letter, Carried(name, call.body, recipient), context)]


def answer(_call: Call, _stored: Sequence[Stored]) -> Reply:
    """Return the 200 without which Mailgun repeats."""
    return Reply(200, b"ok", {"content-type": "text/plain"})


def _proof(call: Call) -> tuple[str, str, str]:
    """Return time, token and signature; a webhook of the newer kind holds them in an object."""
    if call.header("content-type").lower().startswith("application/json"):
        body = read_object(call.body)
        inner = body.get("signature")
        told: dict[str, Any] = inner if isinstance(inner, dict) else body
        return str(told.get("timestamp", "")), str(told.get("token", "")), _text(told, "signature")
    if not call.header("content-type").lower().startswith(_MULTIPART):
        found = {name: unquote_to_bytes(value) for name, value in _FIELD.findall(call.body)}
        timestamp, token, given = (decoded(found.get(name, b"")) for name in _PROOF)
        return timestamp, token, given
    post = read_post(call)
    return post.field("timestamp"), post.field("token"), post.field("signature")


def _text(told: dict[str, Any], field: str) -> str:
    value = told.get(field, "")
    return value if isinstance(value, str) else ""


def _signature(timestamp: str, token: str, secret: str) -> bytes:
    said = (timestamp + token).encode("utf-8", "replace")
    return hmac.new(secret.encode(), said, hashlib.sha256).hexdigest().encode()


def _event(call: Call) -> str:
    if call.body.lstrip()[:1] != b"{":
        return ""
    data = read_object(call.body).get("event-data")
    return str(data.get("event", ""))[:40] if isinstance(data, dict) else ""


def _letter(post: Post) -> Letter:
    if post.has("body-mime"):
        return read_letter(post.content("body-mime"))
    headers = _headers(post.field("message-headers"))
    known = {key.lower() for key, _ in headers}
    for field in ("From", "To", "Subject", "Date", "Message-Id", "In-Reply-To", "References"):
        value = post.field(field) or post.field(field.lower())
        if value and field.lower() not in known:
            headers.append((field, value))
    ids = _content_ids(post.field("content-id-map"))
    files = [Enclosed(file, ids.get(key, "")) for key, file in post.files]
    return assembled(as_raw(headers), post.field("body-plain"), post.field("body-html"), files)


def _with_stored(letter: Letter, listed: str) -> Letter:
    """Return the letter with the names of the files that `store()` left at Mailgun."""
    try:
        found = json.loads(listed) if listed else []
    except (ValueError, RecursionError):
        return letter
    files = [it for it in found if isinstance(it, dict)] if isinstance(found, list) else []
    names = [file_name(str(it.get("name", ""))) for it in files[:MOST_FILES]]
    if not names:
        return letter
    line = f"[Mailgun: {', '.join(names)}]"
    texts = {name: f"{getattr(letter, name)}\n\n{line}".strip() for name in ("own", "whole")}
    return replace(letter, own=texts["own"], whole=texts["whole"])


def _headers(text: str) -> list[tuple[str, str]]:
    try:
        found = json.loads(text) if text else []
    except (ValueError, RecursionError):
        return []
    pairs = found if isinstance(found, list) else []
    return [
        (str(pair[0]), str(pair[1])) for pair in pairs if isinstance(pair, list) and len(pair) > 1
    ]


def _content_ids(text: str) -> dict[str, str]:
    """Return the Content-IDs by the names of the fields with the files."""
    try:
        found = json.loads(text) if text else {}
    except (ValueError, RecursionError):
        return {}
    pairs = found.items() if isinstance(found, dict) else ()
    return {str(field): str(content_id) for content_id, field in pairs}


def _with_parts(body: bytes, content_type: str, proof: dict[str, str]) -> bytes:
    boundary = content_type.partition("boundary=")[2].strip('"')
    parts = "".join(
        f'--{boundary}\r\nContent-Disposition: form-data; name="{key}"\r\n\r\n{value}\r\n'
        for key, value in proof.items()
    )
    return body.rstrip().removesuffix(f"--{boundary}--".encode()) + (
        f"{parts}--{boundary}--\r\n".encode()
    )
