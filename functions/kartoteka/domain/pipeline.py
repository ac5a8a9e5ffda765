"""Pipelines as data: stages, what lets a record leave them and what they ask for."""

from enum import StrEnum
from typing import Literal

from pydantic import Field

from kartoteka.domain.errors import NotFound
from kartoteka.domain.model import Value
from kartoteka.domain.worktime import Delay

_REQUIRED = (
    r"^(contact|service|amount|contractor|contractor_due|contractor_cost_minor|invoice_due|"
    r"expected_close|deal_type|owner_id|note|company_id|client_id|fields\.[a-z][a-z0-9_]*)$"
)


class Proof(StrEnum):
    """What can prove that a stage may be entered."""

    OFFER_FILE = "offer_file"
    SIGNED_FILE = "signed_file"
    RESULT_FILE = "result_file"
    INVOICE = "invoice"
    PAYMENT = "payment"
    CALL = "call"


class Requirement(Value):
    """What must be filled in before a deal enters a stage.

    `contact` is the client or company, `service` the type or lines, `fields.<id>` a custom field;
    the others are the deal's own.
    """

    field: str = Field(pattern=_REQUIRED)
    name: str
    name_en: str


class Exit(Value):
    """A way out that a proof opens, whatever leads elsewhere."""

    to: str
    evidence: Proof


class TaskTemplate(Value):
    """A task that entering a stage gives to somebody."""

    what: str
    title: str
    title_en: str
    assignee: str = "owner"  # owner, author, head, editor (first participant who edits), staff id
    due: Delay = Delay(work_days=1)
    priority: int = Field(default=2, ge=1, le=3)
    ends_with_stage: bool = True  # leaving the stage finishes it


class Stage(Value):
    """One stage; the id never changes, everything else may be edited by the office.

    Fields from `probability` on serve deals.
    """

    id: str
    name: str
    name_en: str
    state: str  # open, ongoing, won, lost
    gated: bool = False  # only a call leads out; see `domain.ladder`
    colour: str = ""  # #rrggbb of the row
    action: str = ""  # what to do next on entering
    due: Delay | None = None  # when it must be done
    on_conversation: str = ""  # stage after a conversation
    on_attempt: str = ""  # stage after an attempt
    tries: int = 0  # attempts on this rung before `exhausted`
    retry: Delay | None = None  # pause between two attempts
    exhausted: str = ""  # stage when the tries are used up
    leads_to: tuple[str, ...] = ()  # stages a person may choose; empty: none (deals: any)
    free_reasons: tuple[str, ...] = ()  # reasons to go from a gated stage to `lost` uncalled
    needs_reason: bool = False  # entering needs a reason
    needs_wake: bool = False  # entering needs a wake date
    reopen_roles: tuple[str, ...] = ()  # who may take a record out of a final stage
    probability: int = Field(default=0, ge=0, le=100)  # of winning from here, per cent
    idle_days: int = Field(default=0, ge=0)  # working days without a touch until cold; 0: never
    idle_from: Literal["", "contractor_due", "invoice_due"] = ""  # limit, if known
    edit_roles: tuple[str, ...] = ()  # who changes a record here; empty: whoever the policy lets
    requires: tuple[Requirement, ...] = ()  # filled in before entering
    evidence: tuple[Proof, ...] = ()  # what must be proved before entering
    exits: tuple[Exit, ...] = ()  # ways out that need a proof
    tasks: tuple[TaskTemplate, ...] = ()  # given once per entry
    reasons: tuple[str, ...] = ()  # the office's list; empty: any words
    note_reasons: tuple[str, ...] = ()  # reasons that a note must explain
    on_paid: str = ""  # stage when paid in full
    on_cold: str = ""  # stage when the deal goes cold here
    moves_to: str = ""  # the stage is being deleted: its records go there


class Pipeline(Value):
    """An ordered set of stages; the first is where records start.

    `kind`: lead; sale (deals with money); process (hiring, purchases: outside money reports).
    """

    id: str
    name: str
    name_en: str = ""
    kind: Literal["lead", "sale", "process"] = "lead"
    active: bool = True  # a pipeline switched off takes no new records
    message_opens_gate: bool = False  # a client's message counts as a conversation
    stages: tuple[Stage, ...] = Field(min_length=1)

    @property
    def first(self) -> Stage:
        """Return the stage of a new record."""
        return self.stages[0]

    def stage(self, stage_id: str) -> Stage:
        """Return the stage with this id; `NotFound` names the ones there are."""
        for stage in self.stages:
            if stage.id == stage_id:
                return stage
        known = ", ".join(stage.id for stage in self.stages)
        raise NotFound(f"there is no stage {stage_id!r}; known: {known}", code="stage_unknown")

    def by_name(self, name: str) -> Stage:
        """Return the stage a person means by its Russian or English name or its id."""
        wanted = name.strip().casefold()
        for stage in self.stages:
            if wanted in {stage.id, stage.name.casefold(), stage.name_en.casefold()}:
                return stage
        raise NotFound(f"there is no stage called {name!r}", code="stage_unknown")
