"""What a person may ask of a chat with a client, field by field."""

from pydantic import Field

from kartoteka.domain.model import Value
from kartoteka.services.task_forms import Id

_LONGEST = 20_000
_LONGEST_KEY = 200


class OneChat(Value):
    """A chat with a client in a messenger."""

    chat: Id


class SendMessage(Value):
    """Write to a client: in one chat, or in the newest of a client, lead or deal."""

    chat: Id = ""
    client: Id = ""
    lead: Id = ""
    deal: Id = ""
    text: str = Field(default="", max_length=_LONGEST)
    key: str = Field(
        default="",
        max_length=_LONGEST_KEY,
        description="your own id of the message: sent twice with it, it is one message",
    )


class NoteChat(OneChat):
    """Words for colleagues only, kept in the history of the client."""

    text: str = Field(min_length=1, max_length=_LONGEST)
    key: str = Field(default="", max_length=_LONGEST_KEY, description="your own id of the note")


class InviteToChat(OneChat):
    """Call a colleague into a chat: they may write to the client too."""

    person: Id = Field(description="staff id")


class PassChat(InviteToChat):
    """Give a chat to a colleague, with the open lead of its client."""

    reason: str = Field(default="", max_length=1_000)


class CloseChat(OneChat):
    """End a conversation; the client's next words begin a new one."""
