"""Tasks between people: given, started, checked, split, commented, cancelled; E1-E9."""

from datetime import UTC, datetime

import pytest
from tests.kartoteka.tasks.task_desk import ANNA, BORIS, DAY, HOUR, INNA, VIKTOR, Work

from kartoteka.domain.errors import Conflict, Invalid, NotAllowed, NotFound
from kartoteka.domain.tasks_rules import thread


def personal(work: Work, **given):
    return work.task(ANNA, personal=True, **given)


def test_deadline_that_names_a_day_is_six_in_the_evening_of_the_office(work: Work) -> None:
    assert personal(work, due="2026-11-25").due_at == datetime(2026, 11, 25, 15, tzinfo=UTC)
    assert personal(work, due="2026-11-25T00:00:00+03:00").due_at.hour == 21


@pytest.mark.parametrize("due", ["2026-11-22", "2026-11-23T08:59:00+03:00", "2028-01-01"])
def test_deadline_in_the_past_or_beyond_a_year_is_refused(work: Work, due) -> None:
    with pytest.raises(Invalid) as refused:
        personal(work, due=due)

    assert (refused.value.code, list(refused.value.fields)) == ("due_range", ["due"])


def test_task_belongs_to_exactly_one_record_or_is_personal(work: Work) -> None:
    lead = work.form().lead_id
    for given in ({}, {"lead": lead, "personal": True}, {"lead": lead, "client": "x"}):
        with pytest.raises(Invalid) as refused:
            work.task(ANNA, **given)
        assert refused.value.code == "task_link"
    with pytest.raises(NotFound):
        work.task(ANNA, deal="dl_none")


def test_task_about_a_lead_knows_its_client_and_number_and_becomes_the_next_action(
    work: Work,
) -> None:
    lead = work.lead(work.form().lead_id)
    task = work.task(ANNA, lead=lead.id, what="call", due=work.after(HOUR / 6))

    after = work.lead(lead.id)
    assert (task.client_id, task.phone) == (lead.client_id, "+79161234567")
    assert (after.next_action.task_id, after.next_at) == (task.id, task.due_at)


def test_later_task_leaves_the_next_action_alone(work: Work) -> None:
    before = work.lead(work.form().lead_id)
    work.task(ANNA, lead=before.id, due=work.after(3 * DAY))

    assert work.lead(before.id).next_action == before.next_action


def test_assignee_and_watchers_are_told_the_setter_is_not(work: Work) -> None:
    lead = work.form().lead_id
    work.task(VIKTOR, lead=lead, assignee=BORIS.id, watchers=[ANNA.id, VIKTOR.id])

    assert work.notices(BORIS) == ["notice_task_given"]
    assert work.notices(ANNA) == ["notice_task_watch"]
    assert work.notices(VIKTOR) == []


def test_nobody_else_sees_or_touches_a_personal_task(work: Work) -> None:
    task = personal(work)
    with pytest.raises(NotAllowed):
        work.do(VIKTOR, "task.finish", task=task.id)
    with pytest.raises(Invalid) as refused:
        work.task(ANNA, personal=True, assignee=BORIS.id)

    assert refused.value.code == "task_personal"


def test_checked_work_goes_to_its_setter_and_back_until_it_is_good(work: Work) -> None:
    lead = work.form().lead_id
    task = work.task(VIKTOR, lead=lead, assignee=BORIS.id, needs_review=True)
    assert work.do(BORIS, "task.start", task=task.id).state == "working"
    assert work.do(BORIS, "task.finish", task=task.id, result="отправил").state == "review"
    with pytest.raises(NotAllowed) as refused:
        work.do(BORIS, "task.accept", task=task.id)
    assert refused.value.code == "not_setter"

    assert work.do(VIKTOR, "task.return", task=task.id, reason="Нет печати").state == "returned"
    work.do(BORIS, "task.start", task=task.id)
    work.do(BORIS, "task.finish", task=task.id)
    done = work.do(VIKTOR, "task.accept", task=task.id)

    assert (done.state, done.done_at) == ("done", work.desk.now())
    assert "notice_task_returned" in work.notices(BORIS)
    assert "notice_task_review" in work.notices(VIKTOR)


def test_setter_who_does_the_work_needs_no_check(work: Work) -> None:
    task = work.task(VIKTOR, lead=work.form().lead_id, needs_review=True)

    assert work.do(VIKTOR, "task.finish", task=task.id).state == "done"


def test_assignee_cannot_switch_the_check_off_or_take_the_task_back(work: Work) -> None:
    task = work.task(VIKTOR, lead=work.form().lead_id, assignee=BORIS.id, needs_review=True)
    for name, given in (("task.edit", {"needs_review": False}), ("task.cancel", {})):
        with pytest.raises(NotAllowed) as refused:
            work.do(BORIS, name, task=task.id, **given)
        assert refused.value.code == "not_setter"


def test_done_task_stays_done(work: Work) -> None:
    task = personal(work)
    first = work.do(ANNA, "task.finish", task=task.id)
    assert work.do(ANNA, "task.finish", task=task.id) == first
    for name, given in (("task.cancel", {}), ("task.start", {}), ("task.edit", {"title": "x"})):
        with pytest.raises(Invalid) as refused:
            work.do(ANNA, name, task=task.id, **given)
        assert refused.value.code == "task_closed"


def test_stale_edit_is_a_conflict(work: Work) -> None:
    task = personal(work)
    work.desk.clock.advance(HOUR / 60)
    work.do(ANNA, "task.edit", task=task.id, title="Новое", expected=work.after(-HOUR / 60))
    with pytest.raises(Conflict) as refused:
        work.do(ANNA, "task.edit", task=task.id, title="x", expected=work.after(-HOUR / 60))

    assert (refused.value.code, work.read(task).title) == ("stale", "Новое")


def test_new_deadline_moves_the_next_action_but_never_behind_the_ladder(work: Work) -> None:
    lead = work.lead(work.form().lead_id)
    task = work.task(ANNA, lead=lead.id, due=work.after(HOUR / 12))
    work.do(ANNA, "task.edit", task=task.id, due=work.after(HOUR / 6))
    assert work.lead(lead.id).next_at == work.desk.now() + HOUR / 6

    work.do(ANNA, "task.edit", task=task.id, due=work.after(30 * DAY))

    after = work.lead(lead.id)
    assert (after.next_action.what, after.next_at) == ("first_contact", lead.next_at)


def test_parent_closes_with_its_last_subtask(work: Work) -> None:
    parent = personal(work, title="Собрать документы")
    first, second = (personal(work, parent=parent.id, title=name) for name in ("а", "б"))
    with pytest.raises(Invalid) as refused:
        work.do(ANNA, "task.finish", task=parent.id)
    assert refused.value.code == "subtasks_open"

    work.do(ANNA, "task.finish", task=first.id)
    assert work.read(parent).state == "open"
    work.do(ANNA, "task.cancel", task=second.id)

    assert (work.read(parent).state, work.read(parent).result) == ("done", "subtasks")


def test_parent_that_is_checked_waits_for_its_setter(work: Work) -> None:
    lead = work.form().lead_id
    parent = work.task(VIKTOR, lead=lead, assignee=BORIS.id, needs_review=True)
    child = work.task(BORIS, parent=parent.id)
    assert child.lead_id == lead
    with pytest.raises(Invalid) as refused:
        work.do(BORIS, "task.finish", task=parent.id)
    assert refused.value.code == "subtasks_open"

    work.do(BORIS, "task.finish", task=child.id)

    assert work.read(parent).state == "review"


def test_subtasks_have_one_level_and_no_circles(work: Work) -> None:
    parent, other = personal(work), personal(work)
    child = personal(work, parent=parent.id)
    attempts = [
        lambda: personal(work, parent=child.id),
        lambda: work.do(ANNA, "task.edit", task=parent.id, parent=other.id),
        lambda: work.do(ANNA, "task.edit", task=other.id, parent=other.id),
        lambda: work.do(ANNA, "task.edit", task=parent.id, parent=child.id),
    ]
    for attempt in attempts:
        with pytest.raises(Invalid) as refused:
            attempt()
        assert refused.value.code == "subtask_depth"
    assert work.do(ANNA, "task.edit", task=child.id, parent="").parent_id is None


def test_cancelled_task_takes_its_subtasks_along(work: Work) -> None:
    lead = work.form().lead_id
    parent = work.task(ANNA, lead=lead)
    children = [work.task(ANNA, parent=parent.id, due=work.after(HOUR / 9)) for _ in range(3)]

    work.do(ANNA, "task.cancel", task=parent.id, reason="передумали")

    assert {work.read(item).state for item in (parent, *children)} == {"cancelled"}
    assert work.lead(lead).next_action.task_id is None


def test_corrected_comment_keeps_its_first_words(work: Work) -> None:
    task = work.task(ANNA, lead=work.form().lead_id, watchers=[INNA.id])
    work.do(ANNA, "task.comment", task=task.id, text="Звонил")
    work.do(INNA, "task.comment", task=task.id, text="=IMPORTXML(1)")
    work.do(ANNA, "task.comment", task=task.id, text="Звонила", replaces=0)

    kept = work.read(task)
    assert [item.text for item in kept.comments] == ["Звонил", "=IMPORTXML(1)", "Звонила"]
    assert [item.text for item in thread(kept)] == ["Звонила", "=IMPORTXML(1)"]
    assert "notice_task_comment" in work.notices(ANNA)


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"text": "  "}, "comment_length"),
        ({"text": "x", "replaces": 7}, "comment_unknown"),
        ({"text": "x", "replaces": 0}, "comment_foreign"),
    ],
)
def test_impossible_comment_is_refused(work: Work, given, code) -> None:
    task = work.task(ANNA, lead=work.form().lead_id, watchers=[INNA.id])
    work.do(ANNA, "task.comment", task=task.id, text="Моё")
    with pytest.raises((Invalid, NotAllowed)) as refused:
        work.do(INNA, "task.comment", task=task.id, **given)

    assert refused.value.code == code


def test_stranger_cannot_comment(work: Work) -> None:
    task = work.task(ANNA, lead=work.form().lead_id)
    with pytest.raises(NotAllowed):
        work.do(BORIS, "task.comment", task=task.id, text="x")


def test_setter_and_watchers_hear_that_it_is_done(work: Work) -> None:
    lead = work.form().lead_id
    task = work.task(VIKTOR, lead=lead, assignee=BORIS.id, watchers=[ANNA.id])
    work.do(BORIS, "task.finish", task=task.id)

    assert work.notices(VIKTOR) == ["notice_task_done"]
    assert set(work.notices(ANNA)) == {"notice_task_watch", "notice_task_done"}


def test_unknown_people_are_named(work: Work) -> None:
    for field in ("assignee", "watchers"):
        value = "st_nobody" if field == "assignee" else ["st_nobody"]
        with pytest.raises(Invalid) as refused:
            work.task(ANNA, lead=work.form().lead_id, **{field: value})
        assert refused.value.fields == {field: "staff_unknown"}
