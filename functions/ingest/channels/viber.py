"""Messages to the office's Viber bot.

Source: Viber REST bot API, callbacks (developers.viber.com).
Signed: the raw body, HMAC-SHA256 with the bot's token, hex in `X-Viber-Content-Signature`.
Event id: `message_token` and the event; a token is over 32 bits. Retries: until 200. Times:
milliseconds since 1970. `conversation_started` is no consent: it makes no request.
"""

import hashlib
import hmac
from collections.abc import Sequence
from typing import Any

from pydantic import Field, ValidationError

from ingest.channel import Context
from ingest.chat_event import MILLI, Part, bad_field, begun, moment, person, unknown_event
from ingest.plain_text import read_object
from kartoteka.domain.errors import NotAuthentic
from kartoteka.domain.inbound import Inbound, Kind, Message
from kartoteka.domain.model import Attachment
from kartoteka.http import Call, Reply, json_reply
from kartoteka.services.record_inbound import Stored

name = "viber"
_HEADER = "x-viber-content-signature"
_RECEIPTS = {"delivered": "delivered", "seen": "read", "failed": "failed"}
_SERVICE = {
    "webhook",
    "conversation_started",
    "subscribed",
    "unsubscribed",
    "client_status",
    "action",
}
_MEDIA = {
    "picture": ("photo.jpg", "image/jpeg"),
    "video": ("video.mp4", "video/mp4"),
    "file": ("document", "application/octet-stream"),
    "sticker": ("sticker.png", "image/png"),
}
_INT64 = 2**63
_LONGEST_STICKER = 20


class _Sender(Part):
    id: str = Field(min_length=1)
    name: str = ""


class _Contact(Part):
    name: str = ""
    phone_number: str = ""


class _Place(Part):
    lat: float
    lon: float
    address: str = ""


class _Words(Part):
    type: str = "text"
    text: str = ""
    media: str = ""
    file_name: str = ""
    size: int = Field(default=0, ge=0, lt=_INT64)
    contact: _Contact | None = None
    location: _Place | None = None
    tracking_data: str = ""
    sticker_id: int | str = ""


class _Event(Part):
    event: str
    timestamp: int = 0
    message_token: str = ""
    sender: _Sender | None = None
    message: _Words | None = None
    user_id: str = ""
    desc: str = ""


def verify(call: Call, secrets: Sequence[str]) -> None:
    """Refuse a body that none of the bot's tokens has signed."""
    given = call.header(_HEADER).lower().encode("utf-8", "replace")
    fits = [hmac.compare_digest(given, _hex(call.body, secret)) for secret in secrets if secret]
    if not any(fits):
        raise NotAuthentic(f"{_HEADER} does not fit the body", code="bad_signature")


def sign(body: bytes, secret: str) -> dict[str, str]:
    """Return the headers with which Viber would send this body."""
    return {_HEADER: _hex(body, secret).decode()}


def parse(call: Call, context: Context) -> list[Inbound]:
    """Return the one event of the callback."""
    found = read_object(call.body)
    try:
        event = _Event.model_validate(found)
    except ValidationError as exc:
        raise bad_field(exc, "event") from exc
    blank = begun(name, call, context, _event_id(event, found, call))
    at = moment(event.timestamp, blank, per_second=MILLI)
    blank = blank.model_copy(update={"at": at})
    if event.event in _RECEIPTS and event.message_token:
        state = _RECEIPTS[event.event]
        told = Message(
            id=event.message_token, peer=event.user_id, state=state, said=event.desc[:500]
        )
        return [blank.model_copy(update={"what": Kind.RECEIPT, "message": told})]
    if event.event in _SERVICE:
        return [blank.model_copy(update={"why": "membership"})]
    if event.event != "message" or event.sender is None or event.message is None:
        raise unknown_event(event.event)
    return [_message(event.sender, event.message, event.message_token, blank)]


def answer(_call: Call, _stored: Sequence[Stored]) -> Reply:
    """Return the 200 that Viber waits for; an empty object greets nobody."""
    return json_reply({})


def _hex(body: bytes, secret: str) -> bytes:
    return hmac.new(secret.encode(), body, hashlib.sha256).hexdigest().encode()


def _event_id(event: _Event, found: dict[str, Any], call: Call) -> str:
    token = event.message_token or hashlib.sha256(call.body).hexdigest()
    return f"{token}:{event.event}:{found.get('user_id', '')}"[:300]


def _message(sender: _Sender, words: _Words, token: str, blank: Inbound) -> Inbound:
    update = {
        "what": Kind.MESSAGE,
        "sender": person(blank, sender.id, sender.name),
        "text": words.text or (words.media if words.type == "url" else ""),
        "fields": _told_beside(words),
        "attachments": _attachments(words),
        "message": Message(id=token or blank.event_id, peer=sender.id),
    }
    return blank.model_copy(update=update)


def _told_beside(words: _Words) -> dict[str, str]:
    """Return a place, a sticker, or a contact: nobody says whether that is the sender's own."""
    fields = {"sticker": str(words.sticker_id)[:_LONGEST_STICKER]}
    if words.contact is not None:
        fields["contact_phone"] = words.contact.phone_number
        fields["contact_name"] = words.contact.name
    if words.location is not None:
        place = words.location
        fields["location"] = f"{place.address} {place.lat}, {place.lon}".strip()
    return {key: value for key, value in fields.items() if value}


def _attachments(words: _Words) -> tuple[Attachment, ...]:
    if words.type not in _MEDIA or not words.media:
        return ()
    file_name, media_type = _MEDIA[words.type]
    named = words.file_name or file_name
    return (Attachment(name=named, media_type=media_type, size=words.size, ref=words.media),)
