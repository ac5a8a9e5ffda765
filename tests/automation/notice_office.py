"""An office that tells its people: the ways out only remember."""

from dataclasses import dataclass, field
from typing import Any

from tests.fakes import FakeTasks

from automation import engine
from kartoteka.chat_ports import RoomWords
from kartoteka.domain.change import Actor, ActorKind
from kartoteka.domain.channels import EXCHANGES
from kartoteka.domain.ids import InboundId
from kartoteka.domain.inbound import Inbound, Kind, Person
from kartoteka.domain.model import Notice
from kartoteka.domain.notice_rules import NoticePost
from kartoteka.domain.office import Account
from kartoteka.mail_ports import SentMail
from kartoteka.ports import Query
from kartoteka.services import notice_delivery
from kartoteka.services.commands import execute
from kartoteka.services.mail_delivery import Sender
from kartoteka.services.notice_delivery import Posts, post_id
from kartoteka.services.notice_settings import Chosen
from kartoteka.services.office import Desk, SettingsCache
from kartoteka.services.record_inbound import Stored, record
from kartoteka.services.registry import COMMANDS

OLGA = Actor(kind=ActorKind.STAFF, id="st_olga", role="director")
VIKTOR = Actor(kind=ActorKind.STAFF, id="st_viktor", role="head")
ANNA = Actor(kind=ActorKind.STAFF, id="st_anna", role="manager")
BORIS = Actor(kind=ActorKind.STAFF, id="st_boris", role="manager")


@dataclass
class Ways:
    """Keeps what went out; `fails` is raised by the bot instead, once each."""

    posts: list[tuple[str, RoomWords]] = field(default_factory=list)
    edits: list[tuple[str, str, RoomWords]] = field(default_factory=list)
    answers: list[tuple[str, str]] = field(default_factory=list)
    said: list[tuple[str, str]] = field(default_factory=list)
    letters: list[bytes] = field(default_factory=list)
    links: list[tuple[str, tuple[str, str] | None]] = field(default_factory=list)
    fails: list[Exception] = field(default_factory=list)
    box_fails: list[Exception] = field(default_factory=list)  # the mailbox's

    def post(self, account: Account, place: tuple[str, str], post: RoomWords) -> str:
        if self.fails:
            raise self.fails.pop(0)
        self.posts.append((place[0], post))
        return str(len(self.posts))

    def reword(self, account: Account, place: tuple[str, str], post: RoomWords) -> None:
        self.edits.append((*place, post))

    def hear_press(self, account: Account, press: str, words: str) -> None:
        self.answers.append((press, words))

    def say(self, webhook: str, words: str) -> None:
        self.said.append((webhook, words))

    def all(self) -> Posts:
        box: Any = Box(self.letters, self.box_fails)
        sender = Sender(box, "office@office.example")
        return Posts(
            bot=lambda: self, spaces=lambda: self, mail=lambda: sender, address=self.address
        )

    def address(self, email: str, about: tuple[str, str] | None) -> str:
        self.links.append((email, about))
        return "https://docs.google.com/spreadsheets/d/B/edit#gid=1&range=A3" if about else ""


@dataclass
class Box:
    """A mailbox that sends, and remembers."""

    letters: list[bytes]
    fails: list[Exception]

    def send(self, source: bytes, thread: str = "") -> SentMail:
        if self.fails:
            raise self.fails.pop(0)
        self.letters.append(source)
        return SentMail("m1", thread)

    def sent(self, message_id: str) -> SentMail | None:
        found = any(message_id.encode() in source for source in self.letters)
        return SentMail("m1", "") if found else None


def form(
    desk: Desk, name: str = "in_form", owner: str = "st_anna", *, phone: str = "+79161234567"
) -> Stored:
    inbound = Inbound(
        id=InboundId(name), channel="form", account="consult", event_id=name, what=Kind.FORM,
        at=desk.now(), received_at=desk.now(),
        sender=Person(name="Ирина <b>&", phones=(phone,)),
    )  # fmt: skip
    return record(desk, inbound, owner_id=owner)


def choose(desk: Desk, actor: Actor, **given: Any) -> Chosen:
    done = execute(COMMANDS, desk, actor, "notice.set", given=given, cause="test")
    assert isinstance(done, Chosen)
    return done


def drained(desk: Desk) -> None:
    """Drain the log with what follows from it: a lead makes a notice, a notice its task."""
    for _ in range(3):
        engine.run(desk)


def deliver_all(desk: Desk, ways: Ways) -> list[str]:
    """Drain the log and bring what the queue ever held: what was brought before comes again."""
    drained(desk)
    tasks = desk.tasks
    assert isinstance(tasks, FakeTasks)
    waiting = [it for it in tasks.queued if it.path == notice_delivery.PATH]
    return [notice_delivery.deliver(desk, ways.all(), str(it.payload["notice"])) for it in waiting]


def notice_of(desk: Desk, code: str) -> Notice:
    found = (Notice.model_validate(hit.doc) for hit in desk.store.query(Query("notices")))
    return next(it for it in found if it.code == code)


def post_of(desk: Desk, notice: Notice, way: str) -> NoticePost:
    return NoticePost.model_validate(desk.store.get(NoticePost.collection, post_id(notice.id, way)))


def link_telegram(desk: Desk, person: str, user: str) -> None:
    doc = {**(desk.store.get("staff", person) or {}), "messengers": [f"telegram:{user}"]}
    desk.store.run(lambda tx: tx.put("staff", person, doc))
    assert isinstance(desk.settings, SettingsCache)
    desk.settings.forget()


def without_exchange(desk: Desk) -> None:
    """Leave the office without a telephone exchange: its people write calls down themselves."""
    for hit in desk.store.query(Query("accounts")):
        if hit.doc["channel"] in EXCHANGES:
            given = {"account": hit.doc["id"], "active": False}
            execute(COMMANDS, desk, OLGA, "account.switch", given=given, cause="test")
    assert isinstance(desk.settings, SettingsCache)
    desk.settings.forget()


def keep(desk: Desk, notice: Notice) -> None:
    """Put a notice there as some service would have left it."""
    doc = notice.model_dump(mode="json")
    desk.store.run(lambda tx: tx.put(Notice.collection, notice.id, doc))
