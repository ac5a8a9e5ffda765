"""Columns of tasks."""

from kartoteka.domain.tasks_rules import ACTIVE
from kartoteka.ports import CellValue
from sync.columns import Column, Frame, Kind, View, name_of
from sync.shelf.attached import files_of, marked
from sync.shelf.cards import card_of
from sync.shelf.requests import reach_of


def _title(view: View, frame: Frame) -> CellValue:
    return marked(view.task.title, view, frame) if view.task is not None else ""


def _assignee(view: View, frame: Frame) -> CellValue:
    return frame.person(view.task.assignee_id) if view.task is not None else ""


def _due(view: View, frame: Frame) -> CellValue:
    return frame.date(view.task.due_at if view.task is not None else None)


def _state(view: View, frame: Frame) -> CellValue:
    return frame.say(f"state_{view.task.state}") if view.task is not None else ""


def _client(view: View, frame: Frame) -> CellValue:
    if view.lead is not None and not frame.lets(view, ("lead.name",)):
        return ""
    if view.lead is None and not frame.lets(view, ("client.name",)):
        return ""
    return name_of(view, frame)


def states(frame: Frame) -> list[str]:
    """Return what a person may choose as the state of a task."""
    return [frame.say("state_open"), frame.say("state_done")]


def is_to_do(view: View, _frame: Frame) -> bool:
    """Return whether the task is not closed."""
    return view.task is not None and view.task.state in ACTIVE


def is_mine(view: View, frame: Frame) -> bool:
    """Return whether the reader has to do it, or to judge it."""
    task = view.task
    if task is None or not is_to_do(view, frame):
        return False
    judged = task.state == "review" and task.setter_id == frame.reader.id
    return judged or task.assignee_id in frame.circle


WHAT = Column("what", "what", 260, _title, reads=("task.title",), link=files_of)
CLIENT = Column("client", "client", 190, _client, reads=("task.client_id",), link=card_of)
PHONE = Column(
    "phone", "phone", 130, reach_of, reads=("task.phone", "client.phones", "client.emails")
)
WHO = Column("who", "who", 150, _assignee, reads=("task.assignee_id",))
DUE = Column("due", "due", 125, _due, Kind.DATE, reads=("task.due_at",))
STATE = Column(
    "state", "state", 110, _state, Kind.CHOICE,
    editable=True, choices=states, reads=("task.state",),
)  # fmt: skip
