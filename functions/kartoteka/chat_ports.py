"""What chats need from the world: messengers of clients and the room of the team."""

from dataclasses import dataclass, field
from typing import Protocol

from kartoteka.domain.office import Account

MAYBE_SENT = "maybe_sent"  # the code of a `Transient`: nobody knows whether the message went out


@dataclass(frozen=True, slots=True)
class FileBytes:
    """A file as it travels."""

    name: str
    media_type: str
    content: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Letter:
    """A message for a client; `tag` is the number by which we would send it again."""

    peer: str
    text: str = field(repr=False)
    tag: str
    file: FileBytes | None = None
    template: tuple[str, str] | None = None  # name and language: the words are its parameter


class Messengers(Protocol):
    """The messengers in which clients write; each method is as few calls as the provider needs.

    Raises:
        RateLimited, ProviderDown: the queue repeats; with the code `maybe_sent` the message may
            have gone out. NotAllowed: the provider or the client refuses. TooLarge: the file is.
        ConfigError: the account is not connected, or its key is not valid any more.
    """

    def send(self, account: Account, letter: Letter) -> str:
        """Return the provider's id of the message that was sent."""

    def fetch(self, account: Account, ref: str, largest: int) -> FileBytes:
        """Return a file of a client; only addresses of the provider are asked."""

    def listen(self, account: Account, url: str) -> bool:
        """Return whether the provider had forgotten our address and was told it again."""

    def knows_repeats(self, channel: str) -> bool:
        """Return whether a message sent twice with one tag arrives once."""


@dataclass(frozen=True, slots=True)
class Button:
    """A button under a post: what it says, and what a press of it tells; at most 64 bytes."""

    label: str
    data: str


@dataclass(frozen=True, slots=True)
class RoomWords:
    """A post for the team's room, or for one of its people, with a file or rows of buttons."""

    text: str = field(repr=False)
    file: FileBytes | None = None
    buttons: tuple[tuple[Button, ...], ...] = ()


class Room(Protocol):
    """The team's group: a topic per chat with a client.

    Raises:
        RateLimited, ProviderDown: the queue repeats. NotFound: the topic is gone.
        ConfigError: the bot is not in the group, or may not manage topics.
    """

    def open_topic(self, account: Account, group: str, title: str) -> str:
        """Return the id of a new topic."""

    def post(self, account: Account, place: tuple[str, str], post: RoomWords) -> str:
        """Return the id of a post in (group, topic); an empty topic is the group, or a person."""

    def set_open(self, account: Account, place: tuple[str, str], *, is_open: bool) -> None:
        """Open or close a topic; what it is already is no error."""


class StaffBot(Protocol):
    """The office's bot in private with one of its people: posts, and presses of their buttons.

    Raises:
        RateLimited, ProviderDown: the queue repeats. NotAllowed: the person blocked the bot or
            never started it. ConfigError: the bot's key is not there, or not valid.
    """

    def post(self, account: Account, place: tuple[str, str], post: RoomWords) -> str:
        """Return the id of a post in (person, "")."""

    def reword(self, account: Account, place: tuple[str, str], post: RoomWords) -> None:
        """Give the post (person, id of the post) other words and buttons; gone is no error."""

    def hear_press(self, account: Account, press: str, words: str) -> None:
        """Show the presser a short answer; a press that is too old is no error."""


class Spaces(Protocol):
    """Spaces of Google Chat, each by its incoming webhook.

    Raises:
        RateLimited, ProviderDown: the queue repeats. NotAllowed: it is no such webhook, or it was
            taken back.
    """

    def say(self, webhook: str, words: str) -> None:
        """Say plain words there; nothing in them is a mention or a link of another text."""
