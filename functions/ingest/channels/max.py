"""Messages to the office's bot in MAX.

Source: MAX bot API, subscriptions and updates (dev.max.ru), schema of 2026-07.
Signed: nothing; the secret of the subscription comes in `X-Max-Bot-Api-Secret`. Event id: `mid`
of a message, `callback_id` of a button, else kind, time and user. Retries: up to 10 until 200;
after 8 hours without a success the bot is unsubscribed. Times: milliseconds since 1970.
"""

import hmac
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, ValidationError, model_validator

from ingest.channel import Context
from ingest.chat_event import (
    MILLI,
    OK,
    Part,
    bad_field,
    begun,
    moment,
    person,
    unknown_event,
    with_tags,
)
from ingest.plain_text import read_object
from kartoteka.domain import identity
from kartoteka.domain.errors import NotAuthentic
from kartoteka.domain.inbound import Inbound, Kind, Message
from kartoteka.domain.model import Attachment
from kartoteka.http import Call, Reply
from kartoteka.services.record_inbound import Stored

name = "max"
_HEADER = "x-max-bot-api-secret"
_INT64 = 2**63
_TEL = re.compile(r"^(?:item\d+\.)?TEL[^:\r\n]{0,200}:([^\r\n]{1,60})", re.MULTILINE)
_CALLED = re.compile(r"^FN[^:\r\n]{0,200}:([^\r\n]{1,200})", re.MULTILINE)
_MEDIA = {
    "audio": ("voice.ogg", "audio/ogg"),
    "file": ("document", "application/octet-stream"),
    "image": ("photo.jpg", "image/jpeg"),
    "sticker": ("sticker.png", "image/png"),
    "video": ("video.mp4", "video/mp4"),
}
_READ = {*_MEDIA, "contact", "location", "share", "inline_keyboard", "reply_keyboard", "data"}
_SERVICE = re.compile(
    r"(bot|user|dialog|chat|comment)_[a-z_]{1,40}|message_(chat_created|construct[a-z_]{1,40})"
)


def _parts(told: Any) -> Any:
    """Return the parts of an attachment; of a kind that nobody described they may be anything."""
    return told if isinstance(told, dict) else {}


class _User(Part):
    user_id: int = Field(gt=-_INT64, lt=_INT64)
    first_name: str = ""
    last_name: str | None = None
    name: str = ""
    is_bot: bool = False


class _Recipient(Part):
    chat_id: int | None = Field(default=None, gt=-_INT64, lt=_INT64)
    chat_type: str = "dialog"
    user_id: int | None = Field(default=None, gt=-_INT64, lt=_INT64)


class _Attachment(Part):
    type: str = ""
    payload: Annotated[dict[str, Any], BeforeValidator(_parts)] = Field(default_factory=dict)
    filename: str = ""
    size: int = Field(default=0, ge=0, lt=_INT64)
    title: str | None = None
    latitude: float | None = None
    longitude: float | None = None
    transcription: str = ""


class _Words(Part):
    mid: str = Field(min_length=1)
    text: str | None = None
    attachments: tuple[_Attachment, ...] | None = ()


class _Inner(Part):
    mid: str = ""
    text: str = ""
    attachments: tuple[_Attachment, ...] = ()


class _Link(Part):
    type: str = ""
    message: _Inner = _Inner()


class _Message(Part):
    sender: _User | None = None
    recipient: _Recipient = _Recipient()
    timestamp: int = 0
    body: _Words
    link: _Link | None = None

    @model_validator(mode="before")
    @classmethod
    def _only_forwarded(cls, told: Any) -> Any:
        """Return a message that only passes another one on with a body: MAX tells none."""
        if not isinstance(told, dict) or told.get("body"):
            return told
        link = _Link.model_validate(told.get("link") or {})
        mid = f"forward:{told.get('timestamp')}:{link.message.mid}" if link.message.mid else ""
        return {**told, "body": {"mid": mid}}


class _Callback(Part):
    callback_id: str = Field(min_length=1)
    payload: str = ""
    user: _User
    timestamp: int = 0


class _Under(Part):
    recipient: _Recipient = _Recipient()
    body: Annotated[dict[str, Any], BeforeValidator(_parts)] = Field(default_factory=dict)


class _Press(Part):
    callback: _Callback
    message: _Under | None = None


class _Started(Part):
    chat_id: int = Field(gt=-_INT64, lt=_INT64)
    user: _User
    payload: str | None = None


class _Removed(Part):
    message_id: str = Field(min_length=1)
    chat_id: int | None = Field(default=None, gt=-_INT64, lt=_INT64)
    user_id: int | None = Field(default=None, gt=-_INT64, lt=_INT64)


def verify(call: Call, secrets: Sequence[str]) -> None:
    """Refuse a call without one of the secrets."""
    given = call.header(_HEADER).encode("utf-8", "replace")
    fits = [hmac.compare_digest(given, secret.encode()) for secret in secrets if secret]
    if not any(fits):
        raise NotAuthentic(f"{_HEADER} is not this bot's", code="bad_signature")


def sign(_body: bytes, secret: str) -> dict[str, str]:
    """Return the headers with which MAX would send any body."""
    return {_HEADER: secret}


def parse(call: Call, context: Context) -> list[Inbound]:
    """Return the one event of the update."""
    update = read_object(call.body)
    kind = str(update.get("update_type", ""))
    reader = _READERS.get(kind)
    try:
        if reader is not None:
            return [reader(update, call, context)]
    except ValidationError as exc:
        raise bad_field(exc, kind) from exc
    if not _SERVICE.fullmatch(kind):
        raise unknown_event(kind)
    user = update.get("user")
    who = str(user.get("user_id", "")) if isinstance(user, Mapping) else ""
    blank = begun(name, call, context, f"{kind}:{update.get('timestamp')}:{who}")
    return [blank.model_copy(update={"why": "membership"})]


def answer(_call: Call, _stored: Sequence[Stored]) -> Reply:
    """Return the 200 without which MAX repeats and at last unsubscribes the bot."""
    return OK


def _created(update: Mapping[str, Any], call: Call, context: Context) -> Inbound:
    message = _Message.model_validate(update.get("message"))
    return _written(message, begun(name, call, context, message.body.mid), Kind.MESSAGE)


def _edited(update: Mapping[str, Any], call: Call, context: Context) -> Inbound:
    message = _Message.model_validate(update.get("message"))
    event_id = f"{message.body.mid}:edit:{update.get('timestamp')}"
    blank = begun(name, call, context, event_id)
    found = _written(message, blank, Kind.EDIT)
    return found.model_copy(
        update={"at": moment(_number(update.get("timestamp")), blank, per_second=MILLI)}
    )


def _removed(update: Mapping[str, Any], call: Call, context: Context) -> Inbound:
    gone = _Removed.model_validate(update)
    blank = begun(name, call, context, f"{gone.message_id}:removed")
    told = Message(id=gone.message_id, peer=str(gone.chat_id or gone.user_id or ""))
    at = moment(_number(update.get("timestamp")), blank, per_second=MILLI)
    return blank.model_copy(update={"what": Kind.DELETION, "at": at, "message": told})


def _started(update: Mapping[str, Any], call: Call, context: Context) -> Inbound:
    """Return that a person opened the bot: what Telegram's `/start` is."""
    start = _Started.model_validate(update)
    event_id = f"start:{start.chat_id}:{update.get('timestamp')}"
    blank = begun(name, call, context, event_id)
    changes = {
        "what": Kind.MESSAGE,
        "at": moment(_number(update.get("timestamp")), blank, per_second=MILLI),
        "sender": person(blank, str(start.user.user_id), _called(start.user)),
        "text": f"/start {start.payload or ''}".strip(),
        "message": Message(id=event_id, peer=str(start.chat_id)),
        "source": with_tags(blank.source, {"start": start.payload or ""}),
    }
    return blank.model_copy(update=changes)


def _pressed(update: Mapping[str, Any], call: Call, context: Context) -> Inbound:
    press = _Press.model_validate(update)
    told = press.callback
    blank = begun(name, call, context, told.callback_id)
    where = press.message.recipient if press.message is not None else _Recipient()
    if where.chat_type != "dialog":
        return blank.model_copy(update={"why": "group"})
    changes = {
        "what": Kind.MESSAGE,
        "at": moment(told.timestamp, blank, per_second=MILLI),
        "sender": person(blank, str(told.user.user_id), _called(told.user)),
        "text": _label(press) or told.payload,
        "message": Message(
            id=f"press:{told.callback_id}", peer=str(where.chat_id or told.user.user_id)
        ),
    }
    return blank.model_copy(update=changes)


def _objects(told: Any) -> list[dict[str, Any]]:
    return [it for it in told if isinstance(it, dict)] if isinstance(told, list) else []


def _label(press: _Press) -> str:
    """Return what stands on the pressed button; empty when its message does not show it."""
    shown = press.message.body.get("attachments") if press.message is not None else None
    boards = [_parts(it.get("payload")).get("buttons") for it in _objects(shown)]
    rows = [row for board in boards if isinstance(board, list) for row in board]
    buttons = [it for row in rows for it in _objects(row)]
    fits = (it.get("text") for it in buttons if it.get("payload") == press.callback.payload)
    return next((text for text in fits if isinstance(text, str)), "")


_READERS: Mapping[str, Callable[[Mapping[str, Any], Call, Context], Inbound]] = {
    "bot_started": _started,
    "message_callback": _pressed,
    "message_created": _created,
    "message_edited": _edited,
    "message_removed": _removed,
}


def _written(message: _Message, blank: Inbound, kind: Kind) -> Inbound:
    at = moment(message.timestamp, blank, per_second=MILLI)
    user, where = message.sender, message.recipient
    if user is None or user.is_bot or where.chat_type != "dialog":
        why = "bot" if user is not None and user.is_bot else "group"
        return blank.model_copy(update={"why": why, "at": at})
    own = _own_numbers(message, user)
    changes = {
        "what": Kind.CONTACT if own and kind is Kind.MESSAGE else kind,
        "at": at,
        "sender": person(blank, str(user.user_id), _called(user), own),
        "text": _text(message),
        "fields": _told_beside(message, own=bool(own)),
        "attachments": _attachments(message),
        "message": _named(message, str(where.chat_id or user.user_id)),
    }
    return blank.model_copy(update=changes)


def _named(message: _Message, peer: str) -> Message:
    link = message.link
    quoted = link.message if link is not None and link.type == "reply" else _Inner()
    return Message(id=message.body.mid, peer=peer, quoted=quoted.text, quoted_id=quoted.mid)


def _called(user: _User) -> str:
    full = " ".join(part for part in (user.first_name, user.last_name or "") if part.strip())
    return full or user.name


def _text(message: _Message) -> str:
    return "\n".join(filter(None, (message.body.text, _forwarded(message).text)))


def _forwarded(message: _Message) -> _Inner:
    """Return what was passed on from elsewhere; of an answer, nothing."""
    link = message.link
    return link.message if link is not None and link.type == "forward" else _Inner()


def _contacts(message: _Message) -> list[tuple[Any, str, tuple[str, ...]]]:
    """Return of each shared contact whose it is, their name, and its numbers as written."""
    found = []
    for item in message.body.attachments or ():
        if item.type == "contact":
            info = item.payload.get("max_info") or item.payload.get("tam_info")
            whose = str(info.get("user_id")) if isinstance(info, Mapping) else None
            card = str(item.payload.get("vcf_info") or "")[:20_000]
            called = " ".join(_CALLED.findall(card)[:1])
            found.append((whose, called.strip(), tuple(_TEL.findall(card))))
    return found


def _own_numbers(message: _Message, user: _User) -> tuple[str, ...]:
    """Return the sender's own number: a contact of somebody else is not theirs."""
    own = [numbers for whose, _, numbers in _contacts(message) if whose == str(user.user_id)]
    read = [identity.phone(number) for numbers in own for number in numbers]
    return tuple(dict.fromkeys(number for number in read if number))


def _told_beside(message: _Message, *, own: bool) -> dict[str, str]:
    fields: dict[str, str] = {}
    for _, called, numbers in _contacts(message):
        if numbers and not own:
            fields["contact_name"], fields["contact_phone"] = called, ", ".join(numbers)
    for item in message.body.attachments or ():
        if item.type == "location" and item.latitude is not None:
            fields["location"] = f"{item.latitude}, {item.longitude}"
        if item.type == "share":
            fields["link"] = f"{item.title or ''} {item.payload.get('url') or ''}".strip()
        if item.transcription:
            fields["voice"] = item.transcription
    others = {it.type[:40] for it in message.body.attachments or () if it.type not in _READ}
    fields = {key: said for key, said in fields.items() if said}
    return fields | ({"unsupported": ", ".join(sorted(others)[:3])} if others else {})


def _attachments(message: _Message) -> tuple[Attachment, ...]:
    made = []
    for item in (*(message.body.attachments or ()), *_forwarded(message).attachments):
        url = str(item.payload.get("url") or "")
        if item.type in _MEDIA and url:
            file_name, media_type = _MEDIA[item.type]
            named = item.filename or file_name
            made.append(Attachment(name=named, media_type=media_type, size=item.size, ref=url))
    return tuple(made)


def _number(value: Any) -> float | str | None:
    return value if isinstance(value, int | float | str) else None
