"""How a task lives: states and who moves it on, deadlines, reminders, comments.

open -> working -> review -> done
`----> returned -> working
any of these -> cancelled
"""

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from kartoteka.domain.errors import Invalid, NotAllowed
from kartoteka.domain.ids import StaffId
from kartoteka.domain.model import Comment, Task
from kartoteka.domain.worktime import WorkTime

ACTIVE = frozenset({"open", "working", "review", "returned"})
END_OF_DAY = time(18)  # a deadline that names a day only
REMINDERS = (24 * 60, 30, 0)  # minutes before the deadline
LONGEST_COMMENT = 4_000
MOST_COMMENTS = 500
MOST_REMINDERS = 10
_LONGEST_LEAD = 366 * 24 * 60
_QUIET_FROM, _QUIET_TO = time(21), time(9)
_MOVES = {
    "working": frozenset({"open", "returned"}),
    "review": frozenset({"open", "working", "returned"}),
    "done": ACTIVE,
    "returned": frozenset({"review"}),
    "cancelled": ACTIVE,
}


def check_move(task: Task, state: str) -> None:
    """Refuse a state that the task cannot get from where it is."""
    if task.state not in _MOVES[state]:
        raise Invalid(
            f"a task that is {task.state} cannot become {state}",
            fields={"state": task.state},
            code="task_closed" if task.state not in ACTIVE else "task_not_there",
        )


def closing_state(task: Task, actor_id: str) -> str:
    """Return what finishing makes of the task: done, or in review when the setter must look."""
    checked = task.needs_review and task.setter_id not in {None, actor_id}
    return "review" if checked and task.state != "review" else "done"


def check_judge(task: Task, actor_id: str, *, is_head: bool) -> None:
    """Refuse to accept or return the work to anybody but its setter and a head."""
    if actor_id != task.setter_id and not is_head:
        raise NotAllowed("the setter or a head judges the work", code="not_setter")


def deadline(day: date, hours: WorkTime) -> datetime:
    """Return the instant behind a deadline that names a day only: 18:00 in the office's zone."""
    return datetime.combine(day, END_OF_DAY, ZoneInfo(hours.zone))


def check_reminders(minutes: Iterable[int]) -> tuple[int, ...]:
    """Return the reminders once each, the earliest first; `Invalid` when one is impossible."""
    kept = tuple(sorted(set(minutes), reverse=True))
    if len(kept) > MOST_REMINDERS or any(not 0 <= item <= _LONGEST_LEAD for item in kept):
        raise Invalid(
            f"at most {MOST_REMINDERS} reminders, each 0 to {_LONGEST_LEAD} minutes before",
            fields={"reminders": "range"},
            code="reminders_range",
        )
    return kept


def reminder_moments(task: Task, zone: str) -> dict[datetime, int]:
    """Return when to remind, with the minutes before the deadline; never between 21 and 9.

    Two reminders that the night moves to the same morning are one, the nearer.
    """
    moments: dict[datetime, int] = {}
    for minutes in sorted(task.reminders, reverse=True):
        moments[_by_day(task.due_at - timedelta(minutes=minutes), zone)] = minutes
    return moments


def _by_day(moment: datetime, zone: str) -> datetime:
    local = moment.astimezone(ZoneInfo(zone))
    if _QUIET_TO <= local.time() < _QUIET_FROM:
        return moment
    late = local.time() >= _QUIET_FROM
    morning = local.date() + timedelta(days=1 if late else 0)
    return datetime.combine(morning, _QUIET_TO, ZoneInfo(zone)).astimezone(moment.tzinfo)


def commented(task: Task, comment: Comment) -> Task:
    """Return the task with one more comment; a correction stays beside what it corrects.

    Raises:
        Invalid: the text is empty or too long, the thread is full, or nothing is corrected.
        NotAllowed: the corrected comment is somebody else's.
    """
    if not comment.text.strip() or len(comment.text) > LONGEST_COMMENT:
        raise _comment("comment_length", f"a comment has 1 to {LONGEST_COMMENT} characters")
    if len(task.comments) >= MOST_COMMENTS:
        raise _comment("comments_full", f"a task has at most {MOST_COMMENTS} comments")
    if comment.replaces is not None:
        _check_correction(task, comment.replaces, comment.staff_id)
    return task.model_copy(update={"comments": (*task.comments, comment)})


def _comment(code: str, message: str) -> Invalid:
    return Invalid(message, fields={"text": code}, code=code)


def _check_correction(task: Task, place: int, staff_id: StaffId) -> None:
    first = task.comments[place] if 0 <= place < len(task.comments) else None
    if first is None or first.replaces is not None:
        raise Invalid(
            "there is no such comment", fields={"replaces": "unknown"}, code="comment_unknown"
        )
    if first.staff_id != staff_id:
        raise NotAllowed("only its author corrects a comment", code="comment_foreign")


def thread(task: Task) -> list[Comment]:
    """Return the comments as they read now: each in its first place with its newest text."""
    newest = {item.replaces: item.text for item in task.comments if item.replaces is not None}
    return [
        item.model_copy(update={"text": newest.get(place, item.text)})
        for place, item in enumerate(task.comments)
        if item.replaces is None
    ]
