"""Commands on tasks and on the notices about them."""

from kartoteka.domain.change import Actor
from kartoteka.domain.model import Notice, Task, Value
from kartoteka.services import notices, task_making, tasks
from kartoteka.services.commands import Command, Registry
from kartoteka.services.office import Desk
from kartoteka.services.task_forms import (
    AcceptTask,
    CancelTask,
    CommentTask,
    CreateTask,
    EditTask,
    FinishTask,
    Id,
    OneTask,
    ReturnTask,
)


class SeenNotice(Value):
    """A notice that its person has read."""

    notice: Id


def _create(desk: Desk, actor: Actor, form: CreateTask, cause: str) -> Task:
    return task_making.give(desk, actor, form, cause=cause)


def _edit(desk: Desk, actor: Actor, form: EditTask, cause: str) -> Task:
    return task_making.edit(desk, actor, form, cause=cause)


def _comment(desk: Desk, actor: Actor, form: CommentTask, cause: str) -> Task:
    return task_making.comment(desk, actor, form, cause=cause)


def _start(desk: Desk, actor: Actor, form: OneTask, cause: str) -> Task:
    return tasks.start(desk, actor, form.task, cause=cause, expected=form.expected)


def _finish(desk: Desk, actor: Actor, form: FinishTask, cause: str) -> Task:
    return tasks.finish(
        desk,
        actor,
        form.task,
        cause=cause,
        result=form.result,
        given=form.next,
        expected=form.expected,
    )


def _accept(desk: Desk, actor: Actor, form: AcceptTask, cause: str) -> Task:
    return tasks.accept(
        desk, actor, form.task, cause=cause, given=form.next, expected=form.expected
    )


def _return(desk: Desk, actor: Actor, form: ReturnTask, cause: str) -> Task:
    return tasks.send_back(
        desk, actor, form.task, reason=form.reason, cause=cause, expected=form.expected
    )


def _cancel(desk: Desk, actor: Actor, form: CancelTask, cause: str) -> Task:
    return tasks.cancel(
        desk,
        actor,
        form.task,
        cause=cause,
        reason=form.reason,
        given=form.next,
        expected=form.expected,
    )


def _seen(desk: Desk, actor: Actor, form: SeenNotice, cause: str) -> Notice:
    return notices.mark_seen(desk, actor, form.notice, cause=cause)


TASK_COMMANDS: Registry = {
    "notice.seen": Command("say that a notice was read", SeenNotice, _seen),
    "task.accept": Command("find finished work good", AcceptTask, _accept),
    "task.cancel": Command("take a task back", CancelTask, _cancel),
    "task.comment": Command("add words to a task, or correct your own", CommentTask, _comment),
    "task.create": Command("give somebody a task", CreateTask, _create),
    "task.edit": Command("change a task", EditTask, _edit),
    "task.finish": Command("finish a task", FinishTask, _finish),
    "task.return": Command("give finished work back", ReturnTask, _return),
    "task.start": Command("take a task in work", OneTask, _start),
}
