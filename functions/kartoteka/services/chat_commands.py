"""Commands on chats: write, note, call a colleague in, hand over, close; A8, H1."""

from collections.abc import Callable
from typing import TypeVar

from kartoteka.domain.access import Operation, check
from kartoteka.domain.change import Actor
from kartoteka.domain.chat import Chat
from kartoteka.domain.chat_line import is_shut
from kartoteka.domain.deal import Deal
from kartoteka.domain.errors import Invalid, NotAllowed, Transient
from kartoteka.domain.ids import ActivityId, StaffId, derived, fresh
from kartoteka.domain.model import Activity, Attachment, ChatMessage, Client, Entity, Lead, Notice
from kartoteka.domain.next_step import is_open
from kartoteka.domain.office import Settings
from kartoteka.log import log
from kartoteka.ports import Query, Where
from kartoteka.services import chat_letters, chat_sending, handover
from kartoteka.services.chat_forms import CloseChat, InviteToChat, NoteChat, PassChat, SendMessage
from kartoteka.services.commands import Command, Registry
from kartoteka.services.merge import follow
from kartoteka.services.office import Desk
from kartoteka.services.unit import Unit, transact

E = TypeVar("E", bound=Entity)
# Characters of one message, as each provider takes them.
LONGEST = {"avito": 1_000, "max": 4_000, "messenger": 2_000, "site": 4_000, "viber": 7_000}
_USUAL = 4_096
_LONGEST_CAPTION = 1_024
_MOST_CHATS = 50


def send(
    desk: Desk,
    actor: Actor,
    form: SendMessage,
    cause: str,
    *,
    files: tuple[Attachment, ...] = (),
) -> Activity:
    """Return the message as it stands in the history, on its way to the client.

    Args:
        desk: the office.
        actor: who writes; a free lead becomes theirs.
        form: the words and the chat.
        cause: of the change.
        files: at most one; its `ref` says where it lies, see `chat_sending.fetched`.

    Raises:
        Invalid: no words, too many for this messenger, or no chat to write in.
        NotAllowed: the chat is somebody else's, or the messenger's time for answers is over.
    """
    name = _name(actor, form.key, "message")

    def work(unit: Unit) -> Activity:
        known = unit.find(Activity, name)
        return known if known is not None else _written(unit, desk.settings(), form, (name, files))

    activity = _kept(desk, actor, cause, work)
    try:
        chat_sending.hand_over(desk, activity.id)
    except Transient:
        log("warning", event="wake_failed", consumer="messages")
    return activity


def _written(
    unit: Unit,
    settings: Settings,
    form: SendMessage,
    given: tuple[ActivityId, tuple[Attachment, ...]],
) -> Activity:
    name, files = given
    chat = _chat(unit, form)
    chat_letters.check_writer(unit, settings, chat)
    _check_words(chat, form.text, files)
    if is_shut(chat.channel, chat.heard_at or chat.created_at, unit.now):
        _check_template(settings, chat, files)
    activity = Activity(
        id=name,
        what="message",
        direction="out",
        client_id=chat.client_id,
        staff_id=StaffId(unit.actor.id) if unit.actor.is_person else None,
        at=unit.now,
        text=form.text,
        files=files,
        message=ChatMessage(chat_id=chat.id, state="queued"),
    )
    return chat_letters.written(unit, settings, chat, activity)


def _check_template(settings: Settings, chat: Chat, files: tuple[Attachment, ...]) -> None:
    """Refuse what goes through no template.

    Raises:
        NotAllowed: the account has none, or there is a file.
    """
    if files or not chat_letters.has_template(settings, chat):
        raise NotAllowed("more than 24 hours since the client wrote", code="chat_window")


def note(desk: Desk, actor: Actor, form: NoteChat, cause: str) -> Activity:
    """Return the note in the client's history; the client never sees it.

    Raises:
        NotAllowed: the chat is somebody else's.
    """
    name = _name(actor, form.key, "note")

    def work(unit: Unit) -> Activity:
        known = unit.find(Activity, name)
        if known is not None:
            return known
        chat = _mine(unit, desk.settings(), form.chat)
        client = unit.need(Client, chat.client_id)
        written = Activity(
            id=name,
            what="note",
            client_id=client.id,
            lead_id=client.open_lead_id,
            staff_id=StaffId(actor.id) if actor.is_person else None,
            at=unit.now,
            text=form.text,
            manual=True,
        )
        return unit.add(written)

    return _kept(desk, actor, cause, work)


def invite(desk: Desk, actor: Actor, form: InviteToChat, cause: str) -> Chat:
    """Return the chat with one colleague more, who is told.

    Raises:
        Invalid: nobody here is this person. NotAllowed: the chat is somebody else's.
    """

    def work(unit: Unit) -> Chat:
        chat = _mine(unit, desk.settings(), form.chat)
        person = _person(desk.settings(), form.person)
        if person in {*chat.helpers, chat.owner_id}:
            return chat
        _tell(unit, person, "notice_chat_invited", chat)
        helpers = (*chat.helpers, person)
        return unit.save(chat.model_copy(update={"helpers": helpers, "updated_at": unit.now}))

    return _kept(desk, actor, cause, work)


def hand_on(desk: Desk, actor: Actor, form: PassChat, cause: str) -> Chat:
    """Return the chat in the colleague's hands; the client's open lead goes with it.

    Raises:
        Invalid: nobody here is this person, or they work with no leads.
        NotAllowed: the chat is somebody else's.
    """

    def work(unit: Unit) -> Chat:
        settings = desk.settings()
        chat = _mine(unit, settings, form.chat)
        person = _person(settings, form.person)
        if chat.owner_id == person:
            return chat
        unit.reason = form.reason
        lead = unit.find(Lead, unit.need(Client, chat.client_id).open_lead_id)
        if lead is not None and is_open(lead) and lead.owner_id != person:
            if lead.owner_id is not None:
                check(unit.actor, Operation.ASSIGN, lead, within=settings, now=unit.now)
            handover.give(unit, settings, lead, person)
        if person != actor.id:
            _tell(unit, person, "notice_chat_given", chat)
        left = tuple(name for name in chat.helpers if name != person)
        update = {"owner_id": person, "helpers": left, "updated_at": unit.now}
        return unit.save(chat.model_copy(update=update))

    return _kept(desk, actor, cause, work)


def close(desk: Desk, actor: Actor, form: CloseChat, cause: str) -> Chat:
    """Return the closed chat: nobody waits in it any more.

    Raises:
        NotAllowed: the chat is somebody else's.
    """

    def work(unit: Unit) -> Chat:
        chat = _mine(unit, desk.settings(), form.chat)
        if chat.state == "closed":
            return chat
        update = {
            "state": "closed",
            "waiting_since": None,
            "helpers": (),
            "tried": (),
            "updated_at": unit.now,
        }
        return unit.save(chat.model_copy(update=update))

    return _kept(desk, actor, cause, work)


def _chat(unit: Unit, form: SendMessage) -> Chat:
    given = [name for name in ("chat", "client", "lead", "deal") if getattr(form, name)]
    if len(given) != 1:
        raise Invalid(
            "name one: a chat, a client, a lead or a deal",
            fields={"chat": "link"},
            code="chat_link",
        )
    if form.chat:
        return unit.need(Chat, form.chat)
    client_id = form.client
    if form.lead:
        client_id = unit.need(Lead, form.lead).client_id
    if form.deal:
        client_id = unit.need(Deal, form.deal).client_id or ""
    client = follow(unit, client_id)
    query = Query(Chat.collection, (Where("client_id", "==", client.id),), limit=_MOST_CHATS)
    chats = unit.search(Chat, query)
    if not chats:
        raise Invalid(
            "this client never wrote in a messenger",
            fields={"client": "chat_none"},
            code="chat_none",
        )
    return max(chats, key=lambda chat: (chat.heard_at or chat.created_at, chat.id))


def _check_words(chat: Chat, text: str, files: tuple[Attachment, ...]) -> None:
    most = LONGEST.get(chat.channel, _USUAL)
    if files:
        most = min(most, _LONGEST_CAPTION)
    if (not text.strip() and not files) or len(text) > most:
        raise Invalid(
            f"a message has 1 to {most} characters here",
            fields={"text": "length"},
            code="message_length",
            count=most,
        )


def _mine(unit: Unit, settings: Settings, name: str) -> Chat:
    chat = unit.need(Chat, name)
    chat_letters.check_writer(unit, settings, chat)
    client = follow(unit, chat.client_id)
    unit.subject = client.id
    return chat.model_copy(update={"client_id": client.id})


def _person(settings: Settings, staff_id: str) -> StaffId:
    person = settings.person(staff_id)
    if person is None or not person.active:
        raise Invalid(
            f"nobody here is {staff_id!r}",
            fields={"person": "staff_unknown"},
            code="staff_unknown",
        )
    return person.id


def _tell(unit: Unit, person: str, code: str, chat: Chat) -> None:
    client = unit.find(Client, chat.client_id)
    unit.save(
        Notice(
            id=derived("no", chat.id, person, code, str(unit.now)),
            staff_id=StaffId(person),
            code=code,
            lead_id=client.open_lead_id if client else None,
            chat_id=chat.id,
            at=unit.now,
        )
    )


def _name(actor: Actor, key: str, what: str) -> ActivityId:
    return ActivityId(derived("ac", actor.id, what, key) if key else fresh("ac"))


def _kept(desk: Desk, actor: Actor, cause: str, work: Callable[[Unit], E]) -> E:
    record = transact(desk.store, actor, cause, desk.now(), work=work)
    desk.waker.after_commit()
    return record


CHAT_COMMANDS: Registry = {
    "chat.close": Command("end a conversation with a client", CloseChat, close),
    "chat.invite": Command("call a colleague into a chat", InviteToChat, invite),
    "chat.note": Command("words beside a chat that the client never sees", NoteChat, note),
    "chat.pass": Command("give a chat and its lead to a colleague", PassChat, hand_on),
    "message.send": Command("write to a client in their messenger", SendMessage, send),
}
