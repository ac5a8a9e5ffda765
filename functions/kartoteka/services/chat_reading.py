"""The transcript of a client's chats, whole or the messages in which a word stands; H4."""

from collections.abc import Iterator
from itertools import islice

from pydantic import AwareDatetime, Field

from kartoteka.domain.change import Actor
from kartoteka.domain.model import Activity, Client, Value
from kartoteka.ports import Order, Query, Where
from kartoteka.services.commands import Command, Registry
from kartoteka.services.office import Desk
from kartoteka.services.read import Look
from kartoteka.services.task_forms import Id

_MOST = 1_000


class ReadChat(Value):
    """The messages of a client, the newest last; with a word only those in which it stands."""

    client: Id
    word: str = Field(default="", max_length=200)
    most: int = Field(default=200, ge=1, le=_MOST)


class Line(Value):
    """One message: who wrote, what, how it was worded before, how far it got."""

    id: str
    at: AwareDatetime
    direction: str
    staff_id: str = ""
    text: str = ""
    quoted: str = ""  # the beginning of the message that it answers
    before: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    state: str = ""
    deleted: bool = False


class Transcript(Value):
    """What was written with a client, as the reader may see it."""

    client: str
    lines: tuple[Line, ...]


def transcript(desk: Desk, actor: Actor, form: ReadChat, cause: str) -> Transcript:
    """Return the newest messages that fit, the oldest of them first.

    Raises:
        NotFound: there is no such client, or it is out of the reader's reach.
    """
    del cause  # nothing is written
    look = Look(desk.store, desk.settings(), actor, desk.now())
    look.one(Client, form.client)
    found = list(islice(_fitting(look, form), form.most))
    return Transcript(client=form.client, lines=tuple(reversed(found)))


def _fitting(look: Look, form: ReadChat) -> Iterator[Line]:
    wanted = form.word.casefold()
    where = (Where("client_id", "==", form.client),)
    for row in look.rows(Query(Activity.collection, where, (Order("at", descending=True),))):
        message = row.get("message")
        if not isinstance(message, dict):
            continue
        line = _line(Activity.model_validate(row))
        if any(wanted in text.casefold() for text in (line.text, *line.before, *line.files)):
            yield line


def _line(activity: Activity) -> Line:
    message = activity.message
    return Line(
        id=activity.id,
        at=activity.at,
        direction=activity.direction,
        staff_id=activity.staff_id or "",
        text=activity.text,
        quoted=message.quoted if message else "",
        before=tuple(it.text for it in message.wordings) if message else (),
        files=tuple(file.name for file in activity.files),
        state=message.state if message else "",
        deleted=message is not None and message.deleted_at is not None,
    )


CHAT_READING: Registry = {
    "chat.read": Command("read a client's messages, or those with a word", ReadChat, transcript),
}
