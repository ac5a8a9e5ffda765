"""What the tests of phones and of calendars share: accounts that fail when told, and their office.

`lose` lets the answer to the n-th further call vanish after the work was done, `fail` refuses it
before. `make test` plays the same stories each time; `make faults` plays more of them, by chance.
"""

import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory, mkdtemp
from typing import Any, ClassVar, Generic, TypeVar, cast

from hypothesis import HealthCheck, settings
from hypothesis.stateful import RuleBasedStateMachine
from tests.fakes import FakeTasks, FixedClock
from tests.furnished import furnish

from kartoteka.adapters.sqlite import SqliteStore
from kartoteka.domain.change import SYSTEM, Actor
from kartoteka.domain.errors import ConfigError, ProviderDown, Transient
from kartoteka.domain.ids import InboundId
from kartoteka.domain.inbound import Inbound, Kind, Person
from kartoteka.ports import Query, Store, Tx
from kartoteka.services.commands import execute
from kartoteka.services.office import Desk, SettingsCache
from kartoteka.services.people import actor
from kartoteka.services.record_inbound import record
from kartoteka.services.registry import COMMANDS
from kartoteka.services.wake import Waker

T = TypeVar("T")
A = TypeVar("A", bound="Account")
FULL = bool(os.getenv("FULL"))
STORIES = settings(
    max_examples=2_000 if FULL else 120,
    stateful_step_count=25,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)


class Account:
    """An account of Google's in memory: counts its calls and breaks them as it was told."""

    def __init__(self) -> None:
        self.calls: list[str] = []
        self.lose = 0
        self.fail = 0
        self.refuse = False

    def _called(self, name: str, work: Callable[[], T]) -> T:
        self.calls.append(name)
        if self.refuse:
            raise ConfigError("the account must be connected again")
        if self.fail:
            self.fail -= 1
            if not self.fail:
                raise ProviderDown("Google does not answer")
        answer = work()
        if self.lose:
            self.lose -= 1
            if not self.lose:
                raise ProviderDown("the answer was lost")
        return answer


@dataclass
class MirroredOffice(Generic[A]):
    """An office whose records stand in accounts of Google's too; "" is the office's own."""

    desk: Desk
    accounts: dict[str, A]

    @property
    def office(self) -> A:
        return self.accounts[""]

    def forget_calls(self) -> None:
        for account in self.accounts.values():
            account.calls.clear()

    def calls(self) -> list[str]:
        return [call for account in self.accounts.values() for call in account.calls]

    def do(self, name: str, /, who: Actor = SYSTEM, **given: Any) -> Any:
        return execute(COMMANDS, self.desk, who, name, given=given, cause=f"command:{name}")

    def person(self, staff_id: str) -> Actor:
        found = self.desk.settings().person(staff_id)
        assert found is not None
        return actor(found, self.desk.settings())

    def request(self, number: int, owner: str | None, **person: Any) -> str:
        """Somebody sends the form of the site; return the client."""
        given = {"name": f"Клиент {number}", "phones": (f"+7916000{number:04}",), **person}
        name = InboundId(f"in_{number}_{self.desk.now():%d%H%M%S}")
        inbound = Inbound(
            id=name, channel="form", account="consult", event_id=name, what=Kind.FORM,
            at=self.desk.now(), received_at=self.desk.now(), sender=Person(**given),
        )  # fmt: skip
        return record(self.desk, inbound, owner_id=owner).client_id or ""

    def conflicts(self) -> list[dict[str, Any]]:
        return [dict(hit.doc) for hit in self.desk.store.query(Query("conflicts"))]


def prepared(change: Callable[[Desk], None], office: bytes = b"") -> bytes:
    """Return an office, at first the furnished one, after what every story would begin with."""
    with TemporaryDirectory(prefix="kartoteka-mirror-") as folder:
        path = Path(folder) / "office.db"
        furnish(path)
        if office:
            path.write_bytes(office)
        store = SqliteStore(path)
        change(_desk(store, FixedClock()))
        store.close()
        return path.read_bytes()


def _desk(store: Store, clock: FixedClock) -> Desk:
    tasks = FakeTasks()
    cache = SettingsCache(store, ttl_s=3600)
    return Desk(store, tasks, clock, cache, Waker(tasks, clock))


class Mortal:
    """A store before whose n-th further commit the process dies."""

    def __init__(self, store: SqliteStore) -> None:
        self._store = store
        self.left = 0

    def run(self, work: Callable[[Tx], T]) -> T:
        if self.left:
            self.left -= 1
            if not self.left:
                raise ProviderDown("killed")
        return self._store.run(work)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)


class MirrorMachine(RuleBasedStateMachine):
    """Random acts on an office of its own, which at the end must come to rest."""

    passing: ClassVar[type[Transient]] = ProviderDown  # what may come of a call that breaks

    def open_desk(self, office: bytes) -> Desk:
        """Return a desk over a copy of an office that was `prepared`; its store is `mortal`."""
        self.folder = Path(mkdtemp(prefix="kartoteka-mirror-"))
        path = self.folder / "office.db"
        path.write_bytes(office)
        self.store, self.clock = SqliteStore(path), FixedClock()
        self.mortal = Mortal(self.store)
        return _desk(cast(Store, self.mortal), self.clock)

    def teardown(self) -> None:
        if not hasattr(self, "store"):
            return
        try:
            self.everything_settles()
        finally:
            self.store.close()
            shutil.rmtree(self.folder)

    def everything_settles(self) -> None:
        raise NotImplementedError

    def broken(self, way: str, call: int) -> None:
        raise NotImplementedError

    def attempt(self, act: Callable[[], object]) -> None:
        """Do what may break; afterwards nothing is broken any more."""
        try:
            act()
        except self.passing:
            return
        finally:
            self.broken("", 0)
