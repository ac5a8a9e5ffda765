"""What a person may ask of a deal, field by field; money in minor units, instants with a zone."""

from typing import Literal

from pydantic import AwareDatetime, Field, JsonValue

from kartoteka.domain.guards import DealMove
from kartoteka.domain.model import Value

LONGEST_NAME = 500
LONGEST_TEXT = 45_000  # a cell holds 50,000 characters
LONGEST_REF = 500
MOST_LINES = 200
MOST_MONEY = 10**13  # a hundred billion; keeps every sum an exact number in a sheet
MOST_QUANTITY = 10**9  # a million pieces in thousandths
_ORDINARY_ID = 200

FileProof = Literal["offer_file", "signed_file", "result_file", "invoice"]
Visibility = Literal["own", "team", "all"]


class OneDeal(Value):
    """A deal; `expected` is its `updated_at` as the caller saw it, to refuse a stale edit."""

    deal: str = Field(max_length=_ORDINARY_ID)
    expected: AwareDatetime | None = None


class NewLine(Value):
    """One position; what is not given comes from the product."""

    product: str = Field(default="", max_length=_ORDINARY_ID, description="product id")
    name: str = Field(default="", max_length=LONGEST_NAME)
    category: str = Field(default="", max_length=LONGEST_NAME)
    quantity_milli: int = Field(default=1000, gt=0, le=MOST_QUANTITY)
    price_minor: int | None = Field(default=None, ge=0, le=MOST_MONEY)
    cost_minor: int | None = Field(default=None, ge=0, le=MOST_MONEY)
    discount_bp: int = Field(default=0, ge=0, le=10_000)


class CreateDeal(Value):
    """Start a deal."""

    name: str = Field(min_length=1, max_length=LONGEST_NAME)
    client: str = ""
    company: str = ""
    pipeline: str = ""
    stage: str = Field(default="", description="a head may start elsewhere than at the first")
    owner: str = Field(default="", description="staff id; yourself if empty")
    deal_type: str = Field(default="", max_length=LONGEST_NAME)
    currency: str = Field(default="", pattern=r"^([A-Z]{3})?$", examples=["RUB"])
    visibility: Visibility = "own"
    lines: tuple[NewLine, ...] = Field(default=(), max_length=MOST_LINES)
    expected_close: AwareDatetime | None = None
    note: str = Field(default="", max_length=LONGEST_TEXT)


class EditDeal(OneDeal):
    """Change fields of a deal; a field that is not given stays.

    `amount_minor` null: the sum of the lines again. `probability` null: the stage's own. A custom
    field with null is removed.
    """

    name: str | None = Field(default=None, min_length=1, max_length=LONGEST_NAME)
    deal_type: str | None = Field(default=None, max_length=LONGEST_NAME)
    note: str | None = Field(default=None, max_length=LONGEST_TEXT)
    tags: tuple[str, ...] | None = Field(default=None, max_length=100)
    visibility: Visibility | None = None
    company: str | None = None
    amount_minor: int | None = Field(default=None, ge=0, le=MOST_MONEY)
    cost_minor: int | None = Field(default=None, ge=0, le=MOST_MONEY)
    currency: str | None = Field(default=None, pattern=r"^[A-Z]{3}$", examples=["RUB"])
    probability: int | None = Field(default=None, ge=0, le=100)
    expected_close: AwareDatetime | None = None
    contractor: str | None = Field(default=None, max_length=LONGEST_NAME)
    contractor_due: AwareDatetime | None = None
    contractor_cost_minor: int | None = Field(default=None, ge=0, le=MOST_MONEY)
    invoice_due: AwareDatetime | None = None
    contact_needed: bool | None = None
    fields: dict[str, JsonValue] | None = None


class MoveDeal(OneDeal):
    """Take a deal to another stage, with what proves that it may go."""

    stage: str
    reason: str = Field(default="", max_length=LONGEST_TEXT)
    note: str = Field(default="", max_length=LONGEST_TEXT)
    wake_at: AwareDatetime | None = None
    call: str = Field(default="", description="id of the call that proves the step")
    evidence: dict[FileProof, str] = Field(default_factory=dict)

    @property
    def move(self) -> DealMove:
        """Return the wish as the guards read it."""
        return DealMove(to=self.stage, reason=self.reason, note=self.note, wake_at=self.wake_at)


class TransferDeal(MoveDeal):
    """Take a deal to another pipeline: its first stage, or the last it had there."""

    pipeline: str
    stage: str = ""


class RestoreDeal(OneDeal):
    """Bring a closed or sleeping deal back to its last open stage."""

    reason: str = Field(default="", max_length=LONGEST_TEXT)


class AssignDeal(OneDeal):
    """Give a deal to a colleague."""

    owner: str = Field(description="staff id")
    reason: str = Field(default="", max_length=LONGEST_TEXT)


class JoinDeal(OneDeal):
    """Let a colleague take part in a deal."""

    staff: str
    edit: bool = True


class LeaveDeal(OneDeal):
    """Let a colleague take part no more."""

    staff: str


class AttachToDeal(OneDeal):
    """Attach a file that proves something: its id or address, as the office keeps files."""

    kind: FileProof
    ref: str = Field(min_length=1, max_length=LONGEST_REF)


class PayDeal(OneDeal):
    """Record money that came; the same reference counts once."""

    amount_minor: int = Field(gt=0, le=MOST_MONEY)
    reference: str = Field(min_length=1, max_length=LONGEST_REF)


class CommentDeal(OneDeal):
    """Say something beside a deal; who reads it may comment."""

    text: str = Field(min_length=1, max_length=LONGEST_TEXT)


class AddLine(OneDeal, NewLine):
    """Put a position into a deal; `ask` sends a discount above the limit to who may allow it."""

    ask: bool = False
    letters: str = Field(
        default="", max_length=LONGEST_NAME, description="first letters of a product's name"
    )


class ChangeLine(OneDeal):
    """Change a position; what is not given stays. `ask` as when one is added."""

    line: str
    ask: bool = False
    name: str | None = Field(default=None, min_length=1, max_length=LONGEST_NAME)
    category: str | None = Field(default=None, max_length=LONGEST_NAME)
    quantity_milli: int | None = Field(default=None, gt=0, le=MOST_QUANTITY)
    price_minor: int | None = Field(default=None, ge=0, le=MOST_MONEY)
    cost_minor: int | None = Field(default=None, ge=0, le=MOST_MONEY)
    discount_bp: int | None = Field(default=None, ge=0, le=10_000)


class RemoveLine(OneDeal):
    """Take a position out of a deal."""

    line: str
