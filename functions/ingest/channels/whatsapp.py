"""Messages to the office's WhatsApp number, by Meta's Cloud API.

Source: WhatsApp Cloud API webhooks, `whatsapp_business_account` (developers.facebook.com).
Signed: the raw body, HMAC-SHA256 with the application's secret, in `X-Hub-Signature-256`.
Event id: the message's `wamid`; of a receipt the id and its state. Retries: for days until 200.
One post may hold several messages and receipts. Times: seconds since 1970, as text.
Who has chosen a user name may come without a number: then `from_user_id`, the user's id within the
business (two letters, a dot, digits or letters), is who wrote and where an answer goes.
"""

import json
import re
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
    quotes,
    service,
    unknown_event,
    with_body,
    with_tags,
)
from ingest.plain_text import plain, read_object
from kartoteka.domain import identity
from kartoteka.domain.inbound import Inbound, Kind, Message, Person
from kartoteka.domain.model import Attachment
from kartoteka.http import Call, Reply
from kartoteka.services.record_inbound import Stored

name = "whatsapp"
sign = meta.sign
verify = meta.verify
challenge = meta.challenge
_STATES = {
    "sent": "sent",
    "delivered": "delivered",
    "read": "read",
    "played": "read",
    "failed": "failed",
}
_USER = re.compile(r"[A-Z]{2}\.[A-Za-z0-9.]{1,140}")
_MOST_GOODS = 50
_LONGEST_FORM = 20_000
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
    username: str = ""


class _Contact(Part):
    wa_id: str = ""
    user_id: str = ""
    profile: _Profile = _Profile()


class _Error(Part):
    code: str = ""
    title: str = ""
    message: str = ""


class _Message(Part):
    id: str = Field(min_length=1)
    sender: str = Field(default="", alias="from")
    user: str = Field(default="", alias="from_user_id")
    to: str = ""
    to_user: str = Field(default="", alias="to_user_id")
    timestamp: str = ""
    type: str = ""
    text: dict[str, Any] = Field(default_factory=dict)
    button: dict[str, Any] = Field(default_factory=dict)
    interactive: dict[str, Any] = Field(default_factory=dict)
    location: dict[str, Any] = Field(default_factory=dict)
    contacts: tuple[dict[str, Any], ...] = ()
    referral: dict[str, Any] = Field(default_factory=dict)
    context: Any = None
    edit: dict[str, Any] = Field(default_factory=dict)
    revoke: dict[str, Any] = Field(default_factory=dict)
    order: dict[str, Any] = Field(default_factory=dict)
    errors: tuple[_Error, ...] = ()
    audio: _Media | None = None
    document: _Media | None = None
    image: _Media | None = None
    sticker: _Media | None = None
    video: _Media | None = None


class _Status(Part):
    id: str = Field(min_length=1)
    status: str
    timestamp: str = ""
    recipient_id: str = ""
    recipient_user_id: str = ""
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
    names = {name: called for it in value.contacts for name, called in _called(it)}
    for message in value.messages:
        yield _message(message, call, context, names).model_copy(update={"recipient": line})
    for message in value.message_echoes:
        yield _echo(message, begun(name, call, context, f"echo:{message.id}"))
    for status in value.statuses:
        yield _receipt(status, begun(name, call, context, f"{status.id}:{status.status}"))


def _called(contact: _Contact) -> Iterator[tuple[str, str]]:
    """Yield what the writer is called, by the number and by the user's id."""
    called = contact.profile.name or contact.profile.username
    yield contact.wa_id, called
    yield contact.user_id, called


def _message(message: _Message, call: Call, context: Context, names: Mapping[str, str]) -> Inbound:
    blank = begun(name, call, context, message.id)
    at = moment(message.timestamp, blank)
    peer = _writer(message)
    if message.type in _SILENT or not peer:
        return blank.model_copy(update={"why": message.type[:40] or "no_sender", "at": at})
    called = names.get(message.sender) or names.get(message.user) or ""
    update = {
        "what": Kind.MESSAGE,
        "at": at,
        "sender": _sender(message, blank, called),
        "text": _words(message),
        "fields": _told_beside(message),
        "attachments": _attachments(message),
        "message": Message(id=message.id, peer=peer, **quotes(message.context, number="id")),
        "source": with_tags(blank.source, _tags(message)),
    }
    told = blank.model_copy(update=update | _changed(message, peer))
    says_nothing = not (told.text or told.fields or told.attachments)
    if told.what is not Kind.MESSAGE or not says_nothing:
        return told
    return told.model_copy(update={"fields": {"unsupported": _kind(message)}})


def _kind(message: _Message) -> str:
    """Return what a message is that says nothing we can read."""
    return str(message.interactive.get("type") or message.type or "message")[:40]


def _writer(message: _Message) -> str:
    """Return the writer's number; the user's id when WhatsApp keeps the number to itself."""
    if message.sender.isdecimal():
        return message.sender
    return message.user if _USER.fullmatch(message.user) else ""


def _sender(message: _Message, blank: Inbound, called: str) -> Person:
    """Return who wrote; both names are told, so that a later message without a number is theirs."""
    found = (message.sender, message.user)
    users = [user for user in found if user.isdecimal() or _USER.fullmatch(user)]
    keys = [key for user in users for key in person(blank, user).messengers]
    phone = identity.phone(f"+{message.sender}") if message.sender.isdecimal() else None
    return Person(name=called.strip(), phones=(phone,) if phone else (), messengers=tuple(keys))


def _changed(message: _Message, peer: str) -> dict[str, Any]:
    """Return what makes it a new wording, or a message taken back; not in the public reference."""
    for kind, part in ((Kind.EDIT, message.edit), (Kind.DELETION, message.revoke)):
        original = str(part.get("original_message_id") or "")
        if original:
            inner = part.get("message")
            words = _text_of(inner) if isinstance(inner, Mapping) else ""
            told = Message(id=original, peer=peer)
            return {"what": kind, "message": told, "text": words}
    return {}


def _text_of(inner: Mapping[str, Any]) -> str:
    """Return the words of a message inside another; of a file, those beneath it."""
    told = [part for part in (inner.get("text"), *map(inner.get, _MEDIA)) if isinstance(part, dict)]
    return next((str(it) for part in told if (it := part.get("body") or part.get("caption"))), "")


def _echo(message: _Message, blank: Inbound) -> Inbound:
    """Return a message that the office wrote in its own WhatsApp; not that it changed one."""
    if message.edit or message.revoke:
        return blank.model_copy(update={"why": message.type[:40]})
    update = {
        "what": Kind.ECHO,
        "at": moment(message.timestamp, blank),
        "text": _words(message),
        "attachments": _attachments(message),
        "message": Message(id=message.id, peer=message.to or message.to_user),
    }
    return blank.model_copy(update=update)


def _receipt(status: _Status, blank: Inbound) -> Inbound:
    at = moment(status.timestamp, blank)
    if status.status not in _STATES:
        return blank.model_copy(update={"why": "other_state", "at": at})
    said = "; ".join(
        filter(None, (f"{it.code} {it.title or it.message}".strip() for it in status.errors))
    )
    peer, state = status.recipient_id or status.recipient_user_id, _STATES[status.status]
    told = Message(id=status.id, peer=peer, state=state, said=said[:500])
    return blank.model_copy(update={"what": Kind.RECEIPT, "at": at, "message": told})


def _words(message: _Message) -> str:
    media = _media(message)
    pressed = [part for part in message.interactive.values() if isinstance(part, Mapping)]
    found = (
        message.text.get("body"),
        media.caption if media else "",
        message.button.get("text"),
        *(part.get("title") or part.get("body") for part in pressed),
        message.order.get("text"),
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
    """Return a place, or the contact of somebody else: WhatsApp does not say whose it is.

    Also a form filled in, goods that were chosen, and that there was something WhatsApp hides.
    """
    fields = {"form": _form(message), "goods": _goods(message)}
    fields["unsupported"] = "; ".join(it.title or it.message for it in message.errors)
    if message.location:
        place = message.location
        fields["location"] = f"{place.get('latitude')}, {place.get('longitude')}"
        stands = (str(place.get(key) or "") for key in ("name", "address"))
        fields["place"] = ", ".join(filter(None, stands))
    for contact in message.contacts[:1]:
        phones, called = contact.get("phones"), contact.get("name")
        listed = phones if isinstance(phones, list) else []
        numbers = [str(it.get("phone") or "") for it in listed if isinstance(it, Mapping)]
        fields["contact_phone"] = ", ".join(filter(None, numbers))
        if isinstance(called, Mapping):
            fields["contact_name"] = str(called.get("formatted_name") or "")
    return {key: value for key, value in fields.items() if value}


def _form(message: _Message) -> str:
    """Return the answers of a form inside the chat, as far as they are plain."""
    reply = message.interactive.get("nfm_reply")
    told = reply.get("response_json") if isinstance(reply, Mapping) else None
    if not isinstance(told, str) or len(told) > _LONGEST_FORM:
        return ""
    try:
        answers = json.loads(told)
    except (ValueError, RecursionError):
        return ""
    pairs = answers.items() if isinstance(answers, dict) else ()
    said = (f"{key}: {text}" for key, it in pairs if (text := _answered(it)))
    return plain("; ".join(text for text in said if not text.startswith("flow_token")))


def _answered(value: Any) -> str:
    """Return one answer of a form, of several choices all."""
    found = value if isinstance(value, list) else [value]
    return ", ".join(str(it) for it in found if isinstance(it, str | int | float))


def _goods(message: _Message) -> str:
    """Return what was put into the basket of the catalogue: article and count."""
    items = message.order.get("product_items")
    known = [it for it in items if isinstance(it, Mapping)] if isinstance(items, list) else []
    told = (f"{it.get('product_retailer_id')} × {it.get('quantity')}" for it in known[:_MOST_GOODS])
    return ", ".join(told)


def _tags(message: _Message) -> dict[str, str]:
    told = message.referral
    wanted = ("source_url", "source_id", "source_type", "headline", "ctwa_clid")
    return {key: str(told[key]) for key in wanted if told.get(key)}
