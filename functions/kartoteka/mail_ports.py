"""What the services ask of the mailboxes of the office."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from kartoteka.ports import Doc


@dataclass(frozen=True, slots=True)
class MailNews:
    """Letters that came, the oldest first, and the position behind them."""

    ids: tuple[str, ...]
    position: str


@dataclass(frozen=True, slots=True)
class SentMail:
    """A letter that was sent, and its thread, by the provider's ids."""

    id: str
    thread: str


class MailboxForgot(Exception):
    """The position is too old; look at the box itself again."""


class Mail(Protocol):
    """One mailbox of the office.

    Raises:
        RateLimited, ProviderDown: repeat later. NotAllowed: no right to the box. ConfigError: the
            box is not connected, or the letter cannot be sent as it is.
    """

    def position(self) -> str:
        """Return where the history of the box is now."""

    def news(self, since: str) -> MailNews:
        """Return what came behind a position; `MailboxForgot` when it is too old."""

    def since(self, moment: datetime) -> tuple[str, ...]:
        """Return the ids of letters that came at this moment or later, the oldest first."""

    def letter(self, letter_id: str) -> Doc | None:
        """Return the provider's record of a letter, `raw` in base64url; None when it is gone."""

    def watch(self, topic: str) -> datetime:
        """Have the provider tell a topic of news; return until when."""

    def send(self, source: bytes, thread: str = "") -> SentMail:
        """Send a raw letter, into a thread when one is named."""

    def sent(self, message_id: str) -> SentMail | None:
        """Return the letter with this Message-ID if it was sent already."""


MailOf = Callable[[str], Mail]  # by e-mail address of the box; "": the office's own
