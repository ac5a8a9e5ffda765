"""Letters of the office's Gmail box.

Source: Gmail API v1: `users.watch`, `users.history`, `users.messages` (format=raw).
Google only tells that something is new (`ingest.mailboxes` answers that and fetches the letters);
here is how one letter as the API gives it is understood. A script of the office may also post it.
Signed: the raw body, HMAC-SHA256, in `X-Kartoteka-Signature: sha256=<hex>`.
Event id: the letter's own Message-ID. Times: `internalDate`, milliseconds since 1970.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from ingest.channel import Context, Manner
from ingest.channels import call as signed_json
from ingest.mail.event import Carried, mail_event
from ingest.mail.headers import base64_bytes
from ingest.mail.reading import read_letter
from ingest.plain_text import read_object
from ingest.room import MAIL_LIMIT
from kartoteka.domain.errors import Malformed
from kartoteka.domain.inbound import Inbound
from kartoteka.http import Call, Reply, json_reply
from kartoteka.services.record_inbound import Stored

name = "gmail"
manner = Manner(limit=MAIL_LIMIT)
_MILLIS = range(946_684_800_000, 4_102_444_800_000)  # this century
_DIGITS = re.compile(r"[0-9]{1,15}")
_HEADER = re.compile(rb"\s*[A-Za-z][A-Za-z0-9-]{1,60}:")  # the beginning of a bare letter
_URL_SAFE = bytes.maketrans(b"-_", b"+/")
NOT_INCOMING = frozenset({"SENT", "DRAFT", "SPAM", "TRASH", "CHAT"})

verify = signed_json.verify
sign = signed_json.sign


def parse(call: Call, context: Context) -> list[Inbound]:
    """Return the one letter; none for one that we sent, or that Gmail took for spam.

    A body that is the letter itself is read too: a look keeps it so when it fails at one.
    """
    if _HEADER.match(call.body):
        return [event({}, call.body, context)]
    found = read_object(call.body)
    raw = found.get("raw")
    if not isinstance(raw, str) or not raw:
        raise Malformed("no letter with format=raw", code="unknown_event", field="raw")
    labels = found.get("labelIds")
    if NOT_INCOMING & set(map(str, labels if isinstance(labels, list) else ())):
        return []
    return [event(found, source_of(raw), context)]


def event(found: Mapping[str, Any], source: bytes, context: Context) -> Inbound:
    """Return the event of a letter as it travelled, of which the API says this."""
    carried = Carried(name, source, thread=str(found.get("threadId", "")), at=_at(found))
    return mail_event(read_letter(source), carried, context)


def source_of(raw: str) -> bytes:
    """Return the letter as it travelled; base64url with or without its padding."""
    return base64_bytes(raw.encode("ascii", "replace").translate(_URL_SAFE))


def answer(_call: Call, stored: Sequence[Stored]) -> Reply:
    """Return the acknowledgement with the ids of what was kept."""
    return json_reply({"ok": True, "ids": [item.inbound_id for item in stored]})


def _at(found: Mapping[str, Any]) -> datetime | None:
    text = str(found.get("internalDate", ""))
    millis = int(text) if _DIGITS.fullmatch(text) else 0
    return datetime.fromtimestamp(millis / 1000, UTC) if millis in _MILLIS else None
