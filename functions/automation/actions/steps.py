"""Finish what a call or a move has settled."""

from automation.actions.call_back import call_back_id
from automation.rules import FinishCallBacks, FinishSteps
from kartoteka.domain.change import Actor
from kartoteka.domain.ids import TaskId
from kartoteka.domain.instant import spell
from kartoteka.domain.model import Activity, CallStatus, Task
from kartoteka.domain.tasks_rules import ACTIVE
from kartoteka.ports import Order, Query, Where
from kartoteka.services import tasks
from kartoteka.services.office import Desk

_LOOKED_AT = 20  # newest activities of a client
_STEPS = {"first_contact", "call", "decide", "wake", "wait"}  # what a stage or a wait asks for


def finish_call_backs(desk: Desk, plan: FinishCallBacks, actor: Actor, cause: str) -> None:
    """Mark the client's open call-backs as done, with the conversation as evidence.

    A call that was missed after the conversation still wants its own: events arrive late.
    """
    waiting = tasks.open_of_client(desk, plan.client_id, "callback")
    later = _missed_after(desk, plan) if waiting else set()
    for task in waiting:
        if task.id not in later:
            tasks.finish(desk, actor, task.id, cause=cause, result="called", evidence=plan.evidence)


def _missed_after(desk: Desk, plan: FinishCallBacks) -> set[TaskId]:
    """Return the call-backs that the client asked for, or missed us with, after the talk."""
    found = desk.store.get(Activity.collection, plan.evidence)
    if found is None:
        return set()
    talk = Activity.model_validate(found)
    answered = talk.call.answered_at if talk.call else None
    since = Where("at", ">", spell(max(talk.at, answered or talk.at)))
    where = (Where("client_id", "==", plan.client_id), since)
    query = Query(Activity.collection, where, (Order("at", descending=True),), _LOOKED_AT)
    later = (Activity.model_validate(hit.doc) for hit in desk.store.query(query))
    missed = (item.id for item in later if item.what == "callback" or _is_missed(item))
    return {call_back_id(activity_id) for activity_id in missed}


def _is_missed(item: Activity) -> bool:
    return item.call is not None and item.call.status is CallStatus.MISSED


def finish_steps(desk: Desk, plan: FinishSteps, actor: Actor, cause: str) -> None:
    """Mark what the lead's last stage asked for as done; what people gave each other stays."""
    active = Where("state", "in", tuple(sorted(ACTIVE)))
    where = (Where("lead_id", "==", plan.lead_id), active)
    for found in desk.store.query(Query("tasks", where)):
        task = Task.model_validate(found.doc)
        if task.what in _STEPS and task.setter_id is None:
            tasks.finish(desk, actor, task.id, cause=cause, result="moved", evidence=plan.evidence)
