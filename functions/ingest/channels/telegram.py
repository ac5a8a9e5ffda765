"""Messages to the office's Telegram bot.

Source: Telegram Bot API, `setWebhook` and `Update` (core.telegram.org/bots/api).
Signed: nothing; the secret set with the webhook comes in `X-Telegram-Bot-Api-Secret-Token`.
Event id: `update_id`, unique per bot. Retries: until 2xx, and later updates wait behind it, so
every verified update is answered 200. Times: seconds since 1970. Ids are over 32 bits.
A bot that a business account connected to its own chats gets `business_message`: there the client
is whose chat it is, everybody else is the office, and an answer must name the connection.
"""

import hmac
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import islice
from typing import Any

from pydantic import ValidationError

from ingest.channel import Context
from ingest.chat_event import (
    OK,
    bad_field,
    begun,
    moment,
    person,
    quotes,
    renamed,
    unknown_event,
    with_tags,
)
from ingest.plain_text import read_object
from ingest.telegram_parts import (
    Contact,
    File,
    Membership,
    Press,
    TakenBack,
    User,
    Written,
    beside,
)
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
# What else a bot may be told of if it asks for it; no client says anything by it.
_OTHERS = {
    *("business_connection", "message_reaction", "message_reaction_count", "chat_member"),
    *("chat_join_request", "chat_boost", "removed_chat_boost", "inline_query"),
    *("chosen_inline_result", "shipping_query", "pre_checkout_query", "purchased_paid_media"),
    *("poll", "poll_answer"),
}
# Beginnings of what a chat tells of itself, by a message without words.
_NOTICES = (
    *(
        "new_chat_",
        "left_chat_",
        "delete_chat_",
        "group_chat_",
        "supergroup_chat_",
        "channel_chat_",
    ),
    *("message_auto_delete_", "migrate_", "pinned_message", "users_shared", "chat_shared"),
    *("connected_website", "write_access_", "passport_data", "proximity_alert_", "boost_"),
    *("chat_background_", "chat_owner_", "forum_topic_", "general_forum_topic_", "giveaway"),
    *("video_chat_", "voice_chat_", "direct_message_price_", "paid_message_price_"),
    *("checklist_tasks_", "suggested_post_", "managed_bot_"),
)
# Parts of a message that are beside what it says.
_BESIDE = {"from", "chat", "sender_chat", "via_bot", "sender_business_bot", "reply_markup"}


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
    """Return the events of the update: one, or one of each message that was taken back."""
    update = read_object(call.body)
    blank = begun(name, call, context, _update_id(update))
    kinds = [kind for kind in _READERS if isinstance(update.get(kind), Mapping)]
    if not kinds and not update.keys().isdisjoint(_OTHERS):
        return [blank.model_copy(update={"why": "service_message"})]
    if not kinds:
        others = ", ".join(sorted(key[:40] for key in update if key != "update_id")[:3])
        raise unknown_event(others)
    try:
        return list(_READERS[kinds[0]](update[kinds[0]], blank))
    except ValidationError as exc:
        raise bad_field(exc, kinds[0]) from exc


def answer(_call: Call, _stored: Sequence[Stored]) -> Reply:
    """Return the 200 without which Telegram repeats and holds later updates back."""
    return OK


def _update_id(update: Mapping[str, Any]) -> str:
    told = update.get("update_id")
    text = str(told)
    fits = text.isascii() and text.isdecimal() and len(text) < len(str(_INT64))
    if not isinstance(told, int | str) or not fits:
        raise Malformed("update_id is missing", code="bad_field", field="update_id")
    return text


def _message(found: Any, blank: Inbound) -> Iterable[Inbound]:
    yield _written(Written.model_validate(found), found, blank, Kind.MESSAGE)


def _edited(found: Any, blank: Inbound) -> Iterable[Inbound]:
    yield _written(Written.model_validate(found), found, blank, Kind.EDIT)


def _taken_back(found: Any, blank: Inbound) -> Iterable[Inbound]:
    """Yield every message that disappeared from a chat of a business account."""
    gone = TakenBack.model_validate(found)
    peer = _through(gone.connection, gone.chat.id)
    for number in gone.message_ids:
        event = renamed(blank, f"{blank.event_id}:{number}")
        told = Message(id=_through(gone.connection, number), peer=peer)
        yield event.model_copy(update={"what": Kind.DELETION, "message": told})


def _pressed(found: Any, blank: Inbound) -> Iterable[Inbound]:
    """Yield a press of a button as a message with what the button says."""
    press = Press.model_validate(found)
    if press.message is not None and press.message.chat.type != "private":
        yield blank.model_copy(update={"why": "group"})
        return
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
    yield blank.model_copy(update=update)


def _membership(found: Any, blank: Inbound) -> Iterable[Inbound]:
    """Yield that a person started, stopped or blocked the bot: nothing to answer."""
    member = Membership.model_validate(found)
    yield blank.model_copy(update={"why": "membership", "at": moment(member.date, blank)})


def _posted(_found: Any, blank: Inbound) -> Iterable[Inbound]:
    """Yield that something stands in a channel where the bot is: nobody asks the office."""
    yield blank.model_copy(update={"why": "group"})


_READERS: Mapping[str, Callable[[Any, Inbound], Iterable[Inbound]]] = {
    "message": _message,
    "edited_message": _edited,
    "business_message": _message,
    "edited_business_message": _edited,
    "deleted_business_messages": _taken_back,
    "callback_query": _pressed,
    "my_chat_member": _membership,
    "channel_post": _posted,
    "edited_channel_post": _posted,
}


def _written(message: Written, found: Any, blank: Inbound, kind: Kind) -> Inbound:
    user = message.sender
    blank = blank.model_copy(update={"at": moment(message.edit_date or message.date, blank)})
    if message.connection and user is not None and user.id != message.chat.id:
        return _by_office(message, blank, kind)
    if user is None or user.is_bot:
        return blank.model_copy(update={"why": "bot" if user is not None else "group"})
    if message.chat.type != "private":
        return _in_group(message, user, blank, kind)
    if _is_notice(found):
        return blank.model_copy(update={"why": "service_message"})
    contact = message.contact
    own = contact is not None and contact.user_id == user.id
    update = {
        "what": Kind.CONTACT if own else kind,
        "sender": _person(user, blank, contact if own else None),
        "text": message.text or message.caption,
        "attachments": _attachments(message),
        "source": _source(message, blank),
        "message": _named(message, blank),
    }
    told = blank.model_copy(update=update)
    fields = beside(message, own=own)
    says_nothing = not (told.text or told.attachments or fields or own)
    return told.model_copy(update={"fields": _unread(found) if says_nothing else fields})


def _named(message: Written, blank: Inbound) -> Message:
    number = message.message_id or blank.event_id
    peer = _through(message.connection, message.chat.id)
    told = quotes(message.reply, "text", "caption", number="message_id")
    chosen = quotes(message.quote, "text", number="")["quoted"]
    of = told["quoted_id"]
    return Message(
        id=_through(message.connection, number),
        peer=peer,
        quoted=chosen or told["quoted"],
        quoted_id=_through(message.connection, of) if of else "",
    )


def _through(connection: str, number: int | str) -> str:
    """Return the id of a message or a chat; one of a business account is named with its connection.

    An answer must be said through it, and the account counts its messages by itself.
    """
    return f"{connection}/{number}" if connection else str(number)


def _by_office(message: Written, blank: Inbound, kind: Kind) -> Inbound:
    """Return what the business account said in a client's chat, itself or by a bot of its."""
    if kind is Kind.EDIT:
        return blank.model_copy(update={"why": "bot"})
    update = {
        "what": Kind.ECHO,
        "text": message.text or message.caption,
        "attachments": _attachments(message),
        "message": _named(message, blank),
    }
    return blank.model_copy(update=update)


def _is_notice(found: Mapping[str, Any]) -> bool:
    """Return whether the chat tells of itself: nobody wrote anything."""
    return any(key.startswith(_NOTICES) for key in found)


def _unread(found: Mapping[str, Any]) -> dict[str, str]:
    """Return what a message has that nobody could read; the client did send something."""
    kinds = (key for key, part in found.items() if isinstance(part, dict) and key not in _BESIDE)
    named = ", ".join(key[:40] for key in islice(kinds, 3))
    return {"unsupported": named} if named else {}


def _in_group(message: Written, user: User, blank: Inbound, kind: Kind) -> Inbound:
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


def _person(user: User, blank: Inbound, contact: Contact | None = None) -> Person:
    full = " ".join(part for part in (user.first_name, user.last_name) if part.strip())
    phone = identity.phone(_international(contact.phone_number)) if contact else None
    return person(blank, str(user.id), full or user.username, (phone,) if phone else ())


def _international(number: str) -> str:
    """Return a contact's number with the plus sign that some of Telegram's apps leave out."""
    return number if number.startswith("+") else f"+{number}"


def _source(message: Written, blank: Inbound) -> Source | None:
    """Return the source with the token of the link that opened the bot, if there was one."""
    token = message.text.removeprefix(_START).strip()
    if blank.source is None or not message.text.startswith(_START) or not token:
        return blank.source
    return with_tags(blank.source, {"start": token})


def _attachments(message: Written) -> tuple[Attachment, ...]:
    files = [_attachment(file, "photo.jpg", "image/jpeg") for file in message.photo[-1:]]
    for kind, (file_name, media_type) in _FILES.items():
        file = getattr(message, kind)
        doubled = kind == "document" and message.animation is not None
        if file is not None and not doubled:
            files.append(_attachment(file, file_name, media_type))
    return tuple(files)


def _attachment(file: File, file_name: str, media_type: str) -> Attachment:
    return Attachment(
        name=file.file_name or file_name,
        media_type=file.mime_type or media_type,
        size=file.file_size,
        ref=file.file_id,
    )
