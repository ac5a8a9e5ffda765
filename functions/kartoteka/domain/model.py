"""Records of the office: frozen, validated, spelled the same in every store."""

from enum import StrEnum
from typing import ClassVar

from pydantic import BaseModel, ConfigDict, Field, JsonValue

from kartoteka.domain.ids import (
    ActivityId,
    ClientId,
    CompanyId,
    DealId,
    InboundId,
    LeadId,
    ProductId,
    StaffId,
    TaskId,
    TimerId,
)
from kartoteka.domain.instant import Instant

_MILLI = 1000
_BASIS = 10_000


class Value(BaseModel):
    """A frozen value inside a record."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)


class Entity(Value):
    """A record with an id of its own; `kind` names it in the change log."""

    kind: ClassVar[str]
    collection: ClassVar[str]
    id: str


class Role(StrEnum):
    """What a person does in the office; §4.5 of the access matrix."""

    ADMIN = "admin"
    DIRECTOR = "director"
    HEAD = "head"
    MANAGER = "manager"
    EXECUTOR = "executor"
    ACCOUNTANT = "accountant"
    FINANCE = "finance"
    MARKETING = "marketing"
    OPERATOR = "operator"


class Staff(Entity):
    """A person of the office."""

    kind: ClassVar[str] = "staff"
    collection: ClassVar[str] = "staff"
    id: StaffId
    name: str
    email: str  # lower case; how Google and the API know the person
    role: Role | str = Field(default=Role.MANAGER, union_mode="left_to_right")
    also: tuple[str, ...] = ()  # further roles: the widest decides, in money the narrowest
    team: str = ""
    pair: StaffId | None = None  # works with this colleague: each reaches the other's records
    phones: tuple[str, ...] = ()  # E.164 and internal extensions; never match a client
    active: bool = True
    takes_leads: bool = True
    shift: tuple[int, ...] = (0, 1, 2, 3, 4)  # working days, Monday is 0
    absent: tuple[str, ...] = ()  # ISO dates in the office zone
    quota: int = Field(default=30, ge=0)  # new leads per 30 days from the queue; 0: no limit
    messengers: tuple[str, ...] = ()  # channel:external user id, linked by a one-time code
    updated_at: Instant | None = None
    updated_by: str = ""  # id of the actor


class Touch(Value):
    """The last contact with a client: what the phone card's first line says."""

    at: Instant
    kind: str  # call, message, form, mail
    direction: str  # in, out
    staff_id: StaffId | None = None
    passed_to: StaffId | None = None  # of a call: who spoke last, when that is somebody else


class Client(Entity):
    """A person who asked for something."""

    kind: ClassVar[str] = "client"
    collection: ClassVar[str] = "clients"
    id: ClientId
    name: str
    company: str = ""
    phones: tuple[str, ...] = ()  # E.164
    emails: tuple[str, ...] = ()  # lower case
    messengers: tuple[str, ...] = ()  # channel:external user id
    owner_id: StaffId | None = None
    open_lead_id: LeadId | None = None
    open_deal_ids: tuple[DealId, ...] = ()  # newest first; a touch finds its deals without a query
    segment: str = "new"  # new, in_work, client, returned, wholesale, partner, blacklist
    company_id: CompanyId | None = None
    tags: tuple[str, ...] = ()
    fields: dict[str, JsonValue] = Field(default_factory=dict)  # custom fields by id
    merged_into: ClientId | None = None  # a redirect: the record lives on there
    forgotten: bool = False  # anonymised at the person's request
    last_touch: Touch | None = None
    has_files: bool = False  # a file came from them, or went to them: rows lead to it
    created_at: Instant
    updated_at: Instant


class Source(Value):
    """Where a touch came from; every text is as the visitor's browser gave it."""

    channel: str
    name: str  # office's name of the source, such as «Сайт-форма»
    form: str = ""
    page: str = ""
    referrer: str = ""
    utm: dict[str, str] = Field(default_factory=dict)


class NextAction(Value):
    """The one thing to do next with an open lead."""

    what: str  # first_contact, call, decide, callback, wake, letter, meeting, wait, other
    due_at: Instant
    task_id: TaskId | None = None


class Reader(Value):
    """A former owner, who still reads the record for a while."""

    staff_id: StaffId
    until: Instant


def total_of(price_minor: int, quantity_milli: int, discount_bp: int = 0) -> int:
    """Return price times quantity less the discount, rounded half up to a minor unit."""
    exact = price_minor * quantity_milli * (_BASIS - discount_bp)
    scale = _MILLI * _BASIS
    return (2 * exact + scale) // (2 * scale)


class Line(Value):
    """One position; money in minor units, quantity in thousandths, discount in basis points."""

    id: str = ""  # names the line while others come and go
    product_id: ProductId | None = None
    name: str
    category: str = ""
    quantity_milli: int = Field(default=_MILLI, gt=0)
    price_minor: int = Field(ge=0)
    cost_minor: int | None = Field(default=None, ge=0)
    discount_bp: int = Field(default=0, ge=0, le=_BASIS)

    @property
    def total_minor(self) -> int:
        """Return price times quantity less the discount, rounded half up to a minor unit."""
        return total_of(self.price_minor, self.quantity_milli, self.discount_bp)


class Lead(Entity):
    """A request that is not a deal yet."""

    kind: ClassVar[str] = "lead"
    collection: ClassVar[str] = "leads"
    id: LeadId
    client_id: ClientId
    name: str
    pipeline: str
    stage: str
    state: str = "open"  # open, ongoing, won, lost: reports never depend on stage names
    stage_entered_at: Instant
    stage_version: int = 1  # grows with each stage entry; timers of an older one are stale
    tries: int = 0  # attempts on this rung
    used_calls: tuple[ActivityId, ...] = ()  # evidence already spent on a transition
    owner_id: StaffId | None = None
    first_touch: Source
    last_touch: Source
    note: str = ""
    extra: dict[str, str] = Field(default_factory=dict)  # unmapped form fields, whole
    priority: int = Field(default=0, ge=0, le=3)
    repeat: bool = False
    touched_at: Instant | None = None  # first act of a person on this lead
    wrote_at: Instant | None = None  # our last letter or message to the client
    next_action: NextAction | None = None
    next_at: Instant | None = None  # next_action.due_at, indexed
    wake_at: Instant | None = None
    wait_until: Instant | None = None  # nothing to do before: the client has to act
    readers: tuple[Reader, ...] = ()
    region: str = ""  # as the routing found it, "unknown" when it looked and found none
    routed_by: str = ""  # id of the routing rule, or own, absent, answered, key, queue
    reason: str = ""
    lines: tuple[Line, ...] = ()  # what the client asks about; a deal takes them over
    fields: dict[str, JsonValue] = Field(default_factory=dict)  # custom fields by id
    deal_id: DealId | None = None  # what it became; from then on the lead is read only
    created_at: Instant
    updated_at: Instant


class CallStatus(StrEnum):
    """How a call ended, or that it has not."""

    RINGING = "ringing"
    TALKING = "talking"
    ANSWERED = "answered"
    MISSED = "missed"
    BUSY = "busy"
    REJECTED = "rejected"
    NO_ANSWER = "no_answer"
    CANCELLED = "cancelled"  # the caller gave up before the line was proven not to answer
    NO_NUMBER = "no_number"  # the network says that there is no such number


class CallFact(Value):
    """One telephone call; times as the exchange gave them, in UTC."""

    status: CallStatus
    client_number: str  # E.164, or as given when it is not a full number
    line: str = ""
    started_at: Instant
    answered_at: Instant | None = None
    ended_at: Instant | None = None
    recording_url: str = ""
    recording_copy: str = ""  # the link to our own copy in Drive
    robot: bool = False  # nobody of the office spoke: it proves nothing
    passed_to: StaffId | None = None  # who of us spoke last, when another took the call

    @property
    def talk_s(self) -> float:
        """Return the seconds of conversation, 0 when nobody answered."""
        if self.answered_at is None or self.ended_at is None:
            return 0.0
        return max(0.0, (self.ended_at - self.answered_at).total_seconds())

    @property
    def ring_s(self) -> float:
        """Return the seconds of ringing until the answer or the end."""
        end = self.answered_at or self.ended_at or self.started_at
        return max(0.0, (end - self.started_at).total_seconds())


class Attachment(Value):
    """A file that came along; `ref` finds it at the provider or in our files."""

    name: str
    media_type: str
    size: int
    ref: str


class Wording(Value):
    """An earlier wording of a message."""

    at: Instant  # when it was replaced
    text: str


class ChatMessage(Value):
    """What a messenger knows of a message: its id there, how far it got, how it changed."""

    chat_id: str
    external_id: str = ""  # the provider's, once it is known
    state: str = ""  # of ours: queued, sent, delivered, read, failed, unsure
    why: str = ""  # why it failed: a code of ours
    said: str = ""  # the provider's own words about it
    wordings: tuple[Wording, ...] = ()  # earlier ones, oldest first
    quoted: str = ""  # the beginning of the message that it answers
    deleted_at: Instant | None = None  # taken back by its author; the words stay with us


class Activity(Entity):
    """Something that happened with a client; the timeline is made of these."""

    kind: ClassVar[str] = "activity"
    collection: ClassVar[str] = "activities"
    id: ActivityId
    what: str  # call, message, form, mail, note
    direction: str = "in"
    client_id: ClientId | None = None
    lead_id: LeadId | None = None
    deal_id: DealId | None = None
    staff_id: StaffId | None = None
    at: Instant
    text: str = ""
    call: CallFact | None = None
    inbound_id: InboundId | None = None
    manual: bool = False
    files: tuple[Attachment, ...] = ()
    message: ChatMessage | None = None  # of a messenger


class Comment(Value):
    """Words of a person beside a record."""

    staff_id: StaffId
    at: Instant
    text: str
    replaces: int | None = None  # place of the comment that this one corrects; that one stays


class Task(Entity):
    """Something a person has to do by a time."""

    kind: ClassVar[str] = "task"
    collection: ClassVar[str] = "tasks"
    id: TaskId
    what: str  # first_contact, call, decide, callback, wake, letter, meeting, wait, other
    title: str
    client_id: ClientId | None = None
    lead_id: LeadId | None = None
    assignee_id: StaffId | None = None
    phone: str = ""
    deal_id: DealId | None = None
    due_at: Instant
    state: str = "open"  # open, working, review, done, returned, cancelled
    result: str = ""
    text: str = ""
    priority: int = Field(default=2, ge=1, le=3)  # 3 is the highest
    setter_id: StaffId | None = None  # who gave the task
    watchers: tuple[StaffId, ...] = ()
    personal: bool = False  # seen by its assignee only
    needs_review: bool = False  # the setter accepts or returns the work
    parent_id: TaskId | None = None
    repeats: str = ""  # RRULE subset, RFC 5545
    series_id: TaskId | None = None  # first task of a repeating one
    series_at: Instant | None = None  # due time of that first task: the rule counts from it
    slot_at: Instant | None = None  # this task's own place in the series
    reminders: tuple[int, ...] = ()  # minutes before `due_at`
    comments: tuple[Comment, ...] = ()
    created_at: Instant
    updated_at: Instant | None = None
    done_at: Instant | None = None


class Notice(Entity):
    """A message to a person of the office; the text is made when shown, in their language."""

    kind: ClassVar[str] = "notice"
    collection: ClassVar[str] = "notices"
    id: str
    staff_id: StaffId
    code: str  # text in i18n
    words: str = ""  # of the office's rule that tells it
    lead_id: LeadId | None = None
    deal_id: DealId | None = None
    task_id: TaskId | None = None
    chat_id: str | None = None
    approval_id: str | None = None
    proposal_id: str | None = None
    at: Instant
    seen_at: Instant | None = None


class RuleWait(Value):
    """What a timer of the office's own rules waits for."""

    what: str  # delay (of a firing), since, date, slot
    rule_id: str
    version: int  # of the rule: an older one is stale
    about: str = ""  # kind of the record
    record_id: str = ""
    firing_id: str = ""
    since: Instant | None = None  # the event that the time is counted from


class Timer(Entity):
    """A moment at which a rule looks again; D6."""

    kind: ClassVar[str] = "timer"
    collection: ClassVar[str] = "timers"
    id: TimerId
    rule: str
    lead_id: LeadId | None = None
    deal_id: DealId | None = None
    task_id: TaskId | None = None
    notice_id: str | None = None
    chat_id: str | None = None
    approval_id: str | None = None
    case_id: str | None = None  # of a limit
    version: int = 0  # the record's stage_version when planned; 0: any
    due_at: Instant
    wait: RuleWait | None = None  # of the office's own rules
    state: str = "pending"  # pending, fired, dropped
    queued: bool = False  # whether the queue holds a call for it: only when due within 29 days


class Pair(Entity):
    """Two clients that may be one; a person decides."""

    kind: ClassVar[str] = "pair"
    collection: ClassVar[str] = "pairs"
    id: str
    left: ClientId
    right: ClientId
    state: str = "open"  # open, merged, distinct
    why: str = "key"  # key: both use a strong key; name: their names look alike
    at: Instant
