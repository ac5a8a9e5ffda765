"""The seed's sentence, through every command there is: only a call takes a manager past a gate.

An independent model, written from the office's rules and not from the code, says where the lead
must stand after each event; the machine plays managers who try every door, and clients who call.
"""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    rule,
    run_state_machine_as_test,
)
from tests.fakes import FakeTasks, FixedClock
from tests.furnished import furnish, law_firm
from tests.kartoteka.tasks.task_desk import ANNA, BORIS, VIKTOR, Work

from kartoteka.adapters.sqlite import SqliteStore
from kartoteka.domain.change import Actor, Change
from kartoteka.domain.errors import Rejected
from kartoteka.domain.model import Activity, Lead
from kartoteka.ports import Query, Store
from kartoteka.services.office import Desk, SettingsCache
from kartoteka.services.setup import set_up
from kartoteka.services.wake import Waker

TALKED = {"new": "c1", "r1": "c1", "r2": "c2", "r3": "c3"}
CLIMBS = {"new": "r1", "r1": "r2", "r2": "r3", "r3": "def"}
TRIES = {"new": 1, "r1": 2, "r2": 2, "r3": 2}
GATED = frozenset(TALKED)
SPAM = "спам"
WHY = "Клиент подписал договор прямо в офисе"
STAGES = ("new", "r1", "c1", "r2", "c2", "r3", "c3", "def", "qual", "junk")


@dataclass
class Model:
    """Where the lead must be: what the office agreed about calls, and nothing else."""

    stage: str = "new"
    tries: int = 0
    proofs: list[str] = field(default_factory=list)

    def hears(self, call: str, *, talk: int, ring: int, after_entry: bool) -> None:
        """A call ended: talk of 5 s is a conversation, 15 s of ringing in vain an attempt."""
        if self.stage not in GATED or not after_entry:
            return
        if talk >= 5:
            self._goes(TALKED[self.stage], call)
        elif talk == 0 or ring >= 15:  # nobody answered: the exchange says so
            self.tries += 1
            self.proofs.append(call)
            if self.tries >= TRIES[self.stage]:
                self.proofs.pop()
                self._goes(CLIMBS[self.stage], call)

    def _goes(self, stage: str, call: str) -> None:
        self.stage, self.tries = stage, 0
        self.proofs.append(call)


class Office(RuleBasedStateMachine):
    """Managers try everything; a head may, with a reason."""

    opened: Callable[[], Store]

    def __init__(self) -> None:
        super().__init__()
        self.clock = FixedClock()
        store = type(self).opened()
        tasks = FakeTasks()
        desk = Desk(
            store,
            tasks,
            self.clock,
            SettingsCache(store, ttl_s=3600),
            Waker(tasks, self.clock),
        )
        self.work = Work(desk)
        self.lead = str(self.work.form(ANNA).lead_id)
        self.model = Model()
        self.clock.advance(timedelta(seconds=90))

    def teardown(self) -> None:
        self.work.desk.store.close()

    def now(self) -> Lead:
        return self.work.lead(self.lead)

    def tries(self, who: Actor, name: str, /, **given: Any) -> None:
        with suppress(Rejected):
            self.work.do(who, name, **given)

    @rule(minutes=st.integers(2, 3000))
    def time_passes(self, minutes: int) -> None:
        self.clock.advance(timedelta(minutes=minutes))

    @rule(
        talk=st.sampled_from([0, 4, 5, 60]),
        direction=st.sampled_from(["in", "out"]),
    )
    def somebody_calls(self, talk: int, direction: str) -> None:
        before = self.now()
        started = self.clock.now() - timedelta(seconds=20 + talk)
        stored = self.work.calls(talk, direction=direction)
        if stored.lead_id != self.lead:
            return
        call = next(it.id for it in self.activities() if it.inbound_id == stored.inbound_id)
        after_entry = started > before.stage_entered_at
        self.model.hears(call, talk=talk, ring=20, after_entry=after_entry)

    @rule(
        who=st.sampled_from([ANNA, BORIS]),
        to=st.sampled_from(STAGES),
        reason=st.sampled_from(["", SPAM, WHY]),
    )
    def manager_moves_the_lead(self, who: Actor, to: str, reason: str) -> None:
        before = self.now()
        self.tries(who, "lead.move", lead=self.lead, stage=to, reason=reason)
        self.follows(before, spam=to == "junk" and reason == SPAM and before.stage == "new")

    @rule(who=st.sampled_from([ANNA, BORIS]), door=st.integers(0, 9))
    def manager_tries_another_door(self, who: Actor, door: int) -> None:
        before = self.now()
        later = self.work.after(timedelta(days=1))
        doors: list[tuple[str, dict[str, Any]]] = [
            ("lead.convert", {"lead": self.lead, "deal_type": "Суд", "reason": WHY}),
            ("lead.edit", {"lead": self.lead, "note": "Звонил", "priority": 3}),
            ("lead.next", {"lead": self.lead, "what": "wait", "due_at": later}),
            ("lead.hand_over", {"lead": self.lead, "owner": "st_boris", "reason": "отпуск"}),
            ("lead.hand_over", {"lead": self.lead, "owner": "st_anna", "reason": "вернулась"}),
            ("activity.log", {"lead": self.lead, "what": "call", "text": "Поговорили о деле"}),
            ("activity.log", {"lead": self.lead, "what": "letter", "text": "Написал письмо"}),
            ("many.edit", {"entity": "lead", "ids": [self.lead], "set": {"note": "Звонил"}}),
            ("lead.delete", {"lead": self.lead, "reason": "Больше не нужен никому"}),
            ("deal.create", {"name": "Дело", "client": before.client_id, "deal_type": "Суд"}),
        ]
        name, given = doors[door]
        self.tries(who, name, **given)
        self.follows(before)

    @rule(to=st.sampled_from(["c1", "r2", "qual", "junk"]), reason=st.sampled_from(["надо", WHY]))
    def head_makes_an_exception(self, to: str, reason: str) -> None:
        before = self.now()
        self.tries(VIKTOR, "lead.move", lead=self.lead, stage=to, reason=reason)
        after = self.now()
        if before.stage in GATED and after.stage != before.stage:
            assert reason == WHY, "an exception is explained"
            self.model.stage, self.model.tries = after.stage, 0
        else:
            self.follows(before)

    def follows(self, before: Lead, *, spam: bool = False) -> None:
        """Let the model go where a person may go without a call: off a gate nowhere but to spam."""
        after = self.now()
        if before.stage in GATED and not spam:
            assert (after.stage, after.deal_id) == (before.stage, None), "a gate let somebody out"
        if after.stage != before.stage:
            self.model.stage, self.model.tries = after.stage, 0

    def activities(self) -> list[Activity]:
        found = self.work.desk.store.query(Query(Activity.collection))
        return [Activity.model_validate(hit.doc) for hit in found]

    @invariant()
    def lead_stands_where_the_model_says(self) -> None:
        lead = self.now()
        assert lead.stage == self.model.stage
        if lead.stage in GATED:
            assert lead.tries == self.model.tries

    @invariant()
    def each_call_served_once_and_is_the_evidence_of_its_move(self) -> None:
        lead = self.now()
        assert len(set(lead.used_calls)) == len(lead.used_calls)
        assert set(self.model.proofs) <= set(lead.used_calls)
        for change in self.changes():
            for part in change.parts:
                left = (part.before or {}).get("stage")
                if part.id == self.lead and left in GATED and change.actor.role == "manager":
                    assert (part.after or {})["stage"] == "junk", change

    def changes(self) -> list[Change]:
        entries = self.work.desk.store.read_log("changes", None, 1000)
        return [Change.model_validate(entry.doc) for entry in entries]


def played(opened: Callable[[], Store], examples: int, steps: int) -> None:
    machine = type("Played", (Office,), {"opened": staticmethod(opened)})
    plan = settings(max_examples=examples, stateful_step_count=steps, deadline=None)
    run_state_machine_as_test(machine, settings=plan)


def test_only_a_call_takes_a_manager_past_a_gate(tmp_path: Path) -> None:
    names = count()

    def in_file() -> Store:
        path = tmp_path / f"{next(names)}.db"
        furnish(path)
        return SqliteStore(path)

    played(in_file, examples=25, steps=20)


@pytest.mark.emulator
def test_only_a_call_takes_a_manager_past_a_gate_on_firestore(
    open_firestore: Callable[..., Store],
) -> None:
    def furnished() -> Store:
        store = open_firestore()
        set_up(store, FixedClock(), law_firm())
        return store

    played(furnished, examples=2, steps=6)
