"""Messages to the office's Telegram bot.

Source: Telegram Bot API, `setWebhook` and `Update` (core.telegram.org/bots/api).
Signed: nothing; the secret set with the webhook comes in `X-Telegram-Bot-Api-Secret-Token`.
Event id: `update_id`, unique per bot. Retries: until 2xx, and later updates wait behind it, so
every verified update is answered 200. Times: seconds since 1970. Ids are over 32 bits.
"""

import hmac
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from ingest.channel import Context, inbound_id
from ingest.plain_text import raw_text, read_object
from kartoteka.domain import identity
from kartoteka.domain.errors import Malformed, NotAuthentic
from kartoteka.domain.inbound import Inbound, Kind, Message, Person
from kartoteka.domain.model import Attachment, Source
from kartoteka.domain.press import MARK
from kartoteka.http import Call, Reply
from kartoteka.services.record_inbound import Stored

name = "telegram"
_HEADER = "x-telegram-bot-api-secret-token"
_START = "/start "
_INT64 = 2**63
_SECONDS = range(946_684_800, 4_102_444_800)  # this century


class _Part(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)


class _User(_Part):
    id: int = Field(gt=-_INT64, lt=_INT64)
    is_bot: bool = False
    first_name: str = ""
    last_name: str = ""
    username: str = ""


class _Chat(_Part):
    id: int = Field(gt=-_INT64, lt=_INT64)
    type: str = "private"


class _File(_Part):
    file_id: str
    file_name: str = ""
    mime_type: str = ""
    file_size: int = Field(default=0, ge=0, lt=_INT64)


class _Contact(_Part):
    phone_number: str
    user_id: int | None = None
    first_name: str = ""
    last_name: str = ""


class _Location(_Part):
    latitude: float
    longitude: float


class _Message(_Part):
    message_id: int = Field(default=0, ge=0, lt=_INT64)
    message_thread_id: int = Field(default=0, ge=0, lt=_INT64)
    is_topic_message: bool = False
    chat: _Chat
    sender: _User | None = Field(default=None, alias="from")
    date: int = 0
    edit_date: int = 0
    text: str = ""
    caption: str = ""
    photo: tuple[_File, ...] = ()
    voice: _File | None = None
    audio: _File | None = None
    video: _File | None = None
    video_note: _File | None = None
    animation: _File | None = None
    sticker: _File | None = None
    document: _File | None = None
    contact: _Contact | None = None
    location: _Location | None = None


class _Callback(_Part):
    id: str = ""
    sender: _User = Field(alias="from")
    message: _Message | None = None
    data: str = ""


class _Membership(_Part):
    chat: _Chat
    sender: _User | None = Field(default=None, alias="from")
    date: int = 0


_FILES = {
    "voice": ("voice.ogg", "audio/ogg"),
    "audio": ("audio", "audio/mpeg"),
    "video": ("video.mp4", "video/mp4"),
    "video_note": ("video.mp4", "video/mp4"),
    "animation": ("animation.mp4", "video/mp4"),
    "sticker": ("sticker.webp", "image/webp"),
    "document": ("document", "application/octet-stream"),
}


def verify(call: Call, secrets: Sequence[str]) -> None:
    """Refuse a call without one of the secrets."""
    given = call.header(_HEADER).encode("utf-8", "replace")
    fits = [hmac.compare_digest(given, secret.encode()) for secret in secrets if secret]
    if not any(fits):
        raise NotAuthentic(f"{_HEADER} is not this bot's", code="bad_signature")


def sign(_body: bytes, secret: str) -> dict[str, str]:
    """Return the headers with which Telegram would send any body."""
    return {_HEADER: secret}


def parse(call: Call, context: Context) -> list[Inbound]:
    """Return the one event of the update."""
    update = read_object(call.body)
    event_id = _update_id(update)
    kinds = [kind for kind in _READERS if isinstance(update.get(kind), Mapping)]
    if not kinds:
        others = ", ".join(sorted(key[:40] for key in update if key != "update_id")[:3])
        raise Malformed("an update of another kind", code="unknown_event", field=others)
    blank = Inbound(
        id=inbound_id(name, context, event_id),
        channel=name,
        account=context.account,
        event_id=event_id,
        what=Kind.SERVICE,
        at=context.now,
        received_at=context.now,
        source=Source(channel=name, name=context.source),
        raw=raw_text(call.body),
    )
    try:
        return [_READERS[kinds[0]](update[kinds[0]], blank)]
    except ValidationError as exc:
        where = exc.errors(include_input=False, include_url=False)[0]["loc"]
        field = ".".join(str(step) for step in (kinds[0], *where))
        raise Malformed(f"{field} is impossible", code="bad_field", field=field) from exc


def answer(_call: Call, _stored: Sequence[Stored]) -> Reply:
    """Return the 200 without which Telegram repeats and holds later updates back."""
    return Reply(200, b"ok", {"content-type": "text/plain"})


def _update_id(update: Mapping[str, Any]) -> str:
    update_id = update.get("update_id")
    if not isinstance(update_id, int) or not 0 <= update_id < _INT64:
        raise Malformed("update_id is missing", code="bad_field", field="update_id")
    return str(update_id)


def _message(found: Any, blank: Inbound) -> Inbound:
    message = _Message.model_validate(found)
    return _written(message, message.sender, blank, Kind.MESSAGE)


def _edited(found: Any, blank: Inbound) -> Inbound:
    message = _Message.model_validate(found)
    return _written(message, message.sender, blank, Kind.EDIT)


def _pressed(found: Any, blank: Inbound) -> Inbound:
    """Return a press of a button as a message with what the button says."""
    press = _Callback.model_validate(found)
    if press.message is not None and press.message.chat.type != "private":
        return blank.model_copy(update={"why": "group"})
    update = {
        "what": Kind.MESSAGE,
        "sender": _person(press.sender, blank),
        "text": press.data,
        "message": Message(
            id=f"{MARK}{press.id or blank.event_id}",
            peer=str(press.sender.id),
            tag=str(press.message.message_id) if press.message is not None else "",
        ),
    }
    return blank.model_copy(update=update)


def _membership(found: Any, blank: Inbound) -> Inbound:
    """Return that a person started, stopped or blocked the bot: nothing to answer."""
    member = _Membership.model_validate(found)
    return blank.model_copy(update={"why": "membership", "at": _at(member.date, blank)})


def _posted(_found: Any, blank: Inbound) -> Inbound:
    """Return that something stands in a channel where the bot is: nobody asks the office."""
    return blank.model_copy(update={"why": "group"})


_READERS: Mapping[str, Callable[[Any, Inbound], Inbound]] = {
    "message": _message,
    "edited_message": _edited,
    "callback_query": _pressed,
    "my_chat_member": _membership,
    "channel_post": _posted,
    "edited_channel_post": _posted,
}


def _written(message: _Message, user: _User | None, blank: Inbound, kind: Kind) -> Inbound:
    at = _at(message.edit_date or message.date, blank)
    if user is None or user.is_bot:
        why = "bot" if user is not None else "group"
        return blank.model_copy(update={"why": why, "at": at})
    if message.chat.type != "private":
        return _in_group(message, user, blank.model_copy(update={"at": at}), kind)
    contact = message.contact
    own = contact is not None and contact.user_id == user.id
    update = {
        "what": Kind.CONTACT if own else kind,
        "at": at,
        "sender": _person(user, blank, contact if own else None),
        "text": message.text or message.caption,
        "fields": _told(message, own=own),
        "attachments": _attachments(message),
        "source": _source(message, blank),
        "message": Message(id=str(message.message_id or blank.event_id), peer=str(message.chat.id)),
    }
    return blank.model_copy(update=update)


def _in_group(message: _Message, user: _User, blank: Inbound, kind: Kind) -> Inbound:
    """Return words in a group, which may be the team's; of clients' groups nothing is made."""
    files = _attachments(message)
    text = message.text or message.caption
    if kind is Kind.EDIT or message.chat.type == "channel" or not (text or files):
        return blank.model_copy(update={"why": "group"})
    thread = str(message.message_thread_id) if message.is_topic_message else ""
    update = {
        "what": Kind.TEAM,
        "why": "group",
        "sender": _person(user, blank),
        "text": text,
        "attachments": files,
        "message": Message(
            id=str(message.message_id or blank.event_id), peer=str(message.chat.id), thread=thread
        ),
    }
    return blank.model_copy(update=update)


def _person(user: _User, blank: Inbound, contact: _Contact | None = None) -> Person:
    full = " ".join(part for part in (user.first_name, user.last_name) if part.strip())
    phone = identity.phone(_international(contact.phone_number)) if contact else None
    return Person(
        name=full or user.username,
        phones=(phone,) if phone else (),
        messengers=(f"{name}:{blank.account}:{user.id}",),
    )


def _international(number: str) -> str:
    """Return a contact's number with the plus sign that some of Telegram's apps leave out."""
    return number if number.startswith("+") else f"+{number}"


def _told(message: _Message, *, own: bool) -> dict[str, str]:
    fields: dict[str, str] = {}
    if message.contact is not None and not own:
        contact = message.contact
        fields["contact_phone"] = contact.phone_number
        fields["contact_name"] = f"{contact.first_name} {contact.last_name}".strip()
    if message.location is not None:
        fields["location"] = f"{message.location.latitude}, {message.location.longitude}"
    return fields


def _source(message: _Message, blank: Inbound) -> Source | None:
    """Return the source with the token of the link that opened the bot, if there was one."""
    token = message.text.removeprefix(_START).strip()
    if blank.source is None or not message.text.startswith(_START) or not token:
        return blank.source
    return blank.source.model_copy(update={"utm": {"start": token}})


def _attachments(message: _Message) -> tuple[Attachment, ...]:
    files = [_attachment(file, "photo.jpg", "image/jpeg") for file in message.photo[-1:]]
    for kind, (file_name, media_type) in _FILES.items():
        file = getattr(message, kind)
        if file is not None:
            files.append(_attachment(file, file_name, media_type))
    return tuple(files)


def _attachment(file: _File, file_name: str, media_type: str) -> Attachment:
    return Attachment(
        name=file.file_name or file_name,
        media_type=file.mime_type or media_type,
        size=file.file_size,
        ref=file.file_id,
    )


def _at(seconds: int, blank: Inbound) -> datetime:
    """Return the moment Telegram names; the moment of receipt when it names an impossible one."""
    return datetime.fromtimestamp(seconds, UTC) if seconds in _SECONDS else blank.received_at
