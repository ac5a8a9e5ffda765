"""Messages of Avito's buyers to the office's account.

Source: Avito messenger API, webhook v3 (developers.avito.ru).
Signed: not so that anybody outside could check it: the algorithm of
`x-avito-messenger-signature` is not published. The proof is the secret that ends the address.
Event id: the id of the message. Retries: not documented; the answer must come within 2 seconds.
Times: seconds since 1970. The account's own messages are told too.
"""

import hmac
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from pydantic import Field, ValidationError

from ingest.channel import Context, Manner
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
    with_tags,
)
from ingest.plain_text import read_object
from kartoteka.domain.errors import NotAuthentic
from kartoteka.domain.inbound import Inbound, Kind, Message
from kartoteka.domain.model import Attachment
from kartoteka.http import Call, Reply
from kartoteka.services.record_inbound import Stored

name = "avito"
manner = Manner(subpaths=True)
_SECRET_AT = 2  # in the path: the channel, the account, the secret
_SILENT = {"system", "appCall"}
_INT64 = 2**63
_LONGEST_NAME = 300


class _Value(Part):
    id: str = Field(min_length=1)
    chat_id: str = Field(min_length=1)
    user_id: int = Field(default=0, gt=-_INT64, lt=_INT64)
    author_id: int = Field(gt=-_INT64, lt=_INT64)
    created: int = 0
    type: str = ""
    chat_type: str = ""
    item_id: int | None = None
    content: dict[str, Any] = Field(default_factory=dict)
    quote: Any = None


def verify(call: Call, secrets: Sequence[str]) -> None:
    """Refuse an address that does not end in one of the secrets."""
    given = "".join(call.path[_SECRET_AT:]).encode("utf-8", "replace")
    fits = [hmac.compare_digest(given, secret.encode()) for secret in secrets if secret]
    if not any(fits):
        raise NotAuthentic("the address does not end in the secret", code="bad_signature")


def sent(call: Call, secret: str) -> Call:
    """Return the call at the address that Avito was given."""
    head, mark, query = call.target.partition("?")
    target = f"{head.rstrip('/')}/{secret}{mark}{query}"
    return replace(call, path=(*call.path[:_SECRET_AT], secret), target=target)


def parse(call: Call, context: Context) -> list[Inbound]:
    """Return the one message of the call; an empty body, or an empty object, is Avito's trial."""
    body = read_object(call.body) if call.body.strip() else {}
    if not body:
        return service(name, call, context, "probe")
    payload = body.get("payload", {"value": body} if "chat_id" in body else None)
    kind = payload.get("type", "message") if isinstance(payload, Mapping) else "payload"
    if not isinstance(payload, Mapping) or kind != "message":
        raise unknown_event(kind)
    try:
        value = _Value.model_validate(payload.get("value"))
    except ValidationError as exc:
        raise bad_field(exc, "payload.value") from exc
    return [_event(value, call, context)]


def answer(_call: Call, _stored: Sequence[Stored]) -> Reply:
    """Return the 200 that Avito waits for."""
    return OK


def _event(value: _Value, call: Call, context: Context) -> Inbound:
    deleted = value.type == "deleted"
    blank = begun(name, call, context, f"{value.id}:deleted" if deleted else value.id)
    blank = blank.model_copy(update={"at": moment(value.created, blank)})
    told = Message(id=value.id, peer=value.chat_id, **_quoted(value))
    if value.type in _SILENT or value.chat_type == "a2u" or not value.author_id:
        return blank.model_copy(update={"why": "service_message"})
    if deleted:
        return blank.model_copy(update={"what": Kind.DELETION, "message": told})
    update = {"text": _words(value), "attachments": _attachments(value), "message": told}
    if value.author_id == value.user_id:
        return blank.model_copy(update={"what": Kind.ECHO, **update})
    item = str(value.item_id) if value.item_id is not None else ""
    sender = {
        "what": Kind.MESSAGE,
        "sender": person(blank, str(value.author_id), f"Avito {value.author_id}"),
        "fields": _told_beside(value) | ({"item_id": item} if item else {}),
        "source": with_tags(blank.source, {"item": item}),
    }
    return blank.model_copy(update=update | sender)


def _part(value: _Value, kind: str) -> Mapping[str, Any]:
    found = value.content.get(kind)
    return found if isinstance(found, Mapping) else {}


def _words(value: _Value) -> str:
    link, item = _part(value, "link"), _part(value, "item")
    found = (value.content.get("text"), link.get("text"), link.get("url"), item.get("title"))
    return next((text for text in found if isinstance(text, str) and text), "")


def _told_beside(value: _Value) -> dict[str, str]:
    """Return what is neither words nor a file that can be fetched; a file without link too."""
    place, item = _part(value, "location"), _part(value, "item")
    file, call = _part(value, "file"), _part(value, "call")
    fields = {
        "file": str(file.get("name") or "")[:_LONGEST_NAME],
        "call": str(call.get("status") or "")[:_LONGEST_NAME],
        "location": _where(place),
        "item": f"{item.get('title') or ''} {item.get('item_url') or ''}".strip(),
    }
    return {key: text for key, text in fields.items() if text}


def _where(place: Mapping[str, Any]) -> str:
    """Return the address that the buyer picked, and the point on the map."""
    point = f"{place['lat']}, {place['lon']}" if {"lat", "lon"} <= place.keys() else ""
    address = str(place.get("text") or place.get("title") or "")[:_LONGEST_NAME]
    return f"{address} {point}".strip()


def _quoted(value: _Value) -> dict[str, str]:
    found = value.quote if isinstance(value.quote, Mapping) else {}
    content = found.get("content")
    said = content if isinstance(content, Mapping) else {}
    return quotes({"text": said.get("text"), "id": found.get("id")}, "text", number="id")


def _attachments(value: _Value) -> tuple[Attachment, ...]:
    make = _MEDIA.get(value.type)
    made = make(_part(value, value.type)) if make else None
    return (made,) if made is not None and made.ref else ()


def _image(part: Mapping[str, Any]) -> Attachment:
    sizes = part.get("sizes")
    known = sizes if isinstance(sizes, Mapping) else {}
    largest = max(known, key=lambda size: _area(str(size)), default="")
    return _file("photo.jpg", "image/jpeg", known.get(largest))


def _area(size: str) -> int:
    width, _, height = size.partition("x")
    both = width.isdecimal() and height.isdecimal() and len(size) < len("99999x99999")
    return int(width) * int(height) if both else 0


def _file(file_name: str, media_type: str, ref: Any) -> Attachment:
    return Attachment(name=file_name, media_type=media_type, size=0, ref=str(ref or ""))


_MEDIA: Mapping[str, Callable[[Mapping[str, Any]], Attachment]] = {
    "file": lambda part: _file(
        str(part.get("name") or "document"), "application/octet-stream", part.get("url")
    ),
    "image": _image,
    "video": lambda part: _file("video.mp4", "video/mp4", part.get("url") or part.get("video_id")),
    "voice": lambda part: _file("voice.ogg", "audio/ogg", part.get("voice_id")),
}
