"""Finish what a call or a move has settled."""

from automation.rules import FinishCallBacks, FinishSteps
from kartoteka.domain.change import Actor
from kartoteka.domain.model import Task
from kartoteka.domain.tasks_rules import ACTIVE
from kartoteka.ports import Query, Where
from kartoteka.services import tasks
from kartoteka.services.office import Desk

_STEPS = {"first_contact", "call", "decide", "wake", "wait"}  # what a stage or a wait asks for


def finish_call_backs(desk: Desk, plan: FinishCallBacks, actor: Actor, cause: str) -> None:
    """Mark the client's open call-backs as done, with the conversation as evidence."""
    for task in tasks.open_of_client(desk, plan.client_id, "callback"):
        tasks.finish(desk, actor, task.id, cause=cause, result="called", evidence=plan.evidence)


def finish_steps(desk: Desk, plan: FinishSteps, actor: Actor, cause: str) -> None:
    """Mark what the lead's last stage asked for as done; what people gave each other stays."""
    active = Where("state", "in", tuple(sorted(ACTIVE)))
    where = (Where("lead_id", "==", plan.lead_id), active)
    for found in desk.store.query(Query("tasks", where)):
        task = Task.model_validate(found.doc)
        if task.what in _STEPS and task.setter_id is None:
            tasks.finish(desk, actor, task.id, cause=cause, result="moved", evidence=plan.evidence)
