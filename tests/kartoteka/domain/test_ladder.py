"""The call ladder: nobody leaves a gated stage without an unused call made after entering it."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from kartoteka.domain.change import Actor, ActorKind
from kartoteka.domain.errors import Invalid, NotAllowed, Rejected
from kartoteka.domain.ids import ActivityId, ClientId, LeadId
from kartoteka.domain.ladder import Ladder, Move, Weight, counts, weigh
from kartoteka.domain.model import CallFact, CallStatus, Lead, Source
from kartoteka.services.setup import read_preset

OFFICE = read_preset("law_firm").office
LADDER = Ladder(OFFICE.leads, OFFICE.work)
MONDAY = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)  # 09:00 in Moscow
ANNA = Actor(kind=ActorKind.STAFF, id="st_anna", role="manager")
HEAD = Actor(kind=ActorKind.STAFF, id="st_viktor", role="head")
GATED = {"new", "r1", "r2", "r3"}
WEB = Source(channel="form", name="Сайт-форма")


def lead_on(stage: str, now: datetime = MONDAY) -> Lead:
    blank = Lead(
        id=LeadId("ld_1"),
        client_id=ClientId("cl_1"),
        name="Ирина",
        pipeline="leads_law",
        stage="new",
        stage_entered_at=now,
        first_touch=WEB,
        last_touch=WEB,
        created_at=now,
        updated_at=now,
    )
    return LADDER.enter(blank, LADDER.pipeline.stage(stage), now)


def call(start: datetime, *, ring: float = 5, talk: float = 0, **facts: object) -> CallFact:
    answered = start + timedelta(seconds=ring) if talk else None
    return CallFact(
        status=facts.pop("status", CallStatus.NO_ANSWER),
        client_number="+79161234567",
        started_at=start,
        answered_at=answered,
        ended_at=start + timedelta(seconds=ring + talk),
    )


@pytest.mark.parametrize(
    ("ring", "talk", "status", "weight"),
    [
        (3, 5, CallStatus.ANSWERED, Weight.CONVERSATION),
        (3, 4.9, CallStatus.ANSWERED, Weight.NOTHING),
        (15, 0, CallStatus.MISSED, Weight.ATTEMPT),
        (14.9, 0, CallStatus.MISSED, Weight.NOTHING),
        (1, 0, CallStatus.BUSY, Weight.ATTEMPT),
        (1, 0, CallStatus.REJECTED, Weight.ATTEMPT),
        (1, 0, CallStatus.NO_ANSWER, Weight.ATTEMPT),
    ],
)
def test_call_weighs_by_talk_then_by_ringing(
    ring: float, talk: float, status: CallStatus, weight: Weight
) -> None:
    assert weigh(call(MONDAY, ring=ring, talk=talk, status=status)) is weight


def test_unfinished_call_proves_nothing() -> None:
    ringing = call(MONDAY).model_copy(update={"ended_at": None})

    assert weigh(ringing) is Weight.NOTHING


@pytest.mark.parametrize(
    ("stage", "after"), [("new", "c1"), ("r1", "c1"), ("r2", "c2"), ("r3", "c3")]
)
def test_conversation_moves_a_gated_lead_by_itself(stage: str, after: str) -> None:
    moved = LADDER.after_call(lead_on(stage), Weight.CONVERSATION, MONDAY)

    assert moved.stage == after
    assert moved.next_at == datetime(2026, 11, 23, 10, 0, tzinfo=UTC)  # decide in 4 h


def test_attempt_on_a_new_lead_starts_the_ladder() -> None:
    moved = LADDER.after_call(lead_on("new"), Weight.ATTEMPT, MONDAY)

    assert moved.stage == "r1"
    assert moved.next_at == MONDAY + timedelta(hours=1)


@pytest.mark.parametrize(("stage", "after"), [("r1", "r2"), ("r2", "r3"), ("r3", "def")])
def test_second_attempt_on_a_rung_climbs_to_the_next(stage: str, after: str) -> None:
    once = LADDER.after_call(lead_on(stage), Weight.ATTEMPT, MONDAY)
    twice = LADDER.after_call(once, Weight.ATTEMPT, MONDAY)

    assert (once.stage, once.tries) == (stage, 1)
    assert once.next_at == MONDAY + timedelta(minutes=15)
    assert twice.stage == after


def test_lead_nobody_reached_sleeps_for_thirty_days() -> None:
    once = LADDER.after_call(lead_on("r3"), Weight.ATTEMPT, MONDAY)
    asleep = LADDER.after_call(once, Weight.ATTEMPT, MONDAY)

    assert asleep.reason == "no_answer"
    assert asleep.wake_at == MONDAY + timedelta(days=30)
    assert asleep.next_at == asleep.wake_at


def test_call_before_the_stage_or_used_before_does_not_count() -> None:
    lead = lead_on("r1")
    used = lead.model_copy(update={"used_calls": (ActivityId("ac_1"),)})
    later = call(MONDAY + timedelta(minutes=1))

    assert not counts(lead, ActivityId("ac_2"), call(MONDAY))
    assert not counts(used, ActivityId("ac_1"), later)
    assert counts(used, ActivityId("ac_2"), later)


@pytest.mark.parametrize("stage", sorted(GATED))
@pytest.mark.parametrize("to", ["c1", "qual", "def", "junk"])
def test_manager_cannot_leave_a_gated_stage(stage: str, to: str) -> None:
    with pytest.raises(NotAllowed, match="call only"):
        LADDER.by_hand(lead_on(stage), Move(to=to, reason="передумал клиент"), ANNA, MONDAY)


@pytest.mark.parametrize("reason", ["спам", "Ошибка", " дубль "])
def test_spam_leaves_the_first_stage_without_a_call(reason: str) -> None:
    moved = LADDER.by_hand(lead_on("new"), Move(to="junk", reason=reason), ANNA, MONDAY)

    assert (moved.stage, moved.state, moved.reason) == ("junk", "lost", reason.strip())


def test_head_overrides_with_a_reason_of_ten_characters() -> None:
    with pytest.raises(NotAllowed, match="10 characters"):
        LADDER.by_hand(lead_on("r2"), Move(to="c2", reason="надо"), HEAD, MONDAY)

    moved = LADDER.by_hand(lead_on("r2"), Move(to="c2", reason="говорил лично"), HEAD, MONDAY)
    assert moved.stage == "c2"


def test_stage_that_does_not_lead_there_is_named() -> None:
    with pytest.raises(NotAllowed) as refused:
        LADDER.by_hand(lead_on("c3"), Move(to="r1"), ANNA, MONDAY)

    assert getattr(refused.value.facts["there"], "name_en", "") == "Call again · 1 hour"


def test_junk_needs_a_reason_and_deferral_a_date_within_a_year() -> None:
    with pytest.raises(Invalid) as no_reason:
        LADDER.by_hand(lead_on("c1"), Move(to="junk"), ANNA, MONDAY)
    far = Move(to="def", wake_at=MONDAY + timedelta(days=366))
    with pytest.raises(Invalid) as too_far:
        LADDER.by_hand(lead_on("c1"), far, ANNA, MONDAY)

    assert no_reason.value.fields == {"reason": "required"}
    assert too_far.value.fields == {"wake_at": "wake_range"}


def test_final_lead_is_reopened_by_a_head_only() -> None:
    with pytest.raises(NotAllowed):
        LADDER.by_hand(lead_on("qual"), Move(to="new"), ANNA, MONDAY)

    assert LADDER.by_hand(lead_on("qual"), Move(to="new"), HEAD, MONDAY).stage == "new"


class ManagerAgainstGate(RuleBasedStateMachine):
    """Whatever a manager tries, each exit from a gated stage has an unused call behind it."""

    @initialize()
    def start(self) -> None:
        self.now = MONDAY
        self.lead = lead_on("new")
        self.calls = 0
        self.exits = 0
        self.proofs = 0

    @rule(minutes=st.integers(1, 2000))
    def wait(self, minutes: int) -> None:
        self.now += timedelta(minutes=minutes)

    @rule(talk=st.integers(0, 60), ring=st.integers(0, 40), early=st.booleans())
    def ring_client(self, talk: int, ring: int, early: bool) -> None:
        start = self.lead.stage_entered_at - timedelta(hours=1) if early else self.now
        self.calls += 1
        fact = call(start, ring=ring, talk=talk, status=CallStatus.MISSED)
        name = ActivityId(f"ac_{self.calls}")
        if not counts(self.lead, name, fact):
            return
        before = self.lead
        moved = LADDER.after_call(before, weigh(fact), self.now)
        if moved is before:
            return
        assert not early
        self.lead = moved.model_copy(update={"used_calls": (*before.used_calls, name)})
        if moved.stage != before.stage and before.stage in GATED:
            self.exits += 1
            self.proofs += 1

    @rule(
        to=st.sampled_from([stage.id for stage in OFFICE.leads.stages]),
        reason=st.sampled_from(["", "спам", "клиент передумал совсем"]),
    )
    def move_by_hand(self, to: str, reason: str) -> None:
        before = self.lead
        try:
            self.lead = LADDER.by_hand(before, Move(to=to, reason=reason), ANNA, self.now)
        except Rejected:
            self.lead = before
        excused = before.stage == "new" and self.lead.stage == "junk" and reason == "спам"
        if before.stage in GATED and self.lead.stage != before.stage and not excused:
            self.exits += 1

    @invariant()
    def every_exit_has_a_call(self) -> None:
        if hasattr(self, "lead"):
            assert self.exits == self.proofs
            assert len(set(self.lead.used_calls)) == len(self.lead.used_calls)


ManagerAgainstGate.TestCase.settings = settings(max_examples=60, stateful_step_count=20)
TestManagerAgainstGate = ManagerAgainstGate.TestCase
