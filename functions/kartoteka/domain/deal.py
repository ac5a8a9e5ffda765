"""Deals: what the office sells, line by line, and how far it is."""

from typing import ClassVar

from pydantic import Field, JsonValue

from kartoteka.domain.ids import ActivityId, ClientId, CompanyId, DealId, LeadId, StaffId
from kartoteka.domain.instant import Instant
from kartoteka.domain.model import Entity, Line, NextAction, Reader, Value
from kartoteka.domain.payment import Receipt


class Visit(Value):
    """One stay on a stage: when, who brought it there and what proved it."""

    stage: str
    pipeline: str = ""
    entered_at: Instant
    left_at: Instant | None = None
    by: str = ""
    evidence: str = ""  # call:<id>, or the kinds of proof; files themselves are in the deal


class Participant(Value):
    """A colleague who works along."""

    staff_id: StaffId
    edit: bool = False


class Payment(Value):
    """Money that came; `reference` is the payer's or the bank's, and counts once."""

    reference: str
    amount_minor: int = Field(gt=0)
    at: Instant
    paper_id: str = ""  # the invoice that the payer named


class MadePaper(Value):
    """A paper that entering a stage made from a template."""

    key: str  # of the kept file
    name: str
    url: str = ""  # opens it for who may see it
    stage: str
    at: Instant
    missing: tuple[str, ...] = ()  # places of the template that nothing filled


class Deal(Entity):
    """A sale, or a process such as hiring: pipelines of kind `process` have no money reports."""

    kind: ClassVar[str] = "deal"
    collection: ClassVar[str] = "deals"
    id: DealId
    client_id: ClientId | None = None
    company_id: CompanyId | None = None
    lead_id: LeadId | None = None
    name: str
    pipeline: str
    stage: str
    state: str = "open"  # open, ongoing, won, lost
    stage_entered_at: Instant
    stage_version: int = 1
    stage_log: tuple[Visit, ...] = ()
    owner_id: StaffId | None = None
    author_id: StaffId | None = None
    participants: tuple[Participant, ...] = ()
    visibility: str = "own"  # own, team, all
    deal_type: str = ""
    sign: str = "first"  # first, repeat, repeat_inquiry
    lines: tuple[Line, ...] = ()
    amount_minor: int = Field(default=0, ge=0)  # sum of the lines unless `amount_by_hand`
    amount_by_hand: bool = False
    currency: str = "RUB"
    cost_minor: int | None = Field(default=None, ge=0)
    contractor: str = ""
    contractor_due: Instant | None = None
    contractor_cost_minor: int | None = Field(default=None, ge=0)
    paid_minor: int = Field(default=0, ge=0)
    payments: tuple[Payment, ...] = ()
    receipts: tuple[Receipt, ...] = ()  # of the payments that services told
    invoice_due: Instant | None = None
    probability: int | None = Field(default=None, ge=0, le=100)  # None: the stage's own
    expected_close: Instant | None = None
    stage_papers: tuple[MadePaper, ...] = ()  # the oldest first
    evidence: dict[str, str] = Field(default_factory=dict)  # proof by kind: offer_file, act, ...
    fields: dict[str, JsonValue] = Field(default_factory=dict)  # custom fields by id
    tags: tuple[str, ...] = ()
    note: str = ""
    used_calls: tuple[ActivityId, ...] = ()
    last_call_id: ActivityId | None = None  # newest call on this stage that proves something
    reason: str = ""
    reason_note: str = ""
    wake_at: Instant | None = None
    wait_until: Instant | None = None  # nothing to do before: the client has to act
    readers: tuple[Reader, ...] = ()
    contact_needed: bool = False  # whoever does the work reads how to reach the client
    next_action: NextAction | None = None
    next_at: Instant | None = None
    last_touch_at: Instant | None = None  # inbound, answered call, human outbound, held meeting
    locked: bool = False
    won_at: Instant | None = None
    repeat_at: Instant | None = None  # when it is sold again
    repeats: str = ""  # RRULE subset: a copy each time
    repeat_since: Instant | None = None  # from when that rule counts
    repeat_of: DealId | None = None  # the deal that this one repeats
    created_at: Instant
    updated_at: Instant
