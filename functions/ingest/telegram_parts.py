"""The parts of Telegram's updates that we read, and what a message shows beside its words.

Source: Telegram Bot API, `Update` and `Message` (core.telegram.org/bots/api).
"""

from collections.abc import Sequence
from typing import Any

from pydantic import Field

from ingest.chat_event import Part

_INT64 = 2**63
_MOST_DELETED = 100  # messages that one update takes back
_MOST_TASKS = 30  # of a checklist


class User(Part):
    """Who wrote or pressed."""

    id: int = Field(gt=-_INT64, lt=_INT64)
    is_bot: bool = False
    first_name: str = ""
    last_name: str = ""
    username: str = ""


class Chat(Part):
    """Where: with one person, or of many."""

    id: int = Field(gt=-_INT64, lt=_INT64)
    type: str = "private"


class File(Part):
    """A file that stays at Telegram."""

    file_id: str
    file_name: str = ""
    mime_type: str = ""
    file_size: int = Field(default=0, ge=0, lt=_INT64)


class Contact(Part):
    """A card somebody shared: his own, or another's."""

    phone_number: str
    user_id: int | None = None
    first_name: str = ""
    last_name: str = ""


class Location(Part):
    """A point of the map."""

    latitude: float
    longitude: float


class Venue(Part):
    """What stands at a point."""

    title: str = ""
    address: str = ""


class _Line(Part):
    text: str = ""


class Poll(Part):
    """A question with answers to choose."""

    question: str = ""
    options: tuple[_Line, ...] = ()


class Dice(Part):
    """An animated throw."""

    emoji: str = ""
    value: int = 0


class Checklist(Part):
    """A list of things to do."""

    title: str = ""
    tasks: tuple[_Line, ...] = ()


class AppData(Part):
    """What a page opened from a button of the keyboard sent."""

    data: str = ""
    button_text: str = ""


class Written(Part):
    """A message of a chat of any kind."""

    message_id: int = Field(default=0, ge=0, lt=_INT64)
    message_thread_id: int = Field(default=0, ge=0, lt=_INT64)
    is_topic_message: bool = False
    chat: Chat
    sender: User | None = Field(default=None, alias="from")
    date: int = 0
    edit_date: int = 0
    text: str = ""
    caption: str = ""
    photo: tuple[File, ...] = ()
    voice: File | None = None
    audio: File | None = None
    video: File | None = None
    video_note: File | None = None
    animation: File | None = None
    sticker: File | None = None
    document: File | None = None
    contact: Contact | None = None
    location: Location | None = None
    venue: Venue | None = None
    poll: Poll | None = None
    dice: Dice | None = None
    checklist: Checklist | None = None
    web_app_data: AppData | None = None
    connection: str = Field(default="", alias="business_connection_id", max_length=200)
    reply: Any = Field(default=None, alias="reply_to_message")
    quote: Any = None  # the part that the writer chose


class Press(Part):
    """A press of a button under a message."""

    id: str = ""
    sender: User = Field(alias="from")
    message: Written | None = None
    data: str = ""


class TakenBack(Part):
    """Messages that disappeared from a chat of a business account."""

    connection: str = Field(default="", alias="business_connection_id", max_length=200)
    chat: Chat
    message_ids: tuple[int, ...] = Field(default=(), max_length=_MOST_DELETED)


class Membership(Part):
    """Who became what in which chat."""

    chat: Chat
    sender: User | None = Field(default=None, alias="from")
    date: int = 0


def beside(message: Written, *, own: bool) -> dict[str, str]:
    """Return what is neither words nor a file, by what it is; somebody else's contact too."""
    contact, place = message.contact, message.location
    fields = _played(message)
    if contact is not None and not own:
        fields["contact_phone"] = contact.phone_number
        fields["contact_name"] = f"{contact.first_name} {contact.last_name}".strip()
    if place is not None:
        fields["location"] = f"{place.latitude}, {place.longitude}"
    if message.venue is not None:
        fields["place"] = ", ".join(filter(None, (message.venue.title, message.venue.address)))
    return {key: text for key, text in fields.items() if text}


def _played(message: Written) -> dict[str, str]:
    """Return what is neither words nor a file, as words."""
    poll, dice, tasks, app = message.poll, message.dice, message.checklist, message.web_app_data
    fields: dict[str, str] = {}
    if poll is not None:
        fields["poll"] = _listed(poll.question, poll.options)
    if tasks is not None:
        fields["checklist"] = _listed(tasks.title, tasks.tasks)
    if dice is not None:
        fields["dice"] = f"{dice.emoji} {dice.value}".strip()
    if app is not None:
        fields["web_app"] = f"{app.button_text}: {app.data}".strip(": ")
    return fields


def _listed(title: str, lines: Sequence[_Line]) -> str:
    said = "; ".join(line.text for line in lines[:_MOST_TASKS] if line.text)
    return f"{title} ({said})" if said else title
