"""What people do during the day, as data: forms, calls, messages, edits in the sheet."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

OWNER = "owner"  # whoever the sheet names as responsible


@dataclass(frozen=True, slots=True)
class Form:
    """A form of the site; `times` above one are clicks at the same moment."""

    fields: Mapping[str, str]
    how: Literal["page", "json", "multipart"] = "page"
    times: int = 1
    status: int = 0  # the answer that is right; 0: accepted


@dataclass(frozen=True, slots=True)
class Ring:
    """One telephone call that ended just now; `events` are told by the exchange in this order."""

    call: str
    client: str
    events: tuple[str, ...]
    rang_s: int = 8
    talked_s: int = 0
    direction: Literal["in", "out"] = "in"
    staff: str | None = None
    forged: bool = False  # signed with a wrong secret: the box must refuse it

    @property
    def status(self) -> int:
        """Return the answer that is right; 0: accepted."""
        return 401 if self.forged else 0


@dataclass(frozen=True, slots=True)
class Chat:
    """A Telegram user."""

    id: int
    first_name: str
    last_name: str = ""


@dataclass(frozen=True, slots=True)
class Update:
    """One update of the bot; `content` is added to a message, or is the update when no chat."""

    number: int
    chat: Chat | None = None
    text: str = ""
    content: Mapping[str, Any] = field(default_factory=dict)
    kind: str = "message"
    times: int = 1


@dataclass(frozen=True, slots=True)
class Broken:
    """A telephone event that is signed as it should be and that nobody can read."""

    body: bytes


@dataclass(frozen=True, slots=True)
class Edit:
    """A cell typed by a person of the office; the lead is found by a number in its row."""

    who: str  # e-mail, or OWNER
    phone: str
    column: Literal["name", "stage", "owner", "note"]
    value: str
    refused: bool = False


Act: TypeAlias = Form | Ring | Update | Broken | Edit


@dataclass(frozen=True, slots=True)
class Story:
    """A few acts that belong together, told in one line (Russian, English)."""

    ru: str
    en: str
    acts: tuple[Act, ...] = ()


@dataclass(frozen=True, slots=True)
class Wave:
    """Stories of one moment: local time, and how many days after the first one."""

    at: str
    stories: tuple[Story, ...]
    day: int = 0
