"""A notice goes to its person on the ways they chose: by the queue, in calm hours, each way once.

A way that refuses (the bot was blocked, the space is gone) is replaced by mail. What does not
answer for half a day is given up and stays as a failed `NoticePost`; no other notice waits for it.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP

from kartoteka.chat_ports import RoomWords, Spaces, StaffBot
from kartoteka.domain.change import Actor, ActorKind
from kartoteka.domain.errors import ConfigError, Rejected, Transient
from kartoteka.domain.ids import derived
from kartoteka.domain.instant import spell
from kartoteka.domain.model import Notice, Staff
from kartoteka.domain.notice_rules import (
    JUDGED,
    MAIL,
    MOST_AN_HOUR,
    NoticePost,
    TellingPace,
    Way,
    calm_at,
    chat_with,
    kind_of,
    ways_of,
)
from kartoteka.domain.office import Account, Settings
from kartoteka.i18n import text
from kartoteka.log import log
from kartoteka.ports import QueuedTask
from kartoteka.services import approval_links
from kartoteka.services.mail_delivery import Sender
from kartoteka.services.notice_settings import choice_of, told_by
from kartoteka.services.notice_words import Words, words
from kartoteka.services.office import Desk
from kartoteka.services.unit import Unit, transact

QUEUE = "messages"
PATH = "/automation/task/notice"
GIVE_UP = timedelta(hours=12)
STALE = timedelta(days=2)  # of a log that is read again, or after a long outage
_EARLY = timedelta(seconds=1)
_ACTOR = Actor(kind=ActorKind.SYSTEM, id="notices")
_LONGEST_SUBJECT = 150
_LONGEST_POST = 4_000
LOST = frozenset({"refused", "failed"})
_DONE = frozenset({"sent", "left", *LOST})


@dataclass(frozen=True)
class Posts:
    """The ways out, each opened when it is needed, and what makes the address of a row."""

    bot: Callable[[], StaffBot]
    spaces: Callable[[], Spaces]
    mail: Callable[[], Sender]
    address: Callable[[str, tuple[str, str] | None], str]


def hand_over(desk: Desk, notice: Notice, *, again: str = "") -> None:
    """Ask the queue to deliver the notice as soon as it may disturb; asked twice is once.

    A queue refuses a name that it has had: `again` makes another of what came too early.

    Raises:
        Transient: the queue does not answer.
    """
    at = _calm(desk, notice)
    name = derived("tell", notice.id, spell(at) if at > desk.now() else "", again)
    wait = at if at > desk.now() else None
    desk.tasks.enqueue(QueuedTask(QUEUE, name, PATH, {"notice": notice.id}, wait))


def may_go_out(desk: Desk, notice: Notice) -> bool:
    """Return whether there is a way to the person; at a quiet hour that is left to the morning."""
    person = desk.settings().person(notice.staff_id)
    if person is None:
        return False
    if _calm(desk, notice) > desk.now():
        return True
    return bool(ways_of(choice_of(desk, person), person, kind_of(notice.code)))


def deliver(desk: Desk, posts: Posts, notice_id: str) -> str:
    """Return what was done: sent, seen, stale, off, too_many, later, gone, or how a way ended.

    Raises:
        Transient: a way does not answer; the queue repeats, ways that took it are left out.
    """
    doc = desk.store.get(Notice.collection, notice_id)
    notice = Notice.model_validate(doc) if doc is not None else None
    person = desk.settings().person(notice.staff_id) if notice is not None else None
    if notice is None or person is None or not person.active:
        return "gone"
    if notice.seen_at is not None:
        return "seen"
    if desk.now() - notice.at > STALE:
        return "stale"
    if _calm(desk, notice) - desk.now() > _EARLY:
        hand_over(desk, notice, again=spell(desk.now()))
        return "later"
    return _Delivery(desk, posts, notice, person).run()


def post_id(notice_id: str, way: str) -> str:
    """Return under which id is kept how far the notice got on a way."""
    return derived("np", notice_id, way)


def bot_of(settings: Settings, wanted: str) -> Account:
    """Return the account of this bot; when it is none, the office's first.

    Raises:
        ConfigError: the office has no bot.
    """
    found = [it for it in settings.accounts if it.channel == "telegram" and it.active]
    started = next((it for it in found if it.id == wanted), None)
    if started is None and not found:
        raise ConfigError("the office has no bot", code="notice_no_bot")
    return started or found[0]


def _calm(desk: Desk, notice: Notice) -> datetime:
    office = desk.settings().office
    moment = max(notice.at, desk.now())
    return calm_at(office.notices, office.work.zone, moment, kind_of(notice.code))


class _Delivery:
    """One notice on its ways."""

    def __init__(self, desk: Desk, posts: Posts, notice: Notice, person: Staff) -> None:
        self._desk = desk
        self._posts = posts
        self._notice = notice
        self._person = person
        self._choice = choice_of(desk, person)
        self._told: Words | None = None

    def run(self) -> str:
        """Return how the last way ended, off when there is none."""
        ways = list(ways_of(self._choice, self._person, kind_of(self._notice.code)))
        outcome, waits = "off", None
        if ways and not self._is_begun(ways) and not self._in_pace():
            return "too_many"
        while ways:
            way = ways.pop(0)
            try:
                outcome = self._try(way)
            except Transient as exc:
                waits = exc
                continue
            if outcome == "refused" and way != MAIL and MAIL not in ways:
                ways.append("mail")
        if waits is not None:
            raise waits
        return outcome

    def _is_begun(self, ways: Sequence[Way]) -> bool:
        """Return whether an earlier try was made: the pace has counted it."""
        return any(self._known(way) is not None for way in ways)

    def _in_pace(self) -> bool:
        """Count the notice; return whether it may go out, the first one too many as a summary."""
        kind, now = kind_of(self._notice.code), self._desk.now()
        if kind in self._desk.settings().office.notices.urgent:
            return True
        hour = f"{now:%Y-%m-%d %H}"

        def work(unit: Unit) -> int:
            pace = unit.find(TellingPace, self._person.id)
            count = pace.count if pace is not None and pace.hour == hour else 0
            unit.keep(TellingPace(id=self._person.id, hour=hour, count=count + 1))
            return count

        count = transact(self._desk.store, _ACTOR, "notice", now, work=work)
        if count == MOST_AN_HOUR:
            locale = self._choice.language or self._desk.settings().office.locale
            self._told = Words(text("notice_flood", locale, count=MOST_AN_HOUR))
        return count <= MOST_AN_HOUR

    def _try(self, way: Way) -> str:
        """Return how the notice ended on the way; what has ended before is not sent again."""
        known = self._known(way)
        if known is not None and known.state in _DONE:
            return known.state
        try:
            message = _SENDERS[way](self, known)
        except (Rejected, ConfigError) as exc:
            return self._ended(way, "refused", why=exc.code or "refused")
        except Transient:
            if self._desk.now() - self._since() > GIVE_UP:
                return self._ended(way, "failed", why="gave_up")
            if known is None:
                self._ended(way, "tried")
            raise
        return self._ended(way, "sent", message=message)

    def telegram(self, _: NoticePost | None) -> str:
        """Return the id of the post in the person's own chat."""
        account = bot_of(self._desk.settings(), self._choice.bot)
        post = RoomWords(self._whole()[:_LONGEST_POST], buttons=self._words.buttons)
        return self._posts.bot().post(account, (chat_with(self._person), ""), post)

    def chat(self, _: NoticePost | None) -> str:
        """Say it in the person's space of Google Chat."""
        told = self._whole(self._judged("approval_elsewhere"))
        self._posts.spaces().say(self._choice.space, told)
        return ""

    def mail(self, known: NoticePost | None) -> str:
        """Send a letter; a second attempt asks first whether the box holds it already."""
        sender = self._posts.mail()
        domain = sender.address.rpartition("@")[2]
        name = f"{self._notice.id}@{domain}"
        if known is not None and sender.mail.sent(name) is not None:
            return name
        self._ended("mail", "tried")
        sender.mail.send(self._letter(sender.address, name))
        return name

    def _letter(self, address: str, name: str) -> bytes:
        local, _, domain = address.partition("@")
        message = EmailMessage(policy=SMTP)
        message["From"] = Address(self._desk.settings().office.name, local, domain)
        message["To"] = self._person.email
        subject = " · ".join((self._words.title, *self._words.lines[:1]))
        message["Subject"] = " ".join(subject.split())[:_LONGEST_SUBJECT]
        message["Message-ID"] = f"<{name}>"
        message["Date"] = self._notice.at
        message["Auto-Submitted"] = "auto-generated"
        link = approval_links.address_of(self._desk, self._notice) if self._is_judged else ""
        message.set_content(self._whole(self._judged("approval_by_letter", address=link)))
        return message.as_bytes()

    @property
    def _words(self) -> Words:
        if self._told is None:
            settings = told_by(self._choice, self._desk.settings())
            self._told = words(self._desk, self._notice, self._person, settings)
        return self._told

    def _whole(self, more: str = "") -> str:
        """Return the words, what else there is to say, the address of the row in the book."""
        link = self._posts.address(self._person.email, self._words.about)
        return "\n".join(filter(None, (self._words.whole, more, link)))

    @property
    def _is_judged(self) -> bool:
        """Return whether the person's word is wanted: letters and spaces have no button for it."""
        return self._notice.code == JUDGED and self._notice.approval_id is not None

    def _judged(self, code: str, **facts: str) -> str:
        locale = told_by(self._choice, self._desk.settings()).office.locale
        return text(code, locale, **facts) if self._is_judged else ""

    def _known(self, way: str) -> NoticePost | None:
        doc = self._desk.store.get(NoticePost.collection, post_id(self._notice.id, way))
        return NoticePost.model_validate(doc) if doc is not None else None

    def _since(self) -> datetime:
        """Return since when it may be delivered: what came at night has waited since morning."""
        office = self._desk.settings().office
        return calm_at(
            office.notices, office.work.zone, self._notice.at, kind_of(self._notice.code)
        )

    def _ended(self, way: str, state: str, *, message: str = "", why: str = "") -> str:
        name = post_id(self._notice.id, way)
        post = NoticePost(
            id=name,
            notice_id=self._notice.id,
            staff_id=self._person.id,
            way=way,
            state=state,
            at=self._desk.now(),
            message=message,
            why=why,
        )

        def work(unit: Unit) -> None:
            unit.keep(post, shown=("state",) if state in LOST else ())

        transact(self._desk.store, _ACTOR, "notice", self._desk.now(), work=work)
        if state in LOST:
            self._desk.waker.after_commit()
            log("warning", event="notice", notice=self._notice.id, way=way, outcome=why)
        return state


_SENDERS: Mapping[str, Callable[[_Delivery, NoticePost | None], str]] = {
    "telegram": _Delivery.telegram,
    "chat": _Delivery.chat,
    "mail": _Delivery.mail,
}
