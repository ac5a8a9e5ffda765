"""Whatever is delivered twice, out of order or broken off: each rule acts once per cause.

Amounts of deals go up and down; the log is drained and read again from its beginning, tasks of the
queue come in any order, twice, and twice at once, the process dies before or behind any commit, the
address of the webhook fails for a while or for good, people undo what a rule did, and two rules
chase each other. An independent count of the crossings says what must be there in the end. What a
person took back tells a deed that was done a second time: it is there again.
"""

import shutil
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from functools import cache
from itertools import count
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

from hypothesis import HealthCheck, Phase, settings
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
from kartoteka.domain.change import Change
from kartoteka.domain.deal import Deal
from kartoteka.domain.errors import ProviderDown, Transient
from kartoteka.domain.firing import MOST_TRIES, firing_behind
from kartoteka.services.office import Desk, SettingsCache
from kartoteka.services.unit import LOG
from kartoteka.services.wake import Waker

THRESHOLD = 10_000
MINUTE = timedelta(minutes=1)
_NUMBERS = count()
_DEATHS = st.sampled_from((None, 0, 1, 2, 3))  # behind so many commits
CROSSING = ("work", "mark", "hook")  # rules that a crossing wakes
RULES = (
    rule("сумма сделки достигла 100 ₽", "задача «Проверить» ответственному; уведомить руководителя",
         id="work"),
    rule("сумма сделки достигла 100 ₽", "тег «крупная»", id="mark"),
    rule("сумма сделки достигла 100 ₽", "вебхук https://crm.example.com/hook", id="hook"),
    rule("сделка перешла на этап «Связаться повторно»", "этап «Отправить клиенту КП» можно назад",
         id="there"),
    rule("сделка перешла на этап «Отправить клиенту КП»", "этап «Связаться повторно»", id="back"),
)  # fmt: skip


class Died(Exception):
    """The process is gone."""


class Mortal:
    """A store whose process dies before, or right behind, one of the next commits.

    `meanwhile` is what another process does between the first of them and the second.
    """

    def __init__(self, store: SqliteStore) -> None:
        self.store = store
        self.left: int | None = None
        self.behind = False
        self.meanwhile: Callable[[], None] | None = None
        self.commits = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self.store, name)

    def run(self, work: Any) -> Any:
        self.commits += 1
        if self.meanwhile is not None and self.commits > 1:
            meanwhile, self.meanwhile = self.meanwhile, None
            meanwhile()
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


def waiting(machine: Any) -> list[Any]:
    """Return the tasks of firings that the queue ever held: it may deliver any of them again."""
    return [it for it in machine.tasks.queued if it.path.endswith("/firing")]


class Rules(RuleBasedStateMachine):
    """An office with rules, people who take back what they did, and an unreliable world."""

    @initialize(dies=_DEATHS, behind=st.booleans())
    def open_office(self, dies: int | None, *, behind: bool) -> None:
        path, self.deal = prepared()
        copy = path.with_name(f"{next(_NUMBERS)}.db")
        shutil.copyfile(path, copy)
        self.mortal, self.clock, self.tasks = Mortal(SqliteStore(copy)), FixedClock(), FakeTasks()
        self.clock.advance(HOUR)
        self.office = opened(self.mortal, self.clock, self.tasks)
        self.amount, self.crossed = 0, 0
        self.change_amount(THRESHOLD)
        self.drain(dies, behind=behind)

    @step(amount=st.sampled_from((0, THRESHOLD - 1, THRESHOLD, 50_000)))
    def amount_becomes(self, amount: int) -> None:
        self.change_amount(amount)

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

    @step()
    def take_the_tag_off(self) -> None:
        if self.office.deal(self.deal.id).tags:
            self.office.do(VIKTOR, "deal.edit", deal=self.deal.id, tags=[])

    @step()
    def move_where_two_rules_chase_each_other(self) -> None:
        if self.office.deal(self.deal.id).stage != "again":
            self.office.do(OLGA, "deal.move", deal=self.deal.id, stage="again")

    @step(minutes=st.sampled_from((20, 50)))
    def let_time_pass(self, minutes: int) -> None:
        self.clock.advance(minutes * MINUTE)

    @precondition(waiting)
    @step(data=st.data(), dies=_DEATHS, behind=st.booleans(), again=st.booleans())
    def deliver_any_task(self, data: Any, dies: int | None, *, behind: bool, again: bool) -> None:
        payload = self._any(data)
        self._mortally(lambda: self._act(payload), dies, behind=behind)
        if again:
            self.take_the_tag_off()
            self._act(payload)

    @step()
    def deliver_marks_twice_at_once(self) -> None:
        """Another process does a deed and a person takes it back, before this one begins it."""
        for firing in self.office.firings("mark"):
            payload = {"firing": firing.id}

            def other(payload: Any = payload) -> None:
                self._act(payload)
                self.take_the_tag_off()

            self.mortal.meanwhile, self.mortal.commits = other, 0
            self._act(payload)
            self.mortal.meanwhile = None

    @step(times=st.sampled_from((1, MOST_TRIES - 1, MOST_TRIES, MOST_TRIES + 1)), dies=_DEATHS)
    def deliver_while_the_webhook_fails(self, times: int, dies: int | None) -> None:
        self.office.outside.fails = [ProviderDown("down") for _ in range(9 * times)]
        for firing in self.office.firings("hook"):
            for _ in range(times):
                self._mortally(lambda it=firing.id: self._act({"firing": it}), dies, behind=False)
                dies = None
        self.office.outside.fails = []

    @step()
    def repeat_what_failed(self) -> None:
        for firing in self.office.firings("hook"):
            if firing.state == "parked":
                self.office.do(OLGA, "firing.repeat", firing=firing.id)

    def _any(self, data: Any) -> Any:
        """One of the tasks there ever were, or one of their firings as the tick asks for it."""
        tasks = [it.payload for it in waiting(self)]
        alone = [{"firing": name} for it in tasks for name in it.get("following") or ()]
        return data.draw(st.sampled_from([*tasks, *alone]))

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
    def once_and_within_bounds(self) -> None:
        if not hasattr(self, "crossed"):
            return
        assert len(self.office.given("Проверить")) <= self.crossed, "a task was given twice"
        assert len(self.office.notices()) <= self.crossed, "somebody was told twice"
        twice = [name for name, number in self._marks().items() if number > 1]
        assert twice == [], "these firings put their tag on the deal a second time"
        moved = [it.entered_at for it in self.office.deal(self.deal.id).stage_log
                 if it.by.startswith("rule:")]  # fmt: skip
        within = [sum(at - HOUR < other <= at for other in moved) for at in moved]
        assert max(within, default=0) <= 5, "two rules chase each other unhindered"

    def _marks(self) -> Counter[str]:
        """How often each firing put its tag on the deal, as the log tells."""
        log = (Change.model_validate(it.doc) for it in self.mortal.store.read_log(LOG, None, 9_999))
        marked = (
            change.cause
            for change in log
            for part in change.parts
            if part.id == self.deal.id and (part.after or {}).get("tags")
        )
        return Counter(firing_behind(cause) for cause in marked)

    def teardown(self) -> None:
        if not hasattr(self, "crossed"):
            return
        self._settle()
        assert len(self.office.given("Проверить")) == self.crossed, "a task is lost"
        assert len(self.office.notices()) == self.crossed, "a notice is lost"
        self._check_firings()
        self.once_and_within_bounds()
        self.mortal.store.close()

    def _check_firings(self) -> None:
        for rule_id in CROSSING:
            assert len(self.office.firings(rule_id)) == self.crossed, f"firings of {rule_id}"
        told = {headers["x-kartoteka-id"] for _, _, headers in self.office.outside.taken}
        lost = [it.id for it in self.office.firings("hook")
                if it.state != "parked" and f"{it.id}:0" not in told]  # fmt: skip
        assert lost == [], "these firings neither told the webhook nor are parked"
        unfinished = [it.id for it in self.office.firings() if it.state in {"planned", "waiting"}]
        assert unfinished == [], "these firings never end"
        self._check_failures()

    def _check_failures(self) -> None:
        """What failed is among the failures, as the book reads them from the log."""
        parked = {it.id for it in self.office.firings() if it.state == "parked"}
        shown: dict[str, Any] = {}
        for entry in self.mortal.store.read_log(LOG, None, 9_999):
            for part in Change.model_validate(entry.doc).parts:
                if part.entity == "firing":
                    shown[part.id] = (part.after or {}).get("state")
        seen = {name for name, state in shown.items() if state == "parked"}
        assert seen == parked, "the failures that people see are not those that there are"

    def _settle(self) -> None:
        """Let everything come that is still to come."""
        self.office.outside.fails = []
        for _ in range(20):
            engine.run(self.office.desk)
            planned = [it.id for it in self.office.firings() if it.state == "planned"]
            if not planned:
                return
            for name in planned:
                self.office.act(name)
        raise AssertionError("rules wake each other without end")


TestRules = Rules.TestCase
TestRules.settings = settings(
    max_examples=32,
    stateful_step_count=12,  # a story as it is told; Phase.shrink makes it the shortest, in minutes
    phases=(Phase.generate,),
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
