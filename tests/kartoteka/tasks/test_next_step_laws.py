"""Whatever people, clients, rules and time do: an open record has exactly one next action."""

import tempfile
from datetime import timedelta
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from tests.fakes import FakeTasks, FixedClock
from tests.kartoteka.tasks.task_desk import ANNA, BORIS, MINUTE, VERA, VIKTOR, Work

from kartoteka.adapters.sqlite import SqliteStore
from kartoteka.domain.deal import Deal
from kartoteka.domain.errors import Invalid, NotAllowed
from kartoteka.domain.model import Lead, Task
from kartoteka.domain.next_step import is_kept
from kartoteka.domain.tasks_rules import ACTIVE
from kartoteka.i18n import catalogue
from kartoteka.ports import Query
from kartoteka.services.office import Desk, SettingsCache
from kartoteka.services.setup import read_preset, set_up
from kartoteka.services.wake import Waker

PEOPLE = st.sampled_from([ANNA, BORIS, VERA, VIKTOR])
DELAYS = st.sampled_from([5, 40, 600, 5_000]).map(lambda minutes: minutes * MINUTE)
STEPS = st.sampled_from(["call", "letter", "meeting", "wait"])


class Office(RuleBasedStateMachine):
    """One client with a lead and a deal, three managers and a head."""

    @initialize()
    def opens(self) -> None:
        self.folder = tempfile.TemporaryDirectory()
        self.store = SqliteStore(Path(self.folder.name) / "office.db")
        clock, tasks = FixedClock(), FakeTasks()
        set_up(self.store, clock, read_preset("law_firm"))
        cache = SettingsCache(self.store, ttl_s=3600)
        self.work = Work(Desk(self.store, tasks, clock, cache, Waker(tasks, clock)))
        self.lead = str(self.work.form(ANNA).lead_id)
        client = self.work.lead(self.lead).client_id
        given = {"name": "Договор", "client": client, "owner": ANNA.id, "deal_type": "Аудит"}
        self.deal = str(self.work.do(VIKTOR, "deal.create", **given).id)

    def teardown(self) -> None:
        if hasattr(self, "store"):
            self.store.close()
            self.folder.cleanup()

    def does(self, who, name, /, **given) -> None:
        refused = "closed"  # any code that has a text
        try:
            self.work.do(who, name, **given)
        except (Invalid, NotAllowed) as exc:
            refused = exc.code
        assert refused in catalogue("ru")

    def pick(self, place: int) -> Task | None:
        found = sorted(self.work.tasks(), key=lambda task: task.id)
        return found[place % len(found)] if found else None

    @rule(who=PEOPLE, delay=DELAYS, deal=st.booleans(), daily=st.booleans())
    def gives_a_task(self, who, delay, deal, daily) -> None:
        link = {"deal": self.deal} if deal else {"lead": self.lead}
        repeats = "FREQ=DAILY" if daily and delay > 500 * MINUTE else ""
        due = self.work.after(delay)
        self.does(who, "task.create", title="x", due=due, repeats=repeats, **link)

    @rule(who=PEOPLE, place=st.integers(0, 9), delay=DELAYS, step=st.none() | STEPS)
    def finishes(self, who, place, delay, step) -> None:
        task = self.pick(place)
        if task is not None:
            then = {"what": step, "due_at": self.work.after(delay)} if step else None
            self.does(who, "task.finish", task=task.id, next=then)

    @rule(who=PEOPLE, place=st.integers(0, 9))
    def cancels(self, who, place) -> None:
        task = self.pick(place)
        if task is not None:
            self.does(who, "task.cancel", task=task.id)

    @rule(who=PEOPLE, place=st.integers(0, 9), delay=DELAYS)
    def puts_off(self, who, place, delay) -> None:
        task = self.pick(place)
        if task is not None:
            self.does(who, "task.edit", task=task.id, due=self.work.after(delay))

    @rule(who=PEOPLE, delay=DELAYS, deal=st.booleans(), step=STEPS)
    def says_what_is_next(self, who, delay, deal, step) -> None:
        link = {"deal": self.deal} if deal else {"lead": self.lead}
        name = "deal.next" if deal else "lead.next"
        self.does(who, name, what=step, due_at=self.work.after(delay), **link)

    @rule(who=PEOPLE, stage=st.sampled_from(["new", "r1", "c1", "c2", "def", "qual", "junk"]))
    def moves_the_lead(self, who, stage) -> None:
        self.does(who, "lead.move", lead=self.lead, stage=stage, reason="по просьбе клиента")

    @rule(who=PEOPLE, stage=st.sampled_from(["kp", "wait", "again", "def", "lost"]))
    def moves_the_deal(self, who, stage) -> None:
        wake = self.work.after(timedelta(days=20)) if stage == "def" else None
        given = {"stage": stage, "reason": "Дорого", "note": "исключение", "wake_at": wake}
        self.does(who, "deal.move", deal=self.deal, **given)

    @rule(who=PEOPLE, owner=PEOPLE)
    def hands_over(self, who, owner) -> None:
        self.does(who, "lead.hand_over", lead=self.lead, owner=owner.id, reason="так надо")

    @rule(talk=st.sampled_from([0, 60]), out=st.booleans())
    def calls(self, talk, out) -> None:
        self.work.desk.clock.advance(2 * MINUTE)
        self.work.calls(talk=talk, direction="out" if out else "in")

    @rule()
    def client_writes(self) -> None:
        self.work.writes()

    @rule(delay=DELAYS)
    def time_passes(self, delay) -> None:
        self.work.jumps(delay)

    @invariant()
    def open_records_have_one_next_action_and_closed_ones_none(self) -> None:
        if not hasattr(self, "work"):
            return
        for model in (Lead, Deal):
            for hit in self.store.query(Query(model.collection)):
                record = model.model_validate(hit.doc)
                assert is_kept(record), record
                named = record.next_action.task_id if record.next_action else None
                assert named is None or self._task(named).state in ACTIVE, record

    def _task(self, task_id: str) -> Task:
        return Task.model_validate(self.store.get("tasks", task_id))


Office.TestCase.settings = settings(max_examples=12, stateful_step_count=18, deadline=None)
TestOfficeKeepsItsNextActions = Office.TestCase
