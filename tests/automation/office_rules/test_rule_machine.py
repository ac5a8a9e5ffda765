"""Whatever is delivered twice, out of order or broken off: each rule acts once per cause.

Amounts of deals go up and down; the log is drained and read again from its beginning, tasks of the
queue come in any order and twice, the process dies before or behind any commit, the address of the
webhook fails. An independent count of the crossings says what must be there in the end.
"""

import shutil
from functools import cache
from itertools import count
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
)
from hypothesis.stateful import (
    rule as step,
)
from tests.automation.office_rules.ruled_office import Outside, Ruled, rule
from tests.fakes import FakeTasks, FixedClock
from tests.furnished import furnish
from tests.kartoteka.deals.deal_desk import HOUR, OLGA, VIKTOR

from automation import engine
from automation.office_rules import in_turn
from kartoteka.adapters.sqlite import SqliteStore
from kartoteka.domain.deal import Deal
from kartoteka.domain.errors import ProviderDown, Transient
from kartoteka.domain.firing import MOST_TRIES
from kartoteka.services.office import Desk, SettingsCache
from kartoteka.services.wake import Waker

THRESHOLD = 10_000
_NUMBERS = count()
_DEATHS = st.sampled_from((None, 0, 1, 2, 3))  # behind so many commits
RULES = (
    rule("сумма сделки достигла 100 ₽", "задача «Проверить» ответственному; уведомить руководителя;"
         " тег «крупная»", id="work"),
    rule("сумма сделки достигла 100 ₽", "вебхук https://crm.example.com/hook", id="hook"),
)  # fmt: skip


class Died(Exception):
    """The process is gone."""


class Mortal:
    """A store whose process dies before, or right behind, one of the next commits."""

    def __init__(self, store: SqliteStore) -> None:
        self.store = store
        self.left: int | None = None
        self.behind = False

    def __getattr__(self, name: str) -> Any:
        return getattr(self.store, name)

    def run(self, work: Any) -> Any:
        if self.left is None:
            return self.store.run(work)
        self.left -= 1
        if self.left < 0 and not self.behind:
            self.left = None
            raise Died
        result = self.store.run(work)
        if self.left is not None and self.left < 0:
            self.left = None
            raise Died
        return result


def opened(store: Any, clock: FixedClock, tasks: FakeTasks) -> Ruled:
    desk = Desk(store, tasks, clock, SettingsCache(store, ttl_s=3600), Waker(tasks, clock))
    return Ruled(desk, clock=clock, tasks=tasks, outside=Outside())


@cache
def prepared() -> tuple[Path, Deal]:
    """An office with the rules and a deal, everything done; copied for each example."""
    path = Path(mkdtemp(prefix="kartoteka-rules-")) / "office.db"
    furnish(path)
    store = SqliteStore(path)
    office = opened(store, FixedClock(), FakeTasks())
    office.rules(*RULES)
    office.do(OLGA, "rule.secret")
    deal = office.new_deal(office.clock)
    office.work()
    store.close()
    return path, deal


class Rules(RuleBasedStateMachine):
    """An office with two rules and an unreliable world."""

    @initialize()
    def open_office(self) -> None:
        path, self.deal = prepared()
        copy = path.with_name(f"{next(_NUMBERS)}.db")
        shutil.copyfile(path, copy)
        self.mortal, self.clock, self.tasks = Mortal(SqliteStore(copy)), FixedClock(), FakeTasks()
        self.clock.advance(HOUR)
        self.office = opened(self.mortal, self.clock, self.tasks)
        self.amount, self.crossed = 0, 0

    @step(amount=st.sampled_from((0, 9_999, THRESHOLD, 50_000)))
    def change_amount(self, amount: int) -> None:
        self.office.do(VIKTOR, "deal.edit", deal=self.deal.id, amount_minor=amount)
        self.crossed += self.amount < THRESHOLD <= amount
        self.amount = amount

    @step(dies=_DEATHS, behind=st.booleans())
    def drain(self, dies: int | None, *, behind: bool) -> None:
        self._mortally(lambda: engine.run(self.office.desk), dies, behind=behind)

    @step()
    def read_the_log_again(self) -> None:
        self.mortal.store.run(lambda tx: tx.delete("checkpoints", "automation"))

    @precondition(lambda self: any(it.path.endswith("/firing") for it in self.tasks.queued))
    @step(data=st.data(), dies=_DEATHS, behind=st.booleans())
    def deliver_any_task(self, data: Any, dies: int | None, *, behind: bool) -> None:
        waiting = [it for it in self.tasks.queued if it.path.endswith("/firing")]
        task = data.draw(st.sampled_from(waiting))
        self._mortally(lambda: self._act(task.payload), dies, behind=behind)

    @step(times=st.integers(1, MOST_TRIES))
    def break_the_webhook(self, times: int) -> None:
        self.office.outside.fails = [ProviderDown("down") for _ in range(times)]

    def _act(self, payload: Any) -> None:
        names = str(payload["firing"]), payload.get("following") or ()
        try:
            in_turn.act(self.office.desk, self.office.outside, *names)
        except Transient:
            return

    def _mortally(self, work: Any, dies: int | None, *, behind: bool) -> None:
        self.mortal.left, self.mortal.behind = dies, behind
        try:
            work()
        except Died:
            pass
        finally:
            self.mortal.left = None

    @invariant()
    def nothing_is_done_twice(self) -> None:
        if hasattr(self, "crossed"):
            assert len(self.office.given("Проверить")) <= self.crossed
            assert len(self.office.notices()) <= self.crossed

    def teardown(self) -> None:
        if not hasattr(self, "crossed"):
            return
        self._settle()
        assert len(self.office.given("Проверить")) == self.crossed
        assert len(self.office.notices()) == self.crossed
        told = {headers["x-kartoteka-id"] for _, _, headers in self.office.outside.taken}
        parked = [it for it in self.office.firings("hook") if it.state == "parked"]
        assert len(told) + len(parked) == self.crossed
        assert len(self.office.firings()) == 2 * self.crossed
        self.mortal.store.close()

    def _settle(self) -> None:
        """Let everything come that is still to come."""
        self.office.outside.fails = []
        engine.run(self.office.desk)
        for firing in self.office.firings():
            if firing.state == "planned":
                self.office.act(firing.id)


TestRules = Rules.TestCase
TestRules.settings = settings(
    max_examples=60,
    stateful_step_count=16,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
