"""The team is heard: words for the client, notes, commands; each under that person's rights; H2."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import date
from typing import TypeAlias
from zoneinfo import ZoneInfo

from automation.bot.asking import PRIVATE, Asking
from automation.bot.mine import mine
from automation.bot.pressing import Pressing, is_done
from automation.chat_rules import TEAM_CAUSE
from kartoteka.chat_ports import Room, RoomWords, StaffBot
from kartoteka.domain import press, said_time, team_words
from kartoteka.domain.change import Actor, ActorKind
from kartoteka.domain.chat import Chat, Topic, topic_id
from kartoteka.domain.errors import (
    ConfigError,
    Conflict,
    Invalid,
    NotAllowed,
    NotFound,
    Rejected,
    TooMany,
)
from kartoteka.domain.inbound import Inbound, Message
from kartoteka.domain.model import Attachment, Client, Staff
from kartoteka.domain.notice_rules import TELEGRAM, chat_with
from kartoteka.domain.office import Settings
from kartoteka.domain.shortening import cut
from kartoteka.domain.team_words import Said, Wish
from kartoteka.i18n import text
from kartoteka.services import chat_commands, chat_settings, task_making
from kartoteka.services.chat_forms import CloseChat, InviteToChat, NoteChat, PassChat, SendMessage
from kartoteka.services.chat_intake import LINK, team_name
from kartoteka.services.notice_delivery import bot_of
from kartoteka.services.notice_settings import heard
from kartoteka.services.office import Desk
from kartoteka.services.people import actor
from kartoteka.services.task_forms import CreateTask

_Heard: TypeAlias = tuple[Inbound, str]  # what was said, and the chat whose topic it was said in
_Act: TypeAlias = Callable[[Said, Actor, _Heard], str]
_START = "/start "
_LONGEST = 4_000
_GROUPS = ("-", "spaces/")  # how Telegram and Google Chat begin the name of a group
_LINKING = Actor(kind=ActorKind.CHANNEL, id="telegram")


class Hearing:
    """Hears one saying: carries it out and answers where it was said."""

    def __init__(self, desk: Desk, room: Room, bot: StaffBot | None = None) -> None:
        self._desk = desk
        self._room = room
        self._bot = bot
        self._speaker: Staff | None = None

    def hear(self, inbound_id: str) -> str:
        """Return what it was: a wish, done before, or why nothing was done.

        Raises:
            Transient: the messenger does not take the answer; the queue repeats.
        """
        doc = self._desk.store.get(Inbound.collection, inbound_id)
        inbound = Inbound.model_validate(doc) if doc is not None else None
        if inbound is None or inbound.message is None:
            return "gone"
        messenger = next((team_name(name) for name in inbound.sender.messengers), "")
        if inbound.text.startswith(_START + LINK):
            return self._link(inbound, inbound.message, messenger)
        self._speaker = person = self._settings.by_messenger(messenger)
        if person is None:
            return "stranger"
        told = press.read(inbound.text) if inbound.message.id.startswith(press.MARK) else None
        if told is not None and self._bot is not None:
            pressing = Pressing(self._desk, self._bot, person)
            return pressing.hear(inbound, inbound.message, told, cause=TEAM_CAUSE + inbound.id)
        return self._heard(inbound, inbound.message, person)

    def _heard(self, inbound: Inbound, message: Message, person: Staff) -> str:
        """Return the wish; what is one person's business is answered in their own chat."""
        said = team_words.read(inbound.text)
        if is_done(self._desk, TEAM_CAUSE + inbound.id):
            return "done"
        answer = self._answer(said, person, inbound, message)
        if answer and said.wish in PRIVATE:
            self._say_alone(inbound, message, person, answer)
            self._show_mine(inbound, person, said.wish)
        elif answer:
            self._say(inbound, message, answer)
        return said.wish.value

    def _link(self, inbound: Inbound, message: Message, messenger: str) -> str:
        known = self._settings.by_messenger(messenger)
        try:
            code = inbound.text.removeprefix(_START).strip()
            bot = inbound.account if inbound.channel == TELEGRAM else ""
            known = chat_settings.redeem(self._desk, _LINKING, code, messenger, account=bot)
        except (NotFound, TooMany) as exc:
            if known is None:
                self._say(inbound, message, text(exc.code, self._locale))
                return "refused"
        self._speaker = known
        self._say(inbound, message, text("team_linked", self._locale, name=known.name))
        return "linked"

    def _answer(self, said: Said, person: Staff, inbound: Inbound, message: Message) -> str:
        """Return what the person hears, empty when the deed speaks for itself."""
        who = actor(person, self._settings)
        chat = self._chat(inbound, message)
        try:
            if said.wish in PRIVATE:
                asking = Asking(self._desk, who)
                return asking.answer(said, chat, TEAM_CAUSE + inbound.id)
            return self._acts()[said.wish](said, who, (inbound, chat))
        except (Rejected, Conflict) as exc:
            return text(exc.code, self._locale, **exc.facts) if exc.code else str(exc)

    def _acts(self) -> Mapping[Wish, _Act]:
        return {
            Wish.SAY: self._write,
            Wish.NOTE: self._note,
            Wish.INVITE: self._invite,
            Wish.HAND_ON: self._hand_on,
            Wish.CLOSE: self._close,
            Wish.TASK: self._task,
            Wish.ROOM: self._make_room,
            Wish.HELP: self._help,
            Wish.UNKNOWN: self._help,
        }

    def _chat(self, inbound: Inbound, message: Message) -> str:
        """Return the chat that the topic is about, empty outside of topics."""
        if not message.thread:
            return ""
        name = topic_id(inbound.account, message.peer, message.thread)
        doc = self._desk.store.get(Topic.collection, name)
        return str(doc["chat_id"]) if doc is not None else ""

    def _say_alone(self, inbound: Inbound, message: Message, person: Staff, words: str) -> None:
        """Answer in the person's own chat; who has not started the bot is told so in the group."""
        try:
            bot = bot_of(self._settings, inbound.account)
            self._room.post(bot, (chat_with(person), ""), RoomWords(cut(words, _LONGEST)))
        except (NotAllowed, ConfigError):
            self._say(inbound, message, text("bot_private", self._locale, name=person.name))

    def _show_mine(self, inbound: Inbound, person: Staff, wish: Wish) -> None:
        """Show what is first in the person's plan, each with its buttons, to them alone."""
        for told in mine(self._desk, person.id) if wish is Wish.MINE else ():
            if told.buttons:
                post = RoomWords("\n".join(told.lines), buttons=told.buttons)
                with suppress(NotAllowed, ConfigError):
                    bot = bot_of(self._settings, inbound.account)
                    self._room.post(bot, (chat_with(person), ""), post)

    def _say(self, inbound: Inbound, message: Message, words: str) -> None:
        account = self._settings.account(inbound.channel, inbound.account)
        self._room.post(account, (message.peer, message.thread), RoomWords(words))

    def _write(self, said: Said, who: Actor, heard: _Heard) -> str:
        inbound, chat = heard
        if not chat:
            return ""
        form = SendMessage(chat=chat, text=said.text, key=inbound.id)
        files = tuple(_placed(file, inbound) for file in inbound.attachments[:1])
        chat_commands.send(self._desk, who, form, TEAM_CAUSE + inbound.id, files=files)
        return ""

    def _note(self, said: Said, who: Actor, heard: _Heard) -> str:
        inbound, chat = heard
        if chat and said.text:
            form = NoteChat(chat=chat, text=said.text, key=inbound.id)
            chat_commands.note(self._desk, who, form, TEAM_CAUSE + inbound.id)
        return ""

    def _invite(self, said: Said, who: Actor, heard: _Heard) -> str:
        said = team_words.named_first(said, self._settings)
        person = self._named(said)
        form = InviteToChat(chat=_needed(heard), person=person.id)
        chat_commands.invite(self._desk, who, form, TEAM_CAUSE + heard[0].id)
        return text("team_invited", self._locale, name=person.name)

    def _hand_on(self, said: Said, who: Actor, heard: _Heard) -> str:
        said = team_words.named_first(said, self._settings)
        person = self._named(said)
        form = PassChat(chat=_needed(heard), person=person.id, reason=said.text[:1_000])
        chat_commands.hand_on(self._desk, who, form, TEAM_CAUSE + heard[0].id)
        return text("team_passed", self._locale, name=person.name)

    def _close(self, _: Said, who: Actor, heard: _Heard) -> str:
        form = CloseChat(chat=_needed(heard))
        chat_commands.close(self._desk, who, form, TEAM_CAUSE + heard[0].id)
        return ""

    def _task(self, said: Said, who: Actor, heard: _Heard) -> str:
        office, now = self._settings.office, self._desk.now()
        due, title = said_time.read(said.text, now, office.work.zone)
        person = self._named(said) if said.named else self._settings.person(who.id)
        if not title or person is None:
            raise Invalid("say what has to be done", code="team_task_empty")
        link = self._link_of(heard[1])
        if "personal" in link and person.id != who.id:
            title, link = self._about(title, who)
        given = {"title": title[:1_000], "due": due or self._usual_day(), "assignee": person.id}
        form = CreateTask.model_validate(given | link)
        task = task_making.give(self._desk, who, form, cause=TEAM_CAUSE + heard[0].id)
        local = task.due_at.astimezone(ZoneInfo(office.work.zone))
        when = f"{local:%d.%m.%Y %H:%M}"
        return text("team_task", self._locale, title=task.title, name=person.name, due=when)

    def _about(self, said: str, who: Actor) -> tuple[str, dict[str, object]]:
        """Return what a colleague has to do, and the record it is about: named before a colon.

        Raises:
            Invalid: nobody is named, or the person who asks sees no such record, or several.
        """
        whom, _, title = (part.strip() for part in said.partition(":"))
        if not (whom and title):
            raise Invalid("say whom the task is about", code="team_task_whose")
        hit = Asking(self._desk, who).one(whom)
        return title, {hit.kind.kind: hit.id}

    def _usual_day(self) -> date:
        """Return today while the office is open, else the next working day."""
        work = self._settings.office.work
        return work.add_minutes(self._desk.now(), 1).astimezone(ZoneInfo(work.zone)).date()

    def _link_of(self, chat_id: str) -> dict[str, object]:
        doc = self._desk.store.get(Chat.collection, chat_id) if chat_id else None
        if doc is None:
            return {"personal": True}
        chat = Chat.model_validate(doc)
        found = self._desk.store.get(Client.collection, chat.client_id)
        client = Client.model_validate(found) if found is not None else None
        if client is not None and client.open_lead_id:
            return {"lead": client.open_lead_id}
        if client is not None and client.open_deal_ids:
            return {"deal": client.open_deal_ids[0]}
        return {"client": chat.client_id}

    def _make_room(self, _: Said, who: Actor, heard: _Heard) -> str:
        inbound = heard[0]
        if inbound.message is None or not inbound.message.peer.startswith(_GROUPS):
            raise Invalid("say it in the team's group", code="room_account")
        form = chat_settings.SetRoom(account=inbound.account, group=inbound.message.peer)
        chat_settings.set_room(self._desk, who, form, TEAM_CAUSE + inbound.id)
        return text("team_room", self._locale)

    def _help(self, _: Said, __: Actor, ___: _Heard) -> str:
        return text("team_help", self._locale)

    def _named(self, said: Said) -> Staff:
        if not said.named:
            active = ", ".join(it.name for it in self._settings.staff if it.active)
            raise Invalid("name a colleague", code="team_nobody", known=active)
        return team_words.person_of(said.named[0], self._settings)

    @property
    def _settings(self) -> Settings:
        return self._desk.settings()

    @property
    def _locale(self) -> str:
        """Return the language in which whoever spoke is answered."""
        if self._speaker is None:
            return self._settings.office.locale
        return heard(self._desk, self._speaker.id).office.locale


def _needed(heard: _Heard) -> str:
    if not heard[1]:
        raise Invalid("say it in the topic of a chat", code="team_topic")
    return heard[1]


def _placed(file: Attachment, inbound: Inbound) -> Attachment:
    """Return the file with its place: the bot that it was given to."""
    return file.model_copy(update={"ref": f"{inbound.channel}:{inbound.account}:{file.ref}"})
