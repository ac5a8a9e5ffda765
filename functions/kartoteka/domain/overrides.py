"""How often a person went past a guard in a month; M22."""

from datetime import datetime
from typing import ClassVar
from zoneinfo import ZoneInfo

from kartoteka.domain.ids import StaffId
from kartoteka.domain.model import Entity


class Overrides(Entity):
    """One person's moves past a guard within one month of the office's calendar."""

    kind: ClassVar[str] = "overrides"
    collection: ClassVar[str] = "overrides"
    id: str
    staff_id: StaffId
    month: str  # 2026-11
    count: int = 0


def month_of(moment: datetime, zone: str) -> str:
    """Return the month in which the moment is for an office in this zone: `2026-11`."""
    return moment.astimezone(ZoneInfo(zone)).strftime("%Y-%m")


def none_yet(staff_id: str, month: str) -> Overrides:
    """Return the record before the first move past a guard; its id follows from both."""
    return Overrides(id=f"ov_{month}_{staff_id}", staff_id=StaffId(staff_id), month=month)
