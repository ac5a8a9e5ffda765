"""Messages to the office's WhatsApp number, by Meta's Cloud API.

Source: WhatsApp Cloud API webhooks, `whatsapp_business_account` (developers.facebook.com).
Signed: the raw body, HMAC-SHA256 with the application's secret, in `X-Hub-Signature-256`.
Event id: the message's `wamid`; of a receipt the id and its state. Retries: for days until 200.
One post may hold several messages and receipts. Times: seconds since 1970, as text.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from pydantic import Field, ValidationError

from ingest import meta
from ingest.channel import Context
from ingest.chat_event import (
    OK,
    Part,
    bad_field,
    begun,
    moment,
    person,
    service,
    unknown_event,
    with_body,
    with_tags,
)
from ingest.plain_text import read_object
from kartoteka.domain import identity
from kartoteka.domain.inbound import Inbound, Kind, Message
from kartoteka.domain.model import Attachment
from kartoteka.http import Call, Reply
from kartoteka.services.record_inbound import Stored

name = "whatsapp"
sign = meta.sign
verify = meta.verify
challenge = meta.challenge
_STATES = {"sent", "delivered", "read", "failed"}
_MEDIA = {
    "audio": "voice.ogg",
    "document": "document",
    "image": "photo.jpg",
    "sticker": "sticker.webp",
    "video": "video.mp4",
}
_SILENT = {"reaction", "system", "request_welcome", "ephemeral"}


class _Media(Part):
    id: str = ""
    mime_type: str = "application/octet-stream"
    filename: str = ""
    caption: str = ""


class _Profile(Part):
    name: str = ""


class _Contact(Part):
    wa_id: str = ""
    profile: _Profile = _Profile()


class _Message(Part):
    id: str = Field(min_length=1)
    sender: str = Field(default="", alias="from")
    to: str = ""
    timestamp: str = ""
    type: str = ""
    text: dict[str, Any] = Field(default_factory=dict)
    button: dict[str, Any] = Field(default_factory=dict)
    interactive: dict[str, Any] = Field(default_factory=dict)
    location: dict[str, Any] = Field(default_factory=dict)
    contacts: tuple[dict[str, Any], ...] = ()
    referral: dict[str, Any] = Field(default_factory=dict)
    edit: dict[str, Any] = Field(default_factory=dict)
    revoke: dict[str, Any] = Field(default_factory=dict)
    audio: _Media | None = None
    document: _Media | None = None
    image: _Media | None = None
    sticker: _Media | None = None
    video: _Media | None = None


class _Error(Part):
    code: str = ""
    title: str = ""
    message: str = ""


class _Status(Part):
    id: str = Field(min_length=1)
    status: str
    timestamp: str = ""
    recipient_id: str = ""
    errors: tuple[_Error, ...] = ()


class _Value(Part):
    contacts: tuple[_Contact, ...] = ()
    messages: tuple[_Message, ...] = ()
    message_echoes: tuple[_Message, ...] = ()
    statuses: tuple[_Status, ...] = ()
    metadata: dict[str, Any] = Field(default_factory=dict)


class _Change(Part):
    field: str = ""
    value: dict[str, Any] = Field(default_factory=dict)


class _Entry(Part):
    changes: tuple[_Change, ...] = ()


class _Body(Part):
    object: str = ""
    entry: tuple[_Entry, ...] = ()


def parse(call: Call, context: Context) -> list[Inbound]:
    """Return every message and receipt of the post."""
    found = read_object(call.body)
    if found.get("object") != "whatsapp_business_account":
        raise unknown_event(found.get("object"))
    try:
        body = _Body.model_validate(found)
        changes = [change for entry in body.entry for change in entry.changes]
        bare = replace(call, body=b"")
        told = (event for change in changes for event in _events(change, bare, context))
        events = with_body(told, call)
    except ValidationError as exc:
        raise bad_field(exc, "entry") from exc
    if not changes:
        raise unknown_event("entry")
    return events or service(name, call, context, "other_field")


def answer(_call: Call, _stored: Sequence[Stored]) -> Reply:
    """Return the 200 that Meta waits for."""
    return OK


def _events(change: _Change, call: Call, context: Context) -> Iterator[Inbound]:
    value = _Value.model_validate(change.value)
    line = str(value.metadata.get("display_phone_number") or "")
    names = {contact.wa_id: contact.profile.name for contact in value.contacts}
    for message in value.messages:
        yield _message(message, call, context, names).model_copy(update={"recipient": line})
    for message in value.message_echoes:
        yield _echo(message, begun(name, call, context, f"echo:{message.id}"))
    for status in value.statuses:
        yield _receipt(status, begun(name, call, context, f"{status.id}:{status.status}"))


def _message(message: _Message, call: Call, context: Context, names: Mapping[str, str]) -> Inbound:
    blank = begun(name, call, context, message.id)
    at = moment(message.timestamp, blank)
    if message.type in _SILENT or not message.sender.isdecimal():
        return blank.model_copy(update={"why": message.type[:40] or "no_sender", "at": at})
    phone = identity.phone(f"+{message.sender}")
    update = {
        "what": Kind.MESSAGE,
        "at": at,
        "sender": person(
            blank, message.sender, names.get(message.sender, ""), (phone,) if phone else ()
        ),
        "text": _words(message),
        "fields": _told_beside(message),
        "attachments": _attachments(message),
        "message": Message(id=message.id, peer=message.sender),
        "source": with_tags(blank.source, _tags(message)),
    }
    return blank.model_copy(update=update | _changed(message))


def _changed(message: _Message) -> dict[str, Any]:
    """Return what makes it a new wording, or a message taken back; not in the public reference."""
    for kind, part in ((Kind.EDIT, message.edit), (Kind.DELETION, message.revoke)):
        original = str(part.get("original_message_id") or "")
        if original:
            inner = part.get("message")
            words = _text_of(inner) if isinstance(inner, Mapping) else ""
            told = Message(id=original, peer=message.sender)
            return {"what": kind, "message": told, "text": words}
    return {}


def _text_of(inner: Mapping[str, Any]) -> str:
    text = inner.get("text")
    return str(text.get("body") or "") if isinstance(text, Mapping) else ""


def _echo(message: _Message, blank: Inbound) -> Inbound:
    """Return a message that the office wrote in its own WhatsApp."""
    update = {
        "what": Kind.ECHO,
        "at": moment(message.timestamp, blank),
        "text": _words(message),
        "attachments": _attachments(message),
        "message": Message(id=message.id, peer=message.to),
    }
    return blank.model_copy(update=update)


def _receipt(status: _Status, blank: Inbound) -> Inbound:
    at = moment(status.timestamp, blank)
    if status.status not in _STATES:
        return blank.model_copy(update={"why": "other_state", "at": at})
    said = "; ".join(
        filter(None, (f"{it.code} {it.title or it.message}".strip() for it in status.errors))
    )
    told = Message(id=status.id, peer=status.recipient_id, state=status.status, said=said[:500])
    return blank.model_copy(update={"what": Kind.RECEIPT, "at": at, "message": told})


def _words(message: _Message) -> str:
    media = _media(message)
    pressed = [part for part in message.interactive.values() if isinstance(part, Mapping)]
    found = (
        message.text.get("body"),
        media.caption if media else "",
        message.button.get("text"),
        *(part.get("title") for part in pressed),
    )
    return next((str(text) for text in found if text), "")


def _media(message: _Message) -> _Media | None:
    found = getattr(message, message.type) if message.type in _MEDIA else None
    return found if isinstance(found, _Media) else None


def _attachments(message: _Message) -> tuple[Attachment, ...]:
    media = _media(message)
    if media is None or not media.id:
        return ()
    named = media.filename or _MEDIA[message.type]
    kind = media.mime_type.partition(";")[0]
    return (Attachment(name=named, media_type=kind, size=0, ref=media.id),)


def _told_beside(message: _Message) -> dict[str, str]:
    """Return a place, or the contact of somebody else: WhatsApp does not say whose it is."""
    fields: dict[str, str] = {}
    if message.location:
        place = message.location
        fields["location"] = f"{place.get('latitude')}, {place.get('longitude')}"
    for contact in message.contacts[:1]:
        phones, called = contact.get("phones"), contact.get("name")
        listed = phones if isinstance(phones, list) else []
        numbers = [str(it.get("phone") or "") for it in listed if isinstance(it, Mapping)]
        fields["contact_phone"] = ", ".join(filter(None, numbers))
        if isinstance(called, Mapping):
            fields["contact_name"] = str(called.get("formatted_name") or "")
    return {key: value for key, value in fields.items() if value}


def _tags(message: _Message) -> dict[str, str]:
    told = message.referral
    wanted = ("source_url", "source_id", "source_type", "headline", "ctwa_clid")
    return {key: str(told[key]) for key in wanted if told.get(key)}
