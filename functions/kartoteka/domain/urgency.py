"""Priority 2 and 3 halve the time in which somebody has to answer a new request; B5."""

from datetime import datetime

from kartoteka.domain.model import Lead
from kartoteka.domain.next_step import with_step
from kartoteka.domain.pipeline import Stage
from kartoteka.domain.worktime import Delay, WorkTime

URGENT = 2
FIRST = "first_contact"


def is_urgent(lead: Lead) -> bool:
    """Return whether the first answer has half the time."""
    return lead.priority >= URGENT


def halved(delay: Delay) -> Delay:
    """Return half the delay; half a working day stays a day, minutes are rounded up."""
    return delay.model_copy(update={"work_minutes": -(-delay.work_minutes // 2)})


def hurried(lead: Lead, stage: Stage, hours: WorkTime, now: datetime) -> Lead:
    """Return the lead with the first answer due by its priority, counted from its stage's entry.

    Only a lead that still waits for its first answer changes; it is never due in the past.
    """
    action = lead.next_action
    if action is None or action.what != FIRST or action.task_id is not None or stage.due is None:
        return lead
    delay = halved(stage.due) if is_urgent(lead) else stage.due
    due = max(hours.add(lead.stage_entered_at, delay), hours.add_minutes(now, 0))
    return with_step(lead, action.model_copy(update={"due_at": due}))
