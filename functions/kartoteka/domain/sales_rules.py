"""The office's rules of selling: repeats, limits of discounts, what goes with what, papers."""

from pydantic import Field

from kartoteka.domain.ids import ProductId, StaffId
from kartoteka.domain.model import Line, Value
from kartoteka.domain.worktime import Delay

MOST_ROWS = 200
MOST_PAPERS = 20  # of one stage
LONGEST_REPEAT = 730  # days
LONGEST_REQUISITES = 2_000
LONGEST_PAPER = 250  # working days, a year
_BASIS = 10_000


class ApprovalRules(Value):
    """What waits for a head's word, and whose; the first judge is asked first."""

    discount_limit_bp: int | None = Field(default=None, ge=0, le=_BASIS)  # None: no limit
    judges: tuple[StaffId, ...] = ()  # empty: the heads; directors always come last
    wait_minutes: int = Field(default=60, ge=1, le=10_000)  # of working time, then the next


class CrossSell(Value):
    """Who bought one thing is offered another after some days; products or whole categories."""

    id: str
    product_id: ProductId | None = None  # what was bought
    category: str = ""  # or anything of this category
    offer_id: ProductId
    after_days: int = Field(ge=0, le=LONGEST_REPEAT)
    active: bool = True

    def is_about(self, lines: tuple[Line, ...]) -> bool:
        """Return whether one of these positions is what the row waits for."""
        wanted = self.category.casefold()
        return any(
            line.product_id == self.product_id
            if self.product_id
            else line.category.casefold() == wanted
            for line in lines
        )


class StagePaper(Value):
    """A template that entering a stage copies into the deal's folder, filled in."""

    id: str
    pipeline: str
    stage: str
    file: str  # key of a kept file, or id of a file in the office's Drive
    name: str  # of the copy; may hold the same fields as the text


class SalesRules(Value):
    """How the office sells again, more, and with whose permission."""

    repeat_days: int = Field(default=90, ge=1, le=LONGEST_REPEAT)  # where no product says more
    approvals: ApprovalRules = ApprovalRules()
    cross_sell: tuple[CrossSell, ...] = Field(default=(), max_length=MOST_ROWS)
    papers: tuple[StagePaper, ...] = Field(default=(), max_length=MOST_ROWS)
    offer_days: int = Field(default=10, ge=1, le=LONGEST_PAPER)  # working days an offer stands
    invoice_days: int = Field(default=5, ge=1, le=LONGEST_PAPER)  # working days to pay an invoice
    requisites: str = Field(default="", max_length=LONGEST_REQUISITES)  # where invoices are paid

    def paper_due(self, what: str) -> Delay:
        """Return for how long an offer stands, or an invoice waits, where nobody says more."""
        days = self.invoice_days if what == "invoice" else self.offer_days
        return Delay(work_days=days, to_close=True)

    def papers_of(self, pipeline: str, stage: str) -> tuple[StagePaper, ...]:
        """Return what entering this stage copies."""
        return tuple(it for it in self.papers if (it.pipeline, it.stage) == (pipeline, stage))
