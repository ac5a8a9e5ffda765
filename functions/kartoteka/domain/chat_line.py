"""How a messenger's account hands its chats out, and the room where the team answers."""

from datetime import datetime, timedelta
from typing import Literal

from pydantic import Field

from kartoteka.domain.ids import StaffId
from kartoteka.domain.model import Value
from kartoteka.domain.worktime import WorkTime

LONGEST_FORWARD = 12 * 60  # minutes
_LONGEST_REPLY = 1_000
WINDOW = timedelta(hours=24)  # Meta lets an office write freely for so long after the client
WINDOWED = frozenset({"whatsapp", "messenger"})
_NAME = r"^[a-z0-9_]{1,512}$"
_LANGUAGE = r"^[a-z]{2,3}(_[A-Z]{2})?$"


class ChatLine(Value):
    """Who answers the chats of an account, and what is done when nobody does."""

    queue: Literal["evenly", "strict", "all"] = "evenly"
    people: tuple[StaffId, ...] = ()  # in this order; empty: everyone who takes leads
    forward_minutes: int = Field(default=5, ge=0, le=LONGEST_FORWARD)  # working ones; 0: never
    hours: WorkTime | None = None  # None: the office's
    greeting: str = Field(default="", max_length=_LONGEST_REPLY)  # said once per conversation
    away: str = Field(default="", max_length=_LONGEST_REPLY)  # the same, outside the hours
    unanswered: Literal["notice", "head"] = "notice"  # the heads hear of it, or one gets the lead


class WindowTemplate(Value):
    """A template that Meta approved for the office; its one parameter takes the words."""

    name: str = Field(pattern=_NAME)
    language: str = Field(default="ru", pattern=_LANGUAGE)


def is_shut(channel: str, heard_at: datetime, now: datetime) -> bool:
    """Return whether the client wrote so long ago that only a template goes."""
    return channel in WINDOWED and now - heard_at > WINDOW


class TeamRoom(Value):
    """The team's group in Telegram: one topic per chat with a client."""

    account: str  # id of the account whose bot is in the group
    group: str  # Telegram's id of the group
