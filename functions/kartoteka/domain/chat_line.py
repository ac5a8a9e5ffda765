"""How a messenger's account hands its chats out, and the room where the team answers."""

from typing import Literal

from pydantic import Field

from kartoteka.domain.ids import StaffId
from kartoteka.domain.model import Value
from kartoteka.domain.worktime import WorkTime

LONGEST_FORWARD = 12 * 60  # minutes
_LONGEST_REPLY = 1_000


class ChatLine(Value):
    """Who answers the chats of an account, and what is done when nobody does."""

    queue: Literal["evenly", "strict", "all"] = "evenly"
    people: tuple[StaffId, ...] = ()  # in this order; empty: everyone who takes leads
    forward_minutes: int = Field(default=5, ge=0, le=LONGEST_FORWARD)  # working ones; 0: never
    hours: WorkTime | None = None  # None: the office's
    greeting: str = Field(default="", max_length=_LONGEST_REPLY)  # said once per conversation
    away: str = Field(default="", max_length=_LONGEST_REPLY)  # the same, outside the hours
    unanswered: Literal["notice", "head"] = "notice"  # the heads hear of it, or one gets the lead


class TeamRoom(Value):
    """The team's group in Telegram: one topic per chat with a client."""

    account: str  # id of the account whose bot is in the group
    group: str  # Telegram's id of the group
