"""«What next?»: every open record has exactly one next action; C10, E10, E11, N1."""

from datetime import timedelta

import pytest
from tests.kartoteka.tasks.task_desk import ANNA, BORIS, DAY, HOUR, MINUTE, VIKTOR, Work

from automation import nightly
from kartoteka.domain.counters import Counters
from kartoteka.domain.deal import Deal
from kartoteka.domain.errors import Invalid, NotAllowed
from kartoteka.domain.model import Lead
from kartoteka.domain.next_step import is_kept


def deal(work: Work) -> Deal:
    """A deal on its first stage, with the stage's own tasks given."""
    client = work.lead(work.form().lead_id).client_id
    made = work.do(
        VIKTOR, "deal.create", name="Договор", client=client, owner=ANNA.id, deal_type="Аудит"
    )
    work.settle()
    return work.deal(made.id)


def close_all_but_one(work: Work, made: Deal) -> str:
    """Finish the deal's tasks until one is left, which then is its next action."""
    given = [task for task in work.tasks() if task.deal_id == made.id and task.state == "open"]
    for task in given[1:]:
        work.do(VIKTOR, "task.finish", task=task.id)
    return given[0].id


def test_last_action_of_a_deal_asks_what_is_next(work: Work) -> None:
    made = deal(work)
    last = close_all_but_one(work, made)
    with pytest.raises(Invalid) as refused:
        work.do(VIKTOR, "task.finish", task=last)
    assert (refused.value.code, list(refused.value.fields)) == ("what_next", ["next"])
    with pytest.raises(Invalid, match="what is next"):
        work.do(VIKTOR, "task.cancel", task=last)

    step = {"what": "meeting", "due_at": work.after(DAY)}
    work.do(VIKTOR, "task.finish", task=last, next=step)

    after = work.deal(made.id)
    assert (after.next_action.what, after.next_at) == ("meeting", work.desk.now() + DAY)


def test_another_open_task_is_the_answer(work: Work) -> None:
    made = deal(work)
    last = close_all_but_one(work, made)
    other = work.task(VIKTOR, deal=made.id, due=work.after(3 * DAY))

    work.do(VIKTOR, "task.finish", task=last)

    assert work.deal(made.id).next_action.task_id == other.id


def test_next_task_of_a_series_is_the_answer(work: Work) -> None:
    made = deal(work)
    last = close_all_but_one(work, made)
    weekly = work.task(VIKTOR, deal=made.id, repeats="FREQ=WEEKLY")
    work.do(VIKTOR, "task.finish", task=last)
    work.do(VIKTOR, "task.finish", task=weekly.id)

    after = work.deal(made.id)
    assert after.next_at == weekly.due_at + 7 * DAY
    assert after.next_action.task_id not in {None, weekly.id}


def test_ladder_stage_answers_by_itself(work: Work) -> None:
    lead = work.form().lead_id
    task = work.task(ANNA, lead=lead, due=work.after(MINUTE))

    work.do(ANNA, "task.finish", task=task.id)

    assert work.lead(lead).next_action.what == "first_contact"


@pytest.mark.parametrize("delay", [timedelta(0), -DAY, 366 * DAY])
def test_impossible_time_for_the_next_step_is_refused(work: Work, delay) -> None:
    made = deal(work)
    with pytest.raises(Invalid) as refused:
        work.do(VIKTOR, "deal.next", deal=made.id, what="call", due_at=work.after(delay))

    assert refused.value.code == "due_range"


def test_gate_is_not_waited_out_nor_put_off(work: Work) -> None:
    lead = work.lead(work.form().lead_id)
    with pytest.raises(NotAllowed) as refused:
        work.do(ANNA, "lead.next", lead=lead.id, what="wait", due_at=work.after(30 * DAY))
    assert refused.value.code == "stage_needs_call"

    work.do(ANNA, "lead.next", lead=lead.id, what="letter", due_at=work.after(30 * DAY))

    assert work.lead(lead.id).next_action.what == "first_contact"


def waiting_lead(work: Work) -> Lead:
    lead = work.form().lead_id
    work.desk.clock.advance(3 * MINUTE)
    work.calls(talk=60, direction="out")
    return work.do(ANNA, "lead.next", lead=lead, what="wait", due_at=work.after(3 * DAY))


def test_waiting_hides_a_lead_until_the_client_writes(work: Work) -> None:
    lead = waiting_lead(work)
    assert work.do(ANNA, "task.counters") == Counters()
    work.jumps(DAY)
    assert work.do(ANNA, "task.counters") == Counters()

    work.writes()

    after = work.lead(lead.id)
    assert (after.wait_until, after.next_at) == (None, work.desk.now())
    work.desk.clock.advance(MINUTE)
    assert work.do(ANNA, "task.counters").overdue == 1


@pytest.mark.parametrize(("talk", "direction"), [(60, "in"), (0, "in"), (60, "out")])
def test_call_ends_the_wait(work: Work, talk, direction) -> None:
    lead = waiting_lead(work)
    work.desk.clock.advance(HOUR)
    work.calls(talk=talk, direction=direction)

    assert work.lead(lead.id).wait_until is None


def test_unanswered_call_of_ours_leaves_the_wait(work: Work) -> None:
    lead = waiting_lead(work)
    work.desk.clock.advance(HOUR)
    work.calls(talk=0, direction="out")

    assert work.lead(lead.id).wait_until == lead.wait_until


def test_wait_that_is_over_asks_the_owner(work: Work) -> None:
    lead = waiting_lead(work)
    work.jumps(3 * DAY)

    assert "notice_wait" in work.notices(ANNA)
    assert work.lead(lead.id).next_action.what == "wait"
    assert [task.what for task in work.tasks() if task.state == "open"] == ["wait"]


def test_message_clears_the_wait_of_a_deal(work: Work) -> None:
    made = deal(work)
    work.do(VIKTOR, "deal.next", deal=made.id, what="wait", due_at=work.after(5 * DAY))
    work.desk.clock.advance(HOUR)

    work.writes()

    assert work.deal(made.id).wait_until is None
    assert work.deal(made.id).next_at == work.desk.now()


def test_counters_tell_today_overdue_and_nothing_else(work: Work) -> None:
    lead = work.form().lead_id  # first contact is due today
    work.task(ANNA, personal=True, due=work.after(HOUR))
    work.task(ANNA, personal=True, due=work.after(DAY))
    work.task(VIKTOR, lead=lead, assignee=BORIS.id, due=work.after(2 * HOUR))
    assert work.do(ANNA, "task.counters") == Counters(today=2)

    work.desk.clock.advance(3 * HOUR)

    assert work.do(ANNA, "task.counters") == Counters(overdue=2)
    assert work.do(BORIS, "task.counters") == Counters(overdue=1)
    assert work.do(VIKTOR, "task.counters", person=ANNA.id) == Counters(overdue=1)  # not personal


def spoil(work: Work, record: Lead | Deal) -> None:
    """Take the next action away, as a fault or an old import would have left it."""
    bare = record.model_copy(update={"next_action": None, "next_at": None})
    doc = bare.model_dump(mode="json")
    work.desk.store.run(lambda tx: tx.put(record.collection, record.id, doc))


def test_night_repairs_what_has_no_next_action_and_tells_the_head(work: Work) -> None:
    made, lead = deal(work), work.lead(work.form(phone="+79990000001").lead_id)
    for record in (made, lead):
        spoil(work, record)
    assert work.do(ANNA, "task.counters").unplanned == 2

    assert nightly.run(work.desk) == {"leads": 1, "deals": 1, "unrepaired": 0}

    assert is_kept(work.lead(lead.id))
    assert is_kept(work.deal(made.id))
    assert work.notices(VIKTOR).count("notice_repaired") == 1
    assert nightly.run(work.desk) == {"leads": 0, "deals": 0, "unrepaired": 0}


def test_counters_see_every_unplanned_record_beyond_a_page(work: Work) -> None:
    leads = [work.lead(work.form(phone=f"+799900000{n:02}").lead_id) for n in range(13)]
    for lead in leads[:12]:
        spoil(work, lead)

    assert work.do(ANNA, "task.counters") == Counters(today=1, unplanned=12)
    assert nightly.run(work.desk)["leads"] == 12
    assert work.do(ANNA, "task.counters").unplanned == 0


def test_night_goes_on_past_a_record_whose_pipeline_is_gone(work: Work) -> None:
    lost, lead = (work.lead(work.form(phone=f"+7999000000{n}").lead_id) for n in (1, 2))
    spoil(work, lost.model_copy(update={"pipeline": "dropped"}))
    spoil(work, lead)

    assert nightly.run(work.desk) == {"leads": 1, "deals": 0, "unrepaired": 1}
    assert is_kept(work.lead(lead.id))
