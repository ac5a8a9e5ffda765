"""Messages to the office's VK community, by its Callback API.

Source: VK Callback API, `message_new`, `message_edit`, `message_reply` and others (dev.vk.com).
Signed: nothing; `secret` in the body equals the account's. `confirmation` wants the string that
the community's settings show. Event id: the id of the message, else `event_id`. Retries: until
the answer is exactly `ok`; a repeat carries `X-Retry-Counter`. Times: seconds since 1970.
"""

import hashlib
import hmac
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from pydantic import AliasChoices, Field, ValidationError

from ingest.channel import Context
from ingest.chat_event import (
    OK,
    Part,
    bad_field,
    begun,
    moment,
    person,
    quotes,
    renamed,
    unknown_event,
    with_tags,
)
from ingest.form_mapping import Answer, guess, understood
from ingest.plain_text import read_object
from kartoteka.domain import identity
from kartoteka.domain.errors import Malformed, NotAuthentic
from kartoteka.domain.inbound import Inbound, Kind, Message
from kartoteka.domain.model import Attachment
from kartoteka.http import Call, Reply
from kartoteka.services.record_inbound import Stored

name = "vk"
_GROUP_CHATS = 2_000_000_000  # peers from here on are talks of several people
_INT64 = 2**63
_IGNORED = (
    *("group_", "wall_", "like_", "photo_", "video_", "audio_", "board_", "market_", "poll_"),
    *("donut_", "conversation_"),
)
_SERVICE = {
    *("message_allow", "message_deny", "message_read", "message_typing_state"),
    *("message_reaction_event", "user_block", "user_unblock", "app_payload", "vkpay_transaction"),
}
_MOST_FORWARDED = 20
_MOST_GOODS = 50
_LONGEST_COUNT = 18  # digits


class _Message(Part):
    id: int = Field(default=0, ge=0, lt=_INT64)
    conversation_message_id: int = Field(default=0, ge=0, lt=_INT64)
    date: int = 0
    update_time: int = 0
    peer_id: int = Field(default=0, gt=-_INT64, lt=_INT64)
    from_id: int = Field(gt=-_INT64, lt=_INT64, validation_alias=AliasChoices("from_id", "user_id"))
    text: str = Field(default="", validation_alias=AliasChoices("text", "body"))
    random_id: int = 0
    ref: str = ""
    ref_source: str = ""
    attachments: tuple[dict[str, Any], ...] = ()
    fwd_messages: tuple[dict[str, Any], ...] = ()
    geo: dict[str, Any] | None = None
    reply_message: Any = None


class _Press(Part):
    user_id: int = Field(gt=-_INT64, lt=_INT64)
    peer_id: int = Field(gt=-_INT64, lt=_INT64)
    event_id: str
    payload: Any = None


class _Asked(Part):
    key: str = ""
    question: str = ""
    answer: Any = ""


class _Price(Part):
    text: str = ""
    amount: str = ""


class _Goods(Part):
    title: str = ""
    item: dict[str, Any] = Field(default_factory=dict)
    quantity: str = "1"


class _Recipient(Part):
    name: str = ""
    phone: str = ""


class _MarketOrder(Part):
    id: str = Field(min_length=1)
    user_id: int = Field(default=0, gt=-_INT64, lt=_INT64)
    display_order_id: str = ""
    date: int = 0
    comment: str = ""
    total_price: _Price = _Price()
    preview_order_items: tuple[_Goods, ...] = ()
    recipient: _Recipient = _Recipient()
    delivery: dict[str, Any] = Field(default_factory=dict)


class _LeadForm(Part):
    user_id: int = Field(default=0, gt=-_INT64, lt=_INT64)
    form_name: str = ""
    answers: tuple[_Asked, ...] = ()


def verify(call: Call, secrets: Sequence[str]) -> None:
    """Refuse a body that does not name one of the secrets."""
    try:
        given = str(read_object(call.body).get("secret", "")).encode("utf-8", "replace")
    except Malformed as exc:
        raise NotAuthentic("a body without the secret", code="bad_signature") from exc
    fits = [hmac.compare_digest(given, secret.encode()) for secret in secrets if secret]
    if not any(fits):
        raise NotAuthentic("secret is not this community's", code="bad_signature")


def sent(call: Call, secret: str) -> Call:
    """Return the call with the secret where VK puts it."""
    try:
        body = read_object(call.body)
    except Malformed:
        return call
    return replace(call, body=json.dumps(body | {"secret": secret}, ensure_ascii=False).encode())


def confirmation(call: Call, context: Context) -> Reply | None:
    """Return the string by which VK knows that the address is the community's."""
    wanted = context.api.get("confirmation", "")
    if call.method != "POST" or not wanted:
        return None
    try:
        body = read_object(call.body)
    except Malformed:
        return None
    if body.get("type") != "confirmation" or not _of_group(body, context):
        return None
    return Reply(200, wanted.encode(), {"content-type": "text/plain"})


def parse(call: Call, context: Context) -> list[Inbound]:
    """Return the one event of the call."""
    body = read_object(call.body)
    kind, found = str(body.get("type", "")), body.get("object")
    if not _of_group(body, context):
        raise Malformed("of another community", code="bad_field", field="group_id")
    event_id = str(body.get("event_id") or "") or hashlib.sha256(call.body).hexdigest()
    blank = _without_secret(begun(name, call, context, event_id), body)
    if kind in _SERVICE or (kind.startswith(_IGNORED) and kind not in _READERS):
        return [blank.model_copy(update={"why": "membership"})]
    reader = _READERS.get(kind)
    if reader is None or not isinstance(found, Mapping):
        raise unknown_event(kind)
    try:
        return [reader(found, blank, context)]
    except ValidationError as exc:
        raise bad_field(exc, "object") from exc


def answer(_call: Call, _stored: Sequence[Stored]) -> Reply:
    """Return the `ok` without which VK repeats."""
    return OK


def _without_secret(blank: Inbound, body: Mapping[str, Any]) -> Inbound:
    """Return the event whose kept body does not tell the secret."""
    secret = body.get("secret")
    told = json.dumps(secret) if isinstance(secret, str) and secret else ""
    return blank.model_copy(update={"raw": blank.raw.replace(told, '""')}) if told else blank


def _of_group(body: Mapping[str, Any], context: Context) -> bool:
    wanted = context.api.get("group_id", "")
    return not wanted or str(body.get("group_id", "")) == wanted


def _message(found: Mapping[str, Any], blank: Inbound, _: Context) -> Inbound:
    inner = found.get("message")
    told = _Message.model_validate(inner if isinstance(inner, Mapping) else found)
    return _written(told, renamed(blank, f"message:{_number(told)}"), Kind.MESSAGE)


def _edited(found: Mapping[str, Any], blank: Inbound, _: Context) -> Inbound:
    return _written(_Message.model_validate(found), blank, Kind.EDIT)


def _replied(found: Mapping[str, Any], blank: Inbound, _: Context) -> Inbound:
    """Return a message of the community itself: ours, or one written in VK."""
    told = _Message.model_validate(found)
    if not 0 < told.peer_id < _GROUP_CHATS:
        return blank.model_copy(update={"why": "group"})
    update = {
        "what": Kind.ECHO,
        "at": moment(told.date, blank),
        "text": told.text,
        "attachments": _attachments(told),
        "message": Message(id=_number(told), peer=str(told.peer_id), tag=str(told.random_id)),
    }
    return blank.model_copy(update=update)


def _written(told: _Message, blank: Inbound, kind: Kind) -> Inbound:
    at = moment(told.update_time or told.date, blank)
    peer = told.peer_id or told.from_id
    if told.from_id <= 0 or not 0 < peer < _GROUP_CHATS:
        why = "bot" if told.from_id <= 0 else "group"
        return blank.model_copy(update={"why": why, "at": at})
    quoted = quotes(told.reply_message, "text", number="id")
    update = {
        "what": kind,
        "at": at,
        "sender": person(blank, str(told.from_id), f"VK {told.from_id}"),
        "text": told.text,
        "fields": _told_beside(told),
        "attachments": _attachments(told),
        "message": Message(id=_number(told), peer=str(peer), **quoted),
        "source": with_tags(blank.source, {"ref": told.ref, "ref_source": told.ref_source}),
    }
    return blank.model_copy(update=update)


def _number(told: _Message) -> str:
    return str(told.id or f"c{told.conversation_message_id}")


def _pressed(found: Mapping[str, Any], blank: Inbound, _: Context) -> Inbound:
    press = _Press.model_validate(found)
    words = press.payload if isinstance(press.payload, str) else _first_text(press.payload)
    update = {
        "what": Kind.MESSAGE,
        "sender": person(blank, str(press.user_id), f"VK {press.user_id}"),
        "text": words,
        "message": Message(id=f"press:{press.event_id}", peer=str(press.peer_id)),
    }
    return blank.model_copy(update=update)


def _label(asked: _Asked) -> str:
    """Return how a question is called: by VK's name of it, or in the office's own words."""
    own = not asked.key or asked.key.startswith("custom_")
    return (asked.question if own else "") or asked.key


def _lead_form(found: Mapping[str, Any], blank: Inbound, context: Context) -> Inbound:
    """Return a filled-in form of an advertisement; a phone in it is the client's own.

    The office may ask for it by a question of its own: then the question tells what it is.
    """
    told = _LeadForm.model_validate(found)
    texts = {_label(it): _first_text(it.answer) for it in told.answers}
    asked = (Answer(it.question or it.key, _first_text(it.answer), it.key) for it in told.answers)
    form = understood(asked, {})
    guess(form)
    user = person(blank, str(told.user_id)).messengers if told.user_id > 0 else ()
    sender = form.person(context.region).model_copy(update={"messengers": user})
    update = {"what": Kind.FORM, "sender": sender, "fields": texts, "text": told.form_name}
    return blank.model_copy(update=update)


def _market_order(found: Mapping[str, Any], blank: Inbound, context: Context) -> Inbound:
    """Return an order of the community's goods as a request: VK sells, the office answers."""
    told = _MarketOrder.model_validate(found)
    goods = (f"{it.title or it.item.get('title') or ''} × {it.quantity}" for it in _some(told))
    fields = {
        "order": told.display_order_id or told.id,
        "goods": ", ".join(goods),
        "total": told.total_price.text,
        "delivery": str(told.delivery.get("address") or ""),
    }
    phone = identity.phone(told.recipient.phone, context.region)
    user = person(blank, str(told.user_id), told.recipient.name, (phone,) if phone else ())
    update = {
        "what": Kind.FORM,
        "at": moment(told.date, blank),
        "sender": user if told.user_id > 0 else user.model_copy(update={"messengers": ()}),
        "text": told.comment,
        "fields": {key: text for key, text in fields.items() if text},
    }
    return renamed(blank, f"order:{told.user_id}:{told.id}").model_copy(update=update)


def _some(order: _MarketOrder) -> Sequence[_Goods]:
    return order.preview_order_items[:_MOST_GOODS]


def _first_text(value: Any) -> str:
    if isinstance(value, Mapping):
        found = (value.get("value"), value.get("text"), *value.values())
        return next((str(it) for it in found if isinstance(it, str | int)), "")
    if isinstance(value, list):
        return ", ".join(_first_text(it) for it in value)
    return "" if value is None else str(value)


def _told_beside(told: _Message) -> dict[str, str]:
    fields: dict[str, str] = {}
    place = (told.geo or {}).get("coordinates")
    if isinstance(place, Mapping):
        fields["location"] = f"{place.get('latitude')}, {place.get('longitude')}"
    for kind, found in _parts(told.attachments):
        if kind not in _MEDIA:
            title = next((str(found[key]) for key in _TITLES if found.get(key)), "")
            fields[kind[:40]] = f"{title} {_address(kind, found)}".strip() or "—"
        elif kind == "audio_message":
            fields["voice"] = str(found.get("transcript") or "")
    forwarded = (str(it.get("text") or "") for it in told.fwd_messages[:_MOST_FORWARDED])
    fields["forwarded"] = "\n".join(filter(None, forwarded))
    return {key: text for key, text in fields.items() if text}


def _address(kind: str, found: Mapping[str, Any]) -> str:
    """Return where VK shows it: of a film, a post or goods only their numbers are told."""
    owner = found.get("owner_id") or found.get("to_id")
    own = f"https://vk.com/{_SHOWN.get(kind)}{owner}_{found.get('id')}"
    return str(found.get("url") or (own if owner and kind in _SHOWN else ""))


def _parts(attachments: Iterable[Any]) -> list[tuple[str, Mapping[str, Any]]]:
    known = [it for it in attachments if isinstance(it, Mapping)]
    found = ((str(it.get("type", "")), it.get(str(it.get("type", "")))) for it in known)
    return [(kind, part) for kind, part in found if isinstance(part, Mapping)]


def _attachments(told: _Message) -> tuple[Attachment, ...]:
    """Return the files of a message, and those of the messages that it passes on."""
    passed = (it.get("attachments") for it in told.fwd_messages[:_MOST_FORWARDED])
    lists = (told.attachments, *(it for it in passed if isinstance(it, list)))
    parts = (part for it in lists for part in _parts(it))
    made = (_MEDIA[kind](part) for kind, part in parts if kind in _MEDIA)
    return tuple(item for item in made if item.ref)


def _file(file_name: str, media_type: str, url: Any, size: Any = 0) -> Attachment:
    return Attachment(name=file_name, media_type=media_type, size=_whole(size), ref=str(url or ""))


def _whole(value: Any) -> int:
    """Return a count, also one that came as text; 0 of what is none."""
    text = str(value)
    return int(text) if text.isascii() and text.isdecimal() and len(text) < _LONGEST_COUNT else 0


def _largest(sizes: Any) -> str:
    known = [it for it in sizes if isinstance(it, Mapping)] if isinstance(sizes, list) else []
    widths = ((_whole(it.get("width")), str(it.get("url") or "")) for it in known)
    return max(widths, default=(0, ""))[1]


_TITLES = ("title", "question", "text", "name")  # what an attachment says of itself
_SHOWN = {"market": "product", "story": "story", "video": "video", "wall": "wall"}
_MEDIA: Mapping[str, Callable[[Mapping[str, Any]], Attachment]] = {
    "photo": lambda it: _file("photo.jpg", "image/jpeg", _largest(it.get("sizes"))),
    "sticker": lambda it: _file("sticker.png", "image/png", _largest(it.get("images"))),
    "audio_message": lambda it: _file(
        "voice.ogg", "audio/ogg", it.get("link_ogg") or it.get("link_mp3")
    ),
    "graffiti": lambda it: _file("graffiti.png", "image/png", it.get("url")),
    "doc": lambda it: _file(
        str(it.get("title") or "document"),
        "application/octet-stream",
        it.get("url"),
        it.get("size"),
    ),
}

_READERS: Mapping[str, Callable[[Mapping[str, Any], Inbound, Context], Inbound]] = {
    "lead_forms_new": _lead_form,
    "market_order_new": _market_order,
    "message_edit": _edited,
    "message_event": _pressed,
    "message_new": _message,
    "message_reply": _replied,
}
