"""Whatever the order of tasks, crashes, stops and refusals: nobody gets one text twice."""

from collections import Counter
from contextlib import suppress
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
from kartoteka.domain.errors import ProviderDown, RateLimited
from kartoteka.domain.mailing import RUNNING
from kartoteka.outgoing_ports import MAYBE_SENT
from kartoteka.services import campaign_running, campaigns, consents, postings
from kartoteka.services.campaign_forms import StartCampaign
from kartoteka.services.consents import SetConsent
from kartoteka.services.office import Desk, SettingsCache
from kartoteka.services.wake import Waker

PEOPLE = 6
WHO = st.integers(0, PEOPLE - 1)
FAULTS = {
    "slow": RateLimited("slow"),
    "away": ProviderDown("away"),
    "maybe": ProviderDown("lost", code=MAYBE_SENT),
}


class Killed(BaseException):
    """The process died."""


class Mailing(RuleBasedStateMachine):
    knows = False  # whether the sender can tell what it sent before

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

    @initialize()
    def begin(self) -> None:
        self.senders = FakeSenders(knows=self.knows)
        shared = {2: "c1@mail.example"}  # two clients of one address
        ids = [
            person(self.desk, f"c{it}", emails=(shared.get(it, f"c{it}@mail.example"),)).id
            for it in range(PEOPLE)
        ]
        self.name = started(self.desk, ids)
        self.portion()  # everybody is planned

    @rule(minutes=st.sampled_from([1, 11, 60]))
    def wait(self, minutes: int) -> None:
        self.desk.clock.advance(timedelta(minutes=minutes))

    def portion(self) -> None:
        campaign_running.portion(self.desk, outlet(self.senders), self.name)

    @rule()
    def tick(self) -> None:
        campaign_running.heal(self.desk)

    @rule(who=WHO, times=st.integers(1, 2))
    def task(self, who: int, times: int) -> None:
        for _ in range(times):
            self._deliver(who)

    @rule(who=WHO, fault=st.sampled_from([*FAULTS, "death"]), arrived=st.booleans())
    def trouble(self, who: int, fault: str, *, arrived: bool) -> None:
        error = FAULTS.get(fault) or Killed()
        after = arrived and fault in {"maybe", "death"}
        (self.senders.lost if after else self.senders.fails).append(error)
        with suppress(Killed):
            self._deliver(who, "planned")
        self.senders.lost.clear()
        self.senders.fails.clear()

    @rule()
    def stop_or_start(self) -> None:
        if of(self.desk, self.name).state in RUNNING:
            stopped(self.desk, self.name)
        elif of(self.desk, self.name).state == "stopped":
            campaigns.start(self.desk, OLGA, StartCampaign(campaign=self.name), "x")

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
        if of(self.desk, self.name).state == "stopped":
            self.stop_or_start()
        for _ in range(6 * PEOPLE):  # a night may lie in between
            self.desk.clock.advance(timedelta(minutes=61))
            for recipient in recipients(self.desk):
                if recipient.state == "sending":
                    postings.deliver(self.desk, outlet(self.senders), recipient.id)
            self.portion()
        self.nobody_gets_it_twice()
        assert {it.state for it in recipients(self.desk)} <= {"sent", "skipped", "unknown"}
        assert of(self.desk, self.name).state == "done"

    def _deliver(self, who: int, state: str = "") -> None:
        found = [it for it in recipients(self.desk) if not state or it.state == state]
        if found:
            postings.deliver(self.desk, outlet(self.senders), found[who % len(found)].id)


class LookedUp(Mailing):
    knows = True


_FEW = settings(max_examples=20, stateful_step_count=25, deadline=None)
TestBlindSender = Mailing.TestCase
TestBlindSender.settings = _FEW
TestSenderThatTells = LookedUp.TestCase
TestSenderThatTells.settings = _FEW
