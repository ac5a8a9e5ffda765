"""Deals under every order of acts: an independent model of what the law firm forbids."""

from contextlib import suppress
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from kartoteka.domain.change import Actor, ActorKind
from kartoteka.domain.deal import Deal, Payment
from kartoteka.domain.deal_flow import DealRules, Step, called, time_in
from kartoteka.domain.errors import Rejected
from kartoteka.domain.guards import DealMove
from kartoteka.domain.ids import ActivityId, ClientId, DealId
from kartoteka.services.setup import read_preset

OFFICE = read_preset("law_firm").office
HIRING = OFFICE.pipeline("hiring").model_copy(update={"active": True})
LAW = DealRules(OFFICE.deals, OFFICE.work)
PROCESS = DealRules(HIRING, OFFICE.work)
MONDAY = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)
PEOPLE = {
    role: Actor(kind=ActorKind.STAFF, id=f"st_{role}", role=role)
    for role in ("manager", "executor", "accountant", "head")
}
HANDS = {
    "manager": {"kp", "wait", "again", "contract", "def"},
    "executor": {"work"},
    "accountant": {"report", "pay"},
}
STAGES = [stage.id for stage in OFFICE.deals.stages]
WORDS = st.sampled_from(["", "Дорого", "Другое", "Передумал", "Клиент пришёл в офис сам"])


BLANK = Deal(
    id=DealId("dl_1"),
    client_id=ClientId("cl_1"),
    name="Дело",
    deal_type="Наследство",
    pipeline="deals_law",
    stage="kp",
    stage_entered_at=MONDAY,
    stage_version=0,
    created_at=MONDAY,
    updated_at=MONDAY,
)
FILES = ("offer_file", "signed_file", "result_file", "invoice")
FULL = {
    "contractor": "Эксперт",
    "amount_minor": 100,
    "evidence": dict.fromkeys(FILES, "drive:1"),
}


class DealMachine(RuleBasedStateMachine):
    """Anybody tries anything; what succeeds is compared with the law."""

    def __init__(self) -> None:
        super().__init__()
        self.now = MONDAY
        self.calls: list[tuple[ActivityId, datetime]] = []
        self.steps: list[tuple[str, str, str]] = []  # who, from, to
        self.deal = BLANK

    @initialize(full=st.booleans())
    def a_deal_starts(self, full: bool) -> None:
        blank = BLANK.model_copy(update=FULL if full else {})
        self.deal = LAW.enter(blank, OFFICE.deals.first, Step(by="st_manager", at=self.now))

    @property
    def flow(self) -> DealRules:
        return LAW if self.deal.pipeline == "deals_law" else PROCESS

    def keep(self, who: str, after: Deal) -> None:
        if after.stage_version != self.deal.stage_version:
            self.steps.append((who, self.deal.stage, after.stage))
        self.deal = after

    @rule(minutes=st.integers(1, 3000))
    def time_passes(self, minutes: int) -> None:
        self.now += timedelta(minutes=minutes)

    @rule(ago=st.sampled_from([0, 0, 5]))
    def somebody_calls(self, ago: int) -> None:
        call, started = ActivityId(f"ac_{len(self.calls)}"), self.now - timedelta(minutes=ago)
        self.calls.append((call, started))
        self.deal = called(self.deal, call, started)

    @precondition(lambda self: self.deal.stage in {"wait", "again"})
    @rule(call_first=st.booleans(), minutes=st.integers(0, 3))
    def manager_swings(self, call_first: bool, minutes: int) -> None:
        """Between waiting and asking again, now and then with a call before."""
        self.now += timedelta(minutes=minutes)
        if call_first:
            self.somebody_calls(ago=0)
        to = "again" if self.deal.stage == "wait" else "wait"
        with suppress(Rejected):
            move = DealMove(to=to)
            self.keep("manager", LAW.by_hand(self.deal, move, PEOPLE["manager"], self.now))

    @rule(kind=st.sampled_from(FILES))
    def somebody_attaches(self, kind: str) -> None:
        self.deal = self.deal.model_copy(update={"evidence": self.deal.evidence | {kind: "x"}})

    @rule(contractor=st.sampled_from(["", "Эксперт"]), amount=st.sampled_from([0, 100]))
    def somebody_fills_in(self, contractor: str, amount: int) -> None:
        self.deal = self.deal.model_copy(update={"contractor": contractor, "amount_minor": amount})

    @rule(
        who=st.sampled_from(sorted(PEOPLE)),
        to=st.sampled_from(STAGES),
        words=st.tuples(WORDS, WORDS),
        days=st.sampled_from([None, -1, 5, 400]),
    )
    def somebody_moves(self, who: str, to: str, words: tuple[str, str], days: int | None) -> None:
        wake = None if days is None else self.now + timedelta(days=days)
        move = DealMove(to=to, reason=words[0], note=words[1], wake_at=wake)
        with suppress(Rejected):
            self.keep(who, self.flow.by_hand(self.deal, move, PEOPLE[who], self.now))

    @rule(who=st.sampled_from(sorted(PEOPLE)), place=st.integers(0, 9), heavy=st.booleans())
    def somebody_goes_on(self, who: str, place: int, heavy: bool) -> None:
        """A step as people make it: along the ways there are, with what it asks for."""
        ways = self.flow.stage(self.deal).leads_to or tuple(s.id for s in self.flow.pipeline.stages)
        to = ways[place % len(ways)]
        if heavy:  # closed ways stay rare
            to = next((way for way in ways if way in {"wait", "again", "pay", "won"}), to)
        wake = self.now + timedelta(days=5) if to == "def" else None
        move = DealMove(to=to, reason="Дорого", wake_at=wake)
        with suppress(Rejected):
            self.keep(who, self.flow.by_hand(self.deal, move, PEOPLE[who], self.now))

    @rule(who=st.sampled_from(sorted(PEOPLE)))
    def somebody_restores(self, who: str) -> None:
        with suppress(Rejected):
            self.keep(who, self.flow.restore(self.deal, PEOPLE[who], self.now))

    @rule(who=st.sampled_from(sorted(PEOPLE)), to=st.sampled_from(["", *STAGES]))
    def somebody_transfers(self, who: str, to: str) -> None:
        target = PROCESS if self.flow is LAW else LAW
        source = self.flow.stage(self.deal)
        with suppress(Rejected):
            after = target.into(
                self.deal, DealMove(to=to), PEOPLE[who], source=source, now=self.now
            )
            assert who == "head" or after.stage in self.doors(target)
            self.keep(who, after)

    def doors(self, target: DealRules) -> set[str]:
        """Where people come in: the first stage, unless the deal has worked there before."""
        line = target.pipeline
        working = {item.id for item in line.stages if item.state in {"open", "ongoing"}} - {"def"}
        seen = [v.stage for v in self.deal.stage_log if v.pipeline == line.id]
        return set([stage for stage in seen if stage in working][-1:]) or {line.first.id}

    @precondition(lambda self: self.deal.state in {"open", "ongoing"})
    @rule(amount=st.sampled_from([40, 60, 100]))
    def money_comes(self, amount: int) -> None:
        money = Payment(reference=f"b{len(self.deal.payments)}", amount_minor=amount, at=self.now)
        paid = self.flow.paid(self.deal, money, PEOPLE["accountant"])
        assert paid.state != "won" or 0 < paid.amount_minor <= paid.paid_minor
        self.keep("money", paid)

    @invariant()
    def nobody_moves_a_deal_out_of_other_hands(self) -> None:
        law = {stage for stages in HANDS.values() for stage in stages}
        for who, here, _ in self.steps:
            assert who not in HANDS or here not in law or here in HANDS[who]

    @invariant()
    def nobody_but_a_head_reopens(self) -> None:
        assert {who for who, here, _ in self.steps if here in {"won", "lost"}} <= {"head"}

    @invariant()
    def a_deal_waits_again_only_by_a_call_of_its_stage_used_once(self) -> None:
        visits = [visit for visit in self.deal.stage_log if visit.pipeline == "deals_law"]
        started = dict(self.calls)
        used = []
        for before, after in pairwise(visits):
            if (before.stage, after.stage) != ("again", "wait") or after.by == "st_head":
                continue
            call = ActivityId(after.evidence.split()[0].removeprefix("call:"))
            assert before.entered_at < started[call] <= after.entered_at
            used.append(call)
        assert len(used) == len(set(used))

    @invariant()
    def an_open_deal_has_one_next_action_and_a_closed_one_none(self) -> None:
        is_open = self.deal.state in {"open", "ongoing"}
        assert (self.deal.next_action is not None) == is_open
        due = self.deal.next_action.due_at if self.deal.next_action else None
        assert self.deal.next_at == due

    @invariant()
    def what_a_stage_asks_for_was_there(self) -> None:
        deal = self.deal
        assert deal.stage != "won" or deal.payments
        assert deal.stage != "lost" or deal.reason in {"Дорого", "Другое", "Передумал"}
        assert deal.reason != "Другое" or deal.stage == "def" or deal.reason_note
        assert (deal.stage == "def") == (deal.wake_at is not None)
        assert deal.locked == (deal.state == "won" and bool(deal.payments))

    @invariant()
    def the_log_is_one_unbroken_line_that_sums_up(self) -> None:
        log = self.deal.stage_log
        assert log[-1].stage == self.deal.stage
        assert log[-1].left_at is None
        assert all(one.left_at == other.entered_at for one, other in pairwise(log))
        total = sum(
            (
                time_in(self.deal.model_copy(update={"pipeline": line}), stage, self.now)
                for line, stage in {(visit.pipeline, visit.stage) for visit in log}
            ),
            timedelta(),
        )
        assert total == self.now - MONDAY


DealMachine.TestCase.settings = settings(max_examples=150, stateful_step_count=40, deadline=None)
TestDealMachine = DealMachine.TestCase
