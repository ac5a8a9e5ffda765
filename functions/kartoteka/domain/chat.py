"""Chats with clients in messengers: one per person and account, with all that hangs on it."""

from typing import ClassVar

from kartoteka.domain.ids import ActivityId, ClientId, StaffId, derived
from kartoteka.domain.instant import Instant
from kartoteka.domain.model import ChatMessage, Entity

_STEPS = ("", "queued", "unsure", "sent", "delivered", "read")
_REACHED = ("delivered", "read")


class Chat(Entity):
    """The conversation with one person in one account of one messenger."""

    kind: ClassVar[str] = "chat"
    collection: ClassVar[str] = "chats"
    channel: str
    account: str
    peer: str  # the provider's id of the chat or person: where an answer goes
    client_id: ClientId
    owner_id: StaffId | None = None  # who answers now
    helpers: tuple[StaffId, ...] = ()  # colleagues who were called in
    state: str = "open"  # open, closed
    waiting_since: Instant | None = None  # the client's first words that nobody has answered
    spell: int = 0  # grows with each wait and each turn: a timer of an older one is stale
    tried: tuple[StaffId, ...] = ()  # who had the turn since the client began to wait
    greeted_at: Instant | None = None  # when this conversation got its automatic reply
    heard_at: Instant | None = None  # the client's last words
    sending: tuple[ActivityId, ...] = ()  # ours on their way, in the order in which they go
    unsure: tuple[ActivityId, ...] = ()  # ours of which nobody knows whether they arrived
    topic: str = ""  # the topic of the team's room
    answer_id: ActivityId | None = None  # our newest words: what a visitor of the site looks for
    created_at: Instant
    updated_at: Instant


class MessageMark(Entity):
    """Which of our records a provider's message is; kept even while we do not know it."""

    kind: ClassVar[str] = "message_mark"
    collection: ClassVar[str] = "message_marks"
    activity_id: str = ""
    recipient_id: str = ""  # of a message to many
    state: str = ""  # the furthest that was reported
    said: str = ""


class Sending(Entity):
    """A message of ours that is just being given to the provider; `id` is its activity's."""

    kind: ClassVar[str] = "sending"
    collection: ClassVar[str] = "sendings"
    at: Instant | None = None  # since when somebody is at it; None: nobody is
    attempts: int = 0


class Topic(Entity):
    """Which chat a topic of the team's room is about."""

    kind: ClassVar[str] = "topic"
    collection: ClassVar[str] = "topics"
    chat_id: str


class RoomPost(Entity):
    """Something that was shown in the team's room; `id` is derived from what it was."""

    kind: ClassVar[str] = "room_post"
    collection: ClassVar[str] = "room_posts"
    at: Instant
    message: str = ""  # the messenger's id of the post


class LinkCode(Entity):
    """A one-time code that ties a messenger's user to a person of the office."""

    kind: ClassVar[str] = "link_code"
    collection: ClassVar[str] = "link_codes"
    staff_id: StaffId
    until: Instant


class LinkTries(Entity):
    """How often a messenger's user sent wrong codes lately; `id` is a hash of the user."""

    kind: ClassVar[str] = "link_tries"
    collection: ClassVar[str] = "link_tries"
    count: int
    until: Instant


def chat_id(channel: str, account: str, peer: str) -> str:
    """Return the id of the chat with this person in this account."""
    return derived("ct", channel, account, peer)


def mark_id(channel: str, account: str, external_id: str) -> str:
    """Return the id of what we know of a provider's message."""
    return derived("mk", channel, account, external_id)


def topic_id(account: str, group: str, thread: str) -> str:
    """Return the id of what we know of a topic."""
    return derived("tp", account, group, thread)


def reached(message: ChatMessage, state: str, said: str = "") -> ChatMessage:
    """Return the message as far as it got; what comes late or twice changes nothing.

    A message that was delivered cannot fail any more, one that failed may still arrive.
    """
    if state == "failed":
        late = message.state in _REACHED
        update = {"state": "failed", "why": "send_refused", "said": said}
        return message if late else message.model_copy(update=update)
    if state not in _STEPS:
        return message
    late = message.state != "failed" and _STEPS.index(state) <= _STEPS.index(message.state)
    if late or (message.state == "failed" and state not in _REACHED):
        return message
    return message.model_copy(update={"state": state, "why": "", "said": ""})
