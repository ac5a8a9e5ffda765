"""An office that chats: messages of clients, a messenger and a room that only remember."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from kartoteka.chat_ports import FileBytes, Letter, RoomWords
from kartoteka.domain.change import Actor, ActorKind
from kartoteka.domain.chat import Chat, chat_id
from kartoteka.domain.chat_line import ChatLine
from kartoteka.domain.errors import NotAllowed, ProviderDown
from kartoteka.domain.ids import InboundId, derived
from kartoteka.domain.inbound import Inbound, Kind, Message, Person
from kartoteka.domain.model import Activity, Lead, Notice, Source
from kartoteka.domain.office import Account
from kartoteka.ports import Query
from kartoteka.services.office import Desk
from kartoteka.services.record_inbound import Stored, record

OLGA = Actor(kind=ActorKind.STAFF, id="st_olga", role="director")
ANNA = Actor(kind=ActorKind.STAFF, id="st_anna", role="manager")
BORIS = Actor(kind=ActorKind.STAFF, id="st_boris", role="manager")
CHANNEL = "telegram"
PEER = "5550177001"


@dataclass
class FakeMessengers:
    """Keeps what was sent; `fails` is raised instead, once each."""

    letters: list[Letter] = field(default_factory=list)
    fails: list[Exception] = field(default_factory=list)
    knows: bool = False
    files: dict[str, bytes] = field(default_factory=dict)
    heard: list[str] = field(default_factory=list)  # addresses that were told again

    def send(self, account: Account, letter: Letter) -> str:
        if self.fails:
            raise self.fails.pop(0)
        self.letters.append(letter)
        return f"out{len(self.letters)}"

    def fetch(self, account: Account, ref: str, largest: int) -> FileBytes:
        return FileBytes("", "image/jpeg", self.files[ref])

    def listen(self, account: Account, url: str) -> bool:
        if account.channel == "call":
            raise ProviderDown("away")
        self.heard.append(url)
        return account.channel == "telegram"

    def knows_repeats(self, channel: str) -> bool:
        return self.knows


@dataclass
class FakeRoom:
    """Keeps topics and posts; `fails` is raised instead, once each."""

    topics: list[str] = field(default_factory=list)
    posts: list[tuple[str, str, str]] = field(default_factory=list)  # group, topic, words or file
    states: list[tuple[str, bool]] = field(default_factory=list)
    takes_files: bool = True
    fails: list[Exception] = field(default_factory=list)
    edits: list[tuple[str, str, RoomWords]] = field(default_factory=list)  # chat, post, words
    presses: list[tuple[str, str]] = field(default_factory=list)  # press, answer
    shown: list[RoomWords] = field(default_factory=list)  # whole posts, with their buttons

    def reword(self, account: Account, place: tuple[str, str], post: RoomWords) -> None:
        self.edits.append((*place, post))

    def hear_press(self, account: Account, press: str, words: str) -> None:
        self.presses.append((press, words))

    def open_topic(self, account: Account, group: str, title: str) -> str:
        self.topics.append(title)
        return f"t{len(self.topics)}"

    def post(self, account: Account, place: tuple[str, str], post: RoomWords) -> str:
        if self.fails:
            raise self.fails.pop(0)
        if post.file is not None and not self.takes_files:
            raise NotAllowed("no files", code="send_no_files")
        self.shown.append(post)
        words = post.text or (f"file {post.file.name}" if post.file else "")
        self.posts.append((*place, words))
        return f"p{len(self.posts)}"

    def set_open(self, account: Account, place: tuple[str, str], *, is_open: bool) -> None:
        self.states.append((place[1], is_open))

    def said(self) -> list[str]:
        return [words for _, _, words in self.posts]


class FakeBoth(FakeMessengers, FakeRoom):
    """Messengers and room in one, as one bot has them."""

    def __init__(self) -> None:
        FakeMessengers.__init__(self)
        FakeRoom.__init__(self)


def account_of(desk: Desk, channel: str = CHANNEL) -> Account:
    return next(it for it in desk.settings().accounts if it.channel == channel)


def with_line(desk: Desk, line: ChatLine, **update: Any) -> Account:
    """Give the Telegram account a line, as the command would."""
    account = account_of(desk).model_copy(update={"line": line, **update})
    desk.store.run(lambda tx: tx.put("accounts", account.id, account.model_dump(mode="json")))
    desk.settings.forget()
    return account


def event(
    desk: Desk,
    name: str,
    what: Kind = Kind.MESSAGE,
    *,
    text: str = "",
    message: str = "",
    peer: str = PEER,
    user: str = "",
    phones: tuple[str, ...] = (),
    **update: Any,
) -> Stored:
    """Record what Telegram told about one message."""
    account = account_of(desk)
    told = {"state": "", "said": "", "tag": "", "thread": "", "quoted": "", "quoted_id": ""}
    inner = {key: update.pop(key, value) for key, value in told.items()}
    key = f"{CHANNEL}:{account.id}:{user or peer}"
    by_us = what in {Kind.RECEIPT, Kind.ECHO, Kind.DELETION}
    inbound = Inbound(
        id=InboundId(derived("in", account.id, name)),
        channel=CHANNEL,
        account=account.id,
        event_id=name,
        what=what,
        at=update.pop("at", desk.now()),
        received_at=desk.now(),
        sender=Person() if by_us else Person(name="Ирина", messengers=(key,), phones=phones),
        text=text,
        message=Message(id=message or name, peer=peer, **inner),
        source=Source(channel=CHANNEL, name="Telegram"),
        **update,
    )
    return record(desk, inbound)


def chat_of(desk: Desk, peer: str = PEER) -> Chat:
    name = chat_id(CHANNEL, account_of(desk).id, peer)
    return Chat.model_validate(desk.store.get("chats", name))


def activities(desk: Desk) -> list[Activity]:
    rows = (Activity.model_validate(row.doc) for row in desk.store.query(Query("activities")))
    return sorted(rows, key=lambda it: it.at)


def activity(desk: Desk, where: Callable[[Activity], bool]) -> Activity:
    [found] = [item for item in activities(desk) if where(item)]
    return found


def lead_of(desk: Desk, stored: Stored) -> Lead:
    return Lead.model_validate(desk.store.get("leads", stored.lead_id or ""))


def notices(desk: Desk, code: str) -> list[str]:
    rows = (Notice.model_validate(row.doc) for row in desk.store.query(Query("notices")))
    return sorted(row.staff_id for row in rows if row.code == code)
