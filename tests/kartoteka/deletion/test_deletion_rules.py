"""Timers, tasks and calls of records that were deleted and came back."""

import pytest
from tests.kartoteka.deletion.deletion_desk import WHY
from tests.kartoteka.tasks.task_desk import ANNA, DAY, HOUR, MINUTE, OLGA, Work

from kartoteka.domain.batch import Batch
from kartoteka.domain.model import Timer
from kartoteka.ports import Query
from kartoteka.services.office import Desk


@pytest.fixture
def work(desk: Desk) -> Work:
    return Work(desk)


def delete(work: Work, kind: str, record_id: str | None, **given: object) -> Batch:
    work.passes(MINUTE)
    return work.do(OLGA, f"{kind}.delete", **{kind: record_id, "reason": WHY, **given})


def waiting(work: Work) -> list[str]:
    found = (Timer.model_validate(hit.doc) for hit in work.desk.store.query(Query("timers")))
    return sorted(item.rule for item in found if item.state == "pending")


def test_rules_leave_a_deleted_lead_alone_and_remind_of_it_when_it_is_back(work: Work) -> None:
    stored = work.form(ANNA)
    batch = delete(work, "lead", stored.lead_id)
    work.jumps(2 * HOUR)
    assert work.tasks() == []
    assert waiting(work) == []

    work.do(OLGA, "batch.undo", batch=batch.id)
    work.jumps(MINUTE)

    [task] = work.tasks()
    assert (task.what, task.lead_id) == ("first_contact", stored.lead_id)
    assert work.lead(stored.lead_id).next_action.task_id == task.id


def test_reminder_of_a_task_that_came_back_comes(work: Work) -> None:
    stored = work.form(ANNA)
    task = work.task(ANNA, lead=stored.lead_id, due=work.after(DAY), reminders=[0])
    batch = delete(work, "task", task.id)
    work.jumps(HOUR)
    work.do(OLGA, "batch.undo", batch=batch.id)
    work.jumps(DAY)

    assert "notice_due" in work.notices(ANNA)


def test_a_call_that_came_back_with_its_client_settles_nothing_anew(work: Work) -> None:
    stored = work.calls(talk=60)
    work.passes(HOUR)
    work.calls(talk=0)
    work.passes(HOUR)
    [open_one] = [task for task in work.tasks() if task.what == "callback"]
    batch = delete(work, "client", stored.client_id)
    work.jumps(MINUTE)
    assert work.tasks() == []

    work.do(OLGA, "batch.undo", batch=batch.id)
    work.jumps(MINUTE)

    assert [task for task in work.tasks() if task.what == "callback"] == [open_one]


def test_a_deal_that_came_back_gives_no_deleted_task_again(work: Work) -> None:
    given = {"name": "Наследство", "client": work.form(ANNA).client_id, "deal_type": "Наследство"}
    deal = work.do(ANNA, "deal.create", **given)
    work.settle()
    [asked] = [task for task in work.tasks() if task.deal_id == deal.id]
    step = {"what": "call", "due_at": work.after(DAY)}
    delete(work, "task", asked.id, next=step)
    batch = delete(work, "deal", deal.id)

    work.do(OLGA, "batch.undo", batch=batch.id)
    work.passes(MINUTE)

    assert [task for task in work.tasks() if task.deal_id == deal.id] == []


def test_a_missed_call_of_a_client_deleted_meanwhile_is_nobodys_task(work: Work) -> None:
    stored = work.calls(talk=0)
    work.do(OLGA, "client.delete", client=stored.client_id, reason=WHY)

    work.jumps(HOUR)

    assert work.tasks() == []
