"""The office's calendars: whose accounts hold them, what an edit means, and a look on demand."""

from typing import Literal

from pydantic import Field

from kartoteka.domain.calendar_rules import LONGEST, SHORTEST, CalendarRules
from kartoteka.domain.change import Actor
from kartoteka.domain.ids import derived
from kartoteka.domain.instant import spell
from kartoteka.domain.model import Value
from kartoteka.domain.office import Office
from kartoteka.ports import QueuedTask
from kartoteka.services.commands import Command, Registry
from kartoteka.services.office import Desk
from kartoteka.services.settings_edit import Saved, Versioned, save_office

LOOK_PATH = "/sync/look/calendar"
QUEUE = "calendar"


class SetCalendars(Versioned):
    """Say whose accounts hold calendars and what an edit there means; the rest stays."""

    accounts: Literal["off", "office", "staff"] | None = None
    tasks: bool | None = Field(default=None, description="false: meetings only")
    deleted: Literal["ask", "restore"] | None = None
    absences: bool | None = Field(default=None, description="out of office: no leads")
    meeting_minutes: int | None = Field(default=None, ge=SHORTEST, le=LONGEST)
    task_minutes: int | None = Field(default=None, ge=SHORTEST, le=LONGEST)


class LookAtCalendars(Value):
    """Look now at what was edited in the calendars; otherwise it is done every ten minutes."""


def set_calendars(desk: Desk, actor: Actor, form: SetCalendars, cause: str) -> Saved:
    """Return what was saved: the rules of the calendars; events follow within minutes."""
    given = form.model_dump(exclude={"expected"}, exclude_none=True)

    def change(office: Office) -> Office:
        rules = CalendarRules.model_validate({**office.calendars.model_dump(), **given})
        return office.model_copy(update={"calendars": rules})

    return save_office(desk, actor, change, cause=cause, expected=form.expected, name="calendars")


def look(desk: Desk, _actor: Actor, _form: LookAtCalendars, _cause: str) -> Saved:
    """Return that a look at all calendars was asked for; it follows within seconds."""
    now = spell(desk.now())
    desk.tasks.enqueue(QueuedTask(QUEUE, derived("look", "calendars", now), LOOK_PATH))
    return Saved(id="calendars")


CALENDAR_COMMANDS: Registry = {
    "calendar.look": Command("look now at what was edited in calendars", LookAtCalendars, look),
    "calendar.set": Command(
        "say how tasks and meetings get into calendars", SetCalendars, set_calendars
    ),
}
