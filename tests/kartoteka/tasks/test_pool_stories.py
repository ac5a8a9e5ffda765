"""Free leads and leads that change hands; B9, B11, and what each command costs."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from tests.kartoteka.tasks.task_desk import ANNA, BORIS, DAY, HOUR, INNA, MINUTE, VERA, VIKTOR, Work
from tests.kartoteka.tasks.test_routing_stories import changed

from kartoteka.adapters.counted import CountedStore
from kartoteka.domain.access import Operation, can
from kartoteka.domain.errors import Conflict, Invalid, NotAllowed
from kartoteka.domain.routing_rules import RoutingRule
from kartoteka.services.office import Desk


@pytest.fixture
def free(work: Work):
    """Makes free leads, one per call."""
    office = work.desk.settings().office
    changed(work, office, routing=(RoutingRule(id="pool", pool=True),))
    numbers = iter(range(100))

    def make() -> str:
        stored = work.form(None, phone=f"+7916111{next(numbers):04}")
        assert work.lead(stored.lead_id).owner_id is None
        return str(stored.lead_id)

    return make


def test_first_to_take_a_free_lead_wins_and_the_second_hears_the_name(work: Work, free) -> None:
    lead = free()
    assert work.do(ANNA, "lead.take", lead=lead).owner_id == ANNA.id
    assert work.do(ANNA, "lead.take", lead=lead).owner_id == ANNA.id
    with pytest.raises(NotAllowed) as refused:
        work.do(BORIS, "lead.take", lead=lead)

    assert (refused.value.code, refused.value.facts["name"]) == ("already_taken", "Анна Белова")
    assert work.lead(lead).owner_id == ANNA.id


def test_of_many_at_once_exactly_one_takes_it(work: Work, free) -> None:
    lead = free()
    people = [ANNA, BORIS, VERA] * 4

    def attempt(who):
        try:
            return work.do(who, "lead.take", lead=lead).owner_id
        except NotAllowed as exc:
            return exc.code

    with ThreadPoolExecutor(8) as pool:
        got = list(pool.map(attempt, people))

    owner = work.lead(lead).owner_id
    assert set(got) == {owner, "already_taken"}
    winners = [who.id for who, result in zip(people, got, strict=True) if result == owner]
    assert winners == [owner] * 4


def test_sixth_lead_waits_until_the_first_was_called(work: Work, free) -> None:
    leads = [free() for _ in range(6)]
    for lead in leads[:5]:
        work.do(ANNA, "lead.take", lead=lead)
    for name, given in (("lead.take", {}), ("lead.assign", {"owner": ANNA.id})):
        with pytest.raises(NotAllowed) as refused:
            work.do(ANNA, name, lead=leads[5], **given)
        assert (refused.value.code, refused.value.facts["count"]) == ("take_limit", 5)

    work.desk.clock.advance(3 * MINUTE)
    work.calls(direction="out", phone="+79161110000")

    assert work.do(ANNA, "lead.take", lead=leads[5]).owner_id == ANNA.id


def test_closed_lead_is_not_taken(work: Work, free) -> None:
    lead = free()
    work.do(VIKTOR, "lead.move", lead=lead, stage="junk", reason="ошибка")
    with pytest.raises(Invalid) as refused:
        work.do(ANNA, "lead.take", lead=lead)

    assert refused.value.code == "lead_closed"


def test_free_lead_tells_the_head_when_nobody_takes_it(work: Work, free) -> None:
    free()
    work.passes(20 * MINUTE)

    assert "notice_overdue" in work.notices(VIKTOR)


def test_lead_goes_with_its_open_tasks_and_the_old_owner_reads_on(work: Work) -> None:
    lead = work.form(owner=ANNA).lead_id
    mine, done = work.task(ANNA, lead=lead), work.task(ANNA, lead=lead)
    other = work.task(VIKTOR, lead=lead, assignee=BORIS.id)
    work.do(ANNA, "task.finish", task=done.id)
    work.do(ANNA, "lead.hand_over", lead=lead, owner=VERA.id, reason="Сложный случай")

    after = work.lead(lead)
    assert after.owner_id == VERA.id
    assert [work.read(task).assignee_id for task in (mine, done, other)] == [
        VERA.id, ANNA.id, BORIS.id,
    ]  # fmt: skip
    settings, now = work.desk.settings(), work.desk.now()
    reads = [
        can(ANNA, Operation.READ, after, within=settings, now=now + days * DAY) for days in (0, 8)
    ]
    assert reads == [True, False]
    with pytest.raises(NotAllowed):
        work.do(ANNA, "lead.note", lead=lead, note="x")


def test_lead_that_returns_drops_its_owner_from_the_readers(work: Work) -> None:
    lead = work.form(owner=ANNA).lead_id
    for who, owner in ((ANNA, VERA), (VERA, BORIS), (BORIS, VERA)):
        work.do(who, "lead.hand_over", lead=lead, owner=owner.id, reason="так надо")

    readers = work.lead(lead).readers
    assert sorted(item.staff_id for item in readers) == [ANNA.id, BORIS.id, VERA.id]
    work.desk.clock.advance(8 * DAY)
    work.do(VERA, "lead.hand_over", lead=lead, owner=ANNA.id, reason="так надо")
    assert [item.staff_id for item in work.lead(lead).readers] == [VERA.id]


@pytest.mark.parametrize(
    ("who", "given", "code"),
    [
        (ANNA, {"owner": "st_vera", "reason": "  "}, "reason_required"),
        (ANNA, {"owner": "st_nobody", "reason": "x"}, "staff_unknown"),
        (ANNA, {"owner": "st_inna", "reason": "долг"}, "owner_unfit"),
        (BORIS, {"owner": "st_boris", "reason": "хочу"}, "not_yours"),
        (INNA, {"owner": "st_vera", "reason": "x"}, "not_yours"),
    ],
)
def test_impossible_hand_over_is_refused(work: Work, who, given, code) -> None:
    lead = work.form(owner=ANNA).lead_id
    with pytest.raises((Invalid, NotAllowed)) as refused:
        work.do(who, "lead.hand_over", lead=lead, **given)

    assert refused.value.code == code
    assert work.lead(lead).owner_id == ANNA.id


def test_stale_hand_over_is_a_conflict(work: Work) -> None:
    lead = work.form(owner=ANNA).lead_id
    work.desk.clock.advance(HOUR)
    work.do(ANNA, "lead.note", lead=lead, note="новое")
    with pytest.raises(Conflict):
        work.do(VERA, "lead.take", lead=lead, expected=work.after(-HOUR))


def test_hand_over_is_one_change_with_its_reason(work: Work) -> None:
    lead = work.form(owner=ANNA).lead_id
    tasks = [work.task(ANNA, lead=lead) for _ in range(3)]
    before = len(work.desk.store.read_log("changes", None, 100))
    work.do(ANNA, "lead.hand_over", lead=lead, owner=VERA.id, reason="Сложный случай")

    [entry] = work.desk.store.read_log("changes", None, 100)[before:]
    touched = {part["id"] for part in entry.doc["parts"]}
    assert {lead, *(task.id for task in tasks)} <= touched
    assert entry.doc["reason"] == "Сложный случай"


@pytest.mark.parametrize(
    ("name", "reads", "writes"),
    [
        ("task.create", 2, 3),
        ("task.start", 1, 2),
        ("task.finish", 4, 3),
        ("task.comment", 1, 2),
        ("lead.next", 1, 2),
        ("lead.take", 4, 3),
        ("lead.hand_over", 3, 4),
    ],
)
def test_commands_cost_the_same_on_any_base(work: Work, name, reads, writes) -> None:
    """Documents read and written, as Firestore bills them, with one open task on the lead."""
    lead = work.form(owner=ANNA).lead_id
    task = work.task(ANNA, lead=lead, due=work.after(5 * MINUTE))
    work.desk.clock.advance(MINUTE)
    if name == "lead.take":
        changed(work, work.lead(lead), owner_id=None)
    given = {
        "task.create": {"title": "x", "due": work.after(MINUTE), "lead": lead},
        "task.comment": {"task": task.id, "text": "x"},
        "lead.next": {"lead": lead, "what": "call", "due_at": work.after(MINUTE)},
        "lead.take": {"lead": lead},
        "lead.hand_over": {"lead": lead, "owner": VERA.id, "reason": "так надо"},
    }.get(name, {"task": task.id})
    counted = CountedStore(work.desk.store)
    counting = Work(Desk(**{**vars(work.desk), "store": counted}))
    with counted.measure() as ops:
        counting.do(ANNA, name, **given)

    assert (ops.reads, ops.writes) == (reads, writes)
