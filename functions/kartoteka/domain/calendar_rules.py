"""How tasks and meetings get into the calendars of the office, and what an edit there means."""

from typing import Literal

from pydantic import Field

from kartoteka.domain.model import Value

SHORTEST, LONGEST = 5, 12 * 60  # minutes of an event


class CalendarRules(Value):
    """Whose Google accounts hold the calendars, what is shown there, and what comes back.

    `office`: a calendar for each employee in the office's account, shared with them alone.
    `staff`: a calendar in each employee's own account. `off`: none.
    `ask`: an event that somebody deleted stays away until its task is given another time, and its
    people are asked what becomes of the task; `restore`: the event comes back. In both cases the
    task stays.
    """

    accounts: Literal["off", "office", "staff"] = "off"
    tasks: bool = True  # False: meetings only
    deleted: Literal["ask", "restore"] = "ask"
    absences: bool = False  # "out of office" in a person's own calendar: no queue gives them leads
    meeting_minutes: int = Field(default=60, ge=SHORTEST, le=LONGEST)
    task_minutes: int = Field(default=30, ge=SHORTEST, le=LONGEST)
