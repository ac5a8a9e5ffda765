"""Messages to the office's Facebook page and Instagram account, by Meta's Messenger platform.

Source: Messenger platform and Instagram messaging webhooks (developers.facebook.com).
Signed: the raw body, HMAC-SHA256 with the application's secret, in `X-Hub-Signature-256`.
Event id: the message's `mid`; of receipts `mid` and state; else the sender, the time and the kind.
Retries: for days until 200. One post may hold several events. Times: milliseconds since 1970.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, ValidationError

from ingest import meta
from ingest.channel import Context
from ingest.chat_event import (
    MILLI,
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
from ingest.plain_text import read_object
from kartoteka.domain.inbound import Inbound, Kind, Message
from kartoteka.domain.model import Attachment
from kartoteka.http import Call, Reply
from kartoteka.services.record_inbound import Stored

name = "messenger"
sign = meta.sign
verify = meta.verify
challenge = meta.challenge
_LONGEST_SECONDS = 10  # digits
_OBJECTS = {"page": "Facebook", "instagram": "Instagram"}
_MEDIA = {
    "audio": ("voice.mp4", "audio/mp4"),
    "file": ("document", "application/octet-stream"),
    "image": ("photo.jpg", "image/jpeg"),
    "video": ("video.mp4", "video/mp4"),
}


def _milli(told: Any) -> Any:
    """Return a moment in milliseconds: some programs between pass it on as ISO 8601 or seconds."""
    if isinstance(told, str) and not told.isdecimal():
        try:
            return int(datetime.fromisoformat(told).timestamp() * MILLI)
        except (ValueError, OverflowError):
            return 0
    is_number = isinstance(told, str | int) and not isinstance(told, bool)
    return int(told) * MILLI if is_number and len(str(told)) <= _LONGEST_SECONDS else told


class _Side(Part):
    id: str = ""


class _Attachment(Part):
    type: str = ""
    title: str = ""
    url: str = ""
    payload: dict[str, Any] | None = None


class _Message(Part):
    mid: str = Field(min_length=1)
    text: str = ""
    is_echo: bool = False
    is_deleted: bool = False
    is_unsupported: bool = False
    metadata: str = ""
    attachments: tuple[_Attachment, ...] = ()
    referral: dict[str, Any] = Field(default_factory=dict)
    reply_to: dict[str, Any] = Field(default_factory=dict)


class _Postback(Part):
    mid: str = ""
    title: str = ""
    payload: str = ""
    referral: dict[str, Any] = Field(default_factory=dict)


class _Delivery(Part):
    mids: tuple[str, ...] = ()


class _Edit(Part):
    mid: str = Field(min_length=1)
    text: str = ""
    num_edit: int = 0


class _Event(Part):
    sender: _Side = _Side()
    recipient: _Side = _Side()
    timestamp: Annotated[int, BeforeValidator(_milli)] = 0
    message: _Message | None = None
    message_edit: _Edit | None = None
    postback: _Postback | None = None
    delivery: _Delivery | None = None
    read: dict[str, Any] | None = None


class _Change(Part):
    field: str = ""
    value: Any = None


class _Entry(Part):
    messaging: tuple[_Event, ...] = ()
    standby: tuple[_Event, ...] = ()  # another program answers in this chat at the moment
    changes: tuple[_Change, ...] = ()

    @property
    def events(self) -> tuple[_Event, ...]:
        """Return all of them; Instagram may tell one as a change of a field."""
        told = (it.value for it in self.changes if it.field.startswith("messag"))
        changed = (_Event.model_validate(it) for it in told if isinstance(it, dict))
        return (*self.messaging, *self.standby, *changed)


class _Body(Part):
    object: str = ""
    entry: tuple[_Entry, ...] = ()


def parse(call: Call, context: Context) -> list[Inbound]:
    """Return every event of the post."""
    found = read_object(call.body)
    if str(found.get("object")) not in _OBJECTS or not isinstance(found.get("entry"), list):
        raise unknown_event(found.get("object"))
    try:
        body = _Body.model_validate(found)
        bare = replace(call, body=b"")
        told = (event for entry in body.entry for event in entry.events)
        events = with_body((item for event in told for item in _read(event, bare, context)), call)
    except ValidationError as exc:
        raise bad_field(exc, "entry") from exc
    where = _OBJECTS[body.object]
    return [item.model_copy(update={"recipient": where}) for item in events] or service(
        name, call, context, "other_field"
    )


def answer(_call: Call, _stored: Sequence[Stored]) -> Reply:
    """Return the 200 that Meta waits for."""
    return OK


def _read(event: _Event, call: Call, context: Context) -> Iterator[Inbound]:
    if event.message is not None:
        yield _message(event, event.message, call, context)
    elif event.message_edit is not None:
        edit = event.message_edit
        blank = begun(name, call, context, f"{edit.mid}:edit:{edit.num_edit}")
        yield _from_client(event, blank, Kind.EDIT, edit.mid).model_copy(update={"text": edit.text})
    elif event.postback is not None:
        yield _pressed(event, event.postback, call, context)
    elif event.delivery is not None or event.read is not None:
        yield from _receipts(event, call, context)
    else:
        yield begun(name, call, context, _moment_name(event, "other"))


def _message(event: _Event, message: _Message, call: Call, context: Context) -> Inbound:
    if message.is_echo:
        return _echo(event, message, begun(name, call, context, f"echo:{message.mid}"))
    if message.is_deleted:
        blank = begun(name, call, context, f"{message.mid}:deleted")
        return _from_client(event, blank, Kind.DELETION, message.mid)
    blank = begun(name, call, context, message.mid)
    update = {
        "text": message.text,
        "fields": _told_beside(message),
        "attachments": _attachments(message),
        "source": with_tags(blank.source, _tags(message.referral)),
    }
    quoted = quotes(message.reply_to, number="mid")
    told = _from_client(event, blank, Kind.MESSAGE, message.mid, **quoted)
    return told.model_copy(update=update)


def _from_client(event: _Event, blank: Inbound, what: Kind, mid: str, **quoted: str) -> Inbound:
    at = moment(event.timestamp, blank, per_second=MILLI)
    if not event.sender.id:
        return blank.model_copy(update={"why": "no_sender", "at": at})
    update = {
        "what": what,
        "at": at,
        "sender": person(blank, event.sender.id, f"Messenger {event.sender.id}"),
        "message": Message(id=mid, peer=event.sender.id, **quoted),
    }
    return blank.model_copy(update=update)


def _echo(event: _Event, message: _Message, blank: Inbound) -> Inbound:
    update = {
        "what": Kind.ECHO,
        "at": moment(event.timestamp, blank, per_second=MILLI),
        "text": message.text,
        "attachments": _attachments(message),
        "message": Message(id=message.mid, peer=event.recipient.id, tag=message.metadata),
    }
    return blank.model_copy(update=update)


def _pressed(event: _Event, press: _Postback, call: Call, context: Context) -> Inbound:
    name_of_it = press.mid or _moment_name(event, "press")
    blank = begun(name, call, context, name_of_it)
    update = {
        "text": press.title or press.payload,
        "source": with_tags(blank.source, _tags(press.referral)),
    }
    return _from_client(event, blank, Kind.MESSAGE, name_of_it).model_copy(update=update)


def _receipts(event: _Event, call: Call, context: Context) -> Iterator[Inbound]:
    """Yield a receipt per message that is named; one that names a time only says nothing."""
    mids = event.delivery.mids if event.delivery is not None else ()
    state = "delivered"
    if event.read is not None:
        state, mids = "read", tuple(filter(None, (str(event.read.get("mid") or ""),)))
    for mid in mids:
        blank = begun(name, call, context, f"{mid}:{state}")
        at = moment(event.timestamp, blank, per_second=MILLI)
        told = Message(id=mid, peer=event.sender.id, state=state)
        yield blank.model_copy(update={"what": Kind.RECEIPT, "at": at, "message": told})
    if not mids:
        yield begun(name, call, context, _moment_name(event, state))


def _moment_name(event: _Event, what: str) -> str:
    return f"{event.sender.id}:{event.timestamp}:{what}"


def _told_beside(message: _Message) -> dict[str, str]:
    fields = {"unsupported": "message"} if message.is_unsupported else {}
    story = message.reply_to.get("story")
    if isinstance(story, Mapping) and story.get("url"):
        fields["story"] = str(story["url"])
    asked = message.referral.get("product")
    if isinstance(asked, Mapping) and asked.get("id"):
        fields["goods"] = str(asked["id"])
    for item in message.attachments:
        payload = item.payload or {}
        place = payload.get("coordinates")
        if item.type == "location" and isinstance(place, Mapping):
            fields["location"] = f"{place.get('lat')}, {place.get('long')}"
        elif item.type not in _MEDIA:
            shown = f"{item.title} {item.url or _address(payload)}".strip() or _product(payload)
            fields |= {item.type[:40] or "link": shown} if shown else {}
    return fields


def _address(payload: Mapping[str, Any]) -> str:
    return str(payload.get("url") or payload.get("story_media_url") or "")


def _product(payload: Mapping[str, Any]) -> str:
    """Return the goods of a shop at Meta that a client points at."""
    product = payload.get("product")
    elements = product.get("elements") if isinstance(product, Mapping) else None
    told = elements if isinstance(elements, list) else []
    return ", ".join(str(it.get("title") or "") for it in told if isinstance(it, Mapping))


def _attachments(message: _Message) -> tuple[Attachment, ...]:
    made = []
    for item in message.attachments:
        url = str((item.payload or {}).get("url") or "")
        if item.type in _MEDIA and url:
            file_name, media_type = _MEDIA[item.type]
            named = item.title or file_name
            made.append(Attachment(name=named, media_type=media_type, size=0, ref=url))
    return tuple(made)


def _tags(referral: Mapping[str, Any]) -> dict[str, str]:
    return {key: str(referral[key]) for key in ("ref", "source", "ad_id") if referral.get(key)}
