"""What waits for a person today: due, overdue, and open records with nothing planned."""

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from kartoteka.domain.deal import Deal
from kartoteka.domain.model import Lead, Task, Value
from kartoteka.domain.next_step import is_open, is_waiting
from kartoteka.domain.tasks_rules import ACTIVE


class Counters(Value):
    """How many things a person has to look at."""

    today: int = 0
    overdue: int = 0
    unplanned: int = 0


def end_of_day(now: datetime, zone: str) -> datetime:
    """Return the instant at which the office's present day is over."""
    local = now.astimezone(ZoneInfo(zone))
    tomorrow = (local + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
    return tomorrow.astimezone(now.tzinfo)


def count(
    tasks: Iterable[Task],
    records: Iterable[Lead | Deal],
    *,
    waiting: Collection[str],
    now: datetime,
    zone: str,
) -> Counters:
    """Return the counters over a person's tasks and open leads and deals.

    A record whose next action is a task counts through that task; one that waits for its client,
    and the tasks of such a record (`waiting` holds their ids), do not count until the client acts
    or the time is over. Work in review is its setter's business.
    """
    ours = [task for task in tasks if task.state in ACTIVE - {"review"}]
    due = [task.due_at for task in ours if not {task.lead_id, task.deal_id} & set(waiting)]
    unplanned = 0
    for record in records:
        if not is_open(record) or is_waiting(record, now):
            continue
        if record.next_action is None:
            unplanned += 1
        elif record.next_action.task_id is None:
            due.append(record.next_action.due_at)
    end = end_of_day(now, zone)
    return Counters(
        today=sum(now <= moment < end for moment in due),
        overdue=sum(moment < now for moment in due),
        unplanned=unplanned,
    )
