"""What a person, or the whole office, wants to sell in a month."""

from typing import ClassVar

from pydantic import Field

from kartoteka.domain.ids import StaffId
from kartoteka.domain.instant import Instant
from kartoteka.domain.model import Entity


class Plan(Entity):
    """The plan of a month; without a person it is the office's own."""

    kind: ClassVar[str] = "plan"
    collection: ClassVar[str] = "plans"
    id: str
    month: str  # 2026-11
    staff_id: StaffId | None = None
    amount_minor: int = Field(ge=0)
    updated_at: Instant
    updated_by: str = ""  # id of the actor


def plan_id(month: str, staff_id: str | None) -> str:
    """Return the id that follows from month and person."""
    return f"pl_{month}_{staff_id or 'office'}"
