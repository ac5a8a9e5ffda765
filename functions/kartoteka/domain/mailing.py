"""Mass letters and messages: campaigns, series, who gets them, who does not want them; J8."""

from datetime import datetime, time
from typing import ClassVar, Literal, Self, TypeAlias

from pydantic import Field

from kartoteka.domain.ids import ClientId, StaffId, derived
from kartoteka.domain.instant import Instant
from kartoteka.domain.model import Entity, Value
from kartoteka.domain.worktime import Delay

Medium: TypeAlias = Literal["mail", "sms", "chat"]
Basis: TypeAlias = Literal["consent", "relation"]
SINGLE = "single"  # stands for the campaign of a text to one client
GMAIL = "gmail"  # the sender of who names none: the office's own mailbox
MOST_CLIENTS = 1_000  # listed by hand; more are a segment
# Who sends what; a messenger needs no account, the client's own chat knows it.
SENDERS: dict[str, tuple[str, ...]] = {
    "mail": (GMAIL, "smtp", "unisender"),
    "sms": ("smsc", "smsru", "smsaero", "twilio_sms"),
    "chat": (),
}
STATES = ("planned", "sending", "sent", "failed", "skipped", "unknown")  # of one recipient
RUNNING = frozenset({"planning", "running"})  # states of a campaign in which it sends
BOUNCED, COMPLAINT, UNSUBSCRIBED, BY_HAND = "bounced", "complaint", "unsubscribed", "by_hand"
# An address that stopped is never written to again, until a newer consent says otherwise.
FOR_GOOD = frozenset({BOUNCED, COMPLAINT})
STOPS = FOR_GOOD | {UNSUBSCRIBED, BY_HAND}  # why an address stopped


class Limit(Value):
    """How fast one sender may be."""

    per_minute: int = Field(default=30, ge=1, le=10_000)
    per_day: int = Field(default=500, ge=1, le=10_000_000)


# What providers bear without asking; an office with a larger contract says so.
USUAL_LIMITS: dict[str, Limit] = {
    GMAIL: Limit(per_minute=20, per_day=500),
    "smtp": Limit(per_minute=20, per_day=1_000),
    "unisender": Limit(per_minute=120, per_day=20_000),
    "": Limit(per_minute=60, per_day=10_000),
}


class MailingRules(Value):
    """When the office writes to many, and what counts as their consent."""

    quiet_from: time = time(21)  # in the client's own time zone
    quiet_to: time = time(9)
    consents: tuple[str, ...] = Field(default=(), max_length=100)  # versions of forms' consents
    limits: dict[str, Limit] = Field(default_factory=dict)  # by id of the account, or gmail

    def limit(self, channel: str, account: str) -> Limit:
        """Return how fast a sender may be."""
        usual = USUAL_LIMITS.get(channel, USUAL_LIMITS[""])
        return self.limits.get(account or channel, usual)


class Words(Value):
    """What is sent: places for fields are between double braces."""

    medium: Medium = "mail"
    subject: str = Field(default="", max_length=250)
    text: str = Field(min_length=1, max_length=30_000)
    html: str = Field(default="", max_length=200_000)  # a letter's second face
    sender: str = ""  # id of the account; empty: the office's mailbox, or the client's chat
    basis: Basis = "consent"


class Campaign(Entity):
    """One text to many, once; `secret` is in the ids of its recipients."""

    kind: ClassVar[str] = "campaign"
    collection: ClassVar[str] = "campaigns"
    id: str
    name: str
    words: Words
    segment: str = ""
    clients: tuple[ClientId, ...] = ()
    author_id: StaffId
    secret: str = Field(repr=False)
    state: str = "draft"  # draft, planning, running, stopped, done
    why: str = ""  # code: why it stopped by itself
    cursor: str = ""  # how far the audience is planned
    planned: int = 0
    created_at: Instant
    started_at: Instant | None = None
    next_at: Instant | None = None  # when its next portion is due; None: nothing is
    ended_at: Instant | None = None


class Step(Value):
    """One letter of a series, so long after the one before."""

    after: Delay = Delay()
    words: Words


class Series(Entity):
    """Letters one after another, until the client answers, buys or wants no more."""

    kind: ClassVar[str] = "series"
    collection: ClassVar[str] = "series"
    id: str
    name: str
    steps: tuple[Step, ...] = Field(min_length=1, max_length=50)
    on: bool = True
    leave_on_reply: bool = True
    leave_on_won: bool = True
    author_id: StaffId
    secret: str = Field(repr=False)
    updated_at: Instant


class SeriesMember(Entity):
    """One client in one series; `cause` says what put them there."""

    kind: ClassVar[str] = "series_member"
    collection: ClassVar[str] = "series_members"
    series_id: str
    client_id: ClientId
    state: str = "active"  # active, done, left
    why: str = ""  # why it ended: reply, won, unsubscribed, stopped, series_off, client_gone
    run: int = 1  # how often this client went through
    step: int = 0  # the next one
    due_at: Instant
    started_at: Instant
    cause: str
    ended_at: Instant | None = None

    def ended(self, state: str, why: str, at: datetime) -> Self:
        """Return the client's place as done or left."""
        return self.model_copy(update={"state": state, "why": why, "ended_at": at})


class Recipient(Entity):
    """One text for one person: at most once, whatever crashes."""

    kind: ClassVar[str] = "recipient"
    collection: ClassVar[str] = "recipients"
    source: Literal["campaign", "series", "single"] = "campaign"
    campaign_id: str  # of the campaign, or of the series
    words: Words | None = None  # of a single one: what a rule or a person writes to one client
    run: int = 0  # of a series
    step: int = 0
    client_id: ClientId
    medium: Medium
    address: str = ""  # where it went, known when it goes
    state: str = "planned"
    why: str = ""  # a code: why it was skipped or failed
    due_at: Instant  # not before
    attempts: int = 0
    sending_at: Instant | None = None
    sent_at: Instant | None = None
    external_id: str = ""
    delivered_at: Instant | None = None
    opened_at: Instant | None = None
    answered_at: Instant | None = None
    unsubscribed_at: Instant | None = None
    deal_id: str | None = None  # the first deal made after it


class Dispatch(Entity):
    """That one text went to one address: two clients who share it get it once."""

    kind: ClassVar[str] = "dispatch"
    collection: ClassVar[str] = "dispatches"
    recipient_id: str


class AddressWish(Entity):
    """What the person behind an address wants; `id` is made of it, the address is not kept."""

    kind: ClassVar[str] = "address_wish"
    collection: ClassVar[str] = "address_wishes"
    consent_at: Instant | None = None
    evidence: str = ""  # where the consent was given: a code and an id, nothing typed
    stopped_at: Instant | None = None
    why: str = ""  # unsubscribed, bounced, complaint, by_hand

    @property
    def stopped(self) -> bool:
        """Return whether nothing may be sent there."""
        if self.stopped_at is None:
            return False
        newer = self.consent_at is not None and self.consent_at > self.stopped_at
        return self.why in FOR_GOOD or not newer


class Allowance(Entity):
    """How much a sender has used of this minute and of this day."""

    kind: ClassVar[str] = "allowance"
    collection: ClassVar[str] = "allowances"
    minute: str = ""
    in_minute: int = 0
    day: str = ""
    in_day: int = 0


def wish_id(medium: str, address: str) -> str:
    """Return the id of what the person behind an address wants."""
    return derived("aw", medium, address.lower())


def recipient_id(secret: str, client_id: str, run: int = 0, step: int = 0) -> str:
    """Return the id of a recipient; nobody finds it without the campaign's secret."""
    return derived("rc", secret, client_id, str(run), str(step))


def dispatch_id(recipient: Recipient, address: str) -> str:
    """Return the id under which an address is taken for one text."""
    place = (recipient.campaign_id, str(recipient.run), str(recipient.step))
    return derived("dp", *place, recipient.medium, address.lower())


def series_member_id(series_id: str, client_id: str) -> str:
    """Return the id of a client's place in a series."""
    return derived("sm", series_id, client_id)
