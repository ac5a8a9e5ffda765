"""Notices: which kind a notice is of, which way it goes to a person, and when it may disturb."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import ClassVar, Literal
from zoneinfo import ZoneInfo

from pydantic import Field

from kartoteka.domain.instant import Instant
from kartoteka.domain.model import Entity, Staff, Value
from kartoteka.domain.worktime import WorkTime

Way = Literal["telegram", "chat", "mail"]
TELEGRAM, CHAT, MAIL = "telegram", "chat", "mail"
MORNING, EVENING = "notice_morning", "notice_evening"
JUDGED = "notice_approval"  # somebody's word is wanted; its buttons give it
PROPOSED = "notice_proposal"  # a value for a client's card, taken or left by its buttons
MINE = "notice_mine"  # a line of the plan that somebody asked for; no record of its own
MOST_AN_HOUR = 40  # notices to one person; of further ones they hear once
_EVERY = "all"
_BOT = "telegram:"


class NoticeKind(StrEnum):
    """What a notice is about, as people choose by it."""

    NEW_LEAD = "new_lead"
    GIVEN = "given"  # a request, a deal or a task came into your hands, or left them
    MISSED_CALL = "missed_call"
    TASK = "task"  # something of yours is due
    LATE = "late"  # for heads: somebody did not act
    SLA = "sla"
    DEAL = "deal"
    CHAT = "chat"
    DIGEST = "digest"
    APPROVAL = "approval"
    RULE = "rule"
    NEWS = "news"  # all the rest: good to know


_CODES: Mapping[NoticeKind, str] = {
    NoticeKind.NEW_LEAD: "new_lead again",
    NoticeKind.GIVEN: "lead_given lead_gone deal_assigned participant task_given task_returned"
    " generated",
    NoticeKind.MISSED_CALL: "callback callback_asked",
    NoticeKind.TASK: "first_contact call decide wake letter meeting wait other delivery soon due"
    " send_offer send_invoice await_decision sign_contract follow_work report_result get_payment"
    " task_review repeat_sale",
    NoticeKind.LATE: "overdue unseen deal_overdue cold_twice repaired",
    NoticeKind.DEAL: "cold amount payment_in payment_back order_new order_conflict order_refused"
    " order_payment order_revived unsent bounced repeat_offer cross_sell paper_failed"
    " campaign_stopped form_invoice form_invoice_waits",
    NoticeKind.CHAT: "chat_invited chat_given chat_waiting chat_unanswered message_failed",
    NoticeKind.DIGEST: "morning evening",
}
_KINDS = {
    f"notice_{name}": kind for kind, names in _CODES.items() for name in names.split()
}  # fmt: skip
_FAMILIES = {
    "sla": NoticeKind.SLA,
    "approval": NoticeKind.APPROVAL,
    "rule": NoticeKind.RULE,
    "rules": NoticeKind.RULE,
}


def kind_of(code: str) -> NoticeKind:
    """Return what a notice with this text is about; what nobody named is good to know."""
    family = code.removeprefix("notice_").partition("_")[0]
    return _KINDS.get(code, _FAMILIES.get(family, NoticeKind.NEWS))


class NoticeRules(Value):
    """When the office disturbs its people; hours are local, minutes are working ones."""

    quiet_from: time = time(21)
    quiet_to: time = time(9)  # the same as `quiet_from`: there is no quiet
    urgent: tuple[NoticeKind, ...] = (NoticeKind.APPROVAL, NoticeKind.CHAT)  # even then
    morning: time = time(9)  # the plan of the day, on a person's working days
    evening: time = time(18)  # what the heads sum up
    again_minutes: int = Field(default=5, ge=1, le=480)  # unseen: told again
    head_minutes: int = Field(default=15, ge=1, le=480)  # unseen: the heads hear of it


class NoticeChoice(Entity):
    """Which ways one person chose; `id` is the person's. What is not chosen is as usual."""

    kind: ClassVar[str] = "telling_choice"
    collection: ClassVar[str] = "telling_choices"
    ways: dict[str, tuple[Way, ...]] = Field(default_factory=dict)  # by kind, or "all"
    space: str = Field(default="", repr=False)  # incoming webhook of Google Chat: a secret
    bot: str = ""  # account of the bot that the person started
    language: Literal["", "ru", "en"] = ""  # of notices and the bot; empty: the office's
    updated_at: Instant | None = None


class NoticePost(Entity):
    """A notice on one way: how far it got, and as which message."""

    kind: ClassVar[str] = "telling_post"
    collection: ClassVar[str] = "telling_posts"
    notice_id: str = ""
    staff_id: str = ""
    way: str = ""
    state: str  # tried, sent, refused, failed, left (a person saw that it failed)
    at: Instant
    message: str = ""  # the messenger's id of it
    why: str = ""


class TellingPace(Entity):
    """How many notices went to a person in one hour; `id` is the person's."""

    kind: ClassVar[str] = "telling_pace"
    collection: ClassVar[str] = "telling_paces"
    hour: str
    count: int


class DigestRound(Entity):
    """That the digests of a day were handed out; `id` follows from the day and which they are."""

    kind: ClassVar[str] = "digest_round"
    collection: ClassVar[str] = "digest_rounds"
    at: Instant


def chat_with(person: Staff) -> str:
    """Return the person's own Telegram chat, empty when they linked none."""
    found = (name for name in person.messengers if name.startswith(_BOT))
    return next(found, "").removeprefix(_BOT)


def ways_of(choice: NoticeChoice, person: Staff, kind: NoticeKind) -> tuple[Way, ...]:
    """Return the ways on which a notice of this kind goes to the person.

    Usual: Telegram if linked, else Google Chat if there is a space, else mail; news go by mail
    only to who asked for it. A chosen way that is not connected any more is replaced by mail.
    """
    ready: list[Way] = ["mail"]
    if choice.space:
        ready.insert(0, "chat")
    if chat_with(person):
        ready.insert(0, "telegram")
    chosen = choice.ways.get(kind, choice.ways.get(_EVERY))
    if chosen is None:
        return () if kind is NoticeKind.NEWS and ready[0] == MAIL else (ready[0],)
    kept = tuple(way for way in chosen if way in ready)
    return kept if kept or not chosen else ("mail",)


def calm_at(rules: NoticeRules, zone: str, moment: datetime, kind: NoticeKind) -> datetime:
    """Return the first instant from `moment` on at which a notice of this kind may disturb."""
    if kind in rules.urgent or not _is_quiet(rules, moment.astimezone(ZoneInfo(zone)).time()):
        return moment
    local = moment.astimezone(ZoneInfo(zone))
    day = local.date()
    if local.time() >= rules.quiet_to:
        day += timedelta(days=1)
    return datetime.combine(day, rules.quiet_to, ZoneInfo(zone)).astimezone(UTC)


def _is_quiet(rules: NoticeRules, clock: time) -> bool:
    begins, ends = rules.quiet_from, rules.quiet_to
    if begins <= ends:
        return begins <= clock < ends
    return clock >= begins or clock < ends


def digest_due(rules: NoticeRules, zone: str, now: datetime) -> tuple[date, str]:
    """Return the local day, and which digest is due now: morning, evening, or empty for none.

    A late tick still brings the morning's until the evening's time, and the evening's until
    midnight.
    """
    local = now.astimezone(ZoneInfo(zone))
    if local.time() >= rules.evening:
        return local.date(), EVENING
    return local.date(), MORNING if local.time() >= rules.morning else ""


def works_on(person: Staff, day: date, work: WorkTime) -> bool:
    """Return whether the person is at work on this local day."""
    away = work.is_day_off(day) or day.isoformat() in person.absent
    return person.active and work.is_shift(day, person.shift) and not away
