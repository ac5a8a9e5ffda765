"""The team's room: a topic per chat, in which the team sees what the client wrote; A8, H1."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import TypeVar

from kartoteka.chat_ports import Messengers, Room, RoomWords
from kartoteka.domain.change import Actor, ActorKind
from kartoteka.domain.chat import Chat, RoomPost, Topic, topic_id
from kartoteka.domain.chat_line import TeamRoom
from kartoteka.domain.errors import ConfigError, NotFound, Rejected, Transient
from kartoteka.domain.ids import derived
from kartoteka.domain.model import Activity, Attachment, Client, Entity
from kartoteka.domain.office import Account, Settings
from kartoteka.domain.shortening import cut
from kartoteka.i18n import text
from kartoteka.log import log
from kartoteka.services import chat_sending
from kartoteka.services.office import Desk
from kartoteka.services.unit import Unit, transact

_ACTOR = Actor(kind=ActorKind.RULE, id="room")
_LONGEST_POST = 4_000
_Payload = Mapping[str, object]
_E = TypeVar("_E", bound=Entity)


class Showing:
    """Shows chats in the room; the same showing twice is one post."""

    def __init__(self, desk: Desk, room: Room, messengers: Messengers) -> None:
        self._desk = desk
        self._room = room
        self._messengers = messengers

    def show(self, payload: _Payload) -> str:
        """Return what was done: shown, done before, or why not.

        Raises:
            Transient: the messenger does not answer; the queue repeats.
        """
        place = self._place()
        if place is None:
            return "no_room"
        try:
            if payload.get("activity"):
                return self._show_message(place, payload)
            return self._show_chat(place, payload)
        except (Rejected, ConfigError) as exc:
            log("warning", event="room", outcome=exc.code or "refused")
            return "refused"

    def _place(self) -> tuple[TeamRoom, Account] | None:
        settings = self._desk.settings()
        room = settings.office.room
        if room is None:
            return None
        found = (it for it in settings.accounts if it.id == room.account and it.active)
        account = next(found, None)
        return (room, account) if account is not None else None

    def _show_message(self, place: tuple[TeamRoom, Account], payload: _Payload) -> str:
        activity = self._read(Activity, payload.get("activity"))
        if activity is None or activity.message is None:
            return "gone"
        chat = self._read(Chat, activity.message.chat_id)
        if chat is None:
            return "gone"
        what, key = str(payload.get("what")), str(payload.get("key"))
        topic = self._topic(place, chat)
        words = self._words(activity, chat, what)
        done = self._post(place, (chat, topic), derived("rp", activity.id, what, key), words)
        for number, file in enumerate(activity.files if what == "new" else ()):
            name = derived("rp", activity.id, key, str(number))
            done = self._post_file(place, (chat, topic), name, file) or done
        return done

    def _show_chat(self, place: tuple[TeamRoom, Account], payload: _Payload) -> str:
        chat = self._read(Chat, payload.get("chat"))
        if chat is None or not chat.topic:
            return "gone"
        room, account = place
        if payload.get("what") == "state":
            where = (room.group, chat.topic)
            self._room.set_open(account, where, is_open=chat.state == "open")
            return "shown"
        words = text("room_owner", self._locale, name=self._name(chat.owner_id))
        name = derived("rp", chat.id, "owner", str(payload.get("key")))
        return self._post(place, (chat, chat.topic), name, words)

    def _topic(self, place: tuple[TeamRoom, Account], chat: Chat) -> str:
        """Return the chat's topic, made at its first message."""
        if chat.topic:
            return chat.topic
        room, account = place
        client = self._read(Client, chat.client_id)
        called = client.name if client is not None else chat.client_id
        channel = text(f"channel_{chat.channel}", self._locale)
        topic = self._room.open_topic(account, room.group, f"{called} · {channel}")

        def work(unit: Unit) -> None:
            unit.subject = chat.client_id
            unit.save(unit.need(Chat, chat.id).model_copy(update={"topic": topic}))
            unit.keep(Topic(id=topic_id(account.id, room.group, topic), chat_id=chat.id))

        self._commit(work)
        owner = self._name(chat.owner_id)
        words = text("room_new", self._locale, name=called, channel=channel, owner=owner)
        self._post(place, (chat, topic), derived("rp", chat.id, "topic", topic), words)
        return topic

    def _post(
        self, place: tuple[TeamRoom, Account], where: tuple[Chat, str], name: str, words: str
    ) -> str:
        return self._put(place, where, name, RoomWords(cut(words, _LONGEST_POST)))

    def _post_file(
        self, place: tuple[TeamRoom, Account], where: tuple[Chat, str], name: str, file: Attachment
    ) -> str:
        """Post a file of the client, or say why it is not there."""
        chat = where[0]
        if self._desk.store.get(RoomPost.collection, name) is not None:
            return "done"
        ref = file.ref
        if not ref.startswith(f"{chat.channel}:{chat.account}:"):
            ref = f"{chat.channel}:{chat.account}:{ref}"
        placed = file.model_copy(update={"ref": ref})
        try:
            found = chat_sending.fetched(self._desk, self._messengers, placed)
            return self._put(place, where, name, RoomWords("", found))
        except (Rejected, ConfigError) as exc:
            why = text(exc.code or "file_place", self._locale)
            words = text("room_no_file", self._locale, name=file.name, why=why)
            return self._post(place, where, name, words)

    def _put(
        self,
        place: tuple[TeamRoom, Account],
        where: tuple[Chat, str],
        name: str,
        words: RoomWords,
    ) -> str:
        if self._desk.store.get(RoomPost.collection, name) is not None:
            return "done"
        room, account = place
        chat, topic = where
        try:
            posted = self._room.post(account, (room.group, topic), words)
        except NotFound as exc:
            self._commit(partial(_forget_topic, chat=chat))
            raise Transient("the topic is gone, a new one is made") from exc
        post = RoomPost(id=name, at=self._desk.now(), message=posted)
        self._commit(lambda unit: unit.keep(post))
        return "shown"

    def _words(self, activity: Activity, chat: Chat, what: str) -> str:
        """Return what the team reads; the client's words stand as typed."""
        locale, message = self._locale, activity.message
        client = self._read(Client, chat.client_id)
        called = client.name if client is not None else chat.client_id
        words = activity.text or _files(activity, locale)
        if what == "failed" and message is not None:
            why = text(message.why or "send_refused", locale)
            said = f" ({message.said})" if message.said else ""
            return text("room_failed", locale, why=why + said, text=words)
        if what in {"edited", "deleted"}:
            return text(f"room_{what}", locale, name=called, text=words)
        if activity.direction == "in":
            said = text("room_said", locale, name=called, text=words)
            quoted = message.quoted if message is not None else ""
            return f"{text('room_quoted', locale, quoted=quoted)}\n{said}" if quoted else said
        if activity.staff_id is None and activity.inbound_id is None:
            return text("room_auto", locale, text=words)
        name = self._name(activity.staff_id)
        return text("room_written", locale, name=name, text=words)

    def _name(self, staff_id: str | None) -> str:
        person = self._desk.settings().person(staff_id)
        return person.name if person is not None else text("room_nobody", self._locale)

    @property
    def _locale(self) -> str:
        return self._settings.office.locale

    @property
    def _settings(self) -> Settings:
        return self._desk.settings()

    def _read(self, kind: type[_E], name: object) -> _E | None:
        doc = self._desk.store.get(kind.collection, str(name)) if name else None
        return kind.model_validate(doc) if doc is not None else None

    def _commit(self, work: Callable[[Unit], None]) -> None:
        transact(self._desk.store, _ACTOR, "room", self._desk.now(), work=work)


def _files(activity: Activity, locale: str) -> str:
    """Return what stands for the words of a message that is files alone."""
    names = ", ".join(dict.fromkeys(it.name for it in activity.files if it.name))
    return text("room_files", locale, names=names).rstrip() if activity.files else ""


def _forget_topic(unit: Unit, chat: Chat) -> None:
    unit.subject = chat.client_id
    unit.save(unit.need(Chat, chat.id).model_copy(update={"topic": ""}))
