"""Any order of askings, words, silences and repeated drains: each allowed act is done once."""

from datetime import timedelta
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from tests.fakes import FakeTasks, FixedClock
from tests.furnished import furnish
from tests.kartoteka.deals.deal_desk import ANNA, BORIS, OLGA, VIKTOR, Play

from automation import engine, timers
from kartoteka.adapters.sqlite import SqliteStore
from kartoteka.domain.approval import Approval
from kartoteka.domain.errors import Invalid, NotAllowed
from kartoteka.ports import Query
from kartoteka.services.office import Desk, SettingsCache
from kartoteka.services.wake import Waker


class Office(RuleBasedStateMachine):
    """One deal of a manager; `allowed` is what somebody who may said yes to."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(mkdtemp(prefix="kartoteka-approvals-"))
        furnish(self.folder / "office.db")
        self.store = SqliteStore(self.folder / "office.db")
        self.clock, tasks = FixedClock(), FakeTasks()
        cache = SettingsCache(self.store, ttl_s=3600)
        desk = Desk(self.store, tasks, self.clock, cache, Waker(tasks, self.clock))
        self.play = Play(desk)
        self.allowed: set[str] = set()
        self.asked = 0

    @initialize()
    def begin(self) -> None:
        sells = {"id": "manager", "name": "Менеджер", "base": "manager"}
        self.play.do(OLGA, "role.set", **sells, levels={"amount": "edit"})
        self.play.do(OLGA, "approval.set", discount_limit_bp=0, wait_minutes=60)
        client = self.play.do(ANNA, "client.add", name="Ирина", phone="+79161234567").id
        made = self.play.do(ANNA, "deal.create", name="Иск", client=client, deal_type="Спор")
        self.deal = made.id

    @rule()
    def ask(self) -> None:
        self.asked += 1
        line = {"name": f"Позиция {self.asked}", "price_minor": 100, "discount_bp": 1}
        with pytest.raises(NotAllowed, match="waits for"):
            self.play.do(ANNA, "deal.line_add", deal=self.deal, **line, ask=True)

    @rule(who=st.sampled_from([ANNA, BORIS, VIKTOR, OLGA]), yes=st.booleans(), at=st.integers(0, 9))
    def say(self, who, yes: bool, at: int) -> None:
        found = self.approvals()
        if not found:
            return
        wish = found[at % len(found)]
        may = who is OLGA or who.id in wish.asked
        code = ""
        try:
            self.play.do(who, "approval.decide", approval=wish.id, approve=yes, reason="Так")
        except (NotAllowed, Invalid) as refused:
            code = refused.code
        assert (code == "approval_foreign") is (not may)
        if not code and yes and wish.state == "waiting":
            self.allowed.add(wish.command + wish.given["name"])

    @rule(minutes=st.sampled_from([1, 61, 600]))
    def wait(self, minutes: int) -> None:
        self.clock.advance(timedelta(minutes=minutes))
        timers.fire_late(self.play.desk)

    @rule(again=st.booleans())
    def drain(self, again: bool) -> None:
        if again:
            self.store.run(lambda tx: tx.delete("checkpoints", "automation"))
        engine.run(self.play.desk)

    @invariant()
    def nothing_is_done_that_was_not_allowed_nor_twice(self) -> None:
        if not hasattr(self, "deal"):
            return
        done = ["deal.line_add" + line.name for line in self.play.deal(self.deal).lines]
        assert len(done) == len(set(done))
        assert set(done) <= self.allowed
        for wish in self.approvals():
            assert (wish.given == {}) is (wish.state in {"declined", "done", "failed"})

    def teardown(self) -> None:
        if hasattr(self, "deal"):
            engine.run(self.play.desk)
            done = {"deal.line_add" + line.name for line in self.play.deal(self.deal).lines}
            assert done == self.allowed
        self.store.close()
        rmtree(self.folder)

    def approvals(self) -> list[Approval]:
        return [Approval.model_validate(it.doc) for it in self.store.query(Query("approvals"))]


TestOffice = Office.TestCase
TestOffice.settings = settings(max_examples=15, stateful_step_count=25, deadline=None)
