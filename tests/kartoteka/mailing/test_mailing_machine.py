"""Whatever the order of tasks, crashes, stops and refusals: nobody gets one text twice."""

from collections import Counter
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from tests.fakes import FakeTasks, FixedClock
from tests.furnished import furnish
from tests.kartoteka.mailing.mailing_office import (
    OLGA,
    FakeSenders,
    of,
    outlet,
    person,
    recipients,
    started,
    stopped,
)

from kartoteka.adapters.sqlite import SqliteStore
from kartoteka.domain.errors import Invalid, ProviderDown, RateLimited
from kartoteka.outgoing_ports import MAYBE_SENT
from kartoteka.services import campaign_running, campaigns, consents, postings
from kartoteka.services.campaign_forms import StartCampaign
from kartoteka.services.consents import SetConsent
from kartoteka.services.office import Desk, SettingsCache
from kartoteka.services.wake import Waker

PEOPLE = 4
WHO = st.integers(0, PEOPLE - 1)
FAULTS = {
    "slow": RateLimited("slow"),
    "away": ProviderDown("away"),
    "maybe": ProviderDown("lost", code=MAYBE_SENT),
}


class Killed(BaseException):
    """The process died."""


class Mailing(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.folder = TemporaryDirectory()
        path = Path(self.folder.name) / "office.db"
        furnish(path)
        clock, tasks = FixedClock(), FakeTasks()
        self.store = SqliteStore(path)
        cache = SettingsCache(self.store, ttl_s=3600)
        self.desk = Desk(self.store, tasks, clock, cache, Waker(tasks, clock))
        self.refused: dict[str, int] = {}

    @initialize(knows=st.booleans())
    def begin(self, *, knows: bool) -> None:
        self.senders = FakeSenders(knows=knows)
        shared = {2: "c1@mail.example"}  # two clients of one address
        ids = [
            person(self.desk, f"c{it}", emails=(shared.get(it, f"c{it}@mail.example"),)).id
            for it in range(PEOPLE)
        ]
        self.name = started(self.desk, ids)

    @rule(minutes=st.sampled_from([1, 11, 60]))
    def wait(self, minutes: int) -> None:
        self.desk.clock.advance(timedelta(minutes=minutes))

    @rule()
    def portion(self) -> None:
        campaign_running.portion(self.desk, outlet(self.senders), self.name)

    @rule()
    def tick(self) -> None:
        campaign_running.heal(self.desk)

    @rule(who=WHO, times=st.integers(1, 2))
    def task(self, who: int, times: int) -> None:
        for _ in range(times):
            self._deliver(who)

    @rule(who=WHO, arrived=st.booleans())
    def crash(self, who: int, *, arrived: bool) -> None:
        (self.senders.lost if arrived else self.senders.fails).append(Killed())
        try:
            self._deliver(who)
        except Killed:
            return
        self.senders.lost.clear()
        self.senders.fails.clear()

    @rule(who=WHO, fault=st.sampled_from(sorted(FAULTS)), arrived=st.booleans())
    def fail(self, who: int, fault: str, *, arrived: bool) -> None:
        lost = arrived and fault == "maybe"
        (self.senders.lost if lost else self.senders.fails).append(FAULTS[fault])
        self._deliver(who)
        self.senders.lost.clear()
        self.senders.fails.clear()

    @rule()
    def stop(self) -> None:
        stopped(self.desk, self.name)

    @rule()
    def start(self) -> None:
        try:
            campaigns.start(self.desk, OLGA, StartCampaign(campaign=self.name), "x")
        except Invalid:
            assert of(self.desk, self.name).state not in {"draft", "stopped"}

    @rule(who=WHO)
    def refuse(self, who: int) -> None:
        form = SetConsent(client=f"cl_c{who}", medium="mail")
        consents.stop(self.desk, OLGA, form, "x")
        address = "c1@mail.example" if who == 2 else f"c{who}@mail.example"
        self.refused.setdefault(address, self.senders.reached.count(address))

    @invariant()
    def nobody_gets_it_twice(self) -> None:
        if not hasattr(self, "senders"):
            return
        assert max(Counter(self.senders.reached).values(), default=0) <= 1
        for address, count in self.refused.items():
            assert self.senders.reached.count(address) == count

    @invariant()
    def whoever_is_called_sent_was_sent(self) -> None:
        if not hasattr(self, "senders"):
            return
        tags = {it.tag for it in self.senders.sent}
        states = {it.id: it.state for it in recipients(self.desk)}
        assert {name for name, state in states.items() if state == "sent"} <= tags
        lost = {name for name in tags if states[name] in {"planned", "skipped", "failed"}}
        assert not lost or self.senders.knows

    def teardown(self) -> None:
        if hasattr(self, "senders"):
            self._settle()
        self.store.close()
        self.folder.cleanup()

    def _settle(self) -> None:
        """Whatever happened: with time and a working sender, everybody is told for good."""
        self.start()
        for _ in range(20):
            self.desk.clock.advance(timedelta(minutes=61))
            for recipient in recipients(self.desk):
                if recipient.state == "sending":
                    postings.deliver(self.desk, outlet(self.senders), recipient.id)
            self.portion()
        self.nobody_gets_it_twice()
        assert {it.state for it in recipients(self.desk)} <= {"sent", "skipped", "unknown"}
        assert of(self.desk, self.name).state == "done"

    def _deliver(self, who: int) -> None:
        found = recipients(self.desk)
        if who < len(found):
            postings.deliver(self.desk, outlet(self.senders), found[who].id)


TestMailing = Mailing.TestCase
TestMailing.settings = settings(max_examples=25, stateful_step_count=25, deadline=None)
